"""The method page's exhibits, and EcoLogits beside ours."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.measured.measurements import read
from advisor.measured.method import (
    coefficients_table,
    errors_table,
    families,
    method_case,
    opinions_table,
    pairs,
    predicted_chart,
)
from advisor.system.case import Case
from advisor.system.energy_model import FIELDS
from advisor.system.second_opinion import gpu_board_joules, second_opinion
from tests.test_measurements import MEASURED


@pytest.fixture(scope="module")
def case() -> Case:
    return method_case()


def test_unseen_families_are_met_as_promised(case: Case) -> None:
    *_, everything = errors_table(case).rows
    name, runs, error, bias, within = everything
    assert (name, runs) == ("all", 507.0)
    # median |log2| of at most 0.20 is a factor of 1.149
    assert error <= 2**0.20
    assert within >= 98
    assert 0.9 < bias < 1.1


def test_four_fifths_of_unseen_runs_lie_in_the_interval(case: Case) -> None:
    sd = case.central("energy_model.residual", "ratio")
    errors = np.concatenate([np.log(pairs(case, f)[1] / pairs(case, f)[0]) for f in families(case)])
    assert 0.75 <= np.mean(np.abs(errors) <= 1.2816 * np.sqrt(sd**2 + 0.003)) <= 0.88


def test_every_coefficient_is_shown_with_its_range(case: Case) -> None:
    table = coefficients_table(case)
    assert [row[0] for row in table.rows][: len(FIELDS)] == [name.replace("_", " ") for name in FIELDS]
    assert all(row[1] <= row[2] <= row[3] for row in table.rows)


def test_the_chart_holds_every_run(case: Case) -> None:
    *clouds, equal = predicted_chart(case).lines
    assert sum(len(line.x) for line in clouds) == 507
    assert equal.x == equal.y


def test_the_second_opinion_is_ecologits_own(case: Case) -> None:
    # as shipped, 70.6 billion active, 300 tokens, batch 64, 16 bit: memory 1.2·70.6·2 = 169.4 GB: 4 GPUs
    # GPU: 300·(1.16653e-6·e^(-0.0112059·64)·70.6 + 4.05293e-5)/1000 = 2.4219e-5 kWh each, 9.6876e-5 in all
    # server: (300·(6.7851e-4·70.6 + 3.1193e-4·64 + 0.0194737))/3600 · 1.2 kW · 4/8 / 64 = 5.6895e-5 kWh
    found = second_opinion(case, "llama-3.3-70b", 300.0)
    assert found is not None
    assert found.central_kwh == pytest.approx(1.53e-4, rel=0.1)
    assert found.low_kwh <= found.central_kwh <= found.high_kwh
    assert found.why.count(".") == 1


def test_ecologits_for_measured_runs() -> None:
    measured = read(MEASURED)
    shipped, told = gpu_board_joules(measured)
    at_64 = np.isclose(measured["batch_size"], 64, rtol=0.02) & (measured["n_gpus"] == 1)
    assert shipped.shape == told.shape == (len(measured),)
    assert told[at_64] == pytest.approx(shipped[at_64], rel=0.05)


def test_opinions_stand_side_by_side(case: Case) -> None:
    table = opinions_table(case)
    assert len(table.rows) >= 4
    assert "batch of 64" in table.note
