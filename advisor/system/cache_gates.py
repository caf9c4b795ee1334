"""The hard rules of a cache: enough hits to save energy, few enough of them wrong, and the floor kept."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.system import answering, caches
from advisor.system.bill import Bill
from advisor.system.case import Case, centrally, remembered
from advisor.system.gates import Gate, Gates, gate, least_accepted, passes
from advisor.system.memory import varied
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.premises import LET_OUT, stays
from advisor.system.quality import judged
from advisor.system.requests import attempts
from advisor.system.right_answers import in_format

BY_CALL = ("maas", "embedding")  # modes whose bill is so much a call, whatever their number
STRICTER = say(
    "a stricter likeness or a shorter time to live (then enter cache.semantic.false_hit, "
    "cache.semantic.found or cache.ttl as measured), or no cache"
)


@remembered
def gates(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gates:
    """Whether questions come back, and often enough for the cache to save energy; what its wrong hits do."""
    return (
        *_inside(case),
        _repeats(case),
        _saving(case, model, improvement, deployment),
        *_false_hits(case, deployment),
        *_floor(case, model, improvement, deployment),
    )


@remembered
def open_to(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> bool:
    """Whether every one of these gates is passed; the energy, for which all is sized anew, comes last."""
    wrong = (
        *_inside(case), *_false_hits(case, deployment), *_floor(case, model, improvement, deployment),
    )  # fmt: skip
    return passes((_repeats(case), *wrong)) and _saving(case, model, improvement, deployment).passed


def _inside(case: Case) -> Iterator[Gate]:
    """Whether the store, a service, may hold questions and answers."""
    return stays(case, False, say("a store that is a service"), LET_OUT)


def _repeats(case: Case) -> Gate:
    repeats = central(case.workload.repeat_share)
    return gate(
        "repeats", repeats > 0, say("questions that come back"),
        say("{share} do", share=numeral(repeats, ".0%")), say("measure how often questions come back"),
    )  # fmt: skip


def _saving(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gate:
    """Whether it spares more energy than it takes.

    A cache is there to spare work: one that takes more energy than it spares is out, whatever the
    priorities and whatever it saves in money, and the rule says so.
    """
    rate = central(caches.hit_rate(case, deployment))
    even = break_even(case, model, improvement, deployment)
    return gate(
        "hit_rate", rate >= even,
        say("at least {even} hits, to save energy and not money alone", even=numeral(even, ".1%"))
        if even <= 1 else say("hits that save energy and not money alone: none do"),
        say("{rate} hits", rate=numeral(rate, ".1%")),
        say("more repeated questions or more volume, a store on disk or a smaller one (then enter "
            "cache.store as measured), or no cache"),
    )  # fmt: skip


def _false_hits(case: Case, deployment: DeploymentSetting) -> Iterator[Gate]:
    """Whether few enough hits answer wrongly, where a limit is set."""
    most = case.scenario.quality.most_false_hits
    if most is None:
        return
    wrong = central(caches.false_hits(case, deployment))
    yield gate(
        "false_hits", wrong <= most, say("at most {most} of hits wrong", most=numeral(most, ".1%")),
        numeral(wrong, ".1%"), STRICTER,
    )  # fmt: skip


def _floor(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Gate]:
    """Whether enough answers are still accepted once some come wrongly from the cache."""
    floor = case.scenario.quality.floor
    before = judged(case, model, improvement)[0] * central(in_format(case, model, deployment))
    if before < floor:  # ruled out for that already
        return
    wrong = central(caches.wrong_share(case, model, improvement, deployment))
    left = before * (1.0 - wrong)
    yield gate(
        "quality", left >= floor, least_accepted(floor),
        say(
            "{before} without a cache, {left} with its wrong hits",
            before=numeral(before, ".1%"), left=numeral(left, ".1%"),
        ),
        STRICTER,
    )  # fmt: skip


@centrally
def break_even(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> float:
    """Hit rate from which the cache of a deployment saves energy, the central case [ratio]."""
    per_day = central(attempts(case, model, improvement) * case.workload.mean_per_day)
    return caches.break_even(case, deployment, spared_kwh(case, model, improvement, deployment), per_day)


def spared_kwh(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> float:
    """What a hit spares on the bill, overhead included, the central case [kWh].

    By the token that is all that one call takes behind the cache. What is held, units and machines, is sized
    anew for fewer calls, so what it takes less is shared among the hits; where nothing hits, its work counts.
    """
    bare = varied(deployment, cache="none")
    behind = answering.behind_a_cache(case, model, improvement, bare)
    tries = central(attempts(case, model, improvement))
    hits = tries * central(caches.hit_rate(case, deployment) * case.workload.requests_per_year)
    if deployment.mode not in BY_CALL and hits > 0:
        after = answering.behind_a_cache(case, model, improvement, deployment)
        return central(Bill(case, behind).year["energy"] - Bill(case, after).year["energy"]) / hits
    work = sum(central(line.footprint["energy"]) for line in behind if line.phase == "per_request")
    return work / tries
