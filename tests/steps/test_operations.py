"""Step 5 as a decision: few ways, told apart by the plan's own bill, and shown in charts and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from system.settings import case_of, year

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.decide.option import Decision, Option
from advisor.outputs.azure_files import job_schedule
from advisor.scenario import value_at
from advisor.steps import decide, operations
from advisor.system import billing, decay, requests, rollback
from advisor.system.case import Case
from advisor.system.plan import (
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    StorageSetting,
)
from advisor.system.shifting import ready_hour

SERVICE = DeploymentSetting("maas", scope="global")
SCORE = {"gpt-4o-mini": {"score": 0.9, "samples": 1000}}
SKILLED = {"gap": "format", "examples": 2000}


def operated(
    case: Case, technique: str = "prompt", model: str = "gpt-4o-mini", deployment: DeploymentSetting = SERVICE
) -> Decision:
    """The fifth decision after four settings."""
    settled = {
        "foundation_model": ModelSetting("single", (model,)), "improvement": ImprovementSetting(technique),
        "deployment": deployment, "data_storage": StorageSetting("today"),
    }  # fmt: skip
    return decide("operations", case, settled, flips=False)  # type: ignore[arg-type]


def key(decision: Decision, name: str) -> Option:
    return next(option for option in decision.options if option.key == name)


def failed(option: Option) -> set[str]:
    return {gate.rule for gate in option.gates if not gate.passed}


def own(option: Option, indicator: str = "carbon") -> float:
    return central(option.bill.of_step("operations")[indicator])


def exhibit(decision: Decision, name: str) -> Any:
    return next(item for item in decision.exhibits if getattr(item, "key", None) == name)


def tuned(**sections: Any) -> Case:
    return case_of(
        knowledge={**SKILLED, **sections.pop("knowledge", {})},
        quality={"floor": 0.3, **sections.pop("quality", {})}, **sections,
    )  # fmt: skip


def test_a_small_set_of_ways() -> None:
    decision = operated(tuned(operations={"quality_loss_per_day": 0.001}), "lora")
    assert 10 <= len(decision.options) <= 16
    assert len({option.key for option in decision.options}) == len(decision.options)
    assert decision.choice is not None
    assert decision.headline.startswith(decision.choice.title)
    for option in decision.options:
        assert option.settings["retraining"] in ("never", "calendar", "best", "trigger")
        assert any(name.startswith("operations.") for name in option.evidence)


def test_options_differ_in_operations_alone() -> None:
    """All else on the bill is the very same line; the headline is what operating adds to it."""
    decision = operated(tuned(operations={"quality_loss_per_day": 0.001}), "lora")
    assert decision.choice is not None
    rest = [
        central(option.bill.year["carbon"]) - own(option) for option in decision.options if option.eligible
    ]
    assert np.allclose(rest, rest[0], rtol=1e-9)
    for option in decision.options:
        assert own(option) >= 0
        assert own(option, "cost") >= 0


def test_nothing_lost_means_never() -> None:
    decision = operated(tuned(operations={"quality_loss_per_day": 0.0}), "lora")
    assert decision.choice is not None
    assert "never" in decision.choice.title.lower()
    best = key(decision, "best-planned-now")
    assert not np.isfinite(best.settings["interval_days"])
    assert "(never: nothing is lost)" in best.title
    assert any("never pays" in reason for reason in decision.reasons)


def test_a_fading_model_is_not_left_alone() -> None:
    case = case_of(
        operations={"quality_loss_per_day": 0.004}, knowledge={"gap": "none", "examples": 2000},
        quality={"floor": 0.8, "scores": SCORE},
    )  # fmt: skip
    decision = operated(case, "lora")
    assert "quality_floor" in failed(key(decision, "never-planned-now"))
    assert "quality_floor" in failed(key(decision, "calendar-planned-now"))
    assert decision.choice is not None
    assert decision.choice.settings["retraining"] in ("best", "trigger")
    days = decision.choice.settings["interval_days"]
    assert f"about every {days:,.0f} days" in decision.choice.title


def test_without_weights_of_ones_own_there_is_nothing_to_retrain() -> None:
    decision = operated(case_of(operations={"volatility": "volatile"}))
    for option in decision.options:
        assert ("trained" in failed(option)) is (option.settings["retraining"] != "never")
    assert "Nothing was trained" in " ".join(decision.reasons)


def test_retraining_is_charged_here_and_nowhere_else() -> None:
    """What a way to retrain adds over never retraining is its runs and the answers that judge them."""
    case = tuned(
        operations={"quality_loss_per_day": 0.0, "retrain_kwh": 50}, knowledge={"retrains_per_year": 2}
    )
    decision = operated(case, "lora")
    never, calendar = key(decision, "never-planned-now"), key(decision, "calendar-planned-now")
    added = central(calendar.year["energy"]) - central(never.year["energy"])
    new = {line.what for line in calendar.bill} - {line.what for line in never.bill}
    assert new == {"retraining", "answers that judge each retraining"}
    lines = [line for line in calendar.bill if line.what in new]
    assert added == pytest.approx(year(case, lines))


@pytest.mark.parametrize("kwh", [100, 1000])
def test_a_retraining_of_ones_own_figure_never_pays_back_more_than_nothing(kwh: float) -> None:
    """With 100 kWh of one's own a plan once cost -$707 a year, with 1,000 it emitted -379 kg."""
    decision = operated(tuned(operations={"retrain_kwh": kwh, "quality_loss_per_day": 0.0005}), "lora")
    for option in decision.options:
        option.bill.check()
        assert own(option, "cost") >= 0
        assert own(option) >= 0


def test_too_few_samples_are_warned_of() -> None:
    case = case_of(
        operations={"detectable_difference": 0.05, "evaluation_samples": 100}, knowledge={"gap": "none"},
        quality={"scores": SCORE},
    )  # fmt: skip
    decision = operated(case)
    assert key(decision, "never-planned-now").warnings[0].startswith("100 answers a run show drops of")
    assert not key(decision, "never-sized-now").warnings


def test_sizes_of_tests_in_the_table() -> None:
    rows = {row[0]: row[1] for row in exhibit(operated(case_of()), "tests").rows}
    assert rows["5%"] == pytest.approx(6300, rel=0.004)
    assert rows["10%"] == pytest.approx(1570, rel=0.004)


def test_the_roll_back_rule_names_samples_mix_limit_and_interval() -> None:
    case = case_of(operations={"rollback_limit": 0.25})
    decision = operated(case)
    rules = {row[0]: row[1] for row in exhibit(decision, "rollback").rows}
    assert set(rules) == {"safety", "enough requests", "same mix", "limit", "interval", "otherwise"}
    assert "6,280" in rules["enough requests"]
    assert "25%" in rules["limit"]
    assert decision.choice is not None
    plan = decision.choice.plan
    # the whole plan over the answers accepted: 1.25 times what its card says; beside answering, once all is
    # ready, each request bears what is left of the whole
    whole = central(decision.choice.accepted["energy"]) * 1000
    answering = [
        line for line in billing.serving(case, plan.model, plan.improvement, plan.deployment)
        if line.phase != "once"
    ]  # fmt: skip
    accepted, asked = central(billing.quality(case, plan)), central(case.workload.requests_per_year)
    assert f"{whole * 1.25:.3g} Wh" in rules["limit"]
    rule = rollback.rollback_rule(case, plan)
    assert rule.expected == pytest.approx(whole)
    assert rule.limit == pytest.approx(1.25 * whole)
    metered = year(case, answering) / asked * 1000
    assert 0 < metered < whole * accepted
    assert (metered + rule.beside) / accepted == pytest.approx(whole)
    assert rule.input_tokens == central(requests.request(case, "gpt-4o-mini", "prompt").input_tokens)


def test_the_optimum_is_where_the_curve_is_lowest() -> None:
    case = tuned(operations={"quality_loss_per_day": 0.001, "retrain_kwh": 50}, quality={"floor": 0.0})
    chart = exhibit(operated(case, "lora"), "retraining")
    together = chart.lines[0]
    best = next(mark for mark in chart.marks if mark.label.startswith("best"))
    assert best.x == pytest.approx(together.x[int(np.argmin(together.y))], rel=0.12)


def test_a_grid_without_a_shape_says_so() -> None:
    """Whoever recorded that jobs wait is told that nothing is known to come of it."""
    case = case_of(
        constraints={"home_region": "eastus", "regions_allowed": ["eastus"]},
        decisions={"operations": {"choice": "never-sized-time"}},
    )
    here = DeploymentSetting("maas", scope="regional", region="eastus")
    shifted = key(operated(case, deployment=here), "never-sized-time")
    assert any("taken as flat" in warning for warning in shifted.warnings)


def test_a_californian_job_starts_when_the_sun_is_up() -> None:
    case = case_of(constraints={"home_region": "westus", "regions_allowed": ["westus"]})
    decision = operated(case, deployment=DeploymentSetting("maas", scope="regional", region="westus"))
    assert 8 <= key(decision, "never-sized-time").settings["start_hour"] <= 13
    table = exhibit(decision, "shifting")
    assert "Moving to" in table.note or "No region" in table.note


def test_waiting_lowers_carbon_alone() -> None:
    case = case_of(
        constraints={"regions_allowed": ["westus"], "home_region": "westus"}, operations={"job_kwh": 100}
    )
    decision = operated(case, deployment=DeploymentSetting("maas", scope="regional", region="westus"))
    at_once, later = key(decision, "never-sized-now"), key(decision, "never-sized-time")
    assert own(later) < 0.95 * own(at_once)
    assert own(later, "energy") == pytest.approx(own(at_once, "energy"))
    assert own(later, "embodied") == pytest.approx(own(at_once, "embodied"))


def test_a_saving_below_what_can_be_seen_is_named() -> None:
    decision = operated(case_of(operations={"slack_hours": 2}))
    assert any("can see" in reason for reason in decision.reasons)


def test_a_cleaner_region_only_where_there_is_one() -> None:
    case = case_of(constraints={"home_region": "polandcentral"})
    moved = operated(case, deployment=DeploymentSetting("maas", scope="regional", region="polandcentral"))
    assert "cleaner_region" not in failed(key(moved, "never-sized-place"))
    assert own(key(moved, "never-sized-place")) < own(key(moved, "never-sized-now"))
    clean = DeploymentSetting("maas", scope="regional", region="swedencentral")
    assert "cleaner_region" in failed(key(operated(case_of(), deployment=clean), "never-sized-place"))


def test_a_metered_job_that_is_the_serving_is_told() -> None:
    night = {"profile": "nightly_batch", "deferrable_share": 1.0}
    told = operated(case_of(workload=night, operations={"job_kwh": 6.0}))
    assert any("6 kWh is the serving itself" in note for note in told.options[0].notes)
    other = operated(case_of(workload=night, operations={"job_kwh": 6.0, "job_measures": "another job"}))
    assert not any("serving itself" in note for note in other.options[0].notes)


def test_what_can_be_observed_and_how_late() -> None:
    table = exhibit(operated(case_of()), "observability")
    rows = {row[0]: row for row in table.rows}
    assert rows["GPU and memory use, power"][1:3] == ("no", "yes")
    assert "day 19" in rows["carbon by provider (Carbon Optimization)"][3]


def test_the_scorecard_puts_sustainability_beside_the_other_pillars() -> None:
    table: Table = exhibit(operated(case_of()), "scorecard")
    assert {row[0] for row in table.rows} >= {
        "sustainability", "performance", "reliability", "security", "quality", "cost",
    }  # fmt: skip


def test_the_scorecard_expects_what_the_plan_takes() -> None:
    """Per accepted answer as on the plan's card: the whole bill over the answers that are accepted."""
    decision = operated(case_of())
    assert decision.choice is not None
    accepted = decision.choice.accepted
    shown = {row[1]: row[2] for row in exhibit(decision, "scorecard").rows}
    assert shown["Wh per accepted answer"] == pytest.approx(1000 * central(accepted["energy"]))
    assert shown["gCO2e per accepted answer, location-based"] == pytest.approx(
        1000 * central(accepted["carbon"])
    )
    assert shown["mL water per accepted answer"] == pytest.approx(1000 * central(accepted["water"]))
    assert shown["USD per accepted answer"] == pytest.approx(central(accepted["cost"]))


def test_the_days_of_a_test_and_the_waste_are_told_once() -> None:
    """Two arms of the needed requests each, through all traffic."""
    case = tuned(operations={"quality_loss_per_day": 0.0005})
    decision = operated(case, "lora")
    assert decision.choice is not None
    plan, wanted = decision.choice.plan, case.given.operations.detectable_difference
    row = next(row for row in exhibit(decision, "tests").rows if row[0] == f"{wanted:.0%}")
    assert rollback.test_days(case, plan) == pytest.approx(row[2])
    assert row[2] == pytest.approx(2 * row[1] / central(case.workload.requests_per_day))
    shown = {row[1]: row[2] for row in exhibit(decision, "scorecard").rows}
    assert rollback.wasted_kwh(case, plan) == pytest.approx(shown["kWh a year wasted on poor answers"])
    assert rollback.wasted_kwh(case, plan) > 0


def test_gates_of_every_stage_and_the_share_that_waits() -> None:
    decision = operated(case_of(workload={"deferrable_share": 0.5}))
    assert {row[0] for row in exhibit(decision, "stages").rows} >= {
        "training", "release", "full traffic", "retirement",
    }  # fmt: skip
    assert "50% of requests that can wait" in exhibit(decision, "shifting").note


def test_same_seed_same_figures() -> None:
    first, second = (operated(tuned(), "lora") for _ in range(2))
    assert first.headline == second.headline
    assert first.exhibits == second.exhibits


def test_the_interval_shown_is_the_interval_charged() -> None:
    case = tuned(operations={"quality_loss_per_day": 0.001})
    decision = operated(case, "lora")
    best = key(decision, "best-planned-now")
    days = best.settings["interval_days"]
    (line,) = (one for one in best.bill if one.what == "retraining")
    assert central(line.quantity) * 12 == pytest.approx(365 / days)
    assert decay.trained(best.plan.model, best.plan.improvement)


def test_controls_and_knobs_are_fields() -> None:
    case = case_of()
    for path in (*operations.CONTROLS, *operations.KNOBS):
        value_at(case.given, path)


def test_the_hour_a_job_is_ready_is_that_of_the_home_region_wherever_it_runs() -> None:
    """18:00 in the Netherlands (UTC+1) is 17:00 UTC, and 12:00 on the US east coast, where it runs."""
    case = case_of(
        constraints={"home_region": "westeurope", "residency": "any"}, operations={"job_earliest_hour": 18}
    )
    assert [ready_hour(case, region) for region in ("westeurope", "eastus")] == [18, 12]
    decision = operated(case, deployment=DeploymentSetting("maas", scope="regional", region="eastus"))
    settings = key(decision, "never-sized-now").settings
    assert (settings["job_region"], settings["start_hour"]) == ("eastus", 12)
    crontab = next(iter(job_schedule(case, settings)))
    assert crontab.content.splitlines()[-1].startswith("0 17 * * *")


def test_what_sampled_logs_spare_is_told_where_it_is_much() -> None:
    """Ten million requests of 3,000 bytes are 10,950 GB a year, at 2.76 USD: 27,200 for nine tenths."""
    busy = case_of(
        workload={"requests_per_day": 1e7, "growth_per_year": 0, "input_tokens": 50, "output_tokens": 5}
    )
    told = [one for one in operated(busy).reasons if "logged in full" in one]
    assert told == ["Of requests 10 % are logged in full: logging all would take $27,200 more a year."]
    quiet = case_of(workload={"requests_per_day": 100})
    assert not any("logged in full" in one for one in operated(quiet).reasons)


def test_to_wait_where_no_cleaner_hour_is_known_is_no_way_of_its_own() -> None:
    """South India's grid is published hour by hour nowhere: waiting saves 0 % of a job, so that "in cleaner
    hours" would be the runner-up of "at once" with the same bill. Germany's is: there both are listed.
    """
    listed = {}
    for region, residency in (("southindia", "IN"), ("germanywestcentral", "DE")):
        limits = {
            "residency": residency,
            "home_region": region,
            "users_near": [region],
            "regions_allowed": [region],
        }
        listed[region] = operated(case_of(1, constraints=limits, quality={"scores": SCORE}))
    assert "never-sized-time" in {one.key for one in listed["germanywestcentral"].options}
    keys = {one.key for one in listed["southindia"].options}
    assert not any(one.endswith("-time") for one in keys)
    kept = key(listed["southindia"], "never-sized-now")
    assert "The same here: Never retrain, evaluate just enough, jobs in cleaner hours." in kept.notes
