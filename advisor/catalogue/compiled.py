"""The checked catalogue kept as one file of plain data, so that a command starts fast.

The file's name is a hash of everything the catalogue is made from: the text of ``data/``, this
package's own reader, and the versions of the packages that ship data. Whatever changes, the hash
does, and the catalogue is read and checked anew. A file that cannot be read is left aside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from advisor.catalogue.loader import Series
from advisor.core.bounds import Meaning
from advisor.core.errors import AdvisorError
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.files import write_atomic

PACKAGES = ("ecologits", "azure-genai-prices", "genai-prices")
PREFIX = "catalogue-"
DATE = "$date"  # marks a date among attributes

Parts = tuple[dict[str, Coefficient], dict[str, dict[str, dict[str, Any]]], dict[str, Series],
              dict[str, Source]]  # fmt: skip


def fingerprint(folder: Path) -> str:
    """A hash of what the catalogue of ``folder`` is made from."""
    digest = hashlib.sha256()
    reader = Path(__file__).parent
    for path in [*sorted(folder.glob("*.yaml")), *sorted(reader.glob("*.py")),
                 *sorted((reader.parent / "core").glob("*.py"))]:  # fmt: skip
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for name in PACKAGES:
        digest.update(f"{name} {version(name)}".encode())
    return digest.hexdigest()[:32]


def load(cache: Path, mark: str) -> Parts | None:
    """What was kept under a fingerprint; None where nothing readable is."""
    try:
        data = json.loads((cache / f"{PREFIX}{mark}.json").read_bytes())
        return _parts(data)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(cache: Path, mark: str, parts: Parts) -> None:
    """Keep a checked catalogue, in place of earlier ones; a cache that cannot be written is no fault."""
    coefficients, tables, series, sources = parts
    data = {
        "coefficients": [_row(one) for one in coefficients.values()],
        "tables": tables,
        "series": [_row(one) for one in series.values()],
        "sources": [_row(one) for one in sources.values()],
    }
    try:
        write_atomic(cache / f"{PREFIX}{mark}.json", json.dumps(data, default=_plain))
        for path in cache.glob(f"{PREFIX}*.json"):
            if path.name != f"{PREFIX}{mark}.json":
                path.unlink(missing_ok=True)
    except (OSError, AdvisorError):
        return


def _row(thing: Any) -> list[Any]:
    return [getattr(thing, part.name) for part in fields(thing)]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return {DATE: value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} is no plain data")


def _parts(data: dict[str, Any]) -> Parts:
    def on(value: dict[str, str]) -> date:
        return date.fromisoformat(value[DATE])

    coefficients = {
        name: Coefficient(
            name, low, central, high, unit, tuple(sources), on(checked), Confidence(confidence),
            valid, note, Meaning(meaning) if meaning else None,
        )
        for name, low, central, high, unit, sources, checked, confidence, valid, note, meaning
        in data["coefficients"]
    }  # fmt: skip
    series = {
        name: Series(name, tuple(values), unit, tuple(sources), on(checked), Confidence(confidence), *rest)
        for name, values, unit, sources, checked, confidence, *rest in data["series"]
    }
    tables = {
        table: {key: {name: _value(one) for name, one in row.items()} for key, row in rows.items()}
        for table, rows in data["tables"].items()
    }
    return coefficients, tables, series, {key: Source(key, *rest) for key, *rest in data["sources"]}


def _value(one: Any) -> Any:
    if isinstance(one, dict):
        return date.fromisoformat(one[DATE]) if DATE in one else {k: _value(part) for k, part in one.items()}
    return [_value(part) for part in one] if isinstance(one, list) else one
