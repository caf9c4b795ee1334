"""Reading a pilot log: what is accepted, and every fault with its line."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.errors import ScenarioError
from advisor.scenario import load_scenario, with_values
from advisor.scenario.pilot_log import PilotRow, load_pilot_log, parse_pilot_log

HEADER = "model,technique,score,input_tokens,output_tokens,turns,retries\n"


def test_a_full_row() -> None:
    rows = parse_pilot_log(HEADER + "gpt-5.4,rag_hybrid,0.5,2100,240,2,1\n")
    assert rows == (PilotRow("gpt-5.4", "rag_hybrid", 0.5, 2100, 240, 2, 1),)


@pytest.mark.parametrize(
    "text", ["model,score\nphi-4,1\n", "score;model\n1;phi-4\n", "\ufeffModel\tScore\nphi-4\tyes"]
)
def test_separators_order_and_words(text: str) -> None:
    assert parse_pilot_log(text) == (PilotRow("phi-4", "prompt", 1.0),)


def test_techniques_may_be_written_as_people_do() -> None:
    rows = parse_pilot_log("model,technique,score\nphi-4,RAG hybrid,1\nphi-4,RAG+LoRA,0\nphi-4,few-shot,1\n")
    assert [row.technique for row in rows] == ["rag_hybrid", "rag_lora", "few_shot"]


def test_every_fault_at_once_with_its_line() -> None:
    text = HEADER + "gpt-5.4,prompt,1.2,,,,\n,promt,x,-1,,,\n"
    with pytest.raises(ScenarioError) as caught:
        parse_pilot_log(text, "pilot.csv")
    told = str(caught.value)
    assert len(caught.value.faults) == 5
    assert "pilot.csv:2 score" in told
    assert "did you mean 'prompt'?" in told
    assert "pilot.csv:3 input_tokens" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a column 'model'"),
        ("modle,score\nx,1\n", "did you mean 'modle'?"),
        ("model,score,cost\nx,1,2\n", "'cost'"),
        ("model,score,score\nx,1,1\n", "each column once"),
        ("model,score\n", "at least one judged answer"),
        ("model,score\nx,1,2,3\n", "as many cells as columns"),
        ("model,score\nx,nan\n", "a number from 0 to 1"),
        ("model,score\nx,inf\n", "a number from 0 to 1"),
    ],
)
def test_what_is_no_pilot_log(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_pilot_log(text)
    assert said in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ScenarioError):
        assert all(0 <= row.score <= 1 for row in parse_pilot_log(text))


def test_a_scenario_brings_its_pilot_log(tmp_path: Path, scenario_file: Callable[..., Path]) -> None:
    (tmp_path / "pilot.csv").write_text("model,score\nphi-4,1\nphi-4,0\n", encoding="utf-8")
    path = scenario_file("name: A test\ntask: chat\nmeasurements: {pilot_log: pilot.csv}\n")
    scenario = load_scenario(path)
    assert len(scenario.pilot) == 2
    # it stays with what is tried out from the scenario
    assert len(with_values(scenario, {"workload.requests_per_day": 5}).pilot) == 2


def test_faults_of_the_log_are_told_with_those_of_the_scenario(
    tmp_path: Path, scenario_file: Callable[..., Path]
) -> None:
    (tmp_path / "pilot.csv").write_text("model,score\nphi-4,7\n", encoding="utf-8")
    path = scenario_file("name: A test\ntask: chatt\nmeasurements: {pilot_log: pilot.csv}\n")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert len(caught.value.faults) == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError):
        load_pilot_log(tmp_path / "none.csv")
