"""The choice against the next best, in words that more than one step uses."""

from __future__ import annotations

import numpy as np

from advisor.core.wording import share, times
from advisor.decide.comparing import accepted
from advisor.system.case import Case
from advisor.system.option import Decision

NEVER_ZERO = 1e-12  # keeps a ratio finite where an indicator is nothing


def runner_up(case: Case, decision: Decision) -> list[str]:
    """How much more or less the runner-up takes per accepted answer, and how sure the choice is."""
    choice, second = decision.choice, decision.runner_up
    if choice is None or second is None:
        return []
    chosen, other = accepted(choice, case), accepted(second, case)
    carbon, cost = (
        float(np.median(other[name] / np.maximum(chosen[name], NEVER_ZERO))) for name in ("carbon", "cost")
    )
    apart = f"{times(carbon, 'carbon')} and {times(cost, 'cost')} of an accepted answer"
    sure = f"{choice.title} is best in {share(decision.confidence)} of the draws"
    return [f"Next best is {second.title}, with {apart}; {sure}."]
