"""One catalogue model as an option."""

from __future__ import annotations

from advisor.case import Case
from advisor.footprint import Parts
from advisor.option import Option
from advisor.steps.foundation_model.gates import model_gates, warnings
from advisor.steps.placement import reference
from advisor.steps.quality import Central, Drawn, accepted, measured, reference_technique
from advisor.steps.serving_parts import base_shape, served_parts, smallest_machine

STEP = "foundation_model"


def single(case: Case, model: str) -> Option:
    """The option of using one model for every request."""
    with case.recording() as used:
        row, how = case.catalogue.row("models", model), reference(case, model)
        technique = reference_technique(case)
        gates = model_gates(case, model, technique)
        quality = accepted(case, model, technique, Drawn(case))
        machine = smallest_machine(case, model) if how.kind == "machine" else None
        carried = served_parts(case, model, base_shape(case, model))
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
