"""What stands beside the tiers: vectors, caches, taking data in, where it is trained on, reuse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.exhibits import Table
from advisor.core.wording import amount
from advisor.estimate import caching, ingestion, vectors
from advisor.scenario.fields import Ingestion
from advisor.steps.data_storage import comparisons, intake, plans, prices
from advisor.steps.data_storage.bodies import Kept, Prior
from advisor.steps.data_storage.plans import Plan
from advisor.system.case import Case

HOURS_PER_YEAR = 24.0 * 365
MONTHS_PER_YEAR = 12.0
DAILY, HOURLY = 1.0, 24.0


def exhibits(
    case: Case, prior: Prior, kept: Sequence[Kept], chosen: Sequence[Plan], base: str
) -> tuple[Table, ...]:
    """The tables of this module; those without a row are left out."""
    found = (
        index_table(case, kept, base),
        cache_table(case, prior, base),
        stages(case, kept, chosen, base),
        ingestion_table(case, kept, base),
        nearness(case, kept, base),
        reuse(case, kept, base),
    )
    return tuple(table for table in found if table.rows)


@dataclass(frozen=True, slots=True, order=True)
class Fit:
    """A search tier that holds an index: USD a month, name, partitions and power [kW]."""

    price: float
    tier: str
    partitions: int
    kw: float


def search_tier(case: Case, memory_gb: float, disk_gb: float) -> Fit | None:
    """The cheapest search tier that holds an index on one replica; None if none does."""
    fitting = []
    for key in case.catalogue.keys("search_tiers"):
        row, name = case.catalogue.row("search_tiers", key), f"search_tiers.{key}"
        quota, storage = case.central(f"{name}.vector_quota", "GB"), case.central(f"{name}.storage", "GB")
        count = vectors.partitions(memory_gb, disk_gb, quota, storage, row["partitions"])
        if count is not None:
            price, kw = case.central(f"{name}.price", "USD/month"), case.central(f"{name}.unit_power", "kW")
            fitting.append(Fit(count * price, str(row["name"]), count, count * kw))
    return min(fitting) if fitting else None


def index_table(case: Case, kept: Sequence[Kept], region: str) -> Table:
    """Vector indexes at each precision: size, search tier, and a plain blob held in memory."""
    graph, disk_times = (
        case.central("storage.vector_graph", "B/item"),
        case.central("storage.index_disk", "ratio"),
    )
    pue = prices.kwh_worth(case, region).energy
    book = prices.central_book(case, region, "LRS")
    rows: list[tuple[str | float | None, ...]] = []
    for one in kept:
        data = one.data
        if not data.vectors:
            continue
        full = float(
            vectors.vector_gb(
                data.vectors, data.dimensions, case.central("vector_precisions.b32.bits", "item")
            )
        )
        for key in case.catalogue.keys("vector_precisions"):
            name = f"vector_precisions.{key}"
            bits = case.central(f"{name}.bits", "item")
            raw = float(vectors.vector_gb(data.vectors, data.dimensions, bits))
            memory = float(vectors.index_gb(data.vectors, data.dimensions, bits, graph))
            found = search_tier(case, memory, memory * disk_times)
            rescored = search_tier(case, memory, memory * disk_times + full)
            loss = case.catalogue.coefficient(f"{name}.recall_loss")
            case.central(f"{name}.recall_loss", "ratio")
            power = found.kw if found else 0.0
            plain_usd = memory * case.central("storage.memory_price", "USD/GB/month")
            plain_usd += memory * float(book.capacity[1])
            plain_kwh = memory * case.central("cache.memory_power", "kW/GB") * HOURS_PER_YEAR
            rows.append(
                (
                    data.name,
                    str(case.catalogue.row("vector_precisions", key)["name"]),
                    raw,
                    memory,
                    *_search(found),
                    power * HOURS_PER_YEAR * pue if found else None,
                    f"{rescored.tier} × {rescored.partitions}" if rescored else "none",
                    plain_usd,
                    plain_kwh * pue,
                    f"{loss.low:.1%} to {loss.high:.1%}",
                )
            )
    return Table(
        "storage_vectors",
        "Vector index by precision",
        (
            "Data set",
            "Precision",
            "Vectors (GB)",
            "Index in memory (GB)",
            "Search tier",
            "Partitions",
            "USD a month",
            "kWh a year, always on",
            "Tier if full vectors stay for rescoring",
            "Blob and memory instead: USD a month",
            "Blob and memory: kWh a year",
            "Recall lost",
        ),
        tuple(rows),
        note="One replica; availability promises need two or three. The search service itself belongs to "
        "step 2; here it is shown for its size. Blob and memory: your own process loads the index and "
        "searches it.",
    )


def precision_words(case: Case, kept: Sequence[Kept]) -> str:
    """What 8 bits instead of today's precision would do to the largest index; empty without one."""
    indexes = [one.data for one in kept if one.data.vectors]
    if not indexes:
        return ""
    data = max(indexes, key=lambda one: one.vectors)
    graph, disk = case.central("storage.vector_graph", "B/item"), case.central("storage.index_disk", "ratio")
    sizes = [
        float(vectors.index_gb(data.vectors, data.dimensions, bits, graph))
        for bits in (data.vector_bits, case.central("vector_precisions.b8.bits", "item"))
    ]
    now, then = (search_tier(case, size, size * disk) for size in sizes)
    if now is None or then is None or then.price >= now.price:
        return ""
    loss = case.catalogue.coefficient("vector_precisions.b8.recall_loss")
    before, after = (f"{one.tier} × {one.partitions} at {amount(one.price, 'USD')}" for one in (now, then))
    lost = f"{loss.low:.1%} to {loss.high:.1%} of recall"
    return f"{data.name} at 8 bits: {after} a month instead of {before}, for {lost}."


def _search(found: Fit | None) -> tuple[str | float | None, ...]:
    return (
        (found.tier, float(found.partitions), found.price) if found else ("more than one service", None, None)
    )


def cache_table(case: Case, prior: Prior, region: str) -> Table:
    """Where answers can be cached: in memory or on disk, and the hit rate at which it pays."""
    gb = case.central("cache.store", "GB")
    pue = prices.kwh_worth(case, region).energy
    call = float(np.median(comparisons.prompt_kwh(case, prior)[0]))
    lookup = case.central("embedders.text-embedding-3-small.energy_per_call", "kWh") * pue
    per_day = float(np.median(case.workload.mean_per_day))
    ttl = case.central("cache.ttl", "day")
    stale = 1.0 - float(caching.fresh_share(ttl, case.scenario.knowledge.changes_every_days))
    rows = []
    for name, key, watts in (
        ("in memory (Redis)", "redis", case.central("cache.memory_power", "kW/GB")),
        ("on disk (Cosmos DB)", "cosmos", case.central("cache.disk_power", "kW/GB")),
    ):
        copies = case.central(f"cache.{key}_copies", "item")
        daily = gb * copies * watts * HOURLY * pue
        rows.append(
            (
                name,
                gb,
                copies,
                daily * 365,
                case.central(f"cache.{key}_price", "USD/month"),
                float(caching.break_even_hit_rate(lookup, daily, per_day, call)),
                stale,
            )
        )
    return Table(
        "storage_caches",
        "Where to keep cached answers",
        (
            "Store",
            "GB",
            "Copies",
            "kWh a year",
            "USD a month",
            "Pays in energy above a hit rate of",
            "Answers out of date when used",
        ),
        tuple(rows),
        note=f"{ttl * HOURLY:g} h to live. Empty it when knowledge changes. Whether to cache is step 3's "
        "decision; the break-even is at the mean volume.",
    )


def ingestion_table(case: Case, kept: Sequence[Kept], region: str) -> Table:
    """Ways to take data in: batch or streaming, how often, how much kept, filtered where."""
    now = case.scenario.ingestion
    worth = prices.kwh_worth(case, region)
    network = float(intake.network(case, case.central))
    rows = []
    for label, settings in _ways(now):
        found = intake.month(kept, settings, case.central)
        energy = float(found.energy) * worth.energy + float(found.edge_energy)
        rows.append(
            (
                label,
                found.arriving,
                found.kept,
                found.rework,
                float(found.hours),
                energy * MONTHS_PER_YEAR,
                float(found.cost) * MONTHS_PER_YEAR,
                found.internet,
                found.internet * network * MONTHS_PER_YEAR,
            )
        )
    secured = now.edge_secured == "yes"
    wanted = f" Filtering at the edge is out until its security is confirmed (now: {now.edge_secured})."
    doubt = "" if secured else wanted
    return Table(
        "storage_ingestion",
        "Taking data in",
        (
            "Way",
            "Arrives (GB a month)",
            "Kept (GB a month)",
            "Worked on again (GB a month)",
            "Worker hours a month",
            "kWh a year",
            "USD a year",
            "Over the internet (GB a month)",
            "Network's share (kWh a year, average)",
        ),
        tuple(rows),
        note="Data the system writes itself (logs, caches) is not counted. The network's share is its "
        "average energy per byte; a byte less saves next to none, so it is no saving." + doubt,
    )


def _ways(now: Ingestion) -> Iterable[tuple[str, Ingestion]]:
    def changed(**values: object) -> Ingestion:
        return now.model_copy(update=values)

    yield f"as planned ({now.mode}, {now.runs_per_day:g} runs a day)", now
    if now.mode == "batch" and now.runs_per_day != DAILY:
        yield "one run a day", changed(mode="batch", runs_per_day=DAILY)
    if now.mode == "streaming":
        yield "batch, every hour", changed(mode="batch", runs_per_day=HOURLY)
    else:
        yield "streaming", changed(mode="streaming")
    yield "everything kept", changed(kept_share=1.0)
    yield "no rework", changed(rework_rate=0.0)
    if not (now.edge_filtering and now.edge_secured == "yes"):
        out = "" if now.edge_secured == "yes" else f" (out: its security is {now.edge_secured})"
        yield f"filtered at the edge{out}", changed(edge_filtering=True, edge_secured="yes")


def stages(case: Case, kept: Sequence[Kept], chosen: Sequence[Plan], region: str) -> Table:
    """Compute, network and storage of each stage of the data, in a month."""
    now = case.scenario.ingestion
    taken = intake.month(kept, now, case.central)
    worth = prices.kwh_worth(case, region)
    pilot = sum(one.data.size_gb for one in kept if one.data.role in intake.COLLECTED)
    arriving = float(ingestion.arriving_gb(pilot, now.kept_share))
    first = float(ingestion.processed_gb(arriving, now.rework_rate)) / case.central(
        "ingestion.throughput", "GB/h"
    )
    power = case.central("ingestion.worker_power", "kW") * worth.energy
    monthly = [(plan, plans.amounts(case, plan)[1]) for plan in chosen]
    parts = [
        prices.energies(
            prices.central_book(case, plan.region, plan.redundancy),
            used,
            prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False),
        )
        for plan, used in monthly
    ]

    def total(name: str) -> float:
        return float(sum(float(part[name]) for part in parts)) * (1.0 if name == "network" else worth.energy)

    held = sum(float(plans.mean_gb(case, plan).sum()) for plan in chosen)
    sent = sum(used.replicated + used.crossing for _, used in monthly)
    rows: list[tuple[str | float | None, ...]] = [
        ("pilot on a sample, once", first * now.pilot_share * power, arriving * now.pilot_share, None),
        ("first load in full, once", first * power, arriving, pilot),
        ("collect, filter, clean", float(taken.energy) * worth.energy, taken.internet, taken.kept),
        ("squeeze and deduplicate", total("compression"), None, None),
        ("store", total("media"), None, held),
        ("read and write", total("reading and writing"), None, None),
        ("replicate and send", total("network"), sent, None),
    ]
    return Table(
        "storage_stages",
        "Compute, network and storage by stage of the data",
        ("Stage", "kWh a month", "GB moved a month", "GB held"),
        tuple(rows),
        note=f"A pilot on {now.pilot_share:.0%} of the data shows whether the rest is worth loading.",
    )


def nearness(case: Case, kept: Sequence[Kept], base: str) -> Table:
    """What it takes to train away from the data: gigabytes between regions a year."""
    needs = case.scenario.knowledge
    network, price = (
        case.central("network.between_regions", "kWh/GB"),
        case.central("storage.region_transfer", "USD/GB"),
    )
    worth = prices.kwh_worth(case, base)
    trained = max(needs.retrains_per_year, 1.0)
    ways = (
        ("in one region", 0.0),
        ("fetched once a retraining", trained),
        ("fetched for every run", trained * needs.tuning_runs),
    )
    rows: list[tuple[str | float | None, ...]] = []
    for one in kept:
        if one.data.role in ("training", "corpus", "evaluation"):
            for label, times in ways:
                gb = one.data.size_gb * times
                kwh = gb * network
                rows.append((one.name, label, gb, kwh, kwh / worth.energy * worth.carbon, gb * price))
    return Table(
        "storage_nearness",
        "Data and training in one region, or not",
        ("Data set", "Training", "GB between regions a year", "kWh a year", "kg CO2e a year", "USD a year"),
        tuple(rows),
        note="Train where the data lies, or copy it once and keep it there.",
    )


def reuse(case: Case, kept: Sequence[Kept], base: str) -> Table:
    """Public data: what taking it over avoids, and whether its licence allows it."""
    now, worth = case.scenario.ingestion, prices.kwh_worth(case, base)
    power = (
        case.central("ingestion.worker_power", "kW")
        * worth.energy
        / case.central("ingestion.throughput", "GB/h")
    )
    rows: list[tuple[str | float | None, ...]] = []
    for one in kept:
        if one.data.role not in intake.COLLECTED:
            continue
        arriving = float(ingestion.arriving_gb(one.data.size_gb, now.kept_share))
        work = float(ingestion.processed_gb(arriving, now.rework_rate)) * power
        licence = one.data.public_licence
        verdict = {None: "own data", "yes": "passes", "no": "fails", "unknown": "fails until it is read"}[
            licence
        ]
        rows.append(
            (
                one.name,
                licence or "not public",
                verdict,
                arriving if licence else None,
                work if licence else None,
            )
        )
    return Table(
        "storage_reuse",
        "Public data instead of collecting",
        ("Data set", "Licence allows this use", "Gate", "Collecting avoided (GB)", "Preparing avoided (kWh)"),
        tuple(rows),
        note="An unknown licence fails: most hosting sites omit licences or state them wrongly.",
    )
