"""A trigger competes fairly with the best fixed interval, and wins where the floor binds.

Scenario: a tuned model accepted at 0.90 with a floor of 0.80, in a moderate domain that loses 0.0002 to 0.001
of its answers a day, 0.0005 in the middle; retraining takes so little that energy alone would do it rarely.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.scenario import with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.system import decay, operation_gates, upkeep
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, OperationSetting

MODEL, TUNED = model_of("gpt-4o-mini"), by("lora")
SERVICE = DeploymentSetting("maas", scope="global")


def tuned(floor: float = 0.8, runs: float = 1, **operations: Any) -> Case:
    case = case_of(
        0, knowledge={"gap": "none", "examples": 2000}, quality={"floor": floor},
        workload={"requests_per_day": 100},
        operations={"evaluation_runs_per_month": runs, "retrain_kwh": 500.0, **operations},
    )  # fmt: skip
    rows = [PilotRow("gpt-4o-mini", "lora", score) for score in [1.0] * 900 + [0.0] * 100]
    return case.with_scenario(with_pilot(case.given, rows))


def way(retraining: str) -> OperationSetting:
    return OperationSetting(retraining, "planned", "now")  # type: ignore[arg-type]


def days(case: Case, policy: str) -> float:
    return central(upkeep.interval_days(case, MODEL, TUNED, SERVICE, way(policy)))


def test_a_fixed_interval_must_hold_where_quality_fades_fast() -> None:
    """0.10 above the floor at 0.001 a day: 100 days, though the middle case would last 200."""
    case = tuned()
    assert decay.fast_loss(case) == pytest.approx(0.001)
    assert central(decay.floor_days(case, MODEL, TUNED, SERVICE)) == pytest.approx(200)
    assert days(case, "best") == pytest.approx(100)


def test_what_a_cache_answers_wrongly_leaves_less_to_lose() -> None:
    """Half of the tasks, of 1.5 turns, come back: a third of the calls. A cache by meaning finds 0.652 of it.

    0.02 of 0.2173 hits are wrong, 0.435 % of all: 0.9 x (1 - 0.00435) - 0.8 = 0.0961 lasts 96.1 days.
    """
    load = {"workload.repeat_share": 0.5, "knowledge.changes_every_days": None, "operations.rework": 0.0}
    case, cached = tuned().varied(load), replace(SERVICE, cache="semantic")
    assert decay.sure_days(case, MODEL, TUNED, SERVICE) == pytest.approx(100)
    assert decay.sure_days(case, MODEL, TUNED, cached) == pytest.approx(96.09, abs=0.01)
    for policy in ("best", "trigger"):
        assert fallen(operation_gates.gates(case, MODEL, TUNED, cached, way(policy))) == set()
    last = central(upkeep.interval_days(case, MODEL, TUNED, cached, way("best")))
    assert last == pytest.approx(96.09, abs=0.01)


def test_a_trigger_waits_for_the_drop_itself() -> None:
    """One run in 30.4 days: the alarm stands 0.001 x 30.4 = 0.0304 above the floor, 0.0696 below the start.

    The middle case gets there in 0.0696 / 0.0005 = 139.2 days and is seen 15.2 days later: 154.4.
    """
    assert days(tuned(), "trigger") == pytest.approx(0.06958 / 0.0005 + 15.21, rel=1e-3)


def test_where_the_floor_binds_the_trigger_retrains_less_and_wins() -> None:
    """365 / 12 / 100 = 0.304 runs a month against 365 / 12 / 154.4 = 0.197."""
    case = tuned()
    assert fallen(operation_gates.gates(case, MODEL, TUNED, SERVICE, way("trigger"))) == set()
    runs, year = {}, {}
    for policy in ("best", "trigger"):
        taken = upkeep.lines(case, MODEL, TUNED, SERVICE, way(policy))
        (again,) = (line for line in taken if line.what == "retraining")
        runs[policy], year[policy] = central(again.quantity), central(Bill(case, taken).year["energy"])
    assert runs == pytest.approx({"best": 0.304, "trigger": 0.197}, rel=5e-3)
    assert year["trigger"] < year["best"]


def test_where_energy_decides_the_fixed_interval_is_no_worse() -> None:
    """Far above the floor a trigger sees its best moment half the time between two runs late."""
    case = tuned(floor=0.0, retrain_kwh=0.01)
    assert days(case, "trigger") == pytest.approx(days(case, "best") + 365 / 24)


def test_a_trigger_that_looks_too_seldom_cannot_hold_the_floor() -> None:
    """A run every 152 days at 0.001 a day may miss 0.152, more than the 0.10 there are."""
    case = tuned(runs=0.2)
    assert "quality_floor" in fallen(operation_gates.gates(case, MODEL, TUNED, SERVICE, way("trigger")))


def test_a_trigger_renews_facts_as_they_change() -> None:
    facts = {"gap": "facts", "examples": 2000, "changes_every_days": 20}
    case = case_of(0, knowledge=facts, quality={"floor": 0.0}, operations={"quality_loss_per_day": 0.0})
    assert days(case, "trigger") == 20
    assert np.isfinite(days(case, "best"))
