"""How long a managed model takes to answer: as its provider's service is known to be, else estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.system.case import Case
from advisor.system.serving import Served

Number = float | Array
# a cautious gate: fail only what is too slow even at the fast end of its range
FAST_END = 0.1
MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class Times:
    """Fast end and median of 95 of 100 answers [ms], to the first words and to the last."""

    first: tuple[float, float]
    answer: tuple[float, float]

    @classmethod
    def of(cls, case: Case, first_token_s: Array, per_token_s: Array, output_tokens: Number) -> Times:
        """Median times with the tail of long answers and queues."""
        tail = case.central("deployment.tail_over_median", "ratio") * MS_PER_S

        def span(seconds: Array) -> tuple[float, float]:
            fast, middle = np.quantile(seconds, (FAST_END, 0.5)) * tail
            return float(fast), float(middle)

        return cls(span(first_token_s), span(first_token_s + output_tokens * per_token_s))


def published(case: Case, model: str, output_tokens: Number) -> Times | None:
    """The times of a model by the speed stated of its provider's service; None where none is."""
    speed, first = f"models.{model}.speed", f"models.{model}.first_token"
    if speed not in case or first not in case:
        return None
    return Times.of(case, case.draw(first, "s"), 1.0 / case.draw(speed, "tok/s"), output_tokens)


def managed_times(case: Case, model: str, served: Served, output_tokens: Number) -> Times:
    """The published times of a model, else those its estimated serving takes."""
    known = published(case, model, output_tokens)
    return known or Times.of(case, served.first_token_s, served.per_token_s, output_tokens)
