"""Labelled controls made from the fields of a scenario: title, unit, bounds and choices."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

import ipywidgets as w
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from advisor.core.errors import Fault, ScenarioError
from advisor.core.saying import here, joined, say
from advisor.core.typed import english
from advisor.core.wording import number
from advisor.scenario import Scenario
from advisor.view.forms import input_of, read
from advisor.view.widgets.spoken import offer, told

LONG_STYLE = {"description_width": "initial"}


@dataclass(frozen=True, slots=True)
class Control:
    """A widget for one field and how to read its value; ``kind`` names what it holds.

    ``label`` is what the field is called, ``choices`` what there is to choose from.
    """

    path: str
    label: str
    widget: Any
    kind: Literal["plain", "choice", "optional number", "list"]
    choices: tuple[tuple[str, Any], ...] = ()

    def read(self) -> Any:
        """The value as the scenario takes it. Raises ScenarioError for text that is no number."""
        value = self.widget.value
        if self.kind == "list":
            return [part.strip() for part in value.split(",") if part.strip()]
        if self.kind == "optional number":
            if not value.strip():
                return None
            try:
                return float(english(value).replace(",", ""))
            except ValueError as error:
                fault = Fault(self.path, say("a number, or nothing"), repr(value))
                raise ScenarioError(say("An input cannot be read."), [fault]) from error
        return value

    def show(self, value: Any) -> None:
        """Show a value of the scenario."""
        if self.kind == "list":
            self.widget.value = ", ".join(map(str, value))
        elif self.kind == "optional number":
            self.widget.value = "" if value is None else here(number(value))
        else:
            if self.kind == "choice":
                known = value in [one for _, one in self.choices]
                offer(self.widget, self.choices if known else (*self.choices, (str(value), value)))
            self.widget.value = value


def control(path: str, value: Any, regions: Mapping[str, str] | None = None) -> Control | None:
    """A control for the field at ``path``; None for what is not a single value or a list of words.

    ``regions`` gives the names of the regions to choose a home from.
    """
    info, kind = _field(path), _kind(path)
    named = input_of(path, value, regions)
    title = named.title if named else path
    label = say("{title} ({unit})", title=title, unit=named.unit) if named and named.unit else title
    tooltip = joined(" ", (f"{path}.", *((say(info.description),) if info.description else ())))
    later: dict[str, Any] = {"style": LONG_STYLE, "continuous_update": False}
    if kind is bool:
        made = Control(path, label, w.Checkbox(indent=False, style=LONG_STYLE), "plain")
    elif named is not None and named.kind == "choice":
        choices = tuple((shown, read(named, typed)) for typed, shown in named.choices)
        options = [(here(shown), one) for shown, one in choices]
        made = Control(path, label, w.Dropdown(options=options, style=LONG_STYLE), "choice", choices)
    elif _optional(kind):
        made = Control(path, label, told(w.Text(**later), placeholder=say("none")), "optional number")
    elif kind in (int, float):
        made = Control(path, label, (w.IntText if kind is int else w.FloatText)(style=LONG_STYLE), "plain")
    elif kind is str:
        made = Control(path, label, w.Text(**later), "plain")
    elif kind == list[str]:
        made = Control(path, label, w.Text(**later), "list")
    else:
        return None
    told(made.widget, description=label, tooltip=tooltip)
    made.show(value)
    return made


def _field(path: str) -> FieldInfo:
    *sections, name = path.split(".")
    model: type[BaseModel] = Scenario
    for section in sections:
        found = model.model_fields[section].annotation
        assert isinstance(found, type)  # noqa: S101  sections are models by construction
        model = found
    return model.model_fields[name]


def _kind(path: str) -> Any:
    return _field(path).annotation


def _optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and set(get_args(kind)) <= {int, float, type(None)}
