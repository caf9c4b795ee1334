"""What a kind of log is: the columns its fields go by and what its counts include.

Each reader in ``readers`` declares one or more formats; nothing else tells one log from another.

The canonical row that every format is read to (``rows.parsed``):

==============  ====================================================================================
time            ``second``: whole seconds from 1970 in UTC, or from the start of a relative log
model           the model that answered, as the log names it; ``deployment`` the name it was called by
call type       ``kind``: text, images, embedding, audio, image making, reranking, tool, step
input           ``input``: all tokens sent = uncached + ``read`` (from a cache) + ``written`` (to one)
output          ``output``: all tokens generated = visible + ``reasoning``
images, audio   ``images`` sent, ``audio_s`` seconds of sound
tier            the service tier that answered, such as priority or batch
status          ``failed``; ``again`` for a further attempt; ``id_key`` the same for one request sent again
trace           ``trace_key`` the same for all calls of one task
weight          ``n`` requests that a row stands for, ``width`` seconds that it spans, ``busiest`` requests
                of its busiest minute
==============  ====================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import ibis

from advisor.core.errors import Fault, LogError, nearest
from advisor.core.saying import joined, say
from advisor.usage.privacy import listed, shown

Path = tuple[str, ...]
Clock = Literal["utc", "day", "none"]

NEEDED = ("timestamp", "input", "output")
# Fields of a raw row. Of the cached and reasoning tokens a log may count some within its input or
# output and some beside it; which is which is told by the field, so mixed logs read right.
FIELDS = (
    *NEEDED,
    "cached", "cached_write",  # parts of input
    "cache_read", "cache_write", "input_more",  # beside input
    "reasoning",  # part of output
    "thoughts",  # beside output
    "model", "deployment", "provider", "call", "images", "audio_s", "tier", "status", "error", "requests",
    "cost", "end", "attempt", "request_id", "response_id", "trace", "sequence",
    "prompt", "blocks", "cache_hit", "metric", "amount", "average", "maximum", "busiest", "grain",
)  # fmt: skip
# Fields that other than numbers and names may stand in; see ``privacy``.
PRIVATE = ("prompt", "blocks", "request_id", "response_id", "trace", "error")


@dataclass(frozen=True, slots=True)
class Inside:
    """A value within a column of JSON text: the first of ``keys`` that the text holds."""

    column: str
    keys: tuple[str, ...]


Option = str | Inside
Reshape = Callable[[ibis.Table, int], ibis.Table]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of log.

    ``columns`` maps a field to the names it goes by, dots separating levels of nesting; where
    several are there, the first that a row fills counts. ``marks`` are columns of which one
    must be there, to tell the format from its likes. ``unit`` is the unit of relative
    timestamps; ``clock`` says what they tell: UTC, the hour of an unknown day, or nothing but
    order. ``nest`` names the lists within lists that hold the rows of a JSON document.
    ``told_by_data`` says that writers disagree on whether ``cached`` and ``reasoning`` are parts
    of their totals, which the counts themselves then tell. ``spans`` says that a row is a total.
    ``joins`` names the format this one only adds to; ``tier`` is the service tier of all its rows.
    """

    key: str
    title: str
    columns: Mapping[str, tuple[Option, ...]]
    source: str = ""
    needed: tuple[str, ...] = NEEDED
    marks: tuple[str, ...] = ()
    unit: Literal["auto", "s", "ms"] = "auto"
    clock: Clock = "utc"
    nest: tuple[str, ...] = ()
    told_by_data: bool = False
    spans: bool = False
    no_output_failed: bool = False
    failed_status: str = ""
    reshape: Reshape | None = None
    joins: str = ""
    refused: Fault | None = None
    tier: str = ""
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands in the log at hand: a column, and what to look for in its JSON text."""

    path: Path
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognised:
    """A format, and the columns that hold each of its fields in the log at hand."""

    format: Format
    columns: Mapping[str, tuple[Place, ...]]


def plain(name: str) -> str:
    """A column's name without case, separators and a trailing remark such as ``[UTC]``."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\s*[\[(].*$", "", name).lower())


class Names:
    """The columns of a log by their plain names, with those that stand twice."""

    def __init__(self, paths: Iterable[Path], header: bool = False) -> None:
        self.found: dict[str, Path] = {}
        self.twice: dict[str, list[Path]] = {}
        for path in paths:
            key = plain(".".join(path))
            if key in self.found and header:
                self.twice.setdefault(key, [self.found[key]]).append(path)
            self.found.setdefault(key, path)

    def names(self) -> list[str]:
        """As the log writes them."""
        return [".".join(path) for path in self.found.values()]


def recognise(
    formats: Iterable[Format], names: Names, mapping: Mapping[str, str] | None, where: str
) -> Recognised:
    """Find the format of a log by its columns.

    ``mapping`` gives fields their columns and wins over what is recognised. Raises LogError
    naming what is missing, what is not this program's to read and what stands twice.
    """
    if mapping:
        return _mapped(names, mapping, where)
    best: tuple[int, Format, Mapping[str, tuple[Place, ...]]] | None = None
    known = tuple(formats)
    for kind in known:
        columns = match(kind, names.found)
        marked = not kind.marks or any(held(names.found, mark) for mark in kind.marks)
        if marked and all(name in columns for name in kind.needed):
            if kind.refused is not None:
                fault = replace(kind.refused, where=where)
                raise LogError(
                    say("The log is {title}; no profile follows from it.", title=kind.title), [fault]
                )
            _once(columns, names, where)
            return Recognised(kind, columns)
        score = sum(name in columns for name in kind.needed)
        if marked and score and not kind.joins and (best is None or score > best[0]):
            best = (score, kind, columns)
    raise _unrecognised(known, names, best, where)


def held(found: Mapping[str, Path], name: str) -> Path | None:
    """A log's column of that name, spelling apart but for a leading ``@``."""
    path = found.get(plain(name))
    return None if path and name.startswith("@") and not path[0].startswith("@") else path


def match(kind: Format, found: Mapping[str, Path]) -> dict[str, tuple[Place, ...]]:
    """The columns of a log that a format's fields stand in."""
    columns: dict[str, tuple[Place, ...]] = {}
    for name, options in kind.columns.items():
        places = []
        for option in options:
            if isinstance(option, Inside):
                at = held(found, option.column)
                places += [Place(at, option.keys)] if at else []
            elif plain(option) in found:
                places.append(Place(found[plain(option)]))
        if places:
            columns[name] = tuple(dict.fromkeys(places))
    return columns


def _once(columns: Mapping[str, tuple[Place, ...]], names: Names, where: str) -> None:
    """Raise for a column that counts and stands twice: which one is right cannot be told."""
    used = {plain(".".join(place.path)) for places in columns.values() for place in places}
    faults = [
        Fault(
            where,
            say("the column {name} once, or --map with the one that counts", name=shown(names.found[key][0])),
            say(
                "it {count} times ({others} besides the first)",
                count=len(paths),
                others=joined(", ", (_numbered(path) for path in paths[1:])),
            ),
        )
        for key, paths in names.twice.items()
        if key in used
    ]
    if faults:
        raise LogError(say("The log has a column twice."), faults)


def _numbered(path: Path) -> str:
    found = re.search(r"\(column (\d+)\)$", path[0])
    return say("column {number}", number=found[1]) if found else say("another")


ALIASES = {"cached_tokens": "cached", "requests_count": "requests"}


def _mapped(names: Names, mapping: Mapping[str, str], where: str) -> Recognised:
    faults = []
    columns: dict[str, tuple[Place, ...]] = {}
    spelt = names.names()
    for name, column in mapping.items():
        # a column of a name that stands twice is meant by its number, as faults tell it
        exact = next((path for path in names.found.values() if ".".join(path) == column), None)
        twin = next((path for paths in names.twice.values() for path in paths if path[0] == column), None)
        if name not in FIELDS:
            known = say("one of {names}", names=", ".join(FIELDS))
            faults.append(Fault(f"--map {name}", known, name, nearest(name, FIELDS)))
        elif exact or twin:
            columns[name] = (Place(exact or twin or ()),)
        elif plain(column) in names.found:
            columns[name] = (Place(names.found[plain(column)]),)
        else:
            close = nearest(column, [known for known in spelt if shown(known) == known])
            known = say("one of {names}", names=listed(spelt))
            faults.append(Fault(f"{where}: --map {name}", known, column, close))
    faults += [
        Fault(f"--map {name}", say("a column of the log"), say("nothing"))
        for name in NEEDED
        if name not in mapping
    ]
    if faults:
        raise LogError(say("The columns given do not fit the log."), faults)
    return Recognised(replace(_OWN, columns={k: (v,) for k, v in mapping.items()}), columns)


_OWN = Format("mapped", say("columns as mapped"), {}, told_by_data=True)


def _unrecognised(
    known: Iterable[Format],
    names: Names,
    best: tuple[int, Format, Mapping[str, tuple[Place, ...]]] | None,
    where: str,
) -> LogError:
    spelt = names.names()
    expected = say("the columns of a known log, or --map timestamp=…,input=…,output=…")
    found = listed(spelt)
    if best is None or best[0] < 2:
        titles = joined(", ", dict.fromkeys(kind.title for kind in known if not kind.joins))
        return LogError(say("The log is none of: {titles}.", titles=titles), [Fault(where, expected, found)])
    _, kind, columns = best
    safe = [name for name in spelt if shown(name) == name]
    missing = [_first(kind, name) for name in kind.needed if name not in columns]
    faults = [
        Fault(where, say("the column {name}", name=name), found, nearest(name, safe)) for name in missing
    ]
    return LogError(say("The log looks like {title}, but columns are missing.", title=kind.title), faults)


def _first(kind: Format, name: str) -> str:
    spelt = [option for option in kind.columns[name] if isinstance(option, str)]
    return joined(say(" or "), spelt[:2]) if spelt else name


def merged(*columns: Mapping[str, Any]) -> dict[str, tuple[Option, ...]]:
    """Formats' columns put together, options in the order given."""
    found: dict[str, tuple[Option, ...]] = {}
    for one in columns:
        for name, options in one.items():
            found[name] = (*found.get(name, ()), *options)
    return found
