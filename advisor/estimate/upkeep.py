"""Keeping a deployed model good: retraining, tests, roll-back.

Free functions over scalars or arrays.
"""

from __future__ import annotations

from math import ceil
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
ARMS = 2  # of a test: what is, and what is new


def retraining_interval_days(
    retrain_kwh: Number, requests_per_day: Number, request_kwh: Number, loss_per_day: Number, rework: Number
) -> Number:
    """The interval [day] at which retraining and the rework it avoids cost least energy.

    T* = sqrt(2 E / (Q e k w)): quality falls by ``loss_per_day`` (absolute share a day),
    every poor answer is asked again ``rework`` times. Infinite where nothing is lost.

    Source: The economic-order-quantity argument (Harris 1913) on energy.

    >>> float(retraining_interval_days(100.0, 1000, 0.001, 0.002, 1.0))  # sqrt(200 / 0.002) -> day
    316.22776601683796
    """
    waste = np.asarray(requests_per_day * request_kwh * loss_per_day * rework, dtype=np.float64)
    lost = waste > 0
    interval: Array = np.where(
        lost, np.sqrt(2.0 * np.asarray(retrain_kwh) / np.where(lost, waste, 1.0)), np.inf
    )
    return interval


def upkeep_kwh_per_day(
    interval_days: Number,
    retrain_kwh: Number,
    requests_per_day: Number,
    request_kwh: Number,
    loss_per_day: Number,
    rework: Number,
) -> Number:
    """Energy of retraining every ``interval_days`` and of the rework in between [kWh/day].

    Source: The economic-order-quantity argument (Harris 1913) on energy.

    >>> float(upkeep_kwh_per_day(100, 100.0, 1000, 0.001, 0.002, 1.0))  # 1 + 1 x 0.1 -> kWh/day
    1.1
    """
    retraining = retrain_kwh / interval_days
    return retraining + requests_per_day * request_kwh * rework * mean_loss(interval_days, loss_per_day)


def mean_loss(interval_days: Number, loss_per_day: Number, most: Number = 1.0) -> Number:
    """Mean share of answers lost when quality is restored every ``interval_days`` [0-1].

    Quality falls in a straight line until ``most``, all there was, is lost.

    Source: The mean of a straight line that ends at nothing.

    >>> float(mean_loss(100, 0.002))  # day, 1/day: half of 0.2 -> ratio
    0.1
    >>> round(float(mean_loss(800, 0.002, 0.8)), 6)  # 400 days at a mean of 0.4, then 400 at 0.8 -> ratio
    0.6
    """
    lost = np.asarray(loss_per_day, dtype=np.float64) * interval_days
    beyond: Array = most - np.square(most) / 2.0 / np.maximum(lost, most)
    return np.where(lost > most, beyond, lost / 2.0)


def days_to_floor(quality: Number, floor: float, loss_per_day: Number) -> Number:
    """Days until quality falls to ``floor``; infinite where nothing is lost.

    Source: A straight line.

    >>> round(float(days_to_floor(0.9, 0.8, 0.002)))  # ratio, ratio, 1/day -> day
    50
    """
    with np.errstate(divide="ignore"):
        days: Array = np.maximum(np.asarray(quality) - floor, 0.0) / np.asarray(
            loss_per_day, dtype=np.float64
        )
    return days


def samples_per_arm(spread: float, difference: float, significance: float, power: float) -> int:
    """Requests in each arm of an A/B test that tells ``difference`` apart.

    ``spread``: coefficient of variation; ``difference``: relative; ``significance``: chance
    of a false alarm, two-sided; ``power``: chance of seeing a true difference. The normal
    approximation n = 2 (z_a + z_b)^2 CV^2 / d^2 (15.7 CV^2 / d^2 at 5 % and 80 %).

    Source: The two-sample normal test.

    >>> samples_per_arm(1.0, 0.1, 0.05, 0.8)  # 15.7 / 0.01 -> request
    1570
    """
    normal = NormalDist()
    z = normal.inv_cdf(1.0 - significance / 2.0) + normal.inv_cdf(power)
    return ceil(2.0 * z**2 * spread**2 / difference**2)


def test_days(samples_per_arm: Number, requests_per_day: Number) -> Number:
    """How long an A/B test takes where all traffic is in one of its two arms [day].

    Source: Each request is in one arm.

    >>> test_days(1570, 1000)  # request, request/day: 2 x 1,570 / 1,000 -> day
    3.14
    """
    return ARMS * samples_per_arm / requests_per_day


def detectable(spread: float, samples: float, significance: float, power: float) -> float:
    """The smallest relative difference that ``samples`` in each arm tell apart.

    Source: The two-sample normal test.

    >>> round(detectable(1.0, 1570, 0.05, 0.8), 3)  # request -> ratio
    0.1
    """
    normal = NormalDist()
    z = normal.inv_cdf(1.0 - significance / 2.0) + normal.inv_cdf(power)
    return float(np.sqrt(2.0 * z**2 * spread**2 / samples))


def share_spread(share: float) -> float:
    """Coefficient of variation of a yes/no outcome with probability ``share`` (0 to 1).

    Source: The Bernoulli distribution.

    >>> share_spread(0.5)  # sqrt(0.5 / 0.5) -> ratio
    1.0
    """
    return float(np.sqrt((1.0 - share) / share))


def verdict(
    before: tuple[float, float],
    after: tuple[float, float],
    samples: int,
    needed: int,
    limit: float,
    mix_matches: bool,
) -> str:
    """Whether a new version's energy per accepted answer calls for a roll-back.

    ``before`` and ``after``: mean and standard error [Wh]. ``refuse``: too few samples or
    another mix of requests; ``roll back``: above ``limit`` (relative) with the whole 95 %
    interval; else ``keep``.

    Source: The delta method for a ratio of two means.

    >>> verdict((1.0, 0.01), (1.3, 0.01), 500, 400, 0.1, True)  # Wh: 30 % more, give or take 3
    'roll back'
    """
    if samples < needed or not mix_matches:
        return "refuse"
    z = NormalDist().inv_cdf(0.975)
    rise = after[0] / before[0] - 1.0
    error = after[0] / before[0] * np.hypot(after[1] / after[0], before[1] / before[0])
    return "roll back" if rise - z * error > limit else "keep"
