"""Energy and GPU time of training and tuning. Free functions over scalars or arrays."""

from __future__ import annotations

from advisor.core.draws import Array

Number = float | Array
J_PER_KWH = 3.6e6


def gpu_seconds(
    operations: Number, params: Number, tokens: Number, peak_flops: Number, peak_share: Number
) -> Number:
    """GPU time to train on ``tokens`` [s].

    ``operations`` per parameter and token: 6 forward and backward, about 4 where only an adapter
    learns (Kaplan et al. 2020, arXiv 2001.08361; Hu et al. 2021, arXiv 2106.09685); ``params`` are
    those active for a token; ``peak_share`` of ``peak_flops`` [FLOP/s] is reached [0-1].

    >>> gpu_seconds(6, 1e9, 6e8, 1e15, 0.5)  # 3.6e18 FLOP / 5e14 FLOP/s -> s
    7200.0
    """
    return operations * params * tokens / (peak_flops * peak_share)


def it_kwh(seconds: Number, power_w: Number) -> Number:
    """Energy of GPU time [kWh] at a power that includes the host's share [W].

    Source: Power times time.

    >>> it_kwh(7200, 500)  # s, W -> kWh
    1.0
    """
    return seconds * power_w / J_PER_KWH
