"""Workers under a planner are a plan of their own: a bill, a share accepted and a gate."""

from __future__ import annotations

from typing import Any

import pytest
from system.settings import by, case_of, fallen, model_of, year

from advisor.core.draws import central
from advisor.steps import spaces
from advisor.system import billing, improvement_gates, provider_pool, quality, requests
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting

GLOBAL, PLAIN = DeploymentSetting("maas", "global"), by("prompt")
TEAM = model_of("gpt-5.4-nano", "gpt-5.4", kind="team")
OWN = {"gpt-5.4": {"score": 0.9, "samples": 400, "technique": "prompt"}}


def working(scores: dict[str, Any] | None = None, **agent: Any) -> Case:
    given = {
        "calls_per_task": 10, "growth_tokens": 1000, "cached_history_share": 0.9, "tools_per_call": 0,
        "planner_share": 0.25, **agent,
    }  # fmt: skip
    load = {
        "requests_per_day": 1000, "input_tokens": 3000, "output_tokens": 200, "retry_rate": 0,
        "turns_per_task": 1, "growth_per_year": 0, "cached_input_share": 0,
    }  # fmt: skip
    return case_of(
        0, task="code", workload=load, knowledge={"gap": "none"}, agent=given,
        quality={"floor": 0.8, "scores": OWN if scores is None else scores},
    )  # fmt: skip


def test_a_team_is_billed_as_a_plan() -> None:
    """Each call: a quarter is GPT-5.4's at $0.0093675, the rest nano's with half the history.

    That reads 5,400, of them 4,050 from a cache: 1,350 x 0.20 + 4,050 x 0.02 + 200 x 1.25 = $0.000601.
    2.5 x 0.0093675 + 7.5 x 0.000601 = $0.02792625 a task, 365,000 tasks a year: $10,193.
    """
    case = working()
    assert central(requests.shape(case, "gpt-5.4-nano", "prompt_worker").input_tokens) == 5400
    assert central(requests.shape(case, "gpt-5.4-nano", "prompt_worker").cached_tokens) == 4050
    each = provider_pool.per_attempt(case, TEAM, PLAIN, GLOBAL)
    assert 10 * central(each["cost"]) == pytest.approx(0.02792625)
    lines = [
        line for line in billing.serving(case, TEAM, PLAIN, GLOBAL) if line.what.startswith("calls by the")
    ]
    assert year(case, lines, "cost") == pytest.approx(0.02792625 * 365_000)


def test_a_planner_who_does_all_is_the_large_model() -> None:
    case = working(planner_share=1.0)
    alone = provider_pool.per_attempt(case, model_of("gpt-5.4"), PLAIN, GLOBAL)
    together = provider_pool.per_attempt(case, TEAM, PLAIN, GLOBAL)
    for indicator in ("cost", "energy"):
        assert central(together[indicator]) == pytest.approx(central(alone[indicator]))


def test_what_a_team_keeps_is_assumed_until_it_is_tested() -> None:
    """GPT-5.4 was tested at 0.90; 0.93 of that is assumed to remain: 0.837, ruled out as untested.

    A test of the team on whole tasks at 0.82 takes its place and brings it back.
    """
    case = working()
    assert quality.judged(case, TEAM, PLAIN)[0] == pytest.approx(0.837)
    assert fallen(improvement_gates.gates(case, TEAM, PLAIN)) == {"retention"}
    tested = working({**OWN, "team": {"score": 0.82, "samples": 300}})
    assert quality.judged(tested, TEAM, PLAIN) == (pytest.approx(0.82), "your own test")
    assert not fallen(improvement_gates.gates(tested, TEAM, PLAIN))


def test_a_team_is_an_option_of_an_agent_alone() -> None:
    offered = [one for one in spaces().models(working()) if one.kind == "team"]
    assert len(offered) == 1
    small, large = offered[0].models
    shares = [central(quality.of_model(working(), key, "prompt")) for key in (small, large)]
    assert shares[0] < shares[1]
    assert not [one for one in spaces().models(case_of(0)) if one.kind == "team"]
