"""Short answers, a schema, an order, an effort and distillation are options with break-evens.

Scenario: 2,000 tokens in, 400 out; nothing lacks, so the usual technique is a prompt of 150 tokens more.
"""

from __future__ import annotations

from typing import Any

import pytest
from system.settings import by, case_of, fallen, model_of, some

from advisor.core.draws import central
from advisor.scenario import with_pilot
from advisor.scenario.pilot_log import PilotRow, parse_pilot_log
from advisor.steps.improvement import alternatives, levers
from advisor.system import calls, improvement_gates, quality, requests, search_units, training
from advisor.system.bill import Resource
from advisor.system.case import Case
from advisor.system.plain_service import plain_service
from advisor.system.plan import DeploymentSetting, OperationSetting, Plan, StorageSetting

LOAD = {"input_tokens": 2000, "output_tokens": 400, "cached_input_share": 0.2, "requests_per_day": 100_000}
NONE = {"gap": "none"}
GLOBAL = DeploymentSetting("maas", "global")
LATE = (StorageSetting("today"), OperationSetting("never", "planned", "now"))


def case_with(knowledge: dict[str, Any] | None = None, **sections: Any) -> Case:
    load = {**LOAD, **sections.pop("workload", {})}
    floor = {"floor": 0.0, **sections.pop("quality", {})}
    return case_of(0, workload=load, quality=floor, knowledge={**NONE, **(knowledge or {})}, **sections)


def tokens(case: Case, model: str, technique: str) -> tuple[float, float, float]:
    asked = requests.request(case, model, technique)
    return central(asked.input_tokens), central(asked.static), central(asked.output_tokens)


def stops(case: Case, model: str, technique: str) -> set[str]:
    return fallen(improvement_gates.gates(case, model_of(model), by(technique)))


def test_levers_go_with_the_usual_technique() -> None:
    keys = [one.key for one in alternatives(case_with(), model_of("gpt-4o"))]
    assert {"prompt_short", "prompt_schema", "prompt_ordered", "prompt_low_effort", "distill"} <= set(keys)
    assert not any(key.startswith("rag_hybrid_") for key in keys)
    facts = [one.key for one in alternatives(case_with({"gap": "facts"}), model_of("gpt-4o"))]
    assert "rag_hybrid_short" in facts
    assert "prompt_short" not in facts


def test_short_answers_write_less_and_need_a_test() -> None:
    """70 % of 400 tokens: 280. What they keep is an assumption until it is judged."""
    case = case_with()
    assert tokens(case, "gpt-4o", "prompt_short") == pytest.approx((2150, 550, 280))
    assert "retention" in stops(case, "gpt-4o", "prompt_short")
    rows = [PilotRow("gpt-4o", "prompt_short", 1.0, 2150, 300)] * 40
    tested = case.with_scenario(with_pilot(case.given, rows))
    assert "retention" not in stops(tested, "gpt-4o", "prompt_short")
    assert tokens(tested, "gpt-4o", "prompt_short")[2] == 300


def test_a_limit_shortens_what_was_counted_without_one() -> None:
    """A log counts 500 tokens with a plain prompt: 0.7 x 500 = 350; thinking is not shortened by it.

    GPT-5.4 mini at medium writes four tokens for one that is read: (0.7 + 3) / 4 of 2,000.
    """
    case = case_with(quality={"reasoning_effort": "medium"})
    rows = [
        *[PilotRow("gpt-4o", "prompt", 1.0, 2150, 500)] * 40,
        *[PilotRow("gpt-5.4-mini", "prompt", 1.0, 2150, 2000)] * 40,
    ]
    logged = case.with_scenario(with_pilot(case.given, rows))
    assert tokens(logged, "gpt-4o", "prompt_short")[2] == pytest.approx(350)
    assert tokens(logged, "gpt-5.4-mini", "prompt_short")[2] == pytest.approx(2000 * 3.7 / 4)


def test_an_effort_moves_what_is_thought() -> None:
    """Needed, so medium: 4 x 400. Low hides a fifth of 1,200, high 2.9 times as much."""
    case = case_with(quality={"needs_reasoning": True})
    written = {
        one: tokens(case, "gpt-5.4-mini", one)[2]
        for one in ("prompt", "prompt_low_effort", "prompt_high_effort")
    }
    assert written == pytest.approx(
        {"prompt": 1600, "prompt_low_effort": 400 + 240, "prompt_high_effort": 400 + 3480}
    )
    shares = [
        central(quality.of_model(case, "gpt-5.4-mini", one))
        for one in ("prompt_low_effort", "prompt", "prompt_high_effort")
    ]
    assert shares == sorted(set(shares))


def test_an_effort_that_is_prescribed_or_cannot_move_is_no_option() -> None:
    assert "reasoning_effort" in stops(case_with(), "gpt-4o", "prompt_low_effort")
    needed = case_with(quality={"needs_reasoning": True})
    assert "reasoning_effort" not in stops(needed, "gpt-5.4-mini", "prompt_low_effort")
    said = case_with(quality={"needs_reasoning": True, "reasoning_effort": "high"})
    assert "reasoning_effort" in stops(said, "gpt-5.4-mini", "prompt_low_effort")


def test_a_test_at_one_effort_is_carried_to_another() -> None:
    """0.80 judged at medium, 12 points lost of 80 there and 40 at low: 28 points less.

    ln 4 = 1.386; on a scale of s points to a factor of e the share is 1 / (1 + exp(28 / s) / 4). More effort
    is an assumed gain: judged at the 0.80 that was tested.
    """
    rows = [PilotRow("gpt-5.4-mini", "prompt", score) for score in [1.0] * 80 + [0.0] * 20]
    case = case_with(quality={"needs_reasoning": True})
    case = case.with_scenario(with_pilot(case.given, rows))
    scale = case.central("quality.rating_scale", "elo")
    low = 1 / (1 + 2.718281828 ** (28 / scale) / 4)
    assert central(quality.of_model(case, "gpt-5.4-mini", "prompt_low_effort")) == pytest.approx(low)
    more, why = quality.judged(case, model_of("gpt-5.4-mini"), by("prompt_high_effort"))
    assert more == pytest.approx(0.80)
    assert "test first" in why


def test_an_order_moves_what_repeats_into_the_cache() -> None:
    """400 + 150 lead today; 0.5 x 2,000 stand behind: 1,550 in front, kept from 1,024 in steps of 128."""
    case = case_with(workload={"repeated_later_share": 0.5})
    assert tokens(case, "gpt-4o", "prompt_ordered")[1] == pytest.approx(1550)
    assert central(requests.cacheable(case, 550)) == 0
    assert central(requests.cacheable(case, 1550)) == 1024 + 4 * 128
    assert "repeated_parts" not in stops(case, "gpt-4o", "prompt_ordered")
    assert "repeated_parts" in stops(case_with(), "gpt-4o", "prompt_ordered")
    # 550 + 400 = 950 are below what a service keeps at all
    little = case_with(workload={"repeated_later_share": 0.2})
    assert "repeated_parts" in stops(little, "gpt-4o", "prompt_ordered")


def test_a_schema_is_for_answers_made_of_fields() -> None:
    """250 tokens of schema in every request, a tenth less written; the form held to 0.95, not 0.88."""
    case = case_with({"gap": "format", "examples": 0}, task="extract")
    assert tokens(case, "gpt-4o", "prompt_schema") == pytest.approx((2400, 800, 360))
    plain, held = (central(quality.coverage(case, one)) for one in ("prompt", "prompt_schema"))
    assert held / plain == pytest.approx(0.95 / 0.88)
    assert "fields" not in stops(case, "gpt-4o", "prompt_schema")
    assert "fields" in stops(case_with(task="chat"), "gpt-4o", "prompt_schema")


def test_a_pupil_closes_half_the_distance_to_its_teacher() -> None:
    """GPT-5.4 was tested at 0.90; the pupil stands at s by its rating and reaches s + (0.90 - s) / 2."""
    case = case_with({"teacher": "gpt-5.4", "teacher_answers_licensed": "yes"})
    rows = [PilotRow("gpt-5.4", "prompt", score) for score in [1.0] * 90 + [0.0] * 10]
    case = case.with_scenario(with_pilot(case.given, rows))
    able = central(quality.ability(case, "llama-3.1-8b"))
    learnt = central(quality.of_model(case, "llama-3.1-8b", "distill"))
    assert learnt == pytest.approx(able + (0.90 - able) / 2)
    assert not stops(case, "llama-3.1-8b", "distill")


def test_learning_from_a_model_needs_its_terms() -> None:
    case = case_with({"teacher": "gpt-5.4"})
    assert stops(case, "llama-3.1-8b", "distill") == {"teacher_licence"}
    allowed = case_with({"teacher": "llama-3.1-8b", "teacher_answers_licensed": "yes"})
    assert "teacher" in stops(allowed, "llama-3.1-8b", "distill")


def test_the_teacher_is_paid_once() -> None:
    """2,000 good answers of 80 %: 2,500 are written, and 2,500 / 0.98 sent as one in 50 fails.

    A run reads 2,000 x (2,000 + 400) three times.
    """
    case = case_with({"teacher": "gpt-5.4", "teacher_answers_licensed": "yes"})
    assert training.run_tokens(case, "distill") == 2000 * 2400 * 3
    lines = training.lines(case, model_of("llama-3.1-8b"), by("distill"), GLOBAL)
    (asked,) = (one for one in some(lines, Resource.EVALUATION_RUN, "once") if "to learn from" in one.what)
    assert central(asked.quantity) == pytest.approx(2500)
    read, out = (
        case.central(f"prices.gpt-5.4.datazone_eu.{meter}", "USD/Mtok") for meter in ("input", "output")
    )
    hidden = central(requests.request(case, "gpt-5.4", "prompt").hidden_output)
    each = (2150 * read + (400 + hidden) * out) / 1e6
    assert central(asked.footprint["cost"]) == pytest.approx(2500 / 0.98 * each)


def test_a_teacher_is_given_what_it_needs() -> None:
    """Passages where facts are missing, each found by a search; an agent's tools, call by call."""
    learning = {"teacher": "gpt-5.4", "teacher_answers_licensed": "yes"}
    case = case_with({**learning, "gap": "facts", "documents": 1000}, workload={"retry_rate": 0.0})
    pupil = model_of("llama-3.1-8b")
    lines = training.lines(case, pupil, by("distill"), GLOBAL)
    answers, searches = (line for line in lines if "to learn from" in line.what)
    assert searches.place == search_units.where_searched(case).key
    each = search_units.one_search(case, "hybrid")
    assert central(searches.footprint["energy"]) == pytest.approx(2500 * central(each["energy"]))
    service = plain_service(case, "gpt-5.4")
    one = calls.one_call(case, model_of("gpt-5.4"), by("rag_hybrid"), service)
    assert central(answers.footprint["energy"]) == pytest.approx(2500 * central(one["energy"]))
    agent = {"calls_per_task": 10, "tools_per_call": 1.1, "tool_usd": 0.001}
    case = case_with(learning, workload={"retry_rate": 0.0}, agent=agent)
    (asked,) = (
        one for one in training.lines(case, pupil, by("distill"), GLOBAL) if "to learn from" in one.what
    )
    one = calls.one_call(case, model_of("gpt-5.4"), by(quality.reference_technique(case)), service)
    tools = 2500 * 1.1 * 0.001
    assert central(asked.footprint["cost"]) == pytest.approx(2500 * central(one["cost"]) + tools)


def test_where_a_lever_pays() -> None:
    """A year with a lever over a year without: it pays while it keeps more of the accepted answers."""
    case = case_with(workload={"repeated_later_share": 0.5})
    rows = levers.table(case, Plan(model_of("gpt-4o"), by("prompt"), GLOBAL, *LATE)).rows
    found = {str(row[0]).split(", ")[-1]: row for row in rows}
    usual, short = found["Prompt engineering"], found["answers kept short by limits and stop rules"]
    assert usual[6:9] == pytest.approx((100.0, 100.0, 100.0))
    assert short[7] == pytest.approx(100 * float(short[5]) / float(usual[5]))
    assert float(short[7]) < 97.0 == pytest.approx(float(short[8]))
    assert float(found["what repeats put first"][7]) < 100.0
    assert found["what repeats put first"][8] == pytest.approx(100.0)
    # examples take more than they spare: they must add answers
    assert float(found["Few-shot prompt"][7]) > 100.0


def test_a_pilot_log_may_name_a_lever() -> None:
    (row,) = parse_pilot_log("model,technique,score\ngpt-4o,rag_hybrid+short,1\n")
    assert row.technique == "rag_hybrid_short"
