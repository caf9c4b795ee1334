"""Scenario: load, save, override, compare; the schema users' editors complete from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.scenario.data_fields import DataSet
from advisor.scenario.fields import STEP_NAMES, Override, Recorded, Scenario, StepName
from advisor.scenario.io import (
    changed_fields,
    is_untouched,
    load_scenario,
    parse_scenario,
    read_scenario,
    schema,
    untouched,
    value_at,
    with_pilot,
    with_values,
)

if TYPE_CHECKING:
    from advisor.scenario.saving import EditedMeanwhileError, Seen, save_scenario, scenario_yaml, seen

__all__ = [
    "STEP_NAMES",
    "DataSet",
    "EditedMeanwhileError",
    "Override",
    "Recorded",
    "Scenario",
    "Seen",
    "StepName",
    "changed_fields",
    "is_untouched",
    "load_scenario",
    "parse_scenario",
    "read_scenario",
    "save_scenario",
    "scenario_yaml",
    "schema",
    "seen",
    "untouched",
    "value_at",
    "with_pilot",
    "with_values",
]


def __getattr__(name: str) -> Any:
    """What saves a scenario is imported when it is asked for: reading one has no use for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from advisor.scenario import saving

    return getattr(saving, name)
