"""A plan: one whole system, as five settings. What it takes and whether it may is asked elsewhere.

A setting is a value: frozen, hashable, compared by content. It names what was chosen, never what
follows from it: sizes, prices and places are worked out for a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from advisor.system.memory import Setting

ModelKind = Literal["single", "cascade", "router", "team", "encoder", "retrieval", "custom"]
SPLIT: tuple[ModelKind, ...] = ("cascade", "router")  # pairs that share requests by how hard they are
PAIRS: tuple[ModelKind, ...] = (*SPLIT, "team")  # a team: the small model works, the large one plans
GENERATING: tuple[ModelKind, ...] = ("single", *PAIRS)  # models bought as they are
Scope = Literal["global", "datazone", "regional", "device"]
Mode = Literal["maas", "ptu", "maap", "embedding", "container", "processors", "search", "edge"]
Cache = Literal["none", "exact", "semantic", "semantic-cosmos"]
TermKey = Literal["", "hourly", "monthly", "yearly"]
StepName = Literal["foundation_model", "improvement", "deployment", "data_storage", "operations"]


@dataclass(frozen=True, slots=True)
class ModelSetting(Setting):
    """What answers. ``models``: keys of the catalogue; of a pair the small one first."""

    kind: ModelKind
    models: tuple[str, ...]

    @property
    def main(self) -> str:
        """The model that is tuned and asked first: the only one, or the small one of two."""
        return self.models[0]

    @property
    def key(self) -> str:
        """A name for this setting that is stable between runs."""
        if self.kind == "single":
            return self.models[0]
        if self.kind in PAIRS:
            return f"{self.kind}:{'+'.join(self.models)}"
        return {"encoder": f"encoder:{self.models[0]}"}.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class ImprovementSetting(Setting):
    """How the model gets what it lacks: a technique, by its key."""

    technique: str

    @property
    def key(self) -> str:
        """A name for this setting that is stable between runs."""
        return self.technique


@dataclass(frozen=True, slots=True)
class DeploymentSetting(Setting):
    """Where and how it runs.

    ``scope``: global, datazone or regional for a service, regional for machines, device at the
    edge. ``zone`` and ``region`` where one applies. ``batch``: what may wait goes as batches;
    ``priority``: at the dearer rate with a promised speed.
    ``term`` and ``spillover`` of provisioned units; ``machine``, ``precision``, ``to_zero`` and
    ``apart`` (one pool reads prompts, another writes answers) of machines of one's own; ``device`` at
    the edge.
    """

    mode: Mode
    scope: Scope = "regional"
    region: str | None = None
    zone: str | None = None
    batch: bool = False
    priority: bool = False
    term: TermKey = ""
    spillover: bool = False
    machine: str | None = None
    precision: str | None = None
    to_zero: bool = False
    apart: bool = False
    device: str | None = None
    cache: Cache = "none"

    @property
    def where(self) -> str:
        """The place it runs at, as ``places.place`` takes it; devices are placed by their users."""
        if self.scope == "global":
            return "global"
        return f"zone:{self.zone}" if self.scope == "datazone" else f"region:{self.region}"

    @property
    def key(self) -> str:
        """A name for this setting that is stable between runs."""
        scope = self.scope if self.scope in ("global", "datazone") else self.region
        parts: tuple[str | None, ...] = {
            "maas": ("batch" if self.batch else "priority" if self.priority else "maas", scope),
            "ptu": ("ptu", scope, self.term, "spillover" if self.spillover else None),
            "maap": (
                "maap",
                self.machine,
                self.precision,
                scope,
                "to-zero" if self.to_zero else None,
                "apart" if self.apart else None,
            ),
            "container": ("container", scope, "to-zero" if self.to_zero else None),
            "edge": ("edge", self.device),
            "search": ("search-service",),
        }.get(self.mode, (self.mode, scope))
        cache = None if self.cache == "none" else self.cache
        return "-".join(part for part in (*parts, cache) if part)


@lru_cache(maxsize=16_384)
def with_cache(deployment: DeploymentSetting, cache: Cache) -> DeploymentSetting:
    """The same deployment with another cache in front, or none: asked for with each model and technique."""
    return replace(deployment, cache=cache)


@dataclass(frozen=True, slots=True)
class StorageSetting(Setting):
    """How the data is kept: a policy by its key, which says for each data set what follows."""

    policy: str

    @property
    def key(self) -> str:
        """A name for this setting that is stable between runs."""
        return self.policy


@dataclass(frozen=True, slots=True)
class OperationSetting(Setting):
    """How it is kept good: when it is retrained, how it is evaluated, when its jobs run."""

    retraining: Literal["never", "calendar", "best", "trigger"]
    evaluation: Literal["planned", "sized"]
    timing: Literal["now", "time", "place"]

    @property
    def key(self) -> str:
        """A name for this setting that is stable between runs."""
        return f"{self.retraining}-{self.evaluation}-{self.timing}"


StepSetting = ModelSetting | ImprovementSetting | DeploymentSetting | StorageSetting | OperationSetting


@dataclass(frozen=True, slots=True)
class Plan(Setting):
    """One whole system."""

    model: ModelSetting
    improvement: ImprovementSetting
    deployment: DeploymentSetting
    storage: StorageSetting
    operation: OperationSetting

    @property
    def early(self) -> tuple[ModelSetting, ImprovementSetting, DeploymentSetting]:
        """The settings of the first three steps, which say what serves."""
        return self.model, self.improvement, self.deployment

    def of(self, step: StepName) -> StepSetting:
        """The setting of a step."""
        setting: StepSetting = getattr(self, FIELDS[step])
        return setting

    def having(self, settings: Mapping[StepName, StepSetting]) -> Plan:
        """The plan with other settings of some steps."""
        changed: dict[str, Any] = {FIELDS[step]: setting for step, setting in settings.items()}
        return replace(self, **changed)


FIELDS: dict[StepName, str] = {
    "foundation_model": "model", "improvement": "improvement", "deployment": "deployment",
    "data_storage": "storage", "operations": "operation",
}  # fmt: skip
