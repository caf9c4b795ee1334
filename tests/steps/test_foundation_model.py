"""The model choice: what is offered, quality, pairs, own tests, and what is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from advisor import steps
from advisor.catalogue import DATA, Catalogue
from advisor.core.draws import central
from advisor.core.exhibits import Chart, Table
from advisor.decide.option import Decision, Option
from advisor.decide.pairs import scopes, worth_comparing
from advisor.scenario import load_scenario, parse_scenario, with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.steps import foundation_model
from advisor.steps.foundation_model.front import front_of, knee
from advisor.system.case import Case
from advisor.system.plan import ModelSetting, StepName
from advisor.system.quality import of_model, reference_technique

STEP: StepName = "foundation_model"
CaseOf = Callable[..., Case]
GENERAL: dict[str, Any] = {"name": "A test", "task": "chat", "knowledge": {"gap": "none"}}


@pytest.fixture(scope="module")
def case_of(catalogue: Catalogue) -> CaseOf:
    """A case on the shipped catalogue; keywords replace sections of a small scenario."""

    def make(size: int = 60, pilot: tuple[PilotRow, ...] = (), **sections: Any) -> Case:
        return Case(with_pilot(parse_scenario({**GENERAL, **sections}), pilot), catalogue, size)

    return make


@pytest.fixture(scope="module")
def decided(case_of: CaseOf) -> Decision:
    """The decision of a small general scenario."""
    return decide(case_of())


def decide(case: Case) -> Decision:
    return steps.decide(STEP, case, {}, flips=False)


def option(decision: Decision, key: str) -> Option:
    return next(one for one in decision.options if one.key == key)


def of_kind(decision: Decision, kind: str) -> Option:
    return next(one for one in decision.options if one.plan.model.kind == kind)


def failed(one: Option) -> set[str]:
    return {gate.rule for gate in one.gates if not gate.passed}


def table(decision: Decision, key: str) -> Table:
    return next(one for one in decision.exhibits if isinstance(one, Table) and one.key == key)


def template(name: str, catalogue: Catalogue, size: int = 40) -> Case:
    return Case(load_scenario(DATA / "scenarios" / f"{name}.yaml"), catalogue, size)


# ---- what is offered ----------------------------------------------------------------------------


def test_every_catalogue_model_and_every_other_way_is_an_option(
    decided: Decision, catalogue: Catalogue
) -> None:
    keys = [one.key for one in decided.options]
    assert set(catalogue.keys("models")) <= set(keys)
    assert {"retrieval", "encoder:bert-base", "custom"} <= set(keys)
    assert {one.plan.model.kind for one in decided.options} >= {"cascade", "router"}
    assert len(keys) == len(set(keys))


def test_an_option_that_nothing_completes_names_the_rule_that_stops_it(case_of: CaseOf) -> None:
    """GPT-6 Luna is sold as a global deployment alone: no place in the EU alone runs it."""
    found = decide(case_of(constraints={"residency": "EU", "home_region": "swedencentral"}))
    luna = option(found, "gpt-6-luna")
    assert not luna.eligible
    stops = [gate for gate in luna.gates if not gate.passed]
    assert stops
    assert all(gate.remedy for gate in stops)
    assert "residency" not in {rule for one in found.options if one.eligible for rule in failed(one)}


def test_a_pair_is_two_models_worth_it(case_of: CaseOf) -> None:
    """The large one is better by 5 points at least, and both are sold in one same way."""
    case = case_of()
    found = worth_comparing(case)
    assert {pair.kind for pair in found} == {"cascade", "router"}
    for pair in found:
        small, large = (central(of_model(case, key, reference_technique(case))) for key in pair.models)
        assert large - small >= 0.05
        assert scopes(case, pair.models[0]) & scopes(case, pair.models[1])
    assert worth_comparing(case.centre) == found


def test_a_recorded_pair_stays_an_option_and_a_device_has_none(case_of: CaseOf) -> None:
    key = "cascade:gpt-4.1-nano+gpt-5.4"
    case = case_of(decisions={STEP: {"choice": key}})
    assert key in [pair.key for pair in worth_comparing(case)]
    assert worth_comparing(case_of(constraints={"device": {"kind": "laptop_npu"}})) == ()


def test_only_pretraining_and_the_upkeep_of_a_second_model_are_this_steps_own(decided: Decision) -> None:
    """Serving is the third step's line; $1,500 a month for a second model is $18,000 a year.

    Moving to a successor is this step's too; it has tests of its own.
    """
    own = {
        one.plan.model.kind: one.bill.sum(
            line for line in one.bill if line.step == STEP and "successor" not in line.what
        )
        for one in decided.options
    }
    assert {kind for kind, year in own.items() if central(year["cost"]) > 0} == {
        "cascade",
        "router",
        "custom",
    }
    assert {kind for kind, year in own.items() if central(year["carbon"]) > 0} == {"custom"}
    assert central(own["router"]["cost"]) == pytest.approx(18_000)


# ---- figures ------------------------------------------------------------------------------------


def test_figures_are_finite_and_nothing_is_below_zero(decided: Decision) -> None:
    for one in decided.options:
        if not one.eligible:
            continue
        for indicator in ("energy", "carbon", "water", "cost", "ewaste"):
            assert np.isfinite(one.accepted[indicator]).all(), one.key
            assert (one.accepted[indicator] >= 0).all(), one.key
        assert (one.quality > 0).all()
        assert (one.quality <= 1).all()


def test_the_same_twice(case_of: CaseOf, decided: Decision) -> None:
    again = decide(case_of())
    assert decided.scores == again.scores
    assert decided.headline == again.headline
    assert [str(exhibit) for exhibit in decided.exhibits] == [str(exhibit) for exhibit in again.exhibits]


def test_training_from_scratch_is_never_advised_at_this_volume(decided: Decision) -> None:
    custom = option(decided, "custom")
    assert central(custom.bill.of_step(STEP)["energy"]) > 1000  # kWh a year, spread over three
    assert decided.choice is not None
    assert decided.choice.key != "custom"


# ---- own tests ----------------------------------------------------------------------------------


def answers(model: str, good: int, bad: int, technique: str = "prompt") -> tuple[PilotRow, ...]:
    return tuple(PilotRow(model, technique, score) for score in [1.0] * good + [0.0] * bad)


def test_thirty_answers_change_what_passes(case_of: CaseOf, decided: Decision) -> None:
    """The rating gives Phi-4-mini too little; 27 of 30 good answers of one's own say otherwise."""
    assert "quality" in failed(option(decided, "phi-4-mini"))
    found = option(decide(case_of(pilot=answers("phi-4-mini", 27, 3))), "phi-4-mini")
    assert "quality" not in failed(found)
    assert central(found.quality) == pytest.approx(0.9, abs=0.05)
    assert not any("public rating" in note for note in found.notes)


def test_thirty_bad_answers_take_the_choice_out(case_of: CaseOf, decided: Decision) -> None:
    assert decided.choice is not None
    model = decided.choice.plan.model.models[-1]
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
    assert table(found, "pilot").rows[0][7] == "too few to use"


def test_own_scores_win_over_the_rating(case_of: CaseOf) -> None:
    scores = {"gpt-5.5": {"score": 0.4, "samples": 500}, "phi-4": {"score": 0.93, "samples": 500}}
    found = decide(case_of(quality={"scores": scores}))
    assert "quality" in failed(option(found, "gpt-5.5"))
    assert "quality" not in failed(option(found, "phi-4"))


def test_step_by_step_reasoning_lowers_models_that_answer_at_once(case_of: CaseOf) -> None:
    without, needed = case_of(), case_of(quality={"needs_reasoning": True})
    for key, lower in (("gpt-4.1", True), ("gpt-5-mini", False)):
        drop = central(of_model(without, key, "prompt")) - central(of_model(needed, key, "prompt"))
        assert bool(drop > 0.02) is lower


def test_nothing_eligible_says_what_is_nearest(case_of: CaseOf) -> None:
    found = decide(case_of(quality={"floor": 0.999}))
    assert found.choice is None
    assert found.headline
    assert found.reasons


# ---- what is shown ------------------------------------------------------------------------------


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
    assert decided.choice is not None
    assert chart.marks[0].label.startswith("chosen")
    assert chart.marks[0].label.endswith(decided.choice.title)
    said = ", ".join(one.label for one in chart.marks)
    assert all(role in said for role in ("next best", "least carbon", "best answers"))
    # the ends of the front: nothing is lighter, nothing answers better
    points = chart.lines[0]
    ends = {role: one for one in chart.marks for role in one.label.split(": ")[0].split(", ")}
    assert ends["least carbon"].x == min(points.x)
    assert ends["best answers"].y == max(points.y)
    tables = {one.key: one for one in decided.exhibits if isinstance(one, Table)}
    assert set(tables) >= {
        "models", "model_gates", "model_memory", "precisions", "runtimes", "second_opinion", "pairs",
        "own_training",
    }  # fmt: skip
    for found in tables.values():
        assert all(len(row) == len(found.columns) for row in found.rows), found.key


def test_training_that_never_pays_says_never(decided: Decision) -> None:
    shown = table(decided, "own_training")
    assert all(value is not None for row in shown.rows for value in row)
    assert "lank" not in shown.note


def test_the_final_run_and_all_of_development_are_told_at_one_boundary(
    decided: Decision, catalogue: Catalogue
) -> None:
    """Both at the meter: developing takes as many final runs as the coefficient says, and nothing beside."""
    final, whole = (row[2] for row in table(decided, "own_training").rows[:2])
    assert whole == pytest.approx(final * catalogue.coefficient("custom.development").central)


def test_the_table_shows_the_bill_of_the_plan(decided: Decision) -> None:
    assert decided.choice is not None
    first = table(decided, "models").rows[0]
    one = next(option for option in decided.options if option.title == first[0])
    expected = [central(one.accepted[name]) * 1000.0 for name in ("energy", "carbon", "water", "cost")]
    assert list(first[4:8]) == pytest.approx(expected)


def test_a_mixture_of_experts_is_held_whole(decided: Decision) -> None:
    """gpt-oss-120b computes with 5.1 billion parameters and must be held with 117."""
    row = next(row for row in table(decided, "model_memory").rows if row[0] == "gpt-oss-120b")
    assert row[1] == pytest.approx(117, rel=0.02)
    assert row[2] == pytest.approx(5.1, rel=0.05)
    assert row[4] == pytest.approx(117, rel=0.02)  # GB in 8 bit


def test_energy_does_not_follow_bits(decided: Decision) -> None:
    energy = {row[0]: float(str(row[5])) for row in table(decided, "precisions").rows}
    assert energy["int4"] > energy["bf16"] / 4


def test_what_was_published_in_few_bits_loses_nothing_in_more(decided: Decision) -> None:
    """gpt-oss was published in 4 bits, and rated so: in 8 or 16 there is nothing left to lose."""
    shown = table(decided, "precisions")
    assert "gpt-oss-120b" in shown.title
    assert all(row[2] == row[3] == 0.0 for row in shown.rows)


def test_words_have_units_and_say_what_decided(decided: Decision) -> None:
    assert "Wh" in decided.headline
    assert "$" in decided.headline
    assert 2 <= len(decided.reasons) <= 7
    assert any("%" in reason for reason in decided.reasons)


def test_settings_for_other_programs(decided: Decision) -> None:
    single, pair = option(decided, "gpt-5.4"), of_kind(decided, "cascade")
    assert single.settings["kind"] == "generative"
    assert single.settings["models"] == ("gpt-5.4",)
    assert pair.settings["model"] == pair.plan.model.models[0]
    assert 0 < pair.settings["escalation"] < 1
    assert option(decided, "encoder:bert-base").settings["encoder"] == "bert-base"


def test_dates_that_matter_are_told_where_a_service_runs_it(decided: Decision, case_of: CaseOf) -> None:
    """GPT-5.4 retires on 2027-09-02, within the three years planned from 2027-01-01."""
    one = option(decided, "gpt-5.4")
    assert one.plan.deployment.mode in ("maas", "ptu")
    assert any("2027-09-02" in warning for warning in one.warnings)
    assert not foundation_model.warnings(case_of(), option(decided, "encoder:bert-base").plan)


# ---- templates ----------------------------------------------------------------------------------


def test_claims_triage_needs_no_generative_ai_or_hears_why(catalogue: Catalogue) -> None:
    found = decide(template("claims_triage", catalogue))
    assert found.choice is not None
    plain = found.choice.plan.model.kind == "encoder"
    assert plain or any("Without generative AI" in reason for reason in found.reasons)


def test_the_edge_never_gets_what_does_not_fit(catalogue: Catalogue) -> None:
    case = template("factory_edge", catalogue)
    found, device = decide(case), case.scenario.constraints.device
    assert found.choice is not None
    assert device is not None
    memory = case.central(f"devices.{device.kind}.memory", "B")
    weight = case.central("precisions.int4.weight_bytes", "B/param")
    for one in found.options:
        if one.plan.model.kind == "single" and one.eligible:
            assert case.central(f"models.{one.key}.total_params", "param") * weight < memory
            assert one.plan.deployment.mode == "edge"
    assert "device" in failed(option(found, "llama-3.3-70b"))
    assert table(found, "device").rows


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "scenarios").glob("*.yaml")))
def test_each_template_is_told_in_a_few_facts(name: str, catalogue: Catalogue) -> None:
    """Both first steps choose something, and say in words with units what decided it."""
    case = template(name, catalogue)
    first = decide(case)
    assert first.choice is not None
    model = first.choice.plan.model
    assert isinstance(model, ModelSetting)
    second = steps.decide("improvement", case, {STEP: model}, flips=False)
    assert second.choice is not None
    for found in (first, second):
        assert "Wh" in found.headline
        assert "$" in found.headline
        assert 2 <= len(found.reasons) <= 7
        assert all(reason.endswith(".") for reason in found.reasons)
        assert not re.search(r"\b(nan|inf|None)\b", " ".join(found.reasons))
