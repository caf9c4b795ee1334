"""Passages and their upkeep, by hand."""

from __future__ import annotations

import pytest

from advisor.estimate import retrieval


def test_passages_overlap() -> None:
    """1,500 tokens in passages of 500 that share a tenth: 1,500 / 450 = 3.3, so 4 each."""
    assert retrieval.chunks(10_000, 1500, 500, 0.1) == 40_000


def test_a_short_document_is_one_passage() -> None:
    assert retrieval.chunks(7, 20, 500, 0.1) == 7


def test_overlap_is_embedded_twice() -> None:
    """10,000 x 1,500 / 0.9 = 16.7 million tokens."""
    assert retrieval.embedded_tokens(10_000, 1500, 0.1) == pytest.approx(16.67e6, rel=1e-3)


def test_what_never_changes_is_embedded_once() -> None:
    """Every 30 days a twentieth: 365 / 30 x 0.05 = 0.608 times a year."""
    assert retrieval.turnovers_per_year(None, 0.05) == 0
    assert retrieval.turnovers_per_year(30, 0.05) == pytest.approx(0.6083, rel=1e-3)
