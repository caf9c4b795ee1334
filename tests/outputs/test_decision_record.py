"""The decision record: what people keep in a repository."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.core.wording import amount
from advisor.decide.option import Decision
from advisor.outputs.decision_record import decision_record
from advisor.outputs.documents import documents
from advisor.scenario import Scenario, with_values
from advisor.steps import final_option, run, taken
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.opening import open_case, template
from advisor.view import app_screens, printed_report
from advisor.view.faces import render

DRAWS = 60


def decided(scenario: Scenario) -> tuple[Case, list[Decision]]:
    case = Case(scenario, open_catalogue(offline=True), DRAWS)
    return case, run(case, flips=False)


@pytest.fixture(scope="module")
def planned() -> tuple[Case, list[Decision]]:
    return decided(open_case(template("contact_centre")).given)


def test_it_holds_the_parts_of_madr(planned: tuple[Case, list[Decision]]) -> None:
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


def test_the_plan_it_tells_is_the_one_whose_bill_is_shown(planned: tuple[Case, list[Decision]]) -> None:
    plan = final_option(*planned)
    assert plan is not None
    told = next(line for line in decision_record(*planned).splitlines() if line.startswith("The plan as"))
    for indicator, unit in (("carbon", "kgCO2e"), ("energy", "kWh"), ("cost", "USD")):
        assert f"{indicator} {amount(central(plan.year[indicator]), unit)} (" in told


def test_a_recorded_decision_is_carried_forward(planned: tuple[Case, list[Decision]]) -> None:
    runner_up = planned[1][0].runner_up
    assert runner_up is not None
    own = {"decisions.foundation_model": {"choice": runner_up.key, "by": "Board", "reason": "known well"}}
    case, decisions = decided(with_values(planned[0].given, own))
    option = taken(case, decisions[0])
    assert option is not None
    assert option.key == runner_up.key
    assert any("The advice is" in warning for warning in decisions[0].warnings)
    said = f"**{runner_up.title}**, recorded by Board because known well"
    assert said in decision_record(case, decisions)
    plan = final_option(case, decisions)
    assert plan is not None
    assert plan.plan.model.key == runner_up.key


@pytest.fixture(scope="module")
def against(planned: tuple[Case, list[Decision]]) -> tuple[Case, list[Decision]]:
    """The same scenario with the runner-up recorded for the model, in place of the advice."""
    runner_up = planned[1][0].runner_up
    assert runner_up is not None
    own = {"choice": runner_up.key, "by": "Board", "on": "2026-11-20"}
    return decided(with_values(planned[0].given, {"decisions.foundation_model": own}))


def test_a_recorded_choice_stands_first_with_its_own_figures_and_the_advice_beside_it(
    against: tuple[Case, list[Decision]],
) -> None:
    case, decisions = against
    recorded, advice = decisions[0].recorded, decisions[0].choice
    assert recorded is not None
    assert advice is not None
    record = decision_record(case, decisions)
    step = record.split("### Decision Outcome")[1]
    order = (
        "Status: accepted, 2026-11-20", f"Chosen: **{recorded.title}**, recorded by Board.",
        f"{recorded.title}. A thousand accepted answers take", amount(central(recorded.year["cost"]), "USD"),
        f"The advice is **{advice.title}**", f"{advice.title}. A thousand accepted answers take",
        amount(central(advice.year["cost"]), "USD"),
    )  # fmt: skip
    at = 0
    for part in order:
        at = step.index(part, at)
    assert "Status: proposed" in record.split("### Decision Outcome")[2]


def test_the_record_has_the_day_of_what_was_recorded_last_and_none_before(
    planned: tuple[Case, list[Decision]], against: tuple[Case, list[Decision]]
) -> None:
    assert "date: 2026-11-20" in decision_record(*against).splitlines()[:5]
    assert "date:" not in decision_record(*planned).split("---")[1]
    assert f"years from {planned[0].given.timing.start}" in decision_record(*planned)


def test_pages_of_a_step_go_by_what_is_recorded(against: tuple[Case, list[Decision]]) -> None:
    case, decisions = against
    decision = decisions[0]
    recorded, advice = decision.recorded, decision.choice
    assert recorded is not None
    assert advice is not None
    mine, theirs = (amount(central(one.year["cost"]), "USD") for one in (recorded, advice))
    for page in (
        printed_report.step_page(decision, case),
        render(decision, case),
        app_screens.answer(decision, case),
    ):
        assert page.index(recorded.title) < page.index(f"The advice is {advice.title}")
        tiles = page.split("Cost a year")[1]
        assert re.search(r"\$[\d,]+", tiles)[0] == mine != theirs
    assert f"Why the advice is {advice.title}" in printed_report.step_page(decision, case)
    assert recorded in decision.best(2)


def test_the_advice_leads_its_table(planned: tuple[Case, list[Decision]]) -> None:
    for decision in planned[1]:
        assert decision.ranked[:2] == [one for one in (decision.choice, decision.runner_up) if one]


def test_where_nothing_fits_the_rule_in_the_way_is_named_first_and_later_steps_are_not_examined(
    planned: tuple[Case, list[Decision]],
) -> None:
    """Residency in Switzerland, no servers of one's own: without one of the two rules there are plans."""
    case, decisions = decided(with_values(planned[0].given, {"constraints.residency": "CH"}))
    first = decisions[0]
    assert first.stands is None
    own, place = (sum(one.rules == {rule} for one in first.nearly) for rule in ("self_hosting", "residency"))
    assert place > own > 0
    told = "the only one that {} of {} options fail".format
    assert first.reasons[0].startswith(
        f'Most in the way is the rule "Residency", {told(place, len(first.options))}'
    )
    beside = f'Or the rule "A team that runs GPUs", {told(own, len(first.options))}'
    assert any(one.startswith(beside) for one in first.reasons[1:])
    outcomes = decision_record(case, decisions).split("### Decision Outcome")[1:]
    assert "To bring it back: widen the residency" in outcomes[0]
    assert [part.split()[0] for part in outcomes] == ["No", "None", "None", "None", "None"]
    pages = printed_report.pages(decisions, case)
    assert pages.index("Most in the way is the rule") < pages.index("Five decisions")
    assert pages.count("Not examined: ") == 4
    assert pages.count("Waits for the steps before") == 4


def test_names_in_the_record_are_not_markup(planned: tuple[Case, list[Decision]]) -> None:
    hostile = with_values(planned[0].given, {"name": "<script>alert(1)</script>"})
    text = decision_record(*decided(hostile))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_no_path_of_the_machine_is_in_a_document(planned: tuple[Case, list[Decision]]) -> None:
    files = documents(*planned)
    assert [file.filename for file in files] == ["plan.json", "decision-record.md", "scenario.yaml"]
    for file in files:
        assert str(Path(__file__).resolve().parents[2]) not in file.content


def test_remedies_name_controls_and_none_is_promised_where_there_is_none(
    planned: tuple[Case, list[Decision]],
) -> None:
    """Fields are called as their controls are, and "to bring it back:" needs something behind it."""
    case, decisions = planned
    fallen = Gate(
        "quality", False, "75 %", "60 %", "a smaller quality.context_max_tokens; set quality.scores.phi-4"
    )
    lost = Gate("task", False, "chat", "code", "")
    some = [option for option in decisions[0].options if not option.eligible][:2]
    options = tuple(
        replace(option, judged=replace(option.judged, gates=(gate,)))
        for option, gate in zip(some, (fallen, lost), strict=True)
    )
    kept = tuple(option for option in decisions[0].options if option.eligible)
    record = decision_record(case, [replace(decisions[0], options=(*kept, *options)), *decisions[1:]])
    assert 'to bring it back: a smaller "Longest request"' in record
    assert "for phi-4 (`quality.scores.phi-4`)" in record
    assert f"- {some[1].title}: ruled out by fit for the task\n" in record


def test_a_reason_ends_in_one_full_stop(planned: tuple[Case, list[Decision]]) -> None:
    runner_up = planned[1][0].runner_up
    assert runner_up is not None
    own = {"decisions.foundation_model": {"choice": runner_up.key, "by": "Board", "reason": "Known well."}}
    record = decision_record(*decided(with_values(planned[0].given, own)))
    assert "recorded by Board because Known well.\n" in record


def test_an_option_that_fails_two_rules_comes_back_by_both_remedies(
    planned: tuple[Case, list[Decision]],
) -> None:
    """Named documents alone bring back nothing whose answers stay below the floor."""
    case, decisions = planned
    gates = (
        Gate("documents", False, "documents", "0", "name the documents"),
        Gate("quality", False, "85 %", "74 %", "a test that shows more"),
        Gate("citations", False, "sources", "none", "name the documents"),
    )
    fallen = next(option for option in decisions[0].options if not option.eligible)
    out = replace(fallen, judged=replace(fallen.judged, gates=gates))
    kept = tuple(option for option in decisions[0].options if option.eligible)
    record = decision_record(case, [replace(decisions[0], options=(*kept, out)), *decisions[1:]])
    assert "to bring it back: name the documents; and a test that shows more\n" in record


def test_options_stand_in_the_order_of_the_choice(planned: tuple[Case, list[Decision]]) -> None:
    case, decisions = planned
    first = decision_record(case, decisions).partition("### Considered Options\n\n")[2]
    assert first.startswith(f"- {decisions[0].ranked[0].title} (best in ")
    assert first.index(decisions[0].ranked[1].title) < first.index(decisions[0].ranked[2].title)
