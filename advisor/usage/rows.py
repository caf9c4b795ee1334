"""From the columns of a log to canonical rows: numbers only, each judged.

Every expression here and in ``aggregate`` runs unchanged on DuckDB and on Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import ibis

from advisor.usage.formats import Clock, Format, Path
from advisor.usage.logs import Layout
from advisor.usage.values import given, number, seconds, whole

# Why a row is dropped, in the order of asking; a row's problem is the first that holds.
FINE, FAILED = 0, 1
PROBLEMS = {
    2: "empty row",
    3: "continuation of a split entry",
    4: "no time",
    5: "time not understood",
    6: "time out of range",
    7: "no token counts",
    8: "token counts that are not numbers",
    9: "negative tokens",
    10: "tokens beyond any context window",
}
_BLANK, _CONTINUED, _NO_TIME, _BAD_TIME, _FAR_TIME, _NO_TOKENS, _BAD_TOKENS, _NEGATIVE, _HUGE = PROBLEMS

KEYED = ("prompt", "blocks")  # what near repeats are told by

# Technical bounds, far outside what any log holds.
EARLIEST, LATEST = "1990-01-01", "2100-01-01"
MAX_TOKENS = 100_000_000
_VALUES = ("stringValue", "intValue", "doubleValue")  # of an OTLP attribute


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
    for name, path in layout.recognised.columns.items():
        level, parts = (levels[path[0]], path[1:]) if nest else (tree, path)
        if nest and parts[0] == "attributes":
            level["attributes"] = [{"key": "text", "value": dict.fromkeys(_VALUES, "text")}]
            continue
        for part in parts[:-1]:
            level = level.setdefault(part, {})
        level.setdefault(parts[-1], ["integer"] if name == "blocks" else "text")
    return tree


def paths_of(schema: ibis.Schema) -> Iterator[Path]:
    """Paths of a table's columns, into structs."""

    def walk(name: Path, kind: Any) -> Iterator[Path]:
        yield name
        if kind.is_struct():
            for part, inner in kind.items():
                yield from walk((*name, part), inner)

    for column, kind in schema.items():
        yield from walk((column,), kind)


def raw_columns(table: ibis.Table, layout: Layout) -> ibis.Table:
    """Only the columns that mean something, under canonical names."""
    nest, columns = layout.recognised.format.nest, layout.recognised.columns
    if nest and layout.kind in ("json", "jsonl"):
        table = table.select(**{nest[0]: table[nest[0]].unnest()})
        for outer, inner in pairwise(nest):
            kept = {outer: table[outer]} if any(path[0] == outer for path in columns.values()) else {}
            table = table.select(**kept, **{inner: table[outer][inner].unnest()})
    return table.select(**{name: _at(table, path, bool(nest)) for name, path in columns.items()})


def _at(table: ibis.Table, path: Path, nested: bool) -> Any:
    value: Any = table[path[0]]
    if nested and path[1] == "attributes":
        chosen = value.attributes.filter(lambda one: one["key"] == path[2])
        # an array's greatest element, because an empty one has no first on Spark
        return chosen.map(lambda one: ibis.coalesce(*(one["value"][kind] for kind in _VALUES))).maxs()
    for part in path[1:]:
        value = value[part]
    return value


def parsed(raw: ibis.Table, layout: Layout) -> ibis.Table:
    """Rows of numbers and digests, alike for every format.

    ``second`` counts from 1970 in UTC, or from the start of a relative log; ``n`` is the
    requests a row stands for; ``whole_key``, ``near_key`` and ``id_key`` are the same for
    requests that repeat one another wholly, nearly, or by their identifier. The prompts and
    block hashes they come from stand last, as ``KEYED``, for those who need them.
    """
    format_ = layout.recognised.format
    has = set(raw.columns)
    second, zoned = seconds(raw.timestamp, format_.unit)
    n: Any = ibis.literal(1.0)
    tokens = {name: number(raw[name]) for name in ("input", "output")}
    if "requests" in has:
        n = number(raw.requests).cast("float64")
        n = ibis.ifelse(n > 0, n, None)
        tokens = {name: value / n for name, value in tokens.items()}
    marks: dict[str, Any] = {name: ibis.null(kind) for name, kind in _ABSENT.items()}
    if "end" in has:
        marks["width"] = seconds(raw.end, format_.unit)[0] - second
    if "cached" in has:
        marks["cached"] = number(raw.cached) / n
    if "attempt" in has:
        marks["again"] = (number(raw.attempt) > 0).fill_null(False)
    if "cache_hit" in has:
        said = raw.cache_hit.cast("string").lower()
        marks["hit"] = ibis.cases((said == "true", True), (said == "false", False))
    if "model" in has:
        marks["model"] = raw.model.cast("string")
    if "cost" in has:
        marks["cost"] = number(raw.cost).cast("float64")
    return raw.select(
        second=second,
        in_range=_in_range(raw.timestamp, second, format_.clock),
        **{name: whole(value) for name, value in tokens.items()},
        n=n,
        zoned=zoned,
        timed=given(raw.timestamp),
        sized_in=given(raw.input),
        sized_out=given(raw.output),
        continued=(number(raw.sequence) > 0).fill_null(False) if "sequence" in has else ibis.literal(False),
        failed=_failed(raw, has, tokens["output"], format_),
        **(marks | _keys(raw, has)),
        **{name: raw[name] for name in KEYED if name in has},
    )


_ABSENT = {
    "width": "int64", "cached": "float64", "again": "boolean", "hit": "boolean", "model": "string",
    "cost": "float64", "whole_key": "string", "near_key": "string", "id_key": "string",
}  # fmt: skip


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
    """Rows without a problem, as conditions that engines push into the scan."""
    return rows.filter(
        rows.in_range,
        ~rows.failed,
        ~(rows.continued & (rows.input == 0)),
        rows.input.between(0, MAX_TOKENS),
        rows.output.between(0, MAX_TOKENS),
    )


def problem(rows: ibis.Table) -> Any:
    """Why a row is not used: a key of ``PROBLEMS``, ``FAILED`` or ``FINE``."""
    return ibis.cases(
        (~rows.timed & ~rows.sized_in & ~rows.sized_out, _BLANK),
        (rows.continued & ~(rows.input > 0).fill_null(False), _CONTINUED),
        (~rows.timed, _NO_TIME),
        (rows.second.isnull(), _BAD_TIME),
        (~rows.in_range, _FAR_TIME),
        (rows.failed, FAILED),
        (~rows.sized_in | ~rows.sized_out, _NO_TOKENS),
        (rows.input.isnull() | rows.output.isnull(), _BAD_TOKENS),
        ((rows.input < 0) | (rows.output < 0), _NEGATIVE),
        ((rows.input > MAX_TOKENS) | (rows.output > MAX_TOKENS), _HUGE),
        else_=FINE,
    ).cast("int8")


def _keys(raw: ibis.Table, has: set[str]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if "prompt" in has:
        keys["whole_key"] = _digest(raw.prompt)
    if "blocks" in has:
        # a block's hash stands for itself and all before it, so the hash at nine tenths of a
        # request names everything up to there
        length = raw.blocks.length()
        places = {"whole_key": length - 1, "near_key": (length * 9 + 9) // 10 - 1}
        for name, at in places.items():
            keys[name] = ibis.ifelse(length > 0, raw.blocks[at.cast("int32")].cast("string"), None)
    if "request_id" in has:
        keys["id_key"] = _digest(raw.request_id)
    return keys


def _digest(value: Any) -> Any:
    return ibis.ifelse(given(value), value.cast("string").strip().hexdigest("md5"), None)


def _failed(raw: ibis.Table, has: set[str], output: Any, format_: Format) -> Any:
    failed: Any = ibis.literal(False)
    if "status" in has:
        text = raw.status.cast("string").lower()
        code = text.try_cast("float64")
        bad = text.re_search("err|fail|timeout|exception|denied|reject|throttl")
        failed = failed | bad | (code >= 400) | (text == format_.failed_status)
    if "error" in has:
        failed = failed | given(raw.error)
    if format_.no_output_failed:
        failed = failed | (output == 0)
    return failed.fill_null(False)
