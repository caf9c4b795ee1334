"""Limits and rates that a user enters decide: recall, wrong hits of a cache, turns, rework."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from system.settings import by, case_of, fallen, model_of, year

from advisor.core.draws import central
from advisor.system import (
    billing,
    caches,
    deployment_gates,
    improvement_gates,
    quality,
    requests,
    search_units,
)
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, ModelSetting, OperationSetting, StorageSetting

MODEL, RAG = model_of("gpt-4o-mini"), by("rag_hybrid")
GLOBAL = DeploymentSetting("maas", "global")
BY_MEANING = replace(GLOBAL, cache="semantic")
LOW = {"floor": 0.0}


def rules(case: Case, technique: str = "rag_hybrid") -> set[str]:
    return fallen(improvement_gates.gates(case, MODEL, by(technique)))


def test_an_index_that_finds_too_little_is_ruled_out() -> None:
    """One bit loses 4 in 100, 8 bits 1, 16 bits 1 in 1,000: 98 % leaves all but one bit, 99.5 % all but 8."""
    for least, bits, out in (
        (0.98, 1, True), (0.98, 8, False), (0.995, 8, True), (0.995, 16, False), (0.9999, 16, True),
        (1.0, 32, False), (None, 1, False),
    ):  # fmt: skip
        limit = {**LOW, "least_recall": least}
        case = case_of(0, quality=limit, knowledge={"index_bits": bits})
        assert ("recall" in rules(case)) is out, (least, bits)
        assert "recall" not in rules(case, "rag_keyword")  # it has no vectors to round


def test_fewer_bits_hold_a_smaller_index() -> None:
    """40,000 vectors of 1,536 numbers: the 4 bytes of each become 1, the graph stays."""
    full, small = (
        search_units.index(case_of(0, knowledge={"index_bits": bits}), "vector") for bits in (None, 8)
    )
    assert (full.size_gb - small.size_gb) * 1e9 == pytest.approx(40_000 * 1536 * 3)


def test_a_cache_that_answers_wrongly_too_often_is_ruled_out() -> None:
    """A day to live, facts that change every 20: 1 - 20 (1 - exp(-1 / 20)) = 2.46 % stale, 2 % mistaken."""
    for most, out in ((0.04, True), (0.05, False), (None, False)):
        limit = {**LOW, "most_false_hits": most}
        case = case_of(0, quality=limit, knowledge={"changes_every_days": 20}, workload={"repeat_share": 0.9})
        assert central(caches.false_hits(case, BY_MEANING)) == pytest.approx(0.0446, abs=1e-4)
        gates = deployment_gates.gates(case, MODEL, RAG, BY_MEANING)
        assert ("false_hits" in fallen(gates)) is out
        exact = deployment_gates.gates(case, MODEL, RAG, replace(GLOBAL, cache="exact"))
        assert "false_hits" not in fallen(exact)


def test_a_wrong_hit_is_a_wrong_answer() -> None:
    """Tasks of one turn: hits 0.4 x 0.652 = 26 %, of which 4.46 % wrong: 1.16 in 100 answers are lost."""
    load = {"repeat_share": 0.4, "turns_per_task": 1}
    case = case_of(0, knowledge={"changes_every_days": 20}, workload=load)
    plain, cached = (
        central(billing.share_before_upkeep(case, MODEL, RAG, way)) for way in (GLOBAL, BY_MEANING)
    )
    assert cached / plain == pytest.approx(1 - 0.4 * 0.652 * 0.0446, abs=1e-5)


def served(turns: float, technique: str) -> tuple[Case, float]:
    case = case_of(0, workload={"turns_per_task": turns})
    return case, year(case, billing.serving(case, MODEL, by(technique), GLOBAL), "cost")


def test_fewer_turns_never_cost_more() -> None:
    """As many requests in tasks of one turn are as many calls of the usual technique, not 1 / 0.92 of them.

    A task then costs a quarter. What would save turns has none to save, so it costs what it costs.
    """
    (one, single), (four, several) = (served(turns, "rag_hybrid") for turns in (1.0, 4.0))
    assert single == pytest.approx(several)
    each = [
        cost / central(case.workload.requests_per_year) * case.workload.turns_per_task
        for case, cost in ((one, single), (four, several))
    ]
    assert each[0] == pytest.approx(each[1] / 4)
    # a prompt alone needs 0.96 follow-ups where retrieval needs 0.92: of four turns three are follow-ups
    asked = requests.turns(four, "gpt-4o-mini", "prompt")
    assert central(asked) == pytest.approx((1 + 3 * 0.96 / 0.92) / 4)


def intake(rate: float, **sections: Any) -> float:
    """A year's cost of taking in 100 GB a month; nothing is trained."""
    data = [{"name": "papers", "role": "corpus", "size_gb": 10, "growth_gb_per_month": 100}]
    taken = {"rework_rate": rate, "kept_share": 0.5, "mode": "batch", "runs_per_day": 1}
    case = case_of(0, data_sets=data, ingestion=taken, **sections)
    lines = billing.keeping(case, MODEL, RAG, GLOBAL, StorageSetting("today"))
    workers = [line for line in lines if line.what.startswith("workers")]
    return year(case, workers, "cost")


def test_rework_of_data_costs_whether_anything_is_trained_or_not() -> None:
    """100 GB kept of 200: at 0.6 in place of 0.1 a month works 200 x 0.5 = 100 GB more, at its own speed."""
    case = case_of(0)
    hour = case.central("ingestion.worker_price", "USD/h")
    speed = case.central("ingestion.throughput", "GB/h")
    assert intake(0.6) - intake(0.1) == pytest.approx(12 * 100 / speed * hour)


def test_asking_again_belongs_to_what_fades() -> None:
    """Where training fades, half the asking again is half the line; elsewhere a poor answer has no line."""
    asked = {}
    for technique in ("rag_hybrid", "lora"):
        for rework in (0.5, 1.0):
            case = case_of(0, operations={"rework": rework}, quality=LOW)
            way = OperationSetting("never", "planned", "now")
            found = billing.operating(case, MODEL, by(technique), GLOBAL, way)
            again = [line for line in found if line.what == "poor answers asked again"]
            asked[technique, rework] = year(case, again, "cost")
    assert asked["rag_hybrid", 0.5] == asked["rag_hybrid", 1.0] == 0
    assert asked["lora", 0.5] == pytest.approx(asked["lora", 1.0] / 2)
    assert asked["lora", 0.5] > 0


def test_small_objects_in_a_cooler_tier_are_billed_as_larger_ones() -> None:
    """100 GB in objects of 10,000 bytes, billed as 131,072: 1,311 GB at $0.010 a month, $157.29 a year."""
    data = [{
        "name": "papers", "role": "backup", "size_gb": 100, "object_mb": 0.01, "tier": "cool", "reads": [
            {"from_day": 0, "full_reads_per_month": 0}], "duplicate_share": 0, "retention_days": 3650,
    }]  # fmt: skip
    home = {"home_region": "eastus2", "regions_allowed": ["eastus2"]}
    case = case_of(0, data_sets=data, constraints=home, knowledge={"gap": "none"})
    kept = billing.keeping(case, MODEL, by("prompt"), GLOBAL, StorageSetting("today"))
    (line,) = (one for one in kept if one.what == "papers")
    assert 12 * central(line.footprint["cost"]) == pytest.approx(100 * 13.1072 * 0.010 * 12)


def test_a_share_just_below_the_floor_does_not_read_like_the_floor() -> None:
    """Search alone satisfies 39 %: a floor a hair above it must not be told as needed 39 %, found 39 %."""
    case = case_of(0)
    share = central(quality.of_search(case, "search_hybrid"))
    above = case_of(0, quality={"floor": share + 0.001})
    search = ModelSetting("retrieval", ("retrieval",))
    gate = improvement_gates.quality_floor(above, search, by("search_hybrid"))
    assert not gate.passed
    assert f"{share:.1%}" in gate.found
