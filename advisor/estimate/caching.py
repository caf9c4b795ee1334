"""What a cache in front of a model saves, and what it takes.

Free functions over scalars or arrays; energies in kWh, shares as ratios.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array


def fresh_share(ttl_days: Number, change_days: Number | None) -> Number:
    """Share of cached answers still true when used [0-1].

    Answers are used at a random age within their time to live; knowledge changes at random
    every ``change_days`` on average (None: never). Mean of exp(-t/change) over the life.
    """
    if change_days is None:
        return 1.0
    x = np.maximum(np.asarray(ttl_days) / change_days, 1e-9)
    fresh: Array = -np.expm1(-x) / x
    return fresh


def hits(repeat_share: Number, found: Number, fresh: Number) -> Number:
    """Hit rate [0-1]: repeats, of which the cache finds a share, of which some are fresh."""
    return repeat_share * found * fresh


def energy_saved(
    hit_rate: Number, false_hit_share: Number, call_kwh: Number, lookup_kwh: Number, store_kwh: Number
) -> Number:
    """Energy a cache saves per request [kWh]; negative where it costs more than it saves.

    A false hit is asked again, so it saves nothing. ``store_kwh`` is the store's idle
    energy per request.
    """
    return hit_rate * (1.0 - false_hit_share) * call_kwh - lookup_kwh - store_kwh


def break_even_hit_rate(
    lookup_kwh: Number, store_kwh_per_day: Number, requests_per_day: Number, call_kwh: Number
) -> Number:
    """Hit rate [ratio] above which a cache saves energy; above 1 it never does."""
    return (lookup_kwh + store_kwh_per_day / requests_per_day) / call_kwh


def prefix_tokens(cached_tokens: Number, minimum: float, step: float) -> Number:
    """Prefix tokens that a prompt cache keeps [tok]: none below ``minimum``, then whole steps."""
    tokens = np.asarray(cached_tokens, dtype=np.float64)
    steps = np.floor((tokens - minimum) / step)
    return np.where(tokens >= minimum, minimum + step * steps, 0.0)


def prefix_alive(requests_per_s: Number, keep_s: Number) -> Number:
    """Chance that a prefix is still cached at the next request [0-1], arrivals at random."""
    alive: Number = -np.expm1(-np.asarray(requests_per_s) * keep_s)
    return alive
