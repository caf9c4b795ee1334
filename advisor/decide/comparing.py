"""Gates, dominance, confidence: from options to a decision.

Eligible options are compared draw by draw on shared draws. The score of an option is the
weighted sum of the logarithms of its indicators per accepted answer (a weighted product),
so units do not matter, a weight of zero ignores an indicator, and halving an indicator
is worth the same wherever it starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import moocore
import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.system.case import Case
from advisor.system.option import Decision, Gate, Option

# what each priority looks at; quality is better when larger, the rest when smaller
CONCERNS = ("carbon", "cost", "water", "energy", "ewaste")
# an indicator that is zero for an option is scored as this share of the largest
NEGLIGIBLE = 1e-6


def compare(step: str, question: str, options: Sequence[Option], case: Case) -> Decision:
    """Decide between options.

    The choice is the eligible option that beats most others in most draws, each pair by
    itself, so near twins do not take votes from one another; the median score settles
    ties. Its confidence is the share of draws in which it is best of all, and an option
    that is best in more than half of them is always chosen. With nothing eligible the
    choice is None.
    """
    gated = tuple(within_budget(option, case) for option in options)
    eligible = [option for option in gated if option.eligible]
    evidence = frozenset().union(*(option.evidence for option in gated)) if gated else frozenset()
    if not eligible:
        return Decision(step, question, gated, None, None, 0.0, {}, {}, frozenset(), evidence=evidence)
    scores = score(eligible, case)
    best = np.argmin(scores, axis=0)
    p_best = {option.key: float(np.mean(best == row)) for row, option in enumerate(eligible)}
    medians = np.median(scores, axis=1)
    order = [int(row) for row in np.lexsort((medians, -pairs_won(scores)))]
    choice = eligible[order[0]]
    return Decision(
        step=step,
        question=question,
        options=gated,
        choice=choice,
        runner_up=eligible[order[1]] if len(order) > 1 else None,
        confidence=p_best[choice.key],
        p_best=p_best,
        scores={option.key: float(medians[row]) for row, option in enumerate(eligible)},
        front=front(eligible, case),
        evidence=evidence,
    )


def pairs_won(scores: Array) -> NDArray[np.int64]:
    """How many other options each option beats in more than half of the draws."""
    beaten = [np.mean(row < scores, axis=1) > np.mean(row > scores, axis=1) for row in scores]
    won: NDArray[np.int64] = np.sum(beaten, axis=1, dtype=np.int64)
    return won


def yearly(option: Option, case: Case) -> Footprint:
    """Footprint of a year as compared, growth over the horizon included."""
    return option.per_year(case.workload.requests_per_year, case.scenario.timing.horizon_years)


def accepted(option: Option, case: Case) -> Footprint:
    """Footprint per accepted answer."""
    return option.per_accepted(case.workload.requests_per_year, case.scenario.timing.horizon_years)


def score(options: Sequence[Option], case: Case) -> Array:
    """Scores, shape (options, draws); lower is better. Only differences mean anything."""
    weights: Mapping[str, float] = case.scenario.priorities.model_dump()
    total = sum(weights.values())
    footprints = [accepted(option, case) for option in options]
    scores = np.zeros((len(options), case.size))
    for concern in CONCERNS:
        if weights[concern]:
            values = np.stack([footprint[concern] for footprint in footprints])
            largest = np.max(np.abs(values))
            if largest > 0:
                scores += weights[concern] / total * np.log(np.maximum(values, largest * NEGLIGIBLE))
    if weights["quality"]:
        quality = np.stack([option.quality for option in options])
        scores -= weights["quality"] / total * np.log(np.maximum(quality, NEGLIGIBLE))
    return scores


def probability_better(first: Option, second: Option, case: Case) -> float:
    """Share of draws in which ``first`` scores better than ``second``."""
    scores = score([first, second], case)
    return float(np.mean(scores[0] < scores[1]))


def front(options: Sequence[Option], case: Case) -> frozenset[str]:
    """Keys of options that no other beats on quality, carbon and cost at once (medians)."""
    points = []
    for option in options:
        footprint = accepted(option, case)
        points.append(
            (np.median(footprint["carbon"]), np.median(footprint["cost"]), -np.median(option.quality))
        )
    kept = moocore.is_nondominated(np.asarray(points, dtype=float), keep_weakly=True)
    return frozenset(option.key for option, keep in zip(options, kept, strict=True) if keep)


def within_budget(option: Option, case: Case) -> Option:
    """The option with the budget gates of the scenario added."""
    limits = case.scenario.constraints
    footprint = yearly(option, case)
    gates = list(option.gates)
    for rule, limit, indicator, unit in (
        ("budget_money", limits.budget_usd_per_year, "cost", "USD a year"),
        ("budget_carbon", limits.budget_kgco2e_per_year, "carbon", "kgCO2e a year"),
    ):
        if limit is not None:
            median = float(np.median(footprint[indicator]))
            gates.append(
                Gate(
                    rule,
                    median <= limit,
                    f"at most {limit:,.0f} {unit}",
                    f"{median:,.0f} {unit}",
                    "raise the budget, lower the volume or shorten the requests",
                )
            )
    return replace(option, gates=tuple(gates))
