"""A figure of one's own: a participant replaces a shipped figure, with owner and reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import ipywidgets as w

from advisor.core.errors import AdvisorError, Fault
from advisor.core.saying import say
from advisor.core.typed_numbers import figure
from advisor.core.wording import number
from advisor.system.assumptions import overridden
from advisor.view.forms import ENDS, exact
from advisor.view.session import Session
from advisor.view.widgets.face import Folded, note
from advisor.view.widgets.spoken import draw, told

WIDE = {"style": {"description_width": "initial"}, "continuous_update": False}
OPEN = say("Use a figure of your own")


class OwnFigures(Folded):
    """Folded away under an answer: any figure this decision used can be replaced or given back."""

    def __init__(self, session: Session, name: str, guarded: Callable[[Callable[[], None]], bool]) -> None:
        self.session, self.name, self._guarded = session, name, guarded
        self._evidence: Callable[[], Collection[str]] = tuple
        self.figure = told(w.Combobox(ensure_option=True, **WIDE), description=say("Figure"))
        self.shipped = w.HTML()
        self.ends = {part: told(w.Text(**WIDE), description=said) for part, said in ENDS.items()}
        self.owner = told(w.Text(**WIDE), description=say("Owner"))
        self.reason = told(w.Text(**WIDE), description=say("Because"))
        self.use = told(w.Button(button_style="primary"), description=say("Use this figure"))
        self.give_back = told(w.Button(), description=say("Back to the shipped figure"))
        self.saved = w.HTML()
        self.figure.observe(lambda _change: guarded(self._show), names="value")
        self.use.on_click(lambda _button: guarded(self._use))
        self.give_back.on_click(lambda _button: guarded(self._give_back))
        form = [
            self.figure,
            self.shipped,
            _row(*self.ends.values()),
            _row(self.owner, self.reason),
            _row(self.use, self.give_back),
            self.saved,
        ]
        super().__init__(OPEN, say("Close the form for a figure of your own"), form)
        self.add_class("adv-own-figure")

    def follow(self, evidence: Callable[[], Collection[str]]) -> None:
        """Offer the figures that the decision shown rests on, which are collected once the form is open."""
        self._evidence = evidence
        if self.is_open:
            self._offer()

    def unfold(self, shown: bool = True) -> None:
        """Show the form with what it offers by now, or hide it again."""
        if shown:
            self._guarded(self._offer)
        super().unfold(shown)

    def _offer(self) -> None:
        names = tuple(sorted(self._evidence()))
        if self.figure.options != names:
            self.figure.options = names

    def _show(self) -> None:
        name = self.figure.value
        if not name:
            return
        catalogue = self.session.case.catalogue
        now = catalogue.coefficient(name)
        for part, box in self.ends.items():
            told(box, value=exact(getattr(now, part)))
        own = name in catalogue.overrides
        self.give_back.disabled = not own
        low, central, high = (number(value) for value in (now.low, now.central, now.high))
        interval = say(
            "{low} to {high}, median {central} {unit}", low=low, high=high, central=central, unit=now.unit
        )
        said = (
            say("Your own: {interval}. {note}", interval=interval, note=now.note)
            if own
            else say("Shipped: {interval}. {note}", interval=interval, note=now.note)
        )
        draw(self.shipped, lambda: note(said))

    def _use(self) -> None:
        name = self.figure.value
        if not name:
            fault = Fault(say("Figure"), say("one of those listed"), say("nothing"))
            raise AdvisorError(say("No figure is chosen."), [fault])
        low, central, high = (figure(box.value, ENDS[part]) for part, box in self.ends.items())
        changed = overridden(
            self.session.scenario,
            self.session.case.catalogue,
            name,
            (low, central, high),
            owner=self.owner.value,
            reason=self.reason.value,
        )
        self._said(self.session.keep(changed), say("{name} is yours now", name=name))

    def _give_back(self) -> None:
        name = self.figure.value
        kept = {key: own for key, own in self.session.scenario.overrides.items() if key != name}
        self._said(
            self.session.keep(self.session.scenario.model_copy(update={"overrides": kept})), say("Given back")
        )
        self._show()

    def _said(self, path: Any, what: str) -> None:
        said = say("{what}; saved in {path}.", what=what, path=path)
        draw(self.saved, lambda: note(said, role="status"))


def _row(*children: Any) -> Any:
    row = w.Box(list(children))
    row.add_class("adv-record")
    return row
