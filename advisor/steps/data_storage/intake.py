"""Taking data in: work and bytes of ingestion, the same for every storage plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.estimate import ingestion
from advisor.scenario.fields import Ingestion
from advisor.steps.data_storage.bodies import DAYS_PER_MONTH, Kept
from advisor.steps.data_storage.prices import region_place
from advisor.system.accounting import electricity
from advisor.system.case import Case

Number = float | Array
Get = Callable[[str, str], Number]
HOURS_PER_DAY = 24.0
# what is collected and prepared, as opposed to what the system itself writes
COLLECTED = ("corpus", "training", "evaluation")


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """A month of ingestion: worker time [h], energy [kWh IT], money [USD], and bytes [GB]:
    arriving, kept, processed again, and over the internet.
    """

    hours: Number
    energy: Number
    edge_energy: Number
    cost: Number
    arriving: float
    kept: float
    rework: float
    internet: float


def month(kept: Sequence[Kept], settings: Ingestion, get: Get) -> Intake:
    """A month of taking data in under some settings."""
    stored = sum(one.data.growth_gb_per_month for one in kept if one.data.role in COLLECTED)
    arriving = float(ingestion.arriving_gb(stored, settings.kept_share))
    at_edge = settings.edge_filtering and settings.edge_secured == "yes"
    inside = stored if at_edge else arriving
    work = float(ingestion.processed_gb(inside, settings.rework_rate))
    speed = get("ingestion.throughput", "GB/h")
    if not stored:
        hours: Number = 0.0
    elif settings.mode == "batch":
        runs = settings.runs_per_day * DAYS_PER_MONTH
        hours = ingestion.batch_hours(work, runs, get("ingestion.start", "h"), speed)
    else:
        hours = ingestion.streaming_hours(work, DAYS_PER_MONTH * HOURS_PER_DAY, speed)
    internet = settings.internet_gb_per_month * (settings.kept_share if at_edge else 1.0)
    return Intake(
        hours=hours,
        energy=hours * get("ingestion.worker_power", "kW"),
        edge_energy=arriving * get("ingestion.edge_energy", "kWh/GB") if at_edge else 0.0,
        cost=hours * get("ingestion.worker_price", "USD/h"),
        arriving=arriving,
        kept=stored,
        rework=work - inside,
        internet=internet,
    )


def footprint(case: Case, kept: Sequence[Kept], base: str) -> Footprint:
    """A month of ingestion as draws: workers, filtering at the edge, and the way in."""
    found = month(kept, case.scenario.ingestion, case.draw)
    where = region_place(case, base)
    outside = replace(where, pue=np.ones(case.size), wue=np.zeros(case.size))
    way = found.internet * network(case, case.draw) if found.internet else 0.0
    inside = electricity(case, found.energy, where)
    return (inside + electricity(case, way + found.edge_energy, outside)).with_cost(found.cost)


def network(case: Case, get: Get) -> Number:
    """Energy of a GB over the internet [kWh/GB]: the scenario's own, else published."""
    own = case.scenario.measurements.network_kwh_per_gb
    return own if own is not None else get("network.internet", "kWh/GB")
