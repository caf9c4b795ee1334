"""The answer of the step in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from advisor.core.draws import central, summary
from advisor.core.wording import amount, listed, number, share
from advisor.decide.option import Decision, Option
from advisor.estimate.storage import TIERS
from advisor.steps.data_storage import stores, taking_in, today_and_proposed
from advisor.steps.data_storage.kept import TODAY, Study, study
from advisor.system.case import Case
from advisor.system.regions import region_name
from advisor.system.storage import schedules
from advisor.system.storage.schedules import Placement
from advisor.system.storage.weighing import Placements

NAMED = 3  # sets whose moves a sentence tells; the table has all
WORTH_A_WORD = 0.1  # share of the step's energy below which taking data in is not mentioned


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and the few facts that decided it."""
    choice = decision.choice
    if choice is None:
        rules = sorted({gate.rule.replace("_", " ") for _, gates in decision.eliminated for gate in gates})
        return f"No storage plan passes: {', '.join(rules)}.", ("See what would bring one back.",)
    found = study(case, choice.plan)
    year = today_and_proposed.year_of(case, choice.plan)
    now = today_and_proposed.year_of(case, replace(choice.plan, storage=TODAY))
    cost, carbon = central(year["cost"]), central(year["carbon"])
    low, _, high = summary(year["carbon"])
    headline = (
        f"{_what(case, found.chosen)}: {amount(cost, 'USD')} a year instead of "
        f"{amount(central(now['cost']), 'USD')}, "
        f"{amount(carbon, 'kgCO2e')} a year ({amount(low, 'kgCO2e')} to {amount(high, 'kgCO2e')})."
        if choice.plan.storage != TODAY
        else f"Keep today's plan: {amount(cost, 'USD')} and {amount(carbon, 'kgCO2e')} a year."
    )
    reasons = (
        _moved(found.chosen),
        _bytes(case, found),
        *_proportion(case, choice),
        _ruled_out(found),
        _intake(case, found, central(year["energy"])),
        stores.precision_words(case.centre, found.kept),
        "Tiers decide money; only bytes, copies and the region decide carbon (tier energy is unpublished).",
    )
    return headline, tuple(reason for reason in reasons if reason)


def _what(case: Case, chosen: Placements) -> str:
    """What the plan does, in a few words."""
    done = [
        words
        for words, yes in (
            ("cool data as it ages", any(len(placed.moves) > 1 for placed in chosen)),
            ("compress it", any(placed.squeeze for placed in chosen)),
            ("remove duplicates", any(placed.dedupe for placed in chosen)),
            (_elsewhere(case, chosen), any(placed.moved for placed in chosen)),
        )
        if yes
    ]
    if not done:
        return f"Keep data {_kept_in(chosen)}"
    told = listed(done)
    return told[0].upper() + told[1:]


def _elsewhere(case: Case, chosen: Placements) -> str:
    away = [placed for placed in chosen if placed.moved]
    regions = ", ".join(sorted({region_name(case, placed.region) for placed in away}))
    return f"keep {'it' if len(away) == len(chosen) else f'{len(away)} of {len(chosen)} sets'} in {regions}"


def _kept_in(chosen: Placements) -> str:
    """The tiers that data is written to and stays in: all hot, or how many sets in which."""
    count: dict[str, int] = {}
    for placed in chosen:
        tier = TIERS[placed.moves[0][1]]
        count[tier] = count.get(tier, 0) + 1
    if len(count) < 2:
        return f"in the {next(iter(count), 'hot')} tier it is written to"
    parts = [f"{number(sets)} of {len(chosen)} sets in {tier}" for tier, sets in count.items()]
    return f"where it is written: {' and '.join(parts)}"


def _moved(chosen: Placements) -> str:
    """Which tier each set is written to, and when it moves to which."""
    moving = [placed for placed in chosen if len(placed.moves) > 1]
    if not moving:
        return f"None of {len(chosen)} data sets changes tier as it ages."
    told = [f"{one.name} from {TIERS[one.moves[0][1]]} to {_onwards(one)}" for one in moving[:NAMED]]
    more = f", and {number(len(moving) - NAMED)} more" if len(moving) > NAMED else ""
    return f"{len(moving)} of {len(chosen)} data sets move: {'; '.join(told)}{more}."


def _onwards(placed: Placement) -> str:
    """Where a set moves, and when."""
    later = ((TIERS[tier], float(np.ceil(age))) for age, tier in placed.moves[1:])
    return " and ".join(f"{tier} at {number(age)} days" for tier, age in later)


def _bytes(case: Case, found: Study) -> str:
    before, after = (schedules.on_media_gb(case, placed) for placed in (found.today, found.chosen))
    if before <= 0:
        return ""
    change = "less" if after < before else "more"
    if abs(after - before) < before / 1000:
        return f"It keeps {amount(after, 'GB')} on media, all copies counted, as today."
    return (
        f"It keeps {amount(after, 'GB')} on media, all copies counted: {share(abs(1 - after / before))} "
        f"{change} than today."
    )


def _proportion(case: Case, choice: Option) -> tuple[str, str]:
    each, origin = today_and_proposed.request_kwh(case, choice)
    prompts = summary(today_and_proposed.year_of(case, choice.plan)["energy"] / 365 / each)
    span = f"{number(prompts[0])} to {number(prompts[2])}; {origin}"
    low, middle, high = today_and_proposed.plan_share(case, choice, "carbon")
    ends = f" ({share(low)} to {share(high)})"
    return (
        f"Storing it and taking it in uses the energy of {number(prompts[1])} prompts a day ({span}).",
        f"Storage is {share(middle)} of the plan's carbon{'' if share(low) == share(high) else ends}.",
    )


def _ruled_out(found: Study) -> str:
    entries = [entry for one in found.kept for entry in one.ledger]
    if not entries:
        return ""
    first = entries[0]
    others = f", and {number(len(entries) - 1)} more" if len(entries) > 1 else ""
    rule = f"{first.rule.replace('_', ' ')}: {first.found}"
    return f"Ruled out: {first.what} for {first.data_set} ({rule}){others}."


def _intake(case: Case, found: Study, energy: float) -> str:
    """A word on taking data in where a daily batch would need much less of it."""
    now = taking_in.energy(case, found, case.given.ingestion)
    daily = taking_in.energy(case, found, taking_in.once_a_day(case))
    if now <= daily * 2 or now < WORTH_A_WORD * energy:
        return ""
    return (
        f"Taking data in needs {amount(now, 'kWh')} a year; one batch a day would need "
        f"{amount(daily, 'kWh')}."
    )
