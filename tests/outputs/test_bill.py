"""Bills beside a plan, each figure worked out by hand."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.errors import MeasurementError
from advisor.measured.bill import Bill, is_bill, meter_of, read_bill, unit_size
from advisor.outputs.bill_beside_plan import beside, described, footprint, priced, reasons
from advisor.scenario import Scenario, with_values
from advisor.system.case import Case

FOCUS = """\
BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,PricingQuantity,\
PricingUnit,x_SkuMeterName,x_PricingBlockSize
1.25,USD,Usage,2026-11-03T00:00:00Z,5000000,Tokens,5000,1K Tokens,gpt 5 mini Inp glbl Tokens,1000
4.00,USD,Usage,2026-11-03T00:00:00Z,2000000,Tokens,2000,1K Tokens,gpt 5 mini Outp glbl Tokens,1000
"""
COSTS = "Date;MeterName;UnitOfMeasure;Quantity;CostInBillingCurrency;ChargeType;BillingCurrencyCode\n"


def bill(folder: Path, text: str | bytes, name: str = "bill.csv") -> Bill:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    assert is_bill(path)
    return read_bill(path)


def costs(*rows: str) -> str:
    return (COSTS + "\n".join(rows) + "\n").replace(";", ",")


def test_tokens_and_money_by_meter(tmp_path: Path) -> None:
    """5,000 thousand in for 1.25 is 0.25 a million; 2 million out for 4."""
    found = bill(tmp_path, FOCUS)
    assert [(c.meter.model, c.meter.kind, c.tokens, c.paid) for c in found.charges] == [
        ("gpt-5-mini", "output", 2e6, 4.0), ("gpt-5-mini", "input", 5e6, 1.25),
    ]  # fmt: skip
    assert (found.paid, found.currency, found.days, found.other, found.said) == (5.25, "USD", 1, {}, ())


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("part_0.csv", data)
    return out.getvalue()


GERMAN = (
    COSTS
    + "2026-11-03;gpt 5 mini Inp glbl Tokens;1K;5.000;1,25;Usage;USD\n"
    + "2026-11-03;gpt 5 mini Outp glbl Tokens;1M;2;4,00;Usage;USD\n"
)


@pytest.mark.parametrize(
    "changed",
    [
        FOCUS.encode("utf-16"), FOCUS.encode("utf-8-sig"), gzip.compress(FOCUS.encode()),
        zipped(FOCUS.encode()), FOCUS.replace("\n", "\r\n").encode(), ("sep=,\n" + FOCUS).encode(),
        ("Costs of November\n\n" + FOCUS).encode(), FOCUS.replace(",", "\t").encode(),
        GERMAN.encode("utf-16"),
    ],
    ids=["utf-16", "mark", "gzip", "zip", "returns", "sep", "title", "tabs", "german"],
)  # fmt: skip
def test_a_bill_says_the_same_however_it_is_written(changed: bytes, tmp_path: Path) -> None:
    assert bill(tmp_path, changed).charges == bill(tmp_path, FOCUS, "good.csv").charges


def test_numbers_written_two_ways_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError) as raised:
        bill(tmp_path, GERMAN.replace("4,00", "4.00"))
    (fault,) = raised.value.faults
    assert fault.where == "bill.csv:3"


@pytest.mark.parametrize(
    ("unit", "size"),
    [("1K", 1e3), ("1K Tokens", 1e3), ("1M", 1e6), ("1 Million Tokens", 1e6), ("100 thousand", 1e5),
     ("1,000", 1e3), ("Tokens", 1), ("1 Month", 1), ("", 1)],
)  # fmt: skip
def test_units(unit: str, size: float) -> None:
    assert unit_size(unit) == size


@pytest.mark.parametrize(
    "name", ["Provisioned Managed Global Unit", "gpt 4o FT Hosting Hour", "Standard S0", "", "\x1b[31m"]
)
def test_meters_of_other_things_count_no_tokens(name: str) -> None:
    assert not meter_of(name).tokens


def test_every_fault_with_its_line_and_none_of_its_text(tmp_path: Path) -> None:
    text = costs(
        "2026-11-03,gpt 5 mini Inp glbl Tokens,1K,secret,1,Usage,USD", "secret,x,1K,1,secret,Usage,USD"
    )
    with pytest.raises(MeasurementError) as raised:
        bill(tmp_path, text)
    assert [fault.where for fault in raised.value.faults] == ["bill.csv:2", "bill.csv:3", "bill.csv:3"]
    assert "secret" not in str(raised.value) + repr(raised.value.faults)
    with pytest.raises(MeasurementError, match="several currencies"):
        bill(tmp_path, FOCUS + FOCUS.splitlines()[1].replace("USD", "EUR") + "\n")


def test_credits_and_taxes_are_no_usage(tmp_path: Path) -> None:
    credit = FOCUS.splitlines()[1].replace("1.25", "-1.25").replace("Usage", "Credit")
    assert bill(tmp_path, FOCUS + credit + "\n").paid == 5.25


def case(**workload: float) -> Case:
    scenario = with_values(
        Scenario(name="test", task="chat"), {f"workload.{name}": value for name, value in workload.items()}
    )
    return Case(scenario, open_catalogue(offline=True), 60)


# a day of 1,000 requests: 10,000 in, of which 4,000 from a cache, and 500 out
PLAN = {"requests_per_day": 1000, "input_tokens": 10_000, "output_tokens": 500, "cached_input_share": 0.4}


def billed_day(folder: Path, fresh: float, cached: float, out: float, *more: str) -> Bill:
    return bill(folder, costs(
        f"2026-11-03,gpt 5 mini Inp glbl Tokens,1M,{fresh},1.5,Usage,USD",
        f"2026-11-03,gpt 5 mini cached Inp glbl Tokens,1M,{cached},0.1,Usage,USD",
        f"2026-11-03,gpt 5 mini Outp glbl Tokens,1M,{out},1,Usage,USD", *more,
    ))  # fmt: skip


def test_billed_beside_priced(tmp_path: Path) -> None:
    plan = case(**PLAN)
    assert priced(plan) == {"input": 6e6, "cache_read": 4e6, "output": 5e5}
    rows = {row[0]: row[1:] for row in beside(plan, billed_day(tmp_path, 6, 2, 0.5)).rows}
    assert rows["input not from a cache"] == pytest.approx((6e6, 6e6, 1))
    assert rows["input from a cache"] == pytest.approx((2e6, 4e6, 0.5))
    assert rows["output"] == pytest.approx((5e5, 5e5, 1))


WHY: dict[str, tuple[dict[str, float], tuple[float, float, float], str]] = {
    # the plan's 10 million are the billed fresh 10; 5 cached come on top
    "left out": ({"cached_input_share": 0.0}, (10, 5, 0.5), "so the plan leaves them out"),
    # 7 fresh and 1.5 cached: 8.5, and 1.5 once more make the plan's 10
    "twice": ({"cached_input_share": 0.0}, (7, 1.5, 0.5), "counted twice"),
    "more": ({"cached_input_share": 0.1}, (5, 5, 0.5), "50 % of billed input came from a cache"),
    "less": ({}, (9, 1, 0.5), "counts on a cache that the bill does not show"),
    "as priced": ({}, (6, 4, 0.5), "billed output is what the plan prices"),
    "retries": ({"retry_rate": 0.1}, (6, 4, 0.6), "requests sent again are 10 % of it"),
}


@pytest.mark.parametrize("name", WHY)
def test_why_they_part(name: str, tmp_path: Path) -> None:
    changed, (fresh, cached, out), said = WHY[name]
    found = list(reasons(case(**PLAN | changed), billed_day(tmp_path, fresh, cached, out)))
    assert any(said in reason for reason in found), found


def test_other_terms_and_other_meters_are_named(tmp_path: Path) -> None:
    """A tenth of the fresh tokens again on priority, at 4 a million where standard asks 0.25: 2.25 more."""
    more = (
        "2026-11-03,gpt 5 mini pp Inp glbl Tokens,1M,0.6,2.4,Usage,USD",
        "2026-11-03,Provisioned Managed Global Unit,1 Hour,50,50,Usage,USD",
    )
    found = billed_day(tmp_path, 6, 4, 0.5, *more)
    said = " ".join(reasons(case(**PLAN), found))
    assert "priority processing: 2.4 USD, 2.25 more than at this bill's standard meters" in said
    assert "50 USD went on meters that count no tokens: Provisioned Managed Global Unit" in said
    assert "Provisioned" not in described(found)


def test_what_billed_tokens_took_without_a_log(tmp_path: Path) -> None:
    """Twice the tokens take twice the energy and carbon; a bill of no known model says so."""
    plan = case(**PLAN)
    (one,), (two,) = (
        footprint(plan, billed_day(tmp_path, 6 * times, 4 * times, 0.5 * times)).rows for times in (1, 2)
    )
    assert one[0] == "gpt-5-mini"
    for single, double in zip(one[1:], two[1:], strict=True):
        assert isinstance(single, float)
        assert double == pytest.approx(2 * single)
        assert single > 0
    only_input = bill(tmp_path, FOCUS.rsplit("\n", 2)[0] + "\n", "in.csv")
    assert "gpt-5-mini" in footprint(plan, only_input).note


def test_logs_are_no_bills(tmp_path: Path) -> None:
    for place, data in enumerate(
        (b"", b"PK\x03\x04", b"\x1f\x8b\x00", b"TIMESTAMP,ContextTokens\n1,2\n", b"{}")
    ):
        path = tmp_path / f"{place}.csv"
        path.write_bytes(data)
        assert not is_bill(path)
    assert not is_bill(tmp_path / "absent.csv")
