"""Energy and GPU time of one generated answer, from physics.

A replica of a model runs on some GPUs and serves several requests at once. Reading the
prompt (prefill) is arithmetic. Every generated token (decode) reads the weights, shared by
the whole batch, and the request's own key-value cache, computes, and waits for kernels to
start and for the scheduler. That work takes GPU time; the energy is a standing share of the
GPU's power limit for as long as it takes, plus a price for every byte and every operation::

    time   = stack · [ τ_b·bytes/BW + τ_f·flops/F + N·( L·(τ_L + τ_8)/B + τ_s ) per token ]
    energy = σ·TDP·time + stack · [ ε_b·bytes + ε_f·(TDP/F)·flops ]

A byte costs the same on all fast memories, an operation costs in proportion to TDP/F, and
what is left unused costs its standing power: that carries over to other GPUs and serving
programs. Everything works on scalars or arrays alike; no coefficient has a default. Valid
for 1 to 500 billion parameters, batches of 1 to 4,096, 1 to 16 GPUs, text in and out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
Mask = NDArray[np.bool_]


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

    ``limit_w``: the power it may draw, its data-sheet power unless capped [W].
    """

    tdp_w: Number
    memory_b: Number
    bandwidth_b_s: Number
    flops: Number
    limit_w: Number


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """One request and the replica that serves it.

    Tokens per request, of which ``cached_tokens`` of the input were computed before;
    ``batch`` requests at once; ``gpus`` in the replica, in ``pipeline`` stages;
    ``weight_bytes`` a parameter; ``kv_ratio``: cache precision relative to 16 bit;
    ``quantised``: 1 where activations are turned to 8 bit at run time, else 0.
    """

    input_tokens: Number
    output_tokens: Number
    batch: Number
    gpus: Number
    weight_bytes: Number
    cached_tokens: Number = 0.0
    pipeline: Number = 1.0
    kv_ratio: Number = 1.0
    quantised: Number = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class EnergyModel:
    """The fitted coefficients; ``calibrate`` writes them, ``data/energy_model.yaml`` holds them.

    ``bandwidth_time``, ``compute_time``: time relative to peak [ratio]; ``layer_time``: per
    layer and step, ``layer_time_8bit`` more with 8-bit activations [s]; ``sequence_time``: per
    token of each request and GPU [s]; ``static_power``: share of the power limit drawn while
    any work lasts [ratio]; ``byte_energy`` [J/B]; ``compute_energy``: per operation, relative to
    TDP/F [ratio]; ``expert_bytes_8bit``: bytes that 8-bit experts move beyond their size [ratio];
    ``expert_padding``: arithmetic an expert wastes in each step that reaches it [tok];
    ``stack_time``, ``stack_energy``: the serving program relative to a current one [ratio].
    """

    bandwidth_time: Number
    compute_time: Number
    layer_time: Number
    layer_time_8bit: Number
    sequence_time: Number
    static_power: Number
    byte_energy: Number
    compute_energy: Number
    expert_bytes_8bit: Number
    expert_padding: Number
    stack_time: Number
    stack_energy: Number


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
    """Share of the experts that a step of ``tokens`` tokens reads: 1-(1-k/n)^tokens [0-1]."""
    return 1.0 - (1.0 - np.minimum(arch.routed, 1.0)) ** tokens


def weight_bytes_read(arch: Architecture, load: Load, model: EnergyModel) -> Number:
    """Weights moved per generated token, the batch sharing each step's reading [B].

    With pipeline stages a batch runs as that many smaller ones, each reading all weights.
    """
    together = np.maximum(load.batch / load.pipeline, 1.0)
    dense = arch.total_params - arch.expert_params
    padding = 1.0 + model.expert_bytes_8bit * load.quantised
    experts = arch.expert_params * experts_reached(arch, together) * padding
    return load.weight_bytes * (dense + experts) / together


def context_seen(arch: Architecture, tokens: Number) -> Number:
    """Tokens of a context that attention looks at, sliding windows considered [tok]."""
    window = np.where(np.asarray(arch.window_tokens) > 0, arch.window_tokens, tokens)
    return (1.0 - arch.window_share) * tokens + arch.window_share * np.minimum(tokens, window)


def context_bytes(arch: Architecture, tokens: Number, kv_ratio: Number) -> Number:
    """Cache and state of one request with ``tokens`` of context [B]."""
    return arch.kv_bytes * kv_ratio * context_seen(arch, tokens) + arch.state_bytes


def token_flops(arch: Architecture, context: Number) -> Number:
    """Operations per token at a mean ``context``: two per weight, and attention [FLOP].

    Attention multiplies twice (scores, values) by two operations over layers times width;
    a transformer of P active parameters in L layers is about sqrt(P/12L) wide.
    """
    width = np.sqrt(arch.active_params / (12.0 * arch.layers))
    return 2.0 * arch.active_params + 2.0 * 2.0 * arch.layers * width * context_seen(arch, context)


def padding_flops(arch: Architecture, tokens: Number, model: EnergyModel) -> Number:
    """Operations of a step wasted on routed experts [FLOP].

    An expert multiplies whole tiles of tokens, so each expert that is reached costs about a
    tile more than its tokens do.
    """
    return 2.0 * model.expert_padding * arch.expert_params * experts_reached(arch, tokens)


def estimate(arch: Architecture, gpu: Gpu, load: Load, model: EnergyModel) -> Estimate:
    """Energy and GPU time of one request. Broadcasts over arrays; pure."""
    out = load.output_tokens
    cached = np.minimum(load.cached_tokens, load.input_tokens)
    fresh = load.input_tokens - cached
    prefill_flops = fresh * token_flops(arch, cached + fresh / 2.0) + padding_flops(arch, fresh, model)

    context = load.input_tokens + out / 2.0
    moved = out * (weight_bytes_read(arch, load, model) + context_bytes(arch, context, load.kv_ratio))
    together = np.maximum(load.batch / load.pipeline, 1.0)
    padding = padding_flops(arch, together, model) / together
    decode_flops = out * (token_flops(arch, context) + padding)
    per_layer = model.layer_time + model.layer_time_8bit * load.quantised
    waiting = out * load.gpus * (arch.layers * per_layer / np.maximum(load.batch, 1.0) + model.sequence_time)
    prefill_j, prefill_s = _phase(gpu, model, prefill_flops, 0.0, 0.0)
    decode_j, decode_s = _phase(gpu, model, decode_flops, moved, waiting)
    return Estimate(prefill_j, decode_j, prefill_s, decode_s)


def _phase(
    gpu: Gpu, model: EnergyModel, flops: Number, moved: Number, waiting: Number
) -> tuple[Number, Number]:
    """Energy [J] and GPU time [s]; at its power limit a GPU slows its clock.

    Power of work grows with the cube of the clock, so slowing to the share c costs 1/c in
    time and saves c² in energy of the work.
    """
    busy = model.bandwidth_time * moved / gpu.bandwidth_b_s + model.compute_time * flops / gpu.flops
    seconds = model.stack_time * (busy + waiting)
    work = model.stack_energy * (
        model.byte_energy * moved + model.compute_energy * gpu.tdp_w * flops / gpu.flops
    )
    standing = model.static_power * gpu.tdp_w
    spare = np.maximum(gpu.limit_w - standing, standing / 2.0)
    nothing = np.finfo(float).tiny * standing * (model.layer_time + model.sequence_time)
    allowed = spare * seconds
    slowed = np.minimum(allowed / np.maximum(work, 1e-9 * allowed + nothing), 1.0)
    clock = np.maximum(slowed, np.finfo(float).tiny) ** (1.0 / 3.0)
    return standing * seconds / clock + work * clock**2, seconds / clock


def room(arch: Architecture, gpu: Gpu, load: Load, usable: Number) -> Number:
    """Requests whose context fits beside all weights; ``usable``: share of memory to fill [0-1]."""
    free = usable * gpu.memory_b * load.gpus - arch.total_params * load.weight_bytes
    held = context_bytes(arch, load.input_tokens + load.output_tokens, load.kv_ratio)
    return np.floor(np.maximum(free, 0.0) / np.maximum(held, 1.0))


def by_size(total_params: Number, active_params: Number, fit: tuple[Number, Number, Number]) -> Number:
    """A property of a model known by its size alone: exp(a)·(P/1e9)^b·(active share)^c."""
    a, b, c = fit
    share = np.asarray(active_params) / total_params
    return np.exp(a) * (np.asarray(total_params) / 1e9) ** b * share**c


def experts_by_size(
    total_params: Number, active_params: Number, routed_share: Number, dense_above: Number
) -> tuple[Number, Number]:
    """Parameters in experts and the share of them a token uses, from sizes alone.

    A model whose active share lies above ``dense_above`` counts as dense; else
    ``routed_share`` of the active parameters is taken to sit in experts.
    """
    mixture = np.asarray(active_params) < dense_above * np.asarray(total_params)
    routed = np.where(mixture, routed_share * np.asarray(active_params), 0.0)
    experts = np.where(mixture, total_params - active_params + routed, 0.0)
    return experts, np.where(mixture, routed / np.maximum(experts, 1.0), 0.0)
