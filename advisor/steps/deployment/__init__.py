"""Step 3: where and how to run it: as a service, provisioned, on machines of one's own, at the edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from advisor.core.saying import say
from advisor.steps.deployment import machines, managed
from advisor.steps.deployment.exhibits import exhibits
from advisor.steps.deployment.explain import explain, headline
from advisor.system import caches, deployment_gates, devices, machines_offered, provisioned, sale_gates
from advisor.system.case import Case, remembered
from advisor.system.gates import passes
from advisor.system.plan import (
    DeploymentSetting,
    ImprovementSetting,
    Mode,
    ModelSetting,
    Plan,
    Scope,
    StepName,
    with_cache,
)

__all__ = [
    "CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "alternatives", "exhibits", "explain", "headline",
    "notes", "settings", "title", "warnings",
]  # fmt: skip

STEP: StepName = "deployment"
QUESTION = say("Where and how should it run?")
CONTROLS = (
    "workload.requests_per_day",
    "workload.peak_to_mean",
    "workload.profile",
    "workload.deferrable_share",
    "workload.repeat_share",
    "constraints.residency",
    "constraints.first_token_p95_ms",
    "constraints.latency_p95_ms",
    "constraints.self_hosted_allowed",
    "operations.availability",
)
KNOBS = (
    "workload.requests_per_day",
    "workload.output_tokens",
    "workload.peak_to_mean",
    "workload.deferrable_share",
    "constraints.latency_p95_ms",
    "constraints.first_token_p95_ms",
)
GUIDANCE = (
    "A13", "A15", "A16", "A34", "A36", "A37", "A46", "A47", "A48", "A49",
    "B20", "B21", "B22", "B23", "B24", "B25", "B26", "B30",
)  # fmt: skip


@remembered
def alternatives(
    case: Case, model: ModelSetting, improvement: ImprovementSetting
) -> tuple[DeploymentSetting, ...]:
    """Every way to deploy a model: each scope of a service, its units, machines of one's own, devices."""
    if model.kind == "retrieval":
        return machines_offered.alternatives(case, model, improvement)
    if model.kind == "encoder":
        if f"embedders.{model.main}.price" in case:
            return tuple(replace(scope, mode="embedding") for scope in managed.scopes(case, ()))
        device = devices.alternatives(case) if case.scenario.constraints.device is not None else ()
        return (*machines_offered.alternatives(case, model, improvement), *device)
    return (
        *_managed(case, model, improvement),
        *machines_offered.alternatives(case, model, improvement),
        *devices.alternatives(case),
    )


def _managed(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Iterator[DeploymentSetting]:
    """Pay as you go, batches and units in each scope, each with every cache.

    Where a scope is ruled out one setting stands for all and shows the rule.
    """
    for scope in (*managed.scopes(case, model.models), *managed.for_units(case, model)):
        for one in _ways_to_buy(case, model, scope.mode, scope.scope, scope.zone, scope.region):
            if one.spillover and not provisioned.spills(case, model, improvement, with_cache(one, "none")):
                continue
            if one.priority and one.cache != "none" and not _hurried(case, model, improvement, scope):
                continue
            yield one


@remembered
def _ways_to_buy(
    case: Case, model: ModelSetting, mode: Mode, kind: Scope, zone: str | None, region: str | None
) -> tuple[DeploymentSetting, ...]:
    """Every way to buy a model in a scope, with every cache: how much is asked for is not looked at.

    ``mode``: maas for all of them, ptu for units alone.
    """
    return tuple(_each_way(case, model, DeploymentSetting(mode, kind, region, zone)))


def _each_way(case: Case, model: ModelSetting, scope: DeploymentSetting) -> Iterator[DeploymentSetting]:
    lawful = passes(deployment_gates.place_gates(case, scope.scope, scope.zone, scope.region))
    waits = case.scenario.workload.deferrable_share > 0
    ways = [scope] if scope.mode == "maas" else []
    if ways and (waits or scope.scope == "global"):
        ways.append(replace(scope, batch=True))
    ways.extend(_priority(case, model, scope))
    ways.extend(_units(case, model, scope, lawful))
    for one in ways:
        yield one
        if lawful and (waits or not one.batch) and (one.mode != "ptu" or bool(one.term)):
            yield from (with_cache(one, kind) for kind in caches.CACHES)


def _priority(case: Case, model: ModelSetting, scope: DeploymentSetting) -> Iterator[DeploymentSetting]:
    """The dearer rate with a promised speed, where every model is sold that way."""
    first = replace(scope, priority=True)
    if scope.scope != "regional" and all(
        sale_gates.promised_speed(case, key, first) is not None for key in model.models
    ):
        yield first


def _hurried(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, scope: DeploymentSetting
) -> bool:
    """Whether the usual rate is too slow, so that priority is more than a dearer way to the same."""
    return not passes(deployment_gates.latency(case, model, improvement, scope))


def _units(
    case: Case, model: ModelSetting, scope: DeploymentSetting, lawful: bool
) -> Iterator[DeploymentSetting]:
    units = replace(scope, mode="ptu")
    if provisioned.sold(case, model, units) is None:
        yield units
        return
    sold = [replace(units, term=one.key) for one in provisioned.terms(units)]
    if not lawful:
        yield sold[0]
        return
    yield from sold
    yield replace(sold[-1], spillover=True)


def title(case: Case, plan: Plan) -> str:
    """What the deployment is called, with its size where it has one."""
    return managed.title(case, plan) if _is_managed(plan) else machines.title(case, plan)


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What is worth knowing about it."""
    return managed.notes(case, plan) if _is_managed(plan) else machines.notes(case, plan)


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """What does not rule it out but must be known."""
    return managed.warnings(case, plan) if _is_managed(plan) else machines.warnings(case, plan)


def settings(case: Case, plan: Plan) -> dict[str, Any]:
    """What plan.json and the exports need to know of a deployment."""
    return dict(managed.settings(case, plan) if _is_managed(plan) else machines.settings(case, plan))


def _is_managed(plan: Plan) -> bool:
    return plan.deployment.mode in deployment_gates.MANAGED
