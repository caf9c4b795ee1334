"""Serving: what a request costs on given and on unknown hardware."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.core.errors import UnknownNameError
from advisor.estimate.chassis import overhead_w
from advisor.estimate.inference import Load, estimate
from advisor.measured.method import inference_table, method_case, runs_table
from advisor.scenario import parse_scenario
from advisor.system import requests
from advisor.system.case import Case
from advisor.system.energy_model import drawn_model
from advisor.system.footprints import hardware as hardware_worn
from advisor.system.hardware import architecture, chassis, gpu
from advisor.system.opening import open_case, template
from advisor.system.plan import ModelSetting
from advisor.system.provider_pool import work
from advisor.system.serving import Serving, encode, fits, max_batch, min_gpus, serve, start
from advisor.system.shape import Shape

H100 = Serving("h100_sxm", 4, 64.0, "bf16", 0.6)
SHAPE = Shape(500.0, 300.0)


@pytest.fixture
def case(catalogue: Catalogue) -> Case:
    return make(catalogue)


def make(catalogue: Catalogue, **sections: Any) -> Case:
    return Case(parse_scenario({"name": "A test", "task": "chat", **sections}), catalogue, 400, 7)


def test_the_parts_add_up(case: Case) -> None:
    served = serve(case, "llama-3.3-70b", SHAPE, H100)
    assert served.work_kwh == pytest.approx(served.prefill_kwh + served.decode_kwh)
    assert served.energy_kwh == pytest.approx(served.work_kwh + served.idle_kwh + served.host_kwh)
    assert served.busy_gpu_seconds == pytest.approx(served.gpu_seconds * 0.6)
    for draws in (served.energy_kwh, served.gpu_seconds, served.first_token_s, served.per_token_s):
        assert draws.shape == (401,)  # the central case, then the draws
        assert np.all(np.isfinite(draws))
        assert np.all(draws > 0)


def test_idle_and_host_by_hand(case: Case) -> None:
    served = serve(case, "llama-3.3-70b", SHAPE, H100)
    idle_s = served.gpu_seconds - served.busy_gpu_seconds
    assert served.idle_kwh == pytest.approx(idle_s * case.draw("gpus.h100_sxm.loaded_idle", "kW") / 3600)
    # the chassis by what the cards draw at work and idle; 250 W is the centre of the host's range
    usual = case.draw("host.power_per_gpu", "W") / 250.0
    at_work, idle = (
        overhead_w(chassis(case, "h100_sxm"), watt) * usual
        for watt in (estimated_w(case), case.draw("gpus.h100_sxm.loaded_idle", "W"))
    )
    joules = at_work * served.busy_gpu_seconds + idle * idle_s
    assert served.host_kwh == pytest.approx(joules / 3.6e6)


def estimated_w(case: Case) -> Any:
    """Power of a card at work before what measured runs scatter."""
    card, arch = gpu(case, "h100_sxm", "bf16"), architecture(case, "llama-3.3-70b")
    found = estimate(arch, card, Load(500.0, 300.0, 64.0, 4.0, 2.0), drawn_model(case))
    return found.energy_j / found.gpu_s


def test_a_busy_replica_has_no_idle(case: Case) -> None:
    always = Serving("h100_sxm", 4, 64.0, "bf16", 1.0)
    assert serve(case, "llama-3.3-70b", SHAPE, always).idle_kwh == pytest.approx(0.0)


def test_cached_input_spares_prefill(case: Case) -> None:
    cold = serve(case, "llama-3.3-70b", Shape(4000.0, 300.0), H100)
    warm = serve(case, "llama-3.3-70b", Shape(4000.0, 300.0, 3000.0), H100)
    # attention to the cached prefix remains, so a little more than a quarter of it is left
    assert np.all(warm.prefill_kwh < 0.35 * cold.prefill_kwh)
    assert warm.decode_kwh == pytest.approx(cold.decode_kwh)


def test_smaller_batch_older_format_and_idle_cost_more(case: Case) -> None:
    base = serve(case, "llama-3.3-70b", SHAPE, H100).energy_kwh
    for worse in (
        Serving("h100_sxm", 4, 8.0, "bf16", 0.6),
        Serving("h100_sxm", 8, 64.0, "bf16", 0.6),
        Serving("h100_sxm", 4, 64.0, "bf16", 0.2),
    ):
        assert np.all(serve(case, "llama-3.3-70b", SHAPE, worse).energy_kwh > base)


def test_unknown_is_wide_and_said(case: Case) -> None:
    managed, own = serve(case, "gpt-4o", SHAPE), serve(case, "llama-3.3-70b", SHAPE, H100)
    spread = [np.quantile(s.energy_kwh, 0.9) / np.quantile(s.energy_kwh, 0.1) for s in (managed, own)]
    assert spread[0] > 8
    assert spread[1] < 2.2
    assert any("unpublished" in warning for warning in managed.warnings)
    assert own.warnings == ()


def test_bounds_of_validity_travel_with_the_number(case: Case) -> None:
    served = serve(case, "llama-3.3-70b", Shape(50_000.0, 300.0), Serving("mi300x", 2, 8.0, "fp8", 1.0))
    assert any("mi300x" in warning for warning in served.warnings)
    assert any("longer prompt" in warning for warning in served.warnings)


def test_memory_caps_the_batch(case: Case) -> None:
    # 70.6e9 × 2 B = 141.2 GB; two H100 at 90 % hold 144 GB: 2.8 GB ÷ (327,680 × 2,000) = 4 requests
    assert max_batch(case, "llama-3.3-70b", "h100_sxm", 2, "bf16", 2000) == 4
    assert max_batch(case, "llama-3.3-70b", "h100_sxm", 1, "bf16", 2000) == 0
    assert not fits(case, "llama-3.3-70b", "h100_sxm", 1, "bf16", 2000)
    assert min_gpus(case, "llama-3.3-70b", "h100_sxm", "bf16", 2000) == 2
    assert min_gpus(case, "llama-3.3-70b", "t4", "bf16", 2000) == 16
    crowded = serve(case, "llama-3.3-70b", Shape(1500.0, 500.0), Serving("h100_sxm", 2, 500.0, "bf16", 1.0))
    at_cap = serve(case, "llama-3.3-70b", Shape(1500.0, 500.0), Serving("h100_sxm", 2, 1000.0, "bf16", 1.0))
    assert crowded.energy_kwh == pytest.approx(at_cap.energy_kwh)


def test_a_device_serves_alone(case: Case) -> None:
    served = serve(case, "llama-3.2-1b", SHAPE, Serving("laptop_npu", 1, 1.0, "int4", 1.0))
    assert np.all(served.host_kwh == 0)
    watts = np.median(served.work_kwh / served.busy_gpu_seconds) * 3.6e6
    assert (
        case.central("devices.laptop_npu.idle", "W")
        < watts
        < case.central("devices.laptop_npu.tdp", "W") * 1.1
    )


def test_the_users_measurement_wins(catalogue: Catalogue) -> None:
    measured = {"wh_per_request": {"gpt-4o": {"wh": 0.5, "low": 0.4, "high": 0.7}}}
    case = make(catalogue, workload={"input_tokens": 800, "output_tokens": 200}, measurements=measured)
    usual = serve(case, "gpt-4o", Shape(800.0, 200.0))
    low, middle, high = np.quantile(usual.energy_kwh * 1000, (0.1, 0.5, 0.9))
    assert (low, middle, high) == pytest.approx((0.4, 0.5, 0.7), rel=0.05)
    assert np.all(serve(case, "gpt-4o", Shape(800.0, 400.0)).energy_kwh > usual.energy_kwh)
    board = {"wh_per_request": {"gpt-4o": {"wh": 0.5, "boundary": "gpu"}}}
    at_gpu = make(catalogue, workload={"input_tokens": 800, "output_tokens": 200}, measurements=board)
    assert serve(at_gpu, "gpt-4o", Shape(800.0, 200.0)).work_kwh * 1000 == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("quality", "cached"),
    [({}, 0.0), ({"needs_reasoning": True}, 0.0), ({"reasoning_effort": "high"}, 0.0), ({}, 0.9)],
)
def test_a_meter_has_seen_what_is_thought_and_what_is_kept(
    catalogue: Catalogue, quality: dict[str, object], cached: float
) -> None:
    """2.5 Wh were measured of requests as they come: neither hidden tokens nor a kept prefix change that."""
    workload = {"input_tokens": 2000, "output_tokens": 400, "cached_input_share": cached}
    measured = {"wh_per_request": {"gpt-5.4-mini": {"wh": 2.5}}}
    given = {"name": "x", "task": "chat", "workload": workload, "quality": quality, "measurements": measured}
    case = Case(parse_scenario({**given, "timing": {"start": "2026-06-01"}}), catalogue, 0)
    served = serve(case, "gpt-5.4-mini", requests.as_today(case, "gpt-5.4-mini"))
    assert central(served.energy_kwh) * 1000 == pytest.approx(2.5)
    shown = serve(case, "gpt-5.4-mini", requests.shape(case, "gpt-5.4-mini", "prompt"))
    added = case.central("prompt.added_tokens", "tok")
    # all that the bill adds is reading what prompt engineering puts in front
    assert 2.5 <= central(shown.energy_kwh) * 1000 < 2.5 * (1 + added / 400)


def test_a_measurement_sets_the_level_of_readers_and_of_one_deployment(catalogue: Catalogue) -> None:
    own = {"wh_per_request": {"deberta-v3-large": {"wh": 0.004}, "gpt-4o": {"wh": 9.0, "deployment": "own"}}}
    case = make(catalogue, workload={"input_tokens": 500, "output_tokens": 5}, measurements=own)
    usual = encode(case, "deberta-v3-large", 500.0)
    assert usual.energy_kwh * 1000 == pytest.approx(0.004)
    # where its tokens take more than three calls do, draws are as they are with one
    thrice = encode(case, "deberta-v3-large", 500.0, calls=3.0).energy_kwh
    assert np.all(thrice >= usual.energy_kwh)
    assert central(thrice) == pytest.approx(3 * central(usual.energy_kwh))
    # measured on machines of one's own, so the managed service keeps its estimate
    managed = serve(case, "gpt-4o", Shape(500.0, 5.0))
    assert managed.energy_kwh == pytest.approx(serve(make(catalogue), "gpt-4o", Shape(500.0, 5.0)).energy_kwh)


def test_a_short_text_takes_a_call_and_a_long_one_its_tokens(catalogue: Catalogue) -> None:
    """BERT-base: 0.25 mWh a call alone, 0.2 mWh a thousand tokens: as much at 1,250 tokens, never both."""
    case = make(catalogue)
    board = [central(encode(case, "bert-base", tokens).work_kwh) * 1e6 for tokens in (10.0, 1250.0, 5000.0)]
    assert board == pytest.approx([0.25, 0.25, 1.0])
    in_full_batches = encode(case, "bert-base", 10.0, batched=True)
    assert central(in_full_batches.work_kwh) * 1e6 == pytest.approx(0.002)
    assert np.all(in_full_batches.work_kwh < encode(case, "bert-base", 10.0).work_kwh)


@pytest.mark.parametrize("key", ["a30", "h100_pcie", "gh200", "b300_sxm", "gb200", "mi325x", "mi355x",
                                 "rtx_pro_6000"])  # fmt: skip
def test_new_gpus_serve(case: Case, key: str) -> None:
    served = serve(case, "llama-3.1-8b", SHAPE, Serving(key, 1, 8.0, "bf16", 0.5))
    assert np.all(served.energy_kwh > 0)
    assert np.all(served.host_kwh > 0)
    assert any(key in warning for warning in served.warnings)


def test_will_it_start(case: Case) -> None:
    # 70.6e9 × 2 B = 141.2 GB of 2 × 80 × 0.9 = 144 GB; 2.8e9 B ÷ 327,680 B a token = 8,545 tokens
    found = start(case, "llama-3.3-70b", "h100_sxm", 2, "bf16", 2000.0)
    assert (found.starts, found.requests) == (True, 4)
    assert (found.weights_gb, found.memory_gb) == pytest.approx((141.2, 144.0), rel=1e-3)
    assert found.longest_context == pytest.approx(8545, rel=0.05)
    assert not start(case, "llama-3.3-70b", "h100_sxm", 1, "bf16", 2000.0).starts


def test_unknown_names_are_told(case: Case) -> None:
    with pytest.raises(UnknownNameError, match="gpt-4o"):
        serve(case, "gpt-4oo", SHAPE)
    with pytest.raises(UnknownNameError, match="h100_sxm"):
        serve(case, "llama-3.3-70b", SHAPE, Serving("h100_sxn", 1, 1.0, "bf16"))
    with pytest.raises(UnknownNameError, match="bert-base"):
        encode(case, "bert-bas", 100.0)


def test_readers_need_far_less_than_writers(case: Case) -> None:
    label = encode(case, "deberta-v3-large", 500.0)
    # 0.60 mWh a call, in which 500 tokens at 0.0008 Wh a thousand, 0.40 mWh, are read at the board
    assert central(label.work_kwh) * 1e6 == pytest.approx(0.6)
    assert np.median(label.energy_kwh) < np.median(serve(case, "gpt-4o-mini", SHAPE).energy_kwh) / 2
    batched = encode(case, "bge-large-en", 1e6, batched=True)
    assert np.median(batched.work_kwh) * 1000 == pytest.approx(0.6, rel=0.1)
    ranked = encode(case, "bge-reranker-large", 0.0, calls=20.0)
    assert np.median(ranked.work_kwh) * 3.6e6 == pytest.approx(20.0, rel=0.1)


def test_published_inference_figures_are_met() -> None:
    case = method_case()
    for table in (inference_table(case), runs_table(case)):
        for name, *_, inside in table.rows:
            assert inside == "yes", name


def test_evidence_is_noted_every_time(case: Case) -> None:
    for _ in range(2):
        with case.recording() as used:
            serve(case, "gpt-4o", SHAPE)
        assert {"energy_model.byte_energy", "managed.batch.popular", "models.gpt-4o.total_params"} <= used


def test_the_same_seed_gives_the_same_draws(catalogue: Catalogue) -> None:
    one, other = (serve(make(catalogue), "gpt-4o", SHAPE).energy_kwh for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_the_calls_of_an_agent_are_worked_out_together_as_each_is_alone(catalogue: Catalogue) -> None:
    """A call of the mean is the sum of the calls, each by its share of all, on every draw."""
    case = Case(open_case(template("coding_agent")).given, catalogue, 50, 7)
    model, technique = ModelSetting("single", ("gpt-5.4-mini",)), "prompt"
    calls = requests.apart(case, requests.shape(case, model.main, technique), technique)
    assert len(calls) > 1
    assert sum(share for _, share in calls) == pytest.approx(1.0)
    alone = [(serve(case, model.main, shape, Serving(mode="maas")), share) for shape, share in calls]
    found = work(case, model, technique, "standard")
    wanted = sum(one.energy_kwh * share for one, share in alone)
    assert found.it_kwh.shape == (case.size,)
    np.testing.assert_allclose(found.it_kwh, wanted, rtol=1e-12)
    seconds = sum(one.gpu_seconds * share for one, share in alone)
    worn = hardware_worn(case, alone[0][0].gpu, seconds)
    np.testing.assert_allclose(found.worn["embodied"], worn["embodied"], rtol=1e-12)
