"""Any valid scenario, however extreme, gets decisions with finite figures and told reasons."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from pydantic import BaseModel

from advisor.catalogue import DATA, Catalogue
from advisor.core.errors import ScenarioError
from advisor.decide.option import Decision
from advisor.scenario import STEP_NAMES, Scenario, load_scenario, parse_scenario, with_values
from advisor.scenario.fields import Task
from advisor.scenario.io import paths
from advisor.steps import run
from advisor.system import billing
from advisor.system.case import Case
from tests.decided import decided
from tests.narrowed import FEW_MODELS

DRAWS = 20  # enough to see that figures are finite
KNOWN = ("energy", "carbon_location", "embodied", "water", "adpe", "ewaste", "cost")
SECTIONS = ("workload", "quality", "knowledge", "constraints", "ingestion", "operations", "timing")
# what arrives, is kept and is operated is the same for all models: few are compared
SAME_FOR_ALL = ("ingestion", "operations", "timing")
CORPUS = {"name": "Corpus", "role": "corpus", "size_gb": 100, "growth_gb_per_month": 5}


def bounds(path: str) -> tuple[float, float] | None:
    """The least and the greatest number a field takes, as its schema says; None for what is no number."""
    model: type[BaseModel] = Scenario
    *sections, name = path.split(".")
    for section in sections:
        model = model.model_fields[section].annotation  # type: ignore[assignment]
    info = model.model_fields[name]
    if not {int, float} & {info.annotation, *get_args(info.annotation)}:
        return None
    least, most = 1e-3, 1e6  # where the schema leaves a side open
    for rule in info.metadata:
        least = getattr(rule, "ge", getattr(rule, "gt", least))
        most = getattr(rule, "le", getattr(rule, "lt", most))
    return least, most


def extreme(section: str, side: int) -> dict[str, float]:
    """Every number of a section at its least (0) or at its most (1)."""
    found = {path: bounds(path) for path in paths(Scenario) if path.startswith(f"{section}.")}
    return {path: values[side] for path, values in found.items() if values}


def at(base: Scenario, values: dict[str, Any]) -> Scenario:
    """The scenario with values set; an open bound is stepped over by a thousandth."""
    for path, value in values.items():
        try:
            base = with_values(base, {path: value})
        except ScenarioError:
            inwards = value + 1e-3 if value <= 0 else value * 0.999
            base = with_values(base, {path: inwards})
    return base


def decide(scenario: Scenario, catalogue: Catalogue) -> list[Decision]:
    return checked(run(Case(scenario, catalogue, DRAWS), flips=False))


def checked(decisions: list[Decision]) -> list[Decision]:
    assert tuple(decision.step for decision in decisions) == STEP_NAMES
    stuck = False
    for decision in decisions:
        assert decision.headline, decision.step
        assert decision.options or stuck, decision.step
        stuck = stuck or decision.choice is None
        for option in decision.options:
            where = f"{decision.step}: {option.key}"
            option.bill.check()
            year = option.year
            assert [name for name in KNOWN if not np.isfinite(year[name]).all()] == [], where
            assert [name for name in KNOWN if (year[name] < 0).any()] == [], where
            assert np.all((option.quality > 0) & (option.quality <= 1)), where
            assert option.title, where
        for option, failed in decision.eliminated:
            assert failed, option.key
            assert all(gate.expected and gate.found and gate.remedy for gate in failed), option.key
        if decision.choice is not None:
            assert decision.choice.eligible
            assert sum(decision.p_best.values()) == pytest.approx(1.0)
            assert decision.reasons, decision.step
        else:
            assert all(not option.eligible for option in decision.options)
    return decisions


@pytest.mark.parametrize("task", get_args(Task))
def test_two_lines_are_enough_for_every_task(task: str, catalogue: Catalogue) -> None:
    decisions = decide(parse_scenario({"name": "Bare", "task": task}), catalogue)
    assert all(decision.choice for decision in decisions)


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("side", [0, 1], ids=["least", "most"])
def test_a_section_at_its_bounds(section: str, side: int, catalogue: Catalogue) -> None:
    base = parse_scenario({"name": "Bounds", "task": "rag_qa", "data_sets": [CORPUS]})
    if section in SAME_FOR_ALL:
        base = with_values(base, FEW_MODELS)
    decide(at(base, extreme(section, side)), catalogue)


@pytest.mark.parametrize(
    "data_set",
    [
        {"size_gb": 0},
        {"size_gb": 1e9, "growth_gb_per_month": 1e8, "object_mb": 5e6, "retention_days": 36_500},
        {"size_gb": 1, "object_mb": 1e-6, "reads": [{"from_day": 0, "full_reads_per_month": 1e6}]},
        {"size_gb": 1, "retention_days": 0.1, "rto_hours": 0, "rpo_hours": 0, "duplicate_share": 0.999},
        {"size_gb": 1, "role": "index", "content": "vectors", "vectors": 1e12, "dimensions": 20_000},
        {"size_gb": 1, "legal_min_days": 3650, "retention_days": 30, "public_licence": "no"},
    ],
)
def test_odd_data(data_set: dict[str, Any], catalogue: Catalogue) -> None:
    """Few models are compared: what stores data is the same for all."""
    odd = parse_scenario({"name": "Odd", "task": "chat", "data_sets": [{**CORPUS, **data_set}]})
    decide(with_values(odd, FEW_MODELS), catalogue)


@pytest.mark.parametrize(
    "constraints",
    [
        {"offline": True},
        {"device": {"kind": "jetson_orin_nano", "count": 3}, "offline": True, "open_weights": True},
        {"open_weights": True, "private_network": True, "residency": "CH", "self_hosted_allowed": False},
        {"residency": "EU", "regions_allowed": ["eastus"]},
        {"budget_usd_per_year": 0.01, "budget_kgco2e_per_year": 0.001},
    ],
)
def test_constraints_that_leave_little_or_nothing(constraints: dict[str, Any], catalogue: Catalogue) -> None:
    decide(parse_scenario({"name": "Tight", "task": "rag_qa", "constraints": constraints}), catalogue)


def test_a_floor_so_low_that_searching_is_enough(catalogue: Catalogue) -> None:
    quality, knowledge = {"floor": 0.3}, {"needs_citations": True, "examples": 0}
    decide(
        parse_scenario({"name": "Low", "task": "rag_qa", "quality": quality, "knowledge": knowledge}),
        catalogue,
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "scenarios").glob("*.yaml")))
def test_every_template_gets_five_decisions(name: str) -> None:
    decisions = checked(decided(name)[1])
    assert all(decision.choice for decision in decisions)


@pytest.mark.parametrize("template", ["contact_centre", "legal_qa", "coding_agent"])
def test_prompts_that_are_wholly_cached(template: str, catalogue: Catalogue) -> None:
    """Every figure stays finite, and no plan takes more than with a tenth of the prompt fresh.

    Within 0.5 %: provisioned units that read less are less used, so fewer requests run together and each
    answer bears more of a step, which what is no longer read just fails to make up (deepseek-r1: 0.3 % more).
    """
    base = load_scenario(DATA / "scenarios" / f"{template}.yaml")
    nearly, wholly = (
        decide(at(base, {"workload.cached_input_share": share}), catalogue)[0] for share in (0.9, 1.0)
    )
    assert wholly.options
    cached = wholly.options[0].case
    for option in nearly.options:
        taken = billing.bill(cached, option.plan).year["energy"]
        assert np.mean(taken) <= np.mean(option.year["energy"]) * 1.005, option.key
