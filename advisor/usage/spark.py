"""Spark as an engine: local, a cluster's own session, or Spark Connect (sc://host:port)."""

from __future__ import annotations

import contextlib
import logging
import socket
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import ibis

from advisor.core.errors import Fault, LogError
from advisor.core.saying import say
from advisor.usage.engine import Columns, explained
from advisor.usage.layouts import Layout
from advisor.usage.privacy import file_name
from advisor.usage.sampling import MAX_LINE_BYTES

_LOCAL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
}
_PORT, _ANSWERS_WITHIN_S = 15002, 10.0


@contextmanager
def spark_engine(connect: str | None) -> Iterator[Spark]:
    """Use a running session, a remote one, or start a local one and stop it again."""
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise LogError(
            say("Spark is not installed."),
            [Fault("--engine spark", say("the package pyspark"), say("none; pip install pyspark"))],
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark warns about newer pandas, which it is not handed
        session, own = _session(connect)
        engine = Spark(session)
        try:
            yield engine
        finally:
            engine.release()
            if own:
                session.stop()


def _session(connect: str | None) -> tuple[Any, bool]:
    from pyspark.sql import SparkSession

    for talker in ("py4j", "SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(talker).setLevel(logging.CRITICAL)  # they may quote the log
    try:
        if connect and connect.startswith("sc://"):
            _answers(connect)
            return SparkSession.builder.remote(connect).create(), True
        active = SparkSession.getActiveSession()
        if active is not None and not connect:
            return active.newSession(), False
        builder = SparkSession.builder.master(connect or "local[*]").appName("advisor usage")
        for key, value in _LOCAL.items() if not connect or connect.startswith("local") else ():
            builder = builder.config(key, value)
        session = builder.config("spark.sql.warehouse.dir", tempfile.gettempdir()).getOrCreate()
        session.sparkContext.setLogLevel("OFF")
    except Exception as error:
        expected = say("sc://host:port, or a local Spark with Java")
        raise LogError(
            say("Spark cannot be reached."), [Fault("--connect", expected, connect or type(error).__name__)]
        ) from None
    return session, True


def _answers(connect: str) -> None:
    """Raise OSError or ValueError where nobody listens: Spark's own client tries for a quarter of an hour."""
    at = urlsplit(connect)
    with socket.create_connection((at.hostname or "", at.port or _PORT), _ANSWERS_WITHIN_S):
        pass


class Spark:
    """A Spark session as an engine."""

    name = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session
        session.conf.set("spark.sql.session.timeZone", "UTC")
        self.connection = ibis.pyspark.connect(session)
        self._views = 0
        self._files: list[str] = []
        self._kept: list[Any] = []

    def open(self, layout: Layout, files: Sequence[str], tree: Mapping[str, Any]) -> ibis.Table:
        """Open files as a view; see Engine."""
        self._files += files
        misnamed = [file for file in files if layout.packed != file.lower().endswith((".gz", ".gzip"))]
        if misnamed and layout.kind != "parquet":
            raise LogError(
                say("Spark tells gzip by the file's name."),
                [
                    Fault(file_name(file), say("a name in .gz exactly when gzipped"), say("the contrary"))
                    for file in misnamed
                ],
            )
        reader = self.session.read.option("mode", "PERMISSIVE")
        # longer lines are skipped by the line reader rather than held in memory
        reader = reader.option("mapreduce.input.linerecordreader.line.maxlength", MAX_LINE_BYTES)
        with explained(files):
            if layout.kind == "parquet":
                frame = self.session.read.option("mergeSchema", "true").parquet(*files)
            elif layout.kind == "csv":
                schema = ", ".join(f"{_quoted(name)} STRING" for name in layout.header)
                frame = (
                    reader.schema(schema)
                    .option("header", "true")
                    .option("multiLine", str(layout.multiline).lower())
                    .option("enforceSchema", "true")
                    .option("sep", layout.delimiter)
                    .option("quote", '"')
                    .option("escape", '"')
                    .option("maxCharsPerColumn", MAX_LINE_BYTES)
                    .csv(list(files))
                )
            else:
                schema = ", ".join(f"{_quoted(name)} {spark_type(kind)}" for name, kind in tree.items())
                whole = "true" if layout.kind == "json" else "false"
                frame = reader.schema(schema).option("multiLine", whole).json(list(files))
            self._views += 1
            frame.createOrReplaceTempView(f"advisor_log_{self._views}")
            return self.connection.table(f"advisor_log_{self._views}")

    def kept(self, table: ibis.Table) -> ibis.Table:
        """Keep the rows, which are a few numbers each, across the aggregates."""
        with explained(self._files):
            kept = table.cache()
        self._kept.append(kept)
        return kept

    def release(self) -> None:
        """Let go of kept tables while the session still lives."""
        for table in self._kept:
            with contextlib.suppress(Exception):  # a session that broke off has let go of them already
                table.release()
        self._kept.clear()

    def run(self, expression: ibis.Table) -> Columns:
        """Execute; see Engine."""
        with explained(self._files):
            found = self.connection.to_pyarrow(expression)
        # a literal such as 1.0 is a decimal to Spark
        floats = {name for name in found.column_names if str(found[name].type).startswith("decimal")}
        return {
            name: (found[name].cast("float64") if name in floats else found[name]).to_numpy()
            for name in found.column_names
        }

    def schema(self, file: str) -> ibis.Schema:
        """Columns of a Parquet file."""
        with explained([file]):
            self.session.read.parquet(file).createOrReplaceTempView("advisor_look")
            found: ibis.Schema = self.connection.table("advisor_look").schema()
        return found

    def rejected(self) -> dict[str, int]:
        """Spark pads or cuts rows that do not fit; they fail as rows without a time or tokens."""
        return {}


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def spark_type(kind: Any) -> str:
    """A tree of columns as a Spark type: mapping = struct, list = array, str = leaf."""
    if isinstance(kind, Mapping):
        inside = ", ".join(f"{_quoted(name)}: {spark_type(inner)}" for name, inner in kind.items())
        return f"STRUCT<{inside}>"
    if isinstance(kind, list):
        return f"ARRAY<{spark_type(kind[0])}>"
    return "BIGINT" if kind == "integer" else "STRING"
