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
rows they see (``expert_cost``). Prefill costs at least what measured matrix products cost
(``Gpu.floor``).

Everything works on scalars or arrays alike; no coefficient has a default. Valid for 1 to 500
billion parameters, batches of 1 to 4,096, 1 to 16 GPUs, text in and out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
Mask = NDArray[np.bool_]

PASS_TOKENS = 8192.0  # what a serving program reads of prompts in one pass: vLLM's and SGLang's setting
NEXT_TO_NOTHING = 1e-280  # keeps a quotient of nothings finite; smaller ones are slow to compute with
BLOCK = 4096  # of many estimates so many are made at a time: their intermediate results stay in the cache


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
    to one of late 2025 [ratio].
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


Record = TypeVar("Record", Architecture, Gpu, Load, EnergyModel)


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


def weight_bytes_read(arch: Architecture, load: Load, reached: Number | None = None) -> Number:
    """Weights moved per generated token, the batch sharing each step's reading [B].

    With pipeline stages a batch runs as that many smaller ones, each reading all weights. ``reached``:
    the share of experts that a step reaches, where it is known already.

    Source: One pass over the weights a step, as in Pope et al. 2022, arXiv 2211.05102.

    >>> load = Load(1000, 100, batch=4, gpus=1, weight_bytes=2)
    >>> float(weight_bytes_read(Architecture(8e9, 8e9, 32, 131_072), load))  # 16e9 / 4 -> B/tok
    4000000000.0
    """
    together = _together(load)
    share = experts_reached(arch, together) if reached is None else reached
    dense = arch.total_params - arch.expert_params
    return load.weight_bytes * (dense + arch.expert_params * share) / together


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


def expert_cost(arch: Architecture, tokens: Number, model: EnergyModel) -> Number:
    """Cost of an operation in experts that share ``tokens``, relative to a large product [ratio].

    Each sees k/n of the tokens as rows; half of what it costs more is gone at ``expert_tile`` rows.

    Source: Matrix products of few rows in the kernel table (data/energy_priors.yaml).

    >>> model = EnergyModel(1, 5, 100, 0, 0, 0, 0, 0, 1, 1, 1)
    >>> float(expert_cost(Architecture(1e9, 1e8, 10, 1e4, routed=0.25), 400, model))  # 100 rows: 1 + 4 / 2
    3.0
    """
    if np.ndim(arch.routed) == 0 and not arch.routed:
        return 1.0
    filled = tokens * arch.routed / np.maximum(model.expert_tile, NEXT_TO_NOTHING)
    return 1.0 + (model.expert_compute - 1.0) / (1.0 + filled)


def token_flops(arch: Architecture, context: Number, expert_compute: Number) -> Number:
    """Operations per token at a mean ``context``: two per weight, and attention [FLOP].

    Those of routed experts count ``expert_compute`` times. Attention multiplies twice (scores,
    values) by two operations over layers times width; a transformer of P active parameters in
    L layers is about sqrt(P/12L) wide.

    Source: Kaplan et al. 2020, arXiv 2001.08361.

    >>> float(token_flops(Architecture(8e9, 8e9, 32, 131_072), 0.0, 1.0))  # 2 x 8e9 -> FLOP
    16000000000.0
    """
    extra = (expert_compute - 1.0) * arch.expert_params * arch.routed
    return 2.0 * (arch.active_params + extra) + _attention_flops(arch) * context_seen(arch, context)


def _weights_in_steps(arch: Architecture, model: EnergyModel, *tokens: Number) -> tuple[Number, ...]:
    """Operations per token on the weights in steps of so many ``tokens`` [FLOP]: at ``expert_cost``."""
    plain = 2.0 * arch.active_params
    if np.ndim(arch.routed) == 0 and not arch.routed:
        return (plain,) * len(tokens)
    rows = arch.routed / np.maximum(model.expert_tile, NEXT_TO_NOTHING)
    extra = 2.0 * (model.expert_compute - 1.0) * arch.expert_params * arch.routed
    return tuple(plain + extra / (1.0 + many * rows) for many in tokens)


def _attention_flops(arch: Architecture) -> Number:
    """Operations on one token of the context that a token looks at, all layers [FLOP]."""
    return 2.0 * 2.0 * arch.layers * np.sqrt(arch.active_params / (12.0 * arch.layers))


def tile_flops(arch: Architecture, load: Load, rows: Number, reached: Number | None = None) -> Number:
    """Operations per generated token that tiles of ``rows`` waste on routed experts [FLOP].

    An expert in tiles computes a tile in each step that reaches it, however few tokens come.

    Source: Matrix products in tiles of rows, all experts reached.

    >>> model = Architecture(1e9, 1e8, 10, 1e4, expert_params=9e8, routed=1.0)
    >>> load = Load(1000, 100, batch=2, gpus=1, weight_bytes=1, tiled=1)
    >>> float(tile_flops(model, load, 64))  # 2 x 64 x 9e8 / 2 -> FLOP
    57600000000.0
    """
    together = _together(load)
    share = experts_reached(arch, together) if reached is None else reached
    return 2.0 * rows * load.tiled * arch.expert_params * share / together


def estimate(arch: Architecture, gpu: Gpu, load: Load, model: EnergyModel) -> Estimate:
    """Energy and GPU time of one request. Broadcasts over arrays; pure.

    Source: The roofline of Williams et al. 2009 with power between idle and limit.

    >>> gpu = Gpu(700, 80e9, 3e12, 1e15, 700)  # W, B, B/s, FLOP/s, W
    >>> bytes_alone = EnergyModel(0, 1, 0, 1e-12, 0, 0, 0.1, 1e-10, 0, 1, 1)
    >>> load = Load(0, 1, batch=1, gpus=1, weight_bytes=2)
    >>> found = estimate(Architecture(8e9, 8e9, 32, 0), gpu, load, bytes_alone)
    >>> round(float(found.energy_j), 2)  # 16e9 B: 1.6 J, and 70 W for 5.33 ms -> J
    1.97
    """
    many = _entries(arch, gpu, load, model)
    if many <= BLOCK:
        return _estimate(arch, gpu, load, model)
    parts = [
        _estimate(_rows(arch, rows), _rows(gpu, rows), _rows(load, rows), _rows(model, rows))
        for rows in (slice(start, start + BLOCK) for start in range(0, many, BLOCK))
    ]
    return Estimate(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Estimate)))


def _entries(*records: object) -> int:
    """Entries of records of flat arrays; 0 where some array is not flat."""
    most = 1
    for record in records:
        for name in record.__slots__:  # type: ignore[attr-defined]
            value = getattr(record, name)
            if type(value) is np.ndarray:
                if value.ndim > 1:
                    return 0
                most = max(most, value.size)
    return most


def _rows(record: Record, rows: slice) -> Record:
    """Some entries of a record of arrays; what is one number for all stays."""
    parts = {part.name: getattr(record, part.name) for part in fields(record)}
    return type(record)(**{
        name: value[rows] if np.size(value) > 1 else value for name, value in parts.items()
    })  # fmt: skip


def _estimate(arch: Architecture, gpu: Gpu, load: Load, model: EnergyModel) -> Estimate:
    out, together = load.output_tokens, _together(load)
    cached = np.minimum(load.cached_tokens, load.input_tokens)
    fresh = load.input_tokens - cached
    passes = fresh / PASS_TOKENS
    reading, writing = _weights_in_steps(arch, model, PASS_TOKENS, together)
    attention = _attention_flops(arch)
    per_token = reading + attention * context_seen(arch, cached + fresh / 2.0)
    tiles = passes * 2.0 * model.expert_tile * load.tiled * arch.expert_params
    prefill_flops = fresh * per_token + tiles
    prefill_j, prefill_s = _phase(
        gpu, model, prefill_flops, passes * load.weight_bytes * arch.total_params, 0.0, 0.0
    )

    context = load.input_tokens + out / 2.0
    seen, reached = context_seen(arch, context), experts_reached(arch, together)
    read = arch.kv_bytes * load.kv_ratio * seen + 2.0 * arch.state_bytes  # a state is written back too
    moved = out * (weight_bytes_read(arch, load, reached) + read)
    wasted = tile_flops(arch, load, model.expert_tile, reached)
    decode_flops = out * (writing + attention * seen + wasted)
    step_layers = out * load.gpus * arch.layers / together * model.stack_host
    agreeing = step_layers * model.parallel_time * np.log2(np.maximum(load.gpus / load.pipeline, 1.0))
    host = step_layers * model.layer_time + out * load.gpus * model.sequence_time * model.stack_host
    decode_j, decode_s = _phase(gpu, model, decode_flops, moved, agreeing, host)
    # measured at full power: a capped card computes at a lower clock, which costs less
    least = gpu.floor * gpu.limit_w / gpu.flops * fresh * 2.0 * arch.active_params
    return Estimate(np.maximum(prefill_j, least), decode_j, prefill_s, decode_s)


def _phase(
    gpu: Gpu, model: EnergyModel, flops: Number, moved: Number, agreeing: Number, host: Number
) -> tuple[Number, Number]:
    """Energy [J] and GPU time [s]; at its power limit a GPU slows its clock.

    Power of work grows with the cube of the clock, so slowing to the share c costs 1/c in
    time and saves c² in energy of the work.
    """
    at_peak = flops / gpu.flops
    busy = moved / gpu.bandwidth_b_s + model.compute_time * at_peak + agreeing
    seconds = model.stack_time * np.sqrt(busy * busy + host * host)
    work = model.byte_energy * moved + model.compute_energy * gpu.tdp_w * at_peak
    standing = model.static_power * gpu.tdp_w
    spare = np.maximum(gpu.limit_w - standing, standing / 2.0)
    nothing = NEXT_TO_NOTHING * standing * model.layer_time
    allowed = spare * seconds
    slowed = np.minimum(allowed / np.maximum(work, 1e-9 * allowed + nothing), 1.0)
    clock = np.cbrt(np.maximum(slowed, np.finfo(float).tiny))
    slower = seconds / clock
    return standing * slower + work * clock**2, slower


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
