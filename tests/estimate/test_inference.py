"""The energy of a request: golden arithmetic, dimensions, and what must always hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalogue import open_catalogue
from advisor.estimate.inference import (
    BLOCK,
    Architecture,
    EnergyModel,
    Gpu,
    Load,
    attention_flops,
    context_bytes,
    context_seen,
    estimate,
    experts_reached,
    room,
    tile_flops,
    weight_bytes_read,
    weight_flops,
)
from advisor.system.energy_model import central_values, model_of

# Round figures to reckon with by hand.
MODEL = EnergyModel(
    compute_time=2.0,
    expert_compute=3.0,
    expert_tile=128.0,
    layer_time=1e-4,
    parallel_time=1e-5,
    sequence_time=1e-4,
    static_power=0.25,
    byte_energy=1e-10,
    compute_energy=1.0,
    stack_time=1.0,
    stack_host=1.0,
    pass_tokens=8192.0,
)
CARD = Gpu(tdp_w=500.0, memory_b=100e9, bandwidth_b_s=2e12, flops=1e15, limit_w=500.0)
DENSE = Architecture(total_params=10e9, active_params=10e9, layers=40.0, kv_bytes=100_000.0)
MIXTURE = replace(DENSE, total_params=100e9, expert_params=96e9, routed=0.0625)
ONE = Load(input_tokens=1000.0, output_tokens=100.0, batch=10.0, gpus=1.0, weight_bytes=2.0)


def joules(arch: Architecture = DENSE, card: Gpu = CARD, model: EnergyModel = MODEL, **load: Any) -> Any:
    return estimate(arch, card, replace(ONE, **load), model).energy_j


def test_decode_by_hand() -> None:
    # weights: 2 B × 10e9 ÷ 10 = 2e9 B a token; cache: 100,000 × (1,000 + 50) = 1.05e8 B; 100 tokens:
    # 2.105e11 B moved. Width √(10e9/(12·40)) = 4,564.4; operations a token 2·10e9 +
    # 4·40·4,564.4·1,050 = 2.07668e10; 100 tokens: 2.07668e12.
    # GPU: 2.105e11/2e12 + 2·2.07668e12/1e15 = 0.10525 + 0.0041534 = 0.1094034 s; one GPU agrees with none
    # host: 100·(40·1e-4/10 + 1e-4) = 0.05 s; together √(0.1094034² + 0.05²) = 0.1202876 s
    # work: 1e-10·2.105e11 + 500·2.07668e12/1e15 = 21.05 + 1.03834 = 22.08834 J
    # standing: 0.25·500·0.1202876 = 15.03595 J; power 37.12/0.12 = 309 W, below the limit
    found = estimate(DENSE, CARD, ONE, MODEL)
    assert found.decode_s == pytest.approx(0.1202876, rel=1e-5)
    assert found.decode_j == pytest.approx(37.12429, rel=1e-5)


def test_prefill_by_hand() -> None:
    # operations a token 2·10e9 + 4·40·4,564.355·500 = 2.0365148e10; 1,000 tokens: 2.0365148e13;
    # 1,000/8,192 of a pass reads 0.1220703·20e9 = 2.4414063e9 B
    # time 2.4414063e9/2e12 + 2·2.0365148e13/1e15 = 0.0012207 + 0.0407303 = 0.0419510 s
    # work 0.24414063 + 500·2.0365148e13/1e15 = 10.4267 J; standing 0.25·500·0.041951 = 5.243875 J
    found = estimate(DENSE, CARD, ONE, MODEL)
    assert found.prefill_s == pytest.approx(0.0419510, rel=1e-5)
    assert found.prefill_j == pytest.approx(15.670590, rel=1e-5)
    assert found.gpu_s == pytest.approx(found.prefill_s + found.decode_s)


def test_gpus_that_work_together_wait_for_each_other() -> None:
    # four GPUs: 100/10·40·4 = 1,600 layers·GPUs, each 1e-5·log2(4) = 2e-5 s: 0.032 s; host 0.2 s
    # √((0.1094034 + 0.032)² + 0.2²) = 0.2449386 s of GPU time
    found = estimate(DENSE, CARD, replace(ONE, gpus=4.0), MODEL)
    assert found.decode_s == pytest.approx(0.2449386, rel=1e-5)


def test_a_later_program_waits_less_and_an_earlier_one_takes_longer_for_all() -> None:
    # host half of 0.05 s: √(0.1094034² + 0.025²) = 0.1122236 s; all time twice: 0.2405752 s
    assert estimate(DENSE, CARD, ONE, replace(MODEL, stack_host=0.5)).decode_s == pytest.approx(
        0.1122236, rel=1e-5
    )
    assert estimate(DENSE, CARD, ONE, replace(MODEL, stack_time=2.0)).decode_s == pytest.approx(
        0.2405752, rel=1e-5
    )


def test_a_capped_gpu_slows_its_clock() -> None:
    # prefill: standing 125 W, work 10.426715 J in 0.041951 s = 248.545 W; a cap of 200 W leaves 75 W:
    # clock (75/248.545)^(1/3) = 0.670738; time ÷ 0.670738, work × 0.449889
    capped = estimate(DENSE, replace(CARD, limit_w=200.0), ONE, MODEL)
    assert capped.prefill_s == pytest.approx(0.0419510 / 0.670738, rel=1e-4)
    assert capped.prefill_j == pytest.approx(5.243875 / 0.670738 + 10.426715 * 0.449889, rel=1e-4)
    assert capped.prefill_j / capped.prefill_s == pytest.approx(200.0, rel=1e-4)


def test_power_never_exceeds_the_limit() -> None:
    hungry = replace(MODEL, byte_energy=1e-9, compute_energy=5.0)
    found = estimate(DENSE, CARD, ONE, hungry)
    assert found.decode_j / found.decode_s <= CARD.limit_w * (1 + 1e-9)
    assert found.prefill_j / found.prefill_s <= CARD.limit_w * (1 + 1e-9)


def test_experts() -> None:
    # 8 of 128 experts: a batch of 1 reaches 1/16, of 2 1-(15/16)² = 0.12109375
    assert experts_reached(MIXTURE, 1.0) == pytest.approx(0.0625)
    assert experts_reached(MIXTURE, 2.0) == pytest.approx(0.12109375)
    # batch 2: 2 B × (4e9 + 96e9 × 0.12109375) / 2 = 1.5625e10
    two = replace(ONE, batch=2.0)
    assert weight_bytes_read(MIXTURE, two) == pytest.approx(1.5625e10)
    # in tiles of 128 rows the reached experts compute 2·128·96e9·0.12109375 operations a step, for two tokens
    assert tile_flops(MIXTURE, replace(two, tiled=1.0), 128.0) == pytest.approx(1.488e12)
    assert tile_flops(MIXTURE, two, 128.0) == 0
    # 4·40·√(10e9/(12·40)) operations on each token looked at
    assert attention_flops(DENSE) == pytest.approx(730_296.743)


def test_experts_work_like_large_products_as_their_rows_fill_a_tile() -> None:
    # two operations a weight: 2·10e9; of 6e9 weights in routed experts an operation of single rows is three:
    # 2,048 tokens to 8 of 128 experts: 128 rows each, as many as a tile: half of the 2 more is gone
    assert weight_flops(MIXTURE, 2048.0, MODEL) == pytest.approx(2 * (4e9 + 2 * 6e9))
    # 16 tokens: a row each, 1 + 2/(1 + 1/128) = 2.984496; a pass of 8,192: 512 rows, 1 + 2/5
    assert weight_flops(MIXTURE, 16.0, MODEL) == pytest.approx(2 * (4e9 + 2.984496 * 6e9), rel=1e-6)
    assert weight_flops(MIXTURE, 8192.0, MODEL) == pytest.approx(2 * (4e9 + 1.4 * 6e9))
    assert weight_flops(DENSE, 16.0, MODEL) == pytest.approx(2 * 10e9)
    # reading 1,000 tokens: 2·(4e9 + 1.4·6e9) operations and attention 4·40·4,564.355·500 = 3.651484e8
    # a token, 2.5165148e13 in all: 0.0503303 s, beside 0.1220703 of a pass over 200e9 B: 0.0122070 s
    assert estimate(MIXTURE, CARD, ONE, MODEL).prefill_s == pytest.approx(0.0625373, rel=1e-5)
    # writing, ten at once: 0.625 rows, 1 + 2/(1 + 0.625/128) = 2.990282 times; 2·(4e9 + 2.990282·6e9) and
    # attention 7.668116e8: 4.4650195e10 operations a token, 0.0089300 s in all; 1−(15/16)¹⁰ = 0.4755395 of
    # the experts: 2·(4e9 + 96e9·0.4755395)/10 + 1.05e8 = 1.0035359e10 B a token, 0.5017679 s; host 0.05 s:
    # √(0.5106980² + 0.05²) = 0.5131398 s
    assert estimate(MIXTURE, CARD, ONE, MODEL).decode_s == pytest.approx(0.5131398, rel=1e-6)


def test_pipeline_stages_each_read_all_weights() -> None:
    # two stages run batches of 5: each token carries twice the weight bytes of one stage
    assert weight_bytes_read(DENSE, replace(ONE, pipeline=2.0)) == pytest.approx(4e9)


def test_sliding_windows_and_state() -> None:
    # half of the layers see 100 of 1,000 tokens: 0.5·1,000 + 0.5·100 = 550
    windowed = replace(DENSE, window_share=0.5, window_tokens=100.0, state_bytes=7.0)
    assert context_seen(windowed, 1000.0) == pytest.approx(550.0)
    assert context_seen(windowed, 50.0) == pytest.approx(50.0)
    assert context_bytes(windowed, 1000.0, 0.5) == pytest.approx(550.0 * 50_000 + 7)


def test_room() -> None:
    # 0.9·100e9·2 − 20e9 = 160e9 B free; a request holds 100,000·1,100 = 1.1e8 B: 1,454 of them
    assert room(DENSE, CARD, replace(ONE, gpus=2.0), 0.9) == 1454
    assert room(replace(DENSE, total_params=60e9), CARD, ONE, 0.9) == 0


@pytest.mark.parametrize("cached", [0.0, 400.0, 1000.0, 5000.0])
def test_a_cached_prefix_spares_prefill_alone(cached: float) -> None:
    cold, warm = (
        estimate(DENSE, CARD, ONE, MODEL),
        estimate(DENSE, CARD, replace(ONE, cached_tokens=cached), MODEL),
    )
    assert warm.decode_j == cold.decode_j
    assert warm.prefill_j <= cold.prefill_j
    assert (warm.prefill_j == 0) == (cached >= 1000)


def test_scalar_and_array_agree() -> None:
    random = np.random.default_rng(3)
    many = {
        "input_tokens": random.uniform(1, 5000, 40), "output_tokens": random.uniform(1, 2000, 40),
        "batch": random.uniform(1, 500, 40), "gpus": 2.0 ** random.integers(0, 4, 40),
    }  # fmt: skip
    together = estimate(MIXTURE, CARD, replace(ONE, **many), MODEL)
    for place in range(40):
        alone = estimate(MIXTURE, CARD, replace(ONE, **{k: float(v[place]) for k, v in many.items()}), MODEL)
        assert together.energy_j[place] == pytest.approx(float(alone.energy_j), rel=1e-12)
        assert together.gpu_s[place] == pytest.approx(float(alone.gpu_s), rel=1e-12)


TOKENS = st.floats(1, 20_000)
SETUP = st.fixed_dictionaries({
    "input_tokens": TOKENS, "output_tokens": TOKENS, "batch": st.floats(1, 4096),
    "gpus": st.sampled_from([1.0, 2.0, 4.0, 8.0]), "tiled": st.sampled_from([0.0, 1.0]),
})  # fmt: skip
ARCHITECTURES = st.sampled_from([DENSE, MIXTURE, replace(DENSE, window_share=0.8, window_tokens=1024.0)])


@settings(max_examples=60, deadline=None)
@given(arch=ARCHITECTURES, setup=SETUP, more=st.floats(1.0, 4.0))
def test_more_never_costs_less(arch: Architecture, setup: dict[str, float], more: float) -> None:
    base = joules(arch, **setup) * (1 - 1e-9)
    assert joules(arch, **{**setup, "input_tokens": setup["input_tokens"] * more}) >= base
    assert joules(arch, **{**setup, "output_tokens": setup["output_tokens"] * more}) >= base
    assert joules(arch, **{**setup, "batch": max(setup["batch"] / more, 1.0)}) >= base
    assert joules(arch, **{**setup, "gpus": setup["gpus"] * 2}) >= base
    larger = replace(
        arch,
        total_params=arch.total_params * more,
        active_params=arch.active_params * more,
        expert_params=arch.expert_params * more,
    )
    assert joules(larger, **setup) >= base
    assert joules(replace(arch, layers=arch.layers * more), **setup) >= base
    assert joules(replace(arch, kv_bytes=arch.kv_bytes * more), **setup) >= base


# DeepSeek-V3 and gpt-oss-120b by their public configurations.
DEEPSEEK = Architecture(671e9, 37e9, 61.0, 70_272.0, 0.0, 654e9, 8 / 256)
GPT_OSS = Architecture(116.8e9, 5.1e9, 36.0, 73_728.0, 0.0, 114.7e9, 4 / 128, 0.5, 128.0)
MODELS = st.sampled_from([DENSE, MIXTURE, DEEPSEEK, GPT_OSS])


def shipped(key: str, precision: str) -> tuple[EnergyModel, Gpu, float]:
    """The shipped coefficients, a shipped GPU in a precision, bytes a weight; a current program."""
    catalogue = open_catalogue(offline=True)
    no = np.zeros(1, dtype=bool)
    model = model_of(central_values(catalogue), no[0], ~no[0])

    def of(name: str, unit: str) -> float:
        return catalogue.coefficient(name).to(unit).central

    kind = str(catalogue.row("precisions", precision)["compute"])
    own = kind != "bf16" and f"gpus.{key}.{kind}" in catalogue
    gain = of(f"precisions.{precision}.compute_gain", "ratio") if own else 1.0
    floor = of(f"precisions.{precision if own else 'bf16'}.kernel_floor", "ratio")
    tdp, name = of(f"gpus.{key}.tdp", "W"), f"gpus.{key}"
    card = Gpu(
        tdp, of(f"{name}.memory", "B"), of(f"{name}.bandwidth", "B/s"),
        of(f"{name}.bf16", "FLOP/s") * gain, tdp, floor,
    )  # fmt: skip
    return model, card, of(f"precisions.{precision}.weight_bytes", "B/param")


@settings(max_examples=80, deadline=None)
@given(
    arch=MODELS, setup=SETUP, precision=st.sampled_from(["bf16", "fp8", "fp4", "int4"]),
    key=st.sampled_from(["a30", "l4", "l40s", "gh200", "h200_sxm", "b200_sxm", "b300_sxm", "gb200", "mi300x",
                         "mi325x", "mi355x", "rtx_pro_6000"]),
)  # fmt: skip
def test_physical_floors(arch: Architecture, setup: dict[str, float], precision: str, key: str) -> None:
    """Prefill never below measured matrix products; decode never below weights and cache over bandwidth,
    idling meanwhile."""
    model, card, weight = shipped(key, precision)
    load = replace(ONE, **setup, weight_bytes=weight)
    found = estimate(arch, card, load, model)
    operations = 2.0 * arch.active_params * load.input_tokens
    assert found.prefill_j >= card.floor * card.tdp_w / card.flops * operations * (1 - 1e-9)
    idle_w = open_catalogue(offline=True).coefficient(f"gpus.{key}.idle").to("W").central
    context = context_bytes(arch, load.input_tokens + load.output_tokens / 2, 1.0)
    moved = load.output_tokens * (weight_bytes_read(arch, load) + context)
    assert found.decode_s >= moved / card.bandwidth_b_s * (1 - 1e-9)
    assert found.decode_j >= moved / card.bandwidth_b_s * idle_w
    assert found.energy_j / found.gpu_s <= card.limit_w * (1 + 1e-6)


@settings(max_examples=60, deadline=None)
@given(
    arch=MODELS, setup=SETUP, precision=st.sampled_from(["bf16", "fp8", "fp4"]),
    key=st.sampled_from(["l4", "h100_sxm", "b200_sxm", "mi355x"]), cap=st.floats(0.2, 1.0),
)  # fmt: skip
def test_a_wholly_cached_prompt_costs_its_answer_alone(
    arch: Architecture, setup: dict[str, float], precision: str, key: str, cap: float
) -> None:
    model, card, weight = shipped(key, precision)
    card = replace(card, limit_w=card.tdp_w * cap)
    cold = replace(ONE, **setup, weight_bytes=weight)
    warm = estimate(arch, card, replace(cold, cached_tokens=cold.input_tokens), model)
    assert (warm.prefill_j, warm.prefill_s) == (0, 0)
    assert warm.energy_j == warm.decode_j == estimate(arch, card, cold, model).decode_j
    assert 0 < warm.energy_j < np.inf
    assert 0 < warm.gpu_s < np.inf


@settings(max_examples=80, deadline=None)
@given(arch=MODELS, setup=SETUP, more=st.floats(1.0, 8.0))
def test_a_larger_batch_never_costs_more_a_request(
    arch: Architecture, setup: dict[str, float], more: float
) -> None:
    model, card, weight = shipped("b200_sxm", "fp8")
    small = replace(ONE, **setup, weight_bytes=weight)
    large = replace(small, batch=setup["batch"] * more)
    assert estimate(arch, card, large, model).energy_j <= estimate(arch, card, small, model).energy_j * (
        1 + 1e-9
    )


@settings(max_examples=80, deadline=None)
@given(
    arch=MODELS, setup=SETUP, key=st.sampled_from(["b200_sxm", "b300_sxm", "gb200", "mi355x", "rtx_pro_6000"])
)
def test_lower_precision_never_costs_more_where_it_is_native(
    arch: Architecture, setup: dict[str, float], key: str
) -> None:
    setup = {**setup, "tiled": 0.0}
    joules = []
    for precision in ("fp4", "fp8", "bf16"):
        model, card, weight = shipped(key, precision)
        joules.append(float(estimate(arch, card, replace(ONE, **setup, weight_bytes=weight), model).energy_j))
    assert joules == sorted(joules)


def test_dimensions() -> None:
    """Quantities with units go through the same function and come out as energy and time."""
    unit = pint.UnitRegistry()
    q = unit.Quantity

    def with_units(record: Any, units: dict[str, str]) -> Any:
        return replace(record, **{name: q(getattr(record, name), u) for name, u in units.items()})

    arch = with_units(MIXTURE, {"kv_bytes": "byte", "state_bytes": "byte"})
    card = with_units(
        CARD,
        {"tdp_w": "watt", "limit_w": "watt", "memory_b": "byte", "bandwidth_b_s": "byte/s", "flops": "1/s"},
    )
    load = with_units(ONE, {"weight_bytes": "byte"})
    model = with_units(
        MODEL,
        {"layer_time": "s", "parallel_time": "s", "sequence_time": "s", "byte_energy": "joule/byte"},
    )
    moved = weight_bytes_read(arch, load)
    assert moved.units == unit.byte
    found = estimate(arch, card, load, model)
    assert found.decode_j.to("joule").magnitude == pytest.approx(joules_of_decode(), rel=1e-9)
    assert found.decode_s.check("[time]")
    assert room(arch, card, load, 0.9).check("[]")
    with pytest.raises(pint.DimensionalityError):
        estimate(arch, replace(card, tdp_w=q(500.0, "volt")), load, model)


def joules_of_decode() -> float:
    return float(estimate(MIXTURE, CARD, ONE, MODEL).decode_j)


def test_many_at_once_are_what_each_is_alone() -> None:
    count = BLOCK + 7  # more than are made at a time
    batch = np.linspace(1.0, 500.0, count)
    load = replace(ONE, batch=batch, tiled=np.arange(count) % 2.0)
    together = estimate(MIXTURE, CARD, load, MODEL)
    for place in (0, BLOCK - 1, BLOCK, count - 1):
        alone = estimate(MIXTURE, CARD, replace(ONE, batch=batch[place], tiled=place % 2.0), MODEL)
        assert np.asarray(together.energy_j)[place] == pytest.approx(alone.energy_j, rel=1e-12)
        assert np.asarray(together.gpu_s)[place] == pytest.approx(alone.gpu_s, rel=1e-12)


def test_one_alone_is_worked_out_without_arrays_to_the_last_bit() -> None:
    """A plain number, an array of one, and the first of two: as a case's centre is the first of its draws."""
    for batch in (1.0, 7.3, 256.0):
        plain = estimate(MIXTURE, CARD, replace(ONE, batch=batch), MODEL)
        single = estimate(MIXTURE, CARD, replace(ONE, batch=np.array([batch])), MODEL)
        pair = estimate(MIXTURE, CARD, replace(ONE, batch=np.array([batch, 2.0])), MODEL)
        for name in ("prefill_j", "decode_j", "prefill_s", "decode_s"):
            wanted = float(getattr(plain, name))
            assert getattr(single, name).tolist() == [wanted]
            assert np.broadcast_to(getattr(pair, name), 2)[0] == wanted
