"""Sixty hostile texts in a real browser: the report without its policy, and the app. Nothing runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from advisor.outputs.report import report_page
from advisor.scenario import scenario_yaml
from tests.browser.conftest import PATIENCE, serving
from tests.hostile import twins

pytestmark = pytest.mark.browser

RAN = "window.ran = 0; for (const name of ['alert', 'confirm', 'prompt', 'open']) window[name] = () => ran++;"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def hostile(catalogue):
    return twins(catalogue)[0]


def harmless(page):
    assert page.evaluate("ran") == 0
    assert page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0
    assert page.strangers == []
    assert page.errors == []


def test_a_report_runs_nothing_even_where_no_policy_forbids_it(page, hostile, tmp_path):
    case, decisions = hostile
    text, left_out = POLICY.subn("", report_page(case, decisions))
    assert left_out == 1
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    page.add_init_script(RAN)
    page.goto((tmp_path / "report.html").as_uri())
    said = page.evaluate("document.body.textContent")
    for taken in case.given.decisions.values():
        assert taken.by in said
        assert taken.reason in said
    harmless(page)


def test_the_app_shows_them_as_text(page, hostile, tmp_path):
    case, _ = hostile
    (tmp_path / "hostile.yaml").write_text(scenario_yaml(case.given), encoding="utf-8")
    page.add_init_script(RAN)
    with serving(["app", "--port", "0"], tmp_path) as address:
        page.goto(address)
        page.get_by_label("Or bring your own scenario").set_input_files(tmp_path / "hostile.yaml")
        expect(page.locator("[data-part=bar]")).to_contain_text(case.given.name, timeout=PATIENCE)
        for name in ("Foundation model", "Data storage", "Plan"):
            page.get_by_role("navigation", name="Steps").get_by_role("link", name=name).click()
            expect(page.locator(f"main[data-page={name.lower().replace(' ', '_')}]")).to_be_visible(
                timeout=PATIENCE
            )
            expect(page.locator(".app-waiting")).to_have_count(0, timeout=PATIENCE)
            harmless(page)
