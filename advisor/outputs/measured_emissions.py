"""Measured emissions beside the estimate: exports of Azure Carbon Optimization.

Reads the service's CSV and the JSON of its API (``carbonEmissionReports``, 2025-04-01). The
service allocates a data centre's emissions to subscribers by their use, counts renewable
contracts in scope 2 and hardware in scope 3, and is a month or more late; it is a check of
the estimate's size, not a meter.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite, nan
from pathlib import Path
from typing import Any

from advisor.core.draws import summary
from advisor.core.errors import AdvisorError, Fault, MeasurementError
from advisor.core.exhibits import Table
from advisor.core.files import read_text
from advisor.core.saying import joined, say
from advisor.core.wording import number
from advisor.decide.option import Decision
from advisor.outputs.shared_texts import NO_PLAN
from advisor.steps import final_option
from advisor.system.case import Case

MAX_BYTES = 50_000_000  # years of a large subscription
SHOWN_FAULTS = 20  # as many as a reader takes in
KG_PER_T = 1000.0
MONTHS = 12
# headers as the portal and its neighbours write them, lower case, without spaces or marks
COLUMNS = {
    "month": ("date", "month", "usagemonth", "usagedate", "period"),
    "group": ("resourcegroup", "resourcegroupname", "itemname"),
    "scope": ("scope", "emissionscope", "carbonscope"),
}
IN_KG = ("emissionskgco2e", "emissionskgco2eq", "kgco2e", "carbonemissionskgco2e", "totalemissionskgco2e",
         "latestmonthemissions", "latestmonthemissionskgco2e", "emissions", "totalemissions",
         "totalcarbonemission")  # fmt: skip
IN_T = (
    "emissionsmtco2e",
    "mtco2e",
    "carbonemissionsmtco2e",
    "totalemissionsmtco2e",
    "emissionstco2e",
    "tco2e",
)


@dataclass(frozen=True, slots=True)
class Emission:
    """What one group emitted in one month [kgCO2e]; ``month`` is its first day, None if not stated."""

    month: date | None
    group: str
    kg: float
    scope: str = ""


def read_carbon_export(path: Path) -> list[Emission]:
    """Rows of an export. Raises MeasurementError listing every fault with its place."""
    try:
        text = read_text(path, MAX_BYTES).removeprefix("\ufeff")
    except AdvisorError as error:
        raise MeasurementError(error.summary, error.faults) from error
    faults: list[Fault] = []
    read = _json if text.lstrip()[:1] in {"{", "["} else _csv
    found = list(read(text, path.name, faults))
    if not found and not faults:
        faults.append(Fault(path.name, say("rows of emissions"), say("none")))
    if faults:
        more = len(faults) - SHOWN_FAULTS
        shown = faults[:SHOWN_FAULTS]
        if more > 0:
            shown.append(Fault(path.name, say("no more faults"), say("{count} more", count=more)))
        raise MeasurementError(
            say("{name} is not a Carbon Optimization export as documented.", name=path.name), shown
        )
    return found


def _plain(header: str) -> str:
    return "".join(character for character in header.lower() if character.isalnum())


def _csv(text: str, name: str, faults: list[Fault]) -> Iterable[Emission]:
    reader = csv.DictReader(io.StringIO(text))
    headers = {_plain(header or ""): header for header in reader.fieldnames or ()}
    kg = next((headers[key] for key in IN_KG if key in headers), None)
    tonnes = next((headers[key] for key in IN_T if key in headers), None)
    if kg is None and tonnes is None:
        there = ", ".join(headers.values()) or say("no columns")
        faults.append(Fault(name, say("a column of emissions (kgCO2e)"), there))
        return
    columns = {
        part: next((headers[key] for key in keys if key in headers), None) for part, keys in COLUMNS.items()
    }

    def cell(row: Mapping[str, Any], part: str) -> str:
        return str(row.get(columns[part] or "") or "").strip()

    for line, row in enumerate(reader, start=2):
        where = f"{name}:{line}"
        amount = _amount(row.get(kg or tonnes or ""), where, faults)
        month = _month(cell(row, "month"), where, faults)
        if amount is not None:
            factor = 1.0 if kg is not None else KG_PER_T
            yield Emission(month, cell(row, "group"), amount * factor, cell(row, "scope"))


def _json(text: str, name: str, faults: list[Fault]) -> Iterable[Emission]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        faults.append(Fault(name, "JSON", str(error)))
        return
    for page, part in enumerate(document if isinstance(document, list) else [document]):
        values = part.get("value") if isinstance(part, dict) else None
        if not isinstance(values, list):
            where = say("{name}: page {page}", name=name, page=page)
            faults.append(Fault(where, say("a list under 'value'"), say("none")))
            continue
        for access in part.get("subscriptionAccessDecisionList") or ():
            if isinstance(access, dict) and access.get("decision") == "Denied":
                denied = say("{subscription} denied", subscription=access.get("subscriptionId"))
                faults.append(Fault(name, say("access to every subscription"), denied))
        for place, row in enumerate(values):
            where = f"{name}: value[{place}]"
            if not isinstance(row, dict):
                faults.append(Fault(where, say("a row"), repr(row)))
                continue
            amount = _amount(row.get("latestMonthEmissions", row.get("totalCarbonEmission")), where, faults)
            month = _month(str(row.get("date") or ""), where, faults)
            if amount is not None:
                yield Emission(month, str(row.get("itemName") or ""), amount)


def _amount(value: Any, where: str, faults: list[Fault]) -> float | None:
    try:
        amount = float(str(value).strip())
    except ValueError:
        amount = float("nan")
    if not isfinite(amount) or amount < 0:
        faults.append(Fault(where, say("emissions of zero or more"), repr(value)))
        return None
    return amount


def _month(text: str, where: str, faults: list[Fault]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10] if len(text) > len("2026-01") else f"{text}-01").replace(day=1)
    except ValueError:
        faults.append(Fault(where, say("a month as 2026-01 or 2026-01-01"), repr(text)))
        return None


def monthly(found: Iterable[Emission], group: str | None = None) -> dict[date | None, float]:
    """Emissions by month [kgCO2e], of all groups or of the one called ``group`` (case apart).

    Raises MeasurementError naming the groups there are when none is called that.
    """
    rows = list(found)
    kept = [row for row in rows if group is None or row.group.casefold() == group.casefold()]
    if not kept:
        names = ", ".join(sorted({row.group for row in rows if row.group})[:SHOWN_FAULTS])
        fault = Fault(
            say("resource group"), say("one of {names}", names=names or say("none is named")), repr(group)
        )
        raise MeasurementError(say("The export holds no such resource group."), [fault])
    totals: dict[date | None, float] = {}
    for row in kept:
        totals[row.month] = totals.get(row.month, 0.0) + row.kg
    return {month: totals[month] for month in sorted(totals, key=lambda month: month or date.min)}


def reality_check(
    case: Case, decisions: Sequence[Decision], found: Iterable[Emission], group: str | None = None
) -> Table:
    """Measured emissions by month beside a month of the plan [kgCO2e], 80 % interval.

    Market-based operation and embodied carbon are the boundary nearest the service's; the
    location-based figure stands beside it, never in it.
    """
    plan = final_option(case, decisions)
    near: tuple[float | None, ...] = (None, None, None)
    location = near
    if plan is not None:
        near = summary((plan.year["carbon_market"] + plan.year["embodied"]) / MONTHS)
        location = summary((plan.year["carbon_location"] + plan.year["embodied"]) / MONTHS)
    rows: list[tuple[str | float | None, ...]] = [
        (
            f"{month:%Y-%m}" if month else say("month not stated"),
            kg,
            *near,
            location[1],
            kg / near[1] if near[1] else None if plan is None else nan,
        )
        for month, kg in monthly(found, group).items()
    ]
    title = (
        say("Measured by Azure Carbon Optimization for {group}, beside this plan", group=group)
        if group
        else say("Measured by Azure Carbon Optimization, beside this plan")
    )
    heads = (
        say("Month"), say("Measured (kgCO2e)"), say("Estimate, low"), say("Estimate (kgCO2e)"),
        say("Estimate, high"), say("Location-based (kgCO2e)"), say("Measured over estimate"),
    )  # fmt: skip
    note = say(
        "The estimate is a month of the plan at its mean volume, with renewable contracts counted as the "
        "service counts them; measured figures include whatever else ran in the group."
    )
    return Table("reality_check", title, heads, tuple(rows), note)


def measured(export: Path, scenario: Path, group: str | None = None) -> str:
    """An export beside the plan of a scenario, as text. Raises AdvisorError with every fault of either."""
    from advisor.outputs.compare import as_text
    from advisor.steps import run
    from advisor.system.opening import open_case

    found = read_carbon_export(export)
    case = open_case(scenario)
    table = reality_check(case, run(case, flips=False), found, group)
    rows = tuple(
        tuple(number(c) if isinstance(c, float) else NO_PLAN if c is None else c for c in row)
        for row in table.rows
    )
    return joined("\n", (as_text([replace(table, rows=rows)]), table.note))
