"""Shares accepted, their intervals, and how many answers settle a choice."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.estimate import acceptance

Z90 = 1.2815515655446004
SHARES = st.floats(0.02, 0.98)


def test_half_the_answers_at_the_half_rating() -> None:
    """At the half rating 1/2; one scale above e/(1+e) = 0.731."""
    assert acceptance.accepted_share(1100, 1100, 170) == 0.5
    assert acceptance.accepted_share(1270, 1100, 170) == pytest.approx(math.e / (1 + math.e))


def test_a_shift_adds_rating_points() -> None:
    assert acceptance.shifted(0.5, 170, 170) == pytest.approx(math.e / (1 + math.e))


def test_wilson_by_hand() -> None:
    """8 of 10, z = 1.2816: z²/n = 0.16424; centre (0.8 + 0.08212) / 1.16424 = 0.75768;

    half = 1.2816 / 1.16424 x sqrt(0.016 + 0.004106) = 0.15609.
    """
    low, high = acceptance.wilson(0.8, 10, Z90)
    assert low == pytest.approx(0.75768 - 0.15609, abs=2e-4)
    assert high == pytest.approx(0.75768 + 0.15609, abs=2e-4)


@settings(max_examples=40, deadline=None)
@given(SHARES, st.integers(1, 2000))
def test_more_answers_narrow_the_interval(share: float, samples: int) -> None:
    low, high = acceptance.wilson(share, samples, Z90)
    closer_low, closer_high = acceptance.wilson(share, samples * 4, Z90)
    assert 0 <= low <= share <= high <= 1
    assert closer_high - closer_low < high - low


def test_no_sample_has_no_interval() -> None:
    with pytest.raises(ValueError, match="one sample"):
        acceptance.wilson(0.5, 0, Z90)


def test_answers_to_tell_two_options_apart() -> None:
    """0.8 and 0.7, scores 0.1 apart: 1.6424 x (0.25 + 0.42857) / 0.01 = 111.4, so 112."""
    assert acceptance.samples_to_tell(0.8, 0.7, 0.1, Z90) == 112
    assert acceptance.samples_to_tell(0.8, 0.8, 0.0, Z90) == math.inf


def test_answers_to_clear_a_floor() -> None:
    """0.75 against 0.70: 1.6424 x 0.1875 / 0.0025 = 123.2, so 124."""
    assert acceptance.samples_to_clear(0.75, 0.70, Z90) == 124


@settings(max_examples=40, deadline=None)
@given(SHARES, st.floats(0.05, 0.95), st.floats(1.0, 6.0))
def test_easy_and_hard_average_to_the_whole(share: float, easy_share: float, ratio: float) -> None:
    easy, hard = acceptance.by_difficulty(share, easy_share, ratio)
    assert easy_share * easy + (1 - easy_share) * hard == pytest.approx(share)
    assert hard <= easy + 1e-9


def test_a_perfect_router_sends_only_the_hard() -> None:
    assert acceptance.split(0.6, 1.0) == pytest.approx(0.4)


def test_a_cascade_of_models_that_fail_together_lies_between_them() -> None:
    """What both fail on nobody mends: the small one's share, and of the gain what the judge finds."""
    assert acceptance.cascaded_share(0.6, 0.9, 0.6, 0.85, 3.0, 1.0) == pytest.approx(0.6 + 0.85 * 0.3)


@settings(max_examples=40, deadline=None)
@given(SHARES, SHARES, st.floats(0.05, 0.95), st.floats(0.5, 1.0), st.floats(0.0, 1.0))
def test_a_cascade_is_better_the_better_its_parts(
    one: float, other: float, easy_share: float, told: float, shared: float
) -> None:
    small, large = sorted((one, other))
    found = acceptance.cascaded_share(small, large, easy_share, told, 3.0, shared)
    assert 0.0 <= found <= 1.0
    assert found >= acceptance.cascaded_share(small, large, easy_share, 0.5, 3.0, shared) - 1e-9
    assert found >= acceptance.cascaded_share(small, large, easy_share, told, 3.0, 1.0) - 1e-9


def test_a_mixture_lies_between_its_models() -> None:
    mixed = acceptance.mixed_share(0.6, 0.9, 0.6, 0.85, 3.0)
    assert 0.6 < mixed < 0.9
