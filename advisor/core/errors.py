"""What a user can get wrong, told once and completely.

Every problem a user can cause ends in one :class:`AdvisorError` that carries all the
faults found, each with its place, what was expected, what was found and, for a
misspelt name, the nearest valid one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where it stands, what was expected, what is there."""

    where: str
    expected: str
    found: str
    nearest: str | None = None

    def __str__(self) -> str:
        hint = f" (did you mean '{self.nearest}'?)" if self.nearest else ""
        return f"{self.where}: expected {self.expected}, found {self.found}{hint}"


class AdvisorError(Exception):
    """Base of every error a user sees; ``faults`` lists everything found wrong."""

    def __init__(self, summary: str, faults: Iterable[Fault] = ()) -> None:
        self.summary = summary
        self.faults = tuple(faults)
        super().__init__(summary)

    def __str__(self) -> str:
        return "\n".join([self.summary, *(f"  - {fault}" for fault in self.faults)])


class ScenarioError(AdvisorError, ValueError):
    """A scenario, pilot log or traffic file does not say what it must."""


class DataError(AdvisorError, ValueError):
    """The shipped data, or a user's replacement for it, is inconsistent."""


class MeasurementError(AdvisorError, ValueError):
    """A table of measurements cannot be read, or cannot identify what it should."""


class LogError(AdvisorError, ValueError):
    """A request log cannot be read or recognised."""


class UnknownNameError(AdvisorError, KeyError):
    """A name was asked for that the catalogue or the scenario does not hold."""

    __str__ = AdvisorError.__str__


class SourceUnavailableError(AdvisorError, OSError):
    """A live source did not answer, or not with what it documents."""

    __str__ = AdvisorError.__str__


def nearest(name: object, valid: Iterable[str]) -> str | None:
    """Return the valid name closest to ``name``, or None when none is close."""
    matches = difflib.get_close_matches(str(name), list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None


def unknown(kind: str, name: object, valid: Iterable[str]) -> UnknownNameError:
    """An error for a ``kind`` of thing called ``name`` that is not among ``valid``."""
    names = sorted(valid)
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return UnknownNameError(
        f"There is no {kind} of that name.",
        [Fault(kind, f"one of {listed}", repr(name), nearest(name, names))],
    )
