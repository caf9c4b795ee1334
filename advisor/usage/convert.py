"""Text that engines do not read as it stands: rewritten with its countable columns only.

UTF-16 and other encodings, bzip2, xz, zip, lines before the header, lone carriage returns. What is
written holds times, counts and model names; identifiers as digests; no prompt and no message.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from advisor.core.encodings import DAMAGED
from advisor.core.errors import Fault, LogError
from advisor.core.saying import say
from advisor.usage.documents import uncut
from advisor.usage.formats import PRIVATE, Place, Recognised
from advisor.usage.layouts import MAX_DOCUMENT_BYTES, Layout
from advisor.usage.names import OTHER, model_name
from advisor.usage.privacy import file_name
from advisor.usage.rows import FAILURES
from advisor.usage.sampling import MAX_LINE_BYTES, Look, unpacked

_KEYS = ("request_id", "response_id", "trace")
_LONGEST_CELL = 200  # characters that a time, a count or a model's name may have
_SAID = ("provider", "call", "tier", "status", "cache_hit", "metric", "grain")
_WORD, _PATH = re.compile(r"^[\w-]{1,40}$"), re.compile(r"^(?:[A-Z]{3,7} )?[\w./:-]{1,80}$")
_SECRET = re.compile(r"\bsk-|[A-Za-z0-9]{24,}")
_NUMBER_OR_TIME = re.compile("^[-+\\d\\s.,:/'\u2019]*(?:[TZeEAPap][-+\\d.:]*[Mm]?|UTC|GMT)?[-+\\d\\s.:]*Z?$")


def converted(path: str, seen: Look, layout: Layout, target: Path) -> Layout:
    """Write the columns of ``path`` that count to ``target`` and say how that reads. Raises LogError."""
    recognised = layout.recognised
    fields = {
        name: places
        for name, places in recognised.columns.items()
        if name not in PRIVATE or name in (*_KEYS, "error")
    }
    try:
        with unpacked(path, seen.packing) as raw, target.open("w", encoding="utf-8", newline="") as out:
            text = io.TextIOWrapper(raw, encoding=seen.encoding, errors="replace", newline="")
            writer = csv.writer(out)
            writer.writerow(fields)
            for cells in _rows(text, layout, fields):
                if any(cells.values()) or layout.kind != "csv":
                    writer.writerow([_kept(name, cell) for name, cell in cells.items()])
    except (ValueError, RecursionError) as error:
        name = file_name(path)
        fault = Fault(name, "JSON", say("text that is not, or that ends too early"))
        raise LogError(say("The log cannot be read."), [fault]) from error
    except (*DAMAGED, OSError, csv.Error) as error:
        name = file_name(path)
        raise LogError(
            say("{name} is damaged.", name=name),
            [Fault(name, say("a whole file"), say("one that ends too early"))],
        ) from error
    kept = Recognised(replace(recognised.format, nest=()), {name: (Place((name,)),) for name in fields})
    return replace(
        layout, kind="csv", recognised=kept, header=tuple(fields), delimiter=",", packed=False,
        multiline=False, skip=0, under="", commas=False,
    )  # fmt: skip


def _kept(name: str, cell: str) -> str:
    """What of a cell is written down: a digest, a model's name, a plain word, a time or a count."""
    cell = re.sub(r"[\r\n]+", " ", cell).strip()[:_LONGEST_CELL]
    if not cell:
        return ""
    if name in _KEYS:
        return hashlib.md5(cell.encode(), usedforsecurity=False).hexdigest()
    if name == "error":
        return "error"
    if name in ("model", "deployment"):
        return OTHER if model_name(cell) == OTHER else cell
    return _word(name, cell) if name in _SAID else cell if _NUMBER_OR_TIME.match(cell) else "unreadable"


def _word(name: str, cell: str) -> str:
    if name == "metric":
        cell = re.sub(r"\W", "", cell)
    elif name in ("call", "provider"):
        cell = cell.split("?")[0]
    if (_PATH if name in ("call", "provider") else _WORD).match(cell) and not _SECRET.search(cell):
        return cell
    return "error" if re.search(FAILURES, cell.lower()) else OTHER


Fields = Mapping[str, tuple[Place, ...]]


def _rows(text: io.TextIOWrapper, layout: Layout, fields: Fields) -> Iterator[dict[str, str]]:
    if layout.kind == "csv":
        lines = _lines(text)
        for _ in range(layout.skip):
            next(lines, None)
        rows = csv.reader(lines, delimiter=layout.delimiter)
        next(rows, None)
        at = {name: index for index, name in enumerate(layout.header)}
        for row in rows:
            yield {
                name: _first(_cell(row, at[place.path[0]], place.keys) for place in places)
                for name, places in fields.items()
            }
        return
    if layout.kind == "json":
        whole = json.loads(text.read(MAX_DOCUMENT_BYTES).removeprefix("\ufeff"))
        documents: Iterator[Any] = iter(whole if isinstance(whole, list) else [whole])
    else:
        documents = _documents(text)
    if layout.under:
        documents = (row for document in documents if isinstance(document, dict)
                     for row in document.get(layout.under) or ())  # fmt: skip
    nest = layout.recognised.format.nest
    for whole in documents:
        for document in _nested(whole, nest) if nest and isinstance(whole, dict) else (whole,):
            held = document if isinstance(document, dict) else {}
            yield {name: _first(_value(held, place) for place in places) for name, places in fields.items()}


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines with any of the three ends, none longer than a row may be."""
    first = True
    rest = ""
    while part := text.read(MAX_LINE_BYTES // 16):
        rest += part.removeprefix("\ufeff") if first else part
        first = False
        *whole, rest = re.split(r"\r\n|\n|\r(?!$)", rest)
        yield from (f"{line}\n" for line in whole)
        if len(rest) > MAX_LINE_BYTES:
            rest = ""
    if rest:
        yield rest


def _documents(text: io.TextIOWrapper) -> Iterator[Any]:
    for line in _lines(text):
        if not line.strip():
            continue
        try:
            yield json.loads(uncut(line))
        except (ValueError, RecursionError):
            yield {}


def _first(cells: Iterator[str]) -> str:
    return next((cell for cell in cells if cell), "")


def _cell(row: list[str], index: int, keys: tuple[str, ...]) -> str:
    cell = row[index].strip() if index < len(row) else ""
    return _found(cell, keys) if keys else cell


def _found(cell: str, keys: tuple[str, ...]) -> str:
    names = "|".join(map(re.escape, keys))
    found = re.search(rf'"(?:{names})"\s*:\s*"?([^",\\{{}}\[\]]+)', cell)
    return found[1].replace("null", "") if found else ""


def _nested(document: Mapping[str, Any], nest: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What lists within lists hold, each row with what stands above it, by the names of the lists."""
    rows: list[dict[str, Any]] = [{nest[0]: item} for item in document.get(nest[0]) or ()]
    for outer, inner in pairwise(nest):
        rows = [
            {**row, inner: item}
            for row in rows if isinstance(row[outer], dict)
            for item in row[outer].get(inner) or ()
        ]  # fmt: skip
    yield from rows


def _value(document: Mapping[str, Any], place: Place) -> str:
    value: Any = document
    for part in place.path:
        if isinstance(value, list):  # attributes as OTLP writes them
            chosen = next((one for one in value if isinstance(one, dict) and one.get("key") == part), {})
            value = next(iter((chosen.get("value") or {}).values()), None)
            continue
        value = value.get(part) if isinstance(value, dict) else None
    if place.keys and value is not None:
        return _found(value if isinstance(value, str) else json.dumps(value), place.keys)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
