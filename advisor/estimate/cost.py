"""What serving costs: by token, by provisioned unit, by machine hour.

Free functions over scalars or arrays; money in USD.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array
TOKENS_PER_MTOK = 1e6


def by_token(
    input_tokens: Number,
    cached_tokens: Number,
    output_tokens: Number,
    usd_input: Number,
    usd_cached: Number,
    usd_output: Number,
    written_tokens: Number = 0.0,
    usd_written: Number = 0.0,
) -> Number:
    """Price of a request [USD]; prices per million tokens.

    Cached tokens, read from a prompt cache, and written ones, put into it, are part of the input.

    Source: How providers price: uncached input, cached input, input put into a cache, output.

    >>> float(by_token(1000, 400, 100, 1.0, 0.5, 4.0))  # (600 + 200 + 400) tok x USD/Mtok -> USD
    0.0012
    """
    fresh = np.maximum(input_tokens - cached_tokens - written_tokens, 0.0)
    read = fresh * usd_input + cached_tokens * usd_cached + written_tokens * usd_written
    return (read + output_tokens * usd_output) / TOKENS_PER_MTOK


def units_per_month(
    units: Number, usd_per_unit_hour: Number, discount: Number, hours_per_month: float
) -> Number:
    """Monthly price of provisioned units [USD], ``discount`` as a share off the hourly price.

    Source: How provisioned throughput is sold.

    >>> units_per_month(50, 1.0, 0.5, 730)  # PTU, USD/h, ratio, h -> USD
    18250.0
    """
    return units * usd_per_unit_hour * (1.0 - discount) * hours_per_month


def machines_per_month(
    machine_hours_per_week: Number, usd_per_hour: Number, weeks_per_month: float
) -> Number:
    """Monthly price of machines by the hours they are held [USD].

    Source: Hours held times their price.

    >>> machines_per_month(168, 2.0, 4.0)  # h/week, USD/h -> USD
    1344.0
    """
    return machine_hours_per_week * usd_per_hour * weeks_per_month
