"""A traffic profile: what a request log says once reduced to aggregates.

It is written by ``advisor usage`` and read by every step. It holds counts, quantiles and
rates only: no prompt, identifier or name.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from advisor.core.files import read_yaml, write_atomic
from advisor.core.saying import numeral, say
from advisor.scenario.caveats import caveat, titles
from advisor.scenario.validation import checked

HOURS_OF_WEEK = 168


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)


class Interval(_Model):
    """A value with its 80 % interval."""

    low: float
    central: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.central <= self.high:
            raise ValueError(say("low <= central <= high is needed"))
        return self


def _not_negative(interval: Interval) -> Interval:
    if interval.low < 0:
        raise ValueError(say("at least 0"))
    return interval


def _share(interval: Interval) -> Interval:
    if not 0 <= interval.low <= interval.high <= 1:
        raise ValueError(say("a share from 0 to 1"))
    return interval


# what a profile may say: beyond these a figure is a slip, or breaks what is reckoned from it
MOST_PER_DAY, MOST_TOKENS, MOST_PEAK, LEAST_TOKENS = 1e10, 1e8, 1e6, 1e-2
Tokens = Annotated[float, Field(ge=0, le=MOST_TOKENS)]


def _per_day(interval: Interval) -> Interval:
    if not 0 < interval.central <= interval.high <= MOST_PER_DAY:
        raise ValueError(
            say("more than 0 and at most {most} requests a day", most=numeral(MOST_PER_DAY, ".0e"))
        )
    return interval


def _peak(interval: Interval) -> Interval:
    if interval.high > MOST_PEAK:
        raise ValueError(say("at most {most} times the mean", most=numeral(MOST_PEAK, ".0e")))
    return interval


def _growth(interval: Interval) -> Interval:
    if not -0.9 <= interval.low <= interval.high <= 10:
        raise ValueError(say("from {least} to {most}", least=numeral(-0.9), most=10))
    return interval


class Quantiles(_Model):
    """A token distribution [tokens per request]; without quantiles where only totals are known."""

    mean: Tokens
    p10: Tokens | None = None
    p50: Tokens | None = None
    p90: Tokens | None = None
    p99: Tokens | None = None
    maximum: Tokens | None = None


def _generated(found: Quantiles) -> Quantiles:
    if not found.mean >= LEAST_TOKENS:
        raise ValueError(say("a mean above 0: requests that say or answer nothing need no model"))
    return found


def _ordered(found: Quantiles) -> Quantiles:
    known = [v for v in (found.p10, found.p50, found.p90, found.p99, found.maximum) if v is not None]
    if known != sorted(known):
        raise ValueError(say("p10 <= p50 <= p90 <= p99 <= maximum is needed"))
    return found


def _some(week: list[float]) -> list[float]:
    if not any(week):
        raise ValueError(say("at least one hour with requests"))
    return week


# kept in English, told in any language
Words = Annotated[str, AfterValidator(caveat)]
Amount = Annotated[Interval, AfterValidator(_not_negative)]
Share = Annotated[Interval, AfterValidator(_share)]
Count = Annotated[float, Field(ge=0)]
PerDay = Annotated[Interval, AfterValidator(_not_negative), AfterValidator(_per_day)]
Peak = Annotated[Interval, AfterValidator(_not_negative), AfterValidator(_peak)]
Growth = Annotated[Interval, AfterValidator(_growth)]


Sizes = Annotated[Quantiles, AfterValidator(_ordered), AfterValidator(_generated)]


class Joint(_Model):
    """Share of requests by input and output tokens; edges in tokens, shares sum to 1."""

    input_edges: list[float]
    output_edges: list[float]
    shares: list[list[float]]


class ModelUse(_Model):
    """What one model does in the log today; tokens are means per request."""

    requests: Annotated[int, Field(ge=0)]
    input_tokens: Tokens
    output_tokens: Tokens
    catalogue_model: str | None = None
    wh_per_request: Interval | None = None
    usd_per_year: float | None = None
    kgco2e_per_year: float | None = None


class Apart(_Model):
    """Calls for other than text, which the figures on requests leave out; tokens, images and
    seconds of sound are means per call."""

    requests: Annotated[int, Field(ge=0)]
    input_tokens: Tokens = 0.0
    output_tokens: Tokens = 0.0
    images: Count = 0.0
    audio_s: Count = 0.0


class Tasks(_Model):
    """Calls that serve one task: a conversation's turns, or an agent's steps.

    Told by the log's trace ids, or by inputs that begin with all of an earlier one. ``growth`` is
    how much longer a call's input is than that of the call before [tokens]; ``tools`` are a
    task's tool calls, absent where a log shows none; ``failed`` its failed calls.
    ``prefix`` is the share of input that the call before had sent: the most that a cache kept from
    call to call could hold, where a history is sent anew.
    """

    told_by: Literal["trace", "prefix"]
    tasks: Annotated[int, Field(ge=1)]
    turns_mean: Annotated[float, Field(ge=1)]
    turns_p50: Count
    turns_p90: Count
    turns_maximum: Count
    growth: Tokens | None = None
    tools: Count | None = None
    failed: Count = 0.0
    prefix: Share | None = None


class Traffic(_Model):
    """Aggregates of a request log, with how far each can be trusted.

    ``hour_of_week`` is the mean number of requests in each hour of the week, Monday 00:00 UTC
    first; where ``hours_observed`` is 0 it is filled in from like hours. ``week_told`` says what of it
    was seen: hours by themselves, hours of days that the log does not name, days as totals, or nothing;
    of the rest the scenario's own shape holds. ``growth_per_year``
    is absent where the log is too short to tell; ``peak_minute`` counts the requests of the
    busiest minute. ``prefix_reuse`` is the share of input blocks
    that an earlier request already sent: the most a prefix cache could save.

    Requests are calls for text; ``apart`` holds the others by kind. Input tokens are all that was
    sent, ``cached_share`` of them read from a cache and ``cache_write_share`` written to one;
    output tokens are all that was generated, ``reasoning_share`` of them out of sight. Where a log
    is too short to tell how many requests a day brings, ``requests_per_day`` and ``peak_to_mean``
    are absent and the scenario's own figures hold; ``peak_to_mean`` is absent too where rows are totals
    that hide their busiest minute. ``tiers`` are shares of requests by service
    tier; ``running_batch`` how many requests an engine served at once.
    """

    schema_version: Literal[1] = 1
    recognised_as: Annotated[str, AfterValidator(titles)]
    period_start: Words
    period_end: Words
    hours_covered: Annotated[float, Field(gt=0)]
    requests: Annotated[int, Field(ge=1)]
    dropped: dict[Words, int] = {}
    requests_per_day: PerDay | None
    growth_per_year: Growth | None = None
    hour_of_week: Annotated[
        list[Annotated[float, Field(ge=0, le=MOST_PER_DAY)]],
        Field(min_length=HOURS_OF_WEEK, max_length=HOURS_OF_WEEK),
        AfterValidator(_some),
    ]
    hours_observed: Annotated[
        list[Annotated[int, Field(ge=0)]], Field(min_length=HOURS_OF_WEEK, max_length=HOURS_OF_WEEK)
    ]
    week_told: Literal["hours", "hours_of_day", "days", "none"] = "hours"
    peak_to_mean: Peak | None = None
    peak_minute: Count | None = None
    input_tokens: Sizes
    output_tokens: Sizes
    joint: Joint | None = None
    cached_share: Share | None = None
    cache_write_share: Share | None = None
    reasoning_share: Share | None = None
    retry_rate: Share | None = None
    error_rate: Share | None = None
    repeat_share: Share | None = None
    near_repeat_share: Share | None = None
    prefix_reuse: Share | None = None
    models: dict[str, ModelUse] = {}
    apart: dict[str, Apart] = {}
    tiers: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    tasks: Tasks | None = None
    running_batch: Amount | None = None
    confidence: Words
    caveats: list[Words] = []


def load_traffic(path: Path) -> Traffic:
    """Read a profile. Raises ScenarioError listing every fault."""
    data, lines = read_yaml(path)
    return checked(Traffic, data, path.name, lines)


def save_traffic(traffic: Traffic, path: Path) -> None:
    """Write a profile as YAML, all or nothing."""
    data: dict[str, Any] = traffic.model_dump(mode="json")
    write_atomic(path, yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
