"""What a group settles among itself: priorities by role, and who answers for which input."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from advisor.core.saying import say
from advisor.core.slices import Sliced
from advisor.scenario import STEP_NAMES
from advisor.view import ownership, roles
from advisor.view import room as rooms
from advisor.view.html import tag, text
from advisor.view.room import Room
from advisor.view.session import Session
from advisor.view.widgets.face import Face, boxed
from advisor.view.widgets.group import LOOK_SECONDS, Watch
from advisor.view.widgets.slowly import Slow
from advisor.view.widgets.spoken import offer, told

WIDE: dict[str, Any] = {"style": {"description_width": "initial"}, "continuous_update": False}


class Priorities(Face):
    """Each role enters its weights unseen; shown together, they say whether one choice serves all."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self._stamp, self._told = session, rooms.written(), ("", False)
        self.role = told(w.Text(**WIDE), description=say("Role"), placeholder=say("sponsor"))
        self.weights = {
            name: told(w.Password(**WIDE), description=say("Weight of {title}", title=title.lower()))
            for name, title in roles.WEIGHTS.items()
        }
        self.enter = told(w.Button(), description=say("Enter, unseen"))
        self.show = told(w.Button(button_style="primary"), description=say("Show them all"))
        self.forget = told(w.Button(), description=say("Forget them all"))
        for button, action in (
            (self.enter, self._enter), (self.show, self._reveal), (self.forget, self._forget)
        ):  # fmt: skip
            button.on_click(lambda _button, action=action: self.guarded(action))
        boxes = w.Box([self.role, *self.weights.values()])
        buttons = w.Box([self.enter, self.show, self.forget])
        for box in (boxes, buttons):
            box.add_class("adv-record")
        self.children = [self.sheet, boxes, buttons, self.alert, self.face]
        self.follows("priorities", session)
        self.refresh()
        Watch(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if rooms.written() != self._stamp:
            self.refresh()

    def _enter(self) -> None:
        role = self.role.value.strip()[: roles.LONGEST_ROLE]
        given = roles.read_weights(role, {name: box.value for name, box in self.weights.items()})
        room = rooms.load()
        roles.room_for(tuple(room.weights), role)
        self._save(room.weigh(role, given))
        for box in (self.role, *self.weights.values()):
            box.value = ""

    def _reveal(self) -> None:
        if len(rooms.load().weights) >= roles.FEW:
            self._save(rooms.load().show_weights())

    def _forget(self) -> None:
        self._save(rooms.load().forget_weights())

    def _save(self, room: Room) -> None:
        rooms.save(room)
        self.refresh()

    def refresh(self) -> None:
        """Show who has entered weights and, once they are shown, what they lead to."""
        self.guarded(self._draw)

    def _draw(self) -> None:
        self._stamp, room = rooms.written(), rooms.load()
        self.show.disabled = room.weights_shown or len(room.weights) < roles.FEW
        self.forget.disabled = not room.weights
        inner = (
            roles.weighed(self.session.case, room.weights)
            if room.weights_shown
            else roles.entered(tuple(room.weights))
        )
        self.face.value = boxed(inner)


class Owners(Slow):
    """The inputs that matter, who answers for each and by when; a name confirms a value."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._paths: tuple[str, ...] = ()
        self.input = told(w.Dropdown(style=WIDE["style"]), description=say("Input"))
        self.owner = told(w.Text(**WIDE), description=say("Who answers for it"))
        self.by = told(w.Text(placeholder="2027-03-31", **WIDE), description=say("By when"))
        self.name = told(w.Button(button_style="primary"), description=say("Put the name to it"))
        self.name.on_click(lambda _button: self.guarded(self._name))
        row = w.Box([self.input, self.owner, self.by, self.name])
        row.add_class("adv-record")
        self.children = [self.sheet, row, self.alert, self.face]
        self.follows("owners", session)
        self.refresh()

    def _name(self) -> None:
        path = ownership.known(str(self.input.value), self._paths)
        self.session.change(ownership.named(path, self.owner.value, self.by.value))
        self.owner.value = self.by.value = ""

    def _slower(self) -> Sliced[None]:
        """What would flip a choice, a few what-ifs at a time; then the inputs anew, those first."""
        for name in STEP_NAMES:
            yield from self.session.with_flips_in_slices(name)
        self._show(looked=True)

    def _draw(self) -> None:
        self._show(looked=False)

    def _show(self, looked: bool) -> None:
        session, decisions = self.session, self.session.decisions()
        self._paths = tuple(ownership.that_matter(decisions))
        offer(self.input, ((ownership.title_of(path), path) for path in self._paths))
        badges = [session.badge(path) for path in self._paths]
        given = (session.scenario, session.origin, self._paths, badges, decisions)
        table = ownership.owners_table(*given, looked)
        said = tag("p", text(ownership.counted(badges, session.unconfirmed)), role="status")
        self.face.value = boxed(said + table)
