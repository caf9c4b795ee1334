"""Sizing what serves the requests: provisioned units, replicas, their idle time.

Free functions over scalars or arrays. A replica serves several requests at once; requests
arrive at random, so the number running at once is Poisson (an M/G/infinity queue): busy
share and batch follow from the mean number running.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
SECONDS_PER_HOUR = 3600.0
# fixed-point sweeps: batch and service time settle each other well within these
SWEEPS = 12
ROUNDING = 1e-9  # of floating point, before a floor


def normalised_tokens(
    input_tokens: Number, output_tokens: Number, cached_share: Number, output_ratio: Number
) -> Number:
    """Tokens of a request as provisioned throughput counts them [tok].

    Cached input is free, an output token counts ``output_ratio`` input tokens (Microsoft
    Learn, Azure OpenAI provisioned throughput).

    >>> normalised_tokens(1000, 200, 0.5, 4)  # tok: 500 + 800
    1300.0
    """
    return input_tokens * (1.0 - cached_share) + output_ratio * output_tokens


def units_needed(requests_per_minute: Number, tokens: Number, tpm_per_unit: Number) -> Number:
    """Provisioned units [PTU] for a rate of requests of ``tokens`` normalised tokens each.

    Source: Microsoft Learn, Azure OpenAI provisioned throughput.

    >>> units_needed(60, 1300, 2600)  # 1/min, tok, tok/min/PTU -> PTU
    30.0
    """
    return requests_per_minute * tokens / tpm_per_unit


def units_sold(needed: Number, minimum: float, increment: float) -> Array:
    """The smallest size on sale that covers ``needed`` [PTU]: minimum + k x increment.

    Source: Microsoft Learn, Azure OpenAI provisioned throughput.

    >>> float(units_sold(30, 25, 25))  # PTU: 25, 50, ...
    50.0
    """
    over = np.maximum(np.asarray(needed, dtype=np.float64) - minimum, 0.0)
    # what floating point adds to a whole number of steps buys no further one
    steps = np.ceil(np.round(over / increment, 9))
    size: Array = minimum + steps * increment
    return size


def within(rate: Array, capacity: Number) -> Array:
    """Share of the requests that a fixed capacity serves when demand is ``rate`` by hour [0-1].

    Source: A queue that loses what it cannot serve within the hour.

    >>> float(within(np.array([1.0, 3.0]), 2.0))  # 1/s, 1/s: (1 + 2) / 4 -> ratio
    0.75
    """
    total = float(np.sum(rate))
    served = np.sum(np.minimum(rate, capacity))
    return np.asarray(served / total if total > 0 else 1.0)


def largest_batch(
    batches: Array, first_token_s: Array, answer_s: Array, first_token_limit_s: float, answer_limit_s: float
) -> Array:
    """The largest whole batch that meets both latency limits; 0 when not even one request does.

    Arrays run over batches along the last axis, which ascends, and with it the times [s] of a request
    served at each batch; between two of them times are taken as linear.

    Source: Linear interpolation.

    >>> times = np.array([1.0, 2.0, 4.0])  # s at batches 1, 2 and 4
    >>> float(largest_batch(np.array([1.0, 2.0, 4.0]), times / 10, times, 1.0, 3.0))  # 3 s at batch 3
    3.0
    """
    most = np.minimum(
        _crossing(batches, np.maximum.accumulate(first_token_s, axis=-1), first_token_limit_s),
        _crossing(batches, np.maximum.accumulate(answer_s, axis=-1), answer_limit_s),
    )
    meets = (first_token_s[..., 0] <= first_token_limit_s) & (answer_s[..., 0] <= answer_limit_s)
    largest: Array = np.where(meets, np.floor(most + ROUNDING), 0.0)
    return largest


def _crossing(x: Array, rising: Array, limit: float) -> Array:
    """The x at which what rises along the last axis reaches ``limit``; the last x if it never does."""
    inside = np.clip((rising <= limit).sum(axis=-1), 1, rising.shape[-1] - 1)[..., None]
    low, high = (np.take_along_axis(rising, at, axis=-1)[..., 0] for at in (inside - 1, inside))
    left, right = (np.take_along_axis(x, at, axis=-1)[..., 0] for at in (inside - 1, inside))
    part = np.clip((limit - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    part = np.where(rising[..., -1] <= limit, 1.0, part)
    reached: Array = left + part * (right - left)
    return reached


def running(rate_per_s: Array, replicas: Array, batches: Array, service_s: Array) -> tuple[Array, Array]:
    """Busy share [0-1] and running batch of replicas that share ``rate_per_s`` arrivals.

    ``service_s`` is the time a request takes at each of ``batches``. Little's law gives the
    mean number running L = rate x service time; with Poisson occupancy a replica is busy
    1 - exp(-L) of the time and, while busy, runs L / (1 - exp(-L)) requests.

    Source: Little 1961; M/G/infinity.

    >>> busy, batch = running(np.array([1.0]), np.array([1.0]), np.array([1.0, 8.0]), np.array([1.0, 1.0]))
    >>> round(float(busy[0]), 3), round(float(batch[0]), 3)  # L = 1: 1 - 1/e busy, 1 / 0.632 at once
    (0.632, 1.582)
    """
    share = rate_per_s / np.maximum(replicas, 1e-9)
    batch = np.ones_like(share)
    for _ in range(SWEEPS):
        inside = share * np.interp(batch, batches, service_s)
        busy = -np.expm1(-inside)
        batch = np.where(inside > 0, inside / np.maximum(busy, 1e-12), 1.0)
        batch = np.clip(batch, 1.0, batches[-1])
    return np.where(replicas > 0, busy, 0.0), batch


def batch_at(most: Array, share: float) -> Array:
    """Requests that run together on a busy replica at a ``share`` [0-1] of the load that runs ``most``.

    The same queue as ``running``: with L running on average a busy replica runs L / (1 - exp(-L)). All
    of the load runs all of them.

    Source: Little 1961; M/G/infinity.

    >>> round(float(batch_at(np.array([2.0]), 0.5)[0]), 3)  # item, ratio: L = 1, 1 / 0.632 -> item
    1.582
    """
    inside = most * max(share, ROUNDING)
    batch: Array = np.minimum(inside / -np.expm1(-inside), most)
    return most if share >= 1.0 else np.maximum(batch, 1.0)


def load_curve(running_mean: Array, batches: Array, service_s: Array) -> tuple[Array, Array]:
    """Requests a second a replica takes, and the batch that runs, when a mean number is running.

    The same queue as ``running``, the other way round and so without iteration: with L running on
    average the batch is L / (1 - exp(-L)), and Little's law gives the rate L / service time. Arrays
    have one row a kind of replica; ``batches`` are equally spaced on a logarithmic scale from 1.

    Source: Little 1961; M/G/infinity.

    >>> batches, service = np.array([[1.0, 8.0]]), np.array([[2.0, 2.0]])  # item, s
    >>> rate, batch = load_curve(np.array([[1.0]]), batches, service)
    >>> float(rate[0, 0])  # L / 2 s -> request/s
    0.5
    """
    batch = np.clip(running_mean / -np.expm1(-running_mean), 1.0, batches[:, -1:])
    (service,) = at_batch(batch, batches, service_s)
    return running_mean / service, batch


def at_batch(batch: Array, batches: Array, *values: Array) -> tuple[Array, ...]:
    """``values`` known at ``batches``, at others, linear in between; one row a kind of replica.

    ``batches`` are equally spaced on a logarithmic scale from 1.

    Source: Linear interpolation.

    >>> (value,) = at_batch(np.array([[2.0]]), np.array([[1.0, 4.0]]), np.array([[10.0, 40.0]]))
    >>> float(value[0, 0])  # linear in the batch
    20.0
    """
    steps = batches.shape[1] - 1
    place = np.log(np.maximum(batch, 1.0)) * (steps / np.log(batches[:, -1:]))
    low = np.clip(place.astype(np.int64), 0, steps - 1)
    row = np.arange(len(batches))[:, None]
    left = batches[row, low]
    part = np.clip((batch - left) / (batches[row, low + 1] - left), 0.0, 1.0)
    return tuple(known[row, low] * (1.0 - part) + known[row, low + 1] * part for known in values)


def held_power(
    rate_per_s: Array, batches: Array, service_s: Array, work_j: Array, idle_w: float
) -> tuple[Array, Array, Array]:
    """Mean power [W] of a replica held for ``rate_per_s`` arrivals, its busy share and running batch.

    ``service_s`` and ``work_j``: time and energy of a request, all GPUs together, at each of
    ``batches``; ``idle_w``: power of all GPUs while none runs. Work costs what it does at the batch
    that the rate leads to, and idle power is drawn for the rest of the time: nearly a step where
    one request keeps the replica busy for long, as measured on large dense models. A rate beyond
    what the largest batch serves is served at that rate.

    Source: Little 1961; idle power between busy spells.

    >>> power, _, _ = held_power(np.array([0.0]), np.array([1.0, 8.0]), np.ones(2), np.full(2, 500.0), 70.0)
    >>> float(power[0])  # nothing to do: idle power [W]
    70.0
    """
    served = np.minimum(rate_per_s, batches[-1] / service_s[-1])
    busy, batch = running(served, np.ones_like(served), batches, service_s)
    # what all that run together take is nearly linear in how many they are, a request's share is not
    together = np.interp(batch, batches, batches * work_j)
    power: Array = served * together / batch + (1.0 - busy) * idle_w
    return power, busy, batch


def starts(replicas: Array) -> Array:
    """Replica starts over a week that repeats; hours along the last axis.

    Source: Rises of a week that repeats.

    >>> float(starts(np.array([0.0, 2.0, 1.0, 3.0])))  # replicas by hour: 2 + 2 started
    4.0
    """
    started: Array = np.maximum(replicas - np.roll(replicas, 1, axis=-1), 0.0).sum(axis=-1)
    return started


def keep_warm_limit_h(load_kwh: Number, idle_kw: Number) -> Number:
    """The gap between requests [h] beyond which unloading a model saves energy.

    Source: The ski-rental rule.

    >>> keep_warm_limit_h(0.05, 0.1)  # kWh, kW -> h
    0.5
    """
    return load_kwh / idle_kw


def redundant(needed: int, availability_one: float, target: float, most: int = 1000) -> int:
    """The fewest replicas of which at least ``needed`` run with probability ``target``.

    Replicas fail independently, each up a share ``availability_one`` of the time [0-1].

    Source: k-out-of-n systems of independent parts.

    >>> redundant(1, 0.99, 0.999)  # 1 - 0.01^2 = 0.9999
    2
    """
    for total in range(needed, most + 1):
        up = sum(
            comb(total, k) * availability_one**k * (1.0 - availability_one) ** (total - k)
            for k in range(needed, total + 1)
        )
        if up >= target:
            return total
    return most


def crossing(x: Array, first: Array, second: Array) -> float | None:
    """Where ``first`` falls below ``second``: the lowest x of a change of sign, on log x.

    None where ``first`` is nowhere below ``second`` after having been above it.

    Source: Interpolation on logarithms.

    >>> round(crossing(np.array([1.0, 100.0]), np.array([10.0, 0.1]), np.array([1.0, 1.0])), 3)  # ratio
    10.0
    """
    gap = np.log(first) - np.log(second)
    crossings = np.flatnonzero((gap[:-1] > 0) & (gap[1:] <= 0))
    if crossings.size == 0:
        return None
    i = int(crossings[0])
    part = gap[i] / (gap[i] - gap[i + 1])
    return float(np.exp(np.log(x[i]) + part * (np.log(x[i + 1]) - np.log(x[i]))))


def break_even_units(
    usd_per_unit_hour: Number, usd_per_request: Number, requests_per_unit_hour: Number
) -> Number:
    """Utilisation [ratio] at which a provisioned unit costs what its requests cost by use.

    Above 1 the unit never pays.

    Source: Equal price on both sides.

    >>> break_even_units(1.0, 0.001, 4000)  # USD/h, USD, request/h -> ratio
    0.25
    """
    return usd_per_unit_hour / (usd_per_request * requests_per_unit_hour)


def break_even_machine(usd_per_hour: Number, requests_per_s: Number, usd_per_request: Number) -> Number:
    """Utilisation [ratio] at which a machine costs what its requests cost by use.

    Source: Equal price on both sides.

    >>> break_even_machine(3.6, 10, 0.001)  # USD/h, request/s, USD: 3.6 / 36 -> ratio
    0.1
    """
    return usd_per_hour / (SECONDS_PER_HOUR * requests_per_s * usd_per_request)


def cold_share(rate_per_s: Array, keep_s: Number) -> Array:
    """Chance that a request finds its replica released [0-1], arrivals at random.

    A replica is released after ``keep_s`` idle seconds.

    Source: Poisson arrivals.

    >>> round(float(cold_share(np.array([0.01]), 100)[0]), 3)  # 1/s, s: 1/e -> ratio
    0.368
    """
    share: Array = np.exp(-np.asarray(rate_per_s) * keep_s)
    return share
