"""Step 4: where data lies as it ages, in which form, with how many copies."""

from __future__ import annotations

from advisor.core.exhibits import Exhibit
from advisor.steps.data_storage import (
    beside,
    comparisons,
    disagreements,
    explaining,
    lifecycle,
    margins,
    recovery,
    squeezing,
)
from advisor.steps.data_storage.bodies import Prior
from advisor.steps.data_storage.choices import STEP, study
from advisor.system.case import Case
from advisor.system.option import Decision, Option

QUESTION = "Where does the data live as it ages, in which form, with how many copies?"
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


def options(case: Case, prior: Prior) -> list[Option]:
    """Today's plan, all hot, and plans by age for different aims; see ``choices``."""
    return list(study(case, prior).options)


def exhibits(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """The lifecycle, today against proposed, what rules forbade, and the files that enforce it."""
    found = study(case, prior)
    if decision.choice is None:
        return (comparisons.eliminated(found.kept),)
    chosen = found.plans[decision.choice.key]
    return (
        *lifecycle.exhibits(case, chosen, found.plans["today"]),
        *comparisons.bars(case, found, decision.choice),
        comparisons.by_data_set(case, found, decision.choice),
        squeezing.table(case, chosen),
        comparisons.proportion(case, prior, decision.choice),
        comparisons.eliminated(found.kept),
        *margins.tables(case, chosen),
        comparisons.break_evens(case, found.base),
        comparisons.regions(case, chosen, found.base),
        *recovery.exhibits(case, chosen),
        *beside.exhibits(case, prior, found.kept, chosen, found.base),
        disagreements.table(case, decision.choice),
        *lifecycle.exports(chosen),
    )


def explain(case: Case, prior: Prior, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and the few facts that decided it."""
    return explaining.explain(case, prior, decision, study(case, prior))


__all__ = ["CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "exhibits", "explain", "options"]
