"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from advisor.core.wording import amount, counted, in_days, in_years, number, or_never, percent, share


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.5, "kgCO2e", "1.23 t CO₂e"),
        (0.00034, "kWh", "0.34 Wh"),
        (0.0, "L", "0 L"),
        (2.3e-8, "kgSb", "23 µg Sb"),
        (1_234_567, "USD", "$1.23 million"),
        (0.0004, "USD", "$0.0004"),
        (0.01651, "USD", "$0.0165"),  # beside $16.51 for a thousand
        (0.05, "USD", "$0.05"),
        (0.09996, "USD", "$0.10"),
        (0.5, "USD", "$0.50"),
        (12.5, "USD", "$12.50"),
        (math.nan, "kWh", "unknown"),
        (-1500, "kWh", "-1.5 MWh"),
        (3.0, "widget", "3 widget"),
    ],
)
def test_amount_picks_the_rung_that_fits(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (10_000, "10,000"),
        (999.6, "1,000"),
        (0.01234, "0.0123"),
        (23_456, "23,500"),
        (2.5e9, "2.5 billion"),
    ],
)
def test_number_keeps_three_significant_digits(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 %"), (0.004, "under 1 %"), (0.256, "26 %"), (0.996, "over 99 %"), (1, "100 %")]
)
def test_share_never_rounds_to_a_false_certainty(value: float, text: str) -> None:
    assert share(value) == text


def test_what_lies_beyond_all_bounds_is_never() -> None:
    """A hit rate of 1.2 is none: beyond the most it can be, as beyond all numbers, a cell says never."""
    assert or_never(0.4, 1.0) == 0.4
    assert or_never(1.0, 1.0) == 1.0
    assert or_never(1.2, 1.0) == or_never(float("inf")) == "never"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9, "90%"),
        (0.9995, "99.95%"),
        (0.999, "99.9%"),
        (1 - 0.001**2, "99.9999%"),
        (1.0, "100%"),
        (0.0, "0%"),
    ],
)
def test_a_percentage_has_the_digits_that_it_has(value: float, text: str) -> None:
    """Two deployments of 99.9 % fail together one time in a million: 1 - 0.001 x 0.001."""
    assert percent(value) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 sets"), (1.2, "1 set"), (1.6, "2 sets"), (12_345, "12,345 sets")]
)
def test_one_thing_is_said_as_one_and_several_are_counted(count: float, text: str) -> None:
    """A count is whole: of 1,234 examples that are missing nobody collects 1,230."""
    assert counted(count, "{count} set", "{count} sets") == text


@pytest.mark.parametrize(("span", "text"), [(1, "1 year"), (2.5, "2.5 years"), (3, "3 years")])
def test_a_time_is_told_in_years(span: float, text: str) -> None:
    assert in_years(span) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (14.2, "14.2 days"),
        (1.5, "36 hours"),
        (0.299, "7.18 hours"),
        (0.00126, "2 minutes"),
        (1e-6, "a minute"),
    ],
)
def test_a_short_time_is_told_in_a_shorter_unit(span: float, text: str) -> None:
    """1.5 days are 36 hours, 0.299 are 7.18 hours, 0.00126 are 1.8 minutes."""
    assert in_days(span) == text
