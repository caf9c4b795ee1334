"""How often data may be read before a cooler tier costs more, and how far each data set is from it."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.footprint import INDEX
from advisor.core.saying import say
from advisor.estimate import storage
from advisor.estimate.storage import HOT, TIERS
from advisor.steps.data_storage.kept import Study
from advisor.steps.data_storage.shared_texts import TIER_NAMES
from advisor.system.case import Case
from advisor.system.regions import region_name
from advisor.system.storage.book import HELD, READ, READS, WRITES, book, proxy
from advisor.system.storage.data_sets import DAYS_PER_MONTH
from advisor.system.storage.schedules import Placement, minimum, padding

# objects of 1 GB, 1 MB and 10 KB: the ends and the middle of what people store
OBJECTS_MB = ((1000.0, "1 GB"), (1.0, "1 MB"), (0.01, "10 KB"))
ALWAYS = say("pays at any reading")
SHORTEST = 1e-9  # days; keeps a stay of no length from dividing by zero


def exhibits(case: Case, found: Study) -> tuple[Table, ...]:
    """The margins of each move, where there are any, and the break-evens at the reader's prices."""
    margin = margins(case, found)
    return (*((margin,) if margin.rows else ()), break_evens(case, found.base))


def break_even(
    case: Case, region: str, warm: int, cool: int, object_mb: float, months: float, redundancy: str = "LRS"
) -> float:
    """Full reads a month above which the warmer tier is cheaper, central [1/month]; 0 where it always is.

    ``months`` spreads the one write of changing tier; infinite leaves it out.
    """
    usd = book(case, region, redundancy).values[:, INDEX["cost"], 0]
    billed = 1.0 + np.array(padding(case, object_mb))  # small objects, as of the least size
    capacity, retrieval, reads, writes = (usd[use] for use in (HELD, READ, READS, WRITES))
    capacity = capacity * billed
    crossing = float(
        storage.break_even_reads(
            capacity[warm] - capacity[cool],
            retrieval[cool] - retrieval[warm],
            reads[cool] - reads[warm],
            object_mb,
            writes[cool],
            months,
        )
    )
    return max(crossing, 0.0)


def break_evens(case: Case, region: str) -> Table:
    """How often data may be read before the cooler tier costs more."""
    rows: list[tuple[str | float | None, ...]] = []
    for warm, cool in combinations(range(HOT, len(TIERS)), 2):
        for object_mb, label in OBJECTS_MB:
            stay = minimum(case)[cool] / DAYS_PER_MONTH
            crossings = [break_even(case, region, warm, cool, object_mb, months) for months in (np.inf, stay)]
            told = (crossing if np.isfinite(crossing) else ALWAYS for crossing in crossings)
            rows.append((_move(warm, cool), label, *told))
    return Table(
        "storage_break_evens",
        say("Reads a month at which a cooler tier stops paying"),
        (
            say("Move"),
            say("Objects of"),
            say("Full reads a month"),
            say("The same if it stays only the minimum days"),
        ),
        tuple(rows),
        note=say(
            "Prices of {region}, LRS. 0: the move never pays. "
            "Objects below the least size that cooler tiers bill count as that size. The last column counts "
            "the write that changes the tier.",
            region=region_name(case, proxy(case, region) or region),
        ),
    )


def margins(case: Case, found: Study) -> Table:
    """Each move to a cooler tier: how often the data is read then, and how often it may be."""
    rows: list[tuple[str | float | None, ...]] = []
    for placed in found.chosen:
        end, data = placed.body(case).end, placed.kept.data
        # compressing makes objects smaller, not fewer
        object_mb = data.object_mb * central(placed.shrink(case))
        stops = [*(age for age, _ in placed.moves[1:]), end]
        warmer = HOT
        for (age, tier), stop in zip(placed.moves, stops, strict=True):
            if tier > HOT:
                months = max(stop - age, 1.0) / DAYS_PER_MONTH
                allowed = break_even(case, placed.region, warmer, tier, object_mb, months, placed.redundancy)
                now = _reads(placed, age, stop)
                rows.append(
                    (
                        placed.name,
                        _move(warmer, tier),
                        float(np.ceil(age)),
                        now,
                        allowed if np.isfinite(allowed) else ALWAYS,
                        _times(allowed, now),
                    )
                )
            warmer = max(tier, HOT)
    return Table(
        "storage_margins",
        say("How much more reading each move stands"),
        (
            say("Data set"), say("Move"), say("At age (days)"), say("Full reads a month then"),
            say("Pays up to (full reads a month)"), say("Times today's reading"),
        ),
        tuple(rows),
        note=say("The move itself is spread over the stay. Money only. 0: it never pays in money."),
    )  # fmt: skip


def _times(allowed: float, now: float) -> float | str:
    """How many times today's reading a move stands."""
    if now <= 0:
        return say("nothing reads it")
    return allowed / now if np.isfinite(allowed) else ALWAYS


def _move(warmer: int, cooler: int) -> str:
    return say("{warmer} to {cooler}", warmer=TIER_NAMES[warmer], cooler=TIER_NAMES[cooler])


def _reads(placed: Placement, start: float, stop: float) -> float:
    """Mean full reads a month between two ages."""
    reads = placed.kept.reads
    ends = [*(age for age, _ in reads[1:]), np.inf]
    days = sum(
        rate * max(0.0, min(stop, end) - max(start, age))
        for (age, rate), end in zip(reads, ends, strict=False)
    )
    return days / max(stop - start, SHORTEST) * DAYS_PER_MONTH
