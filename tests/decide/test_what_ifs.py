"""What is looked at where an input has moved is what there is to choose from there."""

from __future__ import annotations

from advisor.catalogue import Catalogue
from advisor.decide.choosing import candidates, choose
from advisor.decide.completion import Pins
from advisor.decide.what_ifs import hopeful
from advisor.steps import spaces
from advisor.system.case import Case
from advisor.system.opening import open_case, template

INPUT = "workload.input_tokens"
NOTHING_SETTLED = Pins({}, {})


def test_a_pair_that_is_worth_comparing_in_a_what_if_alone_is_looked_at(catalogue: Catalogue) -> None:
    """With ten times the prompt another small model makes the best router with the large one, and it wins."""
    case = Case(open_case(template("legal_qa")).given, catalogue)
    now = candidates(case, spaces(), NOTHING_SETTLED, "foundation_model")
    base = choose(case, now).best
    assert base is not None
    there = case.varied({INPUT: case.given.workload.input_tokens * 10})
    best = choose(there, candidates(there, spaces(), NOTHING_SETTLED, "foundation_model")).best
    assert best is not None
    assert best.setting not in {one.setting for one in now}
    among = hopeful(case, spaces(), NOTHING_SETTLED, "foundation_model", now)
    assert among.sure(there, INPUT, base.setting) == best.setting
    title = among.title(case.centre, best.setting, lambda _case, plan: plan.model.kind)
    assert title == "router"
