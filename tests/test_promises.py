"""docs/ux.md names a test for each promise; each test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = re.findall(
    r"^\| (\d+) \| (.+?) \| (.+) \|$", (ROOT / "docs" / "ux.md").read_text("utf-8"), re.MULTILINE
)


def test_there_are_twenty_four_promises_in_order():
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 25))


def test_each_promise_names_tests_that_exist_or_says_that_it_is_open():
    for number, _, shown in ROWS:
        named = re.findall(r"`(tests/\S+?\.py)::(\w+)`", shown)
        assert named or shown.startswith("open"), number
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text("utf-8"), (number, test)
