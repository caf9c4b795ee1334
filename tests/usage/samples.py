"""Small logs in each format's documented columns, with secrets that must never come out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SECRET = "SECRET-7f3a"  # noqa: S105
START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)  # a Monday
ROWS = 40


def moment(index: int) -> datetime:
    return START + timedelta(seconds=index * 45)


def tokens(index: int) -> tuple[int, int]:
    return 100 + 10 * index, 20 + index % 7


def prompt(index: int) -> str:
    """Ten exact repeats, and ten that differ from an earlier one in their last word."""
    base = " ".join(f"word{index % 20}x{place}" for place in range(60))
    return f"{SECRET} {base} " + ("tail" if index < 30 else f"tail{index}")


def write_csv(path: Path, rows: list[dict[str, Any]], delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def azure_trace(folder: Path) -> Path:
    rows = [
        {"TIMESTAMP": f"{moment(i):%Y-%m-%d %H:%M:%S.%f}0", "ContextTokens": t, "GeneratedTokens": o}
        for i in range(ROWS)
        for t, o in [tokens(i)]
    ]
    return write_csv(folder / "azure.csv", rows)


def burstgpt(folder: Path) -> Path:
    rows = [
        {
            "Timestamp": 9 * 3600 + i * 45, "Session ID": SECRET, "Elapsed time": 1.5,
            "Model": "ChatGPT" if i % 2 else "GPT-4", "Request tokens": t,
            "Response tokens": 0 if i >= ROWS - 4 else o, "Total tokens": t + o, "Log Type": "API log",
        }
        for i in range(ROWS) for t, o in [tokens(i)]
    ]  # fmt: skip
    return write_csv(folder / "burst.csv", rows)


def mooncake(folder: Path) -> Path:
    """Every request of 20 blocks: four in ten whole repeats, two more that share 19 blocks."""
    rows = []
    for i in range(ROWS):
        kind = i % 10
        first = 0 if kind < 5 else 1_000 * i
        blocks = [first + b for b in range(20)]
        if kind in {5, 6}:
            blocks = [*range(19), 1_000 * i]
        t, o = tokens(i)
        rows.append({"timestamp": i * 45_000, "input_length": t, "output_length": o, "hash_ids": blocks})
    return write_lines(folder / "mooncake.jsonl", rows)


def otel_spans(folder: Path) -> Path:
    rows = [
        {
            "name": "chat gpt-4o", "context": {"trace_id": SECRET}, "start_time": moment(i).isoformat(),
            "end_time": moment(i + 1).isoformat(),
            "status": {"status_code": "ERROR" if i >= ROWS - 4 else "UNSET"},
            "attributes": {
                "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": t,
                "gen_ai.usage.output_tokens": o, "gen_ai.usage.cache_read.input_tokens": t // 2,
                "gen_ai.input.messages": json.dumps([{"role": "user", "content": prompt(i)}]),
                "user.id": SECRET,
            },
        }
        for i in range(ROWS) for t, o in [tokens(i)]
    ]  # fmt: skip
    return write_lines(folder / "spans.jsonl", rows)


def otlp(folder: Path) -> Path:
    def span(i: int) -> dict[str, Any]:
        t, o = tokens(i)
        attributes = [
            {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
            {"key": "user.id", "value": {"stringValue": SECRET}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": str(t)}},
            {"key": "gen_ai.usage.output_tokens", "value": {"intValue": o}},
        ]
        return {
            "traceId": SECRET, "name": "chat", "startTimeUnixNano": str(int(moment(i).timestamp()) * 10**9),
            "attributes": attributes, "status": {"code": 2 if i >= ROWS - 4 else 0},
        }  # fmt: skip

    rows = [
        {"resourceSpans": [{"scopeSpans": [{"spans": [span(i) for i in range(at, at + 10)]}]}]}
        for at in range(0, ROWS, 10)
    ]
    return write_lines(folder / "otlp.jsonl", rows)


def litellm(folder: Path) -> Path:
    rows = [
        {
            "request_id": f"{SECRET}-{i}", "call_type": "acompletion", "api_key": SECRET, "spend": 0.01,
            "total_tokens": t + o, "prompt_tokens": t, "completion_tokens": o,
            "startTime": f"{moment(i):%Y-%m-%d %H:%M:%S}.123",
            "endTime": f"{moment(i + 1):%Y-%m-%d %H:%M:%S}",
            "model": "azure/gpt-4o-mini", "user": SECRET, "cache_hit": "True" if i % 4 == 0 else "False",
            "status": "failure" if i >= ROWS - 4 else "success",
        }
        for i in range(ROWS) for t, o in [tokens(i)]
    ]  # fmt: skip
    return write_csv(folder / "litellm.csv", rows)


def apim(folder: Path) -> Path:
    """As the portal exports it: US times, and long messages split into further entries."""
    rows = []
    for i in range(ROWS):
        t, o = tokens(i)
        time = f"{moment(i).month}/{moment(i).day}/{moment(i).year}, {moment(i):%I:%M:%S.%f} {moment(i):%p}"
        rows.append(
            {"TimeGenerated [UTC]": time, "CorrelationId": f"{SECRET}{i}", "ModelName": "gpt-4o",
             "PromptTokens": t, "CompletionTokens": o, "TotalTokens": t + o, "SequenceNumber": 0,
             "RequestMessages": prompt(i)}
        )  # fmt: skip
    rows += [{**rows[0], "PromptTokens": 0, "CompletionTokens": 0, "SequenceNumber": 1} for _ in range(5)]
    return write_csv(folder / "apim.csv", rows)


def _buckets() -> list[dict[str, Any]]:
    return [
        {
            "start_time": int(moment(0).timestamp()) + 3600 * i,
            "end_time": int(moment(0).timestamp()) + 3600 * (i + 1),
            "project_id": SECRET, "num_model_requests": 10, "model": "gpt-4o-mini-2024-07-18",
            "input_tokens": 10 * t, "output_tokens": 10 * o, "input_cached_tokens": 2 * t,
        }
        for i in range(ROWS) for t, o in [tokens(i)]
    ]  # fmt: skip


def openai_usage(folder: Path) -> Path:
    return write_csv(folder / "usage.csv", _buckets())


def openai_page(folder: Path) -> Path:
    data = [
        {"object": "bucket", "start_time": row.pop("start_time"), "end_time": row.pop("end_time"),
         "results": [{"object": "organization.usage.completions.result", **row}]}
        for row in _buckets()
    ]  # fmt: skip
    path = folder / "page.json"
    path.write_text(json.dumps({"object": "page", "data": data, "has_more": False}, indent=2))
    return path


def openai_response(folder: Path) -> Path:
    rows = [
        {
            "id": SECRET, "created": int(moment(i).timestamp()), "model": "gpt-4o",
            "choices": [{"text": SECRET}],
            "usage": {
                "prompt_tokens": t, "completion_tokens": o,
                "prompt_tokens_details": {"cached_tokens": t // 5},
            },
        }
        for i in range(ROWS) for t, o in [tokens(i)]
    ]  # fmt: skip
    return write_lines(folder / "responses.jsonl", rows)


# writer, title it is recognised as, requests, failed
SAMPLES: dict[str, tuple[Callable[[Path], Path], str, int, int]] = {
    "azure_trace": (azure_trace, "Azure LLM inference trace", ROWS, 0),
    "burstgpt": (burstgpt, "BurstGPT", ROWS - 4, 4),
    "mooncake": (mooncake, "Mooncake trace", ROWS, 0),
    "otel_span": (otel_spans, "OpenTelemetry GenAI spans", ROWS - 4, 4),
    "otlp": (otlp, "OpenTelemetry GenAI spans (OTLP JSON)", ROWS - 4, 4),
    "litellm": (litellm, "LiteLLM spend log", ROWS - 4, 4),
    "apim": (apim, "Azure API Management LLM log", ROWS, 0),
    "openai_usage": (openai_usage, "OpenAI usage export", 10 * ROWS, 0),
    "openai_page": (openai_page, "OpenAI usage export (API page)", 10 * ROWS, 0),
    "openai_response": (openai_response, "OpenAI-style responses", ROWS, 0),
}
