"""What reading needs of an engine, and how an engine's complaint becomes a message."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import ibis

from advisor.core.errors import Fault, LogError
from advisor.core.saying import numeral, say
from advisor.usage.layouts import Layout
from advisor.usage.privacy import file_name
from advisor.usage.sampling import MAX_LINE_BYTES

Columns = dict[str, Any]  # column -> numpy array

UNREADABLE = say("line that does not fit its columns")
TOO_LONG = say("line too long to be a row")


class Engine(Protocol):
    """What reading needs of an engine."""

    name: str

    def open(self, layout: Layout, files: Sequence[str], tree: Mapping[str, Any]) -> ibis.Table:
        """Open files of one layout with the columns of ``tree`` only."""

    def kept(self, table: ibis.Table) -> ibis.Table:
        """Compute a table once, for the aggregates to share."""

    def run(self, expression: ibis.Table) -> Columns:
        """Execute, as arrays by column. Raises LogError for what the files caused."""

    def schema(self, file: str) -> ibis.Schema:
        """Columns of a Parquet file."""

    def rejected(self) -> dict[str, int]:
        """Lines that the engine itself left out, by reason."""


@contextmanager
def explained(files: Sequence[str] = ()) -> Iterator[None]:
    """Turn an engine's complaint about a file into a LogError.

    Its own words are not passed on: they may quote the log.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # engines warn about their own libraries
            yield
    except LogError:
        raise
    except Exception as error:
        words = f"{type(error).__name__} {error}".lower()
        known = (
            (expected, found) for signs, expected, found in _COMPLAINTS if any(s in words for s in signs)
        )
        expected, found = next(known, (say("a file the engine can read"), type(error).__name__))
        where = ", ".join(map(file_name, files[:3])) or say("log")
        raise LogError(say("The log cannot be read."), [Fault(where, expected, found)]) from None


_COMPLAINTS = (
    (
        ("maximum line size", "maximum_object_size", "max_line_size", "maxcharspercolumn"),
        say("lines of at most {most} MB", most=numeral(MAX_LINE_BYTES / 1e6, ".0f")),
        say("a longer one"),
    ),
    (("malformed json", "invalid json"), "JSON", say("text that is not, or that ends too early")),
    (("gzip", "gz file", "inflate", "decompress", "eofexception", "unexpected end", "zlib", "miniz"),
     say("whole gzip files"), say("one that is damaged or ends too early")),
    (("parquet", "footer", "magic bytes"), say("a Parquet file"), say("other or damaged bytes")),
    (("out of memory", "outofmemory"), say("an engine with enough memory and disk"), say("too little of it")),
    (("json",), "JSON", say("text that is not")),
    (("utf-8", "utf8", "unicode"), say("UTF-8 text"), say("other bytes")),
    (("permission",), say("a readable file"), say("no permission")),
    (("no files found", "path_not_found", "does not exist"), say("a file that exists"), say("none there")),
)  # fmt: skip
