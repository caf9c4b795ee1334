"""Cost and carbon of a request by volume and by utilisation, for the break-even charts.

Central values, except the managed service's own range; figures in g and USD a request.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, summary
from advisor.estimate import hosting
from advisor.steps.deployment import provisioned
from advisor.steps.deployment.demand import HOURS_PER_MONTH, Demand, middle
from advisor.steps.deployment.fleet import Fleet, replicas_for
from advisor.steps.deployment.managed import Scope
from advisor.steps.deployment.pool import Managed
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.serving import Serving, Shape, serve

POINTS = 19  # volumes drawn, from a thousandth to a thousandfold of the present one
SHARES = np.geomspace(0.005, 1.0, 32)  # of the most requests a machine can serve
G_PER_KG = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """What a kWh of IT energy and a GPU-second cost at a place: [g/kWh] and [g/s], medians."""

    g_per_kwh: float
    g_per_gpu_s: float

    @classmethod
    def of(cls, case: Case, place: accounting.Place, gpu: str) -> Unit:
        """Location-based carbon of electricity and the embodied share of a GPU's time."""
        made = accounting.hardware(case, gpu, 1.0)["embodied"]
        return cls(float(np.median(place.location * place.pue)), float(np.median(made)) * G_PER_KG)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Carbon [g] and money [USD] a request along an axis."""

    carbon: Array
    usd: Array


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """What pay as you go takes a request, whatever the volume: (low, median, high)."""

    carbon: tuple[float, float, float]
    usd: tuple[float, float, float]


def volumes(case: Case) -> Array:
    """Requests a day along the volume axis, the present volume in the middle."""
    now = float(np.median(case.workload.requests_per_day))
    return np.asarray(now * np.geomspace(1e-3, 1e3, POINTS))


def payg(pool: Managed, scope: Scope) -> Flat | None:
    """Pay as you go in a scope; None without a price."""
    usd = pool.usd(scope.offer)
    if usd is None:
        return None
    carbon = pool.per_request(scope.spec, pool.live)["carbon"] * G_PER_KG
    return Flat(summary(carbon), summary(usd))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A fleet's energy [kWh] and GPU time [s] a request at each batch, central values."""

    batches: Array
    work_kwh: Array
    busy_gpu_s: Array
    idle_kw: float
    unit: Unit
    usd_per_hour: float


def grid(pool: Managed, fleet: Fleet, region: str) -> Grid:
    """A fleet's grid in a region."""
    case = pool.case
    centre = middle(case, fleet.grid.size)
    serving = Serving(fleet.gpu, fleet.gpus, fleet.grid, fleet.precision, 1.0)
    one = serve(centre, pool.demand.model, Shape(*pool.demand.tokens), serving)
    idle = case.central(f"gpus.{fleet.gpu}.loaded_idle", "kW") + case.central("host.power_per_gpu", "kW")
    return Grid(
        fleet.grid, one.energy_kwh, one.busy_gpu_seconds, idle,
        Unit.of(case, pool.place(f"region:{region}"), fleet.gpu),
        case.central(fleet.usd_per_hour, "USD/h") * fleet.price_count,
    )  # fmt: skip


def _curve(found: Grid, fleet: Fleet, rate: Array, replicas: Array, batch: Array) -> Curve:
    work, busy = (np.interp(batch, found.batches, y) for y in (found.work_kwh, found.busy_gpu_s))
    kwh = hosting.energy_per_request(rate, work, busy, fleet.gpus, replicas, found.idle_kw)
    held_s = np.maximum(fleet.gpus * replicas / rate, busy)
    return Curve(
        kwh * found.unit.g_per_kwh + held_s * found.unit.g_per_gpu_s,
        found.usd_per_hour * replicas / rate / hosting.SECONDS_PER_HOUR,
    )


def by_utilisation(found: Grid, fleet: Fleet, share: Array) -> Curve:
    """One replica that gets a steady share of the requests it can serve within the latency limits."""
    most = max(fleet.batch, 1.0)
    rate = share * most / float(np.interp(most, fleet.grid, fleet.service_s))
    _, batch = hosting.running(rate, np.ones_like(rate), fleet.grid, fleet.service_s)
    return _curve(found, fleet, rate, np.ones_like(rate), batch)


def by_volume(case: Case, demand: Demand, found: Grid, fleet: Fleet, scale: Array) -> Curve:
    """The fleet autoscaled for multiples of the demand's first year."""
    rate = demand.rate[:1] * scale[:, None]
    replicas = fleet.whole(replicas_for(case, demand.peak[:1] * scale[:, None], fleet.capacity))
    _, batch = hosting.running(rate, replicas, fleet.grid, fleet.service_s)
    weight = rate.sum(axis=1)
    effective = weight / (rate / batch).sum(axis=1)
    return _curve(found, fleet, weight, replicas.sum(axis=1), effective)


def ptu_by_volume(pool: Managed, scope: Scope, size: provisioned.Sizing, scale: Array) -> Curve:
    """Provisioned throughput sized for the busiest minute at each volume, cheapest term."""
    case, demand = pool.case, pool.demand
    per_minute = demand.peak[:1].max() * scale * provisioned.MINUTES_PER_HOUR
    needed = hosting.units_needed(per_minute, size.tokens, size.tpm)
    units = hosting.units_sold(needed, size.minimum, size.increment)
    rate = demand.rate[:1].mean() * scale
    full = pool.full
    gpu_s = float(np.median(full.busy_gpu_seconds))
    unit_gpu_s = float(np.median(pool.unit_gpu_s))
    held = units * size.tpm / provisioned.MINUTES_PER_HOUR * unit_gpu_s / rate
    idle_kw = case.central(f"gpus.{full.gpu}.loaded_idle", "kW") + case.central("host.power_per_gpu", "kW")
    idle = np.maximum(held - gpu_s, 0.0) * idle_kw / hosting.SECONDS_PER_HOUR
    unit = Unit.of(case, pool.place(scope.spec), full.gpu)
    kwh = float(np.median(full.energy_kwh)) + idle
    usd = units * provisioned.cheapest_unit_hour(case, scope) * HOURS_PER_MONTH
    return Curve(
        kwh * unit.g_per_kwh + np.maximum(held, gpu_s) * unit.g_per_gpu_s,
        usd / (rate * hosting.SECONDS_PER_HOUR * HOURS_PER_MONTH),
    )
