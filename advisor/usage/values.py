"""From what stands in a log's cells to numbers."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt

_INT64_BYTES = 8
_INT64_LIMIT = 2.0**62

# A count of tokens is whole: three digits after a mark are a thousand's, whichever mark it is.
_MARKED = "[.,' \u00a0\u202f\u2019]"
_DOTS = r"^[-+]?[1-9]\d{0,2}(?:\.\d{3})+$"
_ROUND = r"^[-+]?[1-9]\d{0,2}\.000$"
_THOUSANDS = "^[-+]?[1-9]\\d{0,2}(?:[,' \u00a0\u202f\u2019]\\d{3})+(?:\\.\\d+)?$"
_DECIMAL = r"^[-+]?\d*\.\d+(?:[eE][-+]?\d+)?$"
_COMMA = r"^[-+]?(?:\d{1,3}(?:\.\d{3})*|\d+),\d{1,2}$"
_ODD = "[^-+.eE0-9]"

# How numbers are written, by cell.
PLAIN, THOUSANDS, DECIMALS, ROUND = 0, 1, 2, 3


def is_text(kind: dt.DataType) -> bool:
    """Whether a column must be parsed before it is used."""
    return bool(kind.is_string() or kind.is_json())


def given(value: Any) -> Any:
    """Whether a cell holds anything."""
    if is_text(value.type()):
        return (value.cast("string").strip() != "").fill_null(False)
    if value.type().is_floating():
        return value.notnull() & ~value.isnan()
    return value.notnull()


def number(value: Any) -> Any:
    """As a number, whole where the column is; what is none becomes null."""
    kind = value.type()
    if kind.is_integer():
        return value if kind.nbytes < _INT64_BYTES or kind.is_signed_integer() else value.try_cast("int64")
    if not kind.is_floating():
        value = value.cast("string").strip().try_cast("float64")
    return ibis.ifelse(value.isnan() | value.isinf(), None, value)


def count(value: Any) -> Any:
    """A count of tokens, with thousands marked in any of the usual ways."""
    if not is_text(value.type()):
        return number(value)
    text = value.cast("string").strip()
    bare = text.re_replace(_ODD, "")
    # each branch is worked out only for the rows that the ones before it leave
    return ibis.cases(
        (~text.re_search(_MARKED), number(text)),
        (text.re_search(_DOTS), number(text.replace(".", ""))),
        (text.re_search(_THOUSANDS), number(bare)),
        (text.re_search(_COMMA), number(text.replace(".", "").replace(",", "."))),
        else_=number(text),
    )


def written(value: Any) -> Any:
    """How a count is written: plainly, with thousands marked by dots, with decimals, or as 5.000, which
    may be either."""
    if not is_text(value.type()):
        return ibis.literal(PLAIN, "int8")
    text = value.cast("string").strip()
    return ibis.cases(
        (~text.re_search(_MARKED).fill_null(False), PLAIN),
        (text.re_search(_ROUND), ROUND),
        (text.re_search(_DOTS), THOUSANDS),
        (text.re_search(_DECIMAL), DECIMALS),
        else_=PLAIN,
    ).cast("int8")


def whole(value: Any) -> Any:
    """A number as a 64-bit integer, rounded; beyond its range, the nearest one."""
    if value.type().is_integer():
        return value.cast("int64")
    return value.clip(-_INT64_LIMIT, _INT64_LIMIT).round().cast("int64")


def inside(text: Any, keys: tuple[str, ...]) -> Any:
    """The value of the first of ``keys`` in JSON text, as text; null where there is none.

    A key within a quoted string is not met: there its own quotes are escaped.
    """
    names = "|".join(key.replace(".", r"\.") for key in keys)
    found = text.cast("string").re_extract(rf'"(?:{names})"\s*:\s*"?([^",\\{{}}\[\]]+)', 1)
    return found.nullif("").nullif("null")
