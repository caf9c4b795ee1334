"""The gates of operations: what rules a way to operate out, and what would bring it back."""

from __future__ import annotations

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.core.wording import counted
from advisor.system import decay, retraining, upkeep
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, Gates, as_facts_change, gate, trained_again
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, OperationSetting
from advisor.system.premises import LET_OUT, stays
from advisor.system.regions import ranked, residency_told
from advisor.system.shifting import job_region
from advisor.system.workload import DAYS_PER_YEAR

TOLERANCE = 1e-9  # of floating point


@remembered
def gates(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Gates:  # fmt: skip
    """Weights to retrain, quality and facts that last until then, jobs that may wait or move."""
    found: list[Gate] = []
    fades = decay.trained(model, improvement)
    if operation.retraining != "never":
        found.append(gate(
            "trained", fades, say("weights of your own to retrain"),
            say("yes") if fades else say("none were tuned"),
            say("never retrain: prompts and index are refreshed instead; or tune a model"), to_be_had=False,
        ))  # fmt: skip
    if fades and operation.retraining != "never":
        often = central(upkeep.interval_days(case, model, improvement, deployment, operation)) < float("inf")
        found.append(gate(
            "fades", often, say("a reason to train again"),
            say("an interval") if often else say("nothing calls for it"),
            say("never retrain: it comes to the same"),
        ))  # fmt: skip
    if fades:
        found.append(_floor(case, model, improvement, deployment, operation))
        found.append(_facts(case, model, improvement, deployment, operation))
    if operation.timing == "time":
        slack = case.scenario.operations.slack_hours
        found.append(gate(
            "slack", slack >= 1, say("a job that may wait"),
            say("{slack} h of slack", slack=numeral(slack, "g")), say("allow the job to wait"),
        ))  # fmt: skip
    if operation.timing == "place":
        found += stays(case, False, say("jobs in another region"), LET_OUT)
        found += _elsewhere(case, deployment)
    return tuple(found)


def _horizon(case: Case) -> float:
    """Days that the plan is made for: what comes after them breaks no rule."""
    return case.scenario.timing.horizon_years * DAYS_PER_YEAR


def _floor(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Gate:  # fmt: skip
    floor, horizon = case.scenario.quality.floor, _horizon(case)
    now = decay.accepted_at_first(case, model, improvement, deployment)
    interval = min(central(upkeep.interval_days(case, model, improvement, deployment, operation)), horizon)
    at_end = now - _most_lost(case, model, improvement, deployment, operation, interval)
    # quality below the floor from the start is an earlier step's gate
    passed = at_end >= floor - TOLERANCE or now <= floor
    return gate(
        "quality_floor", passed, say("at least {floor} accepted at all times", floor=numeral(floor, ".0%")),
        say("{at_end} before the next retraining", at_end=numeral(max(at_end, 0.0), ".0%")) if passed
        else _below(floor, decay.sure_days(case, model, improvement, deployment)),
        say("retrain more often, or let a drop trigger it"),
    )  # fmt: skip


def _below(floor: float, days: float) -> str:
    """When quality may fall below the floor: how far it falls beyond that no straight line tells."""
    return counted(
        max(days, 1.0), say("below {floor} within a day, should it fade fast"),
        say("below {floor} after {count} days, should it fade fast"), floor=numeral(floor, ".0%"),
    )  # fmt: skip


def _most_lost(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting, interval: float,
) -> float:  # fmt: skip
    """The most that may be lost before the next retraining, should quality fade fast [ratio]."""
    fast = decay.fast_loss(case)
    if operation.retraining != "trigger":
        return fast * interval
    runs = upkeep.evaluation(case, model, improvement, operation).runs_per_month
    if not runs or not fast:
        return fast * interval
    between = fast * decay.DAYS_PER_MONTH / runs
    alarm = decay.alarm_drop(case, model, improvement, deployment, runs)
    every = retraining.energy_interval(case, model, improvement, deployment, operation)
    least = fast * central(every)
    return float(min(alarm, least) + between)


def _facts(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Gate:  # fmt: skip
    changes, horizon = decay.facts_days(case, improvement), _horizon(case)
    interval = central(upkeep.interval_days(case, model, improvement, deployment, operation))
    return gate(
        "freshness", min(interval, horizon) <= changes + TOLERANCE,
        as_facts_change(changes), trained_again(interval, horizon),
        say("retrain as often as the facts change, or supply them by retrieval"),
    )  # fmt: skip


def _elsewhere(case: Case, deployment: DeploymentSetting) -> Gates:
    best, home = ranked(case)[0], job_region(case, deployment)
    return (
        gate(
            "residency", best.eligible, residency_told(case.scenario.constraints.residency),
            best.title if best.eligible else say("no region passes"), say("widen the residency"),
        ),
        gate(
            "cleaner_region", best.key != home, say("a cleaner region than the present one"), best.key,
            say("none needed: the job already runs in the cleanest region allowed"),
        ),
    )  # fmt: skip
