"""Scenario: load, save, override, compare; the schema users' editors complete from."""

from advisor.scenario.fields import STEP_NAMES, DataSet, Override, Recorded, Scenario, StepName
from advisor.scenario.io import (
    changed_fields,
    load_scenario,
    parse_scenario,
    save_scenario,
    scenario_yaml,
    schema,
    untouched,
    value_at,
    with_pilot,
    with_values,
)

__all__ = [
    "STEP_NAMES",
    "DataSet",
    "Override",
    "Recorded",
    "Scenario",
    "StepName",
    "changed_fields",
    "load_scenario",
    "parse_scenario",
    "save_scenario",
    "scenario_yaml",
    "schema",
    "untouched",
    "value_at",
    "with_pilot",
    "with_values",
]
