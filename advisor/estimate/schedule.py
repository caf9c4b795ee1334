"""When to run a job that may wait: hourly intensity, slack, pauses, forecast error.

Free functions over hourly series. An intensity may be in any unit; only ratios matter.
Perfect foresight unless a forecast is given.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
HOURS_PER_DAY = 24


def noisy_year(
    shapes: Array, days: tuple[int, ...], sigma: float, hourly: float, daily: float, normals: Array
) -> Array:
    """A year of hourly intensity ratios: seasonal day shapes with weather around them.

    ``shapes``: one row of 24 ratios a season, each repeated for its number of ``days``.
    ``sigma``: standard deviation of the logarithm around the shape. Weather is a slow
    autoregressive process and hourly jitter, whose autocorrelation after an hour is
    ``hourly`` and after a day ``daily`` (or more, where the two contradict a slow process).
    ``normals``: standard normals, shape (2, hours).

    Source: A log-normal factor whose weather is an AR(1) process.

    >>> flat = np.ones((1, 24))  # ratio by hour of day
    >>> float(noisy_year(flat, (2,), 0.0, 0.9, 0.5, np.zeros((2, 48))).sum())  # 48 h without weather
    48.0
    """
    base = np.concatenate([np.tile(row, count) for row, count in zip(shapes, days, strict=True)])
    slow = max(max(daily, 1e-6) ** (1.0 / HOURS_PER_DAY), hourly)
    fast_share = 1.0 - hourly / slow
    weather = np.sqrt(1.0 - fast_share) * _autoregressive(normals[0], slow) + np.sqrt(fast_share) * normals[1]
    series: Array = base * np.exp(sigma * weather - sigma**2 / 2.0)
    return series


def _autoregressive(normals: Array, rho: float) -> Array:
    """An AR(1) process of unit variance driven by ``normals``."""
    from itertools import accumulate

    kick = np.sqrt(1.0 - rho**2)
    steps = accumulate(normals[1:].tolist(), lambda x, z: rho * x + kick * z, initial=float(normals[0]))
    return np.fromiter(steps, dtype=np.float64, count=len(normals))


def windows(series: Array, start_hour: int, hours: int) -> Array:
    """What lies ahead of each day's ``start_hour``: shape (days, hours); the series repeats.

    Source: Sliding windows.

    >>> windows(np.arange(48.0), 6, 3).tolist()  # h: what lies ahead of six in the morning
    [[6.0, 7.0, 8.0], [30.0, 31.0, 32.0]]
    """
    days = len(series) // HOURS_PER_DAY
    ahead = np.concatenate([series, np.resize(series, hours + start_hour)])
    view = sliding_window_view(ahead, hours)[start_hour : start_hour + days * HOURS_PER_DAY : HOURS_PER_DAY]
    return np.asarray(view)


def run_now(ahead: Array, length: int) -> Array:
    """Mean intensity of a job of ``length`` hours started at once, by row.

    Source: Carbon-aware scheduling as in Wiesner et al. 2021 (Let's wait awhile).

    >>> run_now(np.array([[300.0, 100.0, 50.0]]), 2).tolist()  # g/kWh
    [200.0]
    """
    mean: Array = ahead[:, :length].mean(axis=1)
    return mean


def best_start(ahead: Array, length: int, slack: int) -> Array:
    """Hours to wait, by row, for the cleanest unbroken run that starts within ``slack`` hours.

    Source: Carbon-aware scheduling as in Wiesner et al. 2021 (Let's wait awhile).

    >>> best_start(np.array([[300.0, 100.0, 50.0]]), 1, 2).tolist()  # h to wait
    [2]
    """
    sums = np.cumsum(np.pad(ahead[:, : length + slack], ((0, 0), (1, 0))), axis=1)
    means = (sums[:, length:] - sums[:, :-length]) / length
    # of equal starts the earliest; rounding keeps sums of equal numbers equal
    delay: Array = np.argmin(np.round(means / max(float(np.abs(means).max()), 1e-12), 9), axis=1)
    return delay


def waited(ahead: Array, length: int, slack: int, forecast: Array | None = None) -> Array:
    """Mean intensity of an unbroken job that waits for the cleanest start, by row.

    With ``forecast`` (same shape as ``ahead``) the start is chosen on it and paid at ``ahead``.

    Source: Carbon-aware scheduling as in Wiesner et al. 2021 (Let's wait awhile).

    >>> waited(np.array([[300.0, 100.0, 50.0]]), 2, 1).tolist()  # g/kWh: the later two hours
    [75.0]
    """
    delay = best_start(ahead if forecast is None else forecast, length, slack)
    hours = delay.astype(np.int64)[:, None] + np.arange(length)
    mean: Array = np.take_along_axis(ahead, hours, axis=1).mean(axis=1)
    return mean


def paused(ahead: Array, length: int, slack: int, forecast: Array | None = None) -> Array:
    """Mean intensity of a job that runs in the cleanest hours and pauses in between, by row.

    Source: Carbon-aware scheduling as in Wiesner et al. 2021 (Let's wait awhile).

    >>> paused(np.array([[50.0, 300.0, 100.0]]), 2, 1).tolist()  # g/kWh: hours 1 and 3
    [75.0]
    """
    horizon = length + slack
    seen = (ahead if forecast is None else forecast)[:, :horizon]
    hours = np.argpartition(seen, length - 1, axis=1)[:, :length]
    mean: Array = np.take_along_axis(ahead[:, :horizon], hours, axis=1).mean(axis=1)
    return mean


def saving(now: Array, later: Array) -> float:
    """Share of carbon saved over all rows [ratio], never negative with perfect foresight.

    Source: One less a ratio of sums.

    >>> saving(np.array([200.0]), np.array([150.0]))  # g/kWh -> ratio
    0.25
    """
    return float(1.0 - later.sum() / now.sum())


def dynamic_gain(intensity: Array, demand: Array) -> tuple[int, float, float]:
    """Best single region, its mean, and the mean of always using the cleanest one.

    ``intensity``: one row a region, one column an hour [g/kWh]; ``demand``: weight of hours.
    Returns (row, static mean, hour-by-hour mean), both weighted by demand.

    Source: Means weighted by demand.

    >>> dynamic_gain(np.array([[100.0, 300.0], [200.0, 100.0]]), np.ones(2))  # g/kWh
    (1, 150.0, 100.0)
    """
    weights = demand / demand.sum()
    static = intensity @ weights
    row = int(np.argmin(static))
    # never above the best region but by rounding
    return row, float(static[row]), float(min(intensity.min(axis=0) @ weights, static[row]))
