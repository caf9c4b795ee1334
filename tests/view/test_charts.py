"""Charts: readable text, stable bytes, a description, nothing shared between two on a page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from advisor.core.exhibits import Bars, Chart, Heatmap, Line, Table
from advisor.view import charts
from advisor.view.tables import as_csv
from tests.view.conftest import EXHIBITS

DRAWN = [exhibit for exhibit in EXHIBITS if isinstance(exhibit, Chart | Bars | Heatmap)]


@pytest.mark.parametrize("exhibit", DRAWN, ids=lambda exhibit: exhibit.key)
def test_a_chart_is_an_image_with_title_description_and_text(exhibit):
    root = ET.fromstring(charts.svg(exhibit, "test"))  # noqa: S314  our own output
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.get("width") is None
    named = {element.get("id") for element in root.iter()}
    assert set(root.get("aria-labelledby").split()) <= named
    assert root[0].text == exhibit.title
    assert len(root[1].text) > 10
    assert list(root.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("exhibit", DRAWN, ids=lambda exhibit: exhibit.key)
def test_drawn_twice_it_is_the_same(exhibit):
    first = charts.svg(exhibit, "test")
    charts._kept.clear()
    assert charts.svg(exhibit, "test") == first


def test_two_charts_on_a_page_share_no_id_and_refer_to_their_own():
    found = [charts.svg(DRAWN[0], scope) for scope in ("one", "two")]
    ids = [set(re.findall(r'\bid="([^"]+)"', drawing)) for drawing in found]
    assert not ids[0] & ids[1]
    for drawing, own in zip(found, ids, strict=True):
        assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', drawing)) <= own


def test_names_from_files_cannot_break_out_of_the_drawing():
    chart = Chart(
        "x", "</title><script>", "x", "y", (Line("<b>$\\frac", [1, 2], [1, 2]), Line("b", [1], [1]))
    )
    root = ET.fromstring(charts.svg(chart, "test"))  # noqa: S314
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_the_description_gives_the_totals_of_bars():
    # bar a: 1 + 0.5, bar b: 2 - 0.2
    assert charts.describe(DRAWN[1]) == "kg CO₂e. a: 1.5; b: 1.8"


def test_empty_and_unknown_values_are_drawn_without_complaint():
    nan = float("nan")
    assert charts.svg(Chart("e", "Empty", "x", "y", ()), "test")
    assert charts.svg(Bars("e", "Empty", "y", (), (), ()), "test")
    assert charts.svg(Bars("n", "Unknown", "y", ("a",), ("p",), ((nan,),)), "test")
    assert charts.svg(Chart("n", "Unknown", "x", "y", (Line("l", [1, 2], [nan, 1]),), log_y=True), "test")


def test_the_numbers_of_an_exhibit_as_csv():
    assert as_csv(Table("t", "T", ("a", "b"), (("x", 1.5),), "mind")) == "# T,mind\na,b\nx,1.5\n"
    assert "small,1,1,0.5,2" in as_csv(DRAWN[0])
    assert "a,1.0,0.5" in as_csv(DRAWN[1])
    assert "Mon,1.0,2.0,3.0" in as_csv(DRAWN[2])


def words_of(exhibit):
    root = ET.fromstring(charts.svg(exhibit, "words"))  # noqa: S314
    return [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_range_that_would_leave_the_bars_no_room_says_where_it_ends():
    """Twice the longest bar is 4: the range to 3 is drawn whole, the one to 90 leaves the axis."""
    names = ("a bar with a name too long to stand upright", "another bar with a name as long as that")
    bars = Bars("x", "t", "kg", names, ("all",), ((1.0, 2.0),), (0.5, 1.0), (3.0, 90.0))
    assert "to 90 →" in words_of(bars)
    assert not any(word.startswith("to 3") for word in words_of(bars))


def test_the_key_of_kinds_names_them():
    kinds = Heatmap(
        "x", "t", ("a", "b"), ("0 d", "30 d"), ((0.0, 1.0), (0.0, 2.0)), "tier", names=("hot", "cold", "gone")
    )
    assert {"hot", "cold", "gone"} <= set(words_of(kinds))
    assert charts.describe(kinds) == "tier: from hot to gone"
    assert as_csv(kinds).splitlines()[2:] == ["a,hot,cold", "b,hot,gone"]
