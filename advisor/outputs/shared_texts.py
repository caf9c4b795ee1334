"""Words that more than one file says for the same thing."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.steps.shared_texts import TAKEN
from advisor.system.bill import Phase
from advisor.view import texts

CONCERNS = {**TAKEN, "quality": say("quality")}
PHASES: dict[Phase, str] = {
    "once": say("once"), "standing": say("standing"), "per_request": say("per_request"),
}  # fmt: skip
NO_PLAN = say("– (no plan)")  # in place of a figure: nothing is planned, which is not zero
CONFIDENCE = {**texts.CONFIDENCE, "override": say("override")}


def step_name(step: str) -> str:
    """A step in the midst of a sentence."""
    return texts.STEP_TITLES[step].lower()
