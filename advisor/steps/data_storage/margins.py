"""How far each data set is from being better off in a warmer tier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.exhibits import Table
from advisor.estimate.storage import HOT, TIERS
from advisor.steps.data_storage import comparisons, prices
from advisor.steps.data_storage.bodies import DAYS_PER_MONTH
from advisor.steps.data_storage.plans import Plan
from advisor.system.case import Case

SHORTEST = 1e-9  # days; keeps a stay of no length from dividing by zero


def tables(case: Case, chosen: Sequence[Plan]) -> tuple[Table, ...]:
    """The table of margins; none where nothing lies in a cooler tier."""
    found = table(case, chosen)
    return (found,) if found.rows else ()


def table(case: Case, chosen: Sequence[Plan]) -> Table:
    """Each move to a cooler tier: how often the data is read then, and how often it may be."""
    rows: list[tuple[str | float | None, ...]] = []
    for plan in chosen:
        end, data = plan.body(case).end, plan.kept.data
        # compressing makes objects smaller, not fewer
        object_mb = data.object_mb * float(prices.shrink(case, data.content, plan.squeeze, drawn=False))
        stops = [*(age for age, _ in plan.moves[1:]), end]
        warmer = HOT
        for (age, tier), stop in zip(plan.moves, stops, strict=True):
            if tier > HOT:
                months = max(stop - age, 1.0) / DAYS_PER_MONTH
                allowed = comparisons.break_even(
                    case, plan.region, warmer, tier, object_mb, months, plan.redundancy
                )
                now = _reads(plan, age, stop)
                rows.append(
                    (
                        plan.name,
                        f"{TIERS[warmer]} to {TIERS[tier]}",
                        float(np.ceil(age)),
                        now,
                        allowed if np.isfinite(allowed) else None,
                        allowed / now if now > 0 and np.isfinite(allowed) else None,
                    )
                )
            warmer = max(tier, HOT)
    return Table(
        "storage_margins",
        "How much more reading each move stands",
        (
            "Data set",
            "Move",
            "At age (days)",
            "Full reads a month then",
            "Pays up to (full reads a month)",
            "Times today's reading",
        ),
        tuple(rows),
        note="The move itself is spread over the stay. Money only. Blank: it pays at any reading, or nothing "
        "reads it.",
    )


def _reads(plan: Plan, start: float, stop: float) -> float:
    """Mean full reads a month between two ages."""
    reads = plan.kept.reads
    ends = [*(age for age, _ in reads[1:]), np.inf]
    days = sum(
        rate * max(0.0, min(stop, end) - max(start, age))
        for (age, rate), end in zip(reads, ends, strict=False)
    )
    return days / max(stop - start, SHORTEST) * DAYS_PER_MONTH
