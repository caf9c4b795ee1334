"""What a call was for, told by its name, else by its model's."""

from __future__ import annotations

from typing import Any

import ibis

TEXT, IMAGES = "text", "text about images"
EMBEDDING, AUDIO, DRAWING, RERANKING, MODERATION = (
    "embedding", "audio", "image making", "reranking", "moderation",
)  # fmt: skip
# rows that are no call of a model: a tool's run, and what only groups other rows
TOOL, STEP = "tool", "step"
NO_CALLS = (TOOL, STEP)

_STEPS = (
    r"invoke_agent|create_agent|invoke_workflow|"
    r"^(?:span|event|agent|chain|retriever|evaluator|guardrail|plan)$|"
    r"^(?:user|system|summary|progress|attachment|file-history-snapshot|queue-operation)$"
)
_CALLS = (
    (STEP, _STEPS),
    (TOOL, r"execute_tool|call_mcp_tool|^tool$"),
    (EMBEDDING, "embed"),
    (MODERATION, "moderat"),
    (RERANKING, "rerank"),
    (DRAWING, "image"),
    (AUDIO, "audio|speech|transcri|translation"),
)  # fmt: skip
_MODELS = (
    (EMBEDDING, "embed"),
    (RERANKING, "rerank"),
    (MODERATION, "moderation"),
    (DRAWING, "dall-e|gpt-image|imagen|stable-diffusion|flux"),
    (AUDIO, "whisper|tts|transcribe"),
)


def kind(raw: ibis.Table, images: Any | None) -> Any:
    """The kind of each row, from its call, its model and whether images were sent."""
    has = set(raw.columns)
    told: list[tuple[Any, Any]] = []
    if "call" in has:
        call = raw.call.cast("string").lower().fill_null("")
        told += [(call.re_search(pattern), name) for name, pattern in _CALLS]
    for field in ("model", "deployment"):
        if field in has:
            model = raw[field].cast("string").lower().fill_null("")
            every = "|".join(pattern for _, pattern in _MODELS)
            other = ibis.cases(*((model.re_search(pattern), name) for name, pattern in _MODELS), else_=TEXT)
            told.append((model.re_search(every), other))
    if images is not None:
        told.append(((images > 0).fill_null(False), IMAGES))
    return ibis.cases(*told, else_=TEXT) if told else ibis.literal(TEXT)
