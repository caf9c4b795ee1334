"""Words of the faces that more than one of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from advisor.core.errors import UnknownNameError
from advisor.core.wording import number
from advisor.decide.option import Flip
from advisor.scenario import Scenario
from advisor.scenario.validation import field_at

DOTTED = re.compile(r"\b[a-z_]+(?:\.[\w\-]+)+")
STEP_TITLES = {
    "foundation_model": "Foundation model",
    "improvement": "Improvement",
    "deployment": "Deployment",
    "data_storage": "Data storage",
    "operations": "Operations",
}
# shown indicator -> (heading, unit of a Footprint)
CARDS = {
    "carbon": ("Carbon", "kgCO2e"),
    "energy": ("Energy", "kWh"),
    "water": ("Water", "L"),
    "ewaste": ("E-waste", "kg"),
    "cost": ("Cost", "USD"),
}
INDICATOR_NAMES = {
    "energy": "Energy",
    "carbon_location": "Carbon, operational, location-based",
    "carbon_market": "Carbon, operational, market-based",
    "carbon_marginal": "Carbon, operational, marginal",
    "embodied": "Carbon, embodied",
    "water_onsite": "Water on site",
    "water_upstream": "Water upstream",
    "adpe": "Metals and minerals (ADPe)",
    "ewaste": "E-waste",
    "cost": "Cost",
}
# The calibrated likelihood words of the IPCC, so that a percentage always reads the same way.
LIKELIHOOD = (
    (0.99, "virtually certain to be best"),
    (0.90, "very likely the best"),
    (0.66, "likely the best"),
    (0.50, "more likely than not the best"),
)
OPEN_RACE = "first on balance, the race is open"

RULES = {
    "budget_money": "Budget",
    "budget_carbon": "Carbon budget",
    "context": "Context length",
    "quality": "Quality floor",
    "quality_floor": "Quality floor",
    "open_weights": "Open weights",
    "residency": "Residency",
    "retirement": "Retirement date",
    "ptu_sold": "Sold in provisioned units",
    "priority_sold": "Sold with priority",
    "offered": "Offered this way",
    "offered_in": "Offered in the region",
    "deadline": "Deadline of what can wait",
    "first_token": "Time to the first words",
    "latency": "Time to the whole answer",
    "hit_rate": "Cache hits",
    "repeats": "Repeated questions",
    "trained": "Something trained",
    "fades": "Something that fades",
    "tunability": "Can be tuned",
    "task": "Fit for the task",
    "device": "Runs on the device",
    "modality": "Reads images",
    "self_hosting": "A team that runs GPUs",
}
CONFIDENCE = {
    "measured": "measured",
    "published": "published",
    "derived": "derived",
    "assumed": "assumed",
    "override": "your own",
}


# units as a flip tells them -> as people say them; the input's name says the rest
SAID = ((" request/day", ""), (" tok", " tokens"), (" ratio", ""))
COUNTED = (" year", " month", " day", " hour", " minute")


def plainly(value: str) -> str:
    """A value with its unit, in words."""
    for unit, word in SAID:
        value = value.replace(unit, word)
    return f"{value}s" if value.endswith(COUNTED) and not value.startswith("1 ") else value


def in_words(value: Any, figure: Callable[[float], str] = number) -> str:
    """The value of an input in words; ``figure`` says how a number is told."""
    if value is None or value in ([], {}, ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return figure(value)
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return f"{len(value)} entries" if isinstance(value, list | Mapping) else str(value).replace("_", " ")


def likelihood(probability: float) -> str:
    """The words for the chance that a choice is best."""
    return next((words for least, words in LIKELIHOOD if probability >= least), OPEN_RACE)


def flips_to(flip: Flip) -> str:
    """What a flip leads to: another option, or none and the rule that stops every one."""
    if not flip.leaves_nothing or flip.stopped_by is None:
        return flip.to
    rule, remedy = rule_name(flip.stopped_by.rule), spoken(flip.stopped_by.remedy)
    return f'{flip.to}: the rule "{rule}" stops every one' + (f" ({remedy})" if remedy else "")


def rule_name(rule: str) -> str:
    """A gate's rule as people say it."""
    return RULES.get(rule, rule.replace("_", " ").capitalize())


def spoken(sentence: str) -> str:
    """A sentence with the fields of a scenario called as their controls are, not by their paths."""
    return DOTTED.sub(_called, sentence)


def _called(found: re.Match[str]) -> str:
    parts = found[0].split(".")
    for count in range(len(parts), 1, -1):
        with suppress(KeyError, UnknownNameError):
            title, _ = field_at(Scenario, ".".join(parts[:count]))
            of = f" for {'.'.join(parts[count:])}" if count < len(parts) else ""
            return f'"{title}"{of}'
    return found[0]
