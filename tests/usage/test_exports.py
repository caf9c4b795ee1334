"""Exports of the same kinds as others write them: wrapped, paged, side by side, rare fields late."""

from __future__ import annotations

import bz2
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.core.errors import LogError
from advisor.scenario.traffic import Traffic
from advisor.usage import read_usage

from .samples import write_lines
from .test_readers import central, lines, read

USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 500}}


def body(at: int) -> dict[str, Any]:
    return {"id": f"c{at}", "object": "chat.completion", "created": 1793697322 + 60 * at,
            "model": "gpt-4o-2024-08-06", "usage": USAGE}  # fmt: skip


def is_body(traffic: Traffic) -> None:
    assert (traffic.requests, traffic.input_tokens.mean, traffic.output_tokens.mean) == (20, 1000, 100)
    assert central(traffic.cached_share) == 0.5
    assert list(traffic.models) == ["gpt-4o"]
    assert traffic.dropped == {}


def test_a_response_within_a_gateway_s_own_record(tmp_path: Path) -> None:
    rows = [
        {"timestamp": f"2026-11-03T09:{at:02d}:00Z", "status": 200, "response": body(at)} for at in range(20)
    ]
    is_body(lines(tmp_path, rows))


def test_a_response_as_text_in_a_column(tmp_path: Path) -> None:
    """A count that a prompt quotes is none: its quotes are escaped."""
    rows = [
        {"time": 1793697322 + 60 * at,
         "response_body": json.dumps({"said": '"prompt_tokens": 7', **body(at)})}
        for at in range(20)
    ]  # fmt: skip
    is_body(lines(tmp_path, rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", ["data", "records", "items"])
def test_a_page_of_rows(name: str, encoding: str, tmp_path: Path) -> None:
    page = {"object": "list", name: [body(at) for at in range(20)], "has_more": False}
    path = tmp_path / "page.json"
    path.write_bytes(json.dumps(page, indent=1).encode(encoding))
    is_body(read_usage([str(path)]))


@pytest.mark.parametrize("start", ["", '{"object": "list", "data": '])
def test_a_document_longer_than_what_is_looked_at(
    start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("advisor.usage.sampling.SAMPLE_BYTES", 2000)
    rows = [{**body(at), "said": 'a "quoted ]} end' * 5} for at in range(20)]
    is_body(read(tmp_path, "log.json", start + json.dumps(rows, indent=1) + ("}" if start else "")))


def test_batch_output_is_the_batch_tier(tmp_path: Path) -> None:
    traffic = lines(tmp_path, [{"response": {"status_code": 200, "body": body(at)}} for at in range(20)])
    is_body(traffic)
    assert traffic.tiers == {"batch": 1.0}


def test_fields_that_come_late_are_read(tmp_path: Path) -> None:
    """150 of 300 rows, none of them near the start, hold 900 cached beside 100: half of all 1,000 x 90 %."""
    rows: list[dict[str, Any]] = []
    for at in range(300):
        late = {"input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 900}
        usage = {"prompt_tokens": 1000, "completion_tokens": 10} if at < 150 else late
        rows.append({"created": 1793697322 + 60 * at, "model": "m", "usage": usage})
    rows.append({"created": 1793697322, "error": {"message": "late"}})
    traffic = lines(tmp_path, rows)
    assert traffic.input_tokens.maximum == traffic.input_tokens.mean == 1000
    assert central(traffic.cached_share) == pytest.approx(0.45)
    assert any("150 of 300 rows count cached tokens" in said for said in traffic.caveats)
    assert central(traffic.error_rate) == pytest.approx(1 / 301)


def test_what_is_left_out_where_there_is_none_is_nothing(tmp_path: Path) -> None:
    """Gemini leaves out a count of none: 2 of 20 requests of 1,000 have 900 cached and 300 thoughts."""
    rows = []
    for at in range(20):
        counts = {"promptTokenCount": 1000, "candidatesTokenCount": 100}
        more = {"thoughtsTokenCount": 300, "cachedContentTokenCount": 900} if at % 10 == 0 else {}
        rows.append({"createTime": f"2026-11-03T09:{at:02d}:00Z", "usageMetadata": counts | more})
    traffic = lines(tmp_path, rows)
    assert central(traffic.cached_share) == pytest.approx(0.09)
    assert traffic.output_tokens.mean == 130
    assert central(traffic.reasoning_share) == pytest.approx(600 / 2600)


def test_what_no_row_tells_is_not_told(tmp_path: Path) -> None:
    """No status, no attempt, a gateway's cache that is off, empty prompts: nothing follows from them."""
    text = "startTime,prompt_tokens,completion_tokens,spend,metadata,cache_hit,messages\n" + "".join(
        f"2026-11-03 09:{at:02d}:00,1000,100,0,{{}},False,{{}}\n" for at in range(20)
    )
    traffic = read(tmp_path, "log.csv", text)
    assert traffic.requests == 20
    told = (traffic.error_rate, traffic.retry_rate, traffic.repeat_share, traffic.near_repeat_share)
    assert told == (None, None, None, None)
    assert traffic.tasks is None


METRICS = (("ProcessedPromptTokens", 5000.0), ("GeneratedTokens", 500.0), ("AzureOpenAIRequests", 5.0))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_metrics_as_the_command_line_lists_them(encoding: str, tmp_path: Path) -> None:
    """Three hours of 5 requests: 120 a day of 1,000 in and 100 out."""
    hours = [f"2026-11-03T{9 + hour:02d}:00:00Z" for hour in range(3)]
    page = {"interval": "PT1H", "value": [
        {"name": {"value": name, "localizedValue": name},
         "timeseries": [{"metadatavalues": [], "data": [{"timeStamp": at, "total": total} for at in hours]}]}
        for name, total in METRICS
    ]}  # fmt: skip
    path = tmp_path / "metrics.json"
    path.write_bytes(json.dumps(page).encode(encoding))
    are_metrics(read_usage([str(path)]))


def are_metrics(traffic: Traffic) -> None:
    assert traffic.requests == 15
    assert central(traffic.requests_per_day) == pytest.approx(120)
    assert (traffic.input_tokens.mean, traffic.output_tokens.mean) == (1000, 100)


def test_listed_metrics_tell_their_busiest_minute_where_they_are_asked_for_it(tmp_path: Path) -> None:
    """6 requests an hour are 0.1 a minute; 2 in the busiest minute of the day are 20 times that."""
    hours = [f"2026-11-03T{hour:02d}:00:00Z" for hour in range(24)]
    most = {"AzureOpenAIRequests": (6.0, 2.0)}
    page = {"interval": "PT1H", "value": [
        {"name": {"value": name}, "timeseries": [{"data": [
            {"timeStamp": at, "total": total, "average": total / 60, "maximum": biggest} for at in hours]}]}
        for name, value in METRICS
        for total, biggest in (most.get(name, (value, value)),)
    ]}  # fmt: skip
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(page), "utf-8")
    traffic = read_usage([str(path)])
    assert traffic.requests == 144
    assert central(traffic.peak_to_mean) == pytest.approx(20)


def test_totals_of_days_tell_days_and_no_hours(tmp_path: Path) -> None:
    """Metrics by day over a week: what a day brings is told, when within it is not."""
    days = "".join(f"2026-11-{2 + day:02d}T00:00:00Z,9000000,900000,{1440 * (day + 1)}\n" for day in range(7))
    traffic = read(tmp_path, "log.csv", "Timestamp,InputTokens,OutputTokens,ModelRequests\n" + days)
    assert traffic.week_told == "days"
    assert traffic.peak_to_mean is None
    # 1,440 on Monday are 60 an hour, seven times as many on Sunday
    assert (traffic.hour_of_week[0], traffic.hour_of_week[-1]) == (60, 420)
    assert any("when within a day requests arrive is the scenario's" in one for one in traffic.caveats)


def test_metrics_as_a_chart_downloads_them(tmp_path: Path) -> None:
    text = (
        "Name,my-account\n\n"
        "Timestamp,Processed Prompt Tokens (Sum),Generated Tokens (Sum),Azure OpenAI Requests (Sum)\n"
        + "".join(f"11/3/2026 {9 + hour}:00 AM,5000,500,5\n" for hour in range(3))
    )
    are_metrics(read(tmp_path, "log.csv", text))


def test_diagnostics_in_a_storage_account(tmp_path: Path) -> None:
    row = {"time": "2026-11-03T09:00:00Z", "durationMs": 5, "resultSignature": "200"}
    with pytest.raises(LogError, match="counts no tokens"):
        read(tmp_path, "log.json", json.dumps({"records": [row]}))


def test_spans_packed_and_in_another_encoding(tmp_path: Path) -> None:
    def attributes(**values: Any) -> list[dict[str, Any]]:
        return [{"key": f"gen_ai.{key.replace('__', '.')}", "value": {"intValue": str(value)}}
                for key, value in values.items()]  # fmt: skip

    spans = [{"traceId": f"t{at // 5}", "startTimeUnixNano": str((1793697322 + 60 * at) * 10**9),
              "attributes": attributes(usage__input_tokens=1000, usage__output_tokens=100)}
             for at in range(20)]  # fmt: skip
    document = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    expected = read(tmp_path, "spans.json", document)
    path = tmp_path / "spans.json.bz2"
    path.write_bytes(bz2.compress(document.encode("utf-16")))
    assert read_usage([str(path)]) == expected
    assert (expected.requests, expected.tasks.tasks if expected.tasks else 0) == (20, 4)


def test_plain_anthropic_messages_are_not_taken_for_another_s(tmp_path: Path) -> None:
    rows = [
        {"type": "message", "model": "claude-haiku-4-5", "timestamp": f"2026-11-03T09:{at:02d}:00Z",
         "usage": {"input_tokens": 1000, "output_tokens": 100}}
        for at in range(20)
    ]  # fmt: skip
    assert lines(tmp_path, rows).input_tokens.mean == 1000


def test_vertex_text_names_the_model_that_answered(tmp_path: Path) -> None:
    counts = {"promptTokenCount": 1000, "candidatesTokenCount": 100}
    rows = [{"logging_time": "2026-11-03 09:00:00.5 UTC", "model": "google/gemini-2.5-pro",
             "model_version": "default", "full_response": json.dumps({"usageMetadata": counts})}]  # fmt: skip
    write_lines(tmp_path / "log.jsonl", rows)
    text = "logging_time,full_response,model,model_version\n" + (
        '2026-11-03 09:00:00.5 UTC,"' + json.dumps({"usageMetadata": counts}).replace('"', '""')
        + '",google/gemini-2.5-pro,default\n'
    )  # fmt: skip
    assert list(read(tmp_path, "log.csv", text).models) == ["gemini-2.5-pro"]


def test_a_bill_among_logs_says_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="advisor measured"):
        read(tmp_path, "bill.csv", "Date,MeterName,Quantity,CostInBillingCurrency\n2026-11-03,x,1,1\n")
