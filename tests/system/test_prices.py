"""The price of a request by its tokens: one function for every step."""

from __future__ import annotations

import pytest
from system.settings import case_of

from advisor.core.draws import central
from advisor.system.plan import DeploymentSetting
from advisor.system.prices import Tier, offer, token_price
from advisor.system.shape import Shape

SHAPE = Shape(2000.0, 500.0, 1000.0)


def usd(model: str, row: str, shape: Shape = SHAPE, tier: Tier = "standard") -> float | None:
    price = token_price(case_of(), model, row, shape, tier)
    return None if price is None else central(price)


def meter(name: str) -> float:
    return case_of().central(f"prices.{name}", "USD/Mtok")


def test_each_meter_is_billed() -> None:
    """1,000 fresh, 1,000 cached, 500 written."""
    name = "gpt-4o-mini.global"
    by_hand = 1000 * meter(f"{name}.input") + 1000 * meter(f"{name}.cached") + 500 * meter(f"{name}.output")
    assert usd("gpt-4o-mini", "global") == pytest.approx(by_hand / 1e6)


def test_batches_have_a_price_of_their_own_and_no_prompt_cache() -> None:
    name = "gpt-4o-mini.global"
    by_hand = 2000 * meter(f"{name}.batch_input") + 500 * meter(f"{name}.batch_output")
    assert usd("gpt-4o-mini", "global", tier="batch") == pytest.approx(by_hand / 1e6)


def test_without_a_price_of_its_own_an_offer_takes_the_publishers_list_times_its_factor() -> None:
    """Of 405 pairs of model and offer, 103 had two prices; now the list stands in everywhere."""
    case = case_of()
    found = 0
    for model in case.catalogue.keys("models"):
        own = f"prices.{model}.global.input" in case
        listed = f"prices.{model}.list.input" in case and f"prices.{model}.list.output" in case
        price = token_price(case, model, "global", SHAPE)
        assert (price is not None) == (own or listed)
        if listed and not own:
            at_list = token_price(case, model, "list", SHAPE)
            factor = "price_multiplier.global"
            times = case.central(factor, "ratio") if factor in case else 1.0
            assert at_list is not None
            assert price is not None
            assert central(price) == pytest.approx(central(at_list) * times)
            found += 1
    assert found


def test_a_model_nobody_prices_has_no_price() -> None:
    case = case_of()
    unpriced = next(
        key for key in case.catalogue.keys("models")
        if not any(name.startswith(f"prices.{key}.") for name in case.catalogue.coefficients)
    )  # fmt: skip
    assert token_price(case, unpriced, "global", SHAPE) is None


def test_the_row_of_a_deployment() -> None:
    assert offer(DeploymentSetting("maas", "global")) == "global"
    assert offer(DeploymentSetting("maas", "datazone", zone="eu")) == "datazone_eu"
    assert offer(DeploymentSetting("maas", "regional", region="swedencentral")) == "regional"


def test_every_tier_of_a_model_that_bills_cache_writes_bills_them() -> None:
    """Nine rows billed them as plain input: the priority tier of three models in three offers."""
    case = case_of()
    names = [name for name in case.catalogue.coefficients if name.startswith("prices.")]
    rows = {name.removesuffix("cache_write").rsplit(".", 1)[0] for name in names if "cache_write" in name}
    assert rows
    for name in names:
        row, part = name.rsplit(".", 1)
        if row in rows and part.endswith("input") and part != "batch_input":
            written = case.central(f"{row}.{part.removesuffix('input')}cache_write", "USD/Mtok")
            assert written == pytest.approx(1.25 * case.central(name, "USD/Mtok")), name


def test_the_priority_tier_bills_what_is_put_into_a_cache() -> None:
    """2,006 tokens in, 1,500 of them read from a cache and 400 put there, 482 out, on the faster tier:
    106 x 0.4 + 1,500 x 0.04 + 400 x 0.5 + 482 x 2.4 = 42.4 + 60 + 200 + 1,156.8 = 1,459.2 USD a million."""
    asked = Shape(2006.0, 482.0, 1500.0, 400.0)
    assert usd("gpt-5.6-luna", "global", asked, "priority") == pytest.approx(1459.2e-6)
