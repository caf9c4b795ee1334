"""One step at a time against all five together: found, split exactly and explained in a sentence."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from advisor.catalogue import open_catalogue
from advisor.core.wording import amount
from advisor.decide.choosing import year_of
from advisor.decide.completion import STEPS, Pins, Search, Spaces
from advisor.decide.option import Decision
from advisor.decide.search import joint_front
from advisor.decide.stepwise import differing, effects, one_at_a_time
from advisor.scenario import with_values
from advisor.steps import decide, run, spaces
from advisor.steps.joint_plan import effects_table, plans_table, titled, together, went_on, why
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import passes
from advisor.system.opening import open_case, template
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, Plan, StorageSetting
from advisor.system.priorities import CONCERNS

CARBON, COST = CONCERNS.index("carbon"), CONCERNS.index("cost")


@cache
def decided(name: str, **values: float) -> tuple[Case, list[Decision]]:
    """The decisions at central values alone, which is all that the three plans are compared by."""
    case = Case(open_case(template(name), values).given, open_catalogue(offline=True), 0)
    return case, run(case, flips=False)


def carbon(case: Case, plan: Plan) -> float:
    return float(year_of(case.centre, plan)[CARBON, 0])


def test_whether_one_step_at_a_time_falls_behind_is_said_in_a_sentence() -> None:
    """Of a shipped template and one with a higher floor: what is said is what the two plans are."""
    for name, values in (("contact_centre", {}), ("speech_notes", {"quality.floor": 0.85})):
        case, decisions = decided(name, **values)
        found = together(case, decisions)
        assert found is not None
        assert found.stepwise is not None
        said, plan = why(found), found.stepwise.plan
        assert ("the same plan comes out" in said) == (plan == found.joint)
        if plan != found.joint and found.stepwise.stuck is None:
            assert said.startswith("One step at a time takes ")
            assert "instead of" in said
        difference = year_of(case.centre, plan)[:, 0] - year_of(case.centre, found.joint)[:, 0]
        total = sum((one.saved for one in found.effects), np.zeros(len(CONCERNS)))
        assert total == pytest.approx(difference, rel=1e-9, abs=1e-9)
        assert {step for one in found.effects for step in one.steps} == set(differing(plan, found.joint))
        assert len(plans_table(found).columns) == 4
        assert len(effects_table(found).rows) >= 1


def test_the_joint_plan_is_the_best_completion_of_any_model() -> None:
    """By the priorities at central values, against completing every model anew."""
    case, decisions = decided("contact_centre")
    found, search = together(case, decisions), Search(case, spaces(), Pins({}, {}))
    assert found is not None
    completed = [
        search.complete(model) for model in spaces().models(case.centre)
        if passes(billing.model_gates.gates(case.centre, model))
    ]  # fmt: skip
    best = min((one for one in completed if one.feasible), key=lambda one: one.score)
    assert found.joint == best.plan


def constructed(case: Case) -> Spaces:
    """Two models that are both sold by use in the data zone; only the second in batches, at half price."""
    every = spaces()
    sold = DeploymentSetting("maas", "datazone", zone="eu")
    ways = (sold, DeploymentSetting("maas", "datazone", zone="eu", batch=True))
    return Spaces(
        lambda _: (ModelSetting("single", ("gpt-oss-120b",)), ModelSetting("single", ("gpt-5.4-nano",))),
        lambda _case, _model: (ImprovementSetting("rag_hybrid"),),
        lambda _case, _model, _improvement: ways,
        lambda _: (StorageSetting("today"),),
        lambda asked: every.operations(asked)[:1],
    )


def test_a_constructed_space_in_which_the_first_step_forgoes_the_last() -> None:
    """Money alone decides. Paid by use the first model costs less; in batches the second does.

    The only four plans are priced one by one: the joint optimum is the least of those that pass.
    """
    case = Case(open_case(template("contact_centre")).given, open_catalogue(offline=True), 0)
    volume = {
        "workload.deferrable_share": 1.0,
        "workload.deferrable_hours": 48.0,
        "workload.cached_input_share": 0.0,
    }
    others = {f"priorities.{name}": 0 for name in ("carbon", "quality", "water")}
    case = case.varied({**volume, **others, "priorities.cost": 1})
    among = constructed(case)
    search = Search(case, among, Pins({}, {}))
    plans = [
        Plan(model, ImprovementSetting("rag_hybrid"), way, StorageSetting("today"), operation)
        for model, way, operation in product(
            search.alternatives("foundation_model"), among.deployments(case, *[None] * 2),
            search.alternatives("operations"),
        )
    ]  # fmt: skip
    open_to = [plan for plan in plans if all(passes(billing.gates(case, plan, step)) for step in STEPS)]
    assert len(open_to) == 3  # the first model is not sold in batches
    answers = np.array([billing.quality(case, plan)[0] for plan in open_to])
    price = np.array([year_of(case, plan)[COST, 0] for plan in open_to]) / answers
    best = open_to[int(np.argmin(price))]
    alone = one_at_a_time(case, among)
    assert alone is not None
    assert (alone.plan.model.key, alone.plan.deployment.batch) == ("gpt-oss-120b", False)
    assert (best.model.key, best.deployment.batch) == ("gpt-5.4-nano", True)
    assert joint_front(case, among, Pins({}, {})).plans[0] in open_to
    (whole,) = effects(case, among, alone.plan, best)  # neither goes without the other
    assert whole.steps == ("foundation_model", "deployment")
    assert whole.of("cost") == pytest.approx(
        year_of(case, alone.plan)[COST, 0] - year_of(case, best)[COST, 0]
    )


def test_a_recorded_late_decision_is_kept() -> None:
    case, _ = decided("contact_centre")
    kept = {"decisions": {"data_storage": {"choice": "all_hot"}}}
    changed = case.with_scenario(with_values(case.given, kept))
    found = together(changed, [decide("foundation_model", changed, {}, flips=False)])
    assert found is not None
    assert found.joint.storage.key == "all_hot"


def test_effects_of_a_plan_and_itself_are_none() -> None:
    case, decisions = decided("contact_centre")
    assert decisions[0].choice is not None
    plan = decisions[0].choice.plan
    assert effects(case, spaces(), plan, plan) == []


def test_where_the_plan_is_another_than_looked_best_it_is_said_which_and_why() -> None:
    """A plan that differs in its storage alone: chosen over all draws, unless that step is recorded."""
    case, decisions = decided("contact_centre")
    found = together(case, decisions)
    assert found is not None
    best, offered = found.joint, [one.plan.storage for one in decisions[3].options]
    other = next(one for one in offered if one != best.storage)
    taken = replace(best, storage=other)
    assert went_on(case.centre, best, best) == ""
    said = went_on(case.centre, best, taken)
    assert titled(case, "data_storage", best) in said
    assert titled(case, "data_storage", taken) in said
    assert "comes first over all draws" in said
    assert amount(carbon(case, taken), "kgCO2e") in said
    told = why(replace(found, taken=taken))
    assert said in told
    assert "the same plan comes out" not in told
    recorded = case.with_scenario(with_values(case.given, {"decisions.data_storage": {"choice": other.key}}))
    assert "which was recorded" in went_on(recorded.centre, best, taken)
