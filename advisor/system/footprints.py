"""From energy and hardware time at a place to a footprint.

The one place where estimates meet the grid: every line goes through here, so that all figures
share their boundary. Energy given is that of IT equipment; PUE is added here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.estimate import grid
from advisor.system.case import Case
from advisor.system.places import Place

if TYPE_CHECKING:
    from advisor.system.serving import Served

GPUS_PER_SERVER = 8  # the shared chassis whose embodied carbon is published is an 8-GPU server
CHASSIS_ALONE = "none"  # no GPU: the server's share only
SECONDS_PER_HOUR = 3600.0


def outside(where: Place) -> Place:
    """The same grid without a data centre's overhead, for network equipment and what stands elsewhere."""
    return replace(where, pue=np.ones_like(where.pue), wue=np.zeros_like(where.wue))


def own_power(case: Case, kwh: float | Array, iso3: str) -> float | Array:
    """What electricity used on the users' own premises in a country costs [USD]; elsewhere the price has it.

    At the user's own figure where one is given, else at the country's, else at the world's.
    """
    anywhere, here = "premises.power_price", f"power_prices.{iso3}.price"
    known = here in case and not case.is_own(anywhere)
    return kwh * case.draw(here if known else anywhere, "USD/kWh")


def electricity(case: Case, it_kwh: float | Array, where: Place) -> Footprint:
    """Footprint of IT energy [kWh] used at a place; no hardware, and no cost but on the users' premises."""
    metered = grid.meter_kwh(it_kwh, where.pue)
    return Footprint.of(
        case.size,
        energy=metered,
        carbon_location=grid.carbon_kg(metered, where.location),
        carbon_market=grid.carbon_kg(metered, where.market),
        carbon_marginal=grid.carbon_kg(metered, where.marginal),
        water_onsite=grid.water_onsite_l(it_kwh, where.wue),
        water_upstream=grid.water_upstream_l(metered, where.upstream_water),
        adpe=grid.depletion_kgsb(metered, where.adpe),
        cost=own_power(case, metered, where.country) if where.of_devices else 0.0,
    )


def hardware(case: Case, gpu: str, gpu_seconds: float | Array) -> Footprint:
    """Embodied carbon, metals and waste of GPU time [s], the server's share included.

    ``gpu_seconds`` counts time the GPU was held, idle time included.
    """
    share = grid.life_share(
        gpu_seconds, case.draw("hardware.lifetime", "s"), case.draw("hardware.utilisation", "ratio")
    )

    smaller = f"gpus.{gpu}.chassis_share"
    around = case.draw(smaller, "ratio") if smaller in case else 1.0

    def per_gpu(kind: str, unit: str) -> Array:
        own = f"gpus.{gpu}.{kind}"
        chassis = case.draw(f"host.{kind}_8gpu", unit) / GPUS_PER_SERVER * around
        return case.draw(own, unit) + chassis if own in case else chassis

    return Footprint.of(
        case.size,
        embodied=share * per_gpu("embodied", "kg"),
        adpe=share * per_gpu("adpe", "kgSb"),
        ewaste=share * per_gpu("mass", "kg"),
    )


def server_share(case: Case, hours: float | Array) -> Footprint:
    """Embodied carbon, metals and waste of four virtual cores of a general server, held for ``hours``."""
    return hardware(
        case, CHASSIS_ALONE, hours * SECONDS_PER_HOUR * case.draw("encoder.container_chassis", "ratio")
    )


def server_work(case: Case, it_kwh: float | Array, where: Place) -> Footprint:
    """Footprint of work on general servers [kWh IT]: electricity, and the servers by the share held.

    The share that is held is told by its power: that of four virtual cores at work has their share of a
    server. On devices, which are charged whole, it is electricity alone.
    """
    drawn = electricity(case, it_kwh, where)
    if where.of_devices:
        return drawn
    return drawn + server_share(case, it_kwh / case.draw("encoder.container_power", "kW"))


def served(case: Case, request: Served, where: Place) -> Footprint:
    """Footprint of one served request at a place, without its price.

    On devices, which are charged whole, idle power included, it is the electricity of the work alone.
    """
    if where.of_devices:
        return electricity(case, request.work_kwh, where)
    return electricity(case, request.energy_kwh, where) + hardware(case, request.gpu, request.gpu_seconds)
