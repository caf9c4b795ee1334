"""Where retrieval and tuning overtake each other: over volume, over change, over context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central, ensemble_of
from advisor.core.exhibits import Chart, Mark
from advisor.core.exhibits import Line as Curve
from advisor.core.footprint import Footprint
from advisor.core.saying import joined, say
from advisor.core.wording import number, share
from advisor.decide.option import Decision, Option
from advisor.estimate.breakeven import crossing
from advisor.steps.shared_texts import TAKEN
from advisor.system import billing, retraining, search_units
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.techniques import TUNED, retrieves

CONCERNS = ("energy", "carbon", "water", "cost")
POINTS = 25  # of a line
SPAN = 1000.0  # a volume axis reaches this far below and above today
MOST_CHANGES = 365.0
DAYS_PER_YEAR = 365.0
TINY = 1e-15
CONTEXT_SPAN = 10.0  # a context axis reaches this far beyond today's


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """A footprint per accepted answer that grows along x: fixed + slope x."""

    label: str
    fixed: Footprint
    slope: Footprint


def charts(case: Case, decision: Decision) -> Iterator[Chart]:
    """The three charts of the best that fills the prompt against the best that tunes; none without both."""
    pair = rivals(decision)
    if pair is not None:
        yield over_volume(case, *pair)
        yield over_changes(case, *pair)
        yield over_context(case, *pair)


def rivals(decision: Decision) -> tuple[Option, Option] | None:
    """The best option that puts tokens into the prompt, and the best one that tunes them away.

    The best of each kind by score; where rules leave none of a kind, its plainest member, so that
    the break-even can be seen all the same.
    """

    def best(keys: Sequence[str], otherwise: str) -> Option | None:
        options = {option.key: option for option in decision.options}
        eligible = [key for key in keys if key in decision.scores]
        key = min(eligible, key=lambda name: decision.scores[name], default=otherwise)
        return options.get(key)

    keys = [option.key for option in decision.options]
    prompting = [key for key in keys if key not in TUNED]
    first = best([key for key in prompting if retrieves(key)] or prompting, "rag_hybrid")
    if first is not None and not first.eligible:
        first = best(prompting, "rag_hybrid")
    second = best([key for key in keys if key in TUNED and key != "rag_lora"], "lora")
    return (first, second) if first is not None and second is not None else None


def over_volume(case: Case, first: Option, second: Option) -> Chart:
    """The ratio of two options' footprints per accepted answer over requests a year."""
    today = central(case.workload.requests_per_year)
    x = np.geomspace(today / SPAN, today * SPAN, POINTS)
    lines = by_volume(case, first), by_volume(case, second)
    return _chart(
        "break_even_volume", say("over volume"), say("requests a year"), x, *lines,
        today, say("What is held day and night is as sized for today."),
    )  # fmt: skip


def by_volume(case: Case, option: Option) -> Straight:
    """What a year of an option takes over its requests, per share accepted: what stands, and each request."""
    work = option.bill.sum(line for line in option.bill if line.phase == "per_request")
    stays = option.bill.sum(line for line in option.bill if line.phase != "per_request")
    per_request = work / case.workload.requests_per_year
    return Straight(option.title, stays / option.quality, per_request / option.quality)


def over_changes(case: Case, first: Option, second: Option) -> Chart:
    """The same over how often knowledge changes: re-embedding against a retraining each time."""
    every = case.scenario.knowledge.changes_every_days
    changes = DAYS_PER_YEAR / every if every else 0.0
    x = np.geomspace(1.0, MOST_CHANGES, POINTS)
    title = say("changes of knowledge a year, each followed by re-embedding or a tuning run")
    lines = _changing(case, first), _changing(case, second)
    return _chart("break_even_changes", say("over change"), title, x, *lines, changes)


def _changing(case: Case, option: Option) -> Straight:
    plan, technique = option.plan, option.plan.improvement.technique
    if technique in TUNED:
        per_change = retraining.retraining_run(case, plan.model, plan.improvement)
    elif retrieves(technique) and technique != "rag_keyword":
        per_change = search_units.whole_corpus(case) * case.draw("rag.changed_share", "ratio")
    else:
        per_change = case.nothing()
    rest = option.bill.sum(line for line in option.bill if not _follows_change(line))
    accepted = option.quality * case.workload.requests_per_year
    return Straight(option.title, rest / accepted, per_change / accepted)


def _follows_change(line: Line) -> bool:
    """Whether a line is the upkeep that follows a change of knowledge."""
    if line.phase != "standing":
        return False
    again = line.resource is Resource.TRAINING_RUN
    return again or (line.resource is Resource.SEARCH_UNIT and line.unit == search_units.READ)


def over_context(case: Case, first: Option, second: Option) -> Chart:
    """The same over the tokens that retrieval adds to a prompt."""
    today = max(case.scenario.knowledge.context_tokens_added, 1.0)

    def year(option: Option, added: float) -> Footprint:
        variant = case.varied({"knowledge.context_tokens_added": added})
        return billing.bill(variant, option.plan).year

    def straight(option: Option) -> Straight:
        # serving grows almost in proportion to the prompt, so two points give the line
        accepted = option.quality * case.workload.requests_per_year
        none = year(option, 0.0) / accepted
        return Straight(option.title, none, (year(option, today) / accepted - none) / today)

    x = np.geomspace(max(today / SPAN, 10.0), today * CONTEXT_SPAN, POINTS)
    lines = straight(first), straight(second)
    return _chart(
        "break_even_context", say("over context"), say("tokens that context adds"), x, *lines, today
    )


def _chart(
    key: str, over: str, x_label: str, x: Array, first: Straight, second: Straight, today: float,
    remark: str = "",
) -> Chart:  # fmt: skip
    marks = [Mark(say("today"), today)] if today > 0 else []
    curves, apart = [], []
    for concern in CONCERNS:
        ratio = _ratio(first, second, concern, x)
        low, high = np.quantile(ensemble_of(ratio), (0.1, 0.9), axis=1)
        curves.append(Curve(TAKEN[concern], tuple(x), tuple(ratio[:, 0]), tuple(low), tuple(high)))
        found = crossing_of(first, second, concern)
        if found is None:
            now = ensemble_of(_ratio(first, second, concern, np.array([today or x[0]])))
            less = share(float(np.mean(now < 1.0)))
            apart.append(
                say(
                    "{concern}: no crossing, {option} needs less today in {less} of draws",
                    concern=TAKEN[concern],
                    option=first.label,
                    less=less,
                )
            )
        else:
            middle_x, low_x, high_x = found
            label = say("{concern}: {x}", concern=TAKEN[concern], x=number(middle_x))
            marks.append(Mark(label, middle_x, low_x, high_x))
    above = say("Above 1, {option} needs less for an accepted answer.", option=second.label)
    notes = (above, *([remark] if remark else []), *([joined("; ", apart) + "."] if apart else []))
    return Chart(
        key,
        say("{first} against {second}, {over}", first=first.label, second=second.label, over=over),
        x_label,
        say("the first ÷ the second"),
        tuple(curves),
        tuple(marks),
        log_x=True,
        log_y=True,
        note=joined(" ", notes),
    )


def _ratio(first: Straight, second: Straight, concern: str, x: Array) -> Array:
    def at(line: Straight) -> Array:
        value: Array = line.fixed[concern][None, :] + x[:, None] * line.slope[concern][None, :]
        return np.maximum(value, TINY)

    return at(first) / at(second)


def crossing_of(first: Straight, second: Straight, concern: str) -> tuple[float, float, float] | None:
    """The x where two lines meet at the centre, and its 80 % interval; None where they do not."""
    found = np.asarray(
        crossing(first.fixed[concern], first.slope[concern], second.fixed[concern], second.slope[concern])
    )
    if not np.isfinite(found[0]):
        return None
    drawn = ensemble_of(found)
    met = drawn[np.isfinite(drawn)]
    low, high = np.quantile(met if met.size else found[:1], (0.1, 0.9))
    return float(found[0]), min(float(low), float(found[0])), max(float(high), float(found[0]))
