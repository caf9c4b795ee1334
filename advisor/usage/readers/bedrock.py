"""Amazon Bedrock model invocation logs. Input leaves out what a cache held or took."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format, Inside

_FLAT = {
    "timestamp": ("timestamp",),
    "input": ("input.inputTokenCount",),
    "output": ("output.outputTokenCount",),
    "cache_read": ("input.cacheReadInputTokenCount", "output.outputBodyJson.usage.cacheReadInputTokens",
                   "output.outputBodyJson.usage.cacheReadInputTokenCount",
                   "output.outputBodyJson.usage.cache_read_input_tokens"),
    "cache_write": ("input.cacheWriteInputTokenCount", "output.outputBodyJson.usage.cacheWriteInputTokens",
                    "output.outputBodyJson.usage.cacheWriteInputTokenCount",
                    "output.outputBodyJson.usage.cache_creation_input_tokens"),
    "model": ("modelId",),
    "error": ("errorCode",),
    "response_id": ("requestId",),
}  # fmt: skip
_WITHIN = {
    "input": ("inputTokenCount",),
    "output": ("outputTokenCount",),
    "cache_read": ("cacheReadInputTokenCount", "cacheReadInputTokens", "cache_read_input_tokens"),
    "cache_write": ("cacheWriteInputTokenCount", "cacheWriteInputTokens", "cache_creation_input_tokens"),
    "model": ("modelId",),
    "error": ("errorCode",),
    "response_id": ("requestId",),
}
SOURCE = "https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html"

FORMATS = (
    Format("bedrock", say("Amazon Bedrock invocation log"), _FLAT, SOURCE),
    Format(
        "bedrock_cloudwatch",
        say("Amazon Bedrock invocation log (CloudWatch)"),
        {
            "timestamp": ("@timestamp", "timestamp"),
            **{name: (Inside("@message", keys),) for name, keys in _WITHIN.items()},
        },
        SOURCE,
        marks=("@message",),
    ),
)
