"""vLLM's ``/metrics``: what its counters grew by from one scrape to the next.

A scrape's time is the one its samples carry, else a date in the file's name, else when the file was
written. One scrape alone tells what a request is like, but how many there are only if the process
says when it started.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from advisor.core.errors import Fault, LogError
from advisor.core.saying import numeral, say
from advisor.scenario import caveats
from advisor.usage.formats import Format, Place, Recognised
from advisor.usage.layouts import Layout
from advisor.usage.privacy import file_name
from advisor.usage.sampling import Look, look, unpacked

_LINE = re.compile(
    r"^(vllm:[a-z0-9_]+|process_start_time_seconds)(\{[^}]*\})?\s+(\S+)(?:\s+(\d{10,16}))?\s*$"
)
_MODEL = re.compile(r'model_name="([^"\\]{1,120})"')
_DATE = re.compile(r"(20\d{2})-?(\d{2})-?(\d{2})[T_ -]?(\d{2})[:h-]?(\d{2})(?:[:m-]?(\d{2}))?")
_MOST_BYTES = 64 * 1024 * 1024
_FIELDS = ("timestamp", "end", "input", "output", "requests", "cached", "model")
# counter -> field; the name without its ending is that of older versions
_COUNTERS = {
    "prompt_tokens": "input", "generation_tokens": "output", "request_success": "requests",
    "prefix_cache_hits": "cached", "gpu_prefix_cache_hits": "cached",
}  # fmt: skip
_LATENCY, _RUNNING = "e2e_request_latency_seconds_sum", "num_requests_running"
_ABORTED = re.compile(r'finished_reason="(?:abort|error)"')

FORMAT = Format(
    "vllm",
    say("vLLM metrics"),
    {name: (name,) for name in _FIELDS},
    "https://docs.vllm.ai/en/latest/usage/metrics.html",
    spans=True,
)


@dataclass(slots=True)
class Scrape:
    """Counters at one moment, summed over labels."""

    second: float
    file: str
    values: dict[str, float] = field(default_factory=dict)
    model: str = ""
    started: float | None = None
    stamped: bool = False


@dataclass(frozen=True, slots=True)
class Growth:
    """A layout of what the counters grew by, the mean requests at once, and what to say."""

    layout: Layout
    file: str
    batch: tuple[float, float, float] | None
    said: tuple[str, ...]


def is_scrape(seen: Look) -> bool:
    """Whether a text file is in the exposition format of Prometheus."""
    return any(_LINE.match(line) or line.startswith(("# TYPE vllm:", "# HELP vllm:")) for line in seen.lines)


def grown(files: Sequence[str], target: Path) -> Growth:
    """Write a row for each stretch between scrapes. Raises LogError where there is none."""
    scrapes = sorted((scrape for file in files for scrape in _read(file)), key=lambda one: one.second)
    where = ", ".join(file_name(file) for file in files[:3])
    missing = [name for name in _COUNTERS if _COUNTERS[name] != "cached"
               and not any(_COUNTERS[name] in one.values for one in scrapes)]  # fmt: skip
    if missing:
        raise LogError(
            say("The metrics lack what a profile needs."),
            [Fault(where, say("the counter vllm:{name}_total", name=name), say("none")) for name in missing],
        )
    _one_engine(scrapes, where)
    first = scrapes[0]
    if first.started is not None and first.started < first.second:
        zero = dict.fromkeys(first.values, 0.0)
        begin = Scrape(first.started, first.file, zero, first.model, stamped=True)
        scrapes.insert(0, begin)
    pairs = [(a, b) for a, b in pairwise(scrapes) if b.second > a.second]
    if not pairs:
        raise LogError(
            say("One scrape says what a request is like, not how many there are."), [_alone(first, where)]
        )
    said = [] if all(one.stamped for one in scrapes) else [caveats.FILE_TIMES]
    rows: list[list[object]] = []
    restarts = 0
    for before, after in pairs:
        reset = any(after.values.get(name, 0) < value for name, value in before.values.items()
                    if name in _COUNTERS.values())  # fmt: skip
        restarts += reset
        base = {} if reset else before.values
        grew = {name: after.values[name] - base.get(name, 0.0) for name in _COUNTERS.values()
                if name in after.values}  # fmt: skip
        cells = [grew.get(name, "") for name in _FIELDS[2:6]]
        rows.append([round(before.second), round(after.second), *cells, after.model])
    if restarts:
        said.append(say(caveats.RESTARTED, restarts=restarts))
    with target.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([_FIELDS, *rows])
    kept = {name: (Place((name,)),) for name in _FIELDS if name != "cached" or _has_cache(scrapes)}
    layout = Layout("csv", Recognised(FORMAT, kept), _FIELDS)
    return Growth(layout, str(target), _batch(pairs, scrapes), tuple(said))


def _one_engine(scrapes: Sequence[Scrape], where: str) -> None:
    """Raise LogError for engines that ran side by side: what one has served is no growth of another."""
    for before, after in pairwise(scrapes):
        if before.started is None or after.started is None:
            continue
        if abs(after.started - before.started) > 1 and after.started < before.second:
            expected = say("scrapes of one engine; read each engine's by themselves")
            fault = Fault(where, expected, say("several"))
            raise LogError(say("The metrics are those of engines side by side."), [fault])


def _has_cache(scrapes: Sequence[Scrape]) -> bool:
    return all("cached" in one.values for one in scrapes)


def _alone(one: Scrape, where: str) -> Fault:
    n = one.values["requests"]
    each = (
        say(
            "{count} requests of {input} tokens in and {output} out, over an unknown time",
            count=numeral(n, ",.0f"),
            input=numeral(one.values["input"] / n, ",.0f"),
            output=numeral(one.values["output"] / n, ",.0f"),
        )
        if n
        else say("no request")
    )
    return Fault(where, say("two scrapes some time apart, or process_start_time_seconds"), each)


def _batch(
    pairs: Sequence[tuple[Scrape, Scrape]], scrapes: Sequence[Scrape]
) -> tuple[float, float, float] | None:
    """Requests at once: time spent in requests over time passed, else what the gauge showed."""
    spent = [
        (after.values[_LATENCY] - before.values[_LATENCY]) / (after.second - before.second)
        for before, after in pairs
        if _LATENCY in before.values and _LATENCY in after.values
        and after.values[_LATENCY] >= before.values[_LATENCY]
    ]  # fmt: skip
    seen = spent or [one.values[_RUNNING] for one in scrapes if _RUNNING in one.values]
    if not seen:
        return None
    return min(seen), sum(seen) / len(seen), max(seen)


def _read(file: str) -> list[Scrape]:
    """The scrapes of a file: one, or several whose samples carry different times."""
    seen = look(file)
    with unpacked(file, seen.packing) as raw:
        text = raw.read(_MOST_BYTES).decode(seen.encoding, errors="replace")
    written, named = _moment(file)
    scrapes: dict[str, Scrape] = {}
    for line in text.splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        name, labels, said, stamp = found[1], found[2] or "", found[3], found[4] or ""
        try:
            value = float(said)
        except ValueError:
            continue
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124
            continue
        second = int(stamp) / (1000 if len(stamp) > 11 else 1) if stamp else written
        scrape = scrapes.setdefault(stamp, Scrape(second, file, stamped=bool(stamp) or named))
        _add(scrape, name, labels, value)
    return list(scrapes.values())


def _add(scrape: Scrape, name: str, labels: str, value: float) -> None:
    if name == "process_start_time_seconds":
        scrape.started = value
        return
    model = _MODEL.search(labels)
    scrape.model = scrape.model or (model[1] if model else "")
    key = name.removeprefix("vllm:")
    key = _COUNTERS.get(key.removesuffix("_total"), key)
    if key == "requests" and _ABORTED.search(labels):
        return
    scrape.values[key] = scrape.values.get(key, 0.0) + value


def _moment(file: str) -> tuple[float, bool]:
    """When a file was scraped [s], and whether its name says so."""
    found = _DATE.search(Path(file).name)
    if found:
        try:
            parts = [int(part or 0) for part in found.groups()]
            return datetime(*parts[:3], *parts[3:], tzinfo=UTC).timestamp(), True  # type: ignore[arg-type, misc]
        except ValueError:
            pass
    return Path(file).stat().st_mtime, False
