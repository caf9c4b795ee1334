"""The data sets of a plan, and what recovery, law and residency leave open for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import central
from advisor.core.errors import Fault, ScenarioError
from advisor.core.saying import numeral, say
from advisor.estimate import vectors
from advisor.estimate.storage import ARCHIVE, PREMIUM, Body
from advisor.scenario import DataSet
from advisor.scenario.data_fields import MOST_GB
from advisor.system import search_units
from advisor.system.case import Case, remembered
from advisor.system.gates import ANSWERS
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.regions import cleanest_of, lawful, region_name, region_used, residency_told
from advisor.system.storage.book import tiers_made
from advisor.system.storage.retention import lawful_days, oldest_days, stated_days
from advisor.system.techniques import retrieves, search_mode

DAYS_PER_MONTH = 365 / 12
B_PER_GB = 1e9
B_PER_MB = 1e6
HOURS_PER_DAY = 24.0
SMALLEST_MB, LARGEST_MB = 1e-6, 5e6  # bounds of a scenario's object size
# tiers as people say them
TIERS_TOLD = {
    "premium": say("premium"),
    "hot": say("hot"),
    "cool": say("cool"),
    "cold": say("cold"),
    "archive": say("archive"),
}


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
class Facts:
    """A data set as the scenario describes it, as a value: sizes in GB and MB, times as named."""

    name: str
    role: str
    content: str
    size_gb: float
    growth_gb_per_month: float
    object_mb: float
    duplicate_share: float
    compressed: bool
    tier: str
    redundancy: str
    rto_hours: float
    rpo_hours: float
    legal_min_days: float | None
    legal_max_days: float | None
    residency: str | None
    public_licence: str | None
    vectors: float
    dimensions: int
    vector_bits: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One data set as it is planned.

    ``stated_days`` is how long the scenario keeps it and ``kept_days`` the lawful time nearest to
    that, infinite for data that lives as long as the workload; ``reads`` are (age [day], full reads
    a day); ``redundancy`` is the least that survives what must be survived; ``region`` where it may
    lie, its reader's first, None where nowhere; ``archive`` says whether the archive may be used.
    """

    data: Facts
    stated_days: float
    kept_days: float
    reads: tuple[tuple[float, float], ...]
    rebuildable: bool
    online: bool
    redundancy: str
    region: str | None
    archive: bool
    licensed: bool
    ledger: tuple[Elimination, ...]

    @property
    def name(self) -> str:
        """The name of the data set."""
        return self.data.name

    @property
    def last_read(self) -> float:
        """The age after which nothing reads it any more [day]; infinite if it is always read."""
        return self.reads[-1][0] if self.reads and self.reads[-1][1] == 0 else float("inf")

    def body(self, horizon_days: float, kept_days: float) -> Body:
        """Its stock and flow over the horizon [GB, day]."""
        arrivals = self.data.growth_gb_per_month / DAYS_PER_MONTH
        oldest = oldest_days(self.data.size_gb, arrivals, self.stated_days)
        most = min(kept_days, horizon_days * 2 + oldest)
        return Body(self.data.size_gb, arrivals, horizon_days, most, self.reads, oldest)

    def offered(self, case: Case, redundancy: str) -> tuple[bool, ...]:
        """The tiers it may lie in with a redundancy; premium only where it is used today."""
        return tuple(
            made and (index != ARCHIVE or self.archive) and (index != PREMIUM or self.data.tier == "premium")
            for index, made in enumerate(tiers_made(case, redundancy))
        )


@remembered
def reader(case: Case, deployment: DeploymentSetting) -> str:
    """The region that reads the data: the deployment's, else the one used before any is chosen."""
    return deployment.region or region_used(case)


@remembered
def data_sets(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[Kept, ...]:
    """The data sets to plan: those the scenario lists, else those the workload implies."""
    listed = case.scenario.data_sets
    found = [_sized(case, one) for one in listed] or _derived(case, model, improvement, deployment)
    base = reader(case, deployment)
    return tuple(_kept(case, one, base) for one in found)


def assumed(case: Case) -> bool:
    """Whether the data sets are assumed because the scenario lists none."""
    return not case.scenario.data_sets


def _sized(case: Case, data: DataSet) -> DataSet:
    """A vector index without a size is as large as its vectors."""
    if data.size_gb or not data.vectors:
        return data
    size = index_gb(case, data.vectors, data.dimensions, data.vector_bits)
    return data.model_copy(update={"size_gb": size})


def index_gb(case: Case, count: float, dimensions: int, bits: float) -> float:
    """Size of a vector index with its graph, central [GB]."""
    graph = case.central("storage.vector_graph", "B/item")
    return float(vectors.index_gb(count, dimensions, bits, graph))


def _facts(data: DataSet) -> Facts:
    return Facts(
        data.name, data.role, data.content, data.size_gb, data.growth_gb_per_month, data.object_mb,
        data.duplicate_share, data.compressed, data.tier, data.redundancy, data.rto_hours, data.rpo_hours,
        data.legal_min_days, data.legal_max_days, data.residency, data.public_licence, data.vectors,
        data.dimensions, data.vector_bits,
    )  # fmt: skip


def _kept(case: Case, data: DataSet, base: str) -> Kept:
    role = case.catalogue.row("storage_roles", data.role)
    online, rebuildable = bool(role["online"]), bool(role["rebuildable"])
    ledger: list[Elimination] = []
    archive = _archive(case, data, online, ledger)
    redundancy = _redundancy(case, data, rebuildable, ledger)
    if archive and f"storage_redundancy.{redundancy}.archive" not in case:
        archive = False
        ledger.append(
            Elimination(
                data.name, TIERS_TOLD["archive"], "archive_redundancy", say("LRS, GRS or RA-GRS"),
                say(
                    "it is not sold with {redundancy}",
                    redundancy=case.catalogue.row("storage_redundancy", redundancy)["name"],
                ),
                say("give up zone redundancy for this data set (LRS, or GRS for a second region)"),
            )
        )  # fmt: skip
    stated = stated_days(case, data)
    return Kept(
        data=_facts(data),
        stated_days=stated,
        kept_days=_kept_days(data, stated, ledger),
        reads=_reads(case, data),
        rebuildable=rebuildable,
        online=online,
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
                data.name, TIERS_TOLD["archive"], "recovery_time",
                say("restored within {hours} h", hours=numeral(data.rto_hours, "g")),
                say("up to {wait} h to rehydrate", wait=numeral(wait, "g")),
                say("allow a recovery time of {wait} h or more", wait=numeral(wait, "g")),
            )
        )  # fmt: skip
        return False
    if online:
        ledger.append(
            Elimination(
                data.name, TIERS_TOLD["archive"], "online_reads", say("readable at any moment"),
                say("up to {wait} h to rehydrate", wait=numeral(wait, "g")),
                say("keep a copy online and archive this one as a backup"),
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
                data.name, say("built-in redundancy"), "recovery_point",
                say("loss of at most {hours} h", hours=numeral(data.rpo_hours, "g")),
                say("replication lags up to {lag} h, without a promise", lag=numeral(lag, "g")),
                say("accept {lag} h, or write to two regions from the application", lag=numeral(lag, "g")),
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


def _kept_days(data: DataSet, stated: float, ledger: list[Elimination]) -> float:
    kept = lawful_days(data, stated)
    if kept != stated and np.isfinite(stated):
        found, needed = (numeral(days, ",.0f") for days in (stated, kept))
        rule = say("at least {days} days") if stated < kept else say("at most {days} days")
        ledger.append(
            Elimination(
                data.name, say("keeping it {days} days", days=found), "retention_law",
                say(rule, days=needed), say("{days} days", days=found),
                say("keep it {days} days", days=needed),
            )
        )  # fmt: skip
    return kept


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
    allowed = lawful(case, data.residency)
    if base in allowed:
        return base
    residency, found = data.residency or case.scenario.constraints.residency, cleanest_of(case, allowed)
    ledger.append(
        Elimination(
            data.name, say("storing in {region}", region=region_name(case, base)), "residency",
            say("a region allowed for {residency}", residency=residency_told(residency)),
            region_name(case, base),
            say("store it in {region}", region=region_name(case, found)) if found
            else say("widen the residency or the list of allowed regions"),
        )
    )  # fmt: skip
    return found


def licence_told(data: DataSet | Facts) -> str:
    """What is known of the licence of public data, in words."""
    answer = str(data.public_licence)
    return ANSWERS.get(answer, answer)


def _licensed(data: DataSet, ledger: list[Elimination]) -> bool:
    if data.public_licence in (None, "yes"):
        return True
    ledger.append(
        Elimination(
            data.name, say("storing and using it"), "licence", say("a licence known to allow this use"),
            licence_told(data), say("read the licence and record it, or leave the data set out"),
        )
    )  # fmt: skip
    return False


def _derived(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> list[DataSet]:
    """Data sets that the workload and the plan imply; all are assumptions."""
    needs, per_token = case.scenario.knowledge, case.central("storage.bytes_per_token", "B/tok")
    found: list[DataSet] = []
    text = needs.tokens_per_document * per_token
    if needs.documents and needs.gap in ("facts", "both"):
        found.append(_implied(say("source corpus"), "corpus", "text", needs.documents * text, text))
    found += _index(case, improvement)
    found.append(_logs(case, per_token))
    if needs.gap in ("format", "both") and needs.examples:
        size = needs.examples * needs.tokens_per_example * per_token
        found.append(_implied(say("training examples"), "training", "text", size, size))
    weights = _weights(case, model, improvement, deployment)
    if weights:
        loaded = _implied(say("model weights"), "artefacts", "weights", weights, weights)
        found.append(loaded.model_copy(update={"rto_hours": case.central("storage.weights_back", "h")}))
    return found


def _logs(case: Case, per_token: float) -> DataSet:
    work = case.workload
    tokens = central(work.input_tokens) + central(work.output_tokens)
    request = tokens * per_token + case.central("storage.log_overhead", "B/request")
    per_month = central(work.mean_per_day) * DAYS_PER_MONTH * request
    # written once an hour, or as they come where an hour brings less than one
    hourly = max(request, per_month / DAYS_PER_MONTH / HOURS_PER_DAY)
    logs = _implied(say("prompt and response logs"), "logs", "log", 0.0, hourly)
    return logs.model_copy(update={"growth_gb_per_month": per_month / B_PER_GB})


def _index(case: Case, improvement: ImprovementSetting) -> list[DataSet]:
    """The vector index that the improvement searches, of the size that search holds; none without one."""
    technique = improvement.technique
    if not retrieves(technique) or search_mode(technique) == "keyword":
        return []
    held = search_units.extent(case, search_mode(technique))
    if not held.vectors:
        return []
    index = _implied(say("vector index"), "index", "vectors", held.size_gb * B_PER_GB, B_PER_GB)
    return [
        index.model_copy(
            update={"vectors": held.vectors, "dimensions": held.dimensions, "vector_bits": int(held.bits)}
        )
    ]


def _weights(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> float:
    """Bytes of weights the plan must keep itself: a fully tuned or self-hosted model; 0 if none."""
    if deployment.mode != "maap" and improvement.technique != "full":
        return 0.0
    own = model.models if deployment.mode == "maap" else model.models[:1]
    names = [f"models.{key}.total_params" for key in own]
    per_weight = case.central("storage.bytes_per_weight", "B/param")
    return sum(case.central(name, "param") for name in names if name in case) * per_weight


def _implied(name: str, role: str, content: str, size_b: float, object_b: float) -> DataSet:
    """A data set that the scenario does not list. Raises ScenarioError where it is too large to plan."""
    if size_b > MOST_GB * B_PER_GB:
        raise ScenarioError(
            say("The scenario implies a data set that is too large to plan."),
            [
                Fault(
                    say("size of the {name}", name=name),
                    say("at most {size} GB", size=numeral(MOST_GB, ",.0f")),
                    say("{size} GB", size=numeral(size_b / B_PER_GB, ",.0f")),
                )
            ],
        )
    found = DataSet.model_validate(
        {
            "name": name,
            "role": role,
            "content": content,
            "size_gb": size_b / B_PER_GB,
            "object_mb": min(max(object_b / B_PER_MB, SMALLEST_MB), LARGEST_MB),
        }
    )
    return found.model_copy(update={"name": name})  # a field holds plain English
