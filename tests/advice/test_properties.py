"""A slice of ``bench.advice``: what must hold of advice in any scenario."""

from __future__ import annotations

import pytest

from bench.advice import PROPERTIES, broken


@pytest.mark.parametrize("seed", range(0, 24, 2))
def test_what_must_hold_of_advice_holds(seed: int) -> None:
    assert broken(seed) == []


def test_every_property_is_tried() -> None:
    assert len(PROPERTIES) == 5
