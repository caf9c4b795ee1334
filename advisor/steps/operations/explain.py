"""The answer in one sentence, and the few facts that decided it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.wording import amount, share
from advisor.decide.comparing import yearly
from advisor.steps import Prior
from advisor.steps.deployment.explain import what_to_relax
from advisor.steps.operations.setting import Setting, setting
from advisor.steps.operations.shifting import saving
from advisor.system.case import Case
from advisor.system.option import Decision, Option

NOTHING = 1e-3  # a gram or a tenth of a cent a year is no difference


def explain(case: Case, prior: Prior, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """Headline and reasons; where nothing passes, what to relax."""
    now = setting(case, prior)
    if now is None:
        return "Choose a deployment first: there is nothing to operate yet.", ()
    if decision.choice is None:
        return "No way to operate it passes every rule.", tuple(what_to_relax(decision))
    return headline(case, decision.choice), tuple(reasons(case, now, decision, decision.choice))


def headline(case: Case, choice: Option) -> str:
    """The choice with what it adds, or saves, in a year."""
    own = choice.parts.per_year(case.workload.requests_per_year, case.scenario.timing.horizon_years)
    carbon, usd = (float(np.median(own[name])) for name in ("carbon", "cost"))
    if (carbon < 0) == (usd < 0):
        change = f"{_change(carbon, 'kgCO2e')} and {amount(abs(usd), 'USD')}"
    else:
        change = f"{_change(carbon, 'kgCO2e')}, {_change(usd, 'USD')}"
    return f"{choice.title}: {change} a year."


def _change(value: float, unit: str) -> str:
    return f"{'saves' if value < 0 else 'adds'} {amount(abs(value), unit)}"


def reasons(case: Case, now: Setting, decision: Decision, choice: Option) -> Iterator[str]:
    """What decided: the fading, what retraining avoids, what shifting saves, what tests need."""
    operations = case.scenario.operations
    if now.trained and now.counted_per_year:
        yield f"Compared with {times(now.counted_per_year)}, which the improvement step has counted."
    if not now.trained:
        yield "Nothing was trained, so nothing of yours fades: keep prompts and index fresh instead."
    elif now.loss_central == 0:
        yield "No quality is lost over time, so retraining never pays."
    else:
        days = choice.settings["interval_days"]
        yield f"Quality fades by {now.loss_central:.2%} a day; {_wasted(choice, days)}"
    found = saving(
        case, now.job_region, operations.job_hours, operations.slack_hours, operations.interruptible
    )
    low = case.central("operations.mean_tracking", "ratio")
    visible = "" if found.share >= low else ", less than monthly carbon accounting can see"
    yield (
        f"Waiting up to {operations.slack_hours:g} h saves {share(found.share)} of a job's carbon"
        f" in {now.job_region}{visible}."
    )
    if decision.runner_up is not None:
        mine, theirs = yearly(choice, case), yearly(decision.runner_up, case)
        gap = float(np.median(theirs["carbon"] - mine["carbon"]))
        usd = float(np.median(theirs["cost"] - mine["cost"]))
        title, against = decision.runner_up.title, f"{_against(gap, 'kgCO2e')}, {_against(usd, 'USD')}"
        yield f"Next best, {title[0].lower()}{title[1:]}: {against} a year."


def _against(gap: float, unit: str) -> str:
    if abs(gap) < NOTHING:
        return "the same carbon" if unit == "kgCO2e" else "the same money"
    return f"{amount(abs(gap), unit)} {'more' if gap > 0 else 'less'}"


def times(per_year: float) -> str:
    """A rate of retraining in words."""
    return "retraining once a year" if per_year == 1 else f"retraining {per_year:g} times a year"


def _wasted(choice: Option, days: float) -> str:
    lost = float(choice.settings["mean_loss"])
    if not np.isfinite(days):
        return f"left alone, {lost:.0%} of answers would be poor on average."
    return f"restored about every {days:,.0f} days, {lost:.1%} of answers are poor on average."
