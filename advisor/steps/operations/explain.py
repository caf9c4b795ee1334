"""The answer in one sentence, and the few facts that decided it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import central
from advisor.core.wording import amount, share
from advisor.decide.option import Decision, Option
from advisor.decide.relaxing import what_to_relax
from advisor.system import decay
from advisor.system.case import Case
from advisor.system.regions import region_name
from advisor.system.shifting import job_region, saving

NOTHING = {"kgCO2e": 1e-3, "USD": 1e-2}  # a gram or a cent a year is no difference


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """Headline and reasons; where nothing passes, what to relax."""
    if decision.choice is None:
        return "No way to operate it passes every rule.", tuple(what_to_relax(decision))
    return headline(decision.choice), tuple(reasons(case, decision, decision.choice))


def headline(choice: Option) -> str:
    """The choice with what operating takes in a year."""
    own = choice.bill.of_step("operations")
    carbon, usd = central(own["carbon"]), central(own["cost"])
    return f"{choice.title}: {amount(carbon, 'kgCO2e')} and {amount(usd, 'USD')} a year."


def reasons(case: Case, decision: Decision, choice: Option) -> Iterator[str]:
    """What decided: the fading, what retraining avoids, what shifting saves, the next best."""
    operations, plan = case.scenario.operations, choice.plan
    loss = central(decay.loss_per_day(case))
    if not decay.trained(plan.model, plan.improvement):
        yield "Nothing was trained, so nothing of yours fades: keep prompts and index fresh instead."
    elif loss == 0:
        yield (
            f"Nothing is taken to fade ({volatile(case)}), so retraining never pays; the evaluations would "
            "show otherwise."
        )
    else:
        yield f"Quality fades by {loss:.2%} a day; {_wasted(choice)}"
    region = job_region(case, plan.deployment)
    here = region_name(case, region)
    found = saving(case, region, operations.job_hours, operations.slack_hours, operations.interruptible)
    low = case.central("operations.mean_tracking", "ratio")
    if found.share <= 0:
        yield f"In {here} no cleaner hour is known within {operations.slack_hours:g} h: waiting saves none."
    else:
        visible = "" if found.share >= low else ", less than monthly carbon accounting can see"
        yield (
            f"Waiting up to {operations.slack_hours:g} h saves {share(found.share)} of a job's carbon"
            f" in {here}{visible}."
        )
    if decision.runner_up is not None:
        mine, theirs = choice.year, decision.runner_up.year
        gap, usd = (central(theirs[name]) - central(mine[name]) for name in ("carbon", "cost"))
        title, against = decision.runner_up.title, f"{_against(gap, 'kgCO2e')}, {_against(usd, 'USD')}"
        yield f"Next best, {title[0].lower()}{title[1:]}: {against} a year."


def volatile(case: Case) -> str:
    """What says how fast quality fades."""
    own = case.scenario.operations.quality_loss_per_day
    return "measured" if own is not None else f"the domain is {case.scenario.operations.volatility}"


def _against(gap: float, unit: str) -> str:
    if abs(gap) < NOTHING[unit]:
        return "the same carbon" if unit == "kgCO2e" else "the same money"
    return f"{amount(abs(gap), unit)} {'more' if gap > 0 else 'less'}"


def _wasted(choice: Option) -> str:
    lost, days = float(choice.settings["mean_loss"]), float(choice.settings["interval_days"])
    if not np.isfinite(days):
        return f"left alone, {lost:.0%} of answers would be poor on average."
    return f"restored about every {days:,.0f} days, {lost:.1%} of answers are poor on average."
