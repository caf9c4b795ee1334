"""The whole space of plans as text: the best by each aim, one step at a time beside all together, a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from advisor.core.errors import Fault, ScenarioError, nearest
from advisor.core.escaping import csv_text
from advisor.core.files import read_yaml
from advisor.core.saving import write_together
from advisor.core.saying import capital, joined, numeral, say
from advisor.core.wording import number, share
from advisor.decide.budgets import budgets
from advisor.decide.completion import STEPS
from advisor.decide.group import Group, by_any_weights, group
from advisor.decide.search import OBJECTIVES, Front, joint_front
from advisor.outputs.compare import as_text
from advisor.outputs.shared_texts import CONCERNS
from advisor.steps import pins, run, spaces
from advisor.steps.joint_plan import NAMES, aims, effects_table, plans_table, titled, together, why
from advisor.system import priorities
from advisor.system.case import Case
from advisor.system.opening import open_case
from advisor.system.plan import Plan
from advisor.system.priorities import KG_PER_T, carbon_price

UNITS = {"carbon": "kg", "cost": "USD", "water": "L", "energy": "kWh", "ewaste": "kg"}
NO_PLAN = say("No plan passes every gate; `advisor report` says what to relax.")
OFTEN = 3  # plans named that are often best


def front_text(
    path: Path, values: Mapping[str, Any], limits: Mapping[str, float], file: Path | None = None
) -> str:
    """The front of all plans of a scenario, searched exactly, as text; all of it as CSV to ``file``.

    ``limits``: budgets of a year by objective, besides the scenario's own: carbon [kg], cost [USD],
    water [L]. Raises AdvisorError with every fault of the input before anything is written.
    """
    faults = [
        Fault(f"--budget {name}", say("one of {names}", names=", ".join(OBJECTIVES)), repr(name),
              nearest(name, OBJECTIVES))
        for name in limits if name not in OBJECTIVES
    ]  # fmt: skip
    faults += [
        Fault(f"--budget {name}", say("a number above zero"), repr(value)) for name, value in limits.items()
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0
    ]  # fmt: skip
    if faults:
        raise ScenarioError(say("A budget cannot be read."), faults)
    case = open_case(path, values)
    front = joint_front(case, spaces(), pins(case, {}))
    if not front.plans:
        return NO_PLAN
    if file is not None:
        write_together(file.parent, {file.name: front_csv(case, front)})
    own = {priorities.CONCERNS[concern]: limit for _, concern, limit, _ in budgets(case)}
    return joined("\n", _front(case, front, {**own, **limits}))


def prices(case: Case) -> dict[str, float]:
    """The scenario's carbon price and the suggested ones [USD/kgCO2e], by name."""
    own = carbon_price(case)
    found = {} if own is None else {say("your price"): own}
    for key in case.catalogue.keys("carbon_prices"):
        title = case.catalogue.row("carbon_prices", key)["title"]
        found[title] = case.central(f"carbon_prices.{key}.price", "USD/t") / KG_PER_T
    return found


def _front(case: Case, front: Front, limits: Mapping[str, float]) -> Iterator[str]:
    yield say(
        "{in_all} plans searched exactly; {plans} of them are beaten by no other on "
        "{concerns} and quality at once.",
        in_all=numeral(front.in_all, ","),
        plans=numeral(len(front.plans), ","),
        concerns=joined(", ", (CONCERNS[name] for name in front.objectives)),
    )
    table = aims(case, front, limits, prices(case))
    for row in table.rows:
        aim, *settings, carbon, cost, water, accepted, note = (cell for cell in row if isinstance(cell, str))
        yield ""
        yield joined(" ", (capital(aim), say("({note})", note=note))) if note else capital(aim)
        yield "  " + joined("; ", settings)
        yield "  " + say(
            "{carbon}, {cost}, {water} a year; {accepted} accepted",
            carbon=carbon,
            cost=cost,
            water=water,
            accepted=accepted,
        )
    yield ""
    yield say("Best by how many of all weights, drawn evenly:")
    for place, part in list(by_any_weights(front).items())[:OFTEN]:
        yield joined("", ("  ", share(part), ": ", _said(case, front.plans[place])))
    found = together(case, run(case, flips=False))
    if found is not None:
        yield ""
        yield why(found)
        yield ""
        tables = [plans_table(found), *([effects_table(found)] if found.effects else [])]
        yield as_text(tables)


def _said(case: Case, plan: Plan) -> str:
    return joined("; ", (titled(case, name, plan) for name in STEPS))


def front_csv(case: Case, front: Front) -> str:
    """Every plan of the front: the keys of its settings, its objectives of a year, the share accepted.

    It is for programs, and the same in every language.
    """
    heads = [*(str(NAMES[name]) for name in STEPS),
             *(f"{name} [{UNITS[name]}/year]" for name in front.objectives), "accepted [ratio]"]  # fmt: skip
    rows = [
        [*(plan.of(name).key for name in STEPS), *(float(x) for x in point[:-1]), float(-point[-1])]
        for plan, point in zip(front.plans, front.points, strict=True)
    ]
    return csv_text([heads, *rows])


def group_text(path: Path, roles: Path) -> str:
    """What each role of a file would choose, how far they are apart, and the plan that serves all.

    The file holds weights by role, as ``sponsor: {cost: 5, quality: 3}``. Raises AdvisorError.
    """
    read, _ = read_yaml(roles)
    if not all(isinstance(one, dict) for one in read.values()):
        raise ScenarioError(
            say("The roles cannot be read."),
            [Fault(roles.name, say("weights by role"), say("something else"))],
        )
    given = {str(name): {str(key): value for key, value in one.items()} for name, one in read.items()}
    case = open_case(path)
    found = group(case, spaces(), pins(case, {}), given)
    if found is None:
        return NO_PLAN
    return joined("\n", _group(case, found))


def _group(case: Case, found: Group) -> Iterator[str]:
    for role in found.roles:
        yield joined(": ", (role.name, _said(case, role.plan)))
    yield ""
    widest = sorted(found.apart.items(), key=lambda one: one[1][0] - one[1][1])
    spans = (
        say("{concern} from {low} to {high}", concern=CONCERNS[name], low=share(low), high=share(high))
        for name, (low, high) in widest[:OFTEN]
        if high > low
    )
    yield say("Where the weights disagree most: {spans}", spans=joined("; ", spans))
    yield ""
    if found.agreed:
        yield say("The choice survives every role's weights.")
    else:
        yield say("The choice does not survive every role's weights. Nobody is left far behind by:")
        yield "  " + _said(case, found.shared)
        for role in found.roles:
            if role.behind > 1:
                worse = number(100 * (role.behind - 1))
                yield "  " + say(
                    "{role}: as {worse} % more of all that this role weighs", role=role.name, worse=worse
                )
            else:
                yield "  " + say("{role}: its own choice", role=role.name)
    yield say("It is the best by {share} of all weights, drawn evenly.", share=share(found.everywhere))
    unpriced = priorities.unpriced(case.given)
    if unpriced:
        yield unpriced
