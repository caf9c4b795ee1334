"""plan.json: what other programs receive."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from advisor.catalogue import DATA, open_catalogue
from advisor.decide.option import Decision
from advisor.outputs import plan_json as contract
from advisor.outputs.plan_json import plan_json, rounded
from advisor.outputs.saved_plans import tables_of
from advisor.scenario import STEP_NAMES, parse_scenario
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.view.plan import NOTHING_PASSES, WAITS


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


def test_the_totals_are_the_sum_of_the_lines(planned: tuple[Case, list[Decision]]) -> None:
    plan = json.loads(plan_json(*planned))
    for indicator, total in plan["totals"]["per_year"].items():
        lines = [line["per_year"][indicator]["central"] for line in plan["bill"]]
        if None not in lines:  # a marginal intensity that nobody publishes
            assert total["central"] == pytest.approx(sum(lines), rel=1e-4)
    by_step = {
        step["step"]: next(one for one in step["options"] if one["key"] == step["taken"])
        for step in plan["steps"]
    }
    cost = sum(one["adds_to_plan_per_year"]["cost"]["central"] for one in by_step.values())
    assert plan["totals"]["per_year"]["cost"]["central"] == pytest.approx(cost, rel=1e-4)


@pytest.mark.parametrize(("value", "expected"), [(1234567.0, 1234570.0), (0.0, 0.0), (float("nan"), None)])
def test_figures_are_rounded_and_the_unknown_is_null(value: float, expected: float | None) -> None:
    assert rounded(value) == expected


def test_no_path_of_the_machine_is_in_a_plan(planned: tuple[Case, list[Decision]]) -> None:
    text = plan_json(*planned)
    assert str(Path(__file__).resolve().parents[2]) not in text


def test_evidence_does_not_depend_on_what_was_asked_before(planned: tuple[Case, list[Decision]]) -> None:
    case, decisions = planned
    again = run(case, flips=False)
    assert [decision.evidence for decision in again] == [decision.evidence for decision in decisions]


def test_without_a_plan_there_are_no_totals() -> None:
    """Nothing planned is not nothing taken; a plan that was saved with zeros in its place is told so."""
    few = {"models_compared": ["gpt-5.4-nano"], "self_hosted_allowed": False}
    given = {"name": "n", "task": "chat", "quality": {"floor": 1.0}, "constraints": few}
    case = Case(parse_scenario(given), open_catalogue(offline=True), 20)
    saved = json.loads(plan_json(case, run(case, flips=False)))
    assert saved["totals"]["per_year"] is None
    assert saved["totals"]["per_request"] is None
    jsonschema.validate(saved, contract.schema(), cls=jsonschema.Draft202012Validator)
    zero = {"central": 0.0, "p10": 0.0, "median": 0.0, "p90": 0.0, "unit": "kgCO2e"}
    zeros = dict.fromkeys(("carbon", "energy", "water", "ewaste", "cost"), zero)
    before = saved | {"totals": saved["totals"] | {"per_year": zeros}}
    decided, footprints, *_ = tables_of(["now", "before"], [saved, before])
    assert [row[1] for row in decided.rows] == [NOTHING_PASSES, WAITS, WAITS, WAITS, WAITS]
    assert {cell for row in footprints.rows for cell in row[1:]} == {"– (no plan)"}
