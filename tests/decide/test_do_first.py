"""The way from today to the plan: differences of bills that add up, and what measuring is worth."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_type_hints

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.core.errors import ScenarioError
from advisor.decide import do_first
from advisor.decide.budgets import over_budget
from advisor.decide.choosing import year_of
from advisor.decide.do_first import MEASURES, Measure, _next, abatement, measures, way
from advisor.decide.measuring import (
    at_its_ends,
    expected_regret,
    measure_next,
    spared,
    tornado,
    worth_measuring,
)
from advisor.decide.option import Decision, Option
from advisor.decide.today import today_plan
from advisor.scenario import parse_scenario, with_values
from advisor.steps import final_option, spaces, way_to
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.plan import (
    FIELDS,
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    Plan,
    StepName,
    StorageSetting,
)
from advisor.system.priorities import CONCERNS
from bench.varied import TEMPLATES
from tests.decided import decided


def planned(name: str) -> tuple[Case, list[Decision], Option]:
    case, decisions = decided(name)
    plan = final_option(case, decisions)
    assert plan is not None
    return case, decisions, plan


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_the_changes_save_is_the_difference_between_today_and_the_plan(name: str) -> None:
    """In every draw and concern; and each change is taken once."""
    case, _, plan = planned(name)
    start = today_plan(case, spaces())
    done = way_to(case, plan.plan)
    if start is None:  # no single model passes, so nothing is said to run
        assert done == []
        return
    total = sum((one.saved for one in done), np.zeros((len(CONCERNS), case.size)))
    assert total == pytest.approx(year_of(case, start) - year_of(case, plan.plan), rel=1e-9, abs=1e-9)
    assert [one.measure for one in done] == list(dict.fromkeys(one.measure for one in done))
    if done:
        assert done[0].before == start
        assert done[-1].after == plan.plan
        assert done[-1].saved == pytest.approx(done[-1].left)  # nothing comes after it


def settings_of_a_plan() -> dict[StepName, type]:
    return {step: get_type_hints(Plan)[field] for step, field in FIELDS.items()}


def test_every_attribute_of_every_setting_is_changed_by_some_measure() -> None:
    """What no measure carries stays as it is today, so that the way ends beside the plan."""
    for step, setting in settings_of_a_plan().items():
        carried = {name for one in MEASURES if one.step == step for name in one.attributes}
        assert carried == {one.name for one in fields(setting)}, step


def test_two_plans_that_differ_in_one_attribute_are_one_measure_apart() -> None:
    _, _, plan = planned("contact_centre")
    for step, setting in settings_of_a_plan().items():
        for one in fields(setting):
            changed: dict[str, Any] = {one.name: object()}
            whole: dict[str, Any] = {FIELDS[step]: replace(plan.plan.of(step), **changed)}
            target = replace(plan.plan, **whole)
            if one.name == "kind":
                continue  # all is changed with the kind of model
            (measure,) = measures(plan.plan, target)
            assert measure.apply(plan.plan, target) == target


def test_the_way_from_priority_to_batches_ends_on_the_plan() -> None:
    """Both are rates of what is paid by use: today with priority, the plan in part as batches."""
    case, _, plan = planned("contact_centre")
    way_in = replace(plan.plan.deployment, mode="maas", scope="global", region=None, zone=None, term="",
                     batch=False, priority=True)  # fmt: skip
    today = replace(plan.plan, deployment=way_in)
    target = replace(plan.plan, deployment=replace(way_in, batch=True, priority=False))
    done = way(case, today, target)
    assert {one.measure.key for one in done} == {"rate", "batch"}
    assert done[-1].after == target
    total = sum((one.saved for one in done), np.zeros((len(CONCERNS), case.size)))
    assert total == pytest.approx(year_of(case, today) - year_of(case, target), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_way_passes_through_nothing_that_cannot_be_had(name: str) -> None:
    """No closed model on machines of one's own, no retraining of what nobody trained, whatever it saves."""
    case, _, plan = planned(name)
    done = way_to(case, plan.plan)
    if done:
        missing = {one.rule for one in do_first.all_gates(case, done[0].before)}
        stops = {(one.measure.key, gate.rule) for one in done for gate in one.stops if not gate.to_be_had}
        assert {rule for _, rule in stops} <= missing, stops


def test_a_model_and_its_machines_are_one_change_where_neither_is_had_alone() -> None:
    """Reports by night: from a closed model by use to open weights on a machine of one's own."""
    case, _, plan = planned("nightly_reports")
    done = way_to(case, plan.plan)
    keys = [one.measure.key for one in done]
    assert "model_and_serving" in keys
    assert not {"model", "serving"} & set(keys)
    one = done[keys.index("model_and_serving")]
    assert one.after.model == plan.plan.model
    assert one.after.deployment == plan.plan.deployment
    alone = [case.central(f"measures.{key}.hours", "h") for key in ("model", "serving")]
    assert one.hours == sum(alone)


def test_a_large_model_never_passes_over_a_small_machine(catalogue: Catalogue) -> None:
    """Nothing is billed where nothing fits: a T4 seemed to save all that the model takes."""
    scenario = parse_scenario(
        {"schema_version": 1, "name": "Chat", "task": "chat", "knowledge": {"gap": "none"}}
    )
    case = Case(scenario, catalogue, 16, 7)
    stay = ImprovementSetting("prompt"), StorageSetting("today"), OperationSetting("never", "planned", "now")
    small = DeploymentSetting("maap", region="swedencentral", machine="nc4as_t4_v3", precision="int8")
    today, target = (
        Plan(ModelSetting("single", (model,)), stay[0], deployment, *stay[1:])
        for model, deployment in (
            ("deepseek-v4-pro", DeploymentSetting("maas", "global")), ("llama-3.2-1b", small),
        )
    )  # fmt: skip
    assert [one.measure.key for one in way(case, today, target)] == ["model_and_serving"]


def test_what_breaks_a_rule_counts_with_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone the rate and the model break a rule each, together none.

    They gain 6 in 4 + 60 hours, 0.094 an hour, the batches 2 in 32, 0.063: the rate is first, as it breaks
    less. Where the two gain 1, 0.016 an hour, the batches are.
    """
    case, _, plan = planned("contact_centre")
    broken: dict[tuple[str, ...], int] = {("model",): 2, ("rate",): 1}
    gains: dict[tuple[str, ...], float] = {("batch",): 2.0, ("rate",): 0.5, ("model",): 0.5}

    def chosen(together: float) -> str:
        gained = {**gains, ("model", "rate"): together}

        def taken(_case: Case, _plan: Plan, _target: Plan, some: tuple[Measure, ...]) -> do_first._Taken:
            keys = tuple(sorted(one.key for one in some))
            hours = sum(case.central(f"measures.{key}.hours", "h") for key in keys)
            fails = 1 if len(keys) > 1 and keys != ("model", "rate") else broken.get(keys, 0)
            return do_first._Taken(some, (0, fails), gained.get(keys, 0.0) / hours)

        monkeypatch.setattr(do_first, "_taken", taken)
        rest = [one for one in MEASURES if one.key in ("model", "rate", "batch")]
        return _next(case, plan.plan, plan.plan, rest).key

    assert chosen(together=6.0) == "rate"
    assert chosen(together=1.0) == "batch"


def test_the_bars_of_abatement_are_the_changes_that_save_carbon() -> None:
    case, _, plan = planned("contact_centre")
    done = way_to(case, plan.plan)
    bars = abatement(done)
    assert [price for _, _, price in bars] == sorted(price for _, _, price in bars)
    saving = [one.saved[CONCERNS.index("carbon"), 0] for one in done]
    assert sum(saved for _, saved, _ in bars) == pytest.approx(sum(one for one in saving if one > 0))


def test_a_plan_that_runs_already_leaves_nothing_to_do() -> None:
    case, _, plan = planned("contact_centre")
    assert measures(plan.plan, plan.plan) == []
    assert way(case, plan.plan, plan.plan) == []


def test_today_is_what_the_scenario_says() -> None:
    case, _, _ = planned("contact_centre")
    said = {"model": "gpt-4o", "technique": "rag_hybrid", "deployment": "maas-global"}
    start = today_plan(case.with_scenario(with_values(case.given, {"today": said})), spaces())
    assert start is not None
    assert (start.model.key, start.deployment.key, start.storage.key) == ("gpt-4o", "maas-global", "today")


@pytest.mark.parametrize("name", TEMPLATES)
def test_nobody_is_said_to_begin_beyond_the_budget(name: str) -> None:
    case, _, _ = planned(name)
    start = today_plan(case, spaces())
    assert start is None or over_budget(case, year_of(case.centre, start)[:, 0]) == ()


def test_the_best_answers_are_no_start_where_they_cost_four_budgets() -> None:
    """GPT-5.5 in the EU's zone: 9,000 requests on 365 days, each 6,500 tokens in at 5.50 USD a million, 420
    out at 33 USD: 3.285 million x (0.03575 + 0.01386) = 163,000 USD a year. There are 40,000.
    """
    case, _, _ = planned("nightly_reports")
    free = case.varied({"constraints.budget_usd_per_year": None})
    start, dear = (today_plan(one, spaces()) for one in (case, free))
    assert start is not None
    assert dear is not None
    assert dear.model.key == "gpt-5.5"
    assert year_of(case.centre, dear)[CONCERNS.index("cost"), 0] > 163_000
    assert start.model.key != "gpt-5.5"


def test_today_that_is_no_option_names_the_nearest() -> None:
    case, _, _ = planned("contact_centre")
    wrong = case.with_scenario(with_values(case.given, {"today": {"model": "gpt-4oo"}}))
    with pytest.raises(ScenarioError, match="gpt-4o"):
        today_plan(wrong, spaces())


def test_regret_and_what_knowing_spares_by_hand() -> None:
    """Two options that swap places with a coin: 1 and 3 where low, 3 and 1.2 where high.

    Means 2 and 2.1: the first is chosen and loses (3 - 1.2) in half the draws, 0.9 on average.
    Knowing the coin, one takes 1 where low and 1.2 where high: all of it is spared.
    """
    coin = np.repeat([0.0, 1.0], 50)
    outcomes = np.stack([np.where(coin == 0, 1.0, 3.0), np.where(coin == 0, 3.0, 1.2)])
    assert expected_regret(outcomes, 0) == pytest.approx(0.9)
    assert spared(outcomes, 0, coin) == pytest.approx(0.9)
    unrelated = np.tile(np.arange(10.0), 10)
    assert spared(outcomes, 0, unrelated) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_to_measure_next_spares_no_more_than_is_lost(name: str) -> None:
    case, decisions, plan = planned(name)
    worth = measure_next(case, decisions, plan)
    if worth is not None:
        assert 0 <= worth.spared <= worth.regret + 1e-9
        assert worth.name in case.catalogue.coefficients


def test_a_wide_assumption_comes_first(small_case) -> None:  # type: ignore[no-untyped-def]
    """The figure is twice one uncertain coefficient; the other has no part in it."""
    case = small_case(size=400)
    figure = 2.0 * case.draw("spread", "ratio")
    outcomes = np.stack([figure[1:], np.full(400, 2.2)])
    found = worth_measuring(case, ["spread", "regions.west.pue"], outcomes, 0, figure)
    assert [one.name for one in found] == ["spread"]  # the overhead has no range
    assert found[0].narrowed < 0.4
    assert found[0].spared > 0


def test_a_tornado_is_widest_for_what_drives_the_gap(small_case) -> None:  # type: ignore[no-untyped-def]
    case = small_case(size=400)
    ((name, low, high),) = tornado(case, ["spread", "regions.west.pue"], case.draw("spread", "ratio") - 1.0)
    assert name == "spread"
    assert low < 0 < high


def test_a_figure_at_the_ends_of_one_coefficient_by_hand(small_case) -> None:  # type: ignore[no-untyped-def]
    """A spread of 0.5 to 2 around 1, times a lifetime of 4 years: 2 and 8 around 4, whatever the draws are.

    The mean of the draws is above 4, since the spread reaches further up than down.
    """
    case = small_case(size=400)

    def figure(case: Case) -> float:
        return central(case.draw("spread", "ratio") * case.draw("hardware.lifetime", "year"))

    assert at_its_ends(case, "spread", figure) == pytest.approx((2.0, 8.0))
    assert figure(case) == 4.0
    assert case.draw("spread", "ratio")[1:].mean() > 1.05


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_drives_the_range_is_told_around_the_central_figure(name: str) -> None:
    """Each figure alone at its low end and at its high end: the plan's central carbon lies between."""
    case, _, plan = planned(name)

    def carbon(case: Case) -> float:
        return central(billing.bill(case, plan.plan).year["carbon"])

    drivers = tornado(case, plan.evidence, plan.year["carbon"])[:8]
    assert drivers
    for driver, *_ in drivers:
        low, high = sorted(at_its_ends(case, driver, carbon))
        assert low <= central(plan.year["carbon"]) * (1 + 1e-9), driver
        assert high >= central(plan.year["carbon"]) * (1 - 1e-9), driver
