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
from advisor.core.saying import dated, here, joined, numeral, say
from advisor.core.wording import UNKNOWN
from advisor.decide.option import Decision, Option
from advisor.outputs.evidence_listing import rows as evidence_rows
from advisor.outputs.evidence_listing import used_by_steps
from advisor.outputs.shared_texts import CONFIDENCE, PHASES
from advisor.outputs.sheets import (
    FIRST,
    HEAD,
    Row,
    add_sheet,
    begun,
    finish,
    known,
    packed,
    place_on,
    write_row,
)
from advisor.scenario import STEP_NAMES
from advisor.steps import final_option
from advisor.system.assumptions import assumptions_log, log_table
from advisor.system.bill import MONTHS_PER_YEAR
from advisor.system.case import Case
from advisor.system.regions import place_name
from advisor.system.rule_names import rule_name
from advisor.view.key_texts import unit_words
from advisor.view.plan import no_answer
from advisor.view.texts import INDICATOR_NAMES, STEP_TITLES, flips_to

# places on the sheet of the volume: the factors of the three phases, and the answers
VOLUME = {
    "requests": "B4", "horizon": "B5", "quality": "B6",
    "once": "B8", "standing": "B9", "per_request": "B10", "answers": "B11",
}  # fmt: skip
VOLUME_FIRST = 4  # the row of the first of them
FIGURES = 7  # the column of a bill's first indicator
STEP, OPTION, UNIT, OFTEN_BEST = say("Step"), say("Option"), say("Unit"), say("Best in (share of draws)")


def workbook(case: Case, decisions: Sequence[Decision]) -> bytes:
    """The workbook of a plan; without a plan, its options, inputs and evidence alone."""
    made = begun()
    plan = final_option(case, decisions)
    if plan is not None:
        totals, basis, bill = (
            made.create_sheet(here(title)) for title in (say("Totals"), say("Volume"), say("Bill"))
        )
        _totals(totals, plan, bill, basis)
        _volume(basis, plan)
        _bill(bill, plan, basis)
    add_sheet(made, say("Decisions"), *_decisions(decisions, case))
    add_sheet(made, say("Options"), *_options(decisions))
    add_sheet(made, say("Ruled out"), *_ruled_out(decisions))
    add_sheet(made, say("Flips"), *_flips(decisions))
    warned = [(STEP_TITLES[one.step], said) for one in decisions for said in one.warnings]
    add_sheet(made, say("Warnings"), (STEP, say("Warning")), warned)
    used = used_by_steps(decisions)
    log = log_table(assumptions_log(case, used))
    add_sheet(made, say("Assumptions"), log.columns, [_in_words(row) for row in log.rows])
    add_sheet(made, say("Evidence"), *_evidence(case, used))
    for decision in decisions:
        for exhibit in decision.exhibits:
            if isinstance(exhibit, Table):
                title = joined(" ", (STEP_TITLES[decision.step], exhibit.title))
                add_sheet(made, title, exhibit.columns, exhibit.rows, exhibit.note)
    return packed(made)


def _in_words(row: Row) -> Row:
    """A row of the assumptions log with its unit in words."""
    title, value, unit, *rest = row
    return title, value, unit_words(unit), *rest


def _totals(sheet: Any, plan: Option, bill: Any, basis: Any) -> None:
    heads = (
        say("{indicator} ({unit})", indicator=INDICATOR_NAMES[name], unit=unit)
        for name, (unit, _) in INDICATORS.items()
    )
    write_row(sheet, 1, (say("A year, central"), *heads), head=True)
    last = FIRST + len(plan.bill.lines) - 1
    steps = place_on(bill, f"$B${FIRST}:$B${last}")
    unknown = _unknown(plan)
    for at, step in enumerate(STEP_NAMES, start=FIRST):
        xlsx_cell(sheet.cell(at, 1), STEP_TITLES[step])
        for place, name in enumerate(INDICATORS):
            column = get_column_letter(_year(place))
            years = place_on(bill, f"{column}${FIRST}:{column}${last}")
            found = f"SUMIF({steps},$A{at},{years})"
            whole_known = f'COUNTIFS({steps},$A{at},{years},"{here(UNKNOWN)}")=0'
            sheet.cell(at, place + 2).value = _if_known(whole_known, found, name in unknown)
    whole, each, low, high = (FIRST + len(STEP_NAMES) + more for more in range(4))
    for at, title in (
        (whole, say("The plan")),
        (each, say("Per accepted answer")),
        (low, say("Low (10 %), as drawn")),
        (high, say("High (90 %), as drawn")),
    ):
        xlsx_cell(sheet.cell(at, 1), title)
        sheet.cell(at, 1).font = HEAD
    for place, name in enumerate(INDICATORS):
        column = get_column_letter(place + 2)
        parts, gaps = f"{column}{FIRST}:{column}{whole - 1}", name in unknown
        answers = place_on(basis, _fixed(VOLUME["answers"]))
        sheet[f"{column}{whole}"] = _if_known(f"COUNT({parts})={len(STEP_NAMES)}", f"SUM({parts})", gaps)
        sheet[f"{column}{each}"] = _if_known(f"ISNUMBER({column}{whole})", f"{column}{whole}/{answers}", gaps)
        bottom, _, top = summary(plan.year[name])
        sheet[f"{column}{low}"], sheet[f"{column}{high}"] = _told(bottom), _told(top)
    finish(sheet)


def _unknown(plan: Option) -> frozenset[str]:
    """Indicators of which some line is unknown: no sum of theirs is known either."""
    return frozenset(
        name for name in INDICATORS if any(known(central(line.footprint[name])) is None for line in plan.bill)
    )


def _if_known(condition: str, formula: str, gaps: bool) -> str:
    """A formula, which says unknown for a sum with unknown parts: a blank would count as nothing."""
    return f'=IF({condition},{formula},"{here(UNKNOWN)}")' if gaps else f"={formula}"


def _told(value: float) -> float | str:
    """A figure as a cell holds it where others are summed: one that is unknown says so."""
    return here(UNKNOWN) if (found := known(value)) is None else found


def _fixed(place: str) -> str:
    """A place that stays as it is when its formula is copied."""
    return f"${place[0]}${place[1:]}"


def _volume(sheet: Any, plan: Option) -> None:
    case, requests = plan.case, VOLUME["requests"]
    write_row(sheet, 1, (say("What the totals are multiplied with"), say("Value"), UNIT), head=True)
    rows: Sequence[Row | None] = (
        (say("Requests a year, mean of the years"), central(case.workload.requests_per_year), "request/year"),
        (say("Planned for"), case.scenario.timing.horizon_years, "year"),
        (say("Answers accepted"), central(plan.quality), say("share")),
        None,
        (say("A line of phase once counts a year"), f"=1/{VOLUME['horizon']}", "1/year"),
        (say("A line of phase standing counts a year"), MONTHS_PER_YEAR, "1/year"),
        (say("A line of phase per_request counts a year"), f"={requests}", "1/year"),
        (say("Accepted answers a year"), f"={requests}*{VOLUME['quality']}", "1/year"),
    )
    for at, row in enumerate(rows, start=VOLUME_FIRST):
        if row is None:
            continue
        title, value, unit = row
        xlsx_cell(sheet.cell(at, 1), title)
        sheet.cell(at, 2).value = value
        xlsx_cell(sheet.cell(at, 3), unit_words(unit))
    finish(sheet)


def _year(place: int) -> int:
    """The column that holds a year of an indicator on the bill's sheet."""
    return FIGURES + len(INDICATORS) + place


def _bill(sheet: Any, plan: Option, basis: Any) -> None:
    heads = [say("Resource"), STEP, say("Phase"), say("Line"), say("Where"), say("Quantity")]
    heads += [
        say("{indicator} ({unit}) each", indicator=INDICATOR_NAMES[name], unit=unit)
        for name, (unit, _) in INDICATORS.items()
    ]
    heads += [
        say("{indicator} ({unit}) a year", indicator=INDICATOR_NAMES[name], unit=unit)
        for name, (unit, _) in INDICATORS.items()
    ]
    heads.append(say("Rests on"))
    write_row(sheet, 1, heads, head=True)
    for at, line in enumerate(plan.bill, start=FIRST):
        told = (
            line.resource.said, STEP_TITLES[line.step], PHASES[line.phase], line.what,
            place_name(plan.case, line.place),
            joined(" ", (numeral(central(line.quantity), ".6g"), unit_words(line.unit))),
        )  # fmt: skip
        write_row(sheet, at, told)
        factor = place_on(basis, _fixed(VOLUME[line.phase]))
        for place, name in enumerate(INDICATORS):
            each, figure = f"{get_column_letter(FIGURES + place)}{at}", _told(central(line.footprint[name]))
            sheet.cell(at, FIGURES + place).value = figure
            gap = isinstance(figure, str)
            sheet.cell(at, _year(place)).value = _if_known(f"ISNUMBER({each})", f"{each}*{factor}", gap)
        xlsx_cell(sheet.cell(at, _year(len(INDICATORS))), ", ".join(sorted(line.evidence)))
    finish(sheet)


def _decisions(decisions: Sequence[Decision], case: Case) -> tuple[Row, Sequence[Row]]:
    rows = []
    for one in decisions:
        recorded = case.given.decisions.get(one.step)
        taken = (recorded.choice, recorded.by, recorded.reason) if recorded else ("", "", "")
        advice = one.choice.title if one.choice else no_answer(one)
        runner_up = one.runner_up.title if one.runner_up else ""
        why = joined("\n", one.every_reason)
        sure = one.confidence if one.choice else None
        rows.append((STEP_TITLES[one.step], one.question, advice, sure, runner_up, *taken, why))
    heads = (
        STEP, say("Question"), say("Advice"), OFTEN_BEST, say("Runner-up"), say("Recorded"), say("By"),
        say("Because"), say("Why"),
    )  # fmt: skip
    return heads, rows


def _options(decisions: Sequence[Decision]) -> tuple[Row, Sequence[Row]]:
    heads = [STEP, OPTION, OFTEN_BEST, say("Accepted (share)")]
    heads += [
        say("{indicator} ({unit}) {part}", indicator=INDICATOR_NAMES[name], unit=unit, part=part)
        for name, (unit, _) in INDICATORS.items()
        for part in ("10 %", say("central"), "90 %")
    ]
    rows = []
    for one in decisions:
        for option in one.ranked:
            year = [known(value) for name in INDICATORS for value in summary(option.year[name])]
            best = one.p_best.get(option.key, 0.0)
            rows.append((STEP_TITLES[one.step], option.title, best, central(option.quality), *year))
    return heads, rows


def _ruled_out(decisions: Sequence[Decision]) -> tuple[Row, Sequence[Row]]:
    rows = [
        (STEP_TITLES[one.step], option.title, rule_name(gate.rule), gate.expected, gate.found, gate.remedy)
        for one in decisions
        for option, failed in one.eliminated
        for gate in failed
    ]
    return (STEP, OPTION, say("Rule"), say("Needs"), say("Has"), say("To bring it back")), rows


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
    heads = (STEP, say("Input"), say("Now"), say("Flips at"), say("Factor"), say("Then"), say("Path"))
    return heads, rows


def _evidence(case: Case, used: Mapping[str, set[str]]) -> tuple[Row, Sequence[Row]]:
    rows = []
    for row in evidence_rows(case.catalogue, used, used):
        found = [case.catalogue.sources[key] for key in row.source if key in case.catalogue.sources]
        rows.append(
            (
                row.name, row.low, row.central, row.high, unit_words(row.unit), CONFIDENCE[row.confidence],
                dated(row.checked), joined("; ", (source.title for source in found)) or ", ".join(row.source),
                " ".join(source.url for source in found), ", ".join(row.used_by), row.note,
            )
        )  # fmt: skip
    heads = (
        say("Figure"), say("Low (10 %)"), say("Central"), say("High (90 %)"), UNIT, say("Confidence"),
        say("Checked"), say("Source"), say("Address"), say("Read by"), say("Note"),
    )  # fmt: skip
    return heads, rows
