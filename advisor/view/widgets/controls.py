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
from advisor.core.wording import number
from advisor.scenario import Scenario
from advisor.view.forms import input_of, read

LONG_STYLE = {"description_width": "initial"}


@dataclass(frozen=True, slots=True)
class Control:
    """A widget for one field and how to read its value; ``kind`` names what it holds."""

    path: str
    widget: Any
    kind: Literal["plain", "choice", "optional number", "list"]

    def read(self) -> Any:
        """The value as the scenario takes it. Raises ScenarioError for text that is no number."""
        value = self.widget.value
        if self.kind == "list":
            return [part.strip() for part in value.split(",") if part.strip()]
        if self.kind == "optional number":
            if not value.strip():
                return None
            try:
                return float(value.replace(",", ""))
            except ValueError as error:
                fault = Fault(self.path, "a number, or nothing", repr(value))
                raise ScenarioError("An input cannot be read.", [fault]) from error
        return value

    def show(self, value: Any) -> None:
        """Show a value of the scenario."""
        if self.kind == "list":
            self.widget.value = ", ".join(map(str, value))
        elif self.kind == "optional number":
            self.widget.value = "" if value is None else number(value)
        else:
            if self.kind == "choice" and value not in [one for _, one in self.widget.options]:
                self.widget.options = [*self.widget.options, (str(value), value)]
            self.widget.value = value


def control(path: str, value: Any, regions: Mapping[str, str] | None = None) -> Control | None:
    """A control for the field at ``path``; None for what is not a single value or a list of words.

    ``regions`` gives the names of the regions to choose a home from.
    """
    info, kind = _field(path), _kind(path)
    named = input_of(path, value, regions)
    title = named.title if named else path
    common: dict[str, Any] = {
        "description": f"{title} ({named.unit})" if named and named.unit else title,
        "tooltip": f"{path}. {info.description or ''}".strip(),
        "style": LONG_STYLE,
    }
    if kind is bool:
        made = Control(path, w.Checkbox(indent=False, **common), "plain")
    elif named is not None and named.kind == "choice":
        options = [(label, read(named, typed)) for typed, label in named.choices]
        made = Control(path, w.Dropdown(options=options, **common), "choice")
    elif _optional(kind):
        placeholder = {"placeholder": "none", "continuous_update": False}
        made = Control(path, w.Text(**placeholder, **common), "optional number")
    elif kind in (int, float):
        made = Control(path, (w.IntText if kind is int else w.FloatText)(**common), "plain")
    elif kind is str:
        made = Control(path, w.Text(continuous_update=False, **common), "plain")
    elif kind == list[str]:
        made = Control(path, w.Text(continuous_update=False, **common), "list")
    else:
        return None
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
