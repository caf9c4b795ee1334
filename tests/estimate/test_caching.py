import numpy as np
import pytest

from advisor.estimate import caching


def test_break_even_hit_rate_by_volume():
    # 8 GB at 0.392 W/GB, one copy: 8 x 0.000392 x 24 = 0.0753 kWh a day; 0.3 Wh a call, 0.001 Wh a lookup:
    # at 500 a day 0.1505 + 0.001 = 0.1515 Wh / 0.3 = 50.5 %; at 1,000 25.4 %; at 10,000 2.8 %
    store = 8 * 0.000392 * 24
    found = [caching.break_even_hit_rate(1e-6, store, day, 0.3e-3) for day in (500, 1000, 10_000)]
    assert found == pytest.approx([0.505, 0.254, 0.028], abs=0.001)


def test_a_fixed_answer_stays_fresh_and_a_changing_one_does_not():
    assert caching.fresh_share(1.0, None) == 1.0
    # living a tenth of the time between changes: (1 - exp(-0.1)) / 0.1 = 95.2 %
    assert caching.fresh_share(3.0, 30.0) == pytest.approx(0.952, abs=0.001)
    assert caching.fresh_share(30.0, 3.0) == pytest.approx(0.1, abs=0.001)


def test_prefixes_come_in_steps_from_a_minimum():
    assert caching.prefix_tokens(1023, 1024, 128) == 0
    assert caching.prefix_tokens(1024, 1024, 128) == 1024
    assert caching.prefix_tokens(1300, 1024, 128) == 1280


def test_a_prefix_lives_as_long_as_requests_keep_coming():
    # one request in ten minutes against a life of 450 s: 1 - exp(-0.75) = 53 %
    assert caching.prefix_alive(1 / 600, 450) == pytest.approx(0.528, abs=0.001)
    assert caching.prefix_alive(1.0, 450) == pytest.approx(1.0)


def test_saving_is_zero_at_the_break_even():
    needed = caching.break_even_hit_rate(1e-6, 0.05, 1000.0, 3e-4)
    # what hits spare, 3e-4 kWh each, is what a lookup (1e-6) and the store (5e-5 a request) take
    assert needed * 3e-4 == pytest.approx(1e-6 + 0.05 / 1000)


def test_hits_multiply():
    assert caching.hits(0.5, np.array([0.6]), 0.9)[0] == pytest.approx(0.27)
