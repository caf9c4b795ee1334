"""An agent's task: a tree of calls with a growing history, and the ways to work at it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.core.errors import ScenarioError
from advisor.estimate import agentic
from advisor.scenario import parse_scenario
from advisor.scenario.traffic import HOURS_OF_WEEK, Traffic
from advisor.steps.improvement import alternatives
from advisor.system import (
    agent_patterns,
    beyond_text,
    billing,
    improvement_gates,
    provider_pool,
    quality,
    requests,
    task,
    thinking,
)  # fmt: skip
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting

GLOBAL, PLAIN = DeploymentSetting("maas", "global"), by("prompt")
AGENT = {"calls_per_task": 10, "growth_tokens": 1000, "cached_history_share": 0.9, "tools_per_call": 0}
LOAD = {
    "requests_per_day": 1000, "input_tokens": 3000, "output_tokens": 200, "retry_rate": 0,
    "turns_per_task": 1,
    "growth_per_year": 0, "cached_input_share": 0,
}  # fmt: skip


def working(agent: dict[str, Any] | None = None, **workload: Any) -> Case:
    given = {"agent": {**AGENT, **(agent or {})}}
    return case_of(task="code", workload={**LOAD, **workload}, knowledge={"gap": "none"}, **given)


def call(case: Case, model: str = "gpt-5.4") -> requests.Shape:
    return requests.shape(case, model, "prompt")


def test_a_history_grows_with_each_call() -> None:
    """3,000 to begin with, 1,000 more each call: 3, 4, ... 12 thousand read, 75,000 in ten calls.

    Of the second call the first one's 3,000 were sent before, ..., of the tenth 11,000: 63,000 in all.
    """
    steps = agentic.chain(10, 3000, 1000)
    assert [one.read for one in steps] == [3000 + 1000 * number for number in range(10)]
    mean = agentic.merged(list(steps))
    assert (mean.read * mean.weight, mean.before * mean.weight) == (75_000, 63_000)
    assert mean.first == 1
    grouped = agentic.merged(list(agentic.grouped(steps, 3)))
    assert (grouped.read, grouped.before, grouped.weight) == pytest.approx((7500, 6300, 10))


def test_a_summary_stands_for_the_history() -> None:
    """Above 6,000 in all, kept to 1,000: calls read 3, 4, 5, 6 thousand; the fifth would read 7,000.

    So a summary call reads those 7,000 and writes 1,000, and the next one reads 3,000 + 1,000.
    """
    steps = agentic.chain(6, 3000, 1000, above=6000, keep=1000)
    assert [(one.read, bool(one.summaries)) for one in steps] == [
        (3000, False), (4000, False), (5000, False), (6000, False), (7000, True), (4000, False),
        (5000, False),
    ]  # fmt: skip
    # after a summary only the start was sent before
    assert steps[5].before == 3000
    # a summary that is no shorter than the history is not written
    assert not any(one.summaries for one in agentic.chain(6, 3000, 1000, above=3500, keep=9000))


def test_a_part_of_a_call_counts_in_part() -> None:
    steps = agentic.chain(2.5, 100, 10)
    assert [(one.read, one.weight) for one in steps] == [(100, 1), (110, 1), (120, 0.5)]


def test_a_task_costs_what_its_calls_cost() -> None:
    """GPT-5.4, global; the prompt's instructions add 150 tokens to each call.

    Read 75,000 + 10 x 150 = 76,500, of them 0.9 x 63,000 = 56,700 from the cache at 0.25, 19,800 at 2.50;
    written 10 x 200 at 15: 14,175 + 49,500 + 30,000 = 93,675 -> $0.093675 a task.
    """
    case = working()
    assert central(requests.attempts(case, model_of("gpt-5.4"), PLAIN)) == 10
    assert central(call(case).input_tokens) == 7650
    assert central(call(case).cached_tokens) == 5670
    each = provider_pool.per_attempt(case, model_of("gpt-5.4"), PLAIN, GLOBAL)
    assert 10 * central(each["cost"]) == pytest.approx(0.093675)


def test_the_accepted_task_is_what_is_counted() -> None:
    """1,000 tasks a day are 365,000 a year: $34,191 by the token; per accepted task over the share."""
    case = working()
    model = model_of("gpt-5.4")
    lines = billing.serving(case, model, PLAIN, GLOBAL)
    tokens = [line for line in lines if line.what.startswith("calls by the token")]
    year = sum(central(line.per_year(case)["cost"]) for line in tokens)
    assert year == pytest.approx(0.093675 * 365_000)
    first, *_ = agent_patterns.patterns(case, "gpt-5.4", "gpt-5.4-nano", PLAIN, GLOBAL)
    assert first.usd == pytest.approx(0.093675)
    assert first.accepted(first.usd) == pytest.approx(0.093675 / first.success)


def test_long_steps_reprice_each_by_itself() -> None:
    """Ten calls of 30, 60, ..., 300 thousand tokens, none from a cache: only the last is above 272,000.

    Its price is doubled where the mean of 165,000 would never be: 1,350,000 x 2.50 + 300,000 x 5 read and
    9 x 15 + 22.50 for each of 100 tokens written. Steps are priced in groups of two, so that the last group
    is at 285,000, above too: 1,080,000 x 2.50 + 570,000 x 5 + 100 x (8 x 15 + 2 x 22.50).
    """
    case = working(
        {"growth_tokens": 30_000, "cached_history_share": 0}, input_tokens=30_000 - 150, output_tokens=100
    )
    each = provider_pool.per_attempt(case, model_of("gpt-5.4"), PLAIN, GLOBAL)
    by_hand = (1_080_000 * 2.5 + 570_000 * 5 + 100 * (8 * 15 + 2 * 22.5)) / 1e6
    assert 10 * central(each["cost"]) == pytest.approx(by_hand)


def test_sub_agents_begin_anew() -> None:
    """Two sub-agents of three calls from 500 tokens: 2 x (500 + 1,500 + 2,500) = 9,000 beside 75,000."""
    case = working({"sub_agents": 2, "calls_per_sub_agent": 3, "sub_agent_input_tokens": 500})
    found = task.tree(case)
    assert found is not None
    assert found.calls == 16
    assert found.mean.read * found.calls == pytest.approx(84_000)
    assert found.mean.first == 3  # three agents open their work


def test_compressed_prompts_are_no_prefix() -> None:
    """Compression shortens the history too, but what is written anew for each call no cache holds."""
    case = working()
    ratio = case.central("compression.ratio", "ratio")
    squeezed = requests.shape(case, "gpt-5.4", "compression")
    assert central(squeezed.input_tokens) == pytest.approx(7500 / ratio)
    assert central(squeezed.cached_tokens) == 0
    parts = requests.apart(case, squeezed, "compression")
    assert sum(share * central(one.input_tokens) for one, share in parts) == pytest.approx(7500 / ratio)
    assert sum(share * central(one.cached_tokens) for one, share in parts) == 0


def test_a_rating_of_single_answers_is_held_against_tasks() -> None:
    """GPT-5.4 was tested at 0.5 where its rating says s: every untested model moves by the same points.

    On the logistic curve that is the same step of log-odds: ln(0.5 / 0.5) - ln(s / (1 - s)).
    """

    def odds(share: float) -> float:
        return float(np.log(share / (1 - share)))

    tested = {"scores": {"gpt-5.4": {"score": 0.5, "samples": 400}}}
    plain = case_of(task="code", knowledge={"gap": "none"}, agent=AGENT)
    held = case_of(task="code", knowledge={"gap": "none"}, agent=AGENT, quality=tested)
    step = -odds(central(quality.ability(plain, "gpt-5.4")))
    moved = [central(quality.ability(case, "gpt-5.5")) for case in (plain, held)]
    assert odds(moved[1]) - odds(moved[0]) == pytest.approx(step)
    # without an agent a rating stands as it is
    single = case_of(task="code", knowledge={"gap": "none"}, quality=tested)
    assert central(quality.ability(single, "gpt-5.5")) == pytest.approx(moved[0])


def test_retries_are_calls_of_the_task() -> None:
    """One call in five is sent again: 10 / 0.8 = 12.5 calls a task."""
    assert central(requests.attempts(working(retry_rate=0.2), model_of("gpt-5.4"), PLAIN)) == 12.5


def test_tools_are_charged_apart() -> None:
    """Ten calls, 0.8 tools each, 2 Wh and $0.001 a tool: 8 tools, 16 Wh before overhead, $0.008."""
    case = working({"tools_per_call": 0.8, "tool_wh": 2, "tool_usd": 0.001})
    sweden = DeploymentSetting("maas", "regional", region="swedencentral")
    (line,) = beyond_text.lines(case, model_of("gpt-5.4"), PLAIN, sweden)
    pue = case.central("regions.swedencentral.pue", "ratio")
    assert central(line.quantity) == pytest.approx(8)
    assert central(line.footprint["energy"]) == pytest.approx(0.016 * pue)
    assert central(line.footprint["cost"]) == pytest.approx(0.008)


def test_workers_under_a_planner() -> None:
    """A quarter of ten calls by GPT-5.4, the rest by nano with half the history: 500 a call more.

    Those read 3, 3.5, ... 7.5 thousand and 150: 5,400 on average. Sent before were 3 + 3.5 + ... + 7
    thousand = 45,000, a tenth of it a call, so 0.9 x 4,500 = 4,050 come from the cache. The large model's
    calls stay at $0.0093675; nano's output carries its own multiplier.
    """
    ways = agent_patterns.patterns(working({"planner_share": 0.25}), "gpt-5.4", "gpt-5.4-nano", PLAIN, GLOBAL)
    base, team = ways[0], next(one for one in ways if "plans 25%" in one.title)
    nano = case_multiplier("gpt-5.4-nano")
    by_hand = 2.5 * 0.0093675 + 7.5 * (1350 * 0.20 + 4050 * 0.02 + 200 * nano * 1.25) / 1e6
    assert team.usd == pytest.approx(by_hand, rel=1e-6)
    assert team.success == pytest.approx(0.93 * base.success)
    assert team.assumed
    assert team.pays_from(base) == pytest.approx(by_hand / 0.093675)


def case_multiplier(model: str) -> float:
    return central(thinking.multiplier(case_of(), model))


def test_fewer_steps_read_less_of_the_same() -> None:
    """A quarter fewer calls do the same: 7.5 calls, each adding a third more. All else is as it was."""
    ways = agent_patterns.patterns(working(), "gpt-5.4", "gpt-5.4-nano", PLAIN, GLOBAL)
    fewer = next(one for one in ways if one.title.startswith("fewer"))
    # 3,000 + 150 + k x 4,000 / 3 for k = 0..6 and half of k = 7: 7.5 x 3,150 + (21 + 3.5) x 1,333.3
    assert fewer.read == pytest.approx(7.5 * 3150 + 24.5 * 4000 / 3)
    assert fewer.calls == 7.5
    assert fewer.usd < ways[0].usd


def test_summarising_pays_for_long_tasks_alone() -> None:
    """Its calls write and break the cache: ten short calls lose by it, sixty with long results gain."""

    def told(case: Case) -> tuple[agent_patterns.Pattern, agent_patterns.Pattern]:
        ways = agent_patterns.patterns(case, "gpt-5.4", "gpt-5.4-nano", PLAIN, GLOBAL)
        return ways[0], ways[-1]

    base, short = told(working())
    assert short.pays_from(base) > 1
    base, long = told(working({"calls_per_task": 60, "growth_tokens": 6000, "cached_history_share": 0.5}))
    assert long.pays_from(base) < 1


def test_more_calls_never_cost_less() -> None:
    cost = [
        central(provider_pool.per_attempt(case, model_of("gpt-5.4"), PLAIN, GLOBAL)["cost"])
        * central(requests.attempts(case, model_of("gpt-5.4"), PLAIN))
        for case in (working({"calls_per_task": calls}) for calls in (1, 2, 5, 5.5, 20, 100))
    ]
    assert cost == sorted(cost)
    assert cost[0] < cost[-1]


def test_a_trace_gives_calls_and_growth() -> None:
    """A log of 8,000 calls a day in tasks of 16: 500 tasks; its input of 9,000 holds the history already."""
    profile = Traffic(
        recognised_as="OpenTelemetry GenAI spans", period_start="2026-01-05", period_end="2026-02-05",
        hours_covered=744, requests=240_000, requests_per_day={"low": 7000, "central": 8000, "high": 9000},
        hour_of_week=[1.0] * HOURS_OF_WEEK, hours_observed=[4] * HOURS_OF_WEEK,
        peak_to_mean={"low": 2, "central": 3, "high": 4}, input_tokens={"mean": 9000},
        output_tokens={"mean": 250}, cached_share={"low": 0.6, "central": 0.7, "high": 0.8},
        tasks={
            "told_by": "trace", "tasks": 15_000, "turns_mean": 16, "turns_p50": 14, "turns_p90": 30,
            "turns_maximum": 90, "growth": 800, "tools": 12,
        },
        confidence="high",
    )  # type: ignore[arg-type]  # fmt: skip
    scenario = parse_scenario({
        "name": "A trace", "task": "code", "timing": {"start": "2026-06-01"}, "knowledge": {"gap": "none"},
        "workload": {"retry_rate": 0, "turns_per_task": 1}, "agent": {"tools_per_call": 0},
    })  # fmt: skip
    scenario._traffic = profile
    case = Case(scenario, case_of().shipped, 16, 1)
    assert central(case.workload.requests_per_day) == pytest.approx(500)
    assert central(requests.attempts(case, model_of("gpt-5.4"), PLAIN)) == 16
    assert central(call(case).input_tokens) == pytest.approx(9150)
    assert central(call(case).cached_tokens) == pytest.approx(0.7 * 9150)
    # half the calls read 4 x 800 tokens less each: 9,150 - (15 - 7) / 2 x 800
    halved = case.varied({"agent.calls_per_task": 8})
    assert central(call(halved).input_tokens) == pytest.approx(9150 - 4 * 800)


def test_one_call_is_what_a_request_was() -> None:
    """An agent of one call without tools reads, and costs, what the same request does without an agent."""
    plain = case_of(task="code", workload=LOAD, knowledge={"gap": "none"})
    lone = working({"calls_per_task": 1})
    for model in ("gpt-5.4", "gpt-5.6-terra"):
        one, other = (
            provider_pool.per_attempt(case, model_of(model), PLAIN, GLOBAL) for case in (plain, lone)
        )
        assert central(one["cost"]) == pytest.approx(central(other["cost"]))
        assert central(one["energy"]) == pytest.approx(central(other["energy"]))


def test_a_summary_must_be_shorter_than_what_it_stands_for() -> None:
    with pytest.raises(ScenarioError, match="compact_to_tokens below"):
        working({"compact_above_tokens": 1000, "compact_to_tokens": 1000})


def test_ways_of_working_are_options_of_their_own() -> None:
    """Fewer steps: 7.5 calls of 1,333 tokens more each write as much in all; per task as in the table.

    A way that nobody tested on whole tasks is ruled out; without an agent it is no option.
    """
    case = working()
    model = model_of("gpt-5.4")
    keys = [one.key for one in alternatives(case, model)]
    assert {"prompt_fewer_steps", "prompt_compacted"} <= set(keys)
    calls = central(requests.attempts(case, model, by("prompt_fewer_steps")))
    shape = requests.shape(case, "gpt-5.4", "prompt_fewer_steps")
    assert calls == pytest.approx(7.5)
    assert calls * central(shape.input_tokens) == pytest.approx(7.5 * 3150 + 24.5 * 4000 / 3)
    assert calls * central(shape.output_tokens) == pytest.approx(10 * 200)
    ways = {one.title: one for one in agent_patterns.patterns(case, "gpt-5.4", "gpt-5.4-nano", PLAIN, GLOBAL)}
    for key, title in (
        ("prompt_fewer_steps", "fewer, larger steps"),
        ("prompt_compacted", "a summarised history"),
    ):
        each = provider_pool.per_attempt(case, model, by(key), GLOBAL)
        attempts = central(requests.attempts(case, model, by(key)))
        assert attempts * central(each["cost"]) == pytest.approx(ways[title].usd)
        share = central(quality.accepted(case, model, by(key)))
        assert share == pytest.approx(ways[title].success)
        assert "retention" in fallen(improvement_gates.gates(case, model, by(key)))
    already = working({"compact_above_tokens": 6000, "compact_to_tokens": 1000})
    assert "history" in fallen(improvement_gates.gates(already, model, by("prompt_compacted")))
    plain = [one.key for one in alternatives(case_of(knowledge={"gap": "none"}), model)]
    assert not any(key.endswith(("fewer_steps", "compacted")) for key in plain)
