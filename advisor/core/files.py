"""Reading files safely: bounded, inside their folder, and YAML as plain data alone.

YAML is read by the core schema of YAML 1.2, so that a number means what it shows: ``010`` is
ten, ``1:30`` and ``0x1F`` are text, ``no`` is a word. A date is written out in full. The same
reader takes files, uploads and single values from a command line.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from advisor.core.addresses import is_elsewhere, only_here
from advisor.core.errors import AdvisorError, Fault, ScenarioError, quoted
from advisor.core.saving import write_atomic
from advisor.core.saying import numeral, say

__all__ = [
    "Document",
    "Place",
    "PlainLoader",
    "dump_yaml",
    "inside",
    "plain_value",
    "read_bytes",
    "read_text",
    "read_yaml",
    "scan_text",
    "scan_yaml",
    "text_of",
    "unprintable",
    "write_atomic",
]

MAX_YAML_BYTES = 5_000_000
# what a file of YAML may be instead of a mapping
KINDS = {
    list: say("a list"), str: say("a str"), bool: say("a bool"), int: say("a int"), float: say("a float"),
    date: say("a date"),
}  # fmt: skip
# deeper than any file of ours by far, and far from what would exhaust the parser's stack
MAX_DEPTH = 50
LACKING = "did not find expected "  # how the parser says what should stand there
# longer than any single value that a command line sets
MAX_VALUE_BYTES = 10_000
# written as escapes, these would reach terminals and pages; lone surrogates fit in no file
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# larger numbers are written with an exponent
WHOLE = 1e15
# where milestones are kept beside a scenario: in a workspace, and in what the app packs
MILESTONES = "milestones.json"
TAG = "tag:yaml.org,2002:"
# the core schema of YAML 1.2 without its 0o and 0x, and with dates: tag, pattern, first letters
CORE = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
)

Place = tuple[str | int, ...]


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, firsts in CORE:
        for first in firsts:
            found.setdefault(first, []).append((TAG + tag, re.compile(rf"(?:{pattern})\Z")))
    return found


class PlainLoader(yaml.CSafeLoader):
    """Plain data only, by the core schema of YAML 1.2."""

    yaml_implicit_resolvers = _resolvers()


class PlacedLoader(yaml.SafeLoader):
    """The same, whose nodes know the exact character they begin and end at; slower."""

    yaml_implicit_resolvers = _resolvers()


class PlainDumper(yaml.CSafeDumper):
    """Quotes every text that YAML 1.1 or 1.2 would read as something else."""

    yaml_implicit_resolvers = {  # noqa: RUF012  the base class declares it so
        first: [*yaml.SafeDumper.yaml_implicit_resolvers.get(first, []), *_resolvers().get(first, [])]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_resolvers()}
    }


def _whole(loader: Any, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))  # a leading zero means nothing


def _date(loader: Any, node: yaml.ScalarNode) -> date | str:
    """A date; one that no calendar has stays text, for whoever checks the field to name."""
    try:
        return date.fromisoformat(loader.construct_scalar(node))
    except ValueError:
        return str(node.value)


def _text(dumper: yaml.CSafeDumper, value: str) -> yaml.ScalarNode:
    """Text on one line, whatever breaks it holds."""
    return dumper.represent_scalar(f"{TAG}str", str(value), style=None if value.isprintable() else '"')


def _number(dumper: yaml.CSafeDumper, value: float) -> yaml.ScalarNode:
    """A number without a fraction as one writes it: 5, not 5.0."""
    whole = value.is_integer() and abs(value) < WHOLE
    return dumper.represent_int(int(value)) if whole else dumper.represent_float(value)


for _loader in (PlainLoader, PlacedLoader):
    _loader.add_constructor(f"{TAG}int", _whole)
    _loader.add_constructor(f"{TAG}timestamp", _date)
PlainDumper.add_multi_representer(str, _text)  # a text for people is written in English
PlainDumper.add_representer(str, _text)
PlainDumper.add_representer(float, _number)


def dump_yaml(data: Any, flow: bool = False) -> str:
    """Plain data as YAML that every reader takes as it was meant; ``flow`` keeps it on one line."""
    text: str = yaml.dump(
        data, Dumper=PlainDumper, sort_keys=False, allow_unicode=True, width=10**9, default_flow_style=flow
    )
    return text


def on_one_line(value: Any) -> str:
    """A value on one line, as it stands in a file within brackets or after a key."""
    return dump_yaml([value], flow=True).strip()[1:-1]


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
        within = path.is_relative_to(folder.resolve()) and not is_elsewhere(name)
    except (OSError, ValueError, RuntimeError):  # a link to itself, or no name at all
        within = False
    if not within:
        raise ScenarioError(
            say("A file lies outside the scenario's folder."),
            [Fault(where, say("a file inside {folder}/", folder=folder.name or folder), repr(name))],
        )
    return path


def unprintable(text: str) -> bool:
    """Whether a text holds a control character other than a tab or an end of line."""
    return CONTROL.search(text) is not None


def text_of(content: bytes, name: str, limit: int = MAX_YAML_BYTES) -> str:
    """The text of a file's or an upload's bytes. Raises ScenarioError when too many or not UTF-8."""
    if len(content) > limit:
        raise _too_large(name, limit, len(content))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ScenarioError(
            say("{name} is not UTF-8 text.", name=name), [Fault(name, say("UTF-8 text"), str(error.reason))]
        ) from error


def _too_large(name: str, limit: int, size: int) -> ScenarioError:
    most, found = numeral(limit / 1e6, "g"), numeral(size / 1e6, ".1f")
    return ScenarioError(
        say("{name} is too large.", name=name),
        [Fault(name, say("at most {most} MB", most=most), say("{size} MB", size=found))],
    )


def read_bytes(path: Path, limit: int = MAX_YAML_BYTES) -> bytes:
    """The content of a file of at most ``limit`` bytes. Raises ScenarioError for anything else."""
    only_here(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            found = say("a folder") if stat.S_ISDIR(status.st_mode) else say("something else")
            raise ScenarioError(
                say("{name} is not a file.", name=path.name or path), [Fault(str(path), say("a file"), found)]
            )
        if status.st_size > limit:
            raise _too_large(path.name, limit, status.st_size)
        with path.open("rb") as stream:
            return stream.read(limit + 1)  # one that grows meanwhile is too large for text_of
    except (OSError, ValueError) as error:
        if isinstance(error, AdvisorError):
            raise
        reason = getattr(error, "strerror", None) or str(error) or say("unreadable")
        raise ScenarioError(
            say("{name} cannot be read.", name=path.name), [Fault(str(path), say("a readable file"), reason)]
        ) from error


def read_text(path: Path, limit: int = MAX_YAML_BYTES) -> str:
    """Read a UTF-8 text file of at most ``limit`` bytes; every end of line is one character."""
    text = text_of(read_bytes(path, limit), path.name, limit)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_yaml(path: Path, limit: int = MAX_YAML_BYTES) -> tuple[dict[str, Any], dict[Place, int]]:
    """Load a YAML mapping and the line of each of its places; keys given twice are refused."""
    document = scan_yaml(path, limit)
    if document.faults:
        raise ScenarioError(say("{name} gives keys twice.", name=path.name), document.faults)
    return document.data, document.lines


def scan_yaml(path: Path, limit: int = MAX_YAML_BYTES) -> Document:
    """Load a YAML mapping from a file; keys given twice are noted rather than refused."""
    return scan_text(read_text(path, limit), path.name)


def scan_text(text: str, name: str) -> Document:
    """Load a YAML mapping from text; keys given twice are noted rather than refused.

    Only plain data is read: aliases (which can expand without bound), tags (which can
    name Python objects), control characters and bottomless nesting are refused before
    anything is built. ``name`` is what faults call the text.
    """
    data, lines, faults = _scanned(text, name)
    if not isinstance(data, dict):
        found = say("nothing") if data is None else KINDS[type(data)]
        raise ScenarioError(
            say("{name} holds no settings.", name=name),
            [Fault(name, say("a mapping of keys to values"), found)],
        )
    return Document(data, lines, tuple(faults))


def plain_value(text: str, name: str) -> Any:
    """One value as YAML, read as in a file. Raises ScenarioError calling the text ``name``."""
    if len(text) > MAX_VALUE_BYTES:
        raise _unplain(name, name, say("{count} characters", count=numeral(len(text), ",")))
    data, _, faults = _scanned(text, name)
    if faults:
        raise ScenarioError(say("{name} gives keys twice.", name=name), faults)
    return data


def _scanned(text: str, name: str) -> tuple[Any, dict[Place, int], list[Fault]]:
    faults: list[Fault] = []
    lines: dict[Place, int] = {}
    try:
        _only_plain(text, name)
        loader = PlainLoader(text)
        node = loader.get_single_node()
        _walk(node, (), lines, faults, name)
        return None if node is None else loader.construct_document(node), lines, faults
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}" if mark else name
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        lacking = str(problem).removeprefix(LACKING)
        if lacking != problem:
            raise _unplain(name, place, say("something else"), lacking) from error
        raise _unplain(name, place, str(problem).removeprefix("found ")) from error
    except AdvisorError:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise _unplain(name, name, str(error).split(";", maxsplit=1)[0]) from error


def _unplain(name: str, where: str, found: str, expected: str = "") -> ScenarioError:
    fault = Fault(where, expected or say("plain YAML"), found)
    return ScenarioError(say("{name} is not plain YAML.", name=name), [fault])


def _only_plain(text: str, name: str) -> None:
    """Refuse aliases, tags and deep nesting while they are still mere events."""
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        where = f"{name}:{event.start_mark.line + 1}" if event.start_mark else name
        if isinstance(event, yaml.AliasEvent):
            raise _unplain(name, where, say("an alias *{anchor}", anchor=event.anchor))
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            raise _unplain(name, where, say("a tag {tag}", tag=event.tag))
        if isinstance(event, yaml.ScalarEvent) and CONTROL.search(event.value):
            raise _unplain(name, where, say("a control character"))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _unplain(name, where, say("more than {count} levels", count=MAX_DEPTH))


def _walk(node: Any, place: Place, lines: dict[Place, int], faults: list[Fault], name: str) -> None:
    if node is None:
        return
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            where = f"{name}:{key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise _unplain(name, where, say("a list or mapping as key"))
            if key.value in seen:
                faults.append(
                    Fault(where, say("each key once"), say("'{name}' again", name=quoted(key.value)))
                )
            seen.add(key.value)
            _walk(value, (*place, key.value), lines, faults, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*place, index), lines, faults, name)
