"""From aggregates to a traffic profile, each figure with what its sample supports."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from zoneinfo import ZoneInfo

import numpy as np

from advisor.scenario.traffic import HOURS_OF_WEEK, Interval, Joint, ModelUse, Quantiles, Traffic
from advisor.usage.aggregate import Aggregates, Floats, Ints
from advisor.usage.formats import Format

HOUR = 3600
DAY = 24
# Where the week begins when hours count from Thursday, 1 January 1970.
_THURSDAY = 3 * DAY
_Z90 = NormalDist().inv_cdf(0.9)
# A trend over fewer weeks says more about its noise than about a year.
GROWTH_WEEKS = 8
GROWTH_BOUNDS = (-0.9, 10.0)  # what a scenario accepts
_NAME = re.compile(r"^[\w.:/+-]{1,80}$")


class Week:
    """The log's requests laid on the hours it covers."""

    def __init__(self, found: Aggregates, clock: str, zone: ZoneInfo | None) -> None:
        self.clock = clock
        start, end = found.first, found.last + max(found.width, 1)
        self.hours_covered = max(end - start, 60) / HOUR
        self.hours: Ints = np.arange(start // HOUR, (end - 1) // HOUR + 1)
        edges = np.clip(np.append(self.hours, self.hours[-1] + 1) * HOUR, start, end)
        self.exposure: Floats = np.maximum(np.diff(edges) / HOUR, 1 / HOUR)
        self.counts = _spread(found, self.hours)
        slots = self.hours + (_offsets(self.hours, zone) if zone else 0) + _THURSDAY
        self.slots: Ints = slots % HOURS_OF_WEEK
        if clock == "day":
            self.slots = self.hours % DAY

    def rates(self) -> tuple[Floats, Ints]:
        """Mean requests in each hour of the week and in how many such hours they were seen."""
        size = DAY if self.clock == "day" else HOURS_OF_WEEK
        if self.clock == "none":
            mean = self.counts.sum() / self.hours_covered
            return np.full(HOURS_OF_WEEK, mean), np.zeros(HOURS_OF_WEEK, dtype=np.int64)
        exposure = np.bincount(self.slots, self.exposure, size).astype(np.float64)
        counts = np.bincount(self.slots, self.counts, size).astype(np.float64)
        seen = np.bincount(self.slots, minlength=size)
        rates = _filled(counts, exposure)
        if self.clock == "day":
            return np.tile(rates, 7), np.tile(seen // 7, 7)
        return rates, seen

    @property
    def coverage(self) -> float:
        """Share of the hours of a week that were seen."""
        if self.clock == "utc":
            return len(np.unique(self.slots)) / HOURS_OF_WEEK
        return min(self.hours_covered / HOURS_OF_WEEK, 1.0)

    def blocks(self, hours: int) -> Floats:
        """Requests in consecutive whole stretches of ``hours`` from the log's start."""
        whole = self.counts[self.exposure >= 1]
        sums: Floats = whole[: len(whole) // hours * hours].reshape(-1, hours).sum(axis=1)
        return sums


def _spread(found: Aggregates, hours: Ints) -> Floats:
    """Requests per hour; totals over longer spans are spread evenly over them."""
    counts = np.zeros(len(hours))
    places = found.hours - hours[0]
    span = max(found.width // HOUR, 1)
    for ahead in range(span):
        inside = places + ahead < len(hours)
        np.add.at(counts, (places + ahead)[inside], (found.counts / span)[inside])
    return counts


def _offsets(hours: Ints, zone: ZoneInfo) -> Ints:
    """Whole hours to add to naive local hours to have UTC."""
    shifts = []
    for hour in hours.tolist():
        local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        offset = local.replace(tzinfo=zone).utcoffset() or timedelta()
        shifts.append(-round(offset.total_seconds() / HOUR))
    return np.asarray(shifts, dtype=np.int64)


def _filled(counts: Floats, exposure: Floats) -> Floats:
    """Rates of the hours seen; the others take their hour of day's mean, else the mean."""
    seen = exposure > 0
    rates = np.divide(counts, exposure, out=np.zeros_like(counts), where=seen)
    by_day, known = rates.reshape(-1, DAY), seen.reshape(-1, DAY)
    mean = counts.sum() / exposure.sum()
    days = known.sum(axis=0)
    usual = np.divide(by_day.sum(axis=0), days, out=np.full(DAY, mean), where=days > 0)
    filled: Floats = np.where(known, by_day, usual).reshape(-1)
    return filled


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


def burst(found: Aggregates, week: Week, unseen: Interval) -> Interval:
    """Busiest minute over the mean minute; wider for the hours that were not seen."""
    mean = week.counts.sum() / (week.hours_covered * 60)
    peaks = found.peaks / mean
    if found.width > 60:  # the rows are totals: only their own means are known
        peaks = week.counts / week.exposure / 60 / mean
    block = DAY if len(peaks) >= 3 * DAY else 1
    tops = np.array([peaks[i : i + block].max() for i in range(0, len(peaks), block)])
    central = max(float(peaks.max()), 1.0)
    scatter = float(tops.std()) if len(tops) > 1 else 0.0
    wider = week.coverage + (1 - week.coverage) * max(unseen.high, 1.0)
    low = min(max(float(np.quantile(tops, 0.1)), 1.0), central)
    return Interval(low=low, central=central, high=(central + scatter) * wider)


def models(found: Aggregates, per_day: float, requests: float) -> dict[str, ModelUse]:
    """Use by model, most used first; unusual names are folded away."""
    uses: dict[str, list[float]] = {}
    columns = [
        found.models[k].tolist() for k in ("model", "n", "input", "output", "cost", "priced") if found.models
    ]
    for row in zip(*columns, strict=True):
        name, *sums = row
        total = uses.setdefault(model_name(str(name)), [0.0] * len(sums))
        for index, value in enumerate(sums):
            total[index] += float(value or 0)
    return {
        name: ModelUse(
            requests=round(n),
            input_tokens=inputs / n,
            output_tokens=outputs / n,
            usd_per_year=cost / requests * per_day * 365 if priced else None,
        )
        for name, (n, inputs, outputs, cost, priced) in sorted(
            uses.items(), key=lambda item: (-item[1][0], item[0])
        )
        if n > 0
    }


def model_name(name: str) -> str:
    """A model's public name: a tuned model's own suffix and anything odd is left out."""
    name = name.strip()
    if name.startswith("ft:"):
        name = name.split(":")[1] + "+tuned"
    return name if _NAME.match(name) and "://" not in name else "other"


def _tells_failures(kinds: Sequence[Format]) -> bool:
    return any(kind.no_output_failed or {"status", "error"} & set(kind.columns) for kind in kinds)


def _when(second: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


def confidence(week: Week) -> str:
    """In a word: how far the log supports a plan for a year."""
    if week.hours_covered >= 4 * HOURS_OF_WEEK and week.coverage == 1:
        return "high"
    return "medium" if week.coverage == 1 else "low"


def profile(
    found: Aggregates,
    kinds: Sequence[Format],
    zone: ZoneInfo | None,
    unseen: Interval | None,
) -> Traffic:
    """Put the profile together."""
    clock = kinds[0].clock
    naive = found.zoned[1] == 0
    week = Week(found, clock, zone if naive else None)
    rates, seen = week.rates()
    mean_minute = week.counts.sum() / (week.hours_covered * 60)
    unseen = unseen or Interval(low=0, central=1, high=max(1.0, float(found.peaks.max() / mean_minute)))
    requests = float(found.counts.sum())
    per_day = daily(week, float(rates.mean()), unseen)
    attempts = requests + found.failed
    repeats, said = found.repeats, defaultdict(float, found.totals)
    cached = None
    if said["cacheable"] > 0:
        cached = share(said["cached"], said["cacheable"], said["cached_rows"])
    return Traffic(
        recognised_as=", ".join(dict.fromkeys(kind.title for kind in kinds)),
        period_start=_when(found.first),
        period_end=_when(found.last),
        hours_covered=week.hours_covered,
        requests=round(requests),
        dropped=found.dropped,
        requests_per_day=per_day,
        growth_per_year=growth(week),
        hour_of_week=[float(rate) for rate in rates],
        hours_observed=[int(count) for count in seen],
        peak_to_mean=burst(found, week, unseen),
        peak_minute=float(found.peaks.max()) if found.width <= 60 else None,
        input_tokens=quantiles(*found.input),
        output_tokens=quantiles(*found.output),
        joint=joint(*found.joint),
        cached_share=cached,
        error_rate=share(found.failed, attempts) if _tells_failures(kinds) else None,
        retry_rate=_shared(repeats.get("id_key"), (said["again"], said["again_rows"])),
        repeat_share=_shared(repeats.get("whole_key"), (said["hits"], said["hit_rows"])),
        near_repeat_share=_shared(repeats.get("near_key")),
        prefix_reuse=_shared(repeats.get("prefix")),
        models=models(found, per_day.central, requests),
        confidence=confidence(week),
        caveats=caveats(found, kinds, week, zone),
    )


def caveats(found: Aggregates, kinds: Sequence[Format], week: Week, zone: ZoneInfo | None) -> list[str]:
    """What a reader should know before trusting the profile."""
    said = [note for kind in kinds for note in kind.notes]
    missing = HOURS_OF_WEEK - round(week.coverage * HOURS_OF_WEEK)
    if missing:
        said.append(
            f"the log covers {week.hours_covered:,.1f} hours; {missing} of the 168 hours of a week "
            "were not seen and are taken to be like those that were"
        )
    dropped = sum(found.dropped.values())
    if dropped > (dropped + found.counts.sum()) / 100:
        said.append(f"{dropped:,} rows were dropped, more than one in a hundred; look at the log")
    if week.hours_covered < GROWTH_WEEKS * HOURS_OF_WEEK:
        said.append(f"growth needs {GROWTH_WEEKS} weeks of log; the scenario's own figure holds")
    empty = int((week.counts == 0).sum())
    if empty:
        said.append(f"{empty:,} hours within the period hold no request and count as quiet")
    naive, zoned = found.zoned
    if naive and zoned:
        said.append(f"time zones are mixed: {zoned:,} rows name theirs, {naive:,} do not and are read as UTC")
    elif naive and zone is None and week.clock == "utc":
        said.append("times name no zone and are read as UTC")
    if found.totals.get("hit_rows"):
        said.append("answers from the gateway's own cache count as repeats")
    if found.width > 60:
        said.append(
            "rows are totals over a span: tokens are their means, and bursts within a span are unseen"
        )
    return said
