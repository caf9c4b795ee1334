"""Tables of capacity: machines, provisioned units, spare replicas, keeping a model loaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.exhibits import Table
from advisor.estimate import hosting
from advisor.steps.deployment import provisioned
from advisor.steps.deployment.demand import WEEKS_PER_MONTH, Demand
from advisor.steps.deployment.fleet import Fleet, load_seconds
from advisor.steps.deployment.managed import Scope
from advisor.steps.deployment.pool import Managed
from advisor.system.case import Case

CENT = 100.0
TARGETS = (0.99, 0.995, 0.999, 0.9999)  # availabilities that services promise


def machines(sized: Sequence[Fleet], usd: float | None) -> Table:
    """Every machine and precision that fits, sized for the demand; ``usd``: a request by use."""
    rows = tuple(
        (
            fleet.name, fleet.precision, fleet.gpus, fleet.copies, "yes" if fleet.batch > 0 else "no",
            fleet.batch or None,
            fleet.capacity * 3600.0, float(fleet.replicas[0].max()) / fleet.copies, fleet.mean_batch,
            float((fleet.busy * fleet.replicas).sum() / fleet.replicas.sum()) * CENT,
            fleet.energy_kwh, fleet.usd, _pays_from(fleet, usd),
        )
        for fleet in sized
    )  # fmt: skip
    return Table(
        "machines", "Machines that hold the model, sized for the week",
        ("machine", "precision", "GPUs a copy", "copies a machine", "fast enough",
         "requests at once a copy", "requests an hour a copy", "machines at peak", "at once on average",
         "busy %", "kWh a year", "USD a year",
         "cheaper than by use from load %"),
        rows,
        "Always on; energy at the machine, before the data centre's overhead. Above 100 % never cheaper.",
    )  # fmt: skip


def _pays_from(fleet: Fleet, usd: float | None) -> float | None:
    if usd is None or fleet.batch == 0:
        return None
    hours = float(fleet.replicas.sum(axis=1) @ fleet.years)
    per_hour = fleet.usd / (hours * WEEKS_PER_MONTH * 12.0)
    most = fleet.batch / float(np.interp(fleet.batch, fleet.grid, fleet.service_s))
    return float(np.asarray(hosting.break_even_machine(per_hour, most, usd))) * CENT


def units(pool: Managed, scopes: Sequence[Scope]) -> Table | None:
    """Provisioned throughput by scope and term: size, use, and the use at which it pays."""
    rows: list[tuple[str | float | None, ...]] = []
    cached_tokens = float(np.median(np.asarray(pool.shape.cached_tokens)))
    for scope in scopes:
        size = (
            provisioned.sizing(pool.case, pool.demand, scope, cached_tokens) if pool.demand.single else None
        )
        if size is None:
            rows.append((scope.title, "not sold for this model", *(None,) * 7))
            continue
        usd = pool.usd(scope.offer)
        for term in provisioned.terms(scope):
            price = provisioned.unit_hour(pool.case, scope, term)
            even = None
            if usd is not None:
                even = CENT * float(
                    np.asarray(
                        hosting.break_even_units(price, float(np.median(usd)), size.requests_per_unit_hour)
                    )
                )
            peak = float(size.peak[0])
            use = float(pool.demand.rate[0].mean()) * 3600.0 / (peak * size.requests_per_unit_hour)
            rows.append((
                scope.title, term.title, size.tokens, peak, float(size.base[0]),
                (1.0 - size.base_share) * CENT,
                use * CENT, price, even,
            ))  # fmt: skip
    return Table(
        "ptu", "Provisioned throughput, sized for the busiest minute",
        ("scope", "term", "normalised tokens a request", "PTU for the peak", "PTU with spillover",
         "spills over %", "used %", "USD a PTU-hour", "pays from used %"),
        tuple(rows),
        "Cached input is free, output counts more. Above 100 % it never pays in money. Capacity burns "
        "whether used or not; resizing by the hour is not "
        "recommended; a reservation holds a price, not capacity.",
    )  # fmt: skip


def redundancy(case: Case, demand: Demand, fleet: Fleet) -> Table:
    """Replicas in the first year's busiest hour by availability target, and what the spare ones burn."""
    one = case.central("deployment.replica_availability", "ratio")
    idle = case.central(f"gpus.{fleet.gpu}.loaded_idle", "kW") + case.central("host.power_per_gpu", "kW")
    base = max(int(np.ceil(demand.peak[0].max() / fleet.capacity)), 1)
    targets = sorted({*TARGETS, case.scenario.operations.availability})
    rows = []
    for target in targets:
        total = hosting.redundant(base, one, target)
        spare = total - base
        rows.append((f"{target:.2%}", float(total), float(spare), spare * fleet.gpus * idle * 24.0 * 365.0))
    return Table(
        "redundancy", f"Replicas of {fleet.name} by availability, {base} needed at the peak",
        ("availability", "replicas", "spare", "idle kWh a year"), tuple(rows),
        f"Each replica up {one:.1%} of the time, failing independently.",
    )  # fmt: skip


def keep_warm(case: Case, demand: Demand, sized: Sequence[Fleet]) -> Table:
    """The gap between requests from which unloading a model saves energy."""
    rows = []
    for fleet in sized:
        idle = fleet.gpus * (
            case.central(f"gpus.{fleet.gpu}.loaded_idle", "kW") + case.central("host.power_per_gpu", "kW")
        )
        seconds = load_seconds(case, demand, fleet)
        load = seconds / hosting.SECONDS_PER_HOUR * idle
        gap = float(np.asarray(hosting.keep_warm_limit_h(load, idle))) * 60.0
        mean_gap = 1.0 / max(float(demand.rate[0].mean()), 1e-12) / 60.0
        rows.append(
            (fleet.name, fleet.precision, seconds, load * 1000.0, gap, "keep" if mean_gap < gap else "unload")
        )
    return Table(
        "keep_warm", "Keep the model loaded, or load it again",
        ("machine", "precision", "load s", "load Wh", "unload if gaps exceed min", "at the mean gap"),
        tuple(rows),
        "Loading is charged at idle power; whoever waits for it waits that long.",
    )  # fmt: skip
