"""What a text log's first lines say of its columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.core.errors import Fault, LogError
from advisor.usage.finding import Kind
from advisor.usage.formats import Names, Path, Recognised, recognise
from advisor.usage.readers import FORMATS
from advisor.usage.sampling import MAX_LINE_BYTES, SAMPLE_LINES, Look

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 6
PREAMBLE = 12  # lines of title and remarks that exports put before their header
DELIMITERS = (",", ";", "\t", "|")
csv.field_size_limit(MAX_LINE_BYTES)  # a cell may hold a prompt as long as a row


@dataclass(frozen=True, slots=True)
class Layout:
    """Files that read alike: their kind, delimiter, header and what they were recognised as.

    ``skip`` counts the lines before the header.
    """

    kind: Kind
    recognised: Recognised
    header: tuple[str, ...] = ()
    delimiter: str = ","
    packed: bool = False
    multiline: bool = False
    skip: int = 0


def layout_of_text(seen: Look, kind: Kind | None, mapping: Mapping[str, str] | None, where: str) -> Layout:
    """Recognise a text log by its first lines. Raises LogError."""
    lines = seen.lines
    start = next((line for line in lines if line.strip()), "").lstrip()
    if start.startswith(("{", "[")):
        return _layout_of_json(lines, mapping, where)
    if kind in ("json", "jsonl"):
        raise LogError(f"{where} is not JSON.", [Fault(where, "JSON", "a first line that is not")])
    return _layout_of_csv(lines, mapping, where)


def _layout_of_csv(lines: Sequence[str], mapping: Mapping[str, str] | None, where: str) -> Layout:
    first: LogError | None = None
    best: LogError | None = None
    given = _separator(lines[0])
    for skip in range(1 if given else 0, min(len(lines), PREAMBLE)):
        if not lines[skip].strip():
            continue
        sample = lines[skip : skip + SAMPLE_LINES + 1]
        for delimiter in (given,) if given else sorted(DELIMITERS, key=lambda d: -lines[skip].count(d)):
            try:
                rows = list(csv.reader(sample, delimiter=delimiter))
            except csv.Error:
                continue
            header = _distinct(rows[0])
            names = Names(((name,) for name in header), header=True)
            try:
                recognised = recognise(FORMATS, names, mapping, where)
            except LogError as error:
                first = first or error
                if "looks like" in error.summary or "twice" in error.summary or "no profile" in error.summary:
                    best = best or error
                continue
            multiline = len(rows) < len(sample)
            return Layout("csv", recognised, header, delimiter, multiline=multiline, skip=skip)
    raise best or first or LogError(f"{where} is empty.", [Fault(where, "a log with rows", "none")])


def _separator(line: str) -> str:
    """The delimiter that Excel's own first line names; empty where there is none."""
    said = line.strip().strip('"')
    return said[4:5] if said.lower().startswith("sep=") and len(said) == 5 else ""


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Column names as given, but for blank ones and those given twice."""
    header: list[str] = []
    taken: set[str] = set()
    for position, given in enumerate(names, start=1):
        name = given.strip() or f"column {position}"
        if name.lower() in taken:
            name = f"{name} (column {position})"
        taken.add(name.lower())
        header.append(name)
    return tuple(header)


def _layout_of_json(lines: Sequence[str], mapping: Mapping[str, str] | None, where: str) -> Layout:
    documents, kind = _documents(lines), "jsonl"
    if not documents:
        documents, kind = _whole("\n".join(lines)), "json"
    if not documents:
        raise LogError(
            f"{where} is not JSON.", [Fault(where, "one JSON object a line, or one document", "neither")]
        )
    paths: dict[Path, None] = {}
    for document in documents:
        paths.update(dict.fromkeys(_paths(document)))
    recognised = recognise(FORMATS, Names(paths), mapping, where)
    return Layout("json" if kind == "json" else "jsonl", recognised)


def _documents(lines: Iterable[str]) -> list[dict[str, Any]]:
    found = []
    for line in list(lines)[:SAMPLE_LINES]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _whole(text: str) -> list[dict[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    rows = value if isinstance(value, list) else [value]
    return [row for row in rows if isinstance(row, dict)]


_NESTS = tuple({kind.nest: None for kind in FORMATS if kind.nest})


def _paths(document: Mapping[str, Any], prefix: Path = ()) -> Iterator[Path]:
    if not prefix:
        for nest in _NESTS:
            if isinstance(document.get(nest[0]), list):
                yield from _nested(document, nest)
                return
    for name, value in document.items():
        if isinstance(value, dict) and len(prefix) < MAX_DEPTH:
            yield from _paths(value, (*prefix, name))
        yield (*prefix, name)


def _nested(document: Mapping[str, Any], nest: Sequence[str]) -> Iterator[Path]:
    """Paths of what lists within lists hold, each under the name of its list."""
    rows: list[Mapping[str, Any]] = [document]
    for level in nest:
        rows = [item for row in rows for item in (row.get(level) or []) if isinstance(item, dict)]
        for row in rows:
            for name, value in row.items():
                if name == "attributes" and isinstance(value, list):
                    yield from ((level, name, str(a.get("key"))) for a in value if isinstance(a, dict))
                elif isinstance(value, dict):
                    yield from _paths(value, (level, name))
                else:
                    yield (level, name)
