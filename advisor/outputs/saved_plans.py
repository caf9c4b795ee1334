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
from advisor.core.wording import amount
from advisor.outputs.plan_json import PlanDocument, document
from advisor.steps import run
from advisor.system.opening import open_case

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
        raise ScenarioError("The plan cannot be read.", [Fault(path.name, "a plan.json", said)]) from error
    return dict(found)


def tables_of(names: Sequence[str], plans: Sequence[Mapping[str, Any]]) -> list[Table]:
    """What the plans decide, take and were given, then what of the data differs; only differences."""
    columns = tuple(names)
    decisions = tuple(
        (str(first["question"]), *(_taken(plan["steps"][row]) for plan in plans))
        for row, first in enumerate(plans[0]["steps"])
    )
    totals = tuple((name, *(_total(plan, name) for plan in plans)) for name in SHOWN)
    return [
        Table("decisions", "Decisions", ("Step", *columns), decisions),
        Table("footprints", "Footprint of a year, central figures", ("Indicator", *columns), totals),
        Table("inputs", "Inputs that differ", ("Input", *columns), tuple(_inputs(plans))),
        data_table(columns, plans),
    ]


def _taken(step: Mapping[str, Any]) -> str:
    key = step["taken"]
    return next((str(one["title"]) for one in step["options"] if one["key"] == key), "no option passes")


def _total(plan: Mapping[str, Any], name: str) -> str:
    found = plan["totals"]["per_year"][name]
    return "unknown" if found["central"] is None else amount(found["central"], found["unit"])


def _inputs(plans: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    flat = [dict(_flat(plan["scenario"])) for plan in plans]
    for path in dict.fromkeys(path for one in flat for path in one):
        values = [one.get(path, "none") for one in flat]
        if path != "name" and len(set(values)) > 1:
            yield (path, *values)


def _flat(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, "none" if node in (None, {}, []) else str(node)


def data_table(names: Sequence[str], plans: Sequence[Mapping[str, Any]]) -> Table:
    """The figures whose value differs between plans that both know them.

    A plan saved before figures were kept in it says so, in place of a list that would be a guess.
    """
    kept = [plan.get("data") for plan in plans]
    if any(one is None for one in kept):
        said = ("not recorded: saved before figures were kept" if one is None else "recorded" for one in kept)
        return Table("data", "Data the plans rest on", ("Data", *names), (("figures", *said),))
    figures: list[Mapping[str, Any]] = [dict(one["figures"]) for one in kept if one is not None]
    both = set.intersection(*(set(one) for one in figures))
    rows = [
        (name, *(_figure(one[name]) for one in figures)) for name in sorted(both)
        if len({json.dumps(one[name], sort_keys=True) for one in figures}) > 1
    ]  # fmt: skip
    marks = [str(one["fingerprint"])[:12] for one in kept if one is not None]
    title = "Data that differs" if rows else "Data the plans rest on"
    return Table("data", title, ("Figure", *names), (("version of the figures used", *marks), *rows))


def _figure(found: Mapping[str, Any]) -> str:
    spread = "" if found["low"] == found["high"] else f" ({found['low']:g} to {found['high']:g})"
    return f"{found['central']:g}{spread} {found['unit']}, checked {found['checked']}"
