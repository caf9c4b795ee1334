"""The report: the same bytes twice, the figures of plan.json, nothing half written."""

from __future__ import annotations

import html
import json
import re

import pytest

from advisor import report
from advisor.errors import AdvisorError
from advisor.opening import template
from advisor.report import write_report
from advisor.wording import amount, share

pytestmark = pytest.mark.notebooks


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return write_report(template("contact_centre"), folder, {"workload.requests_per_day": 31_000})


@pytest.fixture(scope="module")
def page(written):
    return next(path for path in written if path.name == "report.html").read_text(encoding="utf-8")


def test_three_files_are_written(written):
    assert [path.name for path in written] == ["decision-record.md", "plan.json", "report.html"]


def test_the_same_scenario_gives_the_same_bytes(written, tmp_path):
    again = write_report(template("contact_centre"), tmp_path, {"workload.requests_per_day": 31_000})
    for first, second in zip(written, again, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_the_report_prints_the_figures_of_the_plan(written, page):
    plan = json.loads(written[1].read_text(encoding="utf-8"))
    for name, unit in (("carbon", "kgCO2e"), ("energy", "kWh"), ("water", "L"), ("cost", "USD")):
        assert amount(plan["totals"]["per_year"][name]["median"], unit) in page
    for step in plan["steps"]:
        assert html.escape(step["headline"], quote=True) in page
        assert share(step["confidence"]) in page
        for source in step["sources"]:
            assert html.escape(source["url"], quote=True) in page


def test_the_changed_input_is_in_the_report(page):
    assert "31,000 requests a day" in page


def test_the_page_stands_alone(page):
    assert not re.search(r"<(script|link|iframe|object|embed|img)\b", page)
    assert not re.search(r'(src|xlink:href)="(?!#|data:)', page)
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_a_fault_writes_nothing(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema_version: 1\nname: Bad\ntask: chatt\n")
    with pytest.raises(AdvisorError):
        write_report(bad, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_pdf_without_a_browser_is_a_message(tmp_path, monkeypatch):
    monkeypatch.setattr(report.shutil, "which", lambda _name: None)
    with pytest.raises(AdvisorError, match="needs a browser"):
        write_report(template("contact_centre"), tmp_path, formats=("pdf",))
    assert list(tmp_path.iterdir()) == []


def test_a_parameter_the_notebook_lacks_is_refused():
    with pytest.raises(AdvisorError, match="lacks parameters"):
        report._known({"scenarioo": "x"})
