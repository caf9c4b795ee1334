"""One step at a time: what comes out when each step is chosen by itself, and what that forgoes.

Whoever takes the steps in order, without looking ahead, compares the models in the system a team
would start with, keeps the best, compares techniques in that, and so on. The joint plan chooses all
five together. The difference between the two is split exactly: for every set of steps in which they
differ, what changing all of them together brings beyond what its smaller sets bring (the Moebius
inverse, an analysis of variance without a rest). Effects of single steps are what each brings alone;
effects of several are their interaction, counted once. All of them sum to the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.decide.choosing import own_gates, year_of
from advisor.decide.completion import STEPS, Pins, Search, Spaces
from advisor.decide.scoring import scores
from advisor.decide.today import OPERATION, PLAIN, STORAGE
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import Gates, failed
from advisor.system.plan import Plan, StepName
from advisor.system.priorities import CONCERNS
from advisor.system.quality import reference_technique


@dataclass(frozen=True, slots=True)
class Stepwise:
    """The plan that comes of taking one step at a time.

    ``stuck``: the first step in which nothing passes any more, with the gates that stop what was
    nearest; the plan then holds that nearest setting.
    """

    plan: Plan
    stuck: StepName | None = None
    stops: Gates = ()


def one_at_a_time(case: Case, spaces: Spaces) -> Stepwise | None:
    """Each step chosen by itself at central values, the later ones as a team would start.

    None where no model passes its gates.
    """
    search = Search(case, spaces, Pins({}, {}))
    models = [one for one in search.alternatives("foundation_model")
              if not failed(own_gates(search.case, (one,)))]  # fmt: skip
    started = [plan for one in models if (plan := _start(search, one)) is not None]
    if not started:
        return None
    plan, stuck, stops = _best(search.case, started), None, Gates()
    for step in STEPS[1:]:
        settled = tuple(plan.of(name) for name in STEPS[: STEPS.index(step)])
        found = [
            (_with(search, plan, step, one), failed(own_gates(search.case, (*settled, one))))
            for one in search.alternatives(step, *settled)
        ]
        open_to = [tried for tried, gates in found if tried is not None and not gates]
        if open_to:
            plan = _best(search.case, open_to)
            continue
        nearest = min(
            (pair for pair in found if pair[0] is not None), key=lambda pair: len(pair[1]), default=None
        )
        if nearest is None or nearest[0] is None:
            return None
        plan = nearest[0]
        if stuck is None:
            stuck, stops = step, nearest[1]
    return Stepwise(plan, stuck, stops)


def _start(search: Search, model: Any) -> Plan | None:
    """The system a team would start with around a model: the usual technique, plainly deployed."""
    usual = reference_technique(search.case)
    found = sorted(search.alternatives("improvement", model), key=lambda one: one.key != usual)
    plans = (_plain(search, model, improvement) for improvement in found)
    return next((plan for plan in plans if plan is not None), None)


def _plain(search: Search, model: Any, improvement: Any) -> Plan | None:
    """The plainest deployment of the two that passes its gates; the data as it lies, nothing retrained."""
    if failed(own_gates(search.case, (model, improvement))):
        return None
    deployments = {one.key: one for one in search.alternatives("deployment", model, improvement)}
    keys = [*(key for key in PLAIN if key in deployments), *deployments]
    open_to = (
        key for key in keys if not failed(own_gates(search.case, (model, improvement, deployments[key])))
    )
    key = next(open_to, None)
    if key is None:
        return None
    storage = _named(search.alternatives("data_storage"), STORAGE)
    operation = _named(search.alternatives("operations"), OPERATION)
    return Plan(model, improvement, deployments[key], storage, operation)


def _named(found: Sequence[Any], key: str) -> Any:
    return next((one for one in found if one.key == key), found[0])


def _with(search: Search, plan: Plan, step: StepName, setting: Any) -> Plan | None:
    """The plan with another setting; a technique is deployed as it plainly would be."""
    if step == "improvement":
        return _plain(search, plan.model, setting)
    return plan.having({step: setting})


def _best(case: Case, plans: Sequence[Plan]) -> Plan:
    years = np.stack([year_of(case, plan)[:, :1] for plan in plans])
    quality = np.stack([billing.quality(case, plan)[:1] for plan in plans])
    return plans[int(np.argmin(scores(case, years, quality)[:, 0]))]


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What changing some steps together brings beyond what fewer of them bring.

    ``saved``: concerns of a year before minus after, central, shape (concerns,).
    """

    steps: tuple[StepName, ...]
    saved: Array

    def of(self, concern: str) -> float:
        """What it saves of one concern in a year."""
        return float(self.saved[CONCERNS.index(concern)])


def effects(case: Case, spaces: Spaces, before: Plan, after: Plan) -> list[Effect]:
    """The difference of two plans split over sets of steps; they sum to it. Largest carbon first.

    Steps that cannot be changed one without the other (a model that is not sold as the other plan
    deploys it) count as one.
    """
    centre = case.centre
    blocks = _blocks(centre, spaces, before, after)
    found = list[Effect]()
    for size in range(1, len(blocks) + 1):
        for chosen in combinations(blocks, size):
            saved = np.zeros(len(CONCERNS))
            for part in _subsets(chosen):
                steps = [step for block in part for step in block]
                change = year_of(centre, before)[:, 0] - year_of(centre, _mixed(before, after, steps))[:, 0]
                saved += (-1.0) ** (size - len(part)) * change
            found.append(Effect(tuple(step for block in chosen for step in block), saved))
    return sorted(found, key=lambda one: -abs(one.of("carbon")))


def _subsets(chosen: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    for size in range(1, len(chosen) + 1):
        yield from combinations(chosen, size)


def differing(before: Plan, after: Plan) -> tuple[StepName, ...]:
    """The steps in which two plans differ."""
    return tuple(step for step in STEPS if before.of(step) != after.of(step))


def _mixed(before: Plan, after: Plan, steps: Sequence[StepName]) -> Plan:
    return before.having({step: after.of(step) for step in steps})


def _blocks(case: Case, spaces: Spaces, before: Plan, after: Plan) -> list[tuple[StepName, ...]]:
    """Steps in which two plans differ, in as many blocks as can be changed one without the other."""
    differ = differing(before, after)
    early = tuple(step for step in differ if step in STEPS[:3])
    for blocks in _partitions(early):
        mixed = (
            [step for block in part for step in block] for part in _subsets(blocks) if len(part) < len(blocks)
        )
        if all(can_stand(case, spaces, _mixed(before, after, steps)) for steps in mixed):
            return [*blocks, *((step,) for step in differ if step not in early)]
    raise AssertionError("one block of all is always possible")


def _partitions(steps: tuple[StepName, ...]) -> Iterator[list[tuple[StepName, ...]]]:
    """The ways to put up to three steps into blocks, the finest first."""
    yield [(step,) for step in steps]
    if len(steps) > 2:
        for alone in steps:
            yield [tuple(step for step in steps if step != alone), (alone,)]
    if len(steps) > 1:
        yield [steps]


def can_stand(case: Case, spaces: Spaces, plan: Plan) -> bool:
    """Whether a plan's first three settings are alternatives of one another and pass their gates."""
    search = Search(case, spaces, Pins({}, {}))
    early = plan.early
    offered = plan.improvement in search.alternatives("improvement", plan.model) and (
        plan.deployment in search.alternatives("deployment", plan.model, plan.improvement)
    )
    return offered and not any(failed(own_gates(case, early[: count + 1])) for count in range(len(early)))
