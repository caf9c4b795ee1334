"""The improvement: gates, tokens, break-evens, own tests, and flips that flip where they said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import steps
from advisor.catalogue import DATA, Catalogue
from advisor.core.exhibits import Bars, Chart, Export, Table
from advisor.decide.flips import FLIP_DRAWS
from advisor.scenario import load_scenario, parse_scenario, value_at, with_pilot, with_values
from advisor.scenario.pilot_log import PilotRow, parse_pilot_log
from advisor.steps import improvement
from advisor.steps.foundation_model.singles import single
from advisor.steps.quality import TUNED
from advisor.steps.tuning_costs import run_kwh
from advisor.system.case import Case
from advisor.system.option import Decision, Option, thinned
from advisor.system.prompt_budget import parse_prompt
from advisor.system.serving import Shape, serve

STEP = "improvement"
QUICK = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CARBON_ONLY = {"carbon": 1, "cost": 0, "quality": 0, "water": 0}
ALONE = {key for key in TUNED if key != "rag_lora"}
Make = Callable[..., tuple[Case, dict[str, Option]]]


@pytest.fixture(scope="module")
def on_model(catalogue: Catalogue) -> Make:
    """A case, and the first step's option of one model; keywords replace sections of the scenario."""

    def make(
        model: str = "llama-3.1-8b", size: int = 60, pilot: tuple[PilotRow, ...] = (), **sections: Any
    ) -> tuple[Case, dict[str, Option]]:
        given = {"name": "A test", "task": "chat", "quality": {"floor": 0.1}, **sections}
        case = Case(with_pilot(parse_scenario(given), pilot), catalogue, size)
        return case, {"foundation_model": single(case, model)}

    return make


def decide(made: tuple[Case, dict[str, Option]]) -> Decision:
    return steps.decide(STEP, *made, flips=False)


def option(decision: Decision, key: str) -> Option:
    return next(one for one in decision.options if one.key == key)


def failed(one: Option) -> set[str]:
    return {gate.rule for gate in one.gates if not gate.passed}


def test_every_technique_is_an_option(on_model: Make) -> None:
    keys = [one.key for one in decide(on_model()).options]
    assert keys == list(improvement.TITLES)


def test_facts_that_change_faster_than_retraining_rule_out_tuning_alone(on_model: Make) -> None:
    """Retrained twice a year, every 182 days; facts that change every 30 days are stale by then."""
    found = decide(on_model())
    assert all("freshness" in failed(option(found, key)) for key in ALONE)
    assert "freshness" not in failed(option(found, "rag_lora"))
    often = decide(on_model(knowledge={"retrains_per_year": 13}))
    assert "freshness" not in failed(option(often, "lora"))


def test_citations_need_passages(on_model: Make) -> None:
    found = decide(on_model(knowledge={"needs_citations": True, "gap": "none", "changes_every_days": None}))
    out = {one.key for one in found.options if "citations" in failed(one)}
    assert out == {"prompt", "few_shot", "compression"} | ALONE


@pytest.mark.parametrize(
    ("knowledge", "rule"),
    [
        ({"examples": 49}, "examples"),
        ({"examples_licensed": "unknown"}, "examples_licence"),
        ({"examples_licensed": "no"}, "examples_licence"),
    ],
)
def test_examples_too_few_or_unlicensed_rule_out_tuning(
    on_model: Make, knowledge: dict[str, Any], rule: str
) -> None:
    found = decide(on_model(knowledge=knowledge))
    assert all(rule in failed(option(found, key)) for key in TUNED)
    assert not failed(option(found, "rag_hybrid"))


def test_what_cannot_be_tuned_is_not(on_model: Make) -> None:
    found = decide(on_model("gpt-5.4"))
    assert all("tunability" in failed(option(found, key)) for key in TUNED)


def test_retrieval_without_documents_is_out(on_model: Make) -> None:
    found = decide(on_model(knowledge={"documents": 0}))
    assert "documents" in failed(option(found, "rag_vector"))


def test_passages_must_fit_the_context(on_model: Make) -> None:
    found = decide(on_model(knowledge={"context_tokens_added": 130_000}))
    assert "context" in failed(option(found, "rag_hybrid"))
    assert "context" not in failed(option(found, "prompt"))


def test_tokens_before_and_after(on_model: Make) -> None:
    """1,000 came in: retrieval adds 2,000, tuning takes 500, both leave 2,500."""
    found = decide(on_model())
    tokens = {
        key: np.median(option(found, key).settings["input_tokens"])
        for key in ("rag_hybrid", "lora", "rag_lora")
    }
    assert tokens == {"rag_hybrid": 3000, "lora": 500, "rag_lora": 2500}


def test_retrieval_is_priced_by_prefill(on_model: Make) -> None:
    """The extra energy of 2,000 tokens is what reading them takes, and decoding beside them, no more."""
    case, _ = on_model()
    short, long = (serve(case, "gpt-5.4", Shape(tokens, 300)) for tokens in (1000, 3000))
    extra = long.energy_kwh - short.energy_kwh
    assert (extra > 0).all()
    ratio = long.prefill_kwh / short.prefill_kwh
    assert 2 < np.median(ratio) < 3.5  # three times the tokens; a part does not grow with them


def test_full_tuning_takes_half_as_much_again(on_model: Make) -> None:
    """6.2 operations a parameter and token against 4.05: 1.53 times."""
    case, _ = on_model()
    lora, full = (np.median(run_kwh(case, "llama-3.1-8b", key)[0]) for key in ("lora", "full"))
    assert full / lora == pytest.approx(6.2 / 4.05, rel=0.03)


def test_lora_energy_is_near_the_measured_rate(on_model: Make) -> None:
    """0.020 kWh per million tokens measured on an 8B model; 750,000 tokens: 0.015, within a factor of 2.5."""
    case, _ = on_model()
    assert 0.006 < np.median(run_kwh(case, "llama-3.1-8b", "lora")[0]) < 0.0375


def test_runs_and_retrainings_are_counted(on_model: Make) -> None:
    """Ten runs at first, then two a year: a sixth of a run each month."""
    found = option(decide(on_model()), "lora").parts
    assert np.allclose(found.once["energy"] / 10 * 2 / 12, found.monthly["energy"] - 0.0)


def test_hosting_decides(on_model: Make) -> None:
    """A dedicated host takes over a thousand times the energy of all tuning runs of three years."""
    case, prior = on_model(
        "llama-3.3-70b", knowledge={"gap": "format", "hosting": "dedicated"}, timing={"model_stays_days": 0}
    )
    tuned = option(decide((case, prior)), "lora")
    host = tuned.carried.monthly["energy"] * 36
    runs = tuned.parts.once["energy"] + tuned.parts.monthly["energy"] * 36
    assert np.median(host / runs) > 100
    assert tuned.settings["hosting"] == "dedicated"


def test_the_update_of_knowledge_costs_retrieval_its_re_embedding(on_model: Make) -> None:
    """Every 30 days against never: the once-only embedding is the same, the monthly part is more."""
    changing, still = (
        option(decide(on_model(knowledge={"changes_every_days": days})), "rag_vector").parts
        for days in (30, None)
    )
    assert np.allclose(changing.once["energy"], still.once["energy"])
    assert (changing.monthly["energy"] > still.monthly["energy"]).all()


def test_legal_questions_are_never_left_to_tuning_alone(catalogue: Catalogue) -> None:
    case = Case(load_scenario(DATA / "scenarios" / "legal_qa.yaml"), catalogue, 60)
    first = steps.decide("foundation_model", case, {}, flips=False).choice
    assert first is not None
    found = decide((case, {"foundation_model": first}))
    assert found.choice is not None
    assert found.choice.key not in ALONE
    assert all(failed(option(found, key)) for key in ALONE)


@QUICK
@given(low=st.floats(2.0, 5.5), more=st.floats(0.3, 2.0))
def test_more_volume_never_favours_more_work_per_request(on_model: Make, low: float, more: float) -> None:
    """With one concern the choice moves to what needs less per accepted answer as volume grows."""
    sections: dict[str, Any] = {
        "priorities": CARBON_ONLY,
        "knowledge": {"gap": "format", "changes_every_days": None},
    }
    choices, last = [], None
    for exponent in (low, low + more):
        load = {"requests_per_day": 10**exponent}
        last = decide(on_model("llama-3.3-70b", workload=load, timing={"model_stays_days": 0}, **sections))
        assert last.choice is not None
        choices.append(last.choice.key)
    assert last is not None
    before, after = (
        np.median((one.parts + one.carried).per_request["carbon"] / one.quality)
        for one in (option(last, key) for key in choices)
    )
    assert after <= before * 1.001


def test_a_floor_rules_out_what_lacks_the_facts(on_model: Make) -> None:
    found = decide(on_model("gpt-5.4", quality={"floor": 0.7}))
    assert "quality" in failed(option(found, "prompt"))
    assert found.choice is not None
    assert found.choice.key.startswith("rag_")
    assert any("prompt alone is out" in reason for reason in found.reasons)


def pilot(good: int, bad: int, technique: str, **noted: float) -> tuple[PilotRow, ...]:
    scores = [1.0] * good + [0.0] * bad
    return tuple(PilotRow("gpt-5.4", technique, score, **noted) for score in scores)


def test_thirty_answers_change_the_choice_and_five_do_not(on_model: Make) -> None:
    """Prompting alone did well in 29 of 30 tests: the facts it was thought to lack are not needed."""
    usual = decide(on_model("gpt-5.4", quality={"floor": 0.7}))
    five = decide(on_model("gpt-5.4", quality={"floor": 0.7}, pilot=pilot(5, 0, "prompt")))
    thirty = decide(on_model("gpt-5.4", quality={"floor": 0.7}, pilot=pilot(29, 1, "prompt")))
    assert usual.choice is not None
    assert five.choice is not None
    assert thirty.choice is not None
    assert five.choice.key == usual.choice.key
    assert any("do not settle it" in reason for reason in five.reasons)
    assert usual.choice.key.startswith("rag_")
    assert thirty.choice.key in ("prompt", "compression")


def test_tokens_turns_and_retries_of_the_pilot_replace_the_defaults(on_model: Make) -> None:
    rows = pilot(25, 5, "rag_hybrid", input_tokens=1800.0, output_tokens=120.0, turns=3.0, retries=0.0)
    found = option(decide(on_model("gpt-5.4", pilot=rows)), "rag_hybrid")
    assert np.median(found.settings["input_tokens"]) == 1800
    assert np.median(found.settings["output_tokens"]) == 120
    # 3 turns where 1.5 were planned, and no retry where 2 % were: 2 x 0.98
    assert np.median(found.settings["turns"]) == pytest.approx(2 * 0.98)


def test_exhibits(on_model: Make) -> None:
    found = decide(on_model())
    charts = {one.key: one for one in found.exhibits if isinstance(one, Chart)}
    assert set(charts) == {"break_even_volume", "break_even_changes", "break_even_context"}
    for chart in charts.values():
        assert [line.label for line in chart.lines] == ["energy", "carbon", "water", "cost"]
        assert all(line.low is not None and np.isfinite(line.y).all() for line in chart.lines)
        assert any(mark.label == "today" for mark in chart.marks)
    for table in found.exhibits:
        if isinstance(table, Table):
            assert all(len(row) == len(table.columns) for row in table.rows), table.key
    assert any(isinstance(one, Bars) for one in found.exhibits)


def test_files_to_work_with(on_model: Make) -> None:
    """The prompt's repeated parts come first, as its budget reads them; the log has the right columns."""
    files = {one.filename: one for one in decide(on_model()).exhibits if isinstance(one, Export)}
    parts = parse_prompt(files["prompt-v1.txt"].content)
    assert [part.same for part in parts] == sorted((part.same for part in parts), reverse=True)
    assert "passages" in next(part.text for part in parts if part.name == "context")
    log = files["pilot-log.csv"].content + "llama-3.1-8b,prompt,1,,,,\n"
    assert len(parse_pilot_log(log)) == 1


def test_the_crossing_lies_where_the_lines_meet(on_model: Make) -> None:
    """At the marked volume the ratio of the two footprints is 1 within what medians of draws allow."""
    chart = next(one for one in decide(on_model("llama-3.3-70b")).exhibits if isinstance(one, Chart))
    for mark in chart.marks:
        line = next((line for line in chart.lines if mark.label.startswith(line.label)), None)
        if line is not None and chart.lines[0].x[0] < mark.x < chart.lines[0].x[-1]:
            assert np.interp(np.log(mark.x), np.log(line.x), np.log(line.y)) == pytest.approx(0.0, abs=0.7)


def test_a_classifier_is_trained_and_search_is_chosen_by_mode(catalogue: Catalogue) -> None:
    case = Case(
        parse_scenario(
            {"name": "A test", "task": "classify", "knowledge": {"gap": "none", "examples": 5000}}
        ),
        catalogue,
        40,
    )
    first = steps.decide("foundation_model", case, {}, flips=False)
    encoder = option(first, "encoder:bert-base")
    found = decide((case, {"foundation_model": encoder}))
    assert [one.key for one in found.options] == ["train_classifier"]
    assert found.choice is not None
    assert found.choice.settings["tuned"] == "full"
    search = decide((case, {"foundation_model": option(first, "retrieval")}))
    assert {one.key for one in search.options} == {
        f"search_{mode}" for mode in ("keyword", "vector", "hybrid", "rerank")
    }


def test_flips_flip_where_they_said(on_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(improvement, "KNOBS", ("quality.floor", "knowledge.context_tokens_added"))
    case, prior = on_model("gpt-5.4", size=FLIP_DRAWS, quality={"floor": 0.7})
    decision = steps.decide(STEP, case, prior)
    assert decision.choice is not None
    assert decision.flips
    for flip in decision.flips:
        assert flip.factor is not None
        beyond = with_values(case.scenario, {flip.path: value_at(case.scenario, flip.path) * flip.factor})
        fewer = {name: thinned(one, FLIP_DRAWS) for name, one in prior.items()}
        changed = decide((Case(beyond, case.catalogue, FLIP_DRAWS), fewer)).choice
        assert (changed.title if changed else "no option") != decision.choice.title


def test_no_model_no_improvement(catalogue: Catalogue) -> None:
    case = Case(parse_scenario({"name": "A test", "task": "chat"}), catalogue, 20)
    assert improvement.options(case, {}) == []
