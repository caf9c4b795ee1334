"""Data sets and plans that the tests of storage share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.scenario import parse_scenario
from advisor.system.bill import Bill, Lines
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StorageSetting
from advisor.system.storage import charge, data_sets, gates, policies
from advisor.system.storage.data_sets import Kept
from advisor.system.storage.schedules import Placement

DRAWS = 64
SEVEN_YEARS = 7 * 365
MODEL = ModelSetting("single", ("gpt-4.1-mini",))
RAG = ImprovementSetting("rag_vector")
ANYWHERE = DeploymentSetting("maas", "global")
EARLY = (MODEL, RAG, ANYWHERE)

Make = Callable[..., Case]


def data_set(**changes: Any) -> dict[str, Any]:
    """Claims kept a year, read three times in their first month."""
    return {
        "name": "claims",
        "role": "logs",
        "content": "text",
        "size_gb": 1000,
        "object_mb": 100,
        "duplicate_share": 0.0,
        "reads": [
            {"from_day": 0, "full_reads_per_month": 3},
            {"from_day": 30, "full_reads_per_month": 0},
        ],
        "retention_days": 365,
        **changes,
    }


def still(**changes: Any) -> dict[str, Any]:
    """A terabyte that nobody reads, kept longer than any plan."""
    reads = [{"from_day": 0, "full_reads_per_month": 0}]
    return data_set(**{"retention_days": 9999, "reads": reads, "rto_hours": 4, **changes})


def storing_case(catalogue: Catalogue, *sets: dict[str, Any], size: int = DRAWS, **sections: Any) -> Case:
    """A case in East US 2, whose storage prices are its own; ``sets`` are its data sets."""
    constraints = {"home_region": "eastus2", **sections.pop("constraints", {})}
    given = {"name": "A test", "task": "rag_qa", "constraints": constraints, **sections}
    if sets:
        given["data_sets"] = list(sets)
    return Case(parse_scenario(given), catalogue, size, 1)


def kept(case: Case) -> tuple[Kept, ...]:
    return data_sets.data_sets(case, *EARLY)


def placed(case: Case, policy: str) -> tuple[Placement, ...]:
    return policies.placements(case, *EARLY, StorageSetting(policy))


def failing(case: Case, policy: str) -> set[str]:
    return {gate.rule for gate in failed(gates.gates(case, *EARLY, StorageSetting(policy)))}


def lines(case: Case, policy: str) -> Lines:
    return charge.lines(case, *EARLY, StorageSetting(policy))


def year(case: Case, policy: str, indicator: str) -> float:
    return central(Bill(case, lines(case, policy)).year[indicator])
