"""A slice of the fuzzing of `bench.fuzz`: each seed ends in a plan that can be, or in one error."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.catalogue import Catalogue
from bench.fuzz import Maker, fuzz, outcome

# half a minute of processor time; 43 once never ended, for an availability of 0.006
SEEDS = range(100)


@pytest.fixture(scope="module")
def maker(catalogue: Catalogue) -> Maker:
    return Maker(catalogue, sorted(catalogue.coefficients))


def test_extreme_scenarios_end_in_a_plan_or_in_one_error(maker: Maker) -> None:
    broken: list[str] = []
    counts = fuzz(SEEDS, maker, found=lambda seed, said: broken.append(f"{seed}: {said}"))
    assert broken == []
    assert sum(counts.values()) == len(SEEDS)


def test_a_seed_makes_the_same_scenario_again(maker: Maker) -> None:
    assert maker.scenario(7) == maker.scenario(7)
    assert maker.scenario(7) != maker.scenario(8)


def own(name: str, unit: str, value: float) -> dict[str, Any]:
    figure = {
        "low": value,
        "central": value,
        "high": value,
        "unit": unit,
        "owner": "a test",
        "reason": "extreme",
    }
    return {"name": "x", "task": "rag_qa", "overrides": {name: figure}}


REFUSED = [
    own("hardware.lifetime", "year", 0),
    own("hardware.utilisation", "ratio", 0),
    own("managed.busy_share", "ratio", 0),
    own("rag.chunk_tokens", "tok", 0),
    own("rag.overlap", "ratio", 1),
    own("models.phi-4.total_params", "Bparam", 0),
    own("gpus.l4.tdp", "W", 0),
    own("deployment.managed_availability", "ratio", 0.006),
    own("architecture.kv_bytes.scale", "ratio", 1227),
    own("energy_model.layer_time", "s", 1e300),
    own("quality.rating_scale", "elo", 0),
    # 10^17 tokens in chunks of some 500, a vector of some kB each: more than an exabyte
    {
        "name": "x",
        "task": "chat",
        "knowledge": {"documents": 10**10, "tokens_per_document": 10**7, "needs_citations": True},
    },
    {"name": "x", "task": "chat", "timing": {"start": "9999-01-01"}},
    {"name": "x", "task": "chat", "timing": {"start": 0}},
    {"name": "x", "task": "chat", "timing": {"horizon_years": 1e-300}},
    {"name": "x", "task": "chat", "constraints": {"device": {"kind": "jetson_orin_nano", "count": 10**12}}},
    {"name": "x", "task": "chat", "operations": {"availability": 1 - 1e-16}},
]


@pytest.mark.parametrize("data", REFUSED, ids=[str(list(data.values())[2])[:60] for data in REFUSED])
def test_what_once_crashed_is_refused(catalogue: Catalogue, data: dict[str, Any]) -> None:
    assert outcome(data, catalogue) == "refused"


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        ("hardware.lifetime", "year", 0.0041),
        ("rag.chunk_tokens", "tok", 0.51),
    ],
)
def test_next_to_its_bound_an_own_figure_still_gives_a_plan(
    catalogue: Catalogue, name: str, unit: str, value: float
) -> None:
    assert outcome(own(name, unit, value), catalogue) == "a plan"
