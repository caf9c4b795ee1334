"""Gates are total: any kind of model may be asked with any way to deploy, and is answered by a rule."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from advisor.catalogue import open_catalogue
from advisor.scenario import STEP_NAMES
from advisor.steps import spaces
from advisor.system import billing, deployable
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.opening import open_case, template
from advisor.system.plan import DeploymentSetting, ModelSetting, Plan
from bench.varied import TEMPLATES


@cache
def case_of(name: str) -> Case:
    return Case(open_case(template(name)).given, open_catalogue(offline=True), 0)


def ways_offered(case: Case, models: list[ModelSetting]) -> list[DeploymentSetting]:
    """One deployment of each mode and scope that any of the models is offered, with and without a cache."""
    space, found = spaces(), {}
    for model in models:
        for improvement in space.improvements(case, model)[:2]:
            for way in space.deployments(case, model, improvement):
                found.setdefault((way.mode, way.scope, way.cache, way.to_zero), way)
    return list(found.values())


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_model_with_every_deployment_is_answered(name: str) -> None:
    case, space = case_of(name), spaces()
    every = space.models(case)
    some = [one for one in every if one.kind not in ("single", "cascade", "router")]
    some += [one for one in every if one.kind == "single"][::12]
    some += [one for one in every if one.kind in ("cascade", "router")][:2]
    ways = ways_offered(case, some)
    assert {one.mode for one in ways} >= {"maas", "ptu", "maap", "edge"}
    stored, operated = space.storages(case)[0], space.operations(case)[0]
    for model, way in product(some, ways):
        improvement = space.improvements(case, model)[0]
        plan = Plan(model, improvement, way, stored, operated)
        answered = [one for step in STEP_NAMES for one in billing.gates(case, plan, step)]
        assert all(isinstance(one, Gate) for one in answered)
        rules = {one.rule for one in answered if not one.passed}
        assert ("deployable" in rules) == (way.mode not in deployable.ways(case, model))


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_is_offered_is_deployable(name: str) -> None:
    case, space = case_of(name), spaces()
    for model in space.models(case):
        for way in space.deployments(case, model, space.improvements(case, model)[0]):
            assert way.mode in deployable.ways(case, model)
