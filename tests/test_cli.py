"""The command line: exit status, messages and what is left on disk."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from advisor.catalogue.today import DAY
from advisor.cli import main
from advisor.commands import settings
from advisor.core.errors import ScenarioError
from advisor.outputs.decision_record import decision_record
from advisor.scenario import load_scenario, with_values
from advisor.system.assumptions import assumptions_log
from advisor.system.confirmed import inputs
from advisor.system.opening import template
from advisor.view.session import Session
from advisor.view.tables import assumptions

EIGHT_FAULTS = """schema_version: 1
name: ""
task: chatt
workload:
  requests_per_day: -5
  input_tokns: 100
  output_tokens: many
quality:
  floor: .nan
data_sets:
  - {name: corpus, role: corpus, size_gb: 1, tier: lukewarm}
timing:
  start: soon
"""
PLACES = (
    "name", "task", "workload.requests_per_day", "workload.input_tokns", "workload.output_tokens",
    "quality.floor", "data_sets[0].tier", "timing.start",
)  # fmt: skip


@pytest.mark.parametrize("command", ["report", "check"])
def test_eight_faults_are_told_at_once_and_nothing_is_written(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = tmp_path / "bad.yaml"
    scenario.write_text(EIGHT_FAULTS)
    assert main([command, str(scenario)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("bad.yaml has 8 faults.")
    for place in PLACES:
        assert f"- {place} (bad.yaml:" in captured.err
    assert "did you mean 'input_tokens'?" in captured.err
    assert "did you mean 'chat'?" in captured.err
    assert "Traceback" not in captured.err + captured.out
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_settings_are_read_as_yaml_values() -> None:
    pairs = ["workload.requests_per_day=50000", "constraints.residency=EU", "quality.needs_reasoning=true"]
    assert settings(pairs) == {
        "workload.requests_per_day": 50000,
        "constraints.residency": "EU",
        "quality.needs_reasoning": True,
    }


@pytest.mark.parametrize("pair", ["workload", "=3", "a=[1"])
def test_a_setting_that_cannot_be_read_is_refused(pair: str) -> None:
    with pytest.raises(ScenarioError, match="A setting cannot be read"):
        settings([pair])


def test_an_unknown_setting_names_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "mine", "--from", "contact_centre"]) == 0
    assert main(["check", "mine.yaml", "--set", "workload.requests_per_dya=3"]) == 2
    assert "did you mean 'workload.requests_per_day'?" in capsys.readouterr().err


def test_new_makes_a_valid_scenario_and_never_replaces_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "help_desk"]) == 0
    assert main(["check", "help_desk.yaml"]) == 0
    assert "help_desk: valid." in capsys.readouterr().out
    assert (tmp_path / "scenario.schema.json").is_file()
    assert main(["new", "help_desk"]) == 2
    assert "exists already" in capsys.readouterr().err


def test_an_unknown_template_names_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "mine", "--from", "contact_center"]) == 2
    assert "did you mean 'contact_centre'?" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_check_counts_untouched_defaults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["new", "mine"])
    main(["check", "mine.yaml"])
    before = capsys.readouterr().out
    main(["check", "mine.yaml", "--set", "workload.input_tokens=700"])
    after = capsys.readouterr().out
    assert "workload.input_tokens = 1000" in before
    assert "workload.input_tokens" not in after


def test_check_minds_a_start_that_is_past_and_data_kept_against_the_law(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 30 November 2026 a start a day before is past, one on the day is not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(DAY, str(int(datetime(2026, 11, 30, tzinfo=UTC).timestamp())))
    logs = "{name: %s, role: logs, size_gb: 1, retention_days: 365, %s}"
    kept = ", ".join(
        logs % one
        for one in (
            ("claims", "legal_min_days: 2555"), ("calls", "legal_max_days: 90"),
            ("mail", "legal_min_days: 365"),
        )
    )  # fmt: skip
    text = "name: A\ntask: chat\ntiming: {start: 2026-11-%d}\ndata_sets: [%s]\n"
    Path("past.yaml").write_text(text % (29, kept), encoding="utf-8")
    assert main(["check", "past.yaml"]) == 0
    minded = [line for line in capsys.readouterr().out.splitlines() if line.startswith("mind: ")]
    assert minded == [
        "mind: timing.start, 2026-11-29, is past; prices and dates on sale are of 2026-11-30",
        "mind: claims: retention_days is 365, legal_min_days is 2,555; the plan keeps it 2,555 days",
        "mind: calls: retention_days is 365, legal_max_days is 90; the plan keeps it 90 days",
    ]
    Path("today.yaml").write_text(text % (30, ""), encoding="utf-8")
    assert main(["check", "today.yaml"]) == 0
    assert "mind: " not in capsys.readouterr().out


def test_check_minds_growth_that_somebody_may_have_mistyped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1000 % a year for 2 years is (1 + 10)^2 = 121 times; 900 % for 1 year is 10 times, told by nobody."""
    asked = tmp_path / "grows.yaml"
    for growth, years, told in (
        (10, 2, "1000%, makes it 121 times as many requests after 2 years"),
        (9, 1, ""),
    ):
        asked.write_text(
            f"name: A\ntask: chat\nworkload: {{growth_per_year: {growth}}}\n"
            f"timing: {{horizon_years: {years}}}\n",
            encoding="utf-8",
        )
        assert main(["check", str(asked)]) == 0
        minded = [line for line in capsys.readouterr().out.splitlines() if "growth_per_year, " in line]
        assert minded == ([f"mind: workload.growth_per_year, {told}"] if told else [])


def test_an_age_of_evidence_below_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "--stale", "-4"]) == 2
    assert "--stale" in capsys.readouterr().err


def test_check_and_the_app_count_what_nobody_has_confirmed_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_WORKSPACE", str(tmp_path))
    main(["check", str(template("contact_centre"))])
    assert Session("contact_centre").unconfirmed.said in capsys.readouterr().out


def test_what_began_as_a_template_is_the_templates_until_changed_under_any_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of all inputs is changed: one less is unconfirmed, in the file, in a session and in the record."""
    monkeypatch.setenv("ADVISOR_WORKSPACE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    main(["new", "mine", "--from", "contact_centre"])
    every = len(inputs())
    capsys.readouterr()
    main(["check", "mine.yaml"])
    assert f"All {every} inputs are unconfirmed." in capsys.readouterr().out
    session = Session("mine")
    session.change({"workload.requests_per_day": 9000})
    said = f"Unconfirmed: {every - 1} of {every} inputs."
    assert session.unconfirmed.said == said
    session.keep(session.scenario)
    main(["check", "mine.yaml"])
    assert said in capsys.readouterr().out
    assert f"- {said}" in decision_record(session.case, [])
    assert (
        sum(line.kind == "input" and line.unconfirmed for line in assumptions_log(session.case)) == every - 1
    )
    assert assumptions(session.scenario).count("<tr") - 1 == every - 1
    kept = load_scenario(Session("speech_notes").keep(Session("speech_notes").scenario))
    assert kept.began_as == "speech_notes"


def test_what_check_lists_can_be_set_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values are written as a file has them: None and False are no YAML, 10000.0 is no number of requests."""
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("schema_version: 1\nname: Mine\ntask: chat\n", encoding="utf-8")
    main(["check", "mine.yaml"])
    listed = re.findall(r"^  (\S+) = (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert ("workload.requests_per_day", "10000") in listed
    assert ("quality.needs_reasoning", "false") in listed
    assert ("agent", "null") in listed
    scenario = load_scenario(Path("mine.yaml"))
    for path, value in listed:
        assert scenario == with_values(scenario, {path: yaml.safe_load(value)}), path


def test_a_copy_of_a_template_is_the_templates_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which one it began as; where that is struck out, each value counts as the user's own."""
    mine, text = tmp_path / "mine.yaml", template("contact_centre").read_text(encoding="utf-8")
    mine.write_text(text, encoding="utf-8")
    main(["check", str(mine)])
    assert f"All {len(inputs())} inputs are unconfirmed." in capsys.readouterr().out
    mine.write_text(text.replace("began_as: contact_centre\n", ""), encoding="utf-8")
    main(["check", str(mine)])
    said = capsys.readouterr().out
    assert "Every input is confirmed.\n" in said
    assert "These are" not in said


# what a check has no use for
HEAVY = {"difflib", "duckdb", "ecologits", "genai_prices", "ibis", "ipywidgets", "matplotlib", "nbconvert",
         "openpyxl", "pandas", "papermill", "scipy"}  # fmt: skip


def test_a_check_imports_nothing_it_has_no_use_for() -> None:
    code = (
        "import sys; sys.argv[0] = 'advisor'; from advisor.cli import main; status = main();"
        "print(*sys.modules, file=sys.stderr); raise SystemExit(status)"
    )
    path = str(template("contact_centre"))
    command = [sys.executable, "-c", code, "check", path]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "valid" in ran.stdout
    assert HEAVY.isdisjoint(ran.stderr.split())
    assert "pydantic" in ran.stderr.split()  # or the list is not that of modules


def test_a_command_of_a_program_leaves_that_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    before = gc.get_threshold()
    assert main(["check", str(template("contact_centre"))]) == 0
    assert gc.get_threshold() == before
    assert "PYDANTIC_DISABLE_PLUGINS" not in os.environ


def test_compare_wants_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "one.yaml"]) == 2
    assert "expected 2 to 6 scenarios, found 1" in capsys.readouterr().err


def test_an_unknown_format_is_refused_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "absent.yaml", "--format", "html,docx"]) == 2
    assert "docx" in capsys.readouterr().err


def test_an_export_of_measured_emissions_stands_beside_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["new", "mine", "--from", "contact_centre"])
    export = tmp_path / "emissions.csv"
    export.write_text(
        "Date,Subscription,Resource Group,Total Emissions (kgCO2E)\n"
        "2026-09-01,s,assistant,41.5\n2026-09-01,s,other,900\n"
    )
    assert main(["measured", str(export), "mine.yaml", "--group", "assistant"]) == 0
    said = capsys.readouterr().out
    assert "41.5" in said
    assert "900" not in said
    assert main(["measured", str(tmp_path / "absent.csv"), "mine.yaml"]) == 2


def test_a_folder_that_cannot_be_written_to_is_told_before_the_work(tmp_path, monkeypatch, capsys):
    """Deciding takes seconds: it does not begin where its report has no place."""
    monkeypatch.setattr("advisor.outputs.report.contents", lambda *_: pytest.fail("work was begun"))
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    assert main(["report", str(template("contact_centre")), "-o", str(tmp_path / "taken" / "x")]) == 2
    told = capsys.readouterr().err
    assert "a writable place" in told
    assert str(tmp_path / "taken" / "x") in told
