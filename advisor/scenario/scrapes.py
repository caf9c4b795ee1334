"""The running batch of one's own vLLM server, from two scrapes of its ``/metrics`` page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from advisor.core.errors import Fault, MeasurementError
from advisor.core.saying import joined, numeral, say

# counters of vLLM's Prometheus page: tokens written, and steps of the engine
WRITTEN, STEPS = "vllm:generation_tokens_total", "vllm:iteration_tokens_total_count"
PROMPTS = "vllm:prompt_tokens_total"
LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{[^}]*\})?\s+([0-9.eE+-]+|NaN|[+-]Inf)\s*(?:\d+)?$")
STALE = say("a later scrape of the same server, without a restart between")


@dataclass(frozen=True, slots=True)
class Running:
    """What ran between two scrapes: requests per step (the batch), prompt and answer tokens."""

    batch: float
    input_tokens: float
    output_tokens: float


def running_batch(before: str, after: str) -> Running:
    """The mean running batch between two scrapes: tokens written per step of the engine.

    A step writes one token for each request that runs; without speculative decoding their ratio
    is the batch. Raises MeasurementError listing each counter that is missing or did not grow.
    """
    first, second = _counters(before), _counters(after)
    faults = [
        Fault(joined(", ", (which, name)), say("a counter of vLLM's /metrics"), say("none"))
        for which, found in ((say("first scrape"), first), (say("second scrape"), second))
        for name in (WRITTEN, STEPS, PROMPTS)
        if name not in found
    ]
    if not faults:
        faults += [
            Fault(
                joined(", ", (say("second scrape"), name)),
                STALE,
                say("{now} after {before}", now=numeral(second[name], "g"), before=numeral(first[name], "g")),
            )
            for name in (WRITTEN, STEPS)
            if not second[name] > first[name]
        ]
    if faults:
        raise MeasurementError(say("The running batch cannot be read from these scrapes."), faults)
    written, steps = second[WRITTEN] - first[WRITTEN], second[STEPS] - first[STEPS]
    return Running(max(written / steps, 1.0), max(second[PROMPTS] - first[PROMPTS], 0.0), written)


def _counters(text: str) -> dict[str, float]:
    """Every series of a Prometheus page by its name, summed over its labels."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if match := LINE.match(line.strip()):
            value = float(match[2])
            found[match[1]] = found.get(match[1], 0.0) + value
    return found
