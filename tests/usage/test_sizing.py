"""The profile reaches the decisions: what must be provisioned follows the log, and so does its range."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.draws import central, summary
from advisor.scenario import Scenario, with_values
from advisor.scenario.traffic import Interval, Quantiles, Tasks, Traffic, save_traffic
from advisor.system import provisioned, tokens
from advisor.system.bill import Bill, Resource
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.workload import Workload
from advisor.usage import read_usage

from .samples import azure_trace

DRAWS = 60
ASKED = (ModelSetting("single", ("gpt-4o",)), ImprovementSetting("prompt"))
UNITS = DeploymentSetting("ptu", "global", term="hourly")
BY_USE = DeploymentSetting("maas", "global")


def case_with(traffic: Traffic | None, folder: Path) -> Case:
    scenario = Scenario(name="test", task="chat")
    if traffic is not None:
        save_traffic(traffic, folder / "traffic.yaml")
        scenario = with_values(scenario, {"workload.traffic": "traffic.yaml"}, folder=folder)
    return Case(scenario, open_catalogue(offline=True), DRAWS)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    return read_usage([str(azure_trace(tmp_path_factory.mktemp("log")))])


def busy(profile: Traffic, low: float, high: float) -> Traffic:
    per_day = Interval(low=low, central=1_000_000, high=high)
    return profile.model_copy(update={"requests_per_day": per_day})


def test_capacity_follows_the_log(profile: Traffic, tmp_path: Path) -> None:
    """A hundred times the requests of a scenario without a log: units are held for the log's peak."""

    def held(traffic: Traffic | None) -> tuple[float, float]:
        case = case_with(traffic, tmp_path)
        units = sum(
            central(line.quantity)
            for line in provisioned.lines(case, *ASKED, UNITS)
            if line.phase == "standing" and line.footprint["cost"].any()
        )
        bill = Bill(case, provisioned.lines(case, *ASKED, UNITS))
        return units, central(bill.of_resource(Resource.ACCELERATOR_HELD)["cost"])

    (without, cheap), (with_log, dear) = held(None), held(busy(profile, 950_000, 1_050_000))
    assert with_log > 2 * without > 0
    assert dear / cheap == pytest.approx(with_log / without, rel=0.01)


def test_a_short_logs_range_stays_in_the_result(profile: Traffic, tmp_path: Path) -> None:
    """From 0.4 to 3 million a day is 7.5 times end to end, from 0.95 to 1.05 million 1.1 times."""

    def ends(traffic: Traffic) -> tuple[float, float, float]:
        case = case_with(traffic, tmp_path)
        return summary(Bill(case, tokens.lines(case, *ASKED, BY_USE)).year["cost"])

    short, whole = ends(busy(profile, 400_000, 3_000_000)), ends(busy(profile, 950_000, 1_050_000))
    assert short[2] / short[0] > 3 * whole[2] / whole[0]
    # one central case, however well it is known
    assert short[1] == pytest.approx(whole[1])


def workload(profile: Traffic, folder: Path, **changed: object) -> Workload:
    return case_with(profile.model_copy(update=changed), folder).workload


def share(value: float) -> Interval:
    return Interval(low=value, central=value, high=value)


def test_reasoning_in_the_log_is_not_reasoned_twice(profile: Traffic, tmp_path: Path) -> None:
    """Of a mean output three quarters are hidden: a quarter is visible, and all of it was generated."""
    mean = profile.output_tokens.mean
    load = workload(profile, tmp_path, reasoning_share=share(0.75))
    assert central(load.output_tokens) == pytest.approx(mean / 4)
    assert central(load.generated_tokens) == mean
    assert central(workload(profile, tmp_path).output_tokens) == mean


def test_what_a_cache_could_hold_counts_where_none_was_in_use(profile: Traffic, tmp_path: Path) -> None:
    """The cache's own share; else blocks sent again; else the histories of tasks; else the scenario's."""
    tasks = Tasks(
        told_by="trace", tasks=5, turns_mean=4, turns_p50=4, turns_p90=4, turns_maximum=4, prefix=share(0.6)
    )

    def cached(**changed: object) -> float:
        return central(workload(profile, tmp_path, **changed).cached_share)

    assert cached(cached_share=share(0.3), prefix_reuse=share(0.8), tasks=tasks) == pytest.approx(0.3)
    assert cached(cached_share=share(0.0), prefix_reuse=share(0.8), tasks=tasks) == pytest.approx(0.8)
    assert cached(tasks=tasks) == pytest.approx(0.6)
    assert cached() == Scenario(name="test", task="chat").workload.cached_input_share
    assert workload(profile, tmp_path, tasks=tasks).turns_per_task == 4


def test_histories_that_a_cache_keeps_spare_provisioned_units(profile: Traffic, tmp_path: Path) -> None:
    """Cached tokens count nothing towards a unit: with 90 % of the input kept, a call counts less."""

    def counted(kept: float) -> float:
        changed = {"prefix_reuse": share(kept), "input_tokens": Quantiles(mean=8_000)}
        case = case_with(profile.model_copy(update=changed), tmp_path)
        return provisioned.normalised_tokens(case, ASKED[0], "prompt")

    assert counted(0.9) < counted(0.0)


def test_near_repeats_are_what_a_cache_by_meaning_meets(profile: Traffic, tmp_path: Path) -> None:
    load = workload(profile, tmp_path, repeat_share=share(0.1), near_repeat_share=share(0.4))
    assert central(load.repeat_share) == pytest.approx(0.4)
