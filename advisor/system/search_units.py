"""The search service: the index over the documents, the units that hold it, and each search.

One size of index and one price of a search, whoever asks: retrieval beside a model, search alone,
and what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.estimate import hosting, retrieval, vectors
from advisor.system import sites, task
from advisor.system.bill import MONTHS_PER_YEAR, Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.demand import sent
from advisor.system.footprints import electricity, served, server_work
from advisor.system.places import Place, place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.premises import ground, kept_in
from advisor.system.regions import device_country, on_device, region_used
from advisor.system.requests import SECONDS_PER_DAY, question_tokens, sends
from advisor.system.serving import encode
from advisor.system.techniques import retrieves, search_mode

STEP: Literal["improvement"] = "improvement"
TOKENS_PER_MTOK = 1e6
HOURS_PER_MONTH = 8760.0 / 12.0
J_PER_KWH = 3.6e6
W_PER_KW = 1000.0
EMBEDDER, OWN_EMBEDDER = "text-embedding-3-small", "bge-small-en"
RERANKER, OWN_RERANKER = "hosted-rerank", "minilm-cross-encoder"
READ = "tok"  # the unit of what embedding reads
SEARCHES = {
    "keyword": say("searches (keyword)"),
    "vector": say("searches (vector)"),
    "hybrid": say("searches (hybrid)"),
    "rerank": say("searches (rerank)"),
    "hyde": say("searches (hyde)"),
}
MODES = tuple(SEARCHES)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over the documents, and the smallest search service that holds it.

    ``size_gb``: memory of vectors and their graph, ``disk_gb``: what it takes on disk [GB];
    ``vectors``: none for keyword search; ``units``: partitions of all replicas; ``tier`` is empty,
    ``units`` and ``replicas`` are zero where no service searches (``by_itself``).
    """

    passages: float
    vectors: float
    dimensions: int
    bits: float
    size_gb: float
    disk_gb: float
    tier: str
    units: int
    replicas: int


def by_itself(case: Case) -> bool:
    """Whether what answers searches for itself: on a device, and where no service may see the data."""
    return on_device(case) or kept_in(case)


def embedder(case: Case) -> str:
    """The embedding model: a managed one, or a small open one where no service is asked."""
    return OWN_EMBEDDER if by_itself(case) else EMBEDDER


def passages(case: Case) -> float:
    """Passages in the index [item]."""
    knowledge = case.scenario.knowledge
    found = retrieval.chunks(
        knowledge.documents,
        knowledge.tokens_per_document,
        case.central("rag.chunk_tokens", "tok"),
        case.central("rag.overlap", "ratio"),
    )
    return float(found)


@remembered
def index(case: Case, mode: str) -> Index:
    """The index of a mode of search, and the service that holds it and answers the busiest minute."""
    found = extent(case, mode)
    if by_itself(case):
        return found
    tier, partitions, copies = cheapest_tier(case, found.size_gb, found.disk_gb)
    return replace(found, tier=tier, units=partitions * copies, replicas=copies)


@remembered
def extent(case: Case, mode: str) -> Index:
    """The index of a mode of search by itself, however often it is asked: as large on a device as anywhere.

    Modes: keyword, vector, hybrid, rerank and hyde.
    """
    count, dimensions = passages(case), int(case.catalogue.row("embedders", embedder(case))["dimensions"])
    held = 0.0 if mode == "keyword" else count
    own = case.scenario.knowledge.index_bits
    bits = float(own) if own is not None else case.central("rag.vector_bits", "bit")
    graph = case.central("storage.vector_graph", "B/item")
    size = float(vectors.index_gb(held, float(dimensions), bits, graph))
    disk = size * case.central("storage.index_disk", "ratio")
    return Index(count, held, dimensions, bits, size, disk, "", 0, 0)


def replicas(case: Case) -> int:
    """Replicas of a search service that are up as often as the scenario asks.

    One where that is enough; beyond it as many as a promise of availability takes, and as reach it.
    """
    wanted, one = case.scenario.operations.availability, case.central("search.replica_availability", "ratio")
    if wanted <= one:
        return 1
    promised = int(case.central("search.promised_replicas", "item"))
    return max(promised, hosting.redundant(1, one, wanted))


@remembered
def region_beside(case: Case) -> str | None:
    """The region of a second search service, where the loss of one is to be outlived; None otherwise.

    Where machines of one's own would have their second region; the region used itself where none passes.
    """
    if not case.scenario.operations.survive_region_loss or by_itself(case):
        return None
    return sites.second(case, region_used(case)) or region_used(case)


def recall(case: Case, bits: float) -> float:
    """Share of what an exact search finds that an index of this precision does, central [ratio].

    Of a precision that is on no list, that of the next finer one.
    """
    losses = {
        case.central(f"vector_precisions.{key}.bits", "item"): case.central(
            f"vector_precisions.{key}.recall_loss", "ratio"
        )
        for key in case.catalogue.keys("vector_precisions")
    }
    finer = min((known for known in losses if known >= bits), default=max(losses))
    return 1.0 - losses[finer]


@remembered
def busiest(case: Case) -> float:
    """Searches a second in the busiest minute of a mean year, central.

    One a call: an agent searches in each call of a task.
    """
    load, agent = case.workload, task.tree(case)
    calls = 1.0 if agent is None else agent.calls
    return central(load.mean_per_day * load.peak_to_mean * sends(case)) * calls / SECONDS_PER_DAY


def cheapest_tier(case: Case, memory_gb: float, disk_gb: float) -> tuple[str, int, int]:
    """The cheapest tier that holds an index and answers the busiest minute, its partitions and replicas.

    More than one service holds or answers: as much of the largest tier as it takes.
    """
    found = []
    for key in case.catalogue.keys("search_tiers"):
        row, name = case.catalogue.row("search_tiers", key), f"search_tiers.{key}"
        quota, storage = case.central(f"{name}.vector_quota", "GB"), case.central(f"{name}.storage", "GB")
        units = vectors.partitions(memory_gb, disk_gb, quota, storage, row["partitions"])
        copies = max(replicas(case), ceil(busiest(case) / case.central(f"{name}.searches", "item/s")))
        if units is not None and copies <= row["replicas"]:
            found.append((case.central(f"{name}.price", "USD/month") * units * copies, units, copies, key))
    if found:
        _, units, copies, key = min(found)
        return key, units, copies
    # the last of the loop, which is the largest
    return key, units or ceil(max(memory_gb / quota, disk_gb / storage)), copies


def where_searched(case: Case) -> Place:
    """Where the search stands: the region used or the user's own room there, or the devices' country."""
    return place(case, device_country(case) if on_device(case) else ground(case, region_used(case)))


def embedding(case: Case, tokens: float | Array) -> Footprint:
    """Reading ``tokens`` with the embedding model in full batches."""
    return _read(case, tokens, batched=True)


def _read(case: Case, tokens: float | Array, *, batched: bool) -> Footprint:
    key = embedder(case)
    footprint = served(case, encode(case, key, tokens, batched=batched), where_searched(case))
    name = f"embedders.{key}.price"
    if name not in case:
        return footprint
    return footprint.with_cost(case.draw(name, "USD/Mtok") * tokens / TOKENS_PER_MTOK)


def corpus_tokens(case: Case) -> float:
    """Tokens read to embed the documents once [tok]."""
    knowledge = case.scenario.knowledge
    overlap = case.central("rag.overlap", "ratio")
    return float(retrieval.embedded_tokens(knowledge.documents, knowledge.tokens_per_document, overlap))


@remembered
def whole_corpus(case: Case) -> Footprint:
    """Embedding all documents once."""
    return embedding(case, corpus_tokens(case))


def turnovers_per_year(case: Case) -> Array:
    """Times a year's changes amount to the whole corpus."""
    changed = case.draw("rag.changed_share", "ratio")
    return case.full(retrieval.turnovers_per_year(case.scenario.knowledge.changes_every_days, changed))


@remembered
def one_search(case: Case, mode: str) -> Footprint:
    """One search: embedding the question, searching, ranking; not the passages in the prompt."""
    where = where_searched(case)
    joules = case.draw("rag.keyword_query", "J") * (mode not in ("vector", "hyde"))
    joules = joules + case.draw("rag.vector_query", "J") * (mode != "keyword")
    footprint = electricity(case, joules / J_PER_KWH, where)
    if mode != "keyword":
        footprint = footprint + _read(case, question_tokens(case), batched=False)
    return footprint + _reranking(case, where) if mode == "rerank" else footprint


def _reranking(case: Case, where: Place) -> Footprint:
    key = OWN_RERANKER if by_itself(case) else RERANKER
    footprint = served(case, encode(case, key, 0.0, calls=case.draw("rag.candidates", "item")), where)
    name = f"rerankers.{key}.price"
    return footprint.with_cost(case.draw(name, "USD/request")) if name in case else footprint


@remembered
def service(case: Case, mode: str) -> Footprint:
    """The always-on units of one search service for a month, its replicas included.

    Nothing where what answers searches for itself: its idle power counts that.
    """
    held = index(case, mode)
    return units_held(case, held.tier, held.units, where_searched(case)) if held.units else case.nothing()


def units_held(case: Case, tier: str, units: int, where: Place) -> Footprint:
    """Search units of a tier for a month: power, their share of servers, and price."""
    kw = units * case.draw(f"search_tiers.{tier}.unit_power", "W") / W_PER_KW
    footprint = server_work(case, kw * HOURS_PER_MONTH, where)
    return footprint.with_cost(case.draw(f"search_tiers.{tier}.price", "USD/month") * units)


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """What retrieval takes: building the index, keeping it fresh, the units that hold it, each search.

    Vectors are made once, whether one service or two hold them.

    A hit of a cache in front spares its search.
    """
    if not retrieves(improvement.technique):
        return
    mode, where = search_mode(improvement.technique), where_searched(case).key
    held = index(case, mode)

    def line(
        phase: Literal["once", "standing", "per_request"], what: str, quantity: Array | float, unit: str,
        footprint: Footprint,
    ) -> Line:  # fmt: skip
        return Line(Resource.SEARCH_UNIT, STEP, phase, what, where, case.full(quantity), unit, footprint)

    if held.vectors:
        build, tokens = whole_corpus(case), corpus_tokens(case)
        often = turnovers_per_year(case) / MONTHS_PER_YEAR
        yield line("once", say("embedding all documents"), tokens, READ, build)
        if case.scenario.knowledge.changes_every_days is not None:
            yield line("standing", say("embedding what changes"), tokens * often, READ, build * often)
    if held.units:
        yield line("standing", _titled(held), held.units, say("unit"), service(case, mode))
        yield from _beside(case, held)
    asked = sent(case, model, improvement, deployment)
    yield line("per_request", SEARCHES[mode], asked, say("search"), one_search(case, mode) * asked)


def _titled(held: Index) -> str:
    if held.replicas == 1:
        return say("search units ({tier})", tier=held.tier)
    return say("search units ({tier}, {replicas} replicas)", tier=held.tier, replicas=held.replicas)


def _beside(case: Case, held: Index) -> Iterator[Line]:
    """The same service once more in a second region."""
    region = region_beside(case)
    if region is None:
        return
    where = place(case, f"region:{region}")
    if region == region_used(case):
        what = say("second search service ({tier}), taken to be on the grid of the first", tier=held.tier)
    else:
        what = say("second search service ({tier}), in another region", tier=held.tier)
    yield Line(
        Resource.SEARCH_UNIT, STEP, "standing", what, where.key, case.full(held.units), say("unit"),
        units_held(case, held.tier, held.units, where),
    )  # fmt: skip
