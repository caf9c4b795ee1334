"""Step 2: how to give the chosen model what it lacks, with the least work per answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from advisor.core.exhibits import Exhibit
from advisor.core.wording import number
from advisor.steps import Prior
from advisor.steps.gating import context_gate, floor_gate, gate, knowledge_gates, retrieves, tuning_gates
from advisor.steps.improvement.figures import figures
from advisor.steps.improvement.readers import reader_options
from advisor.steps.improvement.techniques import TITLES, Costs, costs, main_model, mode, quality
from advisor.steps.improvement.words import words
from advisor.steps.quality import TUNED, Central, Drawn, pilot_result
from advisor.steps.retrieval_costs import embedder, index
from advisor.steps.serving_parts import output_multiplier
from advisor.system.case import Case
from advisor.system.option import Decision, Gate, Option

STEP = "improvement"
QUESTION = "How does the model get what it lacks: by its prompt, by retrieval or by tuning?"
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


def options(case: Case, prior: Prior) -> list[Option]:
    """Every technique on the chosen model; what is ruled out stays visible."""
    chosen = prior.get("foundation_model")
    if chosen is None:
        return []
    if chosen.settings["kind"] in ("encoder", "retrieval"):
        return reader_options(case, chosen)
    return [_option(case, chosen, technique) for technique in TITLES]


def _option(case: Case, chosen: Option, technique: str) -> Option:
    with case.recording() as used:
        cost = costs(case, chosen, technique)
        share = np.asarray(quality(case, chosen.settings, technique, Drawn(case))) + np.zeros(case.size)
        gates = _gates(case, chosen, technique, cost)
    model, notes = main_model(chosen.settings), []
    if technique in TUNED and cost.tuning is not None:
        if case.scenario.knowledge.examples < case.central("tuning.examples_production", "item"):
            notes.append("Enough examples for a pilot; production tuning is usually given 500 and more.")
        notes.append(f"Tuned weights are hosted: {cost.tuning.hosting}.")
    if pilot_result(case, model, technique) is not None:
        notes.append("Quality and tokens are those of your pilot log.")
    return Option(
        step=STEP,
        key=technique,
        title=TITLES[technique],
        parts=cost.own,
        carried=cost.carried,
        quality=np.clip(share, 1e-6, 1.0),
        settings=_settings(case, model, technique, cost),
        gates=gates,
        notes=tuple(notes),
        evidence=frozenset(used),
    )


def _gates(case: Case, chosen: Option, technique: str, cost: Costs) -> tuple[Gate, ...]:
    model, knowledge = main_model(chosen.settings), case.scenario.knowledge
    gates = list(knowledge_gates(case, technique))
    if technique in TUNED:
        gates += tuning_gates(case, model, technique)
    if technique == "few_shot":
        needed = case.central("few_shot.examples", "item")
        gates.append(gate(
            "examples", knowledge.examples >= needed, f"at least {number(needed)} examples",
            number(knowledge.examples), "write a few good examples",
        ))  # fmt: skip
    added = float(np.median(cost.request.input_tokens - case.workload.input_tokens))
    gates.append(context_gate(case, model, added))
    found = float(quality(case, chosen.settings, technique, Central(case)))
    basis = "your pilot" if pilot_result(case, model, technique) else "starting range"
    gates.append(floor_gate(case.scenario.quality.floor, found, "measurements.pilot_log", basis))
    return tuple(gates)


def _settings(case: Case, model: str, technique: str, cost: Costs) -> dict[str, Any]:
    knowledge = case.scenario.knowledge
    hidden = 1.0 if cost.request.hidden_known else output_multiplier(case, model)
    settings: dict[str, Any] = {
        "technique": technique,
        "input_tokens": cost.request.input_tokens,
        "output_tokens": cost.request.visible_output * hidden,
        "cached_tokens": cost.request.static,
        "turns": cost.turns,
        "tuned": {"rag_lora": "lora"}.get(technique, technique) if technique in TUNED else "none",
        "hosting": cost.tuning.hosting if cost.tuning else "none",
    }
    if cost.tuning is not None:
        settings |= {
            "retrain_kwh": float(np.median(cost.tuning.run["energy"])),
            "retrains_per_year": knowledge.retrains_per_year,
        }
    if retrieves(technique):
        held, chunk = index(case, mode(technique)), case.central("rag.chunk_tokens", "tok")
        settings |= {
            "retrieval": mode(technique),
            "embedder": None if technique == "rag_keyword" else embedder(case),
            "dimensions": case.catalogue.row("embedders", embedder(case))["dimensions"],
            "chunk_tokens": chunk,
            "top_k": max(1, round(knowledge.context_tokens_added / chunk)),
            "vectors": 0.0 if technique == "rag_keyword" else held.passages,
            "index_gb": held.size_gb,
            "search_tier": held.tier,
            "search_units": held.units,
        }
    return settings


def exhibits(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """Break-evens over volume, update rate and context; retrieval, tuning and pilot tables."""
    return figures(case, prior, decision)


def explain(case: Case, prior: Prior, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The choice, and the few facts that decided it."""
    return words(case, prior, decision)
