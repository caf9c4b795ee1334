"""Between the alternatives of one step, each in the best plan it can be part of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array, ensemble_of
from advisor.core.slices import Sliced
from advisor.decide.completed import Best, Shown
from advisor.decide.completion import STEPS, Pins, Search, Spaces
from advisor.decide.fronts import kept
from advisor.decide.scoring import order, scores
from advisor.decide.years import Early, base, phases_of, yearly
from advisor.system import billing, deployment_gates, improvement_gates, model_gates, operation_gates
from advisor.system.case import Case
from advisor.system.gates import Gates, failed
from advisor.system.plan import Plan, StepName, StepSetting
from advisor.system.priorities import CONCERNS
from advisor.system.storage import gates as storage_gates

# alternatives scored over this many times as heavily as the best at the centre are not chosen on draws:
# beside the flips of all templates none was further than 1.32 times (`python -m bench.flips` tells), and
# 1.55 times was seen where quality hardly counts
FAR = float(np.log(2.0))
TOO_POOR = 1e3  # far above any difference of scores, which are logarithms
FLOOR_TOLERANCE = 1e-9  # of floating point
MOST = 5  # and no more than these are looked at on all draws in a what-if
NEAR = 3  # plans of an alternative kept for what-ifs, besides one of each way to deploy


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """An alternative of a step: its own gates, and the best plan it can be part of.

    ``near``: first settings of plans that come near the best, for what-ifs.
    """

    setting: StepSetting
    gates: Gates
    completed: Best
    near: tuple[Early, ...] = ()

    @property
    def plan(self) -> Plan:
        """The whole plan."""
        return self.completed.plan

    @property
    def eligible(self) -> bool:
        """Whether it passes its own gates and some completion passes all others."""
        return not failed(self.gates) and self.completed.feasible

    @property
    def all_gates(self) -> Gates:
        """Its own gates, then those that stop every completion."""
        return (*self.gates, *self.completed.stops)


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """Plans told apart on shared draws; a place in an array is that of the plan.

    ``ranking``: plans from best; ``p_best``: share of draws in which each is best; ``middle``:
    scores at the centre; ``front``: whether no other is better on carbon, cost and quality at once.
    """

    ranking: tuple[int, ...]
    p_best: Array
    middle: Array
    front: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Eligible candidates, what they were told apart by, and the years and shares accepted behind that."""

    eligible: tuple[Candidate, ...]
    weighed: Weighed | None
    years: Array
    quality: Array

    @property
    def ranked(self) -> list[Candidate]:
        """Eligible candidates from best."""
        return [self.eligible[place] for place in self.weighed.ranking] if self.weighed else []

    @property
    def best(self) -> Candidate | None:
        """The chosen candidate; None where none is eligible."""
        return next(iter(self.ranked), None)

    def by_key(self, values: Sequence[float] | Array) -> dict[str, float]:
        """Values of eligible candidates by the key of their setting."""
        return {one.setting.key: float(value) for one, value in zip(self.eligible, values, strict=True)}


def candidates(
    case: Case, spaces: Spaces, pins: Pins, step: StepName, only: Callable[[StepSetting], bool] | None = None
) -> Sliced[list[Candidate]]:
    """Every alternative of a step, completed as well as it can be, one a slice; ``only`` narrows them."""
    search, before = Search(case, spaces, pins), settled_before(pins, step)
    asked = [one for one in search.alternatives(step, *before) if only is None or only(one)]
    own = {setting: own_gates(search.case, (*before, setting)) for setting in asked}
    open_to = list[Candidate]()
    for setting in asked:
        if not failed(own[setting]):
            search.seen = []
            completed = search.complete(*before, setting)
            open_to.append(Candidate(setting, own[setting], completed, _near(search.seen)))
            yield
    best = next((one.plan for one in near_best(open_to)), None)
    judged = {one.setting: one for one in open_to}
    return [
        judged.get(setting)
        or Candidate(setting, own[setting], Shown(partial(search.shown, best, *before, setting)))
        for setting in asked
    ]


def _near(seen: Sequence[tuple[float, Early]]) -> tuple[Early, ...]:
    """The first few of what was seen, and the first of each way to deploy."""
    modes: dict[str, Early] = {}
    for _, early in seen:
        modes.setdefault(early[2].mode, early)
    return tuple(dict.fromkeys([*(early for _, early in seen[:NEAR]), *modes.values()]))


def settled_before(pins: Pins, step: StepName) -> tuple[StepSetting, ...]:
    """The settings of the steps before a step."""
    return tuple(pins.settled[name] for name in STEPS[: STEPS.index(step)])


def own_gates(case: Case, given: Sequence[StepSetting]) -> Gates:
    """The gates of the last of the settings given."""
    make: Callable[..., Gates] = (
        model_gates.gates, improvement_gates.gates, deployment_gates.gates,
        storage_gates.gates, operation_gates.gates,
    )[len(given) - 1]  # fmt: skip
    early = given[:3] if len(given) > 3 else given[:-1]
    return make(case, *early, given[-1])


def year_of(case: Case, plan: Plan) -> Array:
    """Concerns of a mean year of a plan, shape (concerns, width)."""
    early = plan.early
    late = (*billing.keeping(case, *early, plan.storage), *billing.operating(case, *early, plan.operation))
    return yearly(case, base(case, *early) + phases_of(case, late))


def below_floor(case: Case, shares: Array) -> Array:
    """1 where a plan's answers fall below the floor though some other plan's do not, else 0."""
    poor = shares < case.scenario.quality.floor - FLOOR_TOLERANCE
    return np.asarray(poor & ~poor.all(axis=0), dtype=np.float64)


def weigh(case: Case, years: Array, quality: Array) -> Weighed:
    """Tell plans apart by the scenario's priorities.

    ``years``: concerns of a year, shape (plans, concerns, width); ``quality``: share accepted,
    shape (plans, width). The best beats most others in most draws, each pair by itself, so near
    twins do not take votes from one another; the central score settles ties. One that is best in
    more than half of the draws always comes first. In a draw in which a plan's answers fall below the
    floor it loses to every plan whose answers do not: what was tested rarely falls, a rating may.
    """
    largest = years[:, :, 0].max(axis=0)
    middle = scores(case, years[:, :, :1], quality[:, :1], largest)[:, 0]
    shares = ensemble_of(quality)
    drawn = scores(case, ensemble_of(years), shares, largest) + TOO_POOR * below_floor(case, shares)
    won = np.bincount(np.argmin(drawn, axis=0), minlength=len(years)) / drawn.shape[1]
    points = np.stack(
        [*(years[:, CONCERNS.index(name), 0] / quality[:, 0] for name in ("carbon", "cost")), -quality[:, 0]],
        axis=1,
    )
    front = np.zeros(len(points), dtype=np.bool_)
    front[kept(points)] = True
    return Weighed(tuple(order(drawn, middle)), won, middle, front)


def choose(case: Case, found: Sequence[Candidate]) -> Choice:
    """Decide between candidates on shared draws; see ``weigh``."""
    eligible = tuple(one for one in found if one.eligible)
    if not eligible:
        return Choice((), None, np.empty(0), np.empty(0))
    years = np.stack([year_of(case, one.plan) for one in eligible])
    quality = np.stack([billing.quality(case, one.plan) for one in eligible])
    return Choice(eligible, weigh(case, years, quality), years, quality)


def near_best(found: Sequence[Candidate]) -> list[Candidate]:
    """Eligible candidates that may be chosen on draws, the best at the centre first."""
    ranked = sorted((one for one in found if one.eligible), key=lambda one: one.completed.score)
    return [one for one in ranked if one.completed.score <= ranked[0].completed.score + FAR]


def quick_choice(case: Case, found: Sequence[Candidate]) -> Candidate | None:
    """The choice, looking on all draws only at the first of those that are near the best at the centre."""
    near = near_best(found)[:MOST]
    return choose(case, near).best if len(near) > 1 else next(iter(near), None)
