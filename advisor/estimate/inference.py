"""Energy and GPU time of one generated answer, from physics.

A replica of a model runs on some GPUs and serves several requests at once. Reading the
prompt (prefill) is arithmetic, in passes of some thousand tokens that each read all weights.
Every generated token (decode) reads the weights that its step reaches, shared by the batch,
and the request's own key-value cache, computes, and agrees between GPUs; the host meanwhile
starts kernels and schedules. What the GPUs do and what the host does overlap in part, as two
sides of a right angle do::

    gpus   = bytes/BW + τ_f·flops/F + steps·L·N·log2(N)·τ_N
    host   = N·( steps·L·τ_L + tokens·τ_s )
    time   = √(gpus² + host²)
    energy = σ·TDP·time + ε_b·bytes + ε_f·(TDP/F)·flops, at most the power limit · time

A GPU draws its standing share σ for as long as work lasts, and more for every byte and
operation, so that power rises from that share to the limit with the use of memory and of
arithmetic; at the limit the clock falls. A byte costs the same on all fast memories, an
operation in proportion to TDP/F: that carries over to other GPUs. Precision changes bytes and F.
Routed experts are read as a step's tokens reach them, and multiply a few rows each, which costs
up to ``expert_compute`` times what the same operations cost in a large product, the less the more
rows they see (``weight_flops``). Prefill costs at least what measured matrix products cost
(``Gpu.floor``).

Everything works on scalars or arrays alike; no coefficient has a default. Valid for 1 to 500
billion parameters, batches of 1 to 4,096, 1 to 16 GPUs, text in and out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.core.records import cut, entries, plain

Array = NDArray[np.float64]
Number = float | Array
Mask = NDArray[np.bool_]

NEXT_TO_NOTHING = 1e-280  # keeps a quotient of nothings finite; smaller ones are slow to compute with
BLOCK = 8192  # of many estimates so many are made at a time: their intermediate results stay in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Architecture:
    """What of a model's structure decides its energy.

    Parameters [param]; ``kv_bytes``: key-value cache of one token at 16 bit [B];
    ``state_bytes``: recurrent state of one request [B]; ``expert_params``: those that sit in
    routed experts, of which a token uses the share ``routed`` [0-1]; ``window_share``: part
    of the cache in layers that look back at most ``window_tokens``.
    """

    total_params: Number
    active_params: Number
    layers: Number
    kv_bytes: Number
    state_bytes: Number = 0.0
    expert_params: Number = 0.0
    routed: Number = 0.0
    window_share: Number = 0.0
    window_tokens: Number = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Gpu:
    """One accelerator: data-sheet power [W], memory [B], its bandwidth [B/s], dense peak [FLOP/s].

    ``limit_w``: the power it may draw, its data-sheet power unless capped [W]; ``floor``: the
    least that an operation of a large matrix product was measured to take, relative to
    ``tdp_w / flops`` [ratio].
    """

    tdp_w: Number
    memory_b: Number
    bandwidth_b_s: Number
    flops: Number
    limit_w: Number
    floor: Number = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """One request and the replica that serves it.

    Tokens per request, of which ``cached_tokens`` of the input were computed before;
    ``batch`` requests at once; ``gpus`` in the replica, in ``pipeline`` stages;
    ``weight_bytes`` a parameter; ``kv_ratio``: cache precision relative to 16 bit;
    ``tiled``: 1 where routed experts compute in whole tiles, else 0 (see ``expert_tile``).
    """

    input_tokens: Number
    output_tokens: Number
    batch: Number
    gpus: Number
    weight_bytes: Number
    cached_tokens: Number = 0.0
    pipeline: Number = 1.0
    kv_ratio: Number = 1.0
    tiled: Number = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class EnergyModel:
    """The fitted coefficients; ``calibrate`` writes them, ``data/energy_model.yaml`` holds them.

    ``compute_time``: time of arithmetic relative to peak [ratio]; ``expert_compute``: cost of an
    operation in routed experts of single rows relative to a large product [ratio]; ``expert_tile``:
    rows at which half of that is gone, and that 8-bit experts of 2025 compute in each step that
    reaches them [tok]; ``layer_time``: host per
    layer and step [s]; ``sequence_time``: host per token of each request [s];
    ``parallel_time``: GPUs agreeing, per layer, step and doubling of GPUs [s]; ``static_power``:
    share of the power limit drawn while any work lasts [ratio]; ``byte_energy`` [J/B];
    ``compute_energy``: per operation, relative to TDP/F [ratio]; ``stack_time``: all time on an
    earlier serving program, ``stack_host``: host and agreeing time on a later one, both relative
    to one of late 2025 [ratio]; ``pass_tokens``: of prompts read in one pass [tok], set and not fitted.
    """

    compute_time: Number
    expert_compute: Number
    expert_tile: Number
    layer_time: Number
    parallel_time: Number
    sequence_time: Number
    static_power: Number
    byte_energy: Number
    compute_energy: Number
    stack_time: Number
    stack_host: Number
    pass_tokens: Number


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Energy of the GPU boards [J] and GPU time [s] of one request, by phase."""

    prefill_j: Number
    decode_j: Number
    prefill_s: Number
    decode_s: Number

    @property
    def energy_j(self) -> Number:
        """Energy of the GPU boards while they serve the request [J]."""
        return self.prefill_j + self.decode_j

    @property
    def gpu_s(self) -> Number:
        """GPU time, summed over the replica's GPUs [s]."""
        return self.prefill_s + self.decode_s


def experts_reached(arch: Architecture, tokens: Number) -> Number:
    """Share of the experts that a step of ``tokens`` tokens reads: 1-(1-k/n)^tokens [0-1].

    Source: Independent routing of each token to k of n experts.

    >>> model = Architecture(1e9, 1e8, 10, 1e4, expert_params=9e8, routed=0.25)
    >>> round(float(experts_reached(model, 2)), 4)  # 2 tok: 1 - 0.75^2 -> ratio
    0.4375
    """
    if np.ndim(arch.routed) == 0 and not arch.routed:
        return 0.0  # a dense model, spared a power of every batch
    missed: Number = np.log1p(-np.minimum(arch.routed, 1.0 - np.finfo(float).eps))
    return -np.expm1(tokens * missed)


def weight_bytes_read(arch: Architecture, load: Load) -> Number:
    """Weights moved per generated token, the batch sharing each step's reading [B].

    With pipeline stages a batch runs as that many smaller ones, each reading all weights.

    Source: One pass over the weights a step, as in Pope et al. 2022, arXiv 2211.05102.

    >>> load = Load(1000, 100, batch=4, gpus=1, weight_bytes=2)
    >>> float(weight_bytes_read(Architecture(8e9, 8e9, 32, 131_072), load))  # 16e9 / 4 -> B/tok
    4000000000.0
    """
    together = _together(load)
    return _step_bytes(arch, load, experts_reached(arch, together)) / together


def _step_bytes(arch: Architecture, load: Load, reached: Number) -> Number:
    """Weights that a step reads which reaches that share of the experts [B]."""
    dense = arch.total_params - arch.expert_params
    return load.weight_bytes * (dense + arch.expert_params * reached)


def _together(load: Load) -> Number:
    """Requests that share a step."""
    return np.maximum(load.batch / load.pipeline, 1.0)


def context_seen(arch: Architecture, tokens: Number) -> Number:
    """Tokens of a context that attention looks at, sliding windows considered [tok].

    Source: Sliding-window attention (Beltagy et al. 2020, arXiv 2004.05150).

    >>> half = Architecture(8e9, 8e9, 32, 131_072, window_share=0.5, window_tokens=1000)
    >>> float(context_seen(half, 3000))  # tok: 3,000 in one half, 1,000 in the other
    2000.0
    """
    if np.ndim(arch.window_share) == 0 and not arch.window_share:
        return tokens
    beyond = np.maximum(tokens - arch.window_tokens, 0.0) * np.greater(arch.window_tokens, 0.0)
    return tokens - arch.window_share * beyond


def context_bytes(arch: Architecture, tokens: Number, kv_ratio: Number) -> Number:
    """Cache and state of one request with ``tokens`` of context [B].

    Source: The key-value cache, as in Pope et al. 2022, arXiv 2211.05102.

    >>> model = Architecture(8e9, 8e9, 32, 131_072)
    >>> float(context_bytes(model, 1000, 0.5))  # 131,072 B/tok x 1,000 tok x 0.5 -> B
    65536000.0
    """
    return arch.kv_bytes * kv_ratio * context_seen(arch, tokens) + arch.state_bytes


def weight_flops(arch: Architecture, tokens: Number, model: EnergyModel) -> Number:
    """Operations per token on the weights, in steps of so many ``tokens`` [FLOP]: two per weight.

    Those of routed experts count as what they cost beside a large product. Each expert sees k/n of
    the tokens as rows; half of what it costs more is gone at ``expert_tile`` rows.

    Source: Kaplan et al. 2020, arXiv 2001.08361; matrix products of few rows in the kernel table
    (data/energy_priors.yaml).

    >>> model = EnergyModel(1, 5, 100, 0, 0, 0, 0, 0, 1, 1, 1, 8192)
    >>> mixture = Architecture(1e9, 1e8, 10, 1e4, expert_params=2e8, routed=0.25)
    >>> float(weight_flops(mixture, 400, model))  # 100 rows: 2 x (5e7 + 5e7 x (1 + 4 / 2)) -> FLOP
    400000000.0
    """
    plain = 2.0 * arch.active_params
    if np.ndim(arch.routed) == 0 and not arch.routed:
        return plain
    filled = tokens * (arch.routed * (1.0 / np.maximum(model.expert_tile, NEXT_TO_NOTHING)))
    single = arch.expert_params * arch.routed * (2.0 * (model.expert_compute - 1.0))
    return plain + single / (1.0 + filled)


def attention_flops(arch: Architecture) -> Number:
    """Operations on one token of the context that a token looks at, all layers [FLOP].

    Attention multiplies twice (scores, values) by two operations over layers times width; a
    transformer of P active parameters in L layers is about sqrt(P/12L) wide.

    Source: Kaplan et al. 2020, arXiv 2001.08361.

    >>> float(attention_flops(Architecture(12e6, 12e6, 100, 0)))  # 100 wide: 4 x 100 x 100 -> FLOP
    40000.0
    """
    return np.sqrt(4.0 * 4.0 / 12.0 * arch.layers * arch.active_params)  # 4·L·√(P/12L)


def tile_flops(arch: Architecture, load: Load, rows: Number) -> Number:
    """Operations per generated token that tiles of ``rows`` waste on routed experts [FLOP].

    An expert in tiles computes a tile in each step that reaches it, however few tokens come.

    Source: Matrix products in tiles of rows, all experts reached.

    >>> model = Architecture(1e9, 1e8, 10, 1e4, expert_params=9e8, routed=1.0)
    >>> load = Load(1000, 100, batch=2, gpus=1, weight_bytes=1, tiled=1)
    >>> float(tile_flops(model, load, 64))  # 2 x 64 x 9e8 / 2 -> FLOP
    57600000000.0
    """
    together = _together(load)
    return _all_tiles(arch, load, rows) * experts_reached(arch, together) / together


def _all_tiles(arch: Architecture, load: Load, rows: Number) -> Number:
    """Operations of a step on tiles that reaches all experts [FLOP]."""
    return load.tiled * arch.expert_params * (2.0 * rows)


def estimate(arch: Architecture, gpu: Gpu, load: Load, model: EnergyModel) -> Estimate:
    """Energy and GPU time of one request. Broadcasts over arrays; pure.

    Source: The roofline of Williams et al. 2009 with power between idle and limit.

    >>> gpu = Gpu(700, 80e9, 3e12, 1e15, 700)  # W, B, B/s, FLOP/s, W
    >>> bytes_alone = EnergyModel(0, 1, 0, 1e-12, 0, 0, 0.1, 1e-10, 0, 1, 1, 8192)
    >>> load = Load(0, 1, batch=1, gpus=1, weight_bytes=2)
    >>> found = estimate(Architecture(8e9, 8e9, 32, 0), gpu, load, bytes_alone)
    >>> round(float(found.energy_j), 2)  # 16e9 B: 1.6 J, and 70 W for 5.33 ms -> J
    1.97
    """
    many = entries(arch, gpu, load, model)
    if many == 1:
        one = _estimate(plain(arch), plain(gpu), plain(load), plain(model))
        return Estimate(*(np.array([getattr(one, name)]) for name in Estimate.__slots__))
    if many is None or many <= BLOCK:
        return _estimate(arch, gpu, load, model)
    found = Estimate(*(np.empty(many) for _ in Estimate.__slots__))
    blocks = [slice(start, start + BLOCK) for start in range(0, many, BLOCK)]
    parts = map(_estimate, cut(arch, blocks), cut(gpu, blocks), cut(load, blocks), cut(model, blocks))
    for rows, part in zip(blocks, parts, strict=True):
        for name in Estimate.__slots__:
            getattr(found, name)[rows] = getattr(part, name)
    return found


def _estimate(arch: Architecture, gpu: Gpu, load: Load, model: EnergyModel) -> Estimate:
    """All is worked out for one token, of the prompt and of the answer, and counted at the end."""
    costs, attention = _costs(gpu, model), attention_flops(arch)
    tiles = _all_tiles(arch, load, model.expert_tile)

    cached = np.minimum(load.cached_tokens, load.input_tokens)
    fresh = load.input_tokens - cached
    flops = weight_flops(arch, model.pass_tokens, model) + tiles * (1.0 / model.pass_tokens)
    flops = flops + attention * context_seen(arch, (cached + load.input_tokens) * 0.5)
    moved = load.weight_bytes * arch.total_params * (1.0 / model.pass_tokens)
    prefill_j, prefill_s = _taken(costs, flops, moved, costs.byte_s * moved + costs.flop_s * flops)
    # measured at full power: a capped card computes at a lower clock, which costs less
    prefill_j = np.maximum(prefill_j, gpu.floor * gpu.limit_w / gpu.flops * (2.0 * arch.active_params))

    together, out = _together(load), load.output_tokens
    share, reached = 1.0 / together, experts_reached(arch, together)
    seen = context_seen(arch, load.input_tokens + out * 0.5)
    read = arch.kv_bytes * load.kv_ratio * seen + 2.0 * arch.state_bytes  # a state is written back too
    moved = _step_bytes(arch, load, reached) * share + read
    flops = weight_flops(arch, together, model) + attention * seen + tiles * reached * share
    waits = model.stack_time * model.stack_host
    layers = load.gpus * arch.layers * share
    doublings = np.log2(np.maximum(load.gpus / load.pipeline, 1.0))
    busy = costs.byte_s * moved + costs.flop_s * flops + layers * doublings * (model.parallel_time * waits)
    host = layers * (model.layer_time * waits) + load.gpus * (model.sequence_time * waits)
    decode_j, decode_s = _taken(costs, flops, moved, np.sqrt(busy * busy + host * host))
    return Estimate(prefill_j * fresh, decode_j * out, prefill_s * fresh, decode_s * out)


@dataclass(frozen=True, slots=True, eq=False)
class _Costs:
    """Of a byte and an operation on a GPU: time [s], energy [J]; power drawn always, and to spare [W]."""

    byte_s: Number
    byte_j: Number
    flop_s: Number
    flop_j: Number
    standing_w: Number
    spare_w: Number


def _costs(gpu: Gpu, model: EnergyModel) -> _Costs:
    at_peak, standing = 1.0 / gpu.flops, model.static_power * gpu.tdp_w
    return _Costs(
        model.stack_time / gpu.bandwidth_b_s, model.byte_energy,
        at_peak * (model.stack_time * model.compute_time), at_peak * gpu.tdp_w * model.compute_energy,
        standing, np.maximum(gpu.limit_w - standing, standing * 0.5),
    )  # fmt: skip


def _taken(costs: _Costs, flops: Number, moved: Number, seconds: Number) -> tuple[Number, Number]:
    """Energy [J] and GPU time [s]; at its power limit a GPU slows its clock.

    Power of work grows with the cube of the clock, so work that needs x times the power to spare
    runs at a clock x^(-1/3): it takes x^(1/3) times as long and draws what there is to spare.
    """
    work = costs.byte_j * moved + costs.flop_j * flops
    slower = seconds * np.cbrt(np.maximum(work / (costs.spare_w * seconds), 1.0))
    return np.minimum(work, costs.spare_w * slower) + costs.standing_w * slower, slower


def room(arch: Architecture, gpu: Gpu, load: Load, usable: Number) -> Number:
    """Requests whose context fits beside all weights; ``usable``: share of memory to fill [0-1].

    Source: Memory left over memory a request holds.

    >>> model, gpu = Architecture(8e9, 8e9, 32, 131_072), Gpu(700, 80e9, 3e12, 1e15, 700)
    >>> load = Load(900, 100, batch=1, gpus=1, weight_bytes=2)
    >>> float(room(model, gpu, load, 0.9))  # (72 - 16) GB / 131 MB -> request
    427.0
    """
    free = usable * gpu.memory_b * load.gpus - arch.total_params * load.weight_bytes
    held = context_bytes(arch, load.input_tokens + load.output_tokens, load.kv_ratio)
    return np.floor(np.maximum(free, 0.0) / np.maximum(held, 1.0))
