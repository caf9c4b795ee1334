"""What to relax where nothing passes: without the rules that are named there is a plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from system.settings import case_of

from advisor.decide.budgets import over_budget
from advisor.decide.choosing import year_of
from advisor.decide.completion import STEPS
from advisor.decide.nearly import Nearly
from advisor.decide.option import Decision
from advisor.decide.relaxing import what_to_relax
from advisor.steps import decide, spaces
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import Gate, failed, in_time
from advisor.system.plan import Plan
from advisor.system.priorities import CONCERNS
from advisor.view import printed_report
from advisor.view.tables import ruled_out
from tests.decided import decided

# a code assistant in France, its residency the member states alone
STRICT: dict[str, dict[str, Any]] = {
    "workload": {"requests_per_day": 2400, "input_tokens": 9000, "output_tokens": 400},
    "quality": {"floor": 0.85, "benchmark": "coding", "context_max_tokens": 128_000, "needs_reasoning": True},
    "knowledge": {"gap": "none"},
    "constraints": {
        "residency": "EU", "home_region": "francecentral", "users_near": ["francecentral"],
        "budget_usd_per_year": 60_000,
        "models_compared": ["gpt-5.4", "gpt-5.4-mini", "kimi-k2.6", "llama-3.1-8b"],
    },
}  # fmt: skip


def strict(**changed: Any) -> Case:
    constraints = {**STRICT["constraints"], **changed}
    return case_of(1, task="code", **{**STRICT, "constraints": constraints})


@cache
def stuck() -> tuple[Case, Decision]:
    case = strict()
    return case, decide("foundation_model", case, {}, flips=False)


def failing(case: Case, plan: Plan) -> frozenset[str]:
    gates = [gate for step in STEPS for gate in failed(billing.gates(case.centre, plan, step))]
    return frozenset(gate.rule for gate in (*gates, *over_budget(case, year_of(case, plan)[:, 0])))


def one_rule_away(case: Case, model: Any) -> set[str]:
    """Rules that are all that fails in some plan with a model, by looking at every one."""
    space, found = spaces(), set[str]()
    for improvement in space.improvements(case, model):
        for deployment in space.deployments(case, model, improvement):
            late = product(space.storages(case), space.operations(case))
            for place, (storage, operation) in enumerate(late):
                plan = Plan(model, improvement, deployment, storage, operation)
                if place == 0:
                    early = (billing.gates(case, plan, step) for step in STEPS[:3])
                    stops = [gate for gates in early for gate in failed(gates)]
                    if len({gate.rule for gate in stops}) > 1 or not all(gate.to_be_had for gate in stops):
                        break
                found.update(failing(case, plan) if len(failing(case, plan)) == 1 else ())
    return found


@pytest.mark.parametrize("key", ["gpt-5.4", "kimi-k2.6", "llama-3.1-8b"])
def test_what_a_rule_alone_keeps_out_is_what_every_completion_tells(key: str) -> None:
    case, decision = stuck()
    assert decision.choice is None
    option = next(one for one in decision.options if one.key == key)
    told = {rule for one in decision.nearly if one.setting == option.setting for rule in one.rules}
    assert told == one_rule_away(case.centre, option.setting)


def test_relaxing_what_is_named_first_gives_a_plan() -> None:
    """Residency: in the EU Data Boundary it is enough; to test the models that miss the floor is not."""
    case, decision = stuck()
    assert decision.reasons[0].startswith('Most in the way is the rule "Residency", the only one that ')
    wider = decide("foundation_model", strict(residency="EUDB"), {}, flips=False)
    assert wider.choice is not None
    assert wider.nearly == ()
    assert not any("in the way" in reason for reason in wider.reasons)
    assert case.scenario.constraints.residency == "EU"


def test_without_the_rule_that_keeps_machines_out_there_are_machines() -> None:
    """One setting stands for all machines where none may be run; it says nothing of time or money."""
    few = ["gpt-oss-120b", "gpt-oss-20b", "llama-3.1-8b", "phi-4"]
    case = strict(residency="CH", self_hosted_allowed=False, models_compared=few, budget_usd_per_year=200_000)
    case = case.varied({"quality.floor": 0.4, "quality.needs_reasoning": False})
    closed = decide("foundation_model", case, {}, flips=False)
    assert closed.choice is None
    told = {one.setting for one in closed.nearly if one.rules == {"self_hosting"}}
    opened = decide(
        "foundation_model", case.varied({"constraints.self_hosted_allowed": True}), {}, flips=False
    )
    assert told == {one.setting for one in opened.options if one.eligible}
    assert told


def test_the_ledger_counts_what_the_headline_counts() -> None:
    case, decision = stuck()
    alone = Counter(rule for one in decision.nearly if len(one.gates) == 1 for rule in one.rules)
    struck = {one.rule: one for one in decision.struck}
    assert {rule: one.alone for rule, one in struck.items() if one.alone} == dict(alone)
    assert all(len(one.fallen) >= one.alone for one in struck.values())
    count, options = alone["residency"], len(decision.options)
    assert f"the only one that {count} of {options} options fail" in decision.reasons[0]
    assert f"({count} by this rule alone)" in ruled_out(decision)
    assert f"{count} by this rule alone" in printed_report.step_page(decision, case)


def test_where_one_rule_is_not_enough_it_says_so() -> None:
    """Two options miss two rules each; the one with better answers is told, with what would mend both."""
    _, decision = stuck()
    both = (
        Gate("residency", False, "EU", "anywhere", "widen it"), Gate("quality", False, "85 %", "50 %", ""),
    )  # fmt: skip
    settings = [one.setting for one in decision.options[:2]]
    some = [Nearly(one, both, share) for one, share in zip(settings, (0.5, 0.6), strict=True)]
    said = list(what_to_relax(with_nearly(decision, some), 0.85))
    nearest = decision.options[1].title
    rules = "Residency, Quality floor"
    assert said == [
        f"To relax one rule is not enough. Nearest is {nearest}, in which {rules} fail together.",
        "Residency: EU asked, anywhere; widen it.",
        "Quality floor: 85 % asked, 50 %.",
    ]


def test_of_what_exceeds_a_budget_the_least_is_told() -> None:
    """60,000 USD asked: what takes 336,000 is nearer than what takes 1.9 million, better answers or not."""
    _, decision = stuck()
    settings = [one.setting for one in decision.options[:2]]

    def over(used: float) -> Gate:
        return Gate("budget_money", False, "at most 60,000", f"{used:,.0f}", "", over=used / 60_000)

    some = [Nearly(settings[0], (over(1.9e6),), 0.9), Nearly(settings[1], (over(336e3),), 0.86)]
    said = next(what_to_relax(with_nearly(decision, some), 0.85))
    assert "336,000" in said
    assert decision.options[1].title in said


def test_a_limit_that_must_be_doubled_comes_after_a_rule_that_need_not() -> None:
    """46.5 of 0.4 million USD are 116 budgets, 2^6 = 64 to 2^7 = 128: doubled six times, still too little.

    1.9 budgets are not doubled once, so that then the two options which it keeps out tell first.
    """
    _, decision = stuck()
    settings = [one.setting for one in decision.options[:3]]
    wider = Nearly(settings[0], (Gate("residency", False, "EU", "anywhere", "widen it"),), 0.9)

    def first(used: float) -> str:
        gate = Gate("budget_money", False, "0.4 million", f"{used} million", "", over=used / 0.4)
        some = [wider, Nearly(settings[1], (gate,), 0.9), Nearly(settings[2], (gate,), 0.9)]
        return next(what_to_relax(with_nearly(decision, some), 0.85))

    assert first(46.5).startswith('Most in the way is the rule "Residency"')
    assert first(0.76).startswith('Most in the way is the rule "Budget"')


def test_a_time_says_how_often_it_is_used_up() -> None:
    """13,396 ms where 1,000 are asked: 13.4 times; what is lost in rounding still passes."""
    late = in_time("latency", 13_396.0, 1000.0, "about 13,396 ms", "allow more time")
    assert not late.passed
    assert late.over == pytest.approx(13.396)
    assert in_time("latency", 1000.0005, 1000.0, "", "", slack=0.001).passed


def test_a_budget_says_how_often_it_is_used_up() -> None:
    case = strict(budget_usd_per_year=60_000)
    year = np.zeros(len(CONCERNS))
    year[CONCERNS.index("cost")] = 150_000
    (gate,) = over_budget(case, year)
    assert gate.over == pytest.approx(2.5)


def test_where_nothing_comes_near_it_says_so() -> None:
    _, decision = stuck()
    said, widest = what_to_relax(with_nearly(decision, []), 0.85)
    assert said.startswith("No option comes near a plan")
    assert widest.startswith('The rule "')


def test_a_device_that_nobody_named_is_asked_for_where_there_is_no_network() -> None:
    """No option may run anywhere, and no limit brings one back: what stops most is told with its remedy."""
    few = {"offline": True, "models_compared": ["phi-4-mini", "gpt-5.4"]}
    decision = decide("foundation_model", case_of(1, constraints=few), {}, flips=False)
    stopped = sum(any(one.rule == "device" for one in gates) for _, gates in decision.eliminated)
    assert decision.reasons[1] == (
        f'The rule "Runs on the device" stops {stopped} of {len(decision.options)} options: '
        "a device that runs it asked, none named; set constraints.device.kind."
    )


def test_what_is_recorded_for_a_later_step_is_told_where_it_leaves_nothing() -> None:
    """To train a classifier needs one: of models that write none can be had, whatever rule is relaxed."""
    taken = {"improvement": {"choice": "train_classifier", "by": "Ann"}}
    few = {**STRICT["constraints"], "models_compared": ["gpt-5.4", "gpt-5.4-mini"]}
    case = case_of(1, task="code", **{**STRICT, "constraints": few, "decisions": taken})
    decision = decide("foundation_model", case, {}, flips=False)
    kept_out = [one for one, gates in decision.eliminated if any(gate.rule == "recorded" for gate in gates)]
    assert decision.reasons[0] == (
        f"{len(kept_out)} of {len(decision.options)} options cannot be had with what is recorded "
        "(improvement: train_classifier): record another decision for the later step."
    )


def test_what_is_recorded_and_fails_a_rule_for_all_is_told_too() -> None:
    """Every model may be asked to run on a device; without one none passes, and no limit brings one."""
    taken = {"deployment": {"choice": "edge", "by": "Ann"}}
    case = case_of(1, task="code", **{**STRICT, "decisions": taken})
    decision = decide("foundation_model", case, {}, flips=False)
    assert not any(gate.rule == "recorded" for _, gates in decision.eliminated for gate in gates)
    assert decision.reasons[0] == (
        "With what is recorded (deployment: edge) no option comes near a plan: record another decision for "
        "the later step."
    )


def test_one_option_is_told_as_one() -> None:
    _, decision = stuck()
    gate = Gate("residency", False, "EU", "anywhere", "widen it")
    near = Nearly(decision.options[0].setting, (gate,), 0.9)
    (said,) = what_to_relax(with_nearly(decision, [near]), 0.85)
    assert f"the only one that one of {len(decision.options)} options fails: EU asked" in said
    alone = replace(with_nearly(decision, [near]), options=decision.options[:1])
    (said,) = what_to_relax(alone, 0.85)
    assert "the only one that the one option fails: EU asked" in said


def with_nearly(decision: Decision, some: list[Nearly]) -> Decision:
    return replace(decision, near=lambda: some)


def test_where_something_passes_nothing_is_looked_for() -> None:
    _, (first, *_) = decided("contact_centre")
    assert first.choice is not None
    assert first.nearly == ()
    assert all(one.alone == 0 for one in first.struck)


def test_one_that_is_told_of_elsewhere_is_one() -> None:
    _, (first, *_) = decided("contact_centre")
    told = ruled_out(first)
    assert "One of them is told of under another rule" in told
    assert "1 of them" not in told
