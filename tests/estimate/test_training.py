"""Training energy: hand-reckoned runs, what their publishers report, and dimensions."""

from __future__ import annotations

import numpy as np
import pint
import pytest

from advisor.estimate.training import achieved_share, from_hours, from_operations
from advisor.measured.method import hours_table, method_case, training_table
from advisor.system.case import Case


@pytest.fixture(scope="module")
def case() -> Case:
    return method_case()


def test_gpt_3_from_operations() -> None:
    # 6·175e9·300e9 = 3.15e23 operations ÷ 24.6e12 = 1.28049e10 s × 330 W = 1.17378e6 kWh × 1.10
    kwh = from_operations(6.0, 175e9, 300e9, 24.6e12, 1.0, 330.0, 1.10)
    assert kwh == pytest.approx(1_291_160, rel=1e-4)


def test_bloom_from_hours() -> None:
    assert from_hours(1_082_990, 400.0, 1.0) == pytest.approx(433_196)


def test_the_share_of_peak_grows_with_size_up_to_all_of_it() -> None:
    # 0.0865 · 8^0.234 = 0.1407, · 70^0.234 = 0.2338, · 405^0.234 = 0.3525
    shares = achieved_share(np.array([8e9, 70e9, 405e9]), 0.0865, 0.234)
    assert shares == pytest.approx([0.1407, 0.2338, 0.3525], rel=1e-3)
    assert achieved_share(1e18, 0.0865, 0.234) == 1.0


def test_published_training_figures_are_met(case: Case) -> None:
    table = training_table(case)
    assert len(table.rows) >= 15
    for name, *_, ratio, inside in table.rows:
        assert inside == "yes", name
        assert ratio == pytest.approx(1.0, abs=0.03), name


def test_gpu_hours_follow_from_parameters_and_tokens(case: Case) -> None:
    table = hours_table(case)
    assert [row[0] for row in table.rows] == ["Llama 3.1 8B", "Llama 3.1 70B", "Llama 3.1 405B"]
    assert all(row[-1] == "yes" and 0.8 < row[-2] < 1.25 for row in table.rows)


def test_dimensions() -> None:
    q = pint.UnitRegistry().Quantity
    seconds = q(6.0 * 1e9 * 1e9, "dimensionless") / (q(1e15, "1/s") * 0.4)
    assert seconds.check("[time]")
    assert (from_hours(q(10.0, "hour"), q(700.0, "watt"), 1.1)).check("[energy]")
    energy = from_operations(6.0, 1e9, 1e9, q(1e15, "1/s"), 0.4, q(700.0, "watt"), 1.1)
    assert energy.check("[energy]")


def test_scalar_and_array_agree() -> None:
    params = np.array([1e9, 8e9, 70e9])
    together = from_operations(6.0, params, 1e12, 1e15, 0.3, 900.0, 1.2)
    alone = [from_operations(6.0, p, 1e12, 1e15, 0.3, 900.0, 1.2) for p in params]
    assert together == pytest.approx(alone)
