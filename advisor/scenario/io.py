"""Loading, saving, overriding and comparing scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from advisor.errors import Fault, ScenarioError, nearest
from advisor.files import Place, inside, read_yaml, write_atomic
from advisor.scenario.fields import Scenario
from advisor.traffic import load_traffic
from advisor.validation import checked

MAX_SCENARIO_BYTES = 1_000_000
SCHEMA_LINE = "# yaml-language-server: $schema=scenario.schema.json\n"
# free-form mappings: their keys are names, not fields
OPEN_PATHS = ("quality.scores", "constraints.provenance", "constraints.security_scan", "timing.deadlines",
              "measurements.wh_per_request", "notes", "owners", "overrides", "decisions")  # fmt: skip


def load_scenario(path: Path) -> Scenario:
    """Read a scenario and the traffic profile it names.

    Raises ScenarioError listing every fault with its line, what was expected and the
    nearest valid name.
    """
    data, lines = read_yaml(path, MAX_SCENARIO_BYTES)
    return parse_scenario(data, path.name, lines, path.parent)


def parse_scenario(
    data: Mapping[str, Any],
    name: str = "scenario",
    lines: Mapping[Place, int] | None = None,
    folder: Path | None = None,
) -> Scenario:
    """Validate plain data as a scenario; ``folder`` is where its files may lie."""
    faults: list[Fault] = []
    scenario: Scenario | None = None
    try:
        scenario = checked(Scenario, data, name, lines)
    except ScenarioError as error:
        faults.extend(error.faults)
    faults.extend(_unknown_paths(data))
    traffic = None
    files = {"workload": "traffic", "measurements": "pilot_log"} if folder else {}
    for section, key in files.items():
        named = data.get(section)
        if isinstance(named, Mapping) and isinstance(named.get(key), str):
            try:
                path = inside(folder, named[key], f"{section}.{key}") if folder else Path(named[key])
                if key == "traffic":
                    traffic = load_traffic(path)
                elif not path.is_file():
                    faults.append(Fault(f"{section}.{key}", "a file beside the scenario", repr(named[key])))
            except ScenarioError as error:
                faults.extend(error.faults)
    if faults or scenario is None:
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise ScenarioError(f"{name} has {count}.", faults)
    scenario._traffic = traffic
    return scenario


def _unknown_paths(data: Mapping[str, Any]) -> Iterator[Fault]:
    known = list(paths(Scenario))
    for section in ("notes", "owners"):
        given = data.get(section)
        for path in given if isinstance(given, Mapping) else ():
            if path not in known and not str(path).startswith(("data_sets", *OPEN_PATHS)):
                yield Fault(f"{section}.{path}", "the path of a field", repr(path), nearest(path, known))


def paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted paths of every plain field of ``model`` and of its sections."""
    for name, info in model.model_fields.items():
        path = f"{prefix}{name}"
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from paths(info.annotation, f"{path}.")
        else:
            yield path


def untouched(scenario: Scenario) -> list[str]:
    """Dotted paths of the fields nobody has set: defaults that still need an owner."""
    found = []
    for path in paths(Scenario):
        head, *rest = path.split(".")
        node: BaseModel = scenario
        touched = head in scenario.model_fields_set
        for part in rest:
            node = getattr(node, head)
            touched = touched and part in node.model_fields_set
            head = part
        if not touched and path not in (*OPEN_PATHS, "schema_version"):
            found.append(path)
    return found


def value_at(scenario: Scenario, path: str) -> Any:
    """The value at a dotted path. Raises ScenarioError naming the nearest path."""
    node: Any = scenario
    for part in path.split("."):
        if isinstance(node, Mapping) and part in node:
            node = node[part]
        elif isinstance(node, BaseModel) and part in type(node).model_fields:
            node = getattr(node, part)
        else:
            known = list(paths(Scenario))
            raise ScenarioError(
                "A setting names no field of a scenario.",
                [Fault("setting", "the path of a field", repr(path), nearest(path, known))],
            )
    return node


def plain(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data, only what was set."""
    data: dict[str, Any] = scenario.model_dump(mode="json", exclude_unset=True)
    return data


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A copy with dotted paths set. Raises ScenarioError listing every fault."""
    data = plain(scenario)
    for path, value in values.items():
        head, *rest = path.split(".")
        if not rest or head not in OPEN_PATHS:
            value_at(scenario, path if not path.startswith(OPEN_PATHS) else path.split(".")[0])
        node = data
        for part in path.split(".")[:-1]:
            child = node.get(part)
            if not isinstance(child, dict):
                child = node[part] = {}
            node = child
        node[path.split(".")[-1]] = value
    changed = checked(Scenario, data, "the settings")
    changed._traffic = scenario.traffic if changed.workload.traffic else None
    return changed


def scenario_yaml(scenario: Scenario) -> str:
    """The scenario as YAML, only what was set, in the order of the fields."""
    return SCHEMA_LINE + yaml.safe_dump(plain(scenario), sort_keys=False, allow_unicode=True, width=100)


def save_scenario(scenario: Scenario, path: Path) -> None:
    """Write a scenario, all or nothing."""
    write_atomic(path, scenario_yaml(scenario))


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
