"""What to relax where no option passes every rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log2

from advisor.core.saying import joined, say
from advisor.core.wording import counted
from advisor.decide.completion import RECORD_ANOTHER
from advisor.decide.nearly import MOST, Nearly
from advisor.decide.option import Decision
from advisor.system.gates import Gate
from advisor.system.rule_names import rule_name

OTHERS = 2  # rules that are told besides the first
FIT = "task"  # what is made for other work fails it, and would do so whatever is relaxed


def what_to_relax(decision: Decision, floor: float, recorded: str = "") -> Iterator[str]:
    """The rules without which an option passes all others over all five steps, the nearest first.

    ``floor``: of the quality; ``recorded``: what people decided for later steps, by its keys. A rule that
    leaves a plan above the floor comes before the floor itself; then one comes the later the more often its
    limit would have to be doubled; and of several the one that keeps most options out.
    """
    groups = defaultdict[frozenset[str], list[Nearly]](list)
    for one in decision.nearly:
        groups[one.rules].append(one)
    found = sorted(
        groups.values(),
        key=lambda some: (
            -min(max(one.share for one in some), floor),
            _doubled(some),
            -len(some),
            sorted(some[0].rules),
        ),
    )
    if not found and recorded:
        yield _by_record(decision, recorded)
    elif not found:
        yield say(
            "No option comes near a plan: each fails more than {most} rules, or one that cannot be relaxed.",
            most=MOST,
        )
        yield from _widest(decision)
    elif len(found[0][0].gates) > 1:
        yield from _several(decision, found[0])
    else:
        yield _alone(decision, found[0])
        for some in found[1 : 1 + OTHERS]:
            yield _other(decision, some)


def _doubled(some: Sequence[Nearly]) -> int:
    """How often a limit must be doubled until what is nearest keeps it; not at all where it has no number."""
    used = max(gate.over for gate in _best(some).gates)
    return int(log2(used)) if used > 1.0 else 0


def _by_record(decision: Decision, recorded: str) -> str:
    """That with what is recorded for later steps nothing comes near, or how many options cannot be had."""
    kept_out = [gate for _, gates in decision.eliminated for gate in gates if gate.rule == "recorded"]
    if not kept_out:
        return say(
            "With what is recorded ({recorded}) no option comes near a plan: {remedy}.",
            recorded=recorded, remedy=RECORD_ANOTHER,
        )  # fmt: skip
    return counted(
        len(kept_out),
        say("One of {options} options cannot be had with what is recorded ({recorded}): {remedy}."),
        say("{count} of {options} options cannot be had with what is recorded ({recorded}): {remedy}."),
        options=len(decision.options), recorded=recorded, remedy=RECORD_ANOTHER,
    )  # fmt: skip


def _widest(decision: Decision) -> Iterator[str]:
    """The rule that stops most of what is fit for the task, and its remedy: often an answer is missing."""
    stopping = defaultdict[str, list[Gate]](list)
    for _, gates in decision.eliminated:
        for rule, gate in {gate.rule: gate for gate in gates if not gate.passed and gate.remedy}.items():
            if rule != FIT:
                stopping[rule].append(gate)
    if stopping:
        first, *more = max(stopping.values(), key=len)
        yield counted(
            1 + len(more),
            say('The rule "{rule}" stops one of {options} options: {told}.'),
            say('The rule "{rule}" stops {count} of {options} options: {told}.'),
            rule=rule_name(first.rule), options=len(decision.options), told=_told(first),
        )  # fmt: skip


def _alone(decision: Decision, some: Sequence[Nearly]) -> str:
    best, (gate,) = _best(some), _best(some).gates
    said = say(
        'Most in the way is the rule "{rule}", the only one that {fail}: {expected} asked, {found} '
        "({option})",
        rule=rule_name(gate.rule),
        fail=_fail(decision, some),
        expected=gate.expected,
        found=gate.found,
        option=_title(decision, best),
    )
    if not gate.remedy:
        return say("{said}.", said=said)
    return say("{said}. To bring it back: {remedy}.", said=said, remedy=gate.remedy)


def _other(decision: Decision, some: Sequence[Nearly]) -> str:
    (gate,) = _best(some).gates
    return say(
        'Or the rule "{rule}", the only one that {fail}: {told} ({option}).',
        rule=rule_name(gate.rule),
        fail=_fail(decision, some),
        told=_told(gate),
        option=_title(decision, _best(some)),
    )


def _fail(decision: Decision, some: Sequence[Nearly]) -> str:
    """How many of the options fail, within a sentence."""
    if len(decision.options) == 1:
        return say("the one option fails")
    return counted(
        len(some),
        say("one of {options} options fails"),
        say("{count} of {options} options fail"),
        options=len(decision.options),
    )


def _several(decision: Decision, some: Sequence[Nearly]) -> Iterator[str]:
    """No rule alone is in the way: all that fail in what comes nearest, each with its remedy."""
    best = _best(some)
    yield say(
        "To relax one rule is not enough. Nearest is {option}, in which {rules} fail together.",
        option=_title(decision, best),
        rules=joined(", ", (rule_name(gate.rule) for gate in best.gates)),
    )
    for gate in best.gates:
        yield say("{rule}: {told}.", rule=rule_name(gate.rule), told=_told(gate))


def _told(gate: Gate) -> str:
    said = say("{expected} asked, {found}", expected=gate.expected, found=gate.found)
    return say("{said}; {remedy}", said=said, remedy=gate.remedy) if gate.remedy else said


def _best(some: Sequence[Nearly]) -> Nearly:
    """What is nearest: where a limit is exceeded the least of it, else what most answers are accepted of."""
    return min(some, key=lambda one: (max(gate.over for gate in one.gates), -one.share))


def _title(decision: Decision, one: Nearly) -> str:
    return next(option.title for option in decision.options if option.setting == one.setting)
