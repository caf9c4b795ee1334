"""The answer of the step in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from advisor.core.draws import central, summary
from advisor.core.saying import capital, joined, say
from advisor.core.wording import amount, counted, listed, number, share
from advisor.decide.option import Decision, Option
from advisor.estimate.storage import ARCHIVE, HOT, TIERS
from advisor.steps.data_storage import stores, taking_in, today_and_proposed
from advisor.steps.data_storage.kept import TODAY, Study, study
from advisor.steps.data_storage.shared_texts import TIER_NAMES
from advisor.system.case import Case
from advisor.system.regions import region_name
from advisor.system.rule_names import rule_words
from advisor.system.storage import schedules
from advisor.system.storage.schedules import Placement
from advisor.system.storage.weighing import Placements

NAMED = 3  # sets whose moves a sentence tells; the table has all
WORTH_A_WORD = 0.1  # share of the step's energy below which taking data in is not mentioned


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and the few facts that decided it."""
    choice = decision.choice
    if choice is None:
        rules = sorted({gate.rule for _, gates in decision.eliminated for gate in gates})
        return say("No storage plan passes: {rules}.", rules=joined(", ", map(rule_words, rules))), (
            say("See what would bring one back."),
        )
    found = study(case, choice.plan)
    year = today_and_proposed.year_of(case, choice.plan)
    reasons = (
        _moved(found.chosen),
        _from_the_start(case, found.chosen),
        _bytes(case, found),
        *_proportion(case, choice),
        _ruled_out(found),
        _intake(case, found, central(year["energy"])),
        stores.precision_words(case.centre, found.kept),
        say(
            "Tiers decide money; only bytes, copies and the region decide carbon (tier energy is "
            "unpublished)."
        ),
    )
    return headline(case, choice), tuple(reason for reason in reasons if reason)


def headline(case: Case, option: Option) -> str:
    """An option in one sentence."""
    year = today_and_proposed.year_of(case, option.plan)
    cost, carbon = (
        amount(central(year[name]), unit) for name, unit in (("cost", "USD"), ("carbon", "kgCO2e"))
    )
    if option.plan.storage == TODAY:
        return say("Keep today's plan: {cost} and {carbon} a year.", cost=cost, carbon=carbon)
    now = today_and_proposed.year_of(case, replace(option.plan, storage=TODAY))
    low, _, high = summary(year["carbon"])
    return say(
        "{what}: {cost} a year instead of {before}, {carbon} a year ({low} to {high}).",
        what=_what(case, study(case, option.plan).chosen),
        cost=cost,
        before=amount(central(now["cost"]), "USD"),
        carbon=carbon,
        low=amount(low, "kgCO2e"),
        high=amount(high, "kgCO2e"),
    )


def _what(case: Case, chosen: Placements) -> str:
    """What the plan does, in a few words."""
    done = [
        words
        for words, yes in (
            (_written_to(chosen), any(_newly(placed) for placed in chosen)),
            (say("cool data as it ages"), any(len(placed.moves) > 1 for placed in chosen)),
            (say("compress it"), any(placed.squeeze for placed in chosen)),
            (say("remove duplicates"), any(placed.dedupe for placed in chosen)),
            (_elsewhere(case, chosen), any(placed.moved for placed in chosen)),
        )
        if yes
    ]
    if not done:
        return _kept_in(chosen)
    return capital(listed(done))


def _newly(placed: Placement) -> bool:
    """Whether a set is written to another tier than today, and than all data without a word."""
    return placed.moves[0][1] not in (HOT, TIERS.index(placed.kept.data.tier))


def _written_to(chosen: Placements) -> str:
    """Which tiers sets are written to in place of today's, and how many of them."""
    count = Counter(placed.moves[0][1] for placed in chosen if _newly(placed))
    if set(count.values()) == {len(chosen)}:
        return say("write it straight to {tier}", tier=TIER_NAMES[next(iter(count))])
    if len(count) == 1:
        ((tier, sets),) = count.items()
        return counted(
            sets,
            say("write one set straight to {tier}"),
            say("write {count} sets straight to {tier}"),
            tier=TIER_NAMES[tier],
        )
    parts = [
        say("{sets} to {tier}", tier=TIER_NAMES[tier], sets=number(sets)) for tier, sets in count.items()
    ]
    return say("write sets straight to other tiers ({parts})", parts=joined(", ", parts))


def _from_the_start(case: Case, chosen: Placements) -> str:
    """Sets that lie in another tier than hot from their first day, and how long one waits for the archive."""
    there = [placed for placed in chosen if placed.moves[0][1] != HOT]
    if not there:
        return ""
    told = [say("{name} in {tier}", name=one.name, tier=TIER_NAMES[one.moves[0][1]]) for one in there[:NAMED]]
    more = say(", and {count} more", count=number(len(there) - NAMED)) if len(there) > NAMED else ""
    said = say("From the first day on: {told}{more}.", told=joined("; ", told), more=more)
    if all(one.moves[0][1] != ARCHIVE for one in there):
        return said
    wait = number(case.central("storage.rehydration", "h"))
    return say("{said} What lies in the archive takes up to {wait} h to rehydrate.", said=said, wait=wait)


def _elsewhere(case: Case, chosen: Placements) -> str:
    away = [placed for placed in chosen if placed.moved]
    regions = joined(", ", sorted({region_name(case, placed.region) for placed in away}))
    if len(away) == len(chosen):
        return say("keep it in {regions}", regions=regions)
    return say(
        "keep {away} of {chosen} sets in {regions}", away=len(away), chosen=len(chosen), regions=regions
    )


def _kept_in(chosen: Placements) -> str:
    """The tiers that data is written to and stays in: all hot, or how many sets in which."""
    count = Counter(placed.moves[0][1] for placed in chosen)
    if len(count) < 2:
        tier = TIER_NAMES[next(iter(count), HOT)]
        return say("Keep data in the {tier} tier it is written to", tier=tier)
    parts = [
        say("{sets} of {chosen} sets in {tier}", sets=number(sets), chosen=len(chosen), tier=TIER_NAMES[tier])
        for tier, sets in count.items()
    ]
    return say("Keep data where it is written: {parts}", parts=joined(say(" and "), parts))


def _moved(chosen: Placements) -> str:
    """Which tier each set is written to, and when it moves to which."""
    moving = [placed for placed in chosen if len(placed.moves) > 1]
    if not moving:
        return counted(
            len(chosen),
            say("The data set keeps its tier as it ages."),
            say("None of {count} data sets changes tier as it ages."),
        )
    told = [
        say(
            "{name} from {tier} to {onwards}",
            name=one.name,
            tier=TIER_NAMES[one.moves[0][1]],
            onwards=_onwards(one),
        )
        for one in moving[:NAMED]
    ]
    more = say(", and {count} more", count=number(len(moving) - NAMED)) if len(moving) > NAMED else ""
    return counted(
        len(moving),
        say("{count} of {chosen} data sets changes tier as it ages: {told}{more}.")
        if len(chosen) > 1
        else say("The data set changes tier as it ages: {told}{more}."),
        say("{count} of {chosen} data sets change tier as they age: {told}{more}."),
        chosen=len(chosen),
        told=joined("; ", told),
        more=more,
    )


def _onwards(placed: Placement) -> str:
    """Where a set moves, and when."""
    return joined(
        say(" and "),
        (
            say("{tier} at {age} days", tier=TIER_NAMES[tier], age=number(float(np.ceil(age))))
            for age, tier in placed.moves[1:]
        ),
    )


def _bytes(case: Case, found: Study) -> str:
    before, after = (schedules.on_media_gb(case, placed) for placed in (found.today, found.chosen))
    if before <= 0:
        return ""
    if abs(after - before) < before / 1000:
        return say("It keeps {after} on media, all copies counted, as today.", after=amount(after, "GB"))
    change = share(abs(1 - after / before))
    if after < before:
        return say(
            "It keeps {after} on media, all copies counted: {change} less than today.",
            after=amount(after, "GB"),
            change=change,
        )
    return say(
        "It keeps {after} on media, all copies counted: {change} more than today.",
        after=amount(after, "GB"),
        change=change,
    )


def _proportion(case: Case, choice: Option) -> tuple[str, str]:
    each, origin = today_and_proposed.request_kwh(case, choice)
    prompts = summary(today_and_proposed.year_of(case, choice.plan)["energy"] / 365 / each)
    span = say(
        "{low} to {high}; {origin}",
        low=number(prompts[0]),
        high=number(prompts[2]),
        origin=origin,
    )
    low, middle, high = today_and_proposed.plan_share(case, choice, "carbon")
    ends = say(" ({low} to {high})", low=share(low), high=share(high))
    return (
        say(
            "Storing it and taking it in uses the energy of {prompts} prompts a day ({span}).",
            prompts=number(prompts[1]),
            span=span,
        ),
        say(
            "Storage is {middle} of the plan's carbon{ends}.",
            middle=share(middle),
            ends="" if share(low) == share(high) else ends,
        ),
    )


def _ruled_out(found: Study) -> str:
    entries = [entry for one in found.kept for entry in one.ledger]
    if not entries:
        return ""
    first = entries[0]
    others = say(", and {count} more", count=number(len(entries) - 1)) if len(entries) > 1 else ""
    return say(
        "Ruled out: {what} for {data_set} ({rule}: {found}){others}.",
        what=first.what,
        data_set=first.data_set,
        rule=rule_words(first.rule),
        found=first.found,
        others=others,
    )


def _intake(case: Case, found: Study, energy: float) -> str:
    """A word on taking data in where a daily batch would need much less of it."""
    now = taking_in.energy(case, found, case.given.ingestion)
    daily = taking_in.energy(case, found, taking_in.once_a_day(case))
    if now <= daily * 2 or now < WORTH_A_WORD * energy:
        return ""
    return say(
        "Taking data in needs {now} a year; one batch a day would need {daily}.",
        now=amount(now, "kWh"),
        daily=amount(daily, "kWh"),
    )
