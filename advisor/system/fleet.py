"""Replicas on machines of one's own, sized hour by hour and autoscaled, all candidates at once.

Sized on central values; a search asks for thousands of such sizings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from advisor.core.draws import Array, central
from advisor.estimate import hosting
from advisor.system import rents, requests
from advisor.system.batched import Tokens, batched
from advisor.system.case import Case, remembered
from advisor.system.demand import Demand, of_calls, sent
from advisor.system.holding import moving
from advisor.system.machines import Candidates, holding, longest
from advisor.system.own_measured import own_batch
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.serving import J_PER_KWH
from advisor.system.shape import Shape
from advisor.system.sites import away_ms, sites, stands_in, times
from advisor.system.workload import DAYS_PER_YEAR

LOADS = 48  # points of the curve from the load of a replica to the batch that runs
LEAST_LOAD, MOST_LOAD = 1e-3, 3.0  # requests running, from next to none to this many times the room
PLENTY = 50  # beyond this many machines spare capacity for failures is a rounding matter
WEEKS_PER_YEAR = DAYS_PER_YEAR / 7.0
W_PER_KW = 1000.0


@dataclass(frozen=True, eq=False)
class Fleet:
    """A machine type and number format sized for a demand; arrays have shape (years, 168).

    A replica is one copy of the model on ``gpus`` GPUs; a machine holds ``copies`` of them and is rented
    whole, so ``replicas`` come in multiples of ``copies``. ``batch`` is the largest that meets the latency
    limits, 0 when none does; ``capacity`` is what a replica takes in the peak minute [request/s];
    ``hours``: replica hours held in a mean week, starts counted; ``cold``: share of requests that find
    no replica running. ``energy_kwh``, ``usd`` and ``gpu_hours`` are central yearly figures, for choosing
    which machines are worth comparing. ``read_batch``: prompts read at once by a pool of its own, which
    ``replicas`` count too; 0 where no pool does that alone.
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
    cold: float
    energy_kwh: float
    usd: float
    gpu_hours: float
    grid: Array
    service_s: Array
    demand: Demand
    read_batch: float = 0.0

    @cached_property
    def busy(self) -> Array:
        """Share of the time a replica is busy, by hour [0-1]."""
        return hosting.running(self.demand.rate, self.replicas, self.grid, self.service_s)[0]

    @property
    def use(self) -> float:
        """Share of the time replicas are held that they are busy [0-1]."""
        return min(self.demand.weekly(self.busy * self.replicas) / self.hours, 1.0)


@remembered
def fleets(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[Fleet, ...]:
    """Every machine and format that holds the model, sized; those that answer in time and need least first.

    In a region, those that can stand there: a machine of the scenario's own is where it is. Of the
    deployment only its cache is read, which the demand depends on, its region, from which an answer is on
    its way a while, whether it goes to zero and whether prompts are read apart.
    """
    key, technique = model.main, improvement.technique
    drawn = requests.hosted_shape(case, key, technique)
    tokens = tuple(central(one) for one in (drawn.input_tokens, drawn.output_tokens, drawn.cached_tokens))
    calls = central(sent(case, model, improvement, deployment))
    zero, apart = bool(deployment.to_zero), bool(deployment.apart)
    away_s = away_ms(case, deployment.region) / 1000.0 if deployment.region else 0.0
    sized = _of_tokens(case, key, tokens, longest(case, key, technique), calls, away_s, zero, apart)
    if not deployment.region:
        return sized
    held = sites(case, deployment.region)
    return tuple(
        replace(one, usd=one.usd * _dearer(case, one.usd_per_hour, held))
        for one in sized
        if stands_in(case, one.machine) in (None, deployment.region)
    )


def _dearer(case: Case, price: str, held: Sequence[str]) -> float:
    """What machines cost in the regions that share them, over the listed price [ratio]."""
    return float(np.mean([central(rents.dearer(case, price, region)) for region in held]))


@remembered
def _of_tokens(
    case: Case, model: str, tokens: Tokens, context_tokens: float, calls: float, away_s: float,
    to_zero: bool, apart: bool,
) -> tuple[Fleet, ...]:  # fmt: skip
    """The same by what it comes down to: improvements that ask the same of a model share its fleets."""
    found, shape = holding(case, model, context_tokens), Shape(*tokens)
    if not found.room.size or (apart and shape.cached_tokens >= shape.input_tokens):
        return ()  # held by none, or nothing to read apart
    wanted, read_batch = of_calls(case, calls), np.zeros(found.room.size)
    if apart:
        sizes, read_batch = _apart(case, model, shape, context_tokens, wanted, away_s)
    else:
        sizes = _always_on(case, model, tokens, context_tokens, calls, away_s)
        sizes = _to_zero(case, model, wanted, found.table, sizes) if to_zero else sizes
    sized = _best(case, sizes, read_batch, wanted, found.table)
    return tuple(sorted(sized, key=lambda fleet: (fleet.batch == 0, fleet.energy_kwh)))


@dataclass(frozen=True, slots=True, eq=False)
class _Sizes:
    """Every candidate sized, one a row; ``by_hour`` holds replicas, shape (rows, years, 168).

    ``batch``: the largest that answers in time, 0 when none does; ``seconds``: time a request stays at
    each batch of ``grid``; energy of the horizon's mean week, and ``work``, what of it is not waiting [kWh].
    """

    batch: Array
    capacity: Array
    first_s: Array
    answer_s: Array
    by_hour: Array
    mean_batch: Array
    hours: Array
    cold: Array
    energy: Array
    work: Array
    grid: Array
    seconds: Array


def _best(case: Case, sizes: _Sizes, read_batch: Array, wanted: Demand, table: Candidates) -> list[Fleet]:
    """The best copy of each machine and format."""
    best: dict[tuple[str, str], int] = {}
    for row in np.lexsort((sizes.energy, sizes.batch == 0)):
        best.setdefault((table.machine[row], table.precision[row]), int(row))
    return [
        Fleet(
            table.machine[row], str(case.catalogue.row("machines", table.machine[row])["name"]),
            table.gpu[row], int(table.gpus[row]), int(table.copies[row]), table.precision[row],
            float(sizes.batch[row]), float(sizes.capacity[row]), sizes.by_hour[row],
            float(sizes.mean_batch[row]), float(sizes.first_s[row]), float(sizes.answer_s[row]),
            table.price[row], float(table.price_count[row]), float(sizes.hours[row]), float(sizes.cold[row]),
            float(sizes.energy[row]) * WEEKS_PER_YEAR,
            float(sizes.hours[row] * table.usd[row]) * WEEKS_PER_YEAR,
            float(sizes.hours[row] * table.gpus[row]) * WEEKS_PER_YEAR, sizes.grid[row], sizes.seconds[row],
            wanted, float(read_batch[row]),
        )
        for row in best.values()
    ]  # fmt: skip


def _apart(
    case: Case, model: str, shape: Shape, context_tokens: float, wanted: Demand, away_s: float
) -> tuple[_Sizes, Array]:
    """Two pools of copies of one size, and the batch of the one that reads prompts.

    A prompt must be read, and its cache moved, before the first words are due; what is left of the
    answer's time is the writing pool's, half of it at least.
    """
    first_s, answer_s = _limits(case, away_s)
    tail = case.central("deployment.tail_over_median", "ratio")
    move_s, move_kwh = (central(one) for one in moving(case, model, shape))
    prompt = (float(shape.input_tokens), 0.0, float(shape.cached_tokens))
    answer = (float(shape.input_tokens), float(shape.output_tokens), float(shape.input_tokens))
    read_s = min(first_s, answer_s / 2.0)
    due_s = max(read_s - move_s * tail, 0.0)
    read = _sizes(case, model, prompt, context_tokens, wanted, due_s, due_s)
    write = _sizes(case, model, answer, context_tokens, wanted, first_s, answer_s - read_s)
    served = wanted.weekly(wanted.rate) * hosting.SECONDS_PER_HOUR
    return _Sizes(
        np.where(read.batch > 0, write.batch, 0.0), np.minimum(read.capacity, write.capacity),
        read.answer_s + move_s, read.answer_s + move_s + write.answer_s, read.by_hour + write.by_hour,
        write.mean_batch, read.hours + write.hours, write.cold,
        read.energy + write.energy + served * move_kwh, read.work + write.work + served * move_kwh,
        write.grid, read.seconds + write.seconds,
    ), read.mean_batch  # fmt: skip


def _limits(case: Case, away_s: float) -> tuple[float, float]:
    """Time that machines may take to the first words and to the whole answer [s]: the way there is none."""
    limits = case.scenario.constraints
    first_s, answer_s = limits.first_token_p95_ms / 1000.0, limits.latency_p95_ms / 1000.0
    return max(first_s - away_s, 0.0), max(answer_s - away_s, 0.0)


@remembered
def _always_on(
    case: Case, model: str, tokens: Tokens, context_tokens: float, calls: float, away_s: float
) -> _Sizes:
    """Replicas that read and write, none of them ever released to nothing."""
    return _sizes(case, model, tokens, context_tokens, of_calls(case, calls), *_limits(case, away_s))


def _sizes(
    case: Case, model: str, tokens: Tokens, context_tokens: float, wanted: Demand,
    first_limit_s: float, answer_limit_s: float,
) -> _Sizes:  # fmt: skip
    table, one = holding(case, model, context_tokens).table, batched(case, model, tokens, context_tokens)
    grid, service = one.grid, one.service
    tail = case.central("deployment.tail_over_median", "ratio")
    batch = hosting.largest_batch(grid, one.first_s * tail, service * tail, first_limit_s, answer_limit_s)
    at = np.maximum(batch, 1.0)[:, None]
    first_s, answer_s = hosting.at_batch(at, grid, one.first_s, service)
    capacity = at / answer_s * case.central("deployment.planned_load", "ratio")
    hour, often, rate, weight = _unlike(wanted)
    peak = wanted.peak[:, hour]
    copies = table.copies[:, None, None]
    replicas = replicas_for(case, peak / capacity[:, :, None], copies) * times(case)
    mean_batch = _mean_batch(grid, service, rate, replicas, rate * weight)
    seen = own_batch(case, model)
    if seen is not None:
        mean_batch = np.minimum(central(seen), grid[:, -1])
    by_hour, keep_h = replicas[:, :, often], release_s(case) / hosting.SECONDS_PER_HOUR
    hours = (replicas * weight).sum(axis=(1, 2)) + hosting.starts(by_hour) @ wanted.years * keep_h
    used = float((rate * weight).sum()) * hosting.SECONDS_PER_HOUR
    # what all that run together take is nearly linear in how many they are, a request's share is not
    together = hosting.at_batch(mean_batch[:, None], grid, one.kwh * grid, one.seconds * grid)
    work, busy_s = (row[:, 0] / mean_batch for row in together)
    waiting_w = _waiting_w(table)
    above = used * np.maximum(work - busy_s * waiting_w / J_PER_KWH, 0.0)
    energy = hours * table.gpus * waiting_w / W_PER_KW + above
    return _Sizes(
        batch, capacity[:, 0], first_s[:, 0], answer_s[:, 0], by_hour, mean_batch, hours,
        np.zeros_like(hours), energy, above, grid, service,
    )  # fmt: skip


def _unlike(wanted: Demand) -> tuple[Any, Any, Array, Array]:
    """Hours of the week that see unlike rates, which of them each hour is like, their rates and weights."""
    _, hour, often = np.unique(wanted.rate[0], return_index=True, return_inverse=True)
    weight = np.bincount(often, minlength=hour.size) * wanted.years[:, None]
    return hour, often, wanted.rate[:, hour], weight


def _waiting_w(table: Candidates) -> Array:
    """Power of a GPU that waits, and of the server beside it [W]."""
    return table.idle_w + table.host_w(table.idle_w)


def _to_zero(case: Case, model: str, wanted: Demand, table: Candidates, always: _Sizes) -> _Sizes:
    """The same replicas where the least number of them may be released: fewer hours, some cold starts."""
    hour, often, rate, weight = _unlike(wanted)
    load_h = _load_s(case, model, table.weight_bytes) / hosting.SECONDS_PER_HOUR
    keep_h = release_s(case) / hosting.SECONDS_PER_HOUR
    kept, cold = released(case, rate, weight, always.by_hour[:, :, hour], load_h[:, None, None])
    starts = hosting.starts(kept[:, :, often]) @ wanted.years
    hours = np.minimum((kept * weight).sum(axis=(1, 2)) + starts * (load_h + keep_h), always.hours)
    energy = hours * table.gpus * _waiting_w(table) / W_PER_KW + always.work
    return replace(always, hours=hours, cold=cold, energy=energy)


def _mean_batch(grid: Array, service: Array, rate: Array, replicas: Array, weights: Array) -> Array:
    """The one batch of each candidate at which energy is what it is over all hours (harmonic mean)."""
    room = grid[:, -1:]
    scale = np.linspace(0.0, 1.0, LOADS)
    running = LEAST_LOAD * (MOST_LOAD * room / LEAST_LOAD) ** scale
    rates, batches = hosting.load_curve(running, grid, service)
    share, total = rate / replicas, weights.sum()
    if total <= 0:
        return np.ones(grid.shape[0])
    inverse = [
        float((weights * np.interp(each, known, 1.0 / batch)).sum())
        for each, known, batch in zip(share, rates, batches, strict=True)
    ]
    batch: Array = total / np.array(inverse)
    return batch


def replicas_for(case: Case, needed: Array, copies: int | Array = 1) -> Array:
    """Replicas a region for what is needed in the peak minute, spare ones for the availability included.

    They come in machines of ``copies``, and it is machines that fail: all copies on one are down with it.
    """
    operations = case.scenario.operations
    one = case.central("deployment.replica_availability", "ratio")
    machines = np.maximum(np.ceil(needed / copies), 1.0)
    spare = _spare(one, operations.availability)
    few = spare[np.minimum(machines, PLENTY).astype(np.int64)]
    replicas: Array = np.where(machines > PLENTY, np.ceil(machines / one), few) * copies
    return replicas


@lru_cache(maxsize=256)
def _spare(one: float, target: float) -> Array:
    """Machines to run where as many as the index are needed."""
    return np.array([0.0, *(hosting.redundant(needed, one, target) for needed in range(1, PLENTY + 1))])


def release_s(case: Case) -> float:
    """How long an idle replica is kept before it is released [s]."""
    return case.central("deployment.release_after", "s")


def released(
    case: Case, rate: Array, weight: Array, replicas: Array, load_h: float | Array
) -> tuple[Array, Array]:
    """Replicas held by hour, and the share of cold requests, when the least number of them may go to zero.

    An hour with that least number holds it while requests keep coming, and from each start on for
    ``load_h``; never longer than the hour itself. More replicas than that are held as sized. Arrays end
    in (years, hours); ``weight``: how much each hour counts in a mean week.
    """
    chance = hosting.cold_share(rate, release_s(case))
    least = replicas <= replicas.min(axis=(-2, -1), keepdims=True)
    woken = rate * hosting.SECONDS_PER_HOUR * chance
    kept = np.where(least, np.minimum(1.0 - chance + woken * load_h, 1.0), 1.0)
    total = max(float((rate * weight).sum()), np.finfo(float).tiny)
    cold = (rate * weight * np.where(least, chance, 0.0)).sum(axis=(-2, -1)) / total
    return replicas * kept, cold


def load_seconds(case: Case, model: str, precision: str) -> float:
    """Time from asking for a replica to its first answer [s]."""
    return float(_load_s(case, model, case.central(f"precisions.{precision}.weight_bytes", "B/param")))


def _load_s(case: Case, model: str, weight_bytes: float | Array) -> Array:
    weights = case.central(f"models.{model}.total_params", "param") * np.asarray(weight_bytes)
    loading = weights / case.central("deployment.load_rate", "B/s")
    return np.asarray(loading + case.central("deployment.cold_start", "s"))


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
