"""The hard rules of what a technique is told to do besides, and of learning from a larger model."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import central
from advisor.core.saying import joined, say
from advisor.core.wording import number
from advisor.system import requests, task, techniques, thinking
from advisor.system.case import Case
from advisor.system.gates import ANSWERS, Gate, gate
from advisor.system.plan import ModelSetting
from advisor.system.quality import NARROW, of_model, reference_technique, teacher, tested_with


def levers(case: Case) -> tuple[str, ...]:
    """The usual technique with each lever that there is something to pull at."""
    usual, agent = reference_technique(case), case.scenario.agent
    return tuple(
        key for key, (base, lever) in techniques.LEVERED.items()
        if base == usual and lever in techniques.LEVERS
        and (agent is not None or lever not in techniques.AGENTIC)
    )  # fmt: skip


def of_lever(case: Case, model: ModelSetting, technique: str) -> Gate:
    """Whether there is anything to gain from a lever, and what must be known of it is."""
    lever = techniques.lever(technique)
    if lever == "short":
        return _kept(case, model, technique, say("what short answers keep measured on this work"))
    if lever == "schema":
        return gate(
            "fields", case.scenario.task in NARROW,
            say("answers made of fields ({tasks})", tasks=joined(say(" or "), NARROW)),
            case.scenario.task, say("split off the part of the answer that a program reads"),
        )  # fmt: skip
    if lever == "compacted" and not _summarises(case):
        agent = case.scenario.agent
        return gate(
            "history", False, say("a history that is never summarised and long enough to be"),
            say("summarised already") if agent and agent.compact_above_tokens is not None
            else say("a short history"),
            say("longer tasks, or empty agent.compact_above_tokens to compare"),
        )  # fmt: skip
    if lever in techniques.AGENTIC:
        return _kept(case, model, technique, say("what this way of working keeps measured on whole tasks"))
    if lever == "ordered":
        return _repeats(case, model, technique)
    return _effort(case, model, technique)


def _summarises(case: Case) -> bool:
    agent = case.scenario.agent
    if agent is None or agent.compact_above_tokens is not None:
        return False
    return task.summarised_above(case, agent) is not None


def _kept(case: Case, model: ModelSetting, technique: str, what: str) -> Gate:
    """What is left out was asked for, until a test shows that nobody misses it."""
    tested = tested_with(case, model, technique)
    return gate(
        "retention", tested, what, say("your own test") if tested else say("an assumption"),
        say("judge such answers and enter them with the technique {technique}", technique=technique),
    )  # fmt: skip


def _repeats(case: Case, model: ModelSetting, technique: str) -> Gate:
    """Whether putting what repeats first makes a prefix that a service keeps, longer than today's."""
    base = techniques.base(technique)
    before, after = (
        central(requests.cacheable(case, requests.request(case, model.main, one).static))
        for one in (base, technique)
    )
    return gate(
        "repeated_parts", after > before, say("more repeated tokens than a service keeps today"),
        say("{after} in place of {before}", after=number(after), before=number(before)),
        say(
            "paste the prompt into the prompt budget, and set workload.repeated_later_share to what it finds"
        ),
    )  # fmt: skip


def _effort(case: Case, model: ModelSetting, technique: str) -> Gate:
    """Whether the effort is left open, and the model can be told another than it would make."""
    given, told = case.scenario.quality.reasoning_effort, techniques.effort(technique)
    moves = [
        key for key in model.models
        if thinking.thinks(case, key) and thinking.effort(case, key, told) != thinking.effort(case, key, "")
    ]  # fmt: skip
    rank = thinking.EFFORTS.index
    less = any(rank(thinking.effort(case, key, told)) < rank(thinking.effort(case, key, "")) for key in moves)
    if given is None and less:
        return _kept(case, model, technique, say("what less thinking keeps measured on this work"))
    efforts = joined(
        ", ",
        (
            say("{model} {effort}", model=key, effort=thinking.TITLES[thinking.effort(case, key, "")])
            if thinking.thinks(case, key)
            else say("{model} does not think", model=key)
            for key in model.models
        ),
    )
    return gate(
        "reasoning_effort", given is None and bool(moves),
        say("effort left open, and another than {told} now", told=thinking.TITLES[told]),
        say("you set {given}", given=thinking.TITLES[given]) if given is not None else efforts,
        say("leave quality.reasoning_effort empty") if given is not None
        else say("a model whose reasoning effort can be set"),
    )  # fmt: skip


def of_teacher(case: Case, model: ModelSetting) -> Iterator[Gate]:
    """Whether a better model is on sale, and its terms allow learning from it."""
    found, usual = teacher(case), reference_technique(case)
    better = found is not None and found not in model.models and (
        model.kind == "custom"
        or central(of_model(case, found, usual)) > central(of_model(case, model.main, usual))
    )  # fmt: skip
    yield gate(
        "teacher", better, say("a model that answers better"), found or say("none on sale"),
        say("a smaller model to teach, or name knowledge.teacher"),
    )  # fmt: skip
    answer = case.scenario.knowledge.teacher_answers_licensed
    yield gate(
        "teacher_licence", answer == "yes", say("terms that allow training on its answers"), ANSWERS[answer],
        say("read the terms of {model}, then set knowledge.teacher_answers_licensed: yes", model=found)
        if found
        else say("read the terms of the larger model, then set knowledge.teacher_answers_licensed: yes"),
    )  # fmt: skip
