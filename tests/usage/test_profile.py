"""The figures of a profile, worked out by hand, and what their samples support."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pseudo import PSEUDO, left_over

from advisor.core.saying import here, speaking
from advisor.scenario import Scenario, with_values
from advisor.scenario.traffic import Interval, Traffic, load_traffic, save_traffic
from advisor.usage import describe, read_usage
from advisor.usage.exhibits import changes, changes_table, token_sizes, traffic_exhibits, week
from advisor.usage.names import is_model, model_name
from advisor.usage.profile import quantiles, share

from .samples import azure_trace, write_csv

UNSEEN = Interval(low=0.5, central=1, high=2)
MONDAY = datetime(2025, 3, 3, tzinfo=UTC)


def hourly(folder: Path, weeks: int, growth: float = 0.0, noise: float = 0.0) -> Traffic:
    """Two requests in working hours and one otherwise, by the hour, with weekly growth."""
    generator = np.random.default_rng(3)
    rows = []
    for hour in range(weeks * 168):
        at = MONDAY + timedelta(hours=hour)
        busy = 2 if at.weekday() < 5 and 8 <= at.hour < 18 else 1
        level = 10 * busy * (1 + growth) ** (hour / 168) * (1 + noise * generator.standard_normal())
        for index in range(max(round(level), 1)):
            moment = at + timedelta(seconds=60 * index)
            rows.append(
                {"TIMESTAMP": moment.isoformat(), "ContextTokens": 100, "GeneratedTokens": 10 + index}
            )
    last = MONDAY + timedelta(hours=weeks * 168, seconds=-1)
    rows.append({"TIMESTAMP": last.isoformat(), "ContextTokens": 100, "GeneratedTokens": 10})
    return read_usage([str(write_csv(folder / "log.csv", rows))], unseen=UNSEEN)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_quantiles_of_counts_are_those_of_the_values(values: list[int]) -> None:
    kinds, counts = np.unique(values, return_counts=True)
    found = quantiles(kinds.astype(np.int64), counts.astype(np.float64))
    expected = np.quantile(values, [0.1, 0.5, 0.9, 0.99])
    assert [found.p10, found.p50, found.p90, found.p99] == pytest.approx(expected.tolist())
    assert found.mean == pytest.approx(np.mean(values))


def test_a_share_widens_as_its_sample_shrinks() -> None:
    """Wilson at 80 % for 1 of 10: z² = 1.642; middle (0.1 + 0.0821) / 1.1642 = 0.1564; half width
    sqrt(0.1642 (0.09 + 0.04106)) / 1.1642 = 0.1260."""
    found = share(1, 10)
    assert (found.low, found.central, found.high) == pytest.approx((0.0304, 0.1, 0.2824), abs=2e-4)
    assert share(100, 1000).high < found.high
    assert share(0, 10).low == 0
    assert share(10, 10).high == 1


def test_a_whole_week_is_read_hour_by_hour(tmp_path: Path) -> None:
    """50 working hours of 20 requests and 118 others of 10: 2,180 a week, 311.4 a day; one more
    request marks the end of the week."""
    traffic = hourly(tmp_path, weeks=1)
    assert traffic.hour_of_week[8] == 20
    assert traffic.hour_of_week[7] == 10
    assert traffic.hour_of_week[5 * 24 + 8] == 10
    assert set(traffic.hours_observed) == {1}
    assert traffic.requests_per_day.central == pytest.approx(2181 / 7, rel=1e-3)
    assert traffic.confidence == "medium"
    # one request a minute at the peak, 2,181 requests over 10,080 minutes
    assert traffic.peak_to_mean.central == pytest.approx(10_080 / 2_181, rel=1e-3)


def test_an_hour_says_less_than_a_week(tmp_path: Path) -> None:
    hour = read_usage([str(azure_trace(tmp_path))], unseen=UNSEEN)
    whole = hourly(tmp_path, weeks=1)

    def width(found: Interval) -> float:
        return (found.high - found.low) / found.central

    assert width(hour.requests_per_day) > 3 * width(whole.requests_per_day)
    # half as busy to twice as busy in 167 of 168 hours
    assert hour.requests_per_day.low == pytest.approx(0.5 * hour.requests_per_day.central, rel=0.02)
    assert hour.requests_per_day.high == pytest.approx(2 * hour.requests_per_day.central, rel=0.02)
    assert hour.confidence == "low"


def test_a_handful_of_requests_tells_no_week_and_no_repeats(tmp_path: Path) -> None:
    rows = [{"t": 1_793_697_322 + 60 * at, "in": 500, "out": 50, "id": at, "ask": f"question {at}"}
            for at in range(9)]  # fmt: skip
    mapping = {"timestamp": "t", "input": "in", "output": "out", "request_id": "id", "prompt": "ask"}
    few = read_usage([str(write_csv(tmp_path / "few.csv", rows))], mapping)
    assert few.week_told == "none"
    assert (few.repeat_share, few.near_repeat_share, few.retry_rate) == (None, None, None)
    assert "workload.profile" not in {
        change.field for change in changes(few, Scenario(name="t", task="chat"))
    }


def test_growth_is_told_only_when_it_can_be(tmp_path: Path) -> None:
    """1 % a week over ten weeks: 1.01^(365/7) - 1 = 0.68 a year."""
    assert hourly(tmp_path, weeks=2, growth=0.01).growth_per_year is None
    long = hourly(tmp_path, weeks=10, growth=0.01, noise=0.2)
    assert long.growth_per_year is not None
    assert long.growth_per_year.low < 0.68 < long.growth_per_year.high
    assert long.growth_per_year.high - long.growth_per_year.low < 1.5
    assert long.confidence == "high"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("azure/gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("ft:gpt-4o:org::id", "gpt-4o+tuned"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-3-5-sonnet-20241022-v2:0",
            "claude-3-5-sonnet",
        ),
        ("claude-3-5-sonnet@20240620", "claude-3-5-sonnet"),
        ("publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B-Instruct"),
        ("gpt-5-mini", "gpt-5-mini"),
        ("gpt-4.1", "gpt-4.1"),
        ("a b c", "other"),
        ("sk-proj-abc", "other"),
    ],
)
def test_model_names(written: str, name: str) -> None:
    assert model_name(written) == name


@pytest.mark.parametrize(
    ("name", "known"), [("gpt-5", True), ("o3", True), ("chat-prod", False), ("Qwen3-8B", True)]
)
def test_a_model_is_told_from_a_deployment(name: str, known: bool) -> None:
    assert is_model(name) == known


def test_a_profile_survives_its_file(tmp_path: Path) -> None:
    traffic = hourly(tmp_path, weeks=1)
    save_traffic(traffic, tmp_path / "traffic.yaml")
    assert load_traffic(tmp_path / "traffic.yaml") == traffic


def test_the_same_log_gives_the_same_bytes(tmp_path: Path) -> None:
    path = azure_trace(tmp_path)
    first, second = (read_usage([str(path)]).model_dump_json() for _ in range(2))
    assert first == second


def test_exhibits_show_the_week_and_the_sizes(tmp_path: Path) -> None:
    traffic = hourly(tmp_path, weeks=1)
    heat = week(traffic)
    assert (len(heat.values), len(heat.values[0])) == (7, 24)
    assert heat.values[0][8] == 20
    assert not heat.note
    sizes = token_sizes(traffic)
    assert sizes is not None
    assert sum(sizes.lines[0].y) == pytest.approx(1)
    # 100 tokens lie between 64 and 128
    assert dict(zip(sizes.lines[0].x, sizes.lines[0].y, strict=True))[64] == pytest.approx(1)
    assert {exhibit.key for exhibit in traffic_exhibits(traffic)} == {
        "usage_week", "usage_tokens", "usage_figures",
    }  # fmt: skip


def test_what_it_changes_is_told_before_it_is_applied(tmp_path: Path) -> None:
    traffic = hourly(tmp_path, weeks=1)
    scenario = with_values(Scenario(name="t", task="chat"), {"workload.requests_per_day": 5})
    rows = {row.field: row for row in changes(traffic, scenario)}
    assert rows["workload.requests_per_day"].present == "5"
    assert rows["workload.requests_per_day"].measured.startswith("312")
    assert rows["workload.input_tokens"].measured == "100"
    assert "workload.growth_per_year" not in rows  # the log is too short to say
    assert rows["workload.profile"].measured == "measured, 168 of 168 hours seen"
    assert len(changes_table(traffic, scenario).rows) == len(rows)


def words(thing: object) -> list[str]:
    """What an exhibit shows; what it is known by left out."""
    if isinstance(thing, str):
        return [here(thing)]
    if isinstance(thing, list | tuple):
        return [word for part in thing for word in words(part)]
    if not is_dataclass(thing):
        return []
    parts = {part.name: getattr(thing, part.name) for part in fields(thing)}
    return [word for name, part in parts.items() if name not in ("key", "style") for word in words(part)]


def test_all_it_says_is_told_in_another_language(tmp_path: Path) -> None:
    traffic = hourly(tmp_path, 1)
    scenario = Scenario(name="a", task="chat")
    with speaking(PSEUDO):
        said = words([describe(traffic), changes_table(traffic, scenario), *traffic_exhibits(traffic)])
    assert len(said) > 60
    assert left_over(said) == []
