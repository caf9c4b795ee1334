"""From the columns of a log to canonical rows: numbers only, each judged.

Every expression here and in ``aggregate`` runs unchanged on DuckDB and on Spark. The canonical
row is described in ``formats``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import ibis

from advisor.core.saying import say
from advisor.usage.formats import Clock, Format, Path, Place
from advisor.usage.kinds import NO_CALLS, TEXT, kind
from advisor.usage.layouts import Layout
from advisor.usage.times import Dates, seconds
from advisor.usage.values import (
    DECIMALS,
    ROUND,
    THOUSANDS,
    count,
    given,
    inside,
    is_text,
    number,
    whole,
    written,
)

# Why a row is not among the requests, in the order of asking; a row's problem is the first that holds.
FINE, FAILED, APART = 0, 1, 2
PROBLEMS = {
    3: say("empty row"),
    4: say("continuation of a split entry"),
    5: say("no time"),
    6: say("time not understood"),
    7: say("time out of range"),
    8: say("no token counts"),
    9: say("token counts that are not numbers"),
    10: say("negative tokens"),
    11: say("tokens beyond any context window"),
    12: say("more cached tokens than input"),
    13: say("no number of requests"),
    14: say("time far from the rest of the log"),
    15: say("lines that are not JSON, or hold nothing of a log"),
}
(_BLANK, _CONTINUED, _NO_TIME, _BAD_TIME, _FAR_TIME, _NO_TOKENS, _BAD_TOKENS, _NEGATIVE, _HUGE, _OVER,
 _NO_NUMBER, STRAY, UNREAD) = PROBLEMS  # fmt: skip

BLANK = _BLANK
EXPECTED = (_BLANK, _CONTINUED)  # nothing is wrong with a log that has these

FAILURES = "err|fail|timeout|exception|denied|reject|throttl|cancel"  # words that a failed row's status has

KEYED = ("prompt", "blocks")  # what near repeats are told by

# Technical bounds, far outside what any log holds.
EARLIEST, LATEST = "1990-01-01", "2100-01-01"
MAX_TOKENS = 100_000_000
_VALUES = ("stringValue", "intValue", "doubleValue")  # of an OTLP attribute


@dataclass(frozen=True, slots=True)
class Told:
    """What a log's own counts and dates settle.

    Providers whose cached tokens, and whose reasoning, stand beside their totals; and whether the
    day or the month comes first in dates with slashes.
    """

    cache_beside: frozenset[str] = frozenset()
    reasoning_beside: frozenset[str] = frozenset()
    dates: Dates = ""


def tree_of(layout: Layout) -> dict[str, Any]:
    """The columns a JSON log must be read with, as a tree of structs, arrays and leaves."""
    nest = layout.recognised.format.nest
    tree: dict[str, Any] = {}
    levels: dict[str, dict[str, Any]] = {}
    level = tree
    for name in nest:
        levels[name] = {}
        level[name] = [levels[name]]
        level = levels[name]
    for name, places in layout.recognised.columns.items():
        for path in (place.path for place in places):
            level, parts = (levels[path[0]], path[1:]) if nest else (tree, path)
            if nest and parts[0] == "attributes":
                level["attributes"] = [{"key": "text", "value": dict.fromkeys(_VALUES, "text")}]
                continue
            for part in parts[:-1]:
                inner = level.setdefault(part, {})
                level = inner if isinstance(inner, dict) else {}  # read whole already, as text
            level.setdefault(parts[-1], ["integer"] if name == "blocks" else "text")
    return {layout.under: [tree]} if layout.under else tree


def paths_of(schema: ibis.Schema) -> Iterator[Path]:
    """Paths of a table's columns, into structs."""

    def walk(name: Path, held: Any) -> Iterator[Path]:
        yield name
        if held.is_struct():
            for part, inner in held.items():
                yield from walk((*name, part), inner)

    for column, held in schema.items():
        yield from walk((column,), held)


def raw_columns(table: ibis.Table, layout: Layout, kept: tuple[str, ...] = ()) -> ibis.Table:
    """Only the columns that mean something, under the names of their fields, and those ``kept``."""
    nest, columns = layout.recognised.format.nest, layout.recognised.columns
    if nest and layout.kind in ("json", "jsonl"):
        table = table.select(**{nest[0]: table[nest[0]].unnest()})
        needed = {place.path[0] for places in columns.values() for place in places}
        for outer, inner in pairwise(nest):
            outers = {name: table[name] for name in table.columns if name in needed}
            table = table.select(**outers, **{inner: table[outer][inner].unnest()})
    if layout.under and layout.kind in ("json", "jsonl"):
        table = table.select(row=table[layout.under].unnest()).unpack("row")
    fields = {name: _field(table, places, bool(nest)) for name, places in columns.items()}
    return table.select(**fields, **{name: table[name] for name in kept})


def _field(table: ibis.Table, places: tuple[Place, ...], nested: bool) -> Any:
    """The first of several columns that a row fills."""
    values = [_at(table, place, nested) for place in places]
    if len(values) == 1:
        return values[0]
    if all(value.type() == values[0].type() for value in values) and not is_text(values[0].type()):
        return ibis.coalesce(*values)
    return ibis.coalesce(*(value.cast("string").strip().nullif("") for value in values))


def _at(table: ibis.Table, place: Place, nested: bool) -> Any:
    path = place.path
    value: Any = table[path[0]]
    if nested and path[1] == "attributes":
        chosen = value.attributes.filter(lambda one: one["key"] == path[2])
        # an array's greatest element, because an empty one has no first on Spark
        return chosen.map(lambda one: ibis.coalesce(*(one["value"][kind] for kind in _VALUES))).maxs()
    for part in path[1:]:
        value = value[part]
    if place.keys:
        return inside(value, place.keys) if is_text(value.type()) else ibis.null("string")
    return value


def parsed(raw: ibis.Table, layout: Layout, told: Told, kept: tuple[str, ...] = ()) -> ibis.Table:
    """Canonical rows, alike for every format.

    The prompts and block hashes that digests come from stand last, as ``KEYED``, for those who
    need them, then the columns ``kept``.
    """
    format_ = layout.recognised.format
    has = set(raw.columns)
    second, zoned = seconds(raw.timestamp, format_.unit, told.dates)
    n: Any = ibis.literal(1.0)
    counts = _counts(raw, has, told)
    if "requests" in has:
        n = number(raw.requests).cast("float64")
        n = ibis.ifelse(n > 0, n, None)
        sums = {f"sum_{name}": counts[name].cast("float64") for name in ("input", "output")}
        counts |= {name: counts[name] / n for name in ("input", "output")} | sums
    images = number(raw.images).cast("float64") if "images" in has else None
    marks: dict[str, Any] = {name: ibis.null(kind) for name, kind in _ABSENT.items()}
    if "width" in has:
        marks["width"] = raw.width.cast("int64")
    if "end" in has:
        marks["width"] = seconds(raw.end, format_.unit, told.dates)[0] - second
    if "busiest" in has:
        marks["busiest"] = number(raw.busiest).cast("float64")
    if "attempt" in has:
        marks["again"] = number(raw.attempt) > 0
    if "cache_hit" in has:
        said = raw.cache_hit.cast("string").lower()
        marks["hit"] = ibis.cases((said == "true", True), (said == "false", False))
    marks |= {name: raw[name].cast("string") for name in ("model", "deployment", "tier") if name in has}
    if format_.tier:
        marks["tier"] = ibis.literal(format_.tier)
    if "cost" in has:
        marks["cost"] = number(raw.cost).cast("float64")
    if images is not None:
        marks["images"] = images
    if "audio_s" in has:
        marks["audio_s"] = number(raw.audio_s).cast("float64")
    row_kind = kind(raw, images)
    return raw.select(
        second=second,
        in_range=_in_range(raw.timestamp, second, format_.clock),
        **(marks | {name: whole(counts.pop(name)) for name in ("input", "output")} | counts),
        n=n,
        kind=row_kind,
        zoned=zoned,
        timed=given(raw.timestamp),
        sized_in=given(raw.input),
        sized_out=given(raw.output),
        counted=n.notnull(),
        thousands=_written(raw, THOUSANDS, ROUND),
        surely=_written(raw, THOUSANDS),
        decimals=_written(raw, DECIMALS),
        continued=(number(raw.sequence) > 0).fill_null(False) if "sequence" in has else ibis.literal(False),
        failed=_failed(raw, has, format_),
        told=_told_failure(raw, has, format_),
        **_keys(raw, has),
        **{name: raw[name] for name in KEYED if name in has},
        **{name: raw[name] for name in kept},
    )


_ABSENT = {
    "width": "int64", "again": "boolean", "hit": "boolean", "model": "string", "deployment": "string",
    "tier": "string", "cost": "float64", "images": "float64", "audio_s": "float64", "sum_input": "float64",
    "sum_output": "float64", "busiest": "float64",
}  # fmt: skip
_PARTS = ("read", "written", "reasoning")
_KEY_NAMES = ("whole_key", "near_key", "id_key", "response_key", "trace_key")


def _written(raw: ibis.Table, *styles: int) -> Any:
    """Whether a row writes its tokens in one of these ways."""
    if not any(is_text(raw[name].type()) for name in ("input", "output")):
        return ibis.literal(False)
    return (written(raw.input).isin(styles) | written(raw.output).isin(styles)).fill_null(False)


def stated(raw: ibis.Table, *names: str) -> Any | None:
    """The sum of the counts that a log has, nulls among others as nothing; None where it has none."""
    there = [count(raw[name]) for name in names if name in raw.columns]
    if not there:
        return None
    if len(there) == 1:
        return there[0]
    known = ibis.coalesce(*there).notnull()
    total = sum(value.fill_null(0) for value in there[1:]) + there[0].fill_null(0)
    return ibis.ifelse(known, total, None)


def by_provider(raw: ibis.Table) -> Any:
    """The provider of each row in lower case; empty where the log names none."""
    if "provider" not in raw.columns:
        return ibis.literal("")
    return raw.provider.cast("string").lower().fill_null("")


def _counts(raw: ibis.Table, has: set[str], told: Told) -> dict[str, Any]:
    """All input and output with their parts, whichever of them the log counts within its totals."""
    inputs, outputs = count(raw.input), count(raw.output)
    found: dict[str, Any] = {
        "read": ibis.null("float64"), "written": ibis.null("float64"), "reasoning": ibis.null("float64"),
        "over": ibis.literal(False),
    }  # fmt: skip
    within = stated(raw, "cached", "cached_write")
    beside = stated(raw, "cache_read", "cache_write", "input_more")
    for name, parts in {"read": ("cached", "cache_read"), "written": ("cached_write", "cache_write")}.items():
        value = stated(raw, *parts)
        if value is not None:
            found[name] = value.cast("float64")
    if within is not None:
        added: Any = ibis.literal(False)
        if told.cache_beside:
            added = by_provider(raw).isin(sorted(told.cache_beside))
        found["over"] = ((within > inputs) & ~added).fill_null(False)
        if told.cache_beside:
            inputs = inputs + ibis.ifelse(added, within.fill_null(0), 0)
    if beside is not None:
        inputs = inputs + beside.fill_null(0)
    thoughts, reasoned = stated(raw, "thoughts"), stated(raw, "reasoning")
    if reasoned is not None and told.reasoning_beside:
        added = by_provider(raw).isin(sorted(told.reasoning_beside))
        outputs = outputs + ibis.ifelse(added, reasoned.fill_null(0), 0)
    if thoughts is not None:
        outputs = outputs + thoughts.fill_null(0)
    value = stated(raw, "reasoning", "thoughts")
    if value is not None:
        found["reasoning"] = value.cast("float64")
    return {"input": inputs, "output": outputs, **found}


def _in_range(stamp: Any, second: Any, clock: Clock) -> Any:
    if clock != "utc":
        return second >= 0
    if stamp.type().is_timestamp() and stamp.type().timezone is None:
        # compared as it stands, so that engines can skip by a column's statistics
        return stamp.between(ibis.timestamp(EARLIEST), ibis.timestamp(LATEST))
    return second.between(_epoch(EARLIEST), _epoch(LATEST))


def _epoch(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def fine(rows: ibis.Table) -> ibis.Table:
    """Rows that are requests for text, without a problem, as conditions that engines push into the scan."""
    return rows.filter(
        rows.in_range,
        ~rows.failed,
        ~(rows.continued & (rows.input == 0)),
        rows.input.between(0, MAX_TOKENS),
        rows.output.between(0, MAX_TOKENS),
        rows.kind == TEXT,
        ~rows.over,
    )


def problem(rows: ibis.Table) -> Any:
    """Why a row is not used: a key of ``PROBLEMS``, ``FAILED``, ``APART`` or ``FINE``."""
    return ibis.cases(
        (~rows.timed & ~rows.sized_in & ~rows.sized_out, _BLANK),
        (rows.continued & ~(rows.input > 0).fill_null(False), _CONTINUED),
        (rows.kind.isin(NO_CALLS), APART),
        (~rows.timed, _NO_TIME),
        (rows.second.isnull(), _BAD_TIME),
        (~rows.in_range, _FAR_TIME),
        (rows.failed, FAILED),
        (rows.kind != TEXT, APART),
        (~rows.sized_in | ~rows.sized_out, _NO_TOKENS),
        (~rows.counted, _NO_NUMBER),
        (rows.input.isnull() | rows.output.isnull(), _BAD_TOKENS),
        ((rows.input < 0) | (rows.output < 0), _NEGATIVE),
        ((rows.input > MAX_TOKENS) | (rows.output > MAX_TOKENS), _HUGE),
        (rows.over, _OVER),
        else_=FINE,
    ).cast("int8")


def _keys(raw: ibis.Table, has: set[str]) -> dict[str, Any]:
    keys: dict[str, Any] = dict.fromkeys(_KEY_NAMES, ibis.null("string"))
    if "prompt" in has:
        keys["whole_key"] = ibis.ifelse(_says(raw.prompt), _digest(raw.prompt), None)
    if "blocks" in has:
        # a block's hash stands for itself and all before it, so the hash at nine tenths of a
        # request names everything up to there
        length = raw.blocks.length()
        places = {"whole_key": length - 1, "near_key": (length * 9 + 9) // 10 - 1}
        for name, at in places.items():
            keys[name] = ibis.ifelse(length > 0, raw.blocks[at.cast("int32")].cast("string"), None)
    for field, name in {"request_id": "id_key", "response_id": "response_key", "trace": "trace_key"}.items():
        if field in has:
            keys[name] = _digest(raw[field])
    return keys


def _says(prompt: Any) -> Any:
    """Whether a prompt was logged: gateways write an empty list or object where it was not."""
    if not is_text(prompt.type()):
        return given(prompt)
    return ~prompt.cast("string").strip().lower().isin(["", "{}", "[]", '""', "null", "none"]).fill_null(True)


def _digest(value: Any) -> Any:
    return ibis.ifelse(given(value), value.cast("string").strip().hexdigest("md5"), None)


def _told_failure(raw: ibis.Table, has: set[str], format_: Format) -> Any:
    """Whether a row says how it went: a log that never does tells no failures, nor that there were none."""
    told: Any = ibis.literal(format_.no_output_failed)
    for name in ("status", "error"):
        if name in has:
            told = told | given(raw[name])
    return told


def _failed(raw: ibis.Table, has: set[str], format_: Format) -> Any:
    failed: Any = ibis.literal(False)
    if "status" in has:
        text = raw.status.cast("string").lower()
        code = text.try_cast("float64")
        bad = text.re_search(f"{FAILURES}|^false$")
        failed = failed | bad | (code >= 400) | (text == format_.failed_status)
    if "error" in has:
        failed = failed | (given(raw.error) & (raw.error.cast("string").strip().lower() != "null"))
    if format_.no_output_failed:
        failed = failed | (number(raw.output) == 0)
    return failed.fill_null(False)
