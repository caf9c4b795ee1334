"""The two engines a log is read with: DuckDB on one machine, Spark on many.

An engine only opens files as an Ibis table and runs expressions; everything computed from
the table is written once, in ``rows`` and ``aggregate``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from advisor.core.errors import Fault, LogError
from advisor.core.saying import say
from advisor.usage.duck import DuckDB
from advisor.usage.engine import Engine
from advisor.usage.spark import spark_engine


@contextmanager
def engine_for(name: str, folder: Path, connect: str | None = None) -> Iterator[Engine]:
    """Start an engine that may write to ``folder``, and end it. Raises LogError for an unknown one."""
    if name == "duckdb":
        if connect:
            raise LogError(
                say("DuckDB runs inside this program."),
                [Fault("--connect", say("nothing with duckdb"), connect)],
            )
        engine = DuckDB(folder)
        try:
            yield engine
        finally:
            engine.connection.disconnect()
    elif name == "spark":
        with spark_engine(connect) as spark:
            yield spark
    else:
        raise LogError(
            say("There is no such engine."), [Fault("--engine", say("duckdb or spark"), repr(name))]
        )
