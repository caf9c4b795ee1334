"""How long an answer takes: a service's published speed first, and a fast end that needs no draws."""

from __future__ import annotations

import pytest
from system.settings import case_of

from advisor.core.draws import central
from advisor.system import provider_pool, requests, speed
from advisor.system.case import Case


def test_a_published_speed_gives_the_times() -> None:
    """First words, then 300 tokens at the stated speed, times the tail."""
    case = case_of(workload={"output_tokens": 300})
    tail = case.central("deployment.tail_over_median", "ratio") * 1000
    first = case.central("models.gpt-4o-mini.first_token", "s")
    each = 1 / case.central("models.gpt-4o-mini.speed", "tok/s")
    found = speed.times(case, "gpt-4o-mini", "prompt")
    assert found.first[1] == pytest.approx(first * tail)
    assert found.answer[1] == pytest.approx((first + 300 * each) * tail)


def test_without_one_the_estimated_serving_stands() -> None:
    case = case_of()
    assert "models.llama-3.3-70b.speed" not in case
    one = provider_pool.served(case, "llama-3.3-70b", "prompt")
    out = requests.shape(case, "llama-3.3-70b", "prompt").output_tokens
    tail = case.central("deployment.tail_over_median", "ratio") * 1000
    found = speed.times(case, "llama-3.3-70b", "prompt")
    assert found.answer[1] == pytest.approx(central(one.first_token_s + out * one.per_token_s) * tail)
    share = case.central("deployment.fast_over_central", "ratio")
    assert found.first[0] == pytest.approx(found.first[1] * share)


@pytest.mark.parametrize("model", ["gpt-4o-mini", "o4-mini", "llama-3.3-70b", "phi-4"])
def test_the_fast_end_is_earlier_and_the_same_without_draws(model: str) -> None:
    case = case_of()
    found = speed.times(case, model, "prompt")
    assert 0 < found.first[0] < found.first[1]
    assert 0 < found.answer[0] < found.answer[1]
    assert speed.times(case.centre, model, "prompt") == found


def test_hidden_tokens_take_time_and_widen_the_range() -> None:
    case = case_of()
    plain, thinking = (speed.times(case, key, "prompt") for key in ("gpt-4o-mini", "o4-mini"))
    assert thinking.answer[1] > plain.answer[1]
    assert _spread(case, "o4-mini") < 1.0
    assert _spread(case, "gpt-4o-mini") == 1.0


def _spread(case: Case, model: str) -> float:
    return speed._shorter(case, model, "prompt")
