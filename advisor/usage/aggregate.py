"""The aggregates of a log: the only figures that leave the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from advisor.core.saying import say
from advisor.usage.engine import Columns, Engine
from advisor.usage.kinds import TEXT
from advisor.usage.rows import APART, FAILED, FINE, PROBLEMS, fine, problem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_MODELS = 500  # names in a log, before versions of one model are put together
_LN2 = math.log(2)
# how rows write tokens: may mark thousands by dots, surely do, have decimals
WRITTEN = ("thousands", "surely", "decimals")


@dataclass(frozen=True, slots=True, eq=False)
class Aggregates:
    """Counts by hour, by token count and by model, with what was left out.

    ``hours`` number the hours since 1970 (or since the start of a relative log) that hold
    requests, ascending; ``counts`` are their requests, ``peaks`` their busiest minute's, not a number where
    a row is a total that hides it; of several rows that span the same time, the most that it can be.
    ``widths`` are the longest spans of
    their rows [s] and ``end`` is where the last one ends. ``apart`` are calls for other than text, by kind.
    """

    hours: Ints
    counts: Floats
    peaks: Floats
    widths: Ints
    first: int
    last: int
    end: int
    input: tuple[Ints, Floats]
    output: tuple[Ints, Floats]
    joint: tuple[Ints, Ints, Floats]
    models: Columns
    tiers: dict[str, float]
    totals: dict[str, float]
    apart: Columns
    tasks: Columns
    dropped: dict[str, int]
    failed: int
    tells_failures: bool
    repeats: dict[str, tuple[int, int]]
    zoned: tuple[int, int]
    thousands: int
    surely: int
    decimals: int


def longest(found: Aggregates) -> int:
    """The longest span of a row [s]; 0 where rows are moments."""
    return int(found.widths.max(initial=0))


def hours_of(engine: Engine, rows: ibis.Table, fields: Set[str]) -> Columns:
    """Requests by hour, in order."""
    return _sorted(engine.run(by_hour(rows, "requests" in fields, bool(fields & {"end", "width"}))), "hour")


def aggregates(
    engine: Engine, rows: ibis.Table, fields: Set[str], hours: Columns, progress: Callable[[str], None]
) -> Aggregates:
    """Reduce parsed rows of logs that hold ``fields``. Raises LogError for what the files caused."""
    weighted = "requests" in fields
    progress(say("counting rows"))
    judged = engine.run(judgements(rows, "written" in fields, bool(fields & _TELLING)))
    used = {name: int(judged[name][judged["problem"] == FINE].sum()) for name in ("rows", "zoned")}
    progress(say("token counts"))
    inputs = _sorted(engine.run(histogram(rows, "input", weighted)), "value")
    outputs = _sorted(engine.run(histogram(rows, "output", weighted)), "value")
    joint = engine.run(joint_sizes(rows, weighted))
    order = np.lexsort((joint["output"], joint["input"]))
    progress(say("models and repeats"))
    named = bool(fields & {"model", "deployment"})
    kinds = bool(fields & {"call", "images", "model", "deployment"})
    models = engine.run(by_model(rows, weighted)) if named else {}
    widths = np.nan_to_num(hours["width"].astype(np.float64)).astype(np.int64)
    return Aggregates(
        hours=hours["hour"].astype(np.int64),
        counts=hours["n"].astype(np.float64),
        peaks=hours["peak"].astype(np.float64),
        widths=widths,
        first=int(hours["first"].min(initial=2**62)),
        last=int(hours["last"].max(initial=-(2**62))),
        end=int((hours["last"].astype(np.int64) + np.maximum(widths, 1)).max(initial=-(2**62))),
        input=(inputs["value"].astype(np.int64), inputs["n"].astype(np.float64)),
        output=(outputs["value"].astype(np.int64), outputs["n"].astype(np.float64)),
        joint=(joint["input"][order].astype(np.int64), joint["output"][order].astype(np.int64),
               joint["n"][order].astype(np.float64)),
        models=_in_order(models, "n"),
        tiers=_tiers(engine, rows) if "tier" in fields else {},
        totals=summed(engine.run(totals(rows, weighted))) if fields & _SUMMED else {},
        apart=_sorted(engine.run(by_kind(rows)), "kind") if kinds else {},
        tasks=_sorted(engine.run(by_task(rows)), "turns") if "trace" in fields else {},
        dropped=_dropped(judged),
        failed=int(judged["rows"][judged["problem"] == FAILED].sum()),
        tells_failures=bool(judged["told"].sum()) if "told" in judged else False,
        repeats=_repeats(engine, rows, fields),
        zoned=(used["rows"] - used["zoned"], used["zoned"]),
        **{name: int(judged[name].sum()) if name in judged else 0 for name in WRITTEN},
    )  # fmt: skip


def _sorted(found: Columns, by: str) -> Columns:
    order = np.argsort(found[by], kind="stable")
    return {name: values[order] for name, values in found.items()}


def _in_order(found: Columns, by: str) -> Columns:
    """Most first; names decide between equals, so that every engine says the same."""
    if not found:
        return {}
    names = [f"{model}\0{deployment}" for model, deployment in
             zip(found["model"], found["deployment"], strict=True)]  # fmt: skip
    order = np.lexsort((np.array(names), -found[by]))
    return {name: values[order] for name, values in found.items()}


def _dropped(judged: Columns) -> dict[str, int]:
    counts = dict(zip(judged["problem"].tolist(), judged["rows"].tolist(), strict=True))
    return {reason: int(counts[code]) for code, reason in PROBLEMS.items() if code in counts}


# The keys that tell repeats, by the field they come from.
_TOLD_BY = {
    "prompt": ("whole_key",), "blocks": ("whole_key", "near_key"), "request_id": ("id_key",),
    "response_id": ("response_key",),
}  # fmt: skip
_PARTS = {"cached", "cached_write", "cache_read", "cache_write"}
_TELLING = {"status", "error", "no_output"}  # fields that failures are told by
_SUMMED = {*_PARTS, "reasoning", "thoughts", "attempt", "cache_hit", "requests"}


def _repeats(engine: Engine, rows: ibis.Table, fields: Set[str]) -> dict[str, tuple[int, int]]:
    """Requests that repeat an earlier one, of those that could tell, by key."""
    found = {}
    for key in sorted({key for name, keys in _TOLD_BY.items() if name in fields for key in keys}):
        counts = engine.run(repeated(rows, key))
        seen = int(counts["rows"][0])
        found[key] = (seen - int(counts["kinds"][0]), seen)
    return found


def judgements(rows: ibis.Table, written: bool, telling: bool) -> ibis.Table:
    """Rows by problem, how many of them named their time zone, how text has its tokens ``written``, and
    how many say how they went, where a log is ``telling``."""
    names = ("zoned", *(WRITTEN if written else ()), *(("told",) if telling else ()))
    judged = rows.select(*names, problem=problem(rows))
    sums = {name: judged[name].cast("int64").sum() for name in names}
    return judged.group_by("problem").agg(rows=judged.count(), **sums)


def _requests(rows: ibis.Table, weighted: bool) -> Any:
    return rows.n.sum() if weighted else rows.count()


def _sent(rows: ibis.Table, name: str, weighted: bool) -> Any:
    """All tokens of a row: those of one request, or of all it stands for."""
    return ibis.coalesce(rows[f"sum_{name}"], rows[name]) if weighted else rows[name]


def by_hour(rows: ibis.Table, weighted: bool, spans: bool) -> ibis.Table:
    """Requests of each hour and of its busiest minute."""
    good = fine(rows)
    good = good.mutate(minute=good.second - good.second % 60)
    minutes = good.group_by("minute").agg(
        n=_requests(good, weighted),
        first=good.second.min(),
        last=good.second.max(),
        **(_busiest(good) if spans else {"width": ibis.null("int64")}),
    )
    minutes = minutes.mutate(hour=minutes.minute // 3600)
    return minutes.group_by("hour").agg(
        n=minutes.n.sum(),
        peak=minutes.n.max()
        if not spans
        else ibis.ifelse(minutes.hidden.sum() > 0, None, minutes.most.max()),
        first=minutes["first"].min(),
        last=minutes["last"].max(),
        width=minutes.width.max(),
    )


def _busiest(good: ibis.Table) -> dict[str, Any]:
    """Of rows that are totals: the longest span, requests of the busiest minute, rows that hide theirs."""
    most: Any = ibis.ifelse(good.width.fill_null(0) <= 60, good.n, good.busiest)
    return {"width": good.width.max(), "most": most.sum(), "hidden": most.isnull().cast("int64").sum()}


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


def by_model(rows: ibis.Table, weighted: bool) -> ibis.Table:
    """What each of the most used models did, and under which name it was called."""
    good = fine(rows)
    good = good.filter(good.model.notnull() | good.deployment.notnull())
    sums = good.group_by(
        model=good.model.fill_null("").strip(), deployment=good.deployment.fill_null("").strip()
    ).agg(
        n=good.n.sum(),
        input=_sent(good, "input", weighted).sum(),
        output=_sent(good, "output", weighted).sum(),
        cost=good.cost.sum(),
        priced=good.cost.count(),
    )
    return sums.order_by(sums.n.desc(), sums.model, sums.deployment).limit(MOST_MODELS)


def _tiers(engine: Engine, rows: ibis.Table) -> dict[str, float]:
    good = fine(rows)
    tier = good.tier.lower().strip()
    found = _sorted(engine.run(good.filter(tier.notnull(), tier != "").group_by(tier=tier).agg(
        n=good.n.sum()).order_by("tier").limit(MOST_MODELS)), "tier")  # fmt: skip
    return dict(zip(found["tier"].tolist(), found["n"].tolist(), strict=True))


def by_kind(rows: ibis.Table) -> ibis.Table:
    """Calls for other than text, with their tokens, and rows that are no calls."""
    other = rows.filter(rows.kind != TEXT, problem(rows) == APART)
    sent: Any = ibis.coalesce(other.sum_input, other.input)
    made: Any = ibis.coalesce(other.sum_output, other.output)
    return other.group_by("kind").agg(
        n=other.n.sum().fill_null(0),
        input=sent.sum().fill_null(0),
        output=made.sum().fill_null(0),
        images=other.images.sum().fill_null(0),
        audio_s=other.audio_s.sum().fill_null(0),
    )


def by_task(rows: ibis.Table) -> ibis.Table:
    """Tasks by their number of calls, with their tools, failures and growth of input.

    A task's growth is its longest input less its shortest [tokens]: a history only grows. What is kept
    is the input of the call before, where the next is no shorter [tokens].
    """
    some = rows.filter(rows.trace_key.notnull())
    what = problem(some)
    some = some.select(
        "trace_key",
        "second",
        call=(what == FINE).cast("int64"),
        tool=(some.kind == "tool").cast("int64"),
        failed=(what == FAILED).cast("int64"),
        input=ibis.ifelse(what == FINE, some.input, None),
    )
    before = some.input.lag().over(group_by="trace_key", order_by=["call", "second", "input"])
    some = some.mutate(kept=ibis.ifelse((before <= some.input) & (some.call == 1), before, None))
    tasks = some.group_by("trace_key").agg(
        turns=some.call.sum(), tools=some.tool.sum(), failed=some.failed.sum(),
        growth=some.input.max() - some.input.min(), sent=some.input.sum(), kept=some.kept.sum().fill_null(0),
    )  # fmt: skip
    tasks = tasks.filter(tasks.turns > 0)
    return tasks.group_by("turns").agg(
        tasks=tasks.count(), tools=tasks.tools.sum(), failed=tasks.failed.sum(),
        growth=tasks.growth.sum().fill_null(0), sent=tasks.sent.sum(), kept=tasks.kept.sum(),
    )  # fmt: skip


def repeated(rows: ibis.Table, key: str) -> ibis.Table:
    """Rows that hold a key and how many different ones; grouping spills to disk where a distinct
    count would not."""
    good = fine(rows)
    kinds = good.filter(good[key].notnull()).group_by(key).agg(rows=ibis._.count())
    return kinds.agg(rows=kinds.rows.sum().fill_null(0), kinds=kinds.count())


def totals(rows: ibis.Table, weighted: bool) -> ibis.Table:
    """By source: tokens in and out, those read from and written to caches, reasoning, repeats and retries
    the log itself marks, and how many rows tell each."""
    good = fine(rows)
    sent, made = (_sent(good, name, weighted) for name in ("input", "output"))
    sums = {
        "read": good.read.sum(),
        "written": good.written.sum(),
        "cached_told": (good.read.notnull() | good.written.notnull()).cast("int64").sum(),
        "written_told": good.written.count(),
        "reasoning": good.reasoning.sum(),
        "reasoning_told": good.reasoning.count(),
        "again": good.again.cast("int64").sum(),
        "again_told": good.again.count(),
        "hits": good.hit.cast("int64").sum(),
        "hit_rows": good.hit.count(),
        "input": sent.sum(),
        "output": made.sum(),
        "rows": good.count(),
        "requests": _requests(good, weighted),
    }
    return good.group_by("source").agg(
        **{name: value.fill_null(0).cast("float64") for name, value in sums.items()}
    )


def summed(by_source: Columns) -> dict[str, float]:
    """Totals of all sources. What a source counts at all is nothing in the rows that leave it out, as most
    writers leave a count of none out; a source that never counts it is no part of the whole."""
    found = {name: float(values.sum()) for name, values in by_source.items() if name != "source"}
    for told, whole, rows in (
        ("cached_told", "cacheable", "cached_rows"), ("written_told", "writable", "written_rows"),
        ("reasoning_told", "reasonable", "reasoning_rows"), ("again_told", "", "again_rows"),
    ):  # fmt: skip
        some = by_source[told] > 0
        found[rows] = float(by_source["rows"][some].sum())
        if whole:
            of = "output" if whole == "reasonable" else "input"
            found[whole] = float(by_source[of][some].sum())
    return found
