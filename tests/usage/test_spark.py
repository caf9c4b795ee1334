"""Spark, from the same expressions, says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.usage import read_usage

from .samples import SAMPLES
from .test_hostile import GOOD, HEADER, write

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("spark")]


@pytest.mark.parametrize("name", ["azure_trace", "mooncake", "otlp", "apim"])
def test_says_what_duckdb_says(name: str, tmp_path: Path) -> None:
    path = str(SAMPLES[name][0](tmp_path))
    assert read_usage([path], engine="spark") == read_usage([path])


def test_parquet_and_bad_rows_too(tmp_path: Path) -> None:
    bad = ",,\njunk,1,2\n2023-11-16 18:15:00,-5,3\n1700158500000,1,2\n2023-11-16T20:30:00+02:00,5,5\n"
    path = write(tmp_path, "log.csv", HEADER + GOOD + bad)
    assert read_usage([path], engine="spark") == read_usage([path])


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read"):
        read_usage([write(tmp_path, "log.parquet", b"PAR1")], engine="spark")
