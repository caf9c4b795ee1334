"""What is looked at where an input has moved is what there is to choose from there."""

from __future__ import annotations

import pytest

from advisor.catalogue import Catalogue
from advisor.core.slices import at_once
from advisor.decide.choosing import Candidate, candidates, choose, year_of
from advisor.decide.completion import Pins
from advisor.decide.what_ifs import hopeful
from advisor.scenario import value_at
from advisor.steps import spaces
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.priorities import CONCERNS

INPUT = "workload.input_tokens"
NOTHING_SETTLED = Pins({}, {})


def test_a_pair_that_is_worth_comparing_in_a_what_if_alone_is_looked_at(catalogue: Catalogue) -> None:
    """With ten times the prompt another small model makes the best router with the large one, and it wins."""
    case = Case(open_case(template("legal_qa")).given, catalogue)
    now = at_once(candidates(case, spaces(), NOTHING_SETTLED, "foundation_model"))
    base = choose(case, now).best
    assert base is not None
    there = case.varied({INPUT: case.given.workload.input_tokens * 10})
    best = choose(there, at_once(candidates(there, spaces(), NOTHING_SETTLED, "foundation_model"))).best
    assert best is not None
    assert best.setting not in {one.setting for one in now}
    among = hopeful(case, spaces(), NOTHING_SETTLED, "foundation_model", now)
    assert among.sure(there, INPUT, base.setting) == best.setting
    title = among.title(case.centre, best.setting, lambda _case, plan: plan.model.kind)
    assert title == "router"


@pytest.mark.parametrize(
    ("knob", "factor"), [("constraints.budget_usd_per_year", 30.0), ("workload.requests_per_day", 0.2)]
)
def test_what_a_budget_alone_rules_out_is_looked_at(catalogue: Catalogue, knob: str, factor: float) -> None:
    """A budget hangs on the whole bill, so whatever moves may bring back what it ruled out."""
    rich = Case(open_case(template("contact_centre")).given, catalogue, size=50)
    ranked = choose(rich, _models(rich)).ranked[:8]
    costs = [float(year_of(rich.centre, one.plan)[CONCERNS.index("cost"), 0]) for one in ranked]
    poor = rich.varied({"constraints.budget_usd_per_year": min(costs) * 1.02})
    found = _models(poor)
    base = choose(poor, found).best
    assert base is not None
    # the best of the rich is over this budget
    assert base.setting != ranked[0].setting
    before = value_at(poor.given, knob)
    there = poor.varied({knob: type(before)(before * factor)})
    best = choose(there, _models(there)).best
    assert best is not None
    assert best.setting != base.setting
    among = hopeful(poor, spaces(), NOTHING_SETTLED, "foundation_model", found)
    assert among.choice(there, knob) == best.setting
    assert among.sure(there, knob, base.setting) == best.setting


def _models(case: Case) -> list[Candidate]:
    return at_once(candidates(case, spaces(), NOTHING_SETTLED, "foundation_model"))
