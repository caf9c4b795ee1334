"""Langfuse observations. Its prompt tokens are all input; its usage details leave cached tokens out."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format, Inside

_SHARED = {
    "timestamp": ("startTime", "start_time", "timestamp"),
    "model": ("model", "providedModelName", "provided_model_name"),
    "call": ("type",),
    "status": ("level",),
    "cost": ("totalCost", "calculatedTotalCost", "total_cost"),
    "response_id": ("id",),
    "trace": ("sessionId", "traceId", "trace_id"),
}
_DETAILS = ("usageDetails", "usage_details", "usage")


def _inside(*keys: str) -> tuple[Inside, ...]:
    return tuple(Inside(column, keys) for column in _DETAILS)


_READ = ("input_cached_tokens", "cache_read_input_tokens", "input_cache_read", "input_cached")
_WRITE = ("cache_creation_input_tokens", "input_cache_creation", "input_cache_write_tokens")
_REASONING = ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens")
_MARKS = ("type", "level", "traceId", "observationId", "totalCost")
# ``usage`` alone is anybody's
_OWN = ("usageDetails", "usage_details", "costDetails", "traceId", "observationId", "totalCost")
SOURCE = "https://langfuse.com/docs/api-and-data-platform/features/export-from-ui"

FORMATS = (
    Format(
        "langfuse",
        say("Langfuse observations"),
        {
            **_SHARED,
            "input": ("promptTokens", "inputUsage", "prompt_tokens", "usage.input", "usage.promptTokens"),
            "output": ("completionTokens", "outputUsage", "completion_tokens", "usage.output",
                       "usage.completionTokens"),
            "cached": _inside(*_READ)[:2],
            "cached_write": _inside(*_WRITE)[:2],
            "reasoning": _inside(*_REASONING)[:2],
        },
        SOURCE,
        marks=_MARKS,
    ),
    Format(
        "langfuse_details",
        say("Langfuse observations"),
        {
            **_SHARED,
            "input": _inside("input", "prompt_tokens"),
            "output": _inside("output", "completion_tokens"),
            "cache_read": _inside(*_READ),
            "cache_write": _inside(*_WRITE),
            "thoughts": _inside(*_REASONING),
        },
        SOURCE,
        marks=_OWN,
    ),
)  # fmt: skip
