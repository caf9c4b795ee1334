"""Stores beside the tiers: vector indexes at each precision, and where answers are cached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.footprint import INDEX
from advisor.core.saying import numeral, say
from advisor.core.wording import amount, or_never
from advisor.estimate import caching, vectors
from advisor.estimate.storage import HOT
from advisor.steps.data_storage.kept import Study
from advisor.system import caches, search_units
from advisor.system.bill import MONTHS_PER_YEAR
from advisor.system.cache_gates import break_even
from advisor.system.case import Case
from advisor.system.footprints import electricity
from advisor.system.places import place
from advisor.system.plan import Plan
from advisor.system.storage.book import HELD, book
from advisor.system.storage.data_sets import Facts, Kept, index_gb

HOURS_PER_YEAR = 24.0 * 365
HOURS_PER_DAY = 24.0
CACHED = ("maas", "ptu")  # modes that a cache can stand in front of
FULL, REDUCED = "b32", "b8"  # precisions of vectors
STORES: tuple[tuple[str, Literal["semantic", "semantic-cosmos"], str], ...] = (
    (say("in memory (Redis)"), "semantic", "redis"),
    (say("on disk (Cosmos DB)"), "semantic-cosmos", "cosmos"),
)


def exhibits(case: Case, found: Study) -> tuple[Table, ...]:
    """The tables of this module; those without a row are left out."""
    tables = (index_table(case.centre, found), cache_table(case, found.plan))
    return tuple(table for table in tables if table.rows)


@dataclass(frozen=True, slots=True)
class Service:
    """Search units that hold an index: a month of them [USD], a year at the meter [kWh]."""

    tier: str
    units: int
    usd: float
    kwh: float

    @property
    def name(self) -> str:
        """The tier and how many units of it."""
        return f"{self.tier} × {self.units}"


def service(case: Case, memory_gb: float, disk_gb: float) -> Service:
    """The cheapest search units that hold an index, central."""
    key, partitions, replicas = search_units.cheapest_tier(case, memory_gb, disk_gb)
    units = partitions * replicas
    month = search_units.units_held(case, key, units, search_units.where_searched(case))
    name = str(case.catalogue.row("search_tiers", key)["name"])
    return Service(name, units, central(month["cost"]), central(month["energy"]) * MONTHS_PER_YEAR)


def index_table(case: Case, found: Study) -> Table:
    """Vector indexes at each precision: size, search tier, and a plain blob held in memory."""
    rows = tuple(row for one in found.kept if one.data.vectors for row in _precisions(case, found, one.data))
    return Table(
        "storage_vectors",
        say("Vector index by precision"),
        (
            say("Data set"),
            say("Precision"),
            say("Vectors (GB)"),
            say("Index in memory (GB)"),
            say("Search tier"),
            say("Search units"),
            say("USD a month"),
            say("kWh a year, always on"),
            say("Tier if full vectors stay for rescoring"),
            say("Blob and memory instead: USD a month"),
            say("Blob and memory: kWh a year"),
            say("Recall lost"),
            say("Ruled out by"),
        ),
        rows,
        note=say(
            "Replicas, for the availability asked for: {count}, or as many as the busiest minute takes. The "
            "search service itself belongs to step 2; here it is shown for its size. Blob and memory: your "
            "own process loads the index and searches it.",
            count=search_units.replicas(case),
        ),
    )


def _precisions(case: Case, found: Study, data: Facts) -> Iterator[tuple[str | float | None, ...]]:
    disk_times = case.central("storage.index_disk", "ratio")
    bits = {key: case.central(f"vector_precisions.{key}.bits", "item") for key in _precision_keys(case)}
    full = float(vectors.vector_gb(data.vectors, data.dimensions, bits[FULL]))
    blob = float(book(case, found.base, "LRS").values[HELD][HOT, INDEX["cost"], 0])
    usd = case.central("storage.memory_price", "USD/GB/month") + blob
    kwh = electricity(
        case, case.draw("cache.memory_power", "kW/GB") * HOURS_PER_YEAR, place(case, f"region:{found.base}")
    )
    for key, count in bits.items():
        memory = index_gb(case, data.vectors, data.dimensions, count)
        held = service(case, memory, memory * disk_times)
        rescored = service(case, memory, memory * disk_times + full)
        loss = case.catalogue.coefficient(f"vector_precisions.{key}.recall_loss")
        yield (
            data.name,
            case.catalogue.row("vector_precisions", key)["name"],
            float(vectors.vector_gb(data.vectors, data.dimensions, count)),
            memory,
            held.tier,
            float(held.units),
            held.usd,
            held.kwh,
            rescored.name,
            memory * usd,
            memory * central(kwh["energy"]),
            say("{low} to {high}", low=numeral(loss.low, ".1%"), high=numeral(loss.high, ".1%")),
            "" if _finds_enough(case, count) else say("recall"),
        )


def _finds_enough(case: Case, bits: float) -> bool:
    """Whether an index of a precision finds what must be found."""
    least = case.scenario.quality.least_recall
    return least is None or search_units.recall(case, bits) >= least


def _precision_keys(case: Case) -> list[str]:
    return list(case.catalogue.keys("vector_precisions"))


def precision_words(case: Case, kept: tuple[Kept, ...]) -> str:
    """What 8 bits would do to the largest index a service holds, by what it costs; empty without one."""
    indexes = [one.data for one in kept if one.data.vectors]
    if not indexes or search_units.by_itself(case):
        return ""
    data = max(indexes, key=lambda one: one.vectors)
    disk = case.central("storage.index_disk", "ratio")
    reduced = case.central(f"vector_precisions.{REDUCED}.bits", "item")
    sizes = [index_gb(case, data.vectors, data.dimensions, bits) for bits in (data.vector_bits, reduced)]
    now, then = (service(case, size, size * disk) for size in sizes)
    if then.usd >= now.usd or not _finds_enough(case, reduced):
        return ""
    loss = case.catalogue.coefficient(f"vector_precisions.{REDUCED}.recall_loss")
    before, after = (say("{name} at {usd}", name=one.name, usd=amount(one.usd, "USD")) for one in (now, then))
    lost = say("{low} to {high} of recall", low=numeral(loss.low, ".1%"), high=numeral(loss.high, ".1%"))
    return say(
        "{name} at 8 bits: {after} a month instead of {before}, for {lost}.",
        name=data.name,
        after=after,
        before=before,
        lost=lost,
    )


def cache_table(case: Case, plan: Plan) -> Table:
    """Where answers can be cached: in memory or on disk, and the hit rate at which it pays."""
    ttl = caches.ttl_days(case)
    stale = 1.0 - float(caching.fresh_share(ttl, case.scenario.knowledge.changes_every_days))
    rows: list[tuple[str | float | None, ...]] = []
    for name, cache, key in STORES if plan.deployment.mode in CACHED else ():
        deployment = replace(plan.deployment, cache=cache)
        month = caches.store(case, deployment)
        even = break_even(case, plan.model, plan.improvement, deployment)
        rows.append(
            (
                name,
                case.central("cache.store", "GB"),
                case.central(f"cache.{key}_copies", "item"),
                central(month["energy"]) * MONTHS_PER_YEAR,
                central(month["cost"]),
                or_never(even, 1.0),
                stale,
            )
        )
    return Table(
        "storage_caches",
        say("Where to keep cached answers"),
        (
            say("Store"),
            "GB",
            say("Copies"),
            say("kWh a year"),
            say("USD a month"),
            say("Pays in energy above a hit rate of"),
            say("Answers out of date when used"),
        ),
        tuple(rows),
        note=say(
            "{ttl} h to live. Empty it when knowledge changes. Whether to cache is step 3's decision; the "
            "break-even is at the mean volume; never: no hit rate pays.",
            ttl=numeral(ttl * HOURS_PER_DAY, "g"),
        ),
    )
