"""Only a task's first question can be found in a cache: fewer turns a task cost less, and the floor holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from system.settings import by, case_of, fallen, model_of, year

from advisor.core.draws import central
from advisor.system import billing, caches, deployment_gates, requests
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting

MINI, GLOBAL = model_of("gpt-5.4-mini"), DeploymentSetting("maas", "global")
CACHED = replace(GLOBAL, cache="exact")


def talking(turns: float, **sections: object) -> Case:
    load = {"requests_per_day": 100_000, "repeat_share": 0.4, "turns_per_task": turns}
    return case_of(0, workload=load, knowledge={"gap": "none", "changes_every_days": None}, **sections)


def test_what_follows_a_first_question_is_in_no_cache() -> None:
    """0.4 of first questions repeat; one request in four is one: 0.1, of which 25 % word for word."""
    assert central(caches.hit_rate(talking(4), CACHED)) == pytest.approx(0.1 * 0.25)
    assert central(caches.hit_rate(talking(1), CACHED)) == pytest.approx(0.4 * 0.25)


def test_fewer_turns_cost_less() -> None:
    """Of as many requests, tasks of one turn hit four times as often as those of four: 0.9 to 0.975 calls."""
    few, many = (
        central(requests.sends(case)) * (1.0 - central(caches.hit_rate(case, CACHED)))
        for case in (talking(1), talking(4))
    )
    assert few / many == pytest.approx(0.9 / 0.975)
    costs = [
        year(case, billing.serving(case, MINI, by("prompt"), CACHED), "cost")
        for case in (talking(turns) for turns in (1, 2, 4, 8))
    ]
    assert costs == sorted(costs)
    assert costs[0] < costs[1]


def test_without_a_cache_a_request_costs_what_it_costs() -> None:
    """Nothing hangs on how requests are put together to tasks."""
    one, four = (
        year(case, billing.serving(case, MINI, by("prompt"), GLOBAL), "cost")
        for case in (talking(1), talking(4))
    )
    assert one == pytest.approx(four)


def test_a_cache_may_not_take_answers_below_the_floor() -> None:
    """Tested at 0.8 with a prompt; facts change every 0.5 days, so answers live 0.05 days.

    1 - (1 - exp(-0.1)) / 0.1 = 4.84 % of hits are stale, 10 % of requests are hits: 0.8 x (1 - 0.00484) is
    0.796, short of a floor of 0.8 and above one of 0.79.
    """
    for floor, rules in ((0.8, {"quality"}), (0.79, set[str]())):
        own = {"gpt-5.4-mini": {"score": 0.8, "samples": 400, "technique": "prompt"}}
        case = case_of(
            0, workload={"requests_per_day": 1e6, "repeat_share": 0.4, "turns_per_task": 1},
            knowledge={"gap": "none", "changes_every_days": 0.5},
            quality={"floor": floor, "scores": own},
        )  # fmt: skip
        found = deployment_gates.gates(case, MINI, by("prompt"), CACHED)
        assert fallen(found) & {"quality"} == rules
        assert not fallen(deployment_gates.gates(case, MINI, by("prompt"), GLOBAL)) & {"quality"}
