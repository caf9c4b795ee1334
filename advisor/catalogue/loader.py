"""Reads the YAML files of ``data/`` into coefficients, attributes and series.

Three forms of file, told apart by their top-level keys; one file may hold several:

``coefficients``
    name -> {value, unit, source, checked, confidence, valid, note, meaning}
``table`` with ``columns``, ``attributes`` and ``rows``
    a column of coefficients states unit and source once; a row gives values
``series``
    name -> {values, unit, source, checked, confidence, note}

An attribute that is ``prose`` is text for people and told in their language; so are ``valid`` and ``note``,
and what ``prose`` lists of a source, where we describe it and no document has that title.
``value`` is one number (exact, or spread by ``range``), or ``[low, central, high]``.
``meaning`` is what it stands for where the unit does not tell, such as ``share``; a value that
makes no sense for it is a fault.
Whatever is wrong anywhere in the folder is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import Any

from advisor.core.bounds import Meaning
from advisor.core.errors import AdvisorError, DataError, Fault, nearest
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.files import read_yaml
from advisor.core.saying import joined, say
from advisor.core.units import conversion, parse

DOCUMENT_KEYS = {
    "sources", "cites", "defaults", "coefficients", "series", "table", "columns", "attributes", "rows",
}  # fmt: skip
SPEC_KEYS = {"value", "unit", "source", "checked", "confidence", "valid", "note", "range", "meaning"}
SERIES_KEYS = {"values", "unit", "source", "checked", "confidence", "valid", "note"}
SOURCE_TEXTS = {"title", "publisher", "url", "year", "licence"}
SOURCE_KEYS = {*SOURCE_TEXTS, "prose"}  # which of them describe the source in words of ours
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,), "prose": (str,), "flag": (bool,), "date": (date,), "list": (list,),
    "number": (int, float), "any": (object,),
}  # fmt: skip
NEEDED = "value, unit, source, checked and confidence"


@dataclass(frozen=True, slots=True)
class Series:
    """An ordered run of values, such as an hourly shape over a day."""

    name: str
    values: tuple[float, ...]
    unit: str
    sources: tuple[str, ...]
    checked: date
    confidence: Confidence
    note: str = ""

    def summary(self) -> Coefficient:
        """The series as one coefficient: its lowest, mean and highest value."""
        mean = min(max(fmean(self.values), min(self.values)), max(self.values))  # rounding stays inside
        note = say("lowest, mean and highest of {count} values", count=len(self.values))
        note = joined("; ", (note, self.note)) if self.note else note
        return Coefficient(
            self.name, min(self.values), mean, max(self.values), self.unit, self.sources, self.checked,
            self.confidence, note=note,
        )  # fmt: skip


@dataclass(slots=True)
class Contents:
    """Everything read from the data files, and everything found wrong."""

    coefficients: dict[str, Coefficient] = field(default_factory=dict)
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    cited: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, where: str, expected: str, found: str, near: str | None = None) -> None:
        """Note something wrong and carry on reading."""
        self.faults.append(Fault(where, expected, found, near))

    def mapping(self, value: Any, where: str) -> dict[Any, Any]:
        """``value`` if it is a mapping; nothing, with a fault, if it is anything else."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(where, "a mapping", repr(value))
            return {}
        return value

    def add(self, found: Coefficient, where: str) -> None:
        """Take a coefficient in; a value that makes no sense for its meaning is a fault."""
        for value in sorted({found.low, found.central, found.high}):
            if not found.bounds.hold(value):
                self.fault(where, str(found.bounds), f"{value:g}")
        self.coefficients[found.name] = found

    def known(self, keys: Mapping[Any, Any], allowed: set[str], where: str) -> None:
        """Fault every key that is not allowed."""
        for key in keys:
            if key not in allowed:
                self.fault(where, "a known key", repr(key), nearest(key, sorted(allowed)))


def load(folder: Path) -> Contents:
    """Read every YAML file directly in ``folder``. Raises DataError listing all faults."""
    contents = Contents()
    for path in sorted(folder.glob("*.yaml")):
        try:
            document, _ = read_yaml(path)
        except AdvisorError as error:
            contents.faults.extend(error.faults)
            continue
        _read_document(path.name, document, contents)
    for name in sorted(contents.cited - set(contents.sources)):
        contents.fault("sources.yaml", f"a source '{name}'", "none", nearest(name, contents.sources))
    for name in sorted(set(contents.sources) - contents.cited):
        contents.fault(f"sources.yaml: {name}", "a source some figure cites", "no use")
    if contents.faults:
        raise DataError(f"The data in {folder.name}/ has faults.", contents.faults)
    return contents


def _read_document(file: str, document: dict[str, Any], contents: Contents) -> None:
    contents.known(document, DOCUMENT_KEYS, file)
    defaults = contents.mapping(document.get("defaults"), f"{file}: defaults")
    for key, spec in contents.mapping(document.get("sources"), f"{file}: sources").items():
        _add_source(str(key), spec, f"{file}: {key}", contents)
    contents.cited.update(document.get("cites") or [])
    for name, spec in contents.mapping(document.get("coefficients"), f"{file}: coefficients").items():
        _add(str(name), contents.mapping(spec, f"{file}: {name}"), defaults, f"{file}: {name}", contents)
    for name, spec in contents.mapping(document.get("series"), f"{file}: series").items():
        given = contents.mapping(spec, f"{file}: {name}")
        _add_series(str(name), {**defaults, **given}, f"{file}: {name}", contents)
    if "table" in document:
        _read_table(file, document, defaults, contents)


def _add_source(key: str, spec: Any, where: str, contents: Contents) -> None:
    given = contents.mapping(spec, where)
    contents.known(given, SOURCE_KEYS, where)
    missing = sorted(SOURCE_TEXTS - {"licence"} - set(given))
    if missing:
        contents.fault(where, "title, publisher, url and year", f"no {', '.join(missing)}")
    if key in contents.sources:
        contents.fault(where, "each source once", f"'{key}' again")
    texts = {name: str(given.get(name) or "") for name in SOURCE_TEXTS}
    texts |= {name: say(texts[name]) for name in given.get("prose", ()) if name in texts}
    contents.sources[key] = Source(key=key, **texts)


def _read_table(file: str, document: dict[str, Any], defaults: dict[str, Any], contents: Contents) -> None:
    name = str(document["table"])
    columns = contents.mapping(document.get("columns"), f"{file}: columns")
    attributes = contents.mapping(document.get("attributes"), f"{file}: attributes")
    specs = {}
    for column, spec in columns.items():
        where = f"{file}: columns.{column}"
        given = contents.mapping(spec, where)
        contents.known(given, SPEC_KEYS - {"value"}, where)
        specs[column] = {**defaults, **given}
    for attribute, kind in attributes.items():
        if kind not in TYPES:
            contents.fault(f"{file}: attributes.{attribute}", f"one of {', '.join(TYPES)}", repr(kind))
    table = contents.tables.setdefault(name, {})
    for key, row in contents.mapping(document.get("rows"), f"{file}: rows").items():
        where = f"{file}: {key}"
        kept = table.setdefault(str(key), {})
        for column, value in contents.mapping(row, where).items():
            if column in attributes:
                kept[column] = say(value) if attributes[column] == "prose" and value else value
                _check_type(value, attributes[column], f"{where}.{column}", contents)
            elif column in specs and value is not None:
                given = value if isinstance(value, dict) else {"value": value}
                unit = str(specs[column].get("unit", ""))
                _add(f"{name}.{key}.{column}", given, specs[column], f"{where}.{column}", contents, unit)
            elif column not in specs:
                near = nearest(column, [*columns, *attributes])
                contents.fault(where, "a known column", repr(column), near)


def _check_type(value: Any, kind: str, where: str, contents: Contents) -> None:
    wanted = TYPES.get(kind, (object,))
    if value is not None and not (
        isinstance(value, wanted) and (kind in {"flag", "any"} or not isinstance(value, bool))
    ):
        contents.fault(where, kind, repr(value))


def _values(value: Any, spread: Any) -> tuple[float, float, float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = spread or (1.0, 1.0)
        values = (value * low, float(value), value * high)
    elif isinstance(value, list):
        low, central, high = (float(part) for part in value)
        values = (low, central, high)
    else:
        raise TypeError(f"value: {value!r} is not a number or three")
    if not all(isfinite(part) for part in values):
        raise ValueError(f"value: {value!r} is not finite")
    return values


def _common(spec: Mapping[str, Any]) -> tuple[tuple[str, ...], date, Confidence]:
    source = spec["source"]
    sources = tuple(str(key) for key in source) if isinstance(source, list) else (str(source),)
    if not sources:
        raise ValueError("source: none named")
    if not isinstance(spec["checked"], date):
        raise TypeError(f"checked: {spec['checked']!r} is not a date")
    return sources, spec["checked"], Confidence(spec["confidence"])


def _tell(error: Exception, where: str, contents: Contents) -> None:
    """Keep what is wrong with one entry, at its place in the file."""
    if isinstance(error, AdvisorError):
        contents.faults.extend(
            Fault(where, fault.expected, fault.found, fault.nearest) for fault in error.faults
        )
    else:
        contents.fault(where, NEEDED, f"no {error}" if isinstance(error, KeyError) else str(error))


def _add(
    name: str,
    given: Mapping[str, Any],
    defaults: Mapping[str, Any],
    where: str,
    contents: Contents,
    column_unit: str = "",
) -> None:
    contents.known(given, SPEC_KEYS, where)
    spec = {**defaults, **given}
    try:
        low, central, high = _values(spec["value"], spec.get("range"))
        sources, checked, confidence = _common(spec)
        parse(spec["unit"])
        if column_unit:
            conversion(spec["unit"], column_unit)
        meaning = Meaning(spec["meaning"]) if "meaning" in spec else None
    except (AdvisorError, KeyError, TypeError, ValueError) as error:
        _tell(error, where, contents)
        return
    if not low <= central <= high:
        contents.fault(where, "low <= central <= high", f"{low}, {central}, {high}")
    if name in contents.coefficients:
        contents.fault(where, "each coefficient once", f"'{name}' again")
    contents.cited.update(sources)
    found = Coefficient(
        name, low, central, high, spec["unit"], sources, checked, confidence,
        say(str(spec.get("valid", ""))), say(str(spec.get("note", ""))), meaning,
    )  # fmt: skip
    contents.add(found, where)


def _add_series(name: str, spec: Mapping[str, Any], where: str, contents: Contents) -> None:
    contents.known(spec, SERIES_KEYS, where)
    try:
        sources, checked, confidence = _common(spec)
        values = tuple(float(value) for value in spec["values"])
        parse(spec["unit"])
        if not values or not all(isfinite(value) for value in values):
            raise ValueError("values: none, or one that is not finite")
    except (AdvisorError, KeyError, TypeError, ValueError) as error:
        _tell(error, where, contents)
        return
    if name in contents.series:
        contents.fault(where, "each series once", f"'{name}' again")
    contents.cited.update(sources)
    contents.series[name] = Series(
        name, values, spec["unit"], sources, checked, confidence, say(str(spec.get("note", "")))
    )
