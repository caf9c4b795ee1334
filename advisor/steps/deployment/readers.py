"""Running what does not generate: a classifier, or search alone, on a little of a machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import cost, hosting
from advisor.scenario.fields import Device
from advisor.steps.deployment import edge, managed, processors, rules
from advisor.steps.deployment.demand import WEEKS_PER_MONTH, Demand
from advisor.steps.deployment.managed import STEP, Scope
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Option
from advisor.system.regions import Candidate
from advisor.system.serving import J_PER_KWH, Served, encode

MACHINE = "nc4as_t4_v3"  # the smallest machine with a GPU in the catalogue
GPU = "t4"
BESIDE = "The linear classifier on the vectors runs beside the application."


def options(case: Case, demand: Demand, regions: Sequence[Candidate]) -> Iterator[Option]:
    """A managed call where a service sells the model; else processors, a small GPU machine, or a device."""
    if demand.kind == "retrieval":
        yield _search(case, demand)
        return
    tokens = demand.shape.input_tokens
    if f"embedders.{demand.model}.price" in case:
        called = encode(case, demand.model, tokens)
        for scope in managed.scopes(case, regions):
            yield _managed(case, demand, called, scope)
        return
    yield from processors.options(case, demand, regions)
    one = encode(case, demand.model, tokens, gpu_key=GPU, utilisation=1.0)
    for region in regions:
        yield _option(case, demand, one, region, to_zero=False)
    yield _option(case, demand, one, regions[0], to_zero=True)
    if case.scenario.constraints.device is not None:
        yield _on_device(case, demand, one, case.scenario.constraints.device)


def _managed(case: Case, demand: Demand, called: Served, scope: Scope) -> Option:
    place = case.remember(("place", scope.spec), lambda: accounting.place(case, scope.spec))
    usd = demand.shape.input_tokens * case.draw(f"embedders.{demand.model}.price", "USD/tok")
    each = accounting.served(case, called, place).with_cost(usd) * demand.attempts
    kind, _, where = scope.spec.partition(":")
    return Option(
        STEP, f"embedding-{scope.key}", f"Managed embedding calls, {scope.title}",
        Parts(case.nothing(), case.nothing(), each),
        Parts.zero(case.size), demand.quality,
        settings={
            "mode": "embedding", "sku": scope.sku, "scope": scope.key, "place": scope.spec,
            "model": demand.model, "cache": "none", "region": where if kind == "region" else None,
            "zone": where if kind == "zone" else None,
        },
        gates=(*rules.common(case), *scope.gates, rules.available(case, rules.deployments(case))),
        notes=(managed.note(scope), *managed.spare(case), BESIDE),
    )  # fmt: skip


def _on_device(case: Case, demand: Demand, one: Served, device: Device) -> Option:
    home = case.catalogue.row("regions", case.scenario.constraints.users_near[0])
    place = accounting.place(case, f"country:{home['iso3']}")
    each = accounting.electricity(case, one.work_kwh, place) * demand.attempts
    busy_h = demand.per_month * demand.attempts * one.busy_gpu_seconds / hosting.SECONDS_PER_HOUR
    name = case.catalogue.row("devices", device.kind)["name"]
    monthly = edge.held(case, device.kind, device.count, place, busy_h)
    return Option(
        STEP, f"edge-{device.kind}", f"{device.count:,} × {name}",
        Parts(case.nothing(), monthly, each), Parts.zero(case.size), demand.quality,
        settings={
            "mode": "edge", "scope": "device", "device": device.kind, "devices": device.count,
            "model": demand.model, "place": place.key, "region": None, "zone": None, "cache": "none",
        },
        notes=("Labels are set on the device; it must be secured, updated and watched where it stands.",),
    )  # fmt: skip


def _option(case: Case, demand: Demand, one: Served, region: Candidate, to_zero: bool) -> Option:
    place = accounting.place(case, f"region:{region.key}")
    rate = case.central("deployment.reader_calls", "request/s")
    replicas = hosting.replicas_by_hour(demand.peak, rate, 1, 10_000)
    cold = hosting.cold_share(demand.rate, case.central("deployment.release_after", "s"))
    kept = replicas * (1.0 - cold) if to_zero else replicas
    hours = demand.weekly(kept)
    waiting = demand.weekly(demand.rate * cold) / demand.weekly(demand.rate) if to_zero else 0.0
    each = accounting.served(case, one, place) * demand.attempts
    used_s = demand.per_month * demand.attempts * one.busy_gpu_seconds
    monthly = _idle(case, hours, used_s, place)
    usd = case.draw(f"machines.{MACHINE}.price", "USD/h")
    monthly = monthly.with_cost(cost.machines_per_month(hours, usd, WEEKS_PER_MONTH))
    most = int(replicas[0].max())
    return Option(
        step=STEP,
        key=f"container-{region.key}{'-to-zero' if to_zero else ''}",
        title=f"Small GPU container, {region.title}{', down to zero' if to_zero else ', always on'}",
        parts=Parts(case.nothing(), monthly, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings={
            "mode": "container", "scope": "regional", "place": f"region:{region.key}", "region": region.key,
            "zone": None, "model": demand.model, "gpu": GPU, "machine": MACHINE, "replicas": most,
            "replicas_min": 0 if to_zero else 1, "cache": "none",
            "sku": str(case.catalogue.row("machines", MACHINE)["name"]),
        },
        gates=(
            *rules.common(case),
            *region.gates,
            rules.cold_start(waiting),
        ),
        notes=(f"Held {hours / 168 / max(most, 1):.0%} of the week.",),
    )  # fmt: skip


def _search(case: Case, demand: Demand) -> Option:
    """Search alone runs in the search service, which the step before has counted."""
    nothing = Parts.zero(case.size)
    home = case.scenario.constraints.home_region
    return Option(
        STEP, "search-service", "In the search service; nothing else to run", nothing, nothing,
        demand.quality,
        settings={
            "mode": "search", "scope": "regional", "place": f"region:{home}", "region": home, "zone": None,
            "model": demand.model, "cache": "none",
        },
        gates=rules.common(case),
        notes=("The search service's energy and price stand in the step before.",),
    )  # fmt: skip


def _idle(case: Case, hours: float, used_s: Array, place: accounting.Place) -> Footprint:
    held_s = hours * WEEKS_PER_MONTH * hosting.SECONDS_PER_HOUR
    idle_s = np.maximum(held_s - used_s, 0.0)
    kw = case.draw("deployment.reader_host", "kW") + case.draw(f"gpus.{GPU}.loaded_idle", "kW")
    idle = accounting.electricity(case, idle_s * kw * 1000.0 / J_PER_KWH, place)
    return idle + accounting.hardware(case, GPU, idle_s)
