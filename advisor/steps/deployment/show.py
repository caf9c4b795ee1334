"""Charts and tables of deployment, those that bear on the choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.exhibits import Exhibit
from advisor.decide.comparing import yearly
from advisor.steps import Prior
from advisor.steps.deployment import capacity, charts, managed, places, provisioned, rules, tables
from advisor.steps.deployment.demand import Demand, demand
from advisor.steps.deployment.fleet import Fleet, fleets
from advisor.steps.deployment.pool import Managed
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Decision, Option
from advisor.system.regions import Candidate

SECONDS_PER_HOUR = 3600.0
COMPARED = 10  # options whose three bases stand side by side


def exhibits(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """Charts and tables of a decision."""
    wanted = demand(case, prior)
    if wanted is None:
        return ()
    return tuple(item for item in _all(case, wanted, decision) if item is not None)


def _all(case: Case, wanted: Demand, decision: Decision) -> Iterator[Exhibit | None]:
    eligible = sorted(
        (option for option in decision.options if option.eligible),
        key=lambda option: float(np.median(yearly(option, case)["carbon"])),
    )
    found = rules.candidates(case)
    choice = decision.choice
    generative = wanted.kind not in ("encoder", "retrieval")
    open_weights = generative and bool(case.catalogue.row("models", wanted.model).get("open_weights"))
    sized = fleets(case, wanted) if open_weights and wanted.single else []
    meeting = [fleet for fleet in sized if fleet.batch > 0]
    yield charts.bars(case, eligible)
    yield from charts.week(wanted, _fleet_of(choice, meeting), _units(case, wanted, choice))
    yield from _places(case, wanted, choice, found)
    if eligible:
        yield tables.bases(case, eligible[:COMPARED])
    yield tables.split(case, [option for option in decision.options if option.settings.get("place")])
    if generative:
        yield from _generative(case, wanted, choice, found, meeting)
    if sized:
        usd = Managed.of(case, wanted).usd("global")
        yield capacity.machines(sized, None if usd is None else float(np.median(usd)))
        yield capacity.keep_warm(case, wanted, meeting or sized)
    if meeting:
        yield capacity.redundancy(case, wanted, meeting[0])


def _fleet_of(choice: Option | None, sized: list[Fleet]) -> Fleet | None:
    if choice is None or choice.settings.get("mode") != "maap":
        return None
    wanted = (choice.settings["machine"], choice.settings["precision"])
    return next((fleet for fleet in sized if (fleet.machine, fleet.precision) == wanted), None)


def _units(case: Case, wanted: Demand, choice: Option | None) -> float | None:
    """Requests a second that the chosen provisioned units serve."""
    if choice is None or choice.settings.get("mode") != "ptu":
        return None
    pool = Managed.of(case, wanted)
    scopes = managed.scopes(case, rules.candidates(case))
    scope = next(scope for scope in scopes if scope.spec == choice.settings["place"])
    size = provisioned.sizing(case, wanted, scope, float(np.median(np.asarray(pool.shape.cached_tokens))))
    return choice.settings["ptu"] * size.requests_per_unit_hour / SECONDS_PER_HOUR if size else None


def _places(
    case: Case, wanted: Demand, choice: Option | None, found: list[Candidate]
) -> Iterator[Exhibit | None]:
    energy = 0.0
    if choice is not None:
        where = case.remember(
            ("place", choice.settings["place"]), lambda: accounting.place(case, choice.settings["place"])
        )
        energy = float(np.median(yearly(choice, case)["energy"] / where.pue))
    yield places.regions(case, found, energy)
    yield places.residency(case, found, energy)
    yield places.moving(case, wanted, found, energy)


def _generative(
    case: Case, wanted: Demand, choice: Option | None, found: list[Candidate], sized: list[Fleet]
) -> Iterator[Exhibit | None]:
    pool = Managed.of(case, wanted)
    selling = [region for region in found if region.eligible and rules.sells_models(case, region.key).passed]
    scopes = list(managed.scopes(case, (selling or found)[:1]))
    fleet, region = (sized[0] if sized else None), (selling or found)[0].key
    regional = scopes[-1]
    cached_tokens = float(np.median(np.asarray(pool.shape.cached_tokens)))
    size, scope = None, regional
    for scope in (regional, scopes[0]):
        size = provisioned.sizing(case, wanted, scope, cached_tokens) if wanted.single else None
        if size is not None:
            break
    if fleet is not None:
        yield from charts.by_utilisation(pool, regional, fleet, region)
    by_use = regional if fleet is not None else scopes[0]
    yield from charts.by_volume(pool, by_use, fleet, region, (scope, size) if size is not None else None)
    yield capacity.units(pool, scopes)
    if choice is not None and choice.settings.get("mode") != "edge":
        bare = choice if choice.settings.get("cache") == "none" else _without_cache(pool, choice)
        yield charts.cache_break_even(pool, bare)
        yield tables.caches(pool, bare)
        yield tables.parameters(pool, bare)


def _without_cache(pool: Managed, choice: Option) -> Option:
    """The chosen pay-as-you-go deployment before its cache was added."""
    scope = next(scope for scope in managed.scopes(pool.case, []) if scope.spec == choice.settings["place"])
    return managed.payg(pool, scope)
