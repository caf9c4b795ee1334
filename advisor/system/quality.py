"""The share of answers accepted: from public ratings, or from the user's own tests, which win.

Shares are draws in (0, 1], the central case first. What is compared with the floor is ``judged``:
the central case, but never an assumed gain on top of what a test of one's own has measured.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from advisor.core.draws import Z90, Array, central
from advisor.core.evidence import Coefficient, Confidence
from advisor.core.saying import say
from advisor.estimate import acceptance
from advisor.system import mixtures, offers, techniques, thinking
from advisor.system.case import Case, remembered
from advisor.system.gates import assumed_gain
from advisor.system.memory import derived
from advisor.system.pilot import Result, results
from advisor.system.plan import PAIRS, ImprovementSetting, ModelSetting
from advisor.system.regions import on_device
from advisor.system.techniques import COVERAGE, TUNED, UNTUNED, retrieves, search_mode

NARROW = ("classify", "extract")
BENCHMARKS = {"text": "arena_text", "coding": "arena_coding", "hard": "arena_hard"}
STAND_IN = "llama-3.1-8b"  # serving and rating of a model of one's own are taken as this model's
MANAGED_EMBEDDER = "text-embedding-3-small"
SEARCH = "retrieval"  # the name under which a test of search alone is given
TEAM = "team"  # and one of workers under a planner, on whole tasks
LEAST = 1e-6
ASSUMED = "assumed gain"  # begins, in English, what a judgement rests on where a gain is not tested


class Measured(NamedTuple):
    """The user's own share accepted of a model, and the technique it was measured with."""

    share: Coefficient
    technique: str


@remembered
def results_of(case: Case) -> dict[tuple[str, str], Result]:
    """The pilot log's results by model and technique."""
    return {(result.model, result.technique): result for result in results(case.scenario.pilot)}


def pilot_result(case: Case, model: str, technique: str) -> Result | None:
    """The result of a model with a technique, where enough answers were judged to count."""
    found = results_of(case).get((model, technique))
    return found if found and found.samples >= least_samples(case) else None


def tested_with(case: Case, model: ModelSetting, technique: str) -> bool:
    """Whether the user's own test of each model was made with a technique."""
    own = [(key, measured(case, key)) for key in model.models]
    return all(
        pilot_result(case, key, technique) is not None or (one is not None and one.technique == technique)
        for key, one in own
    )


def least_samples(case: Case) -> float:
    """Judged answers from which a result replaces the public rating [item]."""
    return case.central("quality.least_samples", "item")


@remembered
def measured(case: Case, model: str) -> Measured | None:
    """The user's own share accepted of a model, and the technique it was measured with.

    Of several results with enough answers the best counts, as the technique can be chosen.
    """
    needed = least_samples(case)
    found = [r for (name, _), r in results_of(case).items() if name == model and r.samples >= needed]
    best = max(found, key=lambda result: result.share, default=None)
    own = case.scenario.quality.scores.get(model)
    if own is not None and own.samples >= needed and (best is None or own.samples > best.samples):
        low, high = acceptance.wilson(own.score, own.samples, Z90)
        share = _coefficient(case, model, low, own.score, high)
        return Measured(share, own.technique or reference_technique(case))
    if best is None:
        return None
    return Measured(_coefficient(case, model, best.low, best.share, best.high), best.technique)


def _coefficient(case: Case, model: str, low: float, share: float, high: float) -> Coefficient:
    return Coefficient(
        f"quality.own.{model}", low, share, high, "ratio", ("own_test",),
        case.scenario.timing.start, Confidence.MEASURED,
    )  # fmt: skip


@derived
def reference_technique(case: Case) -> str:
    """The technique a model is taken to have been tested with, where nobody says.

    Examples in the prompt only where the request then stays within the longest that was stated.
    """
    knowledge = case.scenario.knowledge
    if (knowledge.gap in ("facts", "both") or knowledge.needs_citations) and knowledge.documents > 0:
        return "rag_hybrid"
    if knowledge.gap != "format":
        return "prompt"
    shown = case.central("few_shot.examples", "item")
    tokens = central(case.workload.input_tokens) + shown * knowledge.tokens_per_example
    fits = knowledge.examples >= shown and tokens <= case.scenario.quality.context_max_tokens
    return "few_shot" if fits else "prompt"


@remembered
def coverage(case: Case, technique: str) -> Array:
    """Share of an able model's accepted answers that remains with a technique [ratio]."""
    gap = case.scenario.knowledge.gap
    facts, form = COVERAGE[techniques.base(technique)]
    lever = techniques.lever(technique)
    form = "schema" if lever == "schema" else form
    share = np.ones(case.size)
    if gap in ("facts", "both"):
        share = share * case.draw(f"coverage.facts.{facts}", "ratio")
    if gap in ("format", "both"):
        share = share * case.draw(f"coverage.format.{form}", "ratio")
    if technique == "compression":
        share = share * case.draw("coverage.compressed", "ratio")
    kept = {"short": "coverage.short", "compacted": "agent.compaction_success"}.get(lever)
    return share if kept is None else share * case.draw(kept, "ratio")


@remembered
def ability(case: Case, model: str, told: str = "") -> Array:
    """Share accepted of a model that is given all it needs, from its public rating [ratio].

    ``told``: the reasoning effort that a technique asks for, empty for the scenario's.
    """
    scenario = case.scenario
    name = f"models.{model}"
    column = _column(case)
    column = column if f"{name}.{column}" in case else BENCHMARKS["text"]
    spread = case.draw("quality.own_task_spread", "elo")
    rating = case.draw(f"{name}.{column}", "elo") + case.draws.normal(f"quality.own_task.{model}") * spread
    rating = rating - thinking.rating_lost(case, model, told) + task_shift(case)
    half, scale = case.draw(f"quality.half_rating.{scenario.task}", "elo"), _scale(case)
    share: Array = np.asarray(acceptance.accepted_share(rating, half, scale)) * in_languages(case)
    return share * case.draw("edge.precision_quality", "ratio") if on_device(case) else share


@remembered
def task_shift(case: Case) -> Array:
    """Rating points between an agent's tasks and single answers, by the models tested on the tasks [elo].

    A public rating judges single answers; a task needs many right steps. What tested models reach above or
    below their rating, on average, is taken for the others too. Nothing without an agent, or without a test.
    """
    if case.scenario.agent is None:
        return case.full(0.0)
    scale, half = _scale(case), case.draw(f"quality.half_rating.{case.scenario.task}", "elo")
    found = []
    for model in case.catalogue.keys("models"):
        own = measured(case, model)
        name = next((one for one in (f"models.{model}.{_column(case)}", f"models.{model}.arena_text")
                     if one in case), None)  # fmt: skip
        if own is not None and name is not None:
            kept = coverage(case, own.technique) * in_languages(case)
            share = central(bounded(case.draws.of(own.share) / kept))
            share = min(share, 1.0 - LEAST)
            rating = case.central(name, "elo") - central(
                thinking.rating_lost(case, model, techniques.effort(own.technique))
            )
            found.append(half + scale * np.log(share / (1.0 - share)) - rating)
    return case.full(sum(found) / len(found)) if found else case.full(0.0)


def _column(case: Case) -> str:
    return BENCHMARKS["coding" if case.scenario.task == "code" else case.scenario.quality.benchmark]


@remembered
def in_languages(case: Case) -> Array:
    """Share of answers that stay accepted in the scenario's languages, each asked as often [ratio].

    A language the catalogue does not know counts as one with little text.
    """
    known = case.catalogue.keys("languages")
    kept = np.zeros(case.size)
    wanted = case.scenario.workload.languages
    for language in wanted:
        key = str(language).lower().split("-")[0]
        resource = case.catalogue.row("languages", key)["resource"] if key in known else "low"
        kept = kept + case.draw(f"language.kept.{resource}", "ratio")
    return np.asarray(kept / len(wanted))


def _scale(case: Case) -> Array:
    return case.draw("quality.rating_scale", "elo")


@remembered
def teacher(case: Case) -> str | None:
    """The model whose answers a smaller one learns: the scenario's, else the best that is on sale.

    None where none is.
    """
    own = case.scenario.knowledge.teacher
    if own is not None:
        return str(own) if own in case.catalogue.keys("models") else None
    sold = [key for key in case.catalogue.keys("models") if offers.managed(case, key)]
    return max(sold, key=lambda key: central(_taught(case, key)), default=None)


@remembered
def _taught(case: Case, model: str) -> Array:
    """Share of the answers of a teacher that would be accepted, given all it needs [ratio]."""
    own = measured(case, model)
    if own is None:
        return ability(case, model)
    return bounded(case.draws.of(own.share) / coverage(case, own.technique))


def lifted(case: Case, technique: str, share: Array) -> Array:
    """The share accepted after tuning, where a technique tunes; a pupil comes no nearer than its teacher."""
    if technique not in TUNED:
        return share
    if technique == "distill":
        found = teacher(case)
        above = 0.0 if found is None else np.maximum(_taught(case, found) - share, 0.0)
        return np.asarray(share + above * case.draw("distill.gap_closed", "ratio"))
    kind = "narrow" if case.scenario.task in NARROW else "broad"
    shift = case.draw(f"tuning.lift.{kind}", "elo")
    if technique != "full":
        shift = shift * case.draw("tuning.lora_of_full", "ratio")
    return np.asarray(acceptance.shifted(share, shift, _scale(case)))


@remembered
def of_model(case: Case, model: str, technique: str) -> Array:
    """Share of answers accepted of a catalogue model with a technique [ratio].

    A pilot result for the pair stands as it is. A result for the model with another technique is
    carried over by what the techniques cover; else the public rating serves.
    """
    exact = pilot_result(case, model, technique)
    if exact is not None:
        name = f"{model}.{technique}"
        return bounded(case.draws.of(_coefficient(case, name, exact.low, exact.share, exact.high)))
    own = measured(case, model)
    if own is None:
        able = ability(case, model, techniques.effort(technique))
        return bounded(lifted(case, technique, able) * coverage(case, technique))
    share = case.draws.of(own.share)
    if technique == own.technique:
        return bounded(share)
    share = bounded(share * coverage(case, technique) / coverage(case, own.technique))
    if techniques.effort(technique) != techniques.effort(own.technique):
        then, now = (
            thinking.rating_lost(case, model, techniques.effort(one)) for one in (own.technique, technique)
        )
        share = bounded(np.asarray(acceptance.shifted(share, then - now, _scale(case))))
    return share if own.technique in TUNED else bounded(lifted(case, technique, share))


@remembered
def of_classifier(case: Case, key: str) -> Array:
    """Share of labels accepted of a classifier: the user's own test, else a range for the task."""
    own = measured(case, key)
    if own is not None:
        return bounded(case.draws.of(own.share))
    task = case.scenario.task if case.scenario.task in NARROW else NARROW[0]
    name = f"encoder.accepted.{task}.{key}"
    return bounded(case.draw(name if name in case else f"encoder.accepted.{NARROW[0]}.{key}", "ratio"))


@remembered
def of_search(case: Case, technique: str) -> Array:
    """Share of users whom the passages found satisfy: their own test, else a range."""
    own, mode = measured(case, SEARCH), search_mode(technique)
    share = case.draws.of(own.share) if own else case.draw("retrieval_only.accepted", "ratio")
    tested = search_mode(own.technique) if own and retrieves(own.technique) else "hybrid"
    found = case.draw(f"coverage.facts.{mode}", "ratio") / case.draw(f"coverage.facts.{tested}", "ratio")
    return bounded(share * found)


@remembered
def of_custom(case: Case, technique: str) -> Array:
    """Share accepted of a model trained from scratch: a general one of its size, and a domain gain."""
    share = acceptance.shifted(ability(case, STAND_IN), case.draw("custom.lift", "elo"), _scale(case))
    return bounded(lifted(case, technique, np.asarray(share)) * coverage(case, technique))


@remembered
def of_team(case: Case, model: ModelSetting, technique: str) -> Array:
    """Share of tasks accepted of workers under a planner: tested, else part of the planner's own [ratio]."""
    own = measured(case, TEAM)
    if own is not None:
        return bounded(case.draws.of(own.share))
    alone = of_model(case, model.models[1], UNTUNED.get(technique, technique))
    return bounded(alone * case.draw("agent.worker_success", "ratio"))


@remembered
def passed_on(case: Case, model: ModelSetting, technique: str) -> Array:
    """Share of requests that reach the large model of a cascade or a router [ratio]."""
    return mixtures.escalated(case, model.kind, of_model(case, model.main, technique))


@remembered
def accepted(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Array:
    """Share of answers accepted of whatever answers, with an improvement [ratio]."""
    kind, technique = model.kind, improvement.technique
    if kind == "encoder":
        return of_classifier(case, model.main)
    if kind == "retrieval":
        return of_search(case, technique)
    if kind == "custom":
        return of_custom(case, technique)
    if kind == "team":
        return of_team(case, model, technique)
    if kind in PAIRS:
        small, large = model.models
        other = UNTUNED.get(technique, technique)
        each = of_model(case, small, technique), of_model(case, large, other)
        return bounded(mixtures.mixed(case, kind, *each))
    return of_model(case, model.main, technique)


@remembered
def judged(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> tuple[float, str]:
    """The share that the floor is held against, and what it rests on in words.

    A tested model with another technique was not itself tested: it stands at what was measured, or
    below where the technique is known to give less, until a test of its own says more.
    """
    technique, kind = improvement.technique, model.kind
    share = central(accepted(case, model, improvement))
    if kind in ("encoder", "retrieval"):
        own = measured(case, model.main if kind == "encoder" else SEARCH)
        return share, say("your own test") if own else say("assumed range")
    if kind == "custom":
        return share, say("a general model of its size, and a domain gain")
    if kind == "team":
        return _team_judged(case, model, technique, share)
    if kind in PAIRS:
        small, large = model.models
        first = _of_model_judged(case, small, technique)[0]
        second = _of_model_judged(case, large, UNTUNED.get(technique, technique))[0]
        tested = [measured(case, one) is not None for one in model.models]
        mixture = say("a test and a rating") if any(tested) else say("both ratings")
        basis = say("your own tests") if all(tested) else mixture
        return central(bounded(mixtures.mixed(case, kind, case.full(first), case.full(second)))), basis
    return _of_model_judged(case, model.main, technique)


def _team_judged(case: Case, model: ModelSetting, technique: str, share: float) -> tuple[float, str]:
    if measured(case, TEAM) is not None:
        return share, say("your own test")
    found, basis = _of_model_judged(case, model.models[1], UNTUNED.get(technique, technique))
    kept = case.central("agent.worker_success", "ratio")
    ground = say("{model}: {basis}; with workers: an assumption", model=model.models[1], basis=basis)
    return min(found * kept, share), ground


def _of_model_judged(case: Case, model: str, technique: str) -> tuple[float, str]:
    share, own = central(of_model(case, model, technique)), measured(case, model)
    if pilot_result(case, model, technique) is not None:
        return share, say("your pilot")
    if own is None:
        return share, say("public rating")
    if own.technique == technique:
        return share, say("your own test")
    if share <= own.share.central:
        return share, say("your own test with {technique}, carried over", technique=own.technique)
    return own.share.central, assumed_gain(f"{share:.0%}")


def tested(case: Case, model: ModelSetting) -> bool:
    """Whether the share of what answers rests on a test of one's own."""
    if model.kind == "custom":
        return False
    named = {"retrieval": SEARCH, "team": TEAM}.get(model.kind, model.main)
    return measured(case, named) is not None


def bounded(share: Array) -> Array:
    """A share kept above zero and at most one."""
    return np.asarray(np.clip(share, LEAST, 1.0))
