"""The traffic to serve, resolved from the scenario's numbers or its traffic profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.evidence import Coefficient, Confidence
from advisor.scenario.traffic import Interval
from advisor.system import arrivals
from advisor.system.memory import derived
from advisor.system.task import observed

if TYPE_CHECKING:
    from advisor.system.case import Case

DAYS_PER_YEAR = 365.0
SECONDS_PER_DAY = 86_400.0
# the least growth a scenario may state; the tail of an uncertain one ends there too
LEAST_GROWTH = -0.9
# the most calls a task that a scenario may state
MOST_TURNS = 100.0


class Workload:
    """What arrives. Draws have shape (width,); each is worked out when it is asked for, and remembered.

    Tokens are per request; all of it before any improvement.
    """

    __slots__ = ("_case",)

    def __init__(self, case: Case) -> None:
        self._case = case

    @property
    def requests_per_day(self) -> Array:
        """Requests a day at the start [request/day]."""
        return _requests_per_day(self._case)

    @property
    def mean_per_day(self) -> Array:
        """Requests a day, mean over the horizon with growth [request/day]."""
        return _mean_per_day(self._case)

    @property
    def requests_per_year(self) -> Array:
        """Requests a year, mean over the horizon with growth [request/year]."""
        return self.mean_per_day * DAYS_PER_YEAR

    @property
    def growth_per_year(self) -> float:
        """The growth a year, central value [ratio]."""
        return central(_growth(self._case))

    @property
    def input_tokens(self) -> Array:
        """Mean input tokens of a request [tok]."""
        return _input_tokens(self._case)

    @property
    def output_tokens(self) -> Array:
        """Mean visible output tokens of a request [tok]."""
        return _output_tokens(self._case)

    @property
    def generated_tokens(self) -> Array:
        """Mean tokens that today's models generate for a request, reasoning included [tok]."""
        return _generated_tokens(self._case)

    @property
    def cached_share(self) -> Array:
        """Share of input that is a repeated prefix [ratio]."""
        return _cached_share(self._case)

    @property
    def peak_to_mean(self) -> Array:
        """Busiest minute over the mean minute [ratio]."""
        return _peak_to_mean(self._case)

    @property
    def retry_rate(self) -> Array:
        """Share of requests sent again [ratio]."""
        return _retry_rate(self._case)

    @property
    def repeat_share(self) -> Array:
        """Share of requests that ask what was asked before in other words [ratio]: first questions alone."""
        return _repeat_share(self._case)

    @property
    def turns_per_task(self) -> float:
        """Calls until a task is done today [ratio], from 1."""
        return _turns_per_task(self._case)

    @property
    def week(self) -> Array:
        """Share of a week's requests in each of 168 hours, Monday 00:00 UTC first; sums to 1."""
        return self._case.remember(arrivals.week)

    @property
    def measured(self) -> bool:
        """Whether a traffic profile says what arrives."""
        return self._case.scenario.traffic is not None

    @property
    def caveats(self) -> tuple[str, ...]:
        """What the traffic profile warns of."""
        profile = self._case.scenario.traffic
        return tuple(profile.caveats) if profile is not None else ()


def _drawn(case: Case, name: str, given: float) -> Array:
    """Draws of a measured interval of the profile, else the scenario's number."""
    seen: Interval | None = getattr(case.scenario.traffic, name, None)
    if seen is None:
        return np.full(case.size, float(given))
    return _of(case, name, seen)


def _of(case: Case, name: str, seen: Interval) -> Array:
    unit = "ratio" if seen.high <= 1 else "item"
    return case.draws.of(
        Coefficient(
            f"workload.{name}", seen.low, seen.central, seen.high, unit, ("traffic",),
            case.scenario.timing.start, Confidence.MEASURED,
        )
    )  # fmt: skip


@derived
def _requests_per_day(case: Case) -> Array:
    per_day = _drawn(case, "requests_per_day", case.scenario.workload.requests_per_day)
    if case.scenario.traffic is not None:
        per_day = per_day * case.scenario.workload.traffic_multiplier
        tasks = observed(case)
        if tasks is not None:  # a log counts calls, an agent's request is a task
            per_day = per_day / tasks.turns_mean
    return per_day


@derived
def _growth(case: Case) -> Array:
    given = case.scenario.workload
    if "growth_per_year" in given.model_fields_set:
        return np.full(case.size, max(given.growth_per_year, LEAST_GROWTH))
    return np.maximum(_drawn(case, "growth_per_year", given.growth_per_year), LEAST_GROWTH)


@derived
def _mean_per_day(case: Case) -> Array:
    growth = _growth(case)
    return case.workload.requests_per_day * mean_growth(growth, case.scenario.timing.horizon_years)


def _tokens(case: Case, name: str) -> Array:
    profile = case.scenario.traffic
    mean = getattr(profile, name).mean if profile is not None else getattr(case.scenario.workload, name)
    return np.full(case.size, float(mean))


@derived
def _input_tokens(case: Case) -> Array:
    return _tokens(case, "input_tokens")


@derived
def _generated_tokens(case: Case) -> Array:
    return _tokens(case, "output_tokens")


@derived
def _output_tokens(case: Case) -> Array:
    # a log counts reasoning among its output; a reasoning model's own is added by its multiplier
    profile = case.scenario.traffic
    hidden = profile.reasoning_share.central if profile is not None and profile.reasoning_share else 0.0
    return np.maximum(case.workload.generated_tokens * (1.0 - hidden), 1.0)


@derived
def _cached_share(case: Case) -> Array:
    """What a cache held; where none was in use, what one could hold: blocks or histories sent again."""
    profile = case.scenario.traffic
    held = profile.cached_share if profile is not None else None
    if profile is None or (held is not None and held.central > 0):
        return _drawn(case, "cached_share", case.scenario.workload.cached_input_share)
    again = profile.prefix_reuse or (profile.tasks.prefix if profile.tasks is not None else None)
    if again is not None:
        return _of(case, "cached_share", again)
    return _drawn(case, "cached_share", case.scenario.workload.cached_input_share)


@derived
def _peak_to_mean(case: Case) -> Array:
    profile, given = case.scenario.traffic, case.scenario.workload.peak_to_mean
    found = _drawn(case, "peak_to_mean", given)
    if profile is not None and profile.peak_to_mean is not None:
        found = found * arrivals.above(case)
    return np.maximum(found, 1.0)


@derived
def _retry_rate(case: Case) -> Array:
    return _drawn(case, "retry_rate", case.scenario.workload.retry_rate)


@derived
def _repeat_share(case: Case) -> Array:
    profile = case.scenario.traffic
    if profile is not None and profile.near_repeat_share is not None:
        return _of(case, "repeat_share", profile.near_repeat_share)
    if profile is not None and profile.repeat_share is not None:  # counted over all requests
        return _of(case, "repeat_share", profile.repeat_share)
    # what follows a first question hangs on the turns before it: no cache holds its answer
    return np.full(case.size, case.scenario.workload.repeat_share / case.workload.turns_per_task)


@derived
def _turns_per_task(case: Case) -> float:
    given, profile = case.scenario.workload, case.scenario.traffic
    if profile is None or profile.tasks is None or "turns_per_task" in given.model_fields_set:
        return given.turns_per_task
    if observed(case) is not None:  # the calls of an agent's task are not turns of a conversation
        return given.turns_per_task
    return min(profile.tasks.turns_mean, MOST_TURNS)


def mean_growth(growth_per_year: Array, horizon_years: float) -> Array:
    """Mean volume over the horizon relative to its start, growing continuously.

    The mean of (1 + g)^t for t from 0 to ``horizon_years``; 1 without growth.
    """
    rate = np.log1p(np.asarray(growth_per_year, dtype=np.float64))
    exponent = rate * horizon_years
    safe = np.where(np.abs(exponent) < 1e-9, 1.0, exponent)
    mean: Array = np.where(np.abs(exponent) < 1e-9, 1.0, np.expm1(exponent) / safe)
    return mean
