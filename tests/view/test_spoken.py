"""The language of a workshop: one choice, and every panel of every notebook is told anew."""

from __future__ import annotations

import re

import ipywidgets as w
import pytest

from advisor.catalogue.translations import language
from advisor.core.saying import ENGLISH, language_spoken, speak
from advisor.view.widgets import notes, spoken, workshop
from tests.pseudo import PSEUDO, left_over, words_of

VOLUME = "workload.requests_per_day"
PATH = re.compile(r"[a-z_]+\.[a-z_.]+")  # of a field, before what it is
LABELS = ("description", "tooltip", "placeholder")
STATIONS = tuple(notes.QUESTIONS)
# examples of what is typed as it stands
TYPED = ("usage", "csv", "model", "technique", "score", "input_tokens", "output_tokens", "turns", "retries",
         "instructions", "examples", "context", "question", "requests_per_day", "English", "Pseudo",
         "CSV", "JSON", "Parquet", "workspace", "advisor", "report", "yaml")  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh(workspace, monkeypatch):
    monkeypatch.setattr(workshop, "_sessions", {})
    monkeypatch.setattr("advisor.view.plan.checklist", lambda _decisions, _case: "")
    yield
    speak(ENGLISH)


def everything(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


def labels(face):
    """Every label, hint and choice of a face's widgets; what scenarios are called is nobody's to tell."""
    for widget in everything(face):
        yield from (PATH.sub("", getattr(widget, name, None) or "") for name in LABELS)
        if isinstance(widget, w.Dropdown) and widget is not getattr(face, "choice", None):
            yield from (one[0] for one in widget.options if isinstance(one, tuple))


def test_a_choice_tells_every_label_and_panel_anew_and_back(workspace):
    agenda, panel, log = workshop.agenda("deployment"), workshop.panel("deployment"), workshop.log()
    before = list(labels(panel))
    agenda.language.value = "de"
    assert language_spoken() is language("de")
    assert agenda.language.description == "Sprache"
    assert panel.undo.description == "Rückgängig"
    assert panel.more.button.description == "Weitere Eingaben"
    assert log.read.description == "Protokoll einlesen"
    assert "Gibt es ein Anfrageprotokoll?" in log.intro.value
    assert "Worum es geht" in agenda.intro.value
    assert "42.000" in panel.face.value
    assert "42,000" not in panel.face.value
    agenda.language.value = "en"
    assert list(labels(panel)) == before
    assert "42,000" in panel.face.value


def test_another_notebook_follows_and_a_new_kernel_speaks_it_from_the_start(workspace):
    panel = workshop.panel("deployment")
    assert not spoken.follow()
    (workspace / spoken.FILE).write_text("de\n", encoding="utf-8")  # as another kernel does
    assert spoken.follow()
    assert not spoken.follow()
    assert panel.undo.description == "Rückgängig"
    assert "42.000" in panel.face.value
    speak(ENGLISH)  # a kernel that starts
    assert workshop.agenda("plan").language.value == "de"
    assert workshop.closing("plan").face.value.count("Bevor Sie unterschreiben") == 1


def test_the_choice_is_no_part_of_the_scenario(workspace):
    panel = workshop.panel("deployment")
    panel.controls[VOLUME].widget.value = "50000"
    before = panel.session.scenario
    spoken.choose("de")
    assert panel.session.scenario is before
    assert panel.controls[VOLUME].read() == 50_000
    panel.undo.click()
    assert language_spoken() is language("de")
    assert panel.controls[VOLUME].read() == 42_000


def test_what_was_chosen_and_typed_stays(workspace):
    panel, start = workshop.panel("deployment"), workshop.start()
    panel.by.value = "Ada"
    chosen = {path: control.read() for path, control in panel.controls.items()}
    option, scenario = panel.option.value, start.choice.value
    spoken.choose("de")
    assert {path: control.read() for path, control in panel.controls.items()} == chosen
    assert (panel.by.value, panel.option.value, start.choice.value) == ("Ada", option, scenario)
    assert panel.alert.value == ""


def test_an_optional_number_is_typed_as_the_language_writes_it(workspace):
    panel = workshop.panel("foundation_model")
    spoken.choose("de")
    panel.controls["knowledge.changes_every_days"].widget.value = "7,5"
    assert panel.session.value("knowledge.changes_every_days") == 7.5
    assert panel.controls["knowledge.changes_every_days"].widget.value == "7,5"
    panel.controls["knowledge.changes_every_days"].widget.value = "oft"
    assert "eine Zahl wie 71.000 oder 0,5, oder nichts" in panel.alert.value


def test_numbers_are_shown_and_typed_as_the_language_writes_them(workspace):
    panel = workshop.panel("foundation_model")
    shown = panel.controls[VOLUME].widget
    assert shown.value == "42,000"
    spoken.choose("de")
    assert shown.value == "42.000"
    shown.value = "43.500"
    assert (panel.session.value(VOLUME), shown.value) == (43_500, "43.500")
    spoken.choose("en")
    assert shown.value == "43,500"


def test_an_alert_and_what_was_read_are_told_anew(workspace, tmp_path):
    log, prompt = workshop.log(), workshop.prompt()
    log.file.value = "nowhere.csv"
    log.read.click()
    prompt.weigh.click()
    assert "the text of a prompt" in prompt.alert.value
    spoken.choose("de")
    assert "der Text eines Prompts" in prompt.alert.value
    assert "Nicht übernommen" in log.alert.value
    prompt.prompts[0].value = "=== instructions ===\nBe brief.\n"
    prompt.weigh.click()
    assert prompt.alert.value == ""
    assert 'aria-label="Prompt-Budget"' in prompt.face.value
    spoken.choose("en")
    assert 'aria-label="Prompt budget"' in prompt.face.value


@pytest.mark.parametrize("damage", ["", "tlh", "../de", "de\nde"])
def test_what_is_no_language_changes_nothing(workspace, damage):
    (workspace / spoken.FILE).write_text(damage, encoding="utf-8")
    assert not spoken.follow()
    assert language_spoken() is ENGLISH


def test_labels_and_what_stands_around_panels_leave_nothing_untold(workspace, monkeypatch):
    monkeypatch.setattr(spoken, "languages", lambda: {"en": "English", PSEUDO.key: PSEUDO.name})
    speak(PSEUDO)
    made = [workshop.start(), workshop.log(), workshop.pilot(), workshop.prompt(), workshop.priorities(),
            workshop.owners(), workshop.milestones(), workshop.panel("foundation_model"),
            workshop.panel("deployment"), *map(workshop.agenda, STATIONS)]  # fmt: skip
    for face in made:
        assert left_over(labels(face), TYPED) == []
        assert left_over(words_of(face.intro.value), TYPED) == []
    for station in STATIONS:
        assert left_over(words_of(workshop.closing(station).face.value), TYPED) == []
