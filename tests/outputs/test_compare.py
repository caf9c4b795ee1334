"""Two scenarios side by side: what they decide, what their plans take, what differs."""

from __future__ import annotations

from decimal import Decimal
from math import isnan
from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.core.errors import AdvisorError
from advisor.core.wording import amount
from advisor.decide.choosing import year_of
from advisor.outputs.compare import (
    Planned,
    as_text,
    carbon_by_step,
    compared,
    decisions_table,
    difference_tables,
    figures_table,
    footprints_table,
    inputs_table,
    steps_table,
    told_apart,
)
from advisor.outputs.difference import causes, rounded
from advisor.scenario import STEP_NAMES, Scenario, with_values
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.view.plan import NOTHING_PASSES, WAITS

DRAWS = 60


def planned(scenario: Scenario) -> Planned:
    case = Case(scenario, open_catalogue(offline=True), DRAWS)
    return Planned(case, tuple(run(case, flips=False)))


@pytest.fixture(scope="module")
def plans() -> list[Planned]:
    given = open_case(template("contact_centre")).given
    return [planned(given), planned(with_values(given, {"workload.requests_per_day": 80_000}))]


def test_only_inputs_that_differ_are_listed(plans: list[Planned]) -> None:
    # values stand as in a file: 80000.0 is no number of requests
    assert inputs_table(plans).rows == (("workload.requests_per_day", "42000", "80000"),)


def test_each_step_is_told_for_each_scenario(plans: list[Planned]) -> None:
    table = decisions_table(plans)
    assert len(table.rows) == len(STEP_NAMES)
    assert all(len(row) == 1 + len(plans) for row in table.rows)
    assert plans[0].final is not None
    # the last decision holds the whole plan
    assert table.rows[-1][1] == plans[0].final.title


def test_steps_add_up_to_the_plan_that_is_shown(plans: list[Planned]) -> None:
    bars = carbon_by_step(plans)
    for column, plan in enumerate(plans):
        assert plan.year is not None
        total = central(plan.year["carbon"])
        assert sum(part[column] for part in bars.values) == pytest.approx(total, rel=1e-12)
        assert steps_table(plans).rows[-1][1 + column] == amount(total, "kgCO2e")
        carbon = next(row for row in footprints_table(plans).rows if row[0] == "carbon")
        assert str(carbon[1 + column]).startswith(amount(total, "kgCO2e"))


def test_more_requests_take_more(plans: list[Planned]) -> None:
    first, second = (central(plan.final.year["carbon"]) for plan in plans if plan.final)
    assert second > first


def test_a_scenario_without_a_plan_has_no_figures_and_says_so(plans: list[Planned]) -> None:
    stuck = planned(with_values(plans[0].case.given, {"quality.floor": 1.0}))
    assert stuck.final is None
    both = [plans[0], stuck]
    assert [row[2] for row in decisions_table(both).rows] == [NOTHING_PASSES, WAITS, WAITS, WAITS, WAITS]
    assert all(isnan(part[1]) for part in carbon_by_step(both).values)
    for table in (footprints_table(both), steps_table(both)):
        assert {row[2] for row in table.rows} == {"– (no plan)"}
        assert not any("no plan" in str(row[1]) for row in table.rows)


def test_tables_are_told_as_text(plans: list[Planned]) -> None:
    text = as_text([footprints_table(plans), inputs_table(plans)])
    assert "Footprint of a year\n-------------------" in text
    assert "workload.requests_per_day" in text


def test_causes_sum_to_the_difference_to_the_last_digit(plans: list[Planned]) -> None:
    """As numbers, and as they are shown: the decimals of the rows sum to those of the last row."""
    first, second = plans
    assert first.final is not None
    assert second.final is not None
    found = causes(first.case, first.final.plan, second.case, second.final.plan)
    wanted = (year_of(second.case, second.final.plan) - year_of(first.case, first.final.plan))[:, 0]
    assert sum(one.added for one in found) == pytest.approx(wanted, rel=1e-12)
    assert found[0].name == "workload"
    (table,) = difference_tables(plans)
    for column in range(1, len(table.columns)):
        *parts, total = (Decimal(str(row[column]).replace(",", "")) for row in table.rows)
        assert sum(parts) == total


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1.0, 1.0, 1.0], ([1.0, 1.0, 1.0], 3.0)),
        # thirds: 0.333 three times is 0.999; the rest of 0.001 goes to one of them
        ([1 / 3, 1 / 3, 1 / 3], ([0.33, 0.33, 0.34], 1.0)),
        ([1234.4, -1000.4, 0.4], ([1234.0, -1000.0, 0.0], 234.0)),
        ([], ([], 0.0)),
        ([0.0, 0.0], ([0.0, 0.0], 0.0)),
    ],
)
def test_rounded_parts_sum_to_the_whole(values: list[float], shown: tuple[list[float], float]) -> None:
    parts, total, decimals = rounded(values)
    assert sorted(parts) == sorted(shown[0])
    assert total == shown[1]
    assert sum(Decimal(f"{part:.{decimals}f}") for part in parts) == Decimal(f"{total:.{decimals}f}")


def test_another_plan_is_a_cause_of_its_own(plans: list[Planned]) -> None:
    first = plans[0].case.given
    other = planned(with_values(first, {"constraints.residency": "any"}))
    assert plans[0].final is not None
    assert other.final is not None
    found = causes(plans[0].case, plans[0].final.plan, other.case, other.final.plan)
    names = [one.name for one in found]
    assert names[0] == "constraints"
    assert ("the plan chosen" in names) == (other.final.plan != plans[0].final.plan)


def test_figures_that_differ_name_their_source(plans: list[Planned]) -> None:
    own = {"low": 1.0, "central": 1.1, "high": 1.2, "unit": "ratio", "owner": "us", "reason": "metered"}
    changed = with_values(plans[0].case.given, {"overrides": {"regions.swedencentral.pue": own}})
    other = Planned(Case(changed, open_catalogue(offline=True), DRAWS), plans[0].decisions)
    (row,) = figures_table([plans[0], other]).rows
    assert row[0] == "regions.swedencentral.pue"
    assert row[1] != row[2]
    assert figures_table(plans).rows == ()


@pytest.mark.parametrize("count", [1, 7])
def test_two_to_six_are_compared(count: int) -> None:
    with pytest.raises(AdvisorError, match="2 to 6"):
        compared([template("contact_centre")] * count)


def test_scenarios_of_one_name_are_told_apart_by_their_files_and_those_by_their_folders() -> None:
    files = [Path("a/mine.yaml"), Path("b/other.yaml")]
    assert told_apart(["Help", "Desk"], files) == ["Help", "Desk"]
    assert told_apart(["Help", "Help"], files) == ["Help (mine.yaml)", "Help (other.yaml)"]
    alike = [Path("a/plan.json"), Path("b/plan.json")]
    assert told_apart(["Help", "Help"], alike) == ["Help (a/plan.json)", "Help (b/plan.json)"]


def test_a_decision_that_differs_is_named(plans: list[Planned]) -> None:
    own = {"decisions.foundation_model": {"choice": "gpt-5.4-mini"}}
    decided = Planned(plans[0].case.with_scenario(with_values(plans[0].case.given, own)), plans[0].decisions)
    assert inputs_table([plans[0], decided]).rows == (
        ("decisions", "none", "foundation model: gpt-5.4-mini"),
    )
