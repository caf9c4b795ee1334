"""Work and bytes of taking data in. Free functions over scalars or arrays, no defaults."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]


def arriving_gb(stored_gb: Number, kept_share: Number) -> Number:
    """What arrives [GB] so that ``stored_gb`` is left once the rest is filtered out.

    Source: Conservation of mass.

    >>> arriving_gb(80, 0.8)  # GB, ratio -> GB
    100.0
    """
    return stored_gb / kept_share


def processed_gb(arriving: Number, rework_rate: Number) -> Number:
    """What is processed [GB], poor data again.

    Source: Each GB once, poor data twice.

    >>> processed_gb(100, 0.25)  # GB, ratio -> GB
    125.0
    """
    return arriving * (1.0 + rework_rate)


def batch_hours(processed: Number, runs: Number, start_h: Number, gb_per_h: Number) -> Number:
    """Worker time [h] of ``runs`` that each start up, and then process.

    Source: Start-up plus volume over throughput.

    >>> batch_hours(100, 30, 0.1, 50)  # 3 h of starts + 2 h -> h
    5.0
    """
    return runs * start_h + processed / gb_per_h


def streaming_hours(processed: Number, hours: Number, gb_per_h: Number) -> Number:
    """Worker time [h] of streaming: one worker always on, more where one is too slow.

    Source: A worker that is always on.

    >>> float(streaming_hours(100, 730, 50))  # 2 h of work, 730 h of waiting -> h
    730.0
    """
    return np.maximum(hours, processed / gb_per_h)
