"""Policies: ways to place all data sets together, each for another aim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from advisor.estimate.storage import ARCHIVE, HOT, TIERS
from advisor.system.case import Case, centrally, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StorageSetting
from advisor.system.premises import kept_in
from advisor.system.priorities import CONCERNS
from advisor.system.regions import cleanest_of, lawful, near
from advisor.system.storage import schedules
from advisor.system.storage.data_sets import Kept, data_sets, reader
from advisor.system.storage.schedules import AS_IT_IS, Placement
from advisor.system.storage.weighing import (
    LEAST_CARBON,
    LEAST_COST,
    Options,
    Placements,
    Sets,
    Year,
    besides,
    best_together,
    options,
)


@centrally
def placements(
    case: Case,
    model: ModelSetting,
    improvement: ImprovementSetting,
    deployment: DeploymentSetting,
    chosen: StorageSetting,
) -> Placements:
    """Where a policy puts each data set of a plan, and in which form."""
    kept, base = data_sets(case, model, improvement, deployment), reader(case, deployment)
    if chosen.policy in WEIGHED:
        sets = open_places(case, kept, base, chosen.policy)
        return best_together(case, sets, besides(case, model, improvement, deployment))
    return of_policy(case, kept, base, chosen.policy)


@centrally
def of_policy(case: Case, kept: tuple[Kept, ...], base: str, policy: str) -> Placements:
    """The same for data sets that are read in a region, of a policy that looks at nothing but the data."""
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
    """The cleanest region near one, itself included, that a residency leaves; itself if data must stay."""
    if kept_in(case):
        return region
    return cleanest_of(case, near(case, region, lawful(case, residency))) or region


def _least_cost(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_cheapest(case, one, base) for one in kept)


def _least_carbon(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_solved(case, one, base, LEAST_CARBON) for one in kept)


def _nearby(case: Case, start: Placement, one: Kept, base: str) -> Options:
    return options(case, start, tuple(dict.fromkeys((start.region, away(case, one, base)))))


@centrally
def open_places(case: Case, kept: tuple[Kept, ...], base: str, policy: str) -> Sets:
    """What a policy that looks at the whole bill chooses from."""
    usable = [one for one in kept if one.licensed]
    return Sets.of(WEIGHED[policy](case, one, base) for one in usable)


def _wherever(case: Case, one: Kept, base: str) -> Options:
    """Where it is read, or the cleanest region nearby."""
    return _nearby(case, _start(one, base), one, base)


def _elsewhere(case: Case, one: Kept, base: str) -> Options:
    """The cleanest region nearby."""
    return options(case, _start(one, base), (away(case, one, base),))


def _shorter(case: Case, one: Kept, base: str) -> Options:
    """The same as wherever, kept no longer than it is read or the law asks."""
    start, needed = _start(one, base), max(one.data.legal_min_days or 0.0, one.last_read)
    shorter = start if needed >= start.kept_days else replace(start, kept_days=max(needed, 1.0))
    return _nearby(case, shorter, one, base)


def _lifecycle(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_solved_as_is(case, one, base) for one in kept)


def _all_hot(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    return tuple(_start(one, base) for one in kept)


def _archived(case: Case, kept: tuple[Kept, ...], base: str) -> Placements:
    def put_away(placed: Placement) -> Placement:
        age = placed.kept.last_read
        if not np.isfinite(age):  # nothing says when reading stops
            age = case.central("storage.settled", "day")
        return replace(placed, moves=((0.0, HOT), (age, ARCHIVE)) if age else ((0.0, ARCHIVE),))

    return tuple(put_away(placed) for placed in _all_hot(case, kept, base))


MAKERS: dict[str, Callable[[Case, tuple[Kept, ...], str], Placements]] = {
    "least_cost": _least_cost,
    "least_carbon": _least_carbon,
    "lifecycle": _lifecycle,
    "all_hot": _all_hot,
    "archive": _archived,
}
# those that look at the whole bill
WEIGHED: dict[str, Callable[[Case, Kept, str], Options]] = {
    "balanced": _wherever,
    "cleanest_region": _elsewhere,
    "shortest_retention": _shorter,
}


def least(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Year:
    """What no policy takes less of for the data of a plan, central, by concern [kg, USD, L, kWh, kg]."""
    base = reader(case, deployment)
    found = [
        _least_of(case, one, base) for one in data_sets(case, model, improvement, deployment) if one.licensed
    ]
    return tuple(map(sum, zip(*found, strict=True))) if found else (0.0,) * len(CONCERNS)


@centrally
def _least_of(case: Case, one: Kept, base: str) -> Year:
    """The least of each concern that any policy takes for one data set."""
    return tuple(map(min, zip(*(year for _, _, year in ways(case, one, base)), strict=True)))


@centrally
def ways(case: Case, one: Kept, base: str) -> tuple[tuple[str, Placement, Year], ...]:
    """Every policy with each placement that it may choose for one data set, and its year."""
    placed = {"today": _today(one, base)}
    placed |= {policy: make(case, (one,), base)[0] for policy, make in MAKERS.items()}
    totals = {policy: schedules.totals(case, [each]) for policy, each in placed.items()}
    return (
        *(
            (policy, each, tuple(totals[policy][concern] for concern in CONCERNS))
            for policy, each in placed.items()
        ),
        *((policy, each, year) for policy, find in WEIGHED.items() for each, year in find(case, one, base)),
    )
