"""Saved plans side by side: what of their inputs and of the data differs, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.core.errors import ScenarioError
from advisor.outputs.compare import compared
from advisor.outputs.plan_json import plan_json
from advisor.outputs.saved_plans import data_table
from advisor.steps import run
from advisor.system.opening import open_case, template

FIGURE = "regions.swedencentral.pue"


@pytest.fixture(scope="module")
def plan() -> dict[str, Any]:
    case = open_case(template("contact_centre"))
    return dict(json.loads(plan_json(case, run(case, flips=False))))


def saved(folder: Path, name: str, plan: dict[str, Any]) -> Path:
    path = folder / name
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path


def test_a_plan_keeps_the_figures_it_rests_on(plan: dict[str, Any]) -> None:
    held = plan["data"]["figures"]
    assert {name for step in plan["steps"] for name in step["evidence"]} == set(held)
    shipped = open_case(template("contact_centre")).catalogue.coefficient(FIGURE)
    assert held[FIGURE]["central"] == pytest.approx(shipped.central, rel=1e-5)
    assert held[FIGURE]["checked"] == shipped.checked.isoformat()


def test_a_figure_that_changed_between_two_plans_is_told_and_no_other(
    plan: dict[str, Any], tmp_path: Path
) -> None:
    later = json.loads(json.dumps(plan))
    later["data"]["figures"][FIGURE] |= {"central": 1.5, "checked": "2027-01-31"}
    later["data"]["fingerprint"] = "0" * 64
    later["scenario"]["workload"]["requests_per_day"] = 50_000
    said = compared([saved(tmp_path, "a.json", plan), saved(tmp_path, "b.json", later)])
    assert "1.5 (1.137 to 1.206) ratio, checked 2027-01-31" in said
    assert said.count("checked 20") == 2  # the one figure in both plans
    assert "workload.requests_per_day" in said
    assert "workload.input_tokens" not in said


def test_the_same_data_is_told_as_the_same(plan: dict[str, Any]) -> None:
    """Plans of unlike workloads use figures of their own, which says nothing of the data's age."""
    held = plan["data"]["figures"]
    other = {**plan, "data": {"fingerprint": "0" * 64, "figures": dict(list(held.items())[1:])}}
    for beside, count in ((plan, len(held)), (other, len(held) - 1)):
        table = data_table(["a", "b"], [plan, beside])
        assert table.rows == ((f"the figures that all use, {count:,}", "the same", "the same"),)


def test_a_plan_saved_before_says_that_its_figures_are_not_known(plan: dict[str, Any]) -> None:
    old = {key: value for key, value in plan.items() if key != "data"}
    ((_, first, second),) = data_table(["old", "new"], [old, plan]).rows
    assert "not recorded" in first
    assert second == "recorded"


@pytest.mark.parametrize("content", ["", "[]", '{"schema_version": 2}'])
def test_what_is_no_plan_is_refused_by_its_name(plan: dict[str, Any], tmp_path: Path, content: str) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(content, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        compared([saved(tmp_path, "a.json", plan), bad])
    assert "bad.json" in str(refused.value)
