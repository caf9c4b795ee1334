"""A figure of one's own: a participant replaces a shipped figure, with owner and reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from advisor.core.errors import AdvisorError, Fault
from advisor.core.wording import number
from advisor.system.assumptions import overridden
from advisor.view.html import tag, text
from advisor.view.session import Session
from advisor.view.widgets.face import Folded

WIDE = {"style": {"description_width": "initial"}, "continuous_update": False}
OPEN = "Use a figure of your own"


class OwnFigures(Folded):
    """Folded away under an answer: any figure this decision used can be replaced or given back."""

    def __init__(self, session: Session, name: str, guarded: Callable[[Callable[[], None]], bool]) -> None:
        self.session, self.name = session, name
        self.figure = w.Combobox(description="Figure", ensure_option=True, **WIDE)
        self.shipped = w.HTML()
        self.low = w.FloatText(description="Low (10 %)", **WIDE)
        self.central = w.FloatText(description="Median", **WIDE)
        self.high = w.FloatText(description="High (90 %)", **WIDE)
        self.owner = w.Text(description="Owner", **WIDE)
        self.reason = w.Text(description="Because", **WIDE)
        self.use = w.Button(description="Use this figure", button_style="primary")
        self.give_back = w.Button(description="Back to the shipped figure")
        self.saved = w.HTML()
        self.figure.observe(lambda _change: guarded(self._show), names="value")
        self.use.on_click(lambda _button: guarded(self._use))
        self.give_back.on_click(lambda _button: guarded(self._give_back))
        form = [
            self.figure,
            self.shipped,
            _row(self.low, self.central, self.high),
            _row(self.owner, self.reason),
            _row(self.use, self.give_back),
            self.saved,
        ]
        super().__init__(OPEN, "Close the form for a figure of your own", form)
        self.add_class("adv-own-figure")

    def follow(self, evidence: frozenset[str]) -> None:
        """Offer the figures that the decision shown rests on."""
        names = tuple(sorted(evidence))
        if self.figure.options != names:
            self.figure.options = names

    def _show(self) -> None:
        name = self.figure.value
        if not name:
            return
        catalogue = self.session.case.catalogue
        now = catalogue.coefficient(name)
        self.low.value, self.central.value, self.high.value = now.low, now.central, now.high
        own = name in catalogue.overrides
        self.give_back.disabled = not own
        interval = f"{number(now.low)} to {number(now.high)}, median {number(now.central)} {now.unit}"
        said = f"{'Your own' if own else 'Shipped'}: {interval}. {now.note}"
        self.shipped.value = _note(said)

    def _use(self) -> None:
        name = self.figure.value
        if not name:
            raise AdvisorError("No figure is chosen.", [Fault("Figure", "one of those listed", "nothing")])
        value = (self.low.value, self.central.value, self.high.value)
        changed = overridden(
            self.session.scenario,
            self.session.case.catalogue,
            name,
            value,
            owner=self.owner.value,
            reason=self.reason.value,
        )
        self._said(self.session.keep(changed), f"{name} is yours now")

    def _give_back(self) -> None:
        name = self.figure.value
        kept = {key: own for key, own in self.session.scenario.overrides.items() if key != name}
        self._said(
            self.session.keep(self.session.scenario.model_copy(update={"overrides": kept})), "Given back"
        )
        self._show()

    def _said(self, path: Any, what: str) -> None:
        self.saved.value = _note(f"{what}; saved in {path}.", role="status")


def _row(*children: Any) -> Any:
    row = w.Box(list(children))
    row.add_class("adv-record")
    return row


def _note(said: str, **attributes: str) -> str:
    return tag("div", tag("p", text(said), **attributes), class_="adv mathjax_ignore")
