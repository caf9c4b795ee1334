"""The vocabulary of units agrees with pint, and conversions cannot mix dimensions."""

from __future__ import annotations

import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.errors import DataError
from advisor.core.units import ATOMS, conversion, dimension, parse

# Ours -> pint's. A month is a twelfth of 365 days here, where pint has a Julian year.
PINT = {
    "J": "joule", "kJ": "kilojoule", "MJ": "megajoule", "mWh": "milliwatt_hour", "Wh": "watt_hour",
    "kWh": "kilowatt_hour", "MWh": "megawatt_hour", "W": "watt", "kW": "kilowatt", "mW": "milliwatt",
    "ms": "millisecond", "s": "second", "min": "minute", "h": "hour", "day": "day",
    "month": "common_year / 12", "year": "common_year",
    "mg": "milligram", "g": "gram", "kg": "kilogram", "t": "metric_ton",
    "mL": "milliliter", "L": "liter", "m3": "meter ** 3",
    "B": "byte", "kB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "bit": "bit",
    "FLOP": "flop", "TFLOP": "teraflop", "km": "kilometer", "degree": "degree",
    "tok": "token", "ktok": "kilotoken", "Mtok": "megatoken", "request": "request",
    "1k_requests": "kilorequest", "op": "operation", "10k_op": "1e4 * operation",
    "param": "param", "Bparam": "gigaparam", "ratio": "dimensionless", "%": "0.01 * dimensionless",
}  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry:
    registry = pint.UnitRegistry(cache_folder=None)
    for name in ("flop", "token", "request", "operation", "param"):
        registry.define(f"{name} = [{name}]")
    return registry


def in_pint(registry: pint.UnitRegistry, unit: str) -> pint.Quantity:
    """A unit written in atoms, as pint understands it."""
    first, *rest = [part.replace("/", " / ").split(" / ") for part in unit.split("*")]
    assert not rest, "the cross-check writes quotients only"
    quantity = registry.Quantity(1.0, "") * registry.parse_expression(PINT[first[0]])
    for atom in first[1:]:
        quantity = quantity / registry.parse_expression(PINT[atom])
    return quantity


PAIRS = [
    ("kWh", "MJ"), ("Wh", "J"), ("mWh", "kWh"), ("W", "kWh/h"), ("kW", "J/s"), ("g/kWh", "kg/MWh"),
    ("g/kWh", "t/MJ"), ("L/kWh", "mL/Wh"), ("L/kWh", "m3/MWh"), ("GB/s", "TB/h"), ("bit", "B"),
    ("TFLOP", "FLOP"), ("TFLOP/s", "FLOP/ms"), ("kWh/year", "W"), ("kWh/month", "W"), ("year", "day"),
    ("month", "h"), ("Wh/ktok", "J/tok"), ("mWh", "J"), ("tok/min", "Mtok/year"), ("kWh/GB", "J/B"),
    ("kWh/GB/month", "W/TB"), ("Bparam", "param"), ("request/day", "1k_requests/year"), ("%", "ratio"),
    ("10k_op", "op"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "wanted"), PAIRS)
def test_conversions_agree_with_pint(registry: pint.UnitRegistry, found: str, wanted: str) -> None:
    expected = (in_pint(registry, found) / in_pint(registry, wanted)).to_base_units()
    assert expected.dimensionless
    assert conversion(found, wanted) == pytest.approx(expected.magnitude, rel=1e-12)


@pytest.mark.parametrize("atom", sorted(PINT))
def test_every_physical_atom_agrees_with_pint(registry: pint.UnitRegistry, atom: str) -> None:
    same = [other for other in PINT if dimension(other) == dimension(atom)]
    for other in same:
        expected = (in_pint(registry, atom) / in_pint(registry, other)).to_base_units()
        assert expected.dimensionless, f"{atom} and {other} differ in pint"
        assert conversion(atom, other) == pytest.approx(expected.magnitude, rel=1e-12)


def test_golden_conversions() -> None:
    assert conversion("kWh", "J") == 3.6e6
    assert conversion("year", "h") == 8760
    assert conversion("month", "day") == pytest.approx(365 / 12)
    assert conversion("USD/Mtok", "USD/tok") == pytest.approx(1e-6)
    assert conversion("g/kWh", "kg/kWh") == pytest.approx(1e-3)


UNITS = st.sampled_from(sorted(ATOMS))


@given(UNITS, UNITS, UNITS)
@settings(max_examples=100, deadline=None)
def test_there_and_back_again_is_one(first: str, second: str, third: str) -> None:
    unit, wanted = f"{first}/{second}*{third}", f"{third}*{first}/{second}"
    assert conversion(unit, wanted) * conversion(wanted, unit) == pytest.approx(1.0)
    assert dimension(unit) == dimension(wanted)
    assert dimension(f"{first}/{first}") == ()


@given(UNITS, UNITS)
@settings(max_examples=100, deadline=None)
def test_different_dimensions_never_convert(first: str, second: str) -> None:
    if dimension(first) == dimension(second):
        assert conversion(first, second) > 0
    else:
        with pytest.raises(DataError, match="different dimensions"):
            conversion(first, second)


def test_emissions_waste_and_metals_are_not_one_mass() -> None:
    for first, second in (("kg", "kgSb"), ("kg", "kgWaste"), ("kgSb", "kgWaste")):
        with pytest.raises(DataError):
            conversion(first, second)


@pytest.mark.parametrize("unit", ["kwh", "g//kWh", "g/", "g / kWh", "g^2", "", " "])
def test_what_is_no_unit_is_refused(unit: str) -> None:
    with pytest.raises(DataError) as caught:
        parse(unit)
    assert caught.value.faults[0].where == "unit"


def test_a_misspelt_atom_names_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'kWh'"):
        parse("g/kwh")
