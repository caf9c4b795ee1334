"""The language of a workshop: chosen once, spoken in every notebook.

The choice lies in the workspace beside the scenario, of which it is no part. A kernel that finds another
there speaks it from then on: labels are told anew, and panels are drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakMethod

import ipywidgets as w

from advisor.catalogue.translations import language, languages
from advisor.core.errors import AdvisorError
from advisor.core.files import read_text
from advisor.core.saving import write_atomic
from advisor.core.saying import here, language_spoken, say, speak
from advisor.view.workspace import workspace

FILE = ".language"
AnyWidget = TypeVar("AnyWidget", bound=w.Widget)
_labels: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
_drawn: WeakKeyDictionary[Any, Callable[[], str]] = WeakKeyDictionary()
_followers: dict[Hashable, WeakMethod[Callable[[], None]]] = {}


def told(widget: AnyWidget, **texts: str) -> AnyWidget:
    """A widget with labels told in the language spoken, now and whenever it is another."""
    _labels.setdefault(widget, {}).update(texts)
    for name, said in texts.items():
        setattr(widget, name, here(said))
    return widget


def draw(widget: AnyWidget, html: Callable[[], str]) -> AnyWidget:
    """A widget that shows HTML, drawn now and whenever the language is another."""
    _drawn[widget] = html
    widget.value = html()
    return widget


def clear(widget: w.Widget) -> None:
    """Show nothing in a widget that :func:`draw` filled."""
    _drawn.pop(widget, None)
    widget.value = ""


def offer(chosen: Any, options: Iterable[tuple[str, Any]]) -> None:
    """Options told in the language spoken; what is chosen stays so where it is offered, else the first."""
    said = tuple((here(label), value) for label, value in options)
    if tuple(chosen.options) == said:
        return
    held = chosen.value
    chosen.options = said
    first = said[0][1] if said else None
    chosen.value = held if any(value == held for _, value in said) else first


def subscribe(name: Hashable, listener: Callable[[], None]) -> None:
    """Call a method whenever another language is spoken, in place of an earlier one of that name."""
    _followers[name] = WeakMethod(listener)


def choose(key: str) -> None:
    """Speak a language in every notebook of the workshop. Raises AdvisorError for one there is none of."""
    if language(key) is not language_spoken():
        write_atomic(workspace() / FILE, key + "\n")
        follow()


def follow() -> bool:
    """Speak the language that was chosen, in whichever notebook; whether it is another than before."""
    try:
        chosen = language(read_text(workspace() / FILE).strip())
    except (OSError, AdvisorError):  # nobody has chosen, or nothing that can be spoken
        return False
    if chosen is language_spoken():
        return False
    speak(chosen)
    for widget, texts in tuple(_labels.items()):
        told(widget, **texts)
    for widget, html in tuple(_drawn.items()):
        draw(widget, html)
    for listener in tuple(_followers.values()):
        if (still := listener()) is not None:
            still()
    return True


class Languages(w.Dropdown):
    """The choice of a language, each called as it calls itself."""

    def __init__(self, guarded: Callable[[Callable[[], None]], bool]) -> None:
        options: Sequence[tuple[str, str]] = [(name, key) for key, name in languages().items()]
        super().__init__(
            options=options, value=language_spoken().key, style={"description_width": "initial"},
            layout={"width": "auto"},
        )  # fmt: skip
        told(self, description=say("Language"))
        self.observe(lambda change: guarded(lambda: choose(change["new"])), names="value")
        subscribe(("languages", id(self)), self._follow)

    def _follow(self) -> None:
        self.value = language_spoken().key
