"""What to relax where no option passes every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from advisor.core.saying import say
from advisor.decide.option import Decision

MOST_FREQUENT = 3  # rules named where no single one decides


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
