"""The request logs people have, one module a family; the order is that of recognising."""

from __future__ import annotations

from advisor.usage.formats import Format
from advisor.usage.readers import (
    anthropic,
    azure,
    bedrock,
    gemini,
    helicone,
    langfuse,
    litellm,
    openai,
    otel,
    traces,
)

# Plain columns are told last: they would also fit logs that say more.
FORMATS: tuple[Format, ...] = (
    *traces.FORMATS,
    *otel.FORMATS,
    *litellm.FORMATS,
    *azure.FORMATS,
    *bedrock.FORMATS,
    *gemini.FORMATS,
    *anthropic.FORMATS,
    *helicone.FORMATS,
    *langfuse.FORMATS,
    *openai.FORMATS,
)
