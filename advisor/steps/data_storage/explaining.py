"""The answer of the step in words."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import summary
from advisor.core.footprint import Footprint
from advisor.core.wording import amount, number, share
from advisor.steps.data_storage import beside, comparisons, intake, plans, prices
from advisor.steps.data_storage.bodies import Prior
from advisor.steps.data_storage.choices import Study
from advisor.system.case import Case
from advisor.system.option import Decision

WORTH_A_WORD = 0.1  # share of the step's energy below which taking data in is not mentioned


def explain(case: Case, prior: Prior, decision: Decision, study: Study) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and the few facts that decided it."""
    choice = decision.choice
    if choice is None:
        rules = sorted({gate.rule.replace("_", " ") for _, gates in decision.eliminated for gate in gates})
        return f"No storage plan passes: {', '.join(rules)}.", ("See what would bring one back.",)
    chosen = study.plans[choice.key]
    year, now = comparisons.yearly(case, choice), _today(case, study)
    cost, carbon = float(np.median(year["cost"])), float(np.median(year["carbon"]))
    low, _, high = summary(year["carbon"])
    before = float(np.median(now["cost"]))
    headline = (
        f"{_what(chosen)}: {amount(cost, 'USD')} a year instead of {amount(before, 'USD')}, "
        f"{amount(carbon, 'kgCO2e')} a year ({amount(low, 'kgCO2e')} to {amount(high, 'kgCO2e')})."
        if choice.key != "today"
        else f"Keep today's plan: {amount(cost, 'USD')} and {amount(carbon, 'kgCO2e')} a year."
    )
    reasons = [_moved(chosen), _bytes(case, study, choice.key), *_proportion(case, prior, decision)]
    ruled = sum(len(one.ledger) for one in study.kept)
    if ruled:
        others = f", and {number(ruled - 1)} more" if ruled > 1 else ""
        reasons.append(f"Ruled out: {_example(study)}{others}.")
    reasons.append(_intake(case, study, float(np.median(year["energy"]))))
    reasons.append(beside.precision_words(case, study.kept))
    reasons.append(
        "Tiers decide money; only bytes, copies and the region decide carbon (tier energy is unpublished)."
    )
    return headline, tuple(reason for reason in reasons if reason)


def _what(chosen: tuple[plans.Plan, ...]) -> str:
    """What the plan does, in a few words."""
    done = [
        words
        for words, yes in (
            ("cool data as it ages", any(len(plan.moves) > 1 for plan in chosen)),
            ("compress it", any(plan.squeeze for plan in chosen)),
            ("remove duplicates", any(plan.dedupe for plan in chosen)),
            (_elsewhere(chosen), any(plan.moved for plan in chosen)),
        )
        if yes
    ]
    if not done:
        return "Keep data in the tier it is written to"
    listed = ", ".join(done[:-1]) + (" and " if len(done) > 1 else "") + done[-1]
    return listed[0].upper() + listed[1:]


def _elsewhere(chosen: tuple[plans.Plan, ...]) -> str:
    away = [plan for plan in chosen if plan.moved]
    regions = ", ".join(sorted({plan.region for plan in away}))
    return f"keep {'it' if len(away) == len(chosen) else f'{len(away)} of {len(chosen)} sets'} in {regions}"


def _intake(case: Case, study: Study, energy: float) -> str:
    """A word on taking data in where a daily batch would need much less of it."""
    settings = case.scenario.ingestion
    now, daily = (
        float(intake.month(study.kept, way, case.central).energy)
        for way in (settings, settings.model_copy(update={"mode": "batch", "runs_per_day": 1.0}))
    )
    worth = prices.kwh_worth(case, study.base).energy * 12
    if now <= daily * 2 or now * worth < WORTH_A_WORD * energy:
        return ""
    return (
        f"Taking data in needs {amount(now * worth, 'kWh')} a year; one batch a day would need "
        f"{amount(daily * worth, 'kWh')}."
    )


def _today(case: Case, study: Study) -> Footprint:
    return comparisons.yearly(case, next(option for option in study.options if option.key == "today"))


def _moved(chosen: tuple[plans.Plan, ...]) -> str:
    moving = [plan for plan in chosen if len(plan.moves) > 1]
    if not moving:
        return f"None of {len(chosen)} data sets changes tier as it ages."
    ages = sorted({float(np.ceil(age)) for plan in moving for age, _ in plan.moves[1:]})
    at = number(ages[0]) if len(ages) == 1 else f"{number(ages[0])} to {number(ages[-1])}"
    return f"{len(moving)} of {len(chosen)} data sets move to cooler tiers, at {at} days."


def _bytes(case: Case, study: Study, key: str) -> str:
    def media(chosen: tuple[plans.Plan, ...]) -> float:
        return sum(
            float(plans.mean_gb(case, plan).sum())
            * case.central(f"storage_redundancy.{plan.redundancy}.copies", "item")
            for plan in chosen
        )

    before, after = media(study.plans["today"]), media(study.plans[key])
    if before <= 0:
        return ""
    change = "less" if after < before else "more"
    if abs(after - before) < before / 1000:
        return f"It keeps {amount(after, 'GB')} on media, all copies counted, as today."
    return (
        f"It keeps {amount(after, 'GB')} on media, all copies counted: {share(abs(1 - after / before))} "
        f"{change} than today."
    )


def _proportion(case: Case, prior: Prior, decision: Decision) -> list[str]:
    if decision.choice is None:
        return []
    each, origin = comparisons.prompt_kwh(case, prior)
    prompts = summary(comparisons.yearly(case, decision.choice)["energy"] / 365 / each)
    span = f"{number(prompts[0])} to {number(prompts[2])}; {origin}"
    found = [f"Storing it and taking it in uses the energy of {number(prompts[1])} prompts a day ({span})."]
    if "deployment" in prior:
        low, middle, high = comparisons.plan_share(case, prior, decision.choice, "carbon")
        found.append(
            f"Storage is {share(middle)} of the plan's carbon so far ({share(low)} to {share(high)})."
        )
    return found


def _example(study: Study) -> str:
    entry = next(entry for one in study.kept for entry in one.ledger)
    return f"{entry.what} for {entry.data_set} ({entry.rule.replace('_', ' ')}: {entry.found})"
