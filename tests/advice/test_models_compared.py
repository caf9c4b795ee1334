"""A list of candidates restricts the comparison, and changes no figure of those that stay."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.scenario import parse_scenario
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.references import name_findings

LISTED = ["gpt-4.1-mini", "phi-4"]


def decided(catalogue: Catalogue, listed: list[str]):
    limits = {"regions_allowed": ["swedencentral"], "models_compared": listed}
    given = parse_scenario({"name": "A", "task": "rag_qa", "constraints": limits})
    return run(Case(given, catalogue, 64), flips=False)[0]


@pytest.fixture(scope="module")
def every(catalogue: Catalogue):
    return decided(catalogue, [])


@pytest.fixture(scope="module")
def few(catalogue: Catalogue):
    return decided(catalogue, LISTED)


def test_models_that_are_not_listed_are_not_compared(every, few) -> None:
    writing = {key for option in few.options for key in option.plan.model.models
               if option.plan.model.kind in ("single", "cascade", "router")}  # fmt: skip
    assert writing == set(LISTED)
    assert len([option for option in every.options if option.plan.model.kind == "single"]) > 50
    lighter = {option.key for option in every.options if option.plan.model.kind in ("encoder", "retrieval")}
    assert lighter <= {option.key for option in few.options}  # needing less is always an option


def test_those_that_stay_keep_their_figures(every, few) -> None:
    before = {option.key: option.year.values for option in every.options}
    for key in LISTED:
        option = next(option for option in few.options if option.key == key)
        np.testing.assert_array_equal(option.year.values, before[key])  # unknown marginal carbon included


def test_the_page_says_that_not_all_were_compared(catalogue: Catalogue, every, few) -> None:
    said = f"Of {len(catalogue.keys('models'))} models, 2 are compared, as the scenario asks."
    assert said in few.reasons
    assert not any("are compared, as" in reason for reason in every.reasons)


def test_a_name_that_no_model_has_is_told(catalogue: Catalogue) -> None:
    listed = ["gpt-4.1-minni", "text-embedding-3-small", "mine"]
    given = {"constraints": {"models_compared": listed}, "own_models": {"mine": {"config": "config.json"}}}
    near = {place: close for place, _, _, close in name_findings(given, catalogue)}
    assert near == {
        ("constraints", "models_compared", 0): "gpt-4.1-mini",
        ("constraints", "models_compared", 1): None,  # it only reads
    }
