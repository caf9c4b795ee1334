"""What runs: a model's architecture and a GPU or device, looked up and drawn for a case."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import unknown
from advisor.core.saying import say
from advisor.estimate.chassis import Chassis
from advisor.estimate.inference import Architecture, Gpu, Number
from advisor.estimate.structure import by_size, experts_by_size
from advisor.system.case import Case
from advisor.system.energy_model import fit_by_size
from advisor.system.open_model import OpenModel

REFERENCE = "bf16"  # the format every GPU computes in


def architecture(case: Case, model: str | OpenModel) -> Architecture:
    """The structure of a model, drawn; what is unpublished follows from its size.

    Raises UnknownNameError for a model whose size nobody states.
    """
    if isinstance(model, OpenModel):
        return model.architecture()
    return case.remember(_architecture, model)


def _architecture(case: Case, model: str) -> Architecture:
    name = f"models.{model}"
    if f"{name}.total_params" not in case:
        sized = [key for key in case.catalogue.keys("models") if f"models.{key}.total_params" in case]
        raise unknown(say("model of known size"), model, sized)
    total = case.draw(f"{name}.total_params", "param")
    active = total
    if f"{name}.active_params" in case:
        active = np.minimum(case.draw(f"{name}.active_params", "param"), total)
    experts, routed = _experts(case, name, total, active)
    return Architecture(
        total_params=total,
        active_params=active,
        layers=_known(case, f"{name}.layers", "item", by_size(total, active, _fit(case, "layers"))),
        kv_bytes=_known(
            case, f"{name}.kv_bytes_per_token", "B/tok", by_size(total, active, _fit(case, "kv_bytes"))
        ),
        state_bytes=_known(case, f"{name}.state_bytes", "B", 0.0),
        expert_params=experts,
        routed=routed,
        window_share=_known(case, f"{name}.window_share", "ratio", 0.0),
        window_tokens=_known(case, f"{name}.window_tokens", "tok", 0.0),
    )


def _known(case: Case, name: str, unit: str, otherwise: Number) -> Number:
    return case.draw(name, unit) if name in case else otherwise


def _fit(case: Case, what: str) -> tuple[float, float, float]:
    for part in ("scale", "size", "active_share"):
        case.central(f"architecture.{what}.{part}", "ratio")
    return fit_by_size(case.catalogue, what)


def _experts(case: Case, name: str, total: Array, active: Array) -> tuple[Number, Number]:
    parts = [f"{name}.{part}" for part in ("experts_active", "experts_total", "expert_share")]
    if all(part in case for part in parts):
        used, of, share = (case.draw(part, unit) for part, unit in zip(parts, UNITS, strict=True))
        return share * total, used / of
    return experts_by_size(
        total, active,
        case.draw("architecture.routed_share", "ratio"), case.central("architecture.dense_above", "ratio"),
    )  # fmt: skip


UNITS = ("item", "item", "ratio")


def published(case: Case, model: str | OpenModel) -> bool:
    """Whether a model's layers and cache size are known."""
    return isinstance(model, OpenModel) or all(
        f"models.{model}.{part}" in case for part in ("layers", "kv_bytes_per_token")
    )


def gpu(case: Case, key: str, precision: str) -> Gpu:
    """A GPU or a device computing in ``precision``. Raises UnknownNameError for unknown names."""
    return case.remember(_gpu, key, precision)


def _gpu(case: Case, key: str, precision: str) -> Gpu:
    table = table_of(case, key)
    name = f"{table}.{key}"
    tdp = case.draw(f"{name}.tdp", "W")
    peak = case.draw(f"{name}.{REFERENCE}", "FLOP/s")
    own = computes_in(case, key, precision)
    if own:
        peak = peak * case.draw(f"precisions.{precision}.compute_gain", "ratio")
    return Gpu(
        tdp_w=tdp,
        memory_b=case.draw(f"{name}.memory", "B") * _known(case, f"{name}.memory_share", "ratio", 1.0),
        bandwidth_b_s=case.draw(f"{name}.bandwidth", "B/s"),
        flops=peak,
        limit_w=tdp,
        floor=case.central(f"precisions.{precision if own else REFERENCE}.kernel_floor", "ratio"),
    )


def chassis(case: Case, key: str) -> Chassis:
    """The server around a GPU, drawn. Raises UnknownNameError for unknown names."""
    return case.remember(_chassis, str(case.catalogue.row("gpus", key)["chassis"]))


def _chassis(case: Case, kind: str) -> Chassis:
    def of(column: str, unit: str) -> Array:
        return case.draw(f"chassis.{kind}.{column}", unit)

    return Chassis(
        of("gpus", "item"), of("fixed", "W"), of("network", "W"), of("fans", "W"), of("least_fan", "ratio"),
        of("most_fan", "ratio"), of("full", "W"), of("capacity", "W"),
        case.series("chassis.supply.load"), case.series("chassis.supply.efficiency"),
    )  # fmt: skip


def table_of(case: Case, key: str) -> str:
    """``gpus`` or ``devices``, wherever ``key`` stands. Raises UnknownNameError."""
    tables = case.catalogue.tables
    for table in ("gpus", "devices"):
        if key in tables[table]:
            return table
    raise unknown(say("GPU or device"), key, [*tables["gpus"], *tables["devices"]])


def computes_in(case: Case, key: str, precision: str) -> bool:
    """Whether a GPU has arithmetic of its own for a precision below 16 bit."""
    kind = str(case.catalogue.row("precisions", precision)["compute"])
    return kind != REFERENCE and f"{table_of(case, key)}.{key}.{kind}" in case
