"""The answer in one sentence, and the few facts that decided it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.core.wording import amount, counted, more_or_less, share
from advisor.decide.evenness import negligible_share
from advisor.decide.option import Decision, Option
from advisor.system import decay, upkeep
from advisor.system.case import Case
from advisor.system.regions import region_name
from advisor.system.shifting import job_region, saving

NOTHING = {"kgCO2e": 1e-3, "USD": 1e-2}  # a gram or a cent a year is no difference
DOMAIN = {
    "stable": say("the domain is stable"),
    "moderate": say("the domain is moderate"),
    "volatile": say("the domain is volatile"),
}


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """Headline and reasons; where nothing passes, what to relax."""
    if decision.choice is None:
        return say("No way to operate it passes every rule."), ()
    return headline(case, decision.choice), tuple(reasons(case, decision, decision.choice))


def headline(case: Case, option: Option) -> str:
    """An option with what operating takes in a year."""
    own = option.bill.of_step("operations")
    carbon, usd = central(own["carbon"]), central(own["cost"])
    return say(
        "{title}: {carbon} and {usd} a year.",
        title=option.title,
        carbon=amount(carbon, "kgCO2e"),
        usd=amount(usd, "USD"),
    )


def reasons(case: Case, decision: Decision, choice: Option) -> Iterator[str]:
    """What decided: the fading, what retraining avoids, what shifting saves, the next best."""
    operations, plan = case.scenario.operations, choice.plan
    loss = central(decay.loss_per_day(case))
    if not decay.trained(plan.model, plan.improvement):
        yield say("Nothing was trained, so nothing of yours fades: keep prompts and index fresh instead.")
    elif loss == 0:
        yield say(
            "Nothing is taken to fade ({volatile}), so retraining never pays; the evaluations would "
            "show otherwise.",
            volatile=volatile(case),
        )
    else:
        yield say(
            "Quality fades by {loss} a day; {wasted}", loss=numeral(loss, ".2%"), wasted=_wasted(choice)
        )
    yield from _sampled_logs(case, choice)
    region = job_region(case, plan.deployment)
    found = saving(case, region, operations.job_hours, operations.slack_hours, operations.interruptible)
    low = case.central("operations.mean_tracking", "ratio")
    if found.share <= 0:
        yield say(
            "In {region} no cleaner hour is known within {slack_hours} h: waiting saves none.",
            region=region_name(case, region),
            slack_hours=numeral(operations.slack_hours, "g"),
        )
    else:
        visible = "" if found.share >= low else say(", less than monthly carbon accounting can see")
        yield say(
            "Waiting up to {slack_hours} h saves {share} of a job's carbon in {region}{visible}.",
            slack_hours=numeral(operations.slack_hours, "g"),
            share=share(found.share),
            region=region_name(case, region),
            visible=visible,
        )
    if decision.runner_up is not None:
        mine, theirs = choice.year, decision.runner_up.year
        gap, usd = (central(theirs[name]) - central(mine[name]) for name in ("carbon", "cost"))
        yield say(
            "Next best, {title}: {carbon}, {money} a year.",
            title=decision.runner_up.title.lower(),
            carbon=_against(gap, "kgCO2e"),
            money=_against(usd, "USD"),
        )


def _sampled_logs(case: Case, choice: Option) -> Iterator[str]:
    """What sampling logs spares, where that is most of what evaluating just enough brings."""
    logged = upkeep.log_share(case, choice.plan.operation)
    paid = central(choice.bill.sum(line for line in choice.bill if line.what == upkeep.LOGS)["cost"])
    spared = paid / logged - paid
    if spared >= negligible_share(case) * central(choice.year["cost"]):
        yield say(
            "Of requests {logged} are logged in full: logging all would take {spared} more a year.",
            logged=share(logged), spared=amount(spared, "USD"),
        )  # fmt: skip


def volatile(case: Case) -> str:
    """What says how fast quality fades."""
    own = case.scenario.operations.quality_loss_per_day
    return say("measured") if own is not None else DOMAIN[case.scenario.operations.volatility]


def _against(gap: float, unit: str) -> str:
    if abs(gap) < NOTHING[unit]:
        return say("the same carbon") if unit == "kgCO2e" else say("the same money")
    return more_or_less(gap, unit)


def _wasted(choice: Option) -> str:
    lost, interval = float(choice.settings["mean_loss"]), float(choice.settings["interval_days"])
    if not np.isfinite(interval):
        return say("left alone, {lost} of answers would be poor on average.", lost=numeral(lost, ".0%"))
    return counted(
        interval,
        say("restored about every day, {lost} of answers are poor on average."),
        say("restored about every {count} days, {lost} of answers are poor on average."),
        lost=numeral(lost, ".1%"),
    )
