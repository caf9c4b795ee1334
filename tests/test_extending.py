"""The example changes of docs/extending.md fit the code as it stands, and are as small as promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = re.findall(
    r"```diff\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(encoding="utf-8"), re.S
)
MOST_FILES = (3, 4, 2)  # a way to deploy, an indicator, a coefficient


def before(hunk: str) -> str:
    """What a hunk expects to find: its context and what it takes away."""
    return "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] in " -")


@pytest.mark.parametrize(("example", "most"), list(zip(EXAMPLES, MOST_FILES, strict=True)))
def test_an_example_change_fits_the_code(example: str, most: int) -> None:
    files = re.split(r"^--- a/.*\n\+\+\+ b/(.*)\n", example, flags=re.M)[1:]
    names, bodies = files[::2], files[1::2]
    assert 0 < len(names) <= most
    for name, body in zip(names, bodies, strict=True):
        text = (ROOT / name).read_text(encoding="utf-8")
        hunks = re.split(r"^@@.*@@.*\n", body, flags=re.M)[1:]
        assert hunks
        for hunk in hunks:
            assert before(hunk) in text, f"{name}: {hunk}"
            assert any(line.startswith("+") for line in hunk.splitlines())
