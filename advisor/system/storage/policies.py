"""Policies: ways to place all data sets together, each for another aim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from advisor.estimate.storage import ARCHIVE, HOT, TIERS
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StorageSetting
from advisor.system.priorities import carbon_price
from advisor.system.regions import cleanest_of, lawful
from advisor.system.storage import schedules
from advisor.system.storage.book import CONCERNS, near
from advisor.system.storage.data_sets import Kept, data_sets, reader
from advisor.system.storage.schedules import AS_IT_IS, Placement

Placements = tuple[Placement, ...]
TITLES = {
    "today": "As it is today",
    "balanced": "By age, your priorities applied to the data alone",
    "least_cost": "By age, least cost",
    "least_carbon": "Least carbon",
    "lifecycle": "By age, bytes as they are",
    "cleanest_region": "By age, in the cleanest allowed region",
    "all_hot": "All hot, copies as needed",
    "archive": "Archived once reading stops",
    "shortest_retention": "By age, kept no longer than needed",
}
SETTLED_DAYS = 30.0  # a month, where nothing says when reading stops
# where carbon is equal, the cheaper one: a millionth of a gram for a dollar decides only ties
TIE = 1e-9


def _objective(**worths: float) -> tuple[float, ...]:
    return tuple(worths.get(concern, 0.0) for concern in CONCERNS)


LEAST_CARBON = _objective(carbon=1.0, cost=TIE)
LEAST_COST = _objective(cost=1.0)


@remembered
def placements(
    case: Case,
    model: ModelSetting,
    improvement: ImprovementSetting,
    deployment: DeploymentSetting,
    chosen: StorageSetting,
) -> Placements:
    """Where a policy puts each data set of a plan, and in which form."""
    kept = data_sets(case, model, improvement, deployment)
    return of_policy(case, kept, reader(case, deployment), chosen.policy)


@remembered
def of_policy(case: Case, kept: tuple[Kept, ...], base: str, policy: str) -> Placements:
    """The same for data sets that are read in a region, of one of the policies in ``TITLES``."""
    if policy == "today":
        return tuple(_today(one, base) for one in kept)
    usable = tuple(one for one in kept if one.licensed)
    return MAKERS[policy](case, usable, base)


def _today(one: Kept, base: str) -> Placement:
    moves = ((0.0, TIERS.index(one.data.tier)),)
    return Placement(one, base, one.data.redundancy, moves, one.stated_days, False, False, base)


def _start(one: Kept, base: str) -> Placement:
    region = one.region or base
    return Placement(one, region, one.redundancy, ((0.0, HOT),), one.kept_days, False, False, base)


def _solved_as_is(case: Case, one: Kept, base: str) -> Placement:
    start = _start(one, base)
    return schedules.best(case, start, LEAST_COST, AS_IT_IS, (start.region,))


def _cheapest(case: Case, one: Kept, base: str) -> Placement:
    start = _start(one, base)
    return schedules.best(case, start, LEAST_COST, schedules.forms(case, one), (start.region,))


def _solved(case: Case, one: Kept, base: str, objective: tuple[float, ...]) -> Placement:
    """The best form where it is read, then the better of there and the cleanest region nearby."""
    start, elsewhere = _start(one, base), away(case, one, base)
    value, here = schedules.valued(case, start, objective, schedules.forms(case, one), start.region)
    if elsewhere == here.region:
        return here
    moved, there = schedules.valued(case, here, objective, ((here.squeeze, here.dedupe),), elsewhere)
    return there if moved < value else here


def away(case: Case, one: Kept, base: str) -> str:
    """The cleanest allowed region near the one it lies in: moving within a continent is priced."""
    return cleaner(case, one.region or base, one.data.residency)


@remembered
def cleaner(case: Case, region: str, residency: str | None) -> str:
    """The cleanest region near one, itself included, that a residency leaves."""
    return cleanest_of(case, near(case, region, lawful(case, residency))) or region


def _least_cost(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_cheapest(case, one, base) for one in kept)


def _least_carbon(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_solved(case, one, base, LEAST_CARBON) for one in kept)


@remembered
def priorities(case: Case, kept: tuple[Kept, ...], base: str) -> tuple[float, ...]:
    """The scenario's priorities as worths at the plan they lead to.

    The weighted product by which plans are compared is searched along its gradient: once from the
    cheapest placements, and once more from where that leads.
    """
    cheapest = of_policy(case, kept, base, "least_cost")
    objective = by_priorities(case, schedules.totals(case, cheapest))
    first = tuple(_solved(case, one, base, objective) for one in kept)
    if [placed.same for placed in first] != [placed.same for placed in cheapest]:
        objective = by_priorities(case, schedules.totals(case, first))
    return objective


def by_priorities(case: Case, reference: Mapping[str, float]) -> tuple[float, ...]:
    """Each priority as a worth, relative to the total of reference placements.

    This is the gradient, at the reference, of the weighted sum of logarithms by which
    plans are compared.
    """
    wanted, price = case.scenario.priorities, carbon_price(case)
    if price is not None:
        return _objective(cost=1.0, carbon=max(price, TIE))
    worth = {
        concern: getattr(wanted, concern) / reference[concern] if reference[concern] > 0 else 0.0
        for concern in CONCERNS
    }
    # a trace of cost keeps every charge positive, and decides between equals
    worth["cost"] = max(worth["cost"], TIE * max(worth.values()), TIE * TIE)
    return _objective(**worth)


def _balanced(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    objective = priorities(case, kept, base)
    return tuple(_solved(case, one, base, objective) for one in kept)


def _cleanest_region(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    objective = priorities(case, kept, base)

    def moved(placed: Placement) -> Placement:
        region = away(case, placed.kept, base)
        form = ((placed.squeeze, placed.dedupe),)
        return placed if region == placed.region else schedules.best(case, placed, objective, form, (region,))

    return tuple(moved(placed) for placed in of_policy(case, kept, base, "balanced"))


def _shortest_retention(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    objective = priorities(case, kept, base)

    def shortened(placed: Placement) -> Placement:
        needed = max(placed.kept.data.legal_min_days or 0.0, placed.kept.last_read)
        if needed >= placed.kept_days:
            return placed
        form = ((placed.squeeze, placed.dedupe),)
        shorter = replace(placed, kept_days=max(needed, 1.0))
        return schedules.best(case, shorter, objective, form, (placed.region,))

    return tuple(shortened(placed) for placed in of_policy(case, kept, base, "balanced"))


def _lifecycle(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_solved_as_is(case, one, base) for one in kept)


def _all_hot(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_start(one, base) for one in kept)


def _archived(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    def put_away(placed: Placement) -> Placement:
        age = placed.kept.last_read if np.isfinite(placed.kept.last_read) else SETTLED_DAYS
        return replace(placed, moves=((0.0, HOT), (age, ARCHIVE)) if age else ((0.0, ARCHIVE),))

    return tuple(put_away(placed) for placed in _all_hot(case, kept, base))


MAKERS: dict[str, Callable[[Case, tuple[Kept, ...], str], Placements]] = {
    "balanced": _balanced,
    "least_cost": _least_cost,
    "least_carbon": _least_carbon,
    "lifecycle": _lifecycle,
    "cleanest_region": _cleanest_region,
    "all_hot": _all_hot,
    "archive": _archived,
    "shortest_retention": _shortest_retention,
}
