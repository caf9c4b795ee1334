"""From the columns of a log to canonical rows: numbers only, each judged.

Every expression here and in ``aggregate`` runs unchanged on DuckDB and on Spark.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import ibis

from advisor.usage.engines import is_text
from advisor.usage.formats import Format, Path
from advisor.usage.logs import Layout

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

_INT64_BYTES = 8
# The keys that tell repeats, by the column they come from.
TOLD_BY = {"prompt": ("whole_key",), "blocks": ("whole_key", "near_key"), "request_id": ("id_key",)}
KEYED = ("prompt", "blocks")  # what near repeats are told by

# Technical bounds, far outside what any log holds.
EARLIEST, LATEST = 631_152_000, 4_102_444_800  # 1990 and 2100 [s since 1970]
MAX_TOKENS = 100_000_000
# Numbers above these are epoch milliseconds, microseconds, nanoseconds rather than seconds.
_MS, _US, _NS = 1e11, 1e14, 1e17

_VALUES = ("stringValue", "intValue", "doubleValue")  # of an OTLP attribute

_ISO = r"^(\d{4}-\d{2}-\d{2}(?:[T ][0-9:.]+)?) ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$"
_SIGNED = r":\d{2}(?:\.\d+)? ?([+-])(\d{2}):?(\d{2})?$"
_ZONED = r":\d{2}(?:\.\d+)? ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$"
_US_TIME = r"^(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)? ?([AaPp])[Mm]$"


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


def canonical(raw: ibis.Table, layout: Layout) -> ibis.Table:
    """Rows of numbers and digests, alike for every format.

    ``second`` counts from 1970 in UTC, or from the start of a relative log; ``n`` is the
    requests a row stands for; ``whole_key``, ``near_key`` and ``id_key`` are the same for
    requests that repeat one another wholly, nearly, or by their identifier. The prompts and
    block hashes they come from are not among the columns, unless ``KEYED`` asks for them.
    """
    format_ = layout.recognised.format
    has = set(raw.columns)
    stamp = raw.timestamp
    second, zoned = _seconds(stamp, format_.unit)
    n = _number(raw.requests) if "requests" in has else ibis.literal(1.0)
    tokens = {name: _number(raw[name]) / n if "requests" in has else _number(raw[name])
              for name in ("input", "output")}  # fmt: skip
    failed = _failed(raw, has, tokens["output"], format_)
    again: Any = ibis.null("boolean")
    if "attempt" in has:
        again = (_number(raw.attempt) > 0).fill_null(False)
    hit: Any = ibis.null("boolean")
    if "cache_hit" in has:
        said = raw.cache_hit.cast("string").lower()
        hit = ibis.cases((said == "true", True), (said == "false", False))
    width = ibis.literal(0)
    if "end" in has:
        width = (_seconds(raw.end, format_.unit)[0] - second).fill_null(0)
    continued: Any = (_number(raw.sequence) > 0) if "sequence" in has else ibis.literal(False)
    texts = is_text(raw.input.type()) or is_text(raw.output.type())
    given = {name: _given(raw[name]) for name in ("timestamp", "input", "output")}
    some_tokens = given["input"] & given["output"]
    numbers = tokens["input"].notnull() & tokens["output"].notnull()
    problem = ibis.cases(
        (~given["timestamp"] & ~given["input"] & ~given["output"], _BLANK),
        (continued.fill_null(False) & ~(tokens["input"] > 0).fill_null(False), _CONTINUED),
        (~given["timestamp"], _NO_TIME),
        (second.isnull(), _BAD_TIME),
        *(() if format_.clock != "utc" else ((~second.between(EARLIEST, LATEST), _FAR_TIME),)),
        (failed.fill_null(False), FAILED),
        (~some_tokens, _NO_TOKENS),
        *(((~numbers, _BAD_TOKENS),) if texts or "requests" in has else ()),
        ((tokens["input"] < 0) | (tokens["output"] < 0), _NEGATIVE),
        ((tokens["input"] > MAX_TOKENS) | (tokens["output"] > MAX_TOKENS), _HUGE),
        else_=FINE,
    )
    return raw.select(
        second=second,
        input=_whole(tokens["input"]),
        output=_whole(tokens["output"]),
        cached=_number(raw.cached) / n if "cached" in has else ibis.null("float64"),
        again=again,
        hit=hit,
        model=raw.model.cast("string") if "model" in has else ibis.null("string"),
        n=n,
        cost=_number(raw.cost) if "cost" in has else ibis.null("float64"),
        width=width.cast("int64"),
        zoned=zoned,
        problem=problem.cast("int8"),
        **_keys(raw, has),
        **{name: raw[name] for name in KEYED if name in has},
    )


def _keys(raw: ibis.Table, has: set[str]) -> dict[str, Any]:
    keys: dict[str, Any] = dict.fromkeys(("whole_key", "near_key", "id_key"), ibis.null("string"))
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
    return ibis.ifelse(_given(value), value.cast("string").strip().hexdigest("md5"), None)


def _given(value: Any) -> Any:
    if is_text(value.type()):
        return (value.cast("string").strip() != "").fill_null(False)
    if value.type().is_floating():
        return value.notnull() & ~value.isnan()
    return value.notnull()


def _number(value: Any) -> Any:
    """As a number, whole where the column is; what is none becomes null."""
    kind = value.type()
    if kind.is_integer():
        return value if kind.nbytes < _INT64_BYTES or kind.is_signed_integer() else value.try_cast("int64")
    if not kind.is_floating():
        value = value.cast("string").strip().try_cast("float64")
    return ibis.ifelse(value.isnan() | value.isinf(), None, value)


def _whole(value: Any) -> Any:
    if value.type().is_integer():
        return value.cast("int64")
    return _countable(value).round()


def _countable(value: Any) -> Any:
    """Null in place of what no 64-bit integer holds, which engines refuse to round."""
    return ibis.ifelse(value.between(-(2**62), 2**62), value, None)


def _seconds(stamp: Any, unit: str) -> tuple[Any, Any]:
    """Whole seconds in UTC, and whether the row named its zone."""
    kind = stamp.type()
    named = ibis.literal(True)
    if kind.is_timestamp():
        # a column with a zone counts in UTC; one without is a clock on some wall
        return _floor(stamp.epoch_seconds()), ibis.literal(kind.timezone is not None)
    if kind.is_date():
        return _floor(stamp.cast("timestamp").epoch_seconds()), ibis.literal(False)
    if kind.is_numeric():
        return _epoch(_number(stamp), unit), named
    text = stamp.cast("string").strip()
    number = _epoch(_number(text), unit)
    if unit != "auto":
        return number, named
    bare = text.re_extract(_ISO, 1).try_cast("timestamp").epoch_seconds()
    bare = _floor(bare)
    sign = ibis.ifelse(text.re_extract(_SIGNED, 1) == "-", -1, 1)
    hours = text.re_extract(_SIGNED, 2).try_cast("int64").fill_null(0)
    minutes = text.re_extract(_SIGNED, 3).try_cast("int64").fill_null(0)
    parsed = (bare - sign * (hours * 3600 + minutes * 60)).fill_null(_us_seconds(text))
    return number.fill_null(parsed), text.re_search(_ZONED) | number.notnull()


def _epoch(value: Any, unit: str) -> Any:
    if unit == "ms":
        value = value / 1000
    elif unit == "auto":
        size = value.cast("float64").abs()
        value = ibis.cases(
            (size >= _NS, value / 1e9), (size >= _US, value / 1e6), (size >= _MS, value / 1e3), else_=value
        )
    return _floor(value)


def _floor(value: Any) -> Any:
    return _countable(value).floor()


def _us_seconds(text: Any) -> Any:
    """Month first, twelve hours, as the Azure portal exports tables."""
    part = [text.re_extract(_US_TIME, index) for index in range(8)]
    hour = part[4].try_cast("int64") % 12 + ibis.ifelse(part[7].upper() == "P", 12, 0)
    day = part[3] + "-" + part[1].lpad(2, "0") + "-" + part[2].lpad(2, "0") + " 00:00:00"
    midnight = day.try_cast("timestamp").epoch_seconds().cast("int64")
    return midnight + hour * 3600 + part[5].try_cast("int64") * 60 + part[6].try_cast("int64")


def _failed(raw: ibis.Table, has: set[str], output: Any, format_: Format) -> Any:
    failed: Any = ibis.literal(False)
    if "status" in has:
        text = raw.status.cast("string").lower()
        code = text.try_cast("float64")
        bad = text.re_search("err|fail|timeout|exception|denied|reject|throttl")
        failed = failed | bad | (code >= 400) | (text == format_.failed_status)
    if "error" in has:
        failed = failed | _given(raw.error)
    if format_.no_output_failed:
        failed = failed | (output == 0)
    return failed
