"""Step 2: how to give the chosen model what it lacks, with the least work per answer."""

from __future__ import annotations

from typing import Any

from advisor.core.draws import central
from advisor.core.exhibits import Exhibit
from advisor.core.saying import say
from advisor.decide.option import Decision
from advisor.steps.improvement import break_evens, tables, templates
from advisor.steps.improvement.explain import explain, headline
from advisor.steps.shared_texts import HOSTED
from advisor.system import lever_gates, requests, search_units, techniques, training, upkeep
from advisor.system.case import Case
from advisor.system.plan import ImprovementSetting, ModelSetting, Plan, StepName
from advisor.system.quality import pilot_result
from advisor.system.techniques import (
    CLASSIFIER,
    SEARCHES,
    TITLES,
    TUNED,
    retrieves,
    search_mode,
)  # fmt: skip

__all__ = [
    "CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "alternatives", "exhibits", "explain", "headline",
    "notes", "settings", "title", "warnings",
]  # fmt: skip

STEP: StepName = "improvement"
QUESTION = say("How does the model get what it lacks: by its prompt, by retrieval or by tuning?")
CONTROLS = (
    "knowledge.gap",
    "knowledge.changes_every_days",
    "knowledge.needs_citations",
    "knowledge.context_tokens_added",
    "knowledge.prompt_tokens_tuning_removes",
    "knowledge.examples",
    "knowledge.tuning_runs",
    "knowledge.retrains_per_year",
    "knowledge.hosting",
    "knowledge.teacher_answers_licensed",
    "workload.repeated_later_share",
    "quality.reasoning_effort",
    "workload.requests_per_day",
)
KNOBS = (
    "workload.requests_per_day",
    "knowledge.changes_every_days",
    "knowledge.context_tokens_added",
    "knowledge.prompt_tokens_tuning_removes",
    "knowledge.examples",
    "knowledge.retrains_per_year",
    "knowledge.documents",
    "quality.floor",
)
GUIDANCE = (
    "A11", "A12", "A20", "A21",
    "B07", "B09", "B10", "B11", "B12", "B13", "B14", "B15", "B16", "B17", "B18", "B19", "B20",
)  # fmt: skip
HOSTING = {"maas": "serverless", "edge": "device"}  # everything else holds the tuned weights itself


def alternatives(case: Case, model: ModelSetting) -> tuple[ImprovementSetting, ...]:
    """Every technique for what answers: training for a classifier, ways to search for search alone.

    What a prompt can be told besides (short answers, a schema, an order, an effort) goes with the usual
    technique for what the model lacks.
    """
    if model.kind == "encoder":
        return (ImprovementSetting(CLASSIFIER),)
    if model.kind == "retrieval":
        return tuple(ImprovementSetting(key) for key in SEARCHES)
    return tuple(ImprovementSetting(key) for key in (*TITLES, *lever_gates.levers(case)))


def title(case: Case, plan: Plan) -> str:
    """The technique's name."""
    del case
    return techniques.title(plan.improvement.technique)


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What holds the tuned weights, and whose figures these are."""
    model, technique = plan.model, plan.improvement.technique
    if model.kind == "encoder":
        return (say("A model that writes nothing has no prompt to improve."),)
    found = list[str]()
    few = case.scenario.knowledge.examples < case.central("tuning.examples_production", "item")
    if technique in TUNED and technique != "distill" and few:
        found.append(say("Enough examples for a pilot; production tuning is usually given 500 and more."))
    if technique in TUNED:
        found.append(say("Tuned weights are hosted: {where}.", where=HOSTED[hosting(plan)]))
    if pilot_result(case, model.main, technique) is not None:
        found.append(say("Quality and tokens are those of your pilot log."))
    return tuple(found)


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """Nothing here rules out less than a gate does."""
    del case, plan
    return ()


def hosting(plan: Plan) -> str:
    """What holds tuned weights in a plan: serverless, dedicated, device, or none where nothing is tuned."""
    if plan.improvement.technique not in TUNED:
        return "none"
    return HOSTING.get(plan.deployment.mode, "dedicated")


def settings(case: Case, plan: Plan) -> dict[str, Any]:
    """Tokens of a request, what is tuned and where it runs, and the index."""
    model, technique = plan.model.main, plan.improvement.technique
    asked = requests.request(case, model, technique)
    trained = technique in TUNED or plan.model.kind == "encoder"
    ways = {"rag_lora": "lora", "distill": "lora", CLASSIFIER: "full"}
    found: dict[str, Any] = {
        "technique": technique,
        "input_tokens": central(asked.input_tokens),
        "output_tokens": central(asked.output_tokens),
        "cached_tokens": central(asked.static),
        "turns": central(requests.turns(case, model, technique)),
        "tuned": ways.get(technique, technique) if trained else "none",
        "hosting": hosting(plan),
    }
    if trained:
        run = training.one_run(case, plan.model, plan.improvement)
        days = central(upkeep.interval_days(case, *plan.early, plan.operation))
        found |= {"retrain_kwh": central(run["energy"]), "retrains_per_year": 365.0 / days}
    return found | (_index(case, technique) if retrieves(technique) else {})


def _index(case: Case, technique: str) -> dict[str, Any]:
    mode, chunk = search_mode(technique), case.central("rag.chunk_tokens", "tok")
    held = search_units.index(case, mode)
    return {
        "retrieval": mode,
        "embedder": search_units.embedder(case) if held.vectors else None,
        "dimensions": held.dimensions,
        "chunk_tokens": chunk,
        "top_k": max(1, round(case.scenario.knowledge.context_tokens_added / chunk)),
        "vectors": held.vectors,
        "index_gb": held.size_gb,
        "search_tier": held.tier,
        "search_units": held.units,
        "search_replicas": held.replicas,
        "second_search_region": search_units.region_beside(case),
    }


def exhibits(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
    """Break-evens over volume, update rate and context; retrieval, tuning and pilot tables; files."""
    if not decision.options:
        return ()
    found: list[Exhibit] = [
        tables.options_table(case, decision), tables.shares_of_carbon(case, decision),
    ]  # fmt: skip
    if decision.options[0].plan.model.kind in ("encoder", "retrieval"):
        return tuple(found)
    found += break_evens.charts(case, decision)
    found += [table for table in tables.details(case, decision) if table.rows]
    return (*found, *templates.files(case, decision))
