"""Tokens of a request, how often it is sent, and which model answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.scenario import with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.system import provider_pool, requests
from advisor.system.case import Case
from advisor.system.techniques import TITLES

PLAIN = {"input_tokens": 1000, "output_tokens": 300, "cached_input_share": 0.4, "retry_rate": 0.2}


def piloted(case: Case, *rows: PilotRow) -> Case:
    return case.with_scenario(with_pilot(case.given, rows))


def row(technique: str, tokens_in: float | None, tokens_out: float | None, **more: float) -> PilotRow:
    return PilotRow("o4-mini", technique, 1.0, tokens_in, tokens_out, **more)


def test_what_each_technique_adds_and_removes() -> None:
    case = case_of(
        workload=PLAIN,
        knowledge={
            "context_tokens_added": 2000,
            "prompt_tokens_tuning_removes": 500,
            "tokens_per_example": 100,
        },
    )
    tokens = {key: central(requests.request(case, "gpt-4o-mini", key).input_tokens) for key in TITLES}
    static = {key: central(requests.request(case, "gpt-4o-mini", key).static) for key in TITLES}
    shots = case.central("few_shot.examples", "item")
    assert tokens["few_shot"] == pytest.approx(1000 + shots * 100)
    assert static["few_shot"] == pytest.approx(400 + shots * 100)  # the same examples in every request
    assert tokens["rag_hybrid"] == pytest.approx(1000 + 2000)
    assert static["rag_hybrid"] == pytest.approx(400)  # passages differ
    assert tokens["rag_rerank"] < tokens["rag_hybrid"]
    assert tokens["lora"] == pytest.approx(1000 - 500)
    assert static["lora"] == pytest.approx(0)  # 400 of the prefix less 500
    assert tokens["rag_lora"] == pytest.approx(1000 - 500 + 2000)
    assert tokens["compression"] == pytest.approx(1000 / case.central("compression.ratio", "ratio"))
    assert static["compression"] == 0


def test_a_model_that_reasons_writes_hidden_tokens_that_are_billed() -> None:
    case = case_of(workload=PLAIN, quality={"needs_reasoning": True})
    times = case.central("models.o4-mini.output_multiplier", "ratio")
    asked = requests.request(case, "o4-mini", "prompt")
    assert central(asked.visible_output) == 300
    assert central(asked.output_tokens) == pytest.approx(300 * times)
    assert central(requests.shape(case, "o4-mini", "prompt").output_tokens) == pytest.approx(300 * times)


def test_measured_output_wins_with_whatever_technique_it_was_measured() -> None:
    """A pilot of o4-mini wrote 2,000 tokens with a prompt: nothing is multiplied on top, in any step."""
    case = piloted(case_of(workload=PLAIN), *(row("prompt", 1200, 2000) for _ in range(40)))
    for technique in TITLES:
        asked = requests.request(case, "o4-mini", technique)
        assert central(asked.output_tokens) == 2000
        assert central(asked.hidden_output) == 0
    # input counts only for the technique it was measured with
    assert central(requests.request(case, "o4-mini", "prompt").input_tokens) == 1200
    assert central(requests.request(case, "o4-mini", "rag_hybrid").input_tokens) == 1000 + 2000
    # another model of the pilot's learns nothing from it
    assert central(requests.request(case, "gpt-4o-mini", "prompt").output_tokens) == 300


def test_outputs_measured_with_several_techniques_are_weighted_by_answers() -> None:
    rows = [row("prompt", None, 1000)] * 30 + [row("few_shot", None, 2000)] * 90
    case = piloted(case_of(workload=PLAIN), *rows)
    assert requests.measured_output(case, "o4-mini", "prompt") == 1000
    # (30 × 1,000 + 90 × 2,000) / 120 = 1,750
    assert requests.measured_output(case, "o4-mini", "lora") == pytest.approx(1750)


def test_a_pilot_too_small_to_count_changes_nothing() -> None:
    case = piloted(case_of(workload=PLAIN), row("prompt", 1, 1))
    assert requests.measured_output(case, "o4-mini", "prompt") is None


def test_retries_and_turns_multiply() -> None:
    """At a retry rate of a fifth a request is sent 1 / 0.8 = 1.25 times."""
    case = case_of(workload=PLAIN, knowledge={"gap": "facts"})
    assert central(requests.sends(case)) == pytest.approx(1.25)
    sent = requests.attempts(case, model_of("gpt-4o-mini"), by("rag_hybrid"))
    assert central(sent) == pytest.approx(1.25)  # the turns were counted with the usual technique
    more = case.central("turns.prompt", "ratio") / case.central("turns.rag", "ratio")
    turns = (1 + 0.5 * more) / 1.5  # of 1.5 turns one is the question itself
    asked = requests.attempts(case, model_of("gpt-4o-mini"), by("prompt"))
    assert central(asked) == pytest.approx(turns * 1.25)


def test_a_pilot_counts_turns_and_retries() -> None:
    """3 turns where 1.5 are usual are twice as many; half a retry a request sends it 1.5 times."""
    rows = [row("prompt", None, None, turns=3.0, retries=0.5)] * 40
    case = piloted(case_of(workload={**PLAIN, "turns_per_task": 1.5}), *rows)
    assert central(requests.attempts(case, model_of("o4-mini"), by("prompt"))) == pytest.approx(2.0 * 1.5)


def test_a_task_done_in_one_turn_takes_no_fewer() -> None:
    case = case_of(workload={"turns_per_task": 1.0})
    for technique in ("prompt", "few_shot", "lora", "rag_hybrid"):
        assert requests.turns(case, "gpt-4o-mini", technique) == pytest.approx(np.ones(case.size))


def test_who_answers_what_share() -> None:
    case = case_of(quality={"easy_share": 0.6})
    (alone,) = requests.shares(case, model_of("gpt-4o-mini"), "prompt")
    assert alone[0] == "gpt-4o-mini"
    assert central(alone[1]) == 1.0
    router = model_of("gpt-4o-mini", "gpt-4o", kind="router")
    (small, near), (large, far) = requests.shares(case, router, "prompt")
    assert (small, large) == ("gpt-4o-mini", "gpt-4o")
    told = case.central("router.accuracy", "ratio")
    assert central(far) == pytest.approx(0.6 * (1 - told) + 0.4 * told)
    np.testing.assert_allclose(near + far, 1.0)
    cascade = model_of("gpt-4o-mini", "gpt-4o", kind="cascade")
    (_, first), _ = requests.shares(case, cascade, "prompt")
    assert central(first) == 1.0  # a cascade asks the small model every time


def test_of_two_models_only_the_small_one_is_tuned() -> None:
    pair = model_of("gpt-4o-mini", "gpt-4o", kind="router")
    assert requests.technique_of(pair, "gpt-4o-mini", "lora") == "lora"
    assert requests.technique_of(pair, "gpt-4o", "lora") == "prompt"
    assert requests.technique_of(pair, "gpt-4o", "rag_lora") == "rag_hybrid"
    case = case_of()
    shapes = {key: shape for key, shape, _ in provider_pool.parts(case, pair, "lora")}
    assert central(shapes["gpt-4o"].input_tokens) > central(shapes["gpt-4o-mini"].input_tokens)


def test_a_prefix_is_kept_in_steps_from_a_minimum_while_requests_keep_coming() -> None:
    """1,500 repeated tokens: 1,024 and three steps of 128 are 1,408; rare requests find it cleared."""
    busy = case_of(workload={"requests_per_day": 1e6})
    assert central(requests.kept_prefix(busy, 1500.0)) == pytest.approx(1408, rel=1e-3)
    assert central(requests.kept_prefix(busy, 1000.0)) == 0
    rare = case_of(workload={"requests_per_day": 10})
    # 10 a day, 20 % growth over 3 years, keeps 450 s: about 0.05 of the time
    assert central(requests.kept_prefix(rare, 1500.0)) < 0.1 * 1408


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(sorted(TITLES)),
    st.floats(10, 100_000), st.floats(1, 5_000), st.floats(0, 1), st.floats(0, 50_000), st.floats(0, 50_000),
)  # fmt: skip
def test_tokens_are_never_negative(
    technique: str, tokens: float, out: float, share: float, added: float, removed: float
) -> None:
    case = case_of(
        16,
        workload={"input_tokens": tokens, "output_tokens": out, "cached_input_share": share},
        knowledge={"context_tokens_added": added, "prompt_tokens_tuning_removes": removed},
    )
    asked = requests.request(case, "o4-mini", technique)
    assert np.all(asked.input_tokens > 0)
    assert np.all(asked.hidden_output >= 0)
    assert np.all((asked.static >= 0) & (asked.static <= asked.input_tokens))
    shape = requests.shape(case, "o4-mini", technique)
    assert np.all(np.asarray(shape.cached_tokens) <= asked.input_tokens)
