"""What retrieval adds: an index to build and keep, searches, and passages in the prompt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import retrieval, vectors
from advisor.steps.placement import on_device, region_used
from advisor.steps.serving_parts import HOURS_PER_MONTH, J_PER_KWH, W_PER_KW, place
from advisor.system import accounting
from advisor.system.accounting import Place
from advisor.system.case import Case
from advisor.system.serving import encode

TOKENS_PER_MTOK = 1e6
MONTHS = 12.0
EMBEDDER, OWN_EMBEDDER = "text-embedding-3-small", "bge-small-en"
RERANKER, OWN_RERANKER = "hosted-rerank", "minilm-cross-encoder"
MODES = ("keyword", "vector", "hybrid", "rerank", "hyde")


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """An index over the documents, and the search service that holds it."""

    passages: float
    size_gb: float
    tier: str
    units: int


def embedder(case: Case) -> str:
    """The embedding model: a managed one, or a small open one where there is no network."""
    return OWN_EMBEDDER if on_device(case) else EMBEDDER


def passages(case: Case) -> float:
    """Passages in the index."""
    knowledge = case.scenario.knowledge
    found = retrieval.chunks(
        knowledge.documents,
        knowledge.tokens_per_document,
        case.central("rag.chunk_tokens", "tok"),
        case.central("rag.overlap", "ratio"),
    )
    return float(found)


def index(case: Case, mode: str) -> Index:
    """The index of a mode and the smallest search service that holds it."""
    count = passages(case)
    size = 0.0
    if mode != "keyword":
        dimensions = float(case.catalogue.row("embedders", embedder(case))["dimensions"])
        bits, graph = case.central("rag.vector_bits", "bit"), case.central("storage.vector_graph", "B/item")
        size = float(vectors.index_gb(count, dimensions, bits, graph))
    if on_device(case):
        return Index(count, size, "", 0)
    tiers = []
    for key in case.catalogue.keys("search_tiers"):
        row, name = case.catalogue.row("search_tiers", key), f"search_tiers.{key}"
        quota, storage = case.central(f"{name}.vector_quota", "GB"), case.central(f"{name}.storage", "GB")
        units = vectors.partitions(size, size, quota, storage, row["partitions"])
        if units is not None:
            tiers.append((case.central(f"{name}.price", "USD/month") * units, units, key))
    if not tiers:  # larger than one service holds: as many of the largest as it takes
        key = case.catalogue.keys("search_tiers")[-1]
        quota = case.central(f"search_tiers.{key}.vector_quota", "GB")
        return Index(count, size, key, int(np.ceil(size / quota)))
    _, units, key = min(tiers)
    return Index(count, size, key, units)


def where_searched(case: Case) -> Place:
    """Where the search service stands: the home region, or the device's country."""
    if on_device(case):
        row = case.catalogue.row("regions", case.scenario.constraints.home_region)
        return place(case, f"country:{row['iso3']}")
    return place(case, f"region:{region_used(case)}")


def embedding(case: Case, tokens: float | Array) -> Footprint:
    """Reading ``tokens`` with the embedding model in full batches."""
    key = embedder(case)
    footprint = accounting.served(case, encode(case, key, tokens, batched=True), where_searched(case))
    name = f"embedders.{key}.price"
    return footprint.with_cost(
        case.draw(name, "USD/Mtok") * tokens / TOKENS_PER_MTOK if name in case else 0.0
    )


def corpus_tokens(case: Case) -> float:
    """Tokens read to embed the documents once."""
    knowledge = case.scenario.knowledge
    overlap = case.central("rag.overlap", "ratio")
    return float(retrieval.embedded_tokens(knowledge.documents, knowledge.tokens_per_document, overlap))


def turnovers_per_year(case: Case, changes_every_days: float | None) -> Array:
    """Times a year's changes amount to the whole corpus."""
    changed = case.draw("rag.changed_share", "ratio")
    return np.broadcast_to(retrieval.turnovers_per_year(changes_every_days, changed), (case.size,))


def one_search(case: Case, mode: str) -> Footprint:
    """One search: embedding the question, searching, ranking; not the passages in the prompt."""
    where = where_searched(case)
    joules = case.draw("rag.keyword_query", "J") * (mode not in ("vector", "hyde"))
    joules = joules + case.draw("rag.vector_query", "J") * (mode != "keyword")
    footprint = accounting.electricity(case, joules / J_PER_KWH, where)
    if mode != "keyword":
        tokens, key = case.draw("rag.query_tokens", "tok"), embedder(case)
        asked = accounting.served(case, encode(case, key, tokens), where)
        name = f"embedders.{key}.price"
        price = case.draw(name, "USD/Mtok") * tokens / TOKENS_PER_MTOK if name in case else 0.0
        footprint = footprint + asked.with_cost(price)
    if mode == "rerank":
        footprint = footprint + _reranking(case, where)
    return footprint


def _reranking(case: Case, where: Place) -> Footprint:
    key = OWN_RERANKER if on_device(case) else RERANKER
    ranked = encode(case, key, 0.0, calls=case.draw("rag.candidates", "item"))
    footprint = accounting.served(case, ranked, where)
    name = f"rerankers.{key}.price"
    return footprint.with_cost(case.draw(name, "USD/request") if name in case else 0.0)


def service(case: Case, mode: str) -> Footprint:
    """The always-on search units for a month."""
    held = index(case, mode)
    if not held.units:
        return case.nothing()
    kw = held.units * case.draw(f"search_tiers.{held.tier}.unit_power", "W") / W_PER_KW
    footprint = accounting.electricity(case, kw * HOURS_PER_MONTH, where_searched(case))
    return footprint.with_cost(case.draw(f"search_tiers.{held.tier}.price", "USD/month") * held.units)


def retrieval_parts(case: Case, mode: str) -> Parts:
    """What retrieval adds: the index, its upkeep, the search service and each search."""
    return case.remember(("retrieval", mode), lambda: _retrieval_parts(case, mode))


def _retrieval_parts(case: Case, mode: str) -> Parts:
    nothing = case.nothing()
    once, monthly = nothing, nothing
    if mode != "keyword":
        once = embedding(case, corpus_tokens(case))
        monthly = once * (turnovers_per_year(case, case.scenario.knowledge.changes_every_days) / MONTHS)
    return Parts(once, monthly + service(case, mode), one_search(case, mode))
