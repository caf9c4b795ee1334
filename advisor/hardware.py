"""What runs: a model's architecture and a GPU, looked up and drawn for a case."""

from __future__ import annotations

import numpy as np

from advisor.case import Case
from advisor.draws import Array
from advisor.errors import unknown
from advisor.estimate.inference import Architecture, Gpu, by_size

PARAM, BYTES = "param", "B"


def architecture(case: Case, model: str) -> Architecture:
    """The structure of a model, drawn; what is unpublished follows from its size.

    Raises UnknownNameError for a model without parameter counts.
    """
    name = f"models.{model}"
    if f"{name}.total_params" not in case:
        raise unknown("model with a known size", model, case.catalogue.keys("models"))
    total = case.draw(f"{name}.total_params", PARAM)
    active = total
    if f"{name}.active_params" in case:
        active = np.minimum(case.draw(f"{name}.active_params", PARAM), total)

    def known(column: str, unit: str) -> Array | float:
        return case.draw(f"{name}.{column}", unit) if f"{name}.{column}" in case else 0.0

    layers, kv = known("layers", "item"), known("kv_bytes_per_token", "B/tok")
    if np.ndim(layers) == 0:
        layers = by_size(total, active, _fit(case, "layers"))
    if np.ndim(kv) == 0:
        kv = by_size(total, active, _fit(case, "kv_bytes"))
    return Architecture(
        total, active, layers, kv,
        state_bytes=known("state_bytes", BYTES),
        experts_active=known("experts_active", "item"),
        experts_total=known("experts_total", "item"),
        expert_share=known("expert_share", "ratio"),
        window_share=known("window_share", "ratio"),
        window_tokens=known("window_tokens", "tok"),
    )  # fmt: skip


def published(case: Case, model: str) -> bool:
    """Whether a model's layers and cache size are known."""
    return all(f"models.{model}.{part}" in case for part in ("layers", "kv_bytes_per_token"))


def _fit(case: Case, what: str) -> tuple[float, float, float]:
    parts = (f"architecture.{what}.{part}" for part in ("scale", "size", "active_share"))
    a, b, c = (case.central(part, "ratio") for part in parts)
    return a, b, c


def gpu(case: Case, key: str, precision: str) -> Gpu:
    """A GPU of the catalogue computing in ``precision``. Raises UnknownNameError."""
    case.catalogue.row("gpus", key)
    rate = f"gpus.{key}.{case.catalogue.row('precisions', precision)['compute']}"
    return Gpu(
        tdp_w=case.draw(f"gpus.{key}.tdp", "W"),
        memory_b=case.draw(f"gpus.{key}.memory", "B"),
        bandwidth_b_s=case.draw(f"gpus.{key}.bandwidth", "B/s"),
        flops=case.draw(rate if rate in case else f"gpus.{key}.bf16", "FLOP/s"),
    )
