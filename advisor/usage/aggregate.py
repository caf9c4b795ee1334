"""The aggregates of a log: the only figures that leave the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from advisor.usage.engines import Columns, Engine
from advisor.usage.rows import FAILED, FINE, PROBLEMS, fine, problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_MODELS = 20
_LN2 = math.log(2)


@dataclass(frozen=True, slots=True, eq=False)
class Aggregates:
    """Counts by hour, by token count and by model, with what was left out.

    ``hours`` number the hours since 1970 (or since the start of a relative log) that hold
    requests, ascending; ``counts`` are their requests, ``peaks`` their busiest minute's.
    """

    hours: Ints
    counts: Floats
    peaks: Floats
    first: int
    last: int
    width: int
    input: tuple[Ints, Floats]
    output: tuple[Ints, Floats]
    joint: tuple[Ints, Ints, Floats]
    models: Columns
    totals: dict[str, float]
    dropped: dict[str, int]
    failed: int
    repeats: dict[str, tuple[int, int]]
    zoned: tuple[int, int]


def aggregates(
    engine: Engine, rows: ibis.Table, fields: Set[str], progress: Callable[[str], None]
) -> Aggregates:
    """Reduce parsed rows of logs that hold ``fields``. Raises LogError for what the files caused."""
    weighted = "requests" in fields
    progress("counting rows")
    judged = engine.run(judgements(rows))
    used = {name: int(judged[name][judged["problem"] == FINE].sum()) for name in ("rows", "zoned")}
    progress("hours and minutes")
    hours = _sorted(engine.run(by_hour(rows, weighted, "end" in fields)), "hour")
    progress("token counts")
    inputs = _sorted(engine.run(histogram(rows, "input", weighted)), "value")
    outputs = _sorted(engine.run(histogram(rows, "output", weighted)), "value")
    joint = engine.run(joint_sizes(rows, weighted))
    order = np.lexsort((joint["output"], joint["input"]))
    progress("models and repeats")
    return Aggregates(
        hours=hours["hour"].astype(np.int64),
        counts=hours["n"].astype(np.float64),
        peaks=hours["peak"].astype(np.float64),
        first=int(hours["first"].min(initial=2**62)),
        last=int(hours["last"].max(initial=-(2**62))),
        width=int(np.nan_to_num(hours["width"].astype(np.float64)).max(initial=0)),
        input=(inputs["value"].astype(np.int64), inputs["n"].astype(np.float64)),
        output=(outputs["value"].astype(np.int64), outputs["n"].astype(np.float64)),
        joint=(joint["input"][order].astype(np.int64), joint["output"][order].astype(np.int64),
               joint["n"][order].astype(np.float64)),
        models=_sorted(engine.run(by_model(rows)), "model") if "model" in fields else {},
        totals=_totals(engine, rows, fields),
        dropped=_dropped(judged),
        failed=int(judged["rows"][judged["problem"] == FAILED].sum()),
        repeats=_repeats(engine, rows, fields),
        zoned=(used["rows"] - used["zoned"], used["zoned"]),
    )  # fmt: skip


def _sorted(found: Columns, by: str) -> Columns:
    order = np.argsort(found[by], kind="stable")
    return {name: values[order] for name, values in found.items()}


def _dropped(judged: Columns) -> dict[str, int]:
    counts = dict(zip(judged["problem"].tolist(), judged["rows"].tolist(), strict=True))
    return {reason: int(counts[code]) for code, reason in PROBLEMS.items() if code in counts}


def _totals(engine: Engine, rows: ibis.Table, fields: Set[str]) -> dict[str, float]:
    if not fields & {"cached", "attempt", "cache_hit"}:
        return {}
    return {name: float(value[0]) for name, value in engine.run(totals(rows)).items()}


# The keys that tell repeats, by the field they come from.
_TOLD_BY = {"prompt": ("whole_key",), "blocks": ("whole_key", "near_key"), "request_id": ("id_key",)}


def _repeats(engine: Engine, rows: ibis.Table, fields: Set[str]) -> dict[str, tuple[int, int]]:
    """Requests that repeat an earlier one, of those that could tell, by key."""
    found = {}
    for key in sorted({key for name, keys in _TOLD_BY.items() if name in fields for key in keys}):
        counts = engine.run(repeated(rows, key))
        seen = int(counts["rows"][0])
        found[key] = (seen - int(counts["kinds"][0]), seen)
    return found


def judgements(rows: ibis.Table) -> ibis.Table:
    """Rows by problem, and how many of them named their time zone."""
    judged = rows.select("zoned", problem=problem(rows))
    return judged.group_by("problem").agg(rows=judged.count(), zoned=judged.zoned.cast("int64").sum())


def _requests(rows: ibis.Table, weighted: bool) -> Any:
    return rows.n.sum() if weighted else rows.count()


def by_hour(rows: ibis.Table, weighted: bool, spans: bool) -> ibis.Table:
    """Requests of each hour and of its busiest minute."""
    good = fine(rows)
    good = good.mutate(minute=good.second - good.second % 60)
    minutes = good.group_by("minute").agg(
        n=_requests(good, weighted),
        first=good.second.min(),
        last=good.second.max(),
        width=good.width.max() if spans else ibis.null("int64"),
    )
    minutes = minutes.mutate(hour=minutes.minute // 3600)
    return minutes.group_by("hour").agg(
        n=minutes.n.sum(),
        peak=minutes.n.max(),
        first=minutes["first"].min(),
        last=minutes["last"].max(),
        width=minutes.width.max(),
    )


def histogram(rows: ibis.Table, name: str, weighted: bool) -> ibis.Table:
    """Requests by exact token count, from which every quantile follows."""
    good = fine(rows)
    return good.group_by(value=good[name]).agg(n=_requests(good, weighted))


def joint_sizes(rows: ibis.Table, weighted: bool) -> ibis.Table:
    """Requests by the binary magnitude of input and output: 0, 1, 2-3, 4-7, 8-15, ..."""
    good = fine(rows)
    # by the natural logarithm, the cheapest; 2 x + 1 is never close enough to a power of 2 to be misplaced
    bins = {name: ((good[name] * 2 + 1).ln() / _LN2).floor().cast("int64") for name in ("input", "output")}
    return good.group_by(**bins).agg(n=_requests(good, weighted))


def by_model(rows: ibis.Table) -> ibis.Table:
    """What each of the most used models did."""
    good = fine(rows)
    good = good.filter(good.model.notnull())
    sums = good.group_by("model").agg(
        n=good.n.sum(),
        input=(good.input * good.n).sum(),
        output=(good.output * good.n).sum(),
        cost=good.cost.sum(),
        priced=good.cost.count(),
    )
    return sums.order_by(sums.n.desc(), sums.model).limit(MOST_MODELS)


def repeated(rows: ibis.Table, key: str) -> ibis.Table:
    """Rows that hold a key and how many different ones; grouping spills to disk where a distinct
    count would not."""
    good = fine(rows)
    kinds = good.filter(good[key].notnull()).group_by(key).agg(rows=ibis._.count())
    return kinds.agg(rows=kinds.rows.sum().fill_null(0), kinds=kinds.count())


def totals(rows: ibis.Table) -> ibis.Table:
    """Cached tokens and the input they were part of; repeats and retries the log itself marks."""
    good = fine(rows)
    known = good.cached.notnull()
    sums = {
        "cached": (good.cached * good.n).sum(),
        "cacheable": (good.input * good.n).sum(where=known),
        "cached_rows": known.cast("int64").sum(),
        "again": good.again.cast("int64").sum(),
        "again_rows": good.again.count(),
        "hits": good.hit.cast("int64").sum(),
        "hit_rows": good.hit.count(),
    }
    return good.agg(**{name: value.fill_null(0) for name, value in sums.items()})
