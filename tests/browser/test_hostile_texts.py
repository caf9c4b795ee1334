"""Sixty hostile texts in a real browser: the report, without its policy, runs nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from advisor.outputs.report import report_page
from advisor.scenario import STEP_NAMES, save_scenario
from tests.browser.conftest import PATIENCE
from tests.hostile import twins

pytestmark = pytest.mark.browser

RAN = "window.ran = 0; for (const name of ['alert', 'confirm', 'prompt', 'open']) window[name] = () => ran++;"
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def hostile(catalogue):
    return twins(catalogue)[0]


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
    assert page.evaluate("ran") == 0
    assert page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0
    assert page.strangers == []
    assert page.errors == []


def test_the_app_runs_nothing_of_a_scenario_that_is_brought(page, address, hostile, tmp_path):
    """Each page with all that can be opened on it; what people wrote is there to read, as text."""
    case, _ = hostile
    brought = tmp_path / "brought.yaml"
    save_scenario(case.given, brought)
    page.add_init_script(RAN)
    page.goto(address)
    page.get_by_label("Or bring your own scenario").set_input_files(brought)
    expect(page.locator("body")).to_contain_text(case.given.name, timeout=PATIENCE)
    for name in (*STEP_NAMES, "plan"):
        page.goto(f"{address.rstrip('/')}/{name}")
        expect(page.locator(".app-waiting")).to_have_count(0, timeout=PATIENCE)
        for fold in page.locator("main details").all():
            fold.evaluate("fold => { fold.open = true }")
        expect(page.locator(".app-waiting")).to_have_count(0, timeout=PATIENCE)
        taken = case.given.decisions.get(name)
        if taken is not None:
            expect(page.locator("body")).to_contain_text(taken.by, timeout=PATIENCE)
        assert page.evaluate("ran") == 0, name
        foreign = "main iframe, main object, main embed, main script:not([src]), main img[onerror]"
        assert page.locator(foreign).count() == 0, name
    assert page.strangers == []
    assert page.errors == []
