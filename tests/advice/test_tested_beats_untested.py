"""A model that may miss the floor does not beat a tested one on the draws in which it does.

Scenario: floor 0.82; one option is cheap and stands at the floor by a rating, the other was tested at 0.90.
"""

from __future__ import annotations

import numpy as np
from system.settings import case_of

from advisor.decide.choosing import below_floor, weigh
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS

COST_ONLY = {"carbon": 0, "cost": 1, "quality": 0, "water": 0}


def a_case(floor: float = 0.82) -> Case:
    return case_of(400, quality={"floor": floor}, priorities=COST_ONLY)


def weighed(case: Case, rated: np.ndarray, costs: tuple[float, float]) -> tuple[int, float]:
    """The place of the first, and the share of draws in which the rated one is best."""
    years = np.zeros((2, len(CONCERNS), case.size))
    for row, cost in enumerate(costs):
        years[row, CONCERNS.index("cost")] = cost
    tested = np.full(case.size, 0.90)
    found = weigh(case, years, np.stack([rated, tested]))
    return found.ranking[0], float(found.p_best[0])


def rating(case: Case, middle: float) -> np.ndarray:
    """Draws 0.05 to either side of the middle, in equal steps."""
    drawn = middle + np.linspace(-0.05, 0.05, case.size)
    return np.concatenate([[middle], drawn[1:]])


def test_half_a_chance_does_not_beat_a_test() -> None:
    """At 0.815 it clears 0.82 in 45 of 100 draws: half the price wins those, and no more."""
    case = a_case()
    first, best = weighed(case, rating(case, 0.815), (1.0, 2.0))
    assert first == 1
    assert abs(best - 0.45) < 0.01


def test_a_large_gain_that_likely_holds_wins_and_says_so() -> None:
    """At 0.84 it clears 0.82 in 70 of 100 draws: it comes first with that confidence, to be tested."""
    case = a_case()
    first, best = weighed(case, rating(case, 0.84), (1.0, 2.0))
    assert first == 0
    assert abs(best - 0.70) < 0.01


def test_a_low_floor_leaves_it_to_the_price() -> None:
    case = a_case(0.5)
    assert weighed(case, rating(case, 0.815), (1.0, 2.0)) == (0, 1.0)


def test_where_all_fall_below_the_price_decides() -> None:
    case = a_case()
    assert not below_floor(case, np.array([[0.8, 0.9], [0.7, 0.7]]))[:, 0].any()
    assert below_floor(case, np.array([[0.8, 0.9], [0.7, 0.7]]))[1, 1] == 1
