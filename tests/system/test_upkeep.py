"""Keeping it good: how fast it fades, how often it is restored, and what all of it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from system.settings import by, case_of, model_of, some, year

from advisor.core.draws import central
from advisor.core.footprint import INDICATORS
from advisor.system import answering, calls, decay, hosts, quality, requests, retraining, training, upkeep
from advisor.system.bill import Bill, Line, Resource
from advisor.system.case import Case
from advisor.system.footprints import electricity
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, ModelSetting, OperationSetting
from advisor.system.regions import cleanest_allowed
from advisor.system.shifting import job_region, saving, shape_of

MODEL, LORA, PROMPT = model_of("gpt-4o-mini"), by("lora"), by("prompt")
SERVICE = DeploymentSetting("maas", scope="global")
HERE = DeploymentSetting("maas", scope="regional", region="polandcentral")
EASY = {"quality": {"floor": 0.0}, "knowledge": {"gap": "format", "examples": 2000}}


def way(retraining: str, evaluation: str = "planned", timing: str = "now") -> OperationSetting:
    return OperationSetting(retraining, evaluation, timing)  # type: ignore[arg-type]


def taken(
    case: Case, operation: OperationSetting, model: ModelSetting = MODEL, technique: str = "lora",
    deployment: DeploymentSetting = SERVICE,
) -> tuple[Line, ...]:  # fmt: skip
    return upkeep.lines(case, model, by(technique), deployment, operation)


def days(case: Case, operation: OperationSetting, technique: str = "lora") -> float:
    return central(upkeep.interval_days(case, MODEL, by(technique), SERVICE, operation))


def fading(loss: float = 0.001, **sections: Any) -> Case:
    operations = {"quality_loss_per_day": loss, **sections.pop("operations", {})}
    return case_of(operations=operations, **{**EASY, **sections})


# ---- how often -----------------------------------------------------------------------------------


def worked_example(**operations: Any) -> Case:
    """50 kWh a run, 10,000 requests of 3 Wh, 0.001 a day lost; trained and served in Poland."""
    return fading(
        workload={
            "requests_per_day": 10_000,
            "growth_per_year": 0.0,
            "retry_rate": 0.0,
            "turns_per_task": 1.0,
        },
        knowledge={"gap": "format", "examples": 2000, "prompt_tokens_tuning_removes": 0},
        constraints={"home_region": "polandcentral"},
        operations={"retrain_kwh": 50.0, **operations},
        measurements={"wh_per_request": {"gpt-4o-mini": {"wh": 3.0}}},
    )


def test_the_interval_of_the_worked_example() -> None:
    """A run of 50 kWh and the 500 answers that judge it, 1.5 kWh: sqrt(2 x 51.5 / (10,000 x 0.003 x 0.001)).

    58.6 days; the run alone would give 57.7. All at the meter of one place, so the PUE falls out.
    """
    case = worked_example()
    pue = central(training.where_trained(case).pue)
    again = retraining.asked_again(case, MODEL, LORA, HERE).all
    assert central(again["energy"]) == pytest.approx(0.003 * pue)
    assert central(retraining.each_kwh(case, MODEL, LORA, HERE, way("best"))) == pytest.approx(51.5 * pue)
    found = central(upkeep.interval_days(case, MODEL, LORA, HERE, way("best")))
    assert found == pytest.approx(np.sqrt(2 * 51.5 / 0.03))


@pytest.mark.parametrize("technique", ["lora", "rag_lora"])
@pytest.mark.parametrize("deployment", [SERVICE, HERE])
@pytest.mark.parametrize("timing", ["now", "place"])
def test_no_other_interval_takes_less_on_the_bill(
    technique: str, deployment: DeploymentSetting, timing: str
) -> None:
    """The best interval is that of the lines charged: a fifth more or less often takes more energy."""
    case = worked_example()
    wanted = way("best", "planned", timing)
    best = central(upkeep.interval_days(case, MODEL, by(technique), deployment, wanted))

    def charged(days: float) -> float:
        regular = case.varied({"knowledge.retrains_per_year": 365.0 / days})
        calendar = way("calendar", "planned", timing)
        return year(regular, taken(regular, calendar, technique=technique, deployment=deployment))

    assert charged(best) < min(charged(best * 0.8), charged(best * 1.2))


def test_where_nothing_is_lost_no_deployment_is_looked_at() -> None:
    nowhere = DeploymentSetting("maap", region="nowhere", machine="none", precision="none")
    found = retraining.energy_interval(fading(0.0), MODEL, LORA, nowhere, way("best"))
    assert not np.isfinite(found).any()


def test_nothing_lost_means_never() -> None:
    case = fading(0.0)
    assert not np.isfinite(days(case, way("best")))
    assert not np.isfinite(days(case, way("trigger")))
    assert central(upkeep.mean_loss(case, MODEL, LORA, SERVICE, way("never"))) == 0.0


def test_a_fading_model_is_retrained_before_the_floor() -> None:
    """At 0.4 % a day what lies above the floor of 80 % lasts that many days."""
    case = case_of(
        quality={"floor": 0.8, "scores": {"gpt-4o-mini": {"score": 0.9, "samples": 1000}}},
        knowledge={"gap": "none", "examples": 2000}, operations={"quality_loss_per_day": 0.004},
    )  # fmt: skip
    now = central(quality.accepted(case, MODEL, LORA))
    assert central(decay.floor_days(case, MODEL, LORA, SERVICE)) == pytest.approx((now - 0.8) / 0.004)
    assert days(case, way("best")) <= (now - 0.8) / 0.004 + 1e-9


def test_trained_facts_are_renewed_as_they_change() -> None:
    facts = {"gap": "facts", "changes_every_days": 20, "examples": 2000}
    case = fading(0.0, knowledge=facts)
    assert days(case, way("best")) == 20.0
    # a search supplies them fresh
    assert not np.isfinite(days(case, way("best"), "rag_lora"))
    never = fading(0.0, knowledge={**facts, "changes_every_days": None})
    assert not np.isfinite(days(never, way("best")))


def test_volatile_domains_are_retrained_more_often_than_moderate_ones() -> None:
    found = {
        kind: case_of(operations={"volatility": kind}, **EASY) for kind in ("moderate", "volatile", "stable")
    }
    assert days(found["volatile"], way("best")) < days(found["moderate"], way("best"))
    assert not np.isfinite(days(found["stable"], way("best")))


def test_the_calendar_is_the_scenarios() -> None:
    """Twice a year is every 182.5 days; never is never."""
    twice = fading(knowledge={"gap": "format", "examples": 2000, "retrains_per_year": 2})
    assert days(twice, way("calendar")) == 182.5
    none = fading(knowledge={"gap": "format", "examples": 2000, "retrains_per_year": 0})
    assert not np.isfinite(days(none, way("calendar")))


def test_a_trigger_follows_the_loss_but_sees_it_late() -> None:
    """One run a month sees a drop after half a month on average: 365 / 12 / 2 = 15.2 days."""
    case = case_of(operations={"volatility": "moderate", "evaluation_runs_per_month": 1}, **EASY)
    assert days(case, way("trigger")) == pytest.approx(days(case, way("best")) + 365 / 24)
    drawn = upkeep.interval_days(case, MODEL, LORA, SERVICE, way("trigger"))
    assert np.unique(drawn).size > 10
    assert np.unique(upkeep.interval_days(case, MODEL, LORA, SERVICE, way("best"))).size == 1


def test_without_weights_of_ones_own_nothing_fades() -> None:
    case = case_of(operations={"volatility": "volatile"})
    for policy in ("never", "calendar", "best", "trigger"):
        assert not np.isfinite(days(case, way(policy), "prompt"))
        assert central(upkeep.mean_loss(case, MODEL, PROMPT, SERVICE, way(policy))) == 0.0
        assert not some(taken(case, way(policy), technique="prompt"), Resource.TRAINING_RUN)


def test_what_rework_mends_is_not_lost() -> None:
    """Over three years at 0.01 % a day: 0.0001 x 1,095 / 2 = 5.475 % poor; half asked again, half is lost."""
    case = fading(0.0001, operations={"rework": 0.5})
    assert central(upkeep.mean_loss(case, MODEL, LORA, SERVICE, way("never"))) == pytest.approx(0.05475)
    assert central(upkeep.unmended_loss(case, MODEL, LORA, SERVICE, way("never"))) == pytest.approx(0.027375)
    mended = fading(0.0001, operations={"rework": 2.0})
    assert central(upkeep.unmended_loss(mended, MODEL, LORA, SERVICE, way("never"))) == 0.0


# ---- what it takes -------------------------------------------------------------------------------


@pytest.mark.parametrize("kwh", [0.0, 100.0, 1000.0])
@pytest.mark.parametrize("policy", ["never", "calendar", "best", "trigger"])
def test_own_energy_of_a_retraining_never_makes_a_line_negative(kwh: float, policy: str) -> None:
    """Once a retraining of 100 kWh gave a plan of -$707 a year: a step took off what none had added."""
    case = fading(operations={"retrain_kwh": kwh})
    for timing in ("now", "time", "place"):
        found = taken(case, way(policy, "sized", timing), deployment=HERE)
        Bill(case, found).check()
        assert all(np.nan_to_num(line.footprint.values).min() >= 0 for line in found)


def test_retraining_by_hand() -> None:
    """100 kWh twice a year, at the PUE; on a GPU of 700 W and the server beside it."""
    case = fading(
        operations={"retrain_kwh": 100.0},
        knowledge={"gap": "format", "examples": 2000, "retrains_per_year": 2},
    )
    (line,) = some(taken(case, way("calendar")), Resource.TRAINING_RUN)
    pue = central(training.where_trained(case).pue)
    assert year(case, (line,)) == pytest.approx(200 * pue)
    usd = case.central("managed_compute.h100.price", "USD/h")
    beside = central(hosts.host_w(case, "h100_sxm", 700.0))
    assert year(case, (line,), "cost") == pytest.approx(200 / (0.7 + beside / 1000) * usd)
    assert central(line.quantity) * 12 == pytest.approx(2.0)


def test_retraining_is_the_run_that_the_improvement_trains_with() -> None:
    case = fading(knowledge={"gap": "format", "examples": 2000, "retrains_per_year": 12})
    (line,) = some(taken(case, way("calendar")), Resource.TRAINING_RUN)
    run = training.one_run(case, MODEL, LORA)
    # a job that is ready each evening runs at the intensity of those hours, the first run at the mean's
    ready = {"hours": case.scenario.operations.job_hours, "slack": case.scenario.operations.slack_hours}
    at_once = saving(case, job_region(case, SERVICE), *ready.values(), False).at_once
    assert at_once != pytest.approx(1.0, abs=0.01)
    carbon = [row for row, name in enumerate(INDICATORS) if name.startswith("carbon_")]
    expected = run.values.copy()
    expected[carbon] *= at_once
    assert np.allclose(line.footprint.values, expected, equal_nan=True)
    # and every new version is judged on as many answers as the first
    judged = next(
        one for one in taken(case, way("calendar")) if one.what == "answers that judge each retraining"
    )
    assert central(judged.quantity) == pytest.approx(case.central("tuning.evaluation_answers", "item"))


def test_what_is_unknown_where_it_trains_is_known_where_it_moves() -> None:
    """Germany publishes no marginal intensity, Sweden does: all of what moves runs at Sweden's."""
    case = case_of(constraints={"home_region": "germanywestcentral"})
    here, there = (place(case, f"region:{key}") for key in ("germanywestcentral", "swedencentral"))
    assert np.isnan(here.marginal).all()
    ran = electricity(case, 0.3, here).with_cost(5.0)
    found = retraining.moved(case, ran, here, there)
    assert central(found["carbon_marginal"]) == pytest.approx(
        0.3 * central(there.pue * there.marginal) / 1000
    )
    assert central(found["cost"]) == pytest.approx(5.0)
    assert central(found["energy"]) == pytest.approx(0.3 * central(there.pue))


def test_evaluation_by_hand() -> None:
    """Four runs of 500 answers: each asked again, and scored in four calls."""
    case = case_of(operations={"evaluation_runs_per_month": 4, "evaluation_samples": 500})
    again, scored = some(taken(case, way("never"), technique="prompt"), Resource.EVALUATION_RUN)
    one = calls.one_call(case, MODEL, PROMPT, SERVICE)
    assert np.allclose(again.footprint.values, one.values * 2000, equal_nan=True)
    score = upkeep.scoring(case, "gpt-4o-mini", SERVICE, way("never"))
    assert np.allclose(scored.footprint.values, score.values * 2000, equal_nan=True)
    # $0.15 and $0.60 a million tokens; 1,500 in and 150 out, four times
    assert central(score["cost"]) == pytest.approx(4 * (1500 * 0.15 + 150 * 0.60) / 1e6)
    none = case_of(operations={"evaluation_runs_per_month": 0})
    assert not some(taken(none, way("never"), technique="prompt"), Resource.EVALUATION_RUN)


def test_evaluating_just_enough_sees_the_difference_asked_for() -> None:
    case = case_of(
        operations={"detectable_difference": 0.05, "evaluation_samples": 100}, knowledge={"gap": "none"},
        quality={"scores": {"gpt-4o-mini": {"score": 0.9, "samples": 1000, "technique": "prompt"}}},
    )  # fmt: skip
    planned, sized = (
        upkeep.evaluation(case, MODEL, PROMPT, way("never", plan)) for plan in ("planned", "sized")
    )
    assert planned.detectable > 0.05 >= sized.detectable
    # CV² of a share of 0.9 is 0.111: 15.7 x 0.111 / 0.0025 = 698
    assert sized.samples == 698


def test_a_classifier_is_judged_against_labels() -> None:
    case = case_of(task="classify", operations={"quality_loss_per_day": 0.001}, knowledge={"gap": "none"})
    reader = model_of("bert-base", kind="encoder")
    processors = DeploymentSetting("processors", region="swedencentral")
    assert upkeep.judge(case, reader, "prompt") is None
    found = taken(case, way("calendar"), reader, "train_classifier", processors)
    assert [line.what for line in some(found, Resource.EVALUATION_RUN)] == [
        "answering the samples of evaluation runs"
    ]
    assert year(case, found, "cost") < 1000


def test_of_two_models_the_one_that_answers_most_scores() -> None:
    case = case_of(quality={"easy_share": 0.9})
    pair = model_of("gpt-4o-mini", "gpt-4.1", kind="router")
    assert upkeep.judge(case, pair, "prompt") == "gpt-4o-mini"


def test_logs_by_hand() -> None:
    """10,000 requests a day of 3,000 bytes are 10.95 GB a year; a tenth of it where sampled."""
    case = case_of(workload={"requests_per_day": 10_000, "growth_per_year": 0.0})
    price = case.central("operations.log_price", "USD/GB")
    for plan, logged in (("planned", 1.0), ("sized", 0.1)):
        (line,) = (one for one in taken(case, way("never", plan), technique="prompt") if one.what == "logs")
        assert central(line.quantity) * 12 == pytest.approx(10.95 * logged)
        assert year(case, (line,), "cost") == pytest.approx(10.95 * logged * price)


def test_poor_answers_are_asked_again_searches_included() -> None:
    case = fading(0.0001, knowledge={"gap": "both", "examples": 2000})
    for technique in ("lora", "rag_lora"):
        found = [one for one in taken(case, way("never"), technique=technique) if one.phase == "per_request"]
        line, *searches = found
        lost = upkeep.mean_loss(case, MODEL, by(technique), SERVICE, way("never"))
        call = calls.one_call(case, MODEL, by(technique), SERVICE)
        asked = call.values * requests.attempts(case, MODEL, by(technique))
        assert np.allclose(line.footprint["energy"], (asked * lost)[0])
        assert [one.what for one in searches] == ["poor answers asked again: their searches"] * len(searches)
        assert len(searches) == (technique == "rag_lora")
        assert all(np.allclose(one.quantity, lost) for one in found)


def test_an_agents_task_is_asked_again_with_its_tools() -> None:
    """What a request takes where nothing is held and no cache spares it: every line of answering."""
    case = fading(0.0001, agent={"calls_per_task": 10, "tools_per_call": 1.1, "tool_wh": 0.4})
    again = retraining.asked_again(case, MODEL, LORA, SERVICE).all
    each = [line for line in answering.lines(case, MODEL, LORA, SERVICE) if line.phase == "per_request"]
    assert "tools an agent calls" in [line.what for line in each]
    assert central(again["energy"]) == pytest.approx(sum(central(line.footprint["energy"]) for line in each))


def test_a_second_model_is_kept_up() -> None:
    case = case_of()
    pair = model_of("gpt-4o-mini", "gpt-4.1", kind="cascade")
    (line,) = (
        one for one in taken(case, way("never"), pair, "prompt") if one.what == "upkeep of a second model"
    )
    assert line.step == "foundation_model"
    assert year(case, (line,), "cost") == pytest.approx(
        12 * case.central("model.second_model_upkeep", "USD/month")
    )
    assert not [one for one in taken(case, way("never"), technique="prompt") if "second" in one.what]


# ---- where and when ------------------------------------------------------------------------------


def test_waiting_lowers_carbon_alone() -> None:
    case = case_of(
        constraints={"regions_allowed": ["westus"], "home_region": "westus"}, operations={"job_kwh": 100}
    )
    here = DeploymentSetting("maas", scope="regional", region="westus")
    at_once, later = (
        taken(case, way("never", "sized", timing), technique="prompt", deployment=here)
        for timing in ("now", "time")
    )
    assert year(case, later, "carbon") < 0.95 * year(case, at_once, "carbon")
    for indicator in ("energy", "embodied", "cost", "water"):
        assert year(case, later, indicator) == pytest.approx(year(case, at_once, indicator))


def test_moving_to_a_cleaner_region_sends_what_the_jobs_read() -> None:
    case = fading(operations={"job_kwh": 100.0}, constraints={"home_region": "polandcentral"})
    stays, moves = (
        taken(case, way("calendar", "sized", timing), deployment=HERE) for timing in ("now", "place")
    )
    assert year(case, moves, "carbon") < year(case, stays, "carbon")
    (sent,) = some(moves, Resource.TRANSFER)
    assert not some(stays, Resource.TRANSFER)
    judged = upkeep.evaluation(case, MODEL, LORA, way("calendar", "sized", "place"))
    knowledge = case.scenario.knowledge
    # samples a month of 1,500 tokens and the examples twice a year, at four bytes a token
    tokens = judged.samples * 1500 + 2 / 12 * knowledge.examples * knowledge.tokens_per_example
    assert central(sent.quantity) == pytest.approx(tokens * 4 / 1e9)
    own = case.varied({"measurements.network_kwh_per_gb": 0.5})
    (metered,) = some(taken(own, way("calendar", "sized", "place"), deployment=HERE), Resource.TRANSFER)
    assert central(metered.footprint["energy"]) == pytest.approx(0.5 * central(sent.quantity))
    region = cleanest_allowed(case)
    assert {line.place for line in moves} >= {f"region:{region}"}


def test_jobs_run_where_it_is_deployed_or_in_the_region_used() -> None:
    case = case_of(constraints={"home_region": "polandcentral", "residency": "SE"})
    assert job_region(case, HERE) == "polandcentral"
    # nothing leaves Sweden, so jobs do not run at home in Poland either
    assert job_region(case, SERVICE) == "swedencentral"


def test_a_grid_without_a_shape_saves_nothing() -> None:
    case = case_of(constraints={"home_region": "eastus", "regions_allowed": ["eastus"]})
    assert not shape_of(case, "eastus").known
    assert saving(case, "eastus", 4, 24, True).share == 0.0


def test_a_californian_job_moves_into_the_sun() -> None:
    case = case_of(constraints={"home_region": "westus", "regions_allowed": ["westus"]})
    found = saving(case, "westus", 4, 24, False)
    assert 8 <= found.start_hour <= 13
    assert found.share > 0.1


def test_the_weather_is_the_same_in_the_ensemble_and_in_the_central_case() -> None:
    case = case_of(constraints={"home_region": "westus"})
    assert saving(case, "westus", 4, 24, True) == saving(case.centre, "westus", 4, 24, True)


def test_a_batch_job_of_its_own_is_paid_for() -> None:
    """30 jobs of 6 kWh a month at 15 W are 12,000 h of four cores, at 19 cents 2,280 USD."""
    case = case_of(operations={"job_kwh": 6, "job_measures": "another job"})
    found = upkeep.whatever_answers(case, SERVICE, OperationSetting("never", "planned", "now"))
    (job,) = (line for line in found if line.what == "batch job")
    jobs = case.central("operations.jobs_per_month", "item/month")
    assert central(job.footprint["cost"]) == pytest.approx(6 * jobs / 0.015 * 0.19)
