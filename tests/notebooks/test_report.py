"""The report: the same bytes twice, the figures of plan.json, nothing half written."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import papermill
import pytest

from advisor.cli import main
from advisor.core.errors import AdvisorError, ScenarioError
from advisor.core.wording import amount, share
from advisor.outputs import report
from advisor.outputs.report import FILES, USUAL, write_report
from advisor.system.opening import template
from tests.narrowed import FEW_MODELS

pytestmark = pytest.mark.notebooks
MADE = (*USUAL, "full")
CHANGED = {"workload.requests_per_day": 31_000, **FEW_MODELS}
NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "report.ipynb"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return {path.name: path for path in write_report(template("contact_centre"), folder, CHANGED, MADE)}


@pytest.fixture(scope="module")
def page(written):
    return written["report.html"].read_text(encoding="utf-8")


def test_the_report_is_short_and_the_rest_lies_beside_it(written):
    assert set(written) >= {
        "charts-and-tables.zip", "decision-record.md", "plan.json", "report.html", "workbook.xlsx",
    }  # fmt: skip
    assert written["report.html"].stat().st_size < 600_000


def test_the_same_scenario_gives_the_same_bytes(written, tmp_path):
    again = write_report(template("contact_centre"), tmp_path, CHANGED, MADE)
    assert len(written) > len(MADE) - 2
    assert [path.name for path in again] == list(written)
    for second in again:
        assert written[second.name].read_bytes() == second.read_bytes(), second.name


def test_the_report_prints_the_figures_of_the_plan(written, page):
    plan = json.loads(written["plan.json"].read_text(encoding="utf-8"))
    for name, unit in (("carbon", "kgCO2e"), ("energy", "kWh"), ("water", "L"), ("cost", "USD")):
        assert amount(plan["totals"]["per_year"][name]["central"], unit) in page
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


def test_an_input_that_is_none_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ScenarioError, match="names no field"):
        write_report(template("contact_centre"), tmp_path / "out", {"workload.requests_per_dya": 3})
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What the notebook shows when it is run with the report's parameters, output by output."""
    folder = tmp_path_factory.mktemp("notebook")
    parameters = {"scenario": "contact_centre", "overrides": CHANGED, "language": "en"}
    assert set(parameters) == set(papermill.inspect_notebook(str(NOTEBOOK)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVISOR_WORKSPACE", str(folder))
        patch.setenv("PYTHONPATH", str(NOTEBOOK.parents[1]))
        ran = papermill.execute_notebook(
            str(NOTEBOOK), None, parameters, cwd=str(folder), progress_bar=False, store_widget_state=False
        )
    return [output["data"] for cell in ran.cells for output in cell.get("outputs", []) if "data" in output]


def test_the_notebook_shows_the_pages_of_the_report(shown, written):
    page = written["report-in-full.html"].read_text(encoding="utf-8")
    pages = [data["text/html"] for data in shown if "text/html" in data]
    assert len(pages) == 6
    for face in pages:
        assert face.count('<section id="page-') == 1
        assert face in page
    # and the report has nothing that the notebook has not
    assert page.count('<section id="page-') == len(pages)
    assert "".join(pages) in page


def test_the_notebook_carries_the_files_of_the_report(shown, written):
    (files,) = [data[FILES] for data in shown if FILES in data]
    assert set(files) >= {"plan.json", "decision-record.md"}
    for name, content in files.items():
        if name in written:
            assert written[name].read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    ("name", "values"),
    (("claims_triage", None), ("factory_edge", None), ("claims_intake", None), ("legal_qa", FEW_MODELS)),
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_template_reports(name, values, tmp_path):
    """Five choices each, with figures, reasons, eliminated options and sources.

    ``advisor report data/scenarios`` makes all twelve in one go, among all models.
    """
    for path in write_report(template(name), tmp_path, values):
        assert path.stat().st_size > 0
    assert (tmp_path / "report.html").stat().st_size < 600_000
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert len(plan["steps"]) == 5
    for step in plan["steps"]:
        assert step["choice"], step["step"]
        assert step["reasons"]
        assert step["sources"]


def test_a_request_log_goes_all_the_way_to_a_report(tmp_path, monkeypatch, capsys):
    """A log, a profile, a scenario that names it, a report that shows it and was sized by it."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(
        f"2023-11-16 18:{minute:02}:{second:02}.0000000,{200 + 10 * second},{50 + minute}\n"
        for minute in range(60)
        for second in range(0, 60, 5)
    )
    (tmp_path / "log.csv").write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n" + rows)
    assert main(["usage", "log.csv", "-o", "traffic.yaml"]) == 0
    assert main(["new", "mine"]) == 0
    mine = tmp_path / "mine.yaml"
    few = "constraints: {models_compared: [gpt-4.1-mini, gpt-5.4-nano, phi-4]}\n"
    mine.write_text(f"{mine.read_text()}  traffic: traffic.yaml\n{few}")
    assert main(["report", "mine.yaml", "-o", "out", "--format", "json,full"]) == 0
    capsys.readouterr()
    plan = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert all(step["choice"] for step in plan["steps"])
    # one request every five seconds, in an hour of log: 720 an hour, 17,280 a day if every hour were like it
    volume = plan["totals"]["requests_per_year"]
    assert volume["p10"] < 17_280 * 365 < volume["p90"]
    page = (tmp_path / "out" / "report-in-full.html").read_text(encoding="utf-8")
    assert "Requests by hour of the week" in page
    assert "Tokens per request" in page
