"""Milestones: kept under a name, compared, gone back to; in the notebooks and as a file."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from advisor.core.errors import AdvisorError, ScenarioError
from advisor.scenario import parse_scenario
from advisor.scenario.traffic import load_traffic
from advisor.view import milestone_file, milestones
from advisor.view.milestones import Milestone
from advisor.view.session import Session
from advisor.view.shared import SharedSession
from advisor.view.widgets.milestones import Milestones

VOLUME = "workload.requests_per_day"
NASTY = "<script>alert('x')</script>"
pytestmark = pytest.mark.usefixtures("workspace")


def made(name="a", volume=1_000, **given):
    data = {"name": "Help", "task": "chat", "workload": {"requests_per_day": volume}}
    totals = {"carbon": (80.0, 100.0, 130.0), "cost": (900.0, 1000.0, 1200.0), "ewaste": (None, None, None)}
    whole = {"on": "2026-03-01T09:30+01:00", "of": "help", "answers": {"deployment": "Pay per token"},
             "totals": totals, "accepted": 0.8}  # fmt: skip
    return Milestone(name, scenario=parse_scenario(data), **{**whole, **given})


def test_what_changed_is_inputs_answers_and_figures():
    later = made(
        NASTY, 1_001, answers={"deployment": "Own machines"}, accepted=0.8,
        totals={"carbon": (90.0, 112.0, 140.0), "cost": (700.0, 970.0, 1000.0), "ewaste": (1.0, 2.0, 3.0)},
    )  # fmt: skip
    assert milestones.inputs_changed(made(), later) == [("Requests per day", "1,000", "1,001")]
    assert milestones.counted(made(), later) == "1 input and 1 answer"
    said = milestones.compared(made(), later)
    assert "1 input and 1 answer differ" in said
    assert "Pay per token" in said
    assert "Own machines" in said
    assert "+12 %" in said  # 100 to 112 kg
    assert "−3 %" in said  # 1000 to 970 USD
    assert said.count("unknown") >= 2  # e-waste had no figure before, so its change has none either
    assert NASTY not in said


def test_equal_milestones_differ_by_nothing_and_figures_that_moved_alone_are_explained():
    assert milestones.counted(made(), made("b")) == "nothing"
    said = milestones.compared(made(), made("b"))
    assert "Nothing differs" in said
    assert "Every input is the same" in said
    assert "the data or the program" not in said
    moved = made("b", totals={"carbon": (80.0, 101.0, 130.0)})
    assert "the data or the program" in milestones.compared(made(), moved)


def test_entries_of_a_table_are_told_one_by_one():
    before, after = made(), made("b")
    data = {"name": "Help", "task": "chat", "workload": {"requests_per_day": 1_000},
            "owners": {VOLUME: "Ada"}, "decisions": {"deployment": {"choice": "gpus"}}}  # fmt: skip
    after = replace(after, scenario=parse_scenario(data))
    rows = milestones.inputs_changed(before, after)
    assert ("Who answers for each number: Requests per day", "none", "Ada") in rows
    assert any(row[0].endswith(": Deployment") and row[1:] == ("none", "gpus") for row in rows)


def test_a_file_of_milestones_holds_what_was_kept():
    kept = (made(), made(NASTY, 2_000, files={"t.csv": "a\n"}, accepted=None))
    assert milestones.read(milestones.written(kept)) == kept
    assert milestones.read("") == ()


@pytest.mark.parametrize(
    "content",
    ["{", "3", "[3]", "[{}]", json.dumps([{"name": "", "on": "2026-03-01", "of": "", "scenario": {}}])],
)
def test_what_is_no_file_of_milestones_is_refused(content):
    with pytest.raises(ScenarioError, match="cannot be read"):
        milestones.read(content)


def test_a_scenario_in_the_file_is_checked_like_any_other():
    content = milestones.written((made(),)).replace('"chat"', '"chatter"')
    with pytest.raises(ScenarioError, match="fault"):
        milestones.read(content)


def test_names_are_numbers_until_they_are_typed_and_stand_once():
    kept = (made("Milestone 2"),)
    assert milestones.called(kept, "  ") == "Milestone 3"
    assert milestones.called(kept, " after  step 2 ") == "after step 2"
    for taken in ("Milestone 2", "now"):
        with pytest.raises(ScenarioError):
            milestones.called(kept, taken)
    full = tuple(made(str(number)) for number in range(milestones.MOST))
    with pytest.raises(ScenarioError, match="kept"):
        milestones.added(full, made("one more"))
    with pytest.raises(ScenarioError, match="kept"):
        milestones.added((), made(files={"log.csv": "x" * milestones.MOST_BYTES}))
    with pytest.raises(ScenarioError, match="no such") as error:
        milestones.find(kept, "Milestone 3")
    assert error.value.faults[0].nearest == "Milestone 2"


def test_a_panel_saves_compares_and_goes_back_and_another_notebook_sees_it():
    session, other = SharedSession(), SharedSession()
    first = session.value(VOLUME)
    panel = Milestones(session)
    assert "Save one before" in panel.face.value
    panel.name.value = NASTY
    panel.save.click()
    assert panel.alert.value == ""
    assert NASTY not in panel.face.value
    session.change({VOLUME: first + 7_000})
    assert "1 input" in panel.face.value
    assert f"{first + 7_000:,.0f}" in panel.face.value
    assert [one.name for one in milestone_file.of(other)] == [NASTY]
    panel.back.click()
    assert panel.alert.value == ""
    assert session.value(VOLUME) == first
    assert "Nothing differs" in panel.face.value
    assert other.follow()
    assert other.value(VOLUME) == first
    session.undo()
    assert session.value(VOLUME) == first + 7_000
    assert milestone_file.of(session)  # undoing takes no milestone away
    panel.forget.click()
    assert milestone_file.of(session) == ()
    assert "Save one before" in panel.face.value


def test_each_scenario_has_milestones_of_its_own():
    session = Session("contact_centre")
    milestone_file.save(session, "a")
    session.open("legal_qa")
    assert milestone_file.of(session) == ()
    milestone_file.save(session, "a")
    assert len(milestone_file.load()) == 2


def test_a_log_that_was_read_since_stays_and_what_was_there_before_comes_back(workspace, make_traffic):
    session = Session("contact_centre")
    session.apply_log(make_traffic(requests_per_day=5_000))
    milestone_file.save(session, "first log")
    session.apply_log(make_traffic(requests_per_day=9_000))
    changed = milestones.inputs_changed(milestone_file.of(session)[0], milestone_file.now(session))
    assert changed == [("contact_centre-traffic.yaml", "as saved", "another content")]
    milestone_file.go_back(session, "first log")
    assert session.scenario.traffic.requests_per_day.central == 5_000
    assert Session("contact_centre").scenario.traffic.requests_per_day.central == 5_000  # what is on disk too
    assert load_traffic(workspace / "contact_centre-traffic.yaml").requests_per_day.central == 9_000


def test_a_damaged_file_is_told_and_not_written_over(workspace):
    (workspace / milestone_file.HIDDEN).write_text("[{", encoding="utf-8")
    panel = Milestones(Session("contact_centre"))
    panel.save.click()
    assert "milestones as they were saved" in panel.alert.value
    assert (workspace / milestone_file.HIDDEN).read_text(encoding="utf-8") == "[{"
    with pytest.raises(AdvisorError):
        milestone_file.load()
