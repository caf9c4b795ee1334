"""The fields of a scenario that describe its data: what is kept, and how it comes in."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from advisor.core.saying import say
from advisor.scenario.kinds import ONE_LINE, TOLD, Evidence, Name, Section
from advisor.scenario.kinds import titled as _f

# a body of data is read differently at a few ages
MOST_READS = 50
MOST_GB = 1e9  # an exabyte


class Reads(Section):
    """How often data of some age is read: full passes over it per month from ``from_day`` on."""

    from_day: Annotated[float, _f("From age", "day", ge=0, le=36_500)]
    full_reads_per_month: Annotated[float, _f("Full reads per month", "ratio", ge=0, le=1e7)]


class DataSet(Section):
    """One body of data the workload keeps."""

    name: Annotated[str, _f("Name", min_length=1, max_length=120), ONE_LINE, TOLD]
    role: Annotated[
        Literal["corpus", "index", "logs", "training", "evaluation", "artefacts", "cache", "backup"],
        _f("Role"),
    ]
    content: Annotated[Literal["text", "image", "audio", "vectors", "log", "weights"], _f("Content")] = "text"
    size_gb: Annotated[float, _f("Size today", "GB", ge=0, le=MOST_GB)]
    growth_gb_per_month: Annotated[float, _f("New data per month", "GB/month", ge=0, le=1e8)] = 0
    object_mb: Annotated[float, _f("Object size", "MB", ge=1e-6, le=5e6)] = 1
    reads: Annotated[list[Reads], _f("Reads as it ages", max_length=MOST_READS)] = []  # noqa: RUF012
    retention_days: Annotated[float, _f("Kept for", "day", ge=0.01, le=36_500)] = 365
    legal_min_days: Annotated[float | None, _f("Law: at least", "day", ge=0, le=36_500)] = None
    legal_max_days: Annotated[float | None, _f("Law: at most", "day", ge=0.01, le=36_500)] = None
    rto_hours: Annotated[float, _f("Restored within (RTO)", "h", ge=0, le=876_000)] = 24
    rpo_hours: Annotated[float, _f("Loss of at most (RPO)", "h", ge=0, le=876_000)] = 24
    residency: Annotated[Name | None, _f("Residency, where it differs")] = None
    duplicate_share: Annotated[float, _f("Duplicates", "ratio", ge=0, le=0.999)] = 0.2
    compressed: Annotated[bool, _f("Compressed today")] = False
    tier: Annotated[Literal["premium", "hot", "cool", "cold", "archive"], _f("Tier today")] = "hot"
    redundancy: Annotated[
        Literal["LRS", "ZRS", "GRS", "RA-GRS", "GZRS", "RA-GZRS"], _f("Redundancy today")
    ] = "LRS"
    public_licence: Annotated[Evidence | None, _f("Public data: licence allows this use")] = None
    vectors: Annotated[float, _f("Vectors", "item", ge=0, le=1e12)] = 0
    dimensions: Annotated[int, _f("Dimensions", "item", ge=1, le=20_000)] = 1_536
    vector_bits: Annotated[Literal[1, 8, 16, 32], _f("Bits per dimension today", "bit")] = 32

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        low, high = self.legal_min_days, self.legal_max_days
        if low is not None and high is not None and low > high:
            raise ValueError(say("legal_min_days of at most legal_max_days"))
        return self


class Ingestion(Section):
    """How data comes in."""

    mode: Annotated[Literal["batch", "streaming"], _f("Ingestion")] = "batch"
    runs_per_day: Annotated[float, _f("Runs per day", "item", ge=0.001, le=100_000)] = 24
    kept_share: Annotated[float, _f("Share worth keeping", "ratio", ge=1e-6, le=1)] = 0.6
    pilot_share: Annotated[float, _f("Share used for the pilot", "ratio", ge=1e-6, le=1)] = 0.1
    rework_rate: Annotated[float, _f("Share processed again for poor quality", "ratio", ge=0, le=5)] = 0.15
    edge_filtering: Annotated[bool, _f("Filter at the edge")] = False
    edge_secured: Annotated[Evidence, _f("Edge devices secured and monitored")] = "unknown"
    internet_gb_per_month: Annotated[float, _f("Arrives over the internet", "GB/month", ge=0, le=1e8)] = 0
