"""A case binds one scenario to one catalogue and one ensemble of draws.

Steps ask the case for numbers; it applies the user's overrides, converts units and notes
which coefficients were used, so that every decision can name its evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from advisor.catalogue import Catalogue
from advisor.core.draws import Array, ensemble
from advisor.core.errors import unknown
from advisor.core.evidence import Coefficient, Confidence
from advisor.core.footprint import Footprint
from advisor.core.units import conversion
from advisor.scenario import Scenario
from advisor.system.workload import Workload

T = TypeVar("T")

# what is remembered under these names rests on the catalogue and the draws, not on the scenario
LASTING = frozenset({"place", "architecture", "gpu", "unexplained"})


class Case:
    """One scenario on one catalogue. ``size`` draws come from ``seed``."""

    def __init__(
        self, scenario: Scenario, catalogue: Catalogue, size: int = 1000, seed: int = 20_260
    ) -> None:
        self.scenario = scenario
        self.catalogue = catalogue.overridden(_overrides(scenario))
        self.draws = ensemble(size, seed)
        self._recorders: list[set[str]] = []
        self._memory: dict[Hashable, tuple[object, frozenset[str]]] = {}
        self._drawn: dict[tuple[str, str], Array] = {}

    @property
    def size(self) -> int:
        """Number of draws."""
        return self.draws.size

    @cached_property
    def workload(self) -> Workload:
        """The traffic to serve: the scenario's numbers, or its traffic profile's."""
        return Workload.of(self.scenario, self.draws)

    def __contains__(self, name: object) -> bool:
        return name in self.catalogue

    def _note(self, name: str) -> Coefficient:
        for recorder in self._recorders:
            recorder.add(name)
        return self.catalogue.coefficient(name)

    def draw(self, name: str, unit: str) -> Array:
        """Draws of a coefficient in ``unit``, shape (size,), not to be written to.

        Raises UnknownNameError, DataError.
        """
        coefficient = self._note(name)
        if (name, unit) not in self._drawn:
            values = self.draws.of(coefficient) * conversion(coefficient.unit, unit)
            values.setflags(write=False)
            self._drawn[name, unit] = values
        return self._drawn[name, unit]

    def central(self, name: str, unit: str) -> float:
        """The central value of a coefficient in ``unit``, for what is compared with a gate."""
        coefficient = self._note(name)
        return coefficient.central * conversion(coefficient.unit, unit)

    def series(self, name: str) -> Array:
        """The values of a series of the catalogue in its own unit. Raises UnknownNameError."""
        if name not in self.catalogue.series:
            raise unknown("series", name, self.catalogue.series)
        self._note(name)
        return np.array(self.catalogue.series[name].values)

    def nothing(self) -> Footprint:
        """A zero footprint of this case's size."""
        return Footprint.zero(self.size)

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` returns, made once per case; its evidence is noted every time."""
        if key not in self._memory:
            with self.recording() as used:
                made = make()
            self._memory[key] = (made, frozenset(used))
        value, names = self._memory[key]
        for recorder in self._recorders:
            recorder.update(names)
        return value  # type: ignore[return-value]

    def share(self, other: Case) -> None:
        """Take over what ``other`` remembers of the catalogue and the draws alone.

        For cases that differ in the numbers of their scenario and in nothing else.
        """
        if (self.size, self.draws.seed) == (other.size, other.draws.seed):
            lasting = {key: made for key, made in other._memory.items() if _lasts(key)}
            self._memory = {**lasting, **self._memory}

    @contextmanager
    def recording(self) -> Iterator[set[str]]:
        """Collect the names of the coefficients used within the block; blocks may nest."""
        used: set[str] = set()
        self._recorders.append(used)
        try:
            yield used
        finally:
            self._recorders = [recorder for recorder in self._recorders if recorder is not used]


def remembered(method: Callable[[Any], T]) -> T:
    """A property made once a case, of an object that holds its ``case`` and lives as long.

    Unlike functools.cached_property it notes its evidence every time it is asked.
    """

    def get(self: Any) -> T:
        made: T = self.case.remember((id(self), method.__qualname__), lambda: method(self))
        return made

    return property(get, doc=method.__doc__)  # type: ignore[return-value]


def _lasts(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] in LASTING


def _overrides(scenario: Scenario) -> Iterator[Coefficient]:
    for name, own in scenario.overrides.items():
        yield Coefficient(
            name, own.low, own.central, own.high, own.unit, ("override",),
            own.on or scenario.timing.start, Confidence.OVERRIDE, note=f"{own.owner}: {own.reason}",
        )  # fmt: skip
