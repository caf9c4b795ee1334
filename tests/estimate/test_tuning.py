"""Training energy against published runs."""

from __future__ import annotations

import pytest

from advisor.estimate import tuning


def test_lora_on_8b_matches_its_measured_rate() -> None:
    """4.05 x 8.03e9 operations a token at 0.41 x 989e12: 12,470 tokens a second and GPU;

    900 W at the wall: 1e6 / 12,470 x 900 / 3.6e6 = 0.0200 kWh per million tokens, as measured.
    """
    seconds = tuning.gpu_seconds(4.05, 8.03e9, 1e6, 989e12, 0.41)
    assert 1e6 / seconds == pytest.approx(12_473, rel=0.01)
    assert tuning.it_kwh(seconds, 900) == pytest.approx(0.020, rel=0.01)


def test_gpt3_on_v100() -> None:
    """6 x 175e9 x 300e9 / 24.6e12 = 1.28e10 s at 330 W: 1,174 MWh, 1,291 with PUE 1.10 (published 1,287)."""
    seconds = tuning.gpu_seconds(6.0, 175e9, 300e9, 24.6e12, 1.0)
    assert tuning.it_kwh(seconds, 330) * 1.10 / 1000 == pytest.approx(1287, rel=0.01)
