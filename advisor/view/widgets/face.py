"""What every panel is: a box that shows HTML, leaves it behind as it is, and tells what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as w

from advisor.core.errors import AdvisorError
from advisor.core.saying import say
from advisor.view.faces import style
from advisor.view.html import items, tag, text
from advisor.view.session import Session
from advisor.view.widgets import spoken
from advisor.view.widgets.spoken import told


class Folded(w.VBox):
    """Widgets behind a button that shows and hides them."""

    def __init__(self, closed: str, opened: str, children: Sequence[Any]) -> None:
        self.button = told(w.Button(), description=closed)
        self.body = w.VBox(list(children))
        self.body.layout.display = "none"
        self._words = (closed, opened)
        self.button.on_click(lambda _button: self.unfold(not self.is_open))
        super().__init__([self.button, self.body])
        self.add_class("adv-folded")

    @property
    def is_open(self) -> bool:
        """Whether they are shown."""
        return bool(self.body.layout.display != "none")

    def unfold(self, shown: bool = True) -> None:
        """Show what is behind the button, or hide it again."""
        self.body.layout.display = "" if shown else "none"
        told(self.button, description=self._words[shown])


class Face(w.VBox):
    """A box that shows HTML and leaves the same HTML behind as a static twin."""

    def __init__(self, **kwargs: Any) -> None:
        self.face = w.HTML()
        self.alert = w.HTML()
        self.intro = w.HTML()
        self.shown = True
        self.sheet = w.HTML(style())
        super().__init__([self.sheet, self.alert, self.face], **kwargs)
        self.add_class("adv-panel")

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**kwargs)
        twin = style() + self.intro.value + self.alert.value + self.left_behind()
        return {**bundle, "text/html": twin, "text/plain": "<advisor panel>"}

    def left_behind(self) -> str:
        """What is shown, as HTML that needs no kernel."""
        return str(self.face.value)

    def introduce(self, html: Callable[[], str]) -> None:
        """Say something above all else."""
        spoken.draw(self.intro, lambda: boxed(html()))
        self.children: Sequence[w.Widget] = (self.intro, *self.children)

    def follows(self, name: str, session: Session) -> None:
        """Be drawn anew after every change of a session, in place of an earlier face of that name."""
        session.subscribe(name, self.refresh_if_shown)
        spoken.subscribe((name, id(session)), self.refresh_if_shown)

    def refresh(self) -> None:
        """Show the session as it stands; nothing to do for a face that does not follow it."""

    def refresh_if_shown(self) -> None:
        """Follow a change, unless another page is in front; that page's turn comes when it is shown."""
        if self.shown:
            self.refresh()

    def guarded(self, action: Callable[[], None]) -> bool:
        """Run a callback; show what goes wrong and return whether it went well."""
        spoken.clear(self.alert)
        return self.watched(action)

    def watched(self, action: Callable[[], None]) -> bool:
        """Run what goes on by itself, as ``guarded``: what somebody was told before stays."""
        try:
            action()
        except AdvisorError as error:
            self.refuse(error, say("Not taken; the answer shown is unchanged."))
        except Exception as error:  # lost in a callback, it would leave a wrong number on screen
            said = say("This did not work: {name}: {error}", name=type(error).__name__, error=str(error))
            self.announce(lambda: tag("p", text(said)))
        else:
            return True
        return False

    def refuse(self, error: AdvisorError, said: str = "") -> None:
        """Show every fault of the input."""
        summary = said if said and error.faults else error.summary
        self.announce(lambda: tag("p", text(summary)) + items(text(str(fault)) for fault in error.faults))

    def announce(self, html: Callable[[], str]) -> None:
        """Show a problem where screen readers announce it."""
        spoken.draw(self.alert, lambda: boxed(tag("div", html(), role="alert", class_="adv-alert")))


def boxed(html: str) -> str:
    """HTML as a widget shows it."""
    return tag("div", html, class_="adv mathjax_ignore")


def note(said: str, **attributes: str) -> str:
    """A sentence as a widget shows it."""
    return boxed(tag("p", text(said), **attributes))
