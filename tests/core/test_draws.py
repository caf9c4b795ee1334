"""Draws keep a coefficient's median and 80 % interval, and belong to its name alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.draws import Z90, Draws, ensemble, summary
from advisor.core.evidence import Coefficient, Confidence

DAY = date(2026, 11, 1)


def coefficient(low: float, central: float, high: float, unit: str = "kWh", name: str = "x") -> Coefficient:
    return Coefficient(name, low, central, high, unit, ("book",), DAY, Confidence.PUBLISHED)


class Exact(Draws):
    """An ensemble whose normals are exactly the quantiles asked about, in order."""

    def normal(self, name: str) -> np.ndarray:
        return np.array([-Z90, 0.0, Z90])


@pytest.mark.parametrize("bounds", [(1.0, 2.0, 3.0), (1e-9, 1.0, 50.0), (-3.0, 1.0, 2.0), (0.0, 1.0, 8.0)])
def test_tenth_median_and_ninetieth_are_low_central_high(bounds: tuple[float, float, float]) -> None:
    assert Exact(3).of(coefficient(*bounds)) == pytest.approx(bounds)


def test_many_draws_keep_the_interval() -> None:
    # 20,000 draws: a quantile's standard error is about 1 % of a standard deviation
    low, median, high = summary(Draws(20_000).of(coefficient(10.0, 20.0, 60.0)))
    assert low == pytest.approx(10.0, rel=0.04)
    assert median == pytest.approx(20.0, rel=0.04)
    assert high == pytest.approx(60.0, rel=0.04)


def test_a_positive_range_is_log_normal_on_each_side() -> None:
    # the 97.725th percentile of a normal lies 2 standard deviations out: 20 x (60/20)^(2/Z90)
    values = Draws(3)
    values._normals["x"] = np.array([-2.0, 0.0, 2.0])
    expected = [20 * (10 / 20) ** (2 / Z90), 20.0, 20 * (60 / 20) ** (2 / Z90)]
    assert values.of(coefficient(10.0, 20.0, 60.0)) == pytest.approx(expected)


def test_an_exact_figure_has_no_spread() -> None:
    assert set(Draws(50).of(coefficient(7.0, 7.0, 7.0))) == {7.0}


# zero, or a figure within twelve orders of magnitude
FIGURE = st.just(0.0) | st.floats(1e-6, 1e6)
RANGE = st.lists(FIGURE, min_size=3, max_size=3).map(sorted)


@given(RANGE)
@settings(max_examples=60, deadline=None)
def test_what_is_not_negative_never_turns_negative(bounds: list[float]) -> None:
    values = Draws(200).of(coefficient(*bounds))
    assert np.all(np.isfinite(values))
    assert np.all(values >= 0)


@given(st.lists(st.just(0.0) | st.floats(1e-6, 1.0), min_size=3, max_size=3).map(sorted))
@settings(max_examples=60, deadline=None)
def test_a_share_stays_a_share(bounds: list[float]) -> None:
    values = Draws(200).of(coefficient(*bounds, unit="ratio"))
    assert np.all((values >= 0) & (values <= 1))


def test_a_factor_may_exceed_one() -> None:
    assert np.max(Draws(500).of(coefficient(0.5, 1.0, 2.0, unit="ratio"))) > 2


def test_draws_depend_on_the_name_and_not_on_the_order_of_asking() -> None:
    first, second = Draws(100), Draws(100)
    a, b = first.of(coefficient(1, 2, 3, name="a")), first.of(coefficient(1, 2, 3, name="b"))
    later_b, later_a = second.of(coefficient(1, 2, 3, name="b")), second.of(coefficient(1, 2, 3, name="a"))
    assert np.array_equal(a, later_a)
    assert np.array_equal(b, later_b)
    assert not np.array_equal(a, b)


def test_two_names_are_independent() -> None:
    draws = Draws(5000)
    assert abs(np.corrcoef(draws.normal("a"), draws.normal("b"))[0, 1]) < 0.05


def test_an_override_moves_the_draws_but_keeps_their_ranks() -> None:
    draws, shipped = Draws(100), coefficient(1, 2, 3)
    own = draws.of(replace(shipped, low=5.0, central=6.0, high=9.0))
    assert np.array_equal(np.argsort(own), np.argsort(draws.of(shipped)))
    assert np.median(own) > np.max(draws.of(shipped)) * 0.9


def test_another_seed_gives_other_draws() -> None:
    one, other = Draws(100, seed=1), Draws(100, seed=2)
    assert not np.array_equal(one.normal("a"), other.normal("a"))
    assert np.array_equal(one.normal("a"), Draws(100, seed=1).normal("a"))


def test_shared_draws_cannot_be_changed_by_one_user() -> None:
    values = ensemble(10, 1).of(coefficient(1, 2, 3))
    assert ensemble(10, 1).of(coefficient(1, 2, 3)) is values
    with pytest.raises(ValueError, match="read-only"):
        values *= 2
