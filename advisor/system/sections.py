"""The parts of a scenario, as a case hands them out: which of their fields are read is noted."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from advisor.system.differing import ATTACHED, FIELDS_SET, SECTIONS
from advisor.system.memory import Reads, bit

WHOLE = ""


class Section:
    """A part of the scenario that notes which of its fields are read; its own parts are plain attributes."""

    def __init__(self, recorders: list[Reads], model: BaseModel, path: str) -> None:
        self._recorders, self._model = recorders, model
        self._reads = _fields_of(type(model), path)
        self._seen: dict[str, tuple[int, Any]] = {}
        for name in () if path else SECTIONS:
            setattr(self, name, Section(recorders, getattr(model, name), name))

    def __getattr__(self, name: str) -> Any:
        seen = self._seen.get(name)
        if seen is None:
            # what is no field was asked of the section as a whole
            read = self._reads.get(name, self._reads[WHOLE])
            seen = self._seen[name] = read, getattr(self._model, name)
        recorders = self._recorders
        if recorders:
            recorders[-1].fields |= seen[0]
        return seen[1]


@lru_cache(maxsize=64)
def _fields_of(model: type[BaseModel], path: str) -> dict[str, int]:
    """What reading each attribute of a section reads, as sets of bits."""
    own = [*model.model_fields]
    found = {name: bit(f"{path}.{name}" if path else name) for name in (*own, *ATTACHED, FIELDS_SET)}
    found[WHOLE] = 0
    for name in own:
        found[WHOLE] |= found[name]
    return found
