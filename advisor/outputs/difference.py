"""What makes the difference between two plans, cause by cause; the causes sum to it exactly.

A cause is a section of the scenario that differs, then the plan that is chosen. They are changed one
after the other, in the order of the scenario and in the opposite one, and the two effects of each are
averaged, so that what two causes do together is shared between them. Where the other plan cannot be
built before its inputs are changed, the order of the scenario stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import AdvisorError
from advisor.core.exhibits import Table
from advisor.core.saying import numeral, say
from advisor.core.wording import spaced
from advisor.decide.choosing import year_of
from advisor.outputs.shared_texts import CONCERNS
from advisor.scenario import Scenario, changed_fields
from advisor.scenario.attached import HELD_BY, with_section
from advisor.system import priorities
from advisor.system.case import Case
from advisor.system.plan import Plan

PLAN = say("the plan chosen")
NAMES = {
    "task": say("task"),
    "workload": say("workload"),
    "quality": say("quality"),
    "knowledge": say("knowledge"),
    "constraints": say("constraints"),
    "data_sets": say("data sets"),
    "ingestion": say("ingestion"),
    "agent": say("agent"),
    "media": say("media"),
    "operations": say("operations"),
    "priorities": say("priorities"),
    "timing": say("timing"),
    "measurements": say("measurements"),
    "own_models": say("own models"),
    "own_machines": say("own machines"),
    "overrides": say("own figures"),
    PLAN: PLAN,
}
# sections that no bill reads
SAID = ("schema_version", "began_as", "name", "description", "notes", "owners", "decisions", "today")
SHOWN = (("carbon", "kg"), ("cost", "USD"), ("water", "L"))
DIGITS = 3  # of the largest figure of a column


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """What one cause adds to a year, central, shape (concerns,)."""

    name: str
    added: Array


def causes(first: Case, plan: Plan, second: Case, other: Plan) -> list[Cause]:
    """The difference of two plans' years by cause, second minus first; they sum to it."""
    sections = differing(first.given, second.given)
    names = [*sections, *([PLAN] if plan != other else [])]
    forward = _walk(first, plan, second, other, names)
    try:
        backward = _walk(first, plan, second, other, names[::-1])
    except AdvisorError:
        backward = forward
    return [Cause(_called(name), (forward[name] + backward[name]) / 2) for name in names]


def _called(section: str) -> str:
    return NAMES.get(section) or spaced(section)


def differing(before: Scenario, after: Scenario) -> list[str]:
    """The sections in which two scenarios differ and that a bill may read."""
    found = (path.partition(".")[0] for path, _, _ in changed_fields(before, after))
    attached = {
        section: any(getattr(before, held) != getattr(after, held) for held in names)
        for section, names in HELD_BY.items()
    }
    sections = dict.fromkeys([*found, *(name for name, differs in attached.items() if differs)])
    return [name for name in Scenario.model_fields if name in sections and name not in SAID]


def _walk(first: Case, plan: Plan, second: Case, other: Plan, names: Sequence[str]) -> dict[str, Array]:
    """What each change adds when they are made one after the other."""
    scenario, current, added = first.given, plan, dict[str, Array]()
    before = _year(first, first.given, plan)
    for name in names:
        if name == PLAN:
            current = other
        else:
            scenario = with_section(scenario, second.given, name)
        after = _year(first, scenario, current)
        added[name] = after - before
        before = after
    return added


def _year(case: Case, scenario: Scenario, plan: Plan) -> Array:
    result: Array = year_of(case.centre.with_scenario(scenario), plan)[:, 0]
    return result


def rounded(values: Sequence[float]) -> tuple[list[float], float, int]:
    """Values and their sum to as many decimals as the largest needs, so that what is shown sums exactly.

    The rest of rounding goes to the values that are furthest from theirs.
    """
    largest = max((abs(value) for value in (*values, sum(values))), default=0.0)
    decimals = max(DIGITS - 1 - int(np.floor(np.log10(largest))), 0) if largest > 0 else 0
    scale = 10.0**decimals
    total = round(sum(values) * scale)
    units = [round(value * scale) for value in values]
    missing = total - sum(units)
    step = 1 if missing > 0 else -1
    furthest = sorted(range(len(values)), key=lambda row: step * (units[row] - values[row] * scale))
    for row in furthest[: abs(missing)]:
        units[row] += step
    return [unit / scale for unit in units], total / scale, decimals


def difference_table(title: str, found: Sequence[Cause]) -> Table:
    """Cause by cause what is added to a year of each concern; the last row is the difference."""
    columns = []
    for concern, _ in SHOWN:
        place = priorities.CONCERNS.index(concern)
        values, total, decimals = rounded([float(one.added[place]) for one in found])
        columns.append([_signed(value, decimals) for value in (*values, total)])
    names = [*(one.name for one in found), say("together")]
    rows = tuple((name, *(column[row] for column in columns)) for row, name in enumerate(names))
    heads = (
        say("Cause"),
        *(say("{concern} [{unit} a year]", concern=CONCERNS[concern], unit=unit) for concern, unit in SHOWN),
    )
    return Table("difference", title, heads, rows)


def _signed(value: float, decimals: int) -> str:
    return numeral(value, f"+,.{decimals}f") if value else "0"
