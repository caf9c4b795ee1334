"""From a key in YAML to the printed figure: the link holds, and any cut in it is noticed."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from advisor.catalogue import DATA, Catalogue, build, open_catalogue, reopen
from advisor.catalogue.packages import PROVIDERS
from advisor.catalogue.refresh import prices, run
from advisor.core.draws import central
from advisor.core.errors import DataError
from advisor.decide.option import Decision, Option
from advisor.scenario import load_scenario
from advisor.steps import decide
from advisor.system.case import Case
from advisor.view.faces import render
from tests.evidence.server import Reply, serving

SCENARIO = DATA / "scenarios" / "contact_centre.yaml"
KEY, NAME = "mlperf_power", "host.power_per_gpu"
TITLE = "A title that stands nowhere else, 7319"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped data with the title of one source changed."""
    folder = tmp_path_factory.mktemp("data")
    for path in DATA.glob("*.yaml"):
        shutil.copy(path, folder)
    sources = folder / "sources.yaml"
    text, changed = re.subn(rf"(  {KEY}:\n    title: ).*", rf'\1"{TITLE}"', sources.read_text())
    assert changed == 1
    sources.write_text(text)
    return folder


@pytest.fixture(scope="module")
def catalogue(data: Path) -> Catalogue:
    return build(data, PROVIDERS)


def decided(catalogue: Catalogue) -> tuple[Case, Decision]:
    case = Case(load_scenario(SCENARIO), catalogue, size=50)
    return case, decide("foundation_model", case, {}, flips=False)


def printed(case: Case, decision: Decision) -> bool:
    """Whether the page shows the figure's name, its value and the title of its source in one row."""
    value = case.catalogue.coefficient(NAME).central
    rows = re.findall(r"<tr.*?</tr>", render(decision, case), flags=re.DOTALL)
    return any(NAME in row and TITLE in row and f"{value:g}" in row for row in rows)


def test_a_source_in_yaml_reaches_the_page_beside_the_figure_it_supports(catalogue: Catalogue) -> None:
    case, decision = decided(catalogue)
    assert NAME in decision.evidence
    assert printed(case, decision)


def test_a_cut_in_the_data_is_refused(data: Path, tmp_path: Path) -> None:
    for path in data.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    server = tmp_path / "server.yaml"
    server.write_text(server.read_text().replace(KEY, f"{KEY}s"))
    with pytest.raises(DataError) as caught:
        build(tmp_path, PROVIDERS)
    told = str(caught.value)
    assert f"expected a source '{KEY}s', found none (did you mean '{KEY}'?)" in told


def test_a_cut_in_the_loader_is_noticed(catalogue: Catalogue) -> None:
    case, decision = decided(replace(catalogue, sources={}))
    assert not printed(case, decision)
    forgotten = {name: replace(found, sources=()) for name, found in catalogue.coefficients.items()}
    case, decision = decided(replace(catalogue, coefficients=forgotten))
    assert not printed(case, decision)


def test_a_cut_in_the_bill_is_noticed(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    case, decision = decided(catalogue)
    forgetful = property(lambda option: option.bill.evidence - {NAME})
    monkeypatch.setattr(Option, "evidence", forgetful)
    without = decision.exhibits, decision.evidence - {NAME}
    assert not printed(case, replace(decision, stated=frozenset(), show=lambda: without))


def test_a_cut_in_the_view_is_noticed(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    case, decision = decided(catalogue)
    for name, module in list(sys.modules.items()):
        if name.startswith("advisor.view") and hasattr(module, "link"):
            monkeypatch.setattr(module, "link", lambda *_: "")  # what the view prints a source with
    assert not printed(case, decision)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ADVISOR_OFFLINE", raising=False)
    reopen()
    yield tmp_path / "cache"
    reopen()


def doubled(meters: set[str]) -> list[dict[str, object]]:
    """Rows as the price list gives them for some meters, at twice the price of the snapshot."""
    text = resources.files("azure_genai_prices").joinpath("data", "snapshot.json").read_text()
    return [
        {key: value for key, value in item.items() if key != "regions"}
        | {"retailPrice": item["retailPrice"] * 2, "armRegionName": region, "type": "Consumption"}
        for item in json.loads(text)["items"]
        if item["meterName"] in meters
        for region in item["regions"]
    ]


def test_a_changed_price_moves_the_cost_and_the_page_names_the_day(cache: Path) -> None:
    shipped = open_catalogue(offline=True)
    _, decision = decided(shipped)
    assert decision.choice is not None
    names = sorted(name for name in decision.choice.evidence if name.startswith("prices."))
    meters = {part for name in names for part in re.findall("meter '(.+)'", shipped.coefficient(name).note)}
    assert meters
    items = doubled(meters)

    def route(_: str, query: dict[str, str], __: dict[str, str]) -> Reply:
        asked = re.findall("'(.+)'", query["$filter"])[0]
        rows = [item for item in items if asked in str(item["productName"])]
        return Reply({"Items": rows, "NextPageLink": None, "Count": len(rows)})

    day = date(2026, 11, 20)
    with serving(route) as server:
        api = replace(prices.api(), base=server.base)
        run([lambda found, today: prices.token_prices(api, found, today)], day)
    live_case, live = decided(open_catalogue())
    same = next(option for option in live.options if option.key == decision.choice.key)
    before, after = central(decision.choice.year["cost"]), central(same.year["cost"])
    assert after > before * 1.5
    assert live.choice is not None
    page = render(replace(live, choice=same), live_case)
    assert f"fetched {day}" in page
    assert f"refreshed {day}; shipped" in page
    # left aside, the shipped price and its cost are back
    _, again = decided(open_catalogue(offline=True))
    back = next(option for option in again.options if option.key == decision.choice.key)
    assert central(back.year["cost"]) == before
