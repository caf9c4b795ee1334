"""Words that more than one step says: what a plan takes, what holds tuned weights, names within sentences."""

from __future__ import annotations

from typing import Any

from advisor.core.saying import Text, Within, say

# what a plan takes, within a sentence or as the label of a line
TAKEN = {
    "energy": say("energy"),
    "carbon": say("carbon"),
    "water": say("water"),
    "cost": say("cost"),
    "ewaste": say("ewaste"),
}
# what holds tuned weights
HOSTED = {
    "serverless": say("serverless"), "dedicated": say("dedicated"), "device": say("device"),
    "none": say("none"),
}  # fmt: skip


def within(name: str) -> str:
    """A name within a sentence: English begins it small, but for an abbreviation."""
    return Begun(name) if isinstance(name, Text) else _small(name)


class Begun(Within):
    """A text whose first letter alone is small in English; other languages keep it."""

    __slots__ = ()

    def __new__(cls, whole: Text) -> Begun:
        """The English with a small letter at its beginning."""
        made = Text.__new__(cls, _small(str(whole)))
        made.whole = whole
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Begun, (self.whole,)


def _small(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
