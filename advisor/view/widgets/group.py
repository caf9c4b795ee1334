"""The group's panels: the agenda with its clock, and guesses before an answer is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w

from advisor.core.saying import say
from advisor.view import room as rooms
from advisor.view.room import Room
from advisor.view.widgets import notes, spoken
from advisor.view.widgets.face import Face, boxed
from advisor.view.widgets.spoken import Languages, offer, told

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
    """What a page is about, where the group is and how long is left; the language it speaks.

    On the first page also how it works together.
    """

    def __init__(self, station: str, leads: bool = False) -> None:
        super().__init__()
        self.station, self._leads = station, leads
        self._stamp, self._showing = rooms.written(), False
        self.path = told(w.Dropdown(style=WIDE), description=say("Time we have"))
        self.predicting = told(w.Checkbox(indent=False), description=say("Guess before each answer is shown"))
        people = w.BoundedIntText(min=1, max=rooms.MOST_PEOPLE, style=WIDE)
        self.people = told(people, description=say("People guessing"))
        self.clock = told(w.Button(), tooltip=say("Stopping it forgets all guesses"))
        self.language = Languages(self.guarded)
        self.clock.on_click(lambda _button: self.guarded(self._clock))
        for control, name in ((self.path, "path"), (self.predicting, "predicting"), (self.people, "people")):
            control.observe(lambda change, name=name: self._edited(name, change["new"]), names="value")
        line = w.Box([self.face, self.clock, self.language])
        line.add_class("adv-line")
        together = w.Box([self.path, self.predicting, self.people])
        together.add_class("adv-record")
        self.children = [self.sheet, self.alert, line, *([together] if leads else [])]
        self.introduce(lambda: notes.opening(station))
        spoken.subscribe(("agenda", station), self.refresh)
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
            offer(self.path, ((said, key) for key, said in rooms.PATHS.items()))
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
        pressed = say("Stop, and forget guesses") if room.started else say("Start the clock")
        told(self.clock, description=pressed)
        shown = boxed(rooms.agenda(room, self.station))
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
        self.who = told(w.Text(**wide), description=say("Your name"))
        self.said = told(w.Password(**wide), description=say("Your guess"))
        self.enter = told(w.Button(), description=say("Enter the guess"))
        self.show = told(w.Button(button_style="primary"), description=say("Show the answer"))
        self.told = w.HTML()
        self.enter.on_click(lambda _button: self._guarded(self._enter))
        self.show.on_click(lambda _button: self._guarded(self._reveal))
        self.row = w.Box([self.who, self.said, self.enter, self.show])
        self.row.add_class("adv-record")
        super().__init__([self.row, self.told])
        spoken.subscribe(("guesses", step), self.refresh)
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
