"""What the user measured of a model in use: energy of a request, requests at once. It wins over estimates."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Z90, Array
from advisor.scenario.own import Energy
from advisor.system.case import Case


def own_measurement(case: Case, name: str, whose: str, mode: str | None = None) -> Energy | None:
    """The user's measurement of a model as deployed, if there is one: of the very mode, else of its kind.

    ``whose`` machines: managed or own; ``mode``: a deployment's, such as ptu.
    """
    own = case.scenario.measurements.wh_per_request.get(name)
    if own is None:
        return None
    for where in (mode, whose):
        if where is not None and where in own.by_deployment:
            found: Energy = own.by_deployment[where]
            return found
    return own if own.deployment in {None, whose, mode} else None


def own_batch(case: Case, name: str) -> Array | None:
    """Requests that a replica of the user's own was seen to answer at once [item], if anybody looked."""
    scraped = (case.scenario.scraped or {}).get(name)
    own = case.scenario.measurements.running_batch.get(name)
    if scraped is not None:
        return case.full(scraped.batch)
    if own is None or own.batch is None:
        return None
    return spread_of(case, f"batch.{name}", own.batch, own.low, own.high)


def spread_of(case: Case, name: str, middle: float, low: float | None, high: float | None) -> Array:
    """Draws of what was measured, 80 % of them between ``low`` and ``high``."""
    z = case.draws.normal(f"measurements.{name}")
    drawn: Array = middle * np.where(z < 0, middle / (low or middle), (high or middle) / middle) ** (z / Z90)
    return drawn
