"""The alternatives of a step that may win when an input moves, and what is chosen among them there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from advisor.core.draws import Array
from advisor.decide.budgets import budgets, over_budget
from advisor.decide.choosing import FAR as CHOSEN_WITHIN
from advisor.decide.choosing import (
    Candidate,
    choose,
    near_best,
    own_gates,
    quick_choice,
    settled_before,
    year_of,
)
from advisor.decide.completed import Completed
from advisor.decide.completion import STEPS, TINY, Pins, Search, Spaces
from advisor.decide.scoring import scores
from advisor.decide.years import served_year
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.deployable import ways
from advisor.system.gates import Gate, Gates, failed, passes
from advisor.system.plan import PAIRS, ModelSetting, Plan, StepName, StepSetting

# ways to deploy that what is stopped is looked at with
DEPLOYED = 3
# alternatives looked at that pass today
MOST = 8
DEPLOYMENT = STEPS.index("deployment")
# alternatives a glimpse looks at, and plans of each besides its best
GLIMPSED, PLANS = 6, 2
# alternatives further than this from the best are left out of what-ifs
FAR = float(np.log(30.0))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What passes where an input has moved: ``near`` is worked out, ``far`` cannot be chosen there."""

    near: tuple[Candidate, ...]
    far: frozenset[StepSetting]


class Hopeful:
    """The alternatives of a step that may win when an input moves, each with the plans that come near.

    ``stopped_by``: for what a gate stops now, the fields of the scenario that its gates read: where
    the input is none of them, it stays stopped. ``near``: what comes near the best today or is
    stopped; the rest is looked at only to be sure, and joins it where it is chosen. Plans are added where, in
    a what-if, the best completion of an alternative is none of them.
    """

    def __init__(
        self, search: Callable[[Case], Search], before: Sequence[StepSetting], step: StepName,
        plans: Mapping[StepSetting, Sequence[Plan]],
        stopped_by: Mapping[StepSetting, frozenset[str]], far: Collection[StepSetting],
    ) -> None:  # fmt: skip
        self._search, self._before, self._step = search, before, step
        self._plans = {setting: list(some) for setting, some in plans.items()}
        self._stopped_by = stopped_by
        self.near = [setting for setting in self._plans if setting not in far]

    def glimpsed(self, case: Case) -> tuple[Candidate, ...]:
        """Those that come near and pass every gate in another case, as far as the known plans tell."""
        return self._found(case, "", self.near, _anything).near

    def found(self, case: Case, knob: str, among: Container[StepSetting]) -> Found:
        """Those of some that pass every gate when an input has moved, at central values.

        What a plan takes without data and upkeep is looked at first; where that alone is too far behind
        the best for it to be chosen, the rest is not asked.
        """
        return self._found(case, knob, among, partial(self._stands, case))

    def _found(
        self, case: Case, knob: str, among: Container[StepSetting],
        stands: Callable[[StepSetting], bool],
    ) -> Found:  # fmt: skip
        centre = case.centre
        looked = [
            (setting, plan)
            for setting, plans in self._plans.items()
            if setting in among and knob in self._stopped_by.get(setting, (knob,))
            for plan in plans
            if billing.open_to_serve(centre, plan, self._step)
        ]
        if not looked:
            return Found((), frozenset())
        served = np.stack([served_year(centre, plan.early) for _, plan in looked])
        most = np.array([billing.share_before_upkeep(centre, *plan.early)[0] for _, plan in looked])
        top = np.maximum(served.max(axis=0), TINY)
        least = _scored(centre, served, most, top)
        best: dict[StepSetting, Completed] = {}
        far: set[StepSetting] = set()
        bound = np.inf
        for place in np.argsort(least, kind="stable"):
            setting, plan = looked[place]
            if least[place] > bound:
                far.add(setting)
                continue
            if setting in best and least[place] >= best[setting].score:
                continue
            if not self._goes_on(case, plan) or not billing.open_to_keep(centre, plan, self._step):
                continue
            year = year_of(centre, plan)[:, 0]
            if over_budget(centre, year):
                continue
            if not best:
                top = np.maximum(top, year)
                least = _scored(centre, served, most, top)
            score = float(_scored(centre, year[None], billing.quality(centre, plan)[:1], top)[0])
            if score <= bound and not stands(setting):
                continue
            bound = min(bound, score + CHOSEN_WITHIN)
            if setting not in best or score < best[setting].score:
                best[setting] = Completed(plan, score)
        return Found(tuple(Candidate(setting, (), one) for setting, one in best.items()), frozenset(far))

    def _offered(self, case: Case) -> dict[StepSetting, None]:
        """What the step can choose from there: of pairs of models, others may be worth comparing."""
        return dict.fromkeys(self._search(case).alternatives(self._step, *self._before))

    def _stands(self, case: Case, setting: StepSetting) -> bool:
        """Whether it is offered there; of models, only whether a pair is worth comparing can change."""
        fixed = isinstance(setting, ModelSetting) and setting.kind not in PAIRS
        return fixed or setting in self._offered(case)

    def title(self, case: Case, setting: StepSetting, of: Callable[[Case, Plan], str]) -> str:
        """What an alternative is called, one that is offered in a what-if alone included."""
        plans = self._plans.get(setting)
        return of(case, plans[0]) if plans else setting.key

    def _goes_on(self, case: Case, plan: Plan) -> bool:
        """Whether the first settings after the step are among those that there are to choose from."""
        search, place = self._search(case), STEPS.index(self._step)
        return (place > 0 or plan.improvement in search.alternatives("improvement", plan.model)) and (
            place > 1 or plan.deployment in search.alternatives("deployment", plan.model, plan.improvement)
        )

    def choice(
        self, case: Case, knob: str, among: Collection[StepSetting] | None = None
    ) -> StepSetting | None:
        """What is chosen among the plans that are known."""
        best = quick_choice(case, self.found(case, knob, self.near if among is None else among).near)
        return best.setting if best else None

    def sure(self, case: Case, knob: str, base: StepSetting) -> StepSetting | None:
        """What is chosen once alternatives are completed anew there.

        Those are today's choice, what comes near the best, what a gate stops today, what passes today with
        no plan that is known to pass there, and what is offered there alone.
        """
        search, offered = self._search(case), self._offered(case)
        new = [one for one in offered if one not in self._plans]
        completed: set[StepSetting] = set()
        open_to = [one for one in (*self._plans, *new) if knob in self._stopped_by.get(one, (knob,))]
        while True:
            found = self.found(case, knob, self._plans)
            near = [one.setting for one in near_best(found.near)]
            passing = {one.setting: one.plan for one in found.near}
            lost = [one for one in open_to if one not in passing and one not in found.far]
            asked = [one for one in (base, *near, *lost) if one in offered and one not in completed]
            # what cannot come near the best is not chosen
            bound = search.scored(passing[near[0]]) + CHOSEN_WITHIN if near else np.inf
            learned = [one for one in asked if self._completed(search, one, passing.get(one), bound)]
            if not learned:
                best = choose(case, found.near).best
                if best is not None and best.setting not in self.near:
                    self.near.append(best.setting)  # it comes near where others do not
                return best.setting if best else None
            completed.update(asked)

    def stops(self, case: Case, base: StepSetting) -> Gate | None:
        """The gate that stops a choice in a what-if; of several, the one that stops most alternatives."""
        stopping = self._stopping(case.centre, self._plans.get(base, ()))
        by_rule = {gate.rule: gate for gate in reversed(stopping)}
        if len(by_rule) < 2:
            return next(iter(by_rule.values()), None)
        every = (self._stopping(case.centre, plans) for plans in self._plans.values())
        reach = Counter(rule for gates in every for rule in {gate.rule for gate in gates})
        return max(by_rule.values(), key=lambda gate: reach[gate.rule])

    def _stopping(self, case: Case, plans: Sequence[Plan]) -> Gates:
        """What stops the first plan of an alternative, its budgets last."""
        if not plans:
            return ()
        gates = [gate for name in STEPS for gate in failed(billing.gates(case, plans[0], name))]
        return (*gates, *over_budget(case, year_of(case, plans[0])[:, 0])) if not gates else tuple(gates)

    def _completed(self, search: Search, setting: StepSetting, known: Plan | None, bound: float) -> bool:
        """Whether a better completion of an alternative was found than the best that is known."""
        given = (*self._before, setting)
        if not passes(own_gates(search.case, given)):
            return False
        best = search.better_than(bound if known is None else min(bound, search.scored(known)), *given)
        if best is None or best.plan in self._plans.get(setting, ()):
            return False
        self._plans.setdefault(setting, []).append(best.plan)
        return True


def _anything(_setting: StepSetting) -> bool:
    return True


def hopeful(case: Case, spaces: Spaces, pins: Pins, step: StepName, found: Sequence[Candidate]) -> Hopeful:
    """What to look at in what-ifs: what comes near the best now, and what gates stop.

    What is stopped may pass elsewhere; it is then looked at as the best of the others are deployed.
    """
    ranked = sorted((one for one in found if one.eligible), key=lambda one: one.completed.score)
    near = [one for one in ranked[:MOST] if one.completed.score <= ranked[0].completed.score + FAR]
    plans: dict[StepSetting, Sequence[Plan]] = {one.setting: _plans(one, step) for one in ranked}
    far = {one.setting for one in ranked} - {one.setting for one in near}
    usual = list(dict.fromkeys(one.plan.deployment for one in near))[:DEPLOYED]
    search, before, stopped_by = Search(case, spaces, pins), settled_before(pins, step), {}
    for one in found:
        if not one.eligible:
            plan = _stopped(one, step, ranked)
            own = [
                replace(plan, deployment=way)
                for way in ([] if STEPS.index(step) >= DEPLOYMENT else usual)
                if way.mode in ways(case, plan.model)
            ]
            plans[one.setting] = list(dict.fromkeys([*own, plan]))
            hangs_on = _hangs_on(search, before, step, one, plan)
            if hangs_on is not None:
                stopped_by[one.setting] = hangs_on
    return Hopeful(lambda moved: Search(moved, spaces, pins), before, step, plans, stopped_by, far)


def _stopped(one: Candidate, step: StepName, ranked: Sequence[Candidate]) -> Plan:
    """A plan of what a rule stops: where its own rules do, with what the best plan has beside it."""
    if not ranked or not failed(one.gates) or STEPS.index(step) < DEPLOYMENT:
        return one.plan
    return ranked[0].plan.having({step: one.setting})


def _hangs_on(
    search: Search, before: Sequence[StepSetting], step: StepName, one: Candidate, plan: Plan
) -> frozenset[str] | None:
    """The fields of the scenario that what stops an alternative reads; None where that may be any.

    What its own gates stop stays stopped while they read the same, whatever completes it. Else all that may
    complete it counts: each as far as its gates were asked, as none is asked after the first that stops it.
    """
    case, given = search.case, (*before, one.setting)
    if failed(one.gates):
        return billing.gates_read(case, plan, step)
    if {gate.rule for gate in one.completed.stops} & {rule for rule, *_ in budgets(case)}:
        return None
    closed = search.closed_by(*given)
    if closed is not None:
        return closed
    stopped = [name for name in STEPS if not passes(billing.gates(case, plan, name))]
    return frozenset().union(*(billing.gates_read(case, plan, name) for name in stopped))


def glimpsed(
    case: Case, spaces: Spaces, pins: Pins, step: StepName, found: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """The best alternatives of a like case that pass here, each in the plans that came nearest there."""
    few = [replace(one, near=one.near[:PLANS]) for one in near_best(found)[:GLIMPSED]]
    return hopeful(case, spaces, pins, step, few).glimpsed(case)


def _plans(one: Candidate, step: StepName) -> list[Plan]:
    """The plans of an alternative to look at: its best, and those whose first settings come near it."""
    if STEPS.index(step) > DEPLOYMENT:
        return [one.plan]
    late = (one.plan.storage, one.plan.operation)
    return list(dict.fromkeys([one.plan, *(Plan(*early, *late) for early in one.near)]))


def _scored(case: Case, years: Array, quality: Array, top: Array) -> Array:
    """Central scores of years, shape (plans, concerns); ``top``: what negligible is measured by."""
    return scores(case, years[:, :, None], quality[:, None], top)[:, 0]
