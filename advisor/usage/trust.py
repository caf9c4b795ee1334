"""How far a log can be trusted: a word for it, and what a reader should know before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np

from advisor.core.saying import numeral, say
from advisor.scenario import caveats as words
from advisor.scenario.traffic import HOURS_OF_WEEK, Apart
from advisor.usage.aggregate import Aggregates
from advisor.usage.formats import Format
from advisor.usage.rows import EXPECTED, PROBLEMS
from advisor.usage.week import DAY, HOUR, Week, when

# A trend over fewer weeks says more about its noise than about a year.
GROWTH_WEEKS = 8


def confidence(week: Week, told: bool) -> str:
    """In a word: how far the log supports a plan for a year."""
    if not told:
        return "low"
    if week.hours_covered >= 4 * HOURS_OF_WEEK and week.coverage == 1 and not week.gaps:
        return "high"
    return "medium" if week.coverage == 1 else "low"


def caveats(
    found: Aggregates,
    kinds: Sequence[Format],
    week: Week,
    zone: ZoneInfo | None,
    told: bool,
    apart: Mapping[str, Apart],
) -> list[str]:
    """What a reader should know before trusting the profile."""
    said = [note for kind in kinds for note in kind.notes]
    missing = HOURS_OF_WEEK - round(week.coverage * HOURS_OF_WEEK)
    if not told:
        requests = words.counted(found.counts.sum(), "request")
        said.append(say(words.TOO_SHORT, requests=requests, span=words.span(week.hours_covered)))
    elif missing:
        said.append(say(words.UNSEEN, hours=numeral(week.hours_covered, ",.1f"), missing=missing))
    said += [_beside(kind, use) for kind, use in apart.items()]
    wanted = {PROBLEMS[code] for code in EXPECTED}
    dropped = sum(count for reason, count in found.dropped.items() if reason not in wanted)
    if dropped > (dropped + found.counts.sum()) / 100:
        said.append(say(words.MANY_DROPPED, rows=words.counted(dropped, "row")))
    if told and week.hours_covered < GROWTH_WEEKS * HOURS_OF_WEEK:
        said.append(say(words.GROWTH, weeks=GROWTH_WEEKS))
    for place, hours in week.gaps:
        start = when((found.first // HOUR + place) * HOUR, week.clock)
        said.append(say(words.GAP, days=numeral(hours / DAY, ",.0f"), start=start))
    empty = int((week.counts == 0).sum())
    if empty:
        said.append(say(words.QUIET, hours=words.counted(empty, "hour")))
    if found.zoned[0] and not found.zoned[1] and zone is None and week.clock == "utc":
        said.append(words.NO_ZONE)
    for name, part in words.TOLD.items():
        rows, of = found.totals.get(f"{name}_told", 0.0), found.totals.get(f"{name}_rows", 0.0)
        if 0 < rows < of:
            said.append(say(part, rows=numeral(rows, ",.0f"), of=numeral(of, ",.0f")))
    if found.totals.get("hits"):
        said.append(words.CACHE_HITS)
    if any(kind.spans for kind in kinds):
        said.append(words.TOTALS)
    return said + _left(found, week) if told else said


def _left(found: Aggregates, week: Week) -> list[str]:
    """What a log that tells how many requests come leaves to the scenario nonetheless."""
    shape = {"days": words.WITHIN_DAYS, "none": words.NO_WEEK}.get(week.told())
    hidden = [] if np.isfinite(found.peaks).all() else [words.NO_PEAK]
    return hidden if shape is None else [*hidden, shape]


def _beside(kind: str, use: Apart) -> str:
    calls = words.counted(use.requests, "call")
    if not use.images:
        return say(words.APART, calls=calls, kind=say(kind))
    return say(words.APART_IMAGES, calls=calls, kind=say(kind), images=numeral(use.images, ",.1f"))
