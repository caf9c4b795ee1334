"""What the scenario asks to weigh, and the one way that years are compared by it.

The score is the weighted sum of the logarithms of the concerns per accepted answer, so units do not
matter, a weight of zero ignores a concern, and halving one is worth the same wherever it starts. Lower
is better; only differences mean anything.

A carbon price takes the place of all weights: what is compared is then the money an accepted answer
takes, its carbon paid for at that price. As the logarithm of a sum of money it is a score like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array
from advisor.core.footprint import INDEX
from advisor.core.saying import numeral, say
from advisor.core.wording import listed
from advisor.scenario import Scenario
from advisor.system.case import Case, remembered

KG_PER_T = 1000.0
# the order of concerns here and wherever a year is told by concern
CONCERNS = ("carbon", "cost", "water", "energy", "ewaste")
CARBON, COST = CONCERNS.index("carbon"), CONCERNS.index("cost")
NAMES = {
    "carbon": say("carbon"), "cost": say("cost"), "quality": say("quality"), "water": say("water"),
    "energy": say("energy"), "ewaste": say("e-waste"),
}  # fmt: skip
# what each priority looks at; quality is better when larger, the rest when smaller
PARTS = {
    "carbon": ("carbon_location", "embodied"), "cost": ("cost",),
    "water": ("water_onsite", "water_upstream"), "energy": ("energy",), "ewaste": ("ewaste",),
}  # fmt: skip
# an indicator that is nothing for a plan is scored as this share of the largest it is compared with
NEGLIGIBLE = 1e-6
ROWS = [[INDEX[name] for name in PARTS[concern]] for concern in CONCERNS]


def carbon_price(case: Case) -> float | None:
    """The price that stands in place of the weights [USD/kgCO2e]; None where weights decide."""
    given = case.scenario.priorities.carbon_price_usd_per_t
    return None if given is None else given / KG_PER_T


def set_aside(scenario: Scenario) -> str:
    """That a carbon price leaves weights that somebody gave without any effect; empty where none are."""
    given = scenario.priorities
    price = given.carbon_price_usd_per_t
    names = [NAMES[name] for name in NAMES if name in given.model_fields_set and getattr(given, name) > 0]
    if price is None or not names:
        return ""
    return say(
        "Carbon at {price} USD a tonne takes the place of all weights: those given for {names} have no "
        "effect.",
        price=numeral(price, "g"), names=listed(names),
    )  # fmt: skip


def unpriced(scenario: Scenario) -> str:
    """That weights of roles count no carbon price beside them; empty where the scenario has none."""
    price = scenario.priorities.carbon_price_usd_per_t
    if not price:
        return ""
    return say(
        "Your carbon price of {price} USD a tonne plays no part here: roles weigh carbon itself, and with "
        "the price in the cost it would count twice.",
        price=numeral(price, "g"),
    )


def concerns(values: Array) -> Array:
    """Indicators, shape (..., indicators, draws), summed to concerns, shape (..., concerns, draws)."""
    found = np.empty((*values.shape[:-2], len(ROWS), values.shape[-1]))
    for place, (first, *others) in enumerate(ROWS):
        found[..., place, :] = values[..., first, :]
        for row in others:
            found[..., place, :] += values[..., row, :]
    return found


def valued(case: Case, years: Array, axis: int = -2) -> Array:
    """Concerns of a year with carbon paid for, where it has a price; ``axis``: that of the concerns."""
    price = carbon_price(case)
    if price is None:
        return years
    paid = np.moveaxis(years.copy(), axis, 0)
    paid[COST] += price * paid[CARBON]
    return np.moveaxis(paid, 0, axis)


@remembered
def weights(case: Case) -> Array:
    """The weight of each concern, and of quality last, summing to one; money alone where carbon is priced.

    Not to be written to.
    """
    if carbon_price(case) is not None:
        return np.array([float(name == "cost") for name in (*CONCERNS, "quality")])
    given = case.scenario.priorities
    vector = np.array([*(getattr(given, name) for name in CONCERNS), given.quality], dtype=np.float64)
    result: Array = vector / vector.sum()
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """The weighted sum of logarithms per accepted answer, the one way that plans are compared by.

    ``used``: the concerns that count, ``weight`` of each of them and ``floor`` below which none is counted;
    ``total``: the sum of all weights, that of quality included.
    """

    used: NDArray[np.intp]
    weight: Array
    floor: Array
    total: float

    @classmethod
    def of(cls, weight: Array, floor: Array) -> Measure:
        """By the weight of each concern, and of quality last, and the floor of each concern.

        One that is nothing everywhere (a floor of 0) counts nothing.
        """
        used = np.flatnonzero((weight[:-1] > 0) & (floor > 0))
        return cls(used, weight[used], floor[used], float(weight.sum()))

    def __call__(self, years: Array, quality: Array | float) -> Array:
        """Lower is better; ``years`` has concerns last, which the result has not."""
        # every concern is divided by the share accepted; volume is common to all
        result: Array = self.alone(years) - self.total * np.log(np.maximum(quality, NEGLIGIBLE))
        return result

    def alone(self, years: Array) -> Array:
        """The same of plans whose answers are equally good."""
        result: Array = np.log(np.maximum(years[..., self.used], self.floor)) @ self.weight
        return result


def weighed(years: Array, quality: Array | float, weight: Array, floor: Array) -> Array:
    """Years of concerns, along the last axis, measured by weights and floors; see ``Measure``."""
    return Measure.of(weight, floor)(years, quality)
