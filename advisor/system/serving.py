"""What one request costs in energy and GPU time, on hardware given or unknown.

``serve`` answers for generative models, ``encode`` for models that only read. Both give
IT energy before the data centre's overhead; ``footprints`` adds that.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.errors import unknown
from advisor.core.saying import say
from advisor.estimate import hosting, inference
from advisor.estimate.chassis import overhead_w
from advisor.estimate.inference import Architecture, Gpu, Load
from advisor.estimate.structure import longest_context
from advisor.scenario.own import Energy
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.energy_model import drawn_model, family_effects, family_of
from advisor.system.hardware import architecture, chassis, gpu, published, table_of
from advisor.system.open_model import OpenModel
from advisor.system.own_measured import own_measurement, spread_of
from advisor.system.shape import Number, Shape

REFERENCE_GPU = "h100_sxm"  # stands for a managed service's unknown hardware
J_PER_KWH = 3.6e6
BYTES_PER_GB = 1e9
Model = str | OpenModel  # a row of the catalogue's models, or what a config.json tells
COUNTS = (1, 2, 4, 8, 16)  # GPUs a replica runs on: parts of a server, one, or two


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """How a model runs; what is None is unknown and drawn from managed-service ranges.

    ``batch``: requests at once; ``precision``: a row of the catalogue's precisions;
    ``utilisation``: share of the replica's time spent serving [0-1]; ``mode``: the way it is deployed,
    which an own measurement may name; ``fill``: share of its throughput that a replica of unknown batch
    is used at [0-1].
    """

    gpu: str | None = None
    gpu_count: int | None = None
    batch: Number | None = None
    precision: str | None = None
    utilisation: Number | None = None
    mode: str | None = None
    fill: float = 1.0


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


def serve(case: Case, model: Model, shape: Shape, serving: Serving = Serving()) -> Served:
    """Energy and time of one request. Raises UnknownNameError for an unknown model or GPU.

    A measurement of the user's own wins: it sets the level for the scenario's request, and
    the model carries it to requests of other shapes.
    """
    served = _estimated(case, model, shape, serving)
    whose = "managed" if serving.gpu is None else "own"
    own = own_measurement(case, name_of(model), whose, serving.mode)
    if own is None:
        return served
    level = _estimated(case, model, requests.as_today(case, name_of(model)), serving)
    return _at_level(case, name_of(model), own, served, level)


def name_of(model: Model) -> str:
    """What a model is called."""
    return model if isinstance(model, str) else model.name


def _at_level(case: Case, name: str, own: Energy, served: Served, level: Served) -> Served:
    """``served`` with all energy scaled so that ``level`` takes what was measured."""
    bounded = level.work_kwh + (level.idle_kwh + level.host_kwh if own.boundary == "server" else 0.0)
    measured = spread_of(case, name, own.wh, own.low, own.high) / 1000.0
    scaled = {
        f.name: getattr(served, f.name) * measured / bounded for f in fields(Served) if _is_energy(f.name)
    }
    return replace(served, **scaled, warnings=())


def _is_energy(name: str) -> bool:
    return name.endswith("_kwh")


def _estimated(case: Case, model: Model, shape: Shape, serving: Serving) -> Served:
    managed = serving.gpu is None
    key = serving.gpu or REFERENCE_GPU
    precision = serving.precision or ("fp8" if managed else "bf16")
    arch, card = architecture(case, model), gpu(case, key, precision)
    load = _load(case, model, shape, serving, arch, card, key, precision)
    found = inference.estimate(arch, card, load, drawn_model(case))
    provider: Number = case.draw("managed.efficiency", "ratio") if managed else 1.0
    factor = unexplained(case, model, key) * provider
    prefill_s, decode_s = found.prefill_s * provider, found.decode_s * provider
    busy = case.draw("managed.busy_share", "ratio") if serving.utilisation is None else serving.utilisation
    busy_s = prefill_s + decode_s
    held_s = busy_s / busy
    step_s = decode_s * load.batch / (load.gpus * np.maximum(shape.output_tokens, 1.0))
    idle_w, beside_w = standing_power(case, key)
    host_j = host_power_w(case, key, found.energy_j / found.gpu_s) * busy_s
    host_j = host_j + beside_w * (held_s - busy_s)
    n = np.zeros(case.size)
    prefill, decode = found.prefill_j * factor / J_PER_KWH + n, found.decode_j * factor / J_PER_KWH + n
    return Served(
        work_kwh=prefill + decode,
        idle_kwh=(1.0 - busy) * held_s * idle_w / J_PER_KWH + n,
        host_kwh=host_j / J_PER_KWH + n,
        prefill_kwh=prefill,
        decode_kwh=decode,
        gpu_seconds=held_s + n,
        busy_gpu_seconds=prefill_s + decode_s + n,
        gpu=key,
        first_token_s=prefill_s / load.gpus + step_s + n,
        per_token_s=step_s + n,
        warnings=_warnings(case, model, key, shape),
    )


def _load(
    case: Case, model: Model, shape: Shape, serving: Serving,
    arch: Architecture, card: Gpu, key: str, precision: str,
) -> Load:  # fmt: skip
    """The replica that serves the request; what is unknown is drawn, memory caps the batch."""
    weight_bytes: Number
    if isinstance(model, OpenModel) and model.weight_bytes and serving.precision is None:
        weight_bytes = model.weight_bytes
    elif serving.gpu is None and serving.precision is None:
        weight_bytes = case.draw("managed.weight_bytes", "B/param")
    else:
        weight_bytes = case.draw(f"precisions.{precision}.weight_bytes", "B/param")
    if serving.gpu_count is not None:
        gpus: Number = float(serving.gpu_count)
    else:
        gpus = _count(case, arch, card, weight_bytes)
    load = Load(
        shape.input_tokens, shape.output_tokens, 1.0, gpus, weight_bytes, shape.cached_tokens
    )  # fmt: skip
    fits = inference.room(arch, card, load, case.draw("serving.memory_share", "ratio"))
    wanted = serving.batch
    if wanted is None:
        wanted = hosting.batch_at(_usual_batch(case, model), serving.fill)
    return replace(load, batch=np.minimum(wanted, np.maximum(fits, 1.0)))


def _usual_batch(case: Case, model: Model) -> Array:
    if isinstance(model, OpenModel):
        return case.draw("managed.batch.long_tail", "item")
    row = case.catalogue.row("models", model)
    pooled = any(str(kind).startswith("maas") for kind in row.get("deployments") or [])
    if not row.get("open_weights", False):
        return case.draw("managed.batch.popular", "item")
    return case.draw(f"managed.batch.{'open' if pooled else 'long_tail'}", "item")


def _count(case: Case, arch: Architecture, card: Gpu, weight_bytes: Number) -> Array:
    """GPUs of an unknown replica: weights fill a drawn share of its memory, in powers of two."""
    need = arch.total_params * weight_bytes / (card.memory_b * case.draw("managed.memory_share", "ratio"))
    count: Array = 2.0 ** np.ceil(np.log2(np.maximum(need, 1.0)))
    return count


def unexplained(case: Case, model: Model, key: str) -> Array:
    """What measured runs scatter around the model [ratio], one draw a model, wider for the unknown."""
    return case.remember(_scatter, model, key)


def _scatter(case: Case, model: Model, key: str) -> Array:
    """A family that was fitted takes its own effect; whoever runs it is another laboratory."""
    name = name_of(model)
    family = family_of(name, case.catalogue)
    unknown = {
        "residual": True, "residual_laboratory": True, "residual_family": family is None,
        "residual_architecture": not published(case, model), "residual_gpu": not _fitted_on(case, key),
    }  # fmt: skip
    variance = sum(case.central(f"energy_model.{part}", "ratio") ** 2 for part, on in unknown.items() if on)
    effect = family_effects(case.catalogue).get(family or "", 0.0)
    scatter: Array = np.exp(effect + np.sqrt(variance) * case.draws.normal(f"energy_model.residual.{name}"))
    return scatter


def _fitted_on(case: Case, key: str) -> bool:
    return key in case.catalogue.row("energy_fit", "shipped")["gpus"]


@remembered
def standing_power(case: Case, key: str) -> tuple[Number, Number]:
    """Power of an idle GPU that holds a model, and of the host beside it then [W]."""
    idle_w = idle_power_w(case, key)
    return idle_w, host_power_w(case, key, idle_w)


def idle_power_w(case: Case, key: str) -> Array:
    """Power of an idle GPU or device that holds a model [W]; a device's is all its own."""
    column = "devices.%s.idle" if table_of(case, key) == "devices" else "gpus.%s.loaded_idle"
    return case.draw(column % key, "W")


def host_power_w(case: Case, key: str, gpu_w: Number) -> Number:
    """What the server takes beside each GPU while that draws ``gpu_w`` [W]; nothing in a device.

    The chassis of the GPU's class gives it; how far measured servers differ from their chassis
    is the range of ``host.power_per_gpu`` around its centre.
    """
    if table_of(case, key) == "devices":
        return 0.0
    return overhead_w(chassis(case, key), gpu_w) * _usual_host(case)


@remembered
def _usual_host(case: Case) -> Array:
    """How far servers differ from what their chassis gives, around one [ratio]."""
    per_gpu = case.draw("host.power_per_gpu", "W")
    return per_gpu / case.catalogue.coefficients["host.power_per_gpu"].to("W").central


def _warnings(case: Case, model: Model, key: str, shape: Shape) -> tuple[str, ...]:
    """Bounds of validity this estimate leaves."""
    told = []
    if not published(case, model):
        told.append(say("{model}: architecture unpublished, inferred from its size", model=name_of(model)))
    if not _fitted_on(case, key):
        told.append(
            say("{gpu}: no measured run behind the estimate, carried over by its data sheet", gpu=key)
        )
    if np.max(shape.input_tokens) > case.central("serving.longest_measured", "tok"):
        told.append(say("a longer prompt than any measured run: attention by theory alone"))
    return tuple(told)


def max_batch(
    case: Case, model: Model, gpu_key: str, gpu_count: int, precision: str, context_tokens: float
) -> int:
    """Requests of ``context_tokens`` that fit at once beside all weights; 0: it does not fit."""
    arch, card = architecture(case, model), gpu(case, gpu_key, precision)
    weight = case.central(f"precisions.{precision}.weight_bytes", "B/param")
    load = Load(context_tokens, 0.0, 1.0, float(gpu_count), weight)
    return int(central(inference.room(arch, card, load, case.central("serving.memory_share", "ratio"))))


def fits(
    case: Case, model: Model, gpu_key: str, gpu_count: int, precision: str, context_tokens: float
) -> bool:
    """Whether the model and one request of ``context_tokens`` fit in memory."""
    return max_batch(case, model, gpu_key, gpu_count, precision, context_tokens) >= 1


def min_gpus(case: Case, model: Model, gpu_key: str, precision: str, context_tokens: float) -> int | None:
    """The fewest GPUs (1, 2, 4, 8 or 16) the model fits on; None: not on one or two servers."""
    counts = (count for count in COUNTS if fits(case, model, gpu_key, count, precision, context_tokens))
    return next(counts, None)


READERS = ("encoders", "embedders", "rerankers")


def encode(
    case: Case,
    encoder: str,
    tokens: Number,
    *,
    calls: Number = 1.0,
    batched: bool = False,
    gpu_key: str = REFERENCE_GPU,
    utilisation: Number | None = None,
    mode: str | None = None,
) -> Served:
    """Energy of reading ``tokens`` in ``calls`` calls with a model that does not generate.

    ``encoder``: a row of encoders, embedders or rerankers. A reranker takes ``calls`` as
    passages. ``batched``: calls share full batches, as when indexing. A measurement of the
    user's own, in this ``mode`` where it names one, sets the level for one call that reads the scenario's
    request. Raises UnknownNameError.

    Where no card is named it is the one that stands for a service's unknown hardware: joules, seconds and the
    server beside it are then of one class.

    A call alone takes what a call takes or what its tokens take, whichever is more: at batch 1 a GPU waits
    for its kernels and for the weights, and the arithmetic of a short text is done in that time.
    """
    read = _read(case, encoder, tokens, calls, batched, gpu_key, utilisation)
    own = own_measurement(case, encoder, "own", mode)
    if own is None:
        return read
    level = _read(case, encoder, case.scenario.workload.input_tokens, 1.0, False, gpu_key, utilisation)
    return _at_level(case, encoder, own, read, level)


def _read(
    case: Case, encoder: str, tokens: Number, calls: Number, batched: bool, gpu_key: str,
    utilisation: Number | None,
) -> Served:  # fmt: skip
    table = next((t for t in READERS if encoder in case.catalogue.keys(t)), None)
    if table is None:
        raise unknown("encoder", encoder, (key for t in READERS for key in case.catalogue.keys(t)))
    name = f"{table}.{encoder}"
    if table == "rerankers":
        work = calls * case.draw(f"{name}.energy_per_passage", "kWh/item")
    else:
        work = tokens * case.draw(f"{name}.energy_per_ktok", "kWh/tok")
        if not batched:
            work = np.maximum(work, calls * case.draw(f"{name}.energy_per_call", "kWh"))
    work = np.broadcast_to(work, (case.size,))
    busy = utilisation if utilisation is not None else case.draw("managed.busy_share", "ratio")
    busy_s = (
        work * J_PER_KWH / (case.draw(f"gpus.{gpu_key}.tdp", "W") * case.draw("encoder.power_share", "ratio"))
    )
    all_s = busy_s / busy
    idle_w = idle_power_w(case, gpu_key)
    host_j = host_power_w(case, gpu_key, work * J_PER_KWH / np.maximum(busy_s, np.finfo(float).tiny)) * busy_s
    host_j = host_j + host_power_w(case, gpu_key, idle_w) * (all_s - busy_s)
    zero = np.zeros(case.size)
    return Served(
        work_kwh=work,
        idle_kwh=(all_s - busy_s) * idle_w / J_PER_KWH,
        host_kwh=host_j / J_PER_KWH + zero,
        prefill_kwh=work,
        decode_kwh=zero,
        gpu_seconds=all_s,
        busy_gpu_seconds=busy_s,
        gpu=gpu_key,
        first_token_s=busy_s,
        per_token_s=zero,
    )


@dataclass(frozen=True, slots=True)
class Start:
    """Whether a model starts on some GPUs, and what fits beside its weights.

    ``weights_gb`` of all ``memory_gb`` that may be filled; ``longest_context`` of one request alone
    [tok], by memory and what the model was trained to read; ``requests`` of the context asked.
    """

    starts: bool
    weights_gb: float
    memory_gb: float
    longest_context: float
    requests: int


def start(
    case: Case, model: Model, gpu_key: str, gpu_count: int, precision: str, context_tokens: float
) -> Start:
    """Will it start: weights, one request of ``context_tokens``, and how long one could be.

    Raises UnknownNameError.
    """
    arch, card = architecture(case, model), gpu(case, gpu_key, precision)
    weight = case.central(f"precisions.{precision}.weight_bytes", "B/param")
    share = case.central("serving.memory_share", "ratio")
    filled = float(np.median(card.memory_b)) * gpu_count * share
    weights = float(np.median(arch.total_params)) * weight
    parts = (arch.kv_bytes, arch.state_bytes, arch.window_share, arch.window_tokens)
    longest = longest_context(filled - weights, *(float(np.median(part)) for part in parts))
    if isinstance(model, OpenModel):
        trained = model.context_tokens
    else:
        known = f"models.{model}.context_tokens"
        trained = case.central(known, "tok") if known in case else 0.0
    requests = max_batch(case, model, gpu_key, gpu_count, precision, context_tokens)
    return Start(
        requests >= 1, weights / BYTES_PER_GB, filled / BYTES_PER_GB,
        min(longest, trained) if trained else longest, requests,
    )  # fmt: skip
