"""Finding log files and looking at their first lines, before any engine reads them."""

from __future__ import annotations

import csv
import glob
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from advisor.core.errors import Fault, LogError
from advisor.usage import formats
from advisor.usage.formats import Recognised, recognise

Kind = Literal["csv", "jsonl", "json", "parquet"]

# Technical bounds: a longer line is no log row, and a sample this long names the columns.
MAX_LINE_BYTES = 16 * 1024 * 1024
SAMPLE_LINES = 100
SAMPLE_BYTES = 4 * 1024 * 1024
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 6
_BLOCK = 64 * 1024

_SUFFIXES: dict[str, Kind] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "json", ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Layout:
    """Files that read alike: their kind, delimiter, header and what they were recognised as."""

    kind: Kind
    recognised: Recognised
    header: tuple[str, ...] = ()
    delimiter: str = ","
    packed: bool = False
    multiline: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """One file and how it reads."""

    path: str
    layout: Layout


def is_remote(path: str) -> bool:
    """Whether a path lives in a store that only the engine reaches."""
    return "://" in path or path.startswith("dbfs:")


def find(paths: Sequence[str]) -> list[str]:
    """Files behind paths, globs and folders, sorted. Raises LogError naming every miss."""
    found: list[str] = []
    faults: list[Fault] = []
    for given in paths:
        if is_remote(given):
            found.append(given)
            continue
        place = Path(given).expanduser()
        if place.is_dir():
            inside = [str(p) for p in place.rglob("*") if p.is_file() and kind_of(p.name) is not None]
            if not inside:
                faults.append(Fault(given, "a folder with CSV, JSON lines or Parquet files", "none in it"))
            found += inside
        elif place.is_file():
            found.append(str(place))
        else:
            matched = [p for p in glob.glob(str(place), recursive=True) if Path(p).is_file()]  # noqa: PTH207
            if not matched:
                faults.append(
                    Fault(given, "a file, a folder or a pattern that matches files", "no such file")
                )
            found += matched
    if not paths:
        faults.append(Fault("log", "at least one file", "none given"))
    if faults:
        raise LogError("There is no log to read.", faults)
    return sorted(dict.fromkeys(found))


def kind_of(name: str) -> Kind | None:
    """The kind of file a name promises, compression aside; None when it promises nothing."""
    suffixes = [s.lower() for s in Path(name).suffixes]
    if suffixes and suffixes[-1] in (".gz", ".gzip"):
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def is_packed(path: str) -> bool:
    """Whether a local file is gzipped, whatever its name says."""
    try:
        with Path(path).open("rb") as raw:
            return raw.read(2) == b"\x1f\x8b"
    except OSError:
        return False


def first_lines(path: str) -> list[str]:
    """The first lines of a text file, gzipped or not. Raises LogError when there are none."""
    place = Path(path)
    try:
        with gzip.open(place) if is_packed(path) else place.open("rb") as stream:
            data = _read_ahead(stream, place.name)
    except OSError as error:
        raise LogError(
            f"{place.name} cannot be read.",
            [Fault(place.name, "a readable file", error.strerror or "a damaged gzip file")],
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # a character may be cut at the end of the sample; anything earlier is another encoding
        if error.start < len(data) - 4:
            raise LogError(
                f"{place.name} is not text.", [Fault(place.name, "UTF-8 text or Parquet", "other bytes")]
            ) from error
        text = data[: error.start].decode("utf-8-sig")
    if not text.strip():
        raise LogError(f"{place.name} is empty.", [Fault(place.name, "a log with rows", "an empty file")])
    lines = text.splitlines()
    if len(data) >= SAMPLE_BYTES and len(lines) > 1:
        lines.pop()  # cut by the sample's end
    return lines


def _read_ahead(stream: IO[bytes] | gzip.GzipFile, name: str) -> bytes:
    data = b""
    try:
        while len(data) < MAX_LINE_BYTES:
            part = stream.read(SAMPLE_BYTES)
            data += part
            if not part or b"\n" in data:
                return data
    except (EOFError, zlib.error) as error:
        if b"\n" in data:
            return data
        raise LogError(
            f"{name} is damaged.", [Fault(name, "a whole gzip file", "one that ends too early")]
        ) from error
    raise LogError(
        f"{name} has a line too long to be a log row.",
        [Fault(name, f"lines of at most {MAX_LINE_BYTES / 1e6:.0f} MB", "a longer one")],
    )


def long_lines(path: str) -> int:
    """Lines of a plain text file beyond ``MAX_LINE_BYTES``, told from a page in each such stretch.

    Engines skip the longest of them without a word.
    """
    found, start, size = 0, 0, Path(path).stat().st_size
    if size <= MAX_LINE_BYTES:
        return 0
    with Path(path).open("rb") as stream:
        while size - start > MAX_LINE_BYTES:
            end = start + MAX_LINE_BYTES
            last = _newline(stream, range(end - _BLOCK, start - _BLOCK, -_BLOCK), bytes.rfind)
            if last < start:
                found += 1
                last = _newline(stream, range(end, size, _BLOCK), bytes.find)
                if last < 0:
                    break
            start = last + 1
    return found


def _newline(stream: IO[bytes], places: range, search: Callable[[bytes, bytes], int]) -> int:
    """Where the first newline met in blocks at ``places`` stands; -1 for none."""
    for place in places:
        stream.seek(max(place, 0))
        at = search(stream.read(_BLOCK), b"\n")
        if at >= 0:
            return max(place, 0) + at
    return -1


def layout_of_text(
    lines: Sequence[str], kind: Kind | None, mapping: Mapping[str, str] | None, where: str
) -> Layout:
    """Recognise a text log by its first lines. Raises LogError."""
    start = next((line for line in lines if line.strip()), "").lstrip()
    if start.startswith(("{", "[")):
        return _layout_of_json(lines, mapping, where)
    if kind in ("json", "jsonl"):
        raise LogError(f"{where} is not JSON.", [Fault(where, "JSON", "a first line that is not")])
    return _layout_of_csv(lines, mapping, where)


def _layout_of_csv(lines: Sequence[str], mapping: Mapping[str, str] | None, where: str) -> Layout:
    problem = LogError(f"{where} is empty.")
    for delimiter in sorted(DELIMITERS, key=lambda d: -lines[0].count(d)):
        rows = list(csv.reader(lines[: SAMPLE_LINES + 1], delimiter=delimiter))
        header = _distinct(rows[0])
        try:
            recognised = recognise([(name,) for name in header], mapping, where)
        except LogError as error:
            problem = problem if problem.faults else error
            continue
        return Layout(
            "csv", recognised, header, delimiter, multiline=len(rows) < len(lines[: SAMPLE_LINES + 1])
        )  # fmt: skip
    raise problem


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
    paths: dict[tuple[str, ...], None] = {}
    for document in documents:
        paths.update(dict.fromkeys(_paths(document)))
    recognised = recognise(paths, mapping, where)
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


def _paths(document: Mapping[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for nest in {kind.nest for kind in formats.FORMATS if kind.nest}:
        if not prefix and isinstance(document.get(nest[0]), list):
            yield from _nested(document, nest)
            return
    for name, value in document.items():
        if isinstance(value, dict) and len(prefix) < MAX_DEPTH:
            yield from _paths(value, (*prefix, name))
        yield (*prefix, name)


def _nested(document: Mapping[str, Any], nest: Sequence[str]) -> Iterator[tuple[str, ...]]:
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
