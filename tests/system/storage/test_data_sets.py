from __future__ import annotations

from dataclasses import replace

import pytest
from storing import ANYWHERE, EARLY, MODEL, RAG, Make, data_set, kept

from advisor.system import search_units
from advisor.system.plan import DeploymentSetting, ImprovementSetting
from advisor.system.storage.data_sets import assumed, data_sets, index_gb, reader

WORKLOAD = {"documents": 10_000, "tokens_per_document": 1_000, "gap": "both"}


def test_without_data_sets_the_workload_implies_them(make: Make) -> None:
    case = make(knowledge=WORKLOAD)
    found = {one.name: one.data for one in kept(case)}
    assert assumed(case)
    assert set(found) == {"source corpus", "vector index", "prompt and response logs", "training examples"}
    # 10,000 documents x 1,000 tokens x 4 bytes
    assert found["source corpus"].size_gb == pytest.approx(0.04)
    # passages of 500 tokens that share a tenth: 1,000/450 rounded up is 3 a document
    assert found["vector index"].vectors == 30_000


def test_the_index_that_is_stored_is_the_one_that_is_searched(make: Make) -> None:
    case = make(knowledge=WORKLOAD)
    stored = next(one.data for one in kept(case) if one.name == "vector index")
    searched = search_units.index(case, "vector")
    assert stored.size_gb == searched.size_gb
    assert stored.vectors == searched.vectors
    # and listing it by its vectors comes to the same
    assert index_gb(case, stored.vectors, stored.dimensions, stored.vector_bits) == searched.size_gb


@pytest.mark.parametrize("technique", ["prompt", "few_shot", "lora", "rag_keyword"])
def test_what_searches_no_vectors_keeps_none(make: Make, technique: str) -> None:
    found = data_sets(make(knowledge=WORKLOAD), MODEL, ImprovementSetting(technique), ANYWHERE)
    assert "vector index" not in {one.name for one in found}


def test_weights_are_kept_by_whoever_runs_or_fully_tunes_the_model(make: Make) -> None:
    case = make(knowledge=WORKLOAD)
    model = replace(MODEL, models=("llama-3.3-70b",))
    machines = DeploymentSetting("maap", "regional", "eastus2", machine="nc80_h100", precision="fp8")
    for improvement, deployment, there in (
        (RAG, machines, True), (ImprovementSetting("full"), ANYWHERE, True), (RAG, ANYWHERE, False),
    ):  # fmt: skip
        found = {one.name: one.data for one in data_sets(case, model, improvement, deployment)}
        assert ("model weights" in found) is there
        if there:
            # 16-bit weights: two bytes a parameter
            params = case.central("models.llama-3.3-70b.total_params", "param")
            assert found["model weights"].size_gb == pytest.approx(params * 2 / 1e9)
            # a replica that starts loads them at once: the archive takes hours
            (kept,) = (one for one in data_sets(case, model, improvement, deployment)
                       if one.name == "model weights")  # fmt: skip
            assert not kept.archive


def test_data_is_read_where_the_plan_runs(make: Make) -> None:
    case = make()
    assert reader(case, DeploymentSetting("maas", "regional", "swedencentral")) == "swedencentral"
    assert reader(case, ANYWHERE) == "eastus2"


def test_an_index_without_a_size_is_as_large_as_its_vectors(make: Make) -> None:
    index = data_set(role="index", content="vectors", size_gb=0, vectors=1e7, dimensions=1536, reads=[])
    # 1e7 x (1,536 x 4 + 61) bytes
    assert kept(make(index))[0].data.size_gb == pytest.approx(62.05)


def test_a_recovery_time_of_four_hours_takes_the_archive_away(make: Make) -> None:
    (one,) = kept(make(data_set(rto_hours=4)))
    (entry,) = one.ledger
    assert not one.archive
    assert (entry.data_set, entry.what, entry.rule) == ("claims", "archive", "recovery_time")
    assert "15 h to rehydrate" in entry.found
    assert "15 h" in entry.remedy


def test_zone_redundancy_takes_the_archive_away(make: Make) -> None:
    (one,) = kept(make(data_set(rto_hours=72, redundancy="ZRS")))
    assert not one.archive
    assert [entry.rule for entry in one.ledger] == ["archive_redundancy"]
    assert one.ledger[0].found == "it is not sold with three zones"


def test_what_serves_requests_lives_as_long_as_the_workload(make: Make) -> None:
    (index,) = kept(make(data_set(role="index", content="vectors", retention_days=30, reads=[])))
    assert index.kept_days == float("inf")


def test_a_retention_that_was_given_counts_even_where_it_is_the_default(make: Make) -> None:
    # 365 days is what a data set has unless said; given by hand it ends working data, untouched it does not
    given, untouched = data_set(role="corpus"), data_set(role="corpus")
    del untouched["retention_days"]
    first = make(given)
    assert kept(first)[0].kept_days == 365
    assert kept(first.with_scenario(make(untouched).given))[0].kept_days == float("inf")


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(24.0, "GRS"), (0.5, "RA-GRS")],  # failing over takes an hour; a readable copy needs none
)
def test_the_loss_of_a_region_asks_for_the_second_region_that_is_back_in_time(
    make: Make, hours: float, expected: str
) -> None:
    (one,) = kept(make(data_set(rto_hours=hours), operations={"survive_region_loss": True}))
    assert one.redundancy == expected


def test_an_index_is_rebuilt_instead_of_copied(make: Make) -> None:
    index = data_set(name="index", role="index", content="vectors", vectors=1e6, size_gb=0, reads=[])
    (one,) = kept(make(index, operations={"survive_region_loss": True}))
    assert one.redundancy == "LRS"


def test_the_same_value_is_found_again_under_another_volume(make: Make) -> None:
    case = make(data_set())
    before = kept(case)
    assert kept(case.varied({"workload.requests_per_day": 123.0})) is before
    assert data_sets(case, *EARLY) is before
