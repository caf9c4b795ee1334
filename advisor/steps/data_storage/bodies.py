"""The data sets of a scenario, and what recovery, law and residency leave open for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.estimate import retrieval, vectors
from advisor.estimate.storage import ARCHIVE, PREMIUM, TIERS, Body
from advisor.scenario import DataSet
from advisor.system.case import Case
from advisor.system.option import Option
from advisor.system.regions import resides

Prior = Mapping[str, Option]
DAYS_PER_MONTH = 365 / 12
B_PER_GB = 1e9
HOURS_PER_DAY = 24.0
EMBEDDER = "text-embedding-3-small"  # stands in where the improvement step named none
SMALLEST_MB, LARGEST_MB = 1e-6, 5e6  # bounds of a scenario's object size


@dataclass(frozen=True, slots=True)
class Elimination:
    """One thing a rule forbids for one data set, and what would allow it."""

    data_set: str
    what: str
    rule: str
    expected: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One data set as it is planned.

    ``kept_days`` is the lawful time it is kept, infinite for data that lives as long as the
    workload; ``reads`` are (age [day], full reads a day); ``redundancy`` is the least that
    survives what must be survived; ``archive`` says whether the archive may be used.
    """

    data: DataSet
    kept_days: float
    reads: tuple[tuple[float, float], ...]
    reads_assumed: bool
    rebuildable: bool
    redundancy: str
    region: str | None
    archive: bool
    licensed: bool
    ledger: tuple[Elimination, ...]

    @property
    def name(self) -> str:
        """The name of the data set."""
        return self.data.name

    def body(self, horizon_days: float, kept_days: float | None = None) -> Body:
        """Its stock and flow over the horizon [GB, day]."""
        kept = self.kept_days if kept_days is None else kept_days
        arrivals = self.data.growth_gb_per_month / DAYS_PER_MONTH
        return Body(self.data.size_gb, arrivals, horizon_days, min(kept, horizon_days * 2), self.reads)

    def offered(self, case: Case, redundancy: str) -> tuple[bool, ...]:
        """The tiers it may lie in with a redundancy; premium only where it is used today."""
        return tuple(
            f"storage_redundancy.{redundancy}.{tier}" in case
            and (index != ARCHIVE or self.archive)
            and (index != PREMIUM or self.data.tier == "premium")
            for index, tier in enumerate(TIERS)
        )


def home(case: Case, prior: Prior) -> str:
    """The region that reads the data: the deployment's, else the scenario's home region."""
    chosen = prior.get("deployment")
    region = chosen.settings.get("region") if chosen else None
    known = region in case.catalogue.keys("regions") if isinstance(region, str) else False
    return str(region) if known else case.scenario.constraints.home_region


def lawful_regions(case: Case, data: DataSet | None = None) -> list[str]:
    """Open regions that residency and the list of allowed regions leave, in catalogue order."""
    residency = (data.residency if data else None) or case.scenario.constraints.residency
    return case.remember(("storage regions", residency), lambda: _lawful(case, residency))


def _lawful(case: Case, residency: str) -> list[str]:
    limits = case.scenario.constraints
    return [
        key
        for key in case.catalogue.keys("regions")
        if case.catalogue.row("regions", key).get("status") == "open"
        and (not limits.regions_allowed or key in limits.regions_allowed)
        and resides(case.catalogue.row("regions", key), residency)
    ]


def near(case: Case, base: str, regions: list[str]) -> list[str]:
    """Regions of the same data zone, or of the same geography: moving within a continent is priced."""
    here = case.catalogue.row("regions", base)
    fields = ["geography"] + (["data_zone"] if here.get("data_zone") else [])
    rows = {key: case.catalogue.row("regions", key) for key in regions}
    return [key for key, row in rows.items() if any(row.get(field) == here.get(field) for field in fields)]


def cleanest(case: Case, regions: list[str]) -> str | None:
    """The region whose electricity at the meter emits least for a kWh of IT (location-based)."""

    def intensity(key: str) -> float:
        name = f"regions.{key}"
        return case.central(f"{name}.average_intensity", "g/kWh") * case.central(f"{name}.pue", "ratio")

    return min(regions, key=intensity) if regions else None


def data_sets(case: Case, prior: Prior) -> tuple[list[Kept], bool]:
    """The data sets to plan, and whether they are assumed because the scenario lists none."""
    listed = case.scenario.data_sets
    found = list(listed) if listed else derived(case, prior)
    return [_kept(case, _sized(case, data), home(case, prior)) for data in found], not listed


def _sized(case: Case, data: DataSet) -> DataSet:
    """A vector index without a size is as large as its vectors."""
    if data.size_gb or not data.vectors:
        return data
    graph = case.central("storage.vector_graph", "B/item")
    size = vectors.index_gb(data.vectors, data.dimensions, data.vector_bits, graph)
    return data.model_copy(update={"size_gb": float(size)})


def _kept(case: Case, data: DataSet, base: str) -> Kept:
    role = case.catalogue.row("storage_roles", data.role)
    ledger: list[Elimination] = []
    archive = _archive(case, data, bool(role["online"]), ledger)
    redundancy = _redundancy(case, data, bool(role["rebuildable"]), ledger)
    if archive and f"storage_redundancy.{redundancy}.archive" not in case:
        archive = False
        ledger.append(
            Elimination(
                data.name, "archive", "archive_redundancy", "LRS, GRS or RA-GRS", redundancy,
                "give up zone redundancy for this data set (LRS, or GRS for a second region)",
            )
        )  # fmt: skip
    return Kept(
        data=data,
        kept_days=_kept_days(data, stated_days(case, data), ledger),
        reads=_reads(case, data),
        reads_assumed=not data.reads,
        rebuildable=bool(role["rebuildable"]),
        redundancy=redundancy,
        region=_region(case, data, base, ledger),
        archive=archive,
        licensed=_licensed(data, ledger),
        ledger=tuple(ledger),
    )


def _archive(case: Case, data: DataSet, online: bool, ledger: list[Elimination]) -> bool:
    wait = case.central("storage.rehydration", "h")
    if data.rto_hours < wait:
        ledger.append(
            Elimination(
                data.name, "archive", "recovery_time", f"restored within {data.rto_hours:g} h",
                f"up to {wait:g} h to rehydrate", f"allow a recovery time of {wait:g} h or more",
            )
        )  # fmt: skip
        return False
    if online:
        ledger.append(
            Elimination(
                data.name, "archive", "online_reads", "readable at any moment",
                f"up to {wait:g} h to rehydrate",
                "keep a copy online and archive this one as a backup",
            )
        )  # fmt: skip
        return False
    return True


def _redundancy(case: Case, data: DataSet, rebuildable: bool, ledger: list[Elimination]) -> str:
    """The first redundancy of the catalogue, copies and price ascending, that survives enough."""
    region = case.scenario.operations.survive_region_loss and not rebuildable
    zone = bool(case.catalogue.row("storage_redundancy", data.redundancy)["survives_zone"])
    failover, lag = case.central("storage.failover", "h"), case.central("storage.geo_rpo", "h")
    readable = region and data.rto_hours < failover
    if region and data.rpo_hours < lag:
        ledger.append(
            Elimination(
                data.name, "built-in redundancy", "recovery_point", f"loss of at most {data.rpo_hours:g} h",
                f"replication lags up to {lag:g} h, without a promise",
                f"accept {lag:g} h, or write to two regions from the application",
            )
        )  # fmt: skip
    for key in case.catalogue.keys("storage_redundancy"):
        row = case.catalogue.row("storage_redundancy", key)
        if (
            (not region or row["survives_region"])
            and (not zone or row["survives_zone"])
            and (not readable or row["readable"])
        ):
            return key
    return data.redundancy


def stated_days(case: Case, data: DataSet) -> float:
    """How long the scenario keeps a data set [day]; infinite for as long as the workload lives.

    That is the case of what answers requests (an index, a cache), and of working data whose
    retention nobody has set.
    """
    role = case.catalogue.row("storage_roles", data.role)
    untouched = bool(role["lasting"]) and "retention_days" not in data.model_fields_set
    return float("inf") if role["online"] or untouched else data.retention_days


def _kept_days(data: DataSet, stated: float, ledger: list[Elimination]) -> float:
    low, high = data.legal_min_days or 0.0, data.legal_max_days or float("inf")
    lawful = min(max(stated, low), high)
    if lawful != stated and np.isfinite(stated):
        rule = f"at least {low:,.0f} days" if stated < low else f"at most {high:,.0f} days"
        ledger.append(
            Elimination(
                data.name, f"keeping it {stated:,.0f} days", "retention_law", rule, f"{stated:,.0f} days",
                f"keep it {lawful:,.0f} days",
            )
        )  # fmt: skip
    return lawful


def _reads(case: Case, data: DataSet) -> tuple[tuple[float, float], ...]:
    if data.reads:
        given = {entry.from_day: entry.full_reads_per_month / DAYS_PER_MONTH for entry in data.reads}
        return tuple(sorted(given.items()))
    name = f"storage_roles.{data.role}"
    early, late = (case.central(f"{name}.{when}", "item/day") for when in ("reads_early", "reads_late"))
    if early == late:
        return ((0.0, early),)
    return ((0.0, early), (case.central(f"{name}.late_from", "day"), late))


def _region(case: Case, data: DataSet, base: str, ledger: list[Elimination]) -> str | None:
    lawful = lawful_regions(case, data)
    if base in lawful:
        return base
    residency = data.residency or case.scenario.constraints.residency
    found = cleanest(case, lawful)
    ledger.append(
        Elimination(
            data.name, f"storing in {base}", "residency", f"a region allowed for {residency}", base,
            f"store it in {found}" if found else "widen the residency or the list of allowed regions",
        )
    )  # fmt: skip
    return found


def _licensed(data: DataSet, ledger: list[Elimination]) -> bool:
    if data.public_licence in (None, "yes"):
        return True
    ledger.append(
        Elimination(
            data.name, "storing and using it", "licence", "a licence known to allow this use",
            str(data.public_licence), "read the licence and record it, or leave the data set out",
        )
    )  # fmt: skip
    return False


def derived(case: Case, prior: Prior) -> list[DataSet]:
    """Data sets that the workload implies when the scenario lists none; all are assumptions."""
    needs, work = case.scenario.knowledge, case.workload
    per_token = case.central("storage.bytes_per_token", "B/tok")
    improvement = prior.get("improvement")
    settings: Mapping[str, Any] = improvement.settings if improvement else {}
    found: list[DataSet] = []
    text = needs.tokens_per_document * per_token
    if needs.documents and needs.gap in ("facts", "both"):
        found.append(_derived("source corpus", "corpus", "text", needs.documents * text, text))
        found += _index(case, improvement)
    tokens = float(np.median(work.input_tokens + work.output_tokens))
    request = tokens * per_token + case.central("storage.log_overhead", "B/request")
    per_month = float(np.median(work.mean_per_day)) * DAYS_PER_MONTH * request
    hourly = max(request, per_month / DAYS_PER_MONTH / HOURS_PER_DAY)
    logs = _derived("prompt and response logs", "logs", "log", 0.0, hourly)
    found.append(logs.model_copy(update={"growth_gb_per_month": per_month / B_PER_GB}))
    if needs.gap in ("format", "both") and needs.examples:
        size = needs.examples * needs.tokens_per_example * per_token
        found.append(_derived("training examples", "training", "text", size, size))
    weights = _weights(case, prior, settings)
    if weights:
        found.append(_derived("model weights", "artefacts", "weights", weights, weights))
    return found


def _index(case: Case, improvement: Option | None) -> list[DataSet]:
    """The vector index: that of the improvement chosen, else one over all documents; none without vectors."""
    needs = case.scenario.knowledge
    if improvement is None:
        overlap = case.central("rag.overlap", "ratio")
        chunk = case.central("rag.chunk_tokens", "tok")
        count = float(retrieval.chunks(needs.documents, needs.tokens_per_document, chunk, overlap))
        dimensions = int(case.catalogue.row("embedders", EMBEDDER)["dimensions"])
    else:
        count = float(np.median(improvement.settings.get("vectors") or 0.0))
        dimensions = int(improvement.settings.get("dimensions") or 0)
    if not count or not dimensions:
        return []
    bits = case.central("rag.vector_bits", "bit")
    graph = case.central("storage.vector_graph", "B/item")
    size = float(vectors.index_gb(count, dimensions, bits, graph))
    index = _derived("vector index", "index", "vectors", size * B_PER_GB, B_PER_GB)
    return [index.model_copy(update={"vectors": count, "dimensions": dimensions})]


def _weights(case: Case, prior: Prior, settings: Mapping[str, Any]) -> float:
    """Bytes of weights the plan must keep itself: a fully tuned or self-hosted model; 0 if none."""
    deployment, model = prior.get("deployment"), prior.get("foundation_model")
    own = settings.get("tuned") == "full" or (deployment and deployment.settings.get("mode") == "maap")
    name = f"models.{model.settings.get('model')}.total_params" if model else ""
    if not own or name not in case:
        return 0.0
    return case.central(name, "param") * case.central("storage.bytes_per_weight", "B/param")


def _derived(name: str, role: str, content: str, size_b: float, object_b: float) -> DataSet:
    return DataSet.model_validate(
        {
            "name": name,
            "role": role,
            "content": content,
            "size_gb": size_b / B_PER_GB,
            "object_mb": min(max(object_b / 1e6, SMALLEST_MB), LARGEST_MB),
        }
    )


def last_read(kept: Kept) -> float:
    """The age after which nothing reads it any more [day]; infinite if it is always read."""
    return kept.reads[-1][0] if kept.reads and kept.reads[-1][1] == 0 else float("inf")
