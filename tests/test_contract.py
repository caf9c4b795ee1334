"""plan.json, the decision record and comparisons: what other programs and people receive."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from advisor.catalogue import DATA
from advisor.core.draws import summary
from advisor.outputs import plan_json as contract
from advisor.outputs.compare import (
    Planned,
    as_text,
    carbon_by_step,
    decisions_table,
    footprints_table,
    inputs_table,
    steps_table,
)
from advisor.outputs.decision_record import decision_record
from advisor.outputs.plan_json import plan_json, plan_total, rounded
from advisor.scenario import STEP_NAMES, with_values
from advisor.steps import run, taken
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.option import Decision


@pytest.fixture(scope="module")
def planned() -> tuple[Case, list[Decision]]:
    case = open_case(template("contact_centre"))
    return case, run(case, flips=False)


def test_the_plan_is_valid_against_the_shipped_schema(planned: tuple[Case, list[Decision]]) -> None:
    schema = json.loads((DATA / "plan.schema.json").read_text(encoding="utf-8"))
    assert schema == contract.schema()
    plan = json.loads(plan_json(*planned))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plan, schema, cls=jsonschema.Draft202012Validator)
    assert [step["step"] for step in plan["steps"]] == list(STEP_NAMES)
    for step in plan["steps"]:
        assert step["choice"], step["step"]
        assert 0 < step["confidence"] <= 1
        assert step["reasons"]
        assert step["sources"]
        assert all(gone["rules"] and gone["remedies"] for gone in step["eliminated"])
        chosen = next(option for option in step["options"] if option["key"] == step["choice"])
        carbon = chosen["per_accepted_answer"]["carbon"]
        assert carbon["p10"] <= carbon["median"] <= carbon["p90"]
        assert chosen["eligible"]


def test_a_case_gives_the_same_bytes_twice(planned: tuple[Case, list[Decision]]) -> None:
    again = open_case(template("contact_centre"))
    assert plan_json(*planned) == plan_json(again, run(again, flips=False))


def test_the_plan_total_is_the_sum_of_the_options_taken(planned: tuple[Case, list[Decision]]) -> None:
    case, decisions = planned
    requests, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    by_hand = sum(
        option.parts.once["cost"] / horizon
        + 12 * option.parts.monthly["cost"]
        + option.parts.per_request["cost"] * requests
        for decision in decisions
        if (option := taken(case, decision))
    )
    np.testing.assert_allclose(plan_total(case, decisions)["cost"], by_hand)


def test_a_recorded_decision_is_carried_forward() -> None:
    case = open_case(template("contact_centre"))
    advised = run(case, flips=False)
    runner_up = advised[0].runner_up
    assert runner_up is not None
    own = {"decisions.foundation_model": {"choice": runner_up.key, "by": "Board", "reason": "known well"}}
    changed = Case(with_values(case.scenario, own), case.catalogue)
    decisions = run(changed, flips=False)
    assert taken(changed, decisions[0]) is not None
    assert taken(changed, decisions[0]).key == runner_up.key  # type: ignore[union-attr]
    assert any("The advice is" in warning for warning in decisions[0].warnings)
    assert f"**{runner_up.title}**, recorded by Board because known well" in decision_record(
        changed, decisions
    )


def test_the_record_holds_the_parts_of_madr(planned: tuple[Case, list[Decision]]) -> None:
    case, decisions = planned
    text = decision_record(case, decisions)
    for heading in (
        "## Context and Problem Statement",
        "## Decision Drivers",
        "### Considered Options",
        "### Decision Outcome",
        "### Consequences",
        "## Confirmation",
    ):
        assert heading in text
    for decision in decisions:
        assert decision.headline in text
    assert "- due 2027-05-12: pilot ends" in text
    assert "Roll back when energy per accepted answer is more than 10 % above" in text


def test_names_in_the_record_are_not_markup(planned: tuple[Case, list[Decision]]) -> None:
    case, _ = planned
    hostile = Case(with_values(case.scenario, {"name": "<script>alert(1)</script>"}), case.catalogue)
    text = decision_record(hostile, run(hostile, flips=False))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_comparison_shows_what_differs_and_adds_up(planned: tuple[Case, list[Decision]]) -> None:
    case, decisions = planned
    more = Case(with_values(case.scenario, {"workload.requests_per_day": 80_000}), case.catalogue)
    plans = [Planned(case, tuple(decisions)), Planned(more, tuple(run(more, flips=False)))]
    assert [row[0] for row in inputs_table(plans).rows] == ["workload.requests_per_day"]
    assert len(decisions_table(plans).rows) == len(STEP_NAMES)
    bars = carbon_by_step(plans)
    for column, plan in enumerate(plans):
        total = plan_total(plan.case, plan.decisions)["carbon"].mean()
        assert sum(part[column] for part in bars.values) == pytest.approx(total)
    first, second = (summary(plan_total(plan.case, plan.decisions)["carbon"])[1] for plan in plans)
    assert second > first
    assert "Footprint of a year" in as_text([footprints_table(plans)])
    assert [row[0] for row in steps_table(plans).rows][-1] == "whole plan"


@pytest.mark.parametrize(("value", "expected"), [(1234567.0, 1234570.0), (0.0, 0.0), (float("nan"), None)])
def test_figures_are_rounded_and_the_unknown_is_null(value: float, expected: float | None) -> None:
    assert rounded(value) == expected


def test_no_path_of_the_machine_is_in_a_plan(planned: tuple[Case, list[Decision]]) -> None:
    text = plan_json(*planned) + decision_record(*planned)
    assert str(Path(__file__).resolve().parents[1]) not in text


def test_evidence_does_not_depend_on_what_was_asked_before(planned: tuple[Case, list[Decision]]) -> None:
    case, decisions = planned
    again = run(case, flips=False)
    assert [decision.evidence for decision in again] == [decision.evidence for decision in decisions]
