"""LiteLLM's spend logs. Input counts what a cache held; its parts stand in the JSON of ``metadata``."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format, Inside

FORMATS = (
    Format(
        "litellm",
        say("LiteLLM spend log"),
        {
            "timestamp": ("startTime",),
            "input": ("prompt_tokens",),
            "output": ("completion_tokens",),
            "cached": (
                Inside("metadata", ("cached_tokens", "cache_read_input_tokens")),
                "cache_read_input_tokens",
            ),
            "cached_write": (
                Inside("metadata", ("cache_creation_input_tokens", "cache_write_tokens")),
                "cache_creation_input_tokens",
            ),
            "reasoning": (Inside("metadata", ("reasoning_tokens",)),),
            "tier": (Inside("metadata", ("service_tier",)),),
            "attempt": (Inside("metadata", ("attempted_retries",)),),
            "call": ("call_type",),
            "deployment": ("model",),
            "status": ("status",),
            "cost": ("spend",),
            "cache_hit": ("cache_hit",),
            "response_id": ("request_id",),
            "trace": ("session_id",),
            "prompt": ("messages",),
        },
        "https://docs.litellm.ai/docs/proxy/cost_tracking",
        # its columns are plain enough to be someone else's; one of these makes them its own
        marks=("spend", "cache_hit", "call_type"),
    ),
)
