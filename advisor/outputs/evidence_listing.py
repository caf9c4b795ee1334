"""Every figure the advice can rest on, as rows: value, range, source, age and use.

``listing`` is what ``advisor evidence`` prints. A figure's use is what was read while it was computed:
for a scenario by its own steps, without one by the steps of the shipped templates, however they are planned.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path

from advisor.catalogue import Catalogue, open_catalogue
from advisor.core.errors import unknown
from advisor.core.escaping import csv_text
from advisor.core.saying import dated, here, joined, numeral, say
from advisor.core.wording import counted
from advisor.decide.completion import Spaces
from advisor.decide.option import Decision
from advisor.outputs.shared_texts import CONFIDENCE
from advisor.scenario import STEP_NAMES
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.view.key_texts import unit_words

FORMATS = ("table", "csv", "json")
# of the columns, in the order of a row's fields
HEADS = (
    say("name"), say("low"), say("central"), say("high"), say("unit"), say("source"), say("checked"),
    say("confidence"), say("used_by"), say("note"),
)  # fmt: skip
UsedBy = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the catalogue, ready to be listed. ``used_by`` names steps."""

    name: str
    low: float
    central: float
    high: float
    unit: str
    source: tuple[str, ...]
    checked: date
    confidence: str
    used_by: tuple[str, ...]
    note: str

    def age_days(self, today: date) -> int:
        """Days since the figure was last checked."""
        return (today - self.checked).days


def rows(catalogue: Catalogue, used_by: UsedBy, names: Iterable[str] | None = None) -> list[Row]:
    """A row for each coefficient and series in ``names`` (all when None), by name."""
    wanted = {*catalogue.coefficients, *catalogue.series} if names is None else set(names)
    return [_row(catalogue, name, tuple(sorted(used_by.get(name, ())))) for name in sorted(wanted)]


def _row(catalogue: Catalogue, name: str, users: tuple[str, ...]) -> Row:
    found = catalogue.coefficient(name)
    note = joined("; ", (part for part in (found.valid, found.note) if part))
    return Row(
        name, found.low, found.central, found.high, found.unit, found.sources, found.checked,
        found.confidence.value, users, note,
    )  # fmt: skip


def used_by_steps(decisions: Iterable[Decision]) -> dict[str, set[str]]:
    """Which steps asked for each coefficient."""
    used: dict[str, set[str]] = {}
    for decision in decisions:
        for name in decision.evidence:
            used.setdefault(name, set()).add(decision.step)
    return used


def used_by_templates(catalogue: Catalogue) -> dict[str, set[str]]:
    """Which steps read each figure when the shipped templates are planned, each way there is.

    What reads a column of a table for one row reads it for any: the use of a figure is that of its column.
    """
    use = _columns_used()
    return {
        name: set(use[column])
        for name in (*catalogue.coefficients, *catalogue.series)
        if (column := _column(catalogue, name)) in use
    }


@lru_cache(maxsize=1)
def _columns_used() -> dict[tuple[str, str], set[str]]:
    """The same by column; which figures are read does not depend on their values."""
    from advisor.steps import spaces
    from advisor.system import billing
    from advisor.system.opening import open_case, template, templates

    catalogue, used = open_catalogue(offline=True), dict[tuple[str, str], set[str]]()
    for name in templates():
        case = Case(open_case(template(name)).given, catalogue, 0)
        read: dict[str, set[str]] = {}
        for plan in _ways(case, spaces()):
            for line in billing.bill(case, plan):
                read.setdefault(line.step, set()).update(line.evidence)
            for step in STEP_NAMES:
                with case.recording() as asked:
                    billing.gates(case, plan, step)
                read.setdefault(step, set()).update(asked)
        for user, names in read.items():
            for found in names:
                used.setdefault(_column(catalogue, found), set()).add(user)
    return used


def _ways(case: Case, spaces: Spaces) -> Iterator[Plan]:
    """Plans that between them hold every kind of model, technique, way to run, to store and to operate."""
    storages, operations = spaces.storages(case), spaces.operations(case)
    kinds = {model.kind: model for model in reversed(spaces.models(case))}
    for model in kinds.values():
        first, *others = spaces.improvements(case, model)
        found = {(one.mode, one.cache): one for one in reversed(spaces.deployments(case, model, first))}
        for deployment in found.values():
            yield Plan(model, first, deployment, storages[0], operations[0])
        for improvement in others:
            yield Plan(model, improvement, deployment, storages[0], operations[0])
    for storage in storages:
        yield Plan(model, first, deployment, storage, operations[0])
    for operation in operations:
        yield Plan(model, first, deployment, storages[0], operation)


def _column(catalogue: Catalogue, name: str) -> tuple[str, str]:
    """The table and the column of a figure; its own name where it stands in no table."""
    table, _, rest = name.partition(".")
    rows = catalogue.tables.get("models" if table == "prices" else table, {})
    fitting = [key for key in rows if rest.startswith(f"{key}.")]
    return (table, rest.removeprefix(max(fitting, key=len) + ".")) if fitting else (name, "")


def stale(found: Iterable[Row], days: int, today: date) -> list[Row]:
    """Rows whose figure was last checked more than ``days`` before ``today``."""
    return [row for row in found if row.age_days(today) > days]


def as_csv(found: Iterable[Row]) -> str:
    """Rows as CSV with one header line; several sources are parted by a space.

    Names, units, steps and sources are keys in every language, numbers and days as programs read them.
    """
    lines = [
        [row.name, *(f"{value:.10g}" for value in (row.low, row.central, row.high)), row.unit,
         " ".join(row.source), row.checked, CONFIDENCE[row.confidence], " ".join(row.used_by), row.note]
        for row in found
    ]  # fmt: skip
    return csv_text([HEADS, *lines])


def as_json(found: Iterable[Row], catalogue: Catalogue) -> str:
    """Rows and the sources they cite as JSON."""
    listed = list(found)
    keys = sorted({key for row in listed for key in row.source})
    sources = {
        key: {
            name: getattr(catalogue.sources[key], name)
            for name in ("title", "publisher", "url", "year", "licence")
        }
        for key in keys
        if key in catalogue.sources
    }
    figures = [{field.name: getattr(row, field.name) for field in fields(Row)} for row in listed]
    return (
        json.dumps({"figures": figures, "sources": sources}, default=str, ensure_ascii=False, indent=2) + "\n"
    )


def as_table(found: Sequence[Row], today: date) -> str:
    """Rows as text in columns, with the age of each figure, in the language spoken."""
    head = (
        say("name"), say("value"), say("low to high"), say("unit"), say("confidence"), say("checked"),
        say("days"), say("source"), say("used by"),
    )  # fmt: skip
    cells = [[here(one) for one in row] for row in (head, *(_shown(row, today) for row in found))]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    assumed = sum(row.confidence == "assumed" for row in found)
    told = counted(
        len(found),
        say("{count} figure; assumed: {assumed}"),
        say("{count} figures, {assumed} of them assumed"),
        assumed=assumed,
    )
    return "\n".join([*lines, here(told)]) + "\n"


def _shown(row: Row, today: date) -> tuple[str, ...]:
    low, central, high = (numeral(value, ".4g") for value in (row.low, row.central, row.high))
    return (
        row.name, central, say("{low} to {high}", low=low, high=high), unit_words(row.unit),
        CONFIDENCE[row.confidence], dated(row.checked), str(row.age_days(today)), " ".join(row.source),
        " ".join(row.used_by),
    )  # fmt: skip


def listing(scenario: Path | None, older: int | None, form: str, today: date, offline: bool = False) -> str:
    """What ``advisor evidence`` prints.

    ``scenario`` narrows to the figures its plan used, ``older`` to those last checked more
    than so many days before ``today``. Raises AdvisorError for a scenario with faults.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    catalogue = open_catalogue(offline)
    if scenario is None:
        found = rows(catalogue, used_by_templates(catalogue))
    else:
        from advisor.steps import run
        from advisor.system.opening import open_case

        case = Case(open_case(scenario).given, catalogue)
        used = used_by_steps(run(case, flips=False))
        found = rows(case.catalogue, used, used)
    if older is not None:
        found = stale(found, older, today)
    if form == "csv":
        return as_csv(found)
    return as_json(found, catalogue) if form == "json" else as_table(found, today)
