"""From the columns of a log to canonical rows: numbers only, each judged.

Every expression here and in ``aggregate`` runs unchanged on DuckDB and on Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
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

# The keys that tell repeats, by the column they come from.
TOLD_BY = {"prompt": ("whole_key",), "blocks": ("whole_key", "near_key"), "request_id": ("id_key",)}
KEYED = ("prompt", "blocks")  # what near repeats are told by

# Technical bounds, far outside what any log holds.
EARLIEST, LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100 [s since 1970]
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
    width: Any = ibis.literal(0)
    if "end" in has:
        width = (seconds(raw.end, format_.unit)[0] - second).fill_null(0)
    none = {name: ibis.null(kind) for name, kind in _ABSENT.items()}
    marks: dict[str, Any] = {}
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
        **tokens,
        n=n,
        width=width.cast("int64"),
        zoned=zoned,
        timed=given(raw.timestamp),
        sized_in=given(raw.input),
        sized_out=given(raw.output),
        continued=(number(raw.sequence) > 0).fill_null(False) if "sequence" in has else ibis.literal(False),
        failed=_failed(raw, has, tokens["output"], format_).fill_null(False),
        **(none | marks | _keys(raw, has)),
        **{name: raw[name] for name in KEYED if name in has},
    )


_ABSENT = {
    "cached": "float64", "again": "boolean", "hit": "boolean", "model": "string", "cost": "float64",
    "whole_key": "string", "near_key": "string", "id_key": "string",
}  # fmt: skip
_JUDGED_BY = ("timed", "sized_in", "sized_out", "continued", "failed")


def judged(rows: ibis.Table, clock: Clock) -> ibis.Table:
    """Parsed rows with their ``problem``, tokens as whole numbers; what it was told by is gone."""
    tokens = {"input": rows.input, "output": rows.output}
    absent = ~rows.sized_in | ~rows.sized_out
    problem = ibis.cases(
        (~rows.timed & ~rows.sized_in & ~rows.sized_out, _BLANK),
        (rows.continued & ~(rows.input > 0).fill_null(False), _CONTINUED),
        (~rows.timed, _NO_TIME),
        (rows.second.isnull(), _BAD_TIME),
        *(() if clock != "utc" else ((~rows.second.between(EARLIEST, LATEST), _FAR_TIME),)),
        (rows.failed, FAILED),
        (absent, _NO_TOKENS),
        (rows.input.isnull() | rows.output.isnull(), _BAD_TOKENS),
        ((rows.input < 0) | (rows.output < 0), _NEGATIVE),
        ((rows.input > MAX_TOKENS) | (rows.output > MAX_TOKENS), _HUGE),
        else_=FINE,
    )
    named = rows.mutate(
        problem=problem.cast("int8"), **{name: whole(value) for name, value in tokens.items()}
    )
    return named.drop(*_JUDGED_BY)


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
    return failed
