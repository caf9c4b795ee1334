"""Labelled controls made from the fields of a scenario: title, unit, bounds and choices.

What is typed is read as in the web page's form, with the marks of the language spoken: a browser's own
field for numbers knows only those of English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as w

from advisor.core.saying import here, joined, say
from advisor.view.forms import Input, input_of, read, shown
from advisor.view.widgets.spoken import offer, told

LONG_STYLE = {"description_width": "initial"}


@dataclass(frozen=True, slots=True)
class Control:
    """A widget for one field and how to read its value.

    ``label`` is what the field is called, ``choices`` what there is to choose from.
    """

    field: Input
    label: str
    widget: Any
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def path(self) -> str:
        """Where its field stands in the scenario."""
        return self.field.path

    def read(self) -> Any:
        """The value as the scenario takes it. Raises ScenarioError for text that is no number."""
        value = self.widget.value
        return value if self.field.kind in ("flag", "choice") else read(self.field, value)

    def show(self, value: Any) -> None:
        """Show a value of the scenario."""
        if self.field.kind == "choice":
            known = value in [one for _, one in self.choices]
            offer(self.widget, self.choices if known else (*self.choices, (str(value), value)))
        typed = self.field.kind not in ("flag", "choice")
        self.widget.value = here(shown(self.field, value)) if typed else value


def control(path: str, value: Any, regions: Mapping[str, str] | None = None) -> Control | None:
    """A control for the field at ``path``; None for what is not a single value or a list of words.

    ``regions`` gives the names of the regions to choose a home from.
    """
    field = input_of(path, value, regions)
    if field is None:
        return None
    unit = field.unit
    label = say("{title} ({unit})", title=field.title, unit=unit) if unit else field.title
    choices = tuple((said, read(field, typed)) for typed, said in field.choices)
    made = Control(field, label, _widget(field, choices), choices)
    tooltip = joined(" ", (f"{path}.", *((field.help,) if field.help else ())))
    told(made.widget, description=label, tooltip=tooltip)
    made.show(value)
    return made


def _widget(field: Input, choices: tuple[tuple[str, Any], ...]) -> Any:
    if field.kind == "flag":
        return w.Checkbox(indent=False, style=LONG_STYLE)
    if field.kind == "choice":
        return w.Dropdown(options=[(here(said), one) for said, one in choices], style=LONG_STYLE)
    box = w.Text(style=LONG_STYLE, continuous_update=False)
    return told(box, placeholder=say("none")) if field.kind == "optional" else box
