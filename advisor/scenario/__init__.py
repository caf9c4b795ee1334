"""Scenario: load, save, override, compare; the schema users' editors complete from."""

from advisor.scenario.data_fields import DataSet
from advisor.scenario.fields import STEP_NAMES, Override, Recorded, Scenario, StepName
from advisor.scenario.io import (
    changed_fields,
    load_scenario,
    parse_scenario,
    read_scenario,
    schema,
    untouched,
    value_at,
    with_pilot,
    with_values,
)
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
