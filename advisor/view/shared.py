"""The one working state of a workshop: every notebook follows the same scenario, saved or not.

Each notebook has a kernel of its own. What is changed in one is written to the workspace at once,
whole or not at all, with the steps that can be undone; the others take it over when they next look.
A new kernel, or a reloaded page, goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from advisor.core.errors import AdvisorError
from advisor.core.files import read_bytes
from advisor.core.saving import fingerprint, settle, stamp, write_atomic
from advisor.scenario import Scenario, parse_scenario, seen
from advisor.scenario.io import plain
from advisor.scenario.traffic import Traffic
from advisor.system.opening import open_case
from advisor.system.references import name_findings
from advisor.view.session import Session
from advisor.view.workspace import CURRENT, find, workspace

WORKING = ".working.json"
KEPT = 20  # steps that another notebook can undo and redo


class SharedSession(Session):
    """The session of the current scenario, shared by all notebooks of a workspace."""

    def __init__(self) -> None:
        self._listeners = {}
        self._origin = None
        self._stamp: tuple[int, int] | None = None
        self._mark = ""
        settle(workspace())
        if not self._restored():
            self._open(find(CURRENT))

    def follow(self) -> bool:
        """Take over what another notebook changed; whether there was anything."""
        if stamp(workspace() / WORKING) in (None, self._stamp) or not self._restored():
            return False
        super()._changed()
        return True

    def change(self, values: Mapping[str, Any]) -> None:
        """Set dotted paths of what all notebooks have now."""
        self.follow()
        super().change(values)

    def reset(self, path: str) -> None:
        """Give one field back its default."""
        self.follow()
        super().reset(path)

    def undo(self) -> None:
        """Take back the last change, whichever notebook made it."""
        self.follow()
        self._read_last(self._past)
        super().undo()

    def redo(self) -> None:
        """Make it again."""
        self.follow()
        self._read_last(self._future)
        super().redo()

    def record(self, name: str, choice: str, by: str = "", reason: str = "", on: Any = None) -> Path:
        """Record a decision on what all notebooks have now."""
        self.follow()
        return super().record(name, choice, by, reason, on)

    def apply_log(self, traffic: Traffic) -> Path:
        """Use a traffic profile in every notebook."""
        self.follow()
        return super().apply_log(traffic)

    def apply_pilot(self, text: str) -> Path:
        """Use judged answers in every notebook."""
        self.follow()
        return super().apply_pilot(text)

    def restore(self, before: Scenario, files: Mapping[str, str]) -> Path:
        """Go back to a scenario as it was, in every notebook."""
        self.follow()
        return super().restore(before, files)

    def _changed(self) -> None:
        try:
            super()._changed()  # whoever made the change sees its answer before it is written
        finally:
            self._store()

    def _store(self) -> None:
        held = {
            "path": str(self.path),
            "present": plain(self.scenario),
            "past": [_data(one) for one in self._past[-KEPT:]],
            "future": [_data(one) for one in self._future[-KEPT:]],
        }
        content = json.dumps(held, ensure_ascii=False)
        write_atomic(workspace() / WORKING, content)
        self._mark, self._stamp = fingerprint(content), stamp(workspace() / WORKING)

    def _restored(self) -> bool:
        """Take over the working state; False where there is none, or none that can be read."""
        found = stamp(workspace() / WORKING)
        if found is None:
            return False
        try:
            content = read_bytes(workspace() / WORKING)
            mark = fingerprint(content)
            if mark == self._mark:
                self._stamp = found
                return False
            held = json.loads(content)
            path, past, future = Path(held["path"]), list(held["past"]), list(held["future"])
            opened = open_case(path)
            names = partial(name_findings, catalogue=opened.shipped)
            present = parse_scenario(held["present"], path.name, folder=path.parent, names=names)
        except (AdvisorError, OSError, ValueError, KeyError, TypeError, AttributeError):
            self._stamp = found  # looked at; what is saved stands
            return False
        case = self.case if hasattr(self, "case") else opened
        if getattr(self, "path", None) != path:
            self._surveyed = {}
        self.path, self._seen = path, seen(path)
        self._past, self._future = past, future
        self._set(case.with_scenario(present))
        self._mark, self._stamp = mark, found
        return True

    def _read_last(self, history: list[Any]) -> None:
        """Read the step that is gone back to; those behind it wait until their turn comes."""
        if history and not isinstance(history[-1], Scenario):
            history[-1] = parse_scenario(history[-1], self.path.name, folder=self.path.parent)


def _data(step: Any) -> Any:
    return plain(step) if isinstance(step, Scenario) else step
