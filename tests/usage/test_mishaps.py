"""What once went wrong without a word: a clear message, or the right number."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from advisor.core.addresses import is_elsewhere
from advisor.core.errors import LogError, ScenarioError
from advisor.scenario.traffic import load_traffic, save_traffic
from advisor.usage import read_usage

from .samples import azure_trace

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
DAY = "".join(f"2026-11-03T{i // 60:02d}:{i % 60:02d}:00Z,100,10\n" for i in range(1440))


def log(folder: Path, text: str | bytes, name: str = "log.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_a_stray_row_years_ahead_moves_nothing(tmp_path: Path) -> None:
    """1,440 rows of one day; the row of 2031 is left out and its line told: 1 + 1,440 + 1 = 1,442."""
    path = log(tmp_path, HEADER + DAY + "2031-11-03T00:00:00Z,999999,10\n")
    traffic = read_usage([path])
    assert traffic.requests == 1440
    assert traffic.requests_per_day is not None
    assert traffic.requests_per_day.central == pytest.approx(1440, rel=0.01)
    assert traffic.confidence == "low"
    assert traffic.input_tokens.maximum == 100
    assert traffic.dropped == {"time far from the rest of the log": 1}
    assert any("log.csv line 1,442" in caveat for caveat in traffic.caveats)


def test_a_gap_of_weeks_is_not_quiet(tmp_path: Path) -> None:
    """Two days of 1,440 requests, 28 days apart: 1,440 a day, not 2,880 / 30."""
    later = DAY.replace("2026-11-03", "2026-12-01")
    traffic = read_usage([log(tmp_path, HEADER + DAY + later)])
    assert traffic.requests_per_day is not None
    assert traffic.requests_per_day.central == pytest.approx(1440, rel=0.01)
    assert any("nothing is logged for 27 days from 2026-11-04T00:00:00Z" in said for said in traffic.caveats)


@pytest.mark.parametrize(
    ("written", "tokens"),
    [("1.234", 1234), ('"1,234"', 1234), ("1'234", 1234), ("1 234", 1234), ("1\u202f234", 1234),
     ("1.234.567", 1_234_567), ('"1,200.0"', 1200), ('"1200,0"', 1200), ("1234", 1234), ("1.5e3", 1500)],
)  # fmt: skip
def test_thousands_are_thousands(written: str, tokens: int, tmp_path: Path) -> None:
    traffic = read_usage([log(tmp_path, f"{HEADER}2026-11-03T00:00:00Z,{written},10\n")])
    assert traffic.input_tokens.mean == tokens
    assert any("mark thousands with a dot" in said for said in traffic.caveats) == (
        written.startswith("1.234")
    )


def test_two_ways_to_write_numbers_are_refused(tmp_path: Path) -> None:
    rows = "2026-11-03T00:00:00Z,1.234,10\n2026-11-03T00:00:01Z,12.5,10\n"
    with pytest.raises(LogError, match="two ways"):
        read_usage([log(tmp_path, HEADER + rows)])


def test_a_column_twice_is_refused_until_one_is_named(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "TIMESTAMP,ContextTokens,GeneratedTokens,ContextTokens\n2026-11-03T00:00:00Z,100,10,900\n",
    )
    with pytest.raises(LogError, match="column twice") as raised:
        read_usage([path])
    assert "ContextTokens" in str(raised.value)
    assert "column 4" in str(raised.value)
    mapping = {"timestamp": "TIMESTAMP", "input": "ContextTokens (column 4)", "output": "GeneratedTokens"}
    assert read_usage([path], mapping).input_tokens.mean == 900


def test_one_row_is_not_86_400_a_day(tmp_path: Path) -> None:
    traffic = read_usage([log(tmp_path, HEADER + "2026-11-03T00:00:00Z,100,10\n")])
    assert traffic.requests_per_day is None
    assert traffic.confidence == "low"
    assert any("the scenario's own figures hold" in said for said in traffic.caveats)


def test_a_log_without_output_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="0 output tokens"):
        read_usage([log(tmp_path, HEADER + DAY.replace(",10\n", ",0\n"))])


@pytest.mark.parametrize(
    ("old", "new"),
    [("mean: 295.0", "mean: 0.0"), ("mean: 295.0", "mean: 1.0e+30"), ("p10: ", "p10: 9"),
     ("peak_to_mean:", "peak_minute: -1\npeak_to_mean:")],
)  # fmt: skip
def test_a_profile_is_bounded_on_load(old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / "traffic.yaml"
    save_traffic(read_usage([str(azure_trace(tmp_path))]), path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ScenarioError):
        load_traffic(path)


def test_a_cell_as_long_as_a_prompt_is_read(tmp_path: Path) -> None:
    text = "prompt," + HEADER + f'"{"x" * 200_000}",2026-11-03T00:00:00Z,100,10\n'
    assert read_usage([log(tmp_path, text)]).requests == 1


PLAIN = HEADER + "2026-03-01T09:00:00,1200,10\n2026-03-02T09:00:00,1200,10\n"
EXCEL = (
    "sep=;\nTIMESTAMP;ContextTokens;GeneratedTokens\n"
    '01.03.2026 09:00;"1,200";10\n02.03.2026 09:00;"1.200";10\n'
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("text", [PLAIN, EXCEL], ids=["plain", "excel"])
def test_as_excel_writes_it(encoding: str, text: str, tmp_path: Path) -> None:
    traffic = read_usage([log(tmp_path, text.encode(encoding))])
    assert traffic.requests == 2
    assert traffic.input_tokens.mean == 1200
    assert (traffic.period_start, traffic.period_end) == ("2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z")


def test_slashes_are_read_as_the_log_shows_or_asked_about(tmp_path: Path) -> None:
    path = log(tmp_path, HEADER + "01/03/2026 09:00,5,5\n02/03/2026 09:00,5,5\n")
    with pytest.raises(LogError, match="two ways") as raised:
        read_usage([path])
    assert "--dates" in str(raised.value)
    assert read_usage([path], dates="day").period_start == "2026-03-01T09:00:00Z"
    assert read_usage([path], dates="month").period_start == "2026-01-03T09:00:00Z"
    shown = log(tmp_path, HEADER + "01/03/2026 09:00,5,5\n25/03/2026 09:00,5,5\n")
    assert read_usage([shown]).period_end == "2026-03-25T09:00:00Z"


def test_more_cached_than_input_is_left_out_and_said(tmp_path: Path) -> None:
    rows = "".join(
        f'{{"created": {1793697322 + i}, "model": "gpt-5", "usage": {{"prompt_tokens": 100, '
        f'"completion_tokens": 5, "prompt_tokens_details": {{"cached_tokens": {cached}}}}}}}\n'
        for i, cached in enumerate((50, 500, 50))
    )
    traffic = read_usage([log(tmp_path, rows, "log.jsonl")])
    assert traffic.requests == 2
    assert traffic.dropped == {"more cached tokens than input": 1}
    assert any("log.jsonl line 2" in said for said in traffic.caveats)


def test_mixed_zones_name_the_first_row_without(tmp_path: Path) -> None:
    rows = "2026-11-03T00:00:00Z,5,5\n2026-11-03T00:00:01,5,5\n"
    traffic = read_usage([log(tmp_path, HEADER + rows)])
    assert any("zones are mixed" in said and "line 3" in said for said in traffic.caveats)


ADDRESSES = [
    "https://example.org/x.parquet", "s3://bucket/x.parquet", "abfss://c@a.dfs.core.windows.net/x.csv",
    "file:///etc/passwd", "hf://datasets/x/y.parquet", "gs://b/x.csv", "dbfs:/x.csv", "http:/x/y.parquet",
    "\\\\host\\share\\x.csv", "//host/share/x.csv", "HTTPS://EXAMPLE.ORG/X.PARQUET", " s3://b/x.csv",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_are_refused_before_anything_opens(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("an engine or a file was opened")

    monkeypatch.setattr("advisor.usage.log_files.engine_for", never)
    monkeypatch.setattr("advisor.usage.log_files.look", never)
    local = log(tmp_path, PLAIN)
    for engine in ("duckdb", "spark"):
        with pytest.raises(LogError, match="this machine only"):
            read_usage([local, address], engine=engine)


def test_local_paths_are_no_addresses() -> None:
    assert not any(
        map(is_elsewhere, ["log.csv", "./a:b.csv", "/logs/x", "C:\\logs\\x.csv", "~/x", "a/b=c/x.csv"])
    )


def test_names_that_look_like_patterns_are_read(tmp_path: Path) -> None:
    for name in ("log[1].csv", "what?.csv", "a*b.csv", "{x}.csv", "o'clock.csv", "x:y.csv"):
        assert read_usage([log(tmp_path, PLAIN, name)]).requests == 2


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    path = log(tmp_path, "one,two\n1,2\n", "\x1b[31mred\x07.csv")
    ran = subprocess.run(
        [sys.executable, "-m", "advisor", "usage", path], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "\x1b" not in ran.stderr + ran.stdout
    assert "\\x1b[31mred\\x07.csv" in ran.stderr
