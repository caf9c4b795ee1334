"""Charts and tables of operations, and the schedule's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Chart, Exhibit, Line, Mark, Table
from advisor.core.wording import amount
from advisor.decide.option import Decision
from advisor.estimate import upkeep as arithmetic
from advisor.system import billing, decay, upkeep
from advisor.system import rollback as rollback_rules
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.system.regions import ranked, region_name
from advisor.system.shifting import HOURS_PER_DAY, job_region, saving, shape_of

CENT = 100.0
EVALUATIONS: tuple[Literal["planned", "sized"], ...] = ("planned", "sized")
DAYS_DRAWN = np.geomspace(1.0, 1000.0, 64)
DIFFERENCES = (0.01, 0.02, 0.05, 0.1, 0.2)  # what a test may be asked to tell apart
LENGTHS, SLACKS = (1, 4, 24), (12, 24, 168)
SEASON_NAMES = ("December to February", "March to May", "June to August", "September to November")


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
    yield tests(case, plan)
    yield rollback(case, plan)
    yield evaluation_plan(case, plan)
    yield observability(plan)
    yield stages(case, plan)
    yield scorecard(case, plan)


def optimum(case: Case, plan: Plan) -> Chart:
    """Energy a day of retraining and rework by interval, with the optimum and the floor."""
    early = (plan.model, plan.improvement)
    parts = (
        central(upkeep.retraining_run(case, *early)["energy"]), central(case.workload.mean_per_day),
        central(upkeep.request_kwh(case, *early)), central(decay.loss_per_day(case)),
        case.scenario.operations.rework,
    )  # fmt: skip
    total = np.asarray(arithmetic.upkeep_kwh_per_day(DAYS_DRAWN, *parts))
    retrain, lost = parts[0] / DAYS_DRAWN, total - parts[0] / DAYS_DRAWN
    x = tuple(DAYS_DRAWN.tolist())
    marks = []
    best = upkeep.best_interval(case, *early)
    if np.isfinite(best):
        marks.append(Mark(f"best interval, {best:,.0f} days", best))
    floor = central(decay.floor_days(case, *early))
    if np.isfinite(floor):
        marks.append(Mark(f"floor reached, {floor:,.0f} days", floor))
    return Chart(
        "retraining", "How often to retrain", "days between retrainings", "kWh a day",
        (
            Line("together", x, tuple(total.tolist())),
            Line("retraining", x, tuple(retrain.tolist())),
            Line("requests asked again", x, tuple(lost.tolist())),
        ),
        tuple(marks), log_x=True, log_y=True,
        note="Central values; a request by the model's own energy, whatever serves it. A drop in safety or "
        "compliance overrides any interval."
        + ("" if np.isfinite(best) else " Nothing is lost over time: never retrain."),
    )  # fmt: skip


def day(case: Case, region: str) -> Chart:
    """The region's day by season, with the hours the job would run."""
    operations, found = case.scenario.operations, shape_of(case, region)
    hours = tuple(float(hour) for hour in range(24))
    kept = saving(case, region, operations.job_hours, operations.slack_hours, operations.interruptible)
    ready = float(operations.job_earliest_hour)
    lines = tuple(
        Line(name, hours, tuple(row.tolist()), style="step")
        for name, row in zip(SEASON_NAMES, found.seasons, strict=True)
    )
    note = "Local time; carbon intensity of each hour over the year's mean. " + (
        f"Mean days of grid {found.zone}."
        if found.known
        else "No shape is published for this grid: taken as flat."
    )
    title = f"When the grid of {region_name(case, region)} is clean"
    return Chart(
        "day", title, "hour of the day", "intensity over the mean",
        lines, (Mark("ready", ready), Mark("best start on a mean day", float(kept.start_hour))), note=note,
    )  # fmt: skip


def shifting_table(case: Case, plan: Plan, region: str) -> Table:
    """What waiting saves by length and slack, beside what a cleaner region saves."""
    tracked = case.central("operations.mean_tracking", "ratio")
    lost = case.central("operations.forecast_error", "ratio")
    rows: list[tuple[str | float | None, ...]] = []
    for length in LENGTHS:
        for slack in SLACKS:
            fixed = saving(case, region, length, slack, False).share * (1.0 - lost)
            pausing = saving(case, region, length, slack, True).share * (1.0 - lost)
            visible = "yes" if max(fixed, pausing) >= tracked else "no"
            rows.append((f"{length} h", f"{slack} h", fixed * CENT, pausing * CENT, visible))
    best = ranked(case)[0]
    here = next(one for one in ranked(case) if one.key == region)
    moved = max(1.0 - best.effective / here.effective, 0.0) * CENT
    return Table(
        "shifting", f"What waiting saves in {region_name(case, region)}",
        ("job", "may wait", "run through saves %", "with pauses saves %", "monitoring can see it"),
        tuple(rows),
        f"A job ready daily at {case.scenario.operations.job_earliest_hour}:00, over a simulated year of "
        f"weather around the mean days, {lost:.0%} of the saving lost to forecast errors. "
         f"{_deferrable(case, plan, region)} "
        + (f"Moving to {best.title} instead saves {moved:.0f} %." if moved > 0 else "No region is cleaner."),
    )  # fmt: skip


def _deferrable(case: Case, plan: Plan, region: str) -> str:
    """What serving the requests that can wait a day at clean hours would save."""
    share = case.scenario.workload.deferrable_share
    if not share:
        return ""
    kept = saving(case, region, 1, float(HOURS_PER_DAY), True).share * share
    each = (line for line in rollback_rules.answering(case, plan) if line.phase == "per_request")
    yearly = central(Bill(case, tuple(each)).year["carbon_location"])
    return (
        f"Serving the {share:.0%} of requests that can wait at clean hours would save {kept:.1%} of the "
        f"carbon of work on requests, {amount(yearly * kept, 'kgCO2e')} a year."
    )


def tests(case: Case, plan: Plan) -> Table:
    """Requests each arm of an A/B or blue/green test needs, and how long that takes."""
    operations = case.scenario.operations
    errors = (case.central("operations.significance", "ratio"), case.central("operations.power", "ratio"))
    per_day = central(case.workload.requests_per_day)
    least = upkeep.LEAST_SHARE
    accepted = float(np.clip(central(billing.quality(case, plan)), least, 1.0 - least))
    quality = arithmetic.share_spread(accepted)
    rows: list[tuple[str | float | None, ...]] = []
    for difference in sorted({*DIFFERENCES, operations.detectable_difference}):
        n = arithmetic.samples_per_arm(operations.request_energy_cv, difference, *errors)
        judged = arithmetic.samples_per_arm(quality, difference, *errors)
        rows.append((f"{difference:.0%}", float(n), 2.0 * n / per_day, float(judged)))
    return Table(
        "tests", "How many requests a test needs",
        ("difference", "requests in each arm (energy)", "days at half the traffic each",
         "answers judged in each arm"),
        tuple(rows),
        f"Energy per request spreads by {operations.request_energy_cv:g} times its mean; {errors[0]:.0%} "
        f"false alarms, {errors[1]:.0%} of true differences seen. A/B splits the traffic; blue/green runs "
        "the same numbers one after the other and must compare the same hours.",
    )  # fmt: skip


def rollback(case: Case, plan: Plan) -> Table:
    """The rule that rolls a version back, and when no verdict is allowed."""
    rule, over = rollback_rules.rollback_rule(case, plan), f"{case.scenario.operations.rollback_limit:.0%}"
    wh, limit, n = rule.expected, rule.limit, rule.needed
    return Table(
        "rollback", "When to roll back",
        ("check", "rule"),
        (
            ("safety", "any safety or compliance failure: roll back at once"),
            ("enough requests", f"no verdict below {n:,.0f} requests in each arm"),
            ("same mix", f"no verdict while the mean input differs by over {rule.mix_tolerance:.0%}"),
            ("limit", f"roll back above {limit:.3g} Wh per accepted answer, {over} over {wh:.3g}"),
            ("interval", "only when the whole 95 % interval lies above the limit"),
            ("otherwise", "keep, and look again when the next samples are in"),
        ),
        "Wh per accepted answer counts the answers that failed, so a thrifty model often wrong is caught.",
    )  # fmt: skip


def evaluation_plan(case: Case, plan: Plan) -> Table:
    """The planned evaluation and the smallest that sees the difference, with thresholds."""
    score, f1 = case.central("operations.pass_score", "item"), case.central("operations.pass_f1", "ratio")
    rows: list[tuple[str | float | None, ...]] = []
    planned, sized = (replace(plan.operation, evaluation=way) for way in EVALUATIONS)
    for setting, title in ((planned, "as planned"), (sized, "just enough")):
        found = upkeep.evaluation(case, plan.model, plan.improvement, setting)
        rows.append((title, found.runs_per_month, found.samples, found.detectable * CENT, found.lag_days))
    return Table(
        "evaluation", "Evaluation plans",
        ("plan", "runs a month", "answers a run", "smallest drop seen %", "mean days until it is seen"),
        tuple(rows),
        f"Pass: groundedness, relevance, coherence and fluency at least {score:g} of 5, F1 at least {f1:g}. "
        "Hateful, violent, sexual or self-harming content and unfair treatment fail outright. Judge some by "
        "hand.",
    )  # fmt: skip


def observability(plan: Plan) -> Table:
    """What can be seen on a service and on machines of one's own, and how late."""
    rows = (
        ("tokens in and out, requests", "yes", "yes", "a minute", "count per accepted answer"),
        ("time to first word, time per word", "yes", "yes", "a minute", "the latency limits"),
        ("throttling (429), time-outs, retries", "yes", "yes", "a minute", "retries cost energy"),
        ("provisioned utilisation", "if provisioned", "no", "a minute", "idle capacity"),
        ("GPU and memory use, power", "no", "yes", "seconds", "the only measured energy"),
        ("CPU, network", "no", "yes", "a minute", "host overhead"),
        ("energy per request", "estimated", "measured", "a minute", "the roll-back rule"),
        ("carbon by provider (Carbon Optimization)", "monthly", "monthly", "up to the 19th of the next month",
         "reporting only: too late for scheduling or roll-back"),
        ("quality, safety", "by evaluation", "by evaluation", "days", "the retraining trigger"),
    )  # fmt: skip
    own = plan.deployment.mode in ("maap", "container", "processors", "edge")
    chosen = "machines of your own: read power at the GPU" if own else "a service: its energy is an estimate"
    return Table(
        "observability", "What can be observed",
        ("metric", "as a service", "own machines", "lag", "used for"), rows,
        f"You chose {chosen}.",
    )  # fmt: skip


def stages(case: Case, plan: Plan) -> Table:
    """What must hold before each stage of the life of a model."""
    rule, score = rollback_rules.rollback_rule(case, plan), case.central("operations.pass_score", "item")
    floor, tracked = case.scenario.quality.floor, case.central("operations.mean_tracking", "ratio")
    return Table(
        "stages", "Gates from data to retirement", ("before", "must hold", "measured by"),
        (
            ("training", "the optimum interval has passed, or quality has dropped", "the evaluation plan"),
            ("training", "the job is scheduled in clean hours or a clean region", "the job's schedule"),
            ("release", f"at least {floor:.0%} accepted, {score:g} of 5 on every measure, no safety failure",
             "the evaluation set"),
            ("release", f"at most {rule.limit:.3g} Wh per accepted answer", "the pilot or the estimate"),
            ("full traffic", f"{rule.needed:,} requests in each arm and the same mix", "A/B, blue/green"),
            ("every month", f"carbon within {tracked:.0%} of the plan", "Carbon Optimization, a month late"),
            ("retirement", "weights, indexes, caches and idle capacity are released", "the bill"),
        ),
    )  # fmt: skip


def scorecard(case: Case, plan: Plan) -> Table:
    """Sustainability beside performance, reliability, security, quality and cost."""
    limits, operations = case.scenario.constraints, case.scenario.operations
    share = billing.quality(case, plan)
    year = rollback_rules.answering(case, plan).year
    answers = share * case.workload.requests_per_year
    lost = central(upkeep.mean_loss(case, plan.model, plan.improvement, plan.operation))

    def per_answer(name: str, factor: float) -> float:
        return central(year[name] / answers) * factor

    wasted, quality = central(year["energy"]) * lost, central(share)
    rows: tuple[tuple[str | float | None, ...], ...] = (
        (
            "sustainability",
            "Wh per accepted answer",
            per_answer("energy", 1000.0),
            f"roll back above +{operations.rollback_limit:.0%}",
        ),
        (
            "sustainability",
            "gCO2e per accepted answer, location-based",
            per_answer("carbon", 1000.0),
            "watch",
        ),
        ("sustainability", "mL water per accepted answer", per_answer("water", 1000.0), "watch"),
        ("sustainability", "kWh a year wasted on poor answers", wasted, "retraining trigger"),
        ("quality", "share accepted", quality, f"at least {case.scenario.quality.floor:.0%}"),
        ("performance", "first words, 95 of 100, ms", None, f"at most {limits.first_token_p95_ms:,.0f}"),
        ("performance", "whole answer, 95 of 100, ms", None, f"at most {limits.latency_p95_ms:,.0f}"),
        ("reliability", "availability", operations.availability, "at least this"),
        ("reliability", "share of requests sent again", central(case.workload.retry_rate), "watch"),
        ("security", "blocked prompts and leaks", None, "any leak: roll back"),
        ("safety", "failed safety checks", None, "any: roll back"),
        ("cost", "USD per accepted answer", per_answer("cost", 1.0), "watch"),
    )
    return Table(
        "scorecard", "One page to watch", ("pillar", "metric", "expected", "rule"), rows,
        "Expected values are this plan's; blank ones have to be measured.",
    )  # fmt: skip
