"""Tests of one's own: what comes before one, how many answers it takes, and which are too few to count."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import Z90, central
from advisor.core.saying import numeral, say
from advisor.core.wording import listed, number, percent, share
from advisor.estimate.acceptance import samples_to_clear, samples_to_show, wilson
from advisor.system import techniques
from advisor.system.case import Case
from advisor.system.plan import GENERATING, ImprovementSetting, ModelSetting
from advisor.system.quality import SEARCH, TEAM, coverage, least_samples, measured, results_of

WORTH_JUDGING = 1e4  # answers nobody judges: then only "a test of your own" is said


def below(found: float, floor: float) -> str:
    """A share, in as many digits as tell it from a floor that it misses."""
    return numeral(found, ".1%") if found < floor and share(found) == share(floor) else share(found)


def answers_needed(case: Case, found: float) -> float:
    """Answers to judge that tell a share from the floor, and no fewer than count at all [item]."""
    return max(samples_to_clear(found, case.scenario.quality.floor, Z90), least_samples(case))


def remedy(case: Case, model: ModelSetting, improvement: ImprovementSetting, found: float) -> str:
    """What would show that the floor is met: what the model lacks, then a test of one's own."""
    test, lacking = _test(case, model, found), _lacking(case, model, improvement, found)
    return say("{lacking}; {test}", lacking=lacking, test=test) if lacking else test


def _test(case: Case, model: ModelSetting, found: float) -> str:
    if model.kind == "custom":  # of what is not trained yet nothing can be tested
        return say("a figure of your own for custom.lift, or a lower floor")
    floor, answers = case.scenario.quality.floor, answers_needed(case, found)
    together = {"team": (TEAM,), "retrieval": (SEARCH,)}
    untested = [key for key in model.models if measured(case, key) is None] or model.models
    paths = listed(f"quality.scores.{name}" for name in together.get(model.kind, untested))
    if answers >= WORTH_JUDGING:
        return say("a test of your own: set {paths}; or a lower floor", paths=paths)
    return say(
        "a test of your own that shows more ({answers} answers tell {below} from {floor}): "
        "set {paths}; or a lower floor",
        answers=number(answers), below=below(found, floor), floor=share(floor), paths=paths,
    )  # fmt: skip


def _lacking(case: Case, model: ModelSetting, improvement: ImprovementSetting, found: float) -> str:
    """What the scenario has none of that covers what the model lacks; empty where nothing is missing."""
    knowledge, technique = case.scenario.knowledge, improvement.technique
    if model.kind not in GENERATING:
        return ""
    if knowledge.gap in ("facts", "both") and knowledge.documents == 0:
        what, covering = say("documents to search, set knowledge.documents"), "rag_hybrid"
    elif knowledge.gap == "format" and knowledge.examples < case.central("few_shot.examples", "item"):
        what, covering = say("good examples, set knowledge.examples"), "few_shot"
    else:
        return ""
    then = found * central(coverage(case, covering)) / central(coverage(case, technique))
    if techniques.base(technique) == covering or share(min(then, 1.0)) == share(found):
        return ""
    return say("{what} (about {then} accepted with them)", what=what, then=share(min(then, 1.0)))


def too_few(case: Case, logged: bool = True) -> Iterator[str]:
    """Results of one's own that nothing looks at, as too few answers were judged; those of a log if asked."""
    least = least_samples(case)
    given = [(name, own.samples) for name, own in case.scenario.quality.scores.items()]
    given += [(one.model, one.samples) for one in results_of(case).values() if logged]
    for name, samples in given:
        if samples < least:
            yield say(
                "{samples} judged answers of {model} are too few: from {least} on they count",
                samples=number(samples),
                model=name,
                least=number(least),
            )


def beyond_tests(case: Case) -> Iterator[str]:
    """A floor that no test shows to be kept: so many answers would have to be judged, and all be accepted."""
    floor = case.scenario.quality.floor
    if samples_to_show(floor, Z90) >= WORTH_JUDGING:
        yield say(
            "quality.floor, {floor}, promises what no test shows: {answers} judged answers, all of them "
            "accepted, show {shown}",
            floor=percent(floor), answers=number(WORTH_JUDGING),
            shown=numeral(wilson(1.0, WORTH_JUDGING, Z90)[0], ".2%"),
        )  # fmt: skip
