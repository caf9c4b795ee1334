"""A traffic profile: what a request log says once reduced to aggregates.

It is written by ``advisor usage`` and read by every step. It holds counts, quantiles and
rates only: no prompt, identifier or name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from advisor.core.files import read_yaml, write_atomic
from advisor.scenario.validation import checked

HOURS_OF_WEEK = 168


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Interval(_Model):
    """A value with its 80 % interval."""

    low: float
    central: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Interval:
        if not self.low <= self.central <= self.high:
            raise ValueError("low <= central <= high is needed")
        return self


def _not_negative(interval: Interval) -> Interval:
    if interval.low < 0:
        raise ValueError("at least 0")
    return interval


def _share(interval: Interval) -> Interval:
    if not 0 <= interval.low <= interval.high <= 1:
        raise ValueError("a share from 0 to 1")
    return interval


def _some(week: list[float]) -> list[float]:
    if not any(week):
        raise ValueError("at least one hour with requests")
    return week


Amount = Annotated[Interval, AfterValidator(_not_negative)]
Share = Annotated[Interval, AfterValidator(_share)]
Count = Annotated[float, Field(ge=0)]


class Quantiles(_Model):
    """A token distribution [tokens per request]."""

    mean: Count
    p10: Count
    p50: Count
    p90: Count
    p99: Count
    maximum: Count


class Joint(_Model):
    """Share of requests by input and output tokens; edges in tokens, shares sum to 1."""

    input_edges: list[float]
    output_edges: list[float]
    shares: list[list[float]]


class ModelUse(_Model):
    """What one model does in the log today; tokens are means per request."""

    requests: Annotated[int, Field(ge=0)]
    input_tokens: Count
    output_tokens: Count
    catalogue_model: str | None = None
    wh_per_request: Interval | None = None
    usd_per_year: float | None = None
    kgco2e_per_year: float | None = None


class Traffic(_Model):
    """Aggregates of a request log, with how far each can be trusted.

    ``hour_of_week`` is the mean number of requests in each hour of the week, Monday 00:00 UTC
    first; where ``hours_observed`` is 0 it is filled in from like hours. ``growth_per_year``
    is absent where the log is too short to tell; ``peak_minute`` counts the requests of the
    busiest minute. ``prefix_reuse`` is the share of input blocks
    that an earlier request already sent: the most a prefix cache could save.
    """

    schema_version: Literal[1] = 1
    recognised_as: str
    period_start: str
    period_end: str
    hours_covered: Annotated[float, Field(gt=0)]
    requests: Annotated[int, Field(ge=1)]
    dropped: dict[str, int] = {}
    requests_per_day: Amount
    growth_per_year: Interval | None = None
    hour_of_week: Annotated[
        list[Count], Field(min_length=HOURS_OF_WEEK, max_length=HOURS_OF_WEEK), AfterValidator(_some)
    ]
    hours_observed: Annotated[
        list[Annotated[int, Field(ge=0)]], Field(min_length=HOURS_OF_WEEK, max_length=HOURS_OF_WEEK)
    ]
    peak_to_mean: Amount
    peak_minute: Count | None = None
    input_tokens: Quantiles
    output_tokens: Quantiles
    joint: Joint | None = None
    cached_share: Share | None = None
    retry_rate: Share | None = None
    error_rate: Share | None = None
    repeat_share: Share | None = None
    near_repeat_share: Share | None = None
    prefix_reuse: Share | None = None
    models: dict[str, ModelUse] = {}
    confidence: str
    caveats: list[str] = []


def load_traffic(path: Path) -> Traffic:
    """Read a profile. Raises ScenarioError listing every fault."""
    data, lines = read_yaml(path)
    return checked(Traffic, data, path.name, lines)


def save_traffic(traffic: Traffic, path: Path) -> None:
    """Write a profile as YAML, all or nothing."""
    data: dict[str, Any] = traffic.model_dump(mode="json")
    write_atomic(path, yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
