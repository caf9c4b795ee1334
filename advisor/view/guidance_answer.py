"""What the answers to the guidance draw on: one plan, its decisions, and how an answer is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from advisor.core.draws import central
from advisor.core.saying import dated, joined, say
from advisor.core.wording import amount, share, times
from advisor.decide.option import Decision, Option
from advisor.steps import deployment
from advisor.system.bill import Phase, Resource
from advisor.system.case import Case
from advisor.system.plan import StepName
from advisor.system.rule_names import rule_words

ANSWERED, NOT_HERE, OPEN = "answered", "does not apply", "open"
NEARLY_NOTHING = 1e-12
PHASES: tuple[Phase, ...] = ("once", "standing", "per_request")
PLAIN = ("encoder", "retrieval")  # kinds of models that write nothing


class Answer(NamedTuple):
    """What answers an item: a figure, why it does not apply, or who owes it and by when."""

    state: str
    text: str


def figure(text: str) -> Answer:
    """An item that a figure of this plan answers."""
    return Answer(ANSWERED, text)


def because(reason: str) -> Answer:
    """An item that does not apply to this scenario."""
    return Answer(NOT_HERE, say("does not apply: {reason}", reason=reason))


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan and how it was decided."""

    case: Case
    plan: Option
    decisions: tuple[Decision, ...]

    def step(self, name: StepName) -> Decision:
        """The decision of a step."""
        return next(one for one in self.decisions if one.step == name)

    @property
    def deployed(self) -> Mapping[str, Any]:
        """What follows from the plan's way to deploy: its size, its machines or devices, their use."""
        return deployment.settings(self.case.centre, self.plan.plan)

    def owed(self, what: str, path: str, deadline: str = "") -> Answer:
        """An item that only people can answer: who owes it, and by when."""
        given = self.case.given
        owner = given.owners.get(path) or say("nobody named yet")
        due = given.timing.deadlines.get(deadline, given.timing.start)
        return Answer(OPEN, say("open: {owner}, {day}: {what}", owner=owner, day=dated(due), what=what))

    def year(
        self, *resources: Resource, indicator: str = "carbon", phases: Sequence[Phase] = PHASES
    ) -> float:
        """A central figure of the plan's year, of some resources or of all, in some phases or in all."""
        bill = self.plan.bill
        lines = [
            line for line in bill
            if (not resources or line.resource in resources) and line.phase in phases
        ]  # fmt: skip
        return central(bill.sum(lines)[indicator])

    def told(self, *resources: Resource, indicator: str = "carbon", phases: Sequence[Phase] = PHASES) -> str:
        """The same in words."""
        units = {"carbon": "kgCO2e", "energy": "kWh", "cost": "USD"}
        year = self.year(*resources, indicator=indicator, phases=phases)
        return say("{amount} a year", amount=amount(year, units[indicator]))

    def against(self, name: StepName, keys: Iterable[str], what: str) -> Answer | None:
        """The best of some options of a step beside the plan, or the rule that stops the nearest of them."""
        found = [one for one in self.step(name).options if any(one.key.startswith(key) for key in keys)]
        if not found:
            return None
        alive = [one for one in found if one.eligible]
        if not alive:
            nearest = min(found, key=lambda one: sum(not gate.passed for gate in one.gates))
            gate = next(gate for gate in nearest.gates if not gate.passed)
            return figure(
                say(
                    "{what}: ruled out; asked {expected}, found {found}",
                    what=what,
                    expected=gate.expected,
                    found=gate.found,
                )
            )
        best = min(alive, key=lambda one: central(one.accepted["carbon"]))
        if best.key == self.plan.plan.of(name).key:
            return figure(say("{what}: chosen, {title}", what=what, title=best.title))
        ratio = central(best.accepted["carbon"]) / max(central(self.plan.accepted["carbon"]), NEARLY_NOTHING)
        price = central(best.accepted["cost"]) / max(central(self.plan.accepted["cost"]), NEARLY_NOTHING)
        return figure(
            say(
                "{what}: {title}, {ratio} and {price} of the plan per accepted answer",
                what=what,
                title=best.title,
                ratio=times(ratio, "carbon"),
                price=times(price, "cost"),
            )
        )

    def rules(self, *names: str) -> str:
        """What was found for some rules among the gates of the choices, in words."""
        gates = [
            gate
            for decision in self.decisions
            if decision.stands is not None
            for gate in decision.stands.gates
            if gate.rule in names
        ]
        return joined("; ", dict.fromkeys(joined(": ", (rule_words(one.rule), one.found)) for one in gates))

    @property
    def quality(self) -> str:
        """Share of the plan's answers accepted, in words."""
        return share(central(self.plan.quality))


Answers = dict[str, Callable[[Asked], Answer]]  # by the item's id
