"""What stands on one screen of JupyterLab, and where its numbers lead."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FIRST_VIEW, PATIENCE, serving, visit
from tests.browser.test_app import MOST_NUMBERS, MOST_WORDS
from tests.browser.test_workshop import OPEN, answered, here
from tests.narrowed import narrowed

pytestmark = pytest.mark.browser

STEPS = ("01_foundation_model", "02_improvement", "03_deployment", "04_data_storage", "05_operations")
FLIP = ".adv-nearest:not([aria-busy])"
PARTS = (".adv-agenda", ".adv-inputs", "article h2", ".adv-strip", ".adv-bars", FLIP)
CUT = """root => [...root.querySelectorAll('.adv-panel *')]
    .filter(e => e.checkVisibility() && !e.closest('svg, details')
        && e.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
    .map(e => e.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    workspace = tmp_path_factory.mktemp("lab")
    narrowed("contact_centre", workspace)
    with serving(["lab"], workspace) as address:
        yield address


def test_a_step_stands_on_one_screen(page, lab):
    visit(page, lab.replace("00_start", STEPS[0]))
    answered(page, "42,000 requests a day")
    for name in STEPS:
        page.evaluate(OPEN, f"notebooks/{name}.ipynb")
        answered(page, "42,000 requests a day")
        whole = here(page).bounding_box()
        for part in PARTS:
            expect(here(page).locator(part).first).to_be_visible(timeout=PATIENCE)
            box = here(page).locator(part).first.bounding_box()
            assert box["y"] >= whole["y"], (name, part)
            assert box["y"] + box["height"] <= whole["y"] + whole["height"], (name, part)
            assert box["x"] + box["width"] <= whole["x"] + whole["width"], (name, part)
        said = here(page).evaluate(FIRST_VIEW)
        assert len(re.findall(r"\d[\d,.]*", said)) <= MOST_NUMBERS, (name, said)
        assert len(re.findall(r"[^\W\d_]{2,}", said)) <= MOST_WORDS, (name, said)
        assert here(page).evaluate(CUT) == [], name


def in_front(page, lab, step):
    """Open a step's notebook and wait until it is in front: tabs of earlier pages come back beside it."""
    visit(page, lab.replace("00_start", step))
    answered(page, "requests a day")
    page.evaluate(OPEN, f"notebooks/{step}.ipynb")
    expect(page.locator(".jp-mod-current.lm-mod-current .lm-TabBar-tabLabel")).to_contain_text(step)
    answered(page, "requests a day")


def test_numbers_lead_to_their_lines_and_lines_to_a_figure_of_ones_own(page, lab):
    in_front(page, lab, STEPS[0])
    answered(page, "42,000 requests a day")
    one = here(page)
    expect(one.locator(".adv-row .adv-badge", has_text="template").first).to_be_visible()
    assert one.locator(".adv-row .adv-badge", has_text="yours").count() == 0
    volume = one.get_by_label("Requests per day")
    volume.fill("43000")
    volume.press("Enter")
    answered(page, "43,000 requests a day")
    expect(one.locator(".adv-row .adv-badge", has_text="yours")).to_have_count(1, timeout=PATIENCE)

    one.locator(".adv-strip .adv-figure a").first.click()  # one action to the bill, one to the line
    line = one.locator("details[data-fold=bill] details").first
    line.locator("summary").click()
    expect(line).to_contain_text(re.compile(r"once ÷ 3 years = .* a year"))
    expect(line).to_contain_text(re.compile(r"20\d\d-\d\d-\d\d"))
    figure = line.locator("code").first.inner_text()
    volume.fill("44000")
    volume.press("Enter")
    answered(page, "44,000 requests a day")
    expect(one.locator(FLIP)).to_be_visible(timeout=PATIENCE)
    expect(one.locator(".adv-waiting")).to_have_count(0, timeout=PATIENCE)
    expect(one.locator("details[data-fold=bill]")).to_have_attribute("open", "")  # a redraw keeps it
    expect(line).to_have_attribute("open", "")
    one.locator(f"button[data-own='{figure}']").first.click()
    expect(one.get_by_label("Figure", exact=True)).to_have_value(figure, timeout=PATIENCE)
    expect(one.locator(".adv-own-figure")).to_contain_text("Shipped:", timeout=PATIENCE)


def test_a_fold_is_empty_after_a_change_until_it_is_opened(page, lab):
    in_front(page, lab, STEPS[2])
    one = here(page)
    volume = one.get_by_label("Requests per day")
    volume.fill("45000")
    volume.press("Enter")
    answered(page, "45,000 requests a day")
    expect(one.locator(FLIP)).to_be_visible(timeout=PATIENCE)
    expect(one.locator(".adv-waiting")).to_have_count(0, timeout=PATIENCE)
    fold, other = one.locator("details[data-fold=compared]"), one.locator("details[data-fold=evidence]")
    expect(fold.locator(".adv-lazy")).to_have_count(1)
    assert fold.locator("table").count() == other.locator("table").count() == 0

    fold.locator("summary").first.click()
    expect(fold.locator("table").first).to_be_visible(timeout=PATIENCE)
    expect(fold.locator("summary").first).to_be_focused()
    expect(fold.locator(".adv-lazy")).to_have_count(0)
    expect(other.locator(".adv-lazy")).to_have_count(1)
    expect(one.locator(".adv-opened textarea")).to_be_hidden()
