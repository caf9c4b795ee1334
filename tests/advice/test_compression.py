"""Compression is no default: what it keeps must be known, and the compressor must be small enough.

Scenario: style is all a model lacks; then questions about long passages, where published tests exist.
"""

from __future__ import annotations

import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.scenario import with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.steps.improvement.tables import compression_table
from advisor.system import improvement_gates, training
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, OperationSetting, Plan, StorageSetting

MODEL, SHORT = model_of("llama-3.1-8b"), by("compression")
LOW = {"floor": 0.0}


def stopped(case: Case) -> bool:
    return "retention" in fallen(improvement_gates.gates(case, MODEL, SHORT))


@pytest.mark.parametrize("gap", ["none", "format"])
def test_for_form_or_nothing_it_never_wins_by_assumption(gap: str) -> None:
    assert stopped(case_of(0, task="rag_qa", quality=LOW, knowledge={"gap": gap}))
    assert stopped(case_of(0, task="chat", quality=LOW, knowledge={"gap": gap}))


def test_published_tests_are_of_questions_about_passages() -> None:
    assert not stopped(case_of(0, task="rag_qa", quality=LOW, knowledge={"gap": "facts"}))
    assert stopped(case_of(0, task="chat", quality=LOW, knowledge={"gap": "facts"}))


def test_a_test_of_ones_own_lets_it_in() -> None:
    case = case_of(0, quality=LOW, knowledge={"gap": "none"})
    rows = [PilotRow("llama-3.1-8b", "compression", 1.0)] * 40
    assert not stopped(case.with_scenario(with_pilot(case.given, rows)))


def test_a_larger_compressor_takes_more() -> None:
    """0.335 billion parameters unless said; 7 billion take 7 / 0.335 = 20.9 times as much."""
    small, large = case_of(0), case_of(0, knowledge={"compressor_params": 7})
    energy = [central(training.compressing(case, "global")["energy"]) for case in (small, large)]
    assert energy[1] / energy[0] == pytest.approx(7 / 0.335)


def test_the_size_from_which_it_no_longer_pays() -> None:
    """8.03 billion parameters and 1 - 1 / 2.5 = 60 % removed: up to 4.8 billion; 2.4 with 30 % cached."""
    case = case_of(0, workload={"cached_input_share": 0.3})
    late = (StorageSetting("today"), OperationSetting("never", "planned", "now"))
    plan = Plan(MODEL, SHORT, DeploymentSetting("maas", "global"), *late)
    rows = {row[0]: row[2] for row in compression_table(case, plan).rows}
    assert rows["share of the prompt removed %"] == pytest.approx(60)
    size = rows["parameters of the model that read each token, billion"]
    assert size == pytest.approx(8, rel=0.01)
    assert rows["a compressor pays up to this size, billion"] == pytest.approx(0.6 * float(size))
    cached = rows["the same where the repeated prefix is cached, billion"]
    assert cached == pytest.approx(0.3 * float(size))
