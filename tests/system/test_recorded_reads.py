"""Whatever is moved, what is remembered equals what a fresh computation gives, to the last bit."""

from __future__ import annotations

import gc
import weakref
from typing import Any, get_args, get_origin

import numpy as np
import pytest
from pydantic import BaseModel

from advisor.catalogue import Catalogue
from advisor.core.errors import AdvisorError
from advisor.decide.completion import Pins, Search
from advisor.scenario import Scenario, value_at, with_values
from advisor.scenario.io import OPEN_PATHS, paths
from advisor.steps import run, spaces
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.differing import SECTIONS
from advisor.system.opening import open_case, template
from advisor.system.plan import Plan
from bench.varied import TEMPLATES

SMALL = 3  # draws: enough to see a difference
LITERAL = "Literal"


def other(scenario: Scenario, path: str) -> Any:
    """Another valid value of a field; None where there is none to try."""
    model: type[BaseModel] = Scenario
    *sections, name = path.split(".")
    for section in sections:
        model = model.model_fields[section].annotation  # type: ignore[assignment]
    annotation = model.model_fields[name].annotation
    value = value_at(scenario, path)
    if get_origin(annotation) is not None and LITERAL in str(get_origin(annotation)):
        return next((one for one in get_args(annotation) if one != value), None)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * 1.1 + (0.01 if isinstance(value, float) else 1)
    return None


def plans(case: Case) -> list[Plan]:
    """A few plans of each kind of deployment."""
    search = Search(case, spaces(), Pins({}, {}))
    found: dict[tuple[str, str], Plan] = {}
    for model in list(search.alternatives("foundation_model"))[::9]:
        completed = search.complete(model)
        found.setdefault((model.kind, completed.plan.deployment.mode), completed.plan)
        for _, (m, i, d) in search.seen[:40]:
            plan = Plan(m, i, d, completed.plan.storage, completed.plan.operation)
            found.setdefault((m.kind, d.mode), plan)
    return list(found.values())


def figures(case: Case, found: list[Plan]) -> list[np.ndarray]:
    years = [billing.bill(case, plan).year.values for plan in found]
    return [*years, *(billing.quality(case, plan) for plan in found)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_field_in_turn(name: str, catalogue: Catalogue) -> None:
    case = Case(open_case(template(name)).given, catalogue, SMALL)
    found = plans(case)
    figures(case, found)  # fill the memory
    moved = 0
    for path in paths(Scenario):
        if path.split(".")[0] not in SECTIONS or path in OPEN_PATHS:
            continue
        value = other(case.given, path)
        try:
            changed = with_values(case.given, {path: value}) if value is not None else None
        except AdvisorError:
            continue
        if changed is None:
            continue
        moved += 1
        remembered = figures(case.with_scenario(changed), found)
        fresh = figures(Case(changed, catalogue, SMALL), found)
        for kept, anew in zip(remembered, fresh, strict=True):
            assert np.array_equal(kept, anew, equal_nan=True), path
    assert moved > 40


def test_what_nobody_asks_any_more_is_gone_at_once(catalogue: Catalogue) -> None:
    """No cycle keeps a case: not its sections, not its centre, not what its variants found."""
    gc.disable()
    try:
        case = Case(open_case(template("contact_centre")).given, catalogue, SMALL)
        varied = case.varied({"workload.output_tokens": 321})
        for one in (case, varied, varied.varied({"workload.output_tokens": 123})):
            run(one, flips=False)
        gone = [weakref.ref(one) for one in (case, varied, case.centre)]
        del case, varied, one
        assert [ref() for ref in gone] == [None, None, None]
    finally:
        gc.enable()
