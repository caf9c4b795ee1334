"""What the printed report leaves out, as files: every chart, every table, the bill and the evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.core.draws import central
from advisor.core.escaping import csv_text
from advisor.core.exhibits import Drawing, Export, Table
from advisor.core.footprint import INDICATORS
from advisor.decide.option import Decision, Option
from advisor.outputs.evidence_listing import as_csv, rows, used_by_steps
from advisor.outputs.sheets import zipped
from advisor.steps import final_option
from advisor.system.case import Case
from advisor.view import charts, tables
from advisor.view.faces import main_chart
from advisor.view.plan import reading, waterfall


def archive(case: Case, decisions: Sequence[Decision]) -> bytes:
    """Charts as SVG, PNG and CSV, tables as CSV, the bill, the evidence with its sources; as one ZIP."""
    return zipped(_files(case, decisions))


def _files(case: Case, decisions: Sequence[Decision]) -> dict[str, str | bytes]:
    found: dict[str, str | bytes] = {"README.txt": _read_me(case)}
    plan = final_option(case, decisions)
    used = used_by_steps(decisions)
    found["evidence.csv"] = as_csv(rows(case.catalogue, used, used))
    found["sources.csv"] = _sources(case, used)
    if plan is not None:
        found["bill.csv"] = _bill(plan)
        found |= _drawn("plan", waterfall(plan))
    for decision in decisions:
        shown = list(decision.exhibits)
        first = main_chart(decision, case)
        if first is not None and first not in shown:
            shown.insert(0, first)
        for exhibit in shown:
            if isinstance(exhibit, Export):
                found[f"{decision.step}/{exhibit.filename}"] = exhibit.content
            elif isinstance(exhibit, Table):
                found[f"{decision.step}/{_plain(exhibit.key)}.csv"] = tables.as_csv(exhibit)
            else:
                found |= _drawn(decision.step, exhibit)
    return found


def _drawn(folder: str, exhibit: Drawing) -> dict[str, str | bytes]:
    stem = f"{folder}/{_plain(exhibit.key)}"
    drawn = '<?xml version="1.0" encoding="utf-8"?>\n' + charts.svg(exhibit, folder)
    return {f"{stem}.svg": drawn, f"{stem}.png": charts.png(exhibit), f"{stem}.csv": tables.as_csv(exhibit)}


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", key.lower()) or "exhibit"


def _bill(plan: Option) -> str:
    units = [f"{name} [{unit}] a year" for name, (unit, _) in INDICATORS.items()]
    lines: list[Sequence[object]] = [["# The bill of a year", reading(plan.case)]]
    lines.append(["resource", "step", "phase", "line", "where", "quantity", "unit", *units, "rests on"])
    for line in plan.bill:
        year = line.per_year(plan.case)
        figures = [central(year[name]) for name in INDICATORS]
        evidence = " ".join(sorted(line.evidence))
        lines.append(
            [str(line.resource), line.step, line.phase, line.what, line.place, central(line.quantity),
             line.unit, *figures, evidence]
        )  # fmt: skip
    return csv_text(lines)


def _sources(case: Case, used: dict[str, set[str]]) -> str:
    keys = sorted({key for name in used for key in case.catalogue.coefficient(name).sources})
    found = [(key, case.catalogue.sources[key]) for key in keys if key in case.catalogue.sources]
    head = ["source", "title", "publisher", "year", "licence", "address"]
    return csv_text(
        [head, *([key, one.title, one.publisher, one.year, one.licence, one.url] for key, one in found)]
    )


def _read_me(case: Case) -> str:
    return (
        f"{case.given.name}\n\n{reading(case)}\n\n"
        "A folder a step: each chart as SVG, PNG and CSV, each table as CSV, files to use as they are.\n"
        "bill.csv: every line of the plan's bill. evidence.csv: every figure with range, unit, source, date\n"
        "and confidence; its sources are in sources.csv. Caveats stand in the first line of a chart's CSV.\n"
    )
