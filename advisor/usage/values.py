"""From what stands in a log's cells to numbers and to seconds in UTC."""

from __future__ import annotations

from typing import Any

import ibis

from advisor.usage.engines import is_text

# Numbers above these are epoch milliseconds, microseconds, nanoseconds rather than seconds.
_MS, _US, _NS = 1e11, 1e14, 1e17

_INT64_BYTES = 8
_INT64_LIMIT = 2.0**62

_DIGITS = r"^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$"
_ISO = r"^(\d{4}-\d{2}-\d{2}(?:[T ][0-9:.]+)?) ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$"
_SIGNED = r":\d{2}(?:\.\d+)? ?([+-])(\d{2}):?(\d{2})?$"
_ZONED = r":\d{2}(?:\.\d+)? ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$"
_US_TIME = r"^(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)? ?([AaPp])[Mm]$"


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


def whole(value: Any) -> Any:
    """A number as a 64-bit integer, rounded; beyond its range, the nearest one."""
    if value.type().is_integer():
        return value.cast("int64")
    return value.clip(-_INT64_LIMIT, _INT64_LIMIT).round().cast("int64")


def seconds(stamp: Any, unit: str) -> tuple[Any, Any]:
    """Whole seconds in UTC, and whether the row named its zone."""
    kind = stamp.type()
    named = ibis.literal(True)
    if kind.is_timestamp():
        # a column with a zone counts in UTC; one without is a clock on some wall
        return stamp.epoch_seconds().floor().cast("int64"), ibis.literal(kind.timezone is not None)
    if kind.is_date():
        return _floor(stamp.cast("timestamp").epoch_seconds()), ibis.literal(False)
    if kind.is_numeric():
        return _epoch(number(stamp), unit), named
    text = stamp.cast("string").strip()
    # each branch is worked out only for the rows that the ones before it leave
    digits = text.re_search(_DIGITS)
    counted = _epoch(number(text), unit)
    if unit != "auto":
        return ibis.ifelse(digits, counted, None), named
    bare = _floor(text.re_extract(_ISO, 1).try_cast("timestamp").epoch_seconds())
    sign = ibis.ifelse(text.re_extract(_SIGNED, 1) == "-", -1, 1)
    hours = text.re_extract(_SIGNED, 2).try_cast("int64").fill_null(0)
    minutes = text.re_extract(_SIGNED, 3).try_cast("int64").fill_null(0)
    second = ibis.cases(
        (digits, counted),
        (text.re_search(_SIGNED), bare - sign * (hours * 3600 + minutes * 60)),
        (text.re_search(_US_TIME), _us_seconds(text)),
        else_=bare,
    )
    return second, digits | text.re_search(_ZONED)


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
    return value.clip(-_INT64_LIMIT, _INT64_LIMIT).floor().cast("int64")


def _us_seconds(text: Any) -> Any:
    """Month first, twelve hours, as the Azure portal exports tables."""
    part = [text.re_extract(_US_TIME, index) for index in range(8)]
    hour = part[4].try_cast("int64") % 12 + ibis.ifelse(part[7].upper() == "P", 12, 0)
    day = part[3] + "-" + part[1].lpad(2, "0") + "-" + part[2].lpad(2, "0") + " 00:00:00"
    midnight = day.try_cast("timestamp").epoch_seconds().cast("int64")
    return midnight + hour * 3600 + part[5].try_cast("int64") * 60 + part[6].try_cast("int64")
