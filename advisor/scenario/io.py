"""Loading, overriding and comparing scenarios; how they are written is in saving.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from advisor.core.errors import Fault, ScenarioError, faulty, nearest
from advisor.core.files import Place, read_bytes, scan_text, text_of
from advisor.core.saying import say
from advisor.scenario.attached import (
    Attached,
    attach,
    keep_attached,
    named_files,
    not_beside,
    read_attached,
)
from advisor.scenario.fields import Scenario
from advisor.scenario.kinds import Section
from advisor.scenario.validation import INPUT, checked, known_keys, located

if TYPE_CHECKING:
    from advisor.scenario.pilot_log import PilotRow

MAX_SCENARIO_BYTES = 1_000_000
ABOUT = ("began_as",)  # where a scenario comes from: told of it, and no field of what it asks for
# longer than the path of any field
MAX_SETTING_BYTES = 500
# what is told about fields
TOLD_ABOUT = ("notes", "owners", "overrides", "decisions")
# free-form mappings: their keys are names, not fields
OPEN_PATHS = ("quality.scores", "constraints.provenance", "constraints.security_scan", "timing.deadlines",
              "measurements.wh_per_request", "measurements.running_batch", "own_models", "own_machines",
              *TOLD_ABOUT)  # fmt: skip


# something wrong with a name: where it stands, what was expected, what was found, the nearest
Finding = tuple[Place, str, str, str | None]
NameCheck = Callable[[Mapping[str, Any]], Iterable[Finding]]


def load_scenario(path: Path, names: NameCheck | None = None) -> Scenario:
    """Read a scenario and the files it names.

    ``names`` may find fault with the names the scenario uses. Raises ScenarioError listing
    every fault with its line, what was expected and the nearest valid name.
    """
    return read_scenario(read_bytes(path, MAX_SCENARIO_BYTES), path.name, path.parent, names)


def read_scenario(
    content: bytes, name: str, folder: Path | None = None, names: NameCheck | None = None
) -> Scenario:
    """The same from the bytes of an upload; ``folder`` is where the files it names may lie."""
    document = scan_text(text_of(content, name, MAX_SCENARIO_BYTES), name)
    return parse_scenario(document.data, name, document.lines, folder, document.faults, names)


def parse_scenario(
    data: Mapping[str, Any],
    name: str = "scenario",
    lines: Mapping[Place, int] | None = None,
    folder: Path | None = None,
    known_faults: Iterable[Fault] = (),
    names: NameCheck | None = None,
) -> Scenario:
    """Validate plain data as a scenario; ``folder`` is where its files may lie."""
    faults = list(known_faults)
    scenario: Scenario | None = None
    try:
        scenario = checked(Scenario, data, name, lines)
    except ScenarioError as error:
        faults.extend(error.faults)
    for place, expected, found, close in (*_unknown_paths(data), *(names(data) if names else ())):
        faults.append(Fault(located(place, name, lines or {}), expected, found, close))
    attached = read_attached(data, folder, faults, name, lines or {}) if folder else Attached()
    if faults or scenario is None:
        raise faulty(name, faults)
    attach(scenario, attached)
    return scenario


def _unknown_paths(data: Mapping[str, Any]) -> Iterator[Finding]:
    known = list(paths(Scenario))
    for section in ("notes", "owners"):
        given = data.get(section)
        for path in given if isinstance(given, Mapping) else ():
            if path not in known and not str(path).startswith(("data_sets", *OPEN_PATHS)):
                yield (section, path), say("the path of a field"), repr(path), nearest(path, known)


def paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted paths of every plain field of ``model`` and of its sections."""
    for name, info in model.model_fields.items():
        if name in ABOUT:
            continue
        path = f"{prefix}{name}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from paths(info.annotation, f"{path}.")
        else:
            yield path


def untouched(scenario: Scenario) -> list[str]:
    """Dotted paths of the fields nobody has set: defaults that still need an owner."""
    return [path for path in paths(Scenario) if is_untouched(scenario, path)]


def is_untouched(scenario: Scenario, path: str) -> bool:
    """Whether nobody has set the field at a dotted path; what is told about fields is none itself."""
    head, *rest = path.split(".")
    node: BaseModel = scenario
    touched = head in scenario.model_fields_set
    for part in rest:
        node = getattr(node, head)
        touched = touched and part in node.model_fields_set
        head = part
    return not touched and path not in (*TOLD_ABOUT, "schema_version")


def split(path: str) -> Place:
    """The parts of a path such as ``data_sets[2].size_gb`` or ``quality.scores.gpt-4.1.score``.

    Names of models and coefficients hold dots themselves, so within a free-form mapping only
    a field of its entries is split off.
    """
    for prefix in OPEN_PATHS:
        if path.startswith(f"{prefix}."):
            place: Place = tuple(prefix.split("."))
            name, dot, last = path.removeprefix(f"{prefix}.").rpartition(".")
            entry_fields = known_keys(Scenario, (*place, ""))
            if dot and last in entry_fields and prefix not in ("notes", "owners"):
                return (*place, name, last)
            return (*place, path.removeprefix(f"{prefix}."))
    parts = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts)


def value_at(scenario: Scenario, path: str) -> Any:
    """The value at a path as :func:`split` reads it. Raises ScenarioError naming the nearest path."""
    place = split(path) if len(path) <= MAX_SETTING_BYTES else ()
    if not place:
        raise _no_such(path)
    node: Any = scenario
    for part in place:
        if isinstance(node, BaseModel) and part in type(node).model_fields:
            node = getattr(node, str(part))
        elif part in (node if isinstance(node, Mapping) else _indices(node)):
            node = node[part]
        else:
            raise _no_such(path)
    return node


def _indices(node: Any) -> range:
    return range(len(node) if isinstance(node, list) else 0)


def _exists(path: str) -> bool:
    if len(path) > MAX_SETTING_BYTES:
        return False
    place = split(path)
    opened = path.startswith(tuple(f"{prefix}." for prefix in OPEN_PATHS))
    return opened or (
        bool(place) and (isinstance(place[-1], int) or place[-1] in known_keys(Scenario, place))
    )


def _no_such(*wrong: str) -> ScenarioError:
    known = list(paths(Scenario))
    return ScenarioError(
        say("A setting names no field of a scenario."),
        [
            Fault(say("setting"), say("the path of a field"), repr(path), nearest(path, known))
            for path in wrong
        ],
    )


def plain(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data, only what was set."""
    data: dict[str, Any] = scenario.model_dump(mode="json", exclude_unset=True)
    return data


def with_values(scenario: Scenario, values: Mapping[str, Any], folder: Path | None = None) -> Scenario:
    """A copy with values set at paths as :func:`split` reads them.

    A file named anew is read from ``folder``. Raises ScenarioError listing every fault.
    """
    wrong = [path for path in values if not _exists(path)]
    if wrong:
        raise _no_such(*wrong)
    quick = _with_numbers(scenario, values)
    if quick is not None:
        return quick
    data = plain(scenario)
    named = dict(named_files(data))
    for path, value in values.items():
        _put(data, split(path), value, path)
    changed = checked(Scenario, data, INPUT)
    faults = [] if folder else not_beside(named, data)
    fresh = read_attached(data, folder, faults, INPUT, {}) if folder else Attached()
    if faults:
        raise ScenarioError(say("A file cannot be taken."), faults)
    keep_attached(scenario, changed, fresh)
    return changed


def _with_numbers(scenario: Scenario, values: Mapping[str, Any]) -> Scenario | None:
    """The same where every value is a number of a section: only those sections are checked anew.

    None where one is not, or is out of bounds: the whole way tells every fault. Hundreds of what-ifs
    change one number each.
    """
    sections: dict[str, Section] = {}
    for path, value in values.items():
        place = split(path)
        if len(place) != 2 or type(value) not in (int, float):
            return None
        name, key = str(place[0]), str(place[1])
        section = sections[name] if name in sections else getattr(scenario, name)
        if not isinstance(section, Section) or key not in type(section).model_fields:
            return None
        if name not in sections:
            sections[name] = section = section.model_copy()
        try:
            setattr(section, key, value)
        except ValidationError:
            return None
    return scenario.model_copy(update=sections)


def _put(node: Any, place: Place, value: Any, path: str) -> None:
    """Set a value in nested plain data, making sections as needed; lists do not grow."""
    head, *rest = place
    if isinstance(node, list) and head not in _indices(node):
        raise _no_such(path)
    if not rest:
        node[head] = value
        return
    child = node[head] if not isinstance(node, dict) else node.get(head)
    if not isinstance(child, dict | list):
        if isinstance(rest[0], int):
            raise _no_such(path)
        child = node[head] = {}
    _put(child, tuple(rest), value, path)


def with_pilot(scenario: Scenario, rows: tuple[PilotRow, ...]) -> Scenario:
    """A copy with the rows of a pilot log, such as one that was pasted."""
    changed = scenario.model_copy(deep=True)
    changed._pilot = rows
    return changed


def with_file(scenario: Scenario, path: str, name: str, held: Attached) -> Scenario:
    """A copy that names a file at ``path``, which holds ``held``."""
    data = plain(scenario)
    _put(data, split(path), name, path)
    changed = checked(Scenario, data, INPUT)
    keep_attached(scenario, changed)
    attach(changed, held)
    return changed


def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema()}


def changed_fields(before: Scenario, after: Scenario) -> list[tuple[str, Any, Any]]:
    """Fields that differ between two scenarios: (path, before, after)."""
    return [
        (path, value_at(before, path), value_at(after, path))
        for path in paths(Scenario)
        if value_at(before, path) != value_at(after, path)
    ]
