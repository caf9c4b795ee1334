"""Helicone's request exports. Whether cached tokens count within the prompt depends on the provider."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format

FORMATS = (
    Format(
        "helicone",
        say("Helicone requests"),
        {
            "timestamp": ("request_created_at", "request.created_at", "createdAt", "created_at"),
            "input": ("prompt_tokens", "promptTokens", "request_prompt_tokens"),
            "output": ("completion_tokens", "completionTokens"),
            "cached": ("prompt_cache_read_tokens", "promptCacheReadTokens"),
            "cached_write": ("prompt_cache_write_tokens", "promptCacheWriteTokens"),
            "reasoning": ("reasoning_tokens", "reasoningTokens"),
            "model": ("response_model", "model", "model_override"),
            "deployment": ("request_model",),
            "provider": ("provider",),
            "call": ("request_path", "path"),
            "status": ("response_status", "status"),
            "cost": ("costUSD", "cost", "cost_usd"),
            "response_id": ("request_id",),
            "trace": ("session_id", "properties.Helicone-Session-Id"),
        },
        "https://docs.helicone.ai/features/advanced-usage/export",
        marks=("response_status", "prompt_cache_read_tokens", "helicone_user", "delay_ms", "request_user_id"),
        told_by_data=True,
    ),
)
