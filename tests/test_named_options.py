"""A recorded decision, and what runs today, name options: what can be none is a fault, told at once.

What exists and is not offered here is told under its own name, beside the advice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor import cli
from advisor.catalogue import open_catalogue
from advisor.core.errors import AdvisorError, ScenarioError
from advisor.outputs.batch import opened
from advisor.outputs.decision_record import decision_record
from advisor.outputs.report import write_report
from advisor.scenario import STEP_NAMES, parse_scenario
from advisor.steps import final_option, run, spaces
from advisor.system import choices
from advisor.system.case import Case
from advisor.system.opening import open_case, template, templates
from advisor.view import faces
from tests.decided import decided

SMALL = """schema_version: 1
name: Small
task: chat
workload: {requests_per_day: 100}
quality: {scores: {gpt-5.4: {score: 0.9, samples: 3}}}
constraints: {models_compared: [gpt-5.4], self_hosted_allowed: false}
"""
RECORDED = "decisions: {foundation_model: {choice: %s, by: Ada, on: 2026-12-01, reason: liked}}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "small.yaml"
    path.write_text(SMALL + text, encoding="utf-8")
    return path


def faults(path: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(ScenarioError) as caught:
        open_case(path)
    return [(fault.where.partition(" (")[0], fault.nearest) for fault in caught.value.faults]


def test_every_option_of_the_templates_can_be_named() -> None:
    catalogue = open_catalogue(offline=True)
    for name in ("contact_centre", "factory_edge", "claims_triage"):
        for decision in decided(name)[1]:
            for option in decision.options:
                known = choices.keys(decision.step, option.key, catalogue, {})
                assert option.key in known, (name, decision.step)


def test_every_model_of_a_space_can_be_named() -> None:
    """Pairs too, whichever two they are."""
    for name in templates():
        case = open_case(template(name))
        for one in spaces().models(case):
            assert one.key in choices.keys("foundation_model", one.key, case.catalogue, {})


def test_what_names_nothing_is_told_with_everything_else(tmp_path: Path) -> None:
    both = RECORDED % "gpt-5.44" + "today: {model: gpt-77, technique: promt, deployment: maas-globl}\n"
    told = faults(written(tmp_path, both))
    assert told == [
        ("decisions.foundation_model.choice", "gpt-5.4"), ("today.model", "gpt-5"),
        ("today.technique", "prompt"), ("today.deployment", "maas-global"),
    ]  # fmt: skip
    report = tmp_path / "out"
    with pytest.raises(ScenarioError, match="4 faults"):
        write_report(tmp_path / "small.yaml", report)
    assert not list(report.glob("*"))


def test_each_step_has_names_that_are_none(tmp_path: Path) -> None:
    entries = ", ".join(f"{step}: {{choice: no-such-thing}}" for step in STEP_NAMES)
    told = faults(written(tmp_path, f"decisions: {{{entries}}}\n"))
    assert [where for where, _ in told] == [f"decisions.{step}.choice" for step in STEP_NAMES]


def test_what_cannot_be_drawn_of_today_is_no_valid_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A technique of search alone is no way to use a model: check says what the report would."""
    path = written(tmp_path, "today: {model: gpt-5.4, technique: search_hybrid}\n")
    assert cli.main(["check", str(path)]) != 0
    assert "today.technique" in capsys.readouterr().err
    with pytest.raises(ScenarioError, match=r"today\.technique"):
        write_report(path, tmp_path / "out")
    with pytest.raises(AdvisorError, match=r"small\.yaml: today\.technique"):
        opened(tmp_path)


def test_what_runs_today_need_not_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "today: {model: gpt-4o}\n")
    assert cli.main(["check", str(path)]) == 0
    assert "valid" in capsys.readouterr().out


def test_what_is_recorded_and_not_to_be_had_is_told_under_its_own_name(tmp_path: Path) -> None:
    """Only GPT-5.4 is compared: GPT-4o, which people recorded, is not what stands."""
    given = open_case(written(tmp_path, RECORDED % "gpt-4o")).given
    case = Case(given, open_catalogue(offline=True), 20)
    decisions = run(case, flips=False)
    model = decisions[0]
    assert model.lost == "gpt-4o"
    assert model.stands is not None
    title = model.stands.title
    assert final_option(case, decisions) is not None
    face = faces.headline(model, case)
    assert "Recorded by Ada: gpt-4o, which is not to be had here" in face
    assert f"Recorded by Ada: {title}" not in face
    record = decision_record(case, decisions)
    head, _, rest = record.partition("### Decision Outcome")
    assert "status: proposed" in head
    assert "Ada" not in head
    outcome = rest.partition("### Decision Outcome")[0]
    assert "Status: proposed" in outcome
    assert f"Chosen: **{title}**, the only option that passes every gate." in outcome
    assert "Recorded by Ada, and not to be had here: **gpt-4o**." in outcome
    assert "Status: accepted" not in outcome


def test_a_decision_that_is_to_be_had_is_still_theirs(tmp_path: Path) -> None:
    given = parse_scenario(open_case(written(tmp_path, RECORDED % "gpt-5.4")).given.model_dump(mode="json"))
    case = Case(given, open_catalogue(offline=True), 20)
    decisions = run(case, flips=False)
    assert decisions[0].lost == ""
    assert "recorded by Ada because liked" in decision_record(case, decisions)


def test_a_teacher_is_a_model_that_writes(tmp_path: Path) -> None:
    assert faults(written(tmp_path, "knowledge: {teacher: gpt-5.44}\n")) == [("knowledge.teacher", "gpt-5.4")]
