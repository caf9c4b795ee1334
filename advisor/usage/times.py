"""From what stands in a log's time cells to seconds in UTC."""

from __future__ import annotations

from typing import Any, Literal

import ibis

from advisor.usage.values import is_text, number

Dates = Literal["", "day", "month"]

# Numbers above these are epoch milliseconds, microseconds, nanoseconds rather than seconds.
_MS, _US, _NS = 1e11, 1e14, 1e17
_LIMIT = 2.0**62

_DIGITS = r"^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$"
_GERMAN = r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?)?$"
_ISO = r"^(\d{4}-\d{2}-\d{2}(?:[T ][0-9:.]+)?) ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?$"
_SIGNED = r":\d{2}(?:\.\d+)? ?([+-])(\d{2}):?(\d{2})?$"
_ZONED = r":\d{2}(?:\.\d+)? ?(?:Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)$"
SLASHED = r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?: ?([AaPp])[Mm])?)?$"
_YEAR_FIRST = r"^(\d{4})/(\d{1,2})/(\d{1,2})"


def seconds(stamp: Any, unit: str, dates: Dates = "") -> tuple[Any, Any]:
    """Whole seconds in UTC, and whether the row named its zone.

    ``dates`` says whether the day or the month comes first in dates with slashes.
    """
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
    german = text.re_search(_GERMAN)
    counted = _epoch(number(text), unit)
    if unit != "auto":
        return ibis.ifelse(digits & ~german, counted, None), named
    iso = text.re_replace(_YEAR_FIRST, "\\1-\\2-\\3").re_replace(r"(:\d{2}),(\d+)", "\\1.\\2")
    bare = _floor(iso.re_extract(_ISO, 1).try_cast("timestamp").epoch_seconds())
    sign = ibis.ifelse(text.re_extract(_SIGNED, 1) == "-", -1, 1)
    hours = text.re_extract(_SIGNED, 2).try_cast("int64").fill_null(0)
    minutes = text.re_extract(_SIGNED, 3).try_cast("int64").fill_null(0)
    second = ibis.cases(
        (german, _parts(text, _GERMAN, 2, 1)),
        (digits, counted),
        (text.re_search(_SIGNED), bare - sign * (hours * 3600 + minutes * 60)),
        (text.re_search(SLASHED), _parts(text, SLASHED, *((2, 1) if dates == "day" else (1, 2)))),
        else_=bare,
    )
    return second, (digits & ~german) | text.re_search(_ZONED)


def day_or_month(stamp: Any) -> dict[str, Any]:
    """What tells the day from the month in dates with slashes: the greatest first and second part,
    and how many are written without a.m. or p.m."""
    if not is_text(stamp.type()):
        return {}
    text = stamp.cast("string").strip()
    slashed = text.re_search(SLASHED)
    part = [text.re_extract(SLASHED, index) for index in range(8)]
    return {
        "slashed": slashed.cast("int64").sum().fill_null(0),
        "bare": (slashed & (part[7] == "")).cast("int64").sum().fill_null(0),
        "first": part[1].try_cast("int64").max().fill_null(0),
        "second": part[2].try_cast("int64").max().fill_null(0),
    }


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
    return value.clip(-_LIMIT, _LIMIT).floor().cast("int64")


def _parts(text: Any, pattern: str, month: int, day: int) -> Any:
    """Day, month and year apart, with a clock of 12 or 24 hours or none."""
    part = {index: text.re_extract(pattern, index) for index in range(1, 8 if pattern == SLASHED else 7)}
    hour = part[4].try_cast("int64").fill_null(0)
    if pattern == SLASHED:
        half = part[7].upper()
        hour = ibis.cases((half == "", hour), (half == "P", hour % 12 + 12), else_=hour % 12)
    date = part[3] + "-" + part[month].lpad(2, "0") + "-" + part[day].lpad(2, "0") + " 00:00:00"
    midnight = date.try_cast("timestamp").epoch_seconds().cast("int64")
    minute, second = (part[index].try_cast("int64").fill_null(0) for index in (5, 6))
    return midnight + hour * 3600 + minute * 60 + second
