"""What a reasoning model writes before it answers, by how hard it is asked to think.

A row's ``output_multiplier`` holds for medium effort. What is hidden grows or shrinks with the effort; no
model thinks less than it can be told to (``least_effort`` of its row, medium where it has no such setting).
Less effort than a model was rated with costs rating points.
"""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.core.saying import say
from advisor.system.case import Case, remembered

TITLES = {
    "none": say("none"),
    "minimal": say("minimal"),
    "low": say("low"),
    "medium": say("medium"),
    "high": say("high"),
}
EFFORTS = tuple(TITLES)
RATED_WITH = "medium"  # the effort a row's multiplier holds for


def thinks(case: Case, model: str) -> bool:
    """Whether the catalogue knows a model to write hidden tokens."""
    return f"models.{model}.output_multiplier" in case


def least(case: Case, model: str) -> str:
    """The least effort a model can be told to make."""
    return str(case.catalogue.row("models", model).get("least_effort") or RATED_WITH)


@remembered
def effort(case: Case, model: str, told: str = "") -> str:
    """The effort a model makes: as it is told, else as the scenario says, but no less than it can.

    Not said: medium where the work needs step-by-step reasoning, else the model's least. A model
    without a setting stays at medium, whatever is asked. ``told`` is empty where a technique says nothing.
    """
    quality = case.scenario.quality
    lowest = least(case, model)
    if lowest == RATED_WITH:
        return RATED_WITH
    asked = told or quality.reasoning_effort or (RATED_WITH if quality.needs_reasoning else lowest)
    return max(str(asked), lowest, key=EFFORTS.index)


@remembered
def multiplier(case: Case, model: str, told: str = "") -> Array:
    """Tokens a model generates per visible one [ratio], from 1."""
    if not thinks(case, model):
        return case.full(1.0)
    level = effort(case, model, told)
    if level == "none":
        return case.full(1.0)
    at_medium = np.maximum(case.draw(f"models.{model}.output_multiplier", "ratio"), 1.0)
    if level == RATED_WITH:
        return at_medium
    return 1.0 + (at_medium - 1.0) * case.draw(f"reasoning.hidden.{level}", "ratio")


@remembered
def fewest(case: Case, model: str, told: str = "") -> float:
    """The low end of what a model generates over its centre [ratio], at most 1."""
    level = effort(case, model, told) if thinks(case, model) else "none"
    if level == "none":
        return 1.0
    name = f"models.{model}.output_multiplier"
    row = case.catalogue.coefficient(name)
    low, middle = max(row.low, 1.0) - 1.0, max(case.central(name, "ratio"), 1.0) - 1.0
    if level != RATED_WITH:
        scale = case.catalogue.coefficient(f"reasoning.hidden.{level}")
        low, middle = low * scale.low, middle * case.central(scale.name, "ratio")
    return (1.0 + low) / (1.0 + middle)


@remembered
def rating_lost(case: Case, model: str, told: str = "") -> Array:
    """Rating points lost by thinking less than the work needs, or than the model was rated with [elo]."""
    needed = case.scenario.quality.needs_reasoning
    reasons = case.catalogue.row("models", model).get("kind") == "reasoning"
    if not reasons:
        return case.draw("quality.reasoning_gap", "elo") if needed else case.full(0.0)
    # rated as it is where it has no setting
    level = effort(case, model, told) if thinks(case, model) and least(case, model) != RATED_WITH else "high"
    if level == "high":
        return case.full(0.0)
    lost = case.draw("quality.reasoning_gap", "elo") * case.draw(f"reasoning.lost.{level}", "ratio")
    return lost if needed else lost * case.draw("reasoning.lost_unneeded", "ratio")
