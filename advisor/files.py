"""Reading and writing files safely: bounded, inside their folder, all or nothing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import yaml

from advisor.errors import AdvisorError, Fault, ScenarioError

MAX_YAML_BYTES = 5_000_000

Place = tuple[str | int, ...]


class PlainLoader(yaml.CSafeLoader):
    """Plain data only, in which just ``true`` and ``false`` are truth values.

    YAML 1.1 also reads ``yes``, ``no``, ``on`` and ``off`` as such, and so would turn the
    language ``no`` and the key ``on`` into something nobody wrote.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012  the base class declares it so
        first: [
            (tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"
        ]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def inside(folder: Path, name: str, where: str) -> Path:
    """Resolve ``name`` within ``folder``; a path that leaves it is refused."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ScenarioError(
            "A file lies outside the scenario's folder.",
            [Fault(where, f"a file inside {folder.name or folder}/", repr(name))],
        )
    return path


def read_text(path: Path, limit: int = MAX_YAML_BYTES) -> str:
    """Read a UTF-8 text file of at most ``limit`` bytes."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise ScenarioError(
                f"{path.name} is too large.",
                [Fault(path.name, f"at most {limit / 1e6:g} MB", f"{size / 1e6:.1f} MB")],
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError(
            f"{path.name} is not UTF-8 text.", [Fault(path.name, "UTF-8 text", str(error.reason))]
        ) from error
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ScenarioError(
            f"{path.name} cannot be read.", [Fault(str(path), "a readable file", reason)]
        ) from error


def read_yaml(path: Path, limit: int = MAX_YAML_BYTES) -> tuple[dict[str, Any], dict[Place, int]]:
    """Load a YAML mapping and the line of each of its places.

    Only plain data is read. Aliases (which can expand without bound), tags that name
    Python objects and keys given twice are refused, all in one error.
    """
    text = read_text(path, limit)
    faults: list[Fault] = []
    lines: dict[Place, int] = {}
    try:
        for event in yaml.parse(text, Loader=PlainLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                faults.append(Fault(f"{path.name}:{line}", "plain values", f"an alias *{event.anchor}"))
                raise ScenarioError(f"{path.name} uses YAML aliases, which are not accepted.", faults)
        node = yaml.compose(text, Loader=PlainLoader)
        _walk(node, (), lines, faults, path.name)
        data = yaml.load(text, Loader=PlainLoader)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}:{mark.line + 1}" if mark else path.name
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ScenarioError(
            f"{path.name} is not plain YAML.", [Fault(place, "plain YAML", str(problem))]
        ) from error
    except RecursionError as error:
        raise ScenarioError(
            f"{path.name} is nested too deeply.", [Fault(path.name, "a few levels", "hundreds")]
        ) from error
    if faults:
        raise ScenarioError(f"{path.name} gives keys twice.", faults)
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        raise ScenarioError(
            f"{path.name} holds no settings.", [Fault(path.name, "a mapping of keys to values", found)]
        )
    return data, lines


def _walk(node: Any, place: Place, lines: dict[Place, int], faults: list[Fault], name: str) -> None:
    if node is None:
        return
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                where = f"{name}:{key.start_mark.line + 1}"
                faults.append(Fault(where, "each key once", f"'{key.value}' again"))
            seen.add(key.value)
            _walk(value, (*place, key.value), lines, faults, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*place, index), lines, faults, name)


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part."""
    payload = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(payload)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or "unwritable"
        raise AdvisorError(
            f"{path.name} cannot be written.", [Fault(str(path), "a writable place", reason)]
        ) from error
