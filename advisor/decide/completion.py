"""The best plan that some settings can be part of, at central values.

Lines depend on few settings: those of storage and of operations are added to those of serving, so a
plan's year is base(model, improvement, deployment) + storage + operations. What each part takes is
remembered by what it reads, and the last two steps are looked at as one table. Gates come first and
in the order of the steps; budgets are gates on totals and come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.saying import say
from advisor.decide.budgets import budgets, over_budget
from advisor.decide.completed import Best, Completed, Nearest
from advisor.decide.years import ROUNDING, Early, least_stored, phases_of, served_year, yearly
from advisor.system import billing, deployment_gates, improvement_gates, operation_gates
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, Gates, failed, to_be_had
from advisor.system.plan import (
    FIELDS,
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    Plan,
    StepName,
    StepSetting,
    with_cache,
)
from advisor.system.priorities import CONCERNS, NEGLIGIBLE, Measure, valued, weights
from advisor.system.storage import gates as storage_gates

STEPS: tuple[StepName, ...] = tuple(FIELDS)
LEAST_FIRST = itemgetter(0)
TINY = 1e-12
# how many of the first settings the alternatives of a step hang on
HANGS_ON: Mapping[StepName, int] = {"improvement": 1, "deployment": 2}


@dataclass(frozen=True, slots=True)
class Spaces:
    """What each step can choose from, as functions of a case and of what is settled before it."""

    models: Callable[[Case], tuple[Any, ...]]
    improvements: Callable[[Case, ModelSetting], tuple[Any, ...]]
    deployments: Callable[[Case, ModelSetting, ImprovementSetting], tuple[Any, ...]]
    storages: Callable[[Case], tuple[Any, ...]]
    operations: Callable[[Case], tuple[Any, ...]]


RECORD_ANOTHER = say("record another decision for the later step")


@dataclass(frozen=True, slots=True)
class Pins:
    """Settings that are decided: by earlier steps (``settled``) or recorded by people (``recorded``)."""

    settled: Mapping[StepName, StepSetting]
    recorded: Mapping[StepName, str]

    @property
    def later(self) -> str:
        """What is recorded, by its keys; empty where nothing is."""
        return "; ".join(f"{step}: {key}" for step, key in self.recorded.items())

    def narrow(self, step: StepName, found: Sequence[Any]) -> Sequence[Any]:
        """The alternatives of a step that remain."""
        if step in self.settled:
            return [self.settled[step]]
        if step in self.recorded:
            return [one for one in found if one.key == self.recorded[step]]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The alternatives of a late step beside given early ones.

    ``phases``: sums by phase, shape (alternatives, phases, indicators, draws); ``stops``: the gates
    that stop each; ``quality``: share accepted with each, where the step moves it.
    """

    settings: tuple[Any, ...]
    phases: Array
    stops: tuple[Gates, ...]
    quality: Array | None = None


@remembered
def storages(
    case: Case, spaces: Spaces, model: ModelSetting, improvement: ImprovementSetting,
    deployment: DeploymentSetting,
) -> Table:  # fmt: skip
    """Every way to keep the data beside the first three settings."""
    early = (model, improvement, deployment)
    found = spaces.storages(case)
    phases = np.stack([phases_of(case, billing.keeping(case, *early, one)) for one in found])
    stops = tuple(failed(storage_gates.gates(case, *early, one)) for one in found)
    return Table(found, phases, stops)


@remembered
def operations(
    case: Case, spaces: Spaces, model: ModelSetting, improvement: ImprovementSetting,
    deployment: DeploymentSetting,
) -> Table:  # fmt: skip
    """Every way to operate beside the first three settings."""
    early = (model, improvement, deployment)
    found = spaces.operations(case)
    phases = np.stack([phases_of(case, billing.operating(case, *early, one)) for one in found])
    stops = tuple(failed(operation_gates.gates(case, *early, one)) for one in found)
    quality = np.stack([billing.share_accepted(case, *early, one) for one in found])
    return Table(found, phases, stops, quality)


def _further(early: Early, stops: Gates) -> tuple[bool, bool, int]:
    """How near a plan came: one that is stopped where it would run came further than one stopped before.

    And one that can be had and breaks a limit came further than one that nobody sells.
    """
    return early[2] is None, not to_be_had(stops), len(stops)


class Search:
    """Completes settings to plans in one case, at its central values."""

    def __init__(self, case: Case, spaces: Spaces, pins: Pins) -> None:
        self.case, self.spaces, self.pins = case.centre, spaces, pins
        self._scaled: Measure | None = None  # once what is negligible is known, from the first plan looked at
        # what was looked at and passed its gates: the least it can score, and its first three settings
        self.seen: list[tuple[float, Early]] = []

    def alternatives(self, step: StepName, *before: Any) -> Sequence[Any]:
        """What a step can choose from, after what is settled or recorded.

        ``before``: settings of the steps before it, of which only those it hangs on are looked at.
        """
        space = {
            "foundation_model": self.spaces.models, "improvement": self.spaces.improvements,
            "deployment": self.spaces.deployments, "data_storage": self.spaces.storages,
            "operations": self.spaces.operations,
        }[step]  # fmt: skip
        return self.pins.narrow(step, space(self.case, *before[: HANGS_ON.get(step, 0)]))  # type: ignore[operator]

    def complete(self, *settings: StepSetting) -> Best:
        """The best plan that begins with these settings.

        Where none passes every gate: the nearest, with the gates that stop it.
        """
        return self._best(self._early(settings), settings) or self._unrecorded(settings)

    def shown(self, beside: Plan | None, *settings: StepSetting) -> Plan:
        """A plan that begins with settings that are ruled out: to show what they would take.

        Past what rules them out it is as good as that of any other option, so that the two can be compared;
        of a model, of which there are many, each setting is the first that passes, data and upkeep those of
        the best.
        """
        if len(settings) > 1:
            return self.complete(*settings).plan
        model, case, found = settings[0], self.case, self.any(*settings).plan
        improvements = self.alternatives("improvement", model)
        open_to = (one for one in improvements if improvement_gates.open_to(case, model, one))  # type: ignore[arg-type]
        improvement = next(open_to, found.improvement)
        passing = (early for early, passed in self.deployed(model, improvement) if passed)
        early: Early = next(passing, found.early)
        late = beside or found
        return Plan(*early, late.storage, late.operation)

    def any(self, *settings: StepSetting) -> Completed:
        """Any plan that begins with these settings, gates aside."""
        chosen: list[Any] = list(settings)
        for step in STEPS[len(settings) :]:
            found = self.alternatives(step, *chosen)
            if not found:
                return self._unrecorded(settings)
            chosen.append(found[0])
        return Completed(Plan(*chosen), np.inf)

    def better_than(self, bound: float, *settings: StepSetting) -> Completed | None:
        """The best plan that begins with these settings, passes every gate and scores less than ``bound``."""
        open_to = []
        for early, passed in self._early(settings):
            if passed and self._served(early) < bound:
                least, within = self._least(early)
                if within and least < bound:
                    open_to.append((least, early))
        best = self._cheapest(sorted(open_to, key=LEAST_FIRST), settings, bound)
        return best if best is not None and best.feasible and best.score < bound else None

    def closed_by(self, *settings: StepSetting) -> frozenset[str] | None:
        """The fields that gates which close all first settings read; None where some are left open.

        Of each as far as its gates were asked: nothing is read after the first that stops it.
        """
        with self.case.noting() as reads:
            if any(passed for _, passed in self._early(settings)):
                return None
        return self.case.behind(reads.fields)

    def late(self, settings: Sequence[Any]) -> Completed | None:
        """The best data and upkeep beside the first three settings, what else is given kept."""
        return self._late((settings[0], settings[1], settings[2]), settings[3:])

    def scored(self, plan: Plan) -> float:
        """What a plan scores."""
        early, late = plan.early, (plan.storage, plan.operation)
        found = self._late(early, late)
        return np.inf if found is None else found.score

    def _best(self, found: Iterable[tuple[Early, bool]], settings: Sequence[Any]) -> Best | None:
        open_to: list[tuple[float, Early]] = []
        beyond: list[tuple[float, Early]] = []  # whatever is done with the data, a budget stops them
        closed: list[Early] = []
        for early, passed in found:
            if passed:
                least, within = self._least(early)
                (open_to if within else beyond).append((least, early))
            else:
                closed.append(early)
        open_to.sort(key=LEAST_FIRST)
        beyond.sort(key=LEAST_FIRST)
        self.seen = [*open_to, *beyond]
        best = self._cheapest(open_to, settings)
        if beyond and (best is None or not best.feasible):
            nearest = self._cheapest(beyond[:1], settings)
            best = nearest if best is None or (nearest is not None and nearest.better(best)) else best
        if best is not None or not closed:
            return best
        return Nearest(lambda: self._stopped(closed, settings) or self._unrecorded(settings))

    def _stopped(self, closed: Sequence[Early], settings: Sequence[Any]) -> Completed | None:
        """The nearest plan with first settings that are all stopped; None where nothing completes them."""
        stops, (model, improvement, deployment) = self._nearest(closed, len(settings))
        deployment = deployment or next(iter(self.alternatives("deployment", model, improvement)), None)
        rest = (*settings[3:], *(None,) * (5 - max(len(settings), 3)))
        stored = rest[0] or next(iter(self.alternatives("data_storage")), None)
        operated = rest[1] or next(iter(self.alternatives("operations")), None)
        if deployment is None or stored is None or operated is None:
            return None
        return Completed(Plan(model, improvement, deployment, stored, operated), np.inf, stops)

    def _cheapest(
        self, seen: Sequence[tuple[float, Early]], settings: Sequence[Any], bound: float = np.inf
    ) -> Completed | None:
        """The best of first settings, what can score least first; what cannot come below is left out."""
        best: Completed | None = None
        for least, early in seen:
            if least >= bound or (best is not None and best.feasible and least >= best.score):
                break
            tried = self._late(early, settings[3:])
            if tried is not None and (best is None or tried.better(best)):
                best = tried
        return best

    def _served(self, early: Early) -> float:
        """The least it can score without a look at data: what the first three settings take alone."""
        if self._scaled is None:
            return -np.inf
        year = served_year(self.case, early)
        return float(self._score(year, billing.share_before_upkeep(self.case, *early)[0]))

    def _least(self, early: Early) -> tuple[float, bool]:
        """The least a plan with these first settings can score, and whether it may keep every budget.

        It takes the least of each concern for data, and no upkeep.
        """
        least = served_year(self.case, early) + least_stored(self.case, *early)
        if self._scaled is None:
            self._scaled = Measure.of(weights(self.case), np.maximum(least, TINY) * NEGLIGIBLE)
        score = float(self._score(least, billing.share_before_upkeep(self.case, *early)[0]))
        return score, all(
            least[concern] <= limit * (1.0 + ROUNDING) for _, concern, limit, _ in budgets(self.case)
        )

    def _early(self, settings: Sequence[Any]) -> Iterator[tuple[Early, bool]]:
        """The first three settings of every plan, and whether what was not given passes its gates."""
        case, given, model = self.case, len(settings), settings[0]
        improvements = settings[1:2] or self.alternatives("improvement", model)
        for improvement in improvements:
            if given <= 1 and not improvement_gates.open_to(case, model, improvement):
                yield (model, improvement, None), False  # no deployment mends it
            elif given > 2:
                yield (model, improvement, settings[2]), True
            else:
                yield from self.deployed(model, improvement)

    def _nearest(self, closed: Iterable[Early], given: int) -> tuple[Gates, Early]:
        """The first of those that came furthest, with the gates that stop it."""
        found: tuple[Gates, Early] | None = None
        alone: Any = None  # an improvement with which a single gate stops a way to run it
        for early in closed:
            if alone is not None and early[1] != alone:
                break  # looked at with each way to run it: with another improvement few come further
            stops = failed(improvement_gates.gates(self.case, *early[:2])) if given <= 1 else ()
            stops = stops or failed(deployment_gates.gates(self.case, *early))
            if found is None or _further(early, stops) < _further(found[1], found[0]):
                found = stops, early
            if early[2] is not None and len(stops) == 1:
                alone = early[1]
                if to_be_had(stops):
                    break  # none comes further
        assert found is not None  # noqa: S101 - asked of some
        return found

    def deployed(self, model: Any, improvement: Any) -> Iterator[tuple[Early, bool]]:
        """Every deployment, and whether it passes its gates.

        A cache adds gates and takes none away: what is stopped without one is not asked with one.
        """
        stopped: set[Any] = set()
        found = self.alternatives("deployment", model, improvement)
        for deployment in sorted(found, key=lambda one: one.cache != "none"):
            plain = with_cache(deployment, "none")
            if plain in stopped:
                continue
            early = (model, improvement, deployment)
            passed = deployment_gates.open_to(self.case, *early)
            if not passed and deployment.cache == "none":
                stopped.add(plain)
            yield early, passed

    def _late(self, early: Early, late: Sequence[Any]) -> Completed | None:
        """The best storage and operations beside early settings; None where nothing is left of them."""
        case = self.case
        stored, stored_rows = self._rows("data_storage", storages(case, self.spaces, *early), late[:1])
        operated, operated_rows = self._rows("operations", operations(case, self.spaces, *early), late[1:2])
        if not stored_rows or not operated_rows or operated.quality is None:
            return None
        year = served_year(case, early)
        storing = yearly(case, stored.phases[stored_rows])[:, :, 0]
        operating = yearly(case, operated.phases[operated_rows])[:, :, 0]
        quality = operated.quality[operated_rows, 0]
        total = year + storing[:, None, :] + operating[None, :, :]
        score = self._score(total, quality)
        open_to = np.array([not stored.stops[row] for row in stored_rows])[:, None] & np.array(
            [not operated.stops[row] for row in operated_rows]
        )
        within = open_to.copy()
        for _, concern, limit, _ in budgets(self.case):
            within &= total[:, :, concern] <= limit
        chosen = np.where(within if within.any() else open_to, score, np.inf)
        row, column = np.unravel_index(int(np.argmin(chosen)), chosen.shape)
        s, o = stored_rows[row], operated_rows[column]
        plan = Plan(*early, stored.settings[s], operated.settings[o])
        stopped = () if late[:1] else stored.stops[s]
        stopped = (*stopped, *(() if late[1:2] else operated.stops[o]))
        if not within.any():
            stopped = (*stopped, *over_budget(case, total[row, column]))
        return Completed(plan, float(score[row, column]), stopped)

    def _rows(self, step: StepName, table: Table, given: Sequence[Any]) -> tuple[Table, list[int]]:
        """The rows of a table that are given, settled, recorded, or all."""
        wanted = given or self.pins.narrow(step, table.settings)
        if wanted is table.settings:
            return table, list(range(len(table.settings)))
        return table, [row for row, one in enumerate(table.settings) if one in wanted]

    def _score(self, years: Array, quality: Array | float) -> Array:
        measure = self._scaled or Measure.of(weights(self.case), np.full(len(CONCERNS), TINY))
        return measure(valued(self.case, years, -1), quality)

    def _unrecorded(self, settings: Sequence[Any]) -> Completed:
        """A plan for an option that a recorded later decision does not fit."""
        free = Search(self.case, self.spaces, Pins(self.pins.settled, {}))
        found = free.any(*settings)
        return Completed(
            found.plan, np.inf,
            (Gate("recorded", False, self.pins.later, say("not possible with this option"), RECORD_ANOTHER),),
        )  # fmt: skip
