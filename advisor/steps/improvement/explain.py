"""The improvement in words: the answer, and the few facts that decided it."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.core.wording import amount, number, share
from advisor.decide.choosing import year_of
from advisor.decide.next_best import NEVER_ZERO, metered_alike, nearest, runner_up
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
    model = foundation_model.title(case, plan) if plan else "the model"
    if choice is None:
        return f"Nothing makes {model} meet every rule.", nearest(decision)
    energy, carbon, cost = (
        amount(central(choice.year[name]), unit)
        for name, unit in (("energy", "kWh"), ("carbon", "kgCO2e"), ("cost", "USD"))
    )
    headline = f"{choice.title} on {model}: {energy}, {carbon} and {cost} a year, serving included."
    reasons = (
        *_accepted(case, decision, choice),
        *_ruled_out(decision),
        *_own_share(case, choice),
        *runner_up(decision),
        *metered_alike(decision),
        *_pilot(case),
    )
    return headline, reasons


def _accepted(case: Case, decision: Decision, choice: Option) -> tuple[str, ...]:
    """What is accepted, and whether the choice rests on a gain that nobody tested."""
    floor, expected = share(case.scenario.quality.floor), share(central(choice.quality))
    shown, ground = judged(case.centre, choice.plan.model, choice.plan.improvement)
    if not ground.startswith(ASSUMED):
        return (f"{expected} of answers are expected to be accepted; the floor is {floor}.",)
    first = _as_tested(case, decision)
    rests = (
        "it comes first without that gain too"
        if first is choice
        else f"the choice rests on that gain: held to what was tested, {first.title} comes first"
    )
    told = f"{share(shown)} were accepted in your own test, which the floor of {floor} is held against"
    return (f"{told}; {expected} with {choice.title} is assumed. Test it before you build: {rests}.",)


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
        found.append(f"Tuning alone is out: needed {gate.expected}, found {gate.found}.")
    if "prompt" in fallen:
        gate = fallen["prompt"][0]
        found.append(f"A better prompt alone is out: needed {gate.expected}, found {gate.found}.")
    return found


def _own_share(case: Case, choice: Option) -> list[str]:
    """How much of a year's carbon the improvement itself is, and what a call reads with it.

    What it adds to a call is charged where the call is answered.
    """
    own, whole = central(choice.bill.of_step("improvement")["carbon"]), central(choice.year["carbon"])
    told = (
        f"Preparing it, and searching for it, is {share(own / max(whole, NEVER_ZERO))} of the plan's carbon"
    )
    if choice.key in requests.WITHOUT_PROMPT or choice.plan.model.kind in PLAIN:
        return [f"{told}."]
    plain, asked = (
        central(requests.request(case, choice.plan.model.main, key).input_tokens)
        for key in ("prompt", choice.key)
    )
    more = abs(asked - plain)
    beside = (
        f", {number(more)} {'more' if asked > plain else 'fewer'} than with a prompt alone"
        if more >= 1.0 and choice.key != "prompt"
        else ""
    )
    return [f"{told}; a call reads {number(asked)} tokens{beside}."]


def _pilot(case: Case) -> list[str]:
    few = [r for r in results_of(case).values() if r.samples < least_samples(case)]
    found = []
    for r in few:
        what = f"{r.samples} pilot answers of {r.model} with {r.technique}"
        seen = f"{share(r.low)} to {share(r.high)} accepted"
        found.append(f"{what} ({seen}) do not settle it: they are shown and not used.")
    return found
