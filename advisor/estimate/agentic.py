"""What the calls of an agent read: a history that grows with each call, and is summarised or not.

Free functions over plain numbers; tokens in and out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Step:
    """Calls of one kind: ``read`` tokens each, ``before`` of them sent by an earlier call of the same agent.

    ``weight``: how many such calls a task has; ``first`` of them open an agent's work, ``summaries`` write a
    summary instead of an answer.
    """

    read: float
    before: float
    weight: float
    first: float = 0.0
    summaries: float = 0.0


def chain(
    calls: float, start: float, growth: float, above: float | None = None, keep: float = 0.0
) -> tuple[Step, ...]:
    """The calls of one agent in their order; the last counts in part where ``calls`` is no whole number.

    The first call reads ``start`` tokens; each call adds ``growth`` to the history that the next one reads
    too. Where both exceed ``above`` and a summary of ``keep`` tokens is shorter than the history, a call of
    its own writes that summary, which then stands for the history.

    Source: Sums of an arithmetic series, call by call: what a stateless chat service is sent.

    >>> [one.read for one in chain(3, 3000, 1000)]  # tok, one more thousand each call
    [3000.0, 4000.0, 5000.0]
    """
    found: list[Step] = []
    history = before = 0.0
    for number in range(ceil(calls)):
        weight = min(calls - number, 1.0)
        if above is not None and start + history > above and keep < history:
            found.append(Step(start + history, before, weight, summaries=weight))
            history, before = keep, start
        found.append(Step(start + history, before, weight, first=0.0 if number else weight))
        before = start + history
        history += growth
    return tuple(found)


def grouped(steps: tuple[Step, ...], most: int) -> tuple[Step, ...]:
    """The same calls in at most ``most`` groups of like length; sums over all calls stay what they are.

    Source: Weighted means.

    >>> [one.read for one in grouped(chain(4, 3000, 1000), 2)]  # tok, the means of pairs
    [3500.0, 5500.0]
    """
    ordered = sorted(steps, key=lambda one: one.read)
    size = ceil(len(ordered) / most)
    parts = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return tuple(merged(part) for part in parts)


def merged(steps: list[Step]) -> Step:
    """One step that stands for several: their mean call, as often as all of them.

    Source: Weighted means.

    >>> merged(list(chain(3, 3000, 1000))).read  # tok
    4000.0
    """
    weight = sum(one.weight for one in steps)
    return Step(
        sum(one.read * one.weight for one in steps) / weight,
        sum(one.before * one.weight for one in steps) / weight,
        weight, sum(one.first for one in steps), sum(one.summaries for one in steps),
    )  # fmt: skip
