"""The panel of milestones: save one, see what changed since or between two, go back to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from advisor.core.saying import say
from advisor.view import milestone_file, milestones
from advisor.view.session import Session
from advisor.view.widgets.face import Face, boxed, note
from advisor.view.widgets.group import LOOK_SECONDS, Watch
from advisor.view.widgets.spoken import offer, told

WIDE: dict[str, Any] = {"style": {"description_width": "initial"}}


class Milestones(Face):
    """Named pictures of the scenario: the list, and what changed between two of them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self._stamp = session, milestone_file.changed()
        self.name = told(w.Text(**WIDE), description=say("Name"), placeholder=say("before retrieval"))
        self.save = told(w.Button(button_style="primary"), description=say("Save a milestone"))
        self.before = told(w.Dropdown(**WIDE), description=say("What changed from"))
        self.after = told(w.Dropdown(**WIDE), description=say("to"))
        self.wanted = told(w.Dropdown(**WIDE), description=say("Milestone"))
        self.back = told(w.Button(), description=say("Go back to it"))
        self.forget = told(w.Button(), description=say("Forget it"))
        self._on(self.save, self._save)
        self._on(self.back, lambda: milestone_file.go_back(session, str(self.wanted.value)))
        self._on(self.forget, lambda: milestone_file.forget(session, str(self.wanted.value)))
        for chosen in (self.before, self.after):
            chosen.observe(lambda _change: self._chosen(), names="value")
        self._showing = False
        self._rows = [w.Box([self.name, self.save]), w.Box([self.before, self.after]),
                      w.Box([self.wanted, self.back, self.forget])]  # fmt: skip
        for row in self._rows:
            row.add_class("adv-record")
        self.children = [self.sheet, *self._rows, self.alert, self.face]
        self.follows("milestones", session)
        self.refresh()
        Watch(LOOK_SECONDS, self._look)

    def _on(self, button: w.Button, action: Callable[[], None]) -> None:
        def pressed(_button: w.Button) -> None:
            if self.guarded(action):
                self.refresh()

        button.on_click(pressed)

    def _look(self) -> None:
        if milestone_file.changed() != self._stamp:
            self.refresh()

    def _save(self) -> None:
        made = milestone_file.save(self.session, self.name.value)
        self.name.value = ""
        self._offer()
        self.before.value = self.wanted.value = made.name

    def _chosen(self) -> None:
        if not self._showing:
            self.refresh()

    def _offer(self) -> tuple[milestones.Milestone, ...]:
        """The milestones there are, offered to compare and to go back to."""
        self._stamp, kept = milestone_file.changed(), milestone_file.of(self.session)
        names = [one.name for one in kept]
        self._showing = True
        try:
            for chosen, first in ((self.before, ()), (self.after, ((milestones.NOW_NAME, milestones.NOW),)),
                                  (self.wanted, ())):  # fmt: skip
                held = chosen.value
                options = (*first, *((name, name) for name in names))
                offer(chosen, options)
                if not any(held == value for _, value in options):
                    chosen.value = milestones.NOW if first else names[-1] if names else None
        finally:
            self._showing = False
        for row in self._rows[1:]:
            row.layout.display = "" if kept else "none"
        return kept

    def refresh(self) -> None:
        """Show the milestones of the session's scenario, and what changed between the two chosen."""
        self.guarded(self._draw)

    def _draw(self) -> None:
        kept = self._offer()
        if not kept:
            self.face.value = note(milestones.NONE_YET)
            return
        now = milestone_file.now(self.session, milestones.NOW_NAME)
        before = milestones.find(kept, str(self.before.value))
        after = now if self.after.value == milestones.NOW else milestones.find(kept, str(self.after.value))
        shown = milestones.compared(before, after) + milestones.listed(kept, now)
        self.face.value = boxed(shown)
