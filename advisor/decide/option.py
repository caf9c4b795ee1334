"""Options and the decision between them: plans that differ in the setting of one step."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np

from advisor.core.draws import Array
from advisor.core.exhibits import Exhibit
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.decide.choosing import Candidate
from advisor.decide.nearly import Nearly
from advisor.system import billing
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.gates import Gate, Gates
from advisor.system.plan import Plan, StepName, StepSetting


class Described(Protocol):
    """How a step tells of its setting in a plan. Figures are central ones, so a central case will do."""

    @staticmethod
    def title(case: Case, plan: Plan) -> str:
        """What the setting is called."""

    @staticmethod
    def notes(case: Case, plan: Plan) -> tuple[str, ...]:
        """What is worth knowing about it."""

    @staticmethod
    def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
        """What does not rule it out but must be known."""

    @staticmethod
    def settings(case: Case, plan: Plan) -> dict[str, Any]:
        """What follows from it in a case, for other programs."""


@dataclass(frozen=True, eq=False)
class Option:
    """One alternative of a step, in the best plan it can be part of.

    All else follows from the plan and is worked out when first asked for.
    """

    case: Case
    step: StepName
    judged: Candidate
    told: Described

    @property
    def key(self) -> str:
        """The key of the step's setting."""
        return self.setting.key

    @property
    def setting(self) -> StepSetting:
        """What is chosen in the step."""
        return self.judged.setting

    @property
    def plan(self) -> Plan:
        """The whole plan."""
        return self.judged.plan

    @property
    def gates(self) -> Gates:
        """Those of the step itself, then what stops every completion later."""
        return self.judged.all_gates

    @property
    def eligible(self) -> bool:
        """Whether every gate is passed."""
        return self.judged.eligible

    @cached_property
    def title(self) -> str:
        """What the setting is called."""
        return self.told.title(self.case.centre, self.plan)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about it."""
        return self.told.notes(self.case.centre, self.plan)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What does not rule it out but must be known."""
        return self.told.warnings(self.case.centre, self.plan)

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """What follows from the setting in this case, for other programs."""
        return self.told.settings(self.case.centre, self.plan)

    @cached_property
    def bill(self) -> Bill:
        """What the whole plan takes."""
        return billing.bill(self.case, self.plan)

    @cached_property
    def quality(self) -> Array:
        """Share of answers accepted, draws in (0, 1]."""
        return billing.quality(self.case, self.plan)

    @property
    def year(self) -> Footprint:
        """Footprint of a mean year of the horizon."""
        return self.bill.year

    @property
    def accepted(self) -> Footprint:
        """Footprint per accepted answer."""
        answers = np.maximum(self.quality, 1e-9) * self.case.workload.requests_per_year
        return self.year / answers

    @property
    def evidence(self) -> frozenset[str]:
        """Names of the coefficients the plan's lines rest on."""
        return self.bill.evidence


@dataclass(frozen=True, slots=True, eq=False)
class Even:
    """An option as good as the choice: next to nothing is between them. ``hours`` of work that it spares."""

    option: Option
    hours: float


NO_OPTION = say("no option")


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of one input that would change the choice.

    ``factor`` multiplies the present value where the input is a quantity;
    ``to`` is the option that would then win. ``stopped_by``: where none is left, the gate that stops the
    present choice there; of several, the one that stops most alternatives. ``kept``: whether choices of
    earlier steps are kept that nobody looks behind, so that those may leave a plan. ``look`` finds
    ``instead``, which takes as long as a flip and is told only of the nearest on most pages.
    """

    path: str
    label: str
    present: str
    flips_at: str
    factor: float | None
    to: str
    stopped_by: Gate | None = None
    kept: bool = False
    look: Callable[[], str] = field(default=str, compare=False, repr=False)

    @property
    def instead(self) -> str:
        """What an earlier step would choose where this one is left with nothing; empty where nothing is."""
        return self.look()

    def looked(self) -> Flip:
        """The same with ``instead`` found, so that it can go from one process to another."""
        return replace(self, look=partial(_found, self.instead))

    @property
    def leaves_nothing(self) -> bool:
        """Whether it leads to no option at all, which is less of an argument than another option."""
        return self.to == NO_OPTION

    @property
    def distance(self) -> float:
        """How many times more or less than now; without end where the input is no quantity."""
        return max(self.factor, 1.0 / self.factor) if self.factor else math.inf


def _found(said: str) -> str:
    return said


Shown = tuple[tuple[Exhibit, ...], frozenset[str]]  # with the names of the coefficients they rest on


def _nothing() -> Shown:
    return (), frozenset()


def _unsaid(_decision: object) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class Struck:
    """What a rule strikes: the options that fail it, each with its gate, the nearest to passing first.

    ``alone``: how many have a plan without this rule, where that was looked at: where no option passes.
    """

    rule: str
    fallen: tuple[tuple[Option, Gate], ...]
    alone: int = 0


@dataclass(frozen=True, eq=False)
class Decision:
    """The outcome of a step. ``choice`` is None when every option fell to a gate.

    ``choice`` is the advice, and ``headline``, ``reasons`` and ``flips`` argue it. ``recorded`` is what
    people decided where that is another option, ``told`` that in one sentence; ``lost`` what they decided
    where no option here is that: the advice goes on in its place, under its own name. ``even``: what is as
    good as the advice, the simplest of it. ``ranking``: the keys of the eligible options from best.
    ``stated``: names of the coefficients behind its words.

    Worked out for whoever asks, as most do not: ``find`` gives the flips, ``show`` what is shown beside it,
    ``near`` what comes nearest to passing where nothing passes, ``relax`` what to relax, and ``lacks`` what
    evidence alone keeps out.
    """

    step: StepName
    question: str
    options: tuple[Option, ...]
    choice: Option | None
    runner_up: Option | None
    confidence: float
    p_best: Mapping[str, float]
    scores: Mapping[str, float]
    front: frozenset[str]
    ranking: tuple[str, ...] = ()
    even: Even | None = None
    recorded: Option | None = None
    told: str = ""
    lost: str = ""
    headline: str = ""
    argued: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    stated: frozenset[str] = frozenset()
    find: Callable[[], tuple[Flip, ...]] = tuple
    show: Callable[[], Shown] = _nothing
    near: Callable[[], Sequence[Nearly]] = tuple
    relax: Callable[[Decision], Iterable[str]] = _unsaid
    lacks: Callable[[Decision], Iterable[str]] = _unsaid

    @cached_property
    def _shown(self) -> Shown:
        return self.show()

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """The nearest changes that would change the choice; none where nobody looked for them."""
        return self.find()

    @cached_property
    def nearly(self) -> Sequence[Nearly]:
        """What comes nearest to passing where no option passes; empty where one does."""
        return self.near() if self.choice is None else ()

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """The few facts that argue the answer; where there is none, what to relax first."""
        return (*(self.relax(self) if self.choice is None else ()), *self.argued)

    @cached_property
    def every_reason(self) -> tuple[str, ...]:
        """The same, first what would be chosen were there evidence: it takes a while to find."""
        return (*(self.lacks(self) if self.choice is not None else ()), *self.reasons)

    @property
    def stands(self) -> Option | None:
        """What is carried forward: the recorded option, else the advised one."""
        return self.recorded or self.choice

    @property
    def answer(self) -> str:
        """What stands in one sentence."""
        return self.told if self.recorded else self.headline

    @property
    def ranked(self) -> list[Option]:
        """Eligible options, best first: on the draws, as the choice was made, so that it leads."""
        place = {key: at for at, key in enumerate(self.ranking)}
        eligible = [option for option in self.options if option.eligible]
        return sorted(
            eligible, key=lambda one: (place.get(one.key, len(place)), self.scores.get(one.key, 0.0))
        )

    def best(self, count: int | None = None) -> list[Option]:
        """The first so many eligible options, what stands among them: at the end where it is far behind."""
        first = self.ranked[:count]
        if self.recorded is None or not self.recorded.eligible or self.recorded in first:
            return first
        return [*first[:-1], self.recorded]

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """Charts, tables and files."""
        return self._shown[0]

    @property
    def evidence(self) -> frozenset[str]:
        """Names of the coefficients behind the choice, the words and what is shown."""
        return self.stated.union(
            self._shown[1], *(one.evidence for one in (self.choice, self.recorded) if one)
        )

    @property
    def eliminated(self) -> tuple[tuple[Option, tuple[Gate, ...]], ...]:
        """Options that fell, each with the gates it failed."""
        return tuple(
            (option, tuple(gate for gate in option.gates if not gate.passed))
            for option in self.options
            if not option.eligible
        )

    @property
    def struck(self) -> list[Struck]:
        """Every rule that an option fails, with all that fail it: one option may fail several.

        First what alone keeps most options out, then what most fail.
        """
        listed = {option.setting: option for option in self.options}
        found: dict[str, dict[Option, Gate]] = {}
        alone = Counter[str]()
        for one in sorted(self.nearly, key=lambda one: -one.share):
            alone.update([gate.rule for gate in one.gates] if len(one.gates) == 1 else [])
            for gate in one.gates:
                found.setdefault(gate.rule, {})[listed[one.setting]] = gate
        for option, gates in self.eliminated:
            for gate in gates:
                found.setdefault(gate.rule, {}).setdefault(option, gate)
        each = (Struck(rule, tuple(fallen.items()), alone[rule]) for rule, fallen in found.items())
        return sorted(each, key=lambda one: (-one.alone, -len(one.fallen), one.rule))
