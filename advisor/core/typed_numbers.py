"""Numbers as people type them: with the marks of the language spoken, read with those of English."""

from __future__ import annotations

import re

from advisor.core.errors import AdvisorError, Fault
from advisor.core.saying import language_spoken, say

NUMBER = re.compile(r"[+-]?((\d{1,3}(,\d{3})+|\d+)(\.\d+)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
GROUPED = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3})")  # spaces between thousands
# thousands as other languages write them: nobody types 9.000 for 9
OTHERWISE = re.compile(r"[1-9]\d{0,2}(\.000)+")
LONGEST_FOUND = 40  # characters told of what is no number


def english(typed: str) -> str:
    """A number that was typed in the language spoken, with the marks that English gives it."""
    own = language_spoken().numerals
    return typed.translate({ord(str(own[ord(mark)])): mark for mark in ",." if ord(mark) in own})


def number_typed(typed: str) -> float | None:
    """The number that was typed in the language spoken; None for what is none, or could be two."""
    digits = english(GROUPED.sub("", typed.strip()))
    if not NUMBER.fullmatch(digits) or OTHERWISE.fullmatch(digits):
        return None
    return float(digits.replace(",", ""))


def figure(typed: str, part: str) -> float:
    """One number of a figure, such as its median. Raises AdvisorError naming the part."""
    found = number_typed(typed)
    if found is None:
        fault = Fault(part, say("a number"), repr(typed.strip()[:LONGEST_FOUND]))
        raise AdvisorError(say("A figure cannot be read."), [fault])
    return found
