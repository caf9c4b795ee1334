"""Live panels: controls on the left, the answer on the right, in a notebook or in Voila.

A panel carries a static twin of its face, so that a saved page shows the answer without a
kernel. Whatever goes wrong in a callback is shown in the panel, where it would else be lost.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as w

from advisor.core.saying import say
from advisor.core.slices import Sliced, at_once
from advisor.decide.option import Decision
from advisor.steps import step as module_of
from advisor.view import room as rooms
from advisor.view.forms import BADGES, FIRST_SHOWN
from advisor.view.html import tag, text
from advisor.view.notebook_screen import one_screen
from advisor.view.session import Session
from advisor.view.widgets.controls import Control, control
from advisor.view.widgets.face import Folded, boxed, note
from advisor.view.widgets.folds import Folds, Looking
from advisor.view.widgets.group import Guesses
from advisor.view.widgets.own_figures import OwnFigures
from advisor.view.widgets.slowly import Slow
from advisor.view.widgets.spoken import draw, offer, told

WAITING = "adv-waiting"


class Panel(Slow):
    """One step: its inputs, its decision, and a button that records it."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session)
        self.name, self._showing = name, False
        self.controls: dict[str, Control] = {}
        self._badges: dict[str, Any] = {}
        self._resets: dict[str, Any] = {}
        self.count, self.details = w.HTML(), Folds(self._opened)
        self._looked: Decision | None = None  # the last decision whose nearest flip is known
        inputs = w.VBox([self._heading(), *self._folded(self._rows()), self._history(), self.count])
        self.figures = OwnFigures(session, name, self.guarded)
        self.guesses = Guesses(name, self.guarded, self.refresh)
        self.below = w.VBox([self._recorder(), self.details, self.figures])
        answer = w.VBox([self.guesses, self.face, self.below])
        inputs.add_class("adv-inputs")
        answer.add_class("adv-answerbox")
        sides = w.Box([inputs, answer])
        sides.add_class("adv-sides")
        self.children = [self.sheet, self.alert, sides]
        self.follows(name, session)
        self.guarded(partial(at_once, self._slower()))

    def _heading(self) -> Any:
        self.title = w.HTML()
        return self.title

    def _rows(self) -> list[Any]:
        regions = self.session.case.catalogue.tables.get("regions", {})
        names = {key: str(entry["name"]) for key, entry in regions.items()}
        rows = []
        for path in module_of(self.name).CONTROLS:
            made = control(path, self.session.value(path), names)
            if made is None:
                continue
            self.controls[path] = made
            self._badges[path] = w.HTML()
            reset = told(
                w.Button(icon="undo"), tooltip=say("Reset to the default: {title}", title=made.label)
            )
            reset.on_click(lambda _button, path=path: self.guarded(lambda: self.session.reset(path)))
            reset.add_class("adv-reset")
            self._resets[path] = reset
            made.widget.observe(lambda _change, made=made: self._edited(made), names="value")
            row = w.Box([made.widget, self._badges[path], reset])
            row.add_class("adv-row")
            rows.append(row)
        return rows

    def _folded(self, rows: list[Any]) -> list[Any]:
        """The first inputs, and the others behind a button."""
        first, rest = rows[:FIRST_SHOWN], rows[FIRST_SHOWN:]
        self.more = Folded(say("More inputs"), say("Fewer inputs"), rest)
        told(self.more.button, tooltip=say("{count} further inputs of this step", count=len(rest)))
        return [*first, self.more] if rest else first

    def _history(self) -> Any:
        self.undo = told(w.Button(), description=say("Undo"))
        self.redo = told(w.Button(), description=say("Redo"))
        self.undo.on_click(lambda _button: self.guarded(self.session.undo))
        self.redo.on_click(lambda _button: self.guarded(self.session.redo))
        row = w.Box([self.undo, self.redo])
        row.add_class("adv-history")
        return row

    def _recorder(self) -> Any:
        wide = {"style": {"description_width": "initial"}, "continuous_update": False}
        self.option = told(w.Dropdown(style={"description_width": "initial"}), description=say("Take"))
        self.by = told(w.Text(**wide), description=say("Taken by"))
        self.reason = told(w.Text(**wide), description=say("Because"))
        self.button = told(w.Button(button_style="primary"), description=say("Record this decision"))
        self.button.on_click(lambda _button: self.guarded(self._record))
        self.saved = w.HTML()
        row = w.Box([self.option, self.by, self.reason, self.button])
        row.add_class("adv-record")
        return Folded(say("Record a decision"), say("Close the record"), [row, self.saved])

    def _edited(self, made: Control) -> None:
        if not self._showing:
            self.guarded(lambda: self.session.change({made.path: made.read()}))

    def _record(self) -> None:
        path = self.session.record(self.name, self.option.value, self.by.value, self.reason.value)
        draw(self.saved, lambda: note(say("Recorded in {path}", path=path), role="status"))

    def _opened(self) -> None:
        """Fill what was opened, unless all of them are on their way."""
        if self._pending is None:
            self._begin(self.details.fill(), 0)
        elif WAITING not in self.details._dom_classes:
            self.watched(partial(at_once, self.details.fill()))

    def left_behind(self) -> str:
        """The answer and everything behind it."""
        return str(self.face.value) + self.details.whole()

    def _draw(self) -> None:
        self._show(self.session.decision(self.name))
        self.details.add_class(WAITING)
        self._show_inputs()

    def _show(self, decision: Decision) -> None:
        hiding = self.guesses.hiding
        self.below.layout.display = "none" if hiding else ""
        if hiding:
            self.details.hide()
            self.face.value = rooms.hidden(rooms.load(), self.name)
        else:
            self.face.value = one_screen(decision, self.session.case, self._looked, self.session.glimpsed)

    def _slower(self) -> Sliced[None]:
        """What follows an answer: open folds, the nearest flip and the survey, each as soon as it may."""
        if not self.session.flips_come_first(self.name):
            yield from self._surveyed()
        if self.details.told:
            yield from self._behind(self.session.decision(self.name), None)
        decision = yield from self._nearest()
        yield from self._surveyed()
        if not self.session.flips_known(self.name, 1):
            decision = yield from self._nearest()
        yield from self._behind(decision, partial(self.session.with_flips_in_slices, self.name))

    def _surveyed(self) -> Sliced[None]:
        """Make sure of what rests on a glimpse."""
        if self.session.glimpsed:
            yield from self.session.survey_in_slices()
            self._show(self.session.decision(self.name))
            yield

    def _nearest(self) -> Sliced[Decision]:
        """Look for the nearest flip, and show the decision with it."""
        decision = yield from self.session.with_flips_in_slices(self.name, 1, sure=False)
        self._looked = decision
        self._show(decision)
        self._offer(decision)
        self._show_inputs()
        yield
        return decision

    def _behind(self, decision: Decision, flips: Looking | None) -> Sliced[None]:
        """The folds below the answer; those of a guess in the making stay hidden."""
        if not self.guesses.hiding:
            yield from self.details.draw(decision, self.session.case, flips)
        self.details.remove_class(WAITING)

    def _offer(self, decision: Decision) -> None:
        """What can be recorded, and the figures it rests on."""
        eligible = [(option.title, option.key) for option in decision.options if option.eligible]
        chosen = decision.choice.key if decision.choice else None
        offer(self.option, eligible)
        self.option.value = chosen
        self.button.disabled = chosen is None
        self.figures.follow(lambda: decision.evidence)

    def _show_inputs(self) -> None:
        self._showing = True
        try:
            for path, made in self.controls.items():
                made.show(self.session.value(path))
                badge = self.session.badge(path)
                word, meaning = BADGES[badge]
                self._badges[path].value = tag("span", word, class_=f"adv-badge adv-{badge}", title=meaning)
                made.widget.disabled = badge == "measured"
                self._resets[path].disabled = badge in ("default", "measured")
        finally:
            self._showing = False
        self.title.value = boxed(tag("h3", text(self.session.scenario.name)))
        left = self.session.unconfirmed
        self.count.value = note(left.said, class_="adv-muted", title=left.parts)
        self.undo.disabled, self.redo.disabled = not self.session.can_undo, not self.session.can_redo
