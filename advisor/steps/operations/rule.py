"""When a new version is rolled back, in figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.estimate import upkeep
from advisor.steps.operations.setting import Setting
from advisor.system.case import Case

WH_PER_KWH = 1000.0


@dataclass(frozen=True, slots=True)
class Rule:
    """``needed`` requests in each arm before a verdict; ``expected`` and ``limit`` [Wh per accepted answer].

    ``input_tokens`` and ``mix_tolerance`` say which requests count as the same mix [tok], [ratio].
    """

    needed: int
    expected: float
    limit: float
    spread: float
    input_tokens: float
    mix_tolerance: float


def rollback_rule(case: Case, now: Setting) -> Rule:
    """The rule of the chosen deployment and the scenario's limits."""
    operations = case.scenario.operations
    errors = (case.central("operations.significance", "ratio"), case.central("operations.power", "ratio"))
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    expected = float(np.median(now.deployment.per_accepted(rate, horizon)["energy"])) * WH_PER_KWH
    return Rule(
        upkeep.samples_per_arm(operations.request_energy_cv, operations.detectable_difference, *errors),
        expected,
        expected * (1.0 + operations.rollback_limit),
        operations.request_energy_cv,
        now.input_tokens,
        case.central("operations.mix_tolerance", "ratio"),
    )
