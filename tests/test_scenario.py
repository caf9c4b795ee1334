"""Loading, saving, setting values by path, and telling what nobody has set."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalogue import DATA, Catalogue
from advisor.catalogue.translations import language
from advisor.core.errors import ScenarioError, UnknownNameError
from advisor.core.saying import here, speaking
from advisor.scenario import (
    Scenario,
    changed_fields,
    load_scenario,
    parse_scenario,
    save_scenario,
    scenario_yaml,
    schema,
    untouched,
    value_at,
    with_values,
)
from advisor.scenario.io import paths, split
from advisor.scenario.own import OwnModel
from advisor.scenario.traffic import Traffic, save_traffic
from advisor.scenario.validation import field_at
from advisor.system.case import Case
from advisor.system.references import check_names, name_findings

SMALLEST = """\
name: Help desk
task: chat
workload: {requests_per_day: 2000}
quality: {floor: 0.8}
constraints: {residency: EU}
"""


def scenario(**sections: object) -> Scenario:
    return parse_scenario({"name": "A test", "task": "chat", **sections})


def test_five_lines_are_enough(scenario_file: Callable[..., Path]) -> None:
    found = load_scenario(scenario_file(SMALLEST))
    assert found.workload.requests_per_day == 2000
    assert found.workload.input_tokens == 1000
    assert found.constraints.home_region == "westeurope"
    left = untouched(found)
    assert "workload.input_tokens" in left
    assert not {"workload.requests_per_day", "quality.floor", "constraints.residency", "task"} & set(left)


def test_every_field_has_a_title() -> None:
    for path in paths(Scenario):
        title, _ = field_at(Scenario, path)
        assert title
        assert title != path.rsplit(".", maxsplit=1)[-1], f"{path} has no title"


def test_the_shipped_schema_is_current() -> None:
    shipped = json.loads((DATA / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8"))
    assert shipped == schema()


def test_the_schema_completes_keys_and_bounds() -> None:
    found = schema()
    assert set(found["required"]) == {"name", "task"}
    assert found["additionalProperties"] is False
    requests = found["$defs"]["Workload"]["properties"]["requests_per_day"]
    assert (requests["minimum"], requests["maximum"], requests["unit"]) == (1, 1e8, "request/day")


def test_a_saved_scenario_is_read_as_it_was(tmp_path: Path) -> None:
    before = scenario(
        workload={"languages": ["en", "no"], "requests_per_day": 12.5},
        quality={"scores": {"gpt-4.1-mini": {"score": 0.8, "samples": 100}}},
        knowledge={"examples_licensed": "no", "changes_every_days": None},
        data_sets=[
            {"name": "Körper", "role": "corpus", "size_gb": 1e-3,
             "reads": [{"from_day": 0, "full_reads_per_month": 2}]},
        ],
        timing={"start": "2027-02-01", "deadlines": {"go": "2027-01-15"}},
        overrides={
            "regions.westeurope.pue": {
                "low": 1.1, "central": 1.2, "high": 1.3, "unit": "ratio", "owner": "Ops", "reason": "metered",
                "on": "2026-11-01",
            }
        },
        decisions={"deployment": {"choice": "batch", "on": "2026-11-20", "by": "Us", "reason": "cheap"}},
        notes={"workload.requests_per_day": "counted"},
    )  # fmt: skip
    save_scenario(before, tmp_path / "saved.yaml")
    after = load_scenario(tmp_path / "saved.yaml")
    assert after == before
    assert untouched(after) == untouched(before)
    assert after.timing.start == date(2027, 2, 1)
    assert scenario_yaml(after) == scenario_yaml(before)


@given(
    requests=st.floats(1, 1e8),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40),
    budget=st.none() | st.floats(1e-3, 1e12),
)
@settings(max_examples=25, deadline=None)
def test_any_valid_scenario_survives_saving(
    tmp_path_factory: pytest.TempPathFactory, requests: float, name: str, budget: float | None
) -> None:
    before = parse_scenario(
        {
            "name": name,
            "task": "chat",
            "workload": {"requests_per_day": requests},
            "constraints": {"budget_usd_per_year": budget},
        }
    )
    path = tmp_path_factory.mktemp("saved") / "it.yaml"
    save_scenario(before, path)
    assert load_scenario(path) == before


def test_words_that_old_yaml_takes_for_truth_stay_words(scenario_file: Callable[..., Path]) -> None:
    text = SMALLEST + "knowledge: {examples_licensed: no}\nconstraints2: 1\n"
    text = text.replace("constraints2: 1\n", "decisions: {deployment: {choice: batch, on: 2026-11-20}}\n")
    found = load_scenario(
        scenario_file(text.replace("quality: {floor: 0.8}", "ingestion: {edge_secured: yes}"))
    )
    assert found.knowledge.examples_licensed == "no"
    assert found.ingestion.edge_secured == "yes"
    assert found.decisions["deployment"].on == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("workload.input_tokens", ("workload", "input_tokens")),
        ("data_sets[2].rto_hours", ("data_sets", 2, "rto_hours")),
        ("data_sets[0].reads[1].from_day", ("data_sets", 0, "reads", 1, "from_day")),
        ("quality.scores.gpt-4.1.score", ("quality", "scores", "gpt-4.1", "score")),
        ("quality.scores.gpt-4.1", ("quality", "scores", "gpt-4.1")),
        ("constraints.provenance.gpt-4.1", ("constraints", "provenance", "gpt-4.1")),
        ("overrides.regions.westeurope.pue.low", ("overrides", "regions.westeurope.pue", "low")),
        ("overrides.regions.westeurope.pue", ("overrides", "regions.westeurope.pue")),
        ("notes.workload.input_tokens", ("notes", "workload.input_tokens")),
        ("decisions.deployment.choice", ("decisions", "deployment", "choice")),
    ],
)
def test_paths_know_that_names_hold_dots(path: str, parts: tuple[str | int, ...]) -> None:
    assert split(path) == parts


def test_values_are_set_by_path() -> None:
    before = scenario(data_sets=[{"name": "a", "role": "logs", "size_gb": 1}])
    after = with_values(
        before,
        {
            "workload.requests_per_day": 50_000,
            "data_sets[0].size_gb": 7,
            "quality.scores.gpt-4.1.score": 0.9,
            "quality.scores.gpt-4.1.samples": 50,
            "constraints.device.kind": "jetson_orin_nano",
            "notes.workload.requests_per_day": "counted",
        },
    )
    assert value_at(after, "workload.requests_per_day") == 50_000
    assert value_at(after, "data_sets[0].size_gb") == 7
    assert value_at(after, "quality.scores.gpt-4.1.score") == 0.9
    assert value_at(after, "constraints.device.count") == 1
    assert after.notes == {"workload.requests_per_day": "counted"}
    assert value_at(before, "data_sets[0].size_gb") == 1, "the original stays as it was"
    assert {path for path, _, _ in changed_fields(before, after)} == {
        "workload.requests_per_day", "quality.scores", "constraints.device", "data_sets", "notes",
    }  # fmt: skip


def test_settings_report_every_fault() -> None:
    with pytest.raises(ScenarioError) as caught:
        with_values(scenario(), {"workload.input_tokens": -1, "quality.floor": 2, "task": "sing"})
    assert [fault.where.split(" ")[0] for fault in caught.value.faults] == [
        "task",
        "workload.input_tokens",
        "quality.floor",
    ]


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("workload.requests_per_dya", "workload.requests_per_day"),
        ("worklaod.requests_per_day", "workload.requests_per_day"),
        ("data_sets[0].size", None),
        ("", None),
        ("name[0]", None),
    ],
)
def test_a_setting_that_names_nothing(path: str, near: str | None) -> None:
    with pytest.raises(ScenarioError) as caught:
        with_values(scenario(), {path: 3})
    if near:
        assert caught.value.faults[0].nearest == near
    with pytest.raises(ScenarioError):
        value_at(scenario(), path)


ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.lists(st.text(), max_size=2)
)


@given(
    st.dictionaries(st.sampled_from([*paths(Scenario), "data_sets[0].tier", "quality.scores.a.b.score"]), ANY)
)
@settings(max_examples=60, deadline=None)
def test_any_setting_is_taken_or_refused(values: dict[str, object]) -> None:
    before = scenario(data_sets=[{"name": "a", "role": "logs", "size_gb": 1}])
    try:
        after = with_values(before, values)
    except ScenarioError as error:
        told = len(error.faults)
        assert told
    else:
        assert with_values(after, {}) == after


def test_a_data_set_that_is_not_there_cannot_be_set() -> None:
    with pytest.raises(ScenarioError, match="names no field"):
        with_values(scenario(), {"data_sets[0].size_gb": 3})


def test_priorities_cannot_all_be_zero() -> None:
    with pytest.raises(ScenarioError, match="at least one priority above zero"):
        scenario(priorities={"carbon": 0, "cost": 0, "quality": 0, "water": 0})


def test_a_traffic_profile_is_read_and_kept(
    scenario_file: Callable[..., Path], make_traffic: Callable[..., Traffic], tmp_path: Path
) -> None:
    save_traffic(make_traffic(), tmp_path / "traffic.yaml")
    save_traffic(make_traffic(requests_per_day=99), tmp_path / "other.yaml")
    path = scenario_file("name: x\ntask: chat\nworkload: {traffic: traffic.yaml}\n")
    found = load_scenario(path)
    assert found.traffic is not None
    assert with_values(found, {"quality.floor": 0.5}).traffic == found.traffic
    assert with_values(found, {"workload.traffic": None}).traffic is None
    other = with_values(found, {"workload.traffic": "other.yaml"}, path.parent).traffic
    assert other is not None
    assert other.requests_per_day.central == 99
    # without the folder a new file cannot be read, and the old one must not stand in for it
    with pytest.raises(ScenarioError, match=r"workload\.traffic"):
        with_values(found, {"workload.traffic": "other.yaml"})


def test_an_override_moves_what_is_drawn(small_case: Callable[..., Case], tmp_path: Path) -> None:
    own = {"low": 5, "central": 6, "high": 7, "unit": "ratio", "owner": "Ops", "reason": "metered"}
    case = small_case()
    changed = with_values(case.scenario, {"overrides.spread": own})
    save_scenario(changed, tmp_path / "it.yaml")
    again = Case(load_scenario(tmp_path / "it.yaml"), case.catalogue, case.draws.size, 1)
    assert again.central("spread", "ratio") == 6
    assert (again.draw("spread", "ratio") > case.draw("spread", "ratio")).all()
    assert again.catalogue.coefficient("spread").note == "Ops: metered"


def test_an_override_of_nothing_is_refused_when_a_case_is_made(
    small_case: Callable[..., Case],
) -> None:
    own = {"low": 5, "central": 6, "high": 7, "unit": "ratio", "owner": "Ops", "reason": "metered"}
    with pytest.raises(UnknownNameError, match="did you mean 'spread'"):
        small_case(overrides={"spred": own})


def test_names_the_catalogue_lacks_are_told_together(catalogue: Catalogue) -> None:
    own = {"low": -1, "central": 6, "high": 7, "unit": "kg", "owner": "Ops", "reason": "metered"}
    wrong = scenario(
        quality={"scores": {"gpt-4.1-minny": {"score": 0.8, "samples": 10}}},
        constraints={
            "residency": "XX",
            "home_region": "westeurop",
            "users_near": ["westeurope", "norwayest"],
            "regions_allowed": ["xyzzy"],
            "provenance": {"lama": "yes"},
            "device": {"kind": "jetson_orin_nan"},
        },
        data_sets=[{"name": "a", "role": "logs", "size_gb": 1, "residency": "QQ"}],
        measurements={"wh_per_request": {"phi4": {"wh": 1}}},
        overrides={"regions.westeurope.pue": own, "regions.westeurope.puee": own},
    )
    with pytest.raises(ScenarioError) as caught:
        check_names(wrong, catalogue)
    near = {fault.where: fault.nearest for fault in caught.value.faults}
    assert near == {
        "quality.scores.gpt-4.1-minny": "gpt-4.1-mini",
        "constraints.provenance.lama": None,
        "measurements.wh_per_request.phi4": "phi-4",
        "constraints.home_region": "westeurope",
        "constraints.users_near[1]": "norwaywest",
        "constraints.regions_allowed[0]": None,
        "constraints.residency": None,
        "data_sets[0].residency": None,
        "constraints.device.kind": "jetson_orin_nano",
        "overrides.regions.westeurope.pue.unit": None,
        "overrides.regions.westeurope.pue.low": None,
        "overrides.regions.westeurope.puee": "regions.westeurope.pue",
    }


def test_a_language_is_a_code(catalogue: Catalogue) -> None:
    """ "German" would count as a language with little text, as a code that the catalogue lacks does."""
    with pytest.raises(ScenarioError, match="did you mean 'de'"):
        check_names(scenario(workload={"languages": ["en", "German"]}), catalogue)
    check_names(scenario(workload={"languages": ["pt-BR", "qu"]}), catalogue)


def test_a_language_and_a_region_are_known_by_what_people_call_them(catalogue: Catalogue) -> None:
    """Deutsch was taken for Dutch, and Frankfurt, where Germany West Central stands, for France."""
    called = scenario(
        workload={"languages": ["Deutsch", "Français"]},
        constraints={"home_region": "frankfurt", "users_near": ["Germany West Central", "Zürich"]},
    )
    with pytest.raises(ScenarioError) as caught:
        check_names(called, catalogue)
    assert {fault.where: fault.nearest for fault in caught.value.faults} == {
        "workload.languages[0]": "de",
        "workload.languages[1]": "fr",
        "constraints.home_region": "germanywestcentral",
        "constraints.users_near[0]": "germanywestcentral",
        "constraints.users_near[1]": "switzerlandnorth",
    }


def test_a_pilot_of_a_model_nobody_knows_is_told(
    scenario_file: Callable[..., Path], tmp_path: Path, catalogue: Catalogue
) -> None:
    (tmp_path / "pilot.csv").write_text("model,score\ngpt-4o-mni,1\nphi-4,0\n", encoding="utf-8")
    found = load_scenario(scenario_file("name: x\ntask: chat\nmeasurements: {pilot_log: pilot.csv}\n"))
    with pytest.raises(ScenarioError) as caught:
        check_names(found, catalogue)
    (fault,) = caught.value.faults
    assert (fault.where, fault.nearest) == ("measurements.pilot_log.gpt-4o-mni", "gpt-4o-mini")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Germany", "DE"), ("germany ", "DE"), ("uk", "GB"), ("United Kingdom", "GB"), ("DEU", "DE"),
        ("Swedn", "SE"), ("European Union", "EU"), ("Europe", "EU"), ("nowhere at all", None),
    ],
)  # fmt: skip
def test_a_country_by_its_name_is_told_its_code(
    catalogue: Catalogue, written: str, meant: str | None
) -> None:
    found = [close for place, _, _, close in name_findings({"constraints": {"residency": written}}, catalogue)
             if place == ("constraints", "residency")]  # fmt: skip
    assert found == [meant]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("regions.germanywestcentrl.average_intensity", "regions.germanywestcentral.average_intensity"),
        ("region.germanywestcentral.average_intensty", "regions.germanywestcentral.average_intensity"),
        ("prompt.added_token", "prompt.added_tokens"),
        ("models.qqqq.total_params", None),  # no such model, so no figure of it
        ("grid.de", None),  # a table alone is near: any row would be a guess
    ],
)
def test_a_figure_is_near_part_by_part(catalogue: Catalogue, written: str, meant: str | None) -> None:
    found = [close for place, _, _, close in name_findings({"overrides": {written: {}}}, catalogue)
             if place == ("overrides", written)]  # fmt: skip
    assert found == [meant]


@pytest.mark.parametrize("residency", ["any", "EU", "eu", "EUDB", "US", "DE", "de "])
def test_residencies_that_are_known(catalogue: Catalogue, residency: str) -> None:
    check_names(scenario(constraints={"residency": residency}), catalogue)


def test_titles_are_texts_for_people() -> None:
    title, unit = field_at(Scenario, "workload.requests_per_day")
    assert (title, unit) == ("Requests per day", "request/day")
    with speaking(language("de")):
        assert here(title) == "Anfragen am Tag"


def test_defaults_are_plain_strings_however_they_are_told() -> None:
    plain = json.dumps(Scenario.model_json_schema())
    with speaking(language("de")):
        assert json.dumps(Scenario.model_json_schema()) == plain
    assert type(OwnModel(config="config.json").licence) is str
