"""Two or more scenarios side by side: decisions, footprints, and what changed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from textwrap import shorten
from typing import Any

from advisor.core.draws import central, summary
from advisor.core.errors import AdvisorError, Fault
from advisor.core.exhibits import Bars, Table
from advisor.core.files import on_one_line
from advisor.core.footprint import INDICATORS, Footprint
from advisor.core.saying import dated, here, joined, numeral, say
from advisor.core.wording import amount, entries
from advisor.decide.option import Decision, Option
from advisor.outputs.difference import causes, difference_table
from advisor.outputs.saved_plans import SAVED, opened, tables_of
from advisor.outputs.shared_texts import CONCERNS, NO_PLAN, step_name
from advisor.scenario import changed_fields
from advisor.scenario.fields import Recorded
from advisor.steps import final_option, run, taken
from advisor.system.case import Case
from advisor.system.opening import open_case
from advisor.system.plan import StepName
from advisor.view.key_texts import unit_words
from advisor.view.plan import no_answer

WIDEST = 60  # letters of a cell
MOST = 6  # scenarios side by side
COMPARED = ("carbon", "energy", "water", "cost")
UNITS = {**{name: unit for name, (unit, _) in INDICATORS.items()}, "carbon": "kgCO2e", "water": "L"}


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """One scenario with its decisions."""

    case: Case
    decisions: tuple[Decision, ...]
    called: str = ""

    @property
    def name(self) -> str:
        """What it is called beside the others: the scenario's name, where that tells them apart."""
        return self.called or self.case.given.name

    @property
    def final(self) -> Option | None:
        """The option that holds the whole plan; None where a step has no choice."""
        return final_option(self.case, self.decisions)

    @property
    def year(self) -> Footprint | None:
        """What the plan takes in a mean year; without a plan there is no figure, which is not zero."""
        return self.final.year if self.final else None


def decisions_table(plans: Sequence[Planned]) -> Table:
    """What each scenario decides, step by step."""
    rows = []
    for row, decision in enumerate(plans[0].decisions):
        cells = []
        for plan in plans:
            option = taken(plan.case, plan.decisions[row])
            cells.append(option.title if option else no_answer(plan.decisions[row]))
        rows.append((decision.question, *cells))
    return Table("decisions", say("Decisions"), (say("Step"), *(plan.name for plan in plans)), tuple(rows))


def footprints_table(plans: Sequence[Planned]) -> Table:
    """Yearly totals: the central case and the 80 % interval."""
    totals = [plan.year for plan in plans]
    rows = []
    for indicator in COMPARED:
        cells = []
        for footprint in totals:
            if footprint is None:
                cells.append(NO_PLAN)
                continue
            low, middle, high = (amount(value, UNITS[indicator]) for value in summary(footprint[indicator]))
            cells.append(say("{middle} ({low} to {high})", middle=middle, low=low, high=high))
        rows.append((CONCERNS[indicator], *cells))
    names = tuple(plan.name for plan in plans)
    return Table("footprints", say("Footprint of a year"), (say("Indicator"), *names), tuple(rows))


def inputs_table(plans: Sequence[Planned]) -> Table:
    """Inputs that differ from the first scenario's; the rest is left out."""
    rows: dict[str, list[Any]] = {}
    first = plans[0].case.given
    for column, plan in enumerate(plans[1:], start=1):
        for path, before, after in changed_fields(first, plan.case.given):
            row = rows.setdefault(path, [before] * len(plans))
            row[column] = after
    shown = tuple((path, *(_shown(value) for value in row)) for path, row in rows.items() if path != "name")
    return Table("inputs", say("Inputs that differ"), (say("Input"), *(plan.name for plan in plans)), shown)


def steps_table(plans: Sequence[Planned]) -> Table:
    """Carbon of a year by step, central; the columns add up to the totals."""
    bars = carbon_by_step(plans)
    rows = [
        (step_name(step), *(amount(value, "kgCO2e") if isfinite(value) else NO_PLAN for value in values))
        for step, values in zip(bars.parts, bars.values, strict=True)
    ]
    sums = (sum(column) for column in zip(*bars.values, strict=True))
    totals = [amount(total, "kgCO2e") if isfinite(total) else NO_PLAN for total in sums]
    return Table(bars.key, bars.title, (say("Step"), *bars.bars), (*rows, (say("whole plan"), *totals)))


def carbon_by_step(plans: Sequence[Planned]) -> Bars:
    """Carbon of a year by step; each bar adds up to its plan's total, and without a plan there is none."""
    steps = tuple(decision.step for decision in plans[0].decisions)
    values = tuple(tuple(_carbon(plan, step) for plan in plans) for step in steps)
    ranges = [summary(plan.year["carbon"]) if plan.year else (nan, nan, nan) for plan in plans]
    return Bars(
        "carbon_by_step",
        say("Carbon of a year by step"),
        say("kg CO₂e a year"),
        tuple(plan.name for plan in plans),
        steps,
        values,
        [low for low, _, _ in ranges],
        [high for _, _, high in ranges],
    )


def _carbon(plan: Planned, step: StepName) -> float:
    return central(plan.final.bill.of_step(step)["carbon"]) if plan.final else nan


def _shown(value: Any) -> str:
    if value is None or value in ({}, []):
        return say("none")
    if isinstance(value, dict) and all(isinstance(entry, Recorded) for entry in value.values()):
        each = (joined(": ", (step_name(step), entry.choice)) for step, entry in value.items())
        return joined("; ", each)
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value)
    if isinstance(value, dict | list):
        return entries(len(value))
    told = on_one_line(value) if isinstance(value, (bool, float)) else str(value)
    return shorten(told, WIDEST, placeholder=" …")


def difference_tables(plans: Sequence[Planned]) -> list[Table]:
    """What makes the difference of each scenario to the first, cause by cause, where both have a plan."""
    first = plans[0]
    return [
        difference_table(
            say("What makes the difference: {name} against {other}", name=one.name, other=first.name),
            causes(first.case, first.final.plan, one.case, one.final.plan),
        )
        for one in plans[1:]
        if first.final is not None and one.final is not None
    ]


def figures_table(plans: Sequence[Planned]) -> Table:
    """Figures of the catalogue that are not the same for all: own figures, and packages' versions."""
    every = {name for plan in plans for name in plan.case.given.overrides}
    rows = [(name, *(_figure(plan.case, name) for plan in plans)) for name in sorted(every)]
    rows = [row for row in rows if len(set(row[1:])) > 1]
    return Table(
        "figures", say("Figures that differ"), (say("Figure"), *(plan.name for plan in plans)), tuple(rows)
    )


def _figure(case: Case, name: str) -> str:
    found = case.catalogue.coefficient(name)
    return say(
        "{central} {unit} ({sources}, {day})",
        central=numeral(found.central, "g"),
        unit=unit_words(found.unit),
        sources=", ".join(found.sources),
        day=dated(found.checked),
    )


def compared(paths: Sequence[Path]) -> str:
    """Two to six scenarios, or plans saved as ``plan.json``, as text.

    Raises AdvisorError for another number, or for bad input.
    """
    if not 1 < len(paths) <= MOST:
        given = [Fault("SCENARIO", say("2 to {most} scenarios", most=MOST), str(len(paths)))]
        few = len(paths) < MOST
        raise AdvisorError(say("Nothing to compare.") if few else say("Too much to compare."), given)
    if any(path.suffix.lower() == SAVED for path in paths):
        saved = [opened(path) for path in paths]
        names = told_apart([plan["scenario"]["name"] for plan in saved], paths)
        return as_text([table for table in tables_of(names, saved) if table.rows])
    cases = [open_case(path) for path in paths]
    names = told_apart([case.given.name for case in cases], paths)
    plans = [
        Planned(case, tuple(run(case, flips=False)), name) for case, name in zip(cases, names, strict=True)
    ]
    tables = [decisions_table(plans), footprints_table(plans), steps_table(plans), *difference_tables(plans),
              inputs_table(plans), figures_table(plans)]  # fmt: skip
    return as_text([table for table in tables if table.rows])


def told_apart(titles: Sequence[str], paths: Sequence[Path]) -> list[str]:
    """What scenarios are called beside each other: by their files too where two are called alike."""
    if len(set(map(here, titles))) == len(titles):
        return list(titles)
    files = [path.name for path in paths]
    if len(set(files)) < len(files):
        files = [str(path) for path in paths]
    return [
        say("{title} ({file})", title=title, file=file) for title, file in zip(titles, files, strict=True)
    ]


def as_text(tables: Sequence[Table]) -> str:
    """Tables as aligned plain text for a terminal, in the language spoken."""
    lines: list[str] = []
    for table in tables:
        cells = [[here(cell) for cell in row] for row in (table.columns, *table.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
        title = here(table.title)
        lines += ["", title, "-" * len(title)]
        lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                  for row in cells]  # fmt: skip
    return "\n".join(lines).lstrip("\n")
