"""Energy of training and tuning: from parameters and tokens, or from GPU-hours.

Free functions over scalars or arrays; no coefficient has a default. Time from operations is
:func:`advisor.estimate.tuning.gpu_seconds`. Valid for dense and mixture transformers (count
active parameters) trained on one kind of accelerator.
"""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.estimate.tuning import gpu_seconds, it_kwh

Number = float | Array


def achieved_share(params: Number, scale: Number, growth: Number) -> Number:
    """Share of the GPUs' peak that training reaches: scale · (P/1e9)^growth, at most 1 [0-1].

    It grows with size: Llama 3.1's hours imply 14 % at 8, 25 % at 70 and 35 % at 405 billion
    parameters. Short or badly packed runs reach less, tuned benchmarks more.

    Source: Fitted to the GPU-hours of the Llama 3.1 model card.

    >>> float(achieved_share(1e9, 0.14, 0.2))  # param -> ratio
    0.14
    """
    return np.minimum(scale * (np.asarray(params) / 1e9) ** growth, 1.0)


def from_operations(
    operations: Number, params: Number, tokens: Number, peak_flops: Number,
    peak_share: Number, power_w: Number, pue: Number,
) -> Number:  # fmt: skip
    """Energy at the meter of one run [kWh] from what it computes.

    ``operations`` a parameter and token [FLOP]: 6 for pretraining and full tuning, about 4 for
    LoRA; ``power_w`` of one accelerator with its share of the host.

    Source: Kaplan et al. 2020, arXiv 2001.08361.

    >>> from_operations(6, 1e9, 6e8, 1e15, 0.5, 500, 1.2)  # 7,200 s x 500 W x 1.2 -> kWh
    1.2
    """
    return it_kwh(gpu_seconds(operations, params, tokens, peak_flops, peak_share), power_w) * pue


def from_hours(gpu_hours: Number, power_w: Number, pue: Number) -> Number:
    """Energy at the meter of one run [kWh] from its GPU-hours [h] at ``power_w`` [W].

    Source: As in Strubell et al. 2019, arXiv 1906.02243.

    >>> from_hours(100, 500, 1.2)  # h, W, ratio -> kWh
    60.0
    """
    return gpu_hours * power_w / 1000.0 * pue
