"""The model choice in words: the answer, and the few facts that decided it."""

from __future__ import annotations

from typing import cast

import numpy as np

from advisor.core.draws import Z90, central, ensemble_of
from advisor.core.saying import joined, numeral, say, within
from advisor.core.wording import amount, listed, number, share, times
from advisor.decide.next_best import apart, metered_alike, ratio, runner_up
from advisor.decide.option import Decision, Option
from advisor.estimate.acceptance import samples_to_clear
from advisor.steps.shared_texts import TAKEN
from advisor.system.case import Case
from advisor.system.offers import compared
from advisor.system.own_tests import beyond_tests, too_few
from advisor.system.pilot import PRACTICALLY_EQUAL, more_samples
from advisor.system.plan import ModelSetting
from advisor.system.quality import ASSUMED, judged, least_samples, results_of, tested
from advisor.system.techniques import title as technique_name

WORTH_TELLING = 0.01  # a point of quality
KINDS = {
    "encoder": say("no generative AI is needed"),
    "retrieval": say("search alone is enough"),
    "cascade": say("two models, the large one only where needed"),
    "router": say("two models, each for its share"),
    "team": say("the large model plans, the small one works"),
    "custom": say("an own model"),
}


PLAIN = ("encoder", "retrieval")


def kind_of(option: Option) -> str:
    """What kind of thing answers."""
    return cast(ModelSetting, option.setting).kind


def per_thousand(option: Option, indicator: str, unit: str) -> str:
    """An indicator for a thousand accepted answers, in words."""
    return amount(central(option.accepted[indicator]) * 1000.0, unit)


def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The answer in one sentence, and two to five facts behind it."""
    choice = decision.choice
    if choice is None:
        return say("No option meets every rule."), (*_listed(case), *_too_few(case))
    reasons = [_quality(case, choice), *_against_best(decision, choice), *_no_generation(decision, choice)]
    over = [*_passed_over(case, decision, choice), *_listed(case)]
    second = (*runner_up(decision), *metered_alike(decision))
    return headline(case, choice), (*reasons, *over, *second, *_unsettled(case, decision, choice))


def headline(case: Case, option: Option) -> str:
    """An option in one sentence."""
    kind = KINDS.get(kind_of(option))
    return say(
        "{chosen}. A thousand accepted answers take {energy}, {carbon} and {cost}.",
        chosen=joined(": ", (option.title, kind)) if kind else option.title,
        energy=per_thousand(option, "energy", "kWh"),
        carbon=per_thousand(option, "carbon", "kgCO2e"),
        cost=per_thousand(option, "cost", "USD"),
    )


def chance(case: Case, option: Option) -> float:
    """The chance that an option's share accepted clears the floor, over the draws."""
    return float(np.mean(ensemble_of(option.quality) >= case.scenario.quality.floor))


def _answers_to_clear(case: Case, option: Option) -> float | None:
    """Judged answers that would show on which side of the floor an option is; None: no sensible number."""
    needed = samples_to_clear(central(option.quality), case.scenario.quality.floor, Z90)
    return needed if needed <= PRACTICALLY_EQUAL else None


def floor_at_stake(case: Case, option: Option) -> str:
    """What must be judged before an option is built on; empty where the floor is sure enough."""
    sure, floor = chance(case, option), case.scenario.quality.floor
    if sure >= case.central("quality.enough_confidence", "ratio"):
        return ""
    needed = _answers_to_clear(case, option)
    basis = judged(case.centre, option.plan.model, option.plan.improvement)[1]
    stake = say(
        "{risk} chance that fewer than {floor} are ({basis})",
        risk=share(1.0 - sure),
        floor=share(floor),
        basis=basis,
    )
    if needed is None:
        return say("{stake}: judge answers first.", stake=stake)
    return say("{stake}: judge about {needed} answers.", stake=stake, needed=number(needed))


def _listed(case: Case) -> list[str]:
    """That not every model was compared."""
    told, known = compared(case), case.catalogue.keys("models")
    if not case.scenario.constraints.models_compared:
        return []
    return [
        say(
            "Of {known} models, {compared} are compared, as the scenario asks.",
            known=len(known),
            compared=len(told),
        )
    ]


def _quality(case: Case, choice: Option) -> str:
    floor = share(case.scenario.quality.floor)
    held, ground = judged(case, choice.plan.model, choice.plan.improvement)
    own = tested(case, choice.plan.model)
    if ground.startswith(ASSUMED):
        return say(
            "{held} of its answers are accepted by your own test, which the floor of {floor} is held "
            "against; {expected} with {technique} is assumed: test it.",
            held=share(held),
            floor=floor,
            expected=share(central(choice.quality)),
            technique=within(technique_name(choice.plan.improvement.technique)),
        )
    basis = say("by your own test") if own else say("by a public rating, through an assumed curve")
    if own and "carried over" in ground:
        basis = say("by {ground}", ground=ground)
    if not own and kind_of(choice) in PLAIN:
        basis = say("by an assumed range")
    accepted = say(
        "{expected} of its answers are accepted {basis}; the floor is {floor}",
        expected=share(central(choice.quality)),
        basis=basis,
        floor=floor,
    )
    clears = chance(case, choice)
    if clears >= case.central("quality.enough_confidence", "ratio"):
        return accepted + "."
    return say(
        "{accepted}, and the chance that it holds is {clears}: test before you build.",
        accepted=accepted,
        clears=share(clears),
    )


def _against_best(decision: Decision, choice: Option) -> list[str]:
    """What the best answers would cost beside the chosen ones."""
    eligible = [option for option in decision.options if option.eligible]
    best = max(eligible, key=lambda option: central(option.quality))
    gain = central(best.quality) - central(choice.quality)
    if gain < WORTH_TELLING:
        return []
    more = say("{gain} more of 100 accepted", gain=numeral(gain * 100.0, ".0f"))
    return [
        say(
            "The best answers come from {title}: {more}, for {apart} of each.",
            title=best.title,
            more=more,
            apart=apart(best, choice),
        )
    ]


def _passed_over(case: Case, decision: Decision, choice: Option) -> list[str]:
    """Why what is best in more draws than the choice is not chosen."""
    eligible = {option.key: option for option in decision.options if option.eligible}
    key = max(decision.p_best, key=lambda one: decision.p_best[one], default=choice.key)
    other, part = eligible.get(key), decision.p_best.get(key, 0.0)
    if other is None or key == choice.key or part <= decision.confidence:
        return []
    said = say("{title} is best in more draws, {share}", title=other.title, share=share(part))
    misses = 1.0 - chance(case, other)
    if misses > 1.0 - chance(case, choice) + WORTH_TELLING:
        needed = _answers_to_clear(case, other)
        falls = say("{said}, but falls below the floor in {misses} of them", said=said, misses=share(misses))
        if needed is None:
            return [falls + "."]
        return [say("{falls}: about {needed} judged answers would tell.", falls=falls, needed=number(needed))]
    return [
        say(
            "{said}, but one against one {title} is better than each other option in most draws.",
            said=said,
            title=choice.title,
        )
    ]


def _no_generation(decision: Decision, choice: Option) -> list[str]:
    """Why a task that needs no generation is given to a model all the same."""
    if kind_of(choice) in PLAIN:
        return []
    plain = [option for option in decision.options if kind_of(option) in PLAIN]
    able = [option for option in plain if all(gate.passed for gate in option.gates if gate.rule == "task")]
    if not able:
        return []
    alive = [option for option in able if option.eligible]
    if alive:
        best = min(alive, key=lambda option: decision.scores[option.key])
        cost = times(ratio(best, choice, "cost"), TAKEN["cost"])
        return [
            say(
                "Without generative AI: {title} would do, at {cost} of an accepted answer.",
                title=best.title,
                cost=cost,
            )
        ]
    best = max(able, key=lambda option: central(option.quality))
    gate = next(gate for gate in best.gates if not gate.passed)
    return [
        say(
            "Without generative AI: {title} falls short: {expected}, found {found}.",
            title=best.title,
            expected=gate.expected,
            found=gate.found,
        )
    ]


def _unsettled(case: Case, decision: Decision, choice: Option) -> list[str]:
    """Test results too few to count, and how many answers would settle the choice."""
    few = [result for result in results_of(case).values() if result.samples < least_samples(case)]
    found = [
        say(
            "Your pilot has {samples} answers of {model} ({technique}): "
            "{low} to {high} accepted, which does not settle the choice.",
            samples=result.samples,
            model=result.model,
            technique=result.technique,
            low=share(result.low),
            high=share(result.high),
        )
        for result in few
    ]
    return [*found, *_too_few(case), *_floor_test(case, choice), *_runner_up_test(case, decision, choice)]


def _too_few(case: Case) -> list[str]:
    """Scores that are stated and not looked at, and a floor that none could show to be kept."""
    return [say("{told}.", told=told) for told in (*too_few(case, logged=False), *beyond_tests(case))]


def _floor_test(case: Case, choice: Option) -> list[str]:
    """How many judged answers would show whether the chosen model clears the floor."""
    if chance(case, choice) >= case.central("quality.enough_confidence", "ratio"):
        return []
    needed = _answers_to_clear(case, choice)
    if needed is None:
        return [
            say(
                "{title} stands at the floor itself: no test of sensible size shows on which side.",
                title=choice.title,
            )
        ]
    return [
        say(
            "About {needed} judged answers would show whether {title} clears the floor.",
            needed=number(needed),
            title=choice.title,
        )
    ]


def _runner_up_test(case: Case, decision: Decision, choice: Option) -> list[str]:
    """How many judged answers would tell the two best apart, if quality is what divides them."""
    second = decision.runner_up
    if second is None or decision.confidence >= case.central("quality.enough_confidence", "ratio"):
        return []
    more = answers_to_settle(case, choice, second, decision)
    both = listed((choice.title, second.title))
    if more is None:
        return [say("{both} are practically equal: no test of sensible size tells them apart.", both=both)]
    if more < least_samples(case):
        return [
            say(
                "Not quality divides {both} but the ranges of energy and price: measure a request of each.",
                both=both,
            )
        ]
    return [
        say("{more} more judged answers of each of {both} would settle it.", more=number(more), both=both)
    ]


def answers_to_settle(case: Case, choice: Option, second: Option, decision: Decision) -> int | None:
    """Further answers to judge of each of two options; None: practically equal."""
    results = results_of(case).values()
    judged = [
        sum(r.samples for r in results if r.model == option.plan.model.main) for option in (choice, second)
    ]
    gap = abs(decision.scores[second.key] - decision.scores[choice.key])
    return more_samples(central(choice.quality), central(second.quality), gap, min(judged))
