"""What the scenario asks to weigh, where more than one room reads it."""

from __future__ import annotations

from advisor.system.case import Case

KG_PER_T = 1000.0


def carbon_price(case: Case) -> float | None:
    """The price that stands in place of the weights [USD/kgCO2e]; None where weights decide."""
    given = case.scenario.priorities.carbon_price_usd_per_t
    return None if given is None else given / KG_PER_T
