"""What one call reads and writes."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.core.draws import Array

Number = float | Array


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Tokens of a request; ``cached_tokens`` of the input are a prefix computed before.

    ``written_tokens`` of the input are put into a prompt cache, which some prices charge for.
    """

    input_tokens: Number
    output_tokens: Number
    cached_tokens: Number = 0.0
    written_tokens: Number = 0.0
