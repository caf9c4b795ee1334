"""Request logs to a traffic profile: aggregates only, at any size, on DuckDB or Spark."""

from __future__ import annotations

from advisor.usage.description import describe
from advisor.usage.reading import read_usage

__all__ = ["describe", "read_usage"]
