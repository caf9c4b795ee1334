"""A cache in front of the model: how many requests it answers, how many wrongly, and what it takes.

A hit spares a call, on whatever serves the model: fewer tokens, fewer units, fewer machines. A hit that
is wrong, stale or taken for another question, is a wrong answer and lowers the share accepted. The cache
is asked before anything is added to the question, and so compares the question alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.estimate import caching
from advisor.system import sites
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.footprints import served, server_work
from advisor.system.places import place
from advisor.system.plan import Cache, DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.requests import attempts, question_tokens
from advisor.system.serving import Served, encode
from advisor.system.workload import DAYS_PER_YEAR

EMBEDDER = "text-embedding-3-small"
HOURS_PER_DAY = 24.0
MONTHS_PER_YEAR = 12.0
CACHES: tuple[Cache, ...] = ("exact", "semantic", "semantic-cosmos")
TITLES: dict[Cache, str] = {
    "exact": say("Exact, Redis"),
    "semantic": say("By meaning, Redis"),
    "semantic-cosmos": say("By meaning, Cosmos DB"),
}
STORES: dict[Cache, str] = {
    "exact": say("cache, exact, Redis: the store"),
    "semantic": say("cache, by meaning, Redis: the store"),
    "semantic-cosmos": say("cache, by meaning, Cosmos DB: the store"),
}


class _Kind(NamedTuple):
    """How a cache matches and where it is kept, as the catalogue names it."""

    match: str
    store: str
    power: str


KINDS: dict[Cache, _Kind] = {
    "exact": _Kind("exact", "redis", "memory"),
    "semantic": _Kind("semantic", "redis", "memory"),
    "semantic-cosmos": _Kind("semantic", "cosmos", "disk"),
}


def ttl_days(case: Case) -> float:
    """Time to live [day]: the usual one, but at most a part of the time knowledge holds."""
    changes, usual = case.scenario.knowledge.changes_every_days, case.central("cache.ttl", "day")
    return usual if changes is None else min(usual, changes * case.central("cache.ttl_of_change", "ratio"))


@remembered
def hit_rate(case: Case, deployment: DeploymentSetting) -> Array:
    """Share of requests that the cache of a deployment answers [0-1], wrong answers among them."""
    if deployment.cache == "none":
        return np.zeros(case.size)
    found = case.draw(f"cache.{KINDS[deployment.cache].match}.found", "ratio")
    hits = caching.hits(case.workload.repeat_share, found, 1.0)
    return np.minimum(hits, case.central("cache.hit_cap", "ratio"))


@remembered
def false_hits(case: Case, deployment: DeploymentSetting) -> Array:
    """Share of hits that are wrong [0-1]: gone stale, or of another question."""
    if deployment.cache == "none":
        return np.zeros(case.size)
    stale = 1.0 - np.asarray(caching.fresh_share(ttl_days(case), case.scenario.knowledge.changes_every_days))
    if not by_meaning(deployment.cache):
        return case.full(stale)
    return np.minimum(case.draw("cache.semantic.false_hit", "ratio") + stale, 1.0)


@remembered
def wrong_share(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Share of requests that the cache answers wrongly [0-1]; they count as answers not accepted."""
    return hit_rate(case, deployment) * false_hits(case, deployment)


@remembered
def reading(case: Case) -> Served:
    """One question read to be compared by its meaning."""
    return encode(case, EMBEDDER, question_tokens(case))


@remembered
def lookup(case: Case, deployment: DeploymentSetting) -> Footprint:
    """What looking one question up takes, the mean of the places that answer: by meaning it is read first."""
    held = sites.answering(case, deployment)
    total = case.nothing()
    for where in held:
        total = total + _lookup_at(case, deployment.cache, where)
    return total * (1.0 / len(held))


def _lookup_at(case: Case, cache: Cache, where: str) -> Footprint:
    if not by_meaning(cache):
        return case.nothing()
    usd = question_tokens(case) * case.draw(f"embedders.{EMBEDDER}.price", "USD/tok")
    return served(case, reading(case), place(case, where)).with_cost(usd)


def by_meaning(cache: Cache) -> bool:
    """Whether a cache compares meanings."""
    return cache != "none" and KINDS[cache].match == "semantic"


@remembered
def store_kwh(case: Case, cache: Cache) -> Array:
    """IT energy of keeping the answers ready for a month [kWh]."""
    kind = KINDS[cache]
    copies = case.central(f"cache.{kind.store}_copies", "item")
    kw = case.draw("cache.store", "GB") * case.draw(f"cache.{kind.power}_power", "kW/GB") * copies
    return kw * HOURS_PER_DAY * DAYS_PER_YEAR / MONTHS_PER_YEAR


@remembered
def store(case: Case, deployment: DeploymentSetting) -> Footprint:
    """What keeping the answers ready takes in a month, in every place that answers."""
    total = case.nothing()
    for where in sites.answering(case, deployment) if deployment.cache != "none" else ():
        total = total + _store_at(case, deployment.cache, where)
    return total


def _store_at(case: Case, cache: Cache, where: str) -> Footprint:
    usd = case.draw(f"cache.{KINDS[cache].store}_price", "USD/month")
    return server_work(case, store_kwh(case, cache), place(case, where)).with_cost(usd)


def break_even(case: Case, deployment: DeploymentSetting, spared_kwh: float, per_day: float) -> float:
    """Hit rate [ratio] from which a cache saves energy, the central case; above 1 it never does.

    ``spared_kwh``: what a hit spares on the bill, overhead included; ``per_day``: calls that are looked up.
    """
    if spared_kwh <= 0:
        return math.inf
    kept = central(store(case, deployment)["energy"]) * MONTHS_PER_YEAR / DAYS_PER_YEAR
    looked = central(lookup(case, deployment)["energy"])
    return float(caching.break_even_hit_rate(looked, kept, per_day, spared_kwh))


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """The store, held whatever comes, and a lookup for every request sent.

    Each of two regions has a whole store with the same answers: lost with its region, it would send all that
    it answers to machines that are sized for what it leaves.
    """
    if deployment.cache == "none":
        return
    cache, held = deployment.cache, sites.answering(case, deployment)
    gigabytes = case.draw("cache.store", "GB")
    for where in held:
        yield Line(
            Resource.CACHE, "deployment", "standing", STORES[cache], where, gigabytes, "GB",
            _store_at(case, cache, where),
        )  # fmt: skip
        if by_meaning(cache):
            asked = attempts(case, model, improvement) / len(held)
            yield Line(
                Resource.CACHE, "deployment", "per_request",
                say("cache: the question read to compare meanings"), where, asked, say("lookup"),
                _lookup_at(case, cache, where) * asked,
            )  # fmt: skip
