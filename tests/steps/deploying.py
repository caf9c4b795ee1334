"""Deployment decided on a model and an improvement set by hand."""

from __future__ import annotations

from typing import Any

from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.decide.option import Decision, Option
from advisor.steps import decide
from advisor.system.bill import Line
from advisor.system.case import Case
from advisor.system.plan import ModelSetting

__all__ = [
    "by",
    "by_key",
    "case_of",
    "central_year",
    "deployed",
    "exhibit",
    "failed",
    "fallen",
    "model_of",
    "serving",
]


def deployed(case: Case, model: str | ModelSetting = "gpt-4o-mini", technique: str = "prompt") -> Decision:
    """The deployment decision on a model, or several, with a technique."""
    setting = model_of(model) if isinstance(model, str) else model
    settled = {"foundation_model": setting, "improvement": by(technique)}
    return decide("deployment", case, settled, flips=False)  # type: ignore[arg-type]


def by_key(decision: Decision, start: str) -> list[Option]:
    """Options whose key begins with ``start``."""
    return [option for option in decision.options if option.key.startswith(start)]


def the(decision: Decision, key: str) -> Option:
    """The option of that key."""
    return next(option for option in decision.options if option.key == key)


def failed(option: Option) -> set[str]:
    """Rules an option fails in this step, those of later steps included."""
    return fallen(option.gates)


def serving(option: Option) -> list[Line]:
    """The lines that deployment answers for."""
    return [line for line in option.bill if line.step == "deployment"]


def central_year(option: Option) -> dict[str, float]:
    """The central case of a year of running it, the rest of the plan apart."""
    year = option.bill.sum(serving(option))
    return {name: central(year[name]) for name in ("energy", "carbon", "cost")}


def exhibit(decision: Decision, key: str) -> Any:
    """The exhibit of that key."""
    return next(item for item in decision.exhibits if getattr(item, "key", None) == key)
