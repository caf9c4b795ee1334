"""Numbers as people read them: three significant digits and a unit of fitting size."""

from __future__ import annotations

import math
from collections.abc import Iterable

# unit -> the ladder it climbs: (unit shown, size in the first unit), smallest first
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
COUNTS = ((1e9, " billion"), (1e6, " million"))


def number(value: float) -> str:
    """``value`` to three significant digits, without an exponent."""
    if not math.isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    for size, word in COUNTS:
        if abs(value) >= size:
            return f"{_digits(value / size)}{word}"
    return _digits(value)


def _digits(value: float) -> str:
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    if decimals == 0:
        places = math.floor(math.log10(abs(value))) - 2
        return f"{round(value, -places):,.0f}"
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(value: float, unit: str) -> str:
    """``value`` in ``unit`` written in the rung of its ladder that fits; ``unknown`` for NaN."""
    if not math.isfinite(value):
        return "unknown"
    if unit == "USD":
        if 0 < abs(value) < 0.01:
            return f"${_digits(value)}"
        return f"${number(value)}" if abs(value) >= 100 else f"${value:,.2f}"
    shown, size = (unit, 1.0)
    for rung, step in LADDERS.get(unit, ()):
        if abs(value) >= step or step == LADDERS[unit][0][1]:
            shown, size = rung, step
    if value == 0:
        shown, size = (next((rung for rung, step in LADDERS.get(unit, ()) if step == 1.0), unit), 1.0)
    return f"{number(value / size)} {shown}".rstrip()


def times(ratio: float, of: str) -> str:
    """A ratio in words: ``1.5 times the cost``, or ``about the same cost``."""
    return f"about the same {of}" if abs(ratio - 1.0) < NEARLY else f"{number(ratio)} times the {of}"


def share(value: float) -> str:
    """A ratio as a percentage; never a false 0 % or 100 %."""
    if 0 < value < 0.01:
        return "under 1 %"
    if 0.99 < value < 1:
        return "over 99 %"
    return f"{value:.0%}".replace("%", " %")


def listed(words: Iterable[str]) -> str:
    """Words in a row: a; a and b; a, b and c. Raises ValueError for none."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
