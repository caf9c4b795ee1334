"""Earlier choices made by hand, so that deployment and operations are tested by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from advisor.catalogue import open_catalogue
from advisor.core.footprint import Parts
from advisor.scenario import parse_scenario
from advisor.steps import decide
from advisor.system.case import Case
from advisor.system.option import Decision, Option

DRAWS = 200


def case_of(size: int = DRAWS, **sections: Any) -> Case:
    """A case on the shipped catalogue; keywords are sections of the scenario."""
    # a start at which the models tried are still on sale
    timing = {"start": "2026-06-01", **sections.pop("timing", {})}
    scenario = parse_scenario({"name": "A test", "task": "chat", "timing": timing, **sections})
    return Case(scenario, open_catalogue(offline=True), size, 1)


def chosen(
    case: Case, model: str = "gpt-4o-mini", kind: str = "generative", quality: float = 0.9, **settings: Any
) -> dict[str, Option]:
    """The choices before deployment; ``settings`` are those of the improvement."""
    nothing, share = Parts.zero(case.size), np.full(case.size, quality)
    first = {"model": model, "kind": kind, "models": (model,)}
    for name in ("models", "escalation"):
        if name in settings:
            first[name] = settings.pop(name)
    second = {
        "technique": "prompt", "input_tokens": case.workload.input_tokens,
        "output_tokens": case.workload.output_tokens, "tuned": "none", "hosting": "none", **settings,
    }  # fmt: skip
    return {
        "foundation_model": Option("foundation_model", model, model, nothing, nothing, share, first),
        "improvement": Option("improvement", "prompt", "Prompt", nothing, nothing, share, second),
    }


def deployed(case: Case, prior: dict[str, Option]) -> Decision:
    """The deployment decision, added to the choices where there is one."""
    decision = decide("deployment", case, prior, flips=False)
    if decision.choice is not None:
        prior["deployment"] = decision.choice
    return decision


def by_key(decision: Decision, start: str) -> list[Option]:
    """Options whose key begins with ``start``."""
    return [option for option in decision.options if option.key.startswith(start)]


def failed(option: Option) -> set[str]:
    """Rules an option fails."""
    return {gate.rule for gate in option.gates if not gate.passed}


def exhibit(decision: Decision, key: str) -> Any:
    """The exhibit of that key."""
    return next(item for item in decision.exhibits if getattr(item, "key", None) == key)
