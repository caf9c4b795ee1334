"""The improvement: what is offered on a model, tokens, break-evens, own tests, and what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from advisor import steps
from advisor.catalogue import DATA, Catalogue
from advisor.core.draws import central
from advisor.core.exhibits import Bars, Chart, Export, Table
from advisor.core.footprint import Footprint
from advisor.decide.option import Decision, Option
from advisor.scenario import load_scenario, parse_scenario, with_pilot
from advisor.scenario.pilot_log import PilotRow, parse_pilot_log
from advisor.steps.improvement.break_evens import Straight, crossing_of
from advisor.system.bill import Resource
from advisor.system.case import Case
from advisor.system.plan import ModelSetting, StepName, StepSetting
from advisor.system.prompt_budget import parse_prompt
from advisor.system.techniques import AGENTIC, LEVERS, TITLES, TUNED

STEP: StepName = "improvement"
ALONE = {key for key in TUNED if key != "rag_lora"}
Settled = dict[StepName, StepSetting]
Make = Callable[..., tuple[Case, Settled]]


@pytest.fixture(scope="module")
def on_model(catalogue: Catalogue) -> Make:
    """A case, and one model as settled; keywords replace sections of the scenario."""

    def make(
        model: str = "llama-3.1-8b", size: int = 60, pilot: tuple[PilotRow, ...] = (), **sections: Any
    ) -> tuple[Case, Settled]:
        given = {"name": "A test", "task": "chat", "quality": {"floor": 0.1}, **sections}
        case = Case(with_pilot(parse_scenario(given), pilot), catalogue, size)
        return case, {"foundation_model": ModelSetting("single", (model,))}

    return make


def decide(made: tuple[Case, Settled]) -> Decision:
    return steps.decide(STEP, *made, flips=False)


@pytest.fixture(scope="module")
def usual(on_model: Make) -> Decision:
    """The decision on a small open model."""
    return decide(on_model())


@pytest.fixture(scope="module")
def facts(on_model: Make) -> Decision:
    """The decision on a large model that lacks the facts, with a floor that they decide."""
    return decide(on_model("gpt-5.4", quality={"floor": 0.7}))


def test_what_is_ruled_out_is_shown_where_it_could_run(on_model: Make) -> None:
    """A technique that fails the floor is compared in a plan like those of the others.

    The European data boundary bars a global deployment, which is the first there is to choose: beside
    plans that run in Europe its carbon would tell of the place and not of the technique.
    """
    made = on_model("gpt-5.4", quality={"floor": 0.7}, constraints={"residency": "EUDB"})
    decision = decide(made)
    ruled_out = [option for option in decision.options if not option.eligible]
    assert ruled_out
    assert decision.choice is not None
    for option in ruled_out:
        assert option.plan.deployment.where != "global", option.key


def option(decision: Decision, key: str) -> Option:
    return next(one for one in decision.options if one.key == key)


def failed(one: Option) -> set[str]:
    return {gate.rule for gate in one.gates if not gate.passed}


def table(decision: Decision, key: str) -> Table:
    return next(one for one in decision.exhibits if isinstance(one, Table) and one.key == key)


def test_every_technique_is_an_option(usual: Decision) -> None:
    """And what a prompt can be told besides goes with the usual one: facts are lacking, so with retrieval."""
    besides = [f"rag_hybrid_{lever}" for lever in LEVERS if lever not in AGENTIC]
    assert [one.key for one in usual.options] == [*TITLES, *besides]
    assert [one.title for one in usual.options][: len(TITLES)] == list(TITLES.values())


def test_trained_facts_are_judged_by_the_best_way_to_retrain(usual: Decision) -> None:
    """Facts change every 30 days; twice a year by the calendar is every 182, a shorter interval will do."""
    for key in ALONE:
        assert "freshness" not in failed(option(usual, key))
    kept = option(usual, "lora")
    assert kept.eligible
    assert kept.plan.operation.retraining in ("best", "trigger")


def test_what_is_ruled_out_stays_visible_with_its_rule(on_model: Make) -> None:
    """Where it was decided to retrain twice a year, facts that change every 30 days are stale by then."""
    usual = decide(on_model(decisions={"operations": {"choice": "calendar-planned-now", "by": "the team"}}))
    assert all("freshness" in failed(option(usual, key)) for key in ("lora", "qlora", "full"))
    assert "freshness" not in failed(option(usual, "rag_lora"))
    rows = {row[0]: row[-1] for row in table(usual, "improvements").rows}
    assert "freshness" in str(rows[TITLES["lora"]])
    assert rows[usual.choice.title if usual.choice else ""] == "in"


def test_tokens_before_and_after(usual: Decision) -> None:
    """1,000 came in: retrieval adds 2,000, tuning takes 500, both leave 2,500."""
    tokens = {key: option(usual, key).settings["input_tokens"] for key in ("rag_hybrid", "lora", "rag_lora")}
    assert tokens == {"rag_hybrid": 3000, "lora": 500, "rag_lora": 2500}


def test_what_the_index_is(usual: Decision) -> None:
    """10,000 documents of 1,500 tokens in pieces of 500, a tenth shared: 40,000 vectors; 2,000 / 500 = 4."""
    found = option(usual, "rag_vector").settings
    assert (found["vectors"], found["top_k"], found["dimensions"]) == (40_000, 4, 1536)
    # 99.9 % is asked for, more than one replica is taken to reach: two of one partition
    assert (found["search_tier"], found["search_units"], found["search_replicas"]) == ("basic", 2, 2)
    assert found["second_search_region"] is None
    assert option(usual, "rag_keyword").settings["embedder"] is None
    assert "index_gb" not in option(usual, "prompt").settings


def test_options_share_all_figures_with_their_bill(usual: Decision) -> None:
    """The table's year is the bill's, and the bars add up to it."""
    bars = next(one for one in usual.exhibits if isinstance(one, Bars))
    for place, one in enumerate(usual.options):
        row = table(usual, "improvements").rows[place]
        assert row[4:8] == tuple(central(one.year[name]) for name in ("energy", "carbon", "water", "cost"))
        whole = sum(part[place] for part in bars.values)
        assert whole == pytest.approx(central(one.year["carbon"]), rel=1e-9)


def test_hosting_decides(on_model: Make) -> None:
    """Machines that hold a large tuned model take over a hundred times the energy of all its tuning runs."""
    made = on_model("llama-3.3-70b", knowledge={"gap": "format", "hosting": "dedicated"})
    tuned = option(decide(made), "lora")
    held = tuned.bill.sum(line for line in tuned.bill if line.resource is Resource.ACCELERATOR_HELD)
    runs = tuned.bill.sum(line for line in tuned.bill if line.resource is Resource.TRAINING_RUN)
    assert central(held["energy"]) > 100 * central(runs["energy"])
    assert tuned.settings["hosting"] == "dedicated"


def test_legal_questions_are_never_left_to_tuning_alone(catalogue: Catalogue) -> None:
    case = Case(load_scenario(DATA / "scenarios" / "legal_qa.yaml"), catalogue, 40)
    found = decide((case, {"foundation_model": ModelSetting("single", ("gpt-5.4-mini",))}))
    assert all(failed(option(found, key)) for key in ALONE)
    assert found.choice is None or found.choice.key not in ALONE


def test_a_floor_rules_out_what_lacks_the_facts(facts: Decision) -> None:
    assert "quality" in failed(option(facts, "prompt"))
    assert facts.choice is not None
    assert facts.choice.key.startswith("rag_")
    assert any("prompt alone is out" in reason for reason in facts.reasons)


def pilot(good: int, bad: int, technique: str, **noted: float) -> tuple[PilotRow, ...]:
    scores = [1.0] * good + [0.0] * bad
    return tuple(PilotRow("gpt-5.4", technique, score, **noted) for score in scores)


def test_thirty_answers_change_the_choice_and_five_do_not(on_model: Make, facts: Decision) -> None:
    """Prompting alone did well in 29 of 30 tests: the facts it was thought to lack are not needed."""
    five = decide(on_model("gpt-5.4", quality={"floor": 0.7}, pilot=pilot(5, 0, "prompt")))
    thirty = decide(on_model("gpt-5.4", quality={"floor": 0.7}, pilot=pilot(29, 1, "prompt")))
    assert facts.choice is not None
    assert five.choice is not None
    assert thirty.choice is not None
    assert five.choice.key == facts.choice.key
    assert any("do not settle it" in reason for reason in five.reasons)
    assert thirty.choice.key in ("prompt", "compression")
    assert table(thirty, "pilot_techniques").rows[0][:2] == ("prompt", 30.0)


def test_tokens_and_turns_of_the_pilot_replace_the_defaults(on_model: Make) -> None:
    rows = pilot(25, 5, "rag_hybrid", input_tokens=1800.0, output_tokens=120.0, turns=3.0, retries=0.0)
    found = option(decide(on_model("gpt-5.4", pilot=rows)), "rag_hybrid")
    assert found.settings["input_tokens"] == 1800
    assert found.settings["output_tokens"] == 120
    # 3 turns where 1.5 were planned
    assert found.settings["turns"] == pytest.approx(2.0)
    assert "pilot log" in " ".join(found.notes)


def test_exhibits(usual: Decision) -> None:
    charts = {one.key: one for one in usual.exhibits if isinstance(one, Chart)}
    assert set(charts) == {"break_even_volume", "break_even_changes", "break_even_context"}
    for chart in charts.values():
        assert [line.label for line in chart.lines] == ["energy", "carbon", "water", "cost"]
        assert all(line.low is not None and np.isfinite(line.y).all() for line in chart.lines)
        assert any(mark.label == "today" for mark in chart.marks)
    for found in usual.exhibits:
        if isinstance(found, Table):
            assert all(len(row) == len(found.columns) for row in found.rows), found.key
    keys = {one.key for one in usual.exhibits if isinstance(one, Table)}
    assert {"improvements", "break_even", "retrieval", "passages", "tuning"} <= keys


def test_passages_cost_in_proportion(usual: Decision) -> None:
    """Ten passages take ten times the energy of one, within the part that reading does not grow by."""
    rows = table(usual, "passages").rows
    assert [row[0] for row in rows] == [1.0, 3.0, 5.0, 10.0]
    one, ten = (float(str(rows[place][2])) for place in (0, 3))
    assert 7 < ten / one < 13


def test_today_stands_on_the_curves(on_model: Make) -> None:
    """At today's volume, change and context every chart shows the ratio of the two options' own figures."""
    case, settled = on_model("llama-3.3-70b")
    found = decide((case, settled))
    for chart in (one for one in found.exhibits if isinstance(one, Chart)):
        names = chart.title.split(", over")[0].split(" against ")
        first, second = (next(one for one in found.options if one.title == name) for name in names)
        today = next(mark.x for mark in chart.marks if mark.label == "today")
        ratio = central(first.accepted["cost"]) / central(second.accepted["cost"])
        curve = next(line for line in chart.lines if line.label == "cost")
        shown = np.exp(np.interp(np.log(today), np.log(curve.x), np.log(curve.y)))
        assert shown == pytest.approx(ratio, rel=0.05), chart.key


def test_a_crossing_by_hand() -> None:
    """10 + 1 x meets 100 + 0.5 x at 180; the second draw's 10 + 2 x meets it at 60."""

    def line(fixed: tuple[float, ...], slope: tuple[float, ...]) -> Straight:
        return Straight("", *(Footprint.of(3, energy=np.array(part)) for part in (fixed, slope)))

    first, second = line((10, 10, 10), (1, 1, 2)), line((100, 100, 100), (0.5, 0.5, 0.5))
    found = crossing_of(first, second, "energy")
    assert found is not None
    assert found[0] == pytest.approx(180)
    assert 60 <= found[1] < found[2] <= 180
    assert crossing_of(second, line((200, 200, 200), (1, 1, 1)), "energy") is None


def test_files_to_work_with(usual: Decision) -> None:
    """The prompt's repeated parts come first, as its budget reads them; the log has the right columns."""
    files = {one.filename: one for one in usual.exhibits if isinstance(one, Export)}
    parts = parse_prompt(files["prompt-v1.txt"].content)
    assert [part.same for part in parts] == sorted((part.same for part in parts), reverse=True)
    assert "passages" in next(part.text for part in parts if part.name == "context")
    log = files["pilot-log.csv"].content + "llama-3.1-8b,prompt,1,,,,\n"
    assert len(parse_pilot_log(log)) == 1


def test_a_classifier_is_trained_and_search_is_chosen_by_mode(catalogue: Catalogue) -> None:
    given = {"name": "A test", "task": "classify", "knowledge": {"gap": "none", "examples": 5000}}
    case = Case(parse_scenario(given), catalogue, 40)
    found = decide((case, {"foundation_model": ModelSetting("encoder", ("bert-base",))}))
    assert [one.key for one in found.options] == ["train_classifier"]
    assert found.choice is not None
    assert found.choice.settings["tuned"] == "full"
    search = ModelSetting("retrieval", ("text-embedding-3-small",))
    asked = Case(
        parse_scenario({"name": "A test", "task": "rag_qa", "quality": {"floor": 0.3}}), catalogue, 40
    )
    keys = {one.key for one in decide((asked, {"foundation_model": search})).options}
    assert keys == {f"search_{mode}" for mode in ("keyword", "vector", "hybrid", "rerank")}


def test_words_say_what_decided(facts: Decision) -> None:
    assert "GPT-5.4" in facts.headline
    assert "Wh" in facts.headline
    assert "$" in facts.headline
    assert 2 <= len(facts.reasons) <= 7
    assert all(reason.endswith(".") for reason in facts.reasons)
