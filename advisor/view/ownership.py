"""Who answers for which input, and by when: a table of what matters, and how a name is put to one.

An owner and a day are kept in the scenario, so that they come back with its file and stand in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from advisor.core.errors import Fault, ScenarioError, nearest
from advisor.core.saying import dated, joined, say
from advisor.core.wording import number
from advisor.decide.option import Decision
from advisor.scenario import STEP_NAMES, Scenario, value_at
from advisor.scenario.validation import field_at
from advisor.steps import step
from advisor.system.confirmed import Origin, Unconfirmed
from advisor.view import tables
from advisor.view.forms import RESIDENCIES
from advisor.view.html import coded, tag, text
from advisor.view.texts import flips_to, in_words, plainly, with_unit

BY_WHEN = "confirm {}"  # the name of the due date of an input
LONGEST_OWNER = 120
NOTE = say("What would flip a choice comes first. Default, template: nobody has confirmed it yet.")
NOT_LOOKED = say("What would flip a choice was not looked for in every step yet.")
STATES = {
    "default": say("default"),
    "template": say("template"),
    "owned": say("confirmed"),
    "measured": say("measured"),
}


def due(scenario: Scenario, path: str) -> date | None:
    """The day by which an input is to be confirmed."""
    return scenario.timing.deadlines.get(BY_WHEN.format(path))


def named(path: str, owner: str, by: str) -> dict[str, Any]:
    """The values that put a name, and perhaps a day, to the input at ``path``. Raises ScenarioError."""
    faults = []
    if not owner.strip():
        faults.append(Fault(say("Owner"), say("who answers for it"), say("nothing")))
    day: date | None = None
    if by.strip():
        try:
            day = date.fromisoformat(by.strip())
        except ValueError:
            faults.append(Fault(say("By when"), say("a day such as 2027-03-31"), repr(by[:40])))
    if faults:
        raise ScenarioError(say("The owner cannot be taken."), faults)
    values: dict[str, Any] = {f"owners.{path}": owner.strip()[:LONGEST_OWNER]}
    if day is not None:
        values[f"timing.deadlines.{BY_WHEN.format(path)}"] = day.isoformat()
    return values


def known(path: str, among: Sequence[str]) -> str:
    """``path``, if it is one of those offered. Raises ScenarioError naming the nearest."""
    if path not in among:
        fault = Fault(say("Input"), say("one of those listed"), repr(path[:80]), nearest(path, among))
        raise ScenarioError(say("That input is not among those listed."), [fault])
    return path


def title_of(path: str) -> str:
    """What an input is called."""
    return say(field_at(Scenario, path)[0])


def that_matter(decisions: Iterable[Decision]) -> list[str]:
    """Paths of inputs worth an owner: those that flip a choice, nearest first, then those the steps show."""
    flips = sorted((flip for decision in decisions for flip in decision.flips), key=attrgetter("distance"))
    controls = (path for name in STEP_NAMES for path in step(name).CONTROLS)
    return list(dict.fromkeys([*(flip.path for flip in flips if "." in flip.path), *controls]))


def owners_table(
    scenario: Scenario,
    origin: Origin,
    paths: Sequence[str],
    badges: Sequence[str],
    decisions: Iterable[Decision],
    looked: bool = True,
) -> str:
    """Inputs with their value, what they would flip, who answers for them and by when.

    ``looked``: whether what would flip a choice was looked for in every step.
    """
    # of several steps the first, which keeps least
    flipping = {flip.path: flip for one in reversed([*decisions]) for flip in one.flips}
    rows = []
    for path, badge in zip(paths, badges, strict=True):
        flip, day = flipping.get(path), due(scenario, path)
        owner = scenario.owners.get(path, "")
        said = (
            owner
            if not owner or origin.named(scenario, path)
            else say("{owner} (the template's)", owner=owner)
        )
        rows.append(
            [
                text(title_of(path)),
                text(plainly(flip.present) if flip else _value(path, value_at(scenario, path))),
                coded(joined(": ", (plainly(flip.flips_at), flips_to(flip)))) if flip else "",
                text(said) if said else tag("span", say("nobody yet"), class_="adv-muted"),
                text(dated(day) if day else ""),
                text(STATES[badge]),
            ]
        )
    columns = (say("Input"), say("Value"), say("Would flip at"), say("Who"), say("By when"), say("State"))
    return tables.grid(
        say("Who answers for what"),
        columns,
        rows,
        joined(" ", [said for said in (NOTE, "" if looked else NOT_LOOKED) if said]),
    )


def _value(path: str, value: Any) -> str:
    if path.endswith("residency"):
        return RESIDENCIES.get(str(value), str(value))
    unit = field_at(Scenario, path)[1]
    return in_words(value, lambda figure: with_unit(number(figure), unit))


def counted(badges: Sequence[str], left: Unconfirmed) -> str:
    """How many of the inputs listed somebody answers for, and how many of all nobody does."""
    done = sum(badge in ("owned", "measured") for badge in badges)
    those = say("{done} of the {inputs} listed here have been confirmed.", done=done, inputs=len(badges))
    return joined(" ", (left.said, those))
