"""Energy and GPU time of one generated answer, from physics.

A replica of a model runs on some GPUs and serves several requests at once. Each token it
generates reads the weights once for the whole batch, reads the request's own key-value
cache, computes, and waits for kernels to start and GPUs to agree. :func:`times` gives
these as seconds at the hardware's peak; :func:`weighted` turns them into energy or into
real GPU time with one fitted coefficient a term. Everything works on scalars or arrays
alike; no coefficient has a default.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array


@dataclass(frozen=True, slots=True)
class Architecture:
    """What of a model's structure decides its energy.

    Parameters [param]; ``kv_bytes``: key-value cache of one token at 16 bit [B];
    ``state_bytes``: recurrent state of one request [B]; ``expert_share``: part of the
    parameters that sits in experts, of which ``experts_active`` of ``experts_total``
    serve a token; ``window_share``: part of the cache that belongs to layers looking back
    at most ``window_tokens``.
    """

    total_params: Number
    active_params: Number
    layers: Number
    kv_bytes: Number
    state_bytes: Number = 0.0
    experts_active: Number = 0.0
    experts_total: Number = 0.0
    expert_share: Number = 0.0
    window_share: Number = 0.0
    window_tokens: Number = 0.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator: power limit [W], memory [B] and its bandwidth [B/s], dense peak [FLOP/s]."""

    tdp_w: Number
    memory_b: Number
    bandwidth_b_s: Number
    flops: Number


@dataclass(frozen=True, slots=True)
class Load:
    """One request and the replica that serves it.

    Tokens per request, of which ``cached_tokens`` of the input need no computing; ``batch``
    requests running at once; ``gpus`` in the replica, in ``pipeline`` stages;
    ``weight_bytes`` a parameter; ``kv_ratio``: cache precision relative to 16 bit;
    ``dequantised``: 1 for 8-bit experts, whose kernels start more slowly, else 0.
    """

    input_tokens: Number
    output_tokens: Number
    batch: Number
    gpus: Number
    weight_bytes: Number
    cached_tokens: Number = 0.0
    pipeline: Number = 1.0
    kv_ratio: Number = 1.0
    dequantised: Number = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """One number a mechanism: seconds at peak per request, or the coefficient on them."""

    prefill: Number
    weights: Number
    cache: Number
    compute: Number
    layers: Number
    dequantise: Number
    tokens: Number


def share_of_experts(arch: Architecture, batch: Number) -> Number:
    """Share of the parameters that a step of ``batch`` tokens reads [0-1].

    Each token picks ``experts_active`` of ``experts_total``, so a batch reaches
    1-(1-k/n)^B of the experts. Where experts are unknown the active share stands in.
    """
    known = np.asarray(arch.experts_total) > 0
    picked = np.where(known, arch.experts_active / np.maximum(arch.experts_total, 1.0), 0.0)
    share = np.where(known, arch.expert_share, 1.0)
    picked = np.where(known, picked, np.asarray(arch.active_params) / arch.total_params)
    reached = 1.0 - (1.0 - np.minimum(picked, 1.0)) ** np.maximum(batch, 1.0)
    return (1.0 - share) + share * reached


def context_bytes(arch: Architecture, tokens: Number, kv_ratio: Number) -> Number:
    """Cache and state that one request of ``tokens`` context holds [B]."""
    seen = np.minimum(tokens, np.where(np.asarray(arch.window_tokens) > 0, arch.window_tokens, tokens))
    cached = arch.kv_bytes * kv_ratio * ((1.0 - arch.window_share) * tokens + arch.window_share * seen)
    return cached + arch.state_bytes


def times(arch: Architecture, gpu: Gpu, load: Load) -> Terms:
    """GPU-seconds at peak that one request needs, by mechanism [s]."""
    out = load.output_tokens
    fresh = np.maximum(load.input_tokens - load.cached_tokens, 0.0)
    micro = np.maximum(load.batch / load.pipeline, 1.0)
    read = load.weight_bytes * arch.total_params * share_of_experts(arch, micro) * load.pipeline
    context = load.input_tokens + out / 2.0
    step = out * load.gpus * arch.layers / np.maximum(load.batch, 1.0)
    return Terms(
        prefill=2.0 * arch.active_params * fresh / gpu.flops,
        weights=out * read / (gpu.bandwidth_b_s * np.maximum(load.batch, 1.0)),
        cache=out * context_bytes(arch, context, load.kv_ratio) / gpu.bandwidth_b_s,
        compute=2.0 * arch.active_params * out / gpu.flops,
        layers=step,
        dequantise=step * load.dequantised,
        tokens=out * load.gpus,
    )


def weighted(terms: Terms, coefficients: Terms) -> tuple[Number, Number]:
    """Prefill and decode: the terms, each times its coefficient [s]."""
    parts = {f.name: getattr(terms, f.name) * getattr(coefficients, f.name) for f in fields(Terms)}
    prefill = parts.pop("prefill")
    return prefill, sum(parts.values())


def room(arch: Architecture, gpu: Gpu, load: Load, usable: Number) -> Number:
    """Requests whose context fits beside the weights; ``usable``: share of memory to fill."""
    free = usable * gpu.memory_b * load.gpus - arch.total_params * load.weight_bytes
    held = context_bytes(arch, load.input_tokens + load.output_tokens, load.kv_ratio)
    return np.floor(np.maximum(free, 0.0) / np.maximum(held, 1.0))


def by_size(total_params: Number, active_params: Number, fit: tuple[Number, Number, Number]) -> Number:
    """A property of a model known by its size alone: exp(a)·(P/1e9)^b·(active share)^c."""
    a, b, c = fit
    share = np.asarray(active_params) / total_params
    return np.exp(a) * (np.asarray(total_params) / 1e9) ** b * share**c
