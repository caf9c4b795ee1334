"""The five decisions, in order. Each step is a module that satisfies :class:`Step`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Protocol, cast

from advisor.core.exhibits import Exhibit
from advisor.decide.comparing import compare
from advisor.decide.flips import find_flips
from advisor.scenario import STEP_NAMES
from advisor.system.assumptions import warnings
from advisor.system.case import Case
from advisor.system.option import Decision, Option, thinned

Prior = Mapping[str, Option]


class Step(Protocol):
    """What a step module offers."""

    STEP: str
    QUESTION: str
    CONTROLS: tuple[str, ...]
    KNOBS: tuple[str, ...]
    GUIDANCE: tuple[str, ...]

    @staticmethod
    def options(case: Case, prior: Prior) -> list[Option]:
        """Every option, the impossible ones with the gates they fail."""

    @staticmethod
    def exhibits(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
        """Charts, tables and files for a decision."""

    @staticmethod
    def explain(case: Case, prior: Prior, decision: Decision) -> tuple[str, tuple[str, ...]]:
        """The answer in one sentence, and the few facts that decided it."""


def step(name: str) -> Step:
    """The module of a step by name."""
    return cast(Step, import_module(f"advisor.steps.{name}"))


def decide(name: str, case: Case, prior: Prior, flips: bool = True) -> Decision:
    """Decide one step given the options chosen before it."""
    module = step(name)
    with case.recording() as used:
        decision = compare(module.STEP, module.QUESTION, module.options(case, prior), case)
        headline, reasons = module.explain(case, prior, decision)
        decision = replace(decision, headline=headline, reasons=reasons, guidance=module.GUIDANCE)
        decision = replace(decision, exhibits=module.exhibits(case, prior, decision))
    decision = replace(decision, evidence=frozenset(used), warnings=_warnings(case, decision))
    if flips and decision.choice is not None:
        # a step may have a quicker way to the options that can win
        quicker = getattr(module, "what_if", None)
        hopeful = quicker(case, prior, decision) if quicker else module.options

        first: dict[int, Case] = {}

        def choice_of(variant: Case) -> str | None:
            variant.share(first.setdefault(variant.size, variant))
            fewer = {name: thinned(option, variant.size) for name, option in prior.items()}
            found = compare(module.STEP, module.QUESTION, hopeful(variant, fewer), variant).choice
            return found.key if found else None

        decision = replace(decision, flips=find_flips(case, module.KNOBS, decision, choice_of))
    return decision


def taken(case: Case, decision: Decision) -> Option | None:
    """The option that is carried forward: the recorded one, else the advised one."""
    recorded = case.scenario.decisions.get(decision.step)  # type: ignore[call-overload]
    if recorded is not None:
        for option in decision.options:
            if option.key == recorded.choice:
                return option
    return decision.choice


def _warnings(case: Case, decision: Decision) -> tuple[str, ...]:
    found = list(decision.choice.warnings) if decision.choice else []
    if decision.choice is not None:
        found += warnings(case.catalogue, decision.choice.evidence, case.scenario.timing.start)
    recorded = case.scenario.decisions.get(decision.step)  # type: ignore[call-overload]
    if recorded is not None:
        option = next((option for option in decision.options if option.key == recorded.choice), None)
        if option is None:
            found.append(f"The recorded choice '{recorded.choice}' is not among the options any more.")
        elif not option.eligible:
            rules = ", ".join(gate.rule for gate in option.gates if not gate.passed)
            found.append(f"The recorded choice '{option.title}' fails: {rules}.")
        elif decision.choice is not None and option.key != decision.choice.key:
            found.append(f"Recorded: {option.title}. The advice is {decision.choice.title}.")
    return tuple(found)


def run(case: Case, flips: bool = True, progress: Callable[[str], None] | None = None) -> list[Decision]:
    """All five decisions, each given the ones before it; stops after one with no choice."""
    return list(_run(case, flips, progress))


def _run(case: Case, flips: bool, progress: Callable[[str], None] | None) -> Iterator[Decision]:
    prior: dict[str, Option] = {}
    for name in STEP_NAMES:
        if progress:
            progress(name)
        decision = decide(name, case, prior, flips)
        yield decision
        option = taken(case, decision)
        if option is not None:
            prior[name] = option
