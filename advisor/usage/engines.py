"""The two engines a log is read with: DuckDB on one machine, Spark on many.

An engine only opens files as an Ibis table and runs expressions; everything computed from
the table is written once, in ``rows`` and ``aggregate``.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import ibis
import ibis.expr.datatypes as dt

from advisor.core.errors import Fault, LogError
from advisor.usage.logs import MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, Layout

Columns = dict[str, Any]  # column -> numpy array

MEMORY_LIMIT = "1GB"  # beyond it DuckDB works on disk
UNREADABLE = "line that does not fit its columns"
TOO_LONG = "line too long to be a row"
_REJECTS = "advisor_rejects"


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

    def head(self, file: str) -> list[str]:
        """First lines of a text file that only the engine reaches."""

    def rejected(self) -> dict[str, int]:
        """Lines that the engine itself left out, by reason."""


@contextmanager
def engine_for(name: str, connect: str | None = None) -> Iterator[Engine]:
    """Start an engine and end it. Raises LogError for an unknown or absent one."""
    if name == "duckdb":
        if connect:
            raise LogError(
                "DuckDB runs inside this program.", [Fault("--connect", "nothing with duckdb", connect)]
            )
        with tempfile.TemporaryDirectory(prefix="advisor-usage-") as folder:
            engine = DuckDB(folder)
            try:
                yield engine
            finally:
                engine.connection.disconnect()
    elif name == "spark":
        from advisor.usage.spark import spark_engine

        with spark_engine(connect) as spark:
            yield spark
    else:
        raise LogError("There is no such engine.", [Fault("--engine", "duckdb or spark", repr(name))])


class DuckDB:
    """DuckDB in this process, its memory bounded and its overflow in ``folder``."""

    name = "duckdb"

    def __init__(self, folder: str) -> None:
        self.connection = ibis.duckdb.connect(
            memory_limit=MEMORY_LIMIT, temp_directory=folder, preserve_insertion_order=False
        )
        self.connection.raw_sql("SET enable_progress_bar = false")
        self._views = 0
        self._files: list[str] = []

    def open(self, layout: Layout, files: Sequence[str], tree: Mapping[str, Any]) -> ibis.Table:
        """Open files as a view; see Engine."""
        self._files += files
        packed = f"compression={_text('gzip' if layout.packed else 'none')}"
        listed = "[" + ", ".join(_text(file) for file in files) + "]"
        if layout.kind == "parquet":
            source = f"read_parquet({listed}, union_by_name=true)"
        elif layout.kind == "csv":
            header = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in layout.header)
            source = (
                f"read_csv({listed}, {packed}, auto_detect=false, columns={{{header}}}, header=true, "
                f"delim={_text(layout.delimiter)}, quote='\"', escape='\"', null_padding=true, "
                f"strict_mode=false, max_line_size={MAX_LINE_BYTES}, ignore_errors=true, "
                f"store_rejects=true, rejects_table='{_REJECTS}', rejects_scan='{_REJECTS}_scans')"
            )
        else:
            columns = ", ".join(f"{_text(name)}: {_text(duck_type(kind))}" for name, kind in tree.items())
            lines = layout.kind == "jsonl"
            source = (
                f"read_json({listed}, {packed}, columns={{{columns}}}, "
                f"format='{'newline_delimited' if lines else 'auto'}', "
                f"ignore_errors={'true' if lines else 'false'}, "
                f"maximum_object_size={MAX_LINE_BYTES if lines else MAX_DOCUMENT_BYTES})"
            )
        self._views += 1
        name = f"log_{self._views}"
        # identifiers and literals above are quoted by _text
        with explained(files):
            self.connection.raw_sql(f"CREATE VIEW {name} AS SELECT * FROM {source}")  # noqa: S608
            return self.connection.table(name)

    def kept(self, table: ibis.Table) -> ibis.Table:
        """Materialise, on disk where memory ends."""
        with explained(self._files):
            self._views += 1
            return self.connection.create_table(f"kept_{self._views}", table, temp=True)

    def run(self, expression: ibis.Table) -> Columns:
        """Execute; see Engine."""
        with explained(self._files):
            found = self.connection.to_pyarrow(expression)
        return {name: found[name].to_numpy() for name in found.column_names}

    def schema(self, file: str) -> ibis.Schema:
        """Columns of a Parquet file."""
        with explained([file]):
            found: ibis.Schema = self.connection.read_parquet(file).schema()
        return found

    def head(self, file: str) -> list[str]:
        """DuckDB reads local files, which are looked at directly."""
        raise LogError("The path is not local.", [Fault(file, "a local file with duckdb", "a remote path")])

    def rejected(self) -> dict[str, int]:
        """Lines that could not be split into columns, by reason."""
        made = self.connection.raw_sql(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{_REJECTS}'")  # noqa: S608
        if not made.fetchall():
            return {}
        lines = self.connection.raw_sql(
            "SELECT error_type::VARCHAR LIKE 'LINE SIZE%' AS long, count(DISTINCT (file_id, line)) "  # noqa: S608
            f"FROM {_REJECTS} GROUP BY long ORDER BY long"
        )
        return {TOO_LONG if long else UNREADABLE: int(count) for long, count in lines.fetchall()}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def duck_type(kind: Any) -> str:
    """A tree of columns as a DuckDB type: mapping = struct, list = array, str = leaf."""
    if isinstance(kind, Mapping):
        inside = ", ".join(f'"{name}" {duck_type(inner)}' for name, inner in kind.items())
        return f"STRUCT({inside})"
    if isinstance(kind, list):
        return f"{duck_type(kind[0])}[]"
    return "BIGINT" if kind == "integer" else "VARCHAR"


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
        expected, found = next(known, ("a file the engine can read", type(error).__name__))
        where = ", ".join(files[:3]) or "log"
        raise LogError("The log cannot be read.", [Fault(where, expected, found)]) from None


_COMPLAINTS = (
    (
        ("maximum line size", "maximum_object_size", "max_line_size", "maxcharspercolumn"),
        f"lines of at most {MAX_LINE_BYTES / 1e6:.0f} MB",
        "a longer one",
    ),
    (("gzip", "gz file", "inflate", "decompress", "eofexception", "unexpected end", "zlib", "miniz"),
     "whole gzip files", "one that is damaged or ends too early"),
    (("parquet", "footer", "magic bytes"), "a Parquet file", "other or damaged bytes"),
    (("out of memory", "outofmemory"), "an engine with enough memory and disk", "too little of it"),
    (("malformed json", "invalid json", "json"), "JSON", "text that is not"),
    (("utf-8", "utf8", "unicode"), "UTF-8 text", "other bytes"),
    (("permission",), "a readable file", "no permission"),
    (("no files found", "path_not_found", "does not exist"), "a file that exists", "none there"),
)  # fmt: skip


def is_text(kind: dt.DataType) -> bool:
    """Whether a column must be parsed before it is used."""
    return bool(kind.is_string() or kind.is_json())
