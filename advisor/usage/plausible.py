"""Whether what a log says can be: what cannot is left out and said, or refused where it would mislead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import ibis
import numpy as np

from advisor.core.errors import Fault, LogError
from advisor.core.saying import numeral, say
from advisor.scenario import caveats
from advisor.usage.aggregate import Aggregates
from advisor.usage.duck import DuckDB
from advisor.usage.engine import Columns
from advisor.usage.formats import NEEDED
from advisor.usage.layouts import Layout
from advisor.usage.privacy import file_name
from advisor.usage.rows import (
    BLANK,
    EXPECTED,
    KEYED,
    PROBLEMS,
    STRAY,
    UNREAD,
    Told,
    fine,
    parsed,
    problem,
    raw_columns,
    tree_of,
)

# Hours apart from which two groups of rows are looked at as such, and the share below which the lesser
# is astray, if it lies further off than ten times the span of the greater.
_APART_HOURS, _FEW, _FAR = 24 * 30, 0.1, 10
# Files beyond which lines are not looked up again [bytes].
_LOOKED_UP = 1_000_000_000
_THOUSANDS, _NAIVE = -1, -2

Bounds = tuple[int, int]


def astray(hours: Columns) -> Bounds | None:
    """First and last second that are kept, where a few rows lie far from all others; else None."""
    at = hours["hour"].astype(np.int64)
    if len(at) < 2:
        return None
    counts = hours["n"].astype(np.float64)
    cuts = np.flatnonzero(np.diff(at) > _APART_HOURS) + 1
    if not len(cuts):
        return None
    groups = np.split(np.arange(len(at)), cuts)
    main = max(groups, key=lambda group: counts[group].sum())
    start, end = int(at[main[0]]), int(at[main[-1]])
    span = max(end - start, 1)
    kept = [
        group for group in groups
        if counts[group].sum() >= _FEW * counts[main].sum()
        or max(start - at[group[-1]], at[group[0]] - end) <= _FAR * span
    ]  # fmt: skip
    if len(kept) == len(groups):
        return None
    return int(hours["first"][kept[0][0]]), int(hours["last"][kept[-1][-1]])


def inside(hours: Columns, bounds: Bounds) -> tuple[Columns, int]:
    """The hours within bounds, and the requests outside them."""
    keep = (hours["first"] >= bounds[0]) & (hours["last"] <= bounds[1])
    return {name: values[keep] for name, values in hours.items()}, round(float(hours["n"][~keep].sum()))


def readable(found: Aggregates, where: str) -> None:
    """Raise LogError where tokens are written in two ways, of which one would be misread."""
    if found.thousands and found.decimals:
        raise LogError(
            say("Token counts are written in two ways."),
            [
                Fault(
                    where,
                    say("counts with a dot for thousands, or with decimals"),
                    say(
                        "both: {thousands} rows as 1.234 and {decimals} as 12.5",
                        thousands=numeral(found.thousands, ","),
                        decimals=numeral(found.decimals, ","),
                    ),
                )
            ],
        )
    if found.thousands and not found.surely:
        raise LogError(
            say("Token counts can be read in two ways."),
            [
                Fault(
                    where,
                    say("counts without three zeros after a dot: is 5.000 five or five thousand?"),
                    say("{rows} rows as 5.000 and none that tells", rows=numeral(found.thousands, ",")),
                )
            ],
        )


def first_places(
    groups: Sequence[tuple[Layout, list[str], Told]], bounds: Bounds | None, folder: Path
) -> dict[int, str]:
    """The file and line where each problem, thousands marks and times without zone are first met.

    Text is read again, in order, on this machine; large files and nested documents are not.
    """
    found: dict[int, str] = {}
    for layout, files, told in groups:
        if layout.kind not in ("csv", "jsonl") or _unlike(layout):
            continue
        for file in files:
            if Path(file).stat().st_size <= _LOOKED_UP:
                for code, row in _first_rows(layout, file, told, bounds, folder).items():
                    found.setdefault(code, _place(layout, file, row))
    return found


def _unlike(layout: Layout) -> bool:
    kind = layout.recognised.format
    return kind.reshape is not None or bool(kind.joins or kind.nest or layout.under)


def _first_rows(
    layout: Layout, file: str, told: Told, bounds: Bounds | None, folder: Path
) -> Mapping[int, int]:
    engine = DuckDB(folder, ordered=True)
    try:
        opened = engine.open(layout, [file], tree_of(layout)).mutate(row_number=ibis.row_number())
        _same_columns(engine, opened, layout, file)
        rows = parsed(raw_columns(opened, layout, ("row_number",)), layout, told, ("row_number",))
        # worked out once, as every question below would else parse the file again; no prompt is kept
        prompts = (name for name in KEYED if name in rows.columns)
        judged = engine.kept(rows.mutate(code=problem(rows)).drop(*prompts))
        codes = engine.run(judged.group_by("code").agg(row=judged.row_number.min()))
        first = {int(code): int(row) for code, row in zip(codes["code"], codes["row"], strict=True)}
        if layout.kind == "jsonl" and BLANK in first:
            first[UNREAD] = first[BLANK]
        kept = fine(judged)
        looked: dict[int, ibis.Table] = {_THOUSANDS: judged.filter(judged.thousands)}
        if layout.recognised.format.clock == "utc":
            looked[_NAIVE] = kept.filter(~kept.zoned)
        if bounds:
            looked[STRAY] = kept.filter(~kept.second.between(*bounds))
        for code, some in looked.items():
            row = engine.run(some.agg(row=some.row_number.min()))["row"][0]
            if row is not None and row == row:  # noqa: PLR0124
                first[code] = int(row)
    finally:
        engine.connection.disconnect()
    return first


def _same_columns(engine: DuckDB, opened: ibis.Table, layout: Layout, file: str) -> None:
    """Raise LogError where a row names the columns in another order, as tables put together do."""
    if layout.kind != "csv":
        return
    named = []
    for field in NEEDED:
        for place in layout.recognised.columns.get(field, ()):
            others = [name.lower() for name in layout.header if name != place.path[0]]
            named.append(opened[place.path[0]].strip().lower().isin(others).fill_null(False))
    row = engine.run(opened.filter(ibis.or_(*named)).agg(row=ibis._.row_number.min()))["row"][0]
    if row is not None and row == row:  # noqa: PLR0124
        where = _place(layout, file, int(row))
        fault = Fault(where, say("the columns as the first line has them"), say("other ones"))
        raise LogError(say("The log changes its columns midway."), [fault])


def _place(layout: Layout, file: str, row: int) -> str:
    name = file_name(Path(file).name)
    if layout.kind == "csv" and layout.multiline:
        return say(caveats.ON_ROW, file=name, row=numeral(row + 1, ","))
    return say(caveats.ON_LINE, file=name, line=numeral(row + (2 if layout.kind == "csv" else 1), ","))


def said(found: Aggregates, places: Mapping[int, str]) -> list[str]:
    """Warnings on what was left out or read with care, each with where it is first met."""

    def first(what: str, code: int) -> str:
        return say(caveats.FIRST_AT, what=what, place=places[code]) if code in places else what

    by_reason = {reason: code for code, reason in PROBLEMS.items() if code not in EXPECTED}
    warnings = [
        first(say(caveats.LEFT_OUT[count > 1], count=numeral(count, ","), reason=reason), by_reason[reason])
        for reason, count in found.dropped.items()
        if reason in by_reason and places.get(by_reason[reason])
    ]
    if found.thousands:
        warnings.append(first(say(caveats.THOUSANDS, rows=numeral(found.thousands, ",")), _THOUSANDS))
    naive, zoned = found.zoned
    if naive and zoned:
        mixed = say(caveats.ZONES_MIXED, zoned=numeral(zoned, ","), naive=numeral(naive, ","))
        warnings.append(first(mixed, _NAIVE))
    again, of = found.repeats.get("response_key", (0, 0))
    if again:
        warnings.append(say(caveats.IDENTIFIED, again=numeral(again, ","), of=numeral(of, ",")))
    return warnings
