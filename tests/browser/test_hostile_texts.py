"""Sixty hostile texts in a real browser: the report, without its policy, runs nothing."""

from __future__ import annotations

import re

import pytest

from advisor.outputs.report import report_page
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
