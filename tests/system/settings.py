"""Cases on the shipped catalogue, and settings by name, for the tests of what a plan takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.scenario import parse_scenario
from advisor.system.bill import Bill, Line, Phase, Resource
from advisor.system.case import Case
from advisor.system.gates import Gates, failed
from advisor.system.plan import ImprovementSetting, ModelKind, ModelSetting

DRAWS = 64


def case_of(size: int = DRAWS, **sections: Any) -> Case:
    """A case on the shipped catalogue; keywords are sections of the scenario."""
    # a start at which the models tried are still on sale
    timing = {"start": "2026-06-01", **sections.pop("timing", {})}
    given = {"name": "A test", "task": "chat", "timing": timing, **sections}
    return Case(parse_scenario(given), open_catalogue(offline=True), size, 1)


def model_of(*names: str, kind: ModelKind = "single") -> ModelSetting:
    """A model setting by the keys of its models."""
    return ModelSetting(kind, names)


def by(technique: str) -> ImprovementSetting:
    """An improvement setting by its key."""
    return ImprovementSetting(technique)


def year(case: Case, lines: Iterable[Line], indicator: str = "energy") -> float:
    """The central figure of a year of some lines."""
    return central(Bill(case, tuple(lines)).year[indicator])


def some(
    lines: Iterable[Line], resource: Resource | None = None, phase: Phase | None = None
) -> tuple[Line, ...]:
    """The lines of a resource, of a phase, or both."""
    return tuple(line for line in lines if resource in (None, line.resource) and phase in (None, line.phase))


def fallen(gates: Gates) -> set[str]:
    """Rules that are not passed."""
    return {one.rule for one in failed(gates)}
