"""What data costs to keep as it ages, and the ages at which moving it pays.

Free functions; ages in days, data in GB. A *body* is one data set: a stock, spread evenly over the
ages it has reached when the plan starts, and a steady arrival of new data. ``mass`` is how much of it
passes an age within the horizon, so whatever happens at that age, it happens to that much.
Values are in whatever unit the rates are (USD, kgCO2e or a weighted sum of several).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import chain, combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
N = TypeVar("N", float, Array)
# (age from which [day], tier) in order of age, the first at age 0
Schedule = tuple[tuple[float, int], ...]

TIERS = ("premium", "hot", "cool", "cold", "archive")
PREMIUM, HOT, COOL, COLD, ARCHIVE = range(len(TIERS))
MB_PER_GB = 1000.0
# schedules closer than this, relatively, cost the same; then the one with fewer moves is kept
SAME = 1e-12
# decimals of an age [day] that tell two ages apart
DECIMALS = 6
# bodies and schedules kept for the next time the same is asked
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Body:
    """One data set over the planned time.

    ``stock`` [GB] at the start, ``arrivals`` [GB/day], ``horizon`` and ``kept`` [day] (how
    long each GB is kept), ``reads`` (age from which [day], full reads a day), ascending. ``oldest``:
    age at the start below which the stock is spread evenly [day]; 0: all of it is new then.
    """

    stock: float
    arrivals: float
    horizon: float
    kept: float
    reads: tuple[tuple[float, float], ...] = ()
    oldest: float = 0.0

    @property
    def end(self) -> float:
        """The oldest age that any of it reaches within the horizon [day]."""
        return min(self.kept, self.horizon + self.oldest)

    @property
    def density(self) -> float:
        """The stock of a day of age, where it is spread over ages [GB/day]."""
        return self.stock / self.oldest


@dataclass(frozen=True, slots=True)
class Rates:
    """What each tier charges; one value a tier, in the order of ``TIERS``.

    ``hold`` and ``early`` [value/GB/day] while data lies there, and for the days short of
    ``minimum`` [day] once it has left; ``read`` [value/GB read]; ``enter`` [value/GB] on
    being written or moved there; ``place`` [value/GB] to put the stock there at the start.
    """

    hold: tuple[float, ...]
    early: tuple[float, ...]
    read: tuple[float, ...]
    enter: tuple[float, ...]
    place: tuple[float, ...]
    minimum: tuple[float, ...]
    offered: tuple[bool, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """What a schedule uses of each tier over the horizon: GB-days held, GB-days charged
    after leaving early, GB read, GB of new or moved data entered, GB of stock placed.
    """

    hold: Array
    early: Array
    read: Array
    enter: Array
    place: Array


def mass(body: Body, age: N) -> N:
    """Data that passes an age within the horizon [GB]; the age below the horizon where all stock is new.

    Of a stock that is spread over ages, what is younger at the start and gets there in time.

    Source: Linear growth.

    >>> mass(Body(stock=10, arrivals=1, horizon=100, kept=100), 40)  # 10 + 60 -> GB
    70
    >>> mass(Body(stock=50, arrivals=1, horizon=100, kept=100, oldest=50), 40)  # 40 younger + 60 -> GB
    100.0
    """
    if not body.oldest:
        return body.stock + body.arrivals * (body.horizon - age)
    there = _least(age, body.oldest) - _least(_above(age - body.horizon), body.oldest)
    return body.density * there + body.arrivals * _above(body.horizon - age)


def _above(value: N) -> N:
    return np.maximum(value, 0.0) if isinstance(value, np.ndarray) else max(value, 0.0)


def _least(value: N, most: float) -> N:
    return np.minimum(value, most) if isinstance(value, np.ndarray) else min(value, most)


def held(body: Body, age: N) -> N:
    """GB-days that data spends below an age [at least 0] within the horizon: integral of ``mass``.

    Source: The integral of ``mass``.

    >>> held(Body(stock=10, arrivals=1, horizon=100, kept=100), 10)  # 10 d x (10 + 95) GB -> GB-day
    1050.0
    >>> held(Body(50, 1, 100, 100, oldest=50), 10)  # 10 d x 100 GB, as much at any moment -> GB-day
    1000.0
    """
    ages = _least(age, body.horizon)
    if not body.oldest:
        return ages * (body.stock + body.arrivals * (body.horizon - ages / 2.0))
    flow = body.arrivals * ages * (body.horizon - ages / 2.0)
    since = (0.0, body.oldest, body.horizon, body.horizon + body.oldest)
    young, old, late, gone = (_above(age - start) for start in since)
    total: N = flow + body.density / 2.0 * (young * young - old * old - late * late + gone * gone)
    return total


def stock_below(body: Body, age: N) -> N:
    """What of the stock is younger than an age at the start [GB].

    Source: A stock spread evenly over ages.

    >>> stock_below(Body(50, 1, 100, 100, oldest=50), 10.0)  # a fifth of 50 GB -> GB
    10.0
    """
    if body.oldest:
        return body.density * _least(age, body.oldest)
    if isinstance(age, np.ndarray):
        return np.where(age > 0, body.stock, 0.0)
    return body.stock if age > 0 else 0.0


def read(body: Body, age: N) -> N:
    """GB read from data below an age within the horizon.

    Source: The integral of ``mass`` times the rate of reading.

    >>> body = Body(stock=10, arrivals=1, horizon=100, kept=100, reads=((0.0, 0.1),))
    >>> read(body, 10)  # a tenth a day of 1,050 GB-days -> GB
    105.0
    """
    total = age * 0.0
    stops = [*(start for start, _ in body.reads[1:]), np.inf]
    for (start, rate), stop in zip(body.reads, stops, strict=False):
        inside = np.clip(age, start, stop) if isinstance(age, np.ndarray) else max(min(age, stop), start)
        total = total + rate * (held(body, inside) - held(body, start))
    return total


def candidate_ages(body: Body, minimum: tuple[float, ...], offered: tuple[bool, ...]) -> tuple[float, ...]:
    """Ages at which the best schedule can move data [day].

    Between the ages where reading or charges change, the value of moving at an age is
    concave in it, so its minimum lies at one of those ages, or a sum of minimum stays
    before or after one.

    Source: A concave function on an interval is least at an end.

    >>> candidate_ages(Body(10, 1, 100, 100), (0, 0, 30), (False, True, True))  # day
    (0.0, 30.0, 70)
    """
    stays = sorted({stay for stay, sold in zip(minimum, offered, strict=True) if sold and stay > 0})
    sums = {sum(some) for some in chain.from_iterable(combinations(stays, k) for k in range(len(stays) + 1))}
    turns = (body.oldest, body.horizon) if body.oldest else ()
    fixed = {0.0, body.end, *turns, *(start for start, _ in body.reads)}
    ages = {round(at + sign * stay, DECIMALS) for at in fixed for stay in sums for sign in (1, -1)}
    return tuple(sorted(age for age in ages if 0.0 <= age < body.end))


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """All that a body contributes to the search: GB-days, GB read and GB of the stock from one
    candidate age to another and to the end, GB-days charged on leaving early, GB passing.
    """

    ages: Array
    hold: Array
    early: Array
    read: Array
    stock: Array
    passing: Array
    hold_end: Array
    early_end: Array
    read_end: Array
    stock_end: Array


@lru_cache(maxsize=REMEMBERED)
def _grid(body: Body, minimum: tuple[float, ...], offered: tuple[bool, ...]) -> _Grid:
    ages = np.array(candidate_ages(body, minimum, offered))
    days, seen, lying = held(body, ages), read(body, ages), stock_below(body, ages)
    end, least = held(body, body.end), np.array(minimum)[:, None, None]
    paid = held(body, np.maximum(ages, ages[:, None] + least)) - days
    paid_end = held(body, np.maximum(body.end, ages + least[:, :, 0])) - end
    # a stay that ends before it begins is no stay
    hold = np.where(np.triu(np.ones((len(ages),) * 2, dtype=bool), 1), days - days[:, None], np.inf)
    return _Grid(
        ages, hold, paid, seen - seen[:, None], lying - lying[:, None], mass(body, ages), end - days,
        paid_end, read(body, body.end) - seen, stock_below(body, body.end) - lying,
    )  # fmt: skip


@lru_cache(maxsize=REMEMBERED)
def solve(body: Body, rates: Rates) -> Schedule:
    """The schedule of least value: exact, by dynamic programming over ages and tiers.

    Data moves to cooler tiers only, as lifecycle rules do; premium is a different kind of
    account and never left by age. ``hold`` must be positive. Raises ValueError when no tier
    is offered.

    Source: Dynamic programming (Bellman).

    >>> free, sold = (0.0,) * 5, (False, True, True, False, False)
    >>> rates = Rates((9, 2, 1, 1, 1), free, free, free, free, free, sold)  # USD/GB/day and so on
    >>> solve(Body(10, 0, 100, 100), rates)  # (day, tier): cool from the start, as entering is free
    ((0.0, 2),)
    """
    if not any(rates.offered):
        raise ValueError("a data set needs at least one tier")
    grid = _grid(body, rates.minimum, rates.offered)
    count = len(grid.ages)
    best = np.full((len(TIERS), count), np.inf)
    origin = np.zeros((len(TIERS), count, 2), dtype=int)
    for tier, offered in enumerate(rates.offered):
        if offered:
            best[tier, 0] = body.arrivals * body.horizon * rates.enter[tier]
    for tier in (HOT, COOL, COLD):
        if not rates.offered[tier] or not any(rates.offered[tier + 1 :]):
            continue
        total = best[tier][:, None] + rates.hold[tier] * grid.hold + rates.read[tier] * grid.read
        total += rates.place[tier] * grid.stock
        if rates.minimum[tier]:
            total += rates.early[tier] * grid.early[tier]
        entered = total.argmin(axis=0)
        leaving = total[entered, np.arange(count)]
        for cooler in range(tier + 1, len(TIERS)):
            if rates.offered[cooler]:
                reached = leaving + rates.enter[cooler] * grid.passing
                better = reached < best[cooler] * (1.0 - SAME)
                best[cooler, better] = reached[better]
                origin[cooler, better, 0] = tier
                origin[cooler, better, 1] = entered[better]
    hold, early, reading, put = (
        np.array(part)[:, None] for part in (rates.hold, rates.early, rates.read, rates.place)
    )
    stays = hold * grid.hold_end + early * grid.early_end + reading * grid.read_end + put * grid.stock_end
    return _trace(grid.ages, origin, best + stays)


def _trace(ages: Array, origin: NDArray[np.int_], final: Array) -> Schedule:
    least = final.min()
    tied = final <= least + abs(least) * SAME
    # the earliest age, then the warmest tier, among equals: the fewest moves
    at = int(np.argmax(tied.any(axis=0)))
    tier = int(np.argmax(tied[:, at]))
    moves = [(float(ages[at]), tier)]
    while at > 0:
        tier, at = (int(part) for part in origin[tier, at])
        moves.append((float(ages[at]), tier))
    return tuple(reversed(moves))


@lru_cache(maxsize=REMEMBERED)
def use(body: Body, schedule: Schedule, minimum: tuple[float, ...]) -> Use:
    """What a schedule uses of each tier over the horizon.

    Stock that has reached an age is put where the schedule has data of that age, and its minimum stay is
    counted from the age at which data comes there.

    Source: The integral of ``mass`` between the moves.

    >>> used = use(Body(10, 0, 100, 100), ((0.0, HOT), (30.0, COOL)), (0,) * 5)
    >>> used.hold.tolist()  # GB-day by tier: 10 GB for 30 and 70 days
    [0.0, 300.0, 700.0, 0.0, 0.0]
    """
    found = Use(*(np.zeros(len(TIERS)) for _ in fields(Use)))
    found.enter[schedule[0][1]] = body.arrivals * body.horizon
    stops = [*(age for age, _ in schedule[1:]), body.end]
    for (age, tier), stop in zip(schedule, stops, strict=True):
        if age >= body.end:
            break
        leave = min(stop, body.end)
        found.hold[tier] += held(body, leave) - held(body, age)
        found.early[tier] += held(body, max(leave, age + minimum[tier])) - held(body, leave)
        found.read[tier] += read(body, leave) - read(body, age)
        found.place[tier] += stock_below(body, leave) - stock_below(body, age)
        if age > 0:
            found.enter[tier] += mass(body, age)
    for part in (found.hold, found.early, found.read, found.enter, found.place):
        part.setflags(write=False)  # shared by everyone who asks for the same
    return found


def value(used: Use, rates: Rates) -> float:
    """The value of what is used.

    Source: Quantities times rates.

    >>> used = use(Body(10, 0, 100, 100), ((0.0, HOT),), (0,) * 5)
    >>> free = (0.0,) * 5
    >>> rates = Rates((0, 0.002, 0, 0, 0), free, free, free, free, free, (True,) * 5)
    >>> value(used, rates)  # 1,000 GB-day at 0.002 USD -> USD
    2.0
    """
    pairs = (
        (used.hold, rates.hold), (used.early, rates.early), (used.read, rates.read),
        (used.enter, rates.enter), (used.place, rates.place),
    )  # fmt: skip
    return float(sum(np.dot(amount, np.asarray(rate)) for amount, rate in pairs))


def standing(body: Body, schedule: Schedule, days: Array) -> Array:
    """What lies in each tier some days after the start [GB], shape (days, tiers).

    Source: Linear growth.

    >>> standing(Body(10, 1, 100, 100), ((0.0, HOT),), np.array([5.0])).tolist()  # GB by tier
    [[0.0, 15.0, 0.0, 0.0, 0.0]]
    >>> standing(Body(50, 1, 100, 60, oldest=50), ((0.0, HOT),), np.array([30.0])).tolist()  # 30 + 30 GB
    [[0.0, 60.0, 0.0, 0.0, 0.0]]
    """
    found = np.zeros((len(days), len(TIERS)))
    stops = [*(age for age, _ in schedule[1:]), np.inf]
    oldest = np.minimum(days, body.kept)
    for (age, tier), stop in zip(schedule, stops, strict=True):
        leave = min(stop, body.kept)
        if body.oldest:
            ages = np.maximum(np.minimum(leave, days + body.oldest) - np.maximum(age, days), 0.0)
            stock = body.density * ages
        else:
            stock = body.stock * ((days >= age) & (days < leave))
        found[:, tier] += body.arrivals * np.maximum(np.minimum(stop, oldest) - age, 0.0) + stock
    return found


def objects_per_gb(object_mb: Number) -> Number:
    """Objects in a GB [op/GB: one operation reads or writes one object].

    Source: A gigabyte of 1,000 megabytes, as storage is billed.

    >>> objects_per_gb(4.0)  # MB -> op/GB
    250.0
    """
    return MB_PER_GB / object_mb


def break_even_reads(
    capacity_saved: Number, retrieval_added: Number, read_added: Number, object_mb: Number,
    move: Number = 0.0, months: Number = 1.0,
) -> Number:  # fmt: skip
    """Full reads a month above which the warmer of two tiers is cheaper [1/month].

    ``capacity_saved`` [USD/GB/month] and ``retrieval_added`` [USD/GB] between the tiers,
    ``read_added`` [USD/op], ``move`` [USD/op] to change tier once in ``months``. Infinite
    where reading the cooler tier costs no more; negative where moving never pays back.

    Source: Equal price on both sides.

    >>> break_even_reads(0.01, 0.01, 0.0, 4.0)  # USD/GB/month, USD/GB -> 1/month
    1.0
    """
    per_gb = objects_per_gb(object_mb)
    saved = capacity_saved - move * per_gb / months
    denominator = np.asarray(retrieval_added + read_added * per_gb, dtype=np.float64)
    safe = np.where(denominator > 0, denominator, 1.0)
    crossing = np.where(denominator > 0, saved / safe, np.inf)
    return float(crossing) if crossing.ndim == 0 else crossing
