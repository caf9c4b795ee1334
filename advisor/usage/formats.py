"""The request logs people have, recognised by their columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from advisor.core.errors import Fault, LogError, nearest

Path = tuple[str, ...]
Clock = Literal["utc", "day", "none"]

# What a canonical row may hold; the first three are needed.
NEEDED = ("timestamp", "input", "output")
FIELDS = (
    *NEEDED, "cached", "model", "status", "error", "requests", "cost", "end", "attempt", "request_id",
    "sequence", "prompt", "blocks", "cache_hit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of log.

    ``columns`` maps a canonical field to the names it goes by, dots separating levels of
    nesting, or the list of ``nest`` a field stands in. ``unit`` is the unit of relative
    timestamps; ``clock`` says what they tell: UTC, the hour of an unknown day, or nothing but
    order. ``nest`` names the lists within
    lists that hold the rows of a JSON document.
    """

    key: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    source: str = ""
    unit: Literal["auto", "s", "ms"] = "auto"
    clock: Clock = "utc"
    nest: tuple[str, ...] = ()
    no_output_failed: bool = False
    failed_status: str = ""
    notes: tuple[str, ...] = field(default=())


_OTEL = {
    "input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    "output": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    "cached": ("gen_ai.usage.cache_read.input_tokens",),
    "model": ("gen_ai.request.model", "gen_ai.response.model"),
    "error": ("error.type",),
    "attempt": ("http.request.resend_count",),
    "prompt": ("gen_ai.input.messages", "gen_ai.prompt"),
}


def _within(level: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(f"{level}.{path}" for path in paths) for name, paths in _OTEL.items()}


FORMATS: tuple[Format, ...] = (
    Format(
        "azure_trace",
        "Azure LLM inference trace",
        {"timestamp": ("TIMESTAMP",), "input": ("ContextTokens",), "output": ("GeneratedTokens",)},
        "https://github.com/Azure/AzurePublicDataset",
    ),
    Format(
        "burstgpt",
        "BurstGPT",
        {
            "timestamp": ("Timestamp",),
            "input": ("Request tokens",),
            "output": ("Response tokens",),
            "model": ("Model",),
        },
        "https://github.com/HPMLL/BurstGPT",
        unit="s",
        clock="day",
        no_output_failed=True,
        notes=("times count from midnight of an unnamed day, so days of the week are unknown",),
    ),
    Format(
        "mooncake",
        "Mooncake trace",
        {
            "timestamp": ("timestamp",),
            "input": ("input_length",),
            "output": ("output_length",),
            "blocks": ("hash_ids",),
        },
        "https://github.com/kvcache-ai/Mooncake",
        unit="ms",
        clock="none",
        notes=("times count from the start of the trace, so the hour of the day is unknown",),
    ),
    Format(
        "otel_otlp",
        "OpenTelemetry GenAI spans (OTLP JSON)",
        {
            "timestamp": ("spans.startTimeUnixNano",),
            "status": ("spans.status.code",),
            **_within("spans.attributes"),
        },
        "https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/",
        nest=("resourceSpans", "scopeSpans", "spans"),
        failed_status="2",
    ),
    Format(
        "otel_span",
        "OpenTelemetry GenAI spans",
        {
            "timestamp": ("start_time", "startTime", "startTimeUnixNano", "timestamp"),
            "status": ("status.status_code", "status.code"),
            **_within("attributes"),
        },
        "https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/",
        failed_status="2",
    ),
    Format(
        "otel_flat",
        "OpenTelemetry GenAI spans",
        {
            "timestamp": (
                "start_time",
                "startTime",
                "startTimeUnixNano",
                "start_time_unix_nano",
                "timestamp",
            ),
            "status": ("status_code", "otel.status_code"),
            **_OTEL,
        },
        "https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/",
        failed_status="2",
    ),
    Format(
        "litellm",
        "LiteLLM spend log",
        {
            "timestamp": ("startTime",),
            "input": ("prompt_tokens",),
            "output": ("completion_tokens",),
            "model": ("model",),
            "status": ("status",),
            "cost": ("spend",),
            "cache_hit": ("cache_hit",),
            "prompt": ("messages",),
        },
        "https://docs.litellm.ai/docs/proxy/cost_tracking",
    ),
    Format(
        "apim",
        "Azure API Management LLM log",
        {
            "timestamp": ("TimeGenerated",),
            "input": ("PromptTokens",),
            "output": ("CompletionTokens",),
            "model": ("ModelName", "DeploymentName"),
            "sequence": ("SequenceNumber",),
            "prompt": ("RequestMessages",),
        },
        "https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewayllmlog",
    ),
    Format(
        "openai_page",
        "OpenAI usage export (API page)",
        {
            "timestamp": ("data.start_time",),
            "end": ("data.end_time",),
            "input": ("results.input_tokens",),
            "output": ("results.output_tokens",),
            "cached": ("results.input_cached_tokens",),
            "requests": ("results.num_model_requests",),
            "model": ("results.model",),
        },
        "https://platform.openai.com/docs/api-reference/usage",
        nest=("data", "results"),
    ),
    Format(
        "openai_usage",
        "OpenAI usage export",
        {
            "timestamp": ("start_time", "start_time_iso", "aggregation_timestamp"),
            "end": ("end_time", "end_time_iso"),
            "input": ("input_tokens", "n_context_tokens_total"),
            "output": ("output_tokens", "n_generated_tokens_total"),
            "cached": ("input_cached_tokens", "n_cached_context_tokens_total"),
            "requests": ("num_model_requests", "n_requests"),
            "model": ("model", "snapshot_id"),
        },
        "https://platform.openai.com/docs/api-reference/usage",
    ),
    Format(
        "openai_response",
        "OpenAI-style responses",
        {
            "timestamp": ("created", "created_at"),
            "input": ("usage.prompt_tokens", "usage.input_tokens"),
            "output": ("usage.completion_tokens", "usage.output_tokens"),
            "cached": (
                "usage.prompt_tokens_details.cached_tokens",
                "usage.input_tokens_details.cached_tokens",
            ),
            "model": ("model",),
        },
        "https://platform.openai.com/docs/api-reference/chat/object",
    ),
)

# OpenAI's exports are told from per-request logs by this column.
_ALSO_NEEDED = {"openai_usage": "requests", "openai_page": "requests"}
# LiteLLM's columns are plain enough to be someone else's; one of these makes them its own.
_MARKS = {"litellm": ("spend", "cache_hit", "call_type")}


def plain(name: str) -> str:
    """A column's name without case, separators and a trailing remark such as ``[UTC]``."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\s*[\[(].*$", "", name).lower())


@dataclass(frozen=True, slots=True)
class Recognised:
    """A format, and the column that holds each of its fields in the log at hand."""

    format: Format
    columns: Mapping[str, Path]


def recognise(paths: Iterable[Path], mapping: Mapping[str, str] | None, where: str) -> Recognised:
    """Find the format of a log by its columns (paths of names, one level each).

    ``mapping`` gives canonical fields their columns and wins over what is recognised.
    Raises LogError naming what is missing.
    """
    found = {plain(".".join(path)): path for path in reversed(list(paths))}
    if mapping:
        return _mapped(found, mapping, where)
    best: tuple[int, Format, dict[str, Path]] | None = None
    for kind in FORMATS:
        columns = _match(kind, found)
        needed = (*NEEDED, *filter(None, (_ALSO_NEEDED.get(kind.key),)))
        marks = _MARKS.get(kind.key, ())
        if marks and not any(plain(mark) in found for mark in marks):
            continue
        if all(name in columns for name in needed):
            return Recognised(kind, columns)
        score = sum(name in columns for name in needed)
        if score and (best is None or score > best[0]):
            best = (score, kind, columns)
    raise _unrecognised(found, best, where)


def _match(kind: Format, found: Mapping[str, Path]) -> dict[str, Path]:
    columns = {}
    for name, options in kind.columns.items():
        for option in options:
            if plain(option) in found:
                columns[name] = found[plain(option)]
                break
    return columns


def _mapped(found: Mapping[str, Path], mapping: Mapping[str, str], where: str) -> Recognised:
    faults = []
    columns: dict[str, Path] = {}
    listed = ", ".join(".".join(path) for path in found.values()) or "no columns"
    for name, column in mapping.items():
        if name not in FIELDS:
            faults.append(Fault(f"--map {name}", f"one of {', '.join(FIELDS)}", name, nearest(name, FIELDS)))
        elif plain(column) in found:
            columns[name] = found[plain(column)]
        else:
            names = [".".join(path) for path in found.values()]
            faults.append(Fault(f"{where}: --map {name}", f"one of {listed}", column, nearest(column, names)))
    faults += [
        Fault(f"--map {name}", "a column of the log", "nothing") for name in NEEDED if name not in mapping
    ]
    if faults:
        raise LogError("The columns given do not fit the log.", faults)
    return Recognised(replace(_OWN, columns={k: (v,) for k, v in mapping.items()}), columns)


_OWN = Format("mapped", "columns as mapped", {})


def _unrecognised(
    found: Mapping[str, Path], best: tuple[int, Format, dict[str, Path]] | None, where: str
) -> LogError:
    names = [".".join(path) for path in found.values()]
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    expected = "the columns of a known log, or --map timestamp=…,input=…,output=…"
    if best is None or best[0] < 2:
        titles = ", ".join(dict.fromkeys(kind.title for kind in FORMATS))
        return LogError(
            f"The log is none of: {titles}.", [Fault(where, expected, f"the columns {listed or 'none'}")]
        )
    _, kind, columns = best
    needed = (*NEEDED, *filter(None, (_ALSO_NEEDED.get(kind.key),)))
    faults = [
        Fault(where, f"the column {' or '.join(kind.columns[name])}", f"the columns {listed}",
              nearest(kind.columns[name][0], names))
        for name in needed if name not in columns
    ]  # fmt: skip
    return LogError(f"The log looks like {kind.title}, but columns are missing.", faults)
