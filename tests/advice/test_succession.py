"""Retirement inside the planned years is a priced line: test runs, tuning again, a time side by side.

Scenario: from June 2026 for three years, a model a service may retire, weights that nobody can.
"""

from __future__ import annotations

from typing import Any

import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.system import billing, calls, succession, training
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting

GLOBAL = DeploymentSetting("maas", "global")


def case_with(**sections: Any) -> Case:
    timing = {"start": "2026-06-01", "horizon_years": 3}
    return case_of(0, timing={**timing, **sections.pop("timing", {})}, **sections)


def lines(
    case: Case, model: str, technique: str = "prompt", way: DeploymentSetting = GLOBAL
) -> dict[str, Any]:
    found = succession.lines(case, model_of(model), by(technique), way)
    return {line.what: line for line in found}


def retiring(case: Case, *, within: bool) -> str:
    """A managed model with a day of retirement that lies within the three years, or beyond them."""
    last = case.given.timing.start.replace(year=2029)
    for key in case.catalogue.keys("models"):
        end = case.catalogue.row("models", key).get("retirement")
        if end is not None and (case.given.timing.start < end < last if within else end >= last):
            return key
    raise AssertionError("no such model")


def test_moves_are_counted_from_the_day_a_list_names() -> None:
    """Once on that day, then every year and a half for the rest: 1 + rest / 1.5. No day: 3 / 1.5 = 2."""
    case = case_with()
    key = retiring(case, within=True)
    end = case.catalogue.row("models", key)["retirement"]
    rest = (case.given.timing.start.replace(year=2029) - end).days / 365
    assert central(succession.moves(case, key)) == pytest.approx(1 + rest / 1.5, rel=2e-3)
    unknown = next(
        key for key in case.catalogue.keys("models")
        if case.catalogue.row("models", key).get("retirement") is None
    )  # fmt: skip
    assert central(succession.moves(case, unknown)) == pytest.approx(3 / 1.5)
    late = case_with(timing={"horizon_years": 0.1})
    assert central(succession.moves(late, key)) == 0  # it outlives five weeks


def test_a_move_takes_tests_and_a_month_side_by_side() -> None:
    """800 trials of prompts and 500 judged samples a move, a month at $1,500."""
    case = case_with()
    key = retiring(case, within=True)
    found, count = lines(case, key), central(succession.moves(case, key))
    tried = found["answers that try a successor"]
    assert central(tried.quantity) == pytest.approx(count * (800 + 500))
    one = calls.one_call(case, model_of(key), by("prompt"), GLOBAL)
    assert central(tried.footprint["energy"]) == pytest.approx(count * 1300 * central(one["energy"]))
    moved = found["moving to a successor as models retire"]
    assert central(moved.footprint["cost"]) == pytest.approx(count * 1500)
    assert moved.phase == "once"


def test_what_was_tuned_is_tuned_again() -> None:
    case = case_with(knowledge={"gap": "none", "tuning_runs": 10})
    again = lines(case, "gpt-4o-mini", "lora")["tuning a successor"]
    count = central(succession.moves(case, "gpt-4o-mini"))
    run = training.one_run(case, model_of("gpt-4o-mini"), by("lora"))
    assert central(again.footprint["energy"]) == pytest.approx(10 * count * central(run["energy"]))


def test_weights_of_ones_own_are_retired_by_nobody() -> None:
    case = case_with()
    own = DeploymentSetting("maap", region="swedencentral", machine="nc40ads_h100_v5", precision="bf16")
    assert lines(case, "llama-3.1-8b", way=own) == {}
    assert lines(case, "llama-3.1-8b") != {}


def test_it_is_part_of_the_bill() -> None:
    case = case_with()
    served = billing.serving(case, model_of("gpt-4o-mini"), by("prompt"), GLOBAL)
    assert sum("successor" in line.what for line in served) == 2
