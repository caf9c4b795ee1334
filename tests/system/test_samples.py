"""A sample takes what is judged: one answer with its search, or an agent's whole task with its tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from system.settings import by, case_of, model_of, some, year

from advisor.core.draws import central
from advisor.system import calls, retraining, search_units, succession, training, upkeep
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, OperationSetting

HERE = "region:swedencentral"
SERVICE = DeploymentSetting("maas", scope="regional", region="swedencentral")
MODEL, PROMPT, LORA = model_of("gpt-4o-mini"), by("prompt"), by("lora")
PLANNED = OperationSetting("never", "planned", "now")
RUNS = {"evaluation_runs_per_month": 4, "evaluation_samples": 500}
AGENT = {"calls_per_task": 10, "tools_per_call": 1.1, "tool_wh": 0.4, "tool_usd": 0.001}


def agentic(**sections: Any) -> Case:
    return case_of(
        agent=AGENT, workload={"retry_rate": 0.0, "turns_per_task": 1}, operations=RUNS, **sections
    )


def test_a_sample_of_an_agent_is_its_whole_task() -> None:
    """Ten calls and eleven tools of 0.4 Wh and $0.001: 4.4 Wh before the overhead, and 1.1 cents."""
    case = agentic()
    one, task = (what(case, MODEL, PROMPT, SERVICE) for what in (calls.one_call, calls.one_sample))
    tools = 11 * 0.0004 * central(place(case, HERE).pue)
    assert central(task.all["energy"]) == pytest.approx(10 * central(one["energy"]) + tools)
    assert central(task.all["cost"]) == pytest.approx(10 * central(one["cost"]) + 0.011)


def test_whatever_is_judged_is_judged_by_such_samples() -> None:
    """2,000 samples a month of evaluation, 500 a run of tuning, 800 trials of prompts, 1,300 a successor."""
    case = agentic(knowledge={"gap": "format", "examples": 2000, "tuning_runs": 10})
    for technique, module, what, count in (
        (PROMPT, training, "trying out prompts", 800.0),
        (LORA, training, "answers that judge each run", 10 * 500.0),
        (PROMPT, succession, "answers that try a successor", None),
    ):
        found = {line.what: line for line in module.lines(case, MODEL, technique, SERVICE)}
        line, task = found[what], calls.one_sample(case, MODEL, technique, SERVICE)
        times = central(line.quantity) if count is None else count
        assert central(line.quantity) == times
        assert central(line.footprint["energy"]) == pytest.approx(times * central(task.all["energy"]))
        assert line.unit == "task"
    again, _ = some(upkeep.watching(case, MODEL, PROMPT, SERVICE, PLANNED), Resource.EVALUATION_RUN)
    task = calls.one_sample(case, MODEL, PROMPT, SERVICE)
    assert np.allclose(again.footprint["energy"], 2000 * task.all["energy"])
    # and as often as anything is trained again
    case = agentic(knowledge={"gap": "format", "examples": 2000})
    each = retraining.each_kwh(case, MODEL, LORA, SERVICE, PLANNED)
    run = retraining.run_again(case, MODEL, LORA, SERVICE, PLANNED)["energy"]
    task = calls.one_sample(case, MODEL, LORA, SERVICE)
    assert central(each - run) == pytest.approx(500 * central(task.all["energy"]))


def judged(case: Case, technique: str) -> list[Line]:
    found = upkeep.watching(case, MODEL, by(technique), SERVICE, PLANNED)
    return [line for line in found if line.what.startswith("answering the samples")]


def test_a_sample_of_retrieval_is_searched_for_where_the_index_stands() -> None:
    """2,000 calls in Sweden, and 2,000 searches with reranking where documents are searched."""
    case = case_of(operations=RUNS, constraints={"home_region": "polandcentral"})
    answered, searched = judged(case, "rag_rerank")
    one = calls.one_call(case, MODEL, by("rag_rerank"), SERVICE)
    assert (answered.place, searched.place) == (HERE, "region:polandcentral")
    assert np.allclose(answered.footprint.values, 2000 * one.values, equal_nan=True)
    each = search_units.one_search(case, "rerank")
    assert np.allclose(searched.footprint.values, 2000 * each.values, equal_nan=True)
    assert len(judged(case, "prompt")) == 1


def test_the_coding_agent_by_hand() -> None:
    """32 calls and 8 of a sub-agent, 1 / 0.97 tries each: 41.24 of 0.6884 Wh and $0.001837.

    28.39 Wh and 7.58 cents; and 1.1 tools a call of 0.4 Wh and $0.0004: 45.36 x 0.4 = 18.14 Wh, at the mean
    PUE of the EU zone, 1.157, 20.99 Wh, and 1.81 cents. So 49.38 Wh and 9.39 cents a task; 4 x 12 x 320 =
    15,360 tasks a year are 758 kWh.
    """
    case = open_case(template("coding_agent"))
    model, zone = model_of("deepseek-v4-flash"), DeploymentSetting("maas", scope="datazone", zone="eu")
    task = calls.one_sample(case, model, LORA, zone)
    assert central(task.all["energy"]) * 1000 == pytest.approx(49.38, rel=1e-3)
    assert central(task.all["cost"]) == pytest.approx(0.0939, rel=1e-3)
    lines = upkeep.watching(case, model, LORA, zone, PLANNED)
    answering = [line for line in lines if line.what.startswith("answering the samples")]
    assert year(case, answering) == pytest.approx(758, rel=1e-3)


def test_a_sample_is_made_once_where_use_sends_it_again() -> None:
    """A fifth of what is sent fails: 1.25 sendings. Two images of $0.0422 are 10.55 cents in use.

    A sample that is judged has arrived, once: 8.44 cents, beside one call. An answer asked again is in use.
    """
    case = case_of(workload={"retry_rate": 0.2, "turns_per_task": 1}, media={"images_made": 2})
    call = calls.one_call(case, MODEL, PROMPT, SERVICE)
    sample = calls.one_sample(case, MODEL, PROMPT, SERVICE)
    assert central(sample.all["cost"] - call["cost"]) == pytest.approx(0.0844)
    again = retraining.asked_again(case, MODEL, PROMPT, SERVICE)
    assert central(again.all["cost"]) - 1.25 * central(call["cost"]) == pytest.approx(0.1055)
