"""How far one input must move before the choice changes.

An input is a number of the scenario. It is multiplied and divided by up to 100 within its bounds; at
each place the choice is made anew, on the draws of the decision, among the plans that come near the
best today (see ``what_ifs``). Just before and just beyond what is found, alternatives are completed
anew and all that pass are compared. Only lines that read the input are worked out again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple, Protocol

from advisor.core.errors import AdvisorError
from advisor.core.saying import joined, numeral
from advisor.core.slices import Sliced, at_once
from advisor.decide.option import NO_OPTION, Flip
from advisor.scenario import value_at
from advisor.scenario.fields import Scenario
from advisor.scenario.validation import field_at
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.plan import StepSetting

# a flip beyond a hundredfold change is no argument in a workshop
NOW = 1.0
RINGS = (NOW, 2.0, 10.0, 100.0)
# halvings of the last step: from a factor of ten to within 2 %
TOLD, MOST_TOLD = 2, 6  # digits
EXACT = 9  # decimals within which a count of steps is whole
REFINED = 1.02
# a span below one of its unit is told in a shorter one
SHORTER = {"year": (12, "month"), "day": (24, "hour"), "hour": (60, "minute")}
# how far before a flip it is looked whether the choice had changed already
LOOKED_BACK = (1.03, 1.1)
# how far beyond a flip another choice must stand
HELD = 1.005
# as many as fit on a slide
CLOSEST_FIRST = 6
# another option is an argument; a rule that leaves none tells only how far the plan reaches
NEAREST = attrgetter("leaves_nothing", "distance")


class Among(Protocol):
    """What a step chooses from when an input moves."""

    def choice(
        self, case: Case, knob: str, among: Collection[StepSetting] | None = None
    ) -> StepSetting | None:
        """What is chosen, quickly, of all or of a few."""

    def sure(self, case: Case, knob: str, base: StepSetting) -> StepSetting | None:
        """What is chosen, so that it can be said aloud."""

    def stops(self, case: Case, base: StepSetting) -> Gate | None:
        """What stops the present choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A step that may choose otherwise: its inputs, its choice now, among what, and how that is called.

    ``before``: the steps whose choices this one keeps, the nearest first; ``kept``: what is kept of this one
    by those after it, its choice unless another is recorded. ``unseen``: whether choices of earlier steps are
    kept that ``before`` does not have. ``same``: titles of what does just the same as its choice, so that
    a change to it is none.
    """

    knobs: Sequence[str]
    base: StepSetting
    among: Among
    title: Callable[[StepSetting], str]
    before: Callable[[], Sequence[Asked]] = tuple
    recorded: StepSetting | None = None
    unseen: bool = False
    same: Container[str] = ()

    @property
    def kept(self) -> StepSetting:
        """What the steps after it keep."""
        return self.recorded or self.base


class Moved:
    """The scenario with one of its numbers multiplied; each place is made once, whoever asks.

    A traffic profile's volume is moved by its multiplier.
    """

    def __init__(self, case: Case, knob: str) -> None:
        measured = knob == "workload.requests_per_day" and case.given.traffic is not None
        self.path = "workload.traffic_multiplier" if measured else knob
        self.knob, self.value = knob, value_at(case.given, self.path)
        self._case = case
        self._made: dict[float, Case | None] = {}
        self._sure: dict[tuple[float, Asked], StepSetting | None] = {}

    def sure(self, asked: Asked, factor: float) -> StepSetting | None:
        """What a step chooses there for sure, worked out once, whichever step asks."""
        place, changed = (self.at(factor), asked), self.case(factor)
        if changed is None:
            return asked.base
        if place not in self._sure:
            self._sure[place] = asked.among.sure(changed, self.path, asked.base)
        return self._sure[place]

    def is_of(self, asked: Asked) -> bool:
        """Whether it is among the inputs of a step and can be multiplied at all."""
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        return self.knob in asked.knobs and is_number and self.value != 0

    def at(self, factor: float) -> float:
        """The value there."""
        moved = float(self.value) * factor
        return max(round(moved), 1) if isinstance(self.value, int) else moved

    def case(self, factor: float) -> Case | None:
        """The case there; None where that is out of the field's bounds, so no such scenario."""
        value = self.at(factor)
        if value not in self._made:
            try:
                self._made[value] = self._case.varied({self.path: value})
            except AdvisorError:
                self._made[value] = None
        return self._made[value]


def find_flips(case: Case, asked: Sequence[Asked]) -> list[tuple[Flip, ...]]:
    """The nearest flip of each input of each step, nearest first, as many as are told.

    Steps that ask of the same input look at the same what-ifs.
    """
    return at_once(flips_in_slices(case, asked))


def flips_in_slices(
    case: Case, asked: Sequence[Asked], most: int = CLOSEST_FIRST, known: Sequence[Sequence[Flip]] = ()
) -> Sliced[list[tuple[Flip, ...]]]:
    """As :func:`find_flips`, a few what-ifs a slice; ``known`` ones of each step are kept as they are.

    All inputs are moved a little before one is moved far, and once so many flips are found, nothing beyond
    them is looked at; what is found on the way is told too.
    """
    inputs = [Moved(case, knob) for knob in dict.fromkeys(knob for one in asked for knob in one.knobs)]
    found = [list(flips) for flips in known] or [list[Flip]() for _ in asked]
    for inner, outer in pairwise(RINGS):
        for moved in inputs:
            for one, flips in zip(asked, found, strict=True):
                within = min(outer, _within(one, flips, most))
                if moved.is_of(one) and inner < within and all(flip.path != moved.path for flip in flips):
                    flip = yield from nearest_flip(moved, one, inner, within)
                    flips.extend([flip] if flip else [])
    return [
        tuple(sorted((flip for flip in flips if flip.to not in one.same), key=NEAREST)[:CLOSEST_FIRST])
        for one, flips in zip(asked, found, strict=True)
    ]


def all_found(flips: Sequence[Flip], most: int) -> bool:
    """Whether so many being enough cut nothing short: there are fewer that lead to another option."""
    return sum(not flip.leaves_nothing for flip in flips) < most


def _within(asked: Asked, flips: Sequence[Flip], most: int) -> float:
    """How far a flip may be to be among the closest, of which so many are found already."""
    others = sorted(flip.distance for flip in flips if not flip.leaves_nothing and flip.to not in asked.same)
    return others[most - 1] if len(others) >= most else RINGS[-1]


def nearest_flip(moved: Moved, asked: Asked, inner: float, outer: float) -> Sliced[Flip | None]:
    """The nearest factor between two, up or down, at which another alternative is chosen; None for none."""
    base, among = asked.base, asked.among

    def choice_at(factor: float, few: Collection[StepSetting] | None = None) -> StepSetting | None:
        changed = moved.case(factor)
        return among.choice(changed, moved.path, few) if changed is not None else base

    flip = yield from _first_change(base, choice_at, partial(moved.sure, asked), inner, outer)
    if flip is None:
        return None
    factor, winner = flip
    title, unit = field_at(Scenario, moved.path)
    flips_at = moved.at(factor)
    to = NO_OPTION if winner is None else asked.title(winner)
    yield

    def wins_at(value: float) -> bool:
        """Whether it is chosen there too: at a glance or, beyond the flip, once that is made sure of."""
        there, beyond = value / moved.value, abs(value - moved.value) >= abs(flips_at - moved.value)
        return choice_at(there) == winner or (beyond and moved.sure(asked, there) == winner)

    shown = _told(moved, flips_at, unit, wins_at)
    there = moved.case(factor) if winner is None else None
    stopped_by = among.stops(there, base) if there is not None else None
    found = Flip(moved.path, title, *shown, flips_at / moved.value, to, stopped_by, asked.unseen)
    return (
        found if winner is not None else replace(found, look=cache(partial(_instead, moved, factor, asked)))
    )


def _instead(moved: Moved, factor: float, asked: Asked) -> str:
    """What an earlier step can choose where a later one is left with nothing; empty where nothing at all is.

    Of the earlier steps the nearest; the first one is free of every choice, so what it is left with is sure.
    """
    before, there = asked.before(), moved.case(factor)
    if not before or there is None:
        return ""
    for one in before:
        found = one.among.choice(there, moved.path)
        if found is not None and found != one.kept:
            return one.title(found)
    for one in before if moved.sure(before[-1], factor) is not None else ():
        found = moved.sure(one, factor)
        if found is not None and found != one.kept:
            return one.title(found)
    return ""


Quick = Callable[..., StepSetting | None]
Sure = Callable[[float], StepSetting | None]
Change = tuple[float, StepSetting | None]  # from this factor on, what wins


def _first_change(
    base: StepSetting, choice_at: Quick, sure_at: Sure, inner: float, outer: float
) -> Sliced[Change | None]:
    """The factor nearest 1, up or down, at which the choice differs; see ``_refined``."""
    nearest: Change | None = None
    for up in (True, False):
        # where the other side has changed, only what is nearer counts
        end = outer if nearest is None else nearest[0]
        inside, outside = (inner, end) if up else (1 / inner, 1 / end)
        winner = choice_at(outside)
        yield
        if winner != base:
            change = yield from _refined(inside, outside, winner, base, choice_at, sure_at)
            nearest = change or nearest
    return nearest


def _refined(
    inside: float,
    outside: float,
    winner: StepSetting | None,
    base: StepSetting,
    choice_at: Quick,
    sure_at: Sure,
) -> Sliced[Change | None]:
    """Where the choice changes, between a place of the same choice and one that seems of another.

    Halving looks at what is chosen now and what wins alone, or at more where two do not tell: among many
    the winner need not beat each. On either side of what it finds the choice is then made for sure.
    Where another comes in between or a little before, where two are all but even, it is what wins, and
    the search goes on; so it does where today's choice is back a little beyond. None where it is the same
    to the end after all.
    """
    told = False  # whether what wins outside is sure
    start, end = NOW, outside  # up to the one today's choice is known to stand, a little beyond back again
    while _apart(inside, outside) > REFINED:
        of_two = partial(choice_at, few=[base] if winner is None else [base, winner])
        quick = next(
            (one for one in (of_two, choice_at) if one(inside) == base and one(outside) != base), sure_at
        )
        near, far = _halved(inside, outside, base, quick)
        yield
        beyond = winner if told and far == outside else sure_at(far)
        yield
        back = far if beyond == base else _back(far, end, base, choice_at, sure_at)
        if back is not None:
            start, inside, outside, winner, told = back, back, end, sure_at(end), True
            yield
            if winner == base:
                return None
            continue
        earlier = [one for one in (near, *_nearer(near, start)) if one != start and choice_at(one) != base]
        if earlier and _apart(start, earlier[-1]) > REFINED:
            inside, outside, winner, told = start, earlier[-1], choice_at(earlier[-1]), False
            continue
        nearest = next((one for one in (near, *earlier) if one != start and sure_at(one) != base), None)
        if nearest is None:
            return far, beyond
        inside, outside, winner, told = start, nearest, sure_at(nearest), True
    return outside, winner


def _apart(one: float, other: float) -> float:
    """How many times one is the other, either way."""
    return max(one / other, other / one)


def _back(place: float, end: float, base: StepSetting, choice_at: Quick, sure_at: Sure) -> float | None:
    """A little beyond a flip, where today's choice is back there; None where the flip holds."""
    further = place * HELD if place > NOW else place / HELD
    within = further < end if place > NOW else further > end
    return further if within and choice_at(further) == base and sure_at(further) == base else None


def _nearer(place: float, start: float) -> Iterator[float]:
    """Places a little before one, beyond a start."""
    for factor in LOOKED_BACK:
        earlier = place / factor if place > NOW else place * factor
        if (earlier > start) is (place > NOW) and earlier != start:
            yield earlier


def _halved(inside: float, outside: float, base: StepSetting, choice_at: Sure) -> tuple[float, float]:
    """The two places, within what is refined to, between which a choice changes."""
    while _apart(inside, outside) > REFINED:
        middle = float((inside * outside) ** 0.5)
        if choice_at(middle) == base:
            inside = middle
        else:
            outside = middle
    return inside, outside


def _told(moved: Moved, flips_at: float, unit: str, holds: Callable[[float], bool]) -> tuple[str, str]:
    """The present value and that of a flip, in two digits, as a flip is a place to look and no threshold.

    ``holds`` says whether the choice has changed at a value. It has at the one that is told: rounded, or
    rounded away from the present one; in more digits where the two agree in fewer, or where it has not.
    """
    away = math.ceil if flips_at > moved.value else math.floor
    for digits in range(TOLD, MOST_TOLD):
        present, nearest = (_rounded(value, unit, digits, round) for value in (moved.value, flips_at))
        if present.told != nearest.told:
            outward = _rounded(flips_at, unit, digits, away)
            found = next((one for one in dict.fromkeys((nearest, outward)) if holds(one.value)), None)
            if found is not None:
                return present.told, found.told
    return _rounded(moved.value, unit, MOST_TOLD, round).told, _rounded(flips_at, unit, MOST_TOLD, away).told


class _Figure(NamedTuple):
    """A value as it is told, and in the unit it was given in."""

    told: str
    value: float


def _rounded(value: float, unit: str, digits: int, how: Callable[[float], float]) -> _Figure:
    given = value
    while value < 1 and unit in SHORTER:
        times, unit = SHORTER[unit]
        value *= times
    step = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - digits)
    rounded = float(f"{how(round(value / step, EXACT)) * step:.{digits}g}")
    figure = numeral(rounded, ",.0f" if abs(rounded) >= 10 ** (digits - 1) else f",.{digits}g")
    told = joined(" ", (figure, unit)) if unit and unit not in ("ratio", "item") else figure
    return _Figure(told, rounded * given / value)
