"""How long a managed model takes to answer: as its provider's service is known to be, else estimated.

Providers promise no times, so a gate looks at the fast end: it is worked out from the bounds of the
coefficients and not from draws, so that the central case alone comes to the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, hypot, log

from advisor.core.draws import central
from advisor.system import provider_pool, requests, techniques, thinking
from advisor.system.case import Case, remembered

MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class Times:
    """Fast end and central estimate of 95 of 100 answers [ms], to the first words and to the last."""

    first: tuple[float, float]
    answer: tuple[float, float]


@remembered
def promised(case: Case, model: str, technique: str, speed: float) -> Times:
    """The times where 99 of 100 requests are promised to be written at ``speed`` [tok/s] or faster.

    The first words are promised by nobody; an answer is not slower than its estimate.
    """
    found = times(case, model, technique)
    writing = central(requests.shape(case, model, technique).output_tokens) / speed * MS_PER_S
    fast, usual = (min(span, first + writing) for span, first in zip(found.answer, found.first, strict=True))
    return Times(found.first, (fast, usual))


@remembered
def times(case: Case, model: str, technique: str) -> Times:
    """The times of a model by the speed stated of its provider's service, else those of its pool.

    The fast end is exceeded by 90 of 100: spreads of independent factors add as squares of their logs.
    """
    tail = case.central("deployment.tail_over_median", "ratio") * MS_PER_S
    tokens = central(requests.shape(case, model, technique).output_tokens)
    writing = _shorter(case, model, technique)
    speed, first = f"models.{model}.speed", f"models.{model}.first_token"
    if speed in case and first in case:
        first_s, word_s = case.central(first, "s"), 1.0 / case.central(speed, "tok/s")
        slower, faster = case.catalogue.coefficient(first), case.catalogue.coefficient(speed)
        sooner = slower.low / slower.central
        fast_s = first_s * sooner + tokens * word_s * _fast(faster.central / faster.high, writing)
    else:
        one = provider_pool.served(case, model, technique)
        first_s, word_s = central(one.first_token_s), central(one.per_token_s)
        sooner = case.central("deployment.fast_over_central", "ratio")
        fast_s = first_s * sooner + tokens * word_s * _fast(sooner, writing)
    answer_s = first_s + tokens * word_s
    return Times((first_s * sooner * tail, first_s * tail), (fast_s * tail, answer_s * tail))


def _shorter(case: Case, model: str, technique: str) -> float:
    """How much shorter an answer may be than the central one [ratio]: fewer hidden tokens."""
    measured = requests.measured_output(case, model, technique) is not None
    return 1.0 if measured else thinking.fewest(case, model, techniques.effort(technique))


def _fast(*shares: float) -> float:
    """The fast end of a product of factors whose fast ends are these shares of the centre [ratio]."""
    return exp(-hypot(*(log(share) for share in shares)))
