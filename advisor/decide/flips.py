"""How far one input must move before the choice changes.

An input is a number of the scenario. It is multiplied and divided by up to 100 within its bounds; at
each place the choice is made anew, on the draws of the decision, among the plans that come near the
best at today's values or at a hundredth or a hundredfold of the volume. Only lines that read the
input are worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from advisor.core.errors import AdvisorError
from advisor.decide.choosing import Candidate, quick_choice, year_of
from advisor.decide.completion import STEPS, TINY, Completed, over_budget
from advisor.decide.option import Flip
from advisor.decide.scoring import CONCERNS, scores
from advisor.scenario import value_at
from advisor.scenario.fields import Scenario
from advisor.scenario.validation import field_at
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.deployable import ways
from advisor.system.gates import passes
from advisor.system.plan import Plan, StepName, StepSetting

# a flip beyond a hundredfold change is no argument in a workshop
RINGS = (1.0, 2.0, 10.0, 100.0)
# halvings of the last step: from a factor of ten to within 2 %
TOLD, MOST_TOLD = 2, 6  # digits
REFINED = 1.02
# as many as fit on a slide
CLOSEST_FIRST = 6
NO_OPTION = "no option"
# ways to deploy that what is stopped is looked at with
DEPLOYED = 3
# alternatives looked at that pass today
MOST = 8
# what negligible is measured by in what-ifs: so little that nothing is
FLOORS = np.full(len(CONCERNS), TINY)
DEPLOYMENT = STEPS.index("deployment")
# alternatives further than this from the best are left out of what-ifs
FAR = float(np.log(30.0))

Chooser = Callable[[Case], StepSetting | None]


@dataclass(frozen=True, slots=True, eq=False)
class Hopeful:
    """The alternatives of a step that may win when an input moves, each with the plans that come near.

    ``stopped_by``: for what a gate stops now, the fields of the scenario that its gates read: where
    the input is none of them, it stays stopped.
    """

    step: StepName
    plans: Mapping[StepSetting, Sequence[Plan]]
    stopped_by: Mapping[StepSetting, frozenset[str]]

    def chooser(self, knob: str) -> Chooser:
        """How to choose among them when an input moves."""
        open_to = {
            setting: plans
            for setting, plans in self.plans.items()
            if setting not in self.stopped_by or knob in self.stopped_by[setting]
        }

        def choice(case: Case) -> StepSetting | None:
            found = (_candidate(case, self.step, setting, plans) for setting, plans in open_to.items())
            best = quick_choice(case, [one for one in found if one is not None])
            return best.setting if best else None

        return choice


def _candidate(case: Case, step: StepName, setting: StepSetting, plans: Sequence[Plan]) -> Candidate | None:
    """The best of some plans of an alternative that pass every gate, at central values."""
    centre, best = case.centre, None
    for plan in plans:
        if not all(passes(billing.gates(centre, plan, name)) for name in STEPS):
            continue
        year, quality = year_of(centre, plan), billing.quality(centre, plan)
        if over_budget(centre, year[:, 0]):
            continue
        score = float(scores(centre, year[None], quality[None], FLOORS)[0, 0])
        if best is None or score < best.score:
            best = Completed(plan, score)
    return Candidate(setting, (), best) if best is not None else None


def hopeful(case: Case, step: StepName, found: Sequence[Candidate]) -> Hopeful:
    """What to look at in what-ifs: what comes near the best now, and what gates stop.

    What is stopped may pass elsewhere; it is then looked at as the best of the others are deployed.
    """
    ranked = sorted((one for one in found if one.eligible), key=lambda one: one.completed.score)
    near = [one for one in ranked[:MOST] if one.completed.score <= ranked[0].completed.score + FAR]
    plans: dict[StepSetting, Sequence[Plan]] = {one.setting: _plans(one, step) for one in near}
    usual = list(dict.fromkeys(one.plan.deployment for one in near))[:DEPLOYED]
    stopped_by = {}
    for one in found:
        if not one.eligible:
            own = [
                replace(one.plan, deployment=way)
                for way in ([] if STEPS.index(step) >= DEPLOYMENT else usual)
                if way.mode in ways(case, one.plan.model)
            ]
            plans[one.setting] = list(dict.fromkeys([*own, one.plan]))
            stopped_by[one.setting] = frozenset().union(
                *(billing.gates_read(case.centre, one.plan, name) for name in STEPS
                  if not passes(billing.gates(case.centre, one.plan, name)))
            )  # fmt: skip
    return Hopeful(step, plans, stopped_by)


def _plans(one: Candidate, step: StepName) -> list[Plan]:
    """The plans of an alternative to look at: its best, and those whose first settings come near it."""
    if STEPS.index(step) > DEPLOYMENT:
        return [one.plan]
    late = (one.plan.storage, one.plan.operation)
    return list(dict.fromkeys([one.plan, *(Plan(*early, *late) for early in one.near)]))


def _moved(case: Case, knob: str) -> str:
    """The field to move: a traffic profile's volume is moved by its multiplier."""
    measured = knob == "workload.requests_per_day" and case.given.traffic is not None
    return "workload.traffic_multiplier" if measured else knob


def find_flips(
    case: Case,
    knobs: Sequence[str],
    base: StepSetting,
    chooser: Callable[[str], Chooser],
    titles: Mapping[StepSetting, str],
) -> tuple[Flip, ...]:
    """The nearest flip of each knob, nearest first."""
    found = (nearest_flip(case, knob, base, chooser(_moved(case, knob)), titles) for knob in knobs)
    return tuple(sorted((flip for flip in found if flip is not None), key=_distance)[:CLOSEST_FIRST])


def _distance(flip: Flip) -> float:
    factor = flip.factor or 1.0
    return max(factor, 1.0 / factor)


def nearest_flip(
    case: Case, knob: str, base: StepSetting, choice: Chooser, titles: Mapping[StepSetting, str]
) -> Flip | None:
    """The nearest factor, up or down, at which another alternative is chosen; None within a hundredfold."""
    path = _moved(case, knob)
    value = value_at(case.given, path)
    if not isinstance(value, int | float) or isinstance(value, bool) or value == 0:
        return None

    def at(factor: float) -> float:
        return max(round(value * factor), 1) if isinstance(value, int) else value * factor

    def choice_at(factor: float) -> StepSetting | None:
        try:
            changed = case.varied({path: at(factor)})
        except AdvisorError:
            return base  # out of the field's bounds: no such scenario, so no flip there
        return choice(changed)

    flip = _first_change(base, choice_at)
    if flip is None:
        return None
    factor, winner = flip
    title, unit = field_at(Scenario, path)
    flips_at = at(factor)
    to = NO_OPTION if winner is None else titles.get(winner, winner.key)
    present, beyond = _apart(value, flips_at, unit)
    return Flip(path, title, present, beyond, flips_at / value, to)


def _first_change(
    base: StepSetting, choice_at: Callable[[float], StepSetting | None]
) -> tuple[float, StepSetting | None] | None:
    """The factor nearest 1, up or down, at which the choice differs, refined by bisection."""
    for inner, outer in pairwise(RINGS):
        found = []
        for inside, outside in ((inner, outer), (1 / inner, 1 / outer)):
            winner = choice_at(outside)
            if winner != base:
                found.append(_refined(inside, outside, winner, base, choice_at))
        if found:
            return min(found, key=lambda flip: max(flip[0], 1 / flip[0]))
    return None


def _refined(
    inside: float, outside: float, winner: StepSetting | None, base: StepSetting,
    choice_at: Callable[[float], StepSetting | None],
) -> tuple[float, StepSetting | None]:  # fmt: skip
    while max(outside / inside, inside / outside) > REFINED:
        middle = float((inside * outside) ** 0.5)
        candidate = choice_at(middle)
        if candidate == base:
            inside = middle
        else:
            outside, winner = middle, candidate
    return outside, winner


def _apart(present: float, beyond: float, unit: str) -> tuple[str, str]:
    """Both values in two digits, as a flip is a place to look and no threshold; in more where they agree."""
    for digits in range(TOLD, MOST_TOLD):
        shown = _shown(present, unit, digits), _shown(beyond, unit, digits)
        if shown[0] != shown[1]:
            return shown
    return _shown(present, unit, MOST_TOLD), _shown(beyond, unit, MOST_TOLD)


def _shown(value: float, unit: str, digits: int) -> str:
    rounded = float(f"{value:.{digits}g}")
    number = f"{rounded:,.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:.{digits}g}"
    return f"{number} {unit}" if unit and unit not in ("ratio", "item") else number
