"""The share of answers accepted: from public ratings, or from the user's own tests, which win."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from advisor.core.draws import Z90, Array
from advisor.core.evidence import Coefficient, Confidence
from advisor.estimate import acceptance
from advisor.steps.placement import on_device
from advisor.system.case import Case
from advisor.system.pilot import Result, results

Number = float | Array

# technique: (how facts are supplied, how the form is shown); "none" where it does neither
COVERAGE = {
    "prompt": ("none", "none"),
    "few_shot": ("none", "examples"),
    "compression": ("none", "none"),
    "rag_keyword": ("keyword", "none"),
    "rag_vector": ("vector", "none"),
    "rag_hybrid": ("hybrid", "none"),
    "rag_rerank": ("rerank", "none"),
    "rag_hyde": ("hyde", "none"),
    "lora": ("tuned", "tuned"),
    "qlora": ("tuned", "tuned"),
    "full": ("tuned", "tuned"),
    "rag_lora": ("hybrid", "tuned"),
}
TUNED = ("lora", "qlora", "full", "rag_lora")
NARROW = ("classify", "extract")
BENCHMARKS = {"text": "arena_text", "coding": "arena_coding", "hard": "arena_hard"}


class Reading(Protocol):
    """How coefficients are read: as draws, or as their central value."""

    def value(self, name: str, unit: str) -> Number:
        """A coefficient of the catalogue."""

    def of(self, coefficient: Coefficient) -> Number:
        """A coefficient of the user's own."""

    def noise(self, name: str) -> Number:
        """Standard normal noise that belongs to ``name``."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Reads coefficients as draws."""

    case: Case

    def value(self, name: str, unit: str) -> Number:
        """Draws of a coefficient."""
        return self.case.draw(name, unit)

    def of(self, coefficient: Coefficient) -> Number:
        """Draws of a coefficient of the user's own."""
        return self.case.draws.of(coefficient)

    def noise(self, name: str) -> Number:
        """Standard normal draws."""
        return self.case.draws.normal(name)


@dataclass(frozen=True, slots=True)
class Central:
    """Reads coefficients at their central value, for what is compared with a gate."""

    case: Case

    def value(self, name: str, unit: str) -> Number:
        """The central value of a coefficient."""
        return self.case.central(name, unit)

    def of(self, coefficient: Coefficient) -> Number:
        """The central value of a coefficient of the user's own."""
        return coefficient.central

    def noise(self, name: str) -> Number:
        """Zero."""
        return 0.0


def results_of(case: Case) -> dict[tuple[str, str], Result]:
    """The pilot log's results by model and technique."""
    return case.remember("pilot", lambda: {(r.model, r.technique): r for r in results(case.scenario.pilot)})


def pilot_result(case: Case, model: str, technique: str) -> Result | None:
    """The result of a model with a technique, where enough answers were judged to count."""
    found = results_of(case).get((model, technique))
    return found if found and found.samples >= least_samples(case) else None


def least_samples(case: Case) -> float:
    """Judged answers from which a result replaces the public rating."""
    return case.central("quality.least_samples", "item")


def measured(case: Case, model: str) -> tuple[Coefficient, str] | None:
    """The user's own share accepted of a model, and the technique it was measured with.

    Of several results with enough answers the best counts, as the technique can be chosen.
    """
    return case.remember(("measured", model), lambda: _measured(case, model))


def _measured(case: Case, model: str) -> tuple[Coefficient, str] | None:
    needed = least_samples(case)
    found = [r for (name, _), r in results_of(case).items() if name == model and r.samples >= needed]
    best = max(found, key=lambda result: result.share, default=None)
    own = case.scenario.quality.scores.get(model)
    if own is not None and own.samples >= needed and (best is None or own.samples > best.samples):
        low, high = acceptance.wilson(own.score, own.samples, Z90)
        return _coefficient(case, model, low, own.score, high), reference_technique(case)
    if best is None:
        return None
    return _coefficient(case, model, best.low, best.share, best.high), best.technique


def _coefficient(case: Case, model: str, low: float, share: float, high: float) -> Coefficient:
    return Coefficient(
        f"quality.own.{model}",
        low,
        share,
        high,
        "ratio",
        ("own_test",),
        case.scenario.timing.start,
        Confidence.MEASURED,
    )


def reference_technique(case: Case) -> str:
    """The technique a model is judged with before the second step has chosen one."""
    knowledge = case.scenario.knowledge
    if (knowledge.gap in ("facts", "both") or knowledge.needs_citations) and knowledge.documents > 0:
        return "rag_hybrid"
    if knowledge.gap == "format" and knowledge.examples >= case.central("few_shot.examples", "item"):
        return "few_shot"
    return "prompt"


def coverage(case: Case, technique: str, read: Reading) -> Number:
    """Share of an able model's accepted answers that remains with a technique [ratio]."""
    gap = case.scenario.knowledge.gap
    facts, form = COVERAGE[technique]
    share: Number = 1.0
    if gap in ("facts", "both"):
        share = share * read.value(f"coverage.facts.{facts}", "ratio")
    if gap in ("format", "both"):
        share = share * read.value(f"coverage.format.{form}", "ratio")
    if technique == "compression":
        share = share * read.value("coverage.compressed", "ratio")
    return share


def ability(case: Case, model: str, read: Reading) -> Number:
    """Share accepted of a model that is given all it needs, from its public rating [ratio]."""
    scenario = case.scenario
    row, name = case.catalogue.row("models", model), f"models.{model}"
    column = BENCHMARKS["coding" if scenario.task == "code" else scenario.quality.benchmark]
    column = column if f"{name}.{column}" in case else BENCHMARKS["text"]
    rating = read.value(f"{name}.{column}", "elo")
    rating = rating + read.noise(f"quality.own_task.{model}") * read.value("quality.own_task_spread", "elo")
    if scenario.quality.needs_reasoning and row.get("kind") != "reasoning":
        rating = rating - read.value("quality.reasoning_gap", "elo")
    half = read.value(f"quality.half_rating.{scenario.task}", "elo")
    share = acceptance.accepted_share(rating, half, read.value("quality.rating_scale", "elo"))
    return share * read.value("edge.precision_quality", "ratio") if on_device(case) else share


def lifted(case: Case, technique: str, share: Number, read: Reading) -> Number:
    """The share accepted after tuning, where a technique tunes."""
    if technique not in TUNED:
        return share
    kind = "narrow" if case.scenario.task in NARROW else "broad"
    shift = read.value(f"tuning.lift.{kind}", "elo")
    if technique != "full":
        shift = shift * read.value("tuning.lora_of_full", "ratio")
    return acceptance.shifted(share, shift, read.value("quality.rating_scale", "elo"))


def accepted(case: Case, model: str, technique: str, read: Reading) -> Number:
    """Share of answers accepted of a model with a technique [ratio].

    A pilot result for the pair stands as it is. A result for the model with another technique is
    carried over by what the techniques cover; else the public rating serves.
    """
    exact = pilot_result(case, model, technique)
    if exact is not None:
        return read.of(_coefficient(case, f"{model}.{technique}", exact.low, exact.share, exact.high))
    own = measured(case, model)
    if own is None:
        share = lifted(case, technique, ability(case, model, read), read) * coverage(case, technique, read)
        return bounded(share)
    coefficient, with_technique = own
    share = read.of(coefficient) * coverage(case, technique, read) / coverage(case, with_technique, read)
    if with_technique in TUNED:
        return bounded(share)
    return bounded(lifted(case, technique, bounded(share), read))


def bounded(share: Number) -> Number:
    """A share kept above zero and at most one."""
    result: Number = np.clip(share, 1e-6, 1.0)
    return result
