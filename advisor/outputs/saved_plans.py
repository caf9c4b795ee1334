"""Plans that were saved as ``plan.json``, side by side: answers, footprints, inputs, data.

A saved plan holds the figures it was made with, so two plans of different days can be told apart by what of
the data has changed between them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from advisor.core.errors import Fault, ScenarioError
from advisor.core.exhibits import Table
from advisor.core.files import read_text
from advisor.core.saying import numeral, say
from advisor.core.wording import UNKNOWN, amount
from advisor.outputs.plan_json import PlanDocument, document
from advisor.outputs.shared_texts import CONCERNS, NO_PLAN
from advisor.steps import run
from advisor.system.opening import open_case
from advisor.view.key_texts import unit_words
from advisor.view.plan import NOTHING_PASSES, WAITS

SHOWN = ("carbon", "energy", "water", "ewaste", "cost")
SAVED = ".json"


def opened(path: Path) -> dict[str, Any]:
    """A saved plan, or the plan of a scenario made now. Raises AdvisorError for what is neither."""
    if path.suffix.lower() != SAVED:
        case = open_case(path)
        return document(case, run(case, flips=False)).model_dump(mode="json")
    try:
        found = json.loads(read_text(path))
        PlanDocument.model_validate(found)
    except ValueError as error:
        said = str(error).splitlines()[0][:120]
        fault = Fault(path.name, say("a plan.json"), said)
        raise ScenarioError(say("The plan cannot be read."), [fault]) from error
    return dict(found)


def tables_of(names: Sequence[str], plans: Sequence[Mapping[str, Any]]) -> list[Table]:
    """What the plans decide, take and were given, then what of the data differs; only differences.

    Plans hold English; what of it is a text of its own, as a question, is told in other languages too.
    """
    columns = tuple(names)
    decisions = tuple(
        (say(str(first["question"])), *(_taken(plan["steps"][row]) for plan in plans))
        for row, first in enumerate(plans[0]["steps"])
    )
    totals = tuple((CONCERNS[name], *(_total(plan, name) for plan in plans)) for name in SHOWN)
    return [
        Table("decisions", say("Decisions"), (say("Step"), *columns), decisions),
        Table(
            "footprints", say("Footprint of a year, central figures"), (say("Indicator"), *columns), totals
        ),
        Table("inputs", say("Inputs that differ"), (say("Input"), *columns), tuple(_inputs(plans))),
        data_table(columns, plans),
    ]


def _taken(step: Mapping[str, Any]) -> str:
    key = step["taken"]
    nothing = NOTHING_PASSES if step["options"] else WAITS
    return next((say(str(one["title"])) for one in step["options"] if one["key"] == key), nothing)


def _total(plan: Mapping[str, Any], name: str) -> str:
    totals = plan["totals"]["per_year"]
    if totals is None or not plan["bill"]:  # plans saved before totals could be none hold zeros
        return NO_PLAN
    found = totals[name]
    return UNKNOWN if found["central"] is None else amount(found["central"], found["unit"])


def _inputs(plans: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    flat = [dict(_flat(plan["scenario"])) for plan in plans]
    for path in dict.fromkeys(path for one in flat for path in one):
        values = [one.get(path, say("none")) for one in flat]
        if path != "name" and len(set(values)) > 1:
            yield (path, *values)


def _flat(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, say("none") if node in (None, {}, []) else str(node)


def data_table(names: Sequence[str], plans: Sequence[Mapping[str, Any]]) -> Table:
    """The figures whose value differs between plans that both know them.

    A plan saved before figures were kept in it says so, in place of a list that would be a guess.
    """
    kept = [plan.get("data") for plan in plans]
    if any(one is None for one in kept):
        missing, there = say("not recorded: saved before figures were kept"), say("recorded")
        row = (say("figures"), *(missing if one is None else there for one in kept))
        return Table("data", say("Data the plans rest on"), (say("Data"), *names), (row,))
    figures: list[Mapping[str, Any]] = [dict(one["figures"]) for one in kept if one is not None]
    both = set.intersection(*(set(one) for one in figures))
    rows = [
        (name, *(_figure(one[name]) for one in figures)) for name in sorted(both)
        if len({json.dumps(one[name], sort_keys=True) for one in figures}) > 1
    ]  # fmt: skip
    if not rows:
        what = say("the figures that all use, {count}", count=numeral(len(both), ","))
        alike = (what, *[say("the same")] * len(figures))
        return Table("data", say("Data the plans rest on"), (say("Figure"), *names), (alike,))
    return Table("data", say("Data that differs"), (say("Figure"), *names), tuple(rows))


def _figure(found: Mapping[str, Any]) -> str:
    low, middle, high = (numeral(found[part], "g") for part in ("low", "central", "high"))
    if found["low"] == found["high"]:
        return say(
            "{central} {unit}, checked {day}",
            central=middle,
            unit=unit_words(found["unit"]),
            day=found["checked"],
        )
    return say(
        "{central} ({low} to {high}) {unit}, checked {day}",
        central=middle,
        low=low,
        high=high,
        unit=unit_words(found["unit"]),
        day=found["checked"],
    )
