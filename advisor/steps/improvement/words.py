"""The improvement in words: the answer, and the few facts that decided it."""

from __future__ import annotations

import numpy as np

from advisor.core.wording import amount, number, share
from advisor.decide.comparing import yearly
from advisor.steps import Prior
from advisor.steps.contrast import runner_up
from advisor.steps.quality import TUNED, least_samples, results_of
from advisor.system.case import Case
from advisor.system.option import Decision, Option

HARD = ("citations", "freshness", "tunability", "examples", "examples_licence", "documents", "context")


def words(case: Case, prior: Prior, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and two to five facts behind it."""
    model = prior["foundation_model"].title if "foundation_model" in prior else "the model"
    choice = decision.choice
    if choice is None:
        nearest = sorted(decision.eliminated, key=lambda pair: len(pair[1]))[:3]
        return f"Nothing makes {model} meet every rule.", tuple(
            f"{option.title} fails {', '.join(gate.rule for gate in gates)}: {gates[0].remedy}."
            for option, gates in nearest
        )
    year = yearly(choice, case)
    energy, carbon, cost = (
        amount(float(np.median(year[name])), unit)
        for name, unit in (("energy", "kWh"), ("carbon", "kgCO2e"), ("cost", "USD"))
    )
    headline = f"{choice.title} on {model}: {energy}, {carbon} and {cost} a year, serving included."
    floor = share(case.scenario.quality.floor)
    expected = share(float(np.median(choice.quality)))
    reasons = [
        f"{expected} of answers are expected to be accepted; the floor is {floor}.",
        *_ruled_out(decision),
        *_own_share(case, choice),
        *runner_up(case, decision),
        *_pilot(case),
    ]
    return headline, tuple(reasons)


def _ruled_out(decision: Decision) -> list[str]:
    """The rules that took out whole families: tuning alone, prompting alone."""
    found = []
    fallen = {option.key: gates for option, gates in decision.eliminated}
    alone = [key for key in TUNED if key in fallen and key != "rag_lora"]
    rules = [gate for key in alone for gate in fallen[key] if gate.rule in HARD]
    left = [option.key for option in decision.options if option.eligible and option.key in TUNED]
    if alone and rules and not set(left) - {"rag_lora"}:
        gate = rules[0]
        found.append(f"Tuning alone is out ({gate.rule}): needed {gate.expected}, found {gate.found}.")
    if "prompt" in fallen:
        gate = fallen["prompt"][0]
        found.append(
            f"A better prompt alone is out ({gate.rule}): needed {gate.expected}, found {gate.found}."
        )
    return found


def _own_share(case: Case, choice: Option) -> list[str]:
    """How much of a year's carbon the improvement itself is, serving being the rest."""
    years = case.scenario.timing.horizon_years
    own = choice.parts.per_year(case.workload.requests_per_year, years)["carbon"]
    whole = np.maximum(yearly(choice, case)["carbon"], 1e-12)
    tokens = float(np.median(choice.settings["input_tokens"]))
    before = float(np.median(case.workload.input_tokens))
    part = share(float(np.median(own / whole)))
    serving = f"serving {number(tokens)} tokens of input a request, where {number(before)} came in"
    return [f"Preparing and running it is {part} of the carbon; the rest is {serving}."]


def _pilot(case: Case) -> list[str]:
    few = [r for r in results_of(case).values() if r.samples < least_samples(case)]
    found = []
    for r in few:
        what = f"{r.samples} pilot answers of {r.model} with {r.technique}"
        seen = f"{share(r.low)} to {share(r.high)} accepted"
        found.append(f"{what} ({seen}) do not settle it: they are shown and not used.")
    return found
