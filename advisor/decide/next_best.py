"""The choice against the next best, in numbers and words that more than one step uses."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.core.wording import share, times
from advisor.decide.option import Decision, Option
from advisor.decide.scoring import scores
from advisor.system.case import Case
from advisor.system.metered import measures_serving
from advisor.system.priorities import concerns

NEVER_ZERO = 1e-12  # keeps a ratio finite where an indicator is nothing


def ratio(first: Option, second: Option, indicator: str) -> float:
    """How much more of an indicator an accepted answer of the first takes than one of the second."""
    mine, theirs = (central(option.accepted[indicator]) for option in (first, second))
    return mine / max(theirs, NEVER_ZERO)


def apart(first: Option, second: Option) -> str:
    """The first's carbon and cost of an accepted answer beside the second's, in words."""
    carbon, cost = (times(ratio(first, second, name), name) for name in ("carbon", "cost"))
    return say("{carbon} and {cost}", carbon=carbon, cost=cost)


def score_gap(case: Case, first: Option, second: Option) -> float:
    """How far apart two options score at the centre, by the scenario's priorities."""
    both = (first, second)
    years = np.stack([concerns(option.year.values)[:, :1] for option in both])
    scored = scores(case, years, np.stack([option.quality[:1] for option in both]))
    return float(abs(scored[0, 0] - scored[1, 0]))


def runner_up(decision: Decision) -> list[str]:
    """How much more or less the runner-up takes per accepted answer, and how sure the choice is."""
    choice, second = decision.choice, decision.runner_up
    if choice is None or second is None:
        return []
    return [
        say(
            "Next best is {second}, with {apart} of an accepted answer; "
            "{choice} is best in {confidence} of the draws.",
            second=second.title,
            apart=apart(second, choice),
            choice=choice.title,
            confidence=share(decision.confidence),
        )
    ]


def metered_alike(decision: Decision) -> list[str]:
    """That one metered job gives every option the same energy, and what would tell them apart."""
    choice, second = decision.choice, decision.runner_up
    if choice is None or second is None or not measures_serving(choice.case):
        return []
    return [
        say(
            "The {job} kWh metered for a job stand for whatever serves it: every option has the same energy, "
            "only money, hardware and quality tell them apart. To compare their energy meter one with "
            "{choice} and one with {second}.",
            job=numeral(choice.case.scenario.operations.job_kwh or 0.0, "g"),
            choice=choice.title,
            second=second.title,
        )
    ]
