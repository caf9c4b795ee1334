"""How long the storage step takes for 50 data sets, and for a template. Run: python bench/storage.py"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from advisor.catalogue import open_catalogue
from advisor.estimate import storage
from advisor.scenario import Scenario, load_scenario, parse_scenario
from advisor.steps import decide
from advisor.system.case import Case

ROLES = (
    ("corpus", "text"),
    ("logs", "log"),
    ("training", "text"),
    ("backup", "image"),
    ("artefacts", "weights"),
)
TEMPLATE = Path(__file__).resolve().parents[1] / "data" / "scenarios" / "legal_qa.yaml"


def fifty() -> Scenario:
    sets: list[dict[str, Any]] = [
        {
            "name": f"set {number}",
            "role": ROLES[number % len(ROLES)][0],
            "content": ROLES[number % len(ROLES)][1],
            "size_gb": 10.0 * (number + 1),
            "growth_gb_per_month": 0.5 * number,
            "object_mb": (0.01, 1.0, 100.0)[number % 3],
            "reads": [
                {"from_day": 0, "full_reads_per_month": 2.0},
                {"from_day": 20 + number, "full_reads_per_month": 0.01 * number},
            ],
            "retention_days": 200 + 50 * number,
            "rto_hours": (4, 24)[number % 2],
        }
        for number in range(50)
    ]
    return parse_scenario({"name": "Fifty data sets", "task": "rag_qa", "data_sets": sets})


def timed(label: str, scenario: Scenario, size: int, budget_ms: float, runs: int = 5) -> None:
    catalogue, took = open_catalogue(), []
    for _ in range(runs):
        storage.solve.cache_clear()
        storage.use.cache_clear()
        case = Case(scenario, catalogue, size)
        start = time.perf_counter()
        decide("data_storage", case, {}, flips=False)
        took.append((time.perf_counter() - start) * 1e3)
    print(f"{label}: {min(took):.0f} ms best of {runs}, budget {budget_ms:.0f} ms")


def main() -> None:
    timed("template, 1,000 draws", load_scenario(TEMPLATE), 1000, 60)
    timed("template, 200 draws", load_scenario(TEMPLATE), 200, 60)
    timed("50 data sets, 1,000 draws", fifty(), 1000, 500)


if __name__ == "__main__":
    main()
