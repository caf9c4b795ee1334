"""From OpenTelemetry spans of an agent to what its tasks take."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.scenario import load_scenario
from advisor.scenario.traffic import save_traffic
from advisor.system import beyond_text, requests, task
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting
from advisor.usage import read_usage

RUNS, CALLS, FIRST, GROWTH = 200, 5, 2000, 500
START = datetime(2026, 11, 2, tzinfo=UTC)


def spans(path: Path) -> Path:
    """200 runs over two weeks, each five calls of 2,000, 2,500, ... 4,000 tokens and two tool calls."""
    lines = []
    for run in range(RUNS):
        begun = START + timedelta(days=14) * run / RUNS
        for number in range(CALLS):
            usage = {
                "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-5.4",
                "gen_ai.usage.input_tokens": FIRST + GROWTH * number, "gen_ai.usage.output_tokens": 100,
                "gen_ai.usage.cache_read.input_tokens": (FIRST + GROWTH * (number - 1)) if number else 0,
            }  # fmt: skip
            lines.append((begun + timedelta(seconds=20 * number), run, usage))
        for number in range(2):
            tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
            lines.append((begun + timedelta(seconds=20 * number + 5), run, tool))
    lines.sort(key=lambda line: line[0])
    text = "\n".join(
        json.dumps({"start_time": at.isoformat(), "attributes": usage, "context": {"trace_id": f"run-{run}"}})
        for at, run, usage in lines
    )
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_a_log_of_spans_gives_the_tree_of_calls(tmp_path: Path) -> None:
    """Five calls a task, 500 tokens more each, 3,000 on average, 0.4 tools a call; 200 / 14 tasks a day.

    Of 15,000 tokens a run 2,000 + 2,500 + 3,000 + 3,500 = 11,000 came from a cache.
    """
    save_traffic(read_usage([str(spans(tmp_path / "spans.jsonl"))]), tmp_path / "traffic.yaml")
    (tmp_path / "it.yaml").write_text(
        "schema_version: 1\nname: Traced\ntask: code\ntiming: {start: 2026-06-01}\nknowledge: {gap: none}\n"
        "workload: {traffic: traffic.yaml, turns_per_task: 1, retry_rate: 0}\nagent: {tool_wh: 1}\n",
        encoding="utf-8",
    )
    case = Case(load_scenario(tmp_path / "it.yaml"), case_of().shipped, 16, 1)
    found = task.tree(case)
    assert found is not None
    assert (found.calls, found.mean.read) == pytest.approx((5, 3000))
    assert central(case.workload.requests_per_day) == pytest.approx(200 / 14, rel=0.05)
    model, plain = model_of("gpt-5.4"), by("prompt")
    assert central(requests.attempts(case, model, plain)) == pytest.approx(5, rel=0.01)
    asked = requests.shape(case, "gpt-5.4", "prompt")
    assert central(asked.input_tokens) == pytest.approx(3150)
    assert central(asked.cached_tokens) / 3150 == pytest.approx(11 / 15, rel=0.01)
    (tools,) = beyond_text.lines(case, model, plain, DeploymentSetting("maas", "global"))
    assert central(tools.quantity) == pytest.approx(2, rel=0.01)
