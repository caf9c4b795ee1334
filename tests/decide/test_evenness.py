"""What differs by next to nothing, on plans made up of arrays, and which of it takes the least work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.saying import Text
from advisor.decide.choosing import Candidate, Choice, weigh
from advisor.decide.completed import Completed
from advisor.decide.evenness import as_good, even, told
from advisor.decide.option import Decision, Even, Option
from advisor.scenario import parse_scenario
from advisor.system.case import Case
from advisor.system.plan import (
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    Plan,
    StorageSetting,
)
from advisor.system.priorities import CONCERNS
from advisor.view.texts import EVEN, LIKELIHOOD, likelihood


@pytest.fixture
def case(catalogue: Catalogue) -> Case:
    return Case(parse_scenario({"name": "Next to nothing", "task": "chat"}), catalogue, 100)


def years(case: Case, *plans: tuple[object, object]) -> np.ndarray:
    """Carbon and cost of some plans; 1,000 of all else."""
    found = np.full((len(plans), len(CONCERNS), case.size), 1000.0)
    for place, (carbon, cost) in enumerate(plans):
        found[place, CONCERNS.index("carbon")] = carbon
        found[place, CONCERNS.index("cost")] = cost
    return found


def accepted(case: Case, *shares: float) -> np.ndarray:
    return np.stack([np.full(case.size, one) for one in shares])


def test_both_a_share_and_an_amount_must_be_small(case: Case) -> None:
    """Told as none: within 1 %, 10 kg and 50 USD. Beside 1,000 kg and 10,000 USD:

    0.153 kg less is 0.0153 %: none. 12 kg is 1.2 %: something. 60 USD is 0.6 %, but over 50: something.
    Beside 10 kg, 0.153 kg is 1.53 %: something, if little.
    """
    found = years(case, (1000.0, 1e4), (999.847, 1e4), (1012.0, 1e4), (1000.0, 10_060.0))
    assert list(as_good(case, found, accepted(case, *4 * [0.8]), 0)) == [True, True, False, False]
    small = years(case, (10.0, 1e4), (10.153, 1e4))
    assert list(as_good(case, small, accepted(case, 0.8, 0.8), 0)) == [True, False]


def test_answers_of_another_quality_are_not_as_good(case: Case) -> None:
    """0.80 against 0.78 is 2.5 % of answers, whatever they take; against 0.796 it is 0.5 %."""
    found = years(case, (100.0, 100.0), (100.0, 100.0), (100.0, 100.0))
    assert list(as_good(case, found, accepted(case, 0.8, 0.78, 0.796), 0)) == [True, False, True]


def test_next_to_nothing_holds_in_nine_of_ten_draws(case: Case) -> None:
    """Of 100 draws the second takes 5 % more water in 10, the third in 11; at the centre all are the same."""
    found = years(case, *3 * [(100.0, 100.0)])
    for place, count in ((1, 10), (2, 11)):
        found[place, CONCERNS.index("water"), np.arange(case.size) > 100 - count] = 1050.0
    assert list(as_good(case, found, accepted(case, *3 * [0.8]), 0)) == [True, True, False]


def test_a_few_kilograms_are_next_to_nothing_where_they_are_a_share_in_few_draws(case: Case) -> None:
    """Beside 400 kg: 8 kg more are 2 %, but below 10 kg, so they are none where most draws have less.

    The second takes 8 kg more in 49 of 100 draws, the third in 51, the fourth 12 kg more in 11.
    """
    often = ((8.0, 49), (8.0, 51), (12.0, 11))
    more = [np.where(np.arange(case.size) > 100 - count, 400.0 + kg, 400.0) for kg, count in often]
    found = years(case, (400.0, 100.0), *((one, 100.0) for one in more))
    assert list(as_good(case, found, accepted(case, *4 * [0.8]), 0)) == [True, True, False, False]


def operated(case: Case, *keys: tuple[str, str, str]) -> dict[object, Option]:
    found: dict[object, Option] = {}
    for retraining, evaluation, timing in keys:
        setting = OperationSetting(retraining, evaluation, timing)
        plan = Plan(
            ModelSetting("single", ("gpt-4.1",)), ImprovementSetting("prompt"),
            DeploymentSetting("maas", "global"), StorageSetting("today"), setting,
        )  # fmt: skip
        judged = Candidate(setting, (), Completed(plan, 0.0))
        found[setting] = Option(case, "operations", judged, None)
    return found


PLACE, NOW, START = ("never", "sized", "place"), ("never", "sized", "now"), ("never", "planned", "now")


def chosen(case: Case, options: dict[object, Option], *plans: tuple[object, object]) -> Choice:
    found, shares = years(case, *plans), accepted(case, *len(plans) * [0.8])
    judged = tuple(one.judged for one in options.values())
    return Choice(judged, weigh(case, found, shares), found, shares)


def test_the_simplest_of_what_is_as_good_is_named(case: Case) -> None:
    """From evaluating as planned with jobs at once: to judge just enough takes 8 hours, to move jobs 8 more.

    Jobs that move are best in every draw, by 0.153 kg of 1,000; at once spares 16 - 8 = 8 hours. What a
    team would start with spares 16, but takes 600 USD more.
    """
    options = operated(case, PLACE, NOW, START)
    choice = chosen(case, options, (999.847, 1e4), (1000.0, 1e4), (1000.0, 10_600.0))
    assert choice.weighed is not None
    assert choice.weighed.p_best[0] == 1.0
    found = even(case, "operations", choice, options)
    assert found is not None
    assert (found.option.key, found.hours) == ("never-sized-now", 8.0)


def test_what_is_as_good_and_takes_more_work_is_not_named(case: Case) -> None:
    """The other way round: at once is best by 0.153 kg, and to move jobs would take 8 hours more."""
    options = operated(case, NOW, PLACE, START)
    choice = chosen(case, options, (999.847, 1e4), (1000.0, 1e4), (1000.0, 10_600.0))
    assert even(case, "operations", choice, options) is None


def test_words_tell_the_difference_and_not_how_often_it_wins(case: Case, make_option: object) -> None:
    """1.153 - 1 = 0.153 kg and 7 - 5 = 2 USD a year."""
    first, second = (
        make_option(case, key, once={"embodied": carbon * 3, "cost": cost * 3})
        for key, carbon, cost in (("a", 1.0, 7.0), ("b", 1.153, 5.0))
    )
    said = told(Even(second, 8.0), first)
    assert isinstance(said, Text)
    assert said == (
        "Option b is as good: 153 g CO₂e and $2.00 a year are between them, next to nothing. It is simpler, "
        "by 8 hours of work: stay with it unless you change this anyway."
    )
    assert told(Even(second, 0.0), first).endswith("next to nothing.")
    decision = Decision("improvement", "?", (first, second), first, second, 0.95, {}, {}, frozenset())
    assert likelihood(decision) == LIKELIHOOD[1][1] == "very likely the best"
    assert likelihood(replace(decision, even=Even(second, 8.0))) == EVEN
