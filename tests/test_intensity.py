"""The user's own hourly carbon intensity: read, completed to a year, and used at home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.errors import ScenarioError
from advisor.scenario import load_scenario
from advisor.scenario.intensity import parse_intensity
from advisor.system.case import Case
from advisor.system.shifting import saving, shape_of

START = datetime(2026, 3, 1, tzinfo=UTC)


def series(hours: int, intensity: Callable[[datetime], float], start: datetime = START) -> str:
    times = [start + timedelta(hours=hour) for hour in range(hours)]
    return "time,g_per_kwh\n" + "".join(f"{time.isoformat()},{intensity(time)}\n" for time in times)


def noon_sun(time: datetime) -> float:
    """100 g at noon, UTC, and 300 g otherwise."""
    return 100.0 if time.hour == 12 else 300.0


def test_a_week_becomes_a_year() -> None:
    year = np.array(parse_intensity(series(168, noon_sun), "it.csv"))
    # mean of a day: (23 x 300 + 100) / 24 = 291.67; noon 100 / 291.67 = 0.342857, else 1.028571
    assert year.shape == (8760,)
    assert year.mean() == pytest.approx(1.0)
    assert set(np.round(year.reshape(365, 24)[:, 12], 6)) == {0.342857}
    assert set(np.round(np.delete(year.reshape(365, 24), 12, axis=1).ravel(), 6)) == {1.028571}


def test_hours_stand_where_they_were_seen() -> None:
    text = series(8784, lambda time: 1.0 if time.month < 7 else 3.0, datetime(2024, 1, 1, tzinfo=UTC))
    year = np.array(parse_intensity(text, "it.csv"))  # a leap year: 29 February joins the 28th
    assert year[0] == pytest.approx(year[181 * 24 - 1])
    assert year[181 * 24] == pytest.approx(3 * year[0])


def test_an_offset_is_turned_to_utc() -> None:
    shifted = series(168, noon_sun).replace("+00:00", "+02:00")
    year = np.array(parse_intensity(shifted, "it.csv")).reshape(365, 24)
    assert int(np.argmin(year[100])) == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it.csv:1: expected columns time and g_per_kwh, found nothing"),
        ("time,g_per_kw\n", "found time, g_per_kw"),
        ("time,g_per_kwh\nsoon,3\n", "it.csv:2 time"),
        ("time,g_per_kwh\n2026-01-01T00:00:00Z,-3\n", "it.csv:2 g_per_kwh: expected a number of at least 0"),
        ("time,g_per_kwh\n2026-01-01T00:00:00Z,nan\n", "it.csv:2 g_per_kwh"),
        ("time,g_per_kwh\n2026-01-01T00:00:00Z\n", "it.csv:2 g_per_kwh"),
        (series(100, noon_sun), "expected 168 to 87,600 hours, found 100"),
        (series(200, lambda time: 0.0), "an intensity above zero"),
    ],
)
def test_what_is_no_series_is_refused(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_intensity(text, "it.csv")
    assert said in str(caught.value)


def test_it_rules_the_home_region_and_no_other(
    scenario_file: Callable[..., Path], tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "grid.csv").write_text(series(168, noon_sun), encoding="utf-8")
    head = "name: x\ntask: chat\nconstraints: {home_region: westeurope}\n"
    own = Case(
        load_scenario(scenario_file(head + "measurements: {intensity_series: grid.csv}\n")), catalogue, 8
    )
    shipped = Case(load_scenario(scenario_file(head, "other.yaml")), catalogue, 8)
    assert not np.array_equal(shape_of(own, "westeurope").year, shape_of(shipped, "westeurope").year)
    assert np.array_equal(shape_of(own, "swedencentral").year, shape_of(shipped, "swedencentral").year)
    # UTC noon is 13:00 there; an hour's job that may wait a day runs then: 1 - 100/300 saved
    found = saving(own, "westeurope", 1, 24, False)
    assert found.start_hour == 13
    assert found.share == pytest.approx(2 / 3, abs=0.01)
    # ready at 18:00 it meets 300 g at once, where the mean of a day is (23 x 300 + 100) / 24 = 291.67 g
    assert found.at_once == pytest.approx(300 / 291.67, rel=1e-4)
