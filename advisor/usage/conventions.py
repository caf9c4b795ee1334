"""What a log's own figures settle before its rows are read: counts within or beside, day or month first."""

from __future__ import annotations

import re
from itertools import pairwise

import ibis

from advisor.core.errors import Fault, LogError
from advisor.core.saying import say
from advisor.usage.engine import Engine
from advisor.usage.layouts import Layout
from advisor.usage.rows import Told, by_provider, stated
from advisor.usage.times import Dates, day_or_month, seconds
from advisor.usage.values import count, number

# Providers whose own counts leave cached tokens out: one row that shows it is enough.
_LEAVES_OUT = re.compile("anthropic|bedrock|claude")
# For others a share of the rows with cached tokens; fewer are rows gone wrong.
_ENOUGH = 0.01
_LOOK = 1_000  # rows looked at for dates with slashes
_MONTHS = 12
_SPANS = (60, 300, 900, 1800, 3600, 21_600, 43_200, 86_400)  # what metrics are gathered over [s]
_MOST_TIMES = 10_000


def told(engine: Engine, raw: ibis.Table, layout: Layout, dates: Dates, where: str) -> Told:
    """What must be settled for these rows. Raises LogError where the log leaves it open."""
    first = day_first(engine, raw, dates, where)
    if not layout.recognised.format.told_by_data:
        return Told(dates=first)
    return Told(
        beside(engine, raw, ("cached", "cached_write"), "input"),
        beside(engine, raw, ("reasoning",), "output"),
        first,
    )


def beside(engine: Engine, raw: ibis.Table, parts: tuple[str, ...], total: str) -> frozenset[str]:
    """Providers whose ``parts`` cannot be parts of ``total``, because they exceed it."""
    part = stated(raw, *parts)
    if part is None:
        return frozenset()
    seen = raw.select(provider=by_provider(raw), part=part, total=count(raw[total]))
    seen = seen.filter(seen.part > 0)
    found = engine.run(
        seen.group_by("provider").agg(rows=seen.count(), over=(seen.part > seen.total).cast("int64").sum())
    )
    return frozenset(
        str(provider)
        for provider, rows, over in zip(found["provider"], found["rows"], found["over"], strict=True)
        if over and over > 0 and (over >= rows * _ENOUGH or _LEAVES_OUT.search(str(provider)))
    )


def day_first(engine: Engine, raw: ibis.Table, dates: Dates, where: str) -> Dates:
    """Whether the day or the month comes first in dates with slashes. Raises LogError if that is open."""
    if dates:
        return dates
    look = day_or_month(raw.timestamp)
    if not look:
        return ""
    some = raw.limit(_LOOK)
    slashed = engine.run(some.agg(n=day_or_month(some.timestamp)["slashed"]))
    if not slashed["n"][0]:
        return ""
    found = {name: int(value[0]) for name, value in engine.run(raw.agg(**look)).items()}
    if found["first"] > _MONTHS >= found["second"]:
        return "day"
    # a clock of 12 hours is written where the month comes first
    if found["second"] > _MONTHS >= found["first"] or (not found["bare"] and found["first"] <= _MONTHS):
        return "month"
    both = min(found["first"], found["second"]) > _MONTHS
    like = say("1/3/2026 and its like, both ways") if both else say("1/3/2026 and its like, either way")
    fault = Fault(where, say("dates as 2026-03-01, or --dates day or --dates month"), like)
    raise LogError(say("The dates can be read in two ways."), [fault])


def metric_span(engine: Engine, raw: ibis.Table) -> int:
    """How long a row of metrics is [s]: as it says, else the step between rows, else told by its mean."""
    if "grain" in raw.columns:
        grain = raw.grain.cast("string").upper()
        size = number(grain.re_extract(r"^P(?:T?)(\d+)[MHD]", 1))
        unit = ibis.cases(
            (grain.re_search("^PT.*M$"), 60), (grain.re_search("^PT.*H$"), 3600), else_=24 * 3600
        )
        found = engine.run(raw.agg(width=(size * unit).max()))["width"][0]
        if found == found and found:  # noqa: PLR0124  neither null nor not a number
            return int(found)
    second = seconds(raw.timestamp, "auto")[0]
    times = (
        raw.select(second=second).filter(second.notnull()).distinct().order_by("second").limit(_MOST_TIMES)
    )
    stamps = sorted(int(value) for value in engine.run(times)["second"])
    steps = [after - before for before, after in pairwise(stamps)]
    if steps:
        return min(_SPANS, key=lambda span: abs(span - min(steps)))
    if "average" in raw.columns:
        ratio = number(raw.amount) / number(raw.average)
        minutes = engine.run(raw.agg(n=ratio.quantile(0.5)))["n"][0]
        if minutes == minutes and minutes:  # noqa: PLR0124
            return min(_SPANS, key=lambda span: abs(span - 60 * float(minutes)))
    return 3600
