"""The plan as one workbook: every line of the bill, and totals that are live formulas over them.

Change a quantity, a volume or a horizon in the workbook and its totals follow. The same plan gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from advisor.core.draws import central, summary
from advisor.core.escaping import xlsx_cell
from advisor.core.exhibits import Table
from advisor.core.footprint import INDICATORS
from advisor.decide.option import Decision, Option
from advisor.outputs.evidence_listing import rows as evidence_rows
from advisor.outputs.evidence_listing import used_by_steps
from advisor.outputs.sheets import FIRST, HEAD, Row, add_sheet, begun, finish, known, packed, write_row
from advisor.scenario import STEP_NAMES
from advisor.steps import final_option
from advisor.system.assumptions import assumptions_log, log_table
from advisor.system.bill import MONTHS_PER_YEAR
from advisor.system.case import Case
from advisor.view.tables import ranked
from advisor.view.texts import INDICATOR_NAMES, STEP_TITLES, flips_to, rule_name

# places on the sheet of the volume: the factors of the three phases, and the answers
VOLUME = {
    "requests": "B4", "horizon": "B5", "quality": "B6",
    "once": "B8", "standing": "B9", "per_request": "B10", "answers": "B11",
}  # fmt: skip
TOTALS, BILL, BASIS = "Totals", "Bill", "Volume"
VOLUME_FIRST = 4  # the row of the first of them
FIGURES = 7  # the column of a bill's first indicator


def workbook(case: Case, decisions: Sequence[Decision]) -> bytes:
    """The workbook of a plan; without a plan, its options, inputs and evidence alone."""
    made = begun()
    plan = final_option(case, decisions)
    if plan is not None:
        _totals(made, plan)
        _volume(made, plan)
        _bill(made, plan)
    add_sheet(made, "Decisions", *_decisions(decisions, case))
    add_sheet(made, "Options", *_options(decisions))
    add_sheet(made, "Ruled out", *_ruled_out(decisions))
    add_sheet(made, "Flips", *_flips(decisions))
    warned = [(STEP_TITLES[one.step], said) for one in decisions for said in one.warnings]
    add_sheet(made, "Warnings", ("Step", "Warning"), warned)
    used = used_by_steps(decisions)
    log = log_table(assumptions_log(case, used))
    add_sheet(made, "Assumptions", log.columns, log.rows)
    add_sheet(made, "Evidence", *_evidence(case, used))
    for decision in decisions:
        for exhibit in decision.exhibits:
            if isinstance(exhibit, Table):
                title = f"{STEP_TITLES[decision.step]} {exhibit.title}"
                add_sheet(made, title, exhibit.columns, exhibit.rows, exhibit.note)
    return packed(made)


def _totals(made: Any, plan: Option) -> None:
    sheet = made.create_sheet(TOTALS)
    write_row(
        sheet,
        1,
        ("A year, central", *(f"{INDICATOR_NAMES[name]} ({unit})" for name, (unit, _) in INDICATORS.items())),
        head=True,
    )
    last = FIRST + len(plan.bill.lines) - 1
    for at, step in enumerate(STEP_NAMES, start=FIRST):
        xlsx_cell(sheet.cell(at, 1), STEP_TITLES[step])
        for place in range(len(INDICATORS)):
            column = get_column_letter(_year(place))
            sheet.cell(
                at, place + 2
            ).value = f"=SUMIF({BILL}!$B${FIRST}:$B${last},$A{at},{BILL}!{column}${FIRST}:{column}${last})"
    whole, each, low, high = (FIRST + len(STEP_NAMES) + more for more in range(4))
    for at, title in (
        (whole, "The plan"),
        (each, "Per accepted answer"),
        (low, "Low (10 %), as drawn"),
        (high, "High (90 %), as drawn"),
    ):
        xlsx_cell(sheet.cell(at, 1), title)
        sheet.cell(at, 1).font = HEAD
    for place, name in enumerate(INDICATORS):
        column = get_column_letter(place + 2)
        sheet[f"{column}{whole}"] = f"=SUM({column}{FIRST}:{column}{whole - 1})"
        sheet[f"{column}{each}"] = f"={column}{whole}/{BASIS}!${VOLUME['answers'][0]}${VOLUME['answers'][1:]}"
        bottom, _, top = summary(plan.year[name])
        sheet[f"{column}{low}"], sheet[f"{column}{high}"] = known(bottom), known(top)
    finish(sheet)


def _volume(made: Any, plan: Option) -> None:
    case, sheet = plan.case, made.create_sheet(BASIS)
    write_row(sheet, 1, ("What the totals are multiplied with", "Value", "Unit"), head=True)
    requests = VOLUME["requests"]
    rows: Sequence[Row | None] = (
        ("Requests a year, mean of the years", central(case.workload.requests_per_year), "request/year"),
        ("Planned for", case.scenario.timing.horizon_years, "year"),
        ("Answers accepted", central(plan.quality), "share"),
        None,
        ("A line of phase once counts a year", f"=1/{VOLUME['horizon']}", "1/year"),
        ("A line of phase standing counts a year", MONTHS_PER_YEAR, "1/year"),
        ("A line of phase per_request counts a year", f"={requests}", "1/year"),
        ("Accepted answers a year", f"={requests}*{VOLUME['quality']}", "1/year"),
    )
    for at, row in enumerate(rows, start=VOLUME_FIRST):
        if row is None:
            continue
        title, value, unit = row
        xlsx_cell(sheet.cell(at, 1), title)
        sheet.cell(at, 2).value = value
        xlsx_cell(sheet.cell(at, 3), unit)
    finish(sheet)


def _year(place: int) -> int:
    """The column that holds a year of an indicator on the bill's sheet."""
    return FIGURES + len(INDICATORS) + place


def _bill(made: Any, plan: Option) -> None:
    sheet = made.create_sheet(BILL)
    heads = ["Resource", "Step", "Phase", "Line", "Where", "Quantity"]
    heads += [f"{INDICATOR_NAMES[name]} ({unit}) each" for name, (unit, _) in INDICATORS.items()]
    heads += [f"{INDICATOR_NAMES[name]} ({unit}) a year" for name, (unit, _) in INDICATORS.items()]
    heads += ["Rests on"]
    write_row(sheet, 1, heads, head=True)
    for at, line in enumerate(plan.bill, start=FIRST):
        quantity = f"{central(line.quantity):.6g} {line.unit}"
        write_row(
            sheet,
            at,
            (str(line.resource), STEP_TITLES[line.step], line.phase, line.what, line.place, quantity),
        )
        factor = VOLUME[line.phase]
        for place, name in enumerate(INDICATORS):
            sheet.cell(at, FIGURES + place).value = known(central(line.footprint[name]))
            each = f"{get_column_letter(FIGURES + place)}{at}"
            sheet.cell(at, _year(place)).value = f"={each}*{BASIS}!${factor[0]}${factor[1:]}"
        xlsx_cell(sheet.cell(at, _year(len(INDICATORS))), ", ".join(sorted(line.evidence)))
    finish(sheet)


def _decisions(decisions: Sequence[Decision], case: Case) -> tuple[Row, Sequence[Row]]:
    rows = []
    for one in decisions:
        recorded = case.given.decisions.get(one.step)
        taken = (recorded.choice, recorded.by, recorded.reason) if recorded else ("", "", "")
        advice = one.choice.title if one.choice else "no option passes"
        runner_up = one.runner_up.title if one.runner_up else ""
        why = "\n".join(one.reasons)
        rows.append((STEP_TITLES[one.step], one.question, advice, one.confidence, runner_up, *taken, why))
    best = "Best in (share of draws)"
    heads = ("Step", "Question", "Advice", best, "Runner-up", "Recorded", "By", "Because", "Why")
    return heads, rows


def _options(decisions: Sequence[Decision]) -> tuple[Row, Sequence[Row]]:
    names = [(name, unit) for name, (unit, _) in INDICATORS.items()]
    heads = ["Step", "Option", "Best in (share of draws)", "Accepted (share)"]
    heads += [
        f"{INDICATOR_NAMES[name]} ({unit}) {part}"
        for name, unit in names
        for part in ("10 %", "central", "90 %")
    ]
    rows = []
    for one in decisions:
        for option in ranked(one):
            year = [known(value) for name, _ in names for value in summary(option.year[name])]
            best = one.p_best.get(option.key, 0.0)
            rows.append((STEP_TITLES[one.step], option.title, best, central(option.quality), *year))
    return heads, rows


def _ruled_out(decisions: Sequence[Decision]) -> tuple[Row, Sequence[Row]]:
    rows = [
        (
            STEP_TITLES[one.step],
            option.title,
            rule_name(gate.rule),
            str(gate.expected),
            str(gate.found),
            gate.remedy or "",
        )
        for one in decisions
        for option, failed in one.eliminated
        for gate in failed
    ]
    return ("Step", "Option", "Rule", "Needs", "Has", "To bring it back"), rows


def _flips(decisions: Sequence[Decision]) -> tuple[Row, Sequence[Row]]:
    rows = [
        (
            STEP_TITLES[one.step],
            flip.label,
            flip.present,
            flip.flips_at,
            flip.factor,
            flips_to(flip),
            flip.path,
        )
        for one in decisions
        for flip in one.flips
    ]
    return ("Step", "Input", "Now", "Flips at", "Factor", "Then", "Path"), rows


def _evidence(case: Case, used: Mapping[str, set[str]]) -> tuple[Row, Sequence[Row]]:
    rows = []
    for row in evidence_rows(case.catalogue, used, used):
        found = [case.catalogue.sources[key] for key in row.source if key in case.catalogue.sources]
        rows.append(
            (
                row.name, row.low, row.central, row.high, row.unit, row.confidence, row.checked.isoformat(),
                "; ".join(source.title for source in found) or ", ".join(row.source),
                " ".join(source.url for source in found), ", ".join(row.used_by), row.note,
            )
        )  # fmt: skip
    heads = (
        "Figure", "Low (10 %)", "Central", "High (90 %)", "Unit", "Confidence", "Checked", "Source",
        "Address", "Read by", "Note",
    )  # fmt: skip
    return heads, rows
