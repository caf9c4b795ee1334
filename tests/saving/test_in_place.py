"""A scenario is changed in place: comments, order, layout, mode and link stay."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.errors import AdvisorError
from advisor.core.files import PlainLoader, dump_yaml
from advisor.core.saving import write_atomic
from advisor.scenario import (
    load_scenario,
    save_scenario,
    with_values,
)
from advisor.scenario.editing import GONE, Unfit, differences, edited
from tests.saving.texts import COMMENTED, TAKEN, changed


def test_recording_a_decision_edits_only_decisions(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    changed(path, {"decisions.deployment": TAKEN})
    text = path.read_text(encoding="utf-8")
    before, after = COMMENTED.split("# 22 between sections")
    assert text.startswith(before)
    assert text.endswith("# 22 between sections" + after)
    added = text.removeprefix(before).removesuffix("# 22 between sections" + after)
    assert added == (
        "  deployment:\n    choice: batch\n    'on': '2026-11-20'\n    by: Ada\n"
        "    reason: 'cheap: and # simple'\n"
    )
    assert load_scenario(path).decisions["deployment"].choice == "batch"
    changed(path, {"decisions.deployment.by": "Grace"})
    assert path.read_text(encoding="utf-8") == text.replace(
        "    by: Ada\n    reason: '", "    by: Grace\n    reason: '"
    )


@pytest.mark.parametrize(
    ("values", "old", "new"),
    [
        ({"workload.requests_per_day": 5}, "requests_per_day: 1000 # 7", "requests_per_day: 5 # 7"),
        ({"quality.floor": 0.9}, "{floor: 0.8, easy", "{floor: 0.9, easy"),
        ({"quality.needs_reasoning": True}, "easy_share: 0.5}", "easy_share: 0.5, needs_reasoning: true}"),
        ({"data_sets[1].size_gb": 6}, "size_gb: 5}", "size_gb: 6}"),
        ({"data_sets[0].tier": "cool"}, "size_gb: 10   # 14\n", "size_gb: 10   # 14\n  tier: cool\n"),
        ({"timing.horizon_years": 2}, "  start: 2027-01-01  # 23 new year\n",
         "  start: 2027-01-01  # 23 new year\n  horizon_years: 2\n"),
        ({"description": "Two\nlines"}, "# 25 the end\n", "# 25 the end\n"),
        ({"workload.languages": ["no", "1e5"]}, "[de,  fr]", "['no',  '1e5']"),
        ({"decisions.foundation_model.reason": "Other."},
         "reason: |\n      It was cheapest.   # not a comment\n      # nor this\n", "reason: Other.\n"),
    ],
)  # fmt: skip
def test_a_change_touches_its_own_place_alone(
    tmp_path: Path, values: dict[str, Any], old: str, new: str
) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    wanted = with_values(load_scenario(path), values)
    save_scenario(wanted, path)
    text = path.read_text(encoding="utf-8")
    if old != new:
        assert text == COMMENTED.replace(old, new)
    assert all(f"# {number}" in text for number in range(1, 26))
    assert load_scenario(path) == wanted


def test_ends_of_lines_mark_mode_and_link_stay(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.yaml"
    real.parent.mkdir()
    real.write_bytes(COMMENTED.replace("\n", "\r\n").encode("utf-8-sig"))
    real.chmod(0o600)
    link = tmp_path / "claims.yaml"
    link.symlink_to(real)
    changed(link, {"decisions.deployment": TAKEN})
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    content = real.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert load_scenario(link).decisions["deployment"].by == "Ada"


def test_a_new_file_is_as_open_as_the_system_says(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_atomic(tmp_path / "mine", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "name: x\ntask: chat\n",
        "name: x\ntask: chat",
        "{name: x, task: chat}",
        "---\nname: x\ntask: chat\n...\n",
        "name: x\ntask: chat\ndecisions:\nnotes: {}\n",
        "name: x\ntask: chat\ndecisions: {}  # none yet\ntiming:\n  horizon_years: 1\n",
        "? name\n: x\n? task\n: chat\n",
        "name: x\ntask: chat\ndecisions: {\n  operations: {choice: a},  # first\n}\n",
        "'name': x\n\"task\": chat\n'decisions':\n    operations:\n          choice: a\n",
        "task: chat\nname: |-\n  x\n",
        "task: chat\nname: >+\n  x\n\n\n",
    ],
)
def test_a_decision_is_recorded_however_the_file_is_laid_out(tmp_path: Path, text: str) -> None:
    path = tmp_path / "it.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        before = load_scenario(path)
    except AdvisorError:  # a name with a break, or decisions of nothing, is no scenario to begin with
        assert ">+" in text or "decisions:\n" in text
        return
    wanted = with_values(before, {"decisions.deployment": TAKEN})
    save_scenario(wanted, path)
    assert load_scenario(path) == wanted
    for comment in ("# none yet", "# first"):
        assert (comment in text) == (comment in path.read_text(encoding="utf-8"))


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(0, 9)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6)
)
KEYS = st.sampled_from(["a", "b", "c: d", "e#", "1", "true", "ü"])
DATA = st.dictionaries(
    KEYS,
    st.recursive(
        PLAIN,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@given(DATA, DATA, st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_data_becomes_any_other_or_is_said_not_to_fit(before: Any, after: Any, flow: bool) -> None:
    text = dump_yaml(before, flow)
    try:
        found = edited(text, differences(before, after))
    except Unfit:
        return
    assert yaml.load(found, Loader=PlainLoader) == after  # noqa: S506  a safe loader


def test_a_key_is_taken_away_with_its_line_alone() -> None:
    text = "a: 1  # one\n# above\nb:\n  c: 2\n  d: 3\ne: 4\n"
    assert edited(text, [(("b", "c"), GONE)]) == "a: 1  # one\n# above\nb:\n  d: 3\ne: 4\n"
    assert edited(text, [(("b",), GONE)]) == "a: 1  # one\n# above\ne: 4\n"
