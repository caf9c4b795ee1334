"""What compressing and deduplicating each data set saves, what it costs, and whether it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.core.exhibits import Table
from advisor.steps.data_storage import plans
from advisor.steps.data_storage.plans import Plan
from advisor.system.case import Case


def table(case: Case, chosen: Sequence[Plan]) -> Table:
    """A row a data set: ratio and savings of each way, in energy and money, on the proposed tiers."""
    rows: list[tuple[str | float | None, ...]] = []
    for plan in chosen:
        data = plan.kept.data
        open_to = plans.forms(case, plan.kept)
        ratio = 1.0 if data.compressed else case.central(f"storage_content.{data.content}.ratio", "ratio")
        plain = plans.totals(case, [replace(plan, squeeze=False, dedupe=False)])
        squeezed = plans.totals(case, [replace(plan, squeeze=True, dedupe=False)])
        unique = plans.totals(case, [replace(plan, squeeze=False, dedupe=True)])
        rows.append(
            (
                plan.name,
                data.content,
                ratio,
                plain["energy"] - squeezed["energy"] if ratio > 1 else None,
                plain["cost"] - squeezed["cost"] if ratio > 1 else None,
                "yes" if plan.squeeze else _why(data.compressed, (True, False) in open_to),
                data.duplicate_share,
                plain["energy"] - unique["energy"] if data.duplicate_share else None,
                plain["cost"] - unique["cost"] if data.duplicate_share else None,
                "yes" if plan.dedupe else "no",
            )
        )
    return Table(
        "storage_squeezing",
        "Compressing and removing duplicates",
        (
            "Data set",
            "Content",
            "Size before over after",
            "Compressing saves (kWh a year)",
            "Compressing saves (USD a year)",
            "Compressed",
            "Duplicates (share)",
            "Deduplicating saves (kWh a year)",
            "Deduplicating saves (USD a year)",
            "Deduplicated",
        ),
        tuple(rows),
        note="Net of the processor's work. What gains a tenth or less is left alone, and so is what is read "
        "at any moment.",
    )


def _why(compressed: bool, possible: bool) -> str:
    if compressed:
        return "already"
    return "no: does not pay" if possible else "no: left alone"
