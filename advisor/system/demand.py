"""What has to be served, hour by hour of the week and year by year of the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from advisor.core.draws import Array, central
from advisor.scenario.traffic import HOURS_OF_WEEK
from advisor.system.caches import hit_rate
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.requests import SECONDS_PER_DAY, attempts
from advisor.system.workload import DAYS_PER_YEAR, mean_growth

MONTHS_PER_YEAR = 12.0
HOURS_PER_MONTH = DAYS_PER_YEAR * 24.0 / MONTHS_PER_YEAR
WEEKS_PER_MONTH = HOURS_PER_MONTH / HOURS_OF_WEEK


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Calls to serve, the central case.

    ``rate``: mean calls a second, retries counted and hits of a cache not, shape (years, 168);
    ``peak``: the same in the busiest minute of each hour at the end of each year; ``years``: share
    of the horizon that each year is.
    """

    rate: Array
    peak: Array
    years: Array

    def weekly(self, by_hour: Array) -> float:
        """Mean over the horizon of a week's sum of ``by_hour``, shape (years, 168)."""
        return float(self.years @ by_hour.sum(axis=-1))


@remembered
def sent(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Calls that reach the model per request of the scenario: retries counted, hits of a cache not."""
    tries = attempts(case, model, improvement)
    return tries if deployment.cache == "none" else tries * (1.0 - hit_rate(case, deployment))


@remembered
def demand(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Demand:
    """The calls that reach the model; of the deployment only its cache is read."""
    return of_calls(case, central(sent(case, model, improvement, deployment)))


@remembered
def of_calls(case: Case, calls: float) -> Demand:
    """The calls where so many reach the model per request of the scenario."""
    rate, peak, years = _hours(case)
    return Demand(rate * calls, peak * calls, years)


@remembered
def per_month(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Calls that reach the model in a mean month of the horizon, draws."""
    return sent(case, model, improvement, deployment) * (case.workload.requests_per_year / MONTHS_PER_YEAR)


@remembered
def _hours(case: Case) -> tuple[Array, Array, Array]:
    """Rates, peaks and shares of the years for one call a request of the scenario."""
    load, horizon = case.workload, case.scenario.timing.horizon_years
    start = central(load.requests_per_day) / SECONDS_PER_DAY
    growth = load.growth_per_year
    first = np.arange(ceil(horizon), dtype=np.float64)
    length = np.minimum(horizon - first, 1.0)
    begin = (1.0 + growth) ** first
    mean = begin * np.array([float(mean_growth(np.array(growth), span)) for span in length])
    end = begin * (1.0 + growth) ** length
    shape = load.week * HOURS_OF_WEEK
    burst = max(central(load.peak_to_mean) / float(shape.max()), 1.0)
    rate = start * mean[:, None] * shape
    peak = start * np.maximum(mean, end)[:, None] * shape * burst
    return rate, peak, length / horizon
