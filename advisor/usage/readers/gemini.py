"""Gemini API and Vertex AI: responses and request-response logs.

The prompt counts what a cache held; thoughts and the results of tools stand beside the counts.
"""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format, Inside, Option

SOURCE = "https://ai.google.dev/api/generate-content#UsageMetadata"
_COUNTS = {
    "input": ("promptTokenCount", "prompt_token_count"),
    "output": ("candidatesTokenCount", "candidates_token_count"),
    "cached": ("cachedContentTokenCount", "cached_content_token_count"),
    "input_more": ("toolUsePromptTokenCount", "tool_use_prompt_token_count"),
    "thoughts": ("thoughtsTokenCount", "thoughts_token_count"),
    "tier": ("trafficType", "traffic_type"),
}


def _response(level: str = "") -> dict[str, tuple[Option, ...]]:
    within = {
        name: tuple(f"{level}{usage}.{key}" for usage in ("usageMetadata", "usage_metadata") for key in keys)
        for name, keys in _COUNTS.items()
    }
    return {**within, "model": (f"{level}modelVersion", f"{level}model_version", "model", "model_version")}


_TIMES = ("createTime", "create_time", "logging_time", "timestamp", "created_at")

FORMATS = (
    Format("gemini", say("Gemini responses"), {**_response(), "timestamp": _TIMES}, SOURCE),
    Format(
        "vertex", say("Vertex AI request-response log"),
        {**_response("full_response."), "timestamp": ("logging_time", "timestamp")}, SOURCE,
    ),
    Format(
        "vertex_text", say("Vertex AI request-response log"),
        {
            "timestamp": ("logging_time",),
            **{name: (Inside("full_response", keys),) for name, keys in _COUNTS.items()},
            "model": (Inside("full_response", ("modelVersion", "model_version")), "model", "model_version"),
        },
        SOURCE,
    ),
)  # fmt: skip
