"""A flip is where it says: the choice differs there, and not just before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from advisor.decide.comparing import compare
from advisor.decide.flips import CLOSEST_FIRST, FLIP_DRAWS, find_flips
from advisor.scenario import value_at, with_values
from advisor.scenario.traffic import Traffic
from advisor.system.case import Case
from advisor.system.option import Decision, Option

CaseMaker = Callable[..., Case]
OptionMaker = Callable[..., Option]
COST_ONLY = {"carbon": 0, "cost": 1, "quality": 0, "water": 0}


def rent_or_pay(make_option: OptionMaker) -> Callable[[Case], Decision]:
    """Rent costs 1,000 a month whatever happens, paying costs 0.001 a request."""

    def decide(case: Case) -> Decision:
        options = [
            make_option("rent", size=case.size, monthly={"cost": 1000.0}),
            make_option("pay", size=case.size, cost=0.001),
        ]
        return compare("s", "?", options, case)

    return decide


def key_of(decision: Decision) -> str | None:
    return decision.choice.key if decision.choice else None


def test_the_crossing_is_found(small_case: CaseMaker, make_option: OptionMaker) -> None:
    """12,000 a year = 0.001 x 365 x requests a day: 32,877 a day, 3.29 times the 10,000 now."""
    case = small_case(workload={"growth_per_year": 0}, priorities=COST_ONLY)
    decide = rent_or_pay(make_option)
    decision = decide(case)
    (flip,) = find_flips(
        case, ["workload.requests_per_day"], decision, lambda variant: key_of(decide(variant))
    )
    assert key_of(decision) == "pay"
    assert flip.to == "Option rent"
    assert flip.label == "Requests per day"
    assert flip.factor == pytest.approx(3.2877, rel=0.03)
    assert flip.present == "10,000 request/day"
    # at the flip the choice differs, five hundredths before it does not
    for factor, expected in ((flip.factor, "rent"), (flip.factor * 0.95, "pay")):
        changed = with_values(case.scenario, {flip.path: 10_000 * factor})
        assert key_of(decide(Case(changed, case.catalogue, FLIP_DRAWS, 1))) == expected


def test_a_flip_downwards_is_found_too(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case(workload={"requests_per_day": 100_000, "growth_per_year": 0}, priorities=COST_ONLY)
    decide = rent_or_pay(make_option)
    (flip,) = find_flips(
        case, ["workload.requests_per_day"], decide(case), lambda variant: key_of(decide(variant))
    )
    assert flip.to == "Option pay"
    assert flip.factor == pytest.approx(0.32877, rel=0.03)


def test_with_a_profile_its_multiplier_is_what_moves(
    small_case: CaseMaker, make_option: OptionMaker, make_traffic: Callable[..., Traffic]
) -> None:
    case = small_case(workload={"growth_per_year": 0}, priorities=COST_ONLY)
    scenario = case.scenario.model_copy()
    scenario._traffic = make_traffic(requests_per_day=10_000)
    measured = Case(scenario, case.catalogue, 64, 1)
    decide = rent_or_pay(make_option)
    (flip,) = find_flips(
        measured, ["workload.requests_per_day"], decide(measured), lambda variant: key_of(decide(variant))
    )
    assert flip.path == "workload.traffic_multiplier"
    assert flip.factor == pytest.approx(3.2877, rel=0.03)


def _threshold(path: str, limit: float) -> Callable[[Case], str]:
    return lambda case: "above" if value_at(case.scenario, path) >= limit else "below"


def test_whole_numbers_flip_at_whole_numbers(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case(knowledge={"examples": 7})
    decision = compare("s", "?", [make_option("below")], case)
    (flip,) = find_flips(case, ["knowledge.examples"], decision, _threshold("knowledge.examples", 11))
    # the search stops within a few per cent above the first number that flips
    assert flip.flips_at in ("11", "12")
    assert flip.factor in (11 / 7, 12 / 7)


def test_a_field_s_bounds_end_the_search(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case(quality={"floor": 0.7})
    decision = compare("s", "?", [make_option("below")], case)
    # a floor above 1 is no scenario, so what would flip there is not told
    assert find_flips(case, ["quality.floor"], decision, _threshold("quality.floor", 1.1)) == ()
    (flip,) = find_flips(case, ["quality.floor"], decision, _threshold("quality.floor", 0.8))
    assert float(flip.flips_at.split()[0]) == pytest.approx(0.8, rel=0.03)


def test_where_nothing_is_left_it_says_so(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case()
    decision = compare("s", "?", [make_option("a")], case)

    def choice(variant: Case) -> str | None:
        return "a" if value_at(variant.scenario, "quality.floor") < 0.8 else None

    (flip,) = find_flips(case, ["quality.floor"], decision, choice)
    assert flip.to == "no option"


def test_the_nearest_come_first_and_only_a_few(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case()
    decision = compare("s", "?", [make_option("below")], case)
    knobs = {
        "workload.input_tokens": 4_000.0, "workload.output_tokens": 400.0, "workload.peak_to_mean": 30.0,
        "knowledge.documents": 20_000.0, "knowledge.context_tokens_added": 20_000.0,
        "operations.job_hours": 6.0, "knowledge.tokens_per_document": 100_000.0,
    }  # fmt: skip

    def choice(variant: Case) -> str:
        above = [path for path, limit in knobs.items() if value_at(variant.scenario, path) >= limit]
        return above[0] if above else "below"

    flips = find_flips(case, list(knobs), decision, choice)
    assert len(flips) == CLOSEST_FIRST
    distances = [max(flip.factor or 1, 1 / (flip.factor or 1)) for flip in flips]
    assert distances == sorted(distances)
    assert flips[0].path == "workload.output_tokens"
    assert "knowledge.tokens_per_document" not in {flip.path for flip in flips}


@pytest.mark.parametrize("path", ["constraints.budget_usd_per_year", "constraints.private_network", "name"])
def test_what_is_no_quantity_has_no_flip(small_case: CaseMaker, make_option: OptionMaker, path: str) -> None:
    case = small_case()
    decision = compare("s", "?", [make_option("a")], case)
    assert find_flips(case, [path], decision, lambda variant: "other") == ()


def test_a_choice_that_never_changes_has_no_flip(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case()
    decision = compare("s", "?", [make_option("a")], case)
    assert find_flips(case, ["workload.requests_per_day"], decision, lambda variant: "a") == ()


def test_flips_use_the_same_seed(small_case: CaseMaker, make_option: OptionMaker) -> None:
    case = small_case(seed=7)
    seen: list[np.ndarray] = []

    def choice(variant: Case) -> str:
        seen.append(variant.draws.normal("a"))
        return "a"

    decision = compare("s", "?", [make_option("a")], case)
    find_flips(case, ["workload.input_tokens"], decision, choice)
    assert len(seen) > 2
    assert all(np.array_equal(seen[0], other) for other in seen)
