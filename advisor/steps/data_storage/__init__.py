"""Step 4: where data lies as it ages, in which form, with how many copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from advisor.core.exhibits import Exhibit
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import amount
from advisor.decide.option import Decision, Option
from advisor.estimate.storage import PREMIUM, TIERS
from advisor.steps.data_storage import (
    break_evens,
    disagreements,
    explaining,
    lifecycle,
    locations,
    recovery,
    stores,
    taking_in,
    today_and_proposed,
)
from advisor.steps.data_storage.kept import Study, study
from advisor.system.case import Case
from advisor.system.plan import Plan, StepName, StorageSetting
from advisor.system.premises import kept_in
from advisor.system.regions import region_name
from advisor.system.storage import schedules
from advisor.system.storage.book import pair, proxy, second_region, survives_region
from advisor.system.storage.data_sets import DAYS_PER_MONTH, Kept, assumed
from advisor.system.storage.schedules import DAYS_PER_YEAR, Placement
from advisor.system.storage.titles import TITLES

STEP: StepName = "data_storage"
QUESTION = say("Where does the data live as it ages, in which form, with how many copies?")
CONTROLS: tuple[str, ...] = (
    "operations.survive_region_loss",
    "constraints.home_region",
    "constraints.residency",
    "timing.horizon_years",
    "knowledge.documents",
    "knowledge.tokens_per_document",
    "ingestion.mode",
    "ingestion.runs_per_day",
    "ingestion.kept_share",
    "ingestion.edge_filtering",
)
KNOBS: tuple[str, ...] = (
    "timing.horizon_years", "workload.requests_per_day", "priorities.carbon", "priorities.cost",
)  # fmt: skip
GUIDANCE: tuple[str, ...] = (
    "A17", "A18", "A19", "A20", "A21", "A22", "A23", "A24", "A25", "A26", "A27", "A28", "A29", "A30", "A31",
    "A32", "A33", "A34", "A35", "B25", "B26",
)  # fmt: skip
MUCH_MORE = 1.5  # times what arrives within the retention: then today's stock looks like a rolling one


def alternatives(_case: Case) -> tuple[StorageSetting, ...]:
    """Today's way, and policies by age for different aims."""
    return tuple(StorageSetting(policy) for policy in TITLES)


def same(case: Case, plan: Plan) -> tuple[object, ...]:
    """What makes two policies of one plan the same: each data set lies in the same place, age by age."""
    found = study(case, plan)
    return tuple(placed.same for placed in found.chosen)


def title(_case: Case, plan: Plan) -> str:
    """The policy's name."""
    return TITLES[plan.storage.policy]


def settings(case: Case, plan: Plan) -> dict[str, Any]:
    """What happens to each data set, as plain data."""
    return {"policy": plan.storage.policy, "data_sets": [_described(one) for one in study(case, plan).chosen]}


def _described(placed: Placement) -> dict[str, Any]:
    return {
        "name": placed.name,
        "region": placed.region,
        "redundancy": placed.redundancy,
        "moves": [[age, TIERS[tier]] for age, tier in placed.moves],
        "deleted_after_days": placed.kept_days if np.isfinite(placed.kept_days) else None,
        "compressed": placed.squeeze or placed.kept.data.compressed,
        "deduplicated": placed.dedupe,
    }


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """How much is stored."""
    chosen = study(case, plan).chosen
    stored = sum(float(schedules.mean_gb(case, placed).sum()) for placed in chosen)
    media = schedules.on_media_gb(case, chosen)
    return (
        say(
            "{stored} stored on average, {media} on media with all copies",
            stored=amount(stored, "GB"),
            media=amount(media, "GB"),
        ),
    )


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to mind: assumed data sets, borrowed prices, second regions, stocks that shrink."""
    found = study(case, plan)
    told: list[str] = []
    if assumed(case):
        told.append(
            say("The scenario lists no data sets: these are assumed from the workload. List your own.")
        )
    for region in sorted({placed.region for placed in found.chosen}):
        stand_in = proxy(case, region)
        if stand_in:
            told.append(
                say(
                    "No storage prices of {region} are in the list: those of {other} stand in. Check yours.",
                    region=region_name(case, region),
                    other=region_name(case, stand_in),
                )
            )
    told += _second_regions(case, found)
    horizon = case.scenario.timing.horizon_years * DAYS_PER_YEAR
    told += [shrinking for one in found.kept if (shrinking := _shrinking(one, horizon))]
    left = [one.name for one in found.kept if not one.licensed]
    if left and not any(placed.name in left for placed in found.chosen):
        told.append(say("Left out until a licence is recorded: {left}.", left=joined(", ", left)))
    slower = [
        placed.name
        for placed in found.chosen
        if placed.kept.data.tier == "premium" and placed.moves[0][1] != PREMIUM
    ]
    if slower:
        told.append(
            say(
                "Leaves premium storage: {slower} will answer more slowly. Test it.",
                slower=joined(", ", slower),
            )
        )
    return tuple(told)


def _second_regions(case: Case, found: Study) -> list[str]:
    told = []
    lost = [
        placed.name
        for placed in found.chosen
        if survives_region(case, placed.kept.data.redundancy) and not survives_region(case, placed.redundancy)
    ]
    if lost:
        told.append(
            say(
                "Gives up the second region of {lost}: nothing in the scenario asks for it "
                "(Must survive the loss of a region).",
                lost=joined(", ", lost),
            )
        )
    copied = [placed for placed in found.chosen if survives_region(case, placed.redundancy)]
    wanted = sorted(
        {placed.kept.data.residency or case.scenario.constraints.residency for placed in copied} - {"any"}
    )
    first = sorted({placed.region for placed in copied})
    paired = [
        say("{region} copies to {other}", region=region_name(case, region), other=region_name(case, other))
        for region in first
        if (other := pair(case, region))
    ]
    chosen = [region for region in first if second_region(case, region) not in (region, pair(case, region))]
    alone = [region for region in first if second_region(case, region) == region]
    if paired and wanted:
        told.append(
            say(
                "Azure picks the second region ({paired}): check that it meets the residency {wanted}.",
                paired=joined(", ", paired),
                wanted=joined(", ", wanted),
            )
        )
    if chosen:
        places = joined(
            ", ",
            (
                say(
                    "{region} with {other}",
                    region=region_name(case, region),
                    other=region_name(case, second_region(case, region)),
                )
                for region in chosen
            ),
        )
        told.append(
            say(
                "Azure pairs these regions with none: copies are counted as an account of your own and "
                "object replication ({places}).",
                places=places,
            )
        )
    if alone:
        names = joined(", ", (region_name(case, one) for one in alone))
        told.append(
            say(
                "The second region of {names} is not in the list: its copies are counted on the "
                "first region's grid.",
                names=names,
            )
        )
    return told


def _shrinking(one: Kept, horizon: float) -> str:
    """A warning where more lies there today than arrives within its retention; else empty."""
    # a shorter lawful time says nothing against what arrives
    data, months = one.data, one.kept_days / DAYS_PER_MONTH
    rolling = data.growth_gb_per_month * one.stated_days / DAYS_PER_MONTH
    if one.kept_days >= horizon or data.size_gb <= MUCH_MORE * rolling:
        return ""
    return say(
        "{name}: {stock} become {left} after {days} days, since no more arrives. If it is renewed, enter "
        "what arrives, about {flow} a month.",
        name=one.name,
        stock=amount(data.size_gb, "GB"),
        left=amount(data.growth_gb_per_month * months, "GB"),
        days=numeral(one.kept_days, ",.0f"),
        flow=amount(data.size_gb / months, "GB"),
    )


def exhibits(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
    """The lifecycle, today against proposed, what rules forbade, and the files that enforce it."""
    choice = decision.choice
    if choice is None:
        kept = study(case, decision.options[0].plan).kept if decision.options else ()
        return (today_and_proposed.eliminated(kept),)
    found = study(case, choice.plan)
    return (
        *lifecycle.exhibits(case, found),
        *today_and_proposed.bars(case, found),
        today_and_proposed.by_data_set(case, found),
        today_and_proposed.squeezing(case, found.chosen),
        today_and_proposed.proportion(case, choice),
        today_and_proposed.eliminated(found.kept),
        *break_evens.exhibits(case, found),
        locations.regions(case, found),
        *recovery.exhibits(case, found.chosen),
        *stores.exhibits(case, found),
        *taking_in.exhibits(case, found),
        *locations.nearness(case, found),
        disagreements.table(case, choice),
        # policies are those of a cloud's accounts
        *(() if kept_in(case) else lifecycle.exports(found.chosen)),
    )


def headline(case: Case, option: Option) -> str:
    """An option in one sentence."""
    return explaining.headline(case, option)


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and the few facts that decided it."""
    return explaining.explain(case, decision)
