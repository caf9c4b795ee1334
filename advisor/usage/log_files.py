"""Files of any recognised kind, read on one engine and put together as one profile."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from advisor.core.errors import Fault, LogError
from advisor.core.saying import joined, numeral, say
from advisor.scenario import caveats
from advisor.scenario.traffic import Interval, Traffic
from advisor.usage import scrapes
from advisor.usage.aggregate import Aggregates, aggregates, hours_of
from advisor.usage.conventions import metric_span, told
from advisor.usage.convert import converted
from advisor.usage.engine import TOO_LONG, Engine
from advisor.usage.engines import engine_for
from advisor.usage.finding import alike, find, kind_of
from advisor.usage.formats import Format, Names, recognise
from advisor.usage.layouts import Layout, layout_of_text
from advisor.usage.plausible import Bounds, astray, first_places, inside, readable, said
from advisor.usage.privacy import file_name
from advisor.usage.profile import profile
from advisor.usage.readers import FORMATS
from advisor.usage.repeats import chains, near_prompts, prefix_blocks, sampled_blocks, sampled_prompts
from advisor.usage.rows import (
    BLANK,
    KEYED,
    PROBLEMS,
    STRAY,
    UNREAD,
    Told,
    fine,
    parsed,
    paths_of,
    raw_columns,
    tree_of,
)
from advisor.usage.sampling import is_parquet, long_lines, look
from advisor.usage.times import Dates
from advisor.usage.values import is_text

Say = Callable[[str], None]
Groups = list[tuple[Layout, list[str]]]


def read_usage(
    paths: Sequence[str],
    mapping: Mapping[str, str] | None = None,
    engine: str = "duckdb",
    connect: str | None = None,
    progress: Say | None = None,
    tz: str | None = None,
    unseen: Interval | None = None,
    models: Mapping[str, str] | None = None,
    ask: bool = False,
    dates: Dates = "",
) -> Traffic:
    """Read request logs and reduce them to a traffic profile.

    ``paths`` are local files, globs or folders of CSV, JSON, Parquet or vLLM metrics, packed or
    not; ``mapping`` names the columns of a log that is not recognised (timestamp, input and output
    at least). ``tz`` is the zone of times that name none (default UTC). ``unseen`` is the rate of
    hours of the week that the log did not see, relative to those it saw [ratio]; without
    it they may lie anywhere between silent and as busy as the busiest minute. ``models`` gives
    deployments their models; with ``ask``, one that is not given is a fault, without it a caveat.
    ``dates`` says whether the day or the month comes first in dates with slashes.
    ``connect`` is a Spark address, such as sc://host:15002.

    Raises LogError naming every fault. Prompts, identifiers and user names are never read
    beyond the hashing of prompts inside the engine.
    """
    zone = _zone(tz)
    found = find(paths)
    with tempfile.TemporaryDirectory(prefix="advisor-usage-") as place, \
            engine_for(engine, Path(place), connect) as running:  # fmt: skip
        log = _Log(running, Path(place), progress or _quiet, dates)
        log.twice(found)
        log.read(log.layouts(found, mapping))
        counted, bounds = log.counted()
        warnings = log.warnings(counted, bounds)
    kinds = [layout.recognised.format for layout, _, _ in log.groups]
    _usable(counted, kinds)
    traffic, unknown = profile(counted, kinds, zone, unseen, models or {}, warnings, log.chains)
    if log.batch:
        low, central, high = log.batch
        traffic = traffic.model_copy(update={"running_batch": Interval(low=low, central=central, high=high)})
    if unknown and ask:
        asked = say("each deployment's model, as {name}=gpt-5-mini", name=unknown[0])
        raise LogError(
            say("The log names deployments, not models."), [Fault("--model", asked, ", ".join(unknown))]
        )
    if unknown:
        asked = say(caveats.DEPLOYMENTS, names=", ".join(unknown))
        traffic = traffic.model_copy(update={"caveats": [*traffic.caveats, asked]})
    return traffic


def _quiet(_: str) -> None:
    return None


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise LogError(
            say("There is no such time zone."),
            [Fault("--tz", say("a name such as Europe/Berlin"), repr(name))],
        ) from error


def _usable(found: Aggregates, kinds: Sequence[Format]) -> None:
    where = joined(", ", sorted({kind.title for kind in kinds}))
    if not found.counts.sum():
        reasons = [
            say("{count} rows: {reason}", count=numeral(count, ","), reason=reason)
            for reason, count in found.dropped.items()
        ]
        if found.failed:
            reasons.append(say("{count} failed requests", count=numeral(found.failed, ",")))
        if found.apart:
            reasons += [
                say("{count} rows: {reason}", count=numeral(round(float(n)), ","), reason=say(kind))
                for kind, n in zip(found.apart["kind"].tolist(), found.apart["n"], strict=True)
            ]
        expected = say("rows with a time (ISO 8601 or epoch) and token counts")
        raise LogError(
            say("No row of the log can be used."),
            [Fault(where, expected, joined("; ", reasons) or say("none"))],
        )
    without = say("{count} without", count=numeral(found.counts.sum(), ",.0f"))
    if not float((found.input[0] * found.input[1]).sum()):
        raise LogError(
            say("Every request of the log has 0 input tokens."),
            [Fault(where, say("requests with input tokens"), without)],
        )
    if not float((found.output[0] * found.output[1]).sum()):
        raise LogError(
            say("Every request of the log has 0 output tokens."),
            [Fault(where, say("requests with output tokens"), without)],
        )


@dataclass
class _Log:
    """One reading: files to layouts, layouts to rows, rows to counts."""

    engine: Engine
    folder: Path
    say: Say
    dates: Dates
    groups: list[tuple[Layout, list[str], Told]] = field(default_factory=list)
    tables: list[ibis.Table] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    near: dict[str, tuple[int, int]] = field(default_factory=dict)
    chains: list[list[int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    batch: tuple[float, float, float] | None = None
    too_long: int = 0
    plain: set[str] = field(default_factory=set)
    documents: bool = False

    def layouts(self, files: Sequence[str], mapping: Mapping[str, str] | None) -> Groups:
        """Files by how they read. Raises LogError with the faults of all of them."""
        groups: Groups = []
        faults: list[Fault] = []
        summary = ""
        metrics = []
        for file in files:
            try:
                if not is_parquet(file) and kind_of(file) != "parquet" and scrapes.is_scrape(look(file)):
                    metrics.append(file)
                    continue
                layout, at = self._layout(file, mapping)
            except LogError as error:
                summary = summary or error.summary
                faults += error.faults
                continue
            alike = next((files for known, files in groups if known == layout), None)
            if alike is None:
                groups.append((layout, [at]))
            else:
                alike.append(at)
        if faults:
            raise LogError(summary, faults)
        if metrics:
            grew = scrapes.grown(metrics, self.folder / "metrics.csv")
            groups.append((grew.layout, [grew.file]))
            self.batch, self.notes = grew.batch, [*self.notes, *grew.said]
        return groups

    def twice(self, files: Sequence[str]) -> None:
        """Say which files are the same as another, which a copy among the others is."""
        self.notes += [
            say(
                caveats.COPIED,
                again=file_name(Path(again).name),
                first=file_name(Path(file).name),
            )
            for file, again in alike(files)
            if kind_of(file) != "prom"
        ]

    def _layout(self, file: str, mapping: Mapping[str, str] | None) -> tuple[Layout, str]:
        where = file_name(file)
        if is_parquet(file) or kind_of(file) == "parquet":
            names = Names(paths_of(self.engine.schema(file)))
            return Layout("parquet", recognise(FORMATS, names, mapping, where)), file
        seen = look(file)
        layout = replace(layout_of_text(seen, kind_of(file), mapping, where), packed=seen.packing == "gzip")
        self.documents |= layout.kind in ("json", "jsonl")
        misnamed = layout.packed != file.lower().endswith((".gz", ".gzip")) and self.engine.name == "spark"
        if seen.usual and not layout.skip and not layout.commas and not misnamed:
            self.plain.add(file)
            return layout, file
        target = self.folder / f"log_{len(list(self.folder.iterdir()))}.csv"
        return converted(file, seen, layout, target), str(target)

    def read(self, groups: Groups) -> None:
        """Open every group and add its rows. Raises LogError for logs that do not go together."""
        kinds = [layout.recognised.format for layout, _ in groups]
        joining = {kind.joins: group for kind, group in zip(kinds, groups, strict=True) if kind.joins}
        own = [group for group, kind in zip(groups, kinds, strict=True) if not kind.joins]
        for key, (layout, files) in joining.items():
            if not any(kind.key == key for kind in kinds):
                title = next(kind.title for kind in FORMATS if kind.key == key)
                beside = say("{title} beside it", title=title)
                raise LogError(
                    say("{title} holds no tokens.", title=layout.recognised.format.title),
                    [Fault(file_name(files[0]), beside, say("this log alone"))],
                )
        if len({(kind.clock, kind.spans) for kind in kinds if not kind.joins}) > 1:
            raise LogError(
                say("The logs count time differently."),
                [Fault(file_name(files[0]), say("times of one kind, single requests or totals"),
                       layout.recognised.format.title) for layout, files in own],
            )  # fmt: skip
        for layout, files in own:
            self._add(layout, files, joining.get(layout.recognised.format.key))

    def _raw(self, layout: Layout, files: Sequence[str]) -> ibis.Table:
        return raw_columns(self.engine.open(layout, files, tree_of(layout)), layout)

    def _add(self, layout: Layout, files: list[str], joined: tuple[Layout, list[str]] | None) -> None:
        kind = layout.recognised.format
        if len(files) == 1:
            self.say(say("reading 1 file: {title}", title=kind.title))
        else:
            self.say(say("reading {count} files: {title}", count=len(files), title=kind.title))
        raw = self._raw(layout, files)
        if joined:
            raw = _with_status(raw, self._raw(*joined))
        settled = told(self.engine, raw, layout, self.dates, file_name(files[0]))
        if kind.reshape:
            width = metric_span(self.engine, raw) if kind.spans else 0
            raw = kind.reshape(raw, width)
        self._settle(settled, raw)
        self.groups.append((layout, files, settled))
        read = parsed(raw, layout, settled)
        rows = read.drop(*(name for name in KEYED if name in read.columns))
        rows = rows.mutate(source=ibis.literal(len(self.tables), "int64"))
        # Parquet is quick to read again; text is parsed once
        parsed_once = layout.kind != "parquet"
        self.tables.append(self.engine.kept(rows) if parsed_once else rows)
        if layout.kind in ("csv", "jsonl") and not layout.packed:
            self.too_long += sum(long_lines(file) for file in files if file in self.plain)
        has = set(raw.columns)
        self.fields |= has - ({"request_id"} if kind.key != "mapped" else set())
        self.fields |= (
            {"written"} if any(is_text(raw[name].type()) for name in ("input", "output")) else set()
        )
        self.fields |= {"tier"} if kind.tier else set()
        self.fields |= {"no_output"} if kind.no_output_failed else set()
        if has & set(KEYED) and (not parsed_once or self._any_keyed()):
            self._repeats(read, has)

    def _any_keyed(self) -> bool:
        """Whether the rows just kept hold any prompt or block: a column that may be there mostly is not."""
        return bool(self.engine.run(self.tables[-1].agg(n=self.tables[-1].whole_key.count()))["n"][0])

    def _settle(self, settled: Told, raw: ibis.Table) -> None:
        """Say what the counts told."""
        if settled.cache_beside:
            self.notes.append(caveats.CACHE_BESIDE)
        if settled.dates:
            self.notes.append(caveats.DATES_READ[settled.dates])
        if settled.reasoning_beside:
            self.notes.append(caveats.REASONING_BESIDE)

    def _repeats(self, read: ibis.Table, has: set[str]) -> None:
        good = fine(read)
        if "blocks" in has:
            self.say(say("repeats among blocks"))
            self._count("prefix", prefix_blocks(self.engine, good))
            self.chains += chains(sampled_blocks(self.engine, good), whole_blocks=False)
        if "prompt" in has:
            self.say(say("repeats among prompts"))
            sample = sampled_prompts(self.engine, good)
            self._count("near_key", near_prompts(sample))
            if "blocks" not in has:
                self.chains += chains(sample, whole_blocks=True)

    def _count(self, key: str, more: tuple[int, int]) -> None:
        before = self.near.get(key, (0, 0))
        self.near[key] = (before[0] + more[0], before[1] + more[1])

    def counted(self) -> tuple[Aggregates, Bounds | None]:
        """All rows reduced, those astray left out."""
        rows = self.tables[0].union(*self.tables[1:]) if len(self.tables) > 1 else self.tables[0]
        self.say(say("hours and minutes"))
        hours = hours_of(self.engine, rows, self.fields)
        bounds = astray(hours)
        strays = 0
        if bounds:
            hours, strays = inside(hours, bounds)
            rows = rows.filter(rows.second.between(*bounds).fill_null(True) | ~rows.in_range.fill_null(False))
        found = aggregates(self.engine, rows, self.fields, hours, self.say)
        if strays:
            found.dropped[PROBLEMS[STRAY]] = strays
        blank = found.dropped.pop(PROBLEMS[BLANK], 0)
        if blank:  # a table may have empty rows, a line of JSON is something
            found.dropped[PROBLEMS[UNREAD if self.documents else BLANK]] = blank
        rejected = self.engine.rejected()
        if self.too_long:
            rejected[TOO_LONG] = self.too_long
        found.dropped.update(rejected)
        found.repeats.update(self.near)
        return found, bounds

    def warnings(self, found: Aggregates, bounds: Bounds | None) -> list[str]:
        """What was left out or read with care, and where it is first met."""
        readable(found, ", ".join(file_name(files[0]) for _, files, _ in self.groups))
        odd: Any = found.dropped or found.thousands or all(found.zoned)
        local = [(layout, [file for file in files if file in self.plain], settled)
                 for layout, files, settled in self.groups]  # fmt: skip
        places = first_places(local, bounds, self.folder) if odd else {}
        return [*self.notes, *said(found, places)]


def _with_status(raw: ibis.Table, gateway: ibis.Table) -> ibis.Table:
    """API Management's log of models with the status that its gateway log gives each request."""
    status = gateway.group_by(joined_id=gateway.response_id.cast("string").strip()).agg(
        status=gateway.status.cast("string").max()
    )
    joined = raw.mutate(joining=raw.response_id.cast("string").strip()).left_join(
        status, ibis._.joining == status.joined_id
    )
    return joined.drop("joining", "joined_id")
