"""What to relax where no option passes every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from advisor.core.saying import say
from advisor.decide.option import Decision, Struck
from advisor.system.gates import failed

MOST_FREQUENT = 3  # rules named where no single one decides


def obstacle(decision: Decision) -> Struck | None:
    """The rule that stops most of what came furthest; None where something passes.

    Furthest is what passes all that its own step asks, and is stopped by what a later one asks: a model that
    is no longer sold says nothing of what a scenario rules out.
    """
    if decision.choice is not None:
        return None
    far = {option for option in decision.options if not failed(option.judged.gates)}
    among = [one for one in decision.struck if not far or any(option in far for option, _ in one.fallen)]
    return max(among, key=lambda one: sum(option in far for option, _ in one.fallen), default=None)


def first_to_relax(decision: Decision) -> str:
    """The rule that stands most in the way, and how to relax it; empty where something passes."""
    found = obstacle(decision)
    if found is None:
        return ""
    gate = next((one for _, one in found.fallen if one.remedy), found.fallen[0][1])
    said = say(
        "Most in the way is {rule}, which {count} of {options} options fail: {expected} asked, {found}",
        rule=say(found.rule),
        count=len(found.fallen),
        options=len(decision.options),
        expected=gate.expected,
        found=gate.found,
    )
    return (
        say("{said}. To bring them back: {remedy}.", said=said, remedy=gate.remedy) if gate.remedy else said
    )


def what_to_relax(decision: Decision) -> Iterator[str]:
    """The rules that, relaxed alone, would bring an option back; else the most frequent ones."""
    single = [(option, gates[0]) for option, gates in decision.eliminated if len(gates) == 1]
    told: set[str] = set()
    for option, gate in single:
        if gate.rule not in told:
            told.add(gate.rule)
            yield say(
                "{option} fails {rule} alone ({expected} asked, {found}): {remedy}.",
                option=option.title,
                rule=say(gate.rule),
                expected=gate.expected,
                found=gate.found,
                remedy=gate.remedy,
            )
    if not single:
        counts = Counter(gate.rule for _, gates in decision.eliminated for gate in gates)
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_FREQUENT]:
            yield say(
                "{rule} rules out {count} of {options} options.",
                rule=say(rule),
                count=count,
                options=len(decision.options),
            )
