"""Each format is recognised from its documented columns and read to the same requests."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from advisor.core.errors import LogError
from advisor.usage import describe, read_usage

from .samples import (
    ROWS,
    SAMPLES,
    apim,
    azure_trace,
    burstgpt,
    litellm,
    mooncake,
    openai_response,
    openai_usage,
    otel_spans,
    otlp,
    tokens,
    write_csv,
    write_lines,
)

Writer = Callable[[Path], Path]


def mean_input(rows: int) -> float:
    """100 + 10 i for i below ``rows``: 100 + 5 (rows - 1)."""
    return 100 + 5 * (rows - 1)


@pytest.mark.parametrize("name", SAMPLES)
def test_is_recognised_by_its_columns(name: str, tmp_path: Path) -> None:
    writer, title, requests, failed = SAMPLES[name]
    traffic = read_usage([str(writer(tmp_path))])
    assert traffic.recognised_as == title
    assert traffic.requests == requests
    assert traffic.input_tokens.mean == pytest.approx(mean_input(ROWS - failed))
    assert (traffic.error_rate.central if traffic.error_rate else 0) == pytest.approx(failed / ROWS)
    assert title in describe(traffic)


@pytest.mark.parametrize(
    ("writer", "kind"),
    [
        (azure_trace, "gz"), (azure_trace, "semicolon"), (azure_trace, "parquet"), (burstgpt, "parquet"),
        (litellm, "jsonl"), (apim, "jsonl"), (apim, "parquet"), (openai_usage, "jsonl"),
    ],
)  # fmt: skip
def test_the_kind_of_file_does_not_matter(writer: Writer, kind: str, tmp_path: Path) -> None:
    path = writer(tmp_path)
    expected = read_usage([str(path)])
    frame = pd.read_csv(path)
    if kind == "parquet":
        other = tmp_path / "log.parquet"
        frame.to_parquet(other)
    elif kind == "jsonl":
        other = tmp_path / "log.jsonl"
        frame.to_json(other, orient="records", lines=True)
    elif kind == "gz":
        other = tmp_path / "log.csv.gz"
        other.write_bytes(gzip.compress(path.read_bytes()))
    else:
        other = tmp_path / "log.csv"
        frame.to_csv(other, sep=";", index=False)
    assert read_usage([str(other)]) == expected


def test_flat_span_columns(tmp_path: Path) -> None:
    rows = [
        {
            "timestamp": f"2025-03-03T09:{i:02d}:00Z",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
            "http.request.resend_count": i % 2,
        }
        for i in range(ROWS)
    ]
    traffic = read_usage([str(write_csv(tmp_path / "spans.csv", rows))])
    assert traffic.recognised_as == "OpenTelemetry GenAI spans"
    assert list(traffic.models) == ["gpt-4o"]
    assert traffic.retry_rate is not None
    assert traffic.retry_rate.central == 0.5


def test_a_mapping_wins(tmp_path: Path) -> None:
    rows = [{"when": 1_741_000_000 + i, "in": i, "out": 2, "id": f"id{i // 2}"} for i in range(ROWS)]
    path = write_csv(tmp_path / "own.csv", rows)
    mapping = {"timestamp": "when", "input": "in", "output": "out", "request_id": "id"}
    traffic = read_usage([str(path)], mapping)
    assert traffic.recognised_as == "columns as mapped"
    assert traffic.input_tokens.maximum == ROWS - 1
    # every id stands twice
    assert traffic.retry_rate is not None
    assert traffic.retry_rate.central == 0.5


def test_a_mapping_tells_every_fault(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "own.csv", [{"when": 1, "in": 1, "out": 2}])
    with pytest.raises(LogError) as raised:
        read_usage([str(path)], {"timestamp": "wen", "imput": "in", "output": "out"})
    told = str(raised.value)
    assert "did you mean 'when'" in told
    assert "did you mean 'input'" in told
    assert len(raised.value.faults) == 3  # the column, the field, and input left without a column


def test_folders_globs_and_formats_together(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    first = azure_trace(tmp_path / "a" / "deep")
    shutil.copy(first, tmp_path / "a" / "second.csv")
    (tmp_path / "a" / "readme.md").write_text("not a log")
    alone = read_usage([str(first)])
    assert read_usage([str(tmp_path / "a")]).requests == 2 * alone.requests
    assert read_usage([str(tmp_path / "a" / "*.csv")]).requests == alone.requests
    litellm(tmp_path / "a")
    both = read_usage([str(tmp_path / "a")])
    assert both.recognised_as == "Azure LLM inference trace, LiteLLM spend log"
    assert both.requests == 3 * ROWS - 4


def test_relative_and_absolute_times_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="count time differently"):
        read_usage([str(azure_trace(tmp_path)), str(mooncake(tmp_path))])


def test_relative_times_know_no_weekday(tmp_path: Path) -> None:
    by_day = read_usage([str(burstgpt(tmp_path))])
    assert by_day.hour_of_week[9] == by_day.hour_of_week[6 * 24 + 9]
    assert any("days of the week are unknown" in caveat for caveat in by_day.caveats)
    no_clock = read_usage([str(mooncake(tmp_path))])
    assert len(set(no_clock.hour_of_week)) == 1
    assert set(no_clock.hours_observed) == {0}
    assert (by_day.week_told, no_clock.week_told) == ("hours_of_day", "none")


def test_repeats_by_blocks(tmp_path: Path) -> None:
    """Of 40 requests 20 send the same 20 blocks, 8 share their first 19, 12 are alone.

    Exact: 19 repeats of 40. Nearly: 20 + 8 share the block at 18 of 20, so 27 of 40. Blocks sent:
    800; different ones 20 + 8 + 12 x 20 = 268, so 532 were sent before.
    """
    traffic = read_usage([str(mooncake(tmp_path))])
    assert traffic.repeat_share is not None
    assert traffic.near_repeat_share is not None
    assert traffic.prefix_reuse is not None
    assert traffic.repeat_share.central == pytest.approx(19 / 40)
    assert traffic.near_repeat_share.central == pytest.approx(27 / 40)
    assert traffic.prefix_reuse.central == pytest.approx(532 / 800)


def test_repeats_by_prompts(tmp_path: Path) -> None:
    """Requests 20 to 29 repeat 0 to 9; 30 to 39 differ from 10 to 19 in one word of 62."""
    traffic = read_usage([str(apim(tmp_path))])
    assert traffic.repeat_share is not None
    assert traffic.near_repeat_share is not None
    assert traffic.repeat_share.central == pytest.approx(10 / 40)
    assert traffic.near_repeat_share.central == pytest.approx(20 / 40)


def test_unlike_prompts_are_not_near(tmp_path: Path) -> None:
    rows = [
        {"at": 1_741_000_000 + i, "in": 5, "out": 5, "text": " ".join(f"w{i * 100 + k}" for k in range(50))}
        for i in range(30)
    ]
    mapping = {"timestamp": "at", "input": "in", "output": "out", "prompt": "text"}
    traffic = read_usage([str(write_lines(tmp_path / "p.jsonl", rows))], mapping)
    assert traffic.near_repeat_share is not None
    assert traffic.near_repeat_share.central == 0


def test_cached_input_is_a_share_of_tokens(tmp_path: Path) -> None:
    traffic = read_usage([str(openai_response(tmp_path))])
    expected = sum(tokens(i)[0] // 5 for i in range(ROWS)) / sum(tokens(i)[0] for i in range(ROWS))
    assert traffic.cached_share is not None
    assert traffic.cached_share.central == pytest.approx(expected)


def test_split_entries_count_once(tmp_path: Path) -> None:
    assert read_usage([str(apim(tmp_path))]).dropped == {"continuation of a split entry": 5}


def test_models_by_use_with_the_logs_own_cost(tmp_path: Path) -> None:
    use = read_usage([str(litellm(tmp_path))]).models["gpt-4o-mini"]
    assert use.requests == ROWS - 4
    assert use.input_tokens == pytest.approx(mean_input(ROWS - 4))
    assert use.usd_per_year is not None


@pytest.mark.parametrize("writer", [otel_spans, otlp])
def test_spans_name_their_failures(writer: Writer, tmp_path: Path) -> None:
    traffic = read_usage([str(writer(tmp_path))])
    assert traffic.error_rate is not None
    assert traffic.error_rate.low < 0.1 < traffic.error_rate.high


def test_totals_over_hours_are_told_as_such(tmp_path: Path) -> None:
    traffic = read_usage([str(openai_usage(tmp_path))])
    assert traffic.hours_covered == pytest.approx(ROWS)
    assert traffic.peak_minute is None
    assert any("totals over a span" in caveat for caveat in traffic.caveats)
