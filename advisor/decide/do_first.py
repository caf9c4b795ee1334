"""What to do first: the way from the system of today to the plan, one change at a time.

A measure changes one thing of a plan: the model, the place, a cache. From where we are, the measure
that saves most by the scenario's priorities for an hour of work comes first, among those after which
the fewest gates fail; one that breaks a gate counts together with what mends it. Then the next from
there, until the plan is reached: every attribute of a setting is changed by some measure. Savings along
the way are differences of bills, so they sum to the difference between today and the plan, and what
two measures save together is counted once. ``left`` is what a measure still saves when all others
are done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

import numpy as np

from advisor.core.draws import Array, ensemble_of
from advisor.decide.choosing import year_of
from advisor.decide.completion import STEPS
from advisor.decide.scoring import scores
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import Gates, failed
from advisor.system.plan import Plan, StepName
from advisor.system.priorities import CONCERNS


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing to change: attributes of the setting of a step. ``key`` names its row of the data.

    ``along``: steps whose settings cannot stay as they are and change with it.
    """

    key: str
    step: StepName
    attributes: tuple[str, ...]
    along: tuple[StepName, ...] = ()

    def apply(self, plan: Plan, target: Plan) -> Plan:
        """The plan with this measure's attributes as in the target."""
        wanted = target.of(self.step)
        changed = replace(plan.of(self.step), **{name: getattr(wanted, name) for name in self.attributes})
        return plan.having({self.step: changed} | {step: target.of(step) for step in self.along})

    def hours(self, case: Case) -> float:
        """How much work it is [h]."""
        return case.central(f"measures.{self.key}.hours", "h")


ALONG: tuple[StepName, ...] = ("improvement", "deployment")
GENERATES = {
    "single": "writes", "cascade": "writes", "router": "writes", "team": "writes", "custom": "writes",
    "encoder": "reads", "retrieval": "searches",
}  # fmt: skip
# told apart where nothing else of how it is served changes
PARTS: Mapping[str, tuple[str, ...]] = {"place": ("scope", "region", "zone"), "rate": ("priority",)}
SERVING = ("mode", "term", "spillover", "machine", "precision", "to_zero", "apart", "device")
MODEL_AND_SERVING = "model_and_serving"  # what is changed at once, where neither can be had by itself
MEASURES = (
    Measure("model", "foundation_model", ("kind", "models")),
    Measure("technique", "improvement", ("technique",)),
    Measure("serving", "deployment", (*SERVING, *chain(*PARTS.values()))),
    *(Measure(key, "deployment", attributes) for key, attributes in PARTS.items()),
    Measure("batch", "deployment", ("batch",)),
    Measure("cache", "deployment", ("cache",)),
    Measure("storage", "data_storage", ("policy",)),
    Measure("retraining", "operations", ("retraining",)),
    Measure("evaluation", "operations", ("evaluation",)),
    Measure("job_time", "operations", ("timing",)),
)


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A measure as it is taken: the plans before and after, and what changes.

    ``saved``: concerns of a year before minus after, shape (concerns, width); ``left``: the same
    with every other measure done; ``sure``: share of draws in which it saves carbon; ``stops``: the
    gates the plan after it fails on the way, to be passed by later measures.
    """

    measure: Measure
    before: Plan
    after: Plan
    saved: Array
    left: Array
    hours: float
    sure: float
    stops: Gates


def measures(today: Plan, target: Plan) -> list[Measure]:
    """The measures in which two plans differ; a change of place or of the rate alone is told
    apart from one of serving.
    """
    found: list[Measure] = []
    # what reads or searches is neither prompted nor served as what writes
    whole = GENERATES[today.model.kind] != GENERATES[target.model.kind]
    for one in MEASURES:
        if whole and one.step in ALONG:
            continue
        if whole and one.key == "model":
            found.append(replace(one, along=ALONG))
            continue
        if one.key in PARTS and any(other.key == "serving" for other in found):
            continue  # they change with it
        looked = SERVING if one.key == "serving" else one.attributes
        ours, theirs = today.of(one.step), target.of(one.step)
        if any(getattr(ours, name) != getattr(theirs, name) for name in looked):
            found.append(one)
    return found


def together(case: Case, today: Plan, target: Plan) -> list[Measure]:
    """The measures between two plans, those in one that cannot be had one without the other.

    A model whose weights nobody gives away runs on no machine of one's own, and one that is not sold by use
    is not had that way: neither is a state to pass through, whatever it would save.
    """
    rest = measures(today, target)
    model = next((one for one in rest if one.key == "model" and not one.along), None)
    serving = next((one for one in rest if one.key in ("serving", "place")), None)
    if model is None or serving is None or _had(case, today, target, model, serving):
        return rest
    joined = replace(model, key=MODEL_AND_SERVING, along=("deployment",))
    return [joined, *(one for one in rest if one.key != "model" and one.step != "deployment")]


def _had(case: Case, today: Plan, target: Plan, *some: Measure) -> bool:
    """Whether at least one of some measures can be taken by itself."""
    missing = {one.rule for one in all_gates(case, today) if not one.to_be_had}
    after = (all_gates(case, one.apply(today, target)) for one in some)
    return any(all(one.to_be_had or one.rule in missing for one in gates) for gates in after)


def all_gates(case: Case, plan: Plan) -> Gates:
    """Every gate a plan fails, at central values."""
    return tuple(one for step in STEPS for one in failed(billing.gates(case.centre, plan, step)))


def way(case: Case, today: Plan, target: Plan) -> list[Done]:
    """The ordered measures from one plan to another; empty where they are the same."""
    every = together(case, today, target)
    rest, plan, done = every, today, list[Done]()
    while rest:
        measure = _next(case, plan, target, rest)
        after = measure.apply(plan, target)
        last = _without(target, today, measure, every)
        hours = measure.hours(case)
        saved = year_of(case, plan) - year_of(case, after)
        carbon = ensemble_of(saved[CONCERNS.index("carbon")])
        done.append(
            Done(
                measure, plan, after, saved, year_of(case, last) - year_of(case, target), hours,
                float(np.mean(carbon > 0)), all_gates(case, after),
            )
        )  # fmt: skip
        rest = [one for one in rest if one.key != measure.key]
        plan = after
    return done


def _without(target: Plan, today: Plan, measure: Measure, every: Sequence[Measure]) -> Plan:
    """The target with one measure not taken."""
    plan = today
    for one in every:
        plan = plan if one.key == measure.key else one.apply(plan, target)
    return plan


@dataclass(frozen=True, slots=True)
class _Taken:
    """Measures taken together, and the score gained for an hour of work.

    ``fails``: of the gates that then fail, those of what cannot be had at all, and all of them.
    """

    measures: tuple[Measure, ...]
    fails: tuple[int, int]
    worth: float


def _next(case: Case, plan: Plan, target: Plan, rest: Sequence[Measure]) -> Measure:
    """The measure that gains most for an hour of work, of those after which the fewest gates fail.

    One after which more fail counts with another that mends what it breaks, both their hours together; of
    the two, the one that breaks less is taken, and what mends it follows.
    """
    alone = [_taken(case, plan, target, (one,)) for one in rest]
    fewest = min(one.fails for one in alone)
    groups = [one for one in alone if one.fails == fewest]
    for first, second in combinations(alone, 2):
        if max(first.fails, second.fails) > fewest:
            both = _taken(case, plan, target, (*first.measures, *second.measures))
            groups += [both] if both.fails <= fewest else []
    best = max(groups, key=lambda group: group.worth)
    of_these = (one for one in alone if one.measures[0] in best.measures)
    return min(of_these, key=lambda one: (one.fails, -one.worth)).measures[0]


def _taken(case: Case, plan: Plan, target: Plan, some: tuple[Measure, ...]) -> _Taken:
    after = plan
    for one in some:
        after = one.apply(after, target)
    centre = case.centre
    gained = _score(centre, plan, plan) - _score(centre, after, plan)
    hours = sum(one.hours(case) for one in some)
    # what gains is divided by its hours; what only prepares comes last
    gates = all_gates(case, after)
    fails = (sum(not gate.to_be_had for gate in gates), len(gates))
    return _Taken(some, fails, gained / hours if gained > 0 else gained)


def _score(case: Case, plan: Plan, beside: Plan) -> float:
    years = np.stack([year_of(case, plan), year_of(case, beside)])
    quality = np.stack([billing.quality(case, plan), billing.quality(case, beside)])
    return float(scores(case, years, quality)[0, 0])


def abatement(done: Sequence[Done]) -> list[tuple[Measure, float, float]]:
    """Each measure with the carbon it saves [kg a year] and what a tonne costs [USD/t], cheapest first.

    Measures that save no carbon are left out: they have no price of abatement.
    """
    carbon, cost = CONCERNS.index("carbon"), CONCERNS.index("cost")
    found = [
        (one.measure, float(one.saved[carbon, 0]), -float(one.saved[cost, 0] / one.saved[carbon, 0]) * 1000.0)
        for one in done
        if one.saved[carbon, 0] > 0
    ]
    return sorted(found, key=lambda entry: entry[2])
