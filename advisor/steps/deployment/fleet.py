"""Replicas on machines of one's own, sized hour by hour and autoscaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from advisor.core.draws import Array
from advisor.estimate import hosting
from advisor.steps.deployment.demand import WEEKS_PER_MONTH, Demand, middle
from advisor.system.case import Case
from advisor.system.serving import J_PER_KWH, Serving, Shape, max_batch, serve

GRID = 10  # batch sizes looked at between one and the most that fit
MOST_REPLICAS = 10_000
KEPT = 4  # configurations carried as options; the rest stand in a table
NOTICEABLE = 0.95  # fewer hours than this share of those always on
PLENTY = 50  # beyond this many replicas spare capacity for failures is a rounding matter


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """A machine type and precision sized for a demand; arrays have shape (years, 168).

    A replica is one copy of the model on ``gpus`` GPUs; a machine holds ``copies`` of them and is
    rented whole, so ``replicas`` come in multiples of ``copies``.

    ``energy_kwh`` and ``usd`` are central yearly figures, for choosing which to carry.
    ``batch`` is the largest that meets the latency limits; 0 when none does.
    """

    machine: str
    name: str
    gpu: str
    gpus: int
    precision: str
    batch: float
    capacity: float
    replicas: Array
    busy: Array
    mean_batch: float
    first_token_s: float
    answer_s: float
    usd_per_hour: str
    price_count: float
    energy_kwh: float
    usd: float
    grid: Array
    service_s: Array
    years: Array
    copies: int

    def whole(self, replicas: Array) -> Array:
        """Replicas rounded up to whole machines."""
        return whole_machines(replicas, self.copies)


def whole_machines(replicas: Array, copies: int) -> Array:
    """Replicas rounded up to a multiple of the ``copies`` on a machine."""
    rounded: Array = np.ceil(replicas / copies) * copies
    return rounded


def precisions(case: Case, gpu: str) -> tuple[str, ...]:
    """Number formats worth running on a GPU."""
    return ("bf16", "fp8") if f"gpus.{gpu}.fp8" in case else ("bf16", "int8")


def fleets(case: Case, demand: Demand) -> list[Fleet]:
    """The smallest machine of each GPU type that fits, in each precision, sized and sorted."""
    return case.remember(("fleets", demand.sizes), lambda: _fleets(case, demand))


def _fleets(case: Case, demand: Demand) -> list[Fleet]:
    context = max(case.scenario.quality.context_max_tokens, demand.tokens[0] + demand.tokens[1])
    found: list[Fleet] = []
    done: set[tuple[str, str]] = set()
    for machine in _by_size(case):
        gpu = str(case.catalogue.row("machines", machine)["gpu"])
        count = round(case.central(f"machines.{machine}.gpu_count", "item"))
        for precision in precisions(case, gpu):
            if (gpu, precision) in done:
                continue
            sizes = _copy_sizes(case, demand, gpu, count, precision, context)
            if sizes:
                done.add((gpu, precision))
                tried = (
                    _fleet(case, demand, machine, gpu, count, size, precision, room) for size, room in sizes
                )
                found.append(min(tried, key=lambda fleet: (fleet.batch == 0, fleet.energy_kwh)))
    return sorted(found, key=lambda fleet: (fleet.batch == 0, fleet.energy_kwh))


def _copy_sizes(
    case: Case, demand: Demand, gpu: str, count: int, precision: str, context: float
) -> list[tuple[int, int]]:
    """GPUs a copy of the model may take on a machine, each with the batch it has room for.

    Small copies spare the talk between GPUs; larger ones leave more room for context and are faster.
    """
    rooms = (
        (size, max_batch(case, demand.model, gpu, size, precision, context))
        for size in range(1, count + 1)
        if count % size == 0 and size & (size - 1) == 0
    )
    return [(size, room) for size, room in rooms if room >= 1]


def _by_size(case: Case) -> list[str]:
    keys = case.catalogue.keys("machines")
    return sorted(keys, key=lambda key: (case.central(f"machines.{key}.price", "USD/h"), key))


def price_of(case: Case, machine: str, gpu: str, gpus: int, copies: int) -> tuple[str, float]:
    """The price to use and how often for a copy: managed compute per GPU where sold, else the machine."""
    for key in case.catalogue.keys("managed_compute"):
        if case.catalogue.row("managed_compute", key)["gpu"] == gpu:
            return f"managed_compute.{key}.price", gpus
    return f"machines.{machine}.price", 1.0 / copies


def _fleet(
    case: Case, demand: Demand, machine: str, gpu: str, count: int, gpus: int, precision: str, room: int
) -> Fleet:
    copies = count // gpus
    limits, tail = case.scenario.constraints, case.central("deployment.tail_over_median", "ratio")
    # never quite one value twice, so that it can be interpolated
    grid = np.geomspace(1.0, max(room, 1.0 + 1e-6), GRID)
    centre = middle(case, grid.size)
    medians = Shape(*demand.tokens)
    one = serve(centre, demand.model, medians, Serving(gpu, gpus, grid, precision, 1.0))
    service = one.busy_gpu_seconds * grid / gpus
    first = one.first_token_s
    batch = hosting.largest_batch(
        grid, first * tail, service * tail, limits.first_token_p95_ms / 1000.0, limits.latency_p95_ms / 1000.0
    )
    at = float(np.interp(max(batch, 1.0), grid, service))
    capacity = max(batch, 1.0) / at * case.central("deployment.planned_load", "ratio")
    replicas = whole_machines(replicas_for(case, demand.peak, capacity), copies)
    busy, running = hosting.running(demand.rate, replicas, grid, service)
    weights = demand.rate * demand.years[:, None]
    mean_batch = hosting.effective_batch(running, weights)
    price, times = price_of(case, machine, gpu, gpus, copies)
    hours = demand.weekly(replicas)
    held = hours * gpus * hosting.SECONDS_PER_HOUR
    used = demand.weekly(demand.rate) * hosting.SECONDS_PER_HOUR
    work = float(np.interp(mean_batch, grid, one.energy_kwh)) * used
    used_s = float(np.interp(mean_batch, grid, one.busy_gpu_seconds)) * used
    watt = case.central(f"gpus.{gpu}.loaded_idle", "W") + case.central("host.power_per_gpu", "W")
    idle = max(held - used_s, 0.0) * watt / J_PER_KWH
    name = str(case.catalogue.row("machines", machine)["name"])
    weeks = WEEKS_PER_MONTH * 12.0
    return Fleet(
        machine, name, gpu, gpus, precision, batch, capacity, replicas, busy, mean_batch,
        float(np.interp(max(batch, 1.0), grid, first)), at, price, times,
        (work + idle) * weeks, hours * case.central(price, "USD/h") * times * weeks, grid, service,
        demand.years, copies,
    )  # fmt: skip


def replicas_for(case: Case, peak_per_s: Array, capacity: float) -> Array:
    """Replicas hour by hour for peak rates, spare ones for the availability target included."""
    operations = case.scenario.operations
    needed = hosting.replicas_by_hour(peak_per_s, capacity, 1, MOST_REPLICAS)
    one = case.central("deployment.replica_availability", "ratio")
    distinct, where = np.unique(needed, return_inverse=True)
    safe = np.array([_redundant(int(n), one, operations.availability) for n in distinct], dtype=np.float64)
    replicas: Array = safe[where].reshape(needed.shape)
    return replicas * 2.0 if operations.survive_region_loss else replicas


@lru_cache(maxsize=4096)
def _redundant(needed: int, one: float, target: float) -> int:
    if needed > PLENTY:
        return int(np.ceil(needed / one))
    return hosting.redundant(needed, one, target)


def carried(sized: Sequence[Fleet]) -> list[Fleet]:
    """The fleets no other beats on energy and money at once, those with least energy first."""
    meeting = [fleet for fleet in sized if fleet.batch > 0] or list(sized[:1])
    kept = [
        fleet
        for fleet in meeting
        if not any(o.energy_kwh < fleet.energy_kwh and o.usd < fleet.usd for o in meeting)
    ]
    cheapest = min(kept, key=lambda fleet: fleet.usd)
    return list(dict.fromkeys([kept[0], cheapest, *kept]))[:KEPT]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What holding the replicas takes: hours a week, starts a week, share of cold requests."""

    hours: float
    starts: float
    cold: float


def held(case: Case, demand: Demand, fleet: Fleet, to_zero: bool) -> Held:
    """Replica hours and starts; with ``to_zero`` the last replica is released when idle."""
    replicas, keep = fleet.replicas, case.central("deployment.release_after", "s")
    starts = float(sum(w * hosting.starts(row) for w, row in zip(demand.years, replicas, strict=True)))
    delay = keep / hosting.SECONDS_PER_HOUR
    if not to_zero:
        return Held(demand.weekly(replicas) + starts * delay, starts, 0.0)
    cold = hosting.cold_share(demand.rate, keep)
    # with one replica called for, it is held while requests keep coming; more are held as sized
    kept = np.where(replicas <= replicas.min(), replicas * (1.0 - cold), replicas)
    cold = np.where(replicas <= replicas.min(), cold, 0.0)
    woken = demand.weekly(demand.rate * cold) * hosting.SECONDS_PER_HOUR
    total = demand.weekly(demand.rate) * hosting.SECONDS_PER_HOUR
    load_h = load_seconds(case, demand, fleet) / hosting.SECONDS_PER_HOUR
    return Held(demand.weekly(kept) + (starts + woken) * load_h, starts + woken, woken / total)


def released(case: Case, demand: Demand, fleet: Fleet) -> bool:
    """Whether releasing idle replicas would spare a noticeable part of the machine hours."""
    return held(case, demand, fleet, True).hours < NOTICEABLE * held(case, demand, fleet, False).hours


def load_seconds(case: Case, demand: Demand, fleet: Fleet) -> float:
    """Time from asking for a replica to its first answer [s]."""
    weights = case.central(f"models.{demand.model}.total_params", "param") * case.central(
        f"precisions.{fleet.precision}.weight_bytes", "B/param"
    )
    return weights / case.central("deployment.load_rate", "B/s") + case.central("deployment.cold_start", "s")
