"""Every figure the advice can rest on, as rows: value, range, source, age and use.

``listing`` is what ``advisor evidence`` prints. A figure's use is known exactly for a
scenario (the coefficients its steps asked for); without one it is read from the code: the
names, or patterns of names, that each module asks for.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path

from advisor.catalogue import Catalogue, open_catalogue
from advisor.core.errors import unknown
from advisor.core.escaping import csv_text
from advisor.system.case import Case
from advisor.system.option import Decision

FORMATS = ("table", "csv", "json")
PACKAGE = Path(__file__).resolve().parents[1]
# these list the catalogue or fill its cache; naming a figure there is not using it
READERS = {"catalogue.refresh", "outputs.evidence_listing"}
FILLER = "catalogue"  # uses only how far to spread what the packages give
UsedBy = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of the catalogue, ready to be listed. ``used_by`` names steps or modules."""

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
    note = "; ".join(part for part in (found.valid, found.note) if part)
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


def used_by_code(names: Iterable[str]) -> dict[str, set[str]]:
    """Which modules ask for each coefficient, as far as their text tells.

    A name made of parts counts as used where its fixed parts fit.
    """
    used: dict[str, set[str]] = {}
    for module, pattern in _patterns():
        for name in names:
            if pattern.fullmatch(name):
                used.setdefault(name, set()).add(module)
    return used


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).with_suffix("").parts
        if {".".join(module), ".".join(module[:2])} & READERS:
            continue
        patterns = set(_names(ast.parse(path.read_text(encoding="utf-8"))))
        if module[0] == FILLER:
            patterns = {pattern for pattern in patterns if pattern.startswith("packages")}
        if patterns:
            found.append((".".join(module), re.compile("|".join(sorted(patterns)))))
    return tuple(found)


def _names(tree: ast.Module) -> Iterable[str]:
    """Regular expressions for the dotted names that a module's strings can form."""
    nodes = list(ast.walk(tree))
    built_on = {
        part.value.id
        for node in nodes
        if isinstance(node, ast.JoinedStr) and len(node.values) > 1
        for part in node.values
        if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name)
    }
    heads: dict[str, set[str]] = {}
    bases = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            pattern, name = _pattern(node.value, {}), node.targets[0].id
            if re.search("[a-z]{2}", pattern) and name in built_on:
                heads.setdefault(name, set()).add(pattern)
                # a name that others are built on is not itself asked for
                bases.add(id(node.value))
    known = {name: f"(?:{'|'.join(sorted(found))})" for name, found in heads.items()}
    for node in nodes:
        pattern = _pattern(node, known)
        if "\\." in pattern and re.search("[a-z]{2}", pattern) and id(node) not in bases:
            yield pattern


ANY, LAST = r"[\w.-]+", r"[\w-]+"  # keys of rows hold dots, columns do not


def _pattern(node: ast.AST, heads: Mapping[str, str]) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value) if re.fullmatch(r"[a-z0-9_]+(\.[\w.-]+)+", node.value) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    pattern = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            if not re.fullmatch(r"[\w.-]*", str(part.value)):
                return ""
            pattern += re.escape(str(part.value))
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
            pattern += heads.get(part.value.id, ANY)
        else:
            pattern += ANY
    return pattern.removesuffix(ANY) + LAST if pattern.endswith(ANY) and heads else pattern


def stale(found: Iterable[Row], days: int, today: date) -> list[Row]:
    """Rows whose figure was last checked more than ``days`` before ``today``."""
    return [row for row in found if row.age_days(today) > days]


def as_csv(found: Iterable[Row]) -> str:
    """Rows as CSV with one header line; several sources are parted by a space."""
    lines = [
        [row.name, *(f"{value:.10g}" for value in (row.low, row.central, row.high)), row.unit,
         " ".join(row.source), row.checked, row.confidence, " ".join(row.used_by), row.note]
        for row in found
    ]  # fmt: skip
    return csv_text([[field.name for field in fields(Row)], *lines])


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
    """Rows as text in columns, with the age of each figure."""
    head = ("name", "value", "low to high", "unit", "confidence", "checked", "days", "source", "used by")
    cells = [head] + [
        (
            row.name, f"{row.central:.4g}", f"{row.low:.4g} to {row.high:.4g}", row.unit, row.confidence,
            row.checked.isoformat(), str(row.age_days(today)), " ".join(row.source), " ".join(row.used_by),
        )
        for row in found
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    assumed = sum(row.confidence == "assumed" for row in found)
    return "\n".join([*lines, f"{len(found)} figures, {assumed} of them assumed"]) + "\n"


def listing(scenario: Path | None, older: int | None, form: str, today: date, offline: bool = False) -> str:
    """What ``advisor evidence`` prints.

    ``scenario`` narrows to the figures its plan used, ``older`` to those last checked more
    than so many days before ``today``. Raises AdvisorError for a scenario with faults.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    catalogue = open_catalogue(offline)
    if scenario is None:
        names = [*catalogue.coefficients, *catalogue.series]
        found = rows(catalogue, used_by_code(names))
    else:
        from advisor.steps import run
        from advisor.system.opening import open_case

        case = Case(open_case(scenario).scenario, catalogue)
        used = used_by_steps(run(case, flips=False))
        found = rows(case.catalogue, used, used)
    if older is not None:
        found = stale(found, older, today)
    if form == "csv":
        return as_csv(found)
    return as_json(found, catalogue) if form == "json" else as_table(found, today)
