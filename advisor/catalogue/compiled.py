"""The checked catalogue kept as one file of plain data, so that a command starts fast.

The file's name is a hash of everything the catalogue is made from: the text of ``data/``, this
package's own reader, and the versions of the packages that ship data. Whatever changes, the hash
does, and the catalogue is read and checked anew. A file that cannot be read is left aside.

A command needs few of the thousands of figures: what many state alike is kept once, and each is
made when it is asked for.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from advisor.catalogue.loader import Series
from advisor.core.bounds import Meaning
from advisor.core.errors import AdvisorError
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.files import write_atomic
from advisor.core.saying import Said, Text, say

PACKAGES = ("ecologits", "azure-genai-prices", "genai-prices")
PREFIX = "catalogue-"
FEW = 4  # as many are kept: more than one where several versions are installed
DATE = "$date"  # marks a date among attributes
SAID = "$said"  # and a text that has values

Parts = tuple[Mapping[str, Coefficient], dict[str, dict[str, dict[str, Any]]], dict[str, Series],
              dict[str, Source]]  # fmt: skip


class Kept(Mapping[str, Coefficient]):
    """Coefficients by name, each made when it is first asked for.

    ``rows``: low, central, high, and the place in ``stated`` of the rest, from the unit on.
    """

    __slots__ = ("_made", "_rows", "_stated")

    def __init__(self, rows: dict[str, list[Any]], stated: list[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._stated = stated
        self._made: dict[str, Coefficient] = {}
        if not all(len(row) == 4 and 0 <= row[3] < len(stated) for row in rows.values()):
            raise ValueError("not as it was kept")

    def __getitem__(self, name: str) -> Coefficient:
        found = self._made.get(name)
        if found is None:
            low, central, high, rest = self._rows[name]
            found = self._made[name] = Coefficient(name, low, central, high, *self._stated[rest])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def fingerprint(folder: Path) -> str:
    """A hash of what the catalogue of ``folder`` is made from."""
    digest = hashlib.sha256()
    reader = Path(__file__).parent
    for path in [*sorted(folder.glob("*.yaml")), *sorted(reader.glob("*.py")),
                 *sorted((reader.parent / "core").glob("*.py"))]:  # fmt: skip
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    installed = [path.name for folder in sys.path for path in sorted(Path(folder).glob("*.dist-info"))]
    for name in PACKAGES:
        digest.update(_release(name, installed).encode())
    return digest.hexdigest()[:32]


def _release(package: str, installed: list[str]) -> str:
    """What is installed of a package: its name and version, as the folder of its metadata is called.

    ``importlib.metadata`` takes as long to import as the catalogue to read, so it is asked only where
    there is no such folder.
    """
    stem = f"{package.replace('-', '_')}-"
    found = next((name for name in installed if name.startswith(stem)), None)
    if found:
        return found
    from importlib.metadata import version

    return f"{package} {version(package)}"


def load(cache: Path, mark: str) -> Parts | None:
    """What was kept under a fingerprint; None where nothing readable is."""
    try:
        data = json.loads((cache / f"{PREFIX}{mark}.json").read_bytes())
        return _parts(data)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep(cache: Path, mark: str, parts: Parts) -> None:
    """Keep a checked catalogue, in place of the oldest; a cache that cannot be written is no fault."""
    coefficients, tables, series, sources = parts
    stated: dict[tuple[Any, ...], int] = {}
    rows = {}
    for name, one in coefficients.items():
        _, low, central, high, *rest = _row(one)
        rows[name] = [low, central, high, stated.setdefault(tuple(rest), len(stated))]
    data = {
        "coefficients": rows,
        "stated": [[_said(one) for one in rest] for rest in stated],
        "tables": tables,
        "prose": {table: sorted(_prose(rows)) for table, rows in tables.items()},
        "series": [_row(one) for one in series.values()],
        "sources": [_row(one) for one in sources.values()],
        "described": [_texts(one) for one in sources.values()],
    }
    try:
        write_atomic(cache / f"{PREFIX}{mark}.json", json.dumps(data, default=_plain))
        known = sorted(cache.glob(f"{PREFIX}*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in known[FEW:]:
            path.unlink(missing_ok=True)
    except (OSError, AdvisorError):
        return


def _prose(rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The columns of a table that hold texts for people."""
    return {column for row in rows.values() for column, value in row.items() if isinstance(value, Text)}


def _texts(source: Source) -> list[int]:
    """The places of what a source says for people; the title of a document is no such text."""
    return [place for place, one in enumerate(_row(source)) if isinstance(one, Text)]


def _said(one: Any) -> Any:
    """A text with values as what it was made of; anything else as it is."""
    if not (isinstance(one, Said) and one.values):
        return one
    return {SAID: one.template, **{name: _said(value) for name, value in one.values.items()}}


def _say(kept: Any) -> str:
    if not isinstance(kept, dict):
        return say(kept)
    values = {name: _say(one) if isinstance(one, dict) else one for name, one in kept.items() if name != SAID}
    return say(kept[SAID], **values)


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

    stated = [
        (unit, tuple(sources), on(checked), Confidence(confidence), _say(valid), _say(note),
         Meaning(meaning) if meaning else None)
        for unit, sources, checked, confidence, valid, note, meaning in data["stated"]
    ]  # fmt: skip
    series = {
        name: Series(
            name, tuple(values), unit, tuple(sources), on(checked), Confidence(confidence), say(note)
        )
        for name, values, unit, sources, checked, confidence, note in data["series"]
    }
    tables = {
        table: {
            key: {
                name: say(one) if one and name in data["prose"][table] else _value(one)
                for name, one in row.items()
            }
            for key, row in rows.items()
        }
        for table, rows in data["tables"].items()
    }
    sources = {
        row[0]: Source(*(say(one) if place in told else one for place, one in enumerate(row)))
        for row, told in zip(data["sources"], data["described"], strict=True)
    }
    return Kept(data["coefficients"], stated), tables, series, sources


def _value(one: Any) -> Any:
    if isinstance(one, dict):
        return date.fromisoformat(one[DATE]) if DATE in one else {k: _value(part) for k, part in one.items()}
    return [_value(part) for part in one] if isinstance(one, list) else one
