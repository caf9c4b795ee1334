"""The group's panels: the agenda with its clock, and guesses before an answer is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w

from advisor.view import room as rooms
from advisor.view.html import tag
from advisor.view.room import Room
from advisor.view.widgets.face import Face

WIDE = {"description_width": "initial"}
LOOK_SECONDS = 1.0  # between two looks at what other notebooks did
CLOCK_SECONDS = 15.0


class Watch:
    """Calls back from a kernel's own loop, again and again; nothing where there is no loop."""

    def __init__(self, seconds: float, look: Callable[[], object]) -> None:
        self._seconds, self._look = seconds, look
        self._again()

    def _again(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        loop.call_later(self._seconds, self._tick)

    def _tick(self) -> None:
        try:
            self._look()
        finally:
            self._again()


class Agenda(Face):
    """Where the group is and how long is left; on the first page also how it works together."""

    def __init__(self, here: str, leads: bool = False) -> None:
        super().__init__()
        self.here, self._leads = here, leads
        self._stamp, self._showing = rooms.written(), False
        self.path = w.Dropdown(
            description="Time we have", options=[(said, key) for key, said in rooms.PATHS.items()], style=WIDE
        )
        self.predicting = w.Checkbox(description="Guess before each answer is shown", indent=False)
        self.people = w.BoundedIntText(
            description="People guessing", min=1, max=rooms.MOST_PEOPLE, style=WIDE
        )
        self.clock = w.Button(description="Start the clock", tooltip="Stopping it forgets all guesses")
        self.clock.on_click(lambda _button: self.guarded(self._clock))
        for control, name in ((self.path, "path"), (self.predicting, "predicting"), (self.people, "people")):
            control.observe(lambda change, name=name: self._edited(name, change["new"]), names="value")
        line = w.Box([self.face, self.clock])
        line.add_class("adv-line")
        together = w.Box([self.path, self.predicting, self.people])
        together.add_class("adv-record")
        self.children = [self.sheet, self.alert, line, *([together] if leads else [])]
        self.refresh()
        Watch(CLOCK_SECONDS, self.refresh)
        Watch(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if rooms.written() != self._stamp:
            self.refresh()

    def _clock(self) -> None:
        room = rooms.load()
        rooms.save(replace(room, started=None if room.started else time.time(), revealed=(), guesses={}))
        self.refresh()

    def _edited(self, name: str, value: Any) -> None:
        if not self._showing:
            self.guarded(lambda: rooms.save(replace(rooms.load(), **{name: value})))
            self.refresh()

    def refresh(self) -> None:
        """Show the group as it stands."""
        self._stamp, room = rooms.written(), rooms.load()
        self._showing = True
        try:
            self.path.value, self.predicting.value, self.people.value = (
                room.path,
                room.predicting,
                room.people,
            )
        finally:
            self._showing = False
        self.clock.layout.display = (
            "" if self._leads or room.started else "none"
        )  # it is started at the start
        self.clock.description = "Stop, and forget guesses" if room.started else "Start the clock"
        shown = tag("div", rooms.agenda(room, self.here), class_="adv mathjax_ignore")
        if self.face.value != shown:
            self.face.value = shown


class Guesses(w.VBox):
    """What each expects, entered before the answer of a step is shown."""

    def __init__(
        self, step: str, guarded: Callable[[Callable[[], None]], bool], changed: Callable[[], None]
    ) -> None:
        self.step, self._guarded, self._changed = step, guarded, changed
        self._stamp = rooms.written()
        wide: dict[str, Any] = {"style": WIDE, "continuous_update": False}
        self.who = w.Text(description="Your name", **wide)
        self.said = w.Password(description="Your guess", **wide)
        self.enter = w.Button(description="Enter the guess")
        self.show = w.Button(description="Show the answer", button_style="primary")
        self.told = w.HTML()
        self.enter.on_click(lambda _button: self._guarded(self._enter))
        self.show.on_click(lambda _button: self._guarded(self._reveal))
        self.row = w.Box([self.who, self.said, self.enter, self.show])
        self.row.add_class("adv-record")
        super().__init__([self.row, self.told])
        self.refresh()
        Watch(LOOK_SECONDS, self._look)

    @property
    def hiding(self) -> bool:
        """Whether the answer is to be hidden."""
        return rooms.load().hides(self.step)

    def _look(self) -> None:
        if rooms.written() != self._stamp:
            self.refresh()
            self._changed()

    def _enter(self) -> None:
        if self.said.value.strip():
            self._save(rooms.load().guess(self.step, self.who.value.strip(), self.said.value.strip()))
            self.who.value = self.said.value = ""

    def _reveal(self) -> None:
        room = rooms.load()
        if room.complete(self.step):
            self._save(room.reveal(self.step))

    def _save(self, room: Room) -> None:
        rooms.save(room)
        self.refresh()
        self._changed()

    def refresh(self) -> None:
        """Show the entry while the answer is hidden, and what was guessed once it is not."""
        self._stamp, room = rooms.written(), rooms.load()
        hiding = room.hides(self.step)
        self.row.layout.display = "" if hiding else "none"
        self.show.disabled = not room.complete(self.step)
        self.told.value = rooms.guessed(room, self.step)
