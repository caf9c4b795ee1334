"""What a group settles among itself: priorities by role, and who answers for which input."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from advisor.view import ownership, roles
from advisor.view import room as rooms
from advisor.view.html import tag, text
from advisor.view.room import Room
from advisor.view.session import Session
from advisor.view.widgets.face import Face
from advisor.view.widgets.group import LOOK_SECONDS, Watch

WIDE: dict[str, Any] = {"style": {"description_width": "initial"}, "continuous_update": False}


class Priorities(Face):
    """Each role enters its weights unseen; shown together, they say whether one choice serves all."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self._stamp, self._told = session, rooms.written(), ("", False)
        self.role = w.Text(description="Role", placeholder="sponsor", **WIDE)
        self.weights = {
            name: w.Password(description=f"Weight of {title.lower()}", **WIDE)
            for name, title in roles.WEIGHTS.items()
        }
        self.enter = w.Button(description="Enter, unseen")
        self.show = w.Button(description="Show them all", button_style="primary")
        self.forget = w.Button(description="Forget them all")
        for button, action in (
            (self.enter, self._enter), (self.show, self._reveal), (self.forget, self._forget)
        ):  # fmt: skip
            button.on_click(lambda _button, action=action: self.guarded(action))
        boxes = w.Box([self.role, *self.weights.values()])
        buttons = w.Box([self.enter, self.show, self.forget])
        for box in (boxes, buttons):
            box.add_class("adv-record")
        self.children = [self.sheet, boxes, buttons, self.alert, self.face]
        session.subscribe("priorities", self.refresh_if_shown)
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
        self.face.value = tag("div", inner, class_="adv mathjax_ignore")


class Owners(Face):
    """The inputs that matter, who answers for each and by when; a name confirms a value."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._paths: tuple[str, ...] = ()
        self.input = w.Dropdown(description="Input", style=WIDE["style"])
        self.owner = w.Text(description="Who answers for it", **WIDE)
        self.by = w.Text(description="By when", placeholder="2027-03-31", **WIDE)
        self.name = w.Button(description="Put the name to it", button_style="primary")
        self.name.on_click(lambda _button: self.guarded(self._name))
        row = w.Box([self.input, self.owner, self.by, self.name])
        row.add_class("adv-record")
        self.children = [self.sheet, row, self.alert, self.face]
        session.subscribe("owners", self.refresh_if_shown)
        self.refresh()

    def _name(self) -> None:
        path = ownership.known(str(self.input.value), self._paths)
        self.session.change(ownership.named(path, self.owner.value, self.by.value))
        self.owner.value = self.by.value = ""

    def refresh(self) -> None:
        """Show the inputs with their owners as they stand."""
        self.guarded(self._draw)

    def _draw(self) -> None:
        session, decisions = self.session, self.session.decisions()
        self._paths = tuple(ownership.that_matter(decisions))
        options = [(ownership.title_of(path), path) for path in self._paths]
        if list(self.input.options) != options:
            self.input.options = options
            self.input.value = self._paths[0] if self._paths else None
        badges = [session.badge(path) for path in self._paths]
        table = ownership.owners_table(session.scenario, session.origin, self._paths, badges, decisions)
        said = tag("p", text(ownership.counted(badges)), role="status")
        self.face.value = tag("div", said + table, class_="adv mathjax_ignore")
