"""The profile reaches the decisions: what must be provisioned follows the log, and so does its range."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from advisor.system.option import Option

from advisor import steps
from advisor.catalogue import open_catalogue
from advisor.scenario import Scenario, with_values
from advisor.scenario.traffic import Interval, Traffic, save_traffic
from advisor.system.case import Case
from advisor.usage import read_usage

from .samples import azure_trace

DRAWS = 60


def case_with(traffic: Traffic | None, folder: Path) -> Case:
    scenario = Scenario(name="test", task="chat")
    if traffic is not None:
        save_traffic(traffic, folder / "traffic.yaml")
        scenario = with_values(scenario, {"workload.traffic": "traffic.yaml"}, folder=folder)
    return Case(scenario, open_catalogue(offline=True), DRAWS)


def deployments(case: Case) -> dict[str, Option]:
    prior: dict[str, Option] = {}
    for name, key in (("foundation_model", "gpt-4o"), ("improvement", "prompt")):
        prior[name] = next(option for option in steps.step(name).options(case, prior) if option.key == key)
    return {option.key: option for option in steps.step("deployment").options(case, prior)}


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    return read_usage([str(azure_trace(tmp_path_factory.mktemp("log")))])


def busy(profile: Traffic, low: float, high: float) -> Traffic:
    per_day = Interval(low=low, central=1_000_000, high=high)
    return profile.model_copy(update={"requests_per_day": per_day})


def test_capacity_follows_the_log(profile: Traffic, tmp_path: Path) -> None:
    def provisioned(traffic: Traffic | None) -> float:
        option = deployments(case_with(traffic, tmp_path))["ptu-global-hourly"]
        return float(np.median(option.parts.monthly["cost"]))

    assert provisioned(busy(profile, 950_000, 1_050_000)) > 2 * provisioned(None)


def test_a_short_logs_range_stays_in_the_result(profile: Traffic, tmp_path: Path) -> None:
    def spread(traffic: Traffic) -> float:
        case = case_with(traffic, tmp_path)
        parts = deployments(case)["maas-global"].parts
        cost = parts.per_year(case.workload.requests_per_year, 1)["cost"]
        low, high = np.quantile(cost, (0.1, 0.9))
        return float(high / low)

    assert spread(busy(profile, 400_000, 3_000_000)) > 3 * spread(busy(profile, 950_000, 1_050_000))
