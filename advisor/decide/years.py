"""What plans take in a mean year by concern: sums of lines by phase, remembered by what they read."""

from __future__ import annotations

from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import INDICATORS
from advisor.system import billing
from advisor.system.bill import MONTHS_PER_YEAR, Lines
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.priorities import concerns
from advisor.system.storage.weighing import Year

Early = tuple[Any, Any, Any]  # the first three settings
PHASES = ("once", "standing", "per_request")
ROUNDING = 1e-9  # of floating point: a bound may not lie above what it bounds


def phases_of(case: Case, charged: Lines) -> Array:
    """Sums of lines by phase, shape (phases, indicators, draws)."""
    total = np.zeros((len(PHASES), len(INDICATORS), case.size))
    for line in charged:
        total[PHASES.index(line.phase)] += line.footprint.values
    return total


def yearly(case: Case, phases: Array) -> Array:
    """Concerns of a mean year from sums by phase, shape (..., concerns, draws)."""
    once = 1.0 / case.scenario.timing.horizon_years
    per_year = (
        phases[..., 0, :, :] * once
        + phases[..., 1, :, :] * MONTHS_PER_YEAR
        + phases[..., 2, :, :] * case.workload.requests_per_year
    )
    return concerns(per_year)


@remembered
def base(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Sums by phase of what the first three steps take."""
    return phases_of(case, billing.serving(case, model, improvement, deployment))


def served_year(case: Case, early: Early) -> Array:
    """Concerns of a mean year of what the first three steps take, central, shape (concerns,)."""
    year: Array = yearly(case, base(case, *early))[:, 0]
    return year


def kept_year(case: Case, kept: tuple[Lines, Year]) -> Array:
    """Concerns of a year of keeping the data: taking it in, and a year at rest, shape (concerns,)."""
    taken_in, at_rest = kept
    year: Array = yearly(case, phases_of(case, taken_in))[:, 0] + np.array(at_rest)
    return year


@remembered
def least_stored(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """A year that no way to keep the data is below, shape (concerns,): each concern for itself."""
    year = kept_year(case, billing.least_keeping(case, model, improvement, deployment))
    return year * (1.0 - ROUNDING)
