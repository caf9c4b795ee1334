"""When requests arrive: what a log tells of the week replaces the scenario's shape, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from advisor.core.draws import Array, central
from advisor.scenario.traffic import HOURS_OF_WEEK, Traffic
from advisor.system.case import Case

CaseMaker = Callable[..., Case]
TrafficMaker = Callable[..., Traffic]
SHAPES = ("office_hours", "evening", "always_on", "nightly_batch", "flat")
TUESDAY_9 = 24 + 9


@pytest.fixture
def planned(small_case: CaseMaker, make_traffic: TrafficMaker) -> Callable[..., Case]:
    """A case whose scenario has a profile of arrivals and a log that tells what is given."""

    def make(profile: str, **told: object) -> Case:
        case = small_case(size=8, workload={"profile": profile, "peak_to_mean": 5})
        if told:
            case.given._traffic = make_traffic(**told)
        return case

    return make


def hours(**seen: float) -> list[float]:
    """168 rates, each 1 but those given as h<hour of the week>."""
    return [float(seen.get(f"h{hour}", 1.0)) for hour in range(HOURS_OF_WEEK)]


def rows(case: Case) -> Array:
    return case.workload.week.reshape(7, 24)


@pytest.mark.parametrize("profile", SHAPES)
@pytest.mark.parametrize("told", ["none", "hours"])
def test_a_log_that_knows_no_week_leaves_the_scenario_s(
    planned: Callable[..., Case], profile: str, told: str
) -> None:
    """Neither one that tells nothing, nor one that saw no hour."""
    log = planned(profile, week_told=told, hours_observed=[0] * HOURS_OF_WEEK)
    assert np.array_equal(rows(log), rows(planned(profile)))


def test_one_hour_of_a_week_leaves_its_shape(planned: Callable[..., Case]) -> None:
    """An hour alone says how much of the shape there is, and of a share of the week that says nothing."""
    seen = [int(hour == TUESDAY_9) for hour in range(HOURS_OF_WEEK)]
    log = planned("office_hours", hour_of_week=[410.0] * HOURS_OF_WEEK, hours_observed=seen)
    assert rows(log) == pytest.approx(rows(planned("office_hours")))


def test_a_day_of_log_tells_the_hours_and_not_the_weekend(planned: Callable[..., Case]) -> None:
    """A Tuesday with one request an hour but nine at nine. Other working days are like it; Saturday, by the
    scenario, a fifth of it: 9 / 5 = 1.8 at nine and 0.2 otherwise."""
    week = [9.0 if hour % 24 == 9 else 1.0 for hour in range(HOURS_OF_WEEK)]
    seen = [int(24 <= hour < 48) for hour in range(HOURS_OF_WEEK)]
    found = rows(planned("office_hours", hour_of_week=week, hours_observed=seen))
    relative = found / found[1, 0]
    assert relative[1] == pytest.approx(week[:24])
    assert relative[4] == pytest.approx(week[:24])
    assert relative[5, [0, 9]] == pytest.approx([0.2, 1.8])


def test_totals_of_days_leave_the_hours_to_the_scenario(planned: Callable[..., Case]) -> None:
    """Monday 114 requests, other days 57: by office hours 10 hours of 1 and 14 of 0.1 are 11.4 parts, so
    Monday's are 10 and 1 an hour, Tuesday's and Sunday's 5 and 0.5."""
    week = [(114 if hour < 24 else 57) / 24 for hour in range(HOURS_OF_WEEK)]
    found = rows(planned("office_hours", hour_of_week=week, week_told="days"))
    assert found[0] / found[0, 9] * 10 == pytest.approx([10.0 if 8 <= h < 18 else 1.0 for h in range(24)])
    assert found[:, 9] / found[0, 9] * 10 == pytest.approx([10, 5, 5, 5, 5, 5, 5])


def test_hours_of_days_without_a_name_leave_the_days_to_the_scenario(planned: Callable[..., Case]) -> None:
    """Three at noon and one otherwise, on days that nobody knows: weekends stay a fifth of other days."""
    week = [3.0 if hour % 24 == 12 else 1.0 for hour in range(HOURS_OF_WEEK)]
    found = rows(planned("office_hours", hour_of_week=week, week_told="hours_of_day"))
    assert found[0] / found[0, 0] == pytest.approx(week[:24])
    assert found[6] / found[0] == pytest.approx([0.2] * 24)


def test_what_was_seen_stands_where_the_scenario_denies_it(planned: Callable[..., Case]) -> None:
    """A log of Tuesday's day where the scenario expects nights alone."""
    seen = [int(32 <= hour < 42) for hour in range(HOURS_OF_WEEK)]
    found = rows(planned("nightly_batch", hour_of_week=hours(h33=9.0), hours_observed=seen))
    assert found[1, 9] / found[1, 8] == pytest.approx(9)
    assert np.isfinite(found).all()


def test_a_whole_week_is_as_it_was_seen(planned: Callable[..., Case]) -> None:
    found = planned("office_hours", hour_of_week=hours(h5=8.0)).workload.week
    assert found == pytest.approx(np.array(hours(h5=8.0)) / 175)  # 167 of 1 and one of 8


def test_a_busy_minute_goes_with_the_busiest_hour(planned: Callable[..., Case]) -> None:
    """An hour's log with a minute of 1.5 times the mean. The scenario's busiest hour is 168 / 61.56 = 2.729
    times the mean of its week (5 x 11.4 + 2 x 2.28 parts), its busiest minute 1.5 times that."""
    seen = [int(hour == TUESDAY_9) for hour in range(HOURS_OF_WEEK)]
    log = {"hour_of_week": [410.0] * HOURS_OF_WEEK, "peak_to_mean": 1.5}
    found = planned("office_hours", hours_observed=seen, **log)
    assert central(found.workload.peak_to_mean) == pytest.approx(1.5 * 168 / 61.56)
    # a whole week tells its own
    assert central(planned("office_hours", **log).workload.peak_to_mean) == 1.5


def test_a_peak_that_totals_hide_stays_the_scenario_s(
    planned: Callable[..., Case], make_traffic: TrafficMaker
) -> None:
    case = planned("office_hours")
    case.given._traffic = make_traffic().model_copy(update={"peak_to_mean": None})
    assert central(case.workload.peak_to_mean) == 5
