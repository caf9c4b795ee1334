"""Charts and tables of operations: how often to retrain, and when jobs run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Chart, Exhibit, Line, Mark, Table
from advisor.core.saying import numeral, say
from advisor.core.wording import amount, yes_or_no
from advisor.decide.option import Decision
from advisor.estimate import upkeep as arithmetic
from advisor.steps.operations import watching
from advisor.system import decay, retraining
from advisor.system import rollback as rollback_rules
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.system.regions import ranked, region_name
from advisor.system.shifting import HOURS_PER_DAY, job_region, ready_hour, saving, shape_of

CENT = 100.0
DAYS_DRAWN = np.geomspace(1.0, 1000.0, 64)
LENGTHS, SLACKS = (1, 4, 24), (12, 24, 168)
SEASON_NAMES = (
    say("December to February"),
    say("March to May"),
    say("June to August"),
    say("September to November"),
)


def exhibits(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
    """Charts and tables of a decision: of the choice, or of the first way where none passes."""
    shown = decision.choice or next(iter(decision.options), None)
    return () if shown is None else tuple(_all(case, shown.plan))


def _all(case: Case, plan: Plan) -> Iterator[Exhibit]:
    region = job_region(case, plan.deployment)
    if decay.trained(plan.model, plan.improvement):
        yield optimum(case, plan)
    yield day(case, region)
    yield shifting_table(case, plan, region)
    yield watching.tests(case, plan)
    yield watching.rollback(case, plan)
    yield watching.evaluation_plan(case, plan)
    yield watching.observability(case, plan)
    yield watching.stages(case, plan)
    yield watching.scorecard(case, plan)


def optimum(case: Case, plan: Plan) -> Chart:
    """Energy a day of retraining and rework by interval, with the optimum and the floor."""
    parts = (
        central(retraining.each_kwh(case, *plan.early, plan.operation)),
        central(case.workload.mean_per_day),
        central(retraining.asked_again(case, *plan.early).all["energy"]),
        central(decay.loss_per_day(case)),
        case.scenario.operations.rework,
    )
    total = np.asarray(arithmetic.upkeep_kwh_per_day(DAYS_DRAWN, *parts))
    retrain, lost = parts[0] / DAYS_DRAWN, total - parts[0] / DAYS_DRAWN
    x = tuple(DAYS_DRAWN.tolist())
    marks = []
    best = retraining.best_interval(case, *plan.early, plan.operation)
    if np.isfinite(best):
        marks.append(Mark(say("best interval, {best} days", best=numeral(best, ",.0f")), best))
    floor = central(decay.floor_days(case, *plan.early))
    if np.isfinite(floor):
        marks.append(Mark(say("floor reached, {floor} days", floor=numeral(floor, ",.0f")), floor))
    return Chart(
        "retraining",
        say("How often to retrain"),
        say("days between retrainings"),
        say("kWh a day"),
        (
            Line(say("together"), x, tuple(total.tolist())),
            Line(say("retraining"), x, tuple(retrain.tolist())),
            Line(say("requests asked again"), x, tuple(lost.tolist())),
        ),
        tuple(marks),
        log_x=True,
        log_y=True,
        note=say(
            "Central values, as the bill charges them: a retraining with the answers that judge it, a "
            "request asked again where the plan serves it. A drop in safety or compliance overrides any "
            "interval."
        )
        + ("" if np.isfinite(best) else say(" Nothing is lost over time: never retrain.")),
    )


def day(case: Case, region: str) -> Chart:
    """The region's day by season, with the hours the job would run."""
    operations, found = case.scenario.operations, shape_of(case, region)
    hours = tuple(float(hour) for hour in range(24))
    kept = saving(case, region, operations.job_hours, operations.slack_hours, operations.interruptible)
    ready = float(ready_hour(case, region))
    lines = tuple(
        Line(name, hours, tuple(row.tolist()), style="step")
        for name, row in zip(SEASON_NAMES, found.seasons, strict=True)
    )
    note = say("Local time; carbon intensity of each hour over the year's mean. ") + (
        say("Mean days of grid {zone}.", zone=found.zone)
        if found.known
        else say("No shape is published for this grid: taken as flat.")
    )
    title = say("When the grid of {region} is clean", region=region_name(case, region))
    return Chart(
        "day",
        title,
        say("hour of the day"),
        say("intensity over the mean"),
        lines,
        (Mark(say("ready"), ready), Mark(say("best start on a mean day"), float(kept.start_hour))),
        note=note,
    )


def shifting_table(case: Case, plan: Plan, region: str) -> Table:
    """What waiting saves by length and slack, beside what a cleaner region saves."""
    tracked = case.central("operations.mean_tracking", "ratio")
    lost = case.central("operations.forecast_error", "ratio")
    rows: list[tuple[str | float | None, ...]] = []
    for length in LENGTHS:
        for slack in SLACKS:
            fixed = saving(case, region, length, slack, False).share * (1.0 - lost)
            pausing = saving(case, region, length, slack, True).share * (1.0 - lost)
            visible = yes_or_no(max(fixed, pausing) >= tracked)
            rows.append(
                (
                    say("{length} h", length=length),
                    say("{slack} h", slack=slack),
                    fixed * CENT,
                    pausing * CENT,
                    visible,
                )
            )
    best = ranked(case)[0]
    here = next(one for one in ranked(case) if one.key == region)
    moved = max(1.0 - best.effective / here.effective, 0.0) * CENT
    return Table(
        "shifting",
        say("What waiting saves in {region}", region=region_name(case, region)),
        (
            say("job"),
            say("may wait"),
            say("run through saves %"),
            say("with pauses saves %"),
            say("monitoring can see it"),
        ),
        tuple(rows),
        say(
            "A job ready daily at {hour}:00, over a simulated year of weather around the mean days, {lost} "
            "of the saving lost to forecast errors. ",
            hour=ready_hour(case, region),
            lost=numeral(lost, ".0%"),
        )
        + _deferrable(case, plan, region)
        + " "
        + (
            say("Moving to {region} instead saves {moved} %.", region=best.title, moved=numeral(moved, ".0f"))
            if moved > 0
            else say("No region is cleaner.")
        ),
    )


def _deferrable(case: Case, plan: Plan, region: str) -> str:
    """What serving the requests that can wait a day at clean hours would save."""
    share = case.scenario.workload.deferrable_share
    if not share:
        return ""
    kept = saving(case, region, 1, float(HOURS_PER_DAY), True).share * share
    each = (line for line in rollback_rules.answering(case, plan) if line.phase == "per_request")
    yearly = central(Bill(case, tuple(each)).year["carbon_location"])
    return say(
        "Serving the {share} of requests that can wait at clean hours would save {kept} of the "
        "carbon of work on requests, {yearly} a year.",
        share=numeral(share, ".0%"),
        kept=numeral(kept, ".1%"),
        yearly=amount(yearly * kept, "kgCO2e"),
    )
