"""What nearly passes: completions of an option in which only a few rules fail, all of them to be relaxed.

A gate is looked at whichever failed before it, over all five steps, so that what is left is what really
stands in the way: without these rules the completion is a plan. Rules of what nobody sells, publishes or
owns are no matter of relaxing, and a completion that fails one is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.decide.choosing import own_gates
from advisor.decide.completion import STEPS, Search
from advisor.system import deployment_gates, machines_offered, quality
from advisor.system.gates import Gate, Gates
from advisor.system.plan import StepSetting

DEPLOYMENT = STEPS.index("deployment")
# rules that fail together, at most, in what is looked for
MOST = 3


@dataclass(frozen=True, slots=True, eq=False)
class Nearly:
    """A completion of an option that would be a plan without some rules: their gates, one a rule.

    ``share``: of its answers, what the floor is held against.
    """

    setting: StepSetting
    gates: Gates
    share: float

    @property
    def rules(self) -> frozenset[str]:
        """The rules that fail."""
        return frozenset(gate.rule for gate in self.gates)


def nearest(search: Search, before: Sequence[StepSetting], settings: Iterable[StepSetting]) -> list[Nearly]:
    """What nearly passes with the fewest rules; empty where none does with a few."""
    asked = list(settings)
    for most in range(1, MOST + 1):
        found = [one for setting in asked for one in within(search, before, setting, most)]
        if found:
            return found
    return []


def within(
    search: Search, before: Sequence[StepSetting], setting: StepSetting, most: int
) -> Iterator[Nearly]:
    """One completion for each set of at most so many rules without which an option has a plan.

    Of the completions that fail the same rules, the one of which most answers are accepted.
    """
    given = (*before, setting)
    stops = _failing(search, given, (), most)
    told = set[frozenset[str]]()
    for early, found in () if stops is None else _early(search, given, stops, most, told):
        model, improvement = early[:2]
        one = Nearly(setting, found, quality.judged(search.case, model, improvement)[0])
        if one.rules not in told:
            told.add(one.rules)
            yield one


Found = tuple[tuple[Any, ...], Gates]


def _early(
    search: Search, given: tuple[Any, ...], stops: Gates, most: int, told: set[frozenset[str]]
) -> Iterator[Found]:
    """Completions with all that fails in them; what fails only what is told already is not looked at."""
    if len(given) > DEPLOYMENT:
        completed = search.late(given)
        found = None if completed is None else _joined(stops, completed.stops, most)
        if found:
            yield given, found
        return
    for one in _offered(search, given):
        found = _failing(search, (*given, one), stops, most)
        if found is not None and not (len(found) == most and frozenset(gate.rule for gate in found) in told):
            yield from _early(search, (*given, one), found, most, told)


def _offered(search: Search, given: tuple[Any, ...]) -> Sequence[Any]:
    step = STEPS[len(given)]
    found = search.alternatives(step, *given)
    if step == "deployment":  # a cache adds gates and takes none away
        bare = (one for one in found if one.cache == "none")
        return [
            way for one in bare for way in machines_offered.stands_for(search.case, given[0], given[1], one)
        ]
    return sorted(found, key=lambda one: -quality.judged(search.case, given[0], one)[0])


def _failing(search: Search, given: tuple[Any, ...], stops: Gates, most: int) -> Gates | None:
    """What fails with the last setting too; None where that is too much, or nothing that is to be had."""
    gates: Iterable[Gate] = (
        deployment_gates.in_turn(search.case, *given)
        if len(given) == DEPLOYMENT + 1
        else own_gates(search.case, given)
    )
    return _joined(stops, gates, most)


def _joined(stops: Gates, gates: Iterable[Gate], most: int) -> Gates | None:
    by_rule = {gate.rule: gate for gate in stops}
    for gate in gates:
        if not gate.passed:
            by_rule.setdefault(gate.rule, gate)
            if not gate.to_be_had or len(by_rule) > most:
                return None
    return tuple(by_rule.values())
