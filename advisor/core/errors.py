"""What a user can get wrong, told once and completely.

Every problem a user can cause ends in one :class:`AdvisorError` that carries all the
faults found, each with its place, what was expected, what was found and, for a
misspelt name, the nearest valid one. What a fault quotes is short and printable, whatever
was given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from advisor.core.saying import gone_over, joined, numeral, say

# characters that a fault quotes of what was found
QUOTED = 80
# a path and its line
PLACE = 200
# as long as the list of a section's keys
EXPECTATION = 1000
# faults printed; the rest are counted, and ``faults`` holds them all
MOST_SHOWN = 100


def printable(text: str) -> str:
    """``text`` with whatever would not show (control, bidirectional, lone surrogates) as escapes."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        for letter in text
    )


def quoted(text: str, most: int = QUOTED) -> str:
    """``text`` printable and at most ``most`` characters long; what is left out is an ellipsis."""
    # an escape takes up to ten characters: what is cut here could not be shown anyway
    shown = printable(text[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _ends(text: str, most: int) -> str:
    """Both ends of a long text: a path tells more by its last part than by its middle."""
    if len(text) <= most:
        return quoted(text, most)
    return f"{quoted(text[: most // 2], most // 2)}…{quoted(text[-most // 3 :], most // 3)}"


def _kept(cut: Callable[[str], str], text: str) -> str:
    """A text that can still be told in any language: as it is where nothing of it must be cut."""
    return text if cut(text) == text else gone_over(cut, text)


_of_place = partial(_ends, most=PLACE)
_of_expectation = partial(quoted, most=EXPECTATION)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where it stands, what was expected, what is there.

    At most 80 characters of what is there are kept, control characters as escapes.
    """

    where: str
    expected: str
    found: str
    nearest: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", _kept(_of_place, self.where))
        object.__setattr__(self, "expected", _kept(_of_expectation, self.expected))
        object.__setattr__(self, "found", _kept(quoted, self.found))
        if self.nearest is not None:
            object.__setattr__(self, "nearest", quoted(self.nearest))

    def __str__(self) -> str:
        hint = say(" (did you mean '{nearest}'?)", nearest=self.nearest) if self.nearest else ""
        return say(
            "{where}: expected {expected}, found {found}{hint}",
            where=self.where,
            expected=self.expected,
            found=self.found,
            hint=hint,
        )


class AdvisorError(Exception):
    """Base of every error a user sees; ``faults`` lists everything found wrong."""

    def __init__(self, summary: str, faults: Iterable[Fault] = ()) -> None:
        self.summary = _kept(_of_place, summary)
        self.faults = tuple(faults)
        super().__init__(self.summary)

    def __str__(self) -> str:
        lines = [self.summary, *("  - " + str(fault) for fault in self.faults[:MOST_SHOWN])]
        if len(self.faults) > MOST_SHOWN:
            lines.append(say("  and {count} more", count=numeral(len(self.faults) - MOST_SHOWN, ",")))
        return joined("\n", lines)


class ScenarioError(AdvisorError, ValueError):
    """A scenario, pilot log or traffic file does not say what it must."""


class DataError(AdvisorError, ValueError):
    """The shipped data, or a user's replacement for it, is inconsistent."""


class MeasurementError(AdvisorError, ValueError):
    """A table of measurements cannot be read, or cannot identify what it should."""


class LogError(AdvisorError, ValueError):
    """A request log cannot be read or recognised."""


class ChangedError(AdvisorError):
    """A file is not as it was read: somebody else wrote to it since."""


class UnknownNameError(AdvisorError, KeyError):
    """A name was asked for that the catalogue or the scenario does not hold."""

    __str__ = AdvisorError.__str__


class SourceUnavailableError(AdvisorError, OSError):
    """A live source did not answer, or not with what it documents."""

    __str__ = AdvisorError.__str__


def faulty(name: str, faults: Sequence[Fault]) -> ScenarioError:
    """The error for a text called ``name`` with faults."""
    if len(faults) == 1:
        return ScenarioError(say("{name} has one fault.", name=name), faults)
    return ScenarioError(say("{name} has {count} faults.", name=name, count=len(faults)), faults)


def nearest(name: object, valid: Iterable[str]) -> str | None:
    """Return the valid name closest to ``name``, or None when none is close."""
    import difflib

    # what is longer than any name is near to none, and comparing takes its length squared
    matches = difflib.get_close_matches(str(name)[:QUOTED], list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None


def unknown(kind: str, name: object, valid: Iterable[str]) -> UnknownNameError:
    """An error for a ``kind`` of thing called ``name`` that is not among ``valid``."""
    names = sorted(valid)
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return UnknownNameError(
        say("There is no {kind} of that name.", kind=kind),
        [Fault(kind, say("one of {names}", names=listed), repr(name), nearest(name, names))],
    )
