"""What has to be served, by hour and year: volume, retries, bursts, growth, and hits of a cache."""

from __future__ import annotations

import numpy as np
import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.system.caches import hit_rate
from advisor.system.case import Case
from advisor.system.demand import Demand, demand, per_month, sent
from advisor.system.plan import DeploymentSetting

MODEL, PROMPT = model_of("gpt-4o-mini"), by("compression")  # compression leaves turns as they are
BARE = DeploymentSetting("maas", "global")
CACHED = DeploymentSetting("maas", "global", cache="semantic")


def wanted(case: Case, deployment: DeploymentSetting = BARE) -> Demand:
    return demand(case, MODEL, PROMPT, deployment)


def test_a_flat_week_without_growth_is_the_volume_itself() -> None:
    """864,000 a day are 10 a second; a fifth fail, so 12.5 are sent."""
    case = case_of(
        workload={
            "requests_per_day": 864_000, "profile": "flat", "growth_per_year": 0, "retry_rate": 0.2,
            "peak_to_mean": 3,
        },
        timing={"horizon_years": 2},
    )  # fmt: skip
    found = wanted(case)
    assert found.rate.shape == (2, 168)
    np.testing.assert_allclose(found.rate, 12.5)
    np.testing.assert_allclose(found.peak, 37.5)
    np.testing.assert_allclose(found.years, 0.5)


def test_growth_moves_the_mean_and_the_end_of_each_year() -> None:
    """Doubling each year: the mean of 2^t over a year is 1 / ln 2 = 1.4427; peaks are at its end."""
    case = case_of(
        workload={
            "requests_per_day": 86_400, "profile": "flat", "growth_per_year": 1.0, "retry_rate": 0,
            "peak_to_mean": 1,
        },
        timing={"horizon_years": 2},
    )  # fmt: skip
    found = wanted(case)
    np.testing.assert_allclose(found.rate[:, 0], [1.442695, 2.885390], rtol=1e-5)
    np.testing.assert_allclose(found.peak[:, 0], [2.0, 4.0])


def test_a_part_of_a_year_counts_for_its_length() -> None:
    found = wanted(case_of(timing={"horizon_years": 1.5}))
    np.testing.assert_allclose(found.years, [2 / 3, 1 / 3])


def test_hits_of_a_cache_shrink_what_has_to_be_served() -> None:
    case = case_of(workload={"repeat_share": 0.5})
    hits = central(hit_rate(case, CACHED))
    np.testing.assert_allclose(wanted(case, CACHED).peak, wanted(case).peak * (1 - hits))
    np.testing.assert_allclose(
        sent(case, MODEL, PROMPT, CACHED), sent(case, MODEL, PROMPT, BARE) * (1 - hit_rate(case, CACHED))
    )


def test_calls_of_a_month_are_a_twelfth_of_a_years() -> None:
    case = case_of(workload={"retry_rate": 0.5})
    requests = case.workload.requests_per_year
    np.testing.assert_allclose(per_month(case, MODEL, PROMPT, BARE), 2.0 * requests / 12.0)


def test_a_week_agrees_with_the_year() -> None:
    """Calls of the mean week, over 365 / 7 weeks, are those of the mean year."""
    case = case_of(workload={"profile": "office_hours", "growth_per_year": 0.3})
    found = wanted(case)
    year = found.weekly(found.rate) * 3600.0 * 365.0 / 7.0
    assert year == pytest.approx(12.0 * central(per_month(case, MODEL, PROMPT, BARE)), rel=1e-9)
