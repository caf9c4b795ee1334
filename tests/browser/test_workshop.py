"""The workshop in JupyterLab: it runs on opening, notebooks share one scenario, and nothing is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, serving, visit
from tests.narrowed import narrowed

pytestmark = pytest.mark.browser

READY = "window.jupyterapp?.shell?.currentWidget?.sessionContext"
OPEN = "path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => true)"
OPEN_AND_LEAVE = """async paths => {
    for (const path of paths) await window.jupyterapp.commands.execute('docmanager:open', {path});
}"""
KILL = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
UNNAMED = """() => [...document.querySelectorAll('.adv-panel :is(input, select, button)')].filter(e =>
    e.checkVisibility() && e.type != 'file' && !(e.labels && e.labels.length && e.labels[0].innerText.trim())
    && !e.innerText.trim() && !e.title && !e.ariaLabel).map(e => e.outerHTML.slice(0, 200))"""


def here(page):
    """The notebook in front."""
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")


def answered(page, name):
    expect(here(page).locator("article.adv").first).to_be_visible(timeout=PATIENCE)
    expect(here(page)).to_contain_text(name, timeout=PATIENCE)


def test_a_group_walks_through_the_notebooks(page, tmp_path):
    narrowed("contact_centre", tmp_path)
    saved = narrowed("legal_qa", tmp_path)
    with serving(["lab"], tmp_path) as address:
        assert "/lab/tree/notebooks/00_start.ipynb" in address
        visit(page, address)
        answered(page, "Contact-centre assistant")  # nobody pressed run
        assert here(page).locator(".jp-CodeCell .jp-Cell-inputWrapper:visible").count() == 0
        assert page.locator(".jp-FileBrowser:visible").count() == 0
        assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        assert page.evaluate(UNNAMED) == []

        # one that was left before its kernel was there runs once it is in front again
        page.evaluate(OPEN_AND_LEAVE, ["notebooks/04_data_storage.ipynb", "notebooks/00_start.ipynb"])
        answered(page, "Contact-centre assistant")
        page.wait_for_timeout(5000)
        page.evaluate(OPEN, "notebooks/04_data_storage.ipynb")
        answered(page, "Contact-centre assistant")
        page.evaluate(OPEN, "notebooks/00_start.ipynb")
        here(page).get_by_label("Scenario", exact=True).select_option(
            label="Legal document Q&A, Lindqvist Moreau (legal_qa)"
        )
        answered(page, "Legal document Q&A")
        page.evaluate(OPEN, "notebooks/04_data_storage.ipynb")
        answered(page, "Legal document Q&A")  # it was open all the while, in a kernel of its own

        years = here(page).get_by_label(re.compile("Planned for"))
        years.fill("5")
        years.press("Enter")
        expect(here(page).locator(".adv-step").first).to_contain_text("planned for 5 years", timeout=PATIENCE)
        here(page).get_by_role("button", name="Record a decision").click()
        here(page).get_by_label("Taken by").fill("Ada")
        here(page).get_by_label("Taken by").press("Tab")
        here(page).get_by_role("button", name="Record this decision").click()
        expect(here(page).locator("[role=status]", has_text="Recorded in")).to_be_visible(timeout=PATIENCE)
        assert "by: Ada" in saved.read_text(encoding="utf-8")

        page.evaluate(KILL)
        banner = here(page).locator(".adv-lab-bar")
        expect(banner).to_contain_text("The kernel has gone", timeout=PATIENCE)
        expect(here(page).locator("article.adv").first).to_be_visible()  # the last answer stays
        banner.get_by_role("button", name="Go on from there").click()
        expect(banner).to_be_hidden(timeout=PATIENCE)
        answered(page, "planned for 5 years")
        answered(page, "Recorded by Ada")

        page.evaluate("window.jupyterapp.commands.execute('advisor:projector')")
        sizes = (
            here(page)
            .locator("article.adv")
            .first.evaluate(
                """article => [...article.querySelectorAll('p, li, td, th, small, span')]
                .filter(e => e.checkVisibility() && e.innerText.trim() && !e.closest('svg'))
                .map(e => parseFloat(getComputedStyle(e).fontSize))"""
            )
        )
        assert sizes
        assert min(sizes) >= 18
        assert page.strangers == []


def test_a_reload_goes_on_where_it_was_and_guesses_hide_the_answer(page, tmp_path):
    narrowed("contact_centre", tmp_path)
    with serving(["lab"], tmp_path) as address:
        visit(page, address.replace("00_start", "03_deployment"))
        answered(page, "42,000 requests a day")
        control = here(page).get_by_label("Requests per day")
        control.fill("61000")
        control.press("Enter")
        answered(page, "61,000 requests a day")
        page.reload()
        answered(page, "61,000 requests a day")
        # what is open is kept here, not in the one list that JupyterLab has for all of a user's folders
        assert [*(tmp_path / "lab").iterdir()]
        here(page).get_by_role("button", name="Undo").click()
        answered(page, "42,000 requests a day")

        page.evaluate(OPEN, "notebooks/00_start.ipynb")
        answered(page, "Contact-centre assistant")
        here(page).get_by_label("People guessing").fill("1")
        here(page).get_by_label("People guessing").press("Enter")
        here(page).get_by_label("Guess before each answer is shown").check()
        page.evaluate(OPEN, "notebooks/03_deployment.ipynb")
        expect(here(page)).to_contain_text("Guess first", timeout=PATIENCE)
        assert here(page).locator(".adv-strip").count() == 0
        show = here(page).get_by_role("button", name="Show the answer")
        expect(show).to_be_disabled()
        here(page).get_by_label("Your name").fill("Ben")
        here(page).get_by_label("Your guess").fill("Own GPUs, 3 t")
        here(page).get_by_label("Your guess").press("Tab")
        here(page).get_by_role("button", name="Enter the guess").click()
        expect(show).to_be_enabled(timeout=PATIENCE)
        show.click()
        expect(here(page).locator(".adv-strip")).to_be_visible(timeout=PATIENCE)
        expect(here(page)).to_contain_text("Ben: Own GPUs, 3 t")
