"""The pieces of the server that need no server: hosts, links, states, forms, interruption."""

from __future__ import annotations

import re

import pytest

from advisor.core.errors import AdvisorError
from advisor.scenario import Scenario, value_at
from advisor.scenario.io import paths
from advisor.serve import guard
from advisor.serve.app import Settings
from advisor.serve.kept_scenarios import KEPT, Shelf
from advisor.serve.shell import Shell, document, queue
from advisor.serve.state import State
from advisor.serve.worker import Desk, Interrupted
from advisor.steps import STEP_NAMES, step
from advisor.system.opening import open_case, template, templates
from advisor.view import forms


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(None, True), ("http://localhost:8866", True), ("http://localhost", False),
     ("https://hub.example", True), ("https://hub.example.evil", False), ("null", False)],
)  # fmt: skip
def test_origins(origin, allowed):
    assert guard.may_come(origin, "localhost:8866", ("https://hub.example",)) is allowed


def test_framing_is_refused_unless_it_is_named():
    assert guard.headers(())["X-Frame-Options"] == "DENY"
    assert guard.headers(("'self'",))["X-Frame-Options"] == "SAMEORIGIN"
    hub = guard.headers(("https://hub.example",))
    assert "X-Frame-Options" not in hub
    assert hub["Content-Security-Policy"].endswith("frame-ancestors https://hub.example")


def test_a_scenario_goes_into_a_link_and_back():
    text, files = "name: Übung\ntask: chat\n", {"pilot.csv": "model,score\n"}
    word = guard.packed(text, files)
    assert re.fullmatch(r"[\w-]+", word)
    assert guard.unpacked(word) == (text, files)
    huge = guard.packed("0" * 9_000_000, {})
    with pytest.raises(AdvisorError, match="no scenario"):
        guard.unpacked(huge)


def test_an_upload_of_several_files_finds_the_scenario_among_them():
    text, beside = guard.brought(
        [
            ("t.yaml", b"schema_version: 1\nrequests: 5\n"),
            ("C:\\x\\mine.yaml", b"name: x\ntask: chat\n"),
            ("p.csv", b"a"),
        ]
    )
    assert text == "name: x\ntask: chat\n"
    assert beside == {"t.yaml": "schema_version: 1\nrequests: 5\n", "p.csv": "a"}
    for wrong in ([], [("a.yaml", b"x")] * 7):
        with pytest.raises(AdvisorError):
            guard.brought(wrong)


def test_settings_name_every_fault():
    wrong = Settings(
        99_999, sessions=0, memory=1, base_url="x", hosts=("a:1",), origins=("a",), framed_by=("x;y",)
    )
    with pytest.raises(AdvisorError) as caught:
        wrong.checked()
    assert [fault.where for fault in caught.value.faults] == [
        "--port", "--sessions", "--memory", "--base-url", "--host-name", "--origin", "--framed-by",
    ]  # fmt: skip


def test_the_page_has_no_script_of_its_own_and_escapes_what_it_is_given():
    page = document(Shell("plan", "/x/", "<b>&", "1", "t", True, undo='"><script>'), {"answer": "<h1>a</h1>"})
    assert "<b>" not in page
    assert re.findall(r"<script[^>]*>", page) == ['<script src="/x/static/app.js?v=1" defer="defer">']
    assert 'src="/x/static/app.js' in queue("/x/", "1", "t")


def test_a_state_is_named_by_its_content_alone():
    one = State("a", (("f", "x"),))
    assert one.key == State("a", (("f", "x"),), title="other").key
    assert one.key != State("a", (("f", "y"),)).key
    assert State("ab", (("c", ""),)).key != State("a", (("bc", ""),)).key


@pytest.mark.parametrize(
    "name", ["../x", "a/b", ".hidden", "scenario.yaml", "", "x" * 200, "..", "/etc/passwd"]
)
def test_files_beside_a_scenario_have_bare_names(tmp_path, name):
    with pytest.raises(AdvisorError):
        Shelf(tmp_path).open(State("name: x\ntask: chat\n", ((name, "x"),)))
    assert list(tmp_path.iterdir()) == []


def test_a_shelf_forgets_the_folders_it_made(tmp_path):
    shelf = Shelf(tmp_path)
    for volume in range(1, KEPT + 5):
        shelf.open(State(f"name: x\ntask: chat\nworkload: {{requests_per_day: {volume}}}\n"))
    assert len(list(tmp_path.iterdir())) == KEPT
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in tmp_path.iterdir())
    for _ in range(KEPT):
        shelf.make_room()  # the one asked for last stays
    (left,) = tmp_path.iterdir()
    assert f"requests_per_day: {KEPT + 4}" in (left / "scenario.yaml").read_text()


def test_a_refused_change_leaves_no_folder_and_the_state_usable(tmp_path):
    shelf = Shelf(tmp_path)
    state = State("name: x\ntask: chat\n")
    shelf.open(state)
    with pytest.raises(AdvisorError):
        shelf.edited(state, lambda session: session.change({"workload.requests_per_day": -1}))
    assert len(list(tmp_path.iterdir())) == 1
    made = shelf.edited(state, lambda session: session.change({"workload.requests_per_day": 5}))
    assert "requests_per_day: 5" in made.text
    assert shelf.open(state).session.value("workload.requests_per_day") == 10_000


def shielded(desk, done):
    with desk.shield():
        desk.at_signal()
        done.append(True)


def test_an_interruption_waits_for_the_end_of_a_shield_and_hits_only_its_task():
    desk = Desk()
    desk.number = 7
    desk._stopped = 6
    desk.at_signal()  # meant for an earlier task
    desk._stopped = 7
    done = []
    with pytest.raises(Interrupted):
        shielded(desk, done)
    assert done
    desk.at_signal()  # once is enough


@pytest.mark.parametrize("name", templates())
def test_every_input_reads_back_what_it_shows(name):
    scenario = open_case(template(name)).given
    seen = 0
    for path in paths(Scenario):
        value = value_at(scenario, path)
        field = forms.input_of(path, value)
        if field is None or field.kind == "flag":
            continue
        seen += 1
        assert forms.read(field, forms.shown(field, value)) == value, path
    assert seen > 50


@pytest.mark.parametrize(
    ("typed", "value"), [("71,000", 71_000), ("0.5", 0.5), ("1e3", 1000), ("-2", -2), (".5", 0.5)]
)
def test_numbers_are_read_as_people_type_them(typed, value):
    assert forms.read(forms.input_of("workload.requests_per_day", 1.0), typed) == value


@pytest.mark.parametrize("typed", ["7,1", "1,00", "1.000,5", "0x10", "1_000", "NaN", "inf", "1 00", "²", "१"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(AdvisorError):
        forms.read(forms.input_of("workload.requests_per_day", 1.0), typed)


def test_every_control_of_every_step_has_a_labelled_input():
    scenario = open_case(template("contact_centre")).given
    for name in STEP_NAMES:
        for path in step(name).CONTROLS:
            value = value_at(scenario, path)
            row = forms.row(forms.input_of(path, value, {"westeurope": "West Europe"}), value, "default")
            id_ = re.search(r'<label for="([^"]+)"', row)[1]
            assert f'id="{id_}"' in row
            assert f'data-path="{path}"' in row
