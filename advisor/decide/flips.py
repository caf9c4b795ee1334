"""How far one input must move before the choice changes.

An input is a number of the scenario. It is multiplied and divided by up to 100 within its bounds; at
each place the choice is made anew, on the draws of the decision, among the plans that come near the
best at today's values or at a hundredth or a hundredfold of the volume. Only lines that read the
input are worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from advisor.core.errors import AdvisorError
from advisor.decide.choosing import Candidate, own_gates, quick_choice, settled_before
from advisor.decide.completion import STEPS, Early, Pins, Search, Spaces
from advisor.decide.option import Flip
from advisor.scenario import value_at
from advisor.scenario.fields import Scenario
from advisor.scenario.validation import field_at
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import StepName, StepSetting

# a flip beyond a hundredfold change is no argument in a workshop
RINGS = (1.0, 2.0, 10.0, 100.0)
# halvings of the last step: from a factor of ten to within 2 %
REFINED = 1.02
# as many as fit on a slide
CLOSEST_FIRST = 6
NO_OPTION = "no option"
# ways to deploy that what is stopped is looked at with
DEPLOYED = 3
DEPLOYMENT = STEPS.index("deployment")
# alternatives further than this from the best are left out of what-ifs
FAR = float(np.log(30.0))

Chooser = Callable[[Case], StepSetting | None]


@dataclass(frozen=True, slots=True, eq=False)
class Hopeful:
    """The alternatives of a step that may win when an input moves, each with its plans' first settings."""

    spaces: Spaces
    pins: Pins
    step: StepName
    plans: Mapping[StepSetting, Sequence[Early]]

    def choice(self, case: Case) -> StepSetting | None:
        """What is chosen among them in another case."""
        search, before = Search(case, self.spaces, self.pins), settled_before(self.pins, self.step)
        found = []
        for setting, plans in self.plans.items():
            given = (*before, setting)
            if failed(own_gates(search.case, given)):
                continue
            completed = search.among(plans, *given)
            if completed is not None and completed.feasible:
                found.append(Candidate(setting, (), completed))
        best = quick_choice(case, found)
        return best.setting if best else None


def hopeful(spaces: Spaces, pins: Pins, step: StepName, found: Sequence[Candidate]) -> Hopeful:
    """What to look at in what-ifs: what comes near the best now, and what gates stop.

    What is stopped may pass elsewhere; it is then looked at as the best of the others are deployed.
    """
    ranked = sorted((one for one in found if one.eligible), key=lambda one: one.completed.score)
    near = [one for one in ranked if one.completed.score <= ranked[0].completed.score + FAR]
    plans: dict[StepSetting, Sequence[Early]] = {one.setting: one.near for one in near}
    usual = list(dict.fromkeys(one.plan.deployment for one in near))[:DEPLOYED]
    for one in found:
        if not one.eligible:
            model, improvement, deployment = one.plan.model, one.plan.improvement, one.plan.deployment
            ways = [deployment] if STEPS.index(step) >= DEPLOYMENT else dict.fromkeys([*usual, deployment])
            plans[one.setting] = [(model, improvement, way) for way in ways]
    return Hopeful(spaces, pins, step, plans)


def _moved(case: Case, knob: str) -> str:
    """The field to move: a traffic profile's volume is moved by its multiplier."""
    measured = knob == "workload.requests_per_day" and case.given.traffic is not None
    return "workload.traffic_multiplier" if measured else knob


def find_flips(
    case: Case, knobs: Sequence[str], base: StepSetting, choice: Chooser, titles: Mapping[StepSetting, str]
) -> tuple[Flip, ...]:
    """The nearest flip of each knob, nearest first."""
    found = [flip for knob in knobs if (flip := nearest_flip(case, knob, base, choice, titles))]
    return tuple(sorted(found, key=_distance)[:CLOSEST_FIRST])


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
    return Flip(path, title, _shown(value, unit), _shown(flips_at, unit), flips_at / value, to)


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


def _shown(value: float, unit: str) -> str:
    """Two digits, as a flip is a place to look and no threshold."""
    rounded = float(f"{value:.2g}")
    number = f"{rounded:,.0f}" if abs(rounded) >= 10 else f"{rounded:.2g}"
    return f"{number} {unit}" if unit and unit not in ("ratio", "item") else number
