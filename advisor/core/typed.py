"""Numbers as people type them: with the marks of the language spoken, read with those of English."""

from __future__ import annotations

from advisor.core.saying import language_spoken


def english(typed: str) -> str:
    """A number that was typed in the language spoken, with the marks that English gives it."""
    own = language_spoken().numerals
    return typed.translate({ord(str(own[ord(mark)])): mark for mark in ",." if ord(mark) in own})
