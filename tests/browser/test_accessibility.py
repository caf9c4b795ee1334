"""axe on everything a reader meets: the app's pages with their folds, the report, a notebook's outputs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from advisor.outputs.report import Pages
from advisor.scenario import load_scenario, save_scenario, with_values
from advisor.system.opening import template
from tests.browser.conftest import PATIENCE, violations

pytestmark = pytest.mark.browser

# pages that hold the same pieces share a visit
PAGES = (
    ("",), ("foundation_model",), ("data_storage",), ("plan",), ("log", "pilot", "prompt", "priorities"),
    ("owners", "milestones"),
)  # fmt: skip
NAME = "Six models compared"
MODELS = ["gpt-4.1-mini", "gpt-4.1-nano", "gpt-5.4-nano", "gpt-oss-120b", "phi-4", "llama-3.3-70b"]
SEEN = {"data_storage": ["bill", "evidence"]}  # folds of the same pieces as on a page before it
OPEN = """seen => document.querySelectorAll('details')
    .forEach(fold => { if (!seen.includes(fold.dataset.fold)) fold.open = true; })"""
BUSY = """() => !!document.querySelector('.app-waiting')
    || [...document.querySelectorAll('.adv-lazy')].some(e => e.innerText.includes('Working it out'))
    || document.body.innerText.includes('Looking for the nearest')"""


def quiet(page):
    # what fades back in is not what a reader is left with
    page.emulate_media(reduced_motion="reduce")
    for _ in range(PATIENCE // 200):
        if not page.evaluate(BUSY):
            return
        page.wait_for_timeout(200)
    raise AssertionError("the page is still at work")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A template of short bills in which some models are compared: every kind of element, fewer of each."""
    made = tmp_path_factory.mktemp("few") / "few.yaml"
    limits = {"name": NAME, "constraints.models_compared": MODELS}
    save_scenario(with_values(load_scenario(template("speech_notes")), limits), made)
    return made


def violations_at_two_sizes(page):
    found = violations(page)
    page.set_viewport_size({"width": 390, "height": 844})
    found += violations(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    return found


@pytest.mark.parametrize("names", PAGES, ids=lambda names: "-".join(names) or "start")
def test_a_page_of_the_app_has_no_violation(page, address, few, names):
    if names != ("",):
        page.goto(address)
        page.get_by_label("Or bring your own scenario").set_input_files(few)
        expect(page.locator("body")).to_contain_text(NAME, timeout=PATIENCE)
    for name in names:
        page.goto(address + name)
        quiet(page)
        if name == "milestones":
            page.get_by_role("button", name="Save a milestone").click()
            page.get_by_role("button", name="Show what changed").click()
            page.get_by_text("Every input is the same").wait_for()
            quiet(page)
        page.evaluate(OPEN, SEEN.get(name, []))
        quiet(page)
        assert violations_at_two_sizes(page) == [], name


def test_a_step_in_which_nothing_passes_has_no_violation(page, address, tmp_path):
    stuck = tmp_path / "stuck.yaml"
    stuck.write_text(
        "name: Nothing passes\ntask: chat\nquality:\n  floor: 1\n"
        "constraints:\n  models_compared: [gpt-4.1-nano]\n  regions_allowed: [swedencentral]\n"
    )
    page.goto(address)
    page.get_by_label("Or bring your own scenario").set_input_files(stuck)
    expect(page.locator("body")).to_contain_text("Nothing passes", timeout=PATIENCE)
    page.goto(address + "data_storage")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not examined")
    page.evaluate(OPEN, [])
    quiet(page)
    assert violations(page) == []


@pytest.fixture(scope="module")
def written(tmp_path_factory, few):
    """The printed report, and the same scenario's faces as a notebook's outputs show them."""
    folder, pages = tmp_path_factory.mktemp("report"), Pages(few)
    (folder / "report.html").write_text(pages.document(), encoding="utf-8")
    (folder / "outputs.html").write_text(pages.in_full(), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["report.html", "outputs.html"])
def test_the_report_and_a_notebooks_outputs_have_no_violation(page, written, name):
    page.goto((written / name).as_uri())
    if name == "report.html":  # the folds of the faces are opened on the app's pages
        page.evaluate(OPEN, [])
    assert violations(page) == []
