"""The Azure trace's columns, against a plain pandas computation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from advisor.usage import describe, read_usage

SIZE = 3_000


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = np.random.default_rng(7)
    start = pd.Timestamp("2023-11-16 18:15:46.680590")
    seconds = np.cumsum(generator.exponential(1.1, SIZE))
    frame = pd.DataFrame(
        {
            "TIMESTAMP": [f"{start + pd.Timedelta(seconds=s):%Y-%m-%d %H:%M:%S.%f}0" for s in seconds],
            "ContextTokens": generator.lognormal(6.5, 1.0, SIZE).astype(int) + 1,
            "GeneratedTokens": generator.lognormal(4.8, 0.8, SIZE).astype(int) + 1,
        }
    )
    path = tmp_path_factory.mktemp("trace") / "trace.csv"
    frame.to_csv(path, index=False)
    return path


def test_equals_plain_pandas(trace: Path) -> None:
    traffic = read_usage([str(trace)])
    frame = pd.read_csv(trace, parse_dates=["TIMESTAMP"])
    assert traffic.recognised_as == "Azure LLM inference trace"
    assert traffic.requests == len(frame)
    assert traffic.dropped == {}
    for column, seen in (("ContextTokens", traffic.input_tokens), ("GeneratedTokens", traffic.output_tokens)):
        values = frame[column]
        assert seen.mean == pytest.approx(values.mean(), rel=1e-12)
        assert [seen.p10, seen.p50, seen.p90, seen.p99] == pytest.approx(
            values.quantile([0.1, 0.5, 0.9, 0.99]).tolist(), rel=1e-12
        )
        assert seen.maximum == values.max()
    assert traffic.peak_minute == frame.TIMESTAMP.dt.floor("min").value_counts().max()


def test_an_hour_of_log_is_told_to_be_little(trace: Path) -> None:
    traffic = read_usage([str(trace)])
    assert traffic.confidence == "low"
    assert traffic.growth_per_year is None
    assert traffic.requests_per_day.high > 1.4 * traffic.requests_per_day.central
    assert traffic.requests_per_day.low < 0.1 * traffic.requests_per_day.central
    assert "were not seen" in describe(traffic)
