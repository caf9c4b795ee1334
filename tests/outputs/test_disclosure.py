"""What goes into a sustainability report: the score by hand, totals that add up, the quality of each line."""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.core.errors import AdvisorError
from advisor.core.footprint import Footprint
from advisor.decide.option import Option
from advisor.outputs.disclosure import TIERS, _scoped, as_csv, as_xlsx, disclosure, tier, write_disclosure
from advisor.scenario import parse_scenario, with_values
from advisor.steps import final_option, run
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.opening import open_case, template


@cache
def decided(name: str, **own: object) -> tuple[Case, Option]:
    case = Case(open_case(template(name)).given, open_catalogue(offline=True), 20)
    plan = final_option(case, run(case, flips=False))
    assert plan is not None
    return case, plan


def test_the_score_is_operational_plus_embodied_over_accepted_answers() -> None:
    """SCI = (O + M) / R, in grams, R the requests of a year times the share accepted."""
    case, plan = decided("contact_centre")
    rows = {row[0]: row for row in disclosure(case, plan).score}
    operational, embodied = (central(plan.year[name]) for name in ("carbon_location", "embodied"))
    answers = central(case.full(case.workload.requests_per_year)) * central(plan.quality)
    assert rows["SCI per accepted answer"][1] == pytest.approx(1000 * (operational + embodied) / answers)
    assert rows["SCI per accepted answer"][1] > rows["SCI per request"][1]
    assert str(rows["Boundary, left out"][1]).startswith("pre-training")


@pytest.mark.parametrize("name", ["contact_centre", "factory_edge", "nightly_reports"])
def test_totals_by_scope_and_phase_add_up_on_both_bases(name: str) -> None:
    case, plan = decided(name)
    *parts, total = disclosure(case, plan).totals[1:]
    for column, basis in ((2, "location"), (3, "market")):
        wanted = central(plan.year.carbon(basis))  # type: ignore[arg-type]
        assert sum(float(row[column]) for row in parts) == pytest.approx(wanted)
        assert total[column] == pytest.approx(wanted)


def test_devices_of_ones_own_are_scope_2_and_all_else_is_bought() -> None:
    case, plan = decided("factory_edge")
    scopes = {str(row[0]).partition(" (")[0] for row in disclosure(case, plan).totals[1:-1]}
    assert {"Scope 2", "Scope 3, category 2"} <= scopes
    case, plan = decided("contact_centre")
    scopes = {str(row[0]).partition(" (")[0] for row in disclosure(case, plan).totals[1:-1]}
    assert scopes == {"Scope 3, category 1"}


def test_a_machine_of_ones_own_takes_power_that_is_bought_and_goods_of_ones_own() -> None:
    """Its electricity is scope 2 and its making scope 3, category 2; the data beside it is bought."""
    given = parse_scenario({
        "schema_version": 1, "name": "Lab", "task": "chat", "knowledge": {"gap": "none"},
        "own_machines": {"lab": {"gpu": "l4", "gpu_count": 1, "usd_per_hour": 0.001}},
        "constraints": {"models_compared": ["llama-3.1-8b"], "residency": "DE",
                        "home_region": "germanywestcentral", "users_near": ["germanywestcentral"]},
        "priorities": {"cost": 1, "carbon": 0, "quality": 0, "water": 0},
    })  # fmt: skip
    case = Case(given, open_catalogue(offline=True), 20)
    plan = final_option(case, run(case, flips=False))
    assert plan is not None
    assert plan.plan.deployment.machine == "lab"
    scopes = {str(row[0]).partition(" (")[0] for row in disclosure(case, plan).totals[1:-1]}
    assert scopes == {"Scope 2", "Scope 3, category 1", "Scope 3, category 2"}


def test_what_is_made_on_devices_of_ones_own_is_bought_from_nobody() -> None:
    """Images made on a device are no service, whatever resource they are: its power 3 kg, its making 1 kg."""
    year = Footprint.of(1, carbon_location=3.0, carbon_market=2.0, embodied=1.0)
    for place, scopes in (
        ("country:DEU", [("Scope 2", 3.0, 2.0), ("Scope 3, category 2", 1.0, 1.0)]),
        ("own:germanywestcentral", [("Scope 2", 3.0, 2.0), ("Scope 3, category 2", 1.0, 1.0)]),
        ("region:germanywestcentral", [("Scope 3, category 1", 4.0, 3.0)]),
        ("zone:eu", [("Scope 3, category 1", 4.0, 3.0)]),
    ):
        line = Line(
            Resource.MANAGED_TOKENS, "deployment", "per_request", "images", place, np.ones(1), "image", year
        )
        found = [(str(scope).partition(" (")[0], *kg) for scope, *kg in _scoped(line, year)]
        assert found == scopes, place


def test_every_line_has_one_of_four_tiers_and_their_shares_sum() -> None:
    case, plan = decided("contact_centre")
    found = disclosure(case, plan)
    assert {row[6] for row in found.lines[1:-1]} <= set(TIERS)
    *rows, total = found.quality[1:]
    assert [row[0] for row in rows] == list(TIERS)
    assert sum(float(row[3]) for row in rows) == pytest.approx(1.0)
    assert total[1] == len(plan.bill.lines)


def test_what_the_user_metered_is_measured() -> None:
    case, plan = decided("contact_centre")
    energy = {"wh_per_request": {model: {"wh": 0.5} for model in plan.plan.model.models}}
    own = case.with_scenario(with_values(case.given, {"measurements": energy}))
    metered = Option(own, plan.step, plan.judged, plan.told)
    line = next(
        one for one in metered.bill if one.resource is Resource.MANAGED_TOKENS and one.step == "deployment"
    )
    assert tier(own, metered, line) == "measured"
    assert tier(case, plan, line) == "modelled"


def test_files_hold_the_same_and_no_formula() -> None:
    case, plan = decided("contact_centre")
    named = case.with_scenario(with_values(case.given, {"name": "=1+1"}))
    found = disclosure(named, plan)
    rows = list(csv.reader(io.StringIO(as_csv(found))))
    assert ["Scenario", "'=1+1", ""] in rows
    book = load_workbook(io.BytesIO(as_xlsx(found)))
    assert book.sheetnames == ["Score", "Totals", "Data quality", "Lines"]
    cells = {cell.value: cell.data_type for row in book["Score"] for cell in row}
    assert cells["=1+1"] == "s"
    assert book["Lines"].max_row == len(plan.bill.lines) + 2


def test_nothing_is_written_without_a_plan(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="nothing to disclose"):
        write_disclosure(template("contact_centre"), tmp_path / "out", {"quality.floor": 1.0})
    assert not (tmp_path / "out").exists()
