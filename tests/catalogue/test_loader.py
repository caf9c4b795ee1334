"""The loader: three forms of file, and every fault of a folder in one error."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from advisor.catalogue import build
from advisor.core.errors import DataError
from advisor.core.evidence import Confidence
from advisor.core.saying import Text

SOURCES = """sources:
  paper: {title: A paper, publisher: Somebody, url: "https://example.org", year: "2025"}
"""
GOOD = """defaults: {source: paper, checked: 2026-01-02, confidence: published}
coefficients:
  network.between_regions: {value: [1, 2, 3], unit: kWh/GB, note: two methods}
  network.exact: {value: 5, unit: kWh/GB}
  network.spread: {value: 10, range: [0.5, 2], unit: kWh/GB}
table: things
columns:
  power: {unit: W}
attributes: {name: text, open: flag, since: date, tags: list, size: number}
rows:
  first: {name: First, open: true, since: 2026-01-01, tags: [a], size: 3, power: [1, 2, 3]}
  second: {name: null, power: {value: 7, unit: kW, confidence: measured}}
series:
  shape.day: {values: [1, 2], unit: ratio}
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_the_three_forms_are_read(tmp_path: Path) -> None:
    found = build(folder(tmp_path, good=GOOD, sources=SOURCES))
    between = found.coefficient("network.between_regions")
    assert (between.low, between.central, between.high, between.unit) == (1, 2, 3, "kWh/GB")
    assert (between.sources, between.checked) == (("paper",), date(2026, 1, 2))
    assert between.confidence is Confidence.PUBLISHED
    exact, spread = found.coefficient("network.exact"), found.coefficient("network.spread")
    assert (exact.low, exact.high) == (5, 5)
    assert (spread.low, spread.high) == (5, 20)  # 10 times 0.5 and 2
    assert found.coefficient("things.second.power").to("W").central == 7000
    assert found.coefficient("things.second.power").confidence is Confidence.MEASURED
    assert found.row("things", "first")["tags"] == ["a"]
    assert "power" not in found.row("things", "first")
    assert found.series["shape.day"].values == (1, 2)


MANY = """defaults: {source: paper, checked: 2026-01-02, confidence: published}
surprise: 1
coefficients:
  a.order: {value: [3, 2, 1], unit: W}
  a.unit: {value: 1, unit: Watts}
  a.key: {value: 1, unit: W, sorce: paper}
  a.missing: {unit: W}
  a.date: {value: 1, unit: W, checked: yesterday}
  a.confidence: {value: 1, unit: W, confidence: certain}
  a.finite: {value: [1, .inf, .inf], unit: W}
  a.text: {value: lots, unit: W}
  a.two: {value: [1, 2], unit: W}
  a.source: {value: 1, unit: W, source: papr}
  a.bare: 3
table: things
columns:
  power: {unit: W}
  pover: 4
attributes: {name: text, open: maybe}
rows:
  first: {name: 3, power: 1, colour: red}
  second: {power: {value: 1, unit: kg}}
  third: none
series:
  shape.empty: {values: [], unit: ratio}
  shape.key: {values: [1], unit: ratio, vlaid: no}
"""
AGAIN = """coefficients:
  a.order: {value: 1, unit: W, source: paper, checked: 2026-01-02, confidence: published}
sources:
  paper: {title: Again, publisher: Somebody, url: u, year: "2025"}
  unused: {title: Nobody cites it, publisher: Somebody, url: u, year: "2025"}
  thin: {title: No more than this}
"""


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        build(
            folder(
                tmp_path, many=MANY, sources=SOURCES, again=AGAIN, cut="coefficients: [", twice="a: 1\na: 2\n"
            )
        )
    told = {str(fault) for fault in caught.value.faults}
    expected = (
        "many.yaml: expected a known key, found 'surprise'",
        "many.yaml: a.order: expected low <= central <= high, found 3.0, 2.0, 1.0",
        "many.yaml: a.unit: expected atoms joined by * and /, found 'Watts'",
        "many.yaml: a.key: expected a known key, found 'sorce' (did you mean 'source'?)",
        "many.yaml: a.missing: expected value, unit, source, checked and confidence, found no 'value'",
        "many.yaml: a.date: expected value, unit, source, checked and confidence, found checked: 'yesterday'",
        "many.yaml: a.confidence: expected value, unit, source, checked and confidence, found 'certain'",
        "many.yaml: a.finite: expected value, unit, source, checked and confidence, found value",
        "many.yaml: a.text: expected value, unit, source, checked and confidence, found value: 'lots'",
        "many.yaml: a.two: expected value, unit, source, checked and confidence, found not enough values",
        "sources.yaml: expected a source 'papr', found none (did you mean 'paper'?)",
        "many.yaml: a.bare: expected a mapping, found 3",
        "many.yaml: columns.pover: expected a mapping, found 4",
        "many.yaml: attributes.open: expected one of text, prose, flag, date, list, number, any, found",
        "many.yaml: first.name: expected text, found 3",
        "many.yaml: first: expected a known column, found 'colour'",
        "many.yaml: second.power: expected W",
        "many.yaml: third: expected a mapping, found 'none'",
        "many.yaml: shape.empty: expected value, unit, source, checked and confidence, found values",
        "many.yaml: shape.key: expected a known key, found 'vlaid' (did you mean 'valid'?)",
        "many.yaml: a.order: expected each coefficient once, found 'a.order' again",
        "sources.yaml: paper: expected each source once, found 'paper' again",
        "sources.yaml: unused: expected a source some figure cites, found no use",
        "again.yaml: thin: expected title, publisher, url and year, found no publisher, url, year",
        "twice.yaml:2: expected each key once, found 'a' again",
        "cut.yaml:",
    )  # fmt: skip
    for start in expected:
        assert any(fault.startswith(start) for fault in told), f"not told: {start}"
    assert str(caught.value).count("\n") == len(caught.value.faults)


@pytest.mark.parametrize(
    "text", ["sources: [1]", "table: t\nrows: [1]", "coefficients: 3", "series: x", "defaults: 1"]
)
def test_a_file_of_another_shape_is_a_fault_and_no_crash(text: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a mapping"):
        build(folder(tmp_path, odd=text, sources=SOURCES, good=GOOD))


def test_prose_is_text_for_people_and_text_is_not(tmp_path: Path) -> None:
    sources = "sources:\n  s: {title: T, publisher: P, url: 'https://example.com', year: '2026'}\n"
    table = """
    table: things
    cites: [s]
    attributes: {title: prose, key: text}
    rows:
      one: {title: a title, key: a key}
      two: {title: "", key: ""}
    """
    row = build(folder(tmp_path, sources=sources, things=dedent(table))).tables["things"]["one"]
    assert (row["title"], row["key"]) == ("a title", "a key")
    assert [isinstance(row[name], Text) for name in ("title", "key")] == [True, False]


def test_a_source_that_is_described_is_told_and_a_title_is_not(tmp_path: Path) -> None:
    sources = """
    sources:
      described: {title: Cards, publisher: P, url: 'https://example.com', year: '2026', prose: [title]}
      titled: {title: A paper, publisher: P, url: 'https://example.com', year: '2026'}
    """
    table = "table: things\ncites: [described, titled]\nattributes: {}\nrows:\n  one: {}\n"
    found = build(folder(tmp_path, sources=dedent(sources), things=table)).sources
    assert [isinstance(found[key].title, Text) for key in ("described", "titled")] == [True, False]
    assert not isinstance(found["described"].publisher, Text)
