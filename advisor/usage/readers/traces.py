"""Published traces: Azure LLM 2023 and 2024, Azure LMM 2025, BurstGPT, Mooncake."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.usage.formats import Format

_AZURE = {"timestamp": ("TIMESTAMP",), "input": ("ContextTokens",), "output": ("GeneratedTokens",)}

FORMATS = (
    Format(
        "azure_lmm",
        say("Azure LMM inference trace"),
        {**_AZURE, "images": ("NumImages",)},
        "https://github.com/Azure/AzurePublicDataset",
        marks=("NumImages",),
    ),
    Format(
        "azure_trace", say("Azure LLM inference trace"), _AZURE, "https://github.com/Azure/AzurePublicDataset"
    ),
    Format(
        "burstgpt",
        "BurstGPT",
        {
            "timestamp": ("Timestamp",),
            "input": ("Request tokens",),
            "output": ("Response tokens",),
            "model": ("Model",),
            "trace": ("Session ID",),
        },
        "https://github.com/HPMLL/BurstGPT",
        unit="s",
        clock="day",
        no_output_failed=True,
        notes=(say("times count from midnight of an unnamed day, so days of the week are unknown"),),
    ),
    Format(
        "mooncake",
        say("Mooncake trace"),
        {
            "timestamp": ("timestamp",),
            "input": ("input_length",),
            "output": ("output_length",),
            "blocks": ("hash_ids",),
        },
        "https://github.com/kvcache-ai/Mooncake",
        unit="ms",
        clock="none",
        notes=(say("times count from the start of the trace, so the hour of the day is unknown"),),
    ),
)
