"""Files appear together or not at all: kills, full disks, folders that take nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from advisor.core.errors import AdvisorError
from advisor.core.saving import settle, write_atomic, write_together
from advisor.view.session import Session
from advisor.view.workspace import choices
from tests.saving.texts import COMMENTED, contents

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


def test_a_name_too_long_for_the_system_is_told_and_not_repeated(tmp_path: Path) -> None:
    for name in ("x" * 300, "x" * 100_000, "a\0b"):
        with pytest.raises(AdvisorError) as caught:
            write_atomic(tmp_path / name, "x")
        assert len(str(caught.value)) < 1000
    assert not list(tmp_path.iterdir())
