"""In which fields two scenarios differ, as a case reads them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

import numpy as np
from pydantic import BaseModel

from advisor.scenario import Scenario

SECTIONS = ("workload", "quality", "knowledge", "constraints", "ingestion", "operations", "priorities",
            "timing", "measurements")  # fmt: skip
# read from files once, and carried along by reference
ATTACHED = ("traffic", "pilot", "intensity", "configs", "scraped")
FIELDS_SET = "model_fields_set"
PLAIN = (float, int, str, bool, type(None))


def same_figures(before: Scenario, after: Scenario) -> bool:
    """Whether two scenarios are worked out with the same catalogue: own figures, models and machines."""
    return (
        before.overrides == after.overrides
        and before.configs is after.configs
        and before.own_models == after.own_models
        and before.own_machines == after.own_machines
    )


def differences(before: Scenario, after: Scenario) -> frozenset[str]:
    """Paths of the fields, as a case reads them, in which two scenarios differ."""
    found = {name for name in ATTACHED if getattr(before, name) is not getattr(after, name)}
    for name in type(before).model_fields:
        ours, theirs = getattr(before, name), getattr(after, name)
        if ours is theirs:
            continue
        if name not in SECTIONS:
            found |= {name} if comparable(ours) != comparable(theirs) else set()
            continue
        found |= {
            f"{name}.{field}"
            for field in type(ours).model_fields
            if type(getattr(ours, field)) is not type(getattr(theirs, field))
            or getattr(ours, field) != getattr(theirs, field)
        }
        found |= {f"{name}.{FIELDS_SET}"} if ours.model_fields_set != theirs.model_fields_set else set()
    return frozenset(found)


class ByIdentity:
    """Stands for an object that is compared by being the same one."""

    __slots__ = ("_held",)

    def __init__(self, held: object) -> None:
        self._held = held

    def __hash__(self) -> int:
        return id(self._held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other._held is self._held


def comparable(value: Any) -> Hashable:
    """Plain data as something to compare and to look up by."""
    if isinstance(value, PLAIN):
        return (type(value), value) if isinstance(value, bool) else value
    if isinstance(value, np.ndarray):  # of draws: of one shape in cases of one width
        value = value.tobytes()
    if isinstance(value, BaseModel):
        # what was given and what is a default are told apart: some rules ask
        return value.model_dump_json(exclude_unset=True)
    if isinstance(value, (list, tuple)):
        return tuple(comparable(one) for one in value)
    if isinstance(value, (set, frozenset)):
        return frozenset(value)
    if isinstance(value, dict):
        return tuple((key, comparable(one)) for key, one in value.items())
    return cast(Hashable, value) if value.__hash__ else ByIdentity(value)
