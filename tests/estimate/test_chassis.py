"""Wall power of a server by hand, and what must hold at any load."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.estimate.chassis import Chassis, overhead_w, wall_w

LOAD, EFFICIENCY = np.array([0.1, 0.5, 1.0]), np.array([0.9, 0.96, 0.95])
NODE = Chassis(8.0, 1000.0, 400.0, 800.0, 0.2, 0.8, 6600.0, 10_000.0, LOAD, EFFICIENCY)


def test_by_hand() -> None:
    # 8 × 500 = 4,000 W and 1,000 fixed: heat 5,000 of 6,600 = 0.757576; fans 800·(0.2 + 0.6·0.757576)
    # = 523.636 W; DC 5,000 + 400 + 523.636 = 5,923.636: 0.5923636 of the supply, whose efficiency lies
    # 0.1847273 of the way from 0.96 to 0.95: 0.9581527; wall 6,182.35 W, 272.79 W a card beside its own
    assert wall_w(NODE, 500.0) == pytest.approx(6182.35, rel=1e-5)
    assert overhead_w(NODE, 500.0) == pytest.approx(272.79, rel=1e-4)


def test_arrays_and_monotony() -> None:
    watts = np.linspace(0.0, 900.0, 50)
    wall = wall_w(NODE, watts)
    assert np.all(np.diff(wall) > 0)
    assert np.all(overhead_w(NODE, watts) > 0)
    assert wall[7] == pytest.approx(float(wall_w(NODE, float(watts[7]))))
