"""Azure's price list: every kind of meter is understood, by name, product and unit."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from system.settings import case_of

from advisor.catalogue.meters import Meter, not_understood, understand
from advisor.core.draws import central
from advisor.system.prices import disputed, token_price
from advisor.system.shape import Shape

MOST_UNKNOWN = 0.01


@pytest.fixture(scope="module")
def snapshot() -> list[dict[str, Any]]:
    text = resources.files("azure_genai_prices").joinpath("data", "snapshot.json").read_text(encoding="utf-8")
    items: list[dict[str, Any]] = json.loads(text)["items"]
    return items


def meter(name: str, product: str, unit: str) -> Meter:
    found = understand({"meterName": name, "productName": product, "unitOfMeasure": unit})
    assert found is not None
    return found


def test_less_than_one_meter_in_a_hundred_is_not_understood(snapshot: list[dict[str, Any]]) -> None:
    """The snapshot's 3,289 rows are 1,562 meters by product, name and unit."""
    every = {(row["productName"], row["meterName"], row["unitOfMeasure"]) for row in snapshot}
    assert len(every) == 1562
    unknown = not_understood(snapshot)
    assert len(unknown) < MOST_UNKNOWN * len(every), f"{len(unknown)} of {len(every)}: " + "; ".join(unknown)


def test_every_kind_of_sale_is_among_them(snapshot: list[dict[str, Any]]) -> None:
    found = [one for row in snapshot if (one := understand(row)) is not None]
    assert {one.sells for one in found} == {
        "provisioned units", "hosting of a tuned model", "training", "grading", "tokens", "images",
        "characters", "audio", "video", "pages", "sessions", "stored files", "file searches",
        "reranked searches", "nothing",
    }  # fmt: skip
    assert {one.mode for one in found} == {"standard", "batch", "priority"}
    assert {one.context for one in found} == {"short", "long"}
    assert {one.scope for one in found} == {"global", "data_zone", "regional"}
    assert {one.part for one in found if one.sells == "tokens"} == {
        "input", "cache_read", "cache_write", "output", "both",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "product", "unit", "expected"),
    [
        ("4.1 pp cd inp Dz Tokens", "Azure OpenAI PP FT GPT4s", "1K",
         ("tokens", "USD/ktok", "cache_read", "gpt-4.1", "data_zone", "priority", "short", False)),
        ("4.1 ft opt Dz Tokens", "Azure OpenAI PP FT GPT4s", "1K",
         ("tokens", "USD/ktok", "output", "gpt-4.1-ft", "data_zone", "standard", "short", True)),
        ("5.6 sol LongCo Cd Wr Std Gl 1M Tokens", "Azure OpenAI GPT5", "1M",
         ("tokens", "USD/Mtok", "cache_write", "gpt-5.6-sol", "global", "standard", "long", False)),
        ("5.4 longco batch opt Dz 1M Tokens", "Azure OpenAI GPT5", "1M",
         ("tokens", "USD/Mtok", "output", "gpt-5.4", "data_zone", "batch", "long", False)),
        ("4.3 Outp Glbl L Tokens", "Azure Grok Models", "1M",
         ("tokens", "USD/Mtok", "output", "grok-4.3", "global", "standard", "long", False)),
    ],
)  # fmt: skip
def test_what_a_token_meter_says(name: str, product: str, unit: str, expected: tuple[Any, ...]) -> None:
    one = meter(name, product, unit)
    assert (
        one.sells, one.unit, one.part, one.model, one.scope, one.mode, one.context, one.tuned,
    ) == expected  # fmt: skip


@pytest.mark.parametrize(
    ("name", "unit", "sells", "priced_in"),
    [
        ("Provisioned Managed Global Unit", "1/Hour", "provisioned units", "USD/PTU/h"),
        ("Provisioned Throughput Units", "1/Month", "provisioned units", "USD/PTU/month"),
        ("gpt-4.1-mini-ft hosting regional Unit", "1 Hour", "hosting of a tuned model", "USD/h"),
        ("OSS-20b FT Tokens", "1K", "training", "USD/ktok"),
        ("o4-mini RFT Training global Unit", "1 Hour", "training", "USD/h"),
        ("Sora 2 pro high res dzone Second", "1", "video", "USD/s"),
        ("OCR 4 DZ Pages", "1K", "pages", "USD/kpage"),
        ("Assistants-File Search-glbl GB", "1/Day", "stored files", "USD/GB/day"),
    ],
)
def test_what_other_meters_sell(name: str, unit: str, sells: str, priced_in: str) -> None:
    one = meter(name, "Azure OpenAI", unit)
    assert (one.sells, one.unit) == (sells, priced_in)


def test_hosting_of_tuned_models_is_what_the_meters_say(snapshot: list[dict[str, Any]]) -> None:
    """GPT-4.1 and its kin: $1.70 an hour globally, whatever the size."""
    case = case_of()
    hourly: dict[str, set[float]] = {}
    for row in snapshot:
        one = understand(row)
        if one is not None and one.sells.startswith("hosting") and one.scope == "global":
            hourly.setdefault(one.name.lower(), set()).add(float(row["retailPrice"]))
    for model in ("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "o4-mini"):
        found = set().union(*(prices for name, prices in hourly.items() if name.startswith(f"{model}-ft ")))
        assert found == {case.central(f"tuning.{model}.hosting", "USD/h")} == {1.7}, model


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Quantum thoughts", "1M"),  # neither read nor written
        ("gpt-4.1 Outp Tokens", "1 Hour"),  # tokens are not sold by the hour
        ("Provisioned Managed Global Unit", "1K"),  # nor units by the thousand
    ],
)
def test_what_does_not_fit_together_is_not_understood(name: str, unit: str) -> None:
    row = {"meterName": name, "productName": "Azure OpenAI", "unitOfMeasure": unit}
    assert not_understood([row, row]) == [f"Azure OpenAI: {name} ({unit})"]


def test_each_way_of_buying_a_token_by_hand() -> None:
    """GPT-5.4, global: 2,000 read of which 1,000 cached, 500 written.

    Standard: 1,000 x 2.50 + 1,000 x 0.25 + 500 x 15 = 2,500 + 250 + 7,500 = 10,250 -> $0.01025.
    Batch: 1,000 x 1.25 + 1,000 x 0.13 + 500 x 7.50 = 1,250 + 130 + 3,750 = 5,130 -> $0.00513.
    Priority: 1,000 x 5 + 1,000 x 0.50 + 500 x 30 = 5,000 + 500 + 15,000 = 20,500 -> $0.0205.
    EU data zone, standard: 1,000 x 2.75 + 1,000 x 0.275 + 500 x 16.50 = 11,275 -> $0.011275.
    """
    case, asked = case_of(), Shape(2000.0, 500.0, 1000.0)
    for row, tier, expected in (
        ("global", "standard", 0.01025), ("global", "batch", 0.00513), ("global", "priority", 0.0205),
        ("datazone_eu", "standard", 0.011275),
    ):  # fmt: skip
        price = token_price(case, "gpt-5.4", row, asked, tier)  # type: ignore[arg-type]
        assert price is not None
        assert central(price) == pytest.approx(expected, rel=1e-6), (row, tier)


def test_above_the_threshold_the_whole_request_reprices() -> None:
    """GPT-5.4, global, from 272,000 tokens read on.

    300,000 read, 100,000 of them cached, 1,000 written:
    200,000 x 5 + 100,000 x 0.50 + 1,000 x 22.50 = 1,000,000 + 50,000 + 22,500 -> $1.0725.
    At 272,000, none cached: 272,000 x 2.50 + 1,000 x 15 = 680,000 + 15,000 -> $0.695.
    """
    case = case_of()
    above = token_price(case, "gpt-5.4", "global", Shape(300_000.0, 1000.0, 100_000.0))
    below = token_price(case, "gpt-5.4", "global", Shape(272_000.0, 1000.0))
    assert above is not None
    assert below is not None
    assert central(above) == pytest.approx(1.0725)
    assert central(below) == pytest.approx(0.695)


def test_a_request_too_long_for_priority_is_billed_as_a_standard_one() -> None:
    """GPT-4.1, global, 130,000 read: above 128,000, so 130,000 x 2 + 1,000 x 8 = 268,000 -> $0.268.

    At 100,000: 100,000 x 3.50 + 1,000 x 14 = 364,000 -> $0.364.
    """
    case = case_of()
    long = token_price(case, "gpt-4.1", "global", Shape(130_000.0, 1000.0), "priority")
    short = token_price(case, "gpt-4.1", "global", Shape(100_000.0, 1000.0), "priority")
    assert long is not None
    assert short is not None
    assert central(long) == pytest.approx(0.268)
    assert central(short) == pytest.approx(0.364)


def test_what_is_put_into_a_prompt_cache_is_charged() -> None:
    """GPT-5.6 Terra, global, 4,000 read: 1,000 from the cache, 2,000 put into it, 1,000 neither; 100 written.

    1,000 x 2 + 1,000 x 0.20 + 2,000 x 2.50 + 100 x 12 = 2,000 + 200 + 5,000 + 1,200 = 8,400 -> $0.0084.
    GPT-4.1 has no such meter: 3,000 x 2 + 1,000 x 0.50 + 100 x 8 = 7,300 -> $0.0073.
    """
    case, asked = case_of(), Shape(4000.0, 100.0, 1000.0, 2000.0)
    charged = token_price(case, "gpt-5.6-terra", "global", asked)
    free = token_price(case, "gpt-4.1", "global", asked)
    assert charged is not None
    assert free is not None
    assert central(charged) == pytest.approx(0.0084)
    assert central(free) == pytest.approx(0.0073)


def test_a_page_and_a_bill_that_disagree_are_both_carried() -> None:
    """GPT-5.6 Luna: the page says 0.20 and 1.20, the meters of August 1.00 and 6.00: five times.

    1,000 read and 100 written: 200 + 120 = 320 against 1,000 + 600 = 1,600.
    """
    pair = disputed(case_of(), "gpt-5.6-luna", "global", Shape(1000.0, 100.0))
    assert pair is not None
    assert [central(one) for one in pair] == pytest.approx([0.00032, 0.0016])
    assert disputed(case_of(), "gpt-5.4", "global", Shape(1000.0, 100.0)) is None
