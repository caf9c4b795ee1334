"""What deployment shows: those charts and tables that bear on the choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from advisor.core.draws import central
from advisor.core.exhibits import Exhibit
from advisor.decide.option import Decision, Option
from advisor.steps.deployment import break_evens, caching, capacity, managed, places, tables, ways, week
from advisor.steps.deployment.explain import year
from advisor.system import deployment_gates, hosts, provider_pool, provisioned
from advisor.system.case import Case
from advisor.system.demand import demand
from advisor.system.fleet import Fleet, fleets
from advisor.system.gates import passes
from advisor.system.plan import DeploymentSetting, Plan
from advisor.system.regions import ranked
from advisor.system.requests import shape

COMPARED = 10  # options whose three bases stand side by side


def exhibits(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
    """Charts and tables of a decision; none where nothing could be deployed."""
    if not decision.options:
        return ()
    return tuple(item for item in _all(case, decision) if item is not None)


def _all(case: Case, decision: Decision) -> Iterator[Exhibit | None]:
    choice = decision.choice
    plan = choice.plan if choice is not None else decision.options[0].plan
    eligible = sorted(
        (option for option in decision.options if option.eligible),
        key=lambda option: central(year(case, option)["carbon"]),
    )
    generative = plan.model.kind not in ("encoder", "retrieval")
    sized = _sized(case, plan) if generative else ()
    meeting = [fleet for fleet in sized if fleet.batch > 0]
    yield tables.bars(case, eligible)
    yield from week.charts(case, plan)
    yield from _places(case, plan, choice is not None)
    if eligible:
        yield tables.bases(case, eligible[:COMPARED])
    yield tables.split(case, decision.options)
    if generative:
        yield from _generative(case, plan, choice, meeting)
    if sized:
        usd = provider_pool.usd(case.centre, plan.model, plan.improvement.technique, "global", "standard")
        yield capacity.machines(sized, None if usd is None else central(usd))
        yield capacity.keep_warm(case, plan.model.main, meeting or sized)
    if meeting:
        yield capacity.redundancy(case, meeting[0])


def _sized(case: Case, plan: Plan) -> tuple[Fleet, ...]:
    """Machines that hold the model, sized for what comes without a cache."""
    if hosts.barred(case, plan.model) is not None:
        return ()
    return fleets(case.centre, plan.model, plan.improvement, replace(plan.deployment, cache="none"))


def _places(case: Case, plan: Plan, chosen: bool) -> Iterator[Exhibit | None]:
    energy = tables.it_kwh(case, plan) if chosen else 0.0
    found = ranked(case)
    asked = shape(case.centre, plan.model.main, plan.improvement.technique)
    tokens = central(asked.input_tokens) + central(asked.output_tokens)
    yield places.regions(case, found, energy)
    able, wanted = managed.able(case, plan), demand(case.centre, *plan.early)
    yield places.residency(case, able, energy)
    yield places.moving(case, wanted, tokens, able, energy)


def _generative(
    case: Case, plan: Plan, choice: Option | None, meeting: list[Fleet]
) -> Iterator[Exhibit | None]:
    scopes = managed.scopes(case, plan.model.models)[:3]
    units = [replace(scope, mode="ptu") for scope in scopes]
    regional = scopes[-1]
    sold = next((one for one in (units[-1], units[0]) if _sells(case, plan, one)), None)
    fleet = meeting[0] if meeting else None
    by_use = next((scope for scope in (regional, *scopes) if _passes(case, plan, scope)), regional)
    if fleet is not None:
        yield from break_evens.by_utilisation(case, plan, by_use, fleet, str(regional.region))
    own = None if fleet is None else DeploymentSetting("maap", region=regional.region)
    yield from break_evens.by_volume(case, plan, by_use, own, sold)
    yield ways.ways_to_buy(case, plan, scopes)
    yield capacity.units(case, plan, units)
    if choice is not None and plan.deployment.mode != "edge":
        bare = replace(plan, deployment=replace(plan.deployment, cache="none"))
        yield break_evens.cache_break_even(case, bare)
        yield caching.caches(case, bare)
        yield tables.parameters(case, bare)


def _passes(case: Case, plan: Plan, scope: DeploymentSetting) -> bool:
    return passes(deployment_gates.gates(case.centre, plan.model, plan.improvement, scope))


def _sells(case: Case, plan: Plan, units: DeploymentSetting) -> bool:
    return provisioned.sold(case, plan.model, units) is not None
