"""What a group settles among itself: weights by role, and names put to inputs."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from advisor.core.errors import ScenarioError
from advisor.scenario import STEP_NAMES
from advisor.steps import step
from advisor.view import ownership, roles
from advisor.view import room as rooms
from advisor.view.room import Room
from advisor.view.session import Session
from advisor.view.texts import plainly
from advisor.view.widgets.joint_plan import Owners, Priorities

VOLUME = "workload.requests_per_day"
NASTY = "<script>alert('x')</script>"
pytestmark = pytest.mark.usefixtures("workspace")


def apart(agreed):
    """A sponsor who weighs cost alone, and an engineer who gives carbon 3 of 4 parts."""
    plan = SimpleNamespace(of=lambda _name: "one")
    return SimpleNamespace(
        roles=(
            SimpleNamespace(name="sponsor", weights={"cost": 1.0}, plan=plan, behind=1.0),
            SimpleNamespace(name=NASTY, weights={"carbon": 3.0, "cost": 1.0}, plan=plan, behind=1.25),
        ),
        shared=plan,
        apart={"cost": (0.25, 1.0), "carbon": (0.0, 0.75), "quality": (0.0, 0.0), "water": (0.0, 0.0),
               "energy": (0.0, 0.0), "ewaste": (0.0, 0.0)},
        everywhere=0.4,
        agreed=agreed,
    )  # fmt: skip


def test_disagreement_is_told_and_whether_the_choice_survives():
    assert "The choice survives every role" in roles.headline(apart(True))
    said = roles.headline(apart(False))
    assert "does not survive" in said
    assert "Cost: from 25 % to 100 %" in said
    assert "Carbon: from 0 % to 75 %" in said
    table = roles.weights_table(apart(False))
    assert "75 points" in table
    assert "Water" not in table  # nobody weighs it
    assert NASTY not in table


@pytest.mark.parametrize(
    ("role", "typed"),
    [("", {"cost": "1"}), ("sponsor", {"cost": "much"}), ("sponsor", {}), ("sponsor", {"cost": "-1"}),
     ("sponsor", {"cost": "nan"})],
)  # fmt: skip
def test_weights_that_are_none_are_refused(role, typed):
    with pytest.raises(ScenarioError):
        roles.read_weights(role, typed)


def test_weights_are_unseen_until_all_are_shown(monkeypatch):
    monkeypatch.setattr(roles, "weighed", lambda _case, given: f"weighed: {dict(given)}")
    panel = Priorities(Session("contact_centre"))
    for role, weight in (("sponsor", "77"), ("engineer", "88")):
        assert panel.show.disabled
        panel.role.value, panel.weights["cost"].value = role, weight
        panel.enter.click()
        assert panel.alert.value == ""
        assert panel.weights["cost"].value == ""
        assert role in panel.face.value
        assert weight not in panel.face.value
    assert not panel.show.disabled
    panel.show.click()
    assert "77" in panel.face.value
    assert "88" in panel.face.value
    panel.role.value, panel.weights["cost"].value = "legal", "99"
    panel.enter.click()  # a further role hides all again
    assert "77" not in panel.face.value
    panel.forget.click()
    assert "Nobody has entered" in panel.face.value


def test_weights_come_back_from_the_rooms_file_and_enter_no_scenario():
    rooms.save(Room().weigh("sponsor", {"cost": 2.0}))
    assert rooms.load().weights == {"sponsor": {"cost": 2.0}}
    assert not rooms.load().weights_shown


def test_a_name_and_a_day_confirm_an_input_and_are_kept_in_the_scenario():
    session = Session("contact_centre")
    panel = Owners(session)
    assert panel.alert.value == ""
    panel.input.value, panel.owner.value, panel.by.value = VOLUME, "Ada", "2027-03-31"
    panel.name.click()
    assert panel.alert.value == ""
    assert session.scenario.owners[VOLUME] == "Ada"
    assert ownership.due(session.scenario, VOLUME) == date(2027, 3, 31)
    assert session.badge(VOLUME) == "owned"
    assert "2027-03-31" in panel.face.value
    session.undo()
    assert session.badge(VOLUME) == "template"


def test_what_would_flip_a_choice_stands_beside_the_input_once_it_was_looked_for():
    """Quick steps flip at one knob, the tokens read: before the flips were looked for it says so."""
    session = Session("contact_centre")
    panel = Owners(session)
    flip = session.with_flips("foundation_model").flips[0]
    assert plainly(flip.flips_at) in panel.face.value
    assert ownership.NOT_LOOKED not in panel.face.value
    panel._show(looked=False)
    assert ownership.NOT_LOOKED in panel.face.value


def test_what_is_no_name_or_no_day_is_told():
    panel = Owners(Session("contact_centre"))
    panel.by.value = "soon"
    panel.name.click()
    assert "who answers for it" in panel.alert.value
    assert "2027-03-31" in panel.alert.value
    with pytest.raises(ScenarioError, match="listed"):
        ownership.known("workload.nothing", (VOLUME,))


def test_what_flips_a_choice_comes_first(decision):
    found = ownership.that_matter([decision])
    assert found[0] == min(decision.flips, key=lambda flip: flip.distance).path
    assert found[-1] == step(STEP_NAMES[-1]).CONTROLS[-1]
    assert len(set(found)) == len(found)
