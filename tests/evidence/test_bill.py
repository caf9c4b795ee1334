"""Bills by meter, whole and broken, and where they part from a plan."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.errors import MeasurementError
from advisor.measured.bill import CACHED, INPUT, OUTPUT, is_bill, meter_of, read_bill, unit_size
from advisor.outputs.bill_beside_plan import beside, described, footprint, priced, reasons
from advisor.scenario import parse_scenario
from advisor.system.case import Case

FOCUS = """BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,\
PricingQuantity,PricingUnit,ServiceName,x_SkuMeterName,x_PricingBlockSize
1.25,USD,Usage,2026-11-03T00:00:00Z,5000000,Tokens,5000,1K Tokens,AI,gpt 5 mini Inp glbl Tokens,1000
4.00,USD,Usage,2026-11-03T00:00:00Z,2000000,Tokens,2000,1K Tokens,AI,gpt 5 mini Outp glbl Tokens,1000
"""
COSTS = """Date,MeterCategory,MeterName,Quantity,UnitOfMeasure,CostInBillingCurrency,BillingCurrency,\
ChargeType
11/03/2026,Foundry Models,gpt 5 mini Inp glbl Tokens,"5,000",1K,1.25,USD,Usage
11/04/2026,Foundry Models,gpt 5 mini cchd Inp glbl Tokens,3,1M,0.075,USD,Usage
11/04/2026,Foundry Models,gpt 5 mini PP Outp glbl Tokens,1000,1K,4.00,USD,Usage
11/04/2026,Foundry Models,gpt 5 mini Outp glbl Tokens,1000,1K,2.00,USD,Usage
11/04/2026,Virtual Machines,D4s v5,24,1 Hour,4.6,USD,Usage
11/04/2026,Foundry Models,gpt 5 mini Outp glbl Tokens,0,1K,-1.00,USD,Refund
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "bill.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_focus_export_gives_tokens_and_money(tmp_path: Path) -> None:
    """5,000,000 in for $1.25 and 2,000,000 out for $4: 0.25 and 2 dollars a million."""
    path = write(tmp_path, FOCUS)
    assert is_bill(path)
    bill = read_bill(path)
    assert bill.tokens(INPUT) == 5_000_000
    assert bill.tokens(OUTPUT) == 2_000_000
    assert bill.paid == pytest.approx(5.25)
    assert (bill.first, bill.days, bill.currency) == (date(2026, 11, 3), 1, "USD")
    assert {charge.meter.model for charge in bill.charges} == {"gpt-5-mini"}
    assert bill.said == ()
    assert "5,000,000 tokens, 1.25 USD" in described(bill)


def test_a_cost_management_export_gives_the_same(tmp_path: Path) -> None:
    """5,000 × 1K fresh, 3 × 1M cached, 1,000 × 1K of output each on two terms; the refund is no use."""
    bill = read_bill(write(tmp_path, COSTS))
    assert (bill.tokens(INPUT), bill.tokens(CACHED), bill.tokens(OUTPUT)) == (5e6, 3e6, 2e6)
    assert (bill.first, bill.last, bill.days) == (date(2026, 11, 3), date(2026, 11, 4), 2)
    assert bill.other == {"D4s v5": 4.6}
    assert bill.paid == pytest.approx(1.25 + 0.075 + 4 + 2)


def test_two_quantities_that_differ_are_said(tmp_path: Path) -> None:
    bill = read_bill(write(tmp_path, FOCUS.replace(",5000,1K", ",4000,1K")))
    assert bill.tokens(INPUT) == 5_000_000
    assert any("two quantities that differ" in said for said in bill.said)


@pytest.mark.parametrize(
    ("unit", "size"),
    [("1K Tokens", 1e3), ("1M", 1e6), ("Tokens", 1), ("1", 1), ("1,000 Tokens", 1e3), ("100 Hours", 100)],
)  # fmt: skip
def test_units(unit: str, size: float) -> None:
    assert unit_size(unit) == size


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("gpt 5 mini Inp glbl Tokens", ("gpt-5-mini", INPUT, "standard")),
        ("gpt 5 cchd Inp DZone Tokens", ("gpt-5", CACHED, "standard")),
        ("gpt 5.2 PP Inp glbl Tokens", ("gpt-5.2", INPUT, "priority")),
        ("D4s v5", ("", "", "standard")),
        ("Provisioned Managed Global Unit", ("", "", "standard")),
    ],
)
def test_meters_by_their_names(name: str, found: tuple[str, str, str]) -> None:
    meter = meter_of(name)
    assert (meter.model, meter.kind, meter.mode) == found


BROKEN = {
    "empty": ("", "a column such as"),
    "no rows": (FOCUS.splitlines()[0] + "\n", "rows of usage"),
    "no money": (FOCUS.replace("1.25,", "much,"), "what was paid"),
    "no day": (FOCUS.replace("2026-11-03T", "Tuesday"), "a day as"),
    "two currencies": (FOCUS.replace("4.00,USD", "4.00,EUR"), "one currency"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bill_is_refused(name: str, tmp_path: Path) -> None:
    text, told = BROKEN[name]
    with pytest.raises(MeasurementError, match=told):
        read_bill(write(tmp_path, text))


def case(**workload: float) -> Case:
    scenario = {"schema_version": 1, "name": "Check", "task": "chat", "workload": workload}
    return Case(parse_scenario(scenario), open_catalogue(offline=True), size=20)


def test_billed_stands_beside_priced(tmp_path: Path) -> None:
    """1,000 requests of 5,000 in, a fifth of it cached, and 1,000 out: 4 M, 1 M and 1 M a day."""
    plan = case(requests_per_day=1000, input_tokens=5000, output_tokens=1000, cached_input_share=0.2)
    assert priced(plan) == pytest.approx({INPUT: 4e6, CACHED: 1e6, OUTPUT: 1e6})
    rows = {str(row[0]): row[1:] for row in beside(plan, read_bill(write(tmp_path, COSTS))).rows}
    # over two days: 5 M, 3 M and 2 M
    assert rows["input not from a cache"] == pytest.approx((2.5e6, 4e6, 0.625))
    assert rows["input from a cache"] == pytest.approx((1.5e6, 1e6, 1.5))
    assert rows["output"] == pytest.approx((1e6, 1e6, 1.0))


def test_why_they_part_is_said(tmp_path: Path) -> None:
    """3 of 8 M are cached; half the output is on priority, $4 against the $2 of standard meters."""
    plan = case(requests_per_day=1000, input_tokens=5000, output_tokens=1000, cached_input_share=0.2)
    said = " ".join(reasons(plan, read_bill(write(tmp_path, COSTS))))
    assert "38 % of billed input came from a cache, the plan reckons with 20 %" in said
    assert "10 % of tokens are billed as priority processing: 4 USD, 2 more" in said
    assert "billed output is what the plan prices" in said
    assert "4.6 USD went on meters that count no tokens: D4s v5" in said
    # fresh input as planned, and the cache's on top of it
    whole = case(requests_per_day=1000, input_tokens=2500, output_tokens=1000, cached_input_share=0)
    assert "come on top" in " ".join(reasons(whole, read_bill(write(tmp_path, COSTS))))


def test_energy_and_carbon_follow_from_the_bill_alone(tmp_path: Path) -> None:
    plan = case()
    (row,) = footprint(plan, read_bill(write(tmp_path, FOCUS))).rows
    assert row[0] == "gpt-5-mini"
    low, central, high = (float(value or 0) for value in row[1:4])
    assert 0 < low < central < high
    double = FOCUS.replace("5000000", "10000000").replace("2000000", "4000000").replace(",5000,", ",10000,")
    (twice,) = footprint(plan, read_bill(write(tmp_path, double.replace(",2000,", ",4000,")))).rows
    assert float(twice[2] or 0) == pytest.approx(2 * central)
