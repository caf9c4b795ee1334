import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.estimate import cost, hosting


def test_worked_example_of_microsoft_in_a_data_zone():
    # gpt-5.2: 200 in, 20 out, an output token counts 8: 200 + 160 = 360 tokens a request;
    # 1,000 a minute x 360 / 3,400 = 105.88 PTU, sold as 15 + 19 x 5 = 110
    tokens = hosting.normalised_tokens(200, 20, 0.0, 8)
    needed = hosting.units_needed(1000, tokens, 3400)
    assert tokens == 360
    assert needed == pytest.approx(105.88, abs=0.01)
    assert hosting.units_sold(needed, 15, 5) == 110


def test_worked_example_with_half_of_the_input_cached():
    # 200 x 0.5 + 160 = 260; 260,000 / 3,400 = 76.47, sold as 80
    needed = hosting.units_needed(1000, hosting.normalised_tokens(200, 20, 0.5, 8), 3400)
    assert needed == pytest.approx(76.47, abs=0.01)
    assert hosting.units_sold(needed, 15, 5) == 80


def test_regional_minimum_and_increment():
    assert hosting.units_sold(105.88, 50, 50) == 150
    assert hosting.units_sold(3.0, 50, 50) == 50
    # a minimum that is no multiple of the increment: 500 + k x 275
    assert hosting.units_sold(501, 500, 275) == 775


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e5), st.sampled_from([(15, 5), (50, 50), (25, 25), (80, 40), (500, 275)]))
def test_a_size_on_sale_covers_the_need_and_no_smaller_one_does(needed, sold):
    minimum, increment = sold
    size = float(hosting.units_sold(needed, minimum, increment))
    assert size >= needed or size == pytest.approx(needed)
    assert (size - minimum) % increment == 0
    assert size == minimum or size - increment < needed


def test_largest_batch_meets_both_limits():
    batches = np.array([1.0, 2, 4, 8])
    first, answer = np.array([0.1, 0.2, 0.4, 0.8]), np.array([1.0, 2, 3, 9])
    # 0.5 s lies a quarter of the way from batch 4 to 8: 5; 2.5 s half way from 2 to 4: 3
    assert hosting.largest_batch(batches, first, answer, 0.5, 10.0) == 5
    assert hosting.largest_batch(batches, first, answer, 1.0, 2.5) == 3
    assert hosting.largest_batch(batches, first, answer, 1.0, 99.0) == 8
    assert hosting.largest_batch(batches, first, answer, 0.05, 10.0) == 0


def test_little_load_runs_one_request_at_a_time_and_leaves_the_replica_idle():
    batches, service = np.array([1.0, 64.0]), np.array([2.0, 10.0])
    # 0.01 requests a second x 2 s = 0.02 running: busy 1 - exp(-0.02) = 1.98 %
    busy, batch = hosting.running(np.array([0.01]), np.array([1.0]), batches, service)
    assert busy[0] == pytest.approx(0.0198, abs=2e-4)
    assert batch[0] == pytest.approx(1.01, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-4, 3.0), st.integers(1, 5))
def test_work_is_conserved(rate, replicas):
    # requests running = arrivals x service time, however they fall into busy share and batch
    batches, service = np.array([1.0, 8.0, 64.0]), np.array([1.0, 3.0, 15.0])
    busy, batch = hosting.running(np.array([rate]), np.array([float(replicas)]), batches, service)
    inside = rate / replicas * np.interp(batch, batches, service)
    if batch[0] < batches[-1]:
        assert busy[0] * batch[0] == pytest.approx(inside[0], rel=0.03)
    assert 0 <= busy[0] <= 1


def test_starts_of_a_week_that_repeats():
    assert hosting.starts(np.array([1.0, 3, 2, 2, 1])) == 2


def test_spare_replicas_for_availability():
    # one at 99.5 %: two give 1 - 0.005^2 = 99.9975 %
    assert hosting.redundant(1, 0.995, 0.99) == 1
    assert hosting.redundant(1, 0.995, 0.999) == 2
    # two needed: of three, at least two run with 3 x 0.995^2 x 0.005 + 0.995^3 = 99.9925 %
    assert hosting.redundant(2, 0.995, 0.999) == 3


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.floats(0.9, 0.999), st.floats(0.9, 0.9999))
def test_a_higher_target_never_takes_fewer_replicas(needed, one, target):
    assert hosting.redundant(needed, one, target) >= needed
    assert hosting.redundant(needed, one, min(target + 5e-5, 0.99995)) >= hosting.redundant(
        needed, one, target
    )


def test_keep_warm_until_idling_costs_more_than_loading():
    # 100 Wh to load, 200 W idle: half an hour
    assert hosting.keep_warm_limit_h(0.1, 0.2) == 0.5


def test_crossing_on_a_log_axis():
    x = np.array([1.0, 10, 100, 1000])
    assert hosting.crossing(x, 1000 / x, np.full(4, 31.6227766)) == pytest.approx(31.6, rel=1e-3)
    assert hosting.crossing(x, 1000 / x, np.full(4, 0.1)) is None
    assert hosting.crossing(x, x, np.full(4, 5.0)) is None


def test_provisioned_units_break_even_as_published():
    # gpt-4o-mini: 37,000 tok/min a PTU, 2,200 a request (1,000 in, 300 out x 4): 1,009 requests an
    # hour at $0.00033 = $0.333, so $1 an hour needs 300 % and $260 a month (0.356/h) 107 %
    per_hour = 37_000 * 60 / 2200
    usd = cost.by_token(1000, 0, 300, 0.15, 0.075, 0.60)
    assert usd == pytest.approx(0.00033)
    assert hosting.break_even_units(1.0, usd, per_hour) == pytest.approx(3.0, abs=0.01)
    assert hosting.break_even_units(260 / 730, usd, per_hour) == pytest.approx(1.07, abs=0.01)


def test_machine_break_even():
    # $7.2 an hour, one request a second at most, $0.01 a request: 7.2 / 36 = 20 %
    assert hosting.break_even_machine(7.2, 1.0, 0.01) == pytest.approx(0.2)


def test_share_served_within_a_capacity():
    assert hosting.within(np.array([1.0, 3.0]), 2.0) == pytest.approx(0.75)


def test_cold_share_falls_with_traffic():
    shares = hosting.cold_share(np.array([1e-4, 1e-2, 1.0]), 900.0)
    assert shares[0] == pytest.approx(np.exp(-0.09))
    assert (np.diff(shares) < 0).all()


def test_largest_batch_of_several_kinds_at_once():
    batches = np.array([[1.0, 2, 4, 8], [1.0, 3, 9, 27]])
    first, answer = np.array([[0.1, 0.2, 0.4, 0.8], [0.6, 0.7, 0.8, 0.9]]), np.ones((2, 4))
    # 0.5 s is five in the first row; the second row misses it from the start
    assert list(hosting.largest_batch(batches, first, answer, 0.5, 10.0)) == [5.0, 0.0]


def test_between_known_batches_values_are_linear():
    # batches 1, 2, 4: 3 lies half way from 2 to 4, so 10 + (30 - 10) / 2 = 20
    (found,) = hosting.at_batch(
        np.array([[1.0, 3.0, 4.0, 9.0]]), np.array([[1.0, 2.0, 4.0]]), np.array([[5.0, 10.0, 30.0]])
    )
    assert found[0] == pytest.approx([5.0, 20.0, 30.0, 30.0])


@pytest.mark.parametrize("room", [1.0 + 1e-6, 8.0, 256.0])
def test_the_load_curve_is_the_queue_the_other_way_round(room):
    batches = room ** np.linspace(0.0, 1.0, 10)[None]
    service = 2.0 + 0.05 * batches
    rates, batch = hosting.load_curve(np.geomspace(1e-3, 0.25 * room, 30)[None], batches, service)
    _, running = hosting.running(rates[0], np.ones(30), batches[0], service[0])
    # that way sweeps a fixed number of times, which is not enough where it is nearly full
    assert running == pytest.approx(batch[0], rel=0.02)
    assert np.all(np.diff(rates[0]) > 0)


def test_starts_of_several_weeks_at_once():
    weeks = np.array([[1.0, 3.0, 1.0, 2.0], [2.0, 2.0, 2.0, 2.0]])
    # up by two, down, up by one; from the last hour back to the first nothing rises
    assert list(hosting.starts(weeks)) == [3.0, 0.0]


def test_the_batch_at_part_load():
    most = np.array([1.0, 64.0])
    assert hosting.batch_at(most, 1.0) is most
    # 64 x 0.05 = 3.2 running: 3.2 / (1 - exp(-3.2)) = 3.2 / 0.95924 = 3.33597
    assert hosting.batch_at(most, 0.05) == pytest.approx([1.0, 3.33597], rel=1e-5)
    assert hosting.batch_at(most, 0.0) == pytest.approx([1.0, 1.0])
    assert np.all(hosting.batch_at(most, 0.99) <= most)
