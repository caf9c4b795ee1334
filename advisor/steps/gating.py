"""Hard rules that both the model and its improvement are put through."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import Z90
from advisor.core.wording import number, share
from advisor.estimate.acceptance import samples_to_clear
from advisor.steps.quality import TUNED
from advisor.system.case import Case
from advisor.system.option import Gate

DAYS_PER_YEAR = 365.0
# what a model's row must list for each technique; ``api`` is tuning by the publisher's service
NEEDS = {"lora": ("lora", "api"), "rag_lora": ("lora", "api"), "qlora": ("qlora",), "full": ("full",)}


def gate(rule: str, passed: object, expected: str, found: str, remedy: str) -> Gate:
    """A gate; ``passed`` is read as true or false."""
    return Gate(rule, bool(passed), expected, found, remedy)


def floor_gate(floor: float, found: float, path: str, basis: str) -> Gate:
    """A quality gate; the remedy says how many judged answers would show otherwise."""
    passed = found >= floor
    answers = samples_to_clear(found, floor, Z90)
    test = (
        f"a test of your own that shows more ({answers:,.0f} answers tell {share(found)} from {share(floor)})"
    )
    remedy = (
        "" if passed else f"{test if answers < 1e5 else 'a test of your own'}: set {path}; or a lower floor"
    )
    return gate("quality", passed, f"at least {share(floor)} accepted", f"{share(found)} ({basis})", remedy)


def licence_gate(case: Case) -> Gate:
    """Whether the examples may be used for training; unknown fails."""
    answer = case.scenario.knowledge.examples_licensed
    return gate(
        "examples_licence",
        answer == "yes",
        "examples licensed for training",
        answer,
        "read the licence at its origin, not on a hosting site, then set knowledge.examples_licensed: yes",
    )


def retrieves(technique: str) -> bool:
    """Whether a technique puts passages into the prompt."""
    return technique.startswith("rag_")


def tuning_gates(case: Case, model: str, technique: str) -> Iterator[Gate]:
    """Whether a model can be tuned with the examples there are."""
    knowledge, ways = case.scenario.knowledge, case.catalogue.row("models", model).get("tunable") or []
    wanted = NEEDS[technique]
    yield gate(
        "tunability",
        any(way in ways for way in wanted),
        " or ".join(wanted),
        ", ".join(ways) or "cannot be tuned",
        "a model whose weights or service can be tuned this way",
    )
    needed = case.central("tuning.examples_pilot", "item")
    yield gate(
        "examples",
        knowledge.examples >= needed,
        f"at least {number(needed)} examples",
        number(knowledge.examples),
        f"collect {number(max(needed - knowledge.examples, 0))} more good examples",
    )
    yield licence_gate(case)


def _every(days: float) -> str:
    return "every day" if days == 1 else f"every {number(days)} days"


def knowledge_gates(case: Case, technique: str) -> Iterator[Gate]:
    """Whether a technique can keep up with the facts, and name its sources."""
    knowledge = case.scenario.knowledge
    retrieval = retrieves(technique)
    if knowledge.needs_citations:
        yield gate(
            "citations",
            retrieval,
            "answers that cite their source",
            "passages to cite" if retrieval else "no passage to cite",
            "retrieval, alone or beside tuning",
        )
    if technique in TUNED and not retrieval and knowledge.gap in ("facts", "both"):
        changes, retrains = knowledge.changes_every_days, knowledge.retrains_per_year
        interval = DAYS_PER_YEAR / retrains if retrains else float("inf")
        fresh = changes is None or changes >= interval
        yield gate(
            "freshness",
            fresh,
            f"retrained at least {_every(changes or 0)}, as the facts change",
            _every(interval) if retrains else "never",
            "retrieval for the facts, or retrain as often as they change",
        )
    if retrieval:
        yield gate(
            "documents",
            knowledge.documents > 0,
            "documents to search",
            number(knowledge.documents),
            "name the documents and their number",
        )


def context_gate(case: Case, model: str, added: float) -> Gate:
    """Whether the longest request still fits with ``added`` tokens more [tok]."""
    name = f"models.{model}.context_tokens"
    have = case.central(name if name in case else "model.context_when_unknown", "tok")
    need = case.scenario.quality.context_max_tokens + max(added, 0.0)
    return gate(
        "context",
        have >= need,
        f"{number(need)} tokens with what it adds",
        f"{number(have)} tokens",
        "fewer or shorter passages, or a model with a longer context",
    )
