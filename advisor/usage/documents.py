"""What the first JSON documents of a log say of its columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from advisor.usage.formats import Option, Path, Place, Recognised
from advisor.usage.sampling import SAMPLE_LINES

MAX_DEPTH = 6
# lists that services put their rows in, beside remarks on the page
LISTS = ("data", "records", "value", "items", "results", "rows", "logs", "entries", "events", "requests",
         "observations", "generations")  # fmt: skip
_CLOSERS = {"{": "}", "[": "]"}

Document = Mapping[str, Any]
Paths = Mapping[Path, bool]


def in_sample(lines: Sequence[str]) -> tuple[list[Document], bool, bool]:
    """The documents that a log begins with; whether they are one whole rather than one a line; and whether
    lines end in commas, as those cut out of a list do."""
    start = next((line for line in lines if line.strip()), "").lstrip()
    if start.startswith("[") and (rows := _whole("\n".join(lines))):
        return rows, True, False
    found = list(_a_line(lines))
    documents: list[Document] = [value for value, _ in found if isinstance(value, dict)]
    if documents:
        return documents, False, any(comma for _, comma in found)
    return _whole("\n".join(lines)), True, False


def _a_line(lines: Iterable[str]) -> Iterator[tuple[Any, bool]]:
    for line in list(lines)[:SAMPLE_LINES]:
        try:
            yield json.loads(uncut(line)), line.rstrip().endswith(",")
        except (ValueError, RecursionError):
            continue


def uncut(line: str) -> str:
    """A line without the comma that follows it in a list."""
    return line.rstrip().removesuffix(",")


def _whole(text: str) -> list[Document]:
    for attempt in (text, _closed(text)):
        try:
            value = json.loads(attempt)
        except (ValueError, RecursionError):
            continue
        rows = value if isinstance(value, list) else [value]
        return [row for row in rows if isinstance(row, dict)]
    return []


def _closed(text: str) -> str:
    """A document cut anywhere, ended after the last row that is whole."""
    stack: list[str] = []
    end, rest, quoted, escaped = 0, "", False, False
    for place, letter in enumerate(text):
        if quoted:
            quoted, escaped = escaped or letter != '"', letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in _CLOSERS:
            stack.append(_CLOSERS[letter])
        elif letter in "]}" and stack:
            stack.pop()
            if stack and stack[-1] == "]":  # a list's item
                end, rest = place + 1, "".join(reversed(stack))
    return text[:end] + rest


def wrapped(documents: Sequence[Document]) -> Iterator[tuple[str, list[Document]]]:
    """Rows that stand in a list of their document, by the list's name."""
    for name in LISTS:
        lists = [document[name] for document in documents if isinstance(document.get(name), list)]
        rows: list[Document] = [row for rows in lists for row in rows[:SAMPLE_LINES] if isinstance(row, dict)]
        if rows:
            yield name, rows[:SAMPLE_LINES]


def paths_of(documents: Iterable[Document], nests: Sequence[tuple[str, ...]]) -> Paths:
    """Paths to what documents hold, each with whether a value of its own was met there."""
    found: dict[Path, bool] = {}
    for document in documents:
        for path, value in _paths(document, nests):
            own = value is not None and not isinstance(value, dict)
            found[path] = found.get(path, False) or own
    return found


def _paths(
    document: Document, nests: Sequence[tuple[str, ...]] = (), prefix: Path = ()
) -> Iterator[tuple[Path, Any]]:
    lists = [nest for nest in nests if isinstance(document.get(nest[0]), list)]
    for nest in lists:
        yield from _nested(document, nest)
    if lists:
        return
    for name, value in document.items():
        if isinstance(value, dict) and len(prefix) < MAX_DEPTH:
            yield from _paths(value, (), (*prefix, name))
        yield (*prefix, name), value


def _nested(document: Document, nest: Sequence[str]) -> Iterator[tuple[Path, Any]]:
    """Paths of what lists within lists hold, each under the name of its list."""
    rows: list[Document] = [document]
    for level in nest:
        rows = [item for row in rows for item in (row.get(level) or []) if isinstance(item, dict)]
        for row in rows:
            for name, value in row.items():
                if name == "attributes" and isinstance(value, list):
                    yield from (((level, name, str(a.get("key"))), "") for a in value if isinstance(a, dict))
                elif isinstance(value, dict):
                    yield from _paths(value, (), (level, name))
                else:
                    yield (level, name), value


def widened(recognised: Recognised, paths: Paths) -> Recognised:
    """With the format's other columns too, which rows beyond the sample may hold.

    Cached tokens, an error or a conversation's name are often written only where there are some.
    """
    known = {place.path for places in recognised.columns.values() for place in places}
    # keys with dots, as those of OpenTelemetry, and the names above them
    above = next((path[:-1] for path in known if "." in path[-1]), None)
    columns = dict(recognised.columns)
    taken = {_lower(path): path for path in paths}
    for name, options in recognised.format.columns.items():
        places = list(columns.get(name, ()))
        for option in options:
            path = _place(option, above)
            if isinstance(option, str) and path not in known and _fits(path, paths, taken):
                taken |= {_lower(path[:size]): path[:size] for size in range(1, len(path) + 1)}
                places.append(Place(path))
        if places:
            columns[name] = tuple(places)
    return replace(recognised, columns=columns)


def _lower(path: Path) -> Path:
    return tuple(part.lower() for part in path)


def _place(option: Option, above: Path | None) -> Path:
    parts = tuple(str(option).split("."))
    if above is not None and len(parts) > len(above) and parts[: len(above)] == above:
        return (*above, ".".join(parts[len(above) :]))
    return parts


def _fits(path: Path, paths: Paths, taken: Mapping[Path, Path]) -> bool:
    """Whether a column can stand there: below a group that is met, with no plain value on the way, and
    no name that differs by its capitals only."""
    on_the_way = [path[:size] for size in range(1, len(path))]
    return (
        not any(paths.get(one, False) for one in on_the_way)
        and (len(path) == 1 or path[:1] in paths)
        and _lower(path) not in taken
        and all(taken.get(_lower(one), one) == one for one in on_the_way)
    )
