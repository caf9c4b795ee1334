"""DuckDB as an engine: in this process, its memory bounded, no network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import numpy as np

from advisor.usage.engine import TOO_LONG, UNREADABLE, Columns, explained
from advisor.usage.layouts import MAX_DOCUMENT_BYTES, Layout
from advisor.usage.sampling import MAX_LINE_BYTES

MEMORY_LIMIT = "1GB"  # beyond it DuckDB works on disk
_REJECTS = "advisor_rejects"
# how a cell over several lines is told: only a reader that does not split files follows it
_SPLIT, _UNSPLIT = "quoted new lines", ", parallel=false)"
_PATTERN = re.compile(r"[*?\[\]{}\x00-\x1f]|^[^/]*:")


class DuckDB:
    """DuckDB in this process, its memory bounded and its overflow in ``folder``."""

    name = "duckdb"

    def __init__(self, folder: Path, ordered: bool = False) -> None:
        self.folder = folder
        self.connection = ibis.duckdb.connect(
            memory_limit=MEMORY_LIMIT, temp_directory=str(folder), preserve_insertion_order=ordered,
            autoinstall_known_extensions=False,
        )  # fmt: skip
        self.connection.raw_sql("SET enable_progress_bar = false")
        self._views = 0
        self._files: list[str] = []
        self._tables: dict[str, str] = {}  # views of CSV files that may be read in several parts at once

    def open(self, layout: Layout, files: Sequence[str], tree: Mapping[str, Any]) -> ibis.Table:
        """Open files as a view; see Engine."""
        self._files += files
        packed = f"compression={_text('gzip' if layout.packed else 'none')}"
        listed = "[" + ", ".join(_text(self._plainly(file)) for file in files) + "]"
        if layout.kind == "parquet":
            source = f"read_parquet({listed}, union_by_name=true)"
        elif layout.kind == "csv":
            header = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in layout.header)
            source = (
                f"read_csv({listed}, {packed}, auto_detect=false, columns={{{header}}}, header=true, "
                f"delim={_text(layout.delimiter)}, quote='\"', escape='\"', null_padding=true, "
                f"strict_mode=false, max_line_size={MAX_LINE_BYTES}, ignore_errors=true, "
                f"store_rejects=true, rejects_table='{_REJECTS}', rejects_scan='{_REJECTS}_scans'"
            )
            source += _UNSPLIT if layout.multiline else ")"
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
        if layout.kind == "csv" and not layout.multiline:
            self._tables[name] = source
        # identifiers and literals above are quoted by _text
        with explained(files):
            self.connection.raw_sql(f"CREATE VIEW {name} AS SELECT * FROM {source}")  # noqa: S608
            return self.connection.table(name)

    def kept(self, table: ibis.Table) -> ibis.Table:
        """Materialise, on disk where memory ends."""
        with explained(self._files):
            self._views += 1
            name = f"kept_{self._views}"
            return self._whole(lambda: self.connection.create_table(name, table, temp=True))

    def run(self, expression: ibis.Table) -> Columns:
        """Execute; see Engine."""
        with explained(self._files):
            # without Ibis's and Arrow's ways out, which load pandas
            query = self.connection.compile(expression)
            found = self._whole(lambda: self.connection.con.sql(query).fetchnumpy())
        return {name: _filled(values) for name, values in found.items()}

    def _whole(self, read: Callable[[], Any]) -> Any:
        """What is read; once more, files unsplit, where a cell goes over several lines."""
        try:
            return read()
        except Exception as error:
            if _SPLIT not in str(error) or not self._tables:
                raise
        for name, source in self._tables.items():
            unsplit = source.removesuffix(")") + _UNSPLIT
            self.connection.raw_sql(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {unsplit}")  # noqa: S608
        self._tables.clear()
        return read()

    def schema(self, file: str) -> ibis.Schema:
        """Columns of a Parquet file."""
        with explained([file]):
            found: ibis.Schema = self.connection.read_parquet(self._plainly(file)).schema()
        return found

    def _plainly(self, file: str) -> str:
        """A path that DuckDB takes literally: a link, where it would see a pattern or an address."""
        whole = str(Path(file).absolute())
        if not _PATTERN.search(whole):
            return whole
        link = self.folder / f"link_{hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()}"
        if not link.is_symlink():
            link.symlink_to(whole)
        return str(link)

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


def _filled(values: Any) -> Any:
    """An array without a mask: what is null becomes not a number, or None among other than numbers."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    whole: Any = values if values.dtype == object else values.astype(np.float64)
    return whole.filled(None if values.dtype == object else np.nan)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _doubled(name: str) -> str:
    return name.replace('"', '""')


def duck_type(kind: Any) -> str:
    """A tree of columns as a DuckDB type: mapping = struct, list = array, str = leaf."""
    if isinstance(kind, Mapping):
        inside = ", ".join(f'"{_doubled(name)}" {duck_type(inner)}' for name, inner in kind.items())
        return f"STRUCT({inside})"
    if isinstance(kind, list):
        return f"{duck_type(kind[0])}[]"
    return "BIGINT" if kind == "integer" else "VARCHAR"
