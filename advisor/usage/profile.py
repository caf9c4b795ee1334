"""From aggregates to a traffic profile, each figure with what its sample supports."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np

from advisor.core.saying import joined
from advisor.scenario.traffic import (
    HOURS_OF_WEEK,
    Apart,
    Interval,
    Joint,
    ModelUse,
    Quantiles,
    Tasks,
    Traffic,
)
from advisor.usage.aggregate import Aggregates, Floats, Ints
from advisor.usage.formats import Format
from advisor.usage.kinds import NO_CALLS
from advisor.usage.names import OTHER, is_model, model_name
from advisor.usage.trust import GROWTH_WEEKS, caveats, confidence
from advisor.usage.week import DAY, HOUR, Week, when

_Z90 = NormalDist().inv_cdf(0.9)
GROWTH_BOUNDS = (-0.9, 10.0)  # what a scenario accepts
# From less than this a day's requests cannot be told: one request in a minute is not 1,440 a day.
LEAST_S, LEAST_REQUESTS = 900, 10
MOST_MODELS = 20


def quantiles(values: Ints, counts: Floats) -> Quantiles:
    """Mean and quantiles of counted values, interpolated linearly between neighbours."""
    ends = np.cumsum(counts)
    total = float(ends[-1])

    def at(share: float) -> float:
        place = (total - 1) * share
        below = math.floor(place)
        pair = np.searchsorted(ends, [below, min(below + 1, total - 1)], side="right")
        low, high = values[np.minimum(pair, len(values) - 1)]
        return float(low + (high - low) * (place - below))

    mean = float((values * counts).sum() / total)
    return Quantiles(
        mean=mean, p10=at(0.1), p50=at(0.5), p90=at(0.9), p99=at(0.99), maximum=float(values[-1])
    )


def joint(inputs: Ints, outputs: Ints, counts: Floats) -> Joint:
    """Shares by binary magnitude; edges 0, 1, 2, 4, 8, ..."""
    shares = np.zeros((int(inputs.max()) + 1, int(outputs.max()) + 1))
    shares[inputs, outputs] = counts / counts.sum()

    def edges(size: int) -> list[float]:
        return [0.0, *(float(2**power) for power in range(size))]

    return Joint(
        input_edges=edges(shares.shape[0]),
        output_edges=edges(shares.shape[1]),
        shares=[[float(share) for share in row] for row in shares],
    )


def share(part: float, whole: float, of: float | None = None) -> Interval:
    """A share with its 80 % Wilson interval from a sample of ``of`` (default ``whole``)."""
    n = of if of is not None else whole
    p = min(max(part / whole, 0.0), 1.0)
    z2 = _Z90**2 / n
    middle = (p + z2 / 2) / (1 + z2)
    half = math.sqrt(z2 * (p * (1 - p) + z2 / 4)) / (1 + z2)
    return Interval(low=max(min(middle - half, p), 0.0), central=p, high=min(max(middle + half, p), 1.0))


def _shared(*counted: tuple[float, float] | None) -> Interval | None:
    """The share from the first count that counted anything."""
    return next((share(*pair) for pair in counted if pair and pair[1]), None)


def daily(week: Week, mean_rate: float, unseen: Interval) -> Interval:
    """Requests per day: what was seen with its day-to-day scatter, the rest with ``unseen``'s."""
    days = week.blocks(DAY)
    error = _Z90 / math.sqrt(max(week.counts.sum(), 1))
    if len(days) > 1 and days.mean() > 0:
        scatter = float(days.std(ddof=1) / days.mean())
        error = max(error, _Z90 * scatter / math.sqrt(len(days)))
    seen, central = week.coverage, DAY * mean_rate
    low = central * (seen * max(1 - error, 0) + (1 - seen) * unseen.low)
    high = central * (seen * (1 + error) + (1 - seen) * unseen.high)
    return Interval(low=min(low, central), central=central, high=max(high, central))


def growth(week: Week) -> Interval | None:
    """Growth per year [ratio] from a log-linear trend over weeks; None for too few."""
    weeks = week.blocks(HOURS_OF_WEEK)
    n = len(weeks)
    if n < GROWTH_WEEKS or (weeks <= 0).any():
        return None
    x = np.arange(n) - (n - 1) / 2
    y = np.log(weeks)
    spread = float((x**2).sum())
    slope = float((x * y).sum()) / spread
    rest = y - y.mean() - slope * x
    error = math.sqrt(float((rest**2).sum()) / (n - 2) / spread)
    t = _Z90 + (_Z90**3 + _Z90) / (4 * (n - 2))  # Student's t by its first correction
    year = 365 / 7

    def grown(rate: float) -> float:
        return min(max(math.expm1(min(rate * year, math.log(100))), GROWTH_BOUNDS[0]), GROWTH_BOUNDS[1])

    return Interval(low=grown(slope - t * error), central=grown(slope), high=grown(slope + t * error))


def burst(found: Aggregates, week: Week, unseen: Interval) -> Interval | None:
    """Busiest minute over the mean minute, wider for hours that were not seen; None where totals hide it."""
    if not np.isfinite(found.peaks).all():
        return None
    peaks = found.peaks / (week.counts.sum() / (week.hours_covered * 60))
    block = DAY if len(peaks) >= 3 * DAY else 1
    tops = np.array([peaks[i : i + block].max() for i in range(0, len(peaks), block)])
    central = max(float(peaks.max()), 1.0)
    scatter = float(tops.std()) if len(tops) > 1 else 0.0
    wider = week.coverage + (1 - week.coverage) * max(unseen.high, 1.0)
    low = min(max(float(np.quantile(tops, 0.1)), 1.0), central)
    return Interval(low=low, central=central, high=(central + scatter) * wider)


def _hits(said: Mapping[str, float]) -> tuple[float, float] | None:
    """Answers from a gateway's cache; one that never answers is off, and tells no repeats."""
    return (said["hits"], said["hit_rows"]) if said["hits"] else None


def _parts(found: Aggregates, part: str, whole: str, rows: str) -> Interval | None:
    said = found.totals
    if not said.get(rows) or said.get(whole, 0.0) <= 0:
        return None
    return share(said[part], said[whole], said[rows])


def _sizes(found: Aggregates, name: str, spans: bool) -> Quantiles:
    """Token sizes; where rows are totals their exact mean, and no quantiles."""
    if not spans:
        return quantiles(*(found.input if name == "input" else found.output))
    return Quantiles(mean=found.totals[name] / found.totals["requests"])


def tasks(found: Aggregates, chains: Sequence[Sequence[int]]) -> Tasks | None:
    """Calls by task, told by trace ids, else by inputs that go on from one another."""
    if found.tasks and found.tasks["tasks"].sum():
        turns, n = found.tasks["turns"].astype(np.int64), found.tasks["tasks"].astype(np.float64)
        sizes, total = quantiles(turns, n), float(n.sum())
        more = float(((turns - 1) * n).sum())
        tools = float(found.tasks["tools"].sum())
        return Tasks(
            told_by="trace", tasks=round(total), turns_mean=sizes.mean, turns_p50=sizes.p50 or 0,
            turns_p90=sizes.p90 or 0, turns_maximum=sizes.maximum or 0,
            growth=max(float(found.tasks["growth"].sum()), 0.0) / more if more else None,
            tools=tools / total if tools else None, failed=float(found.tasks["failed"].sum()) / total,
            prefix=_kept(float(found.tasks["kept"].sum()), float(found.tasks["sent"].sum()), more + total),
        )  # fmt: skip
    if not chains:
        return None
    values, counts = np.unique([len(chain) for chain in chains], return_counts=True)
    sizes = quantiles(values.astype(np.int64), counts.astype(np.float64))
    steps = [after - before for chain in chains for before, after in pairwise(chain)]
    return Tasks(
        told_by="prefix", tasks=len(chains), turns_mean=sizes.mean, turns_p50=sizes.p50 or 0,
        turns_p90=sizes.p90 or 0, turns_maximum=sizes.maximum or 0,
        growth=float(np.mean(steps)) if steps else None,
        prefix=_kept(
            float(sum(sum(chain[:-1]) for chain in chains)), float(sum(map(sum, chains))),
            float(sum(map(len, chains))),
        ),
    )  # fmt: skip


def _kept(kept: float, sent: float, calls: float) -> Interval | None:
    return share(kept, sent, calls) if sent > 0 else None


def apart(found: Aggregates) -> dict[str, Apart]:
    """Calls for other than text, by kind."""
    if not found.apart:
        return {}
    names = ("kind", "n", "input", "output", "images", "audio_s")
    rows = zip(*(found.apart[name].tolist() for name in names), strict=True)
    return {
        kind: Apart(
            requests=round(n),
            input_tokens=inputs / n,
            output_tokens=outputs / n,
            images=images / n,
            audio_s=audio / n,
        )
        for kind, n, inputs, outputs, images, audio in rows
        if kind not in NO_CALLS and n > 0
    }


def models(
    found: Aggregates, per_day: float | None, requests: float, given: Mapping[str, str]
) -> tuple[dict[str, ModelUse], list[str]]:
    """Use by model, most used first, unusual names folded away; and deployments of unknown models."""
    uses: dict[str, list[float]] = {}
    unknown: dict[str, None] = {}
    names = ("model", "deployment", "n", "input", "output", "cost", "priced")
    columns = [found.models[name].tolist() for name in names if found.models]
    for model, deployment, *sums in zip(*columns, strict=True):
        name = model_name(model) if model else ""
        answered = is_model(name)  # what answered is told, whatever its deployment is said to be
        if name in ("", OTHER) and deployment:
            name = model_name(deployment)
            if name != OTHER and not is_model(name) and not _given(given, deployment, name):
                unknown[name] = None
        name = _given(given, model, name) or (not answered and _given(given, deployment, name)) or name
        total = uses.setdefault(name, [0.0] * len(sums))
        for index, value in enumerate(sums):
            total[index] += float(value) if value is not None and value == value else 0.0  # noqa: PLR0124
    ranked = sorted(uses.items(), key=lambda item: (-item[1][0], item[0]))[:MOST_MODELS]
    return {
        name: ModelUse(
            requests=round(n),
            input_tokens=inputs / n,
            output_tokens=outputs / n,
            # a gateway that knows no price writes 0
            usd_per_year=cost / requests * per_day * 365 if priced and cost > 0 and per_day else None,
        )
        for name, (n, inputs, outputs, cost, priced) in ranked
        if n > 0
    }, sorted(unknown)


def _given(given: Mapping[str, str], written: str, name: str) -> str:
    return given.get(written) or given.get(written.rsplit("/", 1)[-1]) or given.get(name) or ""


_TIERS = {
    "standard": ("default", "standard", "auto", "on_demand", "on-demand", "regular", "false"),
    "priority": ("priority", "fast"),
    "batch": ("batch", "true"),
    "flex": ("flex",),
    "provisioned": ("provisioned_throughput", "scale", "provisioned", "reserved"),
}


def tiers(found: Aggregates) -> dict[str, float]:
    """Shares of requests by service tier."""
    total = sum(found.tiers.values())
    shares: dict[str, float] = {}
    for said, n in found.tiers.items():
        tier = next((name for name, words in _TIERS.items() if said in words), OTHER)
        shares[tier] = shares.get(tier, 0.0) + n / total
    return {name: min(shares[name], 1.0) for name in sorted(shares)}


def profile(
    found: Aggregates,
    kinds: Sequence[Format],
    zone: ZoneInfo | None,
    unseen: Interval | None,
    given: Mapping[str, str],
    warnings: Sequence[str],
    chains: Sequence[Sequence[int]],
) -> tuple[Traffic, list[str]]:
    """The profile, and deployments whose models the log does not tell."""
    clock = kinds[0].clock
    naive = found.zoned[1] == 0
    week = Week(found, clock, zone if naive else None)
    rates, seen = week.rates()
    mean_minute = week.counts.sum() / (week.hours_covered * 60)
    busiest = float(np.max(found.peaks, initial=0.0, where=np.isfinite(found.peaks)))
    unseen = unseen or Interval(low=0, central=1, high=max(1.0, busiest / mean_minute))
    requests = float(found.counts.sum())
    told = requests >= LEAST_REQUESTS and week.hours_covered * HOUR >= LEAST_S
    per_day = daily(week, float(rates.mean()), unseen) if told else None
    if not told:
        rates = np.full(HOURS_OF_WEEK, float(rates.mean()))
    spans = any(kind.spans for kind in kinds)
    others = apart(found)
    said = defaultdict(float, found.totals)
    # what comes again comes after others: a handful of requests does not tell that none would
    repeats = found.repeats if requests >= LEAST_REQUESTS else {}
    use, unknown = models(found, per_day.central if per_day else None, requests, given)
    traffic = Traffic(
        recognised_as=joined(", ", dict.fromkeys(kind.title for kind in kinds)),
        period_start=when(found.first, clock),
        period_end=when(found.last, clock),
        hours_covered=week.hours_covered,
        requests=max(round(requests), 1),
        dropped=found.dropped,
        requests_per_day=per_day,
        growth_per_year=growth(week),
        hour_of_week=[float(rate) for rate in rates],
        hours_observed=[int(count) for count in seen],
        week_told=week.told() if told else "none",
        peak_to_mean=burst(found, week, unseen) if told else None,
        peak_minute=busiest if np.isfinite(found.peaks).all() else None,
        input_tokens=_sizes(found, "input", spans),
        output_tokens=_sizes(found, "output", spans),
        joint=None if spans else joint(*found.joint),
        cached_share=_parts(found, "read", "cacheable", "cached_rows"),
        cache_write_share=_parts(found, "written", "writable", "written_rows"),
        reasoning_share=_parts(found, "reasoning", "reasonable", "reasoning_rows"),
        error_rate=share(found.failed, requests + found.failed) if found.tells_failures else None,
        retry_rate=_shared(repeats.get("id_key"), (said["again"], said["again_rows"])),
        repeat_share=_shared(repeats.get("whole_key"), _hits(said)),
        near_repeat_share=_shared(repeats.get("near_key")),
        prefix_reuse=_shared(repeats.get("prefix")),
        models=use,
        apart=others,
        tiers=tiers(found),
        tasks=tasks(found, chains),
        confidence=confidence(week, told),
        caveats=[*warnings, *caveats(found, kinds, week, zone, told, others)],
    )
    return traffic, unknown
