"""On devices at the edge: no data centre, no network, one request at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.steps.deployment.demand import MONTHS_PER_YEAR, Demand
from advisor.steps.deployment.managed import STEP
from advisor.steps.deployment.pool import Managed
from advisor.steps.serving_parts import device_fits, device_run
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.hardware import architecture
from advisor.system.option import Gate, Option

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
    monthly = held(case, kind, count, place, busy_h)
    name = str(case.catalogue.row("devices", kind)["name"])
    limits, tail = case.scenario.constraints, case.central("deployment.device_tail", "ratio")
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
            Gate("memory", one.fits, f"{one.needs_gb:,.1f} GB for weights, and room for context",
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
    name, run = f"devices.{kind}", device_run(case, demand.model, kind, demand.shape)
    weights = architecture(case, demand.model).total_params * case.central(
        "precisions.int4.weight_bytes", "B/param"
    )
    return OnDevice(
        work_kwh=run.energy_kwh,
        seconds=run.first_token_s + demand.shape.output_tokens * run.per_token_s,
        first_token_s=run.first_token_s,
        fits=device_fits(case, demand.model),
        needs_gb=float(np.median(weights)) / 1e9,
        has_gb=case.central(f"{name}.memory", "GB") * case.central(f"{name}.memory_share", "ratio"),
    )


def held(case: Case, kind: str, count: int, place: accounting.Place, busy_h: Array) -> Footprint:
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
