"""Anthropic: messages, coding sessions, and the usage report. Input leaves out what a cache held or took."""

from __future__ import annotations

from advisor.core.errors import Fault
from advisor.usage.formats import Format, Option

SOURCE = "https://docs.anthropic.com/en/api/messages"
REPORT = "https://docs.anthropic.com/en/api/admin-api/usage-cost/get-messages-usage-report"


def _message(level: str = "") -> dict[str, tuple[Option, ...]]:
    usage = f"{level}usage."
    return {
        "input": (usage + "input_tokens",),
        "output": (usage + "output_tokens",),
        "cache_read": (usage + "cache_read_input_tokens",),
        "cache_write": (usage + "cache_creation_input_tokens",),
        "model": (f"{level}model",),
        "tier": (usage + "service_tier",),
        "response_id": (f"{level}id",),
        "timestamp": ("created_at", "timestamp", "created"),
        "trace": ("sessionId", "session_id", "trace_id"),
        "error": ("error",),
    }


_NO_REQUESTS = Fault(
    "",
    "a log of messages: a profile needs the number of requests",
    "tokens in totals over a span; this report counts no requests",
)

FORMATS = (
    Format("anthropic_session", "Anthropic messages (session log)", _message("message."), SOURCE),
    Format(
        "anthropic", "Anthropic messages", _message(), SOURCE,
        marks=("usage.cache_read_input_tokens", "usage.cache_creation_input_tokens"),
    ),
    Format(
        "anthropic_report", "Anthropic's usage report",
        {
            "input": ("results.uncached_input_tokens", "uncached_input_tokens",
                      "usage_input_tokens_no_cache"),
            "output": ("results.output_tokens", "output_tokens", "usage_output_tokens"),
        },
        REPORT, needed=("input", "output"), refused=_NO_REQUESTS,
    ),
)  # fmt: skip
