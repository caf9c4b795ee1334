"""A traffic profile survives saving, and a faulty one is refused in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.core.errors import ScenarioError
from advisor.scenario.traffic import HOURS_OF_WEEK, Traffic, load_traffic, save_traffic

TrafficMaker = Callable[..., Traffic]


def changed(make_traffic: TrafficMaker, tmp_path: Path, old: str, new: str) -> str:
    """What is said of a saved profile in which ``old`` was edited to ``new``."""
    path = tmp_path / "traffic.yaml"
    save_traffic(make_traffic(retry_rate=0.02), path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_traffic(path)
    return str(caught.value)


def test_a_saved_profile_is_read_as_it_was(make_traffic: TrafficMaker, tmp_path: Path) -> None:
    traffic = make_traffic(growth_per_year=(-0.1, 0.2, 0.9), cached_share=0.25, caveats=["one week only — ü"])
    save_traffic(traffic, tmp_path / "traffic.yaml")
    assert load_traffic(tmp_path / "traffic.yaml") == traffic


@given(
    week=st.lists(st.floats(0, 1e6), min_size=HOURS_OF_WEEK, max_size=HOURS_OF_WEEK).filter(any),
    volume=st.tuples(*[st.floats(0.1, 1e7)] * 3).map(lambda three: tuple(sorted(three))),
)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_valid_profile_survives(
    make_traffic: TrafficMaker, tmp_path: Path, week: list[float], volume: tuple[float, float, float]
) -> None:
    traffic = make_traffic(hour_of_week=week, requests_per_day=volume)
    save_traffic(traffic, tmp_path / "traffic.yaml")
    assert load_traffic(tmp_path / "traffic.yaml") == traffic


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("low: 12000.0", "low: -12000.0", "requests_per_day (traffic.yaml:"),
        ("high: 0.02", "high: 1.5", "retry_rate (traffic.yaml:"),
        ("low: 3.0", "low: 4.0", "low <= central <= high"),
        ("- 500.0", "- -500.0", "hour_of_week[0] (traffic.yaml:"),
        ("- 500.0\n", "", "at least 168 entries"),
        ("mean: 900.0", "mean: .nan", "input_tokens.mean (traffic.yaml:"),
        ("requests: 84000", "requests: 0", "a number of at least 1, found 0"),
        ("requests: 84000", "reqests: 84000", "did you mean 'requests'?"),
        ("schema_version: 1", "schema_version: 2", "expected 1, found 2"),
        ("hours_covered: 168.0", "hours_covered: 0", "a number above 0"),
    ],
)
def test_a_fault_is_told_with_its_line(
    make_traffic: TrafficMaker, tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in changed(make_traffic, tmp_path, old, new)


def test_a_week_without_requests_is_no_profile(make_traffic: TrafficMaker) -> None:
    with pytest.raises(ValueError, match="at least one hour with requests"):
        make_traffic(hour_of_week=[0.0] * HOURS_OF_WEEK)
