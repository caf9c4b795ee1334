"""The improvement in words: the answer, and the few facts that decided it."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import say
from advisor.core.wording import amount, number, share
from advisor.decide.choosing import year_of
from advisor.decide.next_best import NEVER_ZERO, metered_alike, runner_up
from advisor.decide.option import Decision, Option
from advisor.decide.scoring import scores
from advisor.steps import foundation_model
from advisor.steps.foundation_model.explain import PLAIN
from advisor.system import requests
from advisor.system.case import Case
from advisor.system.quality import ASSUMED, judged, least_samples, results_of
from advisor.system.techniques import TUNED

HARD = ("citations", "freshness", "tunability", "examples", "examples_licence", "documents", "context")


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and two to five facts behind it."""
    choice = decision.choice
    plan = (choice or decision.options[0]).plan if decision.options else None
    model = foundation_model.title(case, plan) if plan else say("the model")
    if choice is None:
        return say("Nothing makes {model} meet every rule.", model=model), ()
    reasons = (
        *_accepted(case, decision, choice),
        *_ruled_out(decision),
        *_own_share(case, choice),
        *runner_up(decision),
        *metered_alike(decision),
        *_pilot(case),
    )
    return headline(case, choice), reasons


def headline(case: Case, option: Option) -> str:
    """An option in one sentence."""
    energy, carbon, cost = (
        amount(central(option.year[name]), unit)
        for name, unit in (("energy", "kWh"), ("carbon", "kgCO2e"), ("cost", "USD"))
    )
    return say(
        "{title} on {model}: {energy}, {carbon} and {cost} a year, serving included.",
        title=option.title,
        model=foundation_model.title(case, option.plan),
        energy=energy,
        carbon=carbon,
        cost=cost,
    )


def _accepted(case: Case, decision: Decision, choice: Option) -> tuple[str, ...]:
    """What is accepted, and whether the choice rests on a gain that nobody tested."""
    floor, expected = share(case.scenario.quality.floor), share(central(choice.quality))
    shown, ground = judged(case.centre, choice.plan.model, choice.plan.improvement)
    if not ground.startswith(ASSUMED):
        return (
            say(
                "{expected} of answers are expected to be accepted; the floor is {floor}.",
                expected=expected,
                floor=floor,
            ),
        )
    first = _as_tested(case, decision)
    rests = (
        say("it comes first without that gain too")
        if first is choice
        else say(
            "the choice rests on that gain: held to what was tested, {title} comes first", title=first.title
        )
    )
    told = say(
        "{shown} were accepted in your own test, which the floor of {floor} is held against",
        shown=share(shown),
        floor=floor,
    )
    return (
        say(
            "{told}; {expected} with {title} is assumed. Test it before you build: {rests}.",
            told=told,
            expected=expected,
            title=choice.title,
            rests=rests,
        ),
    )


def _as_tested(case: Case, decision: Decision) -> Option:
    """The option that would come first if no gain counted that was not tested, at central values."""
    centre, options = case.centre, [one for one in decision.options if one.eligible]
    years = np.stack([year_of(centre, one.plan) for one in options])
    held = np.array([judged(centre, one.plan.model, one.plan.improvement)[0] for one in options])
    shares = np.minimum(held, [central(one.quality) for one in options])[:, None]
    told = scores(centre, years, shares, years[:, :, 0].max(axis=0))[:, 0]
    return options[int(np.argmin(told))]


def _ruled_out(decision: Decision) -> list[str]:
    """The rules that took out whole families: tuning alone, prompting alone."""
    found = []
    fallen = {option.key: gates for option, gates in decision.eliminated}
    alone = [key for key in TUNED if key in fallen and key != "rag_lora"]
    rules = [gate for key in alone for gate in fallen[key] if gate.rule in HARD]
    left = [option.key for option in decision.options if option.eligible and option.key in TUNED]
    if alone and rules and not set(left) - {"rag_lora"}:
        gate = rules[0]
        found.append(
            say(
                "Tuning alone is out: needed {expected}, found {found}.",
                expected=gate.expected,
                found=gate.found,
            )
        )
    if "prompt" in fallen:
        gate = fallen["prompt"][0]
        found.append(
            say(
                "A better prompt alone is out: needed {expected}, found {found}.",
                expected=gate.expected,
                found=gate.found,
            )
        )
    return found


def _own_share(case: Case, choice: Option) -> list[str]:
    """How much of a year's carbon the improvement itself is, and what a call reads with it.

    What it adds to a call is charged where the call is answered.
    """
    own, whole = central(choice.bill.of_step("improvement")["carbon"]), central(choice.year["carbon"])
    told = say(
        "Preparing it, and searching for it, is {own} of the plan's carbon",
        own=share(own / max(whole, NEVER_ZERO)),
    )
    if choice.key in requests.WITHOUT_PROMPT or choice.plan.model.kind in PLAIN:
        return [told + "."]
    plain, asked = (
        central(requests.request(case, choice.plan.model.main, key).input_tokens)
        for key in ("prompt", choice.key)
    )
    reads, apart = say("{told}; a call reads {asked} tokens", told=told, asked=number(asked)), asked - plain
    if abs(apart) < 1.0 or choice.key == "prompt":
        return [reads + "."]
    if apart > 0:
        return [say("{reads}, {more} more than with a prompt alone.", reads=reads, more=number(apart))]
    return [say("{reads}, {fewer} fewer than with a prompt alone.", reads=reads, fewer=number(-apart))]


def _pilot(case: Case) -> list[str]:
    few = [r for r in results_of(case).values() if r.samples < least_samples(case)]
    found = []
    for r in few:
        what = say(
            "{samples} pilot answers of {model} with {technique}",
            samples=r.samples,
            model=r.model,
            technique=r.technique,
        )
        seen = say("{low} to {high} accepted", low=share(r.low), high=share(r.high))
        found.append(
            say("{what} ({seen}) do not settle it: they are shown and not used.", what=what, seen=seen)
        )
    return found
