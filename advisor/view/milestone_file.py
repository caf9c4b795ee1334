"""The milestones of a workspace: one file beside its scenarios, read and written by every notebook."""

from __future__ import annotations

from collections.abc import Callable

from advisor.core.errors import ChangedError
from advisor.core.files import MILESTONES, read_text
from advisor.core.saving import fingerprint_of, stamp, write_atomic
from advisor.scenario.attached import named_files
from advisor.scenario.io import plain
from advisor.view import milestones
from advisor.view.milestones import Milestone
from advisor.view.session import Session
from advisor.view.workspace import workspace

HIDDEN = f".{MILESTONES}"
TRIES = 5
Kept = tuple[Milestone, ...]


def load() -> Kept:
    """All milestones of the workspace. Raises AdvisorError for a file that cannot be read."""
    path = workspace() / HIDDEN
    return milestones.read(read_text(path, 2 * milestones.MOST_BYTES)) if path.is_file() else ()


def of(session: Session) -> Kept:
    """Those of the session's own scenario."""
    return tuple(one for one in load() if one.of == session.path.stem)


def now(session: Session, name: str = milestones.NOW) -> Milestone:
    """The session's scenario as it stands, with the files it names."""
    held = {file: read_text(session.path.parent / file) for _, file in named_files(plain(session.scenario))}
    return milestones.milestone(name, session.case, session.decisions(), session.path.stem, held)


def save(session: Session, typed: str) -> Milestone:
    """Keep the scenario as it stands. Raises AdvisorError for a name that is taken, or too many."""
    mine = of(session)
    made = now(session, milestones.called(mine, typed))
    _change(lambda kept: milestones.added(kept, made))
    return made


def forget(session: Session, name: str) -> None:
    """Drop a milestone of the session's scenario."""
    gone = milestones.find(of(session), name)
    _change(lambda kept: tuple(one for one in kept if (one.of, one.name) != (gone.of, gone.name)))


def go_back(session: Session, name: str) -> None:
    """Take the scenario as it was at a milestone; that is a step that can be undone."""
    wanted = milestones.find(of(session), name)
    session.restore(wanted.scenario, wanted.files)


def changed() -> tuple[int, int] | None:
    """What changes when the file is written."""
    return stamp(workspace() / HIDDEN)


def _change(change: Callable[[Kept], Kept]) -> None:
    """Read, change and write; again where another notebook wrote in between."""
    path = workspace() / HIDDEN
    for left in range(TRIES, 0, -1):
        read = fingerprint_of(path)
        made = milestones.written(change(load()))
        try:
            write_atomic(path, made, read)
        except ChangedError:
            if left == 1:
                raise
        else:
            return
