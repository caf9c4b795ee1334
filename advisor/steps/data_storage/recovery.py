"""Recovery: what each redundancy survives, at what price, and what a looser target saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import or_never, yes_or_no
from advisor.estimate import storage
from advisor.estimate.storage import COLD
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS
from advisor.system.storage import schedules
from advisor.system.storage.book import (
    CROSSING,
    ENTERED,
    HELD,
    USES,
    WRITES,
    book,
    second_region,
    survives_region,
    weights,
)
from advisor.system.storage.schedules import MONTHS_PER_YEAR, Placement
from advisor.system.storage.weighing import LEAST_COST

HOURS_PER_DAY = 24.0
COPY = say("one site, copied to a second region each day, cold there")
NOTHING_TO_SAVE = say("nothing to compare")


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to protect data, with yearly totals; ``rpo`` and ``rto`` [h] are those after the
    loss of a region, infinite where it does not survive one.
    """

    key: str
    name: str
    copies: float
    nines: float
    zone: bool
    rpo: float
    rto: float
    cost: float
    energy: float
    carbon: float


def strategies(case: Case, chosen: Sequence[Placement]) -> list[Strategy]:
    """Every redundancy applied to the whole plan, tiers solved anew, and a daily copy; central values."""
    found = [_built_in(case, chosen, key) for key in case.catalogue.keys("storage_redundancy")]
    return [*found, _daily_copy(case, chosen, found[0])]


def _built_in(case: Case, chosen: Sequence[Placement], key: str) -> Strategy:
    row = case.catalogue.row("storage_redundancy", key)

    def protected(placed: Placement) -> Placement:
        if placed.redundancy == key:
            return placed
        form = ((placed.squeeze, placed.dedupe),)
        return schedules.best(case, replace(placed, redundancy=key), LEAST_COST, form, (placed.region,))

    able = [placed for placed in chosen if any(placed.kept.offered(case, key))]
    totals = schedules.totals(case, [protected(placed) for placed in able])
    geo = survives_region(case, key)
    return Strategy(
        key=key,
        name=row["name"],
        copies=case.central(f"storage_redundancy.{key}.copies", "item"),
        nines=float(row["nines"]),
        zone=bool(row["survives_zone"]),
        rpo=case.central("storage.geo_rpo", "h") if geo else np.inf,
        rto=(0.0 if row["readable"] else case.central("storage.failover", "h")) if geo else np.inf,
        cost=totals["cost"],
        energy=totals["energy"],
        carbon=totals["carbon"],
    )


def _daily_copy(case: Case, chosen: Sequence[Placement], single: Strategy) -> Strategy:
    """One site plus a copy of what is new each day, kept in the cold tier of another region.

    The copy is as long-lived and as squeezed as the original, on the grid and at the prices of the
    region's pair, or of the second region chosen; it is read only after a loss.
    """
    first = case.catalogue.keys("storage_redundancy")[0]
    total = dict.fromkeys(CONCERNS, 0.0)
    for placed in chosen:
        here = book(case, placed.region, first)
        there = book(case, second_region(case, placed.region), first)
        stored = schedules.mean_gb(case, placed).sum()
        new = placed.kept.data.growth_gb_per_month * MONTHS_PER_YEAR * placed.unique_share
        sent, kept = np.zeros(USES), np.zeros(USES)
        sent[CROSSING] = new * central(placed.shrink(case))
        kept[HELD][COLD] = stored * MONTHS_PER_YEAR
        kept[ENTERED][COLD] = sent[CROSSING]
        kept[WRITES][COLD] = new * storage.objects_per_gb(placed.kept.data.object_mb)
        for concern in CONCERNS:
            weight = weights({concern: 1.0})
            total[concern] += float(sent @ here.worth(weight) + kept @ there.worth(weight))
    return Strategy(
        "COPY",
        COPY,
        single.copies * 2,
        single.nines,
        single.zone,
        HOURS_PER_DAY,
        HOURS_PER_DAY,
        single.cost + total["cost"],
        single.energy + total["energy"],
        single.carbon + total["carbon"],
    )


def together(each: Sequence[Sequence[Strategy]]) -> list[Strategy]:
    """The strategies of several data sets added up."""
    return [
        replace(
            alike[0],
            cost=sum(one.cost for one in alike),
            energy=sum(one.energy for one in alike),
            carbon=sum(one.carbon for one in alike),
        )
        for alike in zip(*each, strict=True)
    ]


def cheapest(found: Sequence[Strategy], rpo: float, rto: float) -> Strategy | None:
    """The cheapest strategy that survives a region within both targets [h]; None if none does."""
    able = [one for one in found if one.rpo <= rpo and one.rto <= rto]
    return min(able, key=lambda one: one.cost) if able else None


def exhibits(case: Case, chosen: Sequence[Placement]) -> tuple[Table, ...]:
    """Strategies for all data together, and what a looser target saves for each."""
    if not chosen:
        return ()
    each = [strategies(case.centre, [plan]) for plan in chosen]
    return table(chosen, together(each)), looser(chosen, each)


def table(chosen: Sequence[Placement], found: Sequence[Strategy]) -> Table:
    """Each strategy: what it survives, its copies, and its footprint for all data."""
    kept = [plan.kept.data for plan in chosen if not plan.kept.rebuildable]
    rpo, rto = (
        min((getattr(data, name) for data in kept), default=np.inf) for name in ("rpo_hours", "rto_hours")
    )
    rows = tuple(
        (
            one.key if one.key != "COPY" else say("daily copy"),
            one.name,
            one.nines,
            yes_or_no(one.zone),
            yes_or_no(bool(np.isfinite(one.rpo))),
            one.rpo if np.isfinite(one.rpo) else say("everything"),
            or_never(one.rto),
            yes_or_no(one.rpo <= rpo and one.rto <= rto) if kept else say("none is asked for"),
            one.copies,
            one.energy,
            one.carbon,
            one.cost,
        )
        for one in found
    )
    rebuilt = joined(", ", (plan.name for plan in chosen if plan.kept.rebuildable))
    note = (
        say(
            "Strictest targets: loss of {rpo} h, back in {rto} h. ",
            rpo=numeral(rpo, "g"),
            rto=numeral(rto, "g"),
        )
        if kept
        else ""
    )
    note += (
        say("Rebuilt from their source instead of copied: {rebuilt}. ", rebuilt=rebuilt) if rebuilt else ""
    )
    return Table(
        "storage_recovery",
        say("Ways to recover"),
        (
            say("Redundancy"),
            say("Meaning"),
            say("Durability (nines a year)"),
            say("Survives a zone"),
            say("Survives a region"),
            say("Loss then, up to (h)"),
            say("Back within (h)"),
            say("Meets the strictest targets there"),
            say("Copies"),
            say("kWh a year"),
            say("kg CO2e a year"),
            say("USD a year"),
        ),
        rows,
        note=note
        + say(
            "All data protected alike, central values. A disk's loss is survived by every one. The "
            "daily copy is assumed to be back within a day: test it."
        ),
    )


def looser(chosen: Sequence[Placement], each: Sequence[Sequence[Strategy]]) -> Table:
    """What another day of tolerated loss saves, data set by data set."""
    rows: list[tuple[str | float | None, ...]] = []
    for plan, own in zip(chosen, each, strict=True):
        data = plan.kept.data
        if plan.kept.rebuildable:
            continue
        now = cheapest(own, data.rpo_hours, data.rto_hours)
        later = cheapest(own, data.rpo_hours + HOURS_PER_DAY, data.rto_hours + HOURS_PER_DAY)
        rows.append(
            (
                plan.name,
                data.rpo_hours,
                data.rto_hours,
                _named(now),
                _named(later),
                now.cost - later.cost if now and later else NOTHING_TO_SAVE,
                now.energy - later.energy if now and later else NOTHING_TO_SAVE,
            )
        )
    return Table(
        "storage_looser_recovery",
        say("What a day's looser recovery saves, if a region's loss must be survived"),
        (
            say("Data set"),
            say("Loss allowed (h)"),
            say("Back within (h)"),
            say("Cheapest that meets it"),
            say("With a day more of both"),
            say("Saves (USD a year)"),
            say("Saves (kWh a year)"),
        ),
        tuple(rows),
        note=say(
            "Both keep six copies, so the saving is money: the second three can lie in a cooler tier. "
            "Energy falls only where copies do."
        ),
    )


def _named(strategy: Strategy | None) -> str:
    if strategy is None:
        return say("none: write to two regions from the application")
    return say("daily copy") if strategy.key == "COPY" else strategy.key
