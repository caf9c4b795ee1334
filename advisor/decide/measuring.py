"""What measuring an assumption would be worth: less expected regret, and a narrower range.

Expected regret is what is lost, on average over the draws, by taking today's choice where another
option would have been better. Were an assumption known, one would choose knowing it: its draws are
put into equal groups, and in each the option of best mean is taken (the expected value of partial
perfect information, by grouping; Strong and Oakley, doi:10.1287/deca.2013.0278, for the idea). The
range that remains is that of the group around the central value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import HIGH, LOW, Array, ensemble_of
from advisor.decide.option import Decision, Option
from advisor.decide.scoring import scores
from advisor.system.case import Case
from advisor.system.priorities import concerns

GROUPS = 10  # draws in each: enough for a mean, few enough to see the trend
# standard errors of a rank correlation that figures which have nothing to do with each other do not reach:
# of five hundred looked at, one in thirty plans shows one by chance
CHANCE = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What measuring one coefficient is worth.

    ``regret``: expected regret now, and ``spared``: how much of it knowing the coefficient spares,
    both in the unit of what was compared; ``now`` and ``then``: the 80 % range of the figure now and
    with the coefficient known near its central value.
    """

    name: str
    regret: float
    spared: float
    now: tuple[float, float]
    then: tuple[float, float]

    @property
    def narrowed(self) -> float:
        """Width of the range that remains over the width now [ratio]."""
        width = self.now[1] - self.now[0]
        return (self.then[1] - self.then[0]) / width if width > 0 else 1.0


def expected_regret(outcomes: Array, chosen: int) -> float:
    """Mean loss of one option against the best in each draw, shape (options, draws)."""
    return float(np.mean(outcomes[chosen] - outcomes.min(axis=0)))


def grouped(values: Array, groups: int = GROUPS) -> list[NDArray[np.int64]]:
    """Places of draws by rising value, in groups of like size."""
    order: NDArray[np.int64] = np.argsort(values, kind="stable").astype(np.int64)
    return [part for part in np.array_split(order, groups) if part.size]


def spared(outcomes: Array, chosen: int, known: Array) -> float:
    """Expected regret that knowing an assumption would spare.

    ``outcomes``: smaller is better, shape (options, draws); ``known``: draws of the assumption. In
    each group the option is chosen by one half of the draws and held against the other, so that what
    is only luck of the draws spares nothing.
    """
    gained = 0.0
    for part in grouped(known):
        halves = part[::2], part[1::2]
        for told, tried in (halves, halves[::-1]):
            if told.size and tried.size:
                best = int(np.argmin(outcomes[:, told].mean(axis=1)))
                gained += float((outcomes[chosen, tried] - outcomes[best, tried]).sum())
    return max(gained / float(outcomes.shape[1]), 0.0)


def worth_measuring(
    case: Case, names: Iterable[str], outcomes: Array, chosen: int, figure: Array
) -> list[Worth]:
    """Assumptions by what measuring them is worth, most first.

    ``names``: coefficients to look at; ``outcomes``: what each option loses or costs, smaller is
    better, shape (options, draws); ``figure``: draws, the central case in front, of what is shown
    with a range. Coefficients without a range are left out.
    """
    regret, shown = expected_regret(outcomes, chosen), ensemble_of(figure)
    now = _range(shown)
    found = []
    for name in sorted(set(names)):
        coefficient = case.catalogue.coefficient(name)
        if coefficient.low == coefficient.high:
            continue
        known = ensemble_of(case.draws.of(coefficient))
        groups = grouped(known)
        then = _range(shown[groups[len(groups) // 2]]) if _goes_with(known, shown) else now
        found.append(Worth(name, regret, spared(outcomes, chosen, known), now, then))
    return sorted(found, key=lambda one: (-one.spared, one.narrowed))


OPTIONS = 8  # alternatives that are set against the choice


def measure_next(case: Case, decisions: Sequence[Decision], plan: Option) -> Worth | None:
    """What is most worth measuring of what a plan rests on; None where nothing would change a choice.

    Of the step at which most is lost by choosing now; regret is told in scores, by which it was chosen:
    0.1 is like a tenth more of all that is weighed. Where knowing nothing would spare regret, what
    narrows the range of the plan's carbon most.
    """
    compared = [
        _compared(case, one) for one in decisions if one.choice is not None and one.runner_up is not None
    ]
    if not compared:
        return None
    near, outcomes, chosen = max(compared, key=lambda one: expected_regret(*one[1:]))
    names = frozenset().union(*(option.evidence for option in near[:2]))
    found = worth_measuring(case, names, outcomes, chosen, plan.year["carbon"])
    if not found:
        return None
    best = found[0] if found[0].spared > 0 else min(found, key=lambda one: one.narrowed)
    return best if best.spared > 0 or best.narrowed < 1.0 else None


def _compared(case: Case, decision: Decision) -> tuple[list[Option], Array, int]:
    """The alternatives of a step near the best, their scores by draw, and the place of the choice."""
    eligible = [option for option in decision.options if option.eligible]
    near = sorted(eligible, key=lambda option: decision.scores[option.key])[:OPTIONS]
    chosen = next((place for place, option in enumerate(near) if option.key == _key(decision)), None)
    if chosen is None:  # chosen on the draws though others stand better at the centre
        chosen = len(near)
        near.append(next(option for option in eligible if option.key == _key(decision)))
    years = np.stack([concerns(option.year.values) for option in near])
    outcomes = ensemble_of(scores(case, years, np.stack([option.quality for option in near])))
    return near, outcomes, chosen


def _key(decision: Decision) -> str:
    return decision.choice.key if decision.choice is not None else ""


def tornado(case: Case, names: Iterable[str], gap: Array) -> list[tuple[str, float, float]]:
    """What drives the gap between two plans: each coefficient with the mean gap where it is low, and high.

    ``gap``: draws of second minus first, the central case in front. Widest first. A coefficient that goes
    with the gap no more than chance would have it is left out: a few extreme draws move any mean.
    """
    drawn = ensemble_of(gap)
    found = []
    for name in sorted(set(names)):
        coefficient = case.catalogue.coefficient(name)
        if coefficient.low < coefficient.high:
            known = ensemble_of(case.draws.of(coefficient))
            if not _goes_with(known, drawn):
                continue
            groups = grouped(known)
            found.append((name, float(drawn[groups[0]].mean()), float(drawn[groups[-1]].mean())))
    return sorted(found, key=lambda entry: -abs(entry[2] - entry[1]))


def at_its_ends(case: Case, name: str, of: Callable[[Case], float]) -> tuple[float, float]:
    """A central figure where one coefficient is low, and where it is high, all others central."""
    known = case.catalogue.coefficient(name)
    low, high = (
        of(case.centre_at(replace(known, low=end, central=end, high=end))) for end in (known.low, known.high)
    )
    return low, high


def _goes_with(known: Array, drawn: Array) -> bool:
    """Whether two sets of draws rise or fall together more than chance would have it, by their ranks."""
    if drawn.min() == drawn.max():
        return False
    first, second = (np.argsort(np.argsort(one, kind="stable"), kind="stable") for one in (known, drawn))
    return bool(abs(np.corrcoef(first, second)[0, 1]) > CHANCE / np.sqrt(drawn.size))


def _range(values: Sequence[float] | Array) -> tuple[float, float]:
    low, high = np.quantile(values, (LOW, HIGH))
    return float(low), float(high)
