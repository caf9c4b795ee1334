"""Classifiers without a GPU, and that the two first steps and the third tell the same story."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from advisor import steps
from advisor.catalogue import DATA, Catalogue
from advisor.decide.comparing import yearly
from advisor.scenario import load_scenario, parse_scenario
from advisor.system.case import Case
from advisor.system.option import Decision, Option


def through(case: Case, key: str) -> Decision:
    """The third step's decision after a classifier was chosen in the first."""
    first = steps.decide("foundation_model", case, {}, flips=False)
    prior = {"foundation_model": next(one for one in first.options if one.key == key)}
    second = steps.decide("improvement", case, prior, flips=False).choice
    assert second is not None
    return steps.decide("deployment", case, {**prior, "improvement": second}, flips=False)


def labels(catalogue: Catalogue, **workload: Any) -> Case:
    given = {
        "name": "A test", "task": "classify",
        "workload": {"output_tokens": 8, "input_tokens": 300, **workload},
        "knowledge": {"gap": "none", "examples": 5000}, "quality": {"floor": 0.5},
    }  # fmt: skip
    return Case(parse_scenario(given), catalogue, 40)


def option(decision: Decision, prefix: str) -> Option:
    return next(one for one in decision.options if one.key.startswith(prefix))


def test_few_requests_need_no_gpu(catalogue: Catalogue) -> None:
    case = labels(catalogue, requests_per_day=5000)
    found = through(case, "encoder:bert-base")
    assert found.choice is not None
    assert found.choice.key.startswith("processors")
    energy = [np.median(yearly(option(found, kind), case)["energy"]) for kind in ("processors", "container")]
    assert energy[0] < energy[1]


def test_one_container_by_hand(catalogue: Catalogue) -> None:
    """One container all year: 8,760 h at 15 W is 131 kWh of IT energy, the PUE on top."""
    case = labels(catalogue, requests_per_day=100, growth_per_year=0.0, peak_to_mean=1.0)
    found = option(through(case, "encoder:minilm-22m"), "processors")
    region = found.settings["region"]
    expected = (
        8760 * case.central("encoder.container_power", "kW") * case.central(f"regions.{region}.pue", "ratio")
    )
    assert np.median(yearly(found, case)["energy"]) == pytest.approx(expected, rel=0.15)


def test_claims_triage_is_told_alike_by_all_steps(catalogue: Catalogue) -> None:
    """What the first step took serving to need, the third finds within a factor of three."""
    case = Case(load_scenario(DATA / "scenarios" / "claims_triage.yaml"), catalogue, 40)
    first = steps.decide("foundation_model", case, {}, flips=False).choice
    assert first is not None
    found = through(case, first.key).choice
    assert found is not None
    ratio = np.median(yearly(found, case)["energy"]) / np.median(yearly(first, case)["energy"])
    assert 1 / 3 < ratio < 3
