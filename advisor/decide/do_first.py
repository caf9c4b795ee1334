"""What to do first: the way from the system of today to the plan, one change at a time.

A measure changes one thing of a plan: the model, the place, a cache. From where we are, the measure
that saves most by the scenario's priorities for an hour of work comes first, among those that leave
a plan which passes every gate; then the next from there, until the plan is reached. Savings along
the way are differences of bills, so they sum to the difference between today and the plan, and what
two measures save together is counted once. ``left`` is what a measure still saves when all others
are done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array, ensemble_of
from advisor.decide.choosing import year_of
from advisor.decide.completion import STEPS
from advisor.decide.scoring import scores
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import Gates, failed
from advisor.system.plan import FIELDS, Plan, StepName
from advisor.system.priorities import CONCERNS

PLACE = ("scope", "region", "zone")


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
        field = FIELDS[self.step]
        wanted = getattr(target, field)
        changed = replace(getattr(plan, field), **{name: getattr(wanted, name) for name in self.attributes})
        rest = {FIELDS[step]: target.of(step) for step in self.along}
        return replace(plan, **{field: changed, **rest})


ALONG: tuple[StepName, ...] = ("improvement", "deployment")
GENERATES = {
    "single": "writes", "cascade": "writes", "router": "writes", "team": "writes", "custom": "writes",
    "encoder": "reads", "retrieval": "searches",
}  # fmt: skip
SERVING = ("mode", "term", "spillover", "machine", "precision", "to_zero", "device", *PLACE)
MEASURES = (
    Measure("model", "foundation_model", ("kind", "models")),
    Measure("technique", "improvement", ("technique",)),
    Measure("serving", "deployment", SERVING),
    Measure("place", "deployment", PLACE),
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
    """The measures in which two plans differ; a change of place alone is told apart from one of serving."""
    found: list[Measure] = []
    # what reads or searches is neither prompted nor served as what writes
    whole = GENERATES[today.model.kind] != GENERATES[target.model.kind]
    for one in MEASURES:
        if whole and one.step in ALONG:
            continue
        if whole and one.key == "model":
            found.append(replace(one, along=ALONG))
            continue
        ours, theirs = today.of(one.step), target.of(one.step)
        differs = any(getattr(ours, name) != getattr(theirs, name) for name in one.attributes)
        if one.key == "serving":
            differs = any(getattr(ours, n) != getattr(theirs, n) for n in SERVING if n not in PLACE)
        if one.key == "place":
            differs = differs and not any(other.key == "serving" for other in found)
        if differs:
            found.append(one)
    return found


def all_gates(case: Case, plan: Plan) -> Gates:
    """Every gate a plan fails, at central values."""
    return tuple(one for step in STEPS for one in failed(billing.gates(case.centre, plan, step)))


def way(case: Case, today: Plan, target: Plan) -> list[Done]:
    """The ordered measures from one plan to another; empty where they are the same."""
    rest = measures(today, target)
    plan, done = today, list[Done]()
    while rest:
        measure = _next(case, plan, target, rest)
        after = measure.apply(plan, target)
        last = _without(target, today, measure, measures(today, target))
        hours = case.central(f"measures.{measure.key}.hours", "h")
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


def _next(case: Case, plan: Plan, target: Plan, rest: Sequence[Measure]) -> Measure:
    """The measure that saves most for an hour of work, of those that break fewest gates."""
    _, _, measure = min(_worth(case, plan, target, rest), key=lambda entry: entry[:2])
    return measure


def _worth(
    case: Case, plan: Plan, target: Plan, rest: Sequence[Measure]
) -> Iterator[tuple[int, float, Measure]]:
    """For each measure: gates failed after it, then minus the score it gains for an hour of work."""
    centre = case.centre
    now = _score(centre, plan, plan)
    for measure in rest:
        after = measure.apply(plan, target)
        gained = now - _score(centre, after, plan)
        hours = case.central(f"measures.{measure.key}.hours", "h")
        # what gains is divided by its hours; what only prepares comes last
        yield len(all_gates(case, after)), -(gained / hours if gained > 0 else gained), measure


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
