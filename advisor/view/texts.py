"""Words of the faces that more than one of them says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from advisor.core.errors import UnknownNameError
from advisor.core.saying import dated, gone_over, joined, say
from advisor.core.wording import entries, number, share, yes_or_no
from advisor.decide.option import Decision, Flip, Option
from advisor.scenario import Scenario
from advisor.scenario.fields import Recorded
from advisor.scenario.kinds import Section
from advisor.scenario.validation import field_at
from advisor.system.gates import Gate
from advisor.system.rule_names import rule_name, rules_of
from advisor.view.key_texts import unit_words, value_words

DOTTED = re.compile(r"\b[a-z_]+(?:\.[\w\-]+)+")
STEP_TITLES = {
    "foundation_model": say("Foundation model"),
    "improvement": say("Improvement"),
    "deployment": say("Deployment"),
    "data_storage": say("Data storage"),
    "operations": say("Operations"),
}
# shown indicator -> (heading, unit of a Footprint)
CARDS = {
    "carbon": (say("Carbon"), "kgCO2e"),
    "energy": (say("Energy"), "kWh"),
    "water": (say("Water"), "L"),
    "ewaste": (say("E-waste"), "kg"),
    "cost": (say("Cost"), "USD"),
}
INDICATOR_NAMES = {
    "energy": say("Energy"),
    "carbon_location": say("Carbon, operational, location-based"),
    "carbon_market": say("Carbon, operational, market-based"),
    "carbon_marginal": say("Carbon, operational, marginal"),
    "embodied": say("Carbon, embodied"),
    "water_onsite": say("Water on site"),
    "water_upstream": say("Water upstream"),
    "adpe": say("Metals and minerals (ADPe)"),
    "ewaste": say("E-waste"),
    "cost": say("Cost"),
}
# The calibrated likelihood words of the IPCC, so that a percentage always reads the same way.
LIKELIHOOD = (
    (0.99, say("virtually certain to be best")),
    (0.90, say("very likely the best")),
    (0.66, say("likely the best")),
    (0.50, say("more likely than not the best")),
)
OPEN_RACE = say("first on balance, the race is open")
EVEN = say("best by next to nothing")  # however often
ALONE = say("the only option that passes")

CONFIDENCE = {
    "measured": say("measured"),
    "published": say("published"),
    "derived": say("derived"),
    "assumed": say("assumed"),
    "override": say("Your own").lower(),  # a figure, not a model
}


# units that the name of an input says already
UNSAID = ("", "request/day", "ratio")
# unit -> as people say it of one, and of several
COUNTED = {
    "tok": (say("tokens"), say("tokens")),
    "year": (say("year"), say("years")),
    "month": (say("month"), say("months")),
    "day": (say("day"), say("days")),
    "hour": (say("hour"), say("hours")),
    "minute": (say("minute"), say("minutes")),
}


def plainly(value: str) -> str:
    """A value with its unit, in words."""
    return gone_over(_plainly, value)


def _plainly(value: str) -> str:
    figure, _, unit = value.rpartition(" ")
    return with_unit(figure, unit) if unit in (*UNSAID, *COUNTED) and figure else value


def with_unit(figure: str, unit: str) -> str:
    """A figure and its unit, in words."""
    if unit in UNSAID:
        return figure
    one, several = COUNTED.get(unit) or 2 * (unit_words(unit),)
    return joined(" ", (figure, one if figure == "1" else several))


def in_words(value: Any, figure: Callable[[float], str] = number) -> str:
    """The value of an input in words; ``figure`` says how a number is told."""
    if value is None or value in ([], {}, ""):
        return say("none")
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, int | float):
        return figure(value)
    return _set_in(value, figure) if isinstance(value, Section) else _said(value)


def _said(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return joined(", ", value)
    if isinstance(value, list | Mapping):
        return entries(len(value))
    return dated(value) if isinstance(value, date) else value_words(str(value))


def _set_in(section: Section, figure: Callable[[float], str]) -> str:
    """What is set in a part of a scenario, by the names of its inputs."""
    said = (
        joined(" ", (say(field.title or name).lower(), in_words(value, figure)))
        for name, field in type(section).model_fields.items()
        if (value := getattr(section, name)) is not None
    )
    return joined(", ", said)


def how_sure(decision: Decision, figure_first: bool = False) -> str:
    """The words for the chance that a choice is best, and the chance; where nothing else passes, that.

    ``figure_first``: as in a column, where figures are looked for below one another.
    """
    if decision.runner_up is None:
        return ALONE
    said = likelihood(decision), share(decision.confidence)
    return joined(", ", reversed(said) if figure_first else said)


def chance(decision: Decision) -> str:
    """The chance that a choice is best; where nothing else passes, that it is the only one."""
    return say("the only one") if decision.runner_up is None else share(decision.confidence)


def likelihood(decision: Decision) -> str:
    """The words for the chance that a choice is best; where something is as good that it matters little."""
    if decision.even is not None:
        return EVEN
    return next((words for least, words in LIKELIHOOD if decision.confidence >= least), OPEN_RACE)


def flips_to(flip: Flip) -> str:
    """What a flip leads to: another option, or none and the rule that stops all.

    Where only the choices kept from earlier steps leave none, what would be chosen there instead; where
    nobody looked behind those, that it is with them.
    """
    if not flip.leaves_nothing or flip.stopped_by is None:
        return flip.to
    if flip.instead:
        return say(
            '{to} but with “{chosen}” (rule "{rule}")',
            to=flip.to,
            chosen=flip.instead,
            rule=rule_name(flip.stopped_by.rule),
        )
    rule, remedy = rule_name(flip.stopped_by.rule), spoken(flip.stopped_by.remedy)
    said = (
        say('{to} with what is chosen before it: the rule "{rule}" stops all', to=flip.to, rule=rule)
        if flip.kept
        else say('{to}: the rule "{rule}" stops all', to=flip.to, rule=rule)
    )
    return say("{said} ({remedy})", said=said, remedy=remedy) if remedy else said


def rules_failed(gates: Iterable[Gate]) -> str:
    """The rules that some gates fail, in a row within a sentence."""
    return rules_of(gate for gate in gates if not gate.passed)


def spoken(sentence: str) -> str:
    """A sentence with the fields of a scenario called as their controls are, each path beside."""
    return gone_over(_spoken, sentence)


def _spoken(sentence: str) -> str:
    parts, end = [], 0
    for found in DOTTED.finditer(sentence):
        parts += [sentence[end : found.start()], _called(found[0])]
        end = found.end()
    return joined("", [*parts, sentence[end:]])


def _called(path: str) -> str:
    parts = path.split(".")
    for count in range(len(parts), 1, -1):
        with suppress(KeyError, UnknownNameError):
            title = say(field_at(Scenario, ".".join(parts[:count]))[0])
            # whoever writes a file needs the path; no control holds an entry of a mapping
            if count == len(parts):
                return say('"{title}" (`{path}`)', title=title, path=path)
            name = ".".join(parts[count:])
            return say('"{title}" for {name} (`{path}`)', title=title, name=name, path=path)
    return path


def recorded_as(recorded: Recorded, stands: Option | None, lost: str) -> str:
    """What is recorded, by its own name, and by whom where that is known; ``lost``: not to be had."""
    title = stands.title if stands is not None and not lost else recorded.choice
    said = (
        say("Recorded by {who}: {title}", who=recorded.by, title=title)
        if recorded.by
        else say("Recorded: {title}", title=title)
    )
    return say("{recorded}, which is not to be had here", recorded=said) if lost else said
