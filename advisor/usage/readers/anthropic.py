"""Anthropic: messages, coding sessions, and the usage report. Input leaves out what a cache held or took."""

from __future__ import annotations

import ibis

from advisor.core.errors import Fault
from advisor.core.saying import say
from advisor.usage.formats import Format, Option
from advisor.usage.readers.openai import response
from advisor.usage.values import count

SOURCE = "https://docs.anthropic.com/en/api/messages"
REPORT = "https://docs.anthropic.com/en/api/admin-api/usage-cost/get-messages-usage-report"


def _session() -> dict[str, tuple[Option, ...]]:
    usage = "message.usage."
    return {
        "input": (usage + "input_tokens",),
        "output": (usage + "output_tokens",),
        "cache_read": (usage + "cache_read_input_tokens",),
        "cache_write": (usage + "cache_creation_input_tokens",),
        "model": ("message.model",),
        "tier": (usage + "service_tier",),
        "response_id": ("message.id",),
        "timestamp": ("created_at", "timestamp", "created"),
        "trace": ("sessionId", "session_id", "trace_id"),
        "error": ("error",),
        "call": ("type",),
    }


_COUNTED = ("input", "output", "cache_read", "cache_write")


def once(raw: ibis.Table, _: int) -> ibis.Table:
    """A message once: a session's log repeats its counts with each part of its content."""
    if "response_id" not in raw.columns:
        return raw
    messages = raw.filter(raw.response_id.notnull())
    most = {
        name: (count(messages[name]) if name in _COUNTED else messages[name]).max()
        for name in raw.columns
        if name != "response_id"
    }
    return messages.group_by("response_id").agg(**most)


_NO_REQUESTS = Fault(
    "",
    say("a log of messages: a profile needs the number of requests"),
    say("tokens in totals over a span; this report counts no requests"),
)

FORMATS = (
    Format("anthropic_session", say("Anthropic messages (session log)"), _session(), SOURCE, reshape=once),
    Format(
        # OpenAI's names too, for gateways' logs of both
        "anthropic", say("Anthropic messages"), response(), SOURCE,
        marks=("usage.cache_read_input_tokens", "usage.cache_creation_input_tokens"),
    ),
    Format(
        "anthropic_report", say("Anthropic's usage report"),
        {
            "input": ("results.uncached_input_tokens", "uncached_input_tokens",
                      "usage_input_tokens_no_cache"),
            "output": ("results.output_tokens", "output_tokens", "usage_output_tokens"),
        },
        REPORT, needed=("input", "output"), refused=_NO_REQUESTS,
    ),
)  # fmt: skip
