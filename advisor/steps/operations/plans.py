"""One way to operate: a retraining policy, an evaluation plan and a time for its jobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import upkeep
from advisor.steps.deployment import rules
from advisor.steps.operations.setting import DAYS_PER_MONTH, MONTHS_PER_YEAR, Setting, judged
from advisor.steps.operations.shifting import saving, shape_of
from advisor.system import accounting
from advisor.system.accounting import Place, at_intensity
from advisor.system.case import Case
from advisor.system.option import Gate, Option

STEP = "operations"
DAYS_PER_YEAR = 365.0
SHORTEST_DAYS = 1.0
TOLERANCE = 1e-9  # of floating point
TITLES = {
    "never": "Never retrain",
    "calendar": "Retrain by the calendar",
    "best": "Retrain at the best interval",
    "trigger": "Retrain when quality drops",
    "planned": "evaluate as planned",
    "sized": "evaluate just enough",
    "now": "jobs at once",
    "time": "jobs in cleaner hours",
    "place": "jobs in a cleaner region",
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How often and how many answers are judged, and what that can tell apart."""

    runs_per_month: float
    samples: float
    detectable: float
    log_share: float

    @property
    def lag_days(self) -> float:
        """Mean time from a drop to the run that sees it [day]."""
        return DAYS_PER_MONTH / self.runs_per_month / 2.0 if self.runs_per_month else float("inf")


def evaluation(case: Case, now: Setting, plan: str) -> Evaluation:
    """The scenario's evaluation plan, or the smallest monthly one that sees the difference asked."""
    wanted = case.scenario.operations
    spread = upkeep.share_spread(float(np.clip(np.median(now.quality), 0.01, 0.99)))
    errors = (case.central("operations.significance", "ratio"), case.central("operations.power", "ratio"))
    if plan == "planned":
        samples, runs, logged = wanted.evaluation_samples, wanted.evaluation_runs_per_month, 1.0
    else:
        samples = upkeep.samples_per_arm(spread, wanted.detectable_difference, *errors)
        runs, logged = 1.0, case.central("operations.log_share", "ratio")
    return Evaluation(runs, samples, upkeep.detectable(spread, samples, *errors), logged)


def best_interval(case: Case, now: Setting, loss: Array | float) -> Array:
    """The interval of least energy [day], shortened to the time the floor is reached."""
    interval = upkeep.retraining_interval_days(
        now.retrain["energy"],
        now.requests_per_day,
        now.request["energy"],
        loss,
        case.scenario.operations.rework,
    )
    days: Array = np.maximum(np.minimum(interval, floor_days(case, now, loss)), SHORTEST_DAYS)
    return days


def floor_days(case: Case, now: Setting, loss: Array | float) -> Array:
    """Days until quality reaches the floor, from the median quality today; infinite where none is lost."""
    quality = float(np.median(now.quality))
    if quality <= case.scenario.quality.floor:
        return np.full(case.size, np.inf)  # it starts below: an earlier step's gate, not this one's
    return np.asarray(upkeep.days_to_floor(quality, case.scenario.quality.floor, np.asarray(loss)))


def interval_days(case: Case, now: Setting, policy: str, plan: Evaluation) -> Array:
    """Days between retrainings under a policy, draws; infinite for never."""
    if policy == "never":
        return np.full(case.size, np.inf)
    if policy == "calendar":
        return np.full(case.size, case.central("operations.fixed_interval", "day"))
    if policy == "best":
        return np.full(case.size, float(np.median(best_interval(case, now, now.loss_central))))
    # a trigger follows the loss that really happens, but sees it late
    return best_interval(case, now, now.loss) + plan.lag_days


def option(case: Case, now: Setting, policy: str, evaluated: str, timing: str) -> Option:
    """One plan with its footprint, gates and settings."""
    plan = evaluation(case, now, evaluated)
    interval = interval_days(case, now, policy, plan)
    horizon = case.scenario.timing.horizon_years * DAYS_PER_YEAR
    place, waits, region = _when(case, now, timing)
    loss = now.loss if now.trained else np.zeros(case.size)
    lost = upkeep.mean_loss(np.minimum(interval, horizon), loss)
    monthly = _retraining(case, now, interval, place) + _evaluating(case, now, plan, place)
    monthly = monthly + _jobs(case, place) + _logging(case, plan, now)
    rework = case.scenario.operations.rework
    median = float(np.median(interval))
    title = f"{TITLES[policy]}{_every(policy, median)}, {TITLES[evaluated]}, {TITLES[timing]}"
    return Option(
        step=STEP,
        key=f"{policy}-{evaluated}-{timing}",
        title=title,
        parts=Parts(case.nothing(), monthly, now.request * (lost * rework)),
        carried=now.deployment.parts,
        quality=np.maximum(now.quality - lost * max(1.0 - rework, 0.0), 1e-6),
        settings={
            "retraining": policy, "interval_days": median, "evaluation": evaluated,
            "runs_per_month": plan.runs_per_month, "samples": plan.samples, "timing": timing,
            "job_region": region, "start_hour": waits, "mean_loss": float(np.median(lost)),
        },
        gates=_gates(case, now, policy, interval, timing, region),
        notes=_notes(now, policy),
        warnings=_warnings(case, now, plan, timing),
    )  # fmt: skip


def _every(policy: str, days: float) -> str:
    if policy == "never" or not np.isfinite(days):
        return "" if policy == "never" else " (never: nothing is lost)"
    return f" (about every {days:,.0f} days)"


def _when(case: Case, now: Setting, timing: str) -> tuple[Place, int, str]:
    """Where and at what hour jobs run: place with its intensity, local start hour, region."""
    operations = case.scenario.operations
    if timing == "time":
        found = saving(
            case, now.job_region, operations.job_hours, operations.slack_hours, operations.interruptible
        )
        kept = 1.0 - found.share * (1.0 - case.draw("operations.forecast_error", "ratio"))
        return at_intensity(now.job_place, kept), found.start_hour, now.job_region
    if timing == "place":
        best = rules.candidates(case)[0].key
        return accounting.place(case, f"region:{best}"), operations.job_earliest_hour, best
    return now.job_place, operations.job_earliest_hour, now.job_region


def _retraining(case: Case, now: Setting, interval: Array, place: Place) -> Footprint:
    if not now.trained:
        return case.nothing()
    it_kwh = now.retrain["energy"] / now.job_place.pue
    moved = accounting.electricity(case, it_kwh, place) - accounting.electricity(case, it_kwh, now.job_place)
    again = (now.retrain + moved) * (DAYS_PER_MONTH / interval)
    # what the improvement step has counted is taken off, so the plan's total holds it once
    return again - now.retrain * (now.counted_per_year / MONTHS_PER_YEAR)


def _evaluating(case: Case, now: Setting, plan: Evaluation, place: Place) -> Footprint:
    return judged(case, now, place) * (plan.runs_per_month * plan.samples)


def _jobs(case: Case, place: Place) -> Footprint:
    given = case.scenario.operations.job_kwh
    if given is None:
        return case.nothing()
    monthly = np.full(case.size, given) * case.draw("operations.jobs_per_month", "item/month")
    return accounting.electricity(case, monthly, place)


def _logging(case: Case, plan: Evaluation, now: Setting) -> Footprint:
    gigabytes = (
        now.requests_per_day * DAYS_PER_MONTH * plan.log_share * case.draw("operations.log_bytes", "GB")
    )
    footprint = accounting.electricity(
        case, gigabytes * case.draw("operations.log_energy", "kWh/GB"), now.job_place
    )
    return footprint.with_cost(gigabytes * case.draw("operations.log_price", "USD/GB"))


def _gates(
    case: Case, now: Setting, policy: str, interval: Array, timing: str, region: str
) -> tuple[Gate, ...]:
    gates = [] if policy == "never" else [_trained(now)]
    if now.trained:
        gates.append(_floor(case, now, interval))
    if timing == "time":
        slack = case.scenario.operations.slack_hours
        gates.append(Gate(
            "slack", slack >= 1, "a job that may wait", f"{slack:g} h of slack", "allow the job to wait",
        ))  # fmt: skip
    if timing == "place":
        best = rules.candidates(case)[0]
        gates.append(Gate(
            "residency", best.eligible, case.scenario.constraints.residency,
            best.title if best.eligible else "no region passes", "widen the residency",
        ))  # fmt: skip
        gates.append(Gate(
            "cleaner_region", region != now.job_region, "a cleaner region than the present one",
            region, "none needed: the job already runs in the cleanest region allowed",
        ))  # fmt: skip
    return tuple(gates)


def _trained(now: Setting) -> Gate:
    return Gate(
        "trained",
        now.trained,
        "weights of your own to retrain",
        "yes" if now.trained else "none were tuned",
        "nothing to do: prompts and index are refreshed instead",
    )


def _floor(case: Case, now: Setting, interval: Array) -> Gate:
    floor, horizon = case.scenario.quality.floor, case.scenario.timing.horizon_years * DAYS_PER_YEAR
    quality = float(np.median(now.quality))
    at_end = quality - now.loss_central * min(float(np.median(interval)), horizon)
    # quality below the floor from the start is an earlier step's gate
    passed = at_end >= floor - TOLERANCE or quality <= floor
    return Gate(
        "quality_floor",
        passed,
        f"at least {floor:.0%} accepted at all times",
        f"{max(at_end, 0.0):.0%} before the next retraining",
        "retrain more often, or let a drop trigger it",
    )


def _notes(now: Setting, policy: str) -> tuple[str, ...]:
    safety = "A drop in safety or compliance overrides every interval: act at once."
    if policy == "never" and now.trained and now.loss_central > 0:
        return (f"Quality is lost at {now.loss_central:.2%} a day and never restored.", safety)
    return (safety,)


def _warnings(case: Case, now: Setting, plan: Evaluation, timing: str) -> tuple[str, ...]:
    wanted = case.scenario.operations.detectable_difference
    found = []
    if plan.detectable > wanted:
        found.append(
            f"{plan.samples:,.0f} answers a run show drops of {plan.detectable:.0%}, not of {wanted:.0%}."
        )
    if timing == "time" and not shape_of(case, now.job_region).known:
        found.append("No hourly shape is published for this grid; taken as flat, so waiting saves nothing.")
    return tuple(found)
