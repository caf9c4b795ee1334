"""The answer in one sentence, and the few facts that decided it."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.core.wording import amount, share
from advisor.decide.next_best import metered_alike
from advisor.decide.option import Decision, Option
from advisor.system import billing
from advisor.system.case import Case

SAME = 0.05  # a difference below this is not worth naming


def year(case: Case, option: Option) -> Footprint:
    """The central case of a year of the plan that an option is part of."""
    return billing.bill(case.centre, option.plan).year


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """Headline and reasons; where nothing passes, what to relax."""
    if not decision.options:
        return "Choose a model first: there is nothing to deploy yet.", ()
    if decision.choice is None:
        return "No way to run it passes every rule.", tuple(what_to_relax(decision))
    choice = decision.choice
    return headline(case, choice), tuple(reasons(case, decision, choice))


def headline(case: Case, choice: Option) -> str:
    """The choice with what the plan takes in a year."""
    footprint = year(case, choice)
    carbon, usd = (central(footprint[name]) for name in ("carbon", "cost"))
    return f"{choice.title}: {amount(carbon, 'kgCO2e')} and {amount(usd, 'USD')} a year, the whole plan."


def reasons(case: Case, decision: Decision, choice: Option) -> Iterator[str]:
    """What decided: the nearest rival, the cheapest and the cleanest, the idle time, the place."""
    eligible = [option for option in decision.options if option.eligible]
    if decision.runner_up is not None:
        yield versus(case, choice, decision.runner_up)
        yield from metered_alike(decision)
    for name, word in (("cost", "cheapest"), ("carbon", "least carbon")):
        best = min(eligible, key=lambda option: central(year(case, option)[name]))
        if best.key not in (choice.key, decision.runner_up.key if decision.runner_up else ""):
            yield f"The {word}: {versus(case, choice, best)}"
    use = choice.settings.get("utilisation")
    if use is not None:
        yield f"What you pay for is busy {share(float(use))} of the time; idle time is counted against it."
    else:
        yield from choice.notes[:1]
    wanted = case.scenario.constraints.residency
    fallen = [option for option, gates in decision.eliminated if any(g.rule == "residency" for g in gates)]
    if fallen:
        yield f"Residency {wanted} rules out {len(fallen)} options that may run elsewhere."


def versus(case: Case, choice: Option, other: Option) -> str:
    """The other option against the choice, in carbon and money."""
    mine, theirs = year(case, choice), year(case, other)
    carbon, usd = (ratio(central(theirs[name]), central(mine[name])) for name in ("carbon", "cost"))
    return f"{other.title} takes {carbon} carbon and {usd} money."


def ratio(value: float, of: float) -> str:
    """How many times ``of`` a value is, in words."""
    times = value / max(of, 1e-12)
    return "about the same" if abs(times - 1.0) < SAME else f"{times:.2g}× the"


def what_to_relax(decision: Decision) -> Iterator[str]:
    """The rules that, relaxed alone, would bring an option back; else the most frequent ones."""
    single = [(option, gates[0]) for option, gates in decision.eliminated if len(gates) == 1]
    counts: dict[str, int] = {}
    for _, gates in decision.eliminated:
        for gate in gates:
            counts[gate.rule] = counts.get(gate.rule, 0) + 1
    seen: set[str] = set()
    for option, gate in single:
        if gate.rule not in seen:
            seen.add(gate.rule)
            why = f"{gate.expected} asked, {gate.found}"
            yield f"{option.title} fails {gate.rule} alone ({why}): {gate.remedy}."
    if not single:
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]:
            yield f"{rule} rules out {count} of {len(decision.options)} options."
