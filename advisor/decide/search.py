"""The whole space of plans, searched exactly for its front.

A plan is on the front when no other takes at most as much carbon, money and water a year, gives at
least the quality, and is better in one of them; ties stay. Lines add, so a plan's year is that of its
first three settings plus that of its storage plus that of its operations: a front of sums
(``fronts``). First settings are passed over as soon as they are behind the front found so far: by what
answering takes alone, then by all their lines, each with the least that data which passes its gates and
upkeep can take. Nothing is sampled and no front is lost; a test compares with looking at every plan.
Budgets are limits on totals and are asked of the front, which holds the best plan within any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import unknown
from advisor.core.saying import say
from advisor.decide.completion import Pins, Search, Spaces, Table, operations, storages
from advisor.decide.fronts import Growing, Sums
from advisor.decide.scoring import scores
from advisor.decide.years import (
    ROUNDING,
    Early,
    kept_year,
    least_stored,
    phases_of,
    served_year,
    yearly,
)
from advisor.system import billing, improvement_gates, model_gates
from advisor.system.bill import Lines
from advisor.system.case import Case, remembered
from advisor.system.gates import failed
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, Plan
from advisor.system.priorities import CONCERNS, weights

# what the front is always of: concerns of a year, smaller is better; then quality, larger is better
OBJECTIVES = ("carbon", "cost", "water")


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """The plans no other beats, with their points, shape (plans, objectives and minus quality).

    ``objectives``: concerns of a year; ``in_all``: plans whose model and technique pass their gates.
    """

    plans: tuple[Plan, ...]
    points: Array
    objectives: tuple[str, ...]
    in_all: int

    @property
    def quality(self) -> Array:
        """Share of answers accepted of each plan [ratio]."""
        result: Array = -self.points[:, -1]
        return result

    @property
    def years(self) -> Array:
        """Concerns of a year of each plan, shape (plans, concerns); nothing where it is no objective."""
        found = np.zeros((len(self.plans), len(CONCERNS)))
        for name in self.objectives:
            found[:, CONCERNS.index(name)] = self.of(name)
        return found

    def of(self, objective: str) -> Array:
        """An objective of each plan in a year."""
        result: Array = self.points[:, self.objectives.index(objective)]
        return result


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """First settings with the rows of storage and operations that their gates leave open."""

    early: Early
    stored: Table
    operated: Table
    storing: list[int]
    operating: list[int]

    def plan(self, stored: int, operated: int) -> Plan:
        """The plan of a row of each."""
        late = (self.stored.settings[self.storing[stored]], self.operated.settings[self.operating[operated]])
        return Plan(*self.early, *late)


def joint_front(
    case: Case,
    spaces: Spaces,
    pins: Pins,
    progress: Callable[[str], None] | None = None,
    objectives: Sequence[str] = (),
) -> Front:
    """The exact front of every plan that passes all gates, at central values.

    Decisions recorded narrow the space. Besides carbon, cost and water it is of every concern that
    has a weight, and of ``objectives``, so the best plan by any such weights is on it. ``progress`` is
    told the key of each model as its turn comes.
    """
    search = Search(case, spaces, pins)
    weighed = weights(search.case)[:-1]
    names = tuple(
        name for row, name in enumerate(CONCERNS) if name in (*OBJECTIVES, *objectives) or weighed[row] > 0
    )
    rows = [CONCERNS.index(name) for name in names]
    in_all, early = 0, list[Early]()
    late = len(search.alternatives("data_storage")) * len(search.alternatives("operations"))
    for model in search.alternatives("foundation_model"):
        if progress:
            progress(model.key)
        if failed(model_gates.gates(search.case, model)):
            continue
        for improvement in search.alternatives("improvement", model):
            if not improvement_gates.open_to(search.case, model, improvement):
                continue  # nor is any way to deploy it looked at
            in_all += late * len(search.alternatives("deployment", model, improvement))
            early.extend(one for one, passed in search.deployed(model, improvement) if passed)
    found, blocks = _front(search, early, rows)
    plans = [blocks[number].plan(stored, operated) for number, _, stored, operated in found.places.tolist()]
    points = found.points if plans else np.zeros((0, len(rows) + 1))
    order = np.lexsort(points.T[::-1])
    return Front(tuple(plans[place] for place in order), points[order], names, in_all)


def _front(search: Search, early: Sequence[Early], rows: Sequence[int]) -> tuple[Sums, list[_Block]]:
    """The front, and the first settings that may still reach it as their turn comes, by promise."""
    front, blocks = Growing(), list[_Block]()
    if not early:
        return front.all(), blocks
    case = search.case
    share = np.array([billing.share_before_upkeep(case, *one)[0] for one in early])
    least = np.array([least_stored(case, *one) for one in early])[:, rows]
    phases = np.stack([phases_of(case, billing.answering_alone(case, *one)) for one in early])
    rough = yearly(case, phases)[:, :, 0]
    worth = list[float]()
    for place in np.argsort(_worth(rough[:, rows] + least, share), kind="stable").tolist():
        one, accepted = early[place], share[place]
        years = _least_years(search, one, rough[place])
        if any(front.beats(np.append(year[rows], -accepted)) for year in years):
            continue
        block = _block(search, one)
        if not block.storing or not block.operating or block.operated.quality is None:
            continue
        year = served_year(case, one)[rows]
        stored = yearly(case, block.stored.phases[block.storing])[:, rows, 0]
        operated = yearly(case, block.operated.phases[block.operating])[:, rows, 0]
        blocks.append(block)
        worth.append(float(_worth((year + least[place])[None, :], accepted)[0]))
        front.add(
            (
                np.append(year, 0.0)[None, :],
                np.column_stack([stored, np.zeros(len(stored))]),
                np.column_stack([operated, -block.operated.quality[block.operating, 0]]),
            )
        )
    found = front.all()
    if not blocks:
        return found, blocks
    # equal plans: the more promising first settings first
    order = np.argsort(np.array(worth)[found.places[:, 0]], kind="stable")
    return Sums(found.points[order], found.places[order]), blocks


def _worth(years: Array, share: Array | float) -> Array:
    """Smaller is more promising: the product of objectives per accepted answer."""
    result: Array = np.log(np.maximum(years, 1e-12)).sum(axis=1) - years.shape[1] * np.log(share)
    return result


def _least_years(search: Search, early: Early, rough: Array) -> Iterator[Array]:
    """Years that no plan with these first settings which passes its gates is below, ever nearer to it.

    ``rough``: a year of answering alone.
    """
    case, spaces, kept = search.case, search.spaces, _least_kept(search.case, *early)
    late = (kept + _least_operated(case, spaces, early[2])) * (1.0 - ROUNDING)
    yield rough * (1.0 - ROUNDING) + late
    year = served_year(case, early)
    yield year + late
    yield year + (kept + _least_watched(case, spaces, *early)) * (1.0 - ROUNDING)


@remembered
def _least_kept(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    return kept_year(case, billing.least_open(case, model, improvement, deployment))


@remembered
def _least_operated(case: Case, spaces: Spaces, deployment: DeploymentSetting) -> Array:
    return _least(case, (billing.least_operating(case, deployment, one) for one in spaces.operations(case)))


@remembered
def _least_watched(
    case: Case, spaces: Spaces, model: ModelSetting, improvement: ImprovementSetting,
    deployment: DeploymentSetting,
) -> Array:  # fmt: skip
    early = (model, improvement, deployment)
    return _least(case, (billing.watching(case, *early, one) for one in spaces.operations(case)))


def _least(case: Case, every: Iterable[Lines]) -> Array:
    """The least of each concern of a year of any of some lines, shape (concerns,)."""
    distinct = {id(charged): charged for charged in every}.values()
    years = yearly(case, np.stack([phases_of(case, charged) for charged in distinct]))
    least: Array = years[:, :, 0].min(axis=0)
    return least


def _block(search: Search, early: Early) -> _Block:
    """The storage and operations that may stand beside first settings."""
    stored = storages(search.case, search.spaces, *early)
    operated = operations(search.case, search.spaces, *early)
    storing = [row for row in open_rows(search, "data_storage", stored) if not stored.stops[row]]
    operating = [row for row in open_rows(search, "operations", operated) if not operated.stops[row]]
    return _Block(early, stored, operated, storing, operating)


def open_rows(search: Search, step: Any, table: Table) -> list[int]:
    """Rows of a table that what is recorded leaves open."""
    wanted = search.pins.narrow(step, table.settings)
    return [row for row, setting in enumerate(table.settings) if setting in wanted]


def best_of(case: Case, front: Front) -> int | None:
    """The place of the best plan of a front by the scenario's priorities; None of no plans."""
    if not front.plans:
        return None
    scored = scores(case.centre, front.years[:, :, None], front.quality[:, None])
    return int(np.argmin(scored[:, 0]))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The best plan within budgets; ``needed``: by objective, the budget that had to be relaxed to."""

    plan: Plan
    point: Array
    needed: dict[str, float]


def best_within(front: Front, budgets: dict[str, float]) -> Fit | None:
    """The plan of best quality within budgets of a year; None where the space is empty.

    ``budgets``: limits by objective: carbon [kg], cost [USD], water [L]. Where none fits, the plan
    that needs the smallest relaxation: the least factor by which the tightest budget must grow, all
    budgets together. Equal quality: the least carbon. Raises UnknownNameError for another objective.
    """
    for name in budgets:
        if name not in OBJECTIVES:
            raise unknown(say("objective of a budget"), name, OBJECTIVES)
    if not front.plans:
        return None
    limits = np.array([budgets.get(name, np.inf) for name in front.objectives])
    years = front.points[:, :-1]
    fits = np.all(years <= limits, axis=1)
    if fits.any():
        best = min(np.flatnonzero(fits), key=lambda place: (front.points[place, -1], *years[place]))
        return Fit(front.plans[best], front.points[best], {})
    over = np.max(years / limits, axis=1)
    best = min(np.arange(len(over)), key=lambda place: (over[place], front.points[place, -1]))
    needed = {
        name: float(years[best, row])
        for row, name in enumerate(front.objectives)
        if years[best, row] > limits[row]
    }
    return Fit(front.plans[best], front.points[best], needed)


def least_by_price(front: Front, usd_per_kg: float) -> int | None:
    """The place of the plan of least cost when carbon is priced [USD/kgCO2e]; None of no plans."""
    if not front.plans:
        return None
    total = front.of("cost") + usd_per_kg * front.of("carbon")
    return int(np.argmin(total / front.quality))
