"""A number is read as the language spoken writes it, and refused where it could be two."""

from __future__ import annotations

import pytest

from advisor.core.errors import AdvisorError
from advisor.core.saying import Language, speaking
from advisor.core.typed_numbers import figure, number_typed

OTHER = Language("xx", "Other", numerals=str.maketrans({",": ".", ".": ","}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0.75", 0.75),
        (" 12,000 ", 12_000),
        ("12 000", 12_000),
        ("-1.5e-07", -1.5e-07),
        (".5", 0.5),
        ("9.000", None),  # nine, or nine thousand
        ("1,2", None),
        ("nan", None),
        ("+", None),
        ("e5", None),
        ("", None),
    ],
)
def test_english_marks(typed, meant):
    assert number_typed(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("0,75", 0.75), ("12.000", 12_000), ("1.234,5", 1234.5), ("0.5", None)]
)
def test_the_marks_of_the_language_spoken(typed, meant):
    with speaking(OTHER):
        assert number_typed(typed) == meant


def test_a_figure_that_cannot_be_read_names_its_part():
    assert figure("1,700", "low") == 1700
    with pytest.raises(AdvisorError) as error:
        figure("about two", "low")
    assert "low" in str(error.value)
