"""Exports of Azure Carbon Optimization, whole and broken, beside a plan."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from advisor.catalogue import DATA, open_catalogue
from advisor.core.errors import MeasurementError
from advisor.core.footprint import Footprint
from advisor.outputs import measured_emissions
from advisor.outputs.measured_emissions import measured, monthly, read_carbon_export, reality_check
from advisor.scenario import parse_scenario
from advisor.system.case import Case

CSV = """\ufeffMonth,Subscription,Resource Group,Scope,Emissions (kgCO2e)
2026-08-01,one,rg-assistant,Scope1,0.5
2026-08-01,one,rg-assistant,Scope2,4
2026-08-01,one,rg-other,Scope2,90
2026-09,one,RG-Assistant,Scope3,7.5
"""
ITEM = {"dataType": "ResourceGroupTopItemsMonthlySummaryData", "categoryType": "ResourceGroup",
        "previousMonthEmissions": 1.0, "resourceGroupUrl": "/subscriptions/0/resourcegroups/rg-assistant",
        "subscriptionId": "0"}  # fmt: skip


def write(tmp_path: Path, text: str, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_adds_up_by_month_and_group(tmp_path: Path) -> None:
    found = read_carbon_export(write(tmp_path, CSV))
    # August: 0.5 + 4 in the group, 90 beside it; September: 7.5
    assert monthly(found, "rg-assistant") == {date(2026, 8, 1): 4.5, date(2026, 9, 1): 7.5}
    assert monthly(found) == {date(2026, 8, 1): 94.5, date(2026, 9, 1): 7.5}


def test_tonnes_become_kilograms(tmp_path: Path) -> None:
    found = read_carbon_export(write(tmp_path, "date,emissions (mtCO2e)\n2026-08-01,0.0045\n"))
    assert monthly(found) == {date(2026, 8, 1): pytest.approx(4.5)}


def test_the_api_s_json_adds_up_over_pages(tmp_path: Path) -> None:
    first = {
        "value": [ITEM | {"itemName": "rg-assistant", "date": "2026-08-01", "latestMonthEmissions": 3.0}]
    }
    second = {"value": [ITEM | {"itemName": "rg-assistant", "date": "2026-09-01", "latestMonthEmissions": 5}]}
    found = read_carbon_export(write(tmp_path, json.dumps([first, second]), "pages.json"))
    assert monthly(found, "RG-ASSISTANT") == {date(2026, 8, 1): 3.0, date(2026, 9, 1): 5.0}
    details = {
        "value": [{"dataType": "ResourceGroupItemDetailsData", "itemName": "a", "latestMonthEmissions": 2}]
    }
    assert monthly(read_carbon_export(write(tmp_path, json.dumps(details), "items.json"))) == {None: 2.0}


BROKEN = {
    "empty": ("", "a column of emissions"),
    "no rows": ("month,kgCO2e\n", "rows of emissions"),
    "another table": ("a,b\n1,2\n", "found a, b"),
    "a list": ("[1]", "a list under 'value'"),
    "cut short": ('{"value": [', "expected JSON"),
    "denied": (
        '{"value": [], "subscriptionAccessDecisionList": [{"subscriptionId": "0", "decision": "Denied"}]}',
        "0 denied",
    ),
    "deep": ("[" * 100_000, "expected JSON"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_export_is_refused(name: str, tmp_path: Path) -> None:
    text, told = BROKEN[name]
    with pytest.raises(MeasurementError, match=told):
        read_carbon_export(write(tmp_path, text))


def test_every_bad_row_is_told_with_its_line(tmp_path: Path) -> None:
    text = "month,kgCO2e\n2026-08,-1\nAugust,2\n2026-08,nan\n2026-08,much\n"
    with pytest.raises(MeasurementError) as caught:
        read_carbon_export(write(tmp_path, text))
    assert [fault.where for fault in caught.value.faults] == [f"export.csv:{line}" for line in (2, 3, 4, 5)]


def test_an_unknown_group_names_those_there_are(tmp_path: Path) -> None:
    found = read_carbon_export(write(tmp_path, CSV))
    with pytest.raises(MeasurementError, match="rg-assistant, rg-other"):
        monthly(found, "rg-missing")


def test_measured_stands_beside_the_plan_and_bases_stay_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = parse_scenario({"schema_version": 1, "name": "Check", "task": "chat"})
    case = Case(scenario, open_catalogue(offline=True), size=10)
    # 12 kg market-based, 24 kg embodied and 600 kg location-based a year: 3 kg and 52 kg in a month
    year = Footprint.of(case.size, carbon_market=12.0, embodied=24.0, carbon_location=600.0)
    monkeypatch.setattr(measured_emissions, "final_option", lambda *_: SimpleNamespace(year=year))
    table = reality_check(case, [], read_carbon_export(write(tmp_path, CSV)), "rg-assistant")
    assert table.rows[0] == (
        "2026-08",
        4.5,
        *(pytest.approx(3.0),) * 3,
        pytest.approx(52.0),
        pytest.approx(1.5),
    )


def test_an_export_beside_a_template_s_plan_is_told_as_text(tmp_path: Path) -> None:
    text = measured(write(tmp_path, CSV), DATA / "scenarios" / "contact_centre.yaml", "rg-assistant")
    assert "Measured by Azure Carbon Optimization for rg-assistant" in text
    assert "2026-08" in text
    assert "4.5" in text
