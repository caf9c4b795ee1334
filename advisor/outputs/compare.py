"""Two or more scenarios side by side: decisions, footprints, and what changed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from advisor.core.draws import summary
from advisor.core.exhibits import Bars, Table
from advisor.core.footprint import INDICATORS, Footprint
from advisor.core.wording import amount
from advisor.outputs.plan_json import plan_total
from advisor.scenario import changed_fields
from advisor.steps import taken
from advisor.system.case import Case
from advisor.system.option import Decision

WIDEST = 60  # letters of a cell
COMPARED = ("carbon", "energy", "water", "cost")
UNITS = {**{name: unit for name, (unit, _) in INDICATORS.items()}, "carbon": "kgCO2e", "water": "L"}


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """One scenario with its decisions."""

    case: Case
    decisions: tuple[Decision, ...]

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.case.scenario.name


def decisions_table(plans: Sequence[Planned]) -> Table:
    """What each scenario decides, step by step."""
    rows = []
    for row, decision in enumerate(plans[0].decisions):
        cells = []
        for plan in plans:
            option = taken(plan.case, plan.decisions[row])
            cells.append(option.title if option else "no option passes")
        rows.append((decision.question, *cells))
    return Table("decisions", "Decisions", ("Step", *(plan.name for plan in plans)), tuple(rows))


def footprints_table(plans: Sequence[Planned]) -> Table:
    """Yearly totals, median and 80 % interval."""
    totals = [plan_total(plan.case, plan.decisions) for plan in plans]
    rows = []
    for indicator in COMPARED:
        cells = []
        for footprint in totals:
            low, median, high = (amount(value, UNITS[indicator]) for value in summary(footprint[indicator]))
            cells.append(f"{median} ({low} to {high})")
        rows.append((indicator, *cells))
    names = tuple(plan.name for plan in plans)
    return Table("footprints", "Footprint of a year", ("Indicator", *names), tuple(rows))


def inputs_table(plans: Sequence[Planned]) -> Table:
    """Inputs that differ from the first scenario's; the rest is left out."""
    rows: dict[str, list[Any]] = {}
    first = plans[0].case.scenario
    for column, plan in enumerate(plans[1:], start=1):
        for path, before, after in changed_fields(first, plan.case.scenario):
            row = rows.setdefault(path, [before] * len(plans))
            row[column] = after
    shown = tuple((path, *(_shown(value) for value in row)) for path, row in rows.items() if path != "name")
    return Table("inputs", "Inputs that differ", ("Input", *(plan.name for plan in plans)), shown)


def steps_table(plans: Sequence[Planned]) -> Table:
    """Carbon of a year by step, mean; the columns add up to the mean totals."""
    bars = carbon_by_step(plans)
    rows = [
        (step.replace("_", " "), *(amount(value, "kgCO2e") for value in values))
        for step, values in zip(bars.parts, bars.values, strict=True)
    ]
    totals = [amount(sum(column), "kgCO2e") for column in zip(*bars.values, strict=True)]
    return Table(bars.key, bars.title, ("Step (mean)", *bars.bars), (*rows, ("whole plan", *totals)))


def carbon_by_step(plans: Sequence[Planned]) -> Bars:
    """Carbon of a year by step; each bar adds up to its plan's mean total."""
    steps = tuple(decision.step for decision in plans[0].decisions)
    means = [[_carbon(plan, row) for plan in plans] for row in range(len(steps))]
    ranges = [summary(plan_total(plan.case, plan.decisions)["carbon"]) for plan in plans]
    return Bars(
        "carbon_by_step",
        "Carbon of a year by step",
        "kg CO₂e a year, mean",
        tuple(plan.name for plan in plans),
        steps,
        tuple(tuple(row) for row in means),
        [low for low, _, _ in ranges],
        [high for _, _, high in ranges],
    )


def _carbon(plan: Planned, row: int) -> float:
    option = taken(plan.case, plan.decisions[row])
    if option is None:
        return 0.0
    horizon = plan.case.scenario.timing.horizon_years
    footprint: Footprint = option.parts.per_year(plan.case.workload.requests_per_year, horizon)
    return float(footprint["carbon"].mean())


def _shown(value: Any) -> str:
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, dict):
        return f"{len(value)} entries"
    if isinstance(value, list):
        named = all(isinstance(entry, str) for entry in value)
        return ", ".join(value) if named else f"{len(value)} entries"
    return shorten(str(value), WIDEST, placeholder=" …")


def as_text(tables: Sequence[Table]) -> str:
    """Tables as aligned plain text for a terminal."""
    lines: list[str] = []
    for table in tables:
        cells = [table.columns, *([str(cell) for cell in row] for row in table.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
        lines += ["", table.title, "-" * len(table.title)]
        lines += ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                  for row in cells]  # fmt: skip
    return "\n".join(lines).lstrip("\n")
