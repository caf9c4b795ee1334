"""What arrives: growth over the horizon, shapes of the week, and a profile's intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.scenario.traffic import HOURS_OF_WEEK, Traffic
from advisor.system.case import Case
from advisor.system.workload import Workload, mean_growth

CaseMaker = Callable[..., Case]
TrafficMaker = Callable[..., Traffic]


def profiled(make: CaseMaker, traffic: Traffic, size: int = 64, **workload: object) -> Workload:
    case = make(size=size, workload=workload)
    case.given._traffic = traffic
    return case.workload


def test_growth_is_averaged_over_the_horizon() -> None:
    # doubling every year for two years: (2^2 - 1) / (2 ln 2) = 3 / 1.386294 = 2.164043
    assert mean_growth(np.array([1.0]), 2.0) == pytest.approx([3 / (2 * np.log(2))])
    assert mean_growth(np.array([0.0]), 3.0) == pytest.approx([1.0])
    # halving in a year: 0.5 / ln 2 = 0.721348
    assert mean_growth(np.array([-0.5]), 1.0) == pytest.approx([0.5 / np.log(2)])


@given(st.floats(-0.9, 10), st.floats(0.1, 20))
@settings(max_examples=60, deadline=None)
def test_mean_growth_lies_between_start_and_end(growth: float, years: float) -> None:
    mean = float(mean_growth(np.array([growth]), years)[0])
    ends = sorted([1.0, (1 + growth) ** years])
    assert ends[0] * (1 - 1e-9) <= mean <= ends[1] * (1 + 1e-9)


def test_a_year_of_requests(small_case: CaseMaker) -> None:
    case = small_case(workload={"requests_per_day": 1000, "growth_per_year": 0})
    assert case.workload.requests_per_year == pytest.approx(np.full(case.size, 365_000.0))
    assert not case.workload.measured


@pytest.mark.parametrize("profile", ["office_hours", "evening", "always_on", "nightly_batch", "flat"])
def test_a_week_sums_to_one(small_case: CaseMaker, profile: str) -> None:
    week = small_case(workload={"profile": profile}).workload.week
    assert week.shape == (HOURS_OF_WEEK,)
    assert np.all(week >= 0)
    assert week.sum() == pytest.approx(1.0)


def test_profiles_are_busy_when_they_say(small_case: CaseMaker) -> None:
    def day(profile: str) -> np.ndarray:
        return small_case(workload={"profile": profile}).workload.week[:24]

    assert np.argmax(day("office_hours")) in range(8, 18)
    assert np.argmax(day("evening")) in range(17, 23)
    assert set(np.flatnonzero(day("nightly_batch"))) == {1, 2, 3, 4}
    week = small_case(workload={"profile": "office_hours"}).workload.week
    assert week[5 * 24 :].sum() < week[: 5 * 24].sum() / 5


def test_a_profile_wins_over_the_numbers(make_traffic: TrafficMaker, small_case: CaseMaker) -> None:
    week = [float(hour % 24 == 9) for hour in range(HOURS_OF_WEEK)]
    traffic = make_traffic(
        requests_per_day=(8_000, 12_000, 20_000), growth_per_year=0.0, cached_share=0.3, hour_of_week=week
    )
    given = {"requests_per_day": 5, "input_tokens": 10, "cached_input_share": 0.9}
    workload = profiled(small_case, traffic, 2000, **given)
    assert workload.measured
    assert np.quantile(workload.requests_per_day, (0.1, 0.5, 0.9)) == pytest.approx(
        [8_000, 12_000, 20_000], rel=0.08
    )
    assert set(workload.input_tokens) == {900.0}
    assert set(workload.output_tokens) == {250.0}
    assert set(workload.cached_share) == {0.3}
    assert list(np.flatnonzero(workload.week)) == list(range(9, HOURS_OF_WEEK, 24))


def test_what_the_profile_does_not_know_stays_with_the_scenario(
    make_traffic: TrafficMaker, small_case: CaseMaker
) -> None:
    workload = profiled(small_case, make_traffic(), retry_rate=0.07, repeat_share=0.2)
    assert set(workload.retry_rate) == {0.07}
    # of first questions, one in 1.5 requests
    assert set(workload.repeat_share) == {0.2 / 1.5}


def test_own_growth_wins_over_the_profile_s(make_traffic: TrafficMaker, small_case: CaseMaker) -> None:
    traffic = make_traffic(growth_per_year=(1.0, 2.0, 3.0))
    own = profiled(small_case, traffic, growth_per_year=0)
    assert own.mean_per_day == pytest.approx(own.requests_per_day)
    seen = profiled(small_case, traffic)
    assert np.all(seen.mean_per_day > seen.requests_per_day)


def test_a_multiplier_plans_for_more(make_traffic: TrafficMaker, small_case: CaseMaker) -> None:
    once = profiled(small_case, make_traffic())
    thrice = profiled(small_case, make_traffic(), traffic_multiplier=3)
    assert thrice.requests_per_year == pytest.approx(3 * once.requests_per_year)


def test_very_uncertain_growth_stays_finite(make_traffic: TrafficMaker, small_case: CaseMaker) -> None:
    # a short log: from losing four fifths a year to growing sixfold
    traffic = make_traffic(growth_per_year=(-0.8, 0.0, 5.0))
    workload = profiled(small_case, traffic)
    assert np.all(np.isfinite(workload.requests_per_year))
    assert np.all(workload.requests_per_year > 0)


def test_peak_is_never_below_the_mean(make_traffic: TrafficMaker, small_case: CaseMaker) -> None:
    workload = profiled(small_case, make_traffic(peak_to_mean=(0.2, 1.1, 2.0)))
    assert np.min(workload.peak_to_mean) >= 1.0
