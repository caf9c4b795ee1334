"""The system of today as a plan: what the scenario says runs now, else what a team would start with.

The start that nobody has touched is the most capable model that passes the gates and keeps the budgets,
paid by use, without a cache, the data as it lies today, evaluated as planned. It is a plan with a bill
like any other, so what changes from it is a difference of bills.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from advisor.core.draws import central
from advisor.core.errors import Fault, ScenarioError, nearest
from advisor.core.saying import say
from advisor.decide.budgets import over_budget
from advisor.decide.choosing import year_of
from advisor.decide.completion import Pins, Search, Spaces
from advisor.system import billing, deployment_gates, improvement_gates, model_gates
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import ModelSetting, Plan
from advisor.system.quality import reference_technique

STORAGE, OPERATION = "today", "never-planned-now"
PLAIN = ("maas-datazone", "maas-global")  # the order in which a team would try them


def today_plan(case: Case, spaces: Spaces) -> Plan | None:
    """The plan of ``today`` in the scenario, or the untouched start; None where nothing is possible.

    Raises ScenarioError naming what ``today`` says that is not among the alternatives.
    """
    search = Search(case, spaces, Pins({}, {}))
    given = case.given.today
    return _given(search, given) if given is not None else _untouched(search)


def _given(search: Search, given: Any) -> Plan:
    listed = search.alternatives("foundation_model")
    # what runs today need not be among what is compared
    writes = given.model in search.case.catalogue.keys("models")
    model = ModelSetting("single", (given.model,)) if writes else _named(listed, given.model, "today.model")
    improvement = _named(search.alternatives("improvement", model), given.technique, "today.technique")
    deployments = search.alternatives("deployment", model, improvement)
    return Plan(
        model,
        improvement,
        _named(deployments, given.deployment, "today.deployment"),
        _named(search.alternatives("data_storage"), given.storage, "today.storage"),
        _named(search.alternatives("operations"), given.operations, "today.operations"),
    )


def _named(found: Sequence[Any], key: str, path: str) -> Any:
    """The alternative of that key. Raises ScenarioError naming the nearest."""
    for one in found:
        if one.key == key:
            return one
    keys = [one.key for one in found]
    fault = Fault(path, say("one of the step's options"), repr(key), nearest(key, keys))
    raise ScenarioError(say("The scenario says of today what is not among the options."), [fault])


def _untouched(search: Search) -> Plan | None:
    case, best = search.case, None
    for model in search.alternatives("foundation_model"):
        if model.kind != "single" or failed(model_gates.gates(case, model)):
            continue
        for improvement in search.alternatives("improvement", model):
            if improvement.key != reference_technique(case):
                continue
            if not improvement_gates.open_to(case, model, improvement):
                continue
            plan = _by_use(search, model, improvement)
            if plan is not None:
                share = central(billing.quality(case, plan))
                best = max(best, (share, plan), key=lambda pair: pair[0]) if best else (share, plan)
    return best[1] if best else None


def _by_use(search: Search, model: Any, improvement: Any) -> Plan | None:
    """The plain way to run a model, by use and without a cache; any other where none passes.

    One that breaks a budget is no start: nobody would have begun so, and to leave it would save what was
    never to be spent.
    """
    case = search.case
    deployments = {one.key: one for one in search.alternatives("deployment", model, improvement)}
    storage = next(one for one in search.alternatives("data_storage") if one.key == STORAGE)
    operation = next(one for one in search.alternatives("operations") if one.key == OPERATION)
    for key in (*(key for key in PLAIN if key in deployments), *deployments):
        if deployment_gates.open_to(case, model, improvement, deployments[key]):
            plan = Plan(model, improvement, deployments[key], storage, operation)
            if not over_budget(case, year_of(case.centre, plan)[:, 0]):
                return plan
    return None
