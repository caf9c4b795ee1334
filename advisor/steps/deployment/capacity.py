"""Tables of capacity: machines, provisioned units, spare replicas, keeping a model loaded."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import joined, say
from advisor.core.wording import percent, yes_or_no
from advisor.estimate import hosting
from advisor.system import provider_pool, provisioned, sites
from advisor.system.case import Case
from advisor.system.demand import WEEKS_PER_MONTH, demand
from advisor.system.fleet import Fleet, load_seconds
from advisor.system.plan import DeploymentSetting, Plan
from advisor.system.prices import offer
from advisor.system.regions import place_name
from advisor.system.serving import standing_power

CENT = 100.0
W_PER_KW = 1000.0
MINUTES_PER_HOUR, SECONDS_PER_MINUTE = 60.0, 60.0
TARGETS = (0.99, 0.995, 0.999, 0.9999)  # availabilities that services promise


def machines(sized: Sequence[Fleet], usd: float | None) -> Table:
    """Every machine and precision that fits, sized for the demand; ``usd``: a call by use."""
    rows = tuple(
        (
            fleet.name, fleet.precision, fleet.gpus, fleet.copies, yes_or_no(fleet.batch > 0),
            fleet.batch or None,
            fleet.capacity * 3600.0, float(fleet.replicas[0].max()) / fleet.copies, fleet.mean_batch,
            fleet.use * CENT, fleet.energy_kwh, fleet.usd, _pays_from(fleet, usd),
        )
        for fleet in sized
    )  # fmt: skip
    return Table(
        "machines", say("Machines that hold the model, sized for the week"),
        (say("machine"), say("precision"), say("GPUs a copy"), say("copies a machine"), say("fast enough"),
         say("requests at once a copy"), say("requests an hour a copy"), say("machines at peak"),
         say("at once on average"), say("busy %"), say("kWh a year"), say("USD a year"),
         say("cheaper than by use from load %")),
        rows,
        say("Always on; energy at the machine, before the data centre's overhead. "
            "Above 100 % never cheaper."),
    )  # fmt: skip


def _pays_from(fleet: Fleet, usd: float | None) -> float | None:
    if usd is None or fleet.batch == 0:
        return None
    per_hour = fleet.usd / (fleet.hours * WEEKS_PER_MONTH * 12.0)
    most = fleet.batch / float(np.interp(fleet.batch, fleet.grid, fleet.service_s))
    return float(np.asarray(hosting.break_even_machine(per_hour, most, usd))) * CENT


def units(case: Case, plan: Plan, scopes: Sequence[DeploymentSetting]) -> Table:
    """Provisioned throughput by scope and term: size, use, and the use at which it pays."""
    centre, early = case.centre, (plan.model, plan.improvement)
    rows: list[tuple[str | float | None, ...]] = []
    for scope in scopes:
        title = place_name(case, scope.where)
        size = provisioned.sizing(centre, *early, scope)
        less = provisioned.sizing(centre, *early, _spilling(scope))
        if size is None or less is None:
            rows.append((title, say("not sold for this model"), *(None,) * 7))
            continue
        usd = provider_pool.usd(centre, plan.model, plan.improvement.technique, offer(scope), "standard")
        busy = demand(centre, *early, scope).rate[0].mean() * 3600.0
        for term in provisioned.terms(scope):
            price = provisioned.unit_hour(centre, scope, term)
            even = None
            if usd is not None:
                pays = hosting.break_even_units(price, central(usd), size.calls_per_unit_hour)
                even = CENT * float(np.asarray(pays))
            peak = float(size.units[0])
            use = float(busy) / (peak * size.calls_per_unit_hour)
            rows.append((
                title, term.title, size.tokens, peak, float(less.units[0]), (1.0 - less.share) * CENT,
                use * CENT, price, even,
            ))  # fmt: skip
    return Table(
        "ptu", say("Provisioned throughput, sized for the busiest minute"),
        (say("Scope").lower(), say("term"), say("normalised tokens a request"), say("PTU for the peak"),
         say("PTU with spillover"), say("spills over %"), say("used %"), say("USD a PTU-hour"),
         say("pays from used %")),
        tuple(rows),
        say("Cached input is free, output counts more. Above 100 % it never pays in money. Capacity burns "
            "whether used or not; resizing by the hour is not recommended; a reservation holds a price, "
            "not capacity."),
    )  # fmt: skip


def _spilling(scope: DeploymentSetting) -> DeploymentSetting:
    return DeploymentSetting("ptu", scope.scope, region=scope.region, zone=scope.zone, spillover=True)


def _idle_kw(case: Case, fleet: Fleet) -> float:
    """Power of a replica that waits, servers around it included [kW]."""
    return fleet.gpus * sum(central(watt) for watt in standing_power(case.centre, fleet.gpu)) / W_PER_KW


def redundancy(case: Case, fleet: Fleet) -> Table:
    """Replicas in the first year's busiest hour by availability target, and what the spare ones burn."""
    one = case.central("deployment.replica_availability", "ratio")
    base = max(int(np.ceil(fleet.demand.peak[0].max() / fleet.capacity)), 1)
    machines = ceil(base / fleet.copies)
    targets = sorted({*TARGETS, case.scenario.operations.availability})
    rows: list[tuple[str | float | None, ...]] = []
    for target in targets:
        total = hosting.redundant(machines, one, target) * fleet.copies * int(sites.times(case))
        spare = total - base
        kwh = spare * _idle_kw(case, fleet) * 24.0 * 365.0
        rows.append((percent(target), float(total), float(spare), kwh))
    return Table(
        "redundancy",
        say("Replicas of {name} by availability, {base} needed at the peak", name=fleet.name, base=base),
        (say("availability"), say("replicas"), say("spare"), say("idle kWh a year")), tuple(rows),
        joined(" ", (
            say("Each machine up {one} of the time, failing independently.", one=percent(one)),
            *((say("A machine holds {copies} replicas, down together.", copies=fleet.copies),)
              if fleet.copies > 1 else ()),
            *((say("As many stand in a second region."),) if sites.times(case) > 1 else ()),
        )),
    )  # fmt: skip


class Reloading(NamedTuple):
    """Loading a model again: time [s], energy [kWh], and the gap between requests from which it pays [min].

    ``gap_min``: the mean gap in the first year.
    """

    seconds: float
    kwh: float
    limit_min: float
    gap_min: float

    @property
    def kept(self) -> bool:
        """Whether it is better kept loaded at the mean gap."""
        return self.gap_min < self.limit_min


def reloading(case: Case, model: str, fleet: Fleet) -> Reloading:
    """What unloading a model that waits, and loading it again, takes on a machine."""
    idle, seconds = _idle_kw(case, fleet), load_seconds(case, model, fleet.precision)
    load = seconds / hosting.SECONDS_PER_HOUR * idle
    limit = float(np.asarray(hosting.keep_warm_limit_h(load, idle))) * MINUTES_PER_HOUR
    gap = 1.0 / max(float(fleet.demand.rate[0].mean()), 1e-12) / SECONDS_PER_MINUTE
    return Reloading(seconds, load, limit, gap)


def keep_warm(case: Case, model: str, sized: Sequence[Fleet]) -> Table:
    """The gap between requests from which unloading a model saves energy."""
    rows = []
    for fleet in sized:
        warm = reloading(case, model, fleet)
        best = say("keep") if warm.kept else say("unload")
        rows.append((fleet.name, fleet.precision, warm.seconds, warm.kwh * 1000.0, warm.limit_min, best))
    return Table(
        "keep_warm", say("Keep the model loaded, or load it again"),
        (say("machine"), say("precision"), say("load s"), say("load Wh"), say("unload if gaps exceed min"),
         say("at the mean gap")),
        tuple(rows),
        say("Loading is charged at idle power; whoever waits for it waits that long."),
    )  # fmt: skip
