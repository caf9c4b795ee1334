"""Request logs to a traffic profile: aggregates only, at any size, on DuckDB or Spark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from advisor.core.errors import Fault, LogError
from advisor.scenario.traffic import Interval, Traffic
from advisor.usage.aggregate import aggregates
from advisor.usage.engines import TOO_LONG, Engine, engine_for
from advisor.usage.logs import (
    Layout,
    find,
    first_lines,
    is_packed,
    is_remote,
    kind_of,
    layout_of_text,
    long_lines,
)
from advisor.usage.profile import profile
from advisor.usage.repeats import near_prompts, prefix_blocks
from advisor.usage.rows import KEYED, fine, parsed, paths_of, raw_columns, tree_of
from advisor.usage.words import describe

__all__ = ["describe", "read_usage"]


def read_usage(
    paths: Sequence[str],
    mapping: Mapping[str, str] | None = None,
    engine: str = "duckdb",
    connect: str | None = None,
    progress: Callable[[str], None] | None = None,
    tz: str | None = None,
    unseen: Interval | None = None,
) -> Traffic:
    """Read request logs and reduce them to a traffic profile.

    ``paths`` are files, globs or folders of CSV, JSON or Parquet, gzipped or not; ``mapping``
    names the columns of a log that is not recognised (timestamp, input and output at
    least). ``tz`` is the zone of times that name none (default UTC). ``unseen`` is the rate of
    hours of the week that the log did not see, relative to those it saw [ratio]; without
    it they may lie anywhere between silent and as busy as the busiest minute.
    ``connect`` is a Spark address, such as sc://host:15002.

    Raises LogError naming every fault. Prompts, identifiers and user names are never read
    beyond the hashing of prompts inside the engine.
    """
    say = progress or _quiet
    zone = _zone(tz)
    with engine_for(engine, connect) as running:
        groups = _layouts(running, find(paths), mapping, say)
        kinds = [layout.recognised.format for layout, _ in groups]
        if len({kind.clock for kind in kinds}) > 1:
            raise LogError(
                "The logs count time differently.",
                [Fault(files[0], "times of one kind", layout.recognised.format.title)
                 for layout, files in groups],
            )  # fmt: skip
        tables = []
        fields: set[str] = set()
        too_long = 0
        near: dict[str, tuple[int, int]] = {}
        for layout, files in groups:
            say(f"reading {len(files)} file{'s' if len(files) > 1 else ''}: {layout.recognised.format.title}")
            read = parsed(raw_columns(running.open(layout, files, tree_of(layout)), layout), layout)
            rows = read.drop(*(name for name in KEYED if name in read.columns))
            # Parquet is quick to read again; text is parsed once
            tables.append(rows if layout.kind == "parquet" else running.kept(rows))
            if layout.kind in ("csv", "jsonl") and not layout.packed:
                too_long += sum(long_lines(file) for file in files if not is_remote(file))
            has = set(layout.recognised.columns)
            fields |= has
            if "blocks" in has:
                say("repeats among blocks")
                _add(near, "prefix", prefix_blocks(running, fine(read)))
            if "prompt" in has:
                say("repeats among prompts")
                _add(near, "near_key", near_prompts(running, fine(read)))
        rows = tables[0].union(*tables[1:]) if len(tables) > 1 else tables[0]
        found = aggregates(running, rows, fields, say)
        rejected = running.rejected()
    if too_long:
        rejected[TOO_LONG] = too_long
    found.dropped.update(rejected)
    found.repeats.update(near)
    if not found.counts.sum():
        reasons = "; ".join(f"{count:,} rows: {reason}" for reason, count in found.dropped.items())
        raise LogError(
            "No row of the log can be used.",
            [Fault(", ".join(sorted(kind.title for kind in kinds)),
                   "rows with a time (ISO 8601 or epoch) and token counts",
                   reasons or (f"{found.failed:,} failed requests" if found.failed else "none"))],
        )  # fmt: skip
    return profile(found, kinds, zone, unseen)


def _add(counted: dict[str, tuple[int, int]], key: str, more: tuple[int, int]) -> None:
    before = counted.get(key, (0, 0))
    counted[key] = (before[0] + more[0], before[1] + more[1])


def _quiet(_: str) -> None:
    return None


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise LogError(
            "There is no such time zone.", [Fault("--tz", "a name such as Europe/Berlin", repr(name))]
        ) from error


def _layouts(
    engine: Engine, files: Sequence[str], mapping: Mapping[str, str] | None, say: Callable[[str], None]
) -> list[tuple[Layout, list[str]]]:
    """Files by how they read. Raises LogError with the faults of all of them."""
    groups: list[tuple[Layout, list[str]]] = []
    faults: list[Fault] = []
    summary = ""
    for file in files:
        try:
            layout = _layout(engine, file, mapping)
        except LogError as error:
            summary = summary or error.summary
            faults += error.faults
            continue
        alike = next((files for known, files in groups if known == layout), None)
        if alike is None:
            groups.append((layout, [file]))
        else:
            alike.append(file)
    if faults:
        raise LogError(summary, faults)
    return groups


def _layout(engine: Engine, file: str, mapping: Mapping[str, str] | None) -> Layout:
    kind = kind_of(file)
    if kind == "parquet":
        from advisor.usage.formats import recognise

        return Layout("parquet", recognise(paths_of(engine.schema(file)), mapping, file))
    if is_remote(file):
        layout = layout_of_text(engine.head(file), kind, mapping, file)
        return replace(layout, packed=file.lower().endswith((".gz", ".gzip")))
    return replace(layout_of_text(first_lines(file), kind, mapping, file), packed=is_packed(file))
