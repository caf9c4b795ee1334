"""Request logs to a traffic profile: aggregates only, at any size, on DuckDB or Spark.

Reading is imported when it is asked for: what shows a profile has no use for the engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from advisor.usage.description import describe
    from advisor.usage.log_files import read_usage

__all__ = ["describe", "read_usage"]


def __getattr__(name: str) -> Any:
    if name == "describe":
        from advisor.usage.description import describe

        return describe
    if name == "read_usage":
        from advisor.usage.log_files import read_usage

        return read_usage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
