"""Pilot log and prompt budget as a participant uses them: paste, read, apply."""

from __future__ import annotations

import pytest

from advisor.scenario import load_scenario
from advisor.view.session import Session
from advisor.view.widgets.tryouts import Pilot, Prompt

HEADER = "model,technique,score\n"
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def session():
    return Session("contact_centre")


def test_judged_answers_are_read_applied_and_change_the_choice(session, workspace):
    before = session.decision("foundation_model").choice
    pilot = Pilot(session)
    # 30 answers each: the choice of today fails nearly always, another nearly never
    rows = [f"{before.key},prompt,{score}" for score in [0] * 27 + [1] * 3]
    rows += [f"gpt-5.4-mini,prompt,{score}" for score in [1] * 29 + [0]]
    pilot.rows.value = HEADER + "\n".join(rows)
    pilot.read.click()
    assert pilot.alert.value == ""
    assert "97 %" in pilot.face.value  # 29 of 30
    pilot.apply.click()
    assert pilot.alert.value == ""
    assert (workspace / "contact_centre-pilot.csv").is_file()
    assert (
        load_scenario(workspace / "contact_centre.yaml").measurements.pilot_log == "contact_centre-pilot.csv"
    )
    assert session.decision("foundation_model").choice.key != before.key


def test_faults_in_judged_answers_are_told_together_and_nothing_is_saved(session, workspace):
    pilot = Pilot(session)
    pilot.rows.value = HEADER + "gpt-5.4-mini,prompt,1.7\ngpt-5.4-mini,rga_hybrid,1\n"
    pilot.read.click()
    assert 'role="alert"' in pilot.alert.value
    assert "rag_hybrid" in pilot.alert.value
    assert "1.7" in pilot.alert.value
    assert pilot.apply.disabled
    assert not list(workspace.iterdir())


def test_a_prompt_shows_its_parts_and_a_second_version_what_it_saves(session):
    prompt = Prompt(session)
    long = "Answer in the tone of the house, politely and in full sentences. " * 80
    prompt.prompts[0].value = f"=== question ===\nWhere is my bill?\n=== instructions ===\n{long}"
    prompt.prompts[
        1
    ].value = f"=== instructions ===\n{long[: len(long) // 2]}\n=== question ===\nWhere is my bill?"
    prompt.weigh.click()
    assert prompt.alert.value == ""
    for said in ("instructions", "question", "v1", "v2", "saved"):
        assert said in prompt.face.value


def test_no_prompt_is_told(session):
    prompt = Prompt(session)
    prompt.weigh.click()
    assert "the text of a prompt" in prompt.alert.value
