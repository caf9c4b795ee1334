"""A traffic profile survives saving, and a faulty one is refused in full."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.catalogue.translations import language
from advisor.core.errors import ScenarioError
from advisor.core.saying import here, speaking
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


CAVEATS = {
    "2 rows left out: no token counts, first at log.csv line 1,442": (
        "2 Zeilen ausgelassen: keine Token-Zahlen, zuerst in log.csv, Zeile 1.442"
    ),
    "1 call for text about images stand apart from the requests": (
        "gesondert von den Anfragen: 1 Aufruf für Text zu Bildern"
    ),
    "30 requests in 12 minutes do not tell how many a day brings, nor its peak; the scenario's own figures "
    "hold": (
        "aus 30 Anfragen in 12 Minuten lässt sich nicht ablesen, wie viele ein Tag bringt, noch seine "
        "Spitze; die Zahlen des Szenarios gelten"
    ),
    "times name no zone and are read as UTC": "Zeiten nennen keine Zone und werden als UTC gelesen",
    "a remark of somebody's own": "a remark of somebody's own",
}


def test_what_a_saved_profile_says_is_told_in_another_language(
    make_traffic: TrafficMaker, tmp_path: Path
) -> None:
    traffic = make_traffic(
        recognised_as="Azure Monitor metrics, Mooncake trace",
        dropped={"no token counts": 2},
        caveats=list(CAVEATS),
    )
    save_traffic(traffic, tmp_path / "traffic.yaml")
    read = load_traffic(tmp_path / "traffic.yaml")
    with speaking(language("de")):
        assert here(read.recognised_as) == "Metriken von Azure Monitor, Mooncake-Trace"
        assert [here(reason) for reason in read.dropped] == ["keine Token-Zahlen"]
        assert [here(caveat) for caveat in read.caveats] == list(CAVEATS.values())
    assert read.caveats == list(CAVEATS)
