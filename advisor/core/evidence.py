"""Where a number comes from: its source, its range, its age and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from advisor.core.bounds import BOUNDS, Bounds, Meaning, meaning_of
from advisor.core.units import conversion


class Confidence(StrEnum):
    """How a figure came to be, from strongest to weakest."""

    MEASURED = "measured"
    PUBLISHED = "published"
    DERIVED = "derived"
    ASSUMED = "assumed"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Source:
    """A document, data set or package that figures were taken from."""

    key: str
    title: str
    publisher: str
    url: str
    year: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number the advice depends on.

    ``low`` and ``high`` bound an 80 % interval (10th and 90th percentile) around the
    median ``central``, all in ``unit``. ``sources`` holds keys into the catalogue's
    sources; more than one where sources disagree, and then ``note`` says how. ``meaning``
    is what the number stands for, where its unit does not tell: it bounds what makes sense.
    """

    name: str
    low: float
    central: float
    high: float
    unit: str
    sources: tuple[str, ...]
    checked: date
    confidence: Confidence
    valid: str = ""
    note: str = ""
    meaning: Meaning | None = None

    @property
    def bounds(self) -> Bounds:
        """The values that make sense for what the number stands for, in ``unit``. Raises DataError."""
        return BOUNDS[self.meaning or meaning_of(self.unit)]

    def to(self, unit: str) -> Coefficient:
        """The same coefficient expressed in another unit of the same dimension."""
        if unit == self.unit:
            return self
        k = conversion(self.unit, unit)
        return replace(self, low=self.low * k, central=self.central * k, high=self.high * k, unit=unit)

    def age_days(self, today: date) -> int:
        """Days since the figure was last checked."""
        return (today - self.checked).days
