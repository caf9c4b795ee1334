"""Whatever a user gets wrong ends in one clear refusal, with nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.catalogue import Catalogue
from advisor.catalogue.translations import language
from advisor.core.errors import AdvisorError, ScenarioError
from advisor.core.saying import here, speaking
from advisor.scenario import Scenario, load_scenario, parse_scenario
from advisor.system.references import name_findings

Writer = Callable[..., Path]
HEAD = "name: Help desk\ntask: chat\n"

EIGHT_FAULTS = """\
name: Help desk
task: chatt
workload:
  requests_per_day: -5
  input_tokens: .nan
  languages: en
quality:
  scores: {gpt-4o-mni: {score: 0.8, samples: 100}}
constraints:
  home_region: westeurop
timing:
  start: 2027-02-30
knowlege:
  documents: 10
"""


def refusal(path: Path, catalogue: Catalogue | None = None) -> ScenarioError:
    """The one error, after checking that it is complete and that nothing was written."""
    beside = sorted(path.parent.iterdir())
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, (lambda data: name_findings(data, catalogue)) if catalogue else None)
    assert caught.value.faults
    assert sorted(path.parent.iterdir()) == beside
    return caught.value


def test_eight_faults_are_one_error_with_every_place(scenario_file: Writer, catalogue: Catalogue) -> None:
    error = refusal(scenario_file(EIGHT_FAULTS), catalogue)
    assert error.summary == "it.yaml has 8 faults."
    told = {fault.where: fault for fault in error.faults}
    assert set(told) == {
        "task (it.yaml:2)",
        "workload.requests_per_day (it.yaml:4)",
        "workload.input_tokens (it.yaml:5)",
        "workload.languages (it.yaml:6)",
        "quality.scores.gpt-4o-mni (it.yaml:8)",
        "constraints.home_region (it.yaml:10)",
        "timing.start (it.yaml:12)",
        "knowlege (it.yaml:14)",
    }
    assert told["task (it.yaml:2)"].nearest == "chat"
    assert told["quality.scores.gpt-4o-mni (it.yaml:8)"].nearest == "gpt-4o-mini"
    assert told["constraints.home_region (it.yaml:10)"].nearest == "westeurope"
    assert told["knowlege (it.yaml:14)"].nearest == "knowledge"
    assert told["timing.start (it.yaml:12)"].expected == "a date such as 2027-01-31"
    assert told["workload.requests_per_day (it.yaml:4)"].expected == "a number of at least 1"
    assert told["workload.input_tokens (it.yaml:5)"].found == "nan"


BILLION_LAUGHS = (
    HEAD
    + "a: &a [lol, lol, lol]\n"
    + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no settings"),
        ("# only a remark\n", "holds no settings"),
        ("- a\n- list\n", "found a list"),
        ("just words\n", "found a str"),
        (
            HEAD + "x: !!python/object/apply:os.system [ls]\n",
            "a tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        (HEAD + "x: !!python/name:os.system\n", "a tag"),
        (HEAD + "x: !!float abc\n", "a tag"),
        (HEAD + "x: !mine 3\n", "a tag !mine"),
        (BILLION_LAUGHS, "it.yaml:4: expected plain YAML, found an alias *a"),
        (HEAD + "task: code\n", "it.yaml:3: expected each key once, found 'task' again"),
        (HEAD + "? [a, b]\n: c\n", "it.yaml:3: expected plain YAML, found a list or mapping as key"),
        (HEAD + "x: " + "[" * 100_000, "more than 50 levels"),
        (HEAD + "x: " + "[" * 100_000 + "]" * 100_000, "more than 50 levels"),
        (HEAD + "x: " + "{a: " * 100_000, "more than 50 levels"),
        (HEAD + "x: [1, 2\n", "it.yaml:4: expected ',' or ']', found something else"),
        (HEAD + "x: 'open\n", "plain YAML"),
        (HEAD + "---\nname: another\n", "another document"),
        (HEAD + "x:\n\t- tab\n", "it.yaml:4: expected plain YAML"),
        (HEAD + f"workload: {{input_tokens: {'9' * 5000}}}\n", "it.yaml: expected plain YAML"),
        (HEAD + "workload: {input_tokens: .nan}\n", "a finite number, found nan"),
        (HEAD + "workload: {input_tokens: .inf}\n", "a finite number, found inf"),
        (HEAD + "workload: {input_tokens: -.inf}\n", "a finite number, found -inf"),
        (HEAD + "workload: {input_tokens: NaN}\n", "a finite number, found 'NaN'"),
        (HEAD + "workload: {input_tokens: 1e999}\n", "a finite number"),
        (HEAD + "workload: {requests_per_day: -1}\n", "a number of at least 1, found -1"),
        (HEAD + "workload: {requests_per_day: 1e12}\n", "a number of at most 100,000,000"),
        (HEAD + "workload: {requests_per_day: many}\n", "a number, found 'many'"),
        # digits in threes, or decimals behind a comma
        (HEAD + "workload:\n  requests_per_day: 10,000\n", "found '10,000' (did you mean '10000'?)"),
        (HEAD + "workload:\n  requests_per_day: 1 250 000\n", "(did you mean '1250000'?)"),
        (HEAD + "workload:\n  growth_per_year: 0,125\n", "found '0,125' (did you mean '0.125'?)"),
        (HEAD + "workload: {requests_per_day: true}\n", "a number, not true or false, found true"),
        (HEAD + "workload: {requests_per_day: [1]}\n", "a number, found [1]"),
        (HEAD + "workload: 7\n", "keys and values (requests_per_day, growth_per_year, "),
        (HEAD + "measurements: {wh_per_request: {gpt-5.4: 2.5}}\n", "keys and values (wh, "),
        (HEAD + "workload: {requests: 7}\n", "did you mean 'requests_per_day'?"),
        (HEAD + "knowledge: {examples: 2.5}\n", "a whole number, found 2.5"),
        (HEAD + "constraints: {private_network: maybe}\n", "true or false, found 'maybe'"),
        (HEAD + "constraints: {users_near: []}\n", "at least one entry"),
        (HEAD + "timing: {start: soon}\n", "a date such as 2027-01-31, found 'soon'"),
        (
            HEAD + "timing: {start: 2027-02-30}\n",
            "timing.start (it.yaml:3): expected a date such as 2027-01-31",
        ),
        (HEAD + "timing: {start: 2027-02-03 10:00:00}\n", "a date such as 2027-01-31"),
        (HEAD + "timing: {deadlines: {go: 31.12.2026}}\n", "timing.deadlines.go (it.yaml:3)"),
        (HEAD + "data_sets: [{name: a, role: logs}]\n", "data_sets[0].size_gb (it.yaml:3): expected a value"),
        (HEAD + "data_sets: [{name: a, role: log, size_gb: 1}]\n", "did you mean 'logs'?"),
        (
            HEAD + "data_sets: [{name: a, role: logs, size_gb: 1, legal_min_days: 9, legal_max_days: 3}]\n",
            "legal_min_days of at most legal_max_days",
        ),
        (
            HEAD + "overrides: {a: {low: 2, central: 1, high: 3, unit: g, owner: a, reason: b}}\n",
            "low <= central",
        ),
        (HEAD + "overrides: {a: {low: 1, central: 1, high: 1, unit: g}}\n", "overrides.a.owner (it.yaml:3)"),
        (HEAD + "decisions: {hosting: {choice: a}}\n", "decisions.hosting"),
        (HEAD + "notes: {workload.request: x}\n", "notes.workload.request (it.yaml:3)"),
        (HEAD + "schema_version: 2\n", "schema_version (it.yaml:3): expected 1, found 2"),
        (HEAD + 'description: "\\e[2J"\n', "it.yaml:3: expected plain YAML, found a control character"),
        (
            HEAD + "data_sets: [{name: a, role: logs, size_gb: 1}, {name: a, role: logs, size_gb: 2}]\n",
            "each name once",
        ),
        (HEAD + "data_sets: [" + "{name: a, role: logs, size_gb: 1}, " * 101 + "]\n", "at most 100 entries"),
        (HEAD + "1: 2\n", "a key that is text"),
        ("task: chat\n", "name (it.yaml:1): expected a value (this key is required)"),
        ("name: ''\ntask: chat\n", "at least one character"),
        (f"name: {'x' * 121}\ntask: chat\n", "at most 120 characters"),
    ],
)
def test_each_is_one_clear_refusal(scenario_file: Writer, text: str, said: str) -> None:
    error = str(refusal(scenario_file(text)))
    assert said in error
    assert len(error) < 2_000


def test_a_number_in_quotes_is_not_offered_as_itself(scenario_file: Writer) -> None:
    error = str(refusal(scenario_file(HEAD + "schema_version: '1'\n")))
    assert error.endswith("expected 1, found '1'")


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfen\x00a\x00", b"name: \x00\n", b"\x00" * 100]
)
def test_a_binary_file_is_refused(scenario_file: Writer, content: bytes) -> None:
    error = str(refusal(scenario_file(content)))
    assert "UTF-8 text" in error or "plain YAML" in error


def test_a_huge_file_is_refused_unread(scenario_file: Writer) -> None:
    path = scenario_file(HEAD)
    with path.open("r+b") as stream:
        stream.truncate(50_000_000)
    assert "at most 1 MB, found 50.0 MB" in str(refusal(path))


def test_a_folder_or_nothing_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert "found a folder" in str(refusal(tmp_path / "folder.yaml"))
    assert "No such file" in str(refusal(tmp_path / "missing.yaml"))


FILES = ["workload: {traffic: %s}", "measurements: {pilot_log: %s}", "measurements: {intensity_series: %s}"]


@pytest.mark.parametrize("section", FILES)
@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "link", "linked/outside"])
def test_a_file_outside_the_scenario_s_folder_is_refused(tmp_path: Path, section: str, name: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (tmp_path / "outside").write_text("secret: 1\n", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "linked").symlink_to(tmp_path)
    path = folder / "it.yaml"
    path.write_text(HEAD + section % name + "\n", encoding="utf-8")
    (fault,) = refusal(path).faults
    assert fault.expected == "a file inside mine/"
    assert "(it.yaml:3)" in fault.where
    assert "secret" not in str(fault)


@pytest.mark.parametrize("section", FILES)
def test_a_file_that_is_not_there_is_refused(scenario_file: Writer, section: str) -> None:
    (fault,) = refusal(scenario_file(HEAD + section % "gone.yaml" + "\n")).faults
    assert "(it.yaml:3)" in fault.where
    assert (fault.expected, fault.found) == ("a file beside the scenario", "no gone.yaml")


def test_faults_of_the_scenario_and_of_its_files_come_together(scenario_file: Writer, tmp_path: Path) -> None:
    (tmp_path / "traffic.yaml").write_text("requests: -4\nname: x\nname: y\n", encoding="utf-8")
    (tmp_path / "pilot.csv").write_text("model,score\ngpt-4o,7\n", encoding="utf-8")
    text = HEAD + "workload: {traffic: traffic.yaml, input_tokens: 0}\nmeasurements: {pilot_log: pilot.csv}\n"
    told = str(refusal(scenario_file(text)))
    assert "workload.input_tokens (it.yaml:3)" in told
    assert "traffic.yaml:3: expected each key once" in told
    assert "pilot.csv:2 score" in told


def test_markup_in_a_name_is_text(scenario_file: Writer) -> None:
    found = load_scenario(scenario_file("name: <script>alert(1)</script>\ntask: chat\n"))
    assert found.name == "<script>alert(1)</script>"


SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.dates()
NESTED = st.recursive(
    SIMPLE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
SECTIONS = st.sampled_from([*Scenario.model_fields, "other"])


@given(st.dictionaries(SECTIONS, NESTED, max_size=6))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_data_whatever_escapes_as_another_error(
    catalogue: Catalogue, tmp_path: Path, data: dict[str, Any]
) -> None:
    try:
        parse_scenario(data, folder=tmp_path, names=lambda given: name_findings(given, catalogue))
    except AdvisorError as error:
        told = len(error.faults)
    else:
        told = 0
    assert told or {"name", "task"} <= set(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"name": "a\nb"}, "name (a.yaml): erwartet: Text in einer Zeile; gefunden: 'a\\nb'"),
        ({"task": "chatt"}, "'generate' oder 'code'; gefunden: 'chatt' (gemeint: „chat“?)"),
        ({"timing": {"horizon_years": 100}}, "erwartet: eine Zahl von höchstens 20; gefunden: 100"),
        ({"timing": {"start": "2200-01-01"}}, "erwartet: ein Datum von 01.01.2020 bis 31.12.2100"),
        ({"workload": {"languages": []}}, "erwartet: mindestens ein Eintrag; gefunden: []"),
        ({"priorities": dict.fromkeys(("carbon", "cost", "quality", "water"), 0)},
         "erwartet: mindestens eine Priorität über null"),
        ({"wrkload": {}}, "erwartet: eines von schema_version, began_as, name"),
        ({"notes": {"workload.nothing": "x"}}, "erwartet: der Pfad eines Feldes"),
    ],
)  # fmt: skip
def test_faults_are_told_in_another_language(data: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario({"name": "a", "task": "chat", **data}, "a.yaml")
    with speaking(language("de")):
        said = here(str(caught.value))
    assert told in said
    assert "a.yaml hat einen Fehler." in said
    assert "expected" not in said
