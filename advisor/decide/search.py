"""The whole space of plans, searched exactly for its front.

A plan is on the front when no other takes at most as much carbon, money and water a year, gives at
least the quality, and is better in one of them; ties stay. Lines add, so a plan's year is that of its
first three settings plus that of its storage plus that of its operations: of the late settings only
those that nothing else dominates beside the same early ones can be on the front, and those of the
early ones that stay behind everywhere drop out as they are met. Nothing is sampled and no front is
lost; a test compares with looking at every plan. Budgets are limits on totals and are asked of the
front, which holds the best plan within any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import moocore
import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import unknown
from advisor.decide.completion import Pins, Search, Spaces, Table, base, operations, storages, yearly
from advisor.decide.scoring import CONCERNS
from advisor.system import improvement_gates, model_gates
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import Plan

# what the front is of: concerns of a year, smaller is better; then quality, larger is better
OBJECTIVES = ("carbon", "cost", "water")
ROWS = [CONCERNS.index(name) for name in OBJECTIVES]


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """The plans no other beats, with their points, shape (plans, carbon, cost, water, minus quality).

    ``plans_in_all``: plans in the space after gates; ``looked_at``: early settings whose lines
    were added up.
    """

    plans: tuple[Plan, ...]
    points: Array
    plans_in_all: int
    looked_at: int

    @property
    def quality(self) -> Array:
        """Share of answers accepted of each plan [ratio]."""
        result: Array = -self.points[:, -1]
        return result


@dataclass(frozen=True, slots=True, eq=False)
class _Late:
    """Late settings that can be on a front beside given early ones."""

    pairs: tuple[tuple[Any, Any], ...]
    points: Array
    count: int


def joint_front(
    case: Case, spaces: Spaces, pins: Pins, progress: Callable[[str], None] | None = None
) -> Front:
    """The exact front of every plan that passes all gates, at central values.

    Decisions recorded narrow the space. ``progress`` is told the key of each model as its turn comes.
    """
    search = Search(case, spaces, pins)
    plans: list[Plan] = []
    points = np.zeros((0, len(ROWS) + 1))
    count = looked_at = 0
    for model in search.alternatives("foundation_model"):
        if progress:
            progress(model.key)
        if failed(model_gates.gates(search.case, model)):
            continue
        own_plans: list[Plan] = []
        own_points: list[Array] = []
        for early in passing(search, model):
            late = _late(search, early)
            if late is None:
                continue
            count += late.count
            looked_at += 1
            year = yearly(search.case, base(search.case, *early))[ROWS, 0]
            found = late.points.copy()
            found[:, :-1] += year
            own_points.append(found)
            own_plans.extend(Plan(*early, stored, operated) for stored, operated in late.pairs)
        if own_points:
            points, plans = kept(np.concatenate([points, *own_points]), [*plans, *own_plans])
    order = np.lexsort(points.T[::-1])
    return Front(tuple(plans[place] for place in order), points[order], count, looked_at)


def passing(search: Search, model: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The first three settings of every plan with a model that pass their gates."""
    for improvement in search.alternatives("improvement", model):
        if failed(improvement_gates.gates(search.case, model, improvement)):
            continue
        yield from (early for early, stops in search.deployed(model, improvement) if not stops)


def _late(search: Search, early: tuple[Any, Any, Any]) -> _Late | None:
    """The storage and operations that can be on a front beside early settings."""
    stored = storages(search.case, search.spaces, *early)
    operated = operations(search.case, search.spaces, *early)
    storing = [row for row in open_rows(search, "data_storage", stored) if not stored.stops[row]]
    operating = [row for row in open_rows(search, "operations", operated) if not operated.stops[row]]
    if not storing or not operating or operated.quality is None:
        return None
    first = yearly(search.case, stored.phases[storing])[:, ROWS, 0]
    second = yearly(search.case, operated.phases[operating])[:, ROWS, 0]
    total = (first[:, None, :] + second[None, :, :]).reshape(-1, len(ROWS))
    quality = np.tile(operated.quality[operating, 0], len(storing))
    points, pairs = kept(
        np.column_stack([total, -quality]),
        [(stored.settings[s], operated.settings[o]) for s in storing for o in operating],
    )
    return _Late(tuple(pairs), points, len(storing) * len(operating))


def open_rows(search: Search, step: Any, table: Table) -> list[int]:
    """Rows of a table that what is recorded leaves open."""
    wanted = search.pins.narrow(step, table.settings)
    return [row for row, setting in enumerate(table.settings) if setting in wanted]


def kept(points: Array, things: Sequence[Any]) -> tuple[Array, list[Any]]:
    """Points that no other dominates, with what belongs to them; equal points stay."""
    stays = moocore.is_nondominated(points, keep_weakly=True)
    return points[stays], [thing for thing, stay in zip(things, stays, strict=True) if stay]


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
            raise unknown("objective of a budget", name, OBJECTIVES)
    if not front.plans:
        return None
    limits = np.array([budgets.get(name, np.inf) for name in OBJECTIVES])
    years = front.points[:, :-1]
    fits = np.all(years <= limits, axis=1)
    if fits.any():
        best = min(np.flatnonzero(fits), key=lambda place: (front.points[place, -1], *years[place]))
        return Fit(front.plans[best], front.points[best], {})
    over = np.max(years / limits, axis=1)
    best = min(np.arange(len(over)), key=lambda place: (over[place], front.points[place, -1]))
    needed = {
        name: float(years[best, row]) for row, name in enumerate(OBJECTIVES) if years[best, row] > limits[row]
    }
    return Fit(front.plans[best], front.points[best], needed)


def least_by_price(front: Front, usd_per_kg: float) -> int | None:
    """The place of the plan of least cost when carbon is priced [USD/kgCO2e]; None of no plans."""
    if not front.plans:
        return None
    carbon, cost = OBJECTIVES.index("carbon"), OBJECTIVES.index("cost")
    total = front.points[:, cost] + usd_per_kg * front.points[:, carbon]
    return int(np.argmin(total / front.quality))
