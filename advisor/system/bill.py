"""What a plan takes, as lines: each physical thing charged once, by one function.

A line's footprint is in its own phase (once, a month, a request); volume and horizon come in only
when a year is asked for. A plan's footprint is the sum of its lines and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, reduce, update_wrapper
from operator import or_
from typing import Concatenate, Literal, ParamSpec

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.errors import Fault, ScenarioError
from advisor.core.footprint import INDICATORS, Footprint
from advisor.core.saying import numeral, say
from advisor.system.case import Case, remembered
from advisor.system.memory import names_in
from advisor.system.plan import StepName

P = ParamSpec("P")
Phase = Literal["once", "standing", "per_request"]
MONTHS_PER_YEAR = 12.0


class Resource(StrEnum):
    """The closed list of things that are charged; what each is called is ``said`` to people."""

    said: str

    def __new__(cls, said: str) -> Resource:
        """A member by what it is called."""
        made = str.__new__(cls, said)
        made._value_ = str(made)
        made.said = said
        return made

    MANAGED_TOKENS = say("managed tokens")
    ACCELERATOR_HELD = say("accelerators held")
    ACCELERATOR_WORK = say("accelerator work")
    HOST = say("hosts")
    DEVICE = say("devices")
    SEARCH_UNIT = say("search units")
    CACHE = say("cache")
    STORED_DATA = say("stored data")
    TRANSFER = say("transfer")
    TRAINING_RUN = say("training runs")
    EVALUATION_RUN = say("evaluation runs")
    UPKEEP = say("upkeep")
    SOFTWARE_FEE = say("software fees")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One physical thing charged once.

    ``footprint``: draws of what it takes in its phase: once, a month (standing) or a request of
    the scenario; ``quantity``: draws of how much of the resource that is, in ``unit``; ``what``:
    in words; ``place``: where; ``names``: the coefficients read, as bits, filled in by ``lines``.
    """

    resource: Resource
    step: StepName
    phase: Phase
    what: str
    place: str
    quantity: Array
    unit: str
    footprint: Footprint
    names: int = 0

    @property
    def evidence(self) -> frozenset[str]:
        """Names of the coefficients it rests on."""
        return names_in(self.names)

    def resting_on(self, names: int) -> Line:
        """The same line with the coefficients it rests on, as bits."""
        return Line(
            self.resource, self.step, self.phase, self.what, self.place, self.quantity, self.unit,
            self.footprint, names,
        )  # fmt: skip

    def times(self, factor: float | Array) -> Line:
        """The same line that many times over."""
        return replace(self, quantity=self.quantity * factor, footprint=self.footprint * factor)

    def per_year(self, case: Case) -> Footprint:
        """Mean footprint of a year over the horizon."""
        return self.footprint * per_year(case, self.phase)


def per_year(case: Case, phase: Phase) -> float | Array:
    """How often a phase counts in a mean year of the horizon."""
    if phase == "once":
        return 1.0 / case.scenario.timing.horizon_years
    return MONTHS_PER_YEAR if phase == "standing" else case.workload.requests_per_year


Lines = tuple[Line, ...]


def lines(make: Callable[Concatenate[Case, P], Iterable[Line]]) -> Callable[Concatenate[Case, P], Lines]:
    """Marks a function that charges: remembered by what it reads, its lines name their evidence."""

    def charged(case: Case, /, *arguments: P.args, **named: P.kwargs) -> Lines:
        found = tuple(make(case, *arguments, **named))
        names = case.names_read  # by this function alone, since it is remembered
        return tuple(one.resting_on(names | one.names) for one in found)

    update_wrapper(charged, make)
    return remembered(charged)


@dataclass(frozen=True, eq=False)
class Bill:
    """The lines of one plan in one case."""

    case: Case
    lines: Lines

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    @cached_property
    def year(self) -> Footprint:
        """Mean footprint of a year over the horizon: the sum of all lines."""
        return self.sum(self.lines)

    def sum(self, chosen: Iterable[Line]) -> Footprint:
        """A year of some of the lines."""
        by_phase: dict[Phase, Array] = {}
        for line in chosen:
            values = line.footprint.values
            by_phase[line.phase] = by_phase[line.phase] + values if line.phase in by_phase else values
        total = np.zeros((len(INDICATORS), self.case.size))
        for phase, values in by_phase.items():
            total = total + values * per_year(self.case, phase)
        return Footprint(total)

    def of_step(self, step: StepName) -> Footprint:
        """A year of the lines that a step answers for."""
        return self.sum(line for line in self.lines if line.step == step)

    def of_resource(self, resource: Resource) -> Footprint:
        """A year of the lines of a resource."""
        return self.sum(line for line in self.lines if line.resource is resource)

    @property
    def evidence(self) -> frozenset[str]:
        """Names of all coefficients the lines rest on."""
        return names_in(reduce(or_, (line.names for line in self.lines), 0))

    def check(self) -> None:
        """Raise ScenarioError naming every line that is negative, infinite or not a number.

        A marginal intensity that nobody publishes is no fault: what rests on it is unknown.
        """
        rows = [row for row, name in enumerate(INDICATORS) if name != "carbon_marginal"]
        faults = []
        for line in self.lines:
            values = line.footprint.values[rows]
            if not np.isfinite(values).all() or (values < 0).any():
                worst = values[~np.isfinite(values)] if not np.isfinite(values).all() else values
                faults.append(
                    Fault(
                        say("{step}: {what}", step=line.step, what=line.what),
                        say("a finite footprint of at least zero"),
                        numeral(float(worst.flat[0] if worst is not values else values.min()), ".3g"),
                        remedy_of(line),
                    )
                )
        if faults:
            raise ScenarioError(say("A plan's bill is out of bounds."), faults)


def remedy_of(line: Line) -> str | None:
    """One of the user's own figures behind a line, to look at first; None where none is."""
    return next(iter(sorted(line.evidence)), None)


def headline(footprint: Footprint, indicator: str) -> float:
    """The central case of an indicator: what is shown as the figure."""
    return central(footprint[indicator])
