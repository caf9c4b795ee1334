"""Step 5: how it is kept good: retraining, evaluation, monitoring, and when jobs run."""

from __future__ import annotations

from typing import Any

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.core.wording import counted
from advisor.steps.operations.charts_and_tables import exhibits
from advisor.steps.operations.explain import explain, headline
from advisor.system import decay, upkeep
from advisor.system.case import Case
from advisor.system.choices import WAYS
from advisor.system.metered import measures_serving
from advisor.system.plan import OperationSetting, Plan, StepName
from advisor.system.regions import cleanest_allowed
from advisor.system.shifting import job_region, ready_hour, saving, shape_of

__all__ = [
    "CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "alternatives", "exhibits", "explain", "headline",
    "notes", "settings", "title", "warnings",
]  # fmt: skip

STEP: StepName = "operations"
QUESTION = say("How is it kept good, at what cost?")
CONTROLS = (
    "operations.volatility",
    "operations.rework",
    "operations.evaluation_runs_per_month",
    "operations.evaluation_samples",
    "operations.job_hours",
    "operations.job_earliest_hour",
    "operations.slack_hours",
    "operations.interruptible",
    "operations.detectable_difference",
    "operations.rollback_limit",
)
KNOBS = (
    "workload.requests_per_day",
    "operations.rework",
    "operations.evaluation_runs_per_month",
    "operations.evaluation_samples",
    "operations.slack_hours",
    "quality.floor",
)
GUIDANCE = (
    "A14", "A38", "A39", "A40", "A41", "A42", "A43", "A44", "A45", "A47", "A50", "A51", "A52", "A53",
    "B27", "B28", "B29", "B30",
)  # fmt: skip
TITLES = {
    "never": say("Never retrain"),
    "calendar": say("Retrain by the calendar"),
    "best": say("Retrain at the best interval"),
    "trigger": say("Retrain when quality drops"),
    "planned": say("evaluate as planned"),
    "sized": say("evaluate just enough"),
    "now": say("jobs at once"),
    "time": say("jobs in cleaner hours"),
    "place": say("jobs in a cleaner region"),
}
SAFETY = say("A drop in safety or compliance overrides every interval: act at once.")


def alternatives(case: Case) -> tuple[OperationSetting, ...]:
    """Retraining policies, evaluation plans and times for jobs worth comparing; the same in every case."""
    del case
    return WAYS


def title(case: Case, plan: Plan) -> str:
    """The way to operate, with how often it retrains."""
    way = plan.operation
    interval = central(upkeep.interval_days(case, *plan.early, way))
    if way.retraining == "never":
        every = ""
    else:
        every = (
            counted(interval, say(" (about every day)"), say(" (about every {count} days)"))
            if np.isfinite(interval)
            else say(" (never: nothing is lost)")
        )
    return say(
        "{retraining}{every}, {evaluation}, {timing}",
        retraining=TITLES[way.retraining],
        every=every,
        evaluation=TITLES[way.evaluation],
        timing=TITLES[way.timing],
    )


def same(case: Case, plan: Plan) -> tuple[object, ...]:
    """What makes two ways to operate the same: to wait where no cleaner hour is known is not to wait."""
    way, wanted = plan.operation, case.scenario.operations
    timing = way.timing
    if timing == "time":
        region = job_region(case, plan.deployment)
        found = saving(case, region, wanted.job_hours, wanted.slack_hours, wanted.interruptible)
        timing = timing if found.share > 0 else "now"
    return way.retraining, way.evaluation, timing


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What is lost, what a meter has measured, and what overrides all."""
    found = []
    loss = central(decay.loss_per_day(case))
    if plan.operation.retraining == "never" and decay.trained(plan.model, plan.improvement) and loss > 0:
        found.append(say("Quality is lost at {loss} a day and never restored.", loss=numeral(loss, ".2%")))
    job = case.scenario.operations.job_kwh
    if job is not None and measures_serving(case):
        found.append(
            say(
                "The batch job of {job} kWh is the serving itself and takes the place of its estimate.",
                job=numeral(job, "g"),
            )
        )
    return (*found, SAFETY)


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """Tests too small for what they should see, grids without a shape."""
    wanted = case.scenario.operations.detectable_difference
    judged = upkeep.evaluation(case, plan.model, plan.improvement, plan.operation)
    found = []
    if judged.detectable > wanted:
        found.append(
            say(
                "{samples} answers a run show drops of {detectable}, not of {wanted}.",
                samples=numeral(judged.samples, ",.0f"),
                detectable=numeral(judged.detectable, ".0%"),
                wanted=numeral(wanted, ".0%"),
            )
        )
    region = job_region(case, plan.deployment)
    if plan.operation.timing == "time" and not shape_of(case, region).known:
        found.append(
            say("No hourly shape is published for this grid; taken as flat, so waiting saves nothing.")
        )
    return tuple(found)


def settings(case: Case, plan: Plan) -> dict[str, Any]:
    """The interval, the evaluation plan, and where and when jobs run."""
    way, wanted = plan.operation, case.scenario.operations
    early = (plan.model, plan.improvement)
    judged = upkeep.evaluation(case, *early, way)
    region = cleanest_allowed(case) if way.timing == "place" else job_region(case, plan.deployment)
    start = ready_hour(case, region)
    if way.timing == "time":
        start = saving(case, region, wanted.job_hours, wanted.slack_hours, wanted.interruptible).start_hour
    return {
        "retraining": way.retraining,
        "interval_days": central(upkeep.interval_days(case, *plan.early, way)),
        "evaluation": way.evaluation,
        "runs_per_month": judged.runs_per_month,
        "samples": judged.samples,
        "timing": way.timing,
        "job_region": region,
        "start_hour": start,
        "mean_loss": central(upkeep.mean_loss(case, *plan.early, way)),
    }
