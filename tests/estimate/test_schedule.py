import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalogue import open_catalogue
from advisor.core.draws import Draws
from advisor.estimate import schedule

SEASONS, DAYS = ("DJF", "MAM", "JJA", "SON"), (90, 92, 92, 91)


def shape(zone):
    series = open_catalogue().series
    return np.array([series[f"shape.{zone}.{season}"].values for season in SEASONS])


def year(zone):
    find = open_catalogue().coefficient
    names = ("noise_log_sd", "noise_autocorrelation_1h", "noise_autocorrelation_24h")
    normals = Draws(2 * 8760, 7).normal(zone)[1:].reshape(2, 8760)
    return schedule.noisy_year(
        shape(zone), DAYS, *(find(f"shapes.{zone}.{n}").central for n in names), normals
    )


def savings(series, length, slack, pausing):
    """Saving over jobs that start at every hour of every day."""
    now, later = [], []
    for start in range(24):
        ahead = schedule.windows(series, start, length + slack)
        now.append(schedule.run_now(ahead, length))
        later.append((schedule.paused if pausing else schedule.waited)(ahead, length, slack))
    return schedule.saving(np.concatenate(now), np.concatenate(later))


def test_a_flat_profile_saves_nothing():
    flat = np.ones(8760)
    for length, slack in ((1, 24), (4, 24), (24, 168)):
        assert savings(flat, length, slack, False) == pytest.approx(0.0, abs=1e-12)
        assert savings(flat, length, slack, True) == pytest.approx(0.0, abs=1e-12)
    ahead = schedule.windows(flat, 18, 28)
    assert (schedule.best_start(ahead, 4, 24) == 0).all()


def test_a_four_hour_job_in_california_lands_in_the_solar_hours():
    for season in shape("US-CAL-CISO"):
        ready = 18
        ahead = np.tile(season, 3)[None, ready:]
        start = (ready + int(schedule.best_start(ahead, 4, 24)[0])) % 24
        assert start >= 8
        assert start + 4 <= 17


@pytest.mark.parametrize(
    ("length", "slack", "fixed", "pausing"),
    [
        # 10th to 90th percentile over 123 zones with perfect foresight (EuroSys 2024)
        (1, 24, (0.049, 0.305), (0.049, 0.305)),
        (6, 24, (0.041, 0.238), (0.041, 0.261)),
        (24, 24, (0.007, 0.096), (0.007, 0.181)),
        (6, 168, (0.072, 0.449), (0.072, 0.471)),
    ],
)
def test_savings_fall_in_the_published_ranges(length, slack, fixed, pausing):
    zones = [year(zone) for zone in ("DE", "GB", "ES", "IT", "US-CAL-CISO")]
    for limits, pause in ((fixed, False), (pausing, True)):
        found = sorted(savings(series, length, slack, pause) for series in zones)
        assert limits[0] <= found[len(found) // 2] <= limits[1]
        assert all(value <= limits[1] * 1.2 for value in found)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(0, 48), st.integers(0, 23))
def test_waiting_never_costs_and_pausing_saves_at_least_as_much(length, slack, start):
    series = np.abs(np.sin(np.arange(24 * 14) * 0.7)) + 0.2
    ahead = schedule.windows(series, start, length + slack)
    now, fixed = schedule.run_now(ahead, length), schedule.waited(ahead, length, slack)
    pausing = schedule.paused(ahead, length, slack)
    assert (fixed <= now + 1e-9).all()
    assert (pausing <= fixed + 1e-9).all()


def test_a_wrong_forecast_saves_less_than_foresight():
    series = year("DE")
    ahead = schedule.windows(series, 18, 28)
    noise = np.exp(0.5 * Draws(ahead.size, 3).normal("forecast")[1:].reshape(ahead.shape))
    foresight, guessed = schedule.waited(ahead, 4, 24), schedule.waited(ahead, 4, 24, ahead * noise)
    assert foresight.mean() < guessed.mean() <= schedule.run_now(ahead, 4).mean()


def test_the_year_keeps_the_seasons():
    series = year("FR")
    winter = series[: 90 * 24].mean()
    assert series.mean() == pytest.approx(1.0, abs=0.15)
    assert winter == pytest.approx(shape("FR")[0].mean(), rel=0.2)


def test_hopping_against_one_region():
    # two regions that take turns: 10 and 30 g, the static best is 20, hopping 10
    row, static, dynamic = schedule.dynamic_gain(np.array([[10.0, 30], [30, 12]]), np.ones(2))
    assert (row, static, dynamic) == (0, 20.0, 11.0)


def test_windows_wrap_around_the_year():
    ahead = schedule.windows(np.arange(48.0), 20, 6)
    assert ahead.tolist() == [[20, 21, 22, 23, 24, 25], [44, 45, 46, 47, 0, 1]]
