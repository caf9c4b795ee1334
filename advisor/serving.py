"""What one request costs in energy and GPU time, on hardware given or unknown.

``serve`` answers for generative models, ``encode`` for models that only read. Both give
IT energy before the data centre's overhead; ``accounting`` adds that.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from advisor.case import Case
from advisor.draws import Array
from advisor.errors import unknown
from advisor.estimate import inference
from advisor.estimate.inference import Architecture, Gpu, Load, Terms
from advisor.hardware import architecture, gpu, published

Number = float | Array
REFERENCE_GPU = "h100_sxm"
J_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Tokens of a request; ``cached_tokens`` of the input are a prefix computed before."""

    input_tokens: Number
    output_tokens: Number
    cached_tokens: Number = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """How a model runs; what is None is unknown and drawn from managed-service ranges.

    ``batch``: requests at once; ``precision``: a row of the catalogue's precisions;
    ``utilisation``: share of the replica's time spent serving [0-1].
    """

    gpu: str | None = None
    gpu_count: int | None = None
    batch: Number | None = None
    precision: str | None = None
    utilisation: Number | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """One request, as draws: IT energy [kWh], GPU time [s] and latency [s]."""

    work_kwh: Array
    idle_kwh: Array
    host_kwh: Array
    prefill_kwh: Array
    decode_kwh: Array
    gpu_seconds: Array
    busy_gpu_seconds: Array
    gpu: str
    first_token_s: Array
    per_token_s: Array
    warnings: tuple[str, ...] = ()

    @property
    def energy_kwh(self) -> Array:
        """All IT energy: GPUs at work, GPUs idle, host [kWh]."""
        return self.work_kwh + self.idle_kwh + self.host_kwh


def serve(case: Case, model: str, shape: Shape, serving: Serving = Serving()) -> Served:
    """Energy and time of one request. Raises UnknownNameError for an unknown model or GPU."""
    served = _estimated(case, model, shape, serving)
    own = case.scenario.measurements.wh_per_request.get(model)
    if own is None:
        return served
    workload = case.scenario.workload
    reference = Shape(workload.input_tokens, workload.output_tokens)
    low, high = own.low or own.wh, own.high or own.wh
    z = case.draws.normal(f"measurements.{model}")
    spread = np.where(z < 0, own.wh / low, high / own.wh) ** (z / 1.2815515655446004)
    estimate = _estimated(case, model, reference, serving)
    boundary = (
        estimate.work_kwh + estimate.idle_kwh + (estimate.host_kwh if own.boundary == "server" else 0.0)
    )
    k = own.wh / 1000.0 * spread / boundary
    scaled = {f.name: getattr(served, f.name) * k for f in fields(Served) if f.name.endswith("_kwh")}
    return replace(served, **scaled)


def _estimated(case: Case, model: str, shape: Shape, serving: Serving) -> Served:
    managed = serving.gpu is None
    key = serving.gpu or REFERENCE_GPU
    precision = serving.precision or ("fp8" if managed else "bf16")
    arch, card = architecture(case, model), gpu(case, key, precision)
    weight_bytes = (
        case.draw("managed.weight_bytes", "B/param")
        if managed and serving.precision is None
        else case.draw(f"precisions.{precision}.weight_bytes", "B/param")
    )
    gpus = _gpus(case, arch, card, weight_bytes, serving)
    busy = (
        serving.utilisation if serving.utilisation is not None else case.draw("managed.busy_share", "ratio")
    )
    load = Load(
        shape.input_tokens, shape.output_tokens, 1.0, gpus, weight_bytes, shape.cached_tokens,
        dequantised=1.0 if precision == "fp8" and _mixture(case, model) else 0.0,
    )  # fmt: skip
    room = inference.room(arch, card, load, case.draw("serving.memory_share", "ratio"))
    batch = np.minimum(_batch(case, model, serving), np.maximum(room, 1.0))
    load = replace(load, batch=batch)
    times = inference.times(arch, card, load)
    residual = np.exp(
        case.draws.normal("energy_model.residual") * case.central("energy_model.residual", "ratio")
    )
    hardware = case.draw("managed.hardware", "ratio") if managed else 1.0
    prefill, decode = (
        part * card.tdp_w * residual * hardware / J_PER_KWH
        for part in inference.weighted(times, _coefficients(case, "energy_model"))
    )
    prefill_s, decode_s = inference.weighted(times, _coefficients(case, "gpu_time"))
    busy_s = prefill_s + decode_s
    all_s = busy_s / np.maximum(busy, 1e-3)
    step = decode_s * batch / (gpus * np.maximum(shape.output_tokens, 1.0))
    full = np.broadcast_to
    n = (case.size,)
    return Served(
        work_kwh=full(prefill + decode, n),
        idle_kwh=full((all_s - busy_s) * case.draw(f"gpus.{key}.loaded_idle", "W") / J_PER_KWH, n),
        host_kwh=full(all_s * case.draw("host.power_per_gpu", "W") / J_PER_KWH, n),
        prefill_kwh=full(prefill, n),
        decode_kwh=full(decode, n),
        gpu_seconds=full(all_s, n),
        busy_gpu_seconds=full(busy_s, n),
        gpu=key,
        first_token_s=full(prefill_s / gpus + step, n),
        per_token_s=full(step, n),
        warnings=() if published(case, model) else ("architecture unpublished",),
    )


def _mixture(case: Case, model: str) -> bool:
    return f"models.{model}.experts_total" in case


def _coefficients(case: Case, name: str) -> Terms:
    unit = {"layers": "s", "dequantise": "s", "tokens": "s"}
    return Terms(*(case.draw(f"{name}.{f.name}", unit.get(f.name, "ratio")) for f in fields(Terms)))


def _batch(case: Case, model: str, serving: Serving) -> Number:
    if serving.batch is not None:
        return serving.batch
    popular = not case.catalogue.row("models", model).get("open_weights", False)
    return case.draw(f"managed.batch.{'popular' if popular else 'long_tail'}", "item")


def _gpus(case: Case, arch: Architecture, card: Gpu, weight_bytes: Number, serving: Serving) -> Number:
    if serving.gpu_count is not None:
        return float(serving.gpu_count)
    weights = arch.total_params * weight_bytes
    need = weights / (card.memory_b * case.draw("managed.memory_share", "ratio"))
    count: Array = 2.0 ** np.ceil(np.log2(np.maximum(need, 1.0)))
    return count


def max_batch(
    case: Case, model: str, gpu_key: str, gpu_count: int, precision: str, context_tokens: float
) -> int:
    """Requests of ``context_tokens`` that fit at once beside all weights; 0: it does not fit."""
    arch, card = architecture(case, model), gpu(case, gpu_key, precision)
    weight = case.central(f"precisions.{precision}.weight_bytes", "B/param")
    load = Load(context_tokens, 0.0, 1.0, float(gpu_count), weight)
    return int(np.median(inference.room(arch, card, load, case.central("serving.memory_share", "ratio"))))


def fits(case: Case, model: str, gpu_key: str, gpu_count: int, precision: str, context_tokens: float) -> bool:
    """Whether the model and one request of ``context_tokens`` fit in memory."""
    return max_batch(case, model, gpu_key, gpu_count, precision, context_tokens) >= 1


def min_gpus(case: Case, model: str, gpu_key: str, precision: str, context_tokens: float) -> int | None:
    """The fewest GPUs (1, 2, 4, 8 or 16) the model fits on; None: not on one or two servers."""
    for count in (1, 2, 4, 8, 16):
        if fits(case, model, gpu_key, count, precision, context_tokens):
            return count
    return None


READERS = ("encoders", "embedders", "rerankers")


def encode(
    case: Case,
    encoder: str,
    tokens: Number,
    *,
    calls: Number = 1.0,
    batched: bool = False,
    gpu_key: str = "l4",
    utilisation: Number | None = None,
) -> Served:
    """Energy of reading ``tokens`` in ``calls`` calls with a model that does not generate.

    ``encoder``: a row of encoders, embedders or rerankers. A reranker takes ``calls`` as
    passages. ``batched``: calls share full batches, as when indexing. Raises UnknownNameError.
    """
    table = next((t for t in READERS if encoder in case.catalogue.keys(t)), None)
    if table is None:
        raise unknown("encoder", encoder, (key for t in READERS for key in case.catalogue.keys(t)))
    name = f"{table}.{encoder}"
    if table == "rerankers":
        work = calls * case.draw(f"{name}.energy_per_passage", "kWh/item")
    else:
        work = tokens * case.draw(f"{name}.energy_per_ktok", "kWh/tok")
        work = work + (0.0 if batched else calls * case.draw(f"{name}.energy_per_call", "kWh"))
    work = np.broadcast_to(work, (case.size,))
    busy = utilisation if utilisation is not None else case.draw("managed.busy_share", "ratio")
    busy_s = (
        work * J_PER_KWH / (case.draw(f"gpus.{gpu_key}.tdp", "W") * case.draw("encoder.power_share", "ratio"))
    )
    all_s = busy_s / np.maximum(busy, 1e-3)
    zero = np.zeros(case.size)
    return Served(
        work_kwh=work,
        idle_kwh=(all_s - busy_s) * case.draw(f"gpus.{gpu_key}.loaded_idle", "W") / J_PER_KWH,
        host_kwh=all_s * case.draw("encoder.host_power", "W") / J_PER_KWH,
        prefill_kwh=work,
        decode_kwh=zero,
        gpu_seconds=all_s,
        busy_gpu_seconds=busy_s,
        gpu=gpu_key,
        first_token_s=busy_s,
        per_token_s=zero,
    )
