"""Every flip of the templates, made sure of by deciding anew just before and just beyond it.

Run: python -m bench.flips [TEMPLATE ...]
A flip is true where the choice is today's just before and another one just beyond; where two are all but
even and change places for a moment before, a second place is looked at. What does not hold is told, and in
the exit status; so is how far behind the best at the centre an option was that was chosen, as what-ifs look
no further than `choosing.FAR`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

from advisor.catalogue import open_catalogue
from advisor.core.errors import AdvisorError
from advisor.decide.choosing import FAR
from advisor.decide.option import Decision
from advisor.scenario import value_at
from advisor.steps import decide, run, taken
from advisor.system.case import Case
from advisor.system.opening import open_case, template, templates
from advisor.system.plan import StepName, StepSetting

BEFORE, BEYOND = (1.03, 1.02), 1.005  # a flip is found within 2 %


def place_before(value: float, factor: float, by: float) -> float:
    """A value of the input a little before a flip: today's at the earliest."""
    before = max(factor / by, 1.0) if factor > 1 else min(factor * by, 1.0)
    if not isinstance(value, int):
        return value * before
    step = 1 if factor > 1 else -1
    return min((round(value * before), round(value * factor) - step), key=lambda one: one * step)


def place_beyond(value: float, factor: float) -> float:
    """A value of the input just beyond a flip."""
    if isinstance(value, int):
        return round(value * factor)
    return value * (factor * BEYOND if factor > 1 else factor / BEYOND)


def chosen_at(step: StepName, case: Case, settled: dict[StepName, StepSetting]) -> tuple[str | None, float]:
    """What a step chooses, and how many times as heavy as the best at the centre that is."""
    found = decide(step, case, dict(settled), flips=False)
    if found.choice is None:
        return None, 1.0
    return found.choice.key, math.exp(found.scores[found.choice.key] - min(found.scores.values()))


def false_flips(
    case: Case, decision: Decision, settled: dict[StepName, StepSetting], behind: list[float]
) -> Iterator[str]:
    """The flips that do not hold, in words; ``behind`` takes how far behind the best each choice was."""

    def at(path: str, value: float) -> str | None:
        try:
            key, times = chosen_at(decision.step, case.varied({path: value}), settled)
        except AdvisorError as error:
            return error.summary
        behind.append(times)
        return key

    for flip in decision.flips:
        assert decision.choice is not None
        value, factor = value_at(case.given, flip.path), flip.factor or 1.0
        today = decision.choice.key
        before = (at(flip.path, place_before(value, factor, by)) for by in BEFORE)
        beyond = at(flip.path, place_beyond(value, factor))
        if today not in before or beyond == today:
            yield f"{decision.step}: {flip.path} x {factor:.4g} to {flip.to}: {beyond} beyond"


def main() -> int:
    open_catalogue()
    tried, false, behind = 0, 0, [1.0]
    for name in sys.argv[1:] or templates():
        case, settled = open_case(template(name)), dict[StepName, StepSetting]()
        case = Case(case.given, open_catalogue())
        for decision in run(case):
            tried += len(decision.flips)
            for told in false_flips(case, decision, settled, behind):
                false += 1
                print(f"  {name}, {told}", flush=True)
            option = taken(case, decision)
            if option is None:
                break
            settled[decision.step] = option.plan.of(decision.step)
        print(f"{name}: {false} false of {tried} flips so far", flush=True)
    print(f"chosen at most {max(behind):.2f} times as heavy as the best; looked at: {math.exp(FAR):.2f}")
    return 1 if false or math.log(max(behind)) > FAR else 0


if __name__ == "__main__":
    sys.exit(main())
