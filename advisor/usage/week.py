"""The log's requests laid on the hours of a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from advisor.core.saying import say
from advisor.scenario.caveats import ON_DAY
from advisor.scenario.traffic import HOURS_OF_WEEK
from advisor.usage.aggregate import Aggregates, Floats, Ints, longest

HOUR = 3600
DAY = 24
# Where the week begins when hours count from Thursday, 1 January 1970.
_THURSDAY = 3 * DAY
# Hours without a request in a row beyond which a log was off rather than quiet.
LOGGED_GAP = 7 * DAY


class Week:
    """The log's requests laid on the hours it covers."""

    def __init__(self, found: Aggregates, clock: str, zone: ZoneInfo | None) -> None:
        self.clock, self.longest = clock, longest(found)
        start, end = found.first, found.end
        self.hours_covered = max(end - start, 60) / HOUR
        hours: Ints = np.arange(start // HOUR, (end - 1) // HOUR + 1)
        edges = np.clip(np.append(hours, hours[-1] + 1) * HOUR, start, end)
        exposure: Floats = np.maximum(np.diff(edges) / HOUR, 1 / HOUR)
        counts = _spread(found, hours)
        logged, self.gaps = _logged(counts)
        self.hours, self.exposure, self.counts = hours[logged], exposure[logged], counts[logged]
        self.unlogged: int = int((~logged).sum())
        if self.unlogged:
            self.hours_covered = float(self.exposure.sum())
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
            return np.tile(rates, 7), np.tile(-(-seen // 7), 7)  # an hour seen at all is seen
        return rates, seen

    def told(self) -> Literal["hours", "hours_of_day", "days", "none"]:
        """What of the shape of a week the log tells: totals hide what is within them."""
        if self.clock == "none" or self.longest > DAY * HOUR + HOUR:
            return "none"
        if self.longest >= 2 * HOUR:
            return "days" if self.clock == "utc" else "none"
        return "hours_of_day" if self.clock == "day" else "hours"

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


def _logged(counts: Floats) -> tuple[NDArray[np.bool_], list[tuple[int, int]]]:
    """Hours but those of gaps too long to be quiet; and where those begin and how long they are."""
    busy = np.flatnonzero(counts > 0)
    logged = np.ones(len(counts), dtype=bool)
    gaps = []
    for place in np.flatnonzero(np.diff(busy) > LOGGED_GAP):
        logged[busy[place] + 1 : busy[place + 1]] = False
        gaps.append((int(busy[place]) + 1, int(busy[place + 1] - busy[place]) - 1))
    return logged, gaps


def _spread(found: Aggregates, hours: Ints) -> Floats:
    """Requests per hour; totals over longer spans are spread evenly over them."""
    counts = np.zeros(len(hours))
    places = found.hours - hours[0]
    spans = np.maximum(found.widths // HOUR, 1)
    for span in np.unique(spans).tolist():
        some = spans == span
        for ahead in range(span):
            at = np.minimum(places[some] + ahead, len(hours) - 1)
            np.add.at(counts, at, found.counts[some] / span)
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


def when(second: int, clock: str) -> str:
    """A moment: in UTC, or as the day and hour of a log that names no date."""
    if clock == "utc":
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        return moment.isoformat().replace("+00:00", "Z")
    day, rest = divmod(second, DAY * HOUR)
    time = f"{rest // HOUR:02d}:{rest % HOUR // 60:02d}" + (f":{rest % 60:02d}" if rest % 60 else "")
    return say(ON_DAY, day=day + 1, time=time)
