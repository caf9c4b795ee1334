"""Opening a scenario as a case, and starting a new one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from advisor.catalogue import DATA, open_catalogue
from advisor.core.errors import AdvisorError, ChangedError, Fault, unknown
from advisor.core.files import dump_yaml, read_text
from advisor.core.saving import ABSENT, fingerprint_of, write_together
from advisor.core.saying import say
from advisor.scenario import Scenario, load_scenario, read_scenario, with_values
from advisor.system.case import Case
from advisor.system.references import check_names, name_findings

TEMPLATES = DATA / "scenarios"
MINIMAL = """# yaml-language-server: $schema=scenario.schema.json
schema_version: 1
name: {name}
task: chat
workload:
  requests_per_day: 10000
"""


def open_case(path: Path, values: Mapping[str, Any] | None = None) -> Case:
    """A scenario on the shipped catalogue, with ``values`` set at dotted paths.

    Raises ScenarioError listing every fault, names the catalogue lacks included.
    """
    catalogue = open_catalogue()
    scenario = load_scenario(path, lambda data: name_findings(data, catalogue))
    if values:
        scenario = with_values(scenario, values, path.parent)
    check_names(scenario, catalogue)
    return Case(scenario, catalogue)


def log_case(path: Path | None = None) -> Case:
    """The case a request log's baseline is worked out in: a scenario's, or one of defaults."""
    return open_case(path) if path else Case(Scenario(name="log", task="chat"), open_catalogue())


def templates() -> list[str]:
    """Names of the shipped templates."""
    return sorted(path.stem for path in TEMPLATES.glob("*.yaml"))


def template(name: str) -> Path:
    """The file of a shipped template. Raises UnknownNameError."""
    if name not in templates():
        raise unknown(say("template"), name, templates())
    return TEMPLATES / f"{name}.yaml"


def new_scenario(name: str, source: str | None = None) -> Path:
    """Write a new scenario beside its schema; an existing file is never replaced."""
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    text = (
        read_text(template(source))
        if source
        else MINIMAL.format(name=dump_yaml([path.stem], flow=True)[1:-2])
    )
    read_scenario(text.encode("utf-8", "surrogateescape"), path.name)
    schema = path.parent / "scenario.schema.json"
    files = {path.name: text}
    if fingerprint_of(schema) == ABSENT:
        files[schema.name] = read_text(TEMPLATES / schema.name)
    try:
        write_together(path.parent, files, {path.name: ABSENT})
    except ChangedError as error:
        raise AdvisorError(
            say("{path} exists already.", path=path),
            [Fault("NAME", say("a file that does not exist yet"), f"'{path}'")],
        ) from error
    return path
