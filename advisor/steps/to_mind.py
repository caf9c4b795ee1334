"""What is to be minded of a decision: what does not rule an option out but must be known."""

from __future__ import annotations

from advisor.catalogue.today import today
from advisor.core.saying import say
from advisor.decide.option import Decision
from advisor.system.assumptions import warnings
from advisor.system.case import Case
from advisor.system.priorities import set_aside
from advisor.system.rule_names import rules_of


def to_mind(case: Case, decision: Decision) -> tuple[str, ...]:
    """Warnings of what stands and of the figures behind it, and where people decided otherwise."""
    stands = decision.stands
    found = list(stands.warnings) if stands else []
    aside = set_aside(case.given)
    found += [aside] if aside else []
    if stands is not None:
        found += warnings(case.catalogue, stands.evidence, today())
    recorded = case.given.decisions.get(decision.step)
    if recorded is not None:
        option = next((option for option in decision.options if option.key == recorded.choice), None)
        if option is None:
            gone = say("The recorded choice '{key}' is not to be had here.", key=recorded.choice)
            found.append(gone)
        elif not option.eligible:
            stops = rules_of(gate for gate in option.gates if not gate.passed)
            failing = say("The recorded choice '{title}' fails: {rules}.", title=option.title, rules=stops)
            found.append(failing)
        elif decision.choice is not None and option.key != decision.choice.key:
            advised = decision.choice.title
            found.append(
                say("Recorded: {recorded}. The advice is {advised}.", recorded=option.title, advised=advised)
            )
    return tuple(found)
