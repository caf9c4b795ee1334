"""Reading and writing files safely: bounded, inside their folder, all or nothing."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from advisor.core.errors import AdvisorError, Fault, ScenarioError

MAX_YAML_BYTES = 5_000_000
# deeper than any file of ours by far, and far from what would exhaust the parser's stack
MAX_DEPTH = 50
# written as escapes, these would reach terminals and pages
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TIMESTAMP = "tag:yaml.org,2002:timestamp"

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


def _date(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> date | str:
    """A date; one that no calendar has stays text, for whoever checks the field to name."""
    try:
        found: date = loader.construct_yaml_timestamp(node)
    except ValueError:
        return str(node.value)
    return found


PlainLoader.add_constructor(TIMESTAMP, _date)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML mapping, the line of each of its places, and the keys given twice."""

    data: dict[str, Any]
    lines: dict[Place, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def inside(folder: Path, name: str, where: str) -> Path:
    """Resolve ``name`` within ``folder``; a path that leaves it, by a link too, is refused."""
    try:
        path = (folder / name).resolve()
        within = path.is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a link to itself, or no name at all
        within = False
    if not within:
        raise ScenarioError(
            "A file lies outside the scenario's folder.",
            [Fault(where, f"a file inside {folder.name or folder}/", repr(name))],
        )
    return path


def read_text(path: Path, limit: int = MAX_YAML_BYTES) -> str:
    """Read a UTF-8 text file of at most ``limit`` bytes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            found = "a folder" if stat.S_ISDIR(status.st_mode) else "something else"
            raise ScenarioError(f"{path.name} is not a file.", [Fault(str(path), "a file", found)])
        if status.st_size > limit:
            raise ScenarioError(
                f"{path.name} is too large.",
                [Fault(path.name, f"at most {limit / 1e6:g} MB", f"{status.st_size / 1e6:.1f} MB")],
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
    """Load a YAML mapping and the line of each of its places; keys given twice are refused."""
    document = scan_yaml(path, limit)
    if document.faults:
        raise ScenarioError(f"{path.name} gives keys twice.", document.faults)
    return document.data, document.lines


def scan_yaml(path: Path, limit: int = MAX_YAML_BYTES) -> Document:
    """Load a YAML mapping; keys given twice are noted rather than refused.

    Only plain data is read: aliases (which can expand without bound), tags (which can
    name Python objects) and bottomless nesting are refused before anything is built.
    """
    text = read_text(path, limit)
    faults: list[Fault] = []
    lines: dict[Place, int] = {}
    try:
        _only_plain(text, path.name)
        node = yaml.compose(text, Loader=PlainLoader)
        _walk(node, (), lines, faults, path.name)
        data = yaml.load(text, Loader=PlainLoader)  # noqa: S506  a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}:{mark.line + 1}" if mark else path.name
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise _unplain(path.name, place, str(problem)) from error
    except AdvisorError:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise _unplain(path.name, path.name, str(error).split(";", maxsplit=1)[0]) from error
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        raise ScenarioError(
            f"{path.name} holds no settings.", [Fault(path.name, "a mapping of keys to values", found)]
        )
    return Document(data, lines, tuple(faults))


def _unplain(name: str, where: str, found: str) -> ScenarioError:
    return ScenarioError(f"{name} is not plain YAML.", [Fault(where, "plain YAML", found)])


def _only_plain(text: str, name: str) -> None:
    """Refuse aliases, tags and deep nesting while they are still mere events."""
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        where = f"{name}:{event.start_mark.line + 1}" if event.start_mark else name
        if isinstance(event, yaml.AliasEvent):
            raise _unplain(name, where, f"an alias *{event.anchor}")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            raise _unplain(name, where, f"a tag {event.tag}")
        if isinstance(event, yaml.ScalarEvent) and CONTROL.search(event.value):
            raise _unplain(name, where, "a control character")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _unplain(name, where, f"more than {MAX_DEPTH} levels")


def _walk(node: Any, place: Place, lines: dict[Place, int], faults: list[Fault], name: str) -> None:
    if node is None:
        return
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            where = f"{name}:{key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise _unplain(name, where, "a list or mapping as key")
            if key.value in seen:
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
