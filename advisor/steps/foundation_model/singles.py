"""One catalogue model as an option."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Parts
from advisor.decide.comparing import CONCERNS
from advisor.steps.foundation_model.gates import model_gates, warnings
from advisor.steps.placement import reference
from advisor.steps.quality import Central, Drawn, accepted, measured, reference_technique
from advisor.steps.serving_parts import base_shape, served_parts, smallest_machine
from advisor.system.case import Case
from advisor.system.option import Option

STEP = "foundation_model"
CURABLE = frozenset({"quality", "context"})
VOLUMES = (0.01, 1.0, 100.0)  # the span over which what-ifs move the volume
TWICE = 2.0
TINY = 1e-15


def single(case: Case, model: str, carried: Parts | None = None) -> Option:
    """The option of using one model for every request; ``carried`` where its serving is known."""
    with case.recording() as used:
        row, how = case.catalogue.row("models", model), reference(case, model)
        technique = reference_technique(case)
        gates = model_gates(case, model, technique)
        quality = accepted(case, model, technique, Drawn(case))
        machine = smallest_machine(case, model) if how.kind == "machine" else None
        carried = carried or served_parts(case, model, base_shape(case, model))
        notes = [
            f"Reference serving: {how.words}" + (f" ({machine.count} × {machine.gpu})." if machine else ".")
        ]
        if measured(case, model) is None:
            notes.append(
                "Quality from a public rating through an assumed curve: test it on your own answers."
            )
    return Option(
        step=STEP,
        key=model,
        title=str(row.get("name", model)),
        parts=Parts.zero(case.size),
        carried=carried,
        quality=quality + case.nothing()["energy"],
        settings={
            "model": model,
            "kind": "generative",
            "models": (model,),
            "precision": machine.precision if machine else None,
        },
        gates=gates,
        notes=tuple(notes),
        warnings=warnings(case, model),
        evidence=frozenset(used),
    )


def central_share(case: Case, model: str, technique: str) -> float:
    """The central share accepted of a model with a technique."""
    return float(accepted(case, model, technique, Central(case)))


def usable(option: Option) -> bool:
    """Whether an option is one catalogue model that only its quality or context can rule out."""
    failed = {gate.rule for gate in option.gates if not gate.passed}
    return (
        option.settings["kind"] == "generative"
        and "needs_tuning" not in option.settings
        and failed <= CURABLE
    )


def contenders(case: Case, options: Sequence[Option]) -> list[str]:
    """Models worth trying again when one input moves, in the order given.

    Left out are those that another model with at least their quality and context beats twice
    over, at today's volume as well as far below and far above it.
    """
    if not options:
        return []
    names = [f"models.{option.key}.context_tokens" for option in options]
    context = np.array([case.central(name, "tok") if name in case else 0.0 for name in names])
    quality = np.array([float(np.median(option.quality)) for option in options])
    above = (quality[None, :] >= quality[:, None]) & (context[None, :] >= context[:, None])
    kept = np.zeros(len(options), dtype=bool)
    for volume in VOLUMES:
        burden = _burden(case, options, volume) - np.log(quality)
        beaten = above & (burden[None, :] < burden[:, None] - np.log(TWICE))
        kept |= ~beaten.any(axis=1)
    return [option.key for option, keep in zip(options, kept, strict=True) if keep]


def _burden(case: Case, options: Sequence[Option], volume: float) -> Array:
    """The score of each option without its quality, on medians, at a multiple of the volume."""
    weights = case.scenario.priorities.model_dump()
    requests = float(np.median(case.workload.requests_per_year)) * volume / 12.0
    total = np.zeros(len(options))
    for concern in CONCERNS:
        if weights[concern]:
            values = np.array(
                [
                    float(np.median(option.carried.per_request[concern]))
                    + float(np.median(option.carried.monthly[concern])) / requests
                    for option in options
                ]
            )
            total += weights[concern] / sum(weights.values()) * np.log(np.maximum(values, TINY))
    return total
