"""Saving under kills, full disks, closed folders and second writers: what was lost, which must be nothing.

Three kinds of saves, each again and again with a number in every file: a scenario of 25 comments,
mode 0600, behind a link; the three files of a report; a scenario with the profile it names. A child
process saves and is killed, or meets a disk that is full at its n-th write; then the folder is
opened as a next start would and must hold one number throughout.

Run: python -m bench.saving [KILLS]
"""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from advisor.core.errors import AdvisorError
from advisor.core.saving import settle, write_together
from advisor.scenario import EditedMeanwhileError, load_scenario, save_scenario, seen, with_values

KILLS = 300
LATEST_S = 0.02  # a save takes a few milliseconds
SAVES = 50  # of one child: it is killed long before
WRITERS, ROUNDS = 4, 25
NOBODY = 65_534
STRANGE = 3  # a child's exit status for anything but an AdvisorError
COMMENTS = 25
SCENARIO = "# 1 on top\nschema_version: 1\nname: Kept  # 2\ntask: chat\nworkload:\n" + (
    "  requests_per_day: 1  # 3\n" + "".join(f"  # {number} kept\n" for number in range(4, COMMENTS + 1))
)
PROFILED = "name: Kept\ntask: chat\nworkload:\n  requests_per_day: 1\n"
# the calls by which a file comes to be: each in turn finds the disk full
CALLS = ((Path, "open"), (os, "fsync"), (Path, "mkdir"), (Path, "rename"), (Path, "replace"))

Contents = dict[str, str]
Tell = Callable[[str], None]


class Scenarios:
    """A scenario of 25 comments with mode 0600, reached by a link; its number is its volume."""

    def prepare(self, folder: Path) -> None:
        real = folder / "real" / "kept.yaml"
        real.parent.mkdir()
        real.write_text(SCENARIO, encoding="utf-8")
        real.chmod(0o600)
        (folder / "kept.yaml").symlink_to(real)

    def save(self, folder: Path, number: int) -> None:
        path = folder / "kept.yaml"
        opened = seen(path)
        values = {"workload.requests_per_day": float(number), "decisions.deployment.choice": f"n{number}"}
        save_scenario(with_values(load_scenario(path), values), path, opened)

    def lost(self, folder: Path) -> str:
        path = folder / "kept.yaml"
        if not path.is_symlink():
            return "the link"
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            return "the mode"
        text = path.read_text(encoding="utf-8")
        if not all(f"# {number}" in text for number in range(1, COMMENTS + 1)):
            return "a comment"
        found = load_scenario(path)
        number = round(found.workload.requests_per_day)
        choice = found.decisions["deployment"].choice if found.decisions else "n1"
        return "" if choice == f"n{number}" else "half of a change"


class Reports:
    """The three files of a report, which appear together."""

    NAMES = ("report.html", "decision-record.md", "plan.json")

    def prepare(self, folder: Path) -> None:
        self.save(folder, 1)

    def save(self, folder: Path, number: int) -> None:
        write_together(folder, dict.fromkeys(self.NAMES, f"{number} " * (20000 + number)))

    def lost(self, folder: Path) -> str:
        found = {(folder / name).read_text(encoding="utf-8") for name in self.NAMES}
        whole = {f"{number} " * (20_000 + number) for number in {int(text.split()[0]) for text in found}}
        return "" if found == whole and len(found) == 1 else "files of one report"


class Profiles:
    """A scenario and the profile it names."""

    def prepare(self, folder: Path) -> None:
        (folder / "kept.yaml").write_text(PROFILED, encoding="utf-8")
        (folder / "profile.yaml").write_text("number: 1\n", encoding="utf-8")

    def save(self, folder: Path, number: int) -> None:
        path = folder / "kept.yaml"
        changed = with_values(load_scenario(path), {"workload.requests_per_day": float(number)})
        save_scenario(changed, path, seen(path), along={"profile.yaml": f"number: {number}\n"})

    def lost(self, folder: Path) -> str:
        number = round(load_scenario(folder / "kept.yaml").workload.requests_per_day)
        profile = (folder / "profile.yaml").read_text(encoding="utf-8")
        return "" if profile == f"number: {number}\n" else "a profile of its scenario"


KINDS: Mapping[str, Any] = {"scenario": Scenarios(), "report": Reports(), "profile": Profiles()}


def child(work: Callable[[], None]) -> int:
    """Start a process that does ``work``; its status is 0, 2 for one clear error, 3 for anything else."""
    pid = os.fork()
    if pid:
        return pid
    status = 0
    try:
        work()
    except AdvisorError:
        status = 2
    except BaseException:
        status = STRANGE
    os._exit(status)


def outcome(kind: Any, folder: Path) -> str:
    """What is lost after the next start; empty for nothing."""
    offered = {path.name for path in folder.glob("*.yaml") if not path.name.startswith(".")}
    settle(folder)
    settle(folder / "real")
    if offered - {"kept.yaml", "profile.yaml"}:
        return "the difference between a scenario and a half-written file"
    return "room, to a temporary file that stays" if list(folder.rglob(".advisor-*")) else kind.lost(folder)


def kill(name: str, seed: int) -> str:
    """Kill a process at a random moment of saving; what was lost."""
    kind, chance = KINDS[name], random.Random(seed)  # noqa: S311  repeatable on purpose
    with TemporaryDirectory() as place:
        folder = Path(place)
        kind.prepare(folder)

        def work() -> None:
            for number in range(2, SAVES):
                kind.save(folder, number)

        pid = child(work)
        time.sleep(chance.uniform(0, LATEST_S))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return outcome(kind, folder)


@contextmanager
def full_at(owner: Any, name: str, failing: int) -> Iterator[None]:
    """Within it, the n-th call of one kind finds no space left; what only reads is not counted."""
    real, calls = getattr(owner, name), 0

    def call(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        if name == "open" and not set("wxa") & set(str(arguments[1] if len(arguments) > 1 else "r")):
            return real(*arguments, **named)
        calls += 1
        if calls == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **named)

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, real)


def full(name: str, owner: Any, call: str, failing: int) -> tuple[str, bool]:
    """A disk that is full at the n-th call of one kind: what was lost, and whether it was met and told."""
    kind = KINDS[name]
    with TemporaryDirectory() as place:
        folder = Path(place)
        kind.prepare(folder)

        def work() -> None:
            with full_at(owner, call, failing):
                kind.save(folder, 2)

        return judged(kind, folder, child(work))


def bounded(name: str, most: int) -> tuple[str, bool]:
    """A disk that takes ``most`` bytes of each file and no more: the system itself fails the write."""
    kind = KINDS[name]
    with TemporaryDirectory() as place:
        folder = Path(place)
        kind.prepare(folder)

        def work() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            kind.save(folder, 2)

        return judged(kind, folder, child(work))


def judged(kind: Any, folder: Path, pid: int) -> tuple[str, bool]:
    """What is lost once a child has ended, and whether it was told of a full disk."""
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status not in (0, 2):
        return f"a clear message (status {status})", True
    return outcome(kind, folder), status == 2


def full_disks(tell: Tell) -> Counter[str]:
    """A full disk at every write of every kind of save."""
    counts: Counter[str] = Counter()
    for name in KINDS:
        for owner, call in CALLS:
            failing, met = 1, True
            while met:
                lost, met = full(name, owner, call, failing)
                counts["full disk"] += met
                if lost:
                    tell(f"{name}, full at {call} {failing}: lost {lost}")
                    counts["lost"] += 1
                failing += 1
        for most in (0, 1, 20, 60, 100, 4_000, 30_000):
            lost, met = bounded(name, most)
            counts["full disk"] += met
            if lost:
                tell(f"{name}, files of {most} bytes: lost {lost}")
                counts["lost"] += 1
    return counts


def closed(name: str) -> str:
    """A folder that takes no files, for whom nothing is read-only unless they become nobody."""
    kind = KINDS[name]
    with TemporaryDirectory() as place:
        folder = Path(place)
        kind.prepare(folder)
        for path in (folder, *(path for path in folder.rglob("*") if not path.is_symlink())):
            path.chmod(0o555 if path.is_dir() else 0o444)

        def work() -> None:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            kind.save(folder, 2)

        status = os.waitstatus_to_exitcode(os.waitpid(child(work), 0)[1])
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o600)
        return outcome(kind, folder) if status == 2 else f"a clear message (status {status})"


def meeting(round_: int) -> str:
    """Writers who opened the same file save at once: each version must be kept."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "kept.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        opened, mine = seen(path), load_scenario(path)

        def work(number: int) -> None:
            time.sleep(random.Random(round_ * WRITERS + number).uniform(0, 0.003))  # noqa: S311
            values = {"workload.requests_per_day": float(number)}
            try:
                save_scenario(with_values(mine, values), path, opened)
            except EditedMeanwhileError as told:
                if not told.faults:
                    raise RuntimeError("the second writer is not told what changed") from told

        pids = [child(partial(work, number)) for number in range(2, 2 + WRITERS)]
        statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        kept = sorted(load_scenario(found).workload.requests_per_day for found in folder.glob("*.yaml"))
        if any(statuses) or kept != [float(number) for number in range(2, 2 + WRITERS)]:
            return f"a version: {kept} kept, statuses {statuses}"
        texts = [found.read_text(encoding="utf-8") for found in folder.glob("*.yaml")]
        return "" if all(text.count("# ") == COMMENTS for text in texts) else "a comment"


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    names = list(KINDS)
    counts: Counter[str] = Counter()

    def noted(what: str, case: object, lost: str) -> None:
        counts[what] += 1
        if lost:
            counts["lost"] += 1
            print(f"{what} {case}: lost {lost}", flush=True)

    for seed in range(kills):
        noted("kill", seed, kill(names[seed % len(names)], seed))
    counts += full_disks(print)
    for name in names:
        noted("closed folder", name, closed(name))
    for round_ in range(ROUNDS):
        noted(f"meeting of {WRITERS} writers", round_, meeting(round_))
    print(", ".join(f"{number} × {what}" for what, number in counts.items() if what != "lost"))
    print(f"lost: {counts['lost']}")
    return 1 if counts["lost"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
