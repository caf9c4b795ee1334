"""What a text log's first lines say of its columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.core.errors import Fault, LogError
from advisor.core.saying import say
from advisor.usage.documents import in_sample, paths_of, widened, wrapped
from advisor.usage.finding import Kind
from advisor.usage.formats import Names, Recognised, recognise
from advisor.usage.readers import FORMATS
from advisor.usage.sampling import MAX_LINE_BYTES, SAMPLE_LINES, Look

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
PREAMBLE = 12  # lines of title and remarks that exports put before their header
DELIMITERS = (",", ";", "\t", "|")
csv.field_size_limit(MAX_LINE_BYTES)  # a cell may hold a prompt as long as a row


@dataclass(frozen=True, slots=True)
class Layout:
    """Files that read alike: their kind, delimiter, header and what they were recognised as.

    ``skip`` counts the lines before the header; ``under`` is the list that holds a document's rows;
    ``commas`` end its lines.
    """

    kind: Kind
    recognised: Recognised
    header: tuple[str, ...] = ()
    delimiter: str = ","
    packed: bool = False
    multiline: bool = False
    skip: int = 0
    under: str = ""
    commas: bool = False


def layout_of_text(seen: Look, kind: Kind | None, mapping: Mapping[str, str] | None, where: str) -> Layout:
    """Recognise a text log by its first lines. Raises LogError."""
    lines = seen.lines
    start = next((line for line in lines if line.strip()), "").lstrip()
    if start.startswith(("{", "[")):
        return _layout_of_json(lines, mapping, where)
    if kind in ("json", "jsonl"):
        raise LogError(
            say("{where} is not JSON.", where=where), [Fault(where, "JSON", say("a first line that is not"))]
        )
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
    raise (
        best
        or first
        or LogError(
            say("{where} is empty.", where=where), [Fault(where, say("a log with rows"), say("none"))]
        )
    )


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
    documents, whole, commas = in_sample(lines)
    if not documents:
        raise LogError(
            say("{where} is not JSON.", where=where),
            [Fault(where, say("one JSON object a line, or one document"), say("neither"))],
        )
    kind: Kind = "json" if whole else "jsonl"
    first: LogError | None = None
    for name, rows in (("", documents), *wrapped(documents)):
        paths = paths_of(rows, _NESTS if not name else ())
        try:
            recognised = recognise(FORMATS, Names(paths), mapping, where)
        except LogError as error:
            if "none of" not in error.summary and name:
                raise
            first = first or error
            continue
        if name and recognised.format.nest:
            continue
        return Layout(kind, recognised if mapping else widened(recognised, paths), under=name, commas=commas)
    raise first or LogError(
        say("{where} is empty.", where=where), [Fault(where, say("a log with rows"), say("none"))]
    )


_NESTS = tuple({kind.nest: None for kind in FORMATS if kind.nest})
