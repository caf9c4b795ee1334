"""A group's priorities side by side: who would choose what, where they disagree, and what serves all.

Weights are entered by role in private and shown together. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.core.errors import Fault, ScenarioError
from advisor.core.saying import say
from advisor.core.typed_numbers import number_typed
from advisor.core.wording import number, share
from advisor.decide.group import MOST_ROLES, WEIGHED, Group, group, shares
from advisor.scenario import STEP_NAMES
from advisor.steps import pins, spaces
from advisor.steps.joint_plan import titled
from advisor.system import priorities
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.view import tables
from advisor.view.html import items, tag, text
from advisor.view.texts import STEP_TITLES

WEIGHTS = {
    "carbon": say("Carbon"),
    "cost": say("Cost"),
    "quality": say("Quality"),
    "water": say("Water"),
    "energy": say("Energy"),
    "ewaste": say("E-waste"),
}
LONGEST_ROLE = 60
FEW = 2  # a group is at least this many
NO_PLAN = say("No plan passes every gate, so there is nothing to weigh: relax a rule first.")


def read_weights(role: str, typed: Mapping[str, Any]) -> dict[str, float]:
    """The weights of a role as they were typed. Raises ScenarioError with every fault."""
    faults, found = [], {}
    if not role.strip():
        faults.append(Fault(say("Role"), say("a name, such as sponsor"), say("nothing")))
    for name, title in WEIGHTS.items():
        said = str(typed.get(name, "")).strip() or "0"
        weight = number_typed(said)
        if weight is None:
            faults.append(Fault(title, say("a number from 0 up"), repr(said[:40])))
        else:
            found[name] = weight
    if faults:
        raise ScenarioError(say("The weights cannot be read."), faults)
    shares(found, role)
    return found


def weighed(case: Case, roles: Mapping[str, Mapping[str, float]], level: int = 2) -> str:
    """What every role's weights lead to; ``level`` is that of the heading.

    Raises ScenarioError for fewer than two roles, or bad weights.
    """
    found = group(case, spaces(), pins(case, {}), roles)
    if found is None:
        return tag("p", text(NO_PLAN), role="status")
    unpriced = priorities.unpriced(case.given)
    said = tag("p", text(unpriced)) if unpriced else ""
    return headline(found, level) + said + weights_table(found) + choices_table(case, found)


def headline(found: Group, level: int = 2) -> str:
    """Whether one choice survives every role, and where the group is furthest apart."""
    said = (
        say("The choice survives every role's weights.")
        if found.agreed
        else say("The choice does not survive every role's weights.")
    )
    apart = [
        say(
            "{concern}: from {low} to {high} of a role's weight",
            concern=WEIGHTS[name],
            low=share(low),
            high=share(high),
        )
        for name, (low, high) in sorted(found.apart.items(), key=lambda one: one[1][0] - one[1][1])
        if high > low
    ]
    disagree = (
        tag(f"h{level + 1}", say("Where you disagree most")) + items(map(text, apart[:3]))
        if apart
        else tag("p", say("All roles weigh alike."))
    )
    often = say(
        "The shared plan is the best by {everywhere} of all weights, drawn evenly.",
        everywhere=share(found.everywhere),
    )
    return tag(f"h{level}", text(said)) + tag("p", text(often)) + disagree


def weights_table(found: Group) -> str:
    """The weights of every role as shares, with the span between the smallest and the largest."""
    rows = []
    for name, title in WEIGHTS.items():
        low, high = found.apart[name]
        if high == 0:
            continue
        given = (share(float(shares(role.weights, role.name)[WEIGHED.index(name)])) for role in found.roles)
        rows.append([text(title), *map(text, given), text(_span(low, high))])
    columns = (say("Concern"), *(role.name for role in found.roles), say("Apart by"))
    return tables.grid(say("What each role weighs"), columns, rows)


def _span(low: float, high: float) -> str:
    return say("{points} points", points=number(100 * (high - low))) if high > low else say("nothing")


def choices_table(case: Case, found: Group) -> str:
    """What each role would choose, step by step, beside the plan that leaves nobody far behind."""
    plans = [role.plan for role in found.roles]
    rows = [[text(STEP_TITLES[name]), *_titles(case, name, [*plans, found.shared])] for name in STEP_NAMES]
    behind = (text(_behind(role.behind)) for role in found.roles)
    rows.append([text(say("Takes more of what the role weighs")), *behind, ""])
    columns = (say("Step"), *(role.name for role in found.roles), say("Shared plan"))
    note = say("The shared plan is the one with which the role that is worst off is least behind.")
    return tables.grid(say("What each role would choose"), columns, rows, note)


def _behind(ratio: float) -> str:
    if ratio <= 1:
        return say("nothing: it is the role's own choice")
    return say("{more} % with the shared plan", more=number(100 * (ratio - 1)))


def _titles(case: Case, name: Any, plans: Sequence[Plan]) -> list[str]:
    """The setting of a step in each plan; bold where it is not the one of the shared plan, the last."""
    shared = plans[-1].of(name)
    return [
        tag("strong", text(titled(case, name, plan)))
        if plan.of(name) != shared
        else text(titled(case, name, plan))
        for plan in plans
    ]


def entered(names: Sequence[str]) -> str:
    """Who has entered weights, none of which are shown yet."""
    if not names:
        return tag("p", say("Nobody has entered weights yet."), role="status")
    said = say("Entered, and hidden until you show them all: {who}.", who=", ".join(names))
    if len(names) < FEW:
        said += say(" One more role is needed to compare.")
    return tag("p", text(said), role="status")


def room_for(names: Sequence[str], role: str) -> None:
    """Raise ScenarioError where no further role can be taken in."""
    if role not in names and len(names) >= MOST_ROLES:
        raise ScenarioError(
            say("The group is full."),
            [Fault(say("roles"), say("at most {most}", most=MOST_ROLES), say("one more"))],
        )
