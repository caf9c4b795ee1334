"""What stands in two regions is charged in both: samples, what is asked again, caches, logs, tools."""

from __future__ import annotations

import pytest
from system.settings import by, case_of, model_of, some, year

from advisor.core.draws import central
from advisor.system import beyond_text, cache_gates, caches, calls, hosts, sites, training, upkeep
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.memory import varied
from advisor.system.plan import DeploymentSetting, OperationSetting

KEYS = ("swedencentral", "germanywestcentral")
PLACES = tuple(f"region:{key}" for key in KEYS)
TWO = {"regions_allowed": list(KEYS), "home_region": "germanywestcentral"}
MODEL, PROMPT = model_of("phi-4-mini"), by("prompt")
OWN = DeploymentSetting("maap", region=KEYS[0], machine="nc4as_t4_v3", precision="bf16")
PLANNED = OperationSetting("never", "planned", "now")
RUNS = {"availability": 0.99, "evaluation_runs_per_month": 4, "evaluation_samples": 500}
AGENT = {"calls_per_task": 10, "tools_per_call": 1.1, "tool_wh": 0.4}
LOAD = {"requests_per_day": 500, "retry_rate": 0.0, "turns_per_task": 1.0}


def made(survive: bool, **sections: object) -> Case:
    operations = {**RUNS, "survive_region_loss": survive}
    return case_of(constraints=TWO, operations=operations, workload=LOAD, **sections)


def per_kwh(case: Case) -> list[float]:
    """Carbon of a kWh of IT energy in Sweden and in Germany [kg]."""
    keys = (f"regions.{key}" for key in KEYS)
    return [
        case.central(f"{key}.pue", "ratio") * case.central(f"{key}.average_intensity", "g/kWh") / 1000
        for key in keys
    ]


def test_what_answers_in_two_regions_is_told_once_for_all() -> None:
    assert sites.answering(made(True), OWN) == PLACES
    assert sites.answering(made(False), OWN) == PLACES[:1]
    assert sites.answering(made(True), DeploymentSetting("maas", "datazone", zone="eu")) == ("zone:eu",)


def test_samples_are_answered_half_in_each_region() -> None:
    """2,000 a month, 1,000 in each: the mean of Swedish and German carbon a kWh, not Swedish alone."""
    case = made(True)
    found = upkeep.watching(case, MODEL, PROMPT, OWN, PLANNED)
    lines = [line for line in found if line.what.startswith("answering the samples")]
    assert tuple(line.place for line in lines) == PLACES
    assert [central(line.quantity) for line in lines] == [1000.0, 1000.0]
    (_, half), _ = hosts.work_at(case, MODEL, PROMPT, OWN)
    it_kwh = 2 * central(half["energy"]) / case.central("regions.swedencentral.pue", "ratio")
    carbon = year(case, lines, "carbon_location")
    assert carbon == pytest.approx(12 * 1000 * it_kwh * sum(per_kwh(case)))


def test_an_agents_tools_run_where_it_answers() -> None:
    """Eleven tools of 0.4 Wh a task: 2.2 Wh of it in each region, and so in each sample of it."""
    case = made(True, agent=AGENT)
    tools = [line for line in beyond_text.lines(case, MODEL, PROMPT, OWN) if "tools" in line.what]
    assert tuple(line.place for line in tools) == PLACES
    grams = [1000 * central(line.footprint["carbon_location"]) for line in tools]
    assert grams == pytest.approx([2.2 * kg for kg in per_kwh(case)])
    sample = calls.one_sample(case, MODEL, PROMPT, OWN)
    assert tuple(where for where, _ in sample.answered) == PLACES
    works = hosts.work_at(case, MODEL, PROMPT, OWN)
    for (_, whole), (_, call), line in zip(sample.answered, works, tools, strict=True):
        taken = 10 * central(call["energy"]) + central(line.footprint["energy"])
        assert central(whole["energy"]) == pytest.approx(taken)


def test_each_region_has_a_store_and_looks_up_half_of_the_questions() -> None:
    """Two stores at the price of one each; 500 questions a day are read, 250 in each region."""
    case, deployment = made(True), varied(OWN, cache="semantic")
    held = caches.lines(case, MODEL, PROMPT, deployment)
    stores, reads = some(held, phase="standing"), some(held, phase="per_request")
    assert tuple(line.place for line in stores) == tuple(line.place for line in reads) == PLACES
    price = case.central("cache.redis_price", "USD/month")
    assert year(case, stores, "cost") == pytest.approx(2 * 12 * price)
    kwh = central(caches.store_kwh(case, "semantic"))
    each = [12 * kwh * kg for kg in per_kwh(case)]
    assert year(case, stores, "carbon_location") == pytest.approx(sum(each))
    assert [central(line.quantity) for line in reads] == [0.5, 0.5]
    assert central(caches.store(case, deployment)["cost"]) == pytest.approx(2 * price)
    one = central(caches.lookup(case, deployment)["energy"])
    assert sum(central(line.footprint["energy"]) for line in reads) == pytest.approx(one)
    # a cache that takes twice as much must be hit more often to save any energy
    alone = cache_gates.break_even(made(False), MODEL, PROMPT, deployment)
    assert cache_gates.break_even(case, MODEL, PROMPT, deployment) > alone


def test_logs_and_shortened_prompts_are_shared_too() -> None:
    case = made(True)
    logs = [line for line in upkeep.whatever_answers(case, OWN, PLANNED) if line.what == "logs"]
    assert tuple(line.place for line in logs) == PLACES
    alone = [line for line in upkeep.whatever_answers(made(False), OWN, PLANNED) if line.what == "logs"]
    assert year(case, logs, "cost") == pytest.approx(year(case, alone, "cost"))
    shorter = [
        line
        for line in training.lines(case, MODEL, by("compression"), OWN)
        if line.resource is Resource.ACCELERATOR_WORK
    ]
    assert tuple(line.place for line in shorter) == PLACES
    assert sum(central(line.quantity) for line in shorter) == pytest.approx(1.0)


def test_poor_answers_are_asked_again_in_both() -> None:
    case = case_of(
        constraints=TWO, workload=LOAD,
        operations={**RUNS, "survive_region_loss": True, "quality_loss_per_day": 0.0001, "rework": 1.0},
        knowledge={"gap": "format", "examples": 2000},
    )  # fmt: skip
    found = upkeep.lines(case, MODEL, by("lora"), OWN, PLANNED)
    again: list[Line] = [line for line in found if line.what == "poor answers asked again"]
    assert tuple(line.place for line in again) == PLACES
    assert central(again[0].quantity) == central(again[1].quantity) > 0
