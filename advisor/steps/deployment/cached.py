"""A cache in front of the model: exact, by meaning, or of prompt prefixes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import caching
from advisor.steps.deployment.demand import MONTHS_PER_YEAR
from advisor.steps.deployment.pool import Managed
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Gate, Option
from advisor.system.serving import encode
from advisor.system.workload import DAYS_PER_YEAR

EMBEDDER = "text-embedding-3-small"
HOURS_PER_DAY = 24.0


@dataclass(frozen=True, slots=True, eq=False)
class Cache:
    """A cache on a demand, draws: hit rate and false hits [ratio], energy at IT level [kWh]."""

    key: str
    title: str
    hit_rate: Array
    false_hits: Array
    lookup: Footprint
    store_kwh_per_day: Array
    store_usd_per_month: Array


def caches(pool: Managed, spec: str) -> Iterator[Cache]:
    """Exact and semantic caches in memory (Redis), and a semantic one on disk (Cosmos DB)."""
    case = pool.case
    changes = case.scenario.knowledge.changes_every_days
    # answers older than the knowledge they rest on are wrong: live no longer than that
    ttl = ttl_days(case)
    fresh = caching.fresh_share(ttl, changes)
    repeats, cap = case.workload.repeat_share, case.central("cache.hit_cap", "ratio")
    false = case.draw("cache.semantic.false_hit", "ratio") + (1.0 - np.asarray(fresh))
    place = pool.place(spec)
    looked = encode(case, EMBEDDER, pool.demand.shape.input_tokens)
    usd = np.asarray(pool.demand.shape.input_tokens) * case.draw(f"embedders.{EMBEDDER}.price", "USD/tok")
    semantic = accounting.served(case, looked, place).with_cost(usd)
    memory = case.draw("cache.store", "GB") * case.draw("cache.memory_power", "kW/GB") * HOURS_PER_DAY
    disk = case.draw("cache.store", "GB") * case.draw("cache.disk_power", "kW/GB") * HOURS_PER_DAY
    redis, cosmos = (case.central(f"cache.{kind}_copies", "item") for kind in ("redis", "cosmos"))
    exact_hits = np.minimum(caching.hits(repeats, case.draw("cache.exact.found", "ratio"), 1.0), cap)
    hits = np.minimum(caching.hits(repeats, case.draw("cache.semantic.found", "ratio"), 1.0), cap)
    redis_usd = case.draw("cache.redis_price", "USD/month")
    yield Cache(
        "exact", "Exact, Redis", exact_hits, 1.0 - np.asarray(fresh) + np.zeros(case.size), case.nothing(),
        memory * redis, redis_usd,
    )  # fmt: skip
    yield Cache("semantic", "By meaning, Redis", hits, false, semantic, memory * redis, redis_usd)
    yield Cache(
        "semantic-cosmos", "By meaning, Cosmos DB", hits, false, semantic, disk * cosmos,
        case.draw("cache.cosmos_price", "USD/month"),
    )  # fmt: skip


def ttl_days(case: Case) -> float:
    """Time to live [day]: the usual one, but at most a tenth of the time knowledge holds.

    That keeps the hits that have gone stale near 5 in 100.
    """
    changes, usual = case.scenario.knowledge.changes_every_days, case.central("cache.ttl", "day")
    return usual if changes is None else min(usual, changes / 10.0)


def with_cache(pool: Managed, option: Option, cache: Cache) -> Option:
    """An option with a cache in front: fewer calls, a store, a lookup, some false hits asked again."""
    case = pool.case
    kept = 1.0 - cache.hit_rate * (1.0 - cache.false_hits)
    spec = str(option.settings["place"])
    store = accounting.electricity(
        case, cache.store_kwh_per_day * DAYS_PER_YEAR / MONTHS_PER_YEAR, pool.place(spec)
    )
    parts = option.parts
    each = parts.per_request * kept + cache.lookup
    monthly = parts.monthly + store.with_cost(cache.store_usd_per_month)
    rate = float(np.median(cache.hit_rate))
    return replace(
        option,
        key=f"{option.key}-{cache.key}",
        title=f"{option.title}, cache by meaning" if cache.key != "exact" else f"{option.title}, exact cache",
        parts=Parts(parts.once, monthly, each),
        settings={**option.settings, "cache": cache.key, "hit_rate": rate, "ttl_days": ttl_days(case)},
        gates=(*option.gates, repeats(case)),
        notes=(*option.notes, f"About {rate:.0%} of requests are answered from the cache."),
    )


def repeats(case: Case) -> Gate:
    """Whether any question is asked again."""
    share = float(np.median(case.workload.repeat_share))
    return Gate(
        "repeats", share > 0, "questions that come back", f"{share:.0%} do",
        "measure how often questions come back",
    )  # fmt: skip


def semantic(pool: Managed, option: Option) -> Option:
    """An option with a semantic cache in Redis."""
    found = next(cache for cache in caches(pool, str(option.settings["place"])) if cache.key == "semantic")
    return with_cache(pool, option, found)
