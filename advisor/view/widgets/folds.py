"""The folds below an answer, each with its content once it is open.

A front end that can tell which are open writes their names into a text that nobody sees. Until one has, all
count as open: a notebook that is looked at later, or served without it, has no one to ask.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping

import ipywidgets as w

from advisor.core.slices import Sliced, at_once
from advisor.decide.option import Decision
from advisor.system.case import Case
from advisor.view.app_screens import FOLDS
from advisor.view.notebook_screen import details

WHY = "why"  # the fold that tells of flips, which are known last
Looking = Callable[[], Sliced[Decision]]


class Behind:
    """What lies behind one decision, each part worked out once it is wanted.

    ``flips``: looks for all flips, which only one part tells; None while the nearest is not known.
    """

    def __init__(
        self, decision: Decision, case: Case, flips: Looking | None, contents: Mapping[str, str]
    ) -> None:
        self._decision, self.case, self.flips = decision, case, flips
        self.contents = dict(contents)

    def is_of(self, decision: Decision, case: Case) -> bool:
        """Whether it is of that decision, be it with its flips or without them."""
        return self.case is case and self._decision.choice is decision.choice

    def working_out(self, wanted: Callable[[], Collection[str]]) -> Sliced[None]:
        """Work out what is wanted by then and not there yet, a part a slice."""
        possible = [name for name in FOLDS if self.flips or name != WHY]
        while missing := [name for name in possible if name in wanted() and name not in self.contents]:
            name, decision = missing[0], self._decision
            if name == WHY and self.flips:
                decision = yield from self.flips()
            self.contents[name] = FOLDS[name][1](decision, self.case)
            yield

    def html(self) -> str:
        """The folds with what is there."""
        return details(self._decision, self.contents)


class Folds(w.VBox):
    """Everything behind an answer; ``changed`` is called whenever other folds are open than before."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.opened = w.Textarea(continuous_update=False)
        self.opened.layout.display = "none"
        self.opened.add_class("adv-opened")
        self.opened.observe(lambda _change: changed(), names="value")
        self.html = w.HTML()
        self._behind: Behind | None = None
        super().__init__([self.opened, self.html])

    @property
    def told(self) -> bool:
        """Whether a front end tells which are open."""
        return bool(self.opened.value)

    def draw(self, decision: Decision, case: Case, flips: Looking | None) -> Sliced[None]:
        """Show the folds of a decision, in slices; the earlier ones stay until all that is open is there.

        ``flips``: how all are found, once the nearest is known; what was drawn before is not drawn again.
        """
        before = self._behind
        begun = flips and before is not None and before.is_of(decision, case) and not before.flips
        self._behind = Behind(decision, case, flips, before.contents if before and begun else {})
        yield from self.fill()

    def fill(self) -> Sliced[None]:
        """Show what is open and was not there yet, a fold a slice."""
        if self._behind is not None:
            yield from self._behind.working_out(self._open)
            self.html.value = self._behind.html()

    def hide(self) -> None:
        """Show nothing."""
        self._behind, self.html.value = None, ""

    def whole(self) -> str:
        """Every fold with its content, for a page that is looked at without a kernel."""
        if self._behind is None:
            return ""
        at_once(self._behind.working_out(lambda: FOLDS))
        return self._behind.html()

    def _open(self) -> Collection[str]:
        return list(json.loads(self.opened.value)) if self.opened.value else FOLDS
