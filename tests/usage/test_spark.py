"""Spark, from the same expressions, says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.usage import read_usage

from .samples import SAMPLES, write_lines
from .test_hostile import GOOD, HEADER, write
from .test_readers import LITELLM, METRICS, anthropic_rows, span

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("spark")]


@pytest.mark.parametrize("name", SAMPLES)
def test_says_what_duckdb_says(name: str, tmp_path: Path) -> None:
    path = str(SAMPLES[name][0](tmp_path))
    assert read_usage([path], engine="spark") == read_usage([path])


NAMES = ["litellm.csv", "metrics.csv", "anthropic.jsonl", "spans.jsonl", "utf16.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_counts_beside_and_within_are_told_alike(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "anthropic.jsonl":
        write_lines(path, anthropic_rows())
    elif name == "spans.jsonl":
        write_lines(path, [span(9), span(10, cached=100)])
    elif name == "utf16.csv":
        path.write_bytes((HEADER + GOOD).encode("utf-16"))
    else:
        path.write_text({"litellm.csv": LITELLM, "metrics.csv": METRICS}[name])
    assert read_usage([str(path)], engine="spark") == read_usage([str(path)])


def test_parquet_and_bad_rows_too(tmp_path: Path) -> None:
    bad = (
        ",,\njunk,1,2\n2023-11-16 18:15:00,-5,3\n1700158500000,1,2\n2023-11-16T20:30:00+02:00,5,5\n"
        "16.11.2023 18:20,1.234,5\n2031-01-01 00:00:00,5,5\n"
    )
    path = write(tmp_path, "log.csv", HEADER + GOOD + bad)
    assert read_usage([path], engine="spark") == read_usage([path])


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read"):
        read_usage([write(tmp_path, "log.parquet", b"PAR1")], engine="spark")
