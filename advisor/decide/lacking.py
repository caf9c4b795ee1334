"""What only evidence keeps out: an option that would be the choice, were shown what is asked of its model.

Such a rule says nothing against a model: nobody has looked. To look takes hours and may be worth more than
all else, so the best of what is kept out that way is told beside the choice. What comes before the choice at
central values is held against all options on all draws, the evidence taken to be there: the choice that
follows once somebody says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.core.draws import central
from advisor.core.saying import joined, say
from advisor.core.wording import amount, listed, share
from advisor.decide.choosing import MOST, Candidate, choose, settled_before, year_of
from advisor.decide.completion import Pins, Search, Spaces
from advisor.decide.evenness import TOLD_IN, negligible, negligible_share
from advisor.decide.option import Decision, Option
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import Gates
from advisor.system.plan import Plan
from advisor.system.priorities import CONCERNS
from advisor.system.rule_names import rule_name

RULES = ("provenance", "security_scan")  # each is a field of the constraints too: the answer by model


@dataclass(frozen=True, slots=True, eq=False)
class Lacking:
    """An option that evidence alone keeps out, the gates that ask for it, and the plan it would begin.

    ``case``: with that evidence, at central values.
    """

    option: Option
    gates: Gates
    plan: Plan
    case: Case


def lacking(
    case: Case, spaces: Spaces, pins: Pins, among: Sequence[Candidate], decision: Decision
) -> Lacking | None:
    """The best option that would be the choice among others, lacks only evidence, and spares something."""
    choice = decision.choice
    asked = {option.setting: (option, gates) for option, gates in decision.eliminated}
    asked = {setting: one for setting, one in asked.items() if _unanswered(case, *one)}
    if choice is None or not asked:
        return None
    there = case.varied(dict.fromkeys((path for one in asked.values() for path in _paths(*one)), "yes"))
    search, before = Search(there, spaces, pins), settled_before(pins, decision.step)
    least = search.complete(*before, choice.setting).score
    better = [
        Candidate(setting, (), completed)
        for setting in asked
        if (completed := search.better_than(least, *before, setting)) is not None
    ]
    for one in sorted(better, key=lambda one: one.completed.score)[:MOST]:
        found = Lacking(*asked[one.setting], one.plan, there.centre)
        if _saves(found, choice.plan) and choose(there, [*among, one]).best is one:
            return found
    return None


def _paths(option: Option, gates: Gates) -> Iterator[str]:
    """Where people answer what some gates ask of the models of an option."""
    for gate in gates:
        yield from (f"constraints.{gate.rule}.{model}" for model in option.plan.model.models)


def _unanswered(case: Case, option: Option, gates: Gates) -> bool:
    """Whether evidence is all that an option lacks, and nobody has looked and found against it."""
    if any(gate.rule not in RULES for gate in gates):
        return False
    given = (getattr(case.scenario.constraints, gate.rule) for gate in gates)
    return all(answers.get(model) != "no" for answers in given for model in option.plan.model.models)


def _saves(found: Lacking, chosen: Plan) -> bool:
    """Whether evidence would spare more carbon or money of a year than is told as none between two plans."""
    least, part = negligible(found.case), negligible_share(found.case)
    year, today = (year_of(found.case, plan)[:, 0] for plan in (found.plan, chosen))
    return any(today[place] - year[place] > max(part * today[place], least[place]) for place in least)


def what_is_lacking(
    case: Case, spaces: Spaces, pins: Pins, among: Sequence[Candidate], decision: Decision
) -> Iterator[str]:
    """What evidence would bring in the place of the choice, and what it takes to have it."""
    found = lacking(case, spaces, pins, among, decision)
    if found is not None and decision.choice is not None:
        yield _told(found, decision.choice)


def _told(found: Lacking, choice: Option) -> str:
    year, today = (year_of(found.case, plan)[:, 0] for plan in (found.plan, choice.plan))
    instead = [
        say("{less} instead of {more}", less=amount(year[place], unit), more=amount(today[place], unit))
        for place, unit in ((CONCERNS.index(concern), unit) for concern, unit in TOLD_IN.items())
    ]
    return say(
        '{option} would be the choice, were there what the rule "{rules}" asks for: {instead} a year, {share}'
        " accepted. It takes {remedies}.",
        option=found.option.title,
        rules=joined(", ", (rule_name(gate.rule) for gate in found.gates)),
        instead=listed(instead),
        share=share(central(billing.quality(found.case, found.plan))),
        remedies=joined("; ", (gate.remedy for gate in found.gates)),
    )
