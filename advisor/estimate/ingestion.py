"""Work and bytes of taking data in. Free functions over scalars or arrays, no defaults."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]


def arriving_gb(stored_gb: Number, kept_share: Number) -> Number:
    """What arrives [GB] so that ``stored_gb`` is left once the rest is filtered out."""
    return stored_gb / kept_share


def processed_gb(arriving: Number, rework_rate: Number) -> Number:
    """What is processed [GB], poor data again."""
    return arriving * (1.0 + rework_rate)


def batch_hours(processed: Number, runs: Number, start_h: Number, gb_per_h: Number) -> Number:
    """Worker time [h] of ``runs`` that each start up, and then process."""
    return runs * start_h + processed / gb_per_h


def streaming_hours(processed: Number, hours: Number, gb_per_h: Number) -> Number:
    """Worker time [h] of streaming: one worker always on, more where one is too slow."""
    return np.maximum(hours, processed / gb_per_h)
