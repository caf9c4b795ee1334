"""Two scenarios side by side: what they decide, what their plans take, what differs."""

from __future__ import annotations

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.core.wording import amount
from advisor.outputs.compare import (
    Planned,
    as_text,
    carbon_by_step,
    decisions_table,
    footprints_table,
    inputs_table,
    steps_table,
)
from advisor.scenario import STEP_NAMES, Scenario, with_values
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case, template

DRAWS = 60


def planned(scenario: Scenario) -> Planned:
    case = Case(scenario, open_catalogue(offline=True), DRAWS)
    return Planned(case, tuple(run(case, flips=False)))


@pytest.fixture(scope="module")
def plans() -> list[Planned]:
    given = open_case(template("contact_centre")).given
    return [planned(given), planned(with_values(given, {"workload.requests_per_day": 80_000}))]


def test_only_inputs_that_differ_are_listed(plans: list[Planned]) -> None:
    assert [row[0] for row in inputs_table(plans).rows] == ["workload.requests_per_day"]


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
        total = central(plan.year["carbon"])
        assert sum(part[column] for part in bars.values) == pytest.approx(total, rel=1e-12)
        assert steps_table(plans).rows[-1][1 + column] == amount(total, "kgCO2e")
        carbon = next(row for row in footprints_table(plans).rows if row[0] == "carbon")
        assert str(carbon[1 + column]).startswith(amount(total, "kgCO2e"))


def test_more_requests_take_more(plans: list[Planned]) -> None:
    first, second = (central(plan.year["carbon"]) for plan in plans)
    assert second > first


def test_a_scenario_without_a_plan_takes_nothing_and_says_so(plans: list[Planned]) -> None:
    stuck = planned(with_values(plans[0].case.given, {"quality.floor": 1.0}))
    assert stuck.final is None
    both = [plans[0], stuck]
    assert "no option passes" in [row[2] for row in decisions_table(both).rows]
    assert all(part[1] == 0 for part in carbon_by_step(both).values)


def test_tables_are_told_as_text(plans: list[Planned]) -> None:
    text = as_text([footprints_table(plans), inputs_table(plans)])
    assert "Footprint of a year\n-------------------" in text
    assert "workload.requests_per_day" in text
