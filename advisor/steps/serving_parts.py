"""What serving costs under the reference deployment, as parts of a footprint.

The third step settles how requests are really served; until then the first two compare options
on the same footing: a managed service where there is one, else machines of one's own that run day
and night, else the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import caching
from advisor.estimate.cost import by_token
from advisor.estimate.inference import context_bytes
from advisor.steps.placement import Reference, reference
from advisor.system import accounting
from advisor.system.accounting import Place
from advisor.system.case import Case
from advisor.system.hardware import architecture
from advisor.system.serving import Served, Serving, Shape, fits, serve

HOURS_PER_MONTH = 8760.0 / 12.0
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86_400.0
J_PER_KWH = 3.6e6
W_PER_KW = 1000.0
ON_DEVICE = "int4"  # what runtimes on devices run


@dataclass(frozen=True, slots=True)
class Machine:
    """The smallest machine a model fits on."""

    key: str
    gpu: str
    count: int
    precision: str


def place(case: Case, spec: str) -> Place:
    """A place, worked out once a case."""
    return case.remember(("place", spec), lambda: accounting.place(case, spec))


def kept_prefix(case: Case, cached_tokens: float | Array) -> Array:
    """Tokens of a repeated prefix that a service's prompt cache really holds [tok]."""
    kept = caching.prefix_tokens(
        cached_tokens, case.central("cache.prefix_minimum", "tok"), case.central("cache.prefix_step", "tok")
    )
    alive = caching.prefix_alive(
        case.workload.mean_per_day / SECONDS_PER_DAY, case.draw("cache.prefix_keep", "s")
    )
    return np.asarray(kept * alive) + np.zeros(case.size)


def base_shape(case: Case, model: str | None = None) -> Shape:
    """The request before any improvement; a reasoning model writes its hidden tokens too."""
    workload = case.workload
    return Shape(
        workload.input_tokens,
        workload.output_tokens * (output_multiplier(case, model) if model else 1.0),
        kept_prefix(case, workload.cached_share * workload.input_tokens),
    )


def output_multiplier(case: Case, model: str) -> Array | float:
    """Tokens a model generates per visible one [ratio]."""
    name = f"models.{model}.output_multiplier"
    return case.draw(name, "ratio") if name in case else 1.0


def sends(case: Case) -> Array:
    """Times a request is sent, each sending failing at the retry rate [ratio]."""
    return 1.0 / (1.0 - case.workload.retry_rate)


def served_parts(case: Case, model: str, shape: Shape) -> Parts:
    """Serving one model under its reference, retries included."""
    used = reference(case, model)
    if used.kind == "device":
        return _device(case, model, shape)
    if used.kind == "machine":
        return _machine(case, model, shape, used)
    request = serve(case, model, shape)
    footprint = accounting.served(case, request, place(case, used.place))
    footprint = footprint.with_cost(token_price(case, model, used.offer, shape)) * sends(case)
    return Parts(case.nothing(), case.nothing(), footprint)


def token_price(case: Case, model: str, offer: str, shape: Shape) -> Array | float:
    """Price of one request by its tokens [USD]; zero where no price is known (a gate says so)."""
    name = f"prices.{model}.{offer}"
    if f"{name}.input" not in case:
        return 0.0
    fresh, out = (case.draw(f"{name}.{meter}", "USD/Mtok") for meter in ("input", "output"))
    cached = case.draw(f"{name}.cached", "USD/Mtok") if f"{name}.cached" in case else fresh
    return by_token(shape.input_tokens, shape.cached_tokens, shape.output_tokens, fresh, cached, out)


def smallest_machine(case: Case, model: str) -> Machine | None:
    """The cheapest machine that holds a model and one longest request; None: none does."""
    return case.remember(("machine", model), lambda: _smallest_machine(case, model))


def _smallest_machine(case: Case, model: str) -> Machine | None:
    context = case.scenario.quality.context_max_tokens
    params = case.central(f"models.{model}.total_params", "param")
    by_price = sorted(
        (case.catalogue.coefficient(f"machines.{key}.price").central, key)
        for key in case.catalogue.keys("machines")
        if f"machines.{key}.price" in case
    )
    for _, key in by_price:
        gpu = str(case.catalogue.row("machines", key)["gpu"])
        if f"gpus.{gpu}.bf16" not in case:
            continue
        count = int(case.catalogue.coefficient(f"machines.{key}.gpu_count").central)
        precision = "fp8" if f"gpus.{gpu}.fp8" in case else "int8"
        weights = params * case.central(f"precisions.{precision}.weight_bytes", "B/param")
        memory = case.catalogue.coefficient(f"gpus.{gpu}.memory").to("B").central * count
        # what cannot fit by its weights alone needs no closer look
        if weights < memory and fits(case, model, gpu, count, precision, context):
            return Machine(key, gpu, count, precision)
    return None


def _machine(case: Case, model: str, shape: Shape, used: Reference) -> Parts:
    machine = smallest_machine(case, model)
    if machine is None:  # nothing on sale holds it; a gate says so, the figures are those of a pool
        footprint = accounting.served(case, serve(case, model, shape), place(case, used.place))
        return Parts(case.nothing(), case.nothing(), footprint * sends(case))
    how = Serving(machine.gpu, machine.count, precision=machine.precision, utilisation=1.0)
    request = serve(case, model, shape, how)
    return machine_parts(case, machine, request, place(case, used.place))


def machine_parts(case: Case, machine: Machine, request: Served, where: Place) -> Parts:
    """Machines that run day and night: idle power monthly, the rest per request."""
    idle_w = case.draw(f"gpus.{machine.gpu}.loaded_idle", "W")
    work = request.work_kwh - request.busy_gpu_seconds * idle_w / J_PER_KWH
    peak = case.workload.mean_per_day / SECONDS_PER_DAY * case.workload.peak_to_mean * sends(case)
    replicas = np.maximum(np.ceil(peak * request.busy_gpu_seconds / machine.count), 1.0)
    per_request = accounting.electricity(case, np.maximum(work, 0.0), where) * sends(case)
    return Parts(case.nothing(), hosted(case, machine, where) * replicas, per_request)


def host_w(case: Case, gpu: str) -> Array:
    """Power of the server beside one GPU [W]; a small card shares a smaller host."""
    small = case.central(f"gpus.{gpu}.tdp", "W") < case.central("serving.small_gpu", "W")
    return case.draw("serving.host_power_small" if small else "host.power_per_gpu", "W")


def hosted(case: Case, machine: Machine, where: Place) -> Footprint:
    """One machine for a month with a model loaded and no request: energy, hardware, rent."""
    idle_w = case.draw(f"gpus.{machine.gpu}.loaded_idle", "W")
    kw = machine.count * (idle_w + host_w(case, machine.gpu)) / W_PER_KW
    seconds = machine.count * HOURS_PER_MONTH * SECONDS_PER_HOUR
    footprint = accounting.electricity(case, kw * HOURS_PER_MONTH, where)
    footprint = footprint + accounting.hardware(case, machine.gpu, seconds)
    return footprint.with_cost(case.draw(f"machines.{machine.key}.price", "USD/h") * HOURS_PER_MONTH)


def device_fits(case: Case, model: str) -> bool:
    """Whether 4-bit weights and the longest request fit the memory a device can spare."""
    device = case.scenario.constraints.device
    if device is None:
        return False
    arch = architecture(case, model)
    weights = arch.total_params * case.draw(f"precisions.{ON_DEVICE}.weight_bytes", "B/param")
    context = context_bytes(arch, case.scenario.quality.context_max_tokens, 1.0)
    name = f"devices.{device.kind}"
    has = case.draw(f"{name}.memory", "B") * case.draw(f"{name}.memory_share", "ratio")
    return bool(np.median(weights + context) <= np.median(has))


def device_run(case: Case, model: str, kind: str, shape: Shape) -> Served:
    """One request alone on a device with 4-bit weights."""
    return serve(case, model, shape, Serving(kind, 1, 1.0, ON_DEVICE, utilisation=1.0))


def _device(case: Case, model: str, shape: Shape) -> Parts:
    device, where = case.scenario.constraints.device, place(case, reference(case, model).place)
    if device is None:
        return Parts.zero(case.size)
    run = device_run(case, model, device.kind, shape)
    per_request = accounting.electricity(case, run.energy_kwh, where) * sends(case)
    return Parts(case.nothing(), _devices(case, device.kind, device.count, where), per_request)


def _devices(case: Case, kind: str, count: int, where: Place) -> Footprint:
    name = f"devices.{kind}"
    share = count / (case.draw(f"{name}.lifetime", "year") * 12.0)
    idle = count * case.draw(f"{name}.idle", "W") / W_PER_KW * HOURS_PER_MONTH
    made = Footprint.of(
        case.size,
        embodied=share * case.draw(f"{name}.embodied", "kg"),
        ewaste=share * case.draw(f"{name}.mass", "kg"),
        cost=share * case.draw(f"{name}.price", "USD"),
    )
    return accounting.electricity(case, idle, where) + made
