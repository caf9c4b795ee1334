"""Sentences of the pages that were false or useless on a template: each kind with its smallest case."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from system.settings import case_of

from advisor.decide.completion import _further
from advisor.decide.do_first import Done, Measure
from advisor.decide.measuring import Worth, worth_measuring
from advisor.steps import spaces
from advisor.steps.foundation_model.explain import floor_at_stake
from advisor.steps.operations.explain import _against
from advisor.system.confirmed import explain
from advisor.system.gates import Gate, to_be_had
from advisor.system.own_tests import beyond_tests, remedy, too_few
from advisor.system.plan import ImprovementSetting, ModelSetting, OperationSetting, Plan
from advisor.system.priorities import CARBON, COST
from advisor.system.references import name_findings
from advisor.view import next_actions
from advisor.view.bands import range_in


def stop(rule: str, to_be_had: bool = True) -> Gate:
    return Gate(rule, False, "", "", "", to_be_had)


def test_what_nobody_sells_is_further_than_what_breaks_a_limit() -> None:
    """Two limits broken by a model that is on sale come before units that nobody sells."""
    early = cast(Any, ("model", "improvement", "deployment"))
    unsold, slow = (stop("ptu_sold", to_be_had=False),), (stop("first_token"), stop("latency"))
    assert _further(early, slow) < _further(early, unsold)
    assert to_be_had(slow)
    assert not to_be_had(unsold)


def test_a_range_never_leaves_its_middle_out() -> None:
    """$126,400 between $126,100 and $151,700: two digits made of it $130,000 to $150,000."""
    assert range_in(126_100, 126_400, 151_700, "USD") == "$126,000 – 152,000"
    assert range_in(893, 1330, 6230, "kWh") == "0.893 – 6.23"


def test_a_cent_a_year_is_no_difference() -> None:
    assert _against(0.00466, "USD") == "the same money"
    assert _against(0.02, "USD") == "$0.02 more"
    assert _against(-0.0004, "kgCO2e") == "the same carbon"


def told_remedy(found: float, floor: float, technique: str = "prompt", **knowledge: Any) -> str:
    case = case_of(1, quality={"floor": floor}, knowledge={"gap": "none", **knowledge})
    return remedy(case, ModelSetting("single", ("gpt-5.4-nano",)), ImprovementSetting(technique), found)


def test_nobody_judges_fifty_thousand_answers() -> None:
    """74.8 % and 75 % need tens of thousands of answers to tell apart: no number is told; 40 % needs few."""
    assert "answers tell" not in told_remedy(0.748, 0.75)
    assert "tell 40 % from 75 %" in told_remedy(0.40, 0.75)


def test_no_fewer_answers_are_named_than_count() -> None:
    """1.64 x 0.24 / 0.58^2 = 1.2 answers tell 39 % from 97 %, below 10 nothing is looked at.

    For 50 % and 70 % it takes 1.64 x 0.25 / 0.2^2 = 10.3.
    """
    assert "(10 answers tell 39 % from 97 %)" in told_remedy(0.39, 0.97)
    assert "(11 answers tell 50 % from 70 %)" in told_remedy(0.50, 0.70)


def test_answers_to_judge_are_told_to_three_digits() -> None:
    """For 69 % and 70 % it takes 1.6424 x 0.69 x 0.31 / 0.01^2 = 3,513, as an estimate 3,510."""
    assert "(3,510 answers tell 69 % from 70 %)" in told_remedy(0.69, 0.70)


def test_what_the_model_lacks_comes_before_a_test() -> None:
    """Of the facts 48 % are covered without documents, 94 % with them: 39 % x 94 / 48 = 76 %."""
    gap = {"gap": "facts", "documents": 0, "examples": 0}
    said = told_remedy(0.39, 0.97, **gap)
    assert said.startswith("documents to search, set knowledge.documents (about 76 % accepted with them); a ")
    assert told_remedy(0.39, 0.97, **{**gap, "documents": 9}).startswith("a test of your own")
    # of the form 88 % without examples, 93 % with them: 80 % x 93 / 88 = 85 %
    said = told_remedy(0.80, 0.97, gap="format", examples=0)
    assert said.startswith("good examples, set knowledge.examples (about 85 % accepted with them); a ")
    assert told_remedy(0.80, 0.97, gap="format", examples=500).startswith("a test of your own")


def test_answers_that_are_too_few_are_told() -> None:
    score = {"score": 1.0, "technique": None}
    scores = {"gpt-5.4": {**score, "samples": 9}, "gpt-5.4-mini": {**score, "samples": 10}}
    case = case_of(1, quality={"scores": scores})
    assert list(too_few(case)) == ["9 judged answers of gpt-5.4 are too few: from 10 on they count"]
    assert "mind: 9 judged answers of gpt-5.4" in explain(case)


def test_a_floor_that_no_test_can_show_is_told() -> None:
    """Of n answers all accepted, the interval begins at n / (n + 1.2816^2): 10,000 / 10,001.64 = 99.98 %.

    99.9 % takes 1.6424 x 0.999 / 0.001 = 1,641 answers, which somebody may judge; 100 % takes more than any.
    """
    assert list(beyond_tests(case_of(1, quality={"floor": 0.999}))) == []
    told = (
        "quality.floor, 100%, promises what no test shows: 10,000 judged answers, all of them accepted, "
        "show 99.98%"
    )
    case = case_of(1, quality={"floor": 1.0})
    assert list(beyond_tests(case)) == [told]
    assert f"mind: {told}" in explain(case)


def test_a_change_that_brings_nothing_is_not_named_first() -> None:
    """The same plan before and after saves nothing; a fiftieth of its carbon and money is worth a line.

    Of a plan a thousandth as large a fiftieth is below 10 kg and 50 USD a year, and nothing to do first.
    """
    case = case_of(8)
    space = spaces()
    model = ModelSetting("single", ("gpt-5.4-mini",))
    improvement = next(one for one in space.improvements(case, model) if one.key == "prompt")
    way = next(one for one in space.deployments(case, model, improvement) if one.key == "maas-global")
    plan = Plan(model, improvement, way, space.storages(case)[0], OperationSetting("never", "planned", "now"))
    measure = Measure("storage", "data_storage", ("policy",))
    year = next_actions.year_of(case.centre, plan)

    def done(part: float) -> Done:
        return Done(measure, plan, plan, np.repeat(year * part, 9, axis=1), year, 16.0, 1.0, ())

    assert "brings too little" in next_actions.first_things(case, [done(0.001)])
    small = case.varied({"workload.requests_per_day": case.given.workload.requests_per_day / 1000})
    year = next_actions.year_of(small.centre, plan)
    assert 0.02 * year[COST, 0] < 50
    assert 0.02 * year[CARBON, 0] < 10
    assert "brings too little" in next_actions.first_things(small, [done(0.02)])
    year = next_actions.year_of(case.centre, plan)
    said = next_actions.first_things(case, [done(0.02)])
    assert "saves" in said
    assert "$0.00" not in said
    assert "From " in said


def test_chance_alone_narrows_no_range(small_case) -> None:  # type: ignore[no-untyped-def]
    """A figure that has no part in what is shown leaves its range as it is."""
    case = small_case(size=400)
    shown = np.concatenate([[1.0], np.random.default_rng(3).lognormal(size=400)])
    found = worth_measuring(case, ["spread"], np.zeros((2, 400)), 0, shown)
    assert [one.then == one.now for one in found] == [True]


@pytest.mark.parametrize(("name", "what"), [
    ("models.gpt-5.4-nano.output_multiplier", "Tokens that the model thinks"),
    ("models.grok-4.3.total_params", "How large a model is"),
    ("managed.busy_share", "Share of its time"),
])  # fmt: skip
def test_how_a_figure_is_measured(name: str, what: str) -> None:
    case = case_of(8)
    said = next_actions.measuring(case, Worth(name, 1.0, 0.5, (1.0, 2.0), (1.0, 2.0)))
    assert what in said
    assert "instead of" not in said  # the range would be no narrower
    assert "spares 50 %" in said


def test_the_floor_is_judged_before_anything_is_built() -> None:
    """In half of the draws 0.7 is accepted, in the others 0.9: a chance of 50 % of fewer than 0.8."""
    case = case_of(0, quality={"floor": 0.8})
    model = ModelSetting("single", ("gpt-5.4-mini",))
    improvement = next(one for one in spaces().improvements(case, model) if one.key == "prompt")
    unsure = SimpleNamespace(
        quality=np.array([0.8, 0.7, 0.9]), plan=SimpleNamespace(model=model, improvement=improvement)
    )
    assert "50 % chance that fewer than 80 %" in floor_at_stake(case, cast(Any, unsure))
    sure = SimpleNamespace(quality=np.array([0.9, 0.9, 0.9]), plan=unsure.plan)
    assert floor_at_stake(case, cast(Any, sure)) == ""


@pytest.mark.parametrize(
    ("kind", "models"),
    [("single", ("gpt-5.4-nano",)), ("cascade", ("gpt-5.4-nano", "gpt-5.4")),
     ("router", ("gpt-5.4-nano", "gpt-5.4")), ("team", ("gpt-5.4", "gpt-5.4-nano")),
     ("retrieval", ("text-embedding-3-small",)), ("encoder", ("bert-base",)), ("custom", ("llama-3.1-8b",))],
)  # fmt: skip
def test_a_score_that_is_asked_for_is_one_that_is_taken(kind: Any, models: tuple[str, ...]) -> None:
    """quality.scores.both and quality.scores.it were told, and refused by whoever entered them."""
    case = case_of(1, task="classify", quality={"floor": 0.97}, knowledge={"gap": "none"})
    said = remedy(case, ModelSetting(kind, models), ImprovementSetting("prompt"), 0.5)
    names = re.findall(r"quality\.scores\.([\w.-]*\w)", said)
    assert names or kind == "custom", said
    data = {"name": "A test", "task": "classify",
            "quality": {"scores": {name: {"score": 0.9, "samples": 50} for name in names}}}  # fmt: skip
    assert list(name_findings(data, case.catalogue)) == []
    assert "own" in said
