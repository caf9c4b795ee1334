"""What a visitor has: a scenario as text, the files it names, and what is asked of it.

Plain values that cross from the server to a worker and back; neither holds the other's objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class State:
    """A scenario and its files as text.

    ``origin`` names the template it came from, ``pristine`` says that nothing in it was changed
    since, ``recorded`` lists the steps whose decision is taken. ``milestones`` is the file of those that
    were kept, which only a worker reads: they are no part of the scenario, and undoing leaves them.
    """

    text: str
    files: tuple[tuple[str, str], ...] = ()
    origin: str = ""
    title: str = ""
    pristine: bool = False
    recorded: tuple[str, ...] = ()
    milestones: str = ""

    @property
    def key(self) -> str:
        """A name for this content: equal for equal texts, files and origin only."""
        parts = (self.text, self.origin, *(part for file in self.files for part in file))
        return sha256("\x00".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing asked of a scenario: a ``kind`` the engine knows, and its values."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Complaint:
    """A fault as a page shows it: the path of its field, in words, and the value that stays."""

    path: str
    said: str
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change: the new state and what it says, or why it was refused.

    What a change says is kept with it, and told in whichever language is asked for then.
    """

    state: State | None
    said: str
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Work for a worker: changes to make first, then what to show or to hand out, and in which language."""

    kind: str
    state: State
    changes: tuple[Change, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Applied:
    """The changes of a task are made, or refused, in order."""

    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """Pieces of a page as HTML, by the name of their place."""

    html: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """How far long work has come."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand out."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished; ``values`` holds what it leaves besides its parts."""

    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """The task was given up for a later one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The task could not be done, in words for the visitor."""

    said: str
    complaints: tuple[Complaint, ...] = ()


Message = Applied | Parts | Said | File | Done | Overtaken | Refused
