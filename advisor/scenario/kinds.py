"""What the fields of a scenario are made of: sections, texts of bounded length, days.

Every way in (a file, an upload, a setting on the command line, a panel) ends in these, so
a text without end, a control character or a date that is a bare number is refused alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from advisor.core.files import unprintable
from advisor.core.saying import Written, dated, say

# as long as a sentence, as a page, and as the longest path that systems take
LINE, PAGE, PATH = 200, 4000, 1000
# figures of one's own, notes, names of models: a table of more is not written by hand
MOST_ENTRIES = 1000
WRITTEN_OUT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1 or "\t" in text:
        raise ValueError(say("text on one line"))
    return text


ONE_LINE = AfterValidator(_one_line)
TOLD = AfterValidator(Written)  # for people to read: what a template says so is told in their language
Prose = Annotated[str, Field(max_length=PAGE), TOLD]
Line = Annotated[str, Field(max_length=LINE), ONE_LINE]
Evidence = Literal["yes", "no", "unknown"]
Name = Annotated[str, Field(min_length=1, max_length=LINE), ONE_LINE]
Title = Annotated[Name, TOLD]
FileName = Annotated[str, Field(min_length=1, max_length=PATH), ONE_LINE]


def _names(texts: list[str]) -> list[str]:
    for text in texts:
        if not 0 < len(_one_line(text)) <= LINE:
            raise ValueError(say("entries of 1 to {most} characters", most=LINE))
    return texts


NAMES = AfterValidator(_names)


def day(first: date, last: date) -> BeforeValidator:
    """A date from ``first`` to ``last``, written out as year, month and day."""

    def check(value: Any) -> Any:
        found = value
        if isinstance(value, str) and WRITTEN_OUT.fullmatch(value):
            try:
                found = date.fromisoformat(value)
            except ValueError:
                found = None
        if value is None:
            return value
        if not isinstance(found, date) or isinstance(found, datetime):
            raise ValueError(say("a date such as 2027-01-31"))
        if not first <= found <= last:
            raise ValueError(say("a date from {first} to {last}", first=dated(first), last=dated(last)))
        return found

    return BeforeValidator(check)


class Section(BaseModel):
    """A part of the scenario. Unknown keys, NaN, infinities and control characters are faults."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, validate_assignment=True, validate_default=True,
        defer_build=True,
    )  # fmt: skip

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool):
            annotation = cls.model_fields[str(info.field_name)].annotation
            if {int, float} & {annotation, *get_args(annotation)}:
                raise ValueError(say("a number, not true or false"))
        if any(unprintable(text) for text in _texts(value)):
            raise ValueError(say("text without control characters"))
        return value


def _texts(value: Any) -> list[str]:
    """The texts of a field; those of the sections within it are looked at there."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.items() for text in item if isinstance(text, str)]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list | tuple) else []


def titled(title: str, unit: str = "", **bounds: Any) -> Any:
    """A field with its title, its unit, and bounds; ``description`` says more."""
    extra: dict[str, Any] | None = {"unit": unit} if unit else None
    description = bounds.pop("description", None)
    return Field(title=title, description=description, json_schema_extra=extra, **bounds)
