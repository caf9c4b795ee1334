from dataclasses import replace

import numpy as np
import pytest
from steps.deploying import case_of, chosen, deployed, exhibit, failed

from advisor.core.draws import summary
from advisor.steps import decide, operations
from advisor.steps.operations.plans import best_interval, evaluation
from advisor.steps.operations.setting import setting
from advisor.steps.operations.shifting import saving, shape_of


def operated(case, **settings):
    model = settings.pop("model", "gpt-4o-mini")
    quality = settings.pop("quality", 0.9)
    prior = chosen(case, model, quality=quality, **settings)
    deployed(case, prior)
    return prior, decide("operations", case, prior, flips=False)


TUNED = {"technique": "lora", "tuned": "lora", "hosting": "serverless"}


def own(option, case, name="carbon"):
    year = option.parts.per_year(case.workload.requests_per_year, case.scenario.timing.horizon_years)
    return float(np.median(year[name]))


def key(decision, name):
    return next(option for option in decision.options if option.key == name)


def test_a_small_set_of_plans():
    case = case_of(operations={"quality_loss_per_day": 0.001})
    _, decision = operated(case, **TUNED)
    assert 6 <= len(decision.options) <= 12
    assert decision.choice is not None
    assert decision.headline
    for option in decision.options:
        assert option.settings["retraining"] in ("never", "calendar", "best", "trigger")
        assert any(name.startswith("operations.") for name in option.evidence)


def test_the_interval_of_the_worked_example():
    # 50 kWh, 10,000 requests a day of 3 Wh, 0.001 a day lost: 58 days
    case = case_of(
        workload={"requests_per_day": 10_000, "growth_per_year": 0.0},
        operations={"quality_loss_per_day": 0.001},
        quality={"floor": 0.5},
    )
    prior, _ = operated(case, **TUNED)
    now = setting(case, prior)
    energy = now.retrain.values.copy()
    energy[0] = 50.0
    request = now.request.values.copy()
    request[0] = 0.003
    worked = replace(now, retrain=type(now.retrain)(energy), request=type(now.request)(request))
    days = float(np.median(best_interval(case, worked, 0.001)))
    assert round(days) == 58


def test_nothing_lost_means_never():
    case = case_of(operations={"quality_loss_per_day": 0.0})
    _, decision = operated(case, **TUNED)
    assert decision.choice.settings["retraining"] in ("never", "best")
    assert "never" in decision.choice.title.lower()
    assert not np.isfinite(key(decision, "best-planned-now").settings["interval_days"])
    assert any("never pays" in reason for reason in decision.reasons)


def test_a_fading_model_must_be_retrained_before_the_floor():
    case = case_of(operations={"quality_loss_per_day": 0.004}, quality={"floor": 0.8})
    _, decision = operated(case, **TUNED)
    assert "quality_floor" in failed(key(decision, "never-planned-now"))
    assert "quality_floor" in failed(key(decision, "calendar-planned-now"))
    # from 90 % to 80 % at 0.4 % a day: 25 days at most
    assert key(decision, "best-planned-now").settings["interval_days"] <= 25.0001
    assert decision.choice.settings["retraining"] != "never"


def test_volatile_domains_are_retrained_more_often_than_moderate_ones():
    days = {}
    for volatility in ("moderate", "volatile"):
        case = case_of(operations={"volatility": volatility})
        _, decision = operated(case, **TUNED)
        days[volatility] = key(decision, "best-planned-now").settings["interval_days"]
    assert days["volatile"] < days["moderate"]
    stable = case_of(operations={"volatility": "stable"})
    _, decision = operated(stable, **TUNED)
    assert not np.isfinite(key(decision, "best-planned-now").settings["interval_days"])


def test_without_weights_of_ones_own_there_is_nothing_to_retrain():
    case = case_of(operations={"volatility": "volatile"})
    _, decision = operated(case)
    for option in decision.options:
        assert ("trained" in failed(option)) is (option.settings["retraining"] != "never")
    assert "Nothing was trained" in " ".join(decision.reasons)


def test_retrainings_counted_before_are_not_counted_twice():
    case = case_of(
        operations={"quality_loss_per_day": 0.0, "retrain_kwh": 50, "evaluation_runs_per_month": 0}
    )
    prior, decision = operated(case, **TUNED, retrains_per_year=2.0)
    saved = own(key(decision, "never-planned-now"), case, "energy")
    now = setting(case, prior)
    logs = own(key(operated(case, **TUNED, retrains_per_year=0.0)[1], "never-planned-now"), case, "energy")
    assert saved - logs == pytest.approx(-2 * float(np.median(now.retrain["energy"])), rel=0.05)
    assert "Compared with retraining 2 times a year" in decision.reasons[0]


def test_evaluating_just_enough_sees_the_difference_asked_for():
    case = case_of(operations={"detectable_difference": 0.05, "evaluation_samples": 100})
    prior, decision = operated(case)
    now = setting(case, prior)
    planned, sized = evaluation(case, now, "planned"), evaluation(case, now, "sized")
    assert planned.detectable > 0.05 >= sized.detectable
    # CV^2 of a share of 0.9 is 0.111: 15.7 x 0.111 / 0.0025 = 698
    assert sized.samples == 698
    assert key(decision, "never-planned-now").warnings[0].startswith("100 answers a run show drops of")


def test_sizes_of_tests_in_the_table():
    _, decision = operated(case_of())
    rows = {row[0]: row[1] for row in exhibit(decision, "tests").rows}
    assert rows["5%"] == pytest.approx(6300, rel=0.004)
    assert rows["10%"] == pytest.approx(1570, rel=0.004)


def test_the_roll_back_rule_names_samples_mix_limit_and_interval():
    case = case_of(operations={"rollback_limit": 0.25})
    prior, decision = operated(case)
    rules = {row[0]: row[1] for row in exhibit(decision, "rollback").rows}
    assert set(rules) == {"safety", "enough requests", "same mix", "limit", "interval", "otherwise"}
    assert "6,280" in rules["enough requests"]
    assert "25%" in rules["limit"]
    now = setting(case, prior)
    expected = summary(now.deployment.per_accepted(case.workload.requests_per_year, 3)["energy"])[1] * 1000
    assert f"{expected * 1.25:.3g} Wh" in rules["limit"]


def test_the_optimum_is_where_the_curve_is_lowest():
    case = case_of(operations={"quality_loss_per_day": 0.001, "retrain_kwh": 50}, quality={"floor": 0.0})
    _, decision = operated(case, model="llama-3.3-70b", **TUNED)
    chart = exhibit(decision, "retraining")
    together = chart.lines[0]
    best = next(mark for mark in chart.marks if mark.label.startswith("best"))
    lowest = together.x[int(np.argmin(together.y))]
    assert best.x == pytest.approx(lowest, rel=0.12)


def test_a_grid_without_a_shape_saves_nothing_and_says_so():
    case = case_of(constraints={"home_region": "eastus", "regions_allowed": ["eastus"]})
    _, decision = operated(case)
    assert not shape_of(case, "eastus").known
    assert saving(case, "eastus", 4, 24, True).share == 0.0
    shifted = key(decision, "never-sized-time")
    assert any("taken as flat" in warning for warning in shifted.warnings)


def test_a_californian_job_moves_into_the_sun():
    case = case_of(constraints={"home_region": "westus", "regions_allowed": ["westus"]})
    _, decision = operated(case)
    found = saving(case, "westus", 4, 24, False)
    assert 8 <= found.start_hour <= 13
    assert found.share > 0.1
    assert key(decision, "never-sized-time").settings["start_hour"] == found.start_hour
    table = exhibit(decision, "shifting")
    assert "Moving to" in table.note or "No region" in table.note


def test_waiting_lowers_carbon_alone():
    case = case_of(
        constraints={"regions_allowed": ["westus"], "home_region": "westus"}, operations={"job_kwh": 100}
    )
    _, decision = operated(case)
    at_once, later = key(decision, "never-sized-now"), key(decision, "never-sized-time")
    assert own(later, case) < 0.95 * own(at_once, case)
    assert own(later, case, "energy") == pytest.approx(own(at_once, case, "energy"))
    assert own(later, case, "embodied") == pytest.approx(own(at_once, case, "embodied"))


def test_a_saving_below_what_can_be_seen_is_named():
    case = case_of(operations={"slack_hours": 2})
    _, decision = operated(case)
    assert any("can see" in reason for reason in decision.reasons)


def test_a_cleaner_region_only_where_there_is_one():
    case = case_of(constraints={"home_region": "polandcentral"})
    prior = chosen(case)
    decision = deployed(case, prior)
    prior["deployment"] = next(o for o in decision.options if o.key == "maas-polandcentral")
    moved = decide("operations", case, prior, flips=False)
    assert "cleaner_region" not in failed(key(moved, "never-sized-place"))
    assert own(key(moved, "never-sized-place"), case) < own(key(moved, "never-sized-now"), case)
    _, stays = operated(case_of())
    assert "cleaner_region" in failed(key(stays, "never-sized-place"))


def test_what_can_be_observed_and_how_late():
    table = exhibit(operated(case_of())[1], "observability")
    rows = {row[0]: row for row in table.rows}
    assert rows["GPU and memory use, power"][1:3] == ("no", "yes")
    assert "19th" in rows["carbon by provider (Carbon Optimization)"][3]


def test_the_scorecard_puts_sustainability_beside_the_other_pillars():
    table = exhibit(operated(case_of())[1], "scorecard")
    assert {row[0] for row in table.rows} >= {
        "sustainability", "performance", "reliability", "security", "quality", "cost",
    }  # fmt: skip


def test_gates_of_every_stage_and_the_share_that_waits():
    _, decision = operated(case_of(workload={"deferrable_share": 0.5}))
    assert {row[0] for row in exhibit(decision, "stages").rows} >= {
        "training",
        "release",
        "full traffic",
        "retirement",
    }
    assert "50% of requests that can wait" in exhibit(decision, "shifting").note


def test_a_classifier_is_judged_against_labels():
    case = case_of(operations={"quality_loss_per_day": 0.001})
    prior = chosen(
        case, "bert-base", "encoder", technique="train_classifier", tuned="full", retrains_per_year=2.0
    )
    deployed(case, prior)
    decision = decide("operations", case, prior, flips=False)
    assert decision.choice is not None
    assert own(key(decision, "never-planned-now"), case, "cost") < 1000


def test_nothing_to_operate_without_a_deployment():
    case = case_of()
    decision = decide("operations", case, {}, flips=False)
    assert decision.choice is None
    assert "deployment first" in decision.headline
    assert decision.exhibits == ()


def test_same_seed_same_figures():
    first, second = (operated(case_of(), **TUNED)[1] for _ in range(2))
    assert first.headline == second.headline
    assert first.exhibits == second.exhibits


def test_controls_and_knobs_are_fields():
    from advisor.scenario import value_at

    case = case_of()
    for path in (*operations.CONTROLS, *operations.KNOBS):
        value_at(case.scenario, path)
