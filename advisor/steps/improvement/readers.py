"""Improving what does not generate: training the classifier, or choosing how to search."""

from __future__ import annotations

import numpy as np

from advisor.core.footprint import Parts
from advisor.steps.foundation_model.reading import (
    classifier_parts,
    search_accepted,
    share_accepted,
    training,
)
from advisor.steps.gating import floor_gate, licence_gate
from advisor.steps.quality import Central, Drawn
from advisor.steps.retrieval_costs import retrieval_parts
from advisor.system.case import Case
from advisor.system.option import Option

STEP = "improvement"
MONTHS = 12.0
MODES = {
    "keyword": "Keyword search",
    "vector": "Vector search",
    "hybrid": "Hybrid search",
    "rerank": "Hybrid search and reranking",
}


def reader_options(case: Case, chosen: Option) -> list[Option]:
    """The ways to improve a model that writes nothing."""
    if chosen.settings["kind"] == "encoder":
        return [_trained(case, chosen)]
    return [_searching(case, how) for how in MODES]


def _base_settings(case: Case) -> dict[str, object]:
    load = case.workload
    return {
        "input_tokens": load.input_tokens,
        "output_tokens": load.output_tokens,
        "cached_tokens": np.zeros(case.size),
        "tuned": "none",
        "hosting": "none",
    }


def _trained(case: Case, chosen: Option) -> Option:
    key, knowledge, nothing = str(chosen.settings["model"]), case.scenario.knowledge, case.nothing()
    with case.recording() as used:
        runs = training(case, key)
        again = runs * (knowledge.retrains_per_year / knowledge.tuning_runs / MONTHS)
        quality = np.asarray(share_accepted(case, key, Drawn(case))) + np.zeros(case.size)
        gates = (
            licence_gate(case),
            floor_gate(
                case.scenario.quality.floor,
                float(share_accepted(case, key, Central(case))),
                f"quality.scores.{key}",
                "as in the first step",
            ),
        )
        carried = classifier_parts(case, key)
    run_kwh = float(np.median(runs["energy"])) / knowledge.tuning_runs
    settings = {
        **_base_settings(case),
        "technique": "train_classifier",
        "tuned": "full",
        "retrain_kwh": run_kwh,
        "retrains_per_year": knowledge.retrains_per_year,
    }
    return Option(
        STEP,
        "train_classifier",
        "Train the classifier on your examples",
        Parts(runs, again, nothing),
        carried,
        quality,
        settings,
        gates,
        ("A model that writes nothing has no prompt to improve.",),
        (),
        frozenset(used),
    )


def _searching(case: Case, how: str) -> Option:
    with case.recording() as used:
        own = retrieval_parts(case, how)
        names = (f"coverage.facts.{how}", "coverage.facts.hybrid")
        ratio, central = (
            read.value(names[0], "ratio") / read.value(names[1], "ratio")
            for read in (Drawn(case), Central(case))
        )
        quality = np.clip(search_accepted(case, Drawn(case)) * ratio, 1e-6, 1.0)
        found = float(search_accepted(case, Central(case)) * central)
        gates = (
            floor_gate(
                case.scenario.quality.floor, found, "quality.scores.retrieval", "as in the first step"
            ),
        )
    return Option(
        STEP,
        f"search_{how}",
        MODES[how],
        own,
        Parts.zero(case.size),
        quality,
        {**_base_settings(case), "technique": f"search_{how}", "retrieval": how},
        gates,
        (),
        (),
        frozenset(used),
    )
