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
    """``fixed`` ÷ ``saved``; infinite where nothing is saved, zero where nothing is spent."""
    saved_, fixed_ = np.asarray(saved, dtype=float), np.asarray(fixed, dtype=float)
    positive = saved_ > 0
    result = np.where(positive, np.maximum(fixed_, 0.0) / np.where(positive, saved_, 1.0), np.inf)
    return float(result) if result.ndim == 0 else result


def crossing(fixed_a: Number, slope_a: Number, fixed_b: Number, slope_b: Number) -> Number:
    """The positive x at which ``fixed_a + slope_a x`` meets ``fixed_b + slope_b x``."""
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
    """
    return ratio_or_never(training_to_inference * tokens * runs, saved_tokens * (1.0 - prefix_hit))


def hosting_requests_per_year(idle_kw: Number, pue: Number, saved_kwh: Number, hours: Number) -> Number:
    """Requests a year that a dedicated host must serve to save what it draws [request/year].

    ``idle_kw``: power of the host at no load [kW]; ``hours``: hours a year it runs; ``saved_kwh``:
    energy at the meter each request saves [kWh].
    """
    return ratio_or_never(idle_kw * pue * hours, saved_kwh)


def prefill_kwh(params: Number, tokens: Number, flops_per_s: Number, power_w: Number, pue: Number) -> Number:
    """Energy at the meter to read ``tokens`` [kWh]: two operations a parameter and token.

    ``flops_per_s`` is the rate achieved, ``power_w`` the board's power at that rate.
    """
    return 2.0 * params * tokens / flops_per_s * power_w * pue / 3.6e6


def escalation_limit(small: Number, judge: Number, large: Number) -> Number:
    """Share escalated below which a cascade needs less than the large model alone.

    A cascade always pays the small model and the judge, and the large one when it escalates:
    small + judge + f large < large. Minus infinity where the large model takes nothing.
    """
    return 1.0 - ratio_or_never(small + judge, large)


def custom_requests(training: Number, prebuilt: Number, custom: Number) -> Number:
    """Requests after which a model trained from scratch has saved its training."""
    return ratio_or_never(training, prebuilt - custom)
