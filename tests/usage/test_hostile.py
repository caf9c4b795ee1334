"""Whatever is wrong with a log ends in a clear message or in counted drops."""

from __future__ import annotations

import gzip
import json
import os
import random
from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.usage import read_usage, sampling

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
GOOD = "".join(f"2023-11-16 18:15:{i:02d}.6805900,{100 + i},{10 + i}\n" for i in range(60))


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def refusal(path: str) -> str:
    with pytest.raises(LogError) as raised:
        read_usage([path])
    assert raised.value.faults
    return str(raised.value)


def test_every_bad_row_is_counted_with_its_reason(tmp_path: Path) -> None:
    rows = {
        ",,": "empty row",
        ",5,6": "no time",
        "junk,1,2": "time not understood",
        "1950-01-01 00:00:00,5,5": "time out of range",
        "2023-11-16 18:15:00,,": "no token counts",
        "2023-11-16 18:15:00,7": "no token counts",
        "2023-11-16 18:15:00,abc,3": "token counts that are not numbers",
        "2023-11-16 18:15:00,-5,3": "negative tokens",
        "2023-11-16 18:15:00,1e400,2": "token counts that are not numbers",
        "2023-11-16 18:15:00,999999999999999999999999,3": "tokens beyond any context window",
        "1e300,1,1": "time out of range",
    }
    traffic = read_usage([write(tmp_path, "log.csv", HEADER + GOOD + "\n".join(rows) + "\n")])
    assert traffic.requests == 60
    expected: dict[str, int] = {}
    for reason in rows.values():
        expected[reason] = expected.get(reason, 0) + 1
    assert traffic.dropped == expected
    assert any("more than one in a hundred" in caveat for caveat in traffic.caveats)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_found(delimiter: str, tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", (HEADER + GOOD).replace(",", delimiter))
    assert read_usage([path]).requests == 60


def test_an_unknown_delimiter_is_told(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, "log.csv", (HEADER + GOOD).replace(",", "#")))
    assert "--map" in told
    assert "TIMESTAMP#ContextTokens" in told


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, "log.csv", "TIMESTAMP,ContextTokens\n2023-11-16 18:15:00,1\n"))
    assert "looks like Azure LLM inference trace" in told
    assert "GeneratedTokens" in told


def test_mixed_zones_become_utc_with_a_note(tmp_path: Path) -> None:
    rows = "2023-11-16T20:30:00+02:00,5,5\n2023-11-16T18:31:00Z,5,5\n2023-11-16 13:32:00-0500,5,5\n"
    traffic = read_usage([write(tmp_path, "log.csv", HEADER + GOOD + rows)])
    assert traffic.period_end == "2023-11-16T18:32:00Z"
    assert traffic.dropped == {}
    assert any("3 rows name theirs, 60 do not" in caveat for caveat in traffic.caveats)


def test_naive_times_can_be_given_a_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", HEADER + "2023-11-16 18:15:00,5,5\n2023-11-16 18:45:00,5,5\n")
    # 16 November 2023 is a Thursday; 18 h in Tokyo is 9 h in UTC
    traffic = read_usage([path], tz="Asia/Tokyo")
    assert [hour for hour, seen in enumerate(traffic.hours_observed) if seen] == [3 * 24 + 9]
    with pytest.raises(LogError, match="no such time zone"):
        read_usage([path], tz="Mars/Olympus")


def test_epochs_of_every_grain_are_the_same_time(tmp_path: Path) -> None:
    second = 1_700_158_500
    rows = f"{second},5,6\n{second}000,5,6\n{second}000000,5,6\n{second}000000000,5,6\n{second}.5,5,6\n"
    traffic = read_usage([write(tmp_path, "log.csv", HEADER + rows)])
    assert traffic.requests == 5
    assert traffic.period_start == traffic.period_end == "2023-11-16T18:15:00Z"


@pytest.mark.parametrize("cut", [0.5, 0.999])
def test_a_truncated_gzip_is_told(cut: float, tmp_path: Path) -> None:
    generator = random.Random(1)  # noqa: S311
    rows = "".join(
        f"2023-11-16 18:15:00.{generator.randrange(10**7):07d},{generator.randrange(10**4)},5\n"
        for _ in range(150_000)
    )
    packed = gzip.compress((HEADER + rows).encode(), 1)
    told = refusal(write(tmp_path, "log.csv.gz", packed[: int(len(packed) * cut)]))
    assert "gzip" in told
    assert "log.csv.gz" in told


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    assert read_usage([write(tmp_path, "a.csv", gzip.compress((HEADER + GOOD).encode()))]).requests == 60
    assert read_usage([write(tmp_path, "b.csv.gz", HEADER + GOOD)]).requests == 60


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("log.csv", b"", "empty"),
        ("log.csv", b"\n\n", "empty"),
        ("log.csv", HEADER.encode(), "found none"),
        ("log.jsonl", b"not json\n", "not JSON"),
        ("log.json", b"{broken", "not JSON"),
        ("log.csv", os.urandom(4_000) + b"\xff", "not text"),
        ("log.parquet", b"PAR1 not really", "Parquet"),
    ],
)
def test_files_that_are_no_log(name: str, content: bytes, word: str, tmp_path: Path) -> None:
    assert word in refusal(write(tmp_path, name, content))


def test_a_line_without_end_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound on a line is what keeps memory flat; a small one shows it as well as a large one."""
    monkeypatch.setattr("advisor.usage.duck.MAX_LINE_BYTES", 200_000)
    monkeypatch.setattr(sampling, "MAX_LINE_BYTES", 200_000)
    monkeypatch.setattr(sampling, "SAMPLE_BYTES", 50_000)
    endless = "x" * 1_000_000
    traffic = read_usage([write(tmp_path, "log.csv", HEADER + GOOD + endless + ",1,2\n" + GOOD)])
    assert traffic.requests == 120
    assert traffic.dropped == {"line too long to be a row": 1}
    assert "too long" in refusal(write(tmp_path, "header.csv", endless))


def test_a_json_line_without_end_is_refused(tmp_path: Path) -> None:
    good = json.dumps({"timestamp": 1, "input_length": 5, "output_length": 6, "hash_ids": [1]})
    endless = f'{{"x": "{"y" * 2 * sampling.MAX_LINE_BYTES}"}}'
    assert "lines of at most" in refusal(write(tmp_path, "log.jsonl", f"{good}\n{endless}\n"))


def test_bad_json_lines_are_counted(tmp_path: Path) -> None:
    good = json.dumps({"timestamp": 1, "input_length": 5, "output_length": 6, "hash_ids": [1]})
    odd = json.dumps({"timestamp": 5, "input_length": "x", "output_length": [], "hash_ids": "no"})
    traffic = read_usage([write(tmp_path, "log.jsonl", f"{good}\n{{broken\n{odd}\n{good}\n")])
    assert traffic.requests == 2
    assert sum(traffic.dropped.values()) == 2


@pytest.mark.parametrize(
    "header",
    ["TIMESTAMP,user,ContextTokens,GeneratedTokens", "TIMESTAMP,,ContextTokens,GeneratedTokens"],
)
def test_odd_headers_are_read(header: str, tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", f"\ufeff{header}\r\n2023-11-16 18:15:00,x,1,2\r\n")
    assert read_usage([path]).requests == 1


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "")
    write(tmp_path, "b.csv", "one,two\n1,2\n")
    with pytest.raises(LogError) as raised:
        read_usage([str(tmp_path)])
    assert len(raised.value.faults) == 2
    with pytest.raises(LogError) as raised:
        read_usage([str(tmp_path / "none*.csv"), str(tmp_path / "gone.csv")])
    assert len(raised.value.faults) == 2


def test_engines_and_their_addresses(tmp_path: Path) -> None:
    path = write(tmp_path, "log.csv", HEADER + GOOD)
    with pytest.raises(LogError, match="no such engine"):
        read_usage([path], engine="presto")
    with pytest.raises(LogError, match="runs inside"):
        read_usage([path], connect="sc://somewhere")
    with pytest.raises(LogError, match="this machine only"):
        read_usage(["s3://bucket/log.csv"])
