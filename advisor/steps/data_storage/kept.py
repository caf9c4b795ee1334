"""The data of one plan: its sets, where the policy puts them, and where they lie today."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.system.case import Case
from advisor.system.plan import Plan, StorageSetting
from advisor.system.storage.data_sets import Kept, data_sets, reader
from advisor.system.storage.policies import placements
from advisor.system.storage.weighing import Placements

TODAY = StorageSetting("today")


@dataclass(frozen=True, slots=True)
class Study:
    """``base`` is the region that reads the data; ``chosen`` and ``today`` are placements."""

    plan: Plan
    kept: tuple[Kept, ...]
    base: str
    chosen: Placements
    today: Placements


def study(case: Case, plan: Plan) -> Study:
    """The data of a plan."""
    early = plan.early
    return Study(
        plan,
        data_sets(case, *early),
        reader(case, plan.deployment),
        placements(case, *early, plan.storage),
        placements(case, *early, TODAY),
    )
