"""Replicas on machines of one's own, sized hour by hour and autoscaled.

Every machine, number format and way to fill it with copies of the model is sized at once, as arrays with
a leading axis of candidates, on central values; a search asks for thousands of such sizings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array, central
from advisor.estimate import hosting, inference
from advisor.estimate.inference import Architecture, EnergyModel, Gpu, Load
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.demand import Demand, demand
from advisor.system.energy_model import drawn_model
from advisor.system.hardware import architecture, gpu
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.serving import J_PER_KWH, Shape, standing_power
from advisor.system.workload import DAYS_PER_YEAR

GRID = 10  # batch sizes looked at between one and the most that fit
LOADS = 48  # points of the curve from the load of a replica to the batch that runs
LEAST_LOAD, MOST_LOAD = 1e-3, 3.0  # requests running, from next to none to this many times the room
PLENTY = 50  # beyond this many replicas spare capacity for failures is a rounding matter
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7.0
W_PER_KW = 1000.0
Drawn = TypeVar("Drawn", Architecture, Gpu, EnergyModel)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Machines, formats and copy sizes, one each along every array, by machine price and then size.

    ``gpus`` a copy of the model takes, ``copies`` a machine holds; a copy is ``price_count`` times the
    coefficient ``price``. Units: W, B, B/s, FLOP/s, B/param, USD/h a copy.
    """

    machine: tuple[str, ...]
    gpu: tuple[str, ...]
    precision: tuple[str, ...]
    price: tuple[str, ...]
    price_count: Array
    usd: Array
    gpus: Array
    copies: Array
    tdp: Array
    memory: Array
    bandwidth: Array
    flops: Array
    weight_bytes: Array
    floor: Array
    idle_w: Array
    host_w: Array

    def only(self, rows: NDArray[np.intp]) -> Candidates:
        """Some of the candidates."""
        picked: dict[str, Any] = {
            f.name: value[rows] if isinstance(value := getattr(self, f.name), np.ndarray)
            else tuple(value[row] for row in rows)
            for f in fields(self)
        }  # fmt: skip
        return Candidates(**picked)


@dataclass(frozen=True, eq=False)
class Fleet:
    """A machine type and number format sized for a demand; arrays have shape (years, 168).

    A replica is one copy of the model on ``gpus`` GPUs; a machine holds ``copies`` of them and is rented
    whole, so ``replicas`` come in multiples of ``copies``. ``batch`` is the largest that meets the latency
    limits, 0 when none does; ``capacity`` is what a replica takes in the peak minute [request/s];
    ``hours``: replica hours in a mean week when always on, starts counted. ``energy_kwh``, ``usd`` and
    ``gpu_hours`` are central yearly figures, for choosing which machines are worth comparing.
    """

    machine: str
    name: str
    gpu: str
    gpus: int
    copies: int
    precision: str
    batch: float
    capacity: float
    replicas: Array
    mean_batch: float
    first_token_s: float
    answer_s: float
    usd_per_hour: str
    price_count: float
    hours: float
    energy_kwh: float
    usd: float
    gpu_hours: float
    grid: Array
    service_s: Array
    demand: Demand

    @cached_property
    def busy(self) -> Array:
        """Share of the time a replica is busy, by hour [0-1]."""
        return hosting.running(self.demand.rate, self.replicas, self.grid, self.service_s)[0]

    @property
    def use(self) -> float:
        """Share of the time replicas are held that they are busy, always on [0-1]."""
        return self.use_of(self.hours)

    def use_of(self, hours: float) -> float:
        """Share of the replica ``hours`` held in a week that are busy [0-1]."""
        return min(self.demand.weekly(self.busy * self.replicas) / hours, 1.0)

    def whole(self, replicas: Array) -> Array:
        """Replicas rounded up to whole machines."""
        return whole_machines(replicas, self.copies)


def whole_machines(replicas: Array, copies: int | Array) -> Array:
    """Replicas rounded up to a multiple of the ``copies`` on a machine."""
    rounded: Array = np.ceil(replicas / copies) * copies
    return rounded


def precisions(case: Case, key: str) -> tuple[str, ...]:
    """Number formats worth running on a GPU, the one it computes in natively first."""
    return ("fp8", "bf16") if f"gpus.{key}.fp8" in case else ("bf16", "int8")


def price_of(case: Case, machine: str, key: str, gpus: int, copies: int) -> tuple[str, float]:
    """The price to use and how often for a copy: managed compute per GPU where sold, else the machine."""
    for sold in case.catalogue.keys("managed_compute"):
        if case.catalogue.row("managed_compute", sold)["gpu"] == key:
            return f"managed_compute.{sold}.price", float(gpus)
    return f"machines.{machine}.price", 1.0 / copies


@remembered
def candidates(case: Case) -> Candidates:
    """Every machine on sale in every format, filled with copies of every size."""
    rows: list[tuple[object, ...]] = []
    machines = case.catalogue.keys("machines")
    by_price = sorted(machines, key=lambda key: (case.central(f"machines.{key}.price", "USD/h"), key))
    for machine in by_price:
        key = str(case.catalogue.row("machines", machine)["gpu"])
        count = round(case.central(f"machines.{machine}.gpu_count", "item"))
        idle_w, host_w = (central(watt) for watt in standing_power(case, key))
        for precision in precisions(case, key):
            card = _centred(gpu(case, key, precision))
            weight = case.central(f"precisions.{precision}.weight_bytes", "B/param")
            for size in _sizes(count):
                price, times = price_of(case, machine, key, size, count // size)
                usd = case.central(price, "USD/h") * times
                rows.append((
                    machine, key, precision, price, times, usd, float(size), float(count // size), card.tdp_w,
                    card.memory_b, card.bandwidth_b_s, card.flops, weight, card.floor, idle_w, host_w,
                ))  # fmt: skip
    columns = list(zip(*rows, strict=True))
    return Candidates(*columns[:4], *(np.array(column) for column in columns[4:]))  # type: ignore[arg-type]


def _sizes(count: int) -> list[int]:
    """GPUs a copy may take: small copies spare the talk between GPUs, large ones are faster and roomier."""
    return [size for size in range(1, count + 1) if count % size == 0 and size & (size - 1) == 0]


def _centred(drawn: Drawn) -> Drawn:
    return type(drawn)(**{f.name: central(getattr(drawn, f.name)) for f in fields(drawn)})


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Which candidates hold a model and its longest request, and how many such requests at once."""

    table: Candidates
    room: Array
    left_out: tuple[tuple[str, str], ...]


@remembered
def holding(case: Case, model: str, context_tokens: float) -> Fits:
    """The candidates whose memory holds a model and a request of ``context_tokens``."""
    table = candidates(case)
    arch = _centred(architecture(case, model))
    load = Load(context_tokens, 0.0, 1.0, table.gpus, table.weight_bytes)
    card = Gpu(table.tdp, table.memory, table.bandwidth, table.flops, table.tdp)
    room = np.asarray(inference.room(arch, card, load, case.central("serving.memory_share", "ratio")))
    rows = np.flatnonzero(room >= 1)
    held = {(table.machine[row], table.precision[row]) for row in rows}
    every = dict.fromkeys(zip(table.machine, table.precision, strict=True))
    return Fits(table.only(rows), room[rows], tuple(pair for pair in every if pair not in held))


def longest(case: Case, model: str, technique: str) -> float:
    """Tokens of the longest request with what an improvement adds [tok]."""
    shape = requests.shape(case, model, technique)
    added = max(central(requests.context_added(case, technique)), 0.0)
    mean = central(shape.input_tokens) + central(shape.output_tokens)
    return max(case.scenario.quality.context_max_tokens + added, mean)


@remembered
def fleets(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[Fleet, ...]:
    """Every machine and format that holds the model, sized; those that answer in time and need least first.

    Of the deployment only what the demand depends on is read: its cache.
    """
    key, technique = model.main, improvement.technique
    found = holding(case, key, longest(case, key, technique))
    if not found.room.size:
        return ()
    wanted = demand(case, model, improvement, deployment)
    drawn = requests.shape(case, key, technique)
    tokens = (drawn.input_tokens, drawn.output_tokens, drawn.cached_tokens)
    sized = _sized(case, key, Shape(*(central(one) for one in tokens)), wanted, found)
    return tuple(sorted(sized, key=lambda fleet: (fleet.batch == 0, fleet.energy_kwh)))


def _sized(case: Case, model: str, shape: Shape, wanted: Demand, found: Fits) -> list[Fleet]:
    table, limits = found.table, case.scenario.constraints
    tail = case.central("deployment.tail_over_median", "ratio")
    # never quite one value twice, so that it can be interpolated
    grid = np.maximum(found.room, 1.0 + 1e-6)[:, None] ** np.linspace(0.0, 1.0, GRID)
    one = _served(case, model, shape, table, grid)
    service = one.seconds * grid / table.gpus[:, None]
    batch = hosting.largest_batch(
        grid, one.first_s * tail, service * tail,
        limits.first_token_p95_ms / 1000.0, limits.latency_p95_ms / 1000.0,
    )  # fmt: skip
    at = np.maximum(batch, 1.0)[:, None]
    first_s, answer_s = hosting.at_batch(at, grid, one.first_s, service)
    capacity = at / answer_s * case.central("deployment.planned_load", "ratio")
    # hours of the week that see the same rate are sized once
    _, hour, often = np.unique(wanted.rate[0], return_index=True, return_inverse=True)
    rate, peak = wanted.rate[:, hour], wanted.peak[:, hour]
    weight = np.bincount(often, minlength=hour.size) * wanted.years[:, None]
    copies = table.copies[:, None, None]
    replicas = whole_machines(replicas_for(case, peak / capacity[:, :, None]), copies)
    mean_batch = _mean_batch(grid, service, rate, replicas, rate * weight)
    by_hour = replicas[:, :, often]
    hours = (replicas * weight).sum(axis=(1, 2))
    hours = hours + hosting.starts(by_hour) @ wanted.years * release_h(case)
    used = float((rate * weight).sum()) * hosting.SECONDS_PER_HOUR
    work, busy_s = (row[:, 0] for row in hosting.at_batch(mean_batch[:, None], grid, one.kwh, one.seconds))
    held_kwh = hours * table.gpus * (table.idle_w + table.host_w) / W_PER_KW
    energy = held_kwh + used * np.maximum(work - busy_s * table.idle_w / J_PER_KWH, 0.0)
    best: dict[tuple[str, str], int] = {}
    for row in np.lexsort((energy, batch == 0)):
        best.setdefault((table.machine[row], table.precision[row]), int(row))
    return [
        Fleet(
            table.machine[row], str(case.catalogue.row("machines", table.machine[row])["name"]),
            table.gpu[row], int(table.gpus[row]), int(table.copies[row]), table.precision[row],
            float(batch[row]), float(capacity[row, 0]), by_hour[row], float(mean_batch[row]),
            float(first_s[row, 0]), float(answer_s[row, 0]), table.price[row], float(table.price_count[row]),
            float(hours[row]), float(energy[row]) * WEEKS_PER_YEAR,
            float(hours[row] * table.usd[row]) * WEEKS_PER_YEAR,
            float(hours[row] * table.gpus[row]) * WEEKS_PER_YEAR, grid[row], service[row], wanted,
        )
        for row in best.values()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """One request at each batch: GPU energy [kWh], GPU time [s], time to the first words [s]."""

    kwh: Array
    seconds: Array
    first_s: Array


def _served(case: Case, model: str, shape: Shape, table: Candidates, grid: Array) -> _Served:
    """What ``serving.serve`` finds, at central values, for all candidates and batches at once."""
    arch, energy_model = _centred(architecture(case, model)), _centred(drawn_model(case))
    columns = (table.tdp, table.memory, table.bandwidth, table.flops, table.tdp, table.floor)
    card = Gpu(*(column[:, None] for column in columns))
    gpus = table.gpus[:, None]

    def estimated(tokens: Shape) -> inference.Estimate:
        load = Load(
            tokens.input_tokens, tokens.output_tokens, grid, gpus, table.weight_bytes[:, None],
            tokens.cached_tokens,
        )  # fmt: skip
        return inference.estimate(arch, card, load, energy_model)

    found = estimated(shape)
    kwh = np.asarray(found.energy_j) / J_PER_KWH
    own = case.scenario.measurements.wh_per_request.get(model)
    if own is not None:
        usual = case.scenario.workload
        level = estimated(Shape(usual.input_tokens, usual.output_tokens))
        beside = table.host_w[:, None] * level.gpu_s if own.boundary == "server" else 0.0
        kwh = kwh * own.wh / 1000.0 / ((level.energy_j + beside) / J_PER_KWH)
    step_s = found.decode_s * grid / (gpus * max(float(shape.output_tokens), 1.0))
    first_s = found.prefill_s / gpus + step_s
    return _Served(kwh, np.asarray(found.gpu_s) + np.zeros_like(grid), np.asarray(first_s))


def _mean_batch(grid: Array, service: Array, rate: Array, replicas: Array, weights: Array) -> Array:
    """The one batch of each candidate at which energy is what it is over all hours (harmonic mean)."""
    room = grid[:, -1:]
    scale = np.linspace(0.0, 1.0, LOADS)
    running = LEAST_LOAD * (MOST_LOAD * room / LEAST_LOAD) ** scale
    rates, batches = hosting.load_curve(running, grid, service)
    share, total = rate / replicas, weights.sum()
    if total <= 0:
        return np.ones(grid.shape[0])
    inverse = (
        float((weights * np.interp(each, known, 1.0 / batch)).sum())
        for each, known, batch in zip(share, rates, batches, strict=True)
    )
    batch: Array = total / np.array(list(inverse))
    return batch


def replicas_for(case: Case, needed: Array) -> Array:
    """Replicas for what is needed in the peak minute, spare ones for the availability target included."""
    operations = case.scenario.operations
    one = case.central("deployment.replica_availability", "ratio")
    whole = np.maximum(np.ceil(needed), 1.0)
    spare = _spare(one, operations.availability)
    few = spare[np.minimum(whole, PLENTY).astype(np.int64)]
    replicas: Array = np.where(whole > PLENTY, np.ceil(whole / one), few)
    return replicas * 2.0 if operations.survive_region_loss else replicas


@lru_cache(maxsize=256)
def _spare(one: float, target: float) -> Array:
    """Replicas to run where as many as the index are needed."""
    return np.array([0.0, *(hosting.redundant(needed, one, target) for needed in range(1, PLENTY + 1))])


def release_h(case: Case) -> float:
    """How long an idle replica is kept before it is released [h]."""
    return case.central("deployment.release_after", "s") / hosting.SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What holding the replicas takes: replica hours a week, share of requests that wait for a start."""

    hours: float
    cold: float


def held(case: Case, fleet: Fleet, model: str, to_zero: bool) -> Held:
    """Replica hours; with ``to_zero`` the last machines are released when nothing comes."""
    if not to_zero:
        return Held(fleet.hours, 0.0)
    load_h = load_seconds(case, model, fleet.precision) / hosting.SECONDS_PER_HOUR
    hours, cold = released(case, fleet.demand, fleet.replicas, load_h)
    started = float(hosting.starts(fleet.replicas) @ fleet.demand.years) * load_h
    return Held(min(hours + started, fleet.hours), cold)


def released(case: Case, wanted: Demand, replicas: Array, load_h: float) -> tuple[float, float]:
    """Hours a week, and the share of cold requests, when the least number of replicas may go to zero.

    An hour with that least number holds it while requests keep coming, and from each start on; never
    longer than the hour itself. More replicas than that are held as sized.
    """
    chance = hosting.cold_share(wanted.rate, case.central("deployment.release_after", "s"))
    least = replicas <= replicas.min()
    woken = wanted.rate * hosting.SECONDS_PER_HOUR * chance
    kept = np.where(least, np.minimum(1.0 - chance + woken * load_h, 1.0), 1.0)
    total = wanted.weekly(wanted.rate)
    cold = wanted.weekly(wanted.rate * np.where(least, chance, 0.0)) / total if total > 0 else 0.0
    return wanted.weekly(replicas * kept), cold


def load_seconds(case: Case, model: str, precision: str) -> float:
    """Time from asking for a replica to its first answer [s]."""
    weights = case.central(f"models.{model}.total_params", "param") * case.central(
        f"precisions.{precision}.weight_bytes", "B/param"
    )
    return weights / case.central("deployment.load_rate", "B/s") + case.central("deployment.cold_start", "s")


def worth_comparing(sized: Sequence[Fleet], most: int) -> list[Fleet]:
    """The fleets no other beats on energy, money and hardware at once, those with least energy first.

    Where none answers in time, the one that needs least energy stands for all.
    """
    meeting = [fleet for fleet in sized if fleet.batch > 0] or list(sized[:1])
    figures = np.array([(fleet.energy_kwh, fleet.usd, fleet.gpu_hours) for fleet in meeting])
    beaten = np.any(np.all(figures[None] < figures[:, None], axis=2), axis=1)
    kept = [fleet for fleet, worse in zip(meeting, beaten.tolist(), strict=True) if not worse]
    cheapest = min(kept, key=lambda fleet: fleet.usd)
    return list(dict.fromkeys([kept[0], cheapest, *kept]))[:most]
