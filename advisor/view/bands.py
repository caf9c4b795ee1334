"""The best options side by side, each with its range as a band: a table that is a chart. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import summary
from advisor.core.saying import here, joined, say
from advisor.core.wording import LADDERS, UNKNOWN, dollars, number, spread_of
from advisor.decide.option import Decision, Option
from advisor.view.html import tag, text

BARS_SHOWN = 4
TITLE_LENGTH = 90
MARGIN = 0.04  # of a tenfold step, at both ends of an axis


def rung(value: float, unit: str) -> tuple[str, float]:
    """The unit that ``value`` is told in, and its size in ``unit``."""
    shown = (unit, 1.0)
    for name, size in LADDERS.get(unit, ()):
        if abs(value) >= size or size == LADDERS[unit][0][1]:
            shown = (name, size)
    return shown


def range_in(low: float, median: float, high: float, unit: str) -> str:
    """A range in the unit of its median, in as many digits as that; the unit is not said again."""
    if not np.isfinite(median):
        return ""
    _, size = rung(median, unit)
    first, last = number(low / size), number(high / size)
    if first == last:
        return spread_of(low, high)
    ends = joined(" – ", (first, last))
    return dollars(ends) if unit == "USD" else ends


def rough(value: float) -> str:
    """A figure to two digits."""
    return number(float(f"{value:.2g}")) if np.isfinite(value) else UNKNOWN


def bars(decision: Decision) -> str:
    """The carbon of the best options, best first, the choice in bold: a table that is a chart.

    A mark for the middle and a band for the range, on an axis whose steps are tenfold.
    """
    best = decision.best(BARS_SHOWN)
    spreads = [tuple(map(float, summary(option.year["carbon"]))) for option in best]
    drawn = [spread for spread in spreads if spread[0] > 0 and np.isfinite(spread[2])]
    if not drawn:
        return ""
    unit, size = rung(float(np.median([middle for _, middle, _ in drawn])), "kgCO2e")
    low, high = min(spread[0] for spread in drawn) / size, max(spread[2] for spread in drawn) / size
    scale = Scale(np.log10(low) - MARGIN, np.log10(high) + MARGIN)
    rows = [
        _bar(option, name, tuple(part / size for part in spread), scale, decision)
        for option, name, spread in zip(best, differing(best, decision), spreads, strict=True)
    ]
    columns = (say("Option"), say("Range"), say("Middle"))
    head = tag("thead", tag("tr", *(tag("th", said, scope="col") for said in columns)))
    marks = "".join(
        tag("span", text(number(value)), style=f"left:{scale.place(value):.2%}") for value in scale.marks
    )
    axis = tag(
        "tr",
        tag("th", ""),
        tag("td", marks, class_="adv-track"),
        tag("td", ""),
        class_="adv-axis",
        aria_hidden="true",
    )
    return tag(
        "table",
        tag("caption", text(say("Carbon a year, {unit}", unit=unit))),
        head,
        tag("tbody", *rows),
        tag("tfoot", axis),
        class_="adv-bars",
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of tenfold steps between two powers of ten."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value lies, from 0 to 1."""
        if value <= 0:
            return 0.0
        return float(min(max((np.log10(value) - self.low) / (self.high - self.low), 0.0), 1.0))

    @property
    def marks(self) -> list[float]:
        """The values that are named on it: powers of ten, or finer where there is at most one."""
        powers = range(int(np.floor(self.low)), int(np.ceil(self.high)) + 1)
        for steps in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0)):
            found = [step * 10.0**power for power in powers for step in steps]
            shown = [value for value in found if self.low <= np.log10(value) <= self.high]
            if len(shown) > 1:
                break
        return shown


def differing(options: Sequence[Option], decision: Decision) -> list[str]:
    """Titles, told, without the leading parts that they share with the choice's, which is told in full."""
    chosen = here(decision.stands.title).split(", ") if decision.stands else []
    names = []
    for option in options:
        parts = here(option.title).split(", ")
        shared = next(
            (at for at, (one, other) in enumerate(zip(parts, chosen, strict=False)) if one != other),
            min(len(parts), len(chosen)),
        )
        if option is decision.stands:
            names.append(option.title)
        elif shared < len(parts):
            names.append(("… " if shared else "") + ", ".join(parts[shared:]))
        elif chosen[shared:]:  # nothing but what is shared: the parts of the choice that it lacks
            names.append(say("… without {parts}", parts=", ".join(chosen[shared:])))
        else:
            names.append(option.title)
    return names


def _bar(option: Option, name: str, spread: Sequence[float], scale: Scale, decision: Decision) -> str:
    low, median, high = spread
    chosen = option is decision.stands
    drawn = "".join(
        tag("i", "", class_="adv-rule", style=f"left:{scale.place(value):.2%}") for value in scale.marks
    )
    if np.isfinite(median):
        left, width = scale.place(low), scale.place(high) - scale.place(low)
        drawn += tag("i", "", class_="adv-band", style=f"left:{left:.2%};width:{width:.2%}")
        drawn += tag("i", "", class_="adv-dot", style=f"left:{scale.place(median):.2%}")
    title = text(_short(name))
    named = tag("strong", title) + tag("span", say(" (the choice)"), class_="adv-unseen") if chosen else title
    said = say("{low} to {high}", low=rough(low), high=rough(high))
    return tag(
        "tr",
        tag("th", named, scope="row", title=option.title),
        tag("td", drawn, tag("span", said, class_="adv-unseen"), class_="adv-track", title=said),
        tag("td", text(number(median)), class_="adv-value"),
        class_="adv-best" if chosen else "adv-other",
    )


def _short(title: str) -> str:
    told = here(title)
    return told if len(told) <= TITLE_LENGTH else told[: TITLE_LENGTH - 1] + "…"
