"""A metered job that is the serving takes the place of its estimate, and is not added to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from system.settings import by, case_of, model_of, some, year

from advisor.core.draws import central
from advisor.core.footprint import INDICATORS
from advisor.system import answering, hosts, upkeep
from advisor.system.bill import Bill, Resource
from advisor.system.case import Case
from advisor.system.metered import measures_serving, metered
from advisor.system.plan import DeploymentSetting, OperationSetting

MODEL, PROMPT = model_of("phi-4"), by("prompt")
OWN = DeploymentSetting("maap", region="swedencentral", machine="nc24ads_a100_v4", precision="bf16")
NOW = OperationSetting("never", "planned", "now")
NIGHT = {
    "profile": "nightly_batch", "deferrable_share": 1.0, "requests_per_day": 9000, "growth_per_year": 0.0,
}  # fmt: skip


def night(**operations: Any) -> Case:
    return case_of(workload=NIGHT, operations={"job_kwh": 6.0, **operations})


@pytest.mark.parametrize(
    ("workload", "measures", "expected"),
    [
        (NIGHT, None, True),
        ({**NIGHT, "deferrable_share": 0.9}, None, False),
        ({**NIGHT, "profile": "evening"}, None, False),
        ({**NIGHT, "profile": "evening"}, "serving", True),
        (NIGHT, "another job", False),
    ],
)
def test_what_a_job_measures(workload: dict[str, Any], measures: str | None, expected: bool) -> None:
    case = case_of(workload=workload, operations={"job_kwh": 6.0, "job_measures": measures})
    assert measures_serving(case) is expected
    assert not measures_serving(case_of(workload=workload, operations={"job_measures": measures}))


def test_the_metered_energy_by_hand() -> None:
    """6 kWh a night, 30.4 nights a month, twelve months: 2,188.8 kWh of IT energy, the PUE on top."""
    case = night()
    served = hosts.lines(case, MODEL, PROMPT, OWN)
    lines = metered(case, served, served)
    pue = case.central("regions.swedencentral.pue", "ratio")
    assert year(case, lines) == pytest.approx(6 * 30.4 * 12 * pue)
    grid = case.central("regions.swedencentral.average_intensity", "g/kWh") / 1000.0
    assert year(case, lines, "carbon_location") == pytest.approx(2188.8 * pue * grid)
    # every draw holds the same IT energy: a meter has no range
    drawn = Bill(case, lines).year["energy"] / case.draw("regions.swedencentral.pue", "ratio")
    assert np.allclose(drawn, 2188.8)


@pytest.mark.parametrize(
    ("growth", "years", "per_day", "answered", "expected"),
    [
        # a job for each of today's days: growth of 8 % over five years is (1.08^5 - 1) / (5 ln 1.08) = 1.2196
        (0.08, 5, 9000, None, 6 * 30.4 * 12 * 1.2196),
        # 6 kWh answered 9,000 requests: twice as many a day take 6 / 9,000 x 18,000 x 365
        (0.0, 1, 18000, 9000, 6 / 9000 * 18000 * 365),
        (0.0, 1, 9000, 9000, 6 * 365),
    ],
)
def test_a_metered_job_grows_with_what_it_answers(
    growth: float, years: float, per_day: float, answered: float | None, expected: float
) -> None:
    workload = {**NIGHT, "growth_per_year": growth, "requests_per_day": per_day}
    case = case_of(
        workload=workload, timing={"horizon_years": years},
        operations={"job_kwh": 6.0, "job_requests": answered},
    )  # fmt: skip
    served = hosts.lines(case, MODEL, PROMPT, OWN)
    pue = case.central("regions.swedencentral.pue", "ratio")
    assert year(case, metered(case, served, served)) == pytest.approx(expected * pue, rel=1e-4)


@pytest.mark.parametrize(("answered", "rests"), [(None, True), (9000.0, False)])
def test_jobs_a_month_are_evidence_where_they_count(answered: float | None, rests: bool) -> None:
    """Where it is said how many requests a job answers, how many jobs a month has is no matter."""
    case = night(job_requests=answered)
    served = hosts.lines(case, MODEL, PROMPT, OWN)
    found = Bill(case, metered(case, served, served)).evidence
    assert ("operations.jobs_per_month" in found) is rests


def test_hardware_and_price_stay() -> None:
    case = night()
    before = hosts.lines(case, MODEL, PROMPT, OWN)
    after = metered(case, before, before)
    for indicator in ("embodied", "ewaste", "cost"):
        assert year(case, after, indicator) == pytest.approx(year(case, before, indicator))
    Bill(case, after).check()
    assert [line.what for line in after] == [line.what for line in before]
    # metals of the hardware stay, those behind the electricity follow it
    place = case.draw("regions.swedencentral.adpe", "kgSb/kWh")
    gap = Bill(case, after).year["adpe"] - Bill(case, before).year["adpe"]
    energy = Bill(case, after).year["energy"] - Bill(case, before).year["energy"]
    assert np.allclose(gap, energy * place)
    for indicator in INDICATORS:
        assert central(Bill(case, after).year[indicator]) >= 0 or indicator == "carbon_marginal"


def test_a_job_that_is_the_serving_is_charged_once() -> None:
    case, other = night(), night(job_measures="another job")
    jobs = [
        [line for line in upkeep.lines(one, MODEL, PROMPT, OWN, NOW) if line.what == "batch job"]
        for one in (case, other)
    ]
    assert jobs[0] == []
    (job,) = jobs[1]
    assert job.resource is Resource.UPKEEP
    pue = other.central("regions.swedencentral.pue", "ratio")
    assert year(other, (job,)) == pytest.approx(2188.8 * pue)
    lines = hosts.lines(other, MODEL, PROMPT, OWN)
    assert metered(other, lines, lines) == lines


def test_nothing_measured_or_nothing_served_stays_as_it_is() -> None:
    case = case_of(workload=NIGHT)
    lines = hosts.lines(case, MODEL, PROMPT, OWN)
    assert metered(case, lines, lines) == lines
    assert metered(night(), (), ()) == ()
    served = hosts.lines(night(), MODEL, PROMPT, OWN)
    assert some(metered(night(), served, served), Resource.HOST)


def test_a_cache_spares_its_share_of_what_the_meter_saw() -> None:
    """The meter saw the serving as it is, 2,188.8 kWh; of 0.4 repeats a quarter is found: a tenth less."""
    load = {**NIGHT, "repeat_share": 0.4, "turns_per_task": 1}
    case = case_of(0, workload=load, operations={"job_kwh": 6.0})
    bare = DeploymentSetting("maas", "regional", region="swedencentral")
    alone = [
        year(case, answering.alone(case, model_of("gpt-5.4-mini"), PROMPT, one))
        for one in (bare, replace(bare, cache="exact"))
    ]
    pue = case.central("regions.swedencentral.pue", "ratio")
    assert alone == pytest.approx([2188.8 * pue, 2188.8 * pue * 0.9])
