"""One working state for every notebook of a workshop, and what a group keeps beside it."""

from __future__ import annotations

import json

import pytest

from advisor.view import room as rooms
from advisor.view.room import Room
from advisor.view.session import Session
from advisor.view.shared import KEPT, WORKING, SharedSession
from advisor.view.widgets import workshop
from advisor.view.widgets.group import Agenda
from advisor.view.widgets.panel import Panel
from advisor.view.widgets.workshop import Start

VOLUME = "workload.requests_per_day"


@pytest.fixture(autouse=True)
def _no_sessions(workspace, monkeypatch):
    monkeypatch.setattr(workshop, "_sessions", {})


def test_a_change_in_one_notebook_reaches_another_that_is_open():
    one, other = SharedSession(), SharedSession()
    told = []
    other.subscribe("a panel", lambda: told.append(other.value(VOLUME)))
    one.change({VOLUME: 51_000})
    assert other.follow()
    assert told == [51_000]
    assert not other.follow()  # nothing new
    assert told == [51_000]


def test_another_template_opened_in_the_first_notebook_is_followed_by_all():
    one, other = SharedSession(), SharedSession()
    one.open("legal_qa")
    assert other.follow()
    assert other.scenario == Session("legal_qa").scenario
    assert other.path.stem == "legal_qa"


def test_a_fresh_kernel_goes_on_where_the_last_one_was_and_can_undo_it():
    before = SharedSession()
    first = before.value(VOLUME)
    before.change({VOLUME: 51_000})
    before.change({VOLUME: 52_000})
    again = SharedSession()
    assert again.value(VOLUME) == 52_000
    again.undo()
    again.undo()
    assert again.value(VOLUME) == first
    assert not again.can_undo
    before.redo()  # the first notebook goes on from what the second left
    assert before.value(VOLUME) == 51_000


def test_a_change_is_made_to_what_the_others_left():
    one, other = SharedSession(), SharedSession()
    one.change({VOLUME: 51_000})
    other.change({"workload.output_tokens": 90})
    assert one.follow()
    assert (one.value(VOLUME), one.value("workload.output_tokens")) == (51_000, 90)


def test_a_recorded_decision_reaches_the_plan_of_another_notebook():
    one, other = SharedSession(), SharedSession()
    one.record("foundation_model", "gpt-5.4-nano", by="Ada")
    assert other.follow()
    assert other.scenario.decisions["foundation_model"].by == "Ada"
    assert other.path == one.path


def test_as_many_steps_are_kept_as_are_promised(workspace):
    session = SharedSession()
    for volume in range(1_000, 1_000 + 2 * KEPT):
        session.change({VOLUME: volume})
    held = json.loads((workspace / WORKING).read_text(encoding="utf-8"))
    assert len(held["past"]) == KEPT == 20
    again = SharedSession()
    while again.can_undo:
        again.undo()
    assert again.value(VOLUME) == 1_000 + KEPT - 1


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"path": 3}', '{"path": "/nowhere.yaml", "present": "", "past": [], "future": []}'],
)
def test_a_damaged_working_state_leaves_the_saved_scenario(workspace, damage):
    saved = SharedSession().scenario
    (workspace / WORKING).write_text(damage, encoding="utf-8")
    assert SharedSession().scenario == saved


def test_a_panel_names_its_scenario_and_follows_it():
    session = workshop.session_of()
    panel = Panel(session, "deployment")
    assert session.scenario.name in panel.title.value
    SharedSession().open("legal_qa")
    session.follow()
    assert "Legal document" in panel.title.value
    assert panel.controls[VOLUME].read() == session.value(VOLUME)


def test_the_agenda_says_what_is_left_and_when_it_is_over():
    room = Room(started=0.0)
    # start takes 10 of the hour's minutes and the model 15: 25 in all, of which 20 have gone
    assert room.left("foundation_model", 20 * 60) == pytest.approx(5)
    assert "5 minutes left until foundation model is done" in rooms.agenda(room, "foundation_model", 20 * 60)
    assert "3 minutes over" in rooms.agenda(room, "foundation_model", 28 * 60)
    assert "timer" not in rooms.agenda(Room(), "plan")
    assert sum(rooms.MINUTES["hour"].values()) == 60
    assert sum(rooms.MINUTES["half_day"].values()) == 4 * 60
    assert set(rooms.MINUTES["hour"]) == set(rooms.MINUTES["half_day"]) == set(rooms.STATIONS)


def test_the_group_is_known_in_every_notebook():
    lead, here = Agenda("start", leads=True), Agenda("improvement")
    lead.path.value = "half_day"
    here.refresh()
    assert "45 min" in here.face.value
    lead.clock.click()
    here.refresh()
    assert "minutes left until improvement" in here.face.value
    assert lead.alert.value == here.alert.value == ""


def test_an_answer_is_hidden_until_everyone_has_guessed():
    session = workshop.session_of()
    answer = session.decision("deployment").headline
    rooms.save(Room(predicting=True, people=2))
    panel, start = Panel(session, "deployment"), Start(session)
    for hidden in (panel, start):
        shown = "".join(str(value) for value in hidden._repr_mimebundle_().values())
        assert answer not in shown
        assert "Guess first" in shown
    assert panel.below.layout.display == "none"
    assert panel.guesses.show.disabled
    for who in ("Ada", "Ben"):
        assert panel.guesses.show.disabled
        panel.guesses.who.value, panel.guesses.said.value = who, f"{who} says 2 t"
        panel.guesses.enter.click()
        assert f"{who} says" not in panel.guesses.told.value  # nobody sees another's guess before
    assert not panel.guesses.show.disabled
    panel.guesses.show.click()
    assert answer in panel.details.html.value
    assert panel.below.layout.display == ""
    assert panel.below.layout.display == ""
    assert "Ada says 2 t" in panel.guesses.told.value
    assert "Ben says 2 t" in panel.guesses.told.value


def test_a_second_guess_takes_the_place_of_the_first():
    room = Room().guess("deployment", "Ada", "1 t").guess("deployment", "Ada", "2 t")
    assert room.guesses["deployment"] == (("Ada", "2 t"),)


@pytest.mark.parametrize("damage", ["", "[]", '{"path": "?", "started": "x"}'])
def test_a_damaged_room_is_a_new_one(workspace, damage):
    (workspace / rooms.FILE).write_text(damage, encoding="utf-8")
    assert rooms.load() == Room()


def test_a_session_that_takes_over_the_working_state_decides(workspace):
    """As every notebook but the first does, and each after its kernel was started anew."""
    first = SharedSession()
    first.change({"workload.requests_per_day": 40_000})
    second = SharedSession()
    assert second.decision("foundation_model").headline == first.decision("foundation_model").headline
    assert not second.glimpsed
