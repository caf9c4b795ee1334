"""Every figure lies where its meaning makes sense, the shipped ones and a user's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalogue import Catalogue
from advisor.core.bounds import BOUNDS, Meaning, meaning_of
from advisor.core.errors import DataError, ScenarioError
from advisor.scenario import parse_scenario
from advisor.system.references import check_names


def test_every_shipped_figure_makes_sense_for_its_meaning(catalogue: Catalogue) -> None:
    for name, found in catalogue.coefficients.items():
        for value in (found.low, found.central, found.high):
            assert found.bounds.hold(value), f"{name}: {value} is not {found.bounds}"
            assert catalogue.bounds(name).hold(value), f"{name}: {value} is not {catalogue.bounds(name)}"


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("hardware.lifetime", Meaning.QUANTITY),
        ("hardware.utilisation", Meaning.PART),
        ("managed.busy_share", Meaning.PART),
        ("rag.chunk_tokens", Meaning.QUANTITY),
        ("machines.Standard_NC24ads_A100_v4.gpu_count", Meaning.COUNT),
        ("models.phi-4.total_params", Meaning.QUANTITY),
        ("models.phi-4.layers", Meaning.COUNT),
        ("regions.swedencentral.pue", Meaning.MULTIPLE),
        ("regions.swedencentral.wue", Meaning.AMOUNT),
        ("regions.swedencentral.average_intensity", Meaning.AMOUNT),
        ("regions.swedencentral.market_renewable_share", Meaning.SHARE),
        ("coverage.facts.rerank", Meaning.SHARE),
        ("prices.gpt-4.1-mini.global.input", Meaning.QUANTITY),
        ("storage_tiers.hot.retrieval", Meaning.AMOUNT),
        ("ptu.gpt-4.1-mini.global_minimum", Meaning.COUNT),
        ("network.marginal", Meaning.AMOUNT),
    ],
)
def test_a_figure_means_what_its_unit_or_its_entry_says(
    catalogue: Catalogue, name: str, meaning: Meaning
) -> None:
    found = next(found for key, found in catalogue.coefficients.items() if key == name or _like(key, name))
    assert (found.meaning or meaning_of(found.unit)) is meaning


def _like(key: str, name: str) -> bool:
    first, last = name.split(".", maxsplit=1)[0], name.rsplit(".", maxsplit=1)[-1]
    return name.startswith("machines.") and key.startswith(f"{first}.") and key.endswith(f".{last}")


OWN = {"low": 5.0, "central": 6.0, "high": 7.0, "owner": "Ops", "reason": "metered"}


def told(catalogue: Catalogue, name: str, unit: str, value: Any) -> dict[str, tuple[str, str]]:
    own = {**OWN, "low": value, "central": value, "high": value, "unit": unit}
    scenario = parse_scenario({"name": "A test", "task": "chat", "overrides": {name: own}})
    try:
        check_names(scenario, catalogue)
    except ScenarioError as error:
        return {fault.where: (fault.expected, fault.found) for fault in error.faults}
    return {}


@pytest.mark.parametrize(
    ("name", "unit", "value", "expected"),
    [
        # shipped 4 to 6 years for servers, 1,000 times around
        ("hardware.lifetime", "year", 0, "a number from 0.004 to 6000 year"),
        ("hardware.lifetime", "day", 1, "a number from 0.004 to 6000 year"),  # 1 ÷ 365 = 0.0027 years
        ("hardware.utilisation", "ratio", 0, "a number from 0.0003 to 1 ratio"),
        ("hardware.utilisation", "%", 101, "a number from 0.0003 to 1 ratio"),
        ("regions.swedencentral.pue", "ratio", 0.9, "a number from 1 to 100 ratio"),
        ("regions.swedencentral.market_renewable_share", "ratio", 1.1, "a number from 0 to 1 ratio"),
        ("rag.chunk_tokens", "tok", 0, "a number from 0.5 to 500000 tok"),
        ("models.phi-4.layers", "item", 0, "a whole number from 1 to 126000 item"),
        ("models.phi-4.layers", "item", 4.5, "a whole number from 1 to 126000 item"),
        ("models.phi-4.total_params", "Bparam", 0, "a number from 0.0006 to 4e+06 Bparam"),
        ("prices.gpt-4.1-mini.global.input", "USD/Mtok", 0, None),
        ("network.internet", "kWh/GB", 1e9, "a number from 0 to 59 kWh/GB"),
        ("network.internet", "kWh/GB", -1, "a number from 0 to 59 kWh/GB"),
    ],
)
def test_an_own_figure_that_makes_no_sense_is_told_with_its_place(
    catalogue: Catalogue, name: str, unit: str, value: float, expected: str | None
) -> None:
    found = told(catalogue, name, unit, value)
    assert set(found) == {f"overrides.{name}.{key}" for key in ("low", "central", "high")}
    for said, quoted in found.values():
        assert expected is None or said == expected
        assert quoted == f"{float(value)} {unit}"


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        ("hardware.lifetime", "day", 1000),
        ("regions.swedencentral.wue", "L/kWh", 0),
        ("regions.swedencentral.average_intensity", "g/kWh", 0),
        ("regions.swedencentral.pue", "ratio", 1),
        ("operations.loss.stable", "ratio/day", 0.01),
        ("storage_tiers.hot.retrieval", "USD/GB", 0),
        ("network.internet", "J/GB", 3.6e4),
    ],
)
def test_an_own_figure_that_makes_sense_is_taken(
    catalogue: Catalogue, name: str, unit: str, value: float
) -> None:
    assert told(catalogue, name, unit, value) == {}


@given(st.sampled_from(list(BOUNDS.values())), st.floats())
def test_bounds_hold_finite_numbers_alone(bounds: Any, value: float) -> None:
    if bounds.hold(value):
        assert math.isfinite(value)
        assert bounds.least <= value <= bounds.most
        assert not (bounds.above and value == bounds.least)
        assert not bounds.whole or value == int(value)


SOURCE = """sources:
  paper: {title: A paper, publisher: Somebody, url: "https://example.org", year: "2025"}
defaults: {source: paper, checked: 2026-01-02, confidence: published}
"""


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{value: [0.1, 0.2, 1.2], unit: ratio, meaning: share}", "from 0 to 1, found 1.2"),
        ("{value: 0, unit: ratio, meaning: part}", "above 0, at most 1, found 0"),
        ("{value: 2.5, unit: item, meaning: count}", "a whole number from 1 to 1e+06, found 2.5"),
        ("{value: -1, unit: kWh}", "from 0 to 1e+15, found -1"),
        ("{value: 0, unit: year}", "above 0, at most 1e+15, found 0"),
        ("{value: 1, unit: W, meaning: lots}", "'lots' is not a valid Meaning"),
    ],
)
def test_data_that_makes_no_sense_is_refused(
    make_catalogue: Callable[[dict[str, str]], Catalogue], entry: str, said: str
) -> None:
    with pytest.raises(DataError) as caught:
        make_catalogue({"a.yaml": f"{SOURCE}coefficients:\n  a.b: {entry}\n"})
    assert said in str(caught.value)
    assert "a.yaml: a.b" in str(caught.value)
