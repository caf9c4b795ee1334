from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.estimate import storage
from advisor.estimate.storage import ARCHIVE, COLD, COOL, HOT, PREMIUM, Body, Rates, Schedule

DAYS_PER_MONTH = 365 / 12
MINIMUM = (0.0, 0.0, 30.0, 90.0, 180.0)
STANDARD = (False, True, True, True, True)


def rates(
    object_mb: float = 1.0,
    offered: tuple[bool, ...] = STANDARD,
    place: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0),
    minimum: tuple[float, ...] = MINIMUM,
) -> Rates:
    """Prices of East US 2, LRS, per GB: capacity a day, reads with their operations, writes."""
    per_gb = 1000 / object_mb
    capacity = tuple(price / DAYS_PER_MONTH for price in (0.15, 0.0184, 0.01, 0.0036, 0.002))
    retrieval, read = (0.0, 0.0, 0.01, 0.03, 0.02), (0.0018, 0.004, 0.01, 0.10, 5.0)
    write = (0.0228, 0.05, 0.10, 0.18, 0.10)
    return Rates(
        hold=capacity,
        early=capacity,
        read=tuple(gb + op / 1e4 * per_gb for gb, op in zip(retrieval, read, strict=True)),
        enter=tuple(op / 1e4 * per_gb for op in write),
        place=place,
        minimum=minimum,
        offered=offered,
    )


def schedules(ages: Sequence[float], offered: tuple[bool, ...]) -> Iterator[Schedule]:
    """Every schedule that only ever cools, moving at some of the ages."""
    tiers = [tier for tier in (HOT, COOL, COLD, ARCHIVE) if offered[tier]]
    later = [age for age in ages if age > 0]
    if offered[PREMIUM]:
        yield ((0.0, PREMIUM),)
    for count in range(1, len(tiers) + 1):
        for path in combinations(tiers, count):
            for moves in combinations(later, count - 1):
                yield tuple(zip((0.0, *moves), path, strict=True))


class Simulation:
    """A day-by-day account of a body, independent of the closed forms under test.

    Ages and minimum days are whole; mass is linear in age, so its value at midday times one
    day is exact.
    """

    def __init__(self, body: Body, charged: Rates) -> None:
        self.body, self.charged = body, charged
        days = int(body.horizon + body.oldest)
        midday = np.arange(days) + 0.5
        there = self.passing(midday)
        rate = np.zeros(days)
        for start, full in body.reads:
            rate[midday > start] = full
        self.lying = np.concatenate([[0.0], np.cumsum(there)])
        self.read = np.concatenate([[0.0], np.cumsum(there * rate)])

    def passing(self, age):
        """Day by day of what it was at the start: stock of each age, and each day's arrivals."""
        body = self.body
        coming = body.arrivals * np.maximum(body.horizon - age, 0.0)
        if not body.oldest:
            return coming + body.stock
        youngest = np.maximum(age - body.horizon, 0.0)
        return coming + body.stock / body.oldest * np.maximum(np.minimum(age, body.oldest) - youngest, 0.0)

    def younger(self, age: float) -> float:
        """The stock that is younger than an age at the start."""
        body = self.body
        return body.stock * (min(age / body.oldest, 1.0) if body.oldest else float(age > 0))

    def value(self, moves: Schedule) -> float:
        body, charged, last = self.body, self.charged, len(self.lying) - 1
        end = int(body.end)
        first = moves[0][1]
        total = body.arrivals * body.horizon * charged.enter[first]
        stops = [*(int(age) for age, _ in moves[1:]), end]
        for (start, tier), stop in zip(moves, stops, strict=True):
            begin = int(start)
            paid = min(max(stop, begin + int(charged.minimum[tier])), last)
            total += charged.hold[tier] * (self.lying[stop] - self.lying[begin])
            total += charged.early[tier] * (self.lying[paid] - self.lying[stop])
            total += charged.read[tier] * (self.read[stop] - self.read[begin])
            total += charged.place[tier] * (self.younger(stop) - self.younger(begin))
            if begin:
                total += charged.enter[tier] * float(self.passing(np.array(float(begin))))
        return float(total)


def random_case(rng: np.random.Generator, steady: bool = False) -> tuple[Body, Rates]:
    starts = sorted({0, *(int(age) for age in rng.integers(5, 300, size=rng.integers(0, 3)))})
    full = sorted(
        (float(rate) for rate in rng.choice([0.0, 0.001, 0.01, 0.03, 0.1], len(starts))), reverse=True
    )
    body = Body(
        stock=float(rng.choice([0.0, 1.0, 500.0])),
        arrivals=float(rng.choice([0.01, 0.1, 5.0])),
        horizon=float(rng.integers(150, 1200)),
        kept=float(rng.integers(5, 2600)),
        reads=tuple((float(start), rate) for start, rate in zip(starts, full, strict=True)),
    )
    if steady or rng.uniform() < 0.5:  # the stock came as new data does; else it may be denser
        oldest = float(rng.integers(1, int(body.kept) + 1))
        stock = body.arrivals * oldest if steady else body.stock
        body = replace(body, stock=stock, oldest=oldest)
    offered = (bool(rng.integers(0, 2)), True, True, True, bool(rng.integers(0, 2)))
    minimum = tuple(stay if rng.uniform() < 0.7 else 0.0 for stay in MINIMUM)
    object_mb = float(rng.choice([0.2, 1.0, 100.0, 1000.0]))
    return body, rates(object_mb, offered, tuple(rng.uniform(0, 0.02, size=5)), minimum)


def test_the_optimiser_agrees_with_brute_force_on_200_random_data_sets() -> None:
    rng = np.random.default_rng(7)
    for _ in range(200):
        body, charged = random_case(rng)
        ages = storage.candidate_ages(body, charged.minimum, charged.offered)
        simulation = Simulation(body, charged)
        least = min(simulation.value(moves) for moves in schedules(ages, charged.offered))
        found = storage.solve(body, charged)
        reached = simulation.value(found)
        assert storage.value(storage.use(body, found, charged.minimum), charged) == pytest.approx(reached)
        assert reached == pytest.approx(least)


def test_no_schedule_on_a_grid_of_ten_days_beats_the_candidate_ages() -> None:
    rng = np.random.default_rng(11)
    for number in range(16):
        body, charged = random_case(rng, steady=number % 2 == 0)
        simulation = Simulation(body, charged)
        grid = [float(age) for age in range(0, int(body.end), max(10, int(body.end) // 20))]
        least = min(simulation.value(moves) for moves in schedules(grid, charged.offered))
        assert simulation.value(storage.solve(body, charged)) <= least * (1 + 1e-9)


def test_break_even_of_hot_and_cool_by_hand() -> None:
    # hot -> cool saves 0.0184 - 0.010 = 0.0084 USD/GB/month; a full read adds 0.01 USD/GB and
    # (0.01 - 0.004)/10,000 USD an object. 1 GB objects: 0.0084 / 0.0100006 = 0.83995
    one_gb = storage.break_even_reads(0.0084, 0.01, 0.006 / 1e4, 1000.0)
    assert one_gb == pytest.approx(0.83995, abs=1e-5)
    # 1 MB objects, 1,000 in a GB: 0.0084 / (0.01 + 0.0006) = 0.79245
    assert storage.break_even_reads(0.0084, 0.01, 0.006 / 1e4, 1.0) == pytest.approx(0.79245, abs=1e-5)
    # with the tier change of 0.10/10,000 USD over one month: (0.0084 - 0.01) / 0.0106 < 0
    assert storage.break_even_reads(0.0084, 0.01, 0.006 / 1e4, 1.0, 0.1 / 1e4, 1.0) < 0


def test_a_break_even_without_a_dearer_read_is_never_reached() -> None:
    assert storage.break_even_reads(0.001, -0.01, 0.0, 1.0) == np.inf


def test_a_break_even_is_where_the_optimiser_changes_its_mind() -> None:
    # a year in one place, no writes to place it: below 0.79245 reads a month cool wins, above it hot
    for factor, winner in ((0.99, COOL), (1.01, HOT)):
        body = Body(100.0, 0.0, 360.0, 360.0, ((0.0, 0.0084 / 0.0106 * factor / DAYS_PER_MONTH),))
        charged = rates(1.0, (False, True, True, False, False))
        assert storage.solve(body, charged) == ((0.0, winner),)


def test_leaving_before_the_minimum_days_is_charged_not_forbidden() -> None:
    # kept 20 days: cool costs 30 days of 0.010 (0.00986 USD/GB), hot 20 days of 0.0184 (0.0121 USD/GB)
    body = Body(1.0, 0.0, 365.0, 20.0)
    charged = rates(1000.0, (False, True, True, False, False))
    assert storage.solve(body, charged) == ((0.0, COOL),)
    used = storage.use(body, ((0.0, COOL),), charged.minimum)
    assert (used.hold[COOL], used.early[COOL]) == (20, 10)


def test_a_hold_of_seven_years_read_in_its_first_month_cools_when_reading_stops() -> None:
    body = Body(1000.0, 10.0, 7 * 365.0, 7 * 365.0, ((0.0, 3 / DAYS_PER_MONTH), (30.0, 0.0)))
    assert storage.solve(body, rates(100.0)) == ((0.0, HOT), (30.0, ARCHIVE))
    without = rates(100.0, (False, True, True, True, False))
    assert storage.solve(body, without) == ((0.0, HOT), (30.0, COLD))


def test_small_objects_move_less() -> None:
    # 10 KB objects: 100,000 writes a GB cost 1.00 USD to cool, 1.80 to cold; nothing pays that back
    body = Body(0.0, 1.0, 365.0, 365.0, ((0.0, 1 / DAYS_PER_MONTH), (30.0, 0.0)))
    assert storage.solve(body, rates(0.01)) == ((0.0, HOT),)


def test_premium_is_a_place_to_stay() -> None:
    charged = rates(1.0, (True, False, False, False, False))
    assert storage.solve(Body(1.0, 0.0, 100.0, 100.0), charged) == ((0.0, PREMIUM),)


def test_without_a_tier_there_is_nothing_to_solve() -> None:
    with pytest.raises(ValueError, match="at least one tier"):
        storage.solve(Body(1.0, 0.0, 100.0, 100.0), rates(1.0, (False,) * 5))


def test_what_stands_adds_up() -> None:
    body = Body(10.0, 2.0, 100.0, 60.0)
    moves = ((0.0, HOT), (20.0, COLD))
    # day 10: stock 10 and 10 days of arrivals, all hot; day 50: stock cold, 20 days hot, 30 days cold;
    # day 80: the stock is gone, 20 days hot, 40 days cold
    standing = storage.standing(body, moves, np.array([0.0, 10.0, 50.0, 80.0]))
    assert standing[:, HOT].tolist() == [10.0, 30.0, 40.0, 40.0]
    assert standing[:, COLD].tolist() == [0.0, 0.0, 70.0, 80.0]


def test_a_stock_that_came_as_new_data_does_stays_as_it_is() -> None:
    """2 GB a day kept 60 days: 120 GB at any moment, 20 days of it hot, 40 days cold, from the first day on.

    Over 100 days 4,000 GB-days hot and 8,000 cold; 80 GB of the stock are put into cold at the start, and
    what was younger than 20 days then, 40 GB, passes that age within the horizon with 80 days of arrivals.
    """
    body = Body(120.0, 2.0, 100.0, 60.0, oldest=60.0)
    moves = ((0.0, HOT), (20.0, COLD))
    standing = storage.standing(body, moves, np.array([0.0, 10.0, 50.0, 80.0]))
    assert standing[:, HOT].tolist() == [40.0] * 4
    assert standing[:, COLD].tolist() == [80.0] * 4
    used = storage.use(body, moves, (0.0,) * 5)
    assert (used.hold[HOT], used.hold[COLD]) == (4000.0, 8000.0)
    assert (used.place[HOT], used.place[COLD]) == (40.0, 80.0)
    assert used.enter[COLD] == 40.0 + 80 * 2.0


def test_a_stock_denser_than_what_arrives_thins_out() -> None:
    """120 GB of 60 days and 1 GB a day: half of the stock is gone after 30 days, all after 60."""
    body = Body(120.0, 1.0, 100.0, 60.0, oldest=60.0)
    standing = storage.standing(body, ((0.0, HOT),), np.array([0.0, 30.0, 60.0, 90.0]))
    assert standing[:, HOT].tolist() == [120.0, 60.0 + 30.0, 60.0, 60.0]
    # 100 days of arrivals: 60 days each of the first 40, then 60, 59, ... : 40 x 60 + 60 x 60 / 2 = 4,200;
    # the stock: 60 days of 120 GB that fall to nothing, 3,600
    assert storage.held(body, body.end) == pytest.approx(4200 + 3600)


BODIES = st.builds(
    Body,
    stock=st.sampled_from([0.0, 100.0]),
    arrivals=st.sampled_from([0.5, 3.0]),
    oldest=st.sampled_from([0.0, 1.0, 200.0]),
    horizon=st.sampled_from([365.0, 1095.0]),
    kept=st.integers(1, 1500).map(float),
    reads=st.lists(st.sampled_from([0.0, 0.001, 0.02, 0.1]), min_size=1, max_size=3).map(
        lambda found: tuple((35.0 * index, rate) for index, rate in enumerate(found))
    ),
)


@given(BODIES, st.integers(0, 1000), st.sampled_from([0.05, 1.0, 500.0]))
@settings(max_examples=60, deadline=None)
def test_longer_retention_never_lowers_the_least_cost(body: Body, longer: int, object_mb: float) -> None:
    def least(kept: float) -> float:
        whole = replace(body, kept=kept)
        charged = rates(object_mb)
        return storage.value(storage.use(whole, storage.solve(whole, charged), charged.minimum), charged)

    assert least(body.kept + longer) >= least(body.kept) * (1 - 1e-9)


@given(BODIES)
@settings(max_examples=40, deadline=None)
def test_a_tier_less_never_lowers_the_least_cost(body: Body) -> None:
    def least(offered: tuple[bool, ...]) -> float:
        charged = rates(1.0, offered)
        return storage.value(storage.use(body, storage.solve(body, charged), charged.minimum), charged)

    assert least((False, True, True, True, False)) >= least(STANDARD) * (1 - 1e-9)


@given(BODIES)
@settings(max_examples=40, deadline=None)
def test_all_that_is_held_and_read_is_somewhere(body: Body) -> None:
    used = storage.use(body, storage.solve(body, rates()), MINIMUM)
    assert used.hold.sum() == pytest.approx(storage.held(body, body.end))
    assert used.read.sum() == pytest.approx(storage.read(body, body.end))


def test_dimensions_come_out_right() -> None:
    units = pint.UnitRegistry()
    gigabyte, day = units.gigabyte, units.day
    body = Body(100 * gigabyte, 2 * gigabyte / day, 365 * day, 90 * day)
    assert storage.mass(body, 10 * day).m_as("gigabyte") == pytest.approx(100 + 2 * 355)
    assert storage.held(body, 90 * day).check(units.gigabyte.dimensionality * day.dimensionality)
