"""A group with different priorities: what each role would choose, and whether one choice serves all.

Every role's weights are held against the same front, which has a place for every concern that
anybody weighs. How far a plan is from a role's best is the ratio of their weighted products: 1.1 is
like a tenth more of everything the role cares for. A carbon price of the scenario counts nothing here: roles
weigh carbon itself, beside money in which no carbon is paid for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import Fault, ScenarioError
from advisor.core.saying import say
from advisor.decide.completion import Pins, Spaces
from advisor.decide.search import Front, joint_front
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.system.priorities import CONCERNS, NEGLIGIBLE, weighed

WEIGHED = (*CONCERNS, "quality")
MOST_ROLES = 12
EVENLY, SEED = 2000, 20_260  # weights drawn evenly from all that sum to one


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """What one role would choose; ``behind``: how far the group's plan is from that, at least 1."""

    name: str
    weights: Mapping[str, float]
    plan: Plan
    behind: float


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """What each role would choose, and the plan that leaves the least content one least behind.

    ``apart``: for each concern the smallest and largest share of the weights that a role gives it;
    ``everywhere``: share of all weights, drawn evenly, for which the shared plan is the best.
    """

    roles: tuple[Role, ...]
    shared: Plan
    apart: Mapping[str, tuple[float, float]]
    everywhere: float

    @property
    def agreed(self) -> bool:
        """Whether every role would choose the same plan."""
        return all(role.plan == self.shared for role in self.roles)


def shares(weights: Mapping[str, float], role: str) -> Array:
    """Weights as shares, in the order of ``WEIGHED``. Raises ScenarioError naming every fault."""
    faults = [Fault(f"{role}.{name}", say("one of {names}", names=", ".join(WEIGHED)), repr(name))
              for name in weights if name not in WEIGHED]  # fmt: skip
    faults += [
        Fault(f"{role}.{name}", say("a weight of at least 0"), repr(value)) for name, value in weights.items()
        if name in WEIGHED and not (_is_number(value) and 0 <= value < np.inf)
    ]  # fmt: skip
    if not faults and not sum(weights.values()) > 0:
        faults = [Fault(role, say("at least one weight above zero"), say("none"))]
    if faults:
        raise ScenarioError(say("The weights of a role cannot be read."), faults)
    given = np.array([float(weights.get(name, 0.0)) for name in WEIGHED])
    result: Array = given / given.sum()
    return result


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def products(front: Front, weight: Array) -> Array:
    """The weighted sum of logarithms of each plan of a front, smaller is better."""
    years = front.years
    return weighed(years, front.quality, weight, years.max(axis=0) * NEGLIGIBLE)


def group(case: Case, spaces: Spaces, pins: Pins, roles: Mapping[str, Mapping[str, float]]) -> Group | None:
    """What each role would choose of all plans, at central values; None where no plan passes.

    Raises ScenarioError naming every weight that is none.
    """
    if not 1 < len(roles) <= MOST_ROLES:
        raise ScenarioError(
            say("There is no group."),
            [Fault(say("roles"), say("2 to {most} roles", most=MOST_ROLES), str(len(roles)))],
        )
    given = {name: shares(weights, name) for name, weights in roles.items()}
    front = joint_front(case, spaces, pins, objectives=CONCERNS)
    if not front.plans:
        return None
    scored = np.stack([products(front, weight) for weight in given.values()])
    behind = scored - scored.min(axis=1, keepdims=True)
    place = int(np.argmin(behind.max(axis=0)))
    table = np.stack([*given.values()])
    return Group(
        tuple(
            Role(name, roles[name], front.plans[int(np.argmin(row))], float(np.exp(gap[place])))
            for name, row, gap in zip(given, scored, behind, strict=True)
        ),
        front.plans[place],
        {name: (float(table[:, row].min()), float(table[:, row].max())) for row, name in enumerate(WEIGHED)},
        by_any_weights(front).get(place, 0.0),
    )


def by_any_weights(front: Front) -> dict[int, float]:
    """For each place of a front the share of weights, drawn evenly, for which its plan is the best.

    Weights are of the front's concerns and of quality; most often best first.
    """
    names = [*front.objectives, "quality"]
    drawn = np.random.default_rng(SEED).dirichlet(np.ones(len(names)), EVENLY)
    wins: dict[int, float] = {}
    for one in drawn:
        weight = np.array([one[names.index(name)] if name in names else 0.0 for name in WEIGHED])
        best = int(np.argmin(products(front, weight)))
        wins[best] = wins.get(best, 0.0) + 1.0 / EVENLY
    return dict(sorted(wins.items(), key=lambda entry: -entry[1]))
