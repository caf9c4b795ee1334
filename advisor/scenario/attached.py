"""The files that a scenario names: found beside it, read, and carried along while it is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.core.errors import AdvisorError, Fault
from advisor.core.files import Place, inside, read_text
from advisor.core.saying import joined, say
from advisor.scenario.fields import Scenario
from advisor.scenario.model_config import ModelConfig, read_config
from advisor.scenario.traffic import Traffic, load_traffic
from advisor.scenario.validation import located

if TYPE_CHECKING:  # few scenarios name a file: its reader is imported when one does
    from advisor.scenario.pilot_log import PilotRow
    from advisor.scenario.scrapes import Running

NAMED_FILES: tuple[Place, ...] = (
    ("workload", "traffic"), ("measurements", "pilot_log"), ("measurements", "intensity_series"),
)  # fmt: skip
# files named in entries of a free-form mapping: where the mapping stands, and the entry's fields
BY_NAME: tuple[tuple[Place, tuple[str, ...]], ...] = (
    (("own_models",), ("config",)),
    (("measurements", "running_batch"), ("before", "after")),
)
# where a scenario carries what the files of a section hold
HELD_BY = {
    "workload": ("_traffic",), "measurements": ("_pilot", "_intensity", "_scraped"),
    "own_models": ("_configs",),
}  # fmt: skip
MAX_SCRAPE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Attached:
    """What the files that a scenario names hold."""

    traffic: Traffic | None = None
    pilot: tuple[PilotRow, ...] = ()
    intensity: tuple[float, ...] = ()
    configs: dict[str, ModelConfig] | None = None
    scraped: dict[str, Running] | None = None


def named_files(data: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Every file that plain data names, and the place that names it."""
    for place in NAMED_FILES:
        if isinstance(file := _at(data, place), str):
            yield place, file
    for place, fields in BY_NAME:
        entries = _at(data, place)
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            for field in fields:
                if isinstance(file := _at(entry, (field,)), str):
                    yield (*place, str(name), field), file


def read_attached(
    data: Mapping[str, Any], folder: Path, faults: list[Fault], name: str, lines: Mapping[Place, int]
) -> Attached:
    """Read the files that the data names; what is wrong with them joins ``faults``."""
    found: dict[Place, Any] = {}
    for place, file in named_files(data):
        where = located(place, name, lines)
        try:
            path = inside(folder, file, where)
            if not os.path.lexists(path):  # a name too long for the system is no file either
                faults.append(Fault(where, say("a file beside the scenario"), say("no {file}", file=file)))
            else:
                found[place] = _read(place, path)
        except AdvisorError as error:
            faults.extend(error.faults)
    configs = {str(place[1]): held for place, held in found.items() if place[0] == "own_models"}
    return Attached(
        found.get(NAMED_FILES[0]), found.get(NAMED_FILES[1], ()), found.get(NAMED_FILES[2], ()),
        configs or None, _scraped(found, faults, name, lines) or None,
    )  # fmt: skip


def _read(place: Place, path: Path) -> Any:
    match place:
        case ("workload", "traffic"):
            return load_traffic(path)
        case ("measurements", "pilot_log"):
            from advisor.scenario.pilot_log import load_pilot_log

            return load_pilot_log(path)
        case ("measurements", "intensity_series"):
            from advisor.scenario.intensity import load_intensity

            return load_intensity(path)
        case ("own_models", model, _):
            return read_config(path, str(model))
        case _:
            return read_text(path, MAX_SCRAPE_BYTES)


def _scraped(
    found: Mapping[Place, Any], faults: list[Fault], name: str, lines: Mapping[Place, int]
) -> dict[str, Running]:
    batches = {}
    for place, before in found.items():
        after = found.get((*place[:-1], "after"))
        if place[:2] != ("measurements", "running_batch") or place[-1] != "before" or after is None:
            continue
        from advisor.scenario.scrapes import running_batch

        try:
            batches[str(place[2])] = running_batch(before, after)
        except AdvisorError as error:
            where = located(place, name, lines)
            faults += [
                Fault(joined(", ", (where, one.where)), one.expected, one.found) for one in error.faults
            ]
    return batches


def not_beside(before: Mapping[Place, str], data: Mapping[str, Any]) -> list[Fault]:
    """Files that plain data names unlike ``before``, which nobody can read without a folder."""
    return [
        Fault(".".join(map(str, place)), say("a file named in the scenario itself"), repr(file))
        for place, file in named_files(data)
        if before.get(place) != file
    ]


def with_section(scenario: Scenario, source: Scenario, name: str) -> Scenario:
    """The scenario with a section, and what the files it names hold, of another."""
    changed = scenario.model_copy(update={name: getattr(source, name)})
    for held in HELD_BY.get(name, ()):
        setattr(changed, held, getattr(source, held))
    return changed


def keep_attached(before: Scenario, after: Scenario, fresh: Attached | None = None) -> None:
    """Give ``after`` what files held: those it names as ``before`` does, else what is ``fresh``."""
    fresh = fresh or Attached()
    old, new = before.measurements, after.measurements
    after._traffic = before.traffic if after.workload.traffic == before.workload.traffic else fresh.traffic
    after._pilot = before.pilot if new.pilot_log == old.pilot_log else fresh.pilot
    after._intensity = before.intensity if new.intensity_series == old.intensity_series else fresh.intensity
    after._configs = _kept(before.configs, fresh.configs, before.own_models, after.own_models)
    after._scraped = _kept(before.scraped, fresh.scraped, old.running_batch, new.running_batch)


def _kept(
    old: dict[str, Any] | None, fresh: dict[str, Any] | None,
    before: Mapping[str, Any], after: Mapping[str, Any],
) -> dict[str, Any] | None:  # fmt: skip
    """What files held by name: as before where the entry is the same, the very object if all are."""
    if before == after:
        return old
    found = {
        name: held
        for name in after
        if (held := (old or {}).get(name) if before.get(name) == after[name] else (fresh or {}).get(name))
        is not None
    }
    return found or None


def attach(scenario: Scenario, held: Attached) -> None:
    """Give a scenario what its files hold; what ``held`` lacks stays."""
    if held.traffic:
        scenario._traffic = held.traffic
    if held.pilot:
        scenario._pilot = held.pilot
    if held.intensity:
        scenario._intensity = held.intensity
    if held.configs:
        scenario._configs = held.configs
    if held.scraped:
        scenario._scraped = held.scraped


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data
