"""What has to be served, hour by hour of the week and year by year of the horizon."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from advisor.core.draws import Array, Draws
from advisor.estimate import caching
from advisor.scenario.traffic import HOURS_OF_WEEK
from advisor.steps import Prior
from advisor.system.case import Case
from advisor.system.option import Option
from advisor.system.serving import Shape
from advisor.system.workload import DAYS_PER_YEAR, mean_growth

Number = float | Array
SECONDS_PER_DAY = 86_400.0
MONTHS_PER_YEAR = 12.0
HOURS_PER_MONTH = DAYS_PER_YEAR * 24.0 / MONTHS_PER_YEAR
WEEKS_PER_MONTH = HOURS_PER_MONTH / HOURS_OF_WEEK


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """The requests to serve after improvement; ``models`` with the share each one answers.

    ``rate``: mean requests a second, retries counted, shape (years, 168); ``peak``: the same
    in the busiest minute of each hour at the end of each year; ``years``: share of the
    horizon that each year is. ``often``: requests the improvement leaves per request of the
    scenario; ``attempts``: requests sent per request of the scenario, retries counted, draws.
    """

    kind: str
    models: tuple[tuple[str, Number], ...]
    technique: str
    shape: Shape
    quality: Array
    often: Array
    attempts: Array
    rate: Array
    peak: Array
    years: Array
    per_month: Array
    tuned: str
    hosting: str

    @property
    def model(self) -> str:
        """The model that answers most, or the only one."""
        if self.single:
            return self.models[0][0]
        return max(self.models, key=lambda pair: float(np.median(pair[1])))[0]

    @property
    def single(self) -> bool:
        """Whether one model answers everything."""
        return len(self.models) == 1

    @property
    def tokens(self) -> tuple[float, float, float]:
        """Median input, output and cached tokens of a request [tok]."""
        parts = (self.shape.input_tokens, self.shape.output_tokens, self.shape.cached_tokens)
        a, b, c = (float(np.median(part)) for part in parts)
        return a, b, c

    @property
    def sizes(self) -> tuple[Hashable, ...]:
        """What sizing depends on, as a key to remember results by."""
        return (
            self.models[0][0],
            len(self.models),
            *self.tokens,
            float(self.rate.sum()),
            float(self.peak.sum()),
        )

    def weekly(self, by_hour: Array) -> float:
        """Mean over the horizon of a week's sum of ``by_hour``, shape (years, 168)."""
        return float(self.years @ by_hour.sum(axis=1))


def demand(case: Case, prior: Prior) -> Demand | None:
    """The demand that the earlier choices leave; None where no model was chosen."""
    chosen = prior.get("foundation_model")
    if chosen is None:
        return None
    improved = prior.get("improvement", chosen)
    settings: dict[str, Any] = {**chosen.settings, **improved.settings}
    load = case.workload
    tokens = {name: settings.get(name, getattr(load, name)) for name in ("input_tokens", "output_tokens")}
    cached = settings.get("cached_tokens", tokens["input_tokens"] * load.cached_share)
    often = np.broadcast_to(np.asarray(settings.get("turns", 1.0), dtype=np.float64), (case.size,))
    attempts = often / (1.0 - load.retry_rate)
    rate, peak, years = _hours(case, float(np.median(attempts)))
    return Demand(
        kind=str(settings.get("kind", "generative")),
        models=_models(chosen),
        technique=str(settings.get("technique") or "prompt"),
        shape=Shape(tokens["input_tokens"], tokens["output_tokens"], cached),
        quality=improved.quality,
        often=often,
        attempts=attempts,
        rate=rate,
        peak=peak,
        years=years,
        per_month=load.requests_per_year / MONTHS_PER_YEAR,
        tuned=str(settings.get("tuned") or "none"),
        hosting=str(settings.get("hosting") or "none"),
    )


def _models(chosen: Option) -> tuple[tuple[str, Number], ...]:
    settings = chosen.settings
    several = tuple(settings.get("models") or ())
    if len(several) < 2:
        return ((str(settings["model"]), 1.0),)
    small, large = several[:2]
    far: Number = settings.get("escalation", 0.0)
    # a cascade asks the small model first, a router only where it suffices
    near: Number = 1.0 - far if settings.get("kind") == "router" else 1.0
    return (small, near), (large, far)


def _hours(case: Case, sent: float) -> tuple[Array, Array, Array]:
    load, horizon = case.workload, case.scenario.timing.horizon_years
    start = float(np.median(load.requests_per_day)) / SECONDS_PER_DAY * sent
    growth = growth_per_year(case)
    first = np.arange(ceil(horizon), dtype=np.float64)
    length = np.minimum(horizon - first, 1.0)
    begin = (1.0 + growth) ** first
    mean = begin * np.array([float(mean_growth(np.array(growth), span)) for span in length])
    end = begin * (1.0 + growth) ** length
    shape = load.week * HOURS_OF_WEEK
    burst = max(float(np.median(load.peak_to_mean)) / float(shape.max()), 1.0)
    rate = start * mean[:, None] * shape
    peak = start * np.maximum(mean, end)[:, None] * shape * burst
    return rate, peak, length / horizon


def growth_per_year(case: Case) -> float:
    """The yearly growth that the workload was resolved with, its central value [ratio]."""
    given, profile = case.scenario.workload, case.scenario.traffic
    measured = profile.growth_per_year if profile is not None else None
    if measured is None or "growth_per_year" in given.model_fields_set:
        return given.growth_per_year
    return measured.central


class _Middle(Draws):
    """Draws that all sit on the central value."""

    def normal(self, name: str) -> Array:
        return np.zeros(self.size)


def middle(case: Case, size: int) -> Case:
    """The same case with every coefficient at its central value, for sizing over ``size`` points."""
    return case.remember(("middle", size), lambda: _middle(case, size))


def _middle(case: Case, size: int) -> Case:
    centre = Case(case.scenario, case.catalogue, size, case.draws.seed)
    centre.draws = _Middle(size, case.draws.seed)
    return centre


def prefix_kept(case: Case, found: Demand) -> Array:
    """Cached prefix tokens [tok] that a managed service's prompt cache really keeps."""
    kept = caching.prefix_tokens(
        found.shape.cached_tokens,
        case.central("cache.prefix_minimum", "tok"),
        case.central("cache.prefix_step", "tok"),
    )
    alive = caching.prefix_alive(
        float(found.years @ found.rate.mean(axis=1)), case.draw("cache.prefix_keep", "s")
    )
    tokens: Array = np.broadcast_to(kept * alive, (case.size,))
    return tokens
