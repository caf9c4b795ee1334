"""Tables of what is tested, watched and acted on: tests, roll-back, evaluation, gates and the scorecard."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import numeral, say
from advisor.estimate import upkeep as arithmetic
from advisor.system import billing, upkeep
from advisor.system import rollback as rollback_rules
from advisor.system.case import Case
from advisor.system.plan import Plan

CENT = 100.0
MEASURE = say("to be measured")
# where the power of what runs can be read, by the way it is deployed
READ_AT = {
    "maap": say("You chose machines of your own: read power at the GPU."),
    "container": say("You chose machines of your own: read power at the GPU."),
    "processors": say("You chose processors alone: virtual cores have no meter, so it is an estimate."),
    "edge": say("You chose devices: read power at their plugs."),
}
EVALUATIONS: tuple[Literal["planned", "sized"], ...] = ("planned", "sized")
DIFFERENCES = (0.01, 0.02, 0.05, 0.1, 0.2)  # what a test may be asked to tell apart


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
        days = float(arithmetic.test_days(n, per_day))
        rows.append((numeral(difference, ".0%"), float(n), days, float(judged)))
    return Table(
        "tests",
        say("How many requests a test needs"),
        (
            say("difference"),
            say("requests in each arm (energy)"),
            say("days at half the traffic each"),
            say("answers judged in each arm"),
        ),
        tuple(rows),
        say(
            "Energy per request spreads by {spread} times its mean; {significance} "
            "false alarms, {power} of true differences seen. A/B splits the traffic; blue/green runs "
            "the same numbers one after the other and must compare the same hours.",
            spread=numeral(operations.request_energy_cv, "g"),
            significance=numeral(errors[0], ".0%"),
            power=numeral(errors[1], ".0%"),
        ),
    )


def rollback(case: Case, plan: Plan) -> Table:
    """The rule that rolls a version back, and when no verdict is allowed."""
    rule = rollback_rules.rollback_rule(case, plan)
    return Table(
        "rollback",
        say("When to roll back"),
        (say("check"), say("rule")),
        (
            (say("safety"), say("any safety or compliance failure: roll back at once")),
            (
                say("enough requests"),
                say("no verdict below {n} requests in each arm", n=numeral(rule.needed, ",.0f")),
            ),
            (
                say("same mix"),
                say(
                    "no verdict while the mean input differs by over {tolerance}",
                    tolerance=numeral(rule.mix_tolerance, ".0%"),
                ),
            ),
            (
                say("limit"),
                say(
                    "roll back above {limit} Wh per accepted answer, {over} over the plan's {wh}; to what "
                    "requests take add {beside} Wh each for making ready, data and upkeep",
                    beside=numeral(rule.beside, ".3g"),
                    limit=numeral(rule.limit, ".3g"),
                    over=numeral(case.scenario.operations.rollback_limit, ".0%"),
                    wh=numeral(rule.expected, ".3g"),
                ),
            ),
            (say("interval"), say("only when the whole 95 % interval lies above the limit")),
            (say("otherwise"), say("keep, and look again when the next samples are in")),
        ),
        say(
            "Wh per accepted answer counts the answers that failed, so a thrifty model often wrong is caught."
        ),
    )


def evaluation_plan(case: Case, plan: Plan) -> Table:
    """The planned evaluation and the smallest that sees the difference, with thresholds."""
    score, f1 = case.central("operations.pass_score", "item"), case.central("operations.pass_f1", "ratio")
    rows: list[tuple[str | float | None, ...]] = []
    planned, sized = (replace(plan.operation, evaluation=way) for way in EVALUATIONS)
    for setting, title in ((planned, say("as planned")), (sized, say("just enough"))):
        found = upkeep.evaluation(case, plan.model, plan.improvement, setting)
        rows.append((title, found.runs_per_month, found.samples, found.detectable * CENT, found.lag_days))
    return Table(
        "evaluation",
        say("Evaluation plans"),
        (
            say("plan"),
            say("runs a month"),
            say("answers a run"),
            say("smallest drop seen %"),
            say("mean days until it is seen"),
        ),
        tuple(rows),
        say(
            "Pass: groundedness, relevance, coherence and fluency at least {score} of 5, F1 at least {f1}. "
            "Hateful, violent, sexual or self-harming content and unfair treatment fail outright. Judge "
            "some by hand.",
            score=numeral(score, "g"),
            f1=numeral(f1, "g"),
        ),
    )


def observability(case: Case, plan: Plan) -> Table:
    """What can be seen on a service and on machines of one's own, and how late."""
    reported = numeral(case.central("operations.carbon_reported", "day"), "g")
    yes, no, minute = say("yes"), say("no"), say("a minute")
    rows = (
        (say("tokens in and out, requests"), yes, yes, minute, say("count per accepted answer")),
        (say("time to first word, time per word"), yes, yes, minute, say("the latency limits")),
        (say("throttling (429), time-outs, retries"), yes, yes, minute, say("retries cost energy")),
        (say("provisioned utilisation"), say("if provisioned"), no, minute, say("idle capacity")),
        (say("GPU and memory use, power"), no, yes, say("seconds"), say("the only measured energy")),
        (say("CPU, network"), no, yes, minute, say("host overhead")),
        (say("energy per request"), say("estimated"), say("measured"), minute, say("the roll-back rule")),
        (
            say("carbon by provider (Carbon Optimization)"),
            say("monthly"),
            say("monthly"),
            say("up to day {day} of the next month", day=reported),
            say("reporting only: too late for scheduling or roll-back"),
        ),
        (
            say("quality, safety"),
            say("by evaluation"),
            say("by evaluation"),
            say("days"),
            say("the retraining trigger"),
        ),
    )
    return Table(
        "observability",
        say("What can be observed"),
        (say("metric"), say("as a service"), say("own machines"), say("lag"), say("used for")),
        rows,
        READ_AT.get(plan.deployment.mode, say("You chose a service: its energy is an estimate.")),
    )


def stages(case: Case, plan: Plan) -> Table:
    """What must hold before each stage of the life of a model."""
    rule, score = rollback_rules.rollback_rule(case, plan), case.central("operations.pass_score", "item")
    floor, tracked = case.scenario.quality.floor, case.central("operations.mean_tracking", "ratio")
    return Table(
        "stages",
        say("Gates from data to retirement"),
        (say("Before").lower(), say("must hold"), say("measured by")),
        (
            (
                say("training"),
                say("the optimum interval has passed, or quality has dropped"),
                say("the evaluation plan"),
            ),
            (
                say("training"),
                say("the job is scheduled in clean hours or a clean region"),
                say("the job's schedule"),
            ),
            (
                say("release"),
                say(
                    "at least {floor} accepted, {score} of 5 on every measure, no safety failure",
                    floor=numeral(floor, ".0%"),
                    score=numeral(score, "g"),
                ),
                say("the evaluation set"),
            ),
            (
                say("release"),
                say("at most {limit} Wh per accepted answer", limit=numeral(rule.limit, ".3g")),
                say("the pilot or the estimate"),
            ),
            (
                say("full traffic"),
                say("{needed} requests in each arm and the same mix", needed=numeral(rule.needed, ",")),
                "A/B, blue/green",
            ),
            (
                say("every month"),
                say("carbon within {tracked} of the plan", tracked=numeral(tracked, ".0%")),
                say("Carbon Optimization, a month late"),
            ),
            (
                say("Retirement").lower(),  # of what runs, not of a model on sale
                say("weights, indexes, caches and idle capacity are released"),
                say("the bill"),
            ),
        ),
    )


def scorecard(case: Case, plan: Plan) -> Table:
    """Sustainability beside performance, reliability, security, quality and cost."""
    limits, operations = case.scenario.constraints, case.scenario.operations
    share = billing.quality(case, plan)
    year = billing.bill(case, plan).year
    answers = share * case.workload.requests_per_year

    def per_answer(name: str, factor: float) -> float:
        return central(year[name] / answers) * factor

    wasted, quality = rollback_rules.wasted_kwh(case, plan), central(share)
    rows: tuple[tuple[str | float | None, ...], ...] = (
        (
            say("sustainability"),
            say("Wh per accepted answer"),
            per_answer("energy", 1000.0),
            say("roll back above +{limit}", limit=numeral(operations.rollback_limit, ".0%")),
        ),
        (
            say("sustainability"),
            say("gCO2e per accepted answer, location-based"),
            per_answer("carbon", 1000.0),
            say("watch"),
        ),
        (
            say("sustainability"),
            say("mL water per accepted answer"),
            per_answer("water", 1000.0),
            say("watch"),
        ),
        (say("sustainability"), say("kWh a year wasted on poor answers"), wasted, say("retraining trigger")),
        (
            say("quality"),
            say("share accepted"),
            quality,
            say("at least {floor}", floor=numeral(case.scenario.quality.floor, ".0%")),
        ),
        (
            say("performance"),
            say("first words, 95 of 100, ms"),
            MEASURE,
            say("at most {limit}", limit=numeral(limits.first_token_p95_ms, ",.0f")),
        ),
        (
            say("performance"),
            say("whole answer, 95 of 100, ms"),
            MEASURE,
            say("at most {limit}", limit=numeral(limits.latency_p95_ms, ",.0f")),
        ),
        (say("reliability"), say("availability"), operations.availability, say("at least this")),
        (
            say("reliability"),
            say("share of requests sent again"),
            central(case.workload.retry_rate),
            say("watch"),
        ),
        (say("security"), say("blocked prompts and leaks"), MEASURE, say("any leak: roll back")),
        (say("safety"), say("failed safety checks"), MEASURE, say("any: roll back")),
        (say("cost"), say("USD per accepted answer"), per_answer("cost", 1.0), say("watch")),
    )
    return Table(
        "scorecard",
        say("One page to watch"),
        (say("pillar"), say("metric"), say("expected"), say("rule")),
        rows,
        say("Expected values are this plan's."),
    )
