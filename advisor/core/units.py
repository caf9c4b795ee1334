"""The closed vocabulary of units.

A unit is written as atoms joined by ``*`` and ``/``, as in ``g/kWh`` or ``USD/GB/month``.
Every coefficient names its unit, and every use names the unit it wants, so a conversion
happens in one place and a wrong dimension is an error rather than a wrong answer.
"""

from __future__ import annotations

import re
from functools import cache

from advisor.core.errors import DataError, Fault, nearest
from advisor.core.saying import say

Dimension = tuple[tuple[str, int], ...]

# atom: (factor to the base unit, dimension). A month is a twelfth of 365 days.
_ENERGY = {"energy": 1}
_TIME = {"time": 1}
_POWER = {"energy": 1, "time": -1}
_MASS = {"co2e": 1}
ATOMS: dict[str, tuple[float, dict[str, int]]] = {
    "J": (1.0, _ENERGY), "kJ": (1e3, _ENERGY), "MJ": (1e6, _ENERGY),
    "mWh": (3.6, _ENERGY), "Wh": (3.6e3, _ENERGY), "kWh": (3.6e6, _ENERGY), "MWh": (3.6e9, _ENERGY),
    "W": (1.0, _POWER), "kW": (1e3, _POWER), "mW": (1e-3, _POWER),
    "ms": (1e-3, _TIME), "s": (1.0, _TIME), "min": (60.0, _TIME), "h": (3600.0, _TIME),
    "day": (86_400.0, _TIME), "month": (2_628_000.0, _TIME), "year": (31_536_000.0, _TIME),
    "mg": (1e-6, _MASS), "g": (1e-3, _MASS), "kg": (1.0, _MASS), "t": (1e3, _MASS),
    "mgSb": (1e-6, {"sb": 1}), "kgSb": (1.0, {"sb": 1}),
    "kgWaste": (1.0, {"waste": 1}), "gWaste": (1e-3, {"waste": 1}),
    "mL": (1e-3, {"water": 1}), "L": (1.0, {"water": 1}), "m3": (1e3, {"water": 1}),
    "B": (1.0, {"data": 1}), "kB": (1e3, {"data": 1}), "MB": (1e6, {"data": 1}),
    "GB": (1e9, {"data": 1}), "TB": (1e12, {"data": 1}), "bit": (0.125, {"data": 1}),
    "FLOP": (1.0, {"flop": 1}), "TFLOP": (1e12, {"flop": 1}),
    "USD": (1.0, {"money": 1}),
    "tok": (1.0, {"token": 1}), "ktok": (1e3, {"token": 1}), "Mtok": (1e6, {"token": 1}),
    "request": (1.0, {"request": 1}), "1k_requests": (1e3, {"request": 1}),
    "op": (1.0, {"operation": 1}), "10k_op": (1e4, {"operation": 1}),
    "km": (1.0, {"length": 1}), "degree": (1.0, {"angle": 1}),
    "param": (1.0, {"param": 1}), "Bparam": (1e9, {"param": 1}),
    "elo": (1.0, {"elo": 1}), "PTU": (1.0, {"ptu": 1}), "item": (1.0, {"item": 1}),
    "ratio": (1.0, {}), "%": (0.01, {}), "log2": (1.0, {"log2": 1}),
}  # fmt: skip


@cache
def parse(unit: str) -> tuple[float, Dimension]:
    """Return the factor of ``unit`` to base units and its dimension.

    Raises DataError naming the nearest known atom when ``unit`` is not in the vocabulary.
    """
    factor, powers = 1.0, dict[str, int]()
    if not isinstance(unit, str) or not unit.strip():
        raise DataError(
            say("A unit is missing."), [Fault("unit", say("atoms joined by * and /"), repr(unit))]
        )
    for sign, atom in re.findall(r"([*/]?)([^*/]*)", unit.strip())[:-1]:
        if atom not in ATOMS:
            raise DataError(
                say("'{unit}' is not a known unit.", unit=unit),
                [Fault("unit", say("atoms joined by * and /"), repr(atom), nearest(atom, ATOMS))],
            )
        step = -1 if sign == "/" else 1
        atom_factor, dimension = ATOMS[atom]
        factor *= atom_factor**step
        for name, power in dimension.items():
            powers[name] = powers.get(name, 0) + step * power
    return factor, tuple(sorted((name, power) for name, power in powers.items() if power))


def dimension(unit: str) -> Dimension:
    """The dimension of ``unit`` as sorted (name, power) pairs."""
    return parse(unit)[1]


@cache
def conversion(found: str, wanted: str) -> float:
    """The factor that turns a value in ``found`` into one in ``wanted``.

    Raises DataError when the two do not share a dimension.
    """
    (factor, have), (target, want) = parse(found), parse(wanted)
    if have != want:
        raise DataError(
            say("Units of different dimensions do not convert."),
            [Fault("unit", f"{wanted} {dict(want)}", f"{found} {dict(have)}")],
        )
    return factor / target
