"""The model choice in words: the answer, and the few facts that decided it."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Z90
from advisor.core.wording import amount, number, share, times
from advisor.decide.comparing import accepted
from advisor.estimate.acceptance import samples_to_clear
from advisor.steps.contrast import runner_up
from advisor.steps.quality import least_samples, measured, results_of
from advisor.system.case import Case
from advisor.system.option import Decision, Option
from advisor.system.pilot import PRACTICALLY_EQUAL, more_samples

WORTH_TELLING = 0.01  # a point of quality
KINDS = {
    "encoder": "no generative AI is needed",
    "retrieval": "search alone is enough",
    "cascade": "two models, the large one only where needed",
    "router": "two models, each for its share",
    "custom": "an own model",
}


def per_thousand(case: Case, option: Option, indicator: str, unit: str) -> str:
    """The median of an indicator for a thousand accepted answers, in words."""
    return amount(float(np.median(accepted(option, case)[indicator])) * 1000.0, unit)


def words(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and two to five facts behind it."""
    if decision.choice is None:
        return "No option meets every rule.", tuple(_missing(decision))
    choice = decision.choice
    kind = KINDS.get(str(choice.settings["kind"]))
    headline = (
        f"{choice.title}{f': {kind}' if kind else ''}. A thousand accepted answers take "
        f"{per_thousand(case, choice, 'energy', 'kWh')}, {per_thousand(case, choice, 'carbon', 'kgCO2e')} "
        f"and {per_thousand(case, choice, 'cost', 'USD')}."
    )
    reasons = [_quality(case, choice), *_against_best(case, decision), *_no_generation(case, decision)]
    reasons += [*runner_up(case, decision), *_unsettled(case, decision)]
    return headline, tuple(reasons)


def _missing(decision: Decision) -> list[str]:
    """The options nearest to passing, with what would bring each back."""
    nearest = sorted(decision.eliminated, key=lambda pair: len(pair[1]))[:3]
    return [
        f"{option.title} fails {', '.join(gate.rule for gate in gates)}: {gates[0].remedy}."
        for option, gates in nearest
    ]


def _quality(case: Case, choice: Option) -> str:
    found, floor = float(np.median(choice.quality)), case.scenario.quality.floor
    own = measured(case, str(choice.settings["model"]))
    basis = "by your own test" if own else "by a public rating, through an assumed curve"
    if not own and choice.settings["kind"] in ("encoder", "retrieval"):
        basis = "by an assumed range"
    low = float(np.mean(choice.quality >= floor))
    text = f"{share(found)} of its answers are accepted {basis}; the floor is {share(floor)}"
    return text + (
        "."
        if low >= case.central("quality.enough_confidence", "ratio")
        else f", and the chance that it holds is {share(low)}: test before you build."
    )


def _against_best(case: Case, decision: Decision) -> list[str]:
    """What the best answers would cost beside the chosen ones."""
    choice = decision.choice
    eligible = [option for option in decision.options if option.eligible]
    best = max(eligible, key=lambda option: float(np.median(option.quality)))
    gain = float(np.median(best.quality)) - float(np.median(choice.quality)) if choice else 0.0
    if choice is None or gain < WORTH_TELLING:
        return []
    ratios = [
        float(np.median(accepted(best, case)[name] / np.maximum(accepted(choice, case)[name], 1e-12)))
        for name in ("carbon", "cost")
    ]
    price = f"{times(ratios[0], 'carbon')} and {times(ratios[1], 'cost')}"
    more = f"{gain * 100.0:.0f} more of 100 accepted"
    return [f"The best answers come from {best.title}: {more}, for {price} of each."]


def _no_generation(case: Case, decision: Decision) -> list[str]:
    """Why a task that needs no generation is given to a model all the same."""
    choice = decision.choice
    if choice is None or choice.settings["kind"] in ("encoder", "retrieval"):
        return []
    plain = [option for option in decision.options if option.settings["kind"] in ("encoder", "retrieval")]
    able = [option for option in plain if all(gate.passed for gate in option.gates if gate.rule == "task")]
    if not able:
        return []
    alive = [option for option in able if option.eligible]
    best = max(alive or able, key=lambda option: float(np.median(option.quality)))
    if alive:
        best = min(alive, key=lambda option: decision.scores[option.key])
        ratio = float(np.median(accepted(best, case)["cost"] / accepted(choice, case)["cost"]))
        price = f"{times(ratio, 'cost')} of an accepted answer"
        return [f"Without generative AI: {best.title} would do, at {price}."]
    gate = next(gate for gate in best.gates if not gate.passed)
    return [f"Without generative AI: {best.title} falls short: {gate.expected}, found {gate.found}."]


def _unsettled(case: Case, decision: Decision) -> list[str]:
    """Test results too few to count, and how many answers would settle the choice."""
    found = []
    few = [r for r in results_of(case).values() if r.samples < least_samples(case)]
    for result in few:
        found.append(
            f"Your pilot has {result.samples} answers of {result.model} ({result.technique}): "
            f"{share(result.low)} to {share(result.high)} accepted, which does not settle the choice."
        )
    return [*found, *_floor_test(case, decision), *_runner_up_test(case, decision)]


def _floor_test(case: Case, decision: Decision) -> list[str]:
    """How many judged answers would show whether the chosen model clears the floor."""
    choice, floor = decision.choice, case.scenario.quality.floor
    sure = case.central("quality.enough_confidence", "ratio")
    if choice is None or float(np.mean(choice.quality >= floor)) >= sure:
        return []
    needed = samples_to_clear(float(np.median(choice.quality)), floor, Z90)
    if needed > PRACTICALLY_EQUAL:
        return [f"{choice.title} stands at the floor itself: no test of sensible size shows on which side."]
    return [f"About {number(needed)} judged answers would show whether {choice.title} clears the floor."]


def _runner_up_test(case: Case, decision: Decision) -> list[str]:
    """How many judged answers would tell the two best apart, if quality is what divides them."""
    choice, second = decision.choice, decision.runner_up
    sure = case.central("quality.enough_confidence", "ratio")
    if choice is None or second is None or decision.confidence >= sure:
        return []
    more, both = answers_to_settle(case, choice, second, decision), f"{choice.title} and {second.title}"
    if more is None:
        return [f"{both} are practically equal: no test of sensible size tells them apart."]
    if more < least_samples(case):
        return [f"Not quality divides {both} but the ranges of energy and price: measure a request of each."]
    return [f"{number(more)} more judged answers of each of {both} would settle it."]


def answers_to_settle(case: Case, choice: Option, second: Option, decision: Decision) -> int | None:
    """Further answers to judge of each of two options; None: practically equal."""
    results = results_of(case).values()
    judged = [
        sum(r.samples for r in results if r.model == option.settings["model"]) for option in (choice, second)
    ]
    shares = [float(np.median(option.quality)) for option in (choice, second)]
    gap = abs(decision.scores[second.key] - decision.scores[choice.key])
    return more_samples(shares[0], shares[1], gap, min(judged))
