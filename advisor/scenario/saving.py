"""Writing scenarios so that nothing of a person's is lost.

A file that is there is changed in place: only what differs, every comment and every other byte
kept. Who opened a file and saves it after somebody else did is told what changed; both
versions then lie side by side.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from advisor.core.errors import AdvisorError, ChangedError, Fault
from advisor.core.files import dump_yaml, read_bytes, scan_text, text_of
from advisor.core.saving import ABSENT, fingerprint, write_together
from advisor.core.saying import dated, joined, say
from advisor.scenario.editing import GONE, Unfit, differences, edited
from advisor.scenario.fields import Scenario
from advisor.scenario.io import MAX_SCENARIO_BYTES, plain
from advisor.scenario.validation import checked, place_of

SCHEMA_LINE = "# yaml-language-server: $schema=scenario.schema.json\n"
# names tried for a version kept beside another
MOST_BESIDE_FAULTS = 1000
# more would only scroll the first away
MOST_TOLD_FAULTS = 20


@dataclass(frozen=True)
class Seen:
    """A scenario's file as somebody read it: its fingerprint, and how to tell the values it held."""

    fingerprint: str = ABSENT
    tell: Callable[[], Mapping[str, Any]] = dict

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Its values, to compare with: told when somebody else has written to it."""
        return self.tell()


class EditedMeanwhileError(ChangedError):
    """A scenario's file was changed since it was opened; the own version lies beside it.

    ``kept`` is where, and ``seen`` is that file as it was written.
    """

    def __init__(self, summary: str, faults: list[Fault], kept: Path, seen: Seen) -> None:
        super().__init__(summary, faults)
        self.kept, self.seen = kept, seen


def seen(path: Path) -> Seen:
    """A scenario's file as it stands; one that is not there has been seen as absent."""
    content = _content(path)
    if content is None:
        return Seen()
    text = _text(content, path.name)
    return Seen(fingerprint(content), lambda: _values(text) or {})


def scenario_yaml(scenario: Scenario) -> str:
    """The scenario as YAML, only what was set, in the order of the fields."""
    return SCHEMA_LINE + dump_yaml(plain(scenario))


def renewed(text: str, scenario: Scenario) -> str:
    """The text of a scenario's file with the values of ``scenario``; the rest stays byte for byte.

    A section that is laid out so that it cannot be changed in place is written anew, and a text
    that is no valid scenario as a whole.
    """
    before, after = _values(text), plain(scenario)
    if before is None:
        return scenario_yaml(scenario)
    sections = [
        ((key,), after.get(key, GONE))
        for key in [*before, *(key for key in after if key not in before)]
        if differences(before.get(key), after.get(key))
    ]
    for changes in (differences(before, after), sections):
        try:
            found = edited(text, changes)
        except Unfit:
            continue
        if _values(found) == after:
            return found
    return scenario_yaml(scenario)


def save_scenario(
    scenario: Scenario,
    path: Path,
    opened: Seen | None = None,
    like: str = "",
    along: Mapping[str, str | bytes] | None = None,
) -> Seen:
    """Write a scenario, all or nothing, and return its file as seen from now on.

    ``opened`` is the file as it was read, ``like`` the text to begin from where there is none
    yet, ``along`` files of the same folder that belong to it and appear with it. Raises
    EditedMeanwhileError when the file is not as it was opened: it then stays, and the scenario
    is written beside it. Raises AdvisorError when it cannot be written.
    """
    content = _content(path)
    now = ABSENT if content is None else fingerprint(content)
    text = renewed(like if content is None else _text(content, path.name), scenario)
    written = Seen(fingerprint(text), partial(plain, scenario))
    try:
        if opened is not None and opened.fingerprint != now:
            raise ChangedError(say("{name} was changed since it was opened.", name=path.name))
        write_together(path.parent, {**(along or {}), path.name: text}, {path.name: now})
    except ChangedError as error:
        kept = _beside(path, text, along or {})
        raise _both(path, opened or Seen(), kept, written) from error
    return written


def _content(path: Path) -> bytes | None:
    try:
        return read_bytes(path, MAX_SCENARIO_BYTES)
    except AdvisorError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def _text(content: bytes, name: str) -> str:
    return text_of(content, name, MAX_SCENARIO_BYTES)


def _values(text: str) -> dict[str, Any] | None:
    """What a text sets, as plain data; None when it is no valid scenario."""
    try:
        document = scan_text(text, "the scenario")
        return None if document.faults else plain(checked(Scenario, document.data, "the scenario"))
    except AdvisorError:
        return None


def _beside(path: Path, text: str, along: Mapping[str, str | bytes]) -> Path:
    """Write a version beside another, under the first name that is free."""
    for number in range(2, MOST_BESIDE_FAULTS):
        kept = path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            write_together(path.parent, {**along, kept.name: text}, {kept.name: ABSENT})
        except ChangedError:
            continue
        return kept
    raise AdvisorError(
        say("{name} cannot be kept beside another.", name=path.name),
        [Fault(str(path), say("a free name"), say("none"))],
    )


def _both(path: Path, opened: Seen, kept: Path, written: Seen) -> EditedMeanwhileError:
    summary = say(
        "{name} was changed by somebody else{by} since it was opened here: "
        "it stays as they left it, and your version is {kept} beside it.",
        name=path.name,
        by=_by(path),
        kept=kept.name,
    )
    return EditedMeanwhileError(summary, list(_theirs(path, opened.values)), kept, written)


def _by(path: Path) -> str:
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        who = f"{path.owner()}, " if os.name == "posix" else ""  # elsewhere a file has no owner's name
    except (OSError, KeyError):  # gone, or by nobody that this machine knows
        return ""
    return joined("", (f" ({who}", dated(at.date()), f" {at:%H:%M} UTC)"))


def _theirs(path: Path, opened: Mapping[str, Any]) -> Iterator[Fault]:
    """What somebody else changed: each place, as it was opened and as it is now."""
    try:
        changes = differences(dict(opened), seen(path).values)
    except AdvisorError:
        return
    for place, value in changes[:MOST_TOLD_FAULTS]:
        before: Any = opened
        for part in place:
            known = isinstance(before, list) or (isinstance(before, Mapping) and part in before)
            before = before[part] if known else None
        found = say("nothing") if value is GONE else repr(value)
        opening = say("{value} as it was opened", value=repr(before))
        yield Fault(place_of(place) or say("the file"), opening, found)
