"""The traffic to serve, resolved from the scenario's numbers or its traffic profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, Draws
from advisor.core.evidence import Coefficient, Confidence
from advisor.scenario.fields import Scenario
from advisor.scenario.traffic import HOURS_OF_WEEK, Interval

DAYS_PER_YEAR = 365.0
# the least growth a scenario may state; the tail of an uncertain one ends there too
LEAST_GROWTH = -0.9

# Shapes over the hours of a day and the days of a week, as planning conventions a user
# replaces with a traffic profile; only their ratios matter.
_DAY = np.arange(24)
_SHAPES: dict[str, tuple[Array, Array]] = {
    "office_hours": (
        np.where((_DAY >= 8) & (_DAY < 18), 1.0, 0.1), np.array([1, 1, 1, 1, 1, 0.2, 0.2], dtype=np.float64),
    ),
    "evening": (
        np.where((_DAY >= 17) & (_DAY < 23), 1.0, 0.2), np.array([1, 1, 1, 1, 1, 1.2, 1.2], dtype=np.float64),
    ),
    "always_on": (
        0.6 + 0.4 * np.sin((_DAY - 9) * np.pi / 12), np.ones(7),
    ),
    "nightly_batch": (
        np.where((_DAY >= 1) & (_DAY < 5), 1.0, 0.0), np.ones(7),
    ),
    "flat": (np.ones(24), np.ones(7)),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """What arrives. Draws have shape (size,); ``week`` sums to 1 over 168 hours, Monday first, UTC.

    ``requests_per_day`` is at the start; ``mean_per_day`` the mean over the horizon with
    growth. Tokens are per request. ``peak_to_mean`` is peak minute over mean minute.
    """

    requests_per_day: Array
    mean_per_day: Array
    requests_per_year: Array
    input_tokens: Array
    output_tokens: Array
    cached_share: Array
    peak_to_mean: Array
    retry_rate: Array
    repeat_share: Array
    week: Array
    measured: bool
    caveats: tuple[str, ...] = ()

    @classmethod
    def of(cls, scenario: Scenario, draws: Draws) -> Workload:
        """Resolve a scenario; a traffic profile's intervals become draws."""
        given, profile = scenario.workload, scenario.traffic

        def interval(name: str) -> Interval | None:
            found: Interval | None = getattr(profile, name, None)
            return found

        def drawn(name: str, fallback: float, measured: bool = True) -> Array:
            seen = interval(name)
            if seen is None or not measured:
                return np.full(draws.size, float(fallback))
            return draws.of(
                Coefficient(
                    f"workload.{name}",
                    seen.low,
                    seen.central,
                    seen.high,
                    "ratio" if seen.high <= 1 else "item",
                    ("traffic",),
                    scenario.timing.start,
                    Confidence.MEASURED,
                )
            )

        per_day = drawn("requests_per_day", given.requests_per_day)
        if profile is not None:
            per_day = per_day * given.traffic_multiplier
        own_growth = "growth_per_year" in given.model_fields_set
        growth = drawn("growth_per_year", given.growth_per_year, measured=not own_growth)
        growth = np.maximum(growth, LEAST_GROWTH)
        mean_per_day = per_day * mean_growth(growth, scenario.timing.horizon_years)
        day, days = _SHAPES[given.profile]
        week = np.outer(days, day).reshape(HOURS_OF_WEEK)
        if profile is not None:
            week = np.asarray(profile.hour_of_week, dtype=np.float64)
        sizes = (
            (profile.input_tokens.mean, profile.output_tokens.mean)
            if profile is not None
            else (given.input_tokens, given.output_tokens)
        )
        return cls(
            requests_per_day=per_day,
            mean_per_day=mean_per_day,
            requests_per_year=mean_per_day * DAYS_PER_YEAR,
            input_tokens=np.full(draws.size, float(sizes[0])),
            output_tokens=np.full(draws.size, float(sizes[1])),
            cached_share=drawn("cached_share", given.cached_input_share),
            peak_to_mean=np.maximum(drawn("peak_to_mean", given.peak_to_mean), 1.0),
            retry_rate=drawn("retry_rate", given.retry_rate),
            repeat_share=drawn("repeat_share", given.repeat_share),
            week=week / week.sum(),
            measured=profile is not None,
            caveats=tuple(profile.caveats) if profile is not None else (),
        )


def mean_growth(growth_per_year: Array, horizon_years: float) -> Array:
    """Mean volume over the horizon relative to its start, growing continuously.

    The mean of (1 + g)^t for t from 0 to ``horizon_years``; 1 without growth.
    """
    rate = np.log1p(np.asarray(growth_per_year, dtype=np.float64))
    exponent = rate * horizon_years
    safe = np.where(np.abs(exponent) < 1e-9, 1.0, exponent)
    mean: Array = np.where(np.abs(exponent) < 1e-9, 1.0, np.expm1(exponent) / safe)
    return mean
