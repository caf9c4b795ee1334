"""A folder of scenarios becomes a folder of reports with a page that puts them side by side."""

from __future__ import annotations

import json
import re

import pytest

from advisor.cli import main
from advisor.core.errors import AdvisorError
from advisor.core.wording import amount
from advisor.outputs import batch, report
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case

HELP_DESK = (
    "schema_version: 1\nname: {name}\ntask: chat\nworkload:\n  requests_per_day: {volume}\n"
    "constraints:\n  models_compared: [gpt-5.4-nano, gpt-oss-120b, phi-4]\n"
)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "many"
    made.mkdir()
    for name, volume in (("first", 1_000), ("second", 50_000)):
        (made / f"{name}.yaml").write_text(HELP_DESK.format(name=f"{name} <b>", volume=volume))
    (made / "notes.txt").write_text("not a scenario")
    return made


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch):
    def opened(path, values=None):
        case = open_case(path, values)
        return Case(case.given, case.shipped, 64)

    monkeypatch.setattr(batch, "open_case", opened)
    monkeypatch.setattr(report, "run", lambda case, **_: run(case, flips=False))


def test_every_scenario_gets_its_report_and_the_summary_says_the_same(folder, tmp_path, capsys):
    assert main(["report", str(folder), "-o", str(tmp_path / "out"), "--format", "html,json"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in said[:2]] == ["1 of 2: first", "2 of 2: second"]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    for name in ("first", "second"):
        assert (tmp_path / "out" / name / "report.html").stat().st_size > 10_000
        plan = json.loads((tmp_path / "out" / name / "plan.json").read_text(encoding="utf-8"))
        assert amount(plan["totals"]["per_year"]["cost"]["central"], "USD") in page
        assert f'href="{name}/report.html"' in page
    assert "second &lt;b&gt;" in page
    assert "<b>" not in page
    assert not re.search(r"<(script|link|img)\b", page)


def test_the_faults_of_all_scenarios_are_told_before_any_is_planned(folder, tmp_path, capsys):
    (folder / "bad.yaml").write_text("name: Bad\ntask: chatt\nworkload: {requests_per_day: -1}\n")
    (folder / "worse.yaml").write_text("name: ''\ntask: chat\n")
    assert main(["report", str(folder), "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("2 of 4 scenarios have faults.")
    for place in ("bad.yaml: task", "bad.yaml: workload.requests_per_day", "worse.yaml: name"):
        assert place in told
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_a_message(tmp_path):
    with pytest.raises(AdvisorError, match="nothing to report on"):
        batch.opened(tmp_path)


def test_where_the_plan_stops_later_steps_wait(folder, tmp_path):
    """As the scenario's own report says: one step has no option, four have not been looked at."""
    stuck = HELP_DESK.format(name="stuck", volume=1_000) + "quality: {floor: 1.0}\n"
    (folder / "stuck.yaml").write_text(stuck)
    assert main(["report", str(folder), "-o", str(tmp_path / "out"), "--format", "html"]) == 0
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    own = (tmp_path / "out" / "stuck" / "report.html").read_text(encoding="utf-8")
    for words, times in (("No option passes every gate<", 1), ("Waits for the steps before<", 4)):
        assert page.count(words) == own.count(words) == times
