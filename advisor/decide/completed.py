"""What was found of the plans that some settings can be part of: the best, or the nearest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from advisor.system.gates import Gates
from advisor.system.plan import Plan


@dataclass(frozen=True, eq=False)
class Nearest:
    """No plan passes every gate; the nearest is looked for when somebody asks for it."""

    score: ClassVar[float] = np.inf
    feasible: ClassVar[bool] = False

    look: Callable[[], Completed]

    @cached_property
    def _found(self) -> Completed:
        return self.look()

    @property
    def plan(self) -> Plan:
        """The nearest plan."""
        return self._found.plan

    @property
    def stops(self) -> Gates:
        """The gates that stop it."""
        return self._found.stops


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """The best plan found; ``stops``: the gates that stop the nearest one where none passes them all."""

    plan: Plan
    score: float
    stops: Gates = ()

    def better(self, other: Completed) -> bool:
        """Whether this one is to be preferred: what passes, then fewer stops, then the score."""
        return (len(self.stops), self.score) < (len(other.stops), other.score)

    @property
    def feasible(self) -> bool:
        """Whether the plan passes every gate."""
        return not self.stops


@dataclass(frozen=True, eq=False)
class Shown:
    """What is ruled out by itself; a plan with it is looked for when somebody asks what it would take."""

    score: ClassVar[float] = np.inf
    feasible: ClassVar[bool] = False
    stops: ClassVar[Gates] = ()

    look: Callable[[], Plan]

    @cached_property
    def plan(self) -> Plan:
        """The plan it is shown in."""
        return self.look()


Best = Completed | Nearest | Shown
