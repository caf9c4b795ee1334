"""Where one way of working overtakes another.

Free functions over scalars or arrays. A result that does not exist (the lines never cross at a
positive volume) is infinite. Any one unit of energy, carbon, water or money serves, if the same
on both sides.
"""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array

Number = float | Array


def ratio_or_never(fixed: Number, saved: Number) -> Number:
    """``fixed`` ÷ ``saved``; infinite where nothing is saved, zero where nothing is spent.

    Source: The payback rule.

    >>> ratio_or_never(10.0, 2.0), ratio_or_never(10.0, 0.0)  # kWh, kWh/request -> request
    (5.0, inf)
    """
    saved_, fixed_ = np.asarray(saved, dtype=float), np.asarray(fixed, dtype=float)
    positive = saved_ > 0
    result = np.where(positive, np.maximum(fixed_, 0.0) / np.where(positive, saved_, 1.0), np.inf)
    return float(result) if result.ndim == 0 else result


def crossing(fixed_a: Number, slope_a: Number, fixed_b: Number, slope_b: Number) -> Number:
    """The positive x at which ``fixed_a + slope_a x`` meets ``fixed_b + slope_b x``.

    Source: Two straight lines.

    >>> crossing(0.0, 2.0, 10.0, 1.0)  # 2 x = 10 + x; USD, USD/request -> request
    10.0
    """
    slope, fixed = np.asarray(slope_a - slope_b, dtype=float), np.asarray(fixed_b - fixed_a, dtype=float)
    crosses = slope * fixed > 0
    result = np.where(crosses, fixed / np.where(crosses, slope, 1.0), np.inf)
    return float(result) if result.ndim == 0 else result


def tuning_requests(
    training_to_inference: Number, tokens: Number, runs: Number, saved_tokens: Number, prefix_hit: Number
) -> Number:
    """Requests after which tuning has paid for itself in arithmetic, on equal hardware.

    ``training_to_inference``: arithmetic of a training token over that of a prompt token (2 for
    LoRA, 3 for full tuning); ``tokens``: examples × tokens × epochs of one run; ``saved_tokens``:
    prompt tokens a request no longer needs, of which ``prefix_hit`` were cached anyway [0-1].

    Source: From 2 operations a parameter and token read and 4 (LoRA) or 6 trained (Kaplan et al. 2020).

    >>> tuning_requests(2.0, 1e6, 1, 500, 0.0)  # 2 x 1e6 tok / 500 tok -> request
    4000.0
    """
    return ratio_or_never(training_to_inference * tokens * runs, saved_tokens * (1.0 - prefix_hit))


def hosting_requests_per_year(idle_kw: Number, pue: Number, saved_kwh: Number, hours: Number) -> Number:
    """Requests a year that a dedicated host must serve to save what it draws [request/year].

    ``idle_kw``: power of the host at no load [kW]; ``hours``: hours a year it runs; ``saved_kwh``:
    energy at the meter each request saves [kWh].

    Source: The payback rule.

    >>> hosting_requests_per_year(0.1, 1.2, 0.001, 8760)  # 1,051 kWh / 0.001 kWh -> request/year
    1051200.0
    """
    return ratio_or_never(idle_kw * pue * hours, saved_kwh)


def prefill_kwh(params: Number, tokens: Number, flops_per_s: Number, power_w: Number, pue: Number) -> Number:
    """Energy at the meter to read ``tokens`` [kWh]: two operations a parameter and token.

    ``flops_per_s`` is the rate achieved, ``power_w`` the board's power at that rate.

    Source: Kaplan et al. 2020, arXiv 2001.08361.

    >>> prefill_kwh(1e9, 1800, 1e12, 500, 1.0)  # 3.6e12 FLOP, 3.6 s, 1,800 J -> kWh
    0.0005
    """
    return 2.0 * params * tokens / flops_per_s * power_w * pue / 3.6e6


def escalation_limit(small: Number, judge: Number, large: Number) -> Number:
    """Share escalated below which a cascade needs less than the large model alone.

    A cascade always pays the small model and the judge, and the large one when it escalates:
    small + judge + f large < large. Minus infinity where the large model takes nothing.

    Source: The break-even of a cascade (as in FrugalGPT, arXiv 2305.05176).

    >>> escalation_limit(1.0, 0.5, 10.0)  # Wh each: 1 - 1.5 / 10 -> ratio
    0.85
    """
    return 1.0 - ratio_or_never(small + judge, large)


def custom_requests(training: Number, prebuilt: Number, custom: Number) -> Number:
    """Requests after which a model trained from scratch has saved its training.

    Source: The payback rule.

    >>> custom_requests(1000.0, 0.003, 0.001)  # kWh, kWh/request: 1,000 / 0.002 -> request
    500000.0
    """
    return ratio_or_never(training, prebuilt - custom)
