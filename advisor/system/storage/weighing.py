"""Where each data set lies so that the whole bill stands best by the scenario's priorities.

For each set the placements that are best in some way are worked out by themselves; which of them is taken
is then told by the plan as a whole: what answering and taking data in takes, and all sets together. Upkeep,
which is settled later, is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import INDICATORS
from advisor.system import answering
from advisor.system.bill import per_year
from advisor.system.case import Case, centrally, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.priorities import CARBON, CONCERNS, COST, Measure, concerns, valued, weights
from advisor.system.storage import ingestion, schedules
from advisor.system.storage.schedules import Placement

Placements = tuple[Placement, ...]
Year = tuple[float, ...]  # a mean year by concern, central
Options = tuple[tuple[Placement, Year], ...]
# money where all else is equal: so little decides only ties
TIE = 1e-9
TINY = 1e-12  # what a logarithm is taken of at least
SLACK = 1e-12  # of floating point
LEAST_CARBON = tuple({"carbon": 1.0, "cost": TIE}.get(concern, 0.0) for concern in CONCERNS)
LEAST_COST = tuple(float(concern == "cost") for concern in CONCERNS)


@centrally
def besides(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Year:
    """What a plan takes in a year besides the data it keeps and its upkeep, central [kg, USD, L, kWh, kg]."""
    settled = (model, improvement, deployment)
    found = np.zeros(len(INDICATORS))
    for line in (*answering.lines(case, *settled), *ingestion.lines(case, *settled)):
        found += line.footprint.values[:, 0] * central(np.asarray(per_year(case, line.phase)).reshape(-1))
    return tuple(concerns(found[:, None])[:, 0].tolist())


@centrally
def options(case: Case, start: Placement, regions: tuple[str, ...]) -> Options:
    """Placements of one data set that are best by carbon, by money or by both, in each form and region."""
    found: dict[tuple[object, ...], tuple[Placement, Year]] = {}
    for region in regions:
        for form in schedules.forms(case, start.kept):
            for objective in (LEAST_COST, LEAST_CARBON):
                _add(case, found, schedules.best(case, start, objective, (form,), (region,)))
            cheapest = schedules.totals(case, [schedules.best(case, start, LEAST_COST, (form,), (region,))])
            both = tuple(
                1.0 / cheapest[one] if one in ("carbon", "cost") and cheapest[one] > 0 else 0.0
                for one in CONCERNS
            )
            if any(both):
                _add(case, found, schedules.best(case, start, both, (form,), (region,)))
    return tuple(found.values())


def _add(case: Case, found: dict[tuple[object, ...], tuple[Placement, Year]], placed: Placement) -> None:
    if placed.same not in found:
        total = schedules.totals(case, [placed])
        found[placed.same] = placed, tuple(total[concern] for concern in CONCERNS)


@remembered
def _measure(case: Case) -> Measure:
    weight = weights(case).copy()
    weight[COST] = max(weight[COST], TIE)
    return Measure.of(weight, np.full(len(CONCERNS), TINY))


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The scenario's priorities, quality aside: how years stand by them."""

    case: Case
    measure: Measure

    @classmethod
    def of(cls, case: Case) -> Scale:
        """That of a scenario; where nothing else tells two ways apart, money does by a trace."""
        return cls(case, _measure(case))

    def stands(self, years: Array) -> Array:
        """Lower is better; ``years`` has concerns last [kg, USD, L, kWh, kg], which the result has not."""
        return self.measure.alone(valued(self.case, years, -1))


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """The options of every data set; ``years``: a table of each by concern, shape (options, concerns)."""

    options: tuple[Options, ...]
    years: tuple[Array, ...]

    @classmethod
    def of(cls, found: Iterable[Options]) -> Sets:
        """The sets with these options."""
        each = tuple(found)
        return cls(each, tuple(np.array([year for _, year in one]) for one in each))

    def least(self, concern: int) -> list[int]:
        """The place of the least of one concern in each set."""
        return [int(np.argmin(one[:, concern])) for one in self.years]


def best_together(case: Case, sets: Sets, rest: Year) -> Placements:
    """One placement of each set, so that all together, beside ``rest``, stand best by the priorities.

    From the cheapest or the cleanest, whichever stands better, one set after the other is placed as is best
    beside all others, until none moves: no worse than either.
    """
    scale, others = Scale.of(case), np.array(rest)

    def stands(chosen: Sequence[int]) -> float:
        taken = sum(one[place] for one, place in zip(sets.years, chosen, strict=True))
        return float(scale.stands(others + taken))

    begun = min((sets.least(concern) for concern in (COST, CARBON)), key=stands)
    chosen = _settled(sets.years, others, begun, scale)
    return tuple(one[place][0] for one, place in zip(sets.options, chosen, strict=True))


def _settled(tables: Sequence[Array], rest: Array, chosen: list[int], scale: Scale) -> list[int]:
    """The places taken once no set would be better placed otherwise."""
    total = rest + sum(one[place] for one, place in zip(tables, chosen, strict=True))
    stood, unmoved, number = float(scale.stands(total)), 0, 0
    while unmoved < len(tables):
        table = tables[number]
        others = total - table[chosen[number]]
        found = scale.stands(others + table)
        best = int(np.argmin(found))
        if found[best] < stood - SLACK:
            chosen[number], total, stood, unmoved = best, others + table[best], float(found[best]), 0
        unmoved, number = unmoved + 1, (number + 1) % len(tables)
    return chosen
