import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.estimate import upkeep


def test_retraining_optimum_of_the_worked_example():
    # 50 kWh a retraining, 10,000 requests a day of 3 Wh, 0.001 a day lost, each poor answer redone once:
    # sqrt(2 x 50 / (10,000 x 0.003 x 0.001)) = sqrt(3,333) = 57.7 days
    assert round(float(upkeep.retraining_interval_days(50, 10_000, 0.003, 0.001, 1.0))) == 58


def test_nothing_lost_means_never():
    assert np.isinf(upkeep.retraining_interval_days(50, 10_000, 0.003, 0.0, 1.0))
    assert np.isinf(upkeep.days_to_floor(0.9, 0.7, 0.0))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(1, 500), st.floats(100, 1e6), st.floats(1e-4, 1e-2), st.floats(1e-4, 1e-2), st.floats(0.5, 2.0)
)
def test_the_optimum_is_a_minimum(retrain, requests, kwh, loss, elsewhere):
    parts = (retrain, requests, kwh, loss, 1.0)
    best = float(upkeep.retraining_interval_days(*parts))
    if best * loss < 1.0:  # within the linear loss
        assert (
            upkeep.upkeep_kwh_per_day(best, *parts)
            <= upkeep.upkeep_kwh_per_day(best * elsewhere, *parts) * 1.000001
        )


@pytest.mark.parametrize(("difference", "expected"), [(0.05, 6300), (0.10, 1570)])
def test_sizes_of_a_test(difference, expected):
    # 2 (1.96 + 0.84)^2 = 15.7; 15.7 / 0.05^2 = 6,280; / 0.1^2 = 1,570
    n = upkeep.samples_per_arm(1.0, difference, 0.05, 0.8)
    assert n == pytest.approx(expected, rel=0.004)


def test_detectable_is_the_inverse():
    n = upkeep.samples_per_arm(0.7, 0.03, 0.05, 0.8)
    assert upkeep.detectable(0.7, n, 0.05, 0.8) == pytest.approx(0.03, rel=1e-3)


def test_floor_time():
    # from 90 % to 70 % at 0.1 % a day: 200 days
    assert upkeep.days_to_floor(0.9, 0.7, 0.001) == pytest.approx(200)
    assert upkeep.days_to_floor(0.6, 0.7, 0.001) == 0


@pytest.mark.parametrize(
    ("after", "samples", "mix", "expected"),
    [
        ((1.30, 0.02), 7000, True, "roll back"),  # 30 % up, give or take 5 %
        ((1.12, 0.02), 7000, True, "keep"),  # 12 % up, but the interval reaches below 10 %
        ((1.30, 0.02), 6000, True, "refuse"),
        ((1.30, 0.02), 7000, False, "refuse"),
    ],
)
def test_a_verdict_needs_samples_the_same_mix_and_a_clear_interval(after, samples, mix, expected):
    assert upkeep.verdict((1.0, 0.01), after, samples, 6280, 0.10, mix) == expected
