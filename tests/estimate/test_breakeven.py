"""Break-evens worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.estimate import breakeven

H100_FLOPS, H100_W = 989e12, 700.0


def saved_kwh(params: float, tokens: float) -> float:
    """Reading tokens at 40 % of an H100's peak, PUE 1.2."""
    return float(breakeven.prefill_kwh(params, tokens, 0.4 * H100_FLOPS, H100_W, 1.2))


def test_lora_pays_after_1500_requests() -> None:
    """D = 1,000 x 500 x 3 = 1.5 M tokens; 2 D / 2,000 = 1,500 requests."""
    assert breakeven.tuning_requests(2.0, 1000 * 500 * 3, 1, 2000, 0.0) == 1500


def test_full_tuning_needs_half_as_many_again() -> None:
    """3 x 1.5 M / 2,000 = 2,250."""
    assert breakeven.tuning_requests(3.0, 1.5e6, 1, 2000, 0.0) == 2250


def test_failed_and_sweep_runs_count() -> None:
    """10 runs on 500 examples: 2 x 500 x 500 x 3 x 10 / 2,000 = 7,500."""
    assert breakeven.tuning_requests(2.0, 500 * 500 * 3, 10, 2000, 0.0) == 7500


def test_a_cached_prefix_was_cheap_already() -> None:
    """Half of the 2,000 tokens were cached: 1,500 / 0.5 = 3,000."""
    assert breakeven.tuning_requests(2.0, 1.5e6, 1, 2000, 0.5) == 3000
    assert breakeven.tuning_requests(2.0, 1.5e6, 1, 2000, 1.0) == np.inf


def test_a_dedicated_host_needs_280_million_requests_a_year() -> None:
    """0.5 kW x 1.2 x 8,760 h = 5,256 kWh a year. Reading 2,000 tokens with 8 billion parameters:

    2 x 8e9 x 2,000 = 3.2e13 operations, 0.0809 s at 0.4 x 989e12, 56.6 J at 700 W, 67.9 J at the
    meter = 1.887e-5 kWh. 5,256 / 1.887e-5 = 2.79e8.
    """
    found = breakeven.hosting_requests_per_year(0.5, 1.2, saved_kwh(8e9, 2000), 8760)
    assert found == pytest.approx(280e6, rel=0.01)


def test_hosting_decides_and_not_training() -> None:
    """The host's break-even is some hundred thousand times that of the training."""
    host = breakeven.hosting_requests_per_year(0.5, 1.2, saved_kwh(8e9, 2000), 8760)
    assert host / breakeven.tuning_requests(2.0, 1.5e6, 1, 2000, 0.0) > 1e5


def test_a_cascade_pays_below_its_limit() -> None:
    """Small 0.1, judge 0.02, large 1: f < 1 - 0.12 / 1 = 0.88."""
    limit = breakeven.escalation_limit(0.1, 0.02, 1.0)
    assert limit == pytest.approx(0.88)
    for f, wins in ((0.87, True), (0.89, False)):
        assert (0.1 + 0.02 + f * 1.0 < 1.0) is wins


def test_a_judge_as_heavy_as_the_large_model_never_pays() -> None:
    assert breakeven.escalation_limit(0.1, 0.95, 1.0) < 0


def test_gpt3_scale_training_needs_13_billion_requests() -> None:
    """1,287 MWh / 0.1 Wh = 1.287e9 Wh / 0.1 Wh = 1.287e10."""
    assert breakeven.custom_requests(1287e6, 0.3, 0.2) == pytest.approx(1.287e10)


def test_a_model_of_ones_own_that_saves_nothing_never_pays() -> None:
    assert breakeven.custom_requests(1287e6, 0.2, 0.2) == np.inf


def test_retrieval_is_priced_by_prefill() -> None:
    """2,000 more tokens on 8 billion parameters: 0.0189 Wh; ten times the parameters, ten times."""
    assert saved_kwh(8e9, 2000) * 1000 == pytest.approx(0.01887, rel=1e-3)
    assert saved_kwh(80e9, 2000) == pytest.approx(10 * saved_kwh(8e9, 2000))


def test_two_lines_cross_once() -> None:
    """10 + 1 x = 4 + 3 x at x = 3; lines that meet at no positive x never cross."""
    assert breakeven.crossing(10.0, 1.0, 4.0, 3.0) == 3
    assert breakeven.crossing(4.0, 1.0, 10.0, 3.0) == np.inf


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.1, 1e6), min_size=4, max_size=4))
def test_at_the_crossing_both_are_equal(lines: list[float]) -> None:
    fixed_a, slope_a, fixed_b, slope_b = lines
    x = breakeven.crossing(fixed_a, slope_a, fixed_b, slope_b)
    if np.isfinite(x):
        assert fixed_a + slope_a * x == pytest.approx(fixed_b + slope_b * x, rel=1e-6)
