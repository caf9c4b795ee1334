"""Footprints add and scale; the three carbon bases stay apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.errors import UnknownNameError
from advisor.core.footprint import INDEX, INDICATORS, Footprint, Parts, total
from advisor.core.units import ATOMS

DRAWS = 4
BASES = ("carbon_location", "carbon_market", "carbon_marginal")


def full(scale: float = 1.0) -> Footprint:
    """Every indicator different: energy 1, carbon_location 2, ... times ``scale``."""
    return Footprint.of(DRAWS, **{name: scale * (row + 1) for name, row in INDEX.items()})


def test_named_indicators_land_in_their_rows_and_the_rest_is_zero() -> None:
    footprint = Footprint.of(DRAWS, energy=2.0, cost=np.array([1.0, 2.0, 3.0, 4.0]))
    assert list(footprint["energy"]) == [2.0] * DRAWS
    assert list(footprint["cost"]) == [1.0, 2.0, 3.0, 4.0]
    assert not footprint["embodied"].any()


@pytest.mark.parametrize("name", ["co2", "carbon_locaton", ""])
def test_an_unknown_indicator_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError, match="no indicator of that name"):
        Footprint.of(DRAWS, **{name: 1.0})
    with pytest.raises(UnknownNameError):
        full()[name]


def test_every_indicator_has_a_unit_and_a_boundary() -> None:
    for unit, meaning in INDICATORS.values():
        assert unit in {*ATOMS, "kgCO2e"}
        assert meaning


NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS, NUMBERS, NUMBERS)
@settings(max_examples=50, deadline=None)
def test_adding_and_scaling_are_linear(a: float, b: float, factor: float) -> None:
    left = (full(a) + full(b)) * factor
    right = factor * full(a) + full(b) * factor
    assert np.allclose(left.values, right.values, rtol=1e-9, atol=1e-3)
    assert np.allclose((full(a) - full(a)).values, 0)


def test_rounding_leaves_nothing_below_zero() -> None:
    """0.1 + 0.2 is 0.30000000000000004: what is left of 0.3 without it is nothing, not -6e-17."""
    whole = Footprint.of(1, energy=0.3, cost=2.0, carbon_marginal=np.nan)
    left = whole.without(Footprint.of(1, energy=0.1 + 0.2, cost=0.5))
    assert left["energy"] == 0.0
    assert left["cost"] == 1.5
    assert np.isnan(left["carbon_marginal"])


def test_a_total_is_the_sum_and_nothing_is_zero() -> None:
    assert np.array_equal(total([full(1), full(2)], DRAWS).values, full(3).values)
    assert not total([], DRAWS).values.any()


def test_carbon_is_one_basis_plus_embodied() -> None:
    footprint = Footprint.of(
        DRAWS, carbon_location=10.0, carbon_market=3.0, carbon_marginal=20.0, embodied=1.0
    )
    assert list(footprint["carbon"]) == [11.0] * DRAWS
    assert list(footprint.carbon("location")) == [11.0] * DRAWS
    assert list(footprint.carbon("market")) == [4.0] * DRAWS
    assert list(footprint.carbon("marginal")) == [21.0] * DRAWS


def test_water_is_on_site_plus_upstream() -> None:
    assert list(Footprint.of(DRAWS, water_onsite=1.0, water_upstream=2.5)["water"]) == [3.5] * DRAWS


@pytest.mark.parametrize("basis", BASES)
def test_no_figure_but_its_own_moves_with_a_basis(basis: str) -> None:
    """Were two bases ever added, changing one would move a sum that holds the other."""
    before, after = full(), full() + Footprint.of(DRAWS, **{basis: 1000.0})
    own = basis.removeprefix("carbon_")
    readable = [*INDICATORS, "carbon", "water"]
    moved = {name for name in readable if not np.array_equal(before[name], after[name])}
    assert moved == ({basis, "carbon"} if own == "location" else {basis})
    for other in {"location", "market", "marginal"} - {own}:
        assert np.array_equal(before.carbon(other), after.carbon(other))  # type: ignore[arg-type]


@pytest.mark.parametrize("basis", ["location+market", "all", "total", ""])
def test_bases_cannot_be_asked_for_together(basis: str) -> None:
    with pytest.raises(UnknownNameError):
        full().carbon(basis)  # type: ignore[arg-type]


def test_a_footprint_cannot_be_added_to_a_number() -> None:
    with pytest.raises((TypeError, AttributeError)):
        full() + 1.0  # type: ignore[operator]


def test_an_unknown_marginal_intensity_stays_unknown() -> None:
    unknown = Footprint.of(DRAWS, carbon_marginal=np.nan) + full()
    assert np.isnan(unknown["carbon_marginal"]).all()
    assert not np.isnan(unknown["carbon"]).any()


def test_cost_can_be_added_without_touching_the_original() -> None:
    before = full()
    assert np.array_equal(before.with_cost(5.0)["cost"], before["cost"] + 5.0)
    assert np.array_equal(before.values, full().values)


def test_a_year_of_parts() -> None:
    # once 9 over 3 years = 3; monthly 2 x 12 = 24; 0.001 a request x 10,000 = 10; together 37
    parts = Parts(
        Footprint.of(DRAWS, cost=9.0), Footprint.of(DRAWS, cost=2.0), Footprint.of(DRAWS, cost=0.001)
    )
    assert parts.per_year(10_000, 3.0)["cost"] == pytest.approx([37.0] * DRAWS)
    assert (parts + parts).per_year(10_000, 3.0)["cost"] == pytest.approx([74.0] * DRAWS)
    assert not Parts.zero(DRAWS).per_year(10_000, 3.0).values.any()
