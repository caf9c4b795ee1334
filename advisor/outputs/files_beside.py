"""What the printed report leaves out, as files: every chart, every table, the bill and the evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.core.draws import central
from advisor.core.escaping import csv_text
from advisor.core.exhibits import Drawing, Export, Table
from advisor.core.footprint import INDICATORS
from advisor.core.saying import here, say
from advisor.decide.option import Decision, Option
from advisor.outputs.evidence_listing import as_csv, rows, used_by_steps
from advisor.outputs.shared_texts import PHASES
from advisor.outputs.sheets import zipped
from advisor.steps import final_option
from advisor.system.case import Case
from advisor.system.regions import place_name
from advisor.view import charts, tables
from advisor.view.faces import main_chart
from advisor.view.key_texts import unit_words
from advisor.view.plan import reading, waterfall

# columns of the bill
INDICATOR_WORDS = {
    "energy": say("energy"),
    "carbon_location": say("carbon_location"),
    "carbon_market": say("carbon_market"),
    "carbon_marginal": say("carbon_marginal"),
    "embodied": say("embodied"),
    "water_onsite": say("water_onsite"),
    "water_upstream": say("water_upstream"),
    "adpe": say("adpe"),
    "ewaste": say("ewaste"),
    "cost": say("cost"),
}


def archive(case: Case, decisions: Sequence[Decision]) -> bytes:
    """Charts as SVG, PNG and CSV, tables as CSV, the bill, the evidence with its sources; as one ZIP.

    It is told in the language spoken; names of files and steps, and numbers in CSV, are the same in any.
    """
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
    units = (
        say("{indicator} [{unit}] a year", indicator=INDICATOR_WORDS[name], unit=unit)
        for name, (unit, _) in INDICATORS.items()
    )
    lines: list[Sequence[object]] = [[say("# The bill of a year"), reading(plan.case)]]
    lines.append(
        [say("resource"), say("step"), say("phase"), say("Line").lower(), say("where"), say("quantity"),
         say("unit"), *units, say("rests on")]
    )  # fmt: skip
    for line in plan.bill:
        year = line.per_year(plan.case)
        figures = [central(year[name]) for name in INDICATORS]
        lines.append(
            [line.resource.said, line.step, PHASES[line.phase], line.what,
             place_name(plan.case, line.place),
             central(line.quantity), unit_words(line.unit), *figures, " ".join(sorted(line.evidence))]
        )  # fmt: skip
    return csv_text(lines)


def _sources(case: Case, used: dict[str, set[str]]) -> str:
    keys = sorted({key for name in used for key in case.catalogue.coefficient(name).sources})
    found = [(key, case.catalogue.sources[key]) for key in keys if key in case.catalogue.sources]
    head = [say("source"), say("title"), say("publisher"), say("year"), say("licence"), say("address")]
    return csv_text(
        [head, *([key, one.title, one.publisher, one.year, one.licence, one.url] for key, one in found)]
    )


def _read_me(case: Case) -> str:
    said = say(
        "A folder a step: each chart as SVG, PNG and CSV, each table as CSV, files to use as they are.\n"
        "bill.csv: every line of the plan's bill. evidence.csv: every figure with range, unit, source, date\n"
        "and confidence; its sources are in sources.csv. Caveats stand in the first line of a chart's CSV.\n"
    )
    return f"{here(case.given.name)}\n\n{here(reading(case))}\n\n{here(said)}"
