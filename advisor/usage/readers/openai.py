"""OpenAI and Azure OpenAI: responses of either API, batch outputs, and the organisation's usage exports.

Input counts what was read from and written to a cache; output counts reasoning.
"""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format, Inside, Option, merged

RESPONSES = "https://platform.openai.com/docs/api-reference/chat/object"
USAGE = "https://platform.openai.com/docs/api-reference/usage"


def response(level: str = "") -> dict[str, tuple[Option, ...]]:
    """Where a response's fields stand, ``level`` above them; Anthropic's too, for logs of both."""
    usage = f"{level}usage."
    return {
        "timestamp": (f"{level}created", f"{level}created_at", f"{level}timestamp"),
        "input": (usage + "prompt_tokens", usage + "input_tokens"),
        "output": (usage + "completion_tokens", usage + "output_tokens"),
        "cached": (usage + "prompt_tokens_details.cached_tokens",
                   usage + "input_tokens_details.cached_tokens"),
        "cached_write": (usage + "prompt_tokens_details.cache_write_tokens",
                         usage + "input_tokens_details.cache_write_tokens"),
        "cache_read": (usage + "cache_read_input_tokens",),
        "cache_write": (usage + "cache_creation_input_tokens",),
        "reasoning": (usage + "completion_tokens_details.reasoning_tokens",
                      usage + "output_tokens_details.reasoning_tokens"),
        "model": (f"{level}model",),
        "call": (f"{level}object",),
        "tier": (f"{level}service_tier", usage + "service_tier"),
        "status": (f"{level}status",),
        "error": (f"{level}error",),
        "response_id": (f"{level}id",),
        "trace": (f"{level}conversation.id", f"{level}session_id", f"{level}trace_id"),
    }  # fmt: skip


def _usage(results: str = "", bucket: str = "") -> dict[str, tuple[Option, ...]]:
    def within(*names: str) -> tuple[str, ...]:
        return tuple(results + name for name in names)

    return {
        "input": within("input_tokens", "n_context_tokens_total"),
        "output": within("output_tokens", "n_generated_tokens_total"),
        "cached": within("input_cached_tokens", "n_cached_context_tokens_total"),
        "requests": within("num_model_requests", "n_requests"),
        "model": within("model", "snapshot_id"),
        "call": within("object"),
        "tier": within("service_tier", "batch"),
        "images": within("images"),
        "audio_s": within("seconds"),
        "timestamp": (bucket + "start_time", bucket + "start_time_iso", bucket + "aggregation_timestamp"),
        "end": (bucket + "end_time", bucket + "end_time_iso"),
    }


# what own logs put a response under, and its time beside it
_LEVELS = ("response.", "body.", "completion.", "result.message.", "result.", "output.",
           "response_body.", "response.body.")  # fmt: skip
_TIMES = ("timestamp", "time", "request_time", "start_time", "started_at", "created_at", "created", "ts",
          "TimeGenerated")  # fmt: skip
_AROUND = {"timestamp": _TIMES, "status": ("status", "status_code", "response.status_code")}
_TRACE = {"trace": ("session_id", "conversation_id", "trace_id", "traceId")}


def _wrapped() -> dict[str, tuple[Option, ...]]:
    return merged(_AROUND, _TRACE, *(response(level) for level in _LEVELS))


def _text() -> dict[str, tuple[Option, ...]]:
    """A response as JSON text in a column."""

    def within(*keys: str) -> tuple[Option, ...]:
        return tuple(Inside(column.rstrip("."), keys) for column in ("response_body.", *_LEVELS[:3]))

    return {
        **_AROUND,
        **_TRACE,
        "input": within("prompt_tokens", "input_tokens"),
        "output": within("completion_tokens", "output_tokens"),
        "cached": within("cached_tokens"),
        "cached_write": within("cache_write_tokens"),
        "cache_read": within("cache_read_input_tokens"),
        "cache_write": within("cache_creation_input_tokens"),
        "reasoning": within("reasoning_tokens"),
        "model": within("model"),
        "tier": within("service_tier"),
    }


FORMATS = (
    Format(
        "openai_page", say("OpenAI usage export (API page)"), _usage("results.", "data."), USAGE,
        needed=("timestamp", "input", "output", "requests"), nest=("data", "results"), spans=True,
    ),
    Format(
        "openai_usage", say("OpenAI usage export"), _usage(), USAGE,
        needed=("timestamp", "input", "output", "requests"), spans=True,
    ),
    Format("openai_batch", say("OpenAI batch output"), response("response.body."), RESPONSES, tier="batch"),
    Format("openai_response", say("OpenAI-style responses"), response(), RESPONSES),
    Format("openai_wrapped", say("OpenAI-style responses"), _wrapped(), RESPONSES),
    Format("openai_text", say("OpenAI-style responses"), _text(), RESPONSES),
)  # fmt: skip
