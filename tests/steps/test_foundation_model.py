"""The model choice: gates, quality, pairs, own tests, and flips that flip where they said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import steps
from advisor.catalogue import DATA, Catalogue
from advisor.core.exhibits import Chart, Table
from advisor.decide.comparing import accepted, compare
from advisor.decide.flips import FLIP_DRAWS
from advisor.scenario import load_scenario, parse_scenario, value_at, with_pilot, with_values
from advisor.scenario.fields import Task
from advisor.scenario.pilot_log import PilotRow
from advisor.steps import foundation_model
from advisor.steps.foundation_model.figures import front_of, knee
from advisor.steps.serving_parts import base_shape
from advisor.system.case import Case
from advisor.system.option import Decision, Option

STEP = "foundation_model"
QUICK = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CaseOf = Callable[..., Case]
GENERAL: dict[str, Any] = {"name": "A test", "task": "chat", "knowledge": {"gap": "none"}}


@pytest.fixture(scope="module")
def case_of(catalogue: Catalogue) -> CaseOf:
    """A case on the shipped catalogue; keywords replace sections of a small scenario."""

    def make(size: int = 60, pilot: tuple[PilotRow, ...] = (), **sections: Any) -> Case:
        scenario = parse_scenario({**GENERAL, **sections})
        return Case(with_pilot(scenario, pilot), catalogue, size)

    return make


@pytest.fixture(scope="module")
def decided(case_of: CaseOf) -> Decision:
    """The decision of a small general scenario."""
    return steps.decide(STEP, case_of(), {}, flips=False)


def decide(case: Case) -> Decision:
    return steps.decide(STEP, case, {}, flips=False)


def option(decision: Decision, key: str) -> Option:
    return next(one for one in decision.options if one.key == key)


def failed(one: Option) -> set[str]:
    return {gate.rule for gate in one.gates if not gate.passed}


def template(name: str, catalogue: Catalogue, size: int = 60) -> Case:
    return Case(load_scenario(DATA / "scenarios" / f"{name}.yaml"), catalogue, size)


def test_every_catalogue_model_and_every_other_way_is_an_option(
    decided: Decision, catalogue: Catalogue
) -> None:
    keys = [one.key for one in decided.options]
    assert set(catalogue.keys("models")) <= set(keys)
    assert {"retrieval", "encoder:bert-base", "cascade", "router", "custom", "tuned-small"} <= set(keys)
    assert len(keys) == len(set(keys))


def test_figures_are_finite_and_nothing_is_below_zero(decided: Decision, case_of: CaseOf) -> None:
    case = case_of()
    for one in decided.options:
        footprint = accepted(one, case)
        for indicator in ("energy", "carbon", "water", "cost", "ewaste"):
            assert np.isfinite(footprint[indicator]).all(), one.key
            assert (footprint[indicator] >= 0).all(), one.key
        assert (one.quality > 0).all()
        assert (one.quality <= 1).all()


def test_only_training_and_the_upkeep_of_a_second_model_add_to_the_plan_here(decided: Decision) -> None:
    """Serving is carried, so that the third step counts it once."""
    added = {one.key: one.parts.per_year(1.0, 1.0) for one in decided.options}
    assert {key for key, year in added.items() if year["carbon"].sum() > 0} == {"custom"}
    assert {key for key, year in added.items() if year["cost"].sum() > 0} == {"cascade", "custom", "router"}
    # 1,500 USD a month is 18,000 a year
    assert np.median(added["router"]["cost"]) == pytest.approx(18_000, rel=0.1)


def test_the_same_twice(case_of: CaseOf) -> None:
    first, second = decide(case_of()), decide(case_of())
    assert first.scores == second.scores
    assert first.headline == second.headline
    assert [str(exhibit) for exhibit in first.exhibits] == [str(exhibit) for exhibit in second.exhibits]


@pytest.mark.parametrize("basis", ["maas", "maap"])
def test_an_unknown_scan_fails_what_is_hosted_and_says_what_would_pass(decided: Decision, basis: str) -> None:
    gate = next(gate for gate in option(decided, "qwen3-8b").gates if gate.rule == "security_scan")
    assert not gate.passed
    assert "scan" in gate.remedy
    assert "constraints.security_scan.qwen3-8b" in gate.remedy
    assert basis  # managed models answer for their own weights:
    assert "security_scan" not in failed(option(decided, "gpt-5.4-nano"))


def test_evidence_brings_it_back_and_a_no_takes_a_managed_one_out(case_of: CaseOf) -> None:
    found = decide(case_of(constraints={"security_scan": {"qwen3-8b": "yes", "gpt-5.4-nano": "no"}}))
    assert "security_scan" not in failed(option(found, "qwen3-8b"))
    assert "security_scan" in failed(option(found, "gpt-5.4-nano"))


def test_gates_come_in_the_documented_order(decided: Decision) -> None:
    order = ["task", "language", "cost", "context", "provenance", "security_scan", "region", "deployment",
             "licence", "quality", "tunability", "retirement", "open_weights", "device",
             "first_token", "latency"]  # fmt: skip
    for one in decided.options:
        if one.settings["kind"] == "generative" and one.key != "tuned-small":
            rules = [order.index(gate.rule) for gate in one.gates]
            assert rules == sorted(rules)


def test_residency_rules_out_global_deployments(case_of: CaseOf) -> None:
    found = decide(case_of(constraints={"residency": "EU", "home_region": "swedencentral"}))
    assert "region" in failed(option(found, "gpt-6-luna"))
    assert all("region" not in failed(one) for one in found.options if one.eligible)


def test_open_weights_needed(case_of: CaseOf) -> None:
    found = decide(case_of(constraints={"open_weights": True}))
    assert "open_weights" in failed(option(found, "gpt-5.4-nano"))
    assert found.choice is None or found.choice.key != "gpt-5.4-nano"


def test_a_longer_context_is_a_gate(case_of: CaseOf) -> None:
    found = decide(case_of(quality={"context_max_tokens": 900_000}))
    assert "context" in failed(option(found, "llama-3.3-70b"))


@QUICK
@given(low=st.floats(0.3, 0.85), more=st.floats(0.01, 0.14))
def test_a_higher_floor_never_adds_options(case_of: CaseOf, low: float, more: float) -> None:
    sets = [
        {
            one.key
            for one in foundation_model.options(case_of(size=20, quality={"floor": floor}), {})
            if one.eligible
        }
        for floor in (low, low + more)
    ]
    assert sets[1] <= sets[0]


@QUICK
@given(
    start=st.dates(date(2026, 6, 1), date(2028, 6, 1)),
    task=st.sampled_from(["chat", "rag_qa", "code", "classify"]),
)
def test_a_retired_or_unlicensed_model_never_wins(
    case_of: CaseOf, catalogue: Catalogue, start: date, task: Task
) -> None:
    case = case_of(size=20, task=task, timing={"start": start}, quality={"floor": 0.5})
    choice = compare(STEP, "?", foundation_model.options(case, {}), case).choice
    for model in choice.settings["models"] if choice else ():
        if model not in catalogue.keys("models"):
            continue
        row = catalogue.row("models", model)
        assert row["licence_commercial"] is True
        managed = "own machine" not in " ".join(choice.notes if choice else ())
        assert not managed or row.get("retirement") is None or row["retirement"] > start


def answers(model: str, good: int, bad: int, technique: str = "prompt") -> tuple[PilotRow, ...]:
    return tuple(PilotRow(model, technique, score) for score in [1.0] * good + [0.0] * bad)


def test_thirty_answers_change_the_choice(case_of: CaseOf, decided: Decision) -> None:
    """The rating gives Phi-4-mini too little; 27 of 30 good answers of one's own say otherwise."""
    assert "quality" in failed(option(decided, "phi-4-mini"))
    found = decide(case_of(pilot=answers("phi-4-mini", 27, 3)))
    assert found.choice is not None
    assert "phi-4-mini" in found.choice.settings["models"]
    assert found.choice.title != (decided.choice.title if decided.choice else None)
    assert any("your own test" in reason for reason in found.reasons)


def test_thirty_bad_answers_take_the_choice_out(case_of: CaseOf, decided: Decision) -> None:
    assert decided.choice is not None
    model = decided.choice.settings["models"][-1]
    found = decide(case_of(pilot=answers(model, 12, 18)))
    assert "quality" in failed(option(found, model))
    assert found.choice is not None
    assert found.choice.title != decided.choice.title


def test_five_answers_do_not_settle_it_and_it_says_so(case_of: CaseOf, decided: Decision) -> None:
    found = decide(case_of(pilot=answers("phi-4-mini", 5, 0)))
    assert found.choice is not None
    assert decided.choice is not None
    assert found.choice.key == decided.choice.key
    assert any(
        "5 answers of phi-4-mini" in reason and "does not settle" in reason for reason in found.reasons
    )
    rows = next(one for one in found.exhibits if isinstance(one, Table) and one.key == "pilot").rows
    assert rows[0][7] == "too few to use"


def test_own_scores_win_over_the_rating(case_of: CaseOf) -> None:
    scores = {"gpt-5.5": {"score": 0.4, "samples": 500}, "phi-4": {"score": 0.93, "samples": 500}}
    found = decide(case_of(quality={"scores": scores}))
    assert "quality" in failed(option(found, "gpt-5.5"))
    assert np.median(option(found, "phi-4").quality) == pytest.approx(0.93, abs=0.01)


def test_reasoning_models_pay_for_their_hidden_tokens(case_of: CaseOf) -> None:
    """Energy of an answer with a multiplier m is that of m times the visible tokens."""
    case = case_of()
    multiplier = case.draw("models.gpt-5-mini.output_multiplier", "ratio")
    assert np.allclose(base_shape(case, "gpt-5-mini").output_tokens, 300 * multiplier)
    assert np.allclose(base_shape(case, "gpt-4.1").output_tokens, 300)


def test_step_by_step_reasoning_lowers_models_that_answer_at_once(case_of: CaseOf) -> None:
    without, needed = decide(case_of()), decide(case_of(quality={"needs_reasoning": True}))
    for key, lower in (("gpt-4.1", True), ("gpt-5-mini", False)):
        drop = np.median(option(without, key).quality) - np.median(option(needed, key).quality)
        assert bool(drop > 0.02) is lower


def test_retries_count_in_full(case_of: CaseOf) -> None:
    """A retry rate of a half doubles the sendings."""
    once = option(decide(case_of(workload={"retry_rate": 0.0})), "gpt-4.1").carried.per_request["cost"]
    twice = option(decide(case_of(workload={"retry_rate": 0.5})), "gpt-4.1").carried.per_request["cost"]
    assert np.allclose(twice, 2 * once)


def test_money_by_hand(case_of: CaseOf) -> None:
    """1,000 tokens in and 300 out at the EU data zone's prices per million."""
    case = case_of(workload={"retry_rate": 0.0})
    price = case.central("prices.gpt-5.4.datazone_eu.input", "USD/Mtok")
    out = case.central("prices.gpt-5.4.datazone_eu.output", "USD/Mtok")
    one = option(decide(case), "gpt-5.4")
    assert np.median(one.carried.per_request["cost"]) == pytest.approx((1000 * price + 300 * out) / 1e6)


def test_a_pair_lies_between_its_models(decided: Decision) -> None:
    router = option(decided, "router")
    small, large = (option(decided, model) for model in router.settings["models"])
    assert np.median(small.quality) < np.median(router.quality) < np.median(large.quality)
    for kind in ("cascade", "router"):
        assert 0 < np.median(option(decided, kind).settings["escalation"]) < 1


def test_training_from_scratch_is_never_advised_at_this_volume(decided: Decision) -> None:
    custom = option(decided, "custom")
    assert np.median(custom.parts.once["energy"]) > 1000  # kWh
    assert decided.choice is not None
    assert decided.choice.key != "custom"


def test_claims_triage_needs_no_generative_ai_or_hears_why(catalogue: Catalogue) -> None:
    found = decide(template("claims_triage", catalogue))
    assert found.choice is not None
    plain = found.choice.settings["kind"] == "encoder"
    assert plain or any("Without generative AI" in reason for reason in found.reasons)


def test_a_classifier_without_enough_or_licensed_examples_is_out(case_of: CaseOf) -> None:
    for knowledge, rule in (
        ({"gap": "none", "examples": 100}, "examples"),
        ({"gap": "none", "examples": 5000, "examples_licensed": "unknown"}, "examples_licence"),
    ):
        found = decide(case_of(task="classify", knowledge=knowledge))
        assert rule in failed(option(found, "encoder:bert-base"))


def test_the_edge_never_gets_what_does_not_fit(catalogue: Catalogue) -> None:
    case = template("factory_edge", catalogue)
    found, device = decide(case), case.scenario.constraints.device
    assert device is not None
    assert found.choice is not None
    memory = case.central(f"devices.{device.kind}.memory", "B")
    weight = case.central("precisions.int4.weight_bytes", "B/param")
    for one in found.options:
        if one.settings["kind"] == "generative" and one.eligible:
            model = one.settings["model"]
            assert case.central(f"models.{model}.total_params", "param") * weight < memory
    assert not {"device", "latency", "capacity"} & failed(found.choice)
    assert {"device"} <= failed(option(found, "llama-3.3-70b"))


def test_without_a_network_and_without_a_device_nothing_generative_passes(case_of: CaseOf) -> None:
    found = decide(case_of(constraints={"offline": True}))
    gates = [gate for gate in option(found, "phi-4-mini").gates if gate.rule == "device"]
    assert gates
    assert "constraints.device.kind" in gates[0].remedy


def test_the_front_and_its_knee() -> None:
    """Points 1, 2, 4, 8 with 0, 6, 8, 9: the bend is at 2."""
    x, y = np.array([1.0, 2, 4, 8, 3]), np.array([0.0, 6, 8, 9, 5])
    on_front = front_of(x, y)
    assert on_front == [0, 1, 2, 3]
    assert knee(x[on_front], y[on_front]) == 1
    assert knee(x[:2], y[:2]) is None


def test_exhibits_show_intervals_and_the_choice(decided: Decision) -> None:
    chart = next(one for one in decided.exhibits if isinstance(one, Chart))
    assert chart.lines[0].low is not None
    assert any(mark.label.startswith("chosen") for mark in chart.marks)
    keys = {one.key for one in decided.exhibits if isinstance(one, Table)}
    assert {
        "models",
        "model_gates",
        "model_memory",
        "precisions",
        "second_opinion",
        "pairs",
        "own_training",
    } <= keys


def test_a_mixture_of_experts_is_held_whole(decided: Decision) -> None:
    """gpt-oss-120b computes with 5.1 billion parameters and must be held with 117."""
    table = next(one for one in decided.exhibits if isinstance(one, Table) and one.key == "model_memory")
    row = next(row for row in table.rows if row[0] == "gpt-oss-120b")
    assert row[1] == pytest.approx(117, rel=0.02)
    assert row[2] == pytest.approx(5.1, rel=0.05)
    assert row[4] == pytest.approx(117, rel=0.02)  # GB in 8 bit


def test_energy_does_not_follow_bits(decided: Decision) -> None:
    table = next(one for one in decided.exhibits if isinstance(one, Table) and one.key == "precisions")
    energy = {row[0]: row[5] for row in table.rows}
    assert energy["int4"] > energy["bf16"] / 4


def test_words_have_units_and_say_what_decided(decided: Decision) -> None:
    assert "Wh" in decided.headline
    assert "$" in decided.headline
    assert 2 <= len(decided.reasons) <= 6
    assert any("%" in reason for reason in decided.reasons)


def test_flips_flip_where_they_said(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foundation_model, "KNOBS", ("quality.floor", "workload.output_tokens"))
    case = Case(parse_scenario(GENERAL), catalogue, FLIP_DRAWS)
    decision = steps.decide(STEP, case, {})
    assert decision.choice is not None
    assert decision.flips
    for flip in decision.flips[:2]:
        assert flip.factor is not None
        beyond = with_values(case.scenario, {flip.path: value_at(case.scenario, flip.path) * flip.factor})
        changed = decide(Case(beyond, catalogue, FLIP_DRAWS)).choice
        assert (changed.title if changed else "no option") != decision.choice.title


def test_nothing_eligible_says_what_is_nearest(case_of: CaseOf) -> None:
    found = decide(case_of(quality={"floor": 0.999}))
    assert found.choice is None
    assert found.headline
    assert found.reasons


def tables(decision: Decision) -> Iterator[Table]:
    yield from (one for one in decision.exhibits if isinstance(one, Table))


def test_tables_are_rectangular(decided: Decision) -> None:
    for table in tables(decided):
        assert all(len(row) == len(table.columns) for row in table.rows), table.key


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "scenarios").glob("*.yaml")))
def test_each_template_is_told_in_a_few_facts(name: str, catalogue: Catalogue) -> None:
    """Both first steps choose something, and say in words with units what decided it."""
    case = template(name, catalogue, 40)
    first = decide(case)
    assert first.choice is not None
    second = steps.decide("improvement", case, {STEP: first.choice}, flips=False)
    assert second.choice is not None
    for found in (first, second):
        assert "Wh" in found.headline
        assert "$" in found.headline
        assert 2 <= len(found.reasons) <= 7
        assert all(reason.endswith(".") for reason in found.reasons)
        assert not re.search(r"\b(nan|inf|None)\b", " ".join(found.reasons))


@pytest.mark.parametrize("name", ["claims_triage", "legal_qa"])
def test_each_templates_floor_flips_where_it_said(
    name: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foundation_model, "KNOBS", ("quality.floor",))
    case = template(name, catalogue, FLIP_DRAWS)
    decision = steps.decide(STEP, case, {})
    assert decision.choice is not None
    for flip in decision.flips:
        assert flip.factor is not None
        beyond = with_values(case.scenario, {flip.path: value_at(case.scenario, flip.path) * flip.factor})
        changed = decide(Case(beyond, catalogue, FLIP_DRAWS)).choice
        assert (changed.title if changed else "no option") != decision.choice.title
