"""The workbook: its totals are formulas over the bill's lines, and say what the plan says."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile

import pytest
from openpyxl import load_workbook

from advisor.core.draws import central, summary
from advisor.core.footprint import INDICATORS
from advisor.outputs.files_beside import archive
from advisor.outputs.sheets import add_sheet, begun
from advisor.outputs.workbook import workbook
from advisor.scenario import STEP_NAMES, with_values
from advisor.steps import final_option, run
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.view.texts import STEP_TITLES

NAMES = list(INDICATORS)


@pytest.fixture(scope="module")
def planned():
    case = Case(
        open_case(template("contact_centre")).given, open_case(template("contact_centre")).shipped, 64
    )
    return case, run(case, flips=False)


@pytest.fixture(scope="module")
def content(planned):
    return workbook(*planned)


@pytest.fixture
def book(content):
    return load_workbook(io.BytesIO(content))


class Sheets:
    """Works out the few kinds of formula that the workbook uses, from its cells as they stand."""

    def __init__(self, book):
        self.book = book

    def value(self, sheet, place):
        said = self.book[sheet][place.replace("$", "")].value
        if not (isinstance(said, str) and said.startswith("=")):
            return said
        if found := re.fullmatch(r'=IF\((.+?),([^,]+|SUMIF\(.+\)),"unknown"\)', said):
            condition, formula = found.groups()
            return self.worked(sheet, "=" + formula) if self.holds(sheet, condition) else "unknown"
        return self.worked(sheet, said)

    def holds(self, sheet, said):
        """Whether no part that a formula would add up is unknown."""
        if found := re.fullmatch(r"ISNUMBER\((\w+)\)", said):
            return isinstance(self.value(sheet, found[1]), float | int)
        if found := re.fullmatch(r"COUNT\((\w+):(\w+)\)=5", said):
            return all(
                isinstance(self.value(sheet, one), float | int) for one in self.cells(sheet, *found.groups())
            )
        found = re.fullmatch(r'COUNTIFS\((\w+)!(\S+):(\S+?),(\S+?),\w+!(\S+?):(\S+?),"unknown"\)=0', said)
        other, first, last, wanted, top, bottom = found.groups()
        key = self.value(sheet, wanted)
        pairs = zip(self.cells(other, first, last), self.cells(other, top, bottom), strict=True)
        return not any(
            self.value(other, name) == key and self.value(other, cell) == "unknown" for name, cell in pairs
        )

    def worked(self, sheet, said):
        if found := re.fullmatch(r"=SUMIF\((\w+)!(\S+):(\S+?),(\S+?),\w+!(\S+?):(\S+?)\)", said):
            other, first, last, wanted, top, bottom = found.groups()
            key = self.value(sheet, wanted)
            pairs = zip(self.cells(other, first, last), self.cells(other, top, bottom), strict=True)
            return sum(self.value(other, cell) or 0 for name, cell in pairs if self.value(other, name) == key)
        if found := re.fullmatch(r"=SUM\((\S+):(\S+)\)", said):
            return sum(self.value(sheet, cell) for cell in self.cells(sheet, *found.groups()))
        left, sign, right = re.fullmatch(r"=([\w!$]+)([*/])([\w!$]+)|=([\w!$]+)", said).group(1, 2, 3)
        if left is None:
            return self.term(sheet, said[1:])
        one, other = self.term(sheet, left), self.term(sheet, right)
        if one is None:
            return None
        return one * other if sign == "*" else one / other

    def term(self, sheet, said):
        if said.isdigit():
            return float(said)
        other, _, place = said.rpartition("!")
        return self.value(other or sheet, place)

    def cells(self, sheet, first, last):
        return [row[0].coordinate for row in self.book[sheet][f"{first}:{last}".replace("$", "")]]


def test_the_totals_are_live_formulas_that_give_the_plan(book, planned):
    plan, sheets = final_option(*planned), Sheets(book)
    totals = book["Totals"]
    assert [totals.cell(row, 1).value for row in range(2, 8)] == [*STEP_TITLES.values(), "The plan"]
    for place, name in enumerate(NAMES, start=2):
        cell = totals.cell(7, place)
        if name == "carbon_marginal":  # nobody publishes it for one of the places: no sum of it is known
            assert math.isnan(central(plan.year[name]))
            told = [sheets.value("Totals", totals.cell(row, place).coordinate) for row in range(7, 11)]
            assert told == ["unknown"] * 4
            for row, step in enumerate(STEP_NAMES, start=2):
                found, part = totals.cell(row, place).coordinate, central(plan.bill.of_step(step)[name])
                stated = sheets.value("Totals", found)
                assert stated == ("unknown" if math.isnan(part) else pytest.approx(part, abs=1e-15))
            continue
        assert cell.value.startswith("=SUM(")
        assert sheets.value("Totals", cell.coordinate) == pytest.approx(central(plan.year[name]), rel=1e-9)
        each = sheets.value("Totals", totals.cell(8, place).coordinate)
        assert each == pytest.approx(central(plan.accepted[name]), rel=1e-9)
        low, _, high = summary(plan.year[name])
        assert (totals.cell(9, place).value, totals.cell(10, place).value) == pytest.approx((low, high))
        for row, step in enumerate(STEP_NAMES, start=2):
            found = sheets.value("Totals", totals.cell(row, place).coordinate)
            assert found == pytest.approx(central(plan.bill.of_step(step)[name]), rel=1e-9, abs=1e-15)


def test_a_changed_volume_changes_the_totals(book):
    """Twice the requests: what is charged a request doubles, what stands does not."""
    sheets, bill = Sheets(book), book["Bill"]
    place = NAMES.index("cost") + 2
    cost = book["Totals"].cell(7, place).coordinate
    before = sheets.value("Totals", cost)
    column = 7 + len(NAMES) + NAMES.index("cost")
    by_request = sum(
        sheets.value("Bill", bill.cell(row, column).coordinate)
        for row in range(2, bill.max_row + 1)
        if bill.cell(row, 3).value == "per_request"
    )
    assert by_request > 0
    book["Volume"]["B4"].value *= 2
    assert sheets.value("Totals", cost) == pytest.approx(before + by_request, rel=1e-9)


def test_every_line_says_what_it_rests_on_and_each_figure_has_its_source(book, planned):
    plan = final_option(*planned)
    assert book["Bill"].max_row == 1 + len(plan.bill.lines)
    evidence = {row[0]: row for row in book["Evidence"].iter_rows(min_row=2, values_only=True)}
    assert set(plan.evidence) <= set(evidence)
    assert all(row[7] for row in evidence.values())
    assert sum(str(row[8] or "").startswith("http") for row in evidence.values()) > len(evidence) / 2


def test_the_same_plan_gives_the_same_bytes(content, planned):
    assert workbook(*planned) == content


def test_a_name_that_looks_like_a_formula_stays_text(planned):
    case, decisions = planned
    recorded = {"choice": decisions[0].choice.key, "by": '=HYPERLINK("http://x")', "reason": "+1"}
    nasty = case.with_scenario(with_values(case.given, {"decisions.foundation_model": recorded}))
    made = load_workbook(io.BytesIO(workbook(nasty, decisions)))
    cell = made["Decisions"].cell(2, 7)
    assert cell.value == '=HYPERLINK("http://x")'
    assert cell.data_type == "s"


def test_the_archive_holds_each_chart_three_ways_with_caveats_and_sources(planned):
    with zipfile.ZipFile(io.BytesIO(archive(*planned))) as files:
        names = set(files.namelist())
        charts = {name.removesuffix(".svg") for name in names if name.endswith(".svg")}
        assert len(charts) >= 6
        for chart in charts:
            assert files.read(f"{chart}.png").startswith(b"\x89PNG")
            assert files.read(f"{chart}.csv").startswith((b"#", b'"#'))
            assert b"<svg" in files.read(f"{chart}.svg")
        sources = list(csv.DictReader(io.StringIO(files.read("sources.csv").decode())))
        assert sum(row["address"].startswith("http") for row in sources) > 10
        bill = list(csv.reader(io.StringIO(files.read("bill.csv").decode())))
        plan = final_option(*planned)
        assert len(bill) == 2 + len(plan.bill.lines)
        at = bill[1].index("cost [USD] a year")
        total = sum(float(row[at]) for row in bill[2:])
        assert total == pytest.approx(central(plan.year["cost"]), rel=1e-9)


def test_without_an_answer_nothing_is_best_in_any_draw(planned):
    """A cell is left empty: no option passes a budget of a dollar, so none has a share of draws."""
    case = Case(
        with_values(planned[0].given, {"constraints.budget_usd_per_year": 1.0}), planned[0].catalogue, 8
    )
    sheet = load_workbook(io.BytesIO(workbook(case, run(case, flips=False))))["Decisions"]
    rows = list(sheet.iter_rows(min_row=2, max_row=6, values_only=True))
    assert [row[2] for row in rows] == ["No option passes every gate", *["Waits for the steps before"] * 4]
    assert {row[3] for row in rows} == {None}


def test_a_name_too_long_for_a_sheet_ends_behind_a_word_and_stands_whole_below():
    """31 characters are a sheet's: 'Data storage What a day’s loose' has as many, and cuts a word."""
    made = begun()
    for _ in range(2):
        add_sheet(made, "Data storage What a day's looser RPO would spare", ("a",), [(1,)], "A note.")
    first, second = made.worksheets
    assert first.title == "Data storage What a day’s…"
    assert second.title == "Data storage What a day’s… 2"
    assert [row[0] for row in first.iter_rows(values_only=True) if row[0]] == [
        "a", 1, "Data storage What a day's looser RPO would spare", "A note.",
    ]  # fmt: skip
    add_sheet(made, "Data storage", ("a",), [(1,)])
    assert [row[0] for row in made["Data storage"].iter_rows(values_only=True)] == ["a", 1]
