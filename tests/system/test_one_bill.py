"""One plan, one bill: whichever step asks, a thing is charged once and by one rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.core.footprint import INDICATORS
from advisor.decide.option import Option
from advisor.scenario import STEP_NAMES
from advisor.steps import final_option
from advisor.system import billing
from advisor.system.bill import Line
from bench.one_bill import CHECKS, of_its_region
from bench.one_bill import decided as made_up
from bench.varied import TEMPLATES
from tests.decided import decided

SOME = range(8)  # a slice; the long run is in bench/


def final(name: str) -> Option:
    plan = final_option(*decided(name))
    assert plan is not None
    return plan


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_plan_is_the_sum_of_its_lines_and_of_its_steps(name: str) -> None:
    plan = final(name)
    total = sum(line.per_year(plan.case).values for line in plan.bill)
    assert np.allclose(plan.year.values, total, rtol=1e-9, atol=0, equal_nan=True)
    steps = sum(plan.bill.of_step(step).values for step in STEP_NAMES)
    assert np.allclose(plan.year.values, steps, rtol=1e-9, atol=0, equal_nan=True)
    assert plan.year.values.shape[0] == len(INDICATORS)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_line_is_negative_or_not_a_number(name: str) -> None:
    for decision in decided(name)[1]:
        for option in decision.options[:8]:
            option.bill.check()
    final(name).bill.check()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_thing_costs_the_same_in_every_step(name: str) -> None:
    """Lines of plans that share their first three settings are the very same figures."""
    seen: dict[tuple[object, ...], Line] = {}
    for decision in decided(name)[1]:
        for option in decision.options:
            plan = option.plan
            serving = billing.serving(option.case, plan.model, plan.improvement, plan.deployment)
            for line in serving:
                key = (*plan.early, line.resource, line.what, line.phase, line.place)
                known = seen.setdefault(key, line)
                assert np.array_equal(known.footprint.values, line.footprint.values, equal_nan=True)


@pytest.mark.parametrize("name", TEMPLATES)
def test_as_compared_and_in_the_plan_are_the_same_figures(name: str) -> None:
    """The last step's choice is the plan: what it was compared by is what is added up."""
    case, decisions = decided(name)
    last = decisions[-1]
    assert last.choice is not None
    for decision in decisions:
        assert decision.choice is not None
        assert decision.choice.plan.of(decision.step) == last.choice.plan.of(decision.step)
    assert np.array_equal(last.choice.year["carbon"], billing.bill(case, last.choice.plan).year["carbon"])


@pytest.mark.parametrize("seed", SOME)
def test_made_up_scenarios_are_one_plan_and_one_bill(seed: int, catalogue: Catalogue) -> None:
    """Sums, the same thing everywhere, more volume: what ``bench.one_bill`` holds 500 of them to."""
    found = made_up(seed, catalogue)
    assert [fault for check in CHECKS for fault in check(found)] == []


def test_the_checks_find_what_they_should(catalogue: Catalogue) -> None:
    """A line charged on another region's grid is told."""
    case, decisions = made_up(0, catalogue)
    charged = (line for option in decisions[2].options for line in option.bill)
    taken = (one for one in charged if (one.footprint["energy"] > 0).all())
    line = next(one for one in taken if one.place.startswith("region:"))
    assert of_its_region(case, line)
    assert not of_its_region(case, replace(line, place="region:polandcentral"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_headline_equals_what_stands_below_it(name: str) -> None:
    """To the last digit: central figures of lines, of steps and of the plan."""
    plan = final(name)
    for indicator in ("carbon", "cost", "energy", "water", "ewaste"):
        headline = central(plan.year[indicator])
        lines = sum(central(line.per_year(plan.case)[indicator]) for line in plan.bill)
        steps = sum(central(plan.bill.of_step(step)[indicator]) for step in STEP_NAMES)
        assert headline == pytest.approx(lines, rel=1e-12)
        assert headline == pytest.approx(steps, rel=1e-12)
