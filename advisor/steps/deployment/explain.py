"""The answer in one sentence, and the few facts that decided it."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.core.saying import numeral, say
from advisor.core.wording import amount, counted, share
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
        return say("Choose a model first: there is nothing to deploy yet."), ()
    if decision.choice is None:
        return say("No way to run it passes every rule."), ()
    choice = decision.choice
    return headline(case, choice), tuple(reasons(case, decision, choice))


def headline(case: Case, option: Option) -> str:
    """An option with what the plan takes in a year."""
    footprint = year(case, option)
    carbon, usd = (central(footprint[name]) for name in ("carbon", "cost"))
    return say(
        "{title}: {carbon} and {usd} a year, the whole plan.",
        title=option.title,
        carbon=amount(carbon, "kgCO2e"),
        usd=amount(usd, "USD"),
    )


def reasons(case: Case, decision: Decision, choice: Option) -> Iterator[str]:
    """What decided: the nearest rival, the cheapest and the cleanest, the idle time, the place."""
    eligible = [option for option in decision.options if option.eligible]
    if decision.runner_up is not None:
        yield versus(case, choice, decision.runner_up)
        yield from metered_alike(decision)
    told = {choice.key, decision.runner_up.key if decision.runner_up else ""}
    cheapest, cleanest = (
        min(eligible, key=lambda option: central(year(case, option)[name])) for name in ("cost", "carbon")
    )
    if cheapest.key not in told:
        yield say("The cheapest: {versus}", versus=versus(case, choice, cheapest))
    if cleanest.key not in told:
        yield say("The least carbon: {versus}", versus=versus(case, choice, cleanest))
    use = choice.settings.get("utilisation")
    if use is not None:
        said = (
            say("Of the capacity that you pay for, {use} is used; all of it is counted.")
            if choice.plan.deployment.mode == "ptu"
            else say("Machines have something to answer {use} of the time they are held; all is counted.")
        )
        yield say(said, use=share(float(use)))
    else:
        yield from choice.notes[:1]
    wanted = case.scenario.constraints.residency
    fallen = [option for option, gates in decision.eliminated if any(g.rule == "residency" for g in gates)]
    if fallen:
        yield counted(
            len(fallen),
            say("Residency {wanted} rules out one option that may run elsewhere."),
            say("Residency {wanted} rules out {count} options that may run elsewhere."),
            wanted=wanted,
        )


def versus(case: Case, choice: Option, other: Option) -> str:
    """The other option against the choice, in carbon and money."""
    mine, theirs = year(case, choice), year(case, other)
    carbon, usd = (ratio(central(theirs[name]), central(mine[name])) for name in ("carbon", "cost"))
    return say("{title} takes {carbon} carbon and {usd} money.", title=other.title, carbon=carbon, usd=usd)


def ratio(value: float, of: float) -> str:
    """How many times ``of`` a value is, in words."""
    times = value / max(of, 1e-12)
    if abs(times - 1.0) < SAME:
        return say("about the same")
    return say("{times}× the", times=numeral(times, ".2g"))
