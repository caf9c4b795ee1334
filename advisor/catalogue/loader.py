"""Reads the YAML files of ``data/`` into coefficients, attributes and series.

Three forms of file, told apart by their top-level keys:

``coefficients``
    name -> {value, unit, source, checked, confidence, valid, note}
``table`` with ``columns``, ``attributes`` and ``rows``
    a column of coefficients states unit and source once; a row gives values
``series``
    name -> {values, unit, source, checked, confidence, note}

``value`` is one number (exact, or spread by ``range``), or ``[low, central, high]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError, DataError, Fault, nearest
from advisor.evidence import Coefficient, Confidence, Source
from advisor.files import read_yaml
from advisor.units import parse

SPEC_KEYS = {"value", "unit", "source", "checked", "confidence", "valid", "note", "range"}
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "flag": (bool,),
    "date": (date,),
    "list": (list,),
    "number": (int, float),
    "any": (object,),
}


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


@dataclass(slots=True)
class Contents:
    """Everything read from the data files, and everything found wrong."""

    coefficients: dict[str, Coefficient] = field(default_factory=dict)
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    cited: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


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
        contents.faults.append(
            Fault("sources.yaml", f"a source '{name}'", "none", nearest(name, contents.sources))
        )
    for name in sorted(set(contents.sources) - contents.cited):
        contents.faults.append(Fault(f"sources.yaml: {name}", "a source some figure cites", "no use"))
    if contents.faults:
        raise DataError(f"The data in {folder.name}/ has faults.", contents.faults)
    return contents


def _read_document(file: str, document: dict[str, Any], contents: Contents) -> None:
    if "sources" in document:
        for key, spec in document["sources"].items():
            try:
                contents.sources[key] = Source(key=key, **spec)
            except TypeError as error:
                contents.faults.append(Fault(f"{file}: {key}", "title, publisher, url, year", str(error)))
    contents.cited.update(document.get("cites", []))
    for name, spec in (document.get("coefficients") or {}).items():
        _add(name, spec, document.get("defaults", {}), f"{file}: {name}", contents)
    for name, spec in (document.get("series") or {}).items():
        _add_series(name, {**document.get("defaults", {}), **spec}, f"{file}: {name}", contents)
    if "table" in document:
        _read_table(file, document, contents)


def _read_table(file: str, document: dict[str, Any], contents: Contents) -> None:
    columns: dict[str, dict[str, Any]] = document.get("columns") or {}
    attributes: dict[str, str] = document.get("attributes") or {}
    table = contents.tables.setdefault(document["table"], {})
    for key, row in (document.get("rows") or {}).items():
        where = f"{file}: {key}"
        kept = table.setdefault(str(key), {})
        for column, value in row.items():
            if column in attributes:
                kept[column] = value
                if value is not None and not isinstance(value, TYPES.get(attributes[column], (object,))):
                    contents.faults.append(Fault(f"{where}.{column}", attributes[column], repr(value)))
            elif column in columns:
                if value is None:
                    continue
                spec = value if isinstance(value, dict) else {"value": value}
                defaults = {**document.get("defaults", {}), **columns[column]}
                _add(f"{document['table']}.{key}.{column}", spec, defaults, f"{where}.{column}", contents)
            else:
                known = [*columns, *attributes]
                contents.faults.append(Fault(where, "a known column", repr(column), nearest(column, known)))


def _values(value: Any, spread: Any) -> tuple[float, float, float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = spread or (1.0, 1.0)
        return value * low, float(value), value * high
    low, central, high = (float(part) for part in value)
    return low, central, high


def _common(spec: Mapping[str, Any]) -> tuple[tuple[str, ...], date, Confidence]:
    source = spec["source"]
    sources = tuple(source) if isinstance(source, list) else (str(source),)
    if not isinstance(spec["checked"], date):
        raise ValueError(f"checked: {spec['checked']!r} is not a date")
    return sources, spec["checked"], Confidence(spec["confidence"])


def _add(
    name: str, given: Mapping[str, Any], defaults: Mapping[str, Any], where: str, contents: Contents
) -> None:
    spec = {**defaults, **given}
    for key in set(spec) - SPEC_KEYS:
        contents.faults.append(Fault(where, "a known key", repr(key), nearest(key, SPEC_KEYS)))
    try:
        low, central, high = _values(spec["value"], spec.get("range"))
        sources, checked, confidence = _common(spec)
        parse(spec["unit"])
    except (KeyError, TypeError, ValueError) as error:
        missing = f"no {error}" if isinstance(error, KeyError) else str(error)
        contents.faults.append(Fault(where, "value, unit, source, checked and confidence", missing))
        return
    if not low <= central <= high:
        contents.faults.append(Fault(where, "low <= central <= high", f"{low}, {central}, {high}"))
    if name in contents.coefficients:
        contents.faults.append(Fault(where, "each coefficient once", f"'{name}' again"))
    contents.cited.update(sources)
    contents.coefficients[name] = Coefficient(
        name, low, central, high, spec["unit"], sources, checked, confidence,
        str(spec.get("valid", "")), str(spec.get("note", "")),
    )  # fmt: skip


def _add_series(name: str, spec: Mapping[str, Any], where: str, contents: Contents) -> None:
    try:
        sources, checked, confidence = _common(spec)
        values = tuple(float(value) for value in spec["values"])
        parse(spec["unit"])
    except (KeyError, TypeError, ValueError) as error:
        contents.faults.append(Fault(where, "values, unit, source, checked and confidence", str(error)))
        return
    contents.cited.update(sources)
    contents.series[name] = Series(
        name, values, spec["unit"], sources, checked, confidence, str(spec.get("note", ""))
    )
