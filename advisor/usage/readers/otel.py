"""OpenTelemetry GenAI spans: nested as OTLP writes them, one a line, flat, or in Application Insights.

The convention counts cached tokens within the input; instrumentations of Anthropic and Bedrock often
pass on counts that leave them out. The counts tell: more cached than input means left out. An agent's
own span repeats what its calls count and is not a request.
"""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format, Inside

SOURCE = "https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/"

_USAGE = "gen_ai.usage."
_ATTRIBUTES = {
    "input": (_USAGE + "input_tokens", _USAGE + "prompt_tokens"),
    "output": (_USAGE + "output_tokens", _USAGE + "completion_tokens"),
    "cached": (
        _USAGE + "cache_read.input_tokens", _USAGE + "cache_read_input_tokens",
        _USAGE + "input_tokens.cached", _USAGE + "cached_input_tokens", _USAGE + "cache_read_tokens",
        _USAGE + "details.cached_tokens",
    ),
    "cached_write": (
        _USAGE + "cache_creation.input_tokens", _USAGE + "cache_creation_input_tokens",
        _USAGE + "cache_write.input_tokens", _USAGE + "cache_write_tokens",
    ),
    "reasoning": (
        _USAGE + "reasoning.output_tokens", _USAGE + "reasoning_tokens",
        _USAGE + "output_tokens.reasoning", _USAGE + "details.reasoning_tokens",
    ),
    "model": ("gen_ai.response.model",),
    "deployment": ("gen_ai.request.model",),
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
    "call": ("gen_ai.operation.name",),
    "tier": ("openai.response.service_tier", "gen_ai.openai.response.service_tier",
             "openai.request.service_tier", "gen_ai.openai.request.service_tier"),
    "error": ("error.type",),
    "attempt": ("http.request.resend_count",),
    "prompt": ("gen_ai.input.messages", "gen_ai.prompt"),
}  # fmt: skip
_CONVERSATION = "gen_ai.conversation.id"


def _within(level: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(f"{level}.{path}" for path in paths) for name, paths in _ATTRIBUTES.items()}


def _text(*columns: str) -> dict[str, tuple[Inside, ...]]:
    return {
        name: tuple(Inside(column, paths) for column in columns)
        for name, paths in {**_ATTRIBUTES, "trace": (_CONVERSATION,)}.items()
        if name != "prompt"
    }


def _format(key: str, columns: dict[str, tuple[str | Inside, ...]], nest: tuple[str, ...] = ()) -> Format:
    title = say("OpenTelemetry GenAI spans (OTLP JSON)") if nest else say("OpenTelemetry GenAI spans")
    return Format(key, title, columns, SOURCE, nest=nest, told_by_data=True, failed_status="2")


FORMATS = (
    _format(
        "otel_otlp",
        {
            "timestamp": ("spans.startTimeUnixNano",),
            "status": ("spans.status.code",),
            "trace": (f"spans.attributes.{_CONVERSATION}", "spans.traceId"),
            **_within("spans.attributes"),
        },
        ("resourceSpans", "scopeSpans", "spans"),
    ),
    _format(
        "otel_span",
        {
            "timestamp": ("start_time", "startTime", "startTimeUnixNano", "timestamp", "Timestamp"),
            "status": ("status.status_code", "status.code"),
            "trace": (f"attributes.{_CONVERSATION}", "context.trace_id", "trace_id", "traceId"),
            **_within("attributes"),
        },
    ),
    _format(
        "otel_flat",
        {
            "timestamp": ("start_time", "startTime", "startTimeUnixNano", "timestamp"),
            "status": ("status_code", "otel.status_code"),
            "trace": (_CONVERSATION, "trace_id", "traceId"),
            **_ATTRIBUTES,
        },
    ),
    _format(
        "otel_text",
        {
            "timestamp": ("timestamp", "TimeGenerated", "start_time", "Timestamp"),
            "status": ("success", "StatusCode"),
            **_text("customDimensions", "Properties", "SpanAttributes", "attributes"),
        },
    ),
)
