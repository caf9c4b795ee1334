"""The search service: one size of index, one price of a search, each charged once."""

from __future__ import annotations

import numpy as np
import pytest
from settings import by, case_of, model_of, some, year

from advisor.core.draws import central
from advisor.system import requests, search_units, sites
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting
from advisor.system.serving import encode
from advisor.system.storage import data_sets
from advisor.system.techniques import SEARCHES

SERVICE = DeploymentSetting("maas", scope="global")
ONE_REPLICA = {"availability": 0.99}  # as much as one replica is taken to reach
MODEL = model_of("gpt-4.1")
SEARCH_ALONE = model_of("text-embedding-3-small", kind="retrieval")


def test_the_index_by_hand() -> None:
    """10,000 documents of 1,500 tokens in pieces of 500 that share a tenth: 4 pieces each.

    40,000 vectors x (1,536 x 4 + 61 bytes) = 0.2482 GB of memory, three times that on disk: Basic holds it.
    """
    found = search_units.index(case_of(operations=ONE_REPLICA), "vector")
    assert found.passages == 40_000
    assert found.size_gb == pytest.approx(0.2482)
    assert found.disk_gb == pytest.approx(3 * 0.2482)
    assert (found.tier, found.units) == ("basic", 1)


def test_a_larger_index_takes_more_units_and_never_none() -> None:
    """2 million documents: 8 million vectors, 49.6 GB, 149 GB on disk: two partitions of S1."""
    large = search_units.index(case_of(knowledge={"documents": 2e6}, operations=ONE_REPLICA), "hybrid")
    assert (large.tier, large.units) == ("s1", 2)
    # 4e9 documents: 1.6e10 vectors, 99,280 GB, 297,840 GB on disk of 1,000 each
    huge = search_units.index(case_of(knowledge={"documents": 4e9}, operations=ONE_REPLICA), "hybrid")
    assert huge.tier == "s3"
    assert huge.units == 331


@pytest.mark.parametrize(
    ("per_day", "tier", "replicas"),
    [
        # 86,400 a day with a peak of 3: 3 a second, which a replica of Basic answers for $74
        (86_400, "basic", 1),
        # 6 a second: two replicas of Basic for $147, or one of S1 for $245
        (172_800, "basic", 2),
        # 12 a second: four of Basic are more than it has; S1 answers 15
        (345_600, "s1", 1),
        # 5 million a day, 174 a second: 12 of S1 are $2,943.36, 3 of S2 $2,943
        (5_000_000, "s2", 3),
    ],
)
def test_replicas_answer_the_busiest_minute(per_day: float, tier: str, replicas: int) -> None:
    load = {"requests_per_day": per_day, "peak_to_mean": 3, "growth_per_year": 0, "retry_rate": 0}
    found = search_units.index(case_of(workload=load, operations=ONE_REPLICA), "vector")
    assert (found.tier, found.replicas, found.units) == (tier, replicas, replicas)


def test_each_call_of_an_agents_task_searches() -> None:
    """86,400 tasks a day of 10 calls, a peak of 3: 30 searches a second, as many as are charged.

    Two replicas of S1 answer 15 each.
    """
    load = {"requests_per_day": 86_400, "peak_to_mean": 3, "growth_per_year": 0, "retry_rate": 0}
    agent = {"calls_per_task": 10}
    case = case_of(task="code", workload=load, agent=agent, operations=ONE_REPLICA)
    assert search_units.busiest(case) == pytest.approx(30)
    found = search_units.index(case, "vector")
    assert (found.tier, found.replicas) == ("s1", 2)
    (asked,) = some(search_units.lines(case, MODEL, by("rag_vector"), SERVICE), phase="per_request")
    assert central(asked.quantity) == pytest.approx(10)


def test_keyword_search_has_no_vectors() -> None:
    case = case_of(operations=ONE_REPLICA)
    found = search_units.index(case, "keyword")
    assert (found.vectors, found.size_gb, found.units) == (0, 0, 1)
    assert not some(search_units.lines(case, MODEL, by("rag_keyword"), SERVICE), phase="once")


def test_one_size_of_the_index_everywhere() -> None:
    """What is stored of the index is the index that is searched: 40,000 vectors, 0.2482 GB."""
    case = case_of()
    (stored,) = data_sets._index(case, by("rag_hybrid"))
    held = search_units.index(case, "hybrid")
    assert stored.size_gb == pytest.approx(held.size_gb)
    assert (stored.vectors, stored.dimensions) == (held.vectors, held.dimensions)


def test_nothing_is_charged_without_retrieval() -> None:
    case = case_of()
    for technique in ("prompt", "few_shot", "compression", "lora", "full"):
        assert search_units.lines(case, MODEL, by(technique), SERVICE) == ()


def test_building_by_hand() -> None:
    """1,500 tokens of 10,000 documents, a tenth read twice: 16.7 million tokens at $0.02 a million."""
    (built,) = some(search_units.lines(case_of(), MODEL, by("rag_vector"), SERVICE), phase="once")
    assert central(built.quantity) == pytest.approx(15e6 / 0.9)
    assert central(built.footprint["cost"]) == pytest.approx(15 / 0.9 * 0.02)


def test_upkeep_follows_how_often_knowledge_changes() -> None:
    """A twentieth changes every 30 days: 365 / 30 x 0.05 = 0.608 times the whole corpus a year."""
    case, still = case_of(), case_of(knowledge={"changes_every_days": None})
    (built,) = some(search_units.lines(case, MODEL, by("rag_vector"), SERVICE), phase="once")
    kept = [
        line
        for line in search_units.lines(case, MODEL, by("rag_vector"), SERVICE)
        if line.phase == "standing"
    ]
    fresh = next(line for line in kept if line.unit == search_units.READ)
    assert central(fresh.footprint["cost"]) * 12 == pytest.approx(
        central(built.footprint["cost"]) * 365 / 30 * 0.05
    )
    assert (
        len(some(search_units.lines(still, MODEL, by("rag_vector"), SERVICE), phase="standing"))
        == len(kept) - 1
    )


def test_units_are_held_by_the_month() -> None:
    """One Basic unit: $73.73 a month; 15 W x 730 h x 1.14 = 12.5 kWh."""
    case = case_of(knowledge={"changes_every_days": None}, operations=ONE_REPLICA)
    (held,) = some(search_units.lines(case, MODEL, by("rag_hybrid"), SERVICE), phase="standing")
    assert central(held.footprint["cost"]) == pytest.approx(73.73)
    assert central(held.footprint["energy"]) == pytest.approx(0.015 * 730 * 1.14)


@pytest.mark.parametrize(
    ("asked", "count"),
    # one replica is up 0.99 of the time; two at once are down 0.01^2 = 0.0001, three 0.000001
    [(0.95, 1), (0.99, 1), (0.991, 2), (0.999, 2), (0.9999, 2), (0.99995, 3)],
)
def test_replicas_follow_the_availability_asked_for(asked: float, count: int) -> None:
    case = case_of(operations={"availability": asked})
    assert search_units.replicas(case) == count
    held = search_units.index(case, "hybrid")
    assert (held.tier, held.units, held.replicas) == ("basic", count, count)


def test_two_replicas_by_hand() -> None:
    """99.9 %: a Basic unit twice, $147.46 a month and 2 x 15 W x 730 h x 1.14 = 25.0 kWh."""
    case = case_of(knowledge={"changes_every_days": None}, operations={"availability": 0.999})
    (held,) = some(search_units.lines(case, MODEL, by("rag_hybrid"), SERVICE), phase="standing")
    assert central(held.quantity) == 2
    assert central(held.footprint["cost"]) == pytest.approx(2 * 73.73)
    assert central(held.footprint["energy"]) == pytest.approx(2 * 0.015 * 730 * 1.14)
    assert str(held.what) == "search units (basic, 2 replicas)"
    # nothing else is twice: vectors are made once, a search asks one replica
    alone = case_of(knowledge={"changes_every_days": None}, operations=ONE_REPLICA)
    for phase in ("once", "per_request"):
        both = (search_units.lines(one, MODEL, by("rag_hybrid"), SERVICE) for one in (case, alone))
        twice, once = (year(case, [line for line in lines if line.phase == phase]) for lines in both)
        assert twice == once


def second(case: Case) -> list[Line]:
    found = search_units.lines(case, MODEL, by("rag_hybrid"), SERVICE)
    return [line for line in found if str(line.what).startswith("second search service")]


def test_the_loss_of_a_region_is_outlived_by_a_second_service() -> None:
    """Two Basic units more, where own machines stand too: 2 x 15 W x 730 h, at the PUE there."""
    lost = {"availability": 0.999, "survive_region_loss": True}
    case = case_of(constraints={"home_region": "westeurope"}, operations=lost)
    (beside,) = second(case)
    region = sites.second(case, "westeurope")
    assert beside.place == f"region:{region}" != "region:westeurope"
    assert central(beside.footprint["cost"]) == pytest.approx(2 * 73.73)
    pue = case.central(f"regions.{region}.pue", "ratio")
    assert central(beside.footprint["energy"]) == pytest.approx(2 * 0.015 * 730 * pue)
    assert not second(case_of(constraints={"home_region": "westeurope"}))
    device = {"device": {"kind": "laptop_npu"}}
    assert not second(case_of(constraints=device, operations=lost))


def test_a_second_service_stands_where_data_may_lie() -> None:
    """Only where data may lie; where no other region is, the line says so."""
    lost = {"survive_region_loss": True}
    allowed = {"home_region": "westeurope", "regions_allowed": ["westeurope", "swedencentral", "eastus"]}
    (nearest,) = second(case_of(constraints=allowed, operations=lost))
    assert nearest.place == "region:swedencentral"
    alone = {"home_region": "westeurope", "regions_allowed": ["westeurope"]}
    (same,) = second(case_of(constraints=alone, operations=lost))
    assert same.place == "region:westeurope"
    assert "on the grid of the first" in str(same.what)


def test_every_attempt_searches() -> None:
    for technique in ("rag_hybrid", "rag_rerank"):
        case = case_of(workload={"retry_rate": 0.5})
        (asked,) = some(search_units.lines(case, MODEL, by(technique), SERVICE), phase="per_request")
        tries = requests.attempts(case, MODEL, by(technique))
        assert central(tries) == pytest.approx(2 * central(requests.turns(case, "gpt-4.1", technique)))
        one = search_units.one_search(case, technique.removeprefix("rag_"))
        assert np.allclose(asked.footprint["energy"], one["energy"] * tries)


def test_a_search_by_hand() -> None:
    """Keywords 0.05 J and vectors 0.016 J: 0.066 J / 3.6 = 0.0183 mWh, PUE 1.14 on top.

    Reading the question takes a hundred times as much; a month of the unit that is always on, 12.48 kWh, as
    much as 600 million of them.
    """
    case = case_of(operations=ONE_REPLICA)
    where = search_units.where_searched(case)
    read = encode(case, search_units.EMBEDDER, case.draw("rag.query_tokens", "tok")).energy_kwh * where.pue
    searched = search_units.one_search(case, "hybrid")["energy"] - read
    assert central(searched) * 1e6 == pytest.approx(0.0183 * 1.14, rel=1e-2)
    assert central(read) > 50 * central(searched)
    held = central(search_units.service(case, "hybrid")["energy"])
    assert held / central(searched) == pytest.approx(597e6, rel=1e-2)
    # a request that is shorter than the usual question is searched for as it is
    short = case_of(workload={"input_tokens": 10})
    assert central(search_units.one_search(short, "vector")["cost"]) == pytest.approx(10 * 0.02e-6)


def test_search_alone_and_retrieval_pay_the_same_index() -> None:
    case = case_of(task="rag_qa")
    for key in SEARCHES:
        mode = key.removeprefix("search_")
        alone, beside = (
            some(search_units.lines(case, model, by(technique), SERVICE), phase="standing")
            for model, technique in ((SEARCH_ALONE, key), (MODEL, f"rag_{mode}"))
        )
        assert year(case, alone) == year(case, beside)
        assert {line.resource for line in alone} == {Resource.SEARCH_UNIT}


def test_a_device_searches_for_itself() -> None:
    case = case_of(constraints={"device": {"kind": "laptop_npu"}})
    found = search_units.lines(case, model_of("phi-4-mini"), by("rag_vector"), SERVICE)
    assert search_units.index(case, "vector").units == 0
    assert all(line.place.startswith("country:") for line in found)
    # nobody asks a price for it, but its electricity is paid for: 23.06 cents in the Netherlands
    for line in found:
        assert central(line.footprint["cost"]) == pytest.approx(0.2306 * central(line.footprint["energy"]))


def test_ranking_a_search_by_hand() -> None:
    """50 passages at 1 J of the board are 50 J, and with what else is switched on 112 J, at PUE 1.14 128 J.

    The card that stands for a service's is an H100 at 65 % of 700 W, 455 W: 50 J are 0.110 s at work, 2.2 ms
    a passage as the service's published times have it. As it works three fifths of its time, 0.073 s
    of waiting at 119 W are 8.72 J. The server beside it takes 53.3 J in these 0.183 s, 291 W a GPU. On an L4,
    at 46.8 W, the same joules took 21 ms a passage, and the server beside it 122 J. A whole system that
    retrieves and answers was metered at 318 to 435 J a request.
    """
    case = case_of()
    ranked = encode(case, search_units.RERANKER, 0.0, calls=case.draw("rag.candidates", "item"))
    joules = [1000 * 3600 * central(part) for part in (ranked.work_kwh, ranked.idle_kwh, ranked.host_kwh)]
    assert joules == pytest.approx([50.0, 8.72, 53.34], rel=1e-3)
    assert central(ranked.busy_gpu_seconds) == pytest.approx(50 / 455)
    plain, sorted_well = (search_units.one_search(case, mode)["energy"] for mode in ("hybrid", "rerank"))
    added = central(sorted_well - plain) * 3.6e6
    assert added == pytest.approx(sum(joules) * 1.14, rel=1e-3)
    assert added < 318
