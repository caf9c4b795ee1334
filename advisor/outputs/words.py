"""Words that more than one file says for the same thing."""

from __future__ import annotations

from advisor.core.saying import say
from advisor.system.bill import Phase
from advisor.view import texts

CONCERNS = {
    "carbon": say("carbon"),
    "cost": say("cost"),
    "water": say("water"),
    "energy": say("energy"),
    "ewaste": say("ewaste"),
    "quality": say("quality"),
}
PHASES: dict[Phase, str] = {
    "once": say("once"), "standing": say("standing"), "per_request": say("per_request"),
}  # fmt: skip
CONFIDENCE = {**texts.CONFIDENCE, "override": say("override")}


def step_name(step: str) -> str:
    """A step in the midst of a sentence."""
    return texts.STEP_TITLES[step].lower()
