"""A carbon price takes the place of all weights: who gave some is told so, wherever they look."""

from __future__ import annotations

import pytest

from advisor.catalogue import open_catalogue
from advisor.scenario import Scenario, parse_scenario
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.confirmed import explain
from advisor.system.priorities import set_aside
from advisor.view.guidance import answers
from advisor.view.printed_report import pages

FEW = {"models_compared": ["gpt-5.4-mini"], "self_hosted_allowed": False}


def given(**priorities: float) -> Scenario:
    return parse_scenario({"name": "n", "task": "chat", "constraints": FEW, "priorities": priorities})


@pytest.mark.parametrize(
    ("priorities", "names"),
    [
        ({"carbon": 1, "cost": 5, "water": 3, "carbon_price_usd_per_t": 100}, "carbon, cost and water"),
        ({"cost": 5, "energy": 0, "carbon_price_usd_per_t": 0}, "cost"),
        ({"carbon_price_usd_per_t": 100}, ""),  # nobody gave a weight
        ({"cost": 5}, ""),  # weights count
    ],
)
def test_who_gave_weights_is_told_that_they_have_no_effect(priorities: dict[str, float], names: str) -> None:
    said = set_aside(given(**priorities))
    assert (f"those given for {names} have no effect" in said) if names else not said


def test_it_stands_in_the_check_and_on_every_page_of_a_decision() -> None:
    scenario = given(cost=5, water=3, carbon_price_usd_per_t=100)
    case, said = Case(scenario, open_catalogue(offline=True), 20), set_aside(scenario)
    assert f"mind: {said}" in explain(case)
    decisions = run(case, flips=False)
    assert all(said in decision.warnings for decision in decisions)
    report = pages(decisions, case)
    assert said in report.partition('id="page-foundation_model"')[0]
    assert "in place of weights" in answers(case, decisions)["A01"].text
