"""What a number can mean, and between which bounds that meaning makes sense.

A figure's meaning is derived from its unit unless its entry in ``data/`` states one: a ratio
may be a share, a multiple or a factor. Shipped figures and a user's own are held to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from advisor.core.saying import numeral, say
from advisor.core.units import dimension


class Meaning(StrEnum):
    """What a number stands for."""

    SHARE = "share"  # a part of a whole; may be none or all of it
    PART = "part"  # a share that something is divided by, such as how busy a machine is
    OVERLAP = "overlap"  # a share of which something must be left over
    UPTIME = "uptime"  # a share of the time that something works; less than half is no service
    MULTIPLE = "multiple"  # never below once, such as PUE or copies kept
    EXPONENT = "exponent"  # of a power law, or of e
    FACTOR = "factor"  # above zero, below or above one
    COUNT = "count"  # whole things
    AMOUNT = "amount"  # may be nothing: energy, carbon, water, a fee, a loss
    QUANTITY = "quantity"  # above nothing: a speed, a size, a lifetime, a price


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values that make sense: ``least`` to ``most``, ``least`` itself left out where ``above``."""

    least: float
    most: float
    above: bool = False
    whole: bool = False

    def hold(self, value: float) -> bool:
        """Whether ``value`` makes sense."""
        if not isfinite(value) or (self.whole and value != round(value)):
            return False
        return (self.least < value if self.above else self.least <= value) and value <= self.most

    def around(self, low: float, high: float, reach: float) -> Bounds:
        """The part of these bounds within ``reach`` times the figures from ``low`` to ``high``.

        Where nothing at all makes sense, as for a loss, little does too.
        """
        least = max(self.least, low / reach) if self.above else self.least
        most = min(self.most, high * reach) if high > 0 else self.most
        return Bounds(least, most, self.above and least == self.least, self.whole)

    def __str__(self) -> str:
        ends = {"least": numeral(self.least, "g"), "most": numeral(self.most, "g")}
        if self.above:
            if self.whole:
                return say("a whole number above {least}, at most {most}", **ends)
            return say("a number above {least}, at most {most}", **ends)
        if self.whole:
            return say("a whole number from {least} to {most}", **ends)
        return say("a number from {least} to {most}", **ends)


# far above any figure of the field in any unit of the vocabulary, and far below what overflows
MOST = 1e15
BOUNDS = {
    Meaning.SHARE: Bounds(0.0, 1.0),
    Meaning.PART: Bounds(0.0, 1.0, above=True),
    Meaning.OVERLAP: Bounds(0.0, 0.95),
    Meaning.UPTIME: Bounds(0.5, 1.0),
    Meaning.MULTIPLE: Bounds(1.0, 100.0),
    Meaning.EXPONENT: Bounds(-32.0, 32.0),
    Meaning.FACTOR: Bounds(0.0, 1e6, above=True),
    Meaning.COUNT: Bounds(1.0, 1e6, whole=True),
    Meaning.AMOUNT: Bounds(0.0, MOST),
    Meaning.QUANTITY: Bounds(0.0, MOST, above=True),
}
# what is used up or given off may be nothing; what serves, lasts or is paid may not
CONSUMED = frozenset({"energy", "co2e", "sb", "waste", "water", "elo"})


def meaning_of(unit: str) -> Meaning:
    """The meaning of a figure in ``unit`` when nothing else is stated. Raises DataError."""
    powers = dict(dimension(unit))
    if not powers:
        return Meaning.FACTOR
    if powers == {"ptu": 1}:
        return Meaning.COUNT
    if powers == {"energy": 1, "time": -1}:
        return Meaning.QUANTITY  # hardware that draws no power does nothing either
    return Meaning.AMOUNT if any(powers.get(name, 0) > 0 for name in CONSUMED) else Meaning.QUANTITY
