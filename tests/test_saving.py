"""Nothing of a person's is lost: kills, full disks, two writers, links, modes, comments."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.errors import AdvisorError, ChangedError
from advisor.core.files import PlainLoader, dump_yaml
from advisor.core.saving import ABSENT, fingerprint, settle, write_atomic, write_together
from advisor.scenario import (
    EditedMeanwhileError,
    load_scenario,
    save_scenario,
    seen,
    with_values,
)
from advisor.scenario.editing import GONE, Unfit, differences, edited
from advisor.view.session import Session, choices

COMMENTED = """\
# 1 the pilot of the claims team
# yaml-language-server: $schema=scenario.schema.json
schema_version: 1   # 2 the only one there is
name: "Claims"      # 3 quoted on purpose
# 4 above the task
task: chat

workload:  # 5 beside a section
  # 6 first in a section
  requests_per_day: 1_e # 7
  input_tokens: 1.2e3   # 8 written as it was measured
  languages: [de,  fr]  # 9 two spaces
  # 10 last in a section

quality: {floor: 0.8, easy_share: 0.5}  # 11 in one line
data_sets:
# 12 above the first
- name: Files   # 13
  role: corpus
  size_gb: 10   # 14
  # 15 below the first
- {name: Logs, role: logs, size_gb: 5}  # 16
decisions:   # 17 what was decided
  # 18 in the first week
  foundation_model:  # 19
    choice: gpt-4.1-mini   # 20
    by: Ada      # 21
    reason: |
      It was cheapest.   # not a comment
      # nor this
# 22 between sections
timing:
  start: 2027-01-01  # 23 new year
# 24 nearly the end

# 25 the end
""".replace("1_e", "1000")
TAKEN = {"choice": "batch", "by": "Ada", "reason": "cheap: and # simple", "on": "2026-11-20"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ADVISOR_WORKSPACE", str(tmp_path))
    return tmp_path


def changed(path: Path, values: dict[str, Any]) -> None:
    save_scenario(with_values(load_scenario(path), values), path)


# what is kept of a file


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


# two writers


def test_a_second_writer_is_told_what_changed_and_both_versions_lie_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    opened, mine = seen(path), load_scenario(path)
    changed(path, {"workload.requests_per_day": 7, "decisions.deployment": TAKEN})
    theirs = path.read_bytes()
    with pytest.raises(EditedMeanwhileError) as caught:
        save_scenario(with_values(mine, {"quality.floor": 0.9}), path, opened)
    told = {fault.where: fault for fault in caught.value.faults}
    assert set(told) == {"workload.requests_per_day", "decisions.deployment"}
    assert told["workload.requests_per_day"].expected == "1000.0 as it was opened"
    assert told["workload.requests_per_day"].found == "7.0"
    assert "by somebody else (" in caught.value.summary
    assert path.read_bytes() == theirs
    assert caught.value.kept == tmp_path / "claims-2.yaml"
    assert load_scenario(caught.value.kept).quality.floor == 0.9
    assert load_scenario(caught.value.kept).workload.requests_per_day == 1000


def test_two_sessions_on_one_template_lose_nothing(workspace: Path) -> None:
    first, second = Session("contact_centre"), Session("contact_centre")
    first.record("deployment", "one", by="Ada")
    with pytest.raises(EditedMeanwhileError):
        second.record("deployment", "two", by="Grace")
    assert load_scenario(workspace / "contact_centre.yaml").decisions["deployment"].by == "Ada"
    assert load_scenario(workspace / "contact_centre-2.yaml").decisions["deployment"].by == "Grace"
    # the second goes on with its own, the first with its own
    assert second.record("operations", "three").name == "contact_centre-2.yaml"
    assert first.record("operations", "four").name == "contact_centre.yaml"


def test_of_many_who_save_at_once_each_version_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path\n"
        "from advisor.scenario import *\n"
        "path = Path(sys.argv[1]); opened = seen(path); mine = load_scenario(path)\n"
        "print(flush=True); sys.stdin.readline()\n"
        "mine = with_values(mine, {'workload.requests_per_day': float(sys.argv[2])})\n"
        "try: save_scenario(mine, path, opened)\n"
        "except EditedMeanwhileError: pass\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(2, 7)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        writer.communicate(b"\n")
    kept = [load_scenario(found).workload.requests_per_day for found in tmp_path.glob("*.yaml")]
    assert sorted(kept) == [2, 3, 4, 5, 6]


def test_a_copy_in_the_workspace_keeps_the_template_s_comments(workspace: Path) -> None:
    session = Session("contact_centre")
    template = session.path.read_text(encoding="utf-8")
    session.record("deployment", "one", by="Ada", reason="so")
    lines = (workspace / "contact_centre.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in template.splitlines() if line not in lines and "decisions" not in line] == []


def test_an_upload_of_a_taken_name_replaces_nothing(workspace: Path) -> None:
    session = Session("contact_centre")
    session.add("mine.yaml", COMMENTED.encode())
    session.add("mine.yaml", COMMENTED.replace("Claims", "Other").encode())
    assert session.path.name == "mine-2.yaml"
    assert (workspace / "mine.yaml").read_text(encoding="utf-8") == COMMENTED
    session.add("mine.yaml", COMMENTED.encode())
    assert session.path.name == "mine.yaml"
    with pytest.raises(AdvisorError):
        session.add("bad.yaml", b"name: x\ntask: sing\n")
    assert {path.name for path in workspace.iterdir()} == {"mine.yaml", "mine-2.yaml", "current.txt"}


# together or not at all


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


OLD = {"a.txt": "old a", "b.txt": "old b"}
NEW = {"a.txt": "new a", "b.txt": "new b", "c.txt": "new c"}


@pytest.mark.parametrize("function", ["fsync", "mkdir", "write", "rename", "replace"])
@pytest.mark.parametrize("failing", range(1, 7))
def test_a_disk_that_is_full_at_any_step_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, failing: int
) -> None:
    write_together(tmp_path, OLD)
    calls = 0

    def full(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == failing:
                raise OSError(28, "No space left on device")
            return real(*arguments, **named)

        return call

    if function == "write":
        real_open = Path.open

        def opened(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
            if "x" not in mode:
                return real_open(self, mode, *more, **named)
            return full(real_open)(self, mode, *more, **named)

        monkeypatch.setattr(Path, "open", opened)
    else:
        owner = os if function == "fsync" else Path
        monkeypatch.setattr(owner, function, full(getattr(owner, function)))
    try:
        write_together(tmp_path, NEW)
    except AdvisorError as error:
        wanted, told = OLD, str(error)
    else:
        wanted, told = NEW, "No space left"
    monkeypatch.undo()
    assert "No space left" in told
    assert contents(tmp_path) == wanted
    assert all(path.is_file() for path in tmp_path.iterdir())


KILLED = """
import os, sys, signal
from pathlib import Path
from advisor.core.saving import write_together
at = int(sys.argv[2])
calls = 0
def trace(frame, event, argument):
    global calls
    if frame.f_code.co_filename.endswith('core/saving.py'):
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
sys.settrace(trace)
write_together(Path(sys.argv[1]), {"a.txt": "new a", "b.txt": "new b", "c.txt": "new c"})
sys.settrace(None)
print(calls)
"""


def test_a_kill_at_any_line_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Killed before the k-th traced line of the writer; a start afterwards finishes or clears it."""
    whole = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "whole"), "0"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = int(whole.stdout)
    assert lines > 100
    outcomes = set()
    for at in range(3, lines, 12):
        folder = tmp_path / str(at)
        write_together(folder, OLD)
        done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(at)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert not [path.name for path in folder.glob("*.yaml")]
        settle(folder)
        outcomes.add(
            "new" if contents(folder) == NEW else "old" if contents(folder) == OLD else f"torn at {at}"
        )
        assert all(path.is_file() for path in folder.iterdir())
    assert outcomes == {"old", "new"}


def test_what_a_killed_save_left_is_no_scenario_and_goes_at_the_next_start(workspace: Path) -> None:
    write_atomic(workspace / "mine.yaml", COMMENTED)
    left = workspace / ".advisor-0123.tmp"
    left.mkdir()
    (left / "torn.yaml").write_text("name: to", encoding="utf-8")
    (workspace / ".hidden.yaml").write_text("name: x", encoding="utf-8")
    names = choices()
    assert "mine" in names
    assert not [name for name in names if "torn" in name or name.startswith(".")]
    Session("mine")
    assert not left.exists()


def test_a_writer_at_work_is_left_alone(tmp_path: Path) -> None:
    code = (
        "import sys, os; from pathlib import Path; from advisor.core import saving\n"
        "folder = Path(sys.argv[1])\n"
        "def wait(*_): print('writing', flush=True); sys.stdin.readline()\n"
        "saving._flush = wait\n"
        "saving.write_atomic(folder / 'a.txt', 'x')\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    settle(tmp_path)
    assert list(tmp_path.glob(".advisor-*"))
    writer.communicate(b"\n\n")
    assert writer.returncode == 0
    assert contents(tmp_path) == {"a.txt": "x"}
    assert not list(tmp_path.glob(".advisor-*"))


READ_ONLY = """
import os, sys
from pathlib import Path
from advisor.core.errors import AdvisorError
from advisor.core.saving import settle, write_together
if os.geteuid() == 0:
    os.setuid(65534)  # nothing is read-only for root
settle(Path(sys.argv[1]))
try:
    write_together(Path(sys.argv[1]), {"a.txt": "new", "b.txt": "new"})
except AdvisorError as error:
    print(error)
"""


def test_a_read_only_folder_is_told_and_stays() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.txt").write_text("old", encoding="utf-8")
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, name], capture_output=True, text=True, check=True
        )
        folder.chmod(0o755)
        assert "cannot be written" in done.stdout
        assert "Permission denied" in done.stdout
        assert contents(folder) == {"a.txt": "old"}


def test_a_folder_that_takes_no_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(AdvisorError, match="cannot be written"):
        write_atomic(tmp_path / "file" / "deeper.txt", "x")
    with pytest.raises(AdvisorError, match="cannot be written"):
        write_together(Path("/proc/nothing"), NEW)
    assert contents(tmp_path) == {"file": "x"}


def test_a_file_is_not_replaced_unless_it_is_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "one", ABSENT)
    with pytest.raises(ChangedError, match="changed by somebody else"):
        write_atomic(path, "two", ABSENT)
    write_atomic(path, "two", fingerprint("one"))
    with pytest.raises(ChangedError):
        write_together(tmp_path, {"a.txt": "three", "b.txt": "x"}, {"a.txt": fingerprint("one")})
    assert contents(tmp_path) == {"a.txt": "two"}
    path.unlink()
    with pytest.raises(ChangedError):
        write_atomic(path, "three", fingerprint("two"))
    assert contents(tmp_path) == {}


def test_a_name_too_long_for_the_system_is_told_and_not_repeated(tmp_path: Path) -> None:
    for name in ("x" * 300, "x" * 100_000, "a\0b"):
        with pytest.raises(AdvisorError) as caught:
            write_atomic(tmp_path / name, "x")
        assert len(str(caught.value)) < 1000
    assert not list(tmp_path.iterdir())
