"""The notebook's panels as an app for one, by Voila."""

from __future__ import annotations

import pytest

from advisor.serve.lab import free_port
from tests.browser.conftest import serving, visit
from tests.narrowed import narrowed

pytestmark = pytest.mark.browser

UNNAMED = """() => [...document.querySelectorAll('.adv-panel :is(input, select, button)')].filter(e =>
    e.type != 'file' && !(e.labels && e.labels.length && e.labels[0].innerText.trim())
    && !e.innerText.trim() && !e.title && !e.ariaLabel).map(e => e.outerHTML.slice(0, 200))"""


def test_the_app_answers_a_changed_control_and_refuses_a_wrong_one(page, tmp_path):
    port, saved = free_port(8870), narrowed("contact_centre", tmp_path)
    with serving(["app", "--voila", "--port", str(port)], tmp_path) as address:
        visit(page, address)
        page.wait_for_selector("article.adv h2")
        assert page.locator("code:has-text('import')").count() == 0
        for name in ("1 Foundation model", "2 Improvement", "4 Data storage", "5 Operations", "6 Plan"):
            page.get_by_role("button", name=name).click()
            step = name.split(" ", 1)[1]
            page.wait_for_selector(f"article[aria-label='{'The plan' if step == 'Plan' else step}']")
        page.get_by_role("button", name="3 Deployment").click()
        page.wait_for_selector("article[aria-label='Deployment']")
        assert "42,000 requests a day" in page.locator(".adv-step").first.inner_text()
        assert page.evaluate(UNNAMED) == []

        control = page.get_by_label("Requests per day")
        control.fill("90000")
        control.press("Enter")
        page.wait_for_function("document.querySelector('.adv-step').innerText.includes('90,000 requests')")
        page.wait_for_selector("details.adv-fold")

        control.fill("-1")
        control.press("Enter")
        page.wait_for_selector("[role=alert]")
        assert "at least 1" in page.locator("[role=alert]").inner_text()
        assert "90,000 requests" in page.locator(".adv-step").first.inner_text()

        page.get_by_role("button", name="Undo").click()
        page.wait_for_function("document.querySelector('.adv-step').innerText.includes('42,000 requests')")
        assert page.locator("[role=alert]").count() == 0

        page.get_by_role("button", name="Record a decision").click()
        page.get_by_label("Taken by").fill("Ada")
        page.get_by_label("Taken by").press("Tab")
        page.get_by_role("button", name="Record this decision").click()
        page.wait_for_selector("[role=status]:has-text('Recorded in')")
        assert "by: Ada" in saved.read_text(encoding="utf-8")

        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.strangers == []
        assert page.errors == []
