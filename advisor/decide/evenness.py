"""Alternatives that differ by next to nothing, and which of them takes the least work.

Where two plans share nearly all of their lines, one is best in draw after draw though nobody would notice the
difference. How often it is best then says nothing about how much that matters, so it is told for itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import HIGH, Array, central, ensemble_of
from advisor.core.saying import joined, say
from advisor.core.wording import amount, counted
from advisor.decide.choosing import Choice
from advisor.decide.do_first import measures
from advisor.decide.option import Even, Option
from advisor.decide.today import OPERATION, PLAIN, STORAGE
from advisor.system.case import Case
from advisor.system.plan import FIELDS, StepName, StepSetting
from advisor.system.priorities import CONCERNS
from advisor.system.quality import reference_technique

TINY = float(np.finfo(float).tiny)
MOST = 0.5  # "most draws": half of them
# concern -> its unit, where a difference may be too small to matter whatever it is a share of
ABSOLUTE = {"carbon": "kg/year", "cost": "USD/year"}
TOLD_IN = {"carbon": "kgCO2e", "cost": "USD"}  # what a year of the two takes is told in


def negligible_share(case: Case) -> float:
    """The share of what is weighed up to which a difference is none [ratio]."""
    return case.central("choice.negligible_share", "ratio")


def negligible(case: Case) -> dict[int, float]:
    """How much of carbon and of cost a year is none, whatever it is a share of; by place of the concern."""
    return {
        CONCERNS.index(concern): case.central(f"choice.negligible_{concern}", unit)
        for concern, unit in ABSOLUTE.items()
    }


def as_good(case: Case, years: Array, quality: Array, chosen: int) -> NDArray[np.bool_]:
    """Which plans differ from one by next to nothing, itself among them.

    ``years``: concerns of a year, shape (plans, concerns, width); ``quality``: share accepted, shape (plans,
    width). Each concern of an accepted answer and the share accepted differ by no more than a share, carbon
    and cost of the year by no more than an amount, at the centre and in nine of ten draws. What is within its
    amount that often is so little that its share need be so in most draws alone.
    """
    least, amounts = negligible_share(case), negligible(case)
    per_answer = years / quality[:, None, :]
    told = np.concatenate([per_answer, quality[:, None, :]], axis=1)
    close = np.abs(told - told[chosen]) <= least * np.maximum(np.abs(told[chosen]), TINY)
    little = [np.abs(years[:, row] - years[chosen, row]) <= most for row, most in amounts.items()]
    others = [close[:, row] for row in range(close.shape[1]) if row not in amounts]
    bounded, shared = np.all([*others, *little], axis=0), close.all(axis=1)
    return np.asarray(_usually(bounded, HIGH) & _usually(shared, MOST), dtype=np.bool_)


def _usually(true: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """Whether something is so at the centre and in a share of draws, shape (plans, width) to (plans,)."""
    often = ensemble_of(true.astype(np.float64)).mean(axis=-1) >= least if true.shape[-1] > 1 else True
    return np.asarray(true[:, 0] & often, dtype=np.bool_)


def even(case: Case, step: StepName, chosen: Choice, options: Mapping[StepSetting, Option]) -> Even | None:
    """What is as good as the choice and takes no more work, the first of what takes least; None: nothing is.

    Work is what it takes to come there from what the step begins with. ``options``: all of the step's.
    """
    if chosen.weighed is None:
        return None
    choice, *others = chosen.weighed.ranking
    close = as_good(case, chosen.years, chosen.quality, choice)
    found = [options[chosen.eligible[place].setting] for place in (choice, *others) if close[place]]
    begun = _start(case, step)
    start = next((one for one in options if one.key == begun), None)
    spared = [_hours(case, step, start, found[0]) - _hours(case, step, start, one) for one in found]
    most = max(range(1, len(found)), key=lambda place: spared[place], default=0)
    return Even(found[most], spared[most]) if most and spared[most] >= 0 else None


def _start(case: Case, step: StepName) -> str:
    """The key of what a step begins with: what runs today, else what a team would try; no model is that."""
    today = case.given.today
    if today is not None:
        keys = (today.model, today.technique, today.deployment, today.storage, today.operations)
    else:
        keys = ("", reference_technique(case), PLAIN[0], STORAGE, OPERATION)
    return dict(zip(FIELDS, keys, strict=True))[step]


def _hours(case: Case, step: StepName, start: StepSetting | None, option: Option) -> float:
    """Hours of work from what the step begins with to an option."""
    if start is None:
        return 0.0
    changed = measures(option.plan.having({step: start}), option.plan)
    return sum(one.hours(case) for one in changed)


def told(even: Even, choice: Option) -> str:
    """How little is between the choice and what is as good, and what that spares."""
    carbon, cost = (
        amount(abs(central(even.option.year[name]) - central(choice.year[name])), unit)
        for name, unit in TOLD_IN.items()
    )
    said = say(
        "{title} is as good: {carbon} and {cost} a year are between them, next to nothing.",
        title=even.option.title, carbon=carbon, cost=cost,
    )  # fmt: skip
    if not even.hours:
        return said
    spared = counted(
        even.hours,
        say("It is simpler, by an hour of work: stay with it unless you change this anyway."),
        say("It is simpler, by {count} hours of work: stay with it unless you change this anyway."),
    )
    return joined(" ", (said, spared))
