"""How far one input must move before the choice changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from advisor.core.errors import AdvisorError
from advisor.scenario import value_at, with_values
from advisor.scenario.fields import Scenario
from advisor.scenario.validation import field_at
from advisor.system.case import Case
from advisor.system.option import Decision, Flip

# a flip beyond a hundredfold change is no argument in a workshop
RINGS = (1.0, 1.25, 2.0, 4.0, 10.0, 30.0, 100.0)
# halvings of the last step: it ends within 1 to 4 % of the flip
REFINEMENTS = 5
# enough to tell which option wins, at a fifth of the work
FLIP_DRAWS = 200
# as many as fit on a slide
CLOSEST_FIRST = 6


def find_flips(
    case: Case, knobs: Sequence[str], decision: Decision, choice_of: Callable[[Case], str | None]
) -> tuple[Flip, ...]:
    """The nearest flip of each knob, nearest first.

    A knob is the dotted path of a number in the scenario; it is multiplied and divided by
    up to 100 within its bounds. Fewer draws than the decision's are used, so a flip is a
    place to look rather than a threshold to the last digit.
    """
    quick = Case(case.scenario, case.catalogue, FLIP_DRAWS, case.draws.seed)
    base = choice_of(quick)
    if decision.choice is not None and base != decision.choice.key:
        # too close to call with few draws: take as many as the decision did
        quick, base = case, decision.choice.key
    found = [flip for knob in knobs if (flip := _nearest(quick, knob, base, decision, choice_of))]
    return tuple(sorted(found, key=_distance)[:CLOSEST_FIRST])


def _distance(flip: Flip) -> float:
    factor = flip.factor or 1.0
    return max(factor, 1.0 / factor)


def _nearest(
    case: Case, knob: str, base: str | None, decision: Decision, choice_of: Callable[[Case], str | None]
) -> Flip | None:
    path = knob
    if knob == "workload.requests_per_day" and case.scenario.traffic is not None:
        path = "workload.traffic_multiplier"
    value = value_at(case.scenario, path)
    if not isinstance(value, int | float) or isinstance(value, bool) or value == 0:
        return None

    def at(factor: float) -> float:
        return max(round(value * factor), 1) if isinstance(value, int) else value * factor

    def choice_at(factor: float) -> str | None:
        try:
            changed = with_values(case.scenario, {path: at(factor)})
        except AdvisorError:
            return base  # out of the field's bounds: no such scenario, so no flip there
        return choice_of(Case(changed, case.catalogue, case.size, case.draws.seed))

    flip = _first_change(base, choice_at)
    if flip is None:
        return None
    factor, winner = flip
    titles = {option.key: option.title for option in decision.options}
    title, unit = field_at(Scenario, path)
    flips_at = at(factor)
    return Flip(
        path, title, _shown(value, unit), _shown(flips_at, unit), flips_at / value, titles.get(winner, winner)
    )


def _first_change(base: str | None, choice_at: Callable[[float], str | None]) -> tuple[float, str] | None:
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
    inside: float,
    outside: float,
    winner: str | None,
    base: str | None,
    choice_at: Callable[[float], str | None],
) -> tuple[float, str]:
    for _ in range(REFINEMENTS):
        middle = (inside * outside) ** 0.5
        candidate = choice_at(middle)
        if candidate == base:
            inside = middle
        else:
            outside, winner = middle, candidate
    return outside, winner or "no option"


def _shown(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number} {unit}" if unit and unit not in ("ratio", "item") else number
