"""What follows an answer in a panel: folds drawn while they are open, in slices that give way to a change."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from advisor.decide.flips import CLOSEST_FIRST
from advisor.view import room as rooms
from advisor.view.room import Room
from advisor.view.widgets import slowly
from advisor.view.widgets.panel import WAITING
from tests.view.conftest import quick_decide

VOLUME = "workload.requests_per_day"
UNFILLED = "Working it out"
pytestmark = pytest.mark.usefixtures("workspace")


def folds(panel):
    """Name -> content of the folds shown."""
    parts = re.split(r'<details class="adv-fold" data-fold="(\w+)"', panel.details.html.value)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def filled(panel):
    return {name for name, content in folds(panel).items() if UNFILLED not in content}


def tell(panel, *names):
    """As the front end tells which folds are open."""
    panel.details.opened.value = json.dumps(names)


def test_every_fold_is_drawn_where_no_front_end_tells_which_are_open(panel):
    assert {"why", "costs", "bill", "compared"} <= filled(panel)
    panel.controls[VOLUME].widget.value = "50000"
    assert filled(panel) == set(folds(panel))


def test_a_closed_fold_is_empty_after_a_change_and_drawn_once_it_is_opened(panel):
    tell(panel, "why")
    assert filled(panel) == set(folds(panel))  # nothing has changed since all were drawn
    panel.controls[VOLUME].widget.value = "50000"
    assert filled(panel) == {"why"}
    assert "model for 50000 a day." in folds(panel)["why"]
    panel.controls[VOLUME].widget.value = "60000"
    tell(panel)
    tell(panel, "bill")
    assert filled(panel) == {"why", "bill"}  # closed again, it still tells of the same answer
    assert "50000" not in panel.details.html.value
    tell(panel, "bill", "nowhere")
    assert filled(panel) == {"why", "bill"}
    assert panel.alert.value == ""


def test_what_is_left_behind_holds_every_fold(panel):
    tell(panel)
    panel.controls[VOLUME].widget.value = "50000"
    assert filled(panel) == set()
    left = panel.left_behind()
    assert UNFILLED not in left
    assert "model for 50000 a day." in left


def test_opening_a_fold_shows_nothing_while_everyone_guesses(panel):
    tell(panel)
    rooms.save(Room(predicting=True, people=2))
    panel.refresh()
    tell(panel, "why")
    assert panel.details.html.value == ""
    assert "model for" not in panel.left_behind()


@pytest.fixture
def sliced(monkeypatch):
    """Flips in three slices; for how many requests a day each was looked for."""
    seen = []

    def slices(case, _settled, surveyed, _earlier, _most):
        for _ in range(3):
            seen.append(case.scenario.workload.requests_per_day)
            yield
        return [one.decision for one in surveyed]

    monkeypatch.setattr("advisor.view.session.with_flips_in_slices", slices)
    for name in ("PAUSE", "WORK", "BREATH"):
        monkeypatch.setattr(slowly, name, 0)
    return seen


async def until(holds):
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


def at_rest(panel):
    return panel._pending is None


def test_what_follows_an_answer_gives_way_to_a_change_between_two_inputs(panel, sliced):
    async def changed_twice():
        panel.controls[VOLUME].widget.value = "50000"
        assert WAITING in panel.details._dom_classes
        await until(lambda: len(sliced) == 2)
        panel.controls[VOLUME].widget.value = "60000"
        assert "60,000 requests a day" in panel.face.value
        assert WAITING in panel.details._dom_classes
        await until(lambda: at_rest(panel))

    tell(panel, "why")
    asyncio.run(changed_twice())
    assert sliced == [50_000, 50_000, 60_000, 60_000, 60_000]
    assert "60,000 requests a day" in panel.face.value
    assert WAITING not in panel.details._dom_classes
    assert "model for 60000 a day." in folds(panel)["why"]
    assert filled(panel) == {"why"}


def test_a_fold_opened_meanwhile_is_drawn_with_the_others(panel, sliced):
    async def opened_meanwhile():
        panel.controls[VOLUME].widget.value = "50000"
        await until(lambda: len(sliced) == 2)
        tell(panel, "bill", "why")
        await until(lambda: at_rest(panel))

    tell(panel, "why")
    asyncio.run(opened_meanwhile())
    assert len(sliced) == 3
    assert filled(panel) == {"why", "bill"}


def test_open_folds_do_not_wait_for_flips_but_the_one_that_tells_of_them(panel, sliced):
    async def looked_at_meanwhile():
        panel.controls[VOLUME].widget.value = "50000"
        await until(lambda: len(sliced) == 1)
        assert filled(panel) == {"bill"}
        assert WAITING not in panel.details._dom_classes
        tell(panel, "why", "bill", "compared")
        assert filled(panel) == {"bill", "compared"}  # at once
        await until(lambda: at_rest(panel))

    tell(panel, "why", "bill")
    asyncio.run(looked_at_meanwhile())
    assert len(sliced) == 3
    assert filled(panel) == {"why", "bill", "compared"}
    assert "model for 50000 a day." in folds(panel)["why"]


def test_a_refusal_stays_told_while_the_answer_before_it_is_completed(panel, sliced):
    async def refused_meanwhile():
        panel.controls[VOLUME].widget.value = "50000"
        await until(lambda: len(sliced) == 1)
        panel.controls[VOLUME].widget.value = "-5"
        await until(lambda: at_rest(panel))

    asyncio.run(refused_meanwhile())
    assert len(sliced) == 3
    assert "at least 1" in panel.alert.value
    assert WAITING not in panel.details._dom_classes


def test_a_page_that_is_not_in_front_lets_go_of_an_answer_that_another_page_overtook(panel, session, sliced):
    async def overtaken():
        panel.controls[VOLUME].widget.value = "50000"
        await until(lambda: len(sliced) == 1)
        panel.shown = False
        session.change({VOLUME: 60_000})
        await until(lambda: at_rest(panel))

    asyncio.run(overtaken())
    assert sliced == [50_000]


def test_flips_that_are_let_go_or_overtaken_leave_the_session_as_it_was(session, sliced):
    before = session.decision("deployment")
    let_go = session.with_flips_in_slices("deployment")
    next(let_go)
    assert session.decision("deployment") is before
    session.change({VOLUME: 50_000})
    now = session.decision("deployment")
    assert list(let_go) == [None, None]
    assert session.decision("deployment") is now


def test_flips_of_a_step_are_told_with_the_surveys_of_the_steps_before_it(session, monkeypatch):
    """So that a step left with nothing can say what an earlier one would choose instead."""
    given = {}

    def slices(case, _settled, surveyed, earlier, _most):
        assert all(one.given is session.scenario for one in earlier)
        given[surveyed[0].decision.step] = [one.decision.step for one in earlier]
        yield
        return [one.decision for one in surveyed]

    monkeypatch.setattr("advisor.view.session.with_flips_in_slices", slices)
    for name in ("foundation_model", "deployment"):
        session.change({VOLUME: 50_000})
        session.with_flips(name)
    assert given == {"foundation_model": [], "deployment": ["foundation_model", "improvement"]}


def test_the_nearest_flip_is_told_before_the_others_are_looked_for(panel, monkeypatch):
    """All of them are for the fold that lists them: one that is closed does not ask."""
    asked = []

    def slices(case, _settled, surveyed, _earlier, most):
        asked.append(most)
        yield
        return [quick_decide(one.decision.step, case, {}) for one in surveyed]

    monkeypatch.setattr("advisor.view.session.with_flips_in_slices", slices)
    # a step that flips to another option: that there is one leaves open whether there are more
    monkeypatch.setattr("advisor.view.session.all_found", lambda _flips, most: most > 1)
    tell(panel, "bill")
    panel.controls[VOLUME].widget.value = "50000"
    assert asked == [1]
    tell(panel, "bill", "why")
    assert asked == [1, CLOSEST_FIRST]
    assert filled(panel) == {"bill", "why"}
    tell(panel, "why")
    assert asked == [1, CLOSEST_FIRST]


def test_flips_that_are_known_are_not_looked_for_again(session):
    looked = session.with_flips("deployment")
    assert session.with_flips("deployment") is looked
    assert session.decision("deployment") is looked
