"""Turns pydantic's findings into the project's own faults: place, expected, found, nearest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from advisor.core.errors import Fault, UnknownNameError, faulty, nearest
from advisor.core.files import Place
from advisor.core.saying import numeral, say

# digits in threes: 10,000 or 10 000 or 10'000; no number begins its groups with a nought
GROUPED = re.compile(r"-?[1-9]\d{0,2}([ ,'’\u00a0\u202f]\d{3})+(\.\d+)?")
DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
Model = TypeVar("Model", bound=BaseModel)

INPUT = say("The input")  # what was set in no file
# pydantic error type -> what was expected, filled from the error's context
EXPECTED = {
    "missing": say("a value (this key is required)"),
    "extra_forbidden": say("a known key"),
    "invalid_key": say("a key that is text"),
    "greater_than": say("a number above {gt}"),
    "greater_than_equal": say("a number of at least {ge}"),
    "less_than": say("a number below {lt}"),
    "less_than_equal": say("a number of at most {le}"),
    "finite_number": say("a finite number"),
    "float_parsing": say("a number"),
    "float_type": say("a number"),
    "int_parsing": say("a whole number"),
    "int_type": say("a whole number"),
    "int_from_float": say("a whole number"),
    "bool_parsing": say("true or false"),
    "bool_type": say("true or false"),
    "string_type": say("text"),
    "list_type": say("a list"),
    "dict_type": say("keys and values"),
    "model_type": say("keys and values"),
    "too_short": say("at least {min_length} entries"),
    "too_long": say("at most {max_length} entries"),
    "string_too_short": say("at least {min_length} characters"),
    "string_too_long": say("at most {max_length} characters"),
    "date_from_datetime_parsing": say("a date such as 2027-01-31"),
    "date_type": say("a date such as 2027-01-31"),
    "date_parsing": say("a date such as 2027-01-31"),
    "date_from_datetime_inexact": say("a date such as 2027-01-31"),
}
# and where the limit is one
OF_ONE = {
    "too_short": say("at least one entry"),
    "too_long": say("at most one entry"),
    "string_too_short": say("at least one character"),
    "string_too_long": say("at most one character"),
}


def place_of(place: Place) -> str:
    """A dotted path such as ``data_sets[2].rto_hours``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def located(place: Place, name: str, lines: Mapping[Place, int]) -> str:
    """A place with its file and line, or the line of the nearest thing around it; alone without a file."""
    if name == INPUT:
        return place_of(place)
    line = next((lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in lines), None)
    if line:
        return say("{place} ({name}:{line})", place=place_of(place) or say("the file"), name=name, line=line)
    return say("{place} ({name})", place=place_of(place), name=name)


def _submodel(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _submodel(arg))), None)


def known_keys(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that are valid at ``place`` (whose last part is the offending key)."""
    current: type[BaseModel] | None = model
    for part in place[:-1]:
        if current and isinstance(part, str) and part in current.model_fields:
            current = _submodel(current.model_fields[part].annotation)
    return list(current.model_fields) if current else []


def _fault(model: type[BaseModel], error: ErrorDetails, name: str, lines: Mapping[Place, int]) -> Fault:
    place: Place = tuple(error["loc"])
    context = error.get("ctx") or {}
    expected = _expected(error["type"], context) or error["msg"]
    found = say("nothing") if error["type"] == "missing" else _as_written(error["input"])
    close = None
    if error["type"] == "extra_forbidden":
        known = known_keys(model, place)
        close = nearest(place[-1], known)
        found = f"'{place[-1]}'"
        expected = say("one of {names}", names=", ".join(known))
    elif error["type"] == "model_type":
        names = ", ".join(known_keys(model, (*place, "")))
        expected = say("keys and values ({names})", names=names)
    elif error["type"] in {"float_parsing", "int_parsing"}:
        close = _number_meant(error["input"])
    elif error["type"] in {"literal_error", "enum"}:
        close = nearest(error["input"], str(context.get("expected", "")).replace(" or ", ", ").split(", "))
        close = close.strip("'") if close else None
        if close == error["input"]:  # a number in quotes is written as the one that is expected
            close = None
    return Fault(located(place, name, lines), expected, found, close)


def _number_meant(written: object) -> str | None:
    """The number of what groups its digits, or parts its decimals by a comma: 10,000 and 10 000, but 0,5."""
    text = str(written).strip()
    if GROUPED.fullmatch(text):
        return re.sub(r"[^\d.-]", "", text)
    return text.replace(",", ".") if DECIMAL_COMMA.fullmatch(text) else None


def _as_written(value: object) -> str:
    """A value as it stands in a file."""
    return "true" if value is True else "false" if value is False else repr(value)


def _expected(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":  # raised by a validator of our own
        said: str = context["error"].args[0]
        return said
    if kind in {"literal_error", "enum"}:
        first, either, last = str(context["expected"]).rpartition(" or ")
        return say("{first} or {last}", first=first, last=last) if either else last
    if kind in OF_ONE and 1 in (context.get("min_length"), context.get("max_length")):
        return OF_ONE[kind]
    limits = {
        name: numeral(value, "," if isinstance(value, int) else ",.12g")
        for name, value in context.items()
        if isinstance(value, int | float)
    }
    return say(EXPECTED[kind], **limits) if kind in EXPECTED else ""


def checked(
    model: type[Model], data: Mapping[str, Any], name: str, lines: Mapping[Place, int] | None = None
) -> Model:
    """Validate ``data`` as ``model``. Raises ScenarioError listing every fault with its line."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = [_fault(model, detail, name, lines or {}) for detail in error.errors(include_url=False)]
        raise faulty(name, faults) from error


def field_at(model: type[BaseModel], path: str) -> tuple[str, str]:
    """The title and unit of the field at a dotted path; the title as a text for people."""
    *sections, name = path.split(".")
    current = model
    for section in sections:
        child = _submodel(current.model_fields[section].annotation)
        if child is None:
            raise UnknownNameError(say("'{section}' is no section of a scenario.", section=section))
        current = child
    info = current.model_fields[name]
    extra = info.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    return say(info.title) if info.title else name, unit


def least_at(model: type[BaseModel], path: str) -> float:
    """The least that the field at a dotted path may be. Raises StopIteration where it has no such bound."""
    *sections, name = path.split(".")
    for section in sections:
        child = _submodel(model.model_fields[section].annotation)
        model = child if child is not None else model
    bounds = (getattr(bound, "ge", None) for bound in model.model_fields[name].metadata)
    return next(float(least) for least in bounds if least is not None)
