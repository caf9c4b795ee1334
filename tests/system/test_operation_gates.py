"""What rules a way to operate out."""

from __future__ import annotations

from typing import Any

import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.system import operation_gates
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.plan import DeploymentSetting, OperationSetting

MODEL = model_of("gpt-4o-mini")
SERVICE = DeploymentSetting("maas", scope="global")
GOOD = {"gpt-4o-mini": {"score": 0.9, "samples": 1000}}


def stopped(
    case: Case, policy: str, timing: str = "now", technique: str = "lora",
    deployment: DeploymentSetting = SERVICE,
) -> set[str]:  # fmt: skip
    way = OperationSetting(policy, "sized", timing)  # type: ignore[arg-type]
    return fallen(operation_gates.gates(case, MODEL, by(technique), deployment, way))


def fading(**sections: Any) -> Case:
    return case_of(
        operations={"quality_loss_per_day": 0.004},
        quality={"floor": 0.8, "scores": GOOD},
        knowledge={"gap": "none", "examples": 2000, **sections.pop("knowledge", {})},
        **sections,
    )


@pytest.mark.parametrize("policy", ["calendar", "best", "trigger"])
def test_without_weights_of_ones_own_there_is_nothing_to_retrain(policy: str) -> None:
    case = case_of(operations={"volatility": "volatile"})
    assert stopped(case, policy, technique="prompt") == {"trained"}
    assert stopped(case, "never", technique="prompt") == set()


def test_a_fading_model_must_be_retrained_before_the_floor() -> None:
    """From 90 % at 0.4 % a day 80 % is reached within weeks: half a year is too late."""
    case = fading()
    assert stopped(case, "never") == {"quality_floor"}
    assert stopped(case, "calendar") == {"quality_floor"}
    assert stopped(case, "best") == set()


def test_what_starts_below_the_floor_is_an_earlier_steps_affair() -> None:
    case = case_of(operations={"quality_loss_per_day": 0.004}, quality={"floor": 0.999})
    assert "quality_floor" not in stopped(case, "never")


def test_trained_facts_must_be_kept_fresh() -> None:
    facts = {"gap": "facts", "changes_every_days": 20, "retrains_per_year": 2}
    case = case_of(
        knowledge={**facts, "examples": 2000},
        operations={"quality_loss_per_day": 0.0},
        quality={"floor": 0.0},
    )
    assert stopped(case, "never") == {"freshness"}
    # 182 days are too long for what changes every 20
    assert stopped(case, "calendar") == {"freshness"}
    assert stopped(case, "best") == set()
    assert stopped(case, "never", technique="rag_lora") == set()


def test_facts_that_outlast_the_plan_call_for_no_retraining() -> None:
    """Half a year is 365 / 2 = 182.5 days: facts that hold for 183 are not stale in it, for 180 they are."""
    facts = {"gap": "facts", "examples": 2000, "retrains_per_year": 0.5}  # every 730 days
    case = case_of(
        knowledge={**facts, "changes_every_days": 183}, timing={"horizon_years": 0.5},
        operations={"quality_loss_per_day": 0.0}, quality={"floor": 0.0},
    )  # fmt: skip
    shorter = case.varied({"knowledge.changes_every_days": 180})
    for policy in ("never", "calendar"):
        assert stopped(case, policy) == set()
        assert stopped(shorter, policy) == {"freshness"}
    way = OperationSetting("never", "sized", "now")
    found = operation_gates.gates(shorter, MODEL, by("lora"), SERVICE, way)
    assert next(one for one in found if one.rule == "freshness").found == "never in the 182 days planned"


def test_a_job_that_may_not_wait() -> None:
    assert stopped(case_of(operations={"slack_hours": 0.5}), "never", "time", "prompt") == {"slack"}
    assert stopped(case_of(operations={"slack_hours": 1}), "never", "time", "prompt") == set()


def test_a_cleaner_region_only_where_there_is_one() -> None:
    case = case_of(constraints={"home_region": "polandcentral"})
    here = DeploymentSetting("maas", scope="regional", region="polandcentral")
    assert stopped(case, "never", "place", "prompt", here) == set()
    clean = DeploymentSetting("maas", scope="regional", region="swedencentral")
    assert stopped(case, "never", "place", "prompt", clean) == {"cleaner_region"}
    nowhere = case_of(constraints={"residency": "IS"})
    assert "residency" in stopped(nowhere, "never", "place", "prompt", here)


def test_retraining_that_nothing_calls_for_is_never_retraining() -> None:
    """Where nothing fades and no facts change, an interval without end is told as what it is."""
    case = case_of(
        operations={"quality_loss_per_day": 0.0}, quality={"floor": 0.0},
        knowledge={"gap": "format", "examples": 2000, "retrains_per_year": 0},
    )  # fmt: skip
    for policy in ("best", "trigger", "calendar"):
        assert stopped(case, policy) == {"fades"}
    assert stopped(case, "never") == set()
    by_calendar = case.varied({"knowledge.retrains_per_year": 2.0})
    assert stopped(by_calendar, "calendar") == set()


def told_fresh(policy: str, **knowledge: object) -> Gate:
    case = case_of(
        knowledge={"gap": "facts", "examples": 2000, **knowledge},
        operations={"quality_loss_per_day": 0.0}, quality={"floor": 0.0},
    )  # fmt: skip
    way = OperationSetting(policy, "sized", "now")  # type: ignore[arg-type]
    found = operation_gates.gates(case, MODEL, by("lora"), SERVICE, way)
    return next(one for one in found if one.rule == "freshness")


def test_facts_are_told_by_how_often_they_change() -> None:
    """Facts that change every day are met by a retraining every day, whatever the calendar has."""
    found = told_fresh("best", changes_every_days=1, retrains_per_year=2)
    assert (found.expected, found.found) == (
        "retrained at least every day, as the facts change", "every day",
    )  # fmt: skip


def test_what_a_straight_line_tells_ends_at_the_floor() -> None:
    """90 % at first by one's own test, a floor of 80 % and 0.4 % a day: 0.1 / 0.004 = 25 days.

    Three years of it would be 0.9 - 0.004 x 1,095 = -348 %: "0 % before the next retraining" was told.
    """
    tested = {"gpt-4o-mini": {**GOOD["gpt-4o-mini"], "technique": "lora"}}
    case = fading().varied({"quality.scores": tested})
    way = OperationSetting("never", "sized", "now")
    found = operation_gates.gates(case, MODEL, by("lora"), SERVICE, way)
    (told,) = [one for one in found if one.rule == "quality_floor"]
    assert told.found == "below 80% after 25 days, should it fade fast"


def test_to_retrain_what_nobody_trained_has_a_remedy() -> None:
    """ "To bring it back: nothing to do" is none."""
    way = OperationSetting("best", "sized", "now")
    (found,) = [
        one for one in operation_gates.gates(case_of(), MODEL, by("prompt"), SERVICE, way) if not one.passed
    ]
    assert found.remedy == "never retrain: prompts and index are refreshed instead; or tune a model"


def test_facts_that_never_change_call_for_nothing() -> None:
    """No interval is given: "at least every 0 days" would be untrue."""
    found = told_fresh("never", changes_every_days=None)
    assert found.passed
    assert found.expected == "no facts that go out of date by themselves"
