"""What a choice costs the planet and the budget, kept apart until it is shown.

A :class:`Footprint` holds one row of draws per indicator. It adds and scales; it never
adds one indicator to another except where named here, so location-based, market-based
and marginal carbon cannot end up in one sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import unknown
from advisor.core.saying import say

# name: (unit, what it is and where its boundary lies)
INDICATORS: dict[str, tuple[str, str]] = {
    "energy": ("kWh", say("electricity at the data centre's meter, PUE included")),
    "carbon_location": ("kgCO2e", say("operational, average grid mix of the place (location-based)")),
    "carbon_market": ("kgCO2e", say("operational, after the provider's contracts (market-based)")),
    "carbon_marginal": ("kgCO2e", say("operational, the power plants that answer one more kWh (marginal)")),
    "embodied": ("kgCO2e", say("manufacture of hardware, by share of its life used")),
    "water_onsite": ("L", say("cooling water at the data centre")),
    "water_upstream": ("L", say("water consumed to generate the electricity")),
    "adpe": ("kgSb", say("metals and minerals used up (abiotic depletion), antimony equivalent")),
    "ewaste": ("kg", say("hardware mass that becomes waste, by share of its life used")),
    "cost": ("USD", say("what the buyer pays")),
}
INDEX = {name: row for row, name in enumerate(INDICATORS)}
Basis = Literal["location", "market", "marginal"]


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """Draws of every indicator, shape (len(INDICATORS), draws), in the units above."""

    values: Array

    @classmethod
    def zero(cls, draws: int) -> Footprint:
        """A footprint of nothing."""
        return cls(np.zeros((len(INDICATORS), draws)))

    @classmethod
    def of(cls, draws: int, **indicators: Array | float) -> Footprint:
        """A footprint from named indicators; those not named are zero."""
        values = np.zeros((len(INDICATORS), draws))
        for name, value in indicators.items():
            if name not in INDEX:
                raise unknown(say("indicator"), name, INDEX)
            values[INDEX[name]] = value
        return cls(values)

    def __add__(self, other: Footprint) -> Footprint:
        return Footprint(self.values + other.values)

    def __sub__(self, other: Footprint) -> Footprint:
        return Footprint(self.values - other.values)

    def without(self, part: Footprint) -> Footprint:
        """What is left without a part of it; rounding leaves nothing below zero."""
        return Footprint(np.maximum(self.values - part.values, 0.0))

    def __mul__(self, factor: float | Array) -> Footprint:
        return Footprint(self.values * factor)

    __rmul__ = __mul__

    def __truediv__(self, factor: float | Array) -> Footprint:
        return Footprint(self.values / factor)

    def __getitem__(self, indicator: str) -> Array:
        """Draws of one indicator by name, or of ``carbon`` and ``water`` as totals.

        ``carbon`` is location-based operational plus embodied; ``water`` is on site
        plus upstream. Raises UnknownNameError for anything else.
        """
        if indicator == "carbon":
            return self.carbon("location")
        if indicator == "water":
            return self["water_onsite"] + self["water_upstream"]
        if indicator not in INDEX:
            raise unknown(say("indicator"), indicator, [*INDEX, "carbon", "water"])
        row: Array = self.values[INDEX[indicator]]
        return row

    def carbon(self, basis: Basis) -> Array:
        """Operational carbon on one basis plus embodied [kgCO2e]; bases never add."""
        return self[f"carbon_{basis}"] + self["embodied"]

    def with_cost(self, usd: Array | float) -> Footprint:
        """The same footprint with ``usd`` added to its cost."""
        values = self.values.copy()
        values[INDEX["cost"]] += usd
        return Footprint(values)


def total(footprints: Iterable[Footprint], draws: int) -> Footprint:
    """The sum of footprints; zero for none."""
    result = Footprint.zero(draws)
    for footprint in footprints:
        result = result + footprint
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A footprint that is additive over a plan: one-off, monthly and per request.

    Volume is applied only when a total is asked for, so nothing is computed twice
    when volumes or horizons change.
    """

    once: Footprint
    monthly: Footprint
    per_request: Footprint

    @classmethod
    def zero(cls, draws: int) -> Parts:
        """Parts of nothing."""
        nothing = Footprint.zero(draws)
        return cls(nothing, nothing, nothing)

    def __add__(self, other: Parts) -> Parts:
        return Parts(
            self.once + other.once, self.monthly + other.monthly, self.per_request + other.per_request
        )

    def per_year(self, requests_per_year: float | Array, horizon_years: float) -> Footprint:
        """Mean footprint of a year over the horizon, the one-off part spread over it."""
        return self.once * (1.0 / horizon_years) + self.monthly * 12.0 + self.per_request * requests_per_year
