"""Gates before scores, shared draws, dominance and confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.decide.comparing import accepted, compare, pairs_won, probability_better, score, yearly
from advisor.system.case import Case
from advisor.system.option import Gate, Option

CaseMaker = Callable[..., Case]
OptionMaker = Callable[..., Option]
COST_ONLY = {"carbon": 0, "cost": 1, "quality": 0, "water": 0}
FIXTURES = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "deadline": None}
# 1,000 requests a day, no growth: 365,000 a year
STEADY = {"requests_per_day": 1000, "growth_per_year": 0}


def shut(option: Option, rule: str = "residency") -> Option:
    return replace(option, gates=(Gate(rule, False, "EU", "US", "move it"),))


def test_yearly_and_per_accepted_answer(small_case: CaseMaker, make_option: OptionMaker) -> None:
    """Monthly 100 x 12 + 0.01 x 365,000 = 4,850; per accepted answer / (365,000 x 0.5)."""
    case = small_case(workload=STEADY)
    option = make_option("a", quality=0.5, monthly={"cost": 100.0}, cost=0.01)
    assert yearly(option, case)["cost"] == pytest.approx(np.full(case.size, 4850.0))
    assert accepted(option, case)["cost"] == pytest.approx(np.full(case.size, 4850 / 182_500))


def test_a_cheap_option_that_fails_half_the_time_does_not_win(
    small_case: CaseMaker, make_option: OptionMaker
) -> None:
    case = small_case(priorities=COST_ONLY)
    cheap, good = make_option("cheap", quality=0.4, cost=0.006), make_option("good", quality=0.9, cost=0.010)
    # 0.006 / 0.4 = 0.0150 against 0.010 / 0.9 = 0.0111 an accepted answer
    choice = compare("s", "?", [cheap, good], case).choice
    assert choice is not None
    assert choice.key == "good"


def test_scores_are_weighted_logarithms(small_case: CaseMaker, make_option: OptionMaker) -> None:
    """Twice the carbon at a quarter of the cost, weights 3 to 1: 3/4 ln 2 - 1/4 ln 4 = 1/4 ln 2."""
    case = small_case(priorities={"carbon": 3, "cost": 1, "quality": 0, "water": 0})
    scores = score(
        [make_option("a", carbon_location=1.0, cost=4.0), make_option("b", carbon_location=2.0, cost=1.0)],
        case,
    )
    assert scores[1] - scores[0] == pytest.approx(np.full(case.size, 0.25 * np.log(2)))


def test_a_gate_overrules_every_priority(small_case: CaseMaker, make_option: OptionMaker) -> None:
    best, worst = make_option("best", cost=1e-6, carbon_location=1e-6), make_option("worst", cost=1.0)
    decision = compare("s", "?", [shut(best), worst], small_case())
    assert decision.choice is not None
    assert decision.choice.key == "worst"
    assert [(option.key, gates[0].rule) for option, gates in decision.eliminated] == [("best", "residency")]


def test_with_everything_ruled_out_nothing_is_chosen(small_case: CaseMaker, make_option: OptionMaker) -> None:
    decision = compare("s", "?", [shut(make_option("a")), shut(make_option("b"))], small_case())
    assert decision.choice is None
    assert decision.confidence == 0
    assert len(decision.eliminated) == 2
    assert compare("s", "?", [], small_case()).choice is None


def test_shared_draws_tell_overlapping_ranges_apart(small_case: CaseMaker, make_option: OptionMaker) -> None:
    """Each range spans a factor of four, yet 5 % more of the same uncertain figure is always more."""
    case = small_case(priorities=COST_ONLY)
    spread = case.draw("spread", "ratio")
    decision = compare("s", "?", [make_option("a", cost=spread), make_option("b", cost=1.05 * spread)], case)
    assert decision.p_best == {"a": 1.0, "b": 0.0}
    assert decision.confidence == 1.0


def test_confidence_is_the_share_of_draws_won(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case(priorities=COST_ONLY, size=100)
    uneven = np.where(np.arange(100) < 30, 2.0, 0.5)  # dearer than 1 in 30 of 100 draws
    a, b = make_option("a", size=100, cost=uneven), make_option("b", size=100, cost=1.0)
    decision = compare("s", "?", [b, a], case)
    assert decision.choice is not None
    assert (decision.choice.key, decision.confidence) == ("a", 0.7)
    assert decision.runner_up is not None
    assert decision.runner_up.key == "b"
    assert probability_better(a, b, case) == 0.7


def test_a_priority_of_zero_ignores_an_indicator(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case(priorities=COST_ONLY)
    dirty, clean = make_option("dirty", cost=1.0, carbon_location=1e9), make_option("clean", cost=1.1)
    choice = compare("s", "?", [dirty, clean], case).choice
    assert choice is not None
    assert choice.key == "dirty"


def test_what_is_carried_is_compared_though_not_added(
    small_case: CaseMaker, make_option: OptionMaker
) -> None:
    case = small_case(priorities=COST_ONLY)
    own = make_option("a", cost=1.0)
    carried = replace(make_option("b", cost=0.5), carried=make_option("x", cost=0.6).parts)
    choice = compare("s", "?", [own, carried], case).choice
    assert choice is not None
    assert choice.key == "a"
    assert carried.parts.per_request["cost"][0] == 0.5


def test_budgets_are_gates_with_a_remedy(small_case: CaseMaker, make_option: OptionMaker) -> None:
    # 365,000 requests x 0.01 = 3,650 USD and x 0.002 = 730 kg a year
    limits = {"budget_usd_per_year": 3649, "budget_kgco2e_per_year": 731}
    case = small_case(workload=STEADY, constraints=limits)
    decision = compare("s", "?", [make_option("a", cost=0.01, carbon_location=0.002)], case)
    ((_, gates),) = decision.eliminated
    (gate,) = gates
    assert (gate.rule, gate.expected, gate.found) == (
        "budget_money",
        "at most 3,649 USD a year",
        "3,650 USD a year",
    )
    assert "raise the budget" in gate.remedy


POSITIVE = st.floats(1e-3, 1e3)
OPTIONS = st.lists(st.tuples(POSITIVE, POSITIVE, st.floats(0.05, 1.0)), min_size=1, max_size=6)


def options_of(make_option: OptionMaker, drawn: list[tuple[float, float, float]], case: Case) -> list[Option]:
    """Options that share one uncertain figure and have one each."""
    return [
        make_option(
            f"o{number}",
            quality=quality,
            cost=cost * case.draw("spread", "ratio"),
            carbon_location=carbon * np.exp(case.draws.normal(f"own{number}")),
        )
        for number, (cost, carbon, quality) in enumerate(drawn)
    ]


@given(OPTIONS)
@settings(max_examples=25, **FIXTURES)
def test_chances_sum_to_one_and_the_front_holds_each_best(
    small_case: CaseMaker, make_option: OptionMaker, drawn: list[tuple[float, float, float]]
) -> None:
    case = small_case()
    options = options_of(make_option, drawn, case)
    decision = compare("s", "?", options, case)
    assert sum(decision.p_best.values()) == pytest.approx(1.0)
    assert decision.choice is not None
    assert decision.confidence == decision.p_best[decision.choice.key]
    assert decision.scores[decision.choice.key] == min(decision.scores.values())
    carbon = [np.median(accepted(option, case)["carbon"]) for option in options]
    cost = [np.median(accepted(option, case)["cost"]) for option in options]
    quality = [-np.median(option.quality) for option in options]
    for values in (carbon, cost, quality):
        assert any(
            options[row].key in decision.front for row, value in enumerate(values) if value == min(values)
        )


@given(OPTIONS, st.floats(0.01, 1.0), st.floats(1.0, 1e7), st.sampled_from(["usd", "kgco2e"]))
@settings(max_examples=25, **FIXTURES)
def test_a_tighter_budget_never_adds_options(
    small_case: CaseMaker,
    make_option: OptionMaker,
    drawn: list[tuple[float, float, float]],
    share: float,
    budget: float,
    what: str,
) -> None:
    key = f"budget_{what}_per_year"

    def eligible(limit: float) -> set[str]:
        case = small_case(workload=STEADY, constraints={key: limit})
        options = options_of(make_option, drawn, case)
        return {option.key for option in compare("s", "?", options, case).options if option.eligible}

    assert eligible(budget * share) <= eligible(budget)


@given(OPTIONS, POSITIVE)
@settings(max_examples=20, **FIXTURES)
def test_units_do_not_matter(
    small_case: CaseMaker, make_option: OptionMaker, drawn: list[tuple[float, float, float]], factor: float
) -> None:
    case = small_case()
    options = options_of(make_option, drawn, case)
    scaled = [replace(option, parts=_scaled(option, factor)) for option in options]
    before, after = score(options, case), score(scaled, case)
    assert after - after[0] == pytest.approx(before - before[0], abs=1e-6)


def _scaled(option: Option, factor: float) -> object:
    parts = option.parts
    return replace(parts, per_request=parts.per_request * factor)


def test_the_order_of_options_changes_nothing_but_ties(
    small_case: CaseMaker, make_option: OptionMaker
) -> None:
    case = small_case()
    options = options_of(make_option, [(1, 5, 0.7), (2, 3, 0.8), (5, 1, 0.9)], case)
    forward, backward = compare("s", "?", options, case), compare("s", "?", options[::-1], case)
    assert forward.choice is not None
    assert backward.choice is not None
    assert forward.choice.key == backward.choice.key
    assert forward.p_best == backward.p_best
    assert forward.front == backward.front


def test_near_twins_do_not_take_votes_from_one_another() -> None:
    """Rows are options, columns draws; lower is better.

    The twins share the first three draws, so the third option is best most often (2 of 5),
    yet each twin beats it in three of five: twin 1 wins both its pairs.
    """
    scores = np.array([[1.0, 2.0, 1.0, 5.0, 5.0], [2.0, 1.0, 2.0, 5.1, 5.1], [3.0, 3.0, 3.0, 1.0, 1.0]])
    assert list(pairs_won(scores)) == [2, 1, 0]


def test_an_option_best_in_most_draws_wins_every_pair() -> None:
    """Best in three of five draws, though far worse in the other two."""
    scores = np.array([[1.0, 1.0, 1.0, 90.0, 90.0], [2.0, 3.0, 2.0, 1.0, 2.0], [3.0, 2.0, 3.0, 2.0, 1.0]])
    assert pairs_won(scores)[0] == 2
