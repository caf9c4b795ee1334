"""The hard rules of the improvement: whether what is missing can be given this way, and is enough."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import central
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import counted, number
from advisor.system import lever_gates, own_tests, requests, search_units, techniques
from advisor.system.case import Case, remembered
from advisor.system.gates import (
    ANSWERS,
    Gate,
    Gates,
    gate,
    least_accepted,
    passes,
)
from advisor.system.model_gates import context
from advisor.system.plan import ImprovementSetting, ModelSetting
from advisor.system.premises import PROMPTS, stays
from advisor.system.quality import TEAM, judged, measured, tested_with
from advisor.system.techniques import TUNED, UNTUNED, retrieves, search_mode

# what a model's row must list for each technique; ``api`` is tuning by the publisher's service
NEEDS = {
    "lora": ("lora", "api"),
    "rag_lora": ("lora", "api"),
    "qlora": ("qlora",),
    "full": ("full",),
    "distill": ("lora", "api"),
}
# ways of the model table -> as people say them
WAYS = {
    "lora": "LoRA",
    "qlora": "QLoRA",
    "full": say("full tuning"),
    "api": say("its provider's tuning service"),
}


@remembered
def gates(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Gates:
    """The gates of one improvement of what answers."""
    return (*_before_quality(case, model, improvement), quality_floor(case, model, improvement))


@remembered
def open_to(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> bool:
    """Whether every one of these gates is passed; the quality, which stops most, is looked at first."""
    clears = judged(case, model, improvement)[0] >= case.scenario.quality.floor
    return clears and passes(_before_quality(case, model, improvement))


def _before_quality(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Iterator[Gate]:
    technique = improvement.technique
    if model.kind == "encoder":
        yield from stays(case, False, say("trained on rented GPUs"), PROMPTS)
        yield _examples(case, case.central("encoder.examples_needed", "item"), labelled=True)
        yield licence(case)
    elif model.kind != "retrieval":
        yield from _knowledge(case, technique)
        if technique in TUNED:
            yield from _tuning(case, model, technique)
        if techniques.base(technique) == "few_shot":
            yield _examples(case, case.central("few_shot.examples", "item"))
        if technique == "compression":
            yield _retention(case, model)
        if model.kind == "team":
            yield _team(case)
        if techniques.lever(technique):
            yield lever_gates.of_lever(case, model, technique)
        yield _context(case, model, technique)
        yield _longest(case, model, technique)
    if model.kind == "retrieval":
        yield from recall(case, technique)


def quality_floor(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Gate:
    """The least share of answers accepted; the remedy says how many judged answers would show otherwise."""
    floor = case.scenario.quality.floor
    found, basis = judged(case, model, improvement)
    return gate(
        "quality",
        found >= floor,
        least_accepted(floor),
        say("{below} ({basis})", below=own_tests.below(found, floor), basis=basis),
        "" if found >= floor else own_tests.remedy(case, model, improvement, found),
    )


def licence(case: Case) -> Gate:
    """Whether the examples may be used for training; unknown fails."""
    answer = case.scenario.knowledge.examples_licensed
    return gate(
        "examples_licence",
        answer == "yes",
        say("examples licensed for training"),
        ANSWERS[answer],
        say(
            "read the licence at its origin, not on a hosting site, then set knowledge.examples_licensed: yes"
        ),
    )


def _examples(case: Case, needed: float, *, labelled: bool = False) -> Gate:
    have, least = case.scenario.knowledge.examples, number(needed)
    return gate(
        "examples", have >= needed,
        say("at least {needed} labelled examples", needed=least) if labelled
        else say("at least {needed} examples", needed=least),
        number(have), counted(
            max(needed - have, 0), say("collect one more good example"),
            say("collect {count} more good examples"),
        ),
    )  # fmt: skip


def _tuning(case: Case, model: ModelSetting, technique: str) -> Iterator[Gate]:
    """Whether a model can be tuned, with the examples there are or with a larger model's answers."""
    yield from stays(
        case, False,
        say("taught by a service") if technique == "distill" else say("trained on rented GPUs"), PROMPTS,
    )  # fmt: skip
    ways, wanted = case.catalogue.row("models", model.main).get("tunable") or [], NEEDS[technique]
    yield gate(
        "tunability",
        any(way in ways for way in wanted),
        say("a model that takes {ways}", ways=joined(say(" or "), (WAYS[way] for way in wanted))),
        joined(", ", (WAYS[way] for way in ways)) or say("one that cannot be tuned"),
        say("a model whose weights or service can be tuned this way"),
        to_be_had=False,
    )
    if technique == "distill":
        yield from lever_gates.of_teacher(case, model)
        return
    yield _examples(case, case.central("tuning.examples_pilot", "item"))
    yield licence(case)


def _knowledge(case: Case, technique: str) -> Iterator[Gate]:
    """Whether a technique can name its sources, and has what it searches.

    Whether facts that were trained in last until they are trained again is the operation's rule: it says how
    often that is.
    """
    knowledge, retrieval = case.scenario.knowledge, retrieves(technique)
    if knowledge.needs_citations:
        yield gate(
            "citations",
            retrieval,
            say("answers that cite their source"),
            say("passages to cite") if retrieval else say("no passage to cite"),
            say("retrieval, alone or beside tuning"),
        )
    if retrieval:
        yield gate(
            "documents",
            knowledge.documents > 0,
            say("documents to search"),
            number(knowledge.documents),
            say("name the documents and their number"),
        )
        yield from recall(case, technique)


def recall(case: Case, technique: str) -> Iterator[Gate]:
    """Whether the index finds what must be found; only where it has vectors and a limit is set."""
    least, mode = case.scenario.quality.least_recall, search_mode(technique)
    if least is None or mode == "keyword":
        return
    bits = search_units.extent(case, mode).bits
    found = search_units.recall(case, bits)
    yield gate(
        "recall", found >= least,
        say("at least {least} of what an exact search finds", least=numeral(least, ".1%")),
        say("{found} at {bits} bits", found=numeral(found, ".1%"), bits=numeral(bits, "g")),
        say("more bits per dimension in knowledge.index_bits, or a lower limit"),
    )  # fmt: skip


def _context(case: Case, model: ModelSetting, technique: str) -> Gate:
    """Whether the longest request still fits every model with what the technique adds for it."""
    before, worst = central(case.workload.input_tokens), None
    for place, key in enumerate(model.models):
        used = technique if place == 0 else UNTUNED.get(technique, technique)
        asked = requests.request(case, key, used)
        found = context(case, key, central(asked.input_tokens) - before)
        if worst is None or (worst.passed and not found.passed):
            worst = found
    assert worst is not None  # noqa: S101 - a model setting names at least one model
    return worst


def _longest(case: Case, model: ModelSetting, technique: str) -> Gate:
    """Whether a mean request, with what the technique adds, stays within the longest that was stated."""
    limit = case.scenario.quality.context_max_tokens
    used = {key: requests.technique_of(model, key, technique) for key in model.models}
    mean = max(central(requests.request(case, key, used[key]).input_tokens) for key in model.models)
    return gate(
        "longest_request", mean <= limit, say("at most {limit} tokens", limit=number(limit)),
        say("{mean} on average", mean=number(mean)),
        say("fewer or shorter examples or passages, or state a longer request in quality.context_max_tokens"),
    )  # fmt: skip


def _team(case: Case) -> Gate:
    """Whether what workers keep of a planner's accepted tasks is known, not assumed."""
    tested = measured(case, TEAM) is not None
    return gate(
        "retention", tested, say("what workers under a planner keep measured on whole tasks"),
        say("your own test") if tested else say("an assumption"),
        say("judge whole tasks done by the team and enter them as quality.scores.{team}", team=TEAM),
    )  # fmt: skip


def _retention(case: Case, model: ModelSetting) -> Gate:
    """Whether what is left of the answers at this ratio is known for this kind of text, not assumed.

    Published tests are of long passages that questions are asked about; everything else needs a test of
    one's own with the compressed prompts.
    """
    tested = tested_with(case, model, "compression")
    published = case.scenario.task == "rag_qa" and case.scenario.knowledge.gap in ("facts", "both")
    found = say("your own test") if tested else say("published tests") if published else say("an assumption")
    return gate(
        "retention", tested or published, say("what it keeps measured on this kind of text"), found,
        say("judge answers to compressed prompts and enter them with the technique compression"),
    )  # fmt: skip
