"""Models by the names that gateways, clouds and dates give them."""

from __future__ import annotations

import re

# What models are called; a name without any of these is one that a deployment was given.
_FAMILIES = re.compile(
    r"(?:^|[^a-z])(?:gpt|chatgpt|o[1-9](?:$|[^a-z0-9])|codex|davinci|babbage|text-embedding|embed|dall-e|sora|"
    r"whisper|tts|claude|gemini|gemma|palm|bison|llama|mistral|mixtral|ministral|codestral|magistral|"
    r"devstral|pixtral|qwen|qwq|deepseek|phi|command|titan|nova|jamba|grok|kimi|glm|granite|nemotron|"
    r"falcon|olmo|yi-|internlm|minimax|model-router|rerank|bge|e5-|minilm|starcoder|smollm|hermes|solar|"
    r"dbrx|arctic|flux|stable|imagen|veo|lyria|step|ernie|hunyuan|seed|mai-|sonar|cohere)"
)
_NAME = re.compile(r"^[\w.:/+@-]{1,120}$")
# a key or a digest: long, unbroken, of letters and digits mixed
_KEY = re.compile(r"\bsk-|(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{24,}|\d{12,}|\.[a-z]{2,}$")
_PREFIX = re.compile(
    r"^(?:arn:[^/]*/|publishers/[^/]+/models/|projects/.*/models/|models/|accounts/[^/]+/models/|"
    r"(?:us|eu|apac|au|jp|ca|us-gov|global)\.(?=[a-z0-9]+\.)|"
    r"(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|qwen|openai|stability|writer|google|nvidia|twelvelabs)\.)",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"(?:[-@_](?:20\d{2}-\d{2}-\d{2}|20\d{6}|latest|preview|default)|-v\d+(?::\d+)?(?::\d+k)?|:\d+|"
    r"-00[1-9]|:(?:latest|free|beta|nitro))$",
    re.IGNORECASE,
)
OTHER = "other"


def model_name(name: str) -> str:
    """A model's own name: without a provider, a region, a date or a version of its interface.

    Text that no model's name would hold, such as a sentence, an address or a key, becomes ``other``;
    of tuned models the organisation is left out, as it may name a client.
    """
    name = name.strip()
    if name.lower().startswith("ft:"):
        base = model_name(name.split(":")[1])
        return base if base == OTHER else f"{base}+tuned"
    if not name or not _NAME.match(name) or "://" in name:
        return OTHER
    stripped = name
    while (shorter := _PREFIX.sub("", stripped)) != stripped:
        stripped = shorter
    stripped = stripped.rsplit("/", 1)[-1]
    while (shorter := _SUFFIX.sub("", stripped)) not in (stripped, ""):
        stripped = shorter
    at = stripped.find("@")
    if at > 0 and not is_model(stripped[:at]):
        return OTHER
    return OTHER if not stripped or _KEY.search(stripped) else stripped


def is_model(name: str) -> bool:
    """Whether a name is that of a model rather than one somebody gave a deployment."""
    return bool(_FAMILIES.search(name.lower()))
