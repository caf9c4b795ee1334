"""Long work in slices: it yields after each, and returns what it has worked out.

Whoever has something else to do between two slices does that; whoever wants none of it any more lets go.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

Made = TypeVar("Made")
Sliced: TypeAlias = Generator[None, None, Made]


def at_once(slices: Sliced[Made]) -> Made:
    """What the work leads to, without a pause."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            made: Made = end.value
            return made
