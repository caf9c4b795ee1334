"""The panel of milestones: save one, see what changed since or between two, go back to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from advisor.view import milestone_file, milestones
from advisor.view.html import tag, text
from advisor.view.session import Session
from advisor.view.widgets.face import Face
from advisor.view.widgets.group import LOOK_SECONDS, Watch

WIDE: dict[str, Any] = {"style": {"description_width": "initial"}}


class Milestones(Face):
    """Named pictures of the scenario: the list, and what changed between two of them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self._stamp = session, milestone_file.changed()
        self.name = w.Text(description="Name", placeholder="before retrieval", **WIDE)
        self.save = w.Button(description="Save a milestone", button_style="primary")
        self.before = w.Dropdown(description="What changed from", **WIDE)
        self.after = w.Dropdown(description="to", **WIDE)
        self.wanted = w.Dropdown(description="Milestone", **WIDE)
        self.back = w.Button(description="Go back to it")
        self.forget = w.Button(description="Forget it")
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
        session.subscribe("milestones", self.refresh_if_shown)
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
                options = (*first, *((name, name) for name in names))
                if chosen.options != options:
                    held = chosen.value
                    chosen.options = options
                    last = names[-1] if names and not first else milestones.NOW if first else None
                    chosen.value = held if any(held == value for _, value in options) else last
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
            self.face.value = tag("div", tag("p", text(milestones.NONE_YET)), class_="adv mathjax_ignore")
            return
        now = milestone_file.now(self.session, milestones.NOW_NAME)
        before = milestones.find(kept, str(self.before.value))
        after = now if self.after.value == milestones.NOW else milestones.find(kept, str(self.after.value))
        shown = milestones.compared(before, after) + milestones.listed(kept, now)
        self.face.value = tag("div", shown, class_="adv mathjax_ignore")
