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

    Source: Exponential lifetimes: changes arrive as a Poisson process.

    >>> round(float(fresh_share(7, 7)), 3)  # day, day: 1 - 1/e -> ratio
    0.632
    """
    if change_days is None:
        return 1.0
    x = np.maximum(np.asarray(ttl_days) / change_days, 1e-9)
    fresh: Array = -np.expm1(-x) / x
    return fresh


def hits(repeat_share: Number, found: Number, fresh: Number) -> Number:
    """Hit rate [0-1]: repeats, of which the cache finds a share, of which some are fresh.

    Source: A product of independent shares.

    >>> hits(0.5, 0.8, 1.0)  # ratio each -> ratio
    0.4
    """
    return repeat_share * found * fresh


def break_even_hit_rate(
    lookup_kwh: Number, store_kwh_per_day: Number, requests_per_day: Number, call_kwh: Number
) -> Number:
    """Hit rate [ratio] above which a cache saves energy; above 1 it never does.

    Source: The hit rate at which hits spare what looking up and storing take.

    >>> break_even_hit_rate(0.0001, 0.1, 1000, 0.001)  # (0.0001 + 0.0001) / 0.001 kWh -> ratio
    0.2
    """
    return (lookup_kwh + store_kwh_per_day / requests_per_day) / call_kwh


def prefix_tokens(cached_tokens: Number, minimum: float, step: float) -> Number:
    """Prefix tokens that a prompt cache keeps [tok]: none below ``minimum``, then whole steps.

    Source: Prompt caching from 1,024 tokens in steps of 128 (OpenAI, Azure OpenAI documentation).

    >>> float(prefix_tokens(1500, 1024, 128))  # 1,024 + 3 x 128 -> tok
    1408.0
    """
    tokens = np.asarray(cached_tokens, dtype=np.float64)
    steps = np.floor((tokens - minimum) / step)
    return np.where(tokens >= minimum, minimum + step * steps, 0.0)


def prefix_alive(requests_per_s: Number, keep_s: Number) -> Number:
    """Chance that a prefix is still cached at the next request [0-1], arrivals at random.

    Source: Poisson arrivals.

    >>> round(float(prefix_alive(0.01, 100)), 3)  # 1/s, s: 1 - 1/e -> ratio
    0.632
    """
    alive: Number = -np.expm1(-np.asarray(requests_per_s) * keep_s)
    return alive
