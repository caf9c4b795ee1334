"""When a new version is rolled back, in figures."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.core.draws import central
from advisor.estimate import upkeep
from advisor.system import billing, requests
from advisor.system import upkeep as upkeep_lines
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.plan import Plan

WH_PER_KWH = 1000.0


@dataclass(frozen=True, slots=True)
class Rule:
    """``needed`` requests in each arm before a verdict; ``expected`` and ``limit`` [Wh per accepted answer].

    Both are the plan's whole figure. ``beside`` is what it takes beside what the requests of a service are
    metered for, to be added to these: making ready, data, upkeep [Wh per request]. ``input_tokens`` and
    ``mix_tolerance`` say which requests count as the same mix [tok], [ratio].
    """

    needed: int
    expected: float
    limit: float
    beside: float
    spread: float
    input_tokens: float
    mix_tolerance: float


def answering(case: Case, plan: Plan) -> Bill:
    """What answering requests takes, once all is ready: the lines of a plan that a service can meter."""
    early = billing.serving(case, *plan.early)
    return Bill(case, tuple(line for line in early if line.phase != "once"))


def wasted_kwh(case: Case, plan: Plan) -> float:
    """Energy of a year that goes into answers that are poor because quality has faded, central [kWh]."""
    lost = central(upkeep_lines.mean_loss(case, *plan.early, plan.operation))
    return central(answering(case, plan).year["energy"]) * lost


def test_days(case: Case, plan: Plan) -> float:
    """How long all traffic takes to fill both arms of the test that a verdict needs, central [day]."""
    needed = rollback_rule(case, plan).needed
    return float(upkeep.test_days(needed, central(case.workload.requests_per_day)))


def rollback_rule(case: Case, plan: Plan) -> Rule:
    """The rule for a plan, by its central case and the scenario's limits."""
    operations = case.scenario.operations
    errors = (case.central("operations.significance", "ratio"), case.central("operations.power", "ratio"))
    asked_a_year, whole = case.workload.requests_per_year, billing.bill(case, plan).year["energy"]
    expected = central(whole / (billing.quality(case, plan) * asked_a_year)) * WH_PER_KWH
    beside = central((whole - answering(case, plan).year["energy"]) / asked_a_year) * WH_PER_KWH
    asked = requests.request(case, plan.model.main, plan.improvement.technique)
    return Rule(
        upkeep.samples_per_arm(operations.request_energy_cv, operations.detectable_difference, *errors),
        expected,
        expected * (1.0 + operations.rollback_limit),
        beside,
        operations.request_energy_cv,
        central(asked.input_tokens),
        case.central("operations.mix_tolerance", "ratio"),
    )
