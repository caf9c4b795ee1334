"""On devices at the edge: no data centre, no network, one request at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from advisor import accounting
from advisor.case import Case
from advisor.draws import Array
from advisor.estimate import inference
from advisor.estimate.inference import Gpu, Load, Terms
from advisor.footprint import Footprint, Parts
from advisor.hardware import architecture
from advisor.option import Gate, Option
from advisor.serving import J_PER_KWH
from advisor.steps.deployment.demand import MONTHS_PER_YEAR, Demand
from advisor.steps.deployment.managed import STEP, Managed

PRECISION = "int4"  # what runtimes on devices run
HOURS_PER_YEAR = 8760.0


@dataclass(frozen=True, slots=True, eq=False)
class OnDevice:
    """One request on a device: energy [kWh] at the plug, time [s], and whether it fits."""

    work_kwh: Array
    seconds: Array
    first_token_s: Array
    fits: bool
    needs_gb: float
    has_gb: float


def options(pool: Managed) -> list[Option]:
    """The device of the scenario, or what is missing to consider one."""
    case, demand = pool.case, pool.demand
    device = case.scenario.constraints.device
    open_weights = bool(case.catalogue.row("models", demand.model).get("open_weights"))
    missing = None
    if device is None:
        missing = Gate(
            "device", False, "a device named in the constraints", "none",
            "name the device and how many there are",
        )  # fmt: skip
    elif not open_weights or not demand.single:
        missing = Gate(
            "open_weights", False, "one model whose weights you may install", demand.model,
            "choose a small model with open weights",
        )  # fmt: skip
    if missing is not None or device is None:
        nothing = Parts.zero(case.size)
        gates = (missing,) if missing else ()
        return [Option(STEP, "edge", "On devices", nothing, nothing, demand.quality, {"mode": "edge"}, gates)]
    case.catalogue.row("devices", device.kind)
    return [_option(pool, device.kind, device.count)]


def _option(pool: Managed, kind: str, count: int) -> Option:
    case, demand = pool.case, pool.demand
    home = case.catalogue.row("regions", case.scenario.constraints.users_near[0])
    place = accounting.place(case, f"country:{home['iso3']}")
    one = on_device(case, demand, kind)
    each = accounting.electricity(case, one.work_kwh, place) * demand.attempts
    busy_h = demand.per_month * demand.attempts * one.seconds / 3600.0
    monthly = _monthly(case, kind, count, place, busy_h)
    name = str(case.catalogue.row("devices", kind)["name"])
    limits, tail = case.scenario.constraints, case.central("deployment.tail_over_median", "ratio")
    answer = float(np.median(one.seconds)) * tail * 1000.0
    first = float(np.median(one.first_token_s)) * tail * 1000.0
    use = float(demand.peak.max() * np.median(one.seconds) / count)
    return Option(
        step=STEP,
        key=f"edge-{kind}",
        title=f"{count:,} × {name}",
        parts=Parts(case.nothing(), monthly, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings={
            "mode": "edge", "scope": "device", "device": kind, "devices": count, "precision": PRECISION,
            "model": demand.model, "place": place.key, "region": None, "zone": None, "cache": "none",
        },
        gates=(
            Gate("memory", one.fits, f"{one.needs_gb:,.1f} GB for weights and context",
                 f"{one.has_gb:,.1f} GB", "choose a smaller model or a device with more memory"),
            Gate("first_token", first <= limits.first_token_p95_ms,
                 f"{limits.first_token_p95_ms:,.0f} ms for 95 of 100", f"about {first:,.0f} ms",
                 "allow more time, or shorten the prompt"),
            Gate("latency", answer <= limits.latency_p95_ms,
                 f"{limits.latency_p95_ms:,.0f} ms for 95 of 100", f"about {answer:,.0f} ms",
                 "allow more time, shorten the answers or take a smaller model"),
            Gate("capacity", use <= 1.0, "devices that serve the busiest minute", f"{use:.0%} of their time",
                 "add devices, or send what is left to the cloud"),
        ),
        notes=("Answers stay on the device; it must be secured, updated and watched where it stands.",),
    )  # fmt: skip


def on_device(case: Case, demand: Demand, kind: str) -> OnDevice:
    """One request of the demand on one device, alone, with 4-bit weights."""
    name, arch = f"devices.{kind}", architecture(case, demand.model)
    weight = case.draw(f"precisions.{PRECISION}.weight_bytes", "B/param")
    card = Gpu(
        case.draw(f"{name}.tdp", "W"), case.draw(f"{name}.memory", "B"),
        case.draw(f"{name}.bandwidth", "B/s"), case.draw(f"{name}.bf16", "FLOP/s"),
    )  # fmt: skip
    shape = demand.shape
    load = Load(shape.input_tokens, shape.output_tokens, 1.0, 1.0, weight, shape.cached_tokens)
    times = inference.times(arch, card, load)
    energy = inference.weighted(times, _coefficients(case, "energy_model"))
    prefill_s, decode_s = inference.weighted(times, _coefficients(case, "gpu_time"))
    n = np.zeros(case.size)
    needs = arch.total_params * weight + inference.context_bytes(
        arch, case.scenario.quality.context_max_tokens, 1.0
    )
    has = card.memory_b * case.draw(f"{name}.memory_share", "ratio")
    return OnDevice(
        work_kwh=(energy[0] + energy[1]) * card.tdp_w / J_PER_KWH + n,
        seconds=prefill_s + decode_s + n,
        first_token_s=prefill_s + n,
        fits=bool(np.median(needs) <= np.median(has)),
        needs_gb=float(np.median(needs)) / 1e9,
        has_gb=float(np.median(has)) / 1e9,
    )


def _coefficients(case: Case, name: str) -> Terms:
    seconds = ("layers", "dequantise", "tokens")
    return Terms(
        *(case.draw(f"{name}.{f.name}", "s" if f.name in seconds else "ratio") for f in fields(Terms))
    )


def _monthly(case: Case, kind: str, count: int, place: accounting.Place, busy_h: Array) -> Footprint:
    """Idle power, wear and price of the devices in a month."""
    name = f"devices.{kind}"
    share = case.draw("deployment.edge_idle_share", "ratio")
    idle_h = np.maximum(count * HOURS_PER_YEAR / MONTHS_PER_YEAR - busy_h, 0.0)
    idle = accounting.electricity(case, idle_h * share * case.draw(f"{name}.idle", "kW"), place)
    months = case.draw(f"{name}.lifetime", "month")
    # a shared device's making and price are charged by the same share as its idle power
    return idle + Footprint.of(
        case.size,
        embodied=count * share * case.draw(f"{name}.embodied", "kg") / months,
        ewaste=count * share * case.draw(f"{name}.mass", "kg") / months,
        cost=count * share * case.draw(f"{name}.price", "USD") / months,
    )
