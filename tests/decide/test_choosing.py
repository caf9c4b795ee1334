"""Shared draws, pairs, dominance and confidence, on plans made up of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.decide.choosing import Weighed, weigh
from advisor.decide.scoring import pairs_won, scores
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS

CaseMaker = Callable[..., Case]
COST_ONLY = {"carbon": 0, "cost": 1, "quality": 0, "water": 0}
FIXTURES = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "deadline": None}


def years(case: Case, **concerns: Sequence[object]) -> np.ndarray:
    """Concerns of some plans, each given as a list with one number or array a plan."""
    count = len(next(iter(concerns.values())))
    found = np.zeros((count, len(CONCERNS), case.size))
    for name, values in concerns.items():
        for row, value in enumerate(values):
            found[row, CONCERNS.index(name)] = value
    return found


def share(case: Case, *values: float) -> np.ndarray:
    return np.stack([np.full(case.size, value) for value in values])


def weighed(case: Case, quality: Sequence[float] | None = None, **concerns: Sequence[object]) -> Weighed:
    found = years(case, **concerns)
    return weigh(case, found, share(case, *(quality or [0.8] * len(found))))


def test_a_cheap_plan_that_fails_half_the_time_does_not_win(small_case: CaseMaker) -> None:
    """0.006 / 0.4 = 0.0150 against 0.010 / 0.9 = 0.0111 an accepted answer."""
    assert weighed(small_case(priorities=COST_ONLY), [0.4, 0.9], cost=[0.006, 0.010]).ranking[0] == 1


def test_scores_are_weighted_logarithms(small_case: CaseMaker) -> None:
    """Twice the carbon at a quarter of the cost, weights 3 to 1: 3/4 ln 2 - 1/4 ln 4 = 1/4 ln 2."""
    case = small_case(priorities={"carbon": 3, "cost": 1, "quality": 0, "water": 0})
    found = scores(case, years(case, carbon=[1.0, 2.0], cost=[4.0, 1.0]), share(case, 0.8, 0.8))
    assert found[1] - found[0] == pytest.approx(np.full(case.size, 0.25 * np.log(2)))


def test_shared_draws_tell_overlapping_ranges_apart(small_case: CaseMaker) -> None:
    """Each range spans a factor of four, yet 5 % more of the same uncertain figure is always more."""
    case = small_case(priorities=COST_ONLY)
    spread = case.draw("spread", "ratio")
    found = weighed(case, cost=[spread, 1.05 * spread])
    assert list(found.p_best) == [1.0, 0.0]


def test_confidence_is_the_share_of_draws_won(small_case: CaseMaker) -> None:
    """Dearer than 1 in 30 of 100 draws; the central case, at 0.9, counts for none of them."""
    case = small_case(priorities=COST_ONLY, size=100)
    uneven = np.concatenate([[0.9], np.where(np.arange(100) < 30, 2.0, 0.5)])
    found = weighed(case, cost=[1.0, uneven])
    assert found.ranking == (1, 0)
    assert list(found.p_best) == [0.3, 0.7]


def test_a_priority_of_zero_ignores_an_indicator(small_case: CaseMaker) -> None:
    found = weighed(small_case(priorities=COST_ONLY), cost=[1.0, 1.1], carbon=[1e9, 0.0])
    assert found.ranking[0] == 0


def test_near_twins_do_not_take_votes_from_one_another() -> None:
    """Rows are plans, columns draws; lower is better.

    The twins share the first three draws, so the third plan is best most often (2 of 5),
    yet each twin beats it in three of five: twin 1 wins both its pairs.
    """
    drawn = np.array([[1.0, 2.0, 1.0, 5.0, 5.0], [2.0, 1.0, 2.0, 5.1, 5.1], [3.0, 3.0, 3.0, 1.0, 1.0]])
    assert list(pairs_won(drawn)) == [2, 1, 0]


def test_a_plan_best_in_most_draws_wins_every_pair() -> None:
    """Best in three of five draws, though far worse in the other two."""
    drawn = np.array([[1.0, 1.0, 1.0, 90.0, 90.0], [2.0, 3.0, 2.0, 1.0, 2.0], [3.0, 2.0, 3.0, 2.0, 1.0]])
    assert pairs_won(drawn)[0] == 2


POSITIVE = st.floats(1e-3, 1e3)
PLANS = st.lists(st.tuples(POSITIVE, POSITIVE, st.floats(0.05, 1.0)), min_size=1, max_size=6)


def of(case: Case, drawn: list[tuple[float, float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Plans that share one uncertain figure and have one each."""
    found = years(
        case,
        cost=[cost * case.draw("spread", "ratio") for cost, _, _ in drawn],
        carbon=[c * np.exp(case.draws.normal(f"own{row}")) for row, (_, c, _) in enumerate(drawn)],
    )
    return found, share(case, *(quality for _, _, quality in drawn))


@given(PLANS)
@settings(max_examples=25, **FIXTURES)
def test_chances_sum_to_one_and_the_front_holds_each_best(
    small_case: CaseMaker, drawn: list[tuple[float, float, float]]
) -> None:
    case = small_case()
    found, quality = of(case, drawn)
    result = weigh(case, found, quality)
    assert result.p_best.sum() == pytest.approx(1.0)
    for values in (
        found[:, CONCERNS.index("carbon"), 0] / quality[:, 0],
        found[:, CONCERNS.index("cost"), 0] / quality[:, 0],
        -quality[:, 0],
    ):
        assert result.front[values == values.min()].any()


@given(PLANS, POSITIVE)
@settings(max_examples=20, **FIXTURES)
def test_units_do_not_matter(
    small_case: CaseMaker, drawn: list[tuple[float, float, float]], factor: float
) -> None:
    case = small_case()
    found, quality = of(case, drawn)
    before, after = scores(case, found, quality), scores(case, found * factor, quality)
    assert after - after[0] == pytest.approx(before - before[0], abs=1e-6)


@given(PLANS, st.floats(1.5, 100))
@settings(max_examples=20, **FIXTURES)
def test_a_twin_of_the_choice_that_takes_more_of_everything_is_never_chosen(
    small_case: CaseMaker, drawn: list[tuple[float, float, float]], worse: float
) -> None:
    case = small_case()
    found, quality = of(case, drawn)
    first = weigh(case, found, quality).ranking[0]
    more = weigh(case, np.concatenate([found, found[first : first + 1] * worse]),
                 np.concatenate([quality, quality[first : first + 1]]))  # fmt: skip
    assert more.ranking[0] != len(found)
    assert more.p_best[-1] == 0


def test_the_order_of_plans_changes_nothing_but_ties(small_case: CaseMaker) -> None:
    case = small_case()
    found, quality = of(case, [(1, 5, 0.7), (2, 3, 0.8), (5, 1, 0.9)])
    forward, backward = weigh(case, found, quality), weigh(case, found[::-1], quality[::-1])
    assert [2 - place for place in backward.ranking] == list(forward.ranking)
    assert list(backward.p_best[::-1]) == list(forward.p_best)
    assert list(backward.front[::-1]) == list(forward.front)
