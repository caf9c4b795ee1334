"""Pages in another language: nothing is left in English, German is German, and English stays as it was."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import asdict

import pytest

from advisor.catalogue import Catalogue, open_catalogue
from advisor.catalogue.translations import language
from advisor.core.errors import ScenarioError
from advisor.core.exhibits import Drawing
from advisor.core.saying import here, speaking, throughout
from advisor.decide.option import Decision
from advisor.scenario import STEP_NAMES, with_values
from advisor.steps import run, step
from advisor.system.case import Case
from advisor.system.confirmed import origin_of
from advisor.system.opening import open_case, template
from advisor.view import (
    app_screens,
    charts,
    forms,
    milestones,
    notebook_screen,
    ownership,
    printed_report,
    roles,
    room,
    session,
    texts,
)
from advisor.view.faces import render
from advisor.view.html import tag, text
from advisor.view.plan import render_overview, render_plan
from tests.pseudo import PSEUDO, left_over, words_of

DRAWS = 16
WITH_FLIPS = "contact_centre"
NAMES = (WITH_FLIPS, "factory_edge", "nightly_reports", "product_descriptions", "legal_qa")
GERMAN = language("de")
LONG = ("bill", "costs", "evidence")  # folds that say for every template much the same
# keys of rows, names of meters and authors, a command to type: the same in every language, as regions' are
ALSO = (
    "Ada", "Batch", "Inp", "Lund", "Opt", "Outp", "TFLOP", "Tokens", "ampere", "basic", "blue", "cached",
    "cold", "green", "hopper", "hyde", "inp", "mWh", "min", "opt",
)  # fmt: skip
COMMAND = re.compile(r"^az .*")
WEIGHTS = {"Ada": {"carbon": 3.0, "cost": 1.0}, "Bo": {"quality": 3.0, "cost": 2.0}}
# set to something else, so that there is a change of every kind to tell
CHANGED = {
    "workload.requests_per_day": 99,
    "constraints.residency": "DE",
    "knowledge.gap": "format",
    "knowledge.changes_every_days": None,
    "operations.survive_region_loss": True,
    "decisions.deployment": {"choice": "Ada", "by": "Ada", "reason": "", "on": "2026-11-20"},
    "quality.scores": {"gpt-5.4-nano": {"score": 0.5, "samples": 30}},
}
Made = tuple[Case, list[Decision]]


@pytest.fixture(autouse=True)
def _quick_steps() -> None:
    """The steps are the real ones here."""


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return open_catalogue(offline=True)


@pytest.fixture(scope="module")
def made(shipped: Catalogue) -> dict[str, Made]:
    """Cases of templates with their decisions, made once and told in every language."""
    cases = {name: Case(open_case(template(name)).given, shipped, DRAWS) for name in NAMES}
    return {name: (case, run(case, flips=name == WITH_FLIPS)) for name, case in cases.items()}


def steps(case: Case, decisions: list[Decision], but: Container[str] = ()) -> Iterator[str]:
    """Every step's glance with what lies behind it, ``but`` for some folds."""
    for decision in decisions:
        yield app_screens.answer(decision, case) + app_screens.nearest_flip(decision, looked=True)
        yield app_screens.recorder(decision, case) + app_screens.folds(decision)
        yield notebook_screen.one_screen(decision, case, None, glimpsed=True)
        yield "".join(
            body(decision, case) for name, (_, body) in app_screens.FOLDS.items() if name not in but
        )


def plans(case: Case, decisions: list[Decision]) -> Iterator[str]:
    """The five decisions together: on one screen, in full, and on paper."""
    yield app_screens.overview(decisions, case) + app_screens.plan(decisions, case) + app_screens.plan_folds()
    yield render_plan(decisions, case)
    yield printed_report.pages(decisions, case)


def workshop(case: Case, decisions: list[Decision]) -> Iterator[str]:
    """What a group works with: inputs, owners, milestones, priorities, the agenda."""
    yield render(decisions[0], case) + render_overview(decisions, case)
    origin = origin_of(WITH_FLIPS)
    fields = [field for name in STEP_NAMES for field in inputs(case, name)]
    values = {field.path: session.value_at(case.given, field.path) for field in fields}
    badges = [sorted(forms.BADGES)[place % len(forms.BADGES)] for place in range(len(fields))]
    by_path = {field.path: badge for field, badge in zip(fields, badges, strict=True)}
    yield forms.form(fields, values, by_path, origin.unconfirmed(case.given))
    yield "".join(map(here, (forms.about(field, values[field.path], None) for field in fields)))
    paths = ownership.that_matter(decisions)
    yield ownership.owners_table(case.given, origin, paths, ["default"] * len(paths), decisions)
    yield here(ownership.counted(["owned"], origin.unconfirmed(case.given)))
    before = milestones.milestone("Ada", case, decisions)
    after = milestones.milestone("", Case(with_values(case.given, CHANGED), case.shipped, DRAWS), [])
    yield milestones.listed([before], after) + milestones.compared(before, after)
    yield roles.weighed(case, WEIGHTS) + roles.entered([]) + roles.entered(["Ada"])
    group = room.Room(started=0.0, predicting=True).guess("deployment", "Ada", "42").guess("plan", "", "42")
    yield room.agenda(group, "deployment", 60.0) + room.agenda(group, "plan", 1e5)
    yield room.hidden(group, "deployment") + room.guessed(group.reveal("plan"), "plan")


def inputs(case: Case, name: str) -> list[forms.Input]:
    """The inputs of a step's form."""
    controls = step(name).CONTROLS
    found = (forms.input_of(path, session.value_at(case.given, path)) for path in controls)
    return [field for field in found if field is not None]


def left(pages: Iterator[str], catalogue: Catalogue) -> list[str]:
    """What is left in English on pages, without what is called alike everywhere."""
    # keys of models stand beside paths that are to be written; those with a digit are told as names anyway
    plain = (key for key in catalogue.keys("models") if not re.search(r"\d", key))
    keys = re.compile("|".join(map(re.escape, plain)))
    said = {keys.sub("", COMMAND.sub("", one)) for page in pages for one in words_of(page)}
    return left_over(said, (*ALSO, *catalogue.keys("regions"), *catalogue.sources))


def labels(exhibit: Drawing, _scope: str) -> str:
    """The words of a chart in place of its drawing, which takes longer than all else."""
    return "".join(tag("p", text(one)) for one in strings(asdict(throughout(exhibit))))


def strings(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from (
            said for name, value in data.items() if name not in ("key", "style") for said in strings(value)
        )
    elif isinstance(data, list | tuple):
        yield from (said for value in data for said in strings(value))


@pytest.mark.parametrize("name", NAMES)
def test_no_page_leaves_english_over(
    made: dict[str, Made], shipped: Catalogue, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "svg", labels)
    with speaking(PSEUDO):
        assert left(steps(*made[name], () if name == WITH_FLIPS else LONG), shipped) == []
        assert left(plans(*made[name]), shipped) == []


def test_neither_charts_nor_what_a_group_works_with_leave_english_over(
    made: dict[str, Made], shipped: Catalogue
) -> None:
    with speaking(PSEUDO):
        assert left(workshop(*made[WITH_FLIPS]), shipped) == []


def test_a_page_in_german_has_german_words_and_numbers(made: dict[str, Made]) -> None:
    case, decisions = made[WITH_FLIPS]
    with speaking(GERMAN):
        page = " ".join(words_of(app_screens.answer(decisions[0], case) + render_plan(decisions, case)))
    for said in ("Basismodell", "Was jeder Schritt zum Plan beiträgt", "im Jahr", "Leitlinien", "Belegstufe"):
        assert said in page
    assert "42.000 Anfragen am Tag" in page
    assert "42,000" not in page
    assert re.search(r"\b\d{1,3}\.\d{3}\s\$", page)
    assert re.search(r"\b\d,\d+ [kM]?Wh\b", page)
    assert re.search(r"\b\d{2}\.\d{2}\.2026\b", page)


def test_english_is_the_same_after_german_was_spoken(made: dict[str, Made]) -> None:
    case, decisions = made["legal_qa"]

    def pages() -> list[str]:
        return [*steps(case, decisions[1:2]), render_overview(decisions, case)]

    before = pages()
    with speaking(GERMAN):
        assert pages() != before
    assert pages() == before


def test_a_number_is_read_as_the_language_writes_it() -> None:
    field = forms.input_of("quality.floor", 0.5)
    assert field is not None
    with speaking(GERMAN):
        assert here(forms.shown(field, 1234.5)) == "1.234,5"
        assert forms.read(field, "1.234,5") == 1234.5
        assert roles.read_weights("Ada", {"carbon": "0,5"})["carbon"] == 0.5
        with pytest.raises(ScenarioError) as fault:
            forms.read(field, "0.5")
        assert "71.000 oder 0,5" in here(fault.value.faults[0].expected)
    assert forms.read(field, "1,234.5") == 1234.5
    assert forms.read(field, "75 %") == forms.read(field, "75%") == forms.read(field, "0.75") == 0.75
    volume = forms.input_of("workload.requests_per_day", 9000)
    assert volume is not None
    assert forms.read(volume, "12 000") == 12_000
    for unclear in ("9.000", "75 %"):  # nine or nine thousand; a part of what
        with pytest.raises(ScenarioError):
            forms.read(volume, unclear)


def test_units_and_fields_are_called_in_the_language_spoken() -> None:
    with speaking(GERMAN):
        assert here(texts.plainly("1,200 tok")) == "1,200 Token"
        assert here(texts.with_unit("3", "year")) == "3 Jahre"
        assert here(texts.spoken("set quality.floor")) == f"set „{GERMAN.texts[FLOOR]}“ (`quality.floor`)"
    assert texts.plainly("3 year") == "3 years"
    assert texts.plainly("1 year") == "1 year"
    assert texts.plainly("10,000 request/day") == "10,000"


FLOOR = "Least share of answers accepted"
