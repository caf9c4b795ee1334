"""What a pilot log says: shares with intervals, means of what was noted, answers still needed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.scenario.pilot_log import PilotRow
from advisor.system.pilot import more_samples, results


def rows(model: str, scores: list[float], **noted: float) -> list[PilotRow]:
    return [PilotRow(model, "prompt", score, **noted) for score in scores]


def test_a_result_per_model_and_technique() -> None:
    log = [*rows("b", [1, 0]), PilotRow("a", "lora", 1.0), PilotRow("b", "lora", 0.0)]
    assert [(r.model, r.technique, r.samples) for r in results(log)] == [
        ("a", "lora", 1), ("b", "lora", 1), ("b", "prompt", 2),
    ]  # fmt: skip


def test_share_and_interval_of_27_in_30() -> None:
    """27 of 30: 0.9; Wilson at 80 %: centre (0.9 + 0.02737) / 1.05475 = 0.8792, half 0.0713."""
    (found,) = results(rows("a", [1.0] * 27 + [0.0] * 3))
    assert found.share == pytest.approx(0.9)
    assert found.low == pytest.approx(0.8792 - 0.0713, abs=2e-3)
    assert found.high == pytest.approx(0.8792 + 0.0713, abs=2e-3)


def test_means_of_what_was_noted_only() -> None:
    log = [*rows("a", [1, 1], input_tokens=100.0, retries=1.0), *rows("a", [0])]
    (found,) = results(log)
    assert found.input_tokens == 100
    assert found.retries == 1
    assert found.output_tokens is None


def test_five_answers_leave_a_wide_interval() -> None:
    (few,) = results(rows("a", [1, 1, 1, 1, 0]))
    (many,) = results(rows("a", [1, 1, 1, 1, 0] * 20))
    assert few.high - few.low > 3 * (many.high - many.low)


def test_more_answers_to_settle() -> None:
    """0.8 against 0.7 with scores 0.1 apart need 112 each; 30 are judged, 82 remain."""
    assert more_samples(0.8, 0.7, 0.1, 30) == 82
    assert more_samples(0.8, 0.7, 0.1, 500) == 0


def test_options_as_good_as_equal_are_called_so() -> None:
    assert more_samples(0.8, 0.8, 1e-6, 30) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_share_lies_in_its_interval(scores: list[float]) -> None:
    (found,) = results(rows("a", scores))
    assert found.low <= found.share + 1e-12
    assert found.share - 1e-12 <= found.high
