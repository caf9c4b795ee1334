"""Numbers as people read them: three significant digits and a unit of fitting size."""

from __future__ import annotations

import math
from collections.abc import Iterable

from advisor.core.saying import Figure, gone_over, joined, numeral, say

# unit -> the ladder it climbs: (unit shown, size in the first unit), smallest first; alike in every language
LADDERS: dict[str, tuple[tuple[str, float], ...]] = {
    "kWh": (("Wh", 1e-3), ("kWh", 1.0), ("MWh", 1e3), ("GWh", 1e6)),
    "kgCO2e": (("mg CO₂e", 1e-6), ("g CO₂e", 1e-3), ("kg CO₂e", 1.0), ("t CO₂e", 1e3), ("kt CO₂e", 1e6)),
    "L": (("mL", 1e-3), ("L", 1.0), ("m³", 1e3)),
    "kgSb": (("µg Sb", 1e-9), ("mg Sb", 1e-6), ("g Sb", 1e-3), ("kg Sb", 1.0)),
    "kg": (("mg", 1e-6), ("g", 1e-3), ("kg", 1.0), ("t", 1e3)),
    "g/kWh": (("g/kWh", 1.0),),
    "s": (("ms", 1e-3), ("s", 1.0)),
    "GB": (("MB", 1e-3), ("GB", 1.0), ("TB", 1e3), ("PB", 1e6)),
}
# closer than this two amounts are told as the same
NEARLY = 0.03
HOURS_PER_DAY, MINUTES_PER_DAY = 24.0, 1440.0
TWO = 2.0  # of a unit of time, below which the shorter one is told
ROUNDING = 1e-9  # closer than this, as a share, two amounts differ by rounding alone
BILLION, MILLION = 1e9, 1e6
UNKNOWN, NEVER = say("unknown"), say("never")


def or_never(value: float, most: float = math.inf) -> float | str:
    """A figure of a table; never where it is beyond all bounds, or beyond the most that it can be."""
    return float(value) if math.isfinite(value) and value <= most else NEVER


def number(value: float) -> str:
    """``value`` to three significant digits, without an exponent."""
    if not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    if abs(value) >= BILLION:
        figure = _digits(value / BILLION)
        return say("1 billion") if figure == "1" else say("{figure} billion", figure=figure)
    if abs(value) >= MILLION:
        figure = _digits(value / MILLION)
        return say("1 million") if figure == "1" else say("{figure} million", figure=figure)
    return _digits(value)


def _digits(value: float) -> str:
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    if decimals == 0:
        places = math.floor(math.log10(abs(value))) - 2
        return numeral(round(value, -places), ",.0f")
    text = f"{value:,.{decimals}f}"
    return Figure(text.rstrip("0").rstrip(".") if "." in text else text)


def amount(value: float, unit: str) -> str:
    """``value`` in ``unit`` written in the rung of its ladder that fits; ``unknown`` for NaN."""
    if not math.isfinite(value):
        return UNKNOWN
    if unit == "USD":
        if 0 < round(abs(value), 4) < 0.1 or 0 < abs(value) < 0.01:
            return dollars(_digits(value))  # cents would leave one digit
        return dollars(number(value) if abs(value) >= 100 else numeral(value, ",.2f"))
    shown, size = (unit, 1.0)
    for rung, step in LADDERS.get(unit, ()):
        if abs(value) >= step or step == LADDERS[unit][0][1]:
            shown, size = rung, step
    if value == 0:
        shown, size = (next((rung for rung, step in LADDERS.get(unit, ()) if step == 1.0), unit), 1.0)
    return say("{figure} {unit}", figure=number(value / size), unit=shown) if shown else number(value / size)


def more_or_less(gap: float, unit: str) -> str:
    """How much more there is of something, or how much less."""
    told = amount(abs(gap), unit)
    return say("{amount} less", amount=told) if gap < 0 else say("{amount} more", amount=told)


def dollars(figure: str) -> str:
    """A number as an amount of money."""
    return say("${figure}", figure=figure)


# what is compared -> as much of it, and a multiple
COMPARED = {
    "carbon": (say("about the same carbon"), say("{ratio} times the carbon")),
    "cost": (say("about the same cost"), say("{ratio} times the cost")),
}


def times(ratio: float, of: str) -> str:
    """A ratio in words: ``1.5 times the cost``, or ``about the same cost``."""
    same, multiple = COMPARED[of]
    return same if abs(ratio - 1.0) < NEARLY else say(multiple, ratio=number(ratio))


def share(value: float) -> str:
    """A ratio as a percentage; never a false 0 % or 100 %."""
    if 0 < value < 0.01:
        return say("under {share}", share="1 %")
    if 0.99 < value < 1:
        return say("over {share}", share="99 %")
    return say("{figure} %", figure=numeral(value * 100.0, ".0f"))


def percent(value: float) -> str:
    """A ratio as a percentage in the digits that it has, at most four after the point: 99.95 %."""
    digits = f"{value * 100.0:.4f}".rstrip("0").partition(".")[2]
    return numeral(value, f".{len(digits)}%")


def spread_of(low: float, high: float) -> str:
    """A range whose ends are told by the same figure: none where they are the same, else how wide it is."""
    if low == high or not math.isfinite(high - low) or math.isclose(low, high, rel_tol=ROUNDING):
        return say("no spread")
    return say("spread {share}", share=share((high - low) / max(abs(low), abs(high))))


def counted(count: float, one: str, several: str, **others: object) -> str:
    """What is said of one thing, or of ``{count}``, whole: languages bend both as the sentence asks."""
    return say(one if round(count) == 1 else several, count=numeral(count, ",.0f"), **others)


PER_DAY = (say("{count} request a day"), say("{count} requests a day"))


def per_day(requests: float) -> str:
    """So many requests a day."""
    figure = number(requests)
    return say(PER_DAY[figure != "1"], count=figure)


def entries(count: int) -> str:
    """How much a list or a mapping holds, where what it holds is not told."""
    return counted(count, say("{count} entry"), say("{count} entries"))


def in_years(span: float) -> str:
    """A time of so many years, parts of one included."""
    return say("1 year") if span == 1 else say("{years} years", years=numeral(span, "g"))


def in_days(span: float) -> str:
    """A time of so many days; in hours or minutes where there are less than two of the longer unit."""
    hours, minutes = span * HOURS_PER_DAY, span * MINUTES_PER_DAY
    if span >= TWO:
        return say("{count} days", count=number(span))
    if hours >= TWO:
        return say("{count} hours", count=number(hours))
    return counted(max(minutes, 1.0), say("a minute"), say("{count} minutes"))


def listed(words: Iterable[str]) -> str:
    """Words in a row: a; a and b; a, b and c. Raises ValueError for none."""
    *first, last = words
    return say("{first} and {last}", first=joined(", ", first), last=last) if first else last


def yes_or_no(flag: bool) -> str:
    """An answer, as in a table."""
    return say("yes") if flag else say("no")


def spaced(key: str) -> str:
    """A key of files as words: spaces for its underscores."""
    return gone_over(_spaced, key)


def _spaced(key: str) -> str:
    return key.replace("_", " ")
