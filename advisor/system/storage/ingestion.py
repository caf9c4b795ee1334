"""Taking data in: work and bytes, the same for every storage policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.estimate import ingestion
from advisor.scenario.data_fields import Ingestion
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case
from advisor.system.footprints import electricity, outside, own_power, server_work
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.premises import ground, over_listed
from advisor.system.storage.data_sets import DAYS_PER_MONTH, HOURS_PER_DAY, Kept, data_sets, reader

Number = float | Array
EDGE_DEVICE = "jetson_orin_nano"  # the class of small devices that filter
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
    at_edge: bool


def month(case: Case, kept: Sequence[Kept], settings: Ingestion) -> Intake:
    """A month of taking data in under some settings.

    As much arrives under any: what the data sets grow by is what the scenario's own share leaves of it.
    """
    growth = sum(one.data.growth_gb_per_month for one in kept if one.data.role in COLLECTED)
    planned = case.scenario.ingestion.kept_share
    arriving = float(ingestion.arriving_gb(growth, planned))
    stored = growth if settings.kept_share == planned else arriving * settings.kept_share
    at_edge = settings.edge_filtering and settings.edge_secured == "yes"
    inside = stored if at_edge else arriving
    work = float(ingestion.processed_gb(inside, settings.rework_rate))
    speed = case.draw("ingestion.throughput", "GB/h")
    if not stored:
        hours: Number = 0.0
    elif settings.mode == "batch":
        runs = settings.runs_per_day * DAYS_PER_MONTH
        hours = ingestion.batch_hours(work, runs, case.draw("ingestion.start", "h"), speed)
    else:
        hours = ingestion.streaming_hours(work, DAYS_PER_MONTH * HOURS_PER_DAY, speed)
    return Intake(
        hours=hours,
        energy=hours * case.draw("ingestion.worker_power", "kW"),
        edge_energy=arriving * case.draw("ingestion.edge_energy", "kWh/GB") if at_edge else 0.0,
        cost=hours * case.draw("ingestion.worker_price", "USD/h"),
        arriving=arriving,
        kept=stored,
        rework=work - inside,
        internet=settings.internet_gb_per_month * (settings.kept_share if at_edge else 1.0),
        at_edge=at_edge,
    )


def network_kwh(case: Case) -> Number:
    """Energy of a GB over the internet [kWh/GB]: the scenario's own, else published."""
    own = case.scenario.measurements.network_kwh_per_gb
    return own if own is not None else case.draw("network.internet", "kWh/GB")


def taken(case: Case, found: Intake, base: str) -> tuple[Footprint, Footprint, Footprint]:
    """What an intake takes: workers in a region, filters at the edge, the way over the internet.

    The edge and the internet lie on the region's grid, in no data centre; the edge's power is the users' own.
    """
    where = place(case, ground(case, base))
    work = server_work(case, found.energy, where).with_cost(found.cost * over_listed(case))
    country = str(case.catalogue.row("regions", base).get("iso3"))
    paid = own_power(case, found.edge_energy, country)
    edge = electricity(case, found.edge_energy, outside(where)).with_cost(paid)
    if found.at_edge:
        edge = edge + _worn_at_edge(case, found.edge_energy)
    return work, edge, electricity(case, found.internet * network_kwh(case), outside(where))


def _worn_at_edge(case: Case, kwh: Number) -> Footprint:
    """Making, waste and price of small devices that filter, by the part of their life that the work takes."""
    at_work = kwh / case.draw("ingestion.edge_power", "kW")
    name = f"devices.{EDGE_DEVICE}"
    part = at_work / case.draw("ingestion.edge_busy", "ratio") / case.draw(f"{name}.lifetime", "h")
    return Footprint.of(
        case.size,
        embodied=part * case.draw(f"{name}.embodied", "kg"),
        ewaste=part * case.draw(f"{name}.mass", "kg"),
        cost=part * case.draw(f"{name}.price", "USD"),
    )


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """Workers that take data in, filters at the edge, and the way over the internet; a month each."""
    base = reader(case, deployment)
    found = month(case, data_sets(case, model, improvement, deployment), case.scenario.ingestion)
    if not found.kept and not found.internet:
        return
    work, edge, way = taken(case, found, base)

    def line(resource: Resource, what: str, quantity: Number, unit: str, footprint: Footprint) -> Line:
        where = ground(case, base)
        return Line(resource, "data_storage", "standing", what, where, case.full(quantity), unit, footprint)

    if found.kept:
        yield line(Resource.HOST, say("workers that take data in"), found.hours, "h", work)
        if found.at_edge:
            yield line(Resource.HOST, say("filters at the edge"), found.arriving, "GB", edge)
    if found.internet:
        yield line(Resource.TRANSFER, say("data over the internet"), found.internet, "GB", way)
