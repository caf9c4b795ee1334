"""Hard rules: what eliminates a plan, which rule did it, and what would bring it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from advisor.core.saying import Figure, numeral, say
from advisor.core.wording import counted, share

# what a scenario answers, as it is told
ANSWERS = {"yes": say("yes"), "no": say("no"), "unknown": say("unknown")}


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard rule applied to one plan. ``rule`` is a stable name such as ``residency``.

    ``remedy`` says what would bring the plan back. ``to_be_had``: whether a limit that is moved, or a
    measurement, may do so; not where nobody sells, publishes or owns what is missing. ``over``: how often
    a limit is used up, where that can be told.
    """

    rule: str
    passed: bool
    expected: str
    found: str
    remedy: str
    to_be_had: bool = True
    over: float = 0.0


Gates = tuple[Gate, ...]


def gate(
    rule: str, passed: object, expected: str, found: str, remedy: str, *, to_be_had: bool = True
) -> Gate:
    """A gate; ``passed`` is read as true or false."""
    return Gate(rule, bool(passed), expected, found, remedy, to_be_had)


def in_time(rule: str, taken: float, limit: float, found: str, remedy: str, slack: float = 0.0) -> Gate:
    """A gate on a time that nearly all requests must keep [ms], and how often it is used up."""
    passed = bool(taken <= limit + slack)
    return Gate(rule, passed, within_ms(limit), found, remedy, over=float(taken) / limit)


def passes(gates: Iterable[Gate]) -> bool:
    """Whether every gate is passed; none is asked for after the first that is not."""
    return all(one.passed for one in gates)


def to_be_had(stops: Iterable[Gate]) -> bool:
    """Whether what some gates stop can be had at all, so that a limit or a measurement may bring it back."""
    return all(one.to_be_had for one in stops)


def failed(gates: Gates) -> Gates:
    """The gates that are not passed, in their order."""
    return tuple(one for one in gates if not one.passed)


# what thousands of gates of a survey ask alike is put into words once


@lru_cache(maxsize=256)
def within_ms(limit: float) -> str:
    """A limit of time that nearly all requests must keep [ms]."""
    return say("{limit} ms for 95 of 100", limit=numeral(limit, ",.0f"))


@lru_cache(maxsize=256)
def least_accepted(floor: float) -> str:
    """The least share of answers accepted [ratio]."""
    return say("at least {floor} accepted", floor=share(floor))


@lru_cache(maxsize=128)
def assumed_gain(share: str) -> str:
    """What a judgement rests on where nobody tested what is gained, up to a share in percent."""
    return say("assumed gain to {share}, test first", share=Figure(share))


def as_facts_change(days: float) -> str:
    """How often weights that hold facts must be trained again [day]; infinite where they hold none."""
    if days == float("inf"):
        return say("no facts that go out of date by themselves")
    return counted(
        days,
        say("retrained at least every day, as the facts change"),
        say("retrained at least every {count} days, as the facts change"),
    )


def trained_again(interval: float, horizon: float) -> str:
    """How often they are, within the time planned [day]."""
    if interval > horizon:
        return say("never in the {count} days planned", count=numeral(horizon, ",.0f"))
    return counted(interval, say("every day"), say("every {count} days"))


def about_ms(taken: float) -> str:
    """A time that is an estimate [ms]."""
    return say("about {taken} ms", taken=numeral(taken, ",.0f"))
