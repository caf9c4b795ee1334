"""Panels: every control has a name, a change reaches the answer, and nothing goes wrong unseen."""

from __future__ import annotations

from datetime import UTC, datetime

import ipywidgets as w
import pytest

from advisor.scenario import load_scenario
from advisor.view.session import Session
from advisor.view.widgets import workshop
from advisor.view.widgets.panel import Panel
from advisor.view.widgets.workshop import App, Log, Plan, Start
from advisor.view.workspace import find

ABOUT = {"type": "", "size": 1, "last_modified": datetime(2026, 11, 1, tzinfo=UTC)}


@pytest.fixture(autouse=True)
def _unanswered(monkeypatch):
    """The guidance asks real settings; those made up here have nothing to answer with."""
    monkeypatch.setattr("advisor.view.plan.checklist", lambda _decisions, _case: "")


@pytest.fixture(autouse=True)
def _no_sessions(workspace, monkeypatch):
    monkeypatch.setattr(workshop, "_sessions", {})


def everything(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def test_controls_are_of_the_fields_kind_and_show_its_value(panel, session):
    kinds = {path: type(control.widget) for path, control in panel.controls.items()}
    assert kinds == {
        "workload.requests_per_day": w.Text,
        "workload.profile": w.Dropdown,
        "quality.needs_reasoning": w.Checkbox,
        "knowledge.changes_every_days": w.Text,
        "constraints.home_region": w.Dropdown,
        "constraints.users_near": w.Text,
        "constraints.residency": w.Dropdown,
        "knowledge.examples": w.Text,
    }
    for path, control in panel.controls.items():
        assert control.read() == session.value(path)


def test_every_control_has_a_name(panel, session):
    for face in (panel, Start(session), Log(session), App(session)):
        for widget in everything(face):
            if isinstance(widget, w.Button):
                assert widget.description or widget.tooltip
            elif isinstance(widget, w.Text | w.Dropdown | w.Checkbox | w.Combobox):
                assert widget.description
                assert widget.style.description_width == "initial"


def test_a_changed_control_changes_the_answer(panel):
    panel.controls["workload.requests_per_day"].widget.value = "50000"
    assert "50,000 requests a day" in panel.face.value
    assert "model for 50000 a day." in panel.details.html.value


def test_an_optional_number_and_a_list_are_read(panel, session):
    panel.controls["knowledge.changes_every_days"].widget.value = ""
    assert session.value("knowledge.changes_every_days") is None
    panel.controls["constraints.users_near"].widget.value = "swedencentral, westeurope"
    assert session.value("constraints.users_near") == ["swedencentral", "westeurope"]


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("workload.requests_per_day", "-5", "a number of at least 1"),
        ("knowledge.changes_every_days", "often", "or nothing"),
        ("constraints.users_near", "swedencentrall", "swedencentral"),
    ],
)
def test_a_fault_is_announced_and_the_answer_stays(panel, session, path, value, said):
    before = session.scenario
    panel.controls[path].widget.value = value
    assert 'role="alert"' in panel.alert.value
    assert said in panel.alert.value
    assert session.scenario is before
    panel.controls["knowledge.examples"].widget.value = "7"
    assert panel.alert.value == ""


def test_an_unexpected_error_is_shown_too(panel, monkeypatch):
    def broken(_name):
        raise RuntimeError("<boom>")

    monkeypatch.setattr(panel.session, "decision", broken)
    panel.controls["knowledge.examples"].widget.value = "8"
    assert 'role="alert"' in panel.alert.value
    assert "&lt;boom&gt;" in panel.alert.value


def test_undo_redo_and_reset(panel, session):
    control = panel.controls["workload.requests_per_day"].widget
    first = control.value
    control.value = "50000"
    control.value = "60000"
    panel.undo.click()
    assert control.value == "50,000"
    panel.undo.click()
    assert control.value == first
    assert panel.undo.disabled
    panel.redo.click()
    assert control.value == "50,000"
    panel._resets["workload.requests_per_day"].click()
    assert control.value == "10,000"
    assert session.badge("workload.requests_per_day") == "default"
    assert "default" in panel._badges["workload.requests_per_day"].value


def test_flips_are_found_and_shown(panel):
    # small costs (tokens / 1000)² × 0.0002 kWh and large 0.0004: it flips at √2 × 1000 tokens
    assert "What would change it" in panel.face.value
    assert "gives <strong>Small model</strong>" in panel.face.value


def test_a_recorded_decision_is_saved_in_the_workspace_and_opened_from_then_on(panel, session, workspace):
    panel.by.value, panel.reason.value = "Ada", "cheapest"
    panel.option.value = "gpt-5.4"
    panel.button.click()
    saved = load_scenario(workspace / "contact_centre.yaml")
    taken = saved.decisions["foundation_model"]
    assert (taken.choice, taken.by, taken.reason) == ("gpt-5.4", "Ada", "cheapest")
    assert str(workspace) in panel.saved.value
    assert find("contact_centre") == workspace / "contact_centre.yaml"
    assert "Recorded by Ada: Large model" in panel.face.value
    assert load_scenario(workspace / "contact_centre.yaml") == Session("contact_centre").scenario


def test_without_a_kernel_the_same_answer_is_left(panel):
    bundle = panel._repr_mimebundle_()
    assert panel.face.value in bundle["text/html"]
    assert panel.details.html.value in bundle["text/html"]
    assert "<style>" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_opening_a_template_changes_nothing_on_disk_but_what_is_current(session, workspace):
    start = Start(session)
    assert "The five answers" in start.face.value or "Five decisions" in start.face.value
    assert list(workspace.iterdir()) == []
    start.choice.value = "legal_qa"
    assert session.scenario == Session("current").scenario == Session("legal_qa").scenario
    assert [path.name for path in workspace.iterdir()] == ["current.txt"]


def test_an_uploaded_scenario_is_opened_and_a_faulty_one_refused(session, workspace):
    start = Start(session)
    good = b"schema_version: 1\nname: Mine\ntask: chat\n"
    start.upload.value = ({"name": "../mine.yaml", "content": memoryview(good), **ABOUT},)
    assert session.scenario.name == "Mine"
    assert (workspace / "mine.yaml").is_file()
    bad = b"schema_version: 1\nname: Bad\ntask: chatt\n"
    start.upload.value = ({"name": "bad.yaml", "content": memoryview(bad), **ABOUT},)
    assert "chat" in start.alert.value
    assert session.scenario.name == "Mine"
    assert not list(workspace.glob("*bad*"))


def test_the_app_reaches_every_page_and_they_share_the_session(session):
    app = App(session)
    for name in app.buttons:
        app.buttons[name].click()
        assert app.place.children == (app.pages[name],)
        assert app.alert.value == ""
    app.pages["deployment"].controls["workload.requests_per_day"].widget.value = "70000"
    app.buttons["operations"].click()
    assert "70,000 requests a day" in app.pages["operations"].face.value


def test_the_plan_carries_its_files(session):
    face = Plan(session).face.value
    for name in ("plan.json", "decision-record.md", "scenario.yaml"):
        assert f'download="{name}"' in face


def test_a_log_is_read_shown_and_applied(session, workspace, tmp_path):
    rows = [
        f"2026-11-{day:02}T{hour:02}:00:00,{100 + hour},{10 + day}"
        for day in range(2, 9)
        for hour in range(24)
    ]
    log = tmp_path / "log.csv"
    log.write_text("\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *rows]))
    face = Log(session)
    face.file.value = str(log)
    face.read.click()
    assert face.alert.value == ""
    assert "168 requests" in face.face.value
    assert "What this changes in your scenario" in face.face.value
    assert session.scenario.traffic is None
    face.apply.click()
    assert face.alert.value == ""
    assert session.scenario.traffic.requests == 168
    assert session.badge("workload.requests_per_day") == "measured"
    assert Session("contact_centre").scenario.traffic.requests == 168


def test_a_missing_log_is_a_message(session):
    face = Log(session)
    face.file.value = "nowhere.csv"
    face.read.click()
    assert 'role="alert"' in face.alert.value
    assert face.apply.disabled


def test_a_panel_of_a_minimal_scenario(workspace):
    (workspace / "least.yaml").write_text("schema_version: 1\nname: Least\ntask: chat\n")
    panel = Panel(Session("least"), "deployment")
    assert panel.alert.value == ""
    assert "Small model" in panel.face.value
    assert "Unconfirmed" in panel.count.value


def test_a_faulty_scenario_is_told_in_the_panel_not_by_a_traceback(workspace):
    (workspace / "bad.yaml").write_text("schema_version: 1\nname: Bad\ntask: chatt\nvolume: 3\n")
    face = workshop.panel("deployment", "bad")
    assert 'role="alert"' in face.alert.value
    assert "task" in face.alert.value
    assert "volume" in face.alert.value
    assert "contact_centre" in workshop.start("nowhere").alert.value


def test_panels_of_one_scenario_share_a_session_and_a_fresh_panel_replaces_the_old(workspace):
    first, second = workshop.panel("deployment", "legal_qa"), workshop.plan("legal_qa")
    assert first.session is second.session
    again = workshop.panel("deployment", "legal_qa")
    before = first.face.value
    again.controls["workload.requests_per_day"].widget.value = "50000"
    assert "50,000 requests a day" in again.face.value
    assert "50,000 requests a day" in second.face.value
    assert first.face.value == before


def test_an_uploaded_log_is_read_and_leaves_nothing_behind(session, workspace, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-11-02T10:00:00,100,10\n2026-11-02T10:00:05,300,30\n"
    face = Log(session)
    face.upload.value = ({"name": "up.csv", "content": memoryview(text.encode()), **ABOUT},)
    assert face.alert.value == ""
    assert "2 requests" in face.face.value
    assert not [path for path in tmp_path.rglob("*") if path.name == "up.csv"]
    face.upload.value = ({"name": "bad.csv", "content": memoryview(b"nothing"), **ABOUT},)
    assert 'role="alert"' in face.alert.value
    assert face.apply.disabled


def test_values_of_a_template_stay_the_templates_until_somebody_changes_or_confirms_them(panel, session):
    path = "workload.requests_per_day"
    before = session.unconfirmed
    assert session.badge(path) == "template"
    assert "template" in panel._badges[path].value
    assert before.defaults + before.template <= before.every
    panel.controls[path].widget.value = "50000"
    assert "yours" in panel._badges[path].value
    assert session.unconfirmed.template == before.template - 1
    session.undo()
    assert session.badge(path) == "template"
    session.change({f"owners.{path}": "Ada"})
    assert session.badge(path) == "owned"
    assert session.unconfirmed.said in panel.count.value


def test_the_owner_that_a_template_came_with_confirms_nothing(session):
    assert session.scenario.owners["workload.requests_per_day"]  # the template's own
    assert session.badge("workload.requests_per_day") == "template"
