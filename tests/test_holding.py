"""Machines held at part load, prefill apart from decode, and the batch read from scrapes."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.errors import MeasurementError
from advisor.estimate.hosting import held_power
from advisor.scenario import parse_scenario
from advisor.scenario.scrapes import running_batch
from advisor.system.case import Case
from advisor.system.holding import part_load, serve_apart
from advisor.system.open_model import OpenModel
from advisor.system.serving import Serving, serve
from advisor.system.shape import Shape

SHAPE = Shape(1000.0, 300.0)
FOUR = Serving("h100_sxm", 4, 128.0, "bf16")


@pytest.fixture
def case(catalogue: Catalogue) -> Case:
    return Case(parse_scenario({"name": "A test", "task": "chat"}), catalogue, 200, 7)


def test_held_power_by_hand() -> None:
    # 0.01 requests a second of 2 s: 0.02 run, busy 1−e^−0.02 = 1.98 %; work 0.01·500 = 5 W; idle 100 W
    # for 98.02 % of the time = 98.02 W
    watts, busy, batch = held_power(
        np.array([0.01, 0.0]), np.array([1.0, 64.0]), np.array([2.0, 10.0]), np.array([500.0, 50.0]), 100.0
    )
    assert watts == pytest.approx([103.0, 100.0], abs=0.05)
    assert busy == pytest.approx([0.0198, 0.0], abs=2e-4)
    assert batch == pytest.approx([1.0, 1.0], abs=0.02)


def test_power_rises_and_energy_a_request_falls_with_load(case: Case) -> None:
    shares = np.array([0.0, 0.01, 0.1, 0.3, 0.6, 1.0])
    found = part_load(case, "llama-3.3-70b", SHAPE, FOUR, shares)
    assert np.all(np.diff(found.gpu_w) > 0)
    assert np.all(np.diff(found.kwh_per_request[1:]) < 0)
    assert found.gpu_w[0] == pytest.approx(4 * np.median(case.draw("gpus.h100_sxm.loaded_idle", "W")))
    assert np.all(found.server_w > found.gpu_w)
    assert found.gpu_w[-1] <= 4 * 700
    # at full load it is the energy of a request at the largest batch
    full = serve(case, "llama-3.3-70b", SHAPE, Serving("h100_sxm", 4, 128.0, "bf16", 1.0))
    joules = np.median(full.work_kwh) * 3.6e6
    assert found.gpu_w[-1] / found.requests_per_s[-1] == pytest.approx(joules, rel=0.1)


def test_part_load_is_of_named_machines(case: Case) -> None:
    with pytest.raises(ValueError, match="named machines"):
        part_load(case, "llama-3.3-70b", SHAPE, Serving(), np.ones(1))


def test_prefill_apart_from_decode(case: Case) -> None:
    together = serve(case, "llama-3.3-70b", SHAPE, Serving("h100_sxm", 4, 64.0, "bf16", 0.6))
    apart = serve_apart(
        case,
        "llama-3.3-70b",
        SHAPE,
        Serving("h100_sxm", 4, 8.0, "bf16", 0.6),
        Serving("h100_sxm", 4, 64.0, "bf16", 0.6),
    )
    # the same machines do the same work and move 1,000 × 327,680 B of cache besides
    moved_kwh = 1000 * 327_680 * case.draw("disaggregation.transfer_energy", "kWh/B")
    assert apart.work_kwh == pytest.approx(together.work_kwh + moved_kwh)
    assert apart.energy_kwh == pytest.approx(together.energy_kwh + moved_kwh, rel=0.05)
    larger = serve_apart(
        case, "llama-3.3-70b", SHAPE, Serving("h100_sxm", 4, 8.0, "bf16", 0.6),
        Serving("b200_sxm", 4, 256.0, "fp8", 0.6),
    )  # fmt: skip
    assert np.median(larger.decode_kwh) < np.median(apart.decode_kwh)
    assert larger.gpu == "b200_sxm"


PAGE = """# HELP vllm:generation_tokens_total Number of generation tokens processed.
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{{engine="0",model_name="m"}} {written}
vllm:prompt_tokens_total{{engine="0",model_name="m"}} {prompts}
vllm:iteration_tokens_total_count{{engine="0",model_name="m"}} {steps}
vllm:num_requests_running{{engine="0",model_name="m"}} 9.0
"""


def test_the_running_batch_from_two_scrapes() -> None:
    # 6,400 tokens written in 200 steps: 32 requests a step
    before, after = (
        PAGE.format(written=w, prompts=p, steps=s) for w, p, s in (("1e3", 10, 50), (7400, 4010, 250))
    )
    found = running_batch(before, after)
    assert (found.batch, found.input_tokens, found.output_tokens) == (32.0, 4000.0, 6400.0)
    with pytest.raises(MeasurementError) as caught:
        running_batch(after, before)
    assert len(caught.value.faults) == 2
    with pytest.raises(MeasurementError) as caught:
        running_batch("", "what is this")
    assert len(caught.value.faults) == 6


def test_a_large_mixture_apart_costs_what_was_published(case: Case) -> None:
    """A 1.6T mixture in 4 bit on B200, saturated: 0.075 to 0.091 J an input token, 0.22 to 0.59 an output
    token (InferenceX). Its active parameters and layers are not told there: 32 billion and 61 assumed."""
    large = OpenModel("large-moe", 1.6e12, 32e9, 61, 70_272, 0, 1.56e12, 8 / 384, 0, 0, 163_840, 0.56)
    pool = Serving("b200_sxm", 8, 1024.0, "fp4", 1.0)
    served = serve_apart(case, large, Shape(8000.0, 1000.0), pool, pool)
    low, high = np.quantile(served.prefill_kwh * 3.6e6 / 8000, (0.1, 0.9))
    assert low < 0.091
    assert high > 0.075
    assert 0.22 < np.median(served.decode_kwh) * 3.6e6 / 1000 < 0.59
