"""What is written for people is told in the language that was asked for, and what programs read is not."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from openpyxl import load_workbook

from advisor.catalogue import open_catalogue
from advisor.cli import main
from advisor.core.errors import UnknownNameError
from advisor.core.escaping import markdown
from advisor.core.exhibits import Table
from advisor.core.footprint import INDICATORS
from advisor.core.saying import here, speaking
from advisor.outputs import compare, disclosure, report
from advisor.outputs.decision_record import decision_record
from advisor.outputs.files_beside import archive
from advisor.outputs.report import Pages, document, write_report
from advisor.outputs.workbook import workbook
from advisor.scenario import with_values
from advisor.steps import final_option, run
from advisor.system.assumptions import assumptions_log, log_table
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.rule_names import rule_name
from advisor.view import charts
from advisor.view.key_texts import unit_words
from advisor.view.plan import reading
from advisor.view.texts import flips_to, plainly
from tests.narrowed import FEW_MODELS
from tests.pseudo import PSEUDO, WORD, left_over, words_of

DRAWS = 60
QUICK = ("html", "md", "json", "xlsx")  # all but charts for slides
# the functions of a formula, which every workbook calls alike
FUNCTIONS = {"SUM", "SUMIF", "COUNT", "COUNTIFS", "ISNUMBER"}
# of MADR's head
KEYS = ("status", "proposed", "date", "decision", "makers")


def case_of(**values):
    given = with_values(open_case(template("contact_centre")).given, FEW_MODELS | values)
    return Case(given, open_catalogue(offline=True), DRAWS)


@pytest.fixture(scope="module")
def planned():
    case = case_of()
    decisions = run(case)
    choice = {"choice": decisions[-1].choice.key, "by": "", "reason": ""}
    return case.with_scenario(with_values(case.given, {"decisions.operations": choice})), decisions


@pytest.fixture(scope="module")
def elsewhere(planned):
    """What other rooms say in these decisions, as it is told: longest first."""
    case, decisions = planned
    with speaking(PSEUDO):
        told = {here(one) for one in _said(case, decisions)}
    return sorted((one for one in told if one.strip()), key=len, reverse=True)


def _said(case, decisions):
    yield reading(case)
    yield from (unit for unit, _ in INDICATORS.values())
    for row in log_table(assumptions_log(case, _names(decisions))).rows:
        yield from row
    for line in final_option(case, decisions).bill:
        yield from (line.what, line.place, unit_words(line.unit), line.step)
    for name in _names(decisions):
        found = case.catalogue.coefficient(name)
        cited = [case.catalogue.sources[key] for key in found.sources if key in case.catalogue.sources]
        yield from (part for one in cited for part in (one.title, one.publisher, one.licence))
        yield from (name, found.unit, unit_words(found.unit), found.note, found.valid, *found.sources)
    for one in decisions:
        yield from (one.step, one.question, one.headline, *one.reasons, *one.warnings)
        for option in one.options:
            yield from (option.title, option.key)
        for _, failed in one.eliminated:
            for gate in failed:
                yield from (rule_name(gate.rule), rule_name(gate.rule).lower())
                yield from (gate.expected, gate.found, gate.remedy)
        for flip in one.flips:
            yield from (flip.label, flip.label.lower(), flip.path, flips_to(flip))
            yield from (flip.present, flip.flips_at, plainly(flip.present), plainly(flip.flips_at))
        for exhibit in one.exhibits:
            if isinstance(exhibit, Table):
                yield from (exhibit.title, exhibit.note, *exhibit.columns)
                yield from (cell for row in exhibit.rows for cell in row if isinstance(cell, str))


def _names(decisions):
    return frozenset().union(*(one.evidence for one in decisions))


def ours(texts, elsewhere, also=()):
    """What of these texts is English, without addresses and what other rooms say."""
    texts = {re.sub(r"https?://\S+", "", text) for text in texts if text not in elsewhere}
    words = set(left_over({word for text in texts for word in WORD.findall(text)}, also))
    found = [text for text in texts if words.intersection(WORD.findall(text))]
    for one in elsewhere:
        if words.intersection(WORD.findall(one)):
            found = [text.replace(one, " ") for text in found]
    return [text for text in found if words.intersection(WORD.findall(text))]


def test_a_page_stands_in_its_language():
    with speaking(PSEUDO):
        page = document("", "x", {"plan": "y"})
    assert '<html lang="qps">' in page
    assert left_over(words_of(page)) == []


def test_a_record_holds_no_english_of_ours(planned, elsewhere):
    with speaking(PSEUDO):
        told = decision_record(*planned).splitlines()
    known = sorted({*elsewhere, *map(markdown, elsewhere)}, key=len, reverse=True)
    assert ours(told, known, KEYS) == []


def test_a_workbook_holds_no_english_of_ours(planned, elsewhere):
    with speaking(PSEUDO):
        book = load_workbook(io.BytesIO(workbook(*planned)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    assert ours([sheet.title for sheet in book], [one[:31] for one in elsewhere]) == []
    assert ours([cell.value for cell in cells if cell.data_type == "s"], elsewhere) == []
    # the formulas name the sheets as they are called, and functions as every workbook does
    named = {name for one in formulas for name in re.findall(r"(\w+)!", one)}
    assert named == {sheet.title for sheet in book.worksheets[1:3]}
    assert {name for one in formulas for name in re.findall(r"[A-Z]{3,}", one)} <= FUNCTIONS


def test_tables_beside_a_report_hold_no_english_of_ours(planned, elsewhere, monkeypatch):
    monkeypatch.setattr(charts, "svg", lambda exhibit, scope: "")
    monkeypatch.setattr(charts, "png", lambda exhibit: b"")
    with speaking(PSEUDO), zipfile.ZipFile(io.BytesIO(archive(*planned))) as files:
        for name in ("bill.csv", "evidence.csv", "sources.csv"):
            rows = list(csv.reader(io.StringIO(files.read(name).decode())))
            assert ours([cell for row in rows for cell in row], elsewhere, ("nan",)) == [], name
        text = files.read("README.txt").decode()
    for name in ("bill.csv", "evidence.csv", "sources.csv"):
        text = text.replace(name, "")
    assert ours(text.splitlines(), elsewhere) == []


def test_a_disclosure_keeps_its_columns_for_programs(planned, elsewhere):
    case, decisions = planned
    found = disclosure.disclosure(case, final_option(case, decisions))
    with speaking(PSEUDO):
        told, book = disclosure.as_csv(found), load_workbook(io.BytesIO(disclosure.as_xlsx(found)))
    parts = [list(csv.reader(io.StringIO(part))) for part in told.split("\n\n")]
    assert [heads for heads, *_ in parts] == [list(map(str, part[0])) for part in found.parts]
    assert ours([cell for _, *rows in parts for row in rows for cell in row], elsewhere) == []
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert ours([sheet.title for sheet in book], elsewhere) == []
    assert ours([one for one in cells if isinstance(one, str)], elsewhere) == []


@pytest.fixture
def _decided(planned, monkeypatch):
    """The same case and decisions for every report."""
    monkeypatch.setattr(report, "open_case", lambda path, values: planned[0])
    monkeypatch.setattr(report, "run", lambda case, **_: planned[1])


def contents(paths):
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.usefixtures("_decided")
def test_a_german_report_is_german_and_leaves_nothing_behind(tmp_path):
    path = template("contact_centre")
    before = contents(write_report(path, tmp_path / "before", formats=QUICK))
    german = contents(write_report(path, tmp_path / "german", formats=QUICK, language="de"))
    after = contents(write_report(path, tmp_path / "after", formats=QUICK))
    assert after == before
    assert german["plan.json"] == before["plan.json"]
    assert set(german) == set(before)
    page = german["report.html"].decode()
    assert '<html lang="de">' in page
    assert "ein Plan für nachhaltige generative KI" in page
    record = german["decision-record.md"].decode()
    assert "### Betrachtete Optionen" in record
    assert 'decision-makers: "noch nicht benannt"' in record
    assert "42.000 Anfragen am Tag" in record
    assert re.search(r"\b\d+,\d+ t CO₂e", record)
    assert re.search(r"\d\d\.\d{3}\s?\$|\$\d\d\.\d{3}", record)
    book = load_workbook(io.BytesIO(german["workbook.xlsx"]))
    assert {"Summen", "Menge", "Rechnung", "Belege"} <= set(book.sheetnames)
    assert book["Summen"]["B2"].value.startswith("=SUMIF(Rechnung!")


@pytest.mark.usefixtures("_decided")
def test_a_notebook_s_pages_speak_one_language_each(planned):
    german, english = Pages(planned[0], language="de"), Pages(planned[0])
    assert "Betrachtete Optionen" in german.files()["decision-record.md"]
    assert "Considered Options" in english.files()["decision-record.md"]
    assert german.files()["plan.json"] == english.files()["plan.json"]
    assert german.to_deploy() == english.to_deploy()
    assert '<html lang="de">' in german.in_full()
    with pytest.raises(UnknownNameError, match="language"):
        Pages(planned[0], language="xx")


@pytest.fixture(scope="module")
def two():
    cases = case_of(), case_of(**{"constraints.residency": "any", "workload.requests_per_day": 900})
    return [compare.Planned(case, tuple(run(case, flips=False))) for case in cases]


def test_scenarios_side_by_side_hold_no_english_of_ours(two):
    with speaking(PSEUDO):
        known = [here(said) for one in two for said in _said(one.case, one.decisions)]
        tables = (compare.footprints_table(two), compare.steps_table(two), *compare.difference_tables(two))
        told = compare.as_text(tables)
    assert ours(told.splitlines(), known) == []


def test_commands_and_their_faults_are_told_in_the_language(tmp_path, capsys):
    plans = [tmp_path / name for name in ("a.yaml", "b.yaml")]
    for path in plans:
        path.write_text("schema_version: 1\nname: x\ntask: chat\n")
    assert main(["compare", str(plans[0]), "--language", "de"]) == 2
    assert capsys.readouterr().err.startswith("Es gibt nichts zu vergleichen.\n  - SCENARIO: erwartet")
    assert main(["compare", str(plans[0])]) == 2
    assert capsys.readouterr().err.startswith("Nothing to compare.")
    with pytest.raises(SystemExit):
        main(["compare", *map(str, plans), "--language", "xx"])
    assert "'de'" in capsys.readouterr().err


def test_a_bill_is_told_with_the_language_s_own_numbers(tmp_path, capsys):
    bill = tmp_path / "bill.csv"
    bill.write_text(
        "Date,MeterName,UnitOfMeasure,Quantity,CostInBillingCurrency,ChargeType,BillingCurrencyCode\n"
        "2026-11-03,gpt 5 mini Inp glbl Tokens,1K,5000,1234.5,Usage,USD\n"
    )
    assert main(["usage", str(bill), "--language", "de"]) == 0
    said = capsys.readouterr().out
    assert "Erkannt als: eine Rechnung über einen Tag, 03.11.2026" in said
    assert "gpt 5 mini Inp glbl Tokens: 5.000.000 Token, 1.234,50 USD" in said
