"""vLLM's counters: what grew between two scrapes, and what one alone can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.usage import read_usage


def scrape(prompt: float, made: float, done: float, spent: float, stamp: str = "", more: str = "") -> str:
    model = '{model_name="meta-llama/Llama-3.1-8B-Instruct"}'
    done_for = '{finished_reason="stop",model_name="meta-llama/Llama-3.1-8B-Instruct"}'
    return (
        f"# TYPE vllm:prompt_tokens_total counter\nvllm:prompt_tokens_total{model} {prompt:g}{stamp}\n"
        f"vllm:generation_tokens_total{model} {made:g}{stamp}\n"
        f"vllm:request_success_total{done_for} {done:g}{stamp}\n"
        f"vllm:e2e_request_latency_seconds_sum{model} {spent:g}{stamp}\n{more}"
    )


def test_two_scrapes_give_rates_and_the_batch(tmp_path: Path) -> None:
    """In an hour 3,600 requests with 4.8 M tokens in and 0.72 M out, 28,800 s spent: 1,333.3 in, 200 out,
    8 at once, 86,400 a day."""
    (tmp_path / "vllm-2026-11-03T0900.prom").write_text(scrape(12e6, 1.9e6, 9000, 1000))
    (tmp_path / "vllm-2026-11-03T1000.prom").write_text(scrape(16.8e6, 2.62e6, 12_600, 29_800))
    traffic = read_usage([str(tmp_path)])
    assert traffic.recognised_as == "vLLM metrics"
    assert traffic.requests == 3600
    assert traffic.input_tokens.mean == pytest.approx(4.8e6 / 3600)
    assert traffic.output_tokens.mean == pytest.approx(200)
    assert traffic.requests_per_day is not None
    assert traffic.requests_per_day.central == pytest.approx(86_400)
    assert traffic.running_batch is not None
    assert traffic.running_batch.central == pytest.approx(8)
    assert (traffic.period_start, traffic.hours_covered) == ("2026-11-03T09:00:00Z", 1)
    assert list(traffic.models) == ["Llama-3.1-8B-Instruct"]
    assert traffic.input_tokens.p50 is None


def test_scrapes_of_one_file_are_told_by_their_stamps(tmp_path: Path) -> None:
    """A restart in the third hour: what it counts since, 500, is all that is known of it."""
    path = tmp_path / "all.prom"
    path.write_text(
        scrape(1e6, 1e5, 1000, 10, " 1793696400000")
        + scrape(3e6, 3e5, 3000, 20, " 1793700000000")
        + scrape(5e5, 5e4, 500, 5, " 1793703600000")
    )
    traffic = read_usage([str(path)])
    assert traffic.requests == 2500
    assert traffic.input_tokens.mean == pytest.approx(1000)
    assert any("started anew 1 times" in said for said in traffic.caveats)


def test_one_scrape_says_what_is_missing(tmp_path: Path) -> None:
    """12 M / 9,000 = 1,333 in and 1.9 M / 9,000 = 211 out, over an unknown time."""
    path = tmp_path / "vllm.prom"
    path.write_text(scrape(12e6, 1.9e6, 9000, 0))
    with pytest.raises(LogError, match="1,333 tokens in and 211 out"):
        read_usage([str(path)])
    (tmp_path / "at-2026-11-03T0915.prom").write_text(
        scrape(12e6, 1.9e6, 9000, 0, more="process_start_time_seconds 1793610922\n")
    )
    # started a day before: 1793697322 - 86,400, less the 22 s that the name leaves out
    traffic = read_usage([str(tmp_path / "at-2026-11-03T0915.prom")])
    assert traffic.hours_covered == pytest.approx(24, rel=0.001)
    assert traffic.requests == 9000


def test_metrics_without_requests_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "vllm.prom"
    path.write_text("vllm:prompt_tokens_total 5\n")
    with pytest.raises(LogError) as raised:
        read_usage([str(path)])
    assert len(raised.value.faults) == 2
