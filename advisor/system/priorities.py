"""What the scenario asks to weigh, where more than one room reads it."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.system.case import Case, remembered

KG_PER_T = 1000.0
# the order of concerns here and wherever a year is told by concern
CONCERNS = ("carbon", "cost", "water", "energy", "ewaste")
CARBON, COST = CONCERNS.index("carbon"), CONCERNS.index("cost")
TINY = 1e-12
TIE = 1e-9  # weight of money where nothing else tells two ways apart


def carbon_price(case: Case) -> float | None:
    """The price that stands in place of the weights [USD/kgCO2e]; None where weights decide."""
    given = case.scenario.priorities.carbon_price_usd_per_t
    return None if given is None else given / KG_PER_T


@remembered
def weights(case: Case) -> Array:
    """The weight of each of ``CONCERNS``; where none has one, the cheaper way is told by a trace."""
    given = case.scenario.priorities
    found = np.array([getattr(given, name) for name in CONCERNS], dtype=np.float64)
    found[COST] = max(found[COST], TIE)
    return found


def standing(years: Array, weight: Array, price: float | None) -> Array:
    """How years stand by what is to be weighed, lower is better; shape (..., concerns) without the last.

    The part of a plan's score that does not hang on its quality: the sum of the logarithms of its concerns
    [kg, USD, L, kWh, kg] by ``weight``, or of its money with carbon paid for at ``price`` [USD/kg] where
    there is one.
    """
    if price is not None:
        paid: Array = np.log(np.maximum(years[..., COST] + max(price, TINY) * years[..., CARBON], TINY))
        return paid
    result: Array = np.log(np.maximum(years, TINY)) @ weight
    return result
