"""Every flip of the templates, made sure of by deciding anew just before and just beyond it.

Run: python -m bench.flips [TEMPLATE ...]
A flip is true where the choice is today's just before and another one just beyond. What does not hold is
told, and in the exit status.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from advisor.catalogue import open_catalogue
from advisor.core.errors import AdvisorError
from advisor.decide.option import Decision, Flip
from advisor.scenario import value_at
from advisor.steps import decide, run, taken
from advisor.system.case import Case
from advisor.system.opening import open_case, template, templates
from advisor.system.plan import StepName, StepSetting

BEFORE, BEYOND = 1.03, 1.005  # a flip is found within 2 %


def places(case: Case, flip: Flip) -> tuple[float, float]:
    """Values of the input just before and just beyond a flip."""
    value, factor = value_at(case.given, flip.path), flip.factor or 1.0
    # before a flip lies today's value at the earliest
    before = max(factor / BEFORE, 1.0) if factor > 1 else min(factor * BEFORE, 1.0)
    beyond = factor * BEYOND if factor > 1 else factor / BEYOND
    if not isinstance(value, int):
        return value * before, value * beyond
    there = round(value * factor)
    step = 1 if factor > 1 else -1
    return min((round(value * before), there - step), key=lambda one: one * step), there


def choice(step: StepName, case: Case, settled: dict[StepName, StepSetting]) -> str | None:
    decided = decide(step, case, dict(settled), flips=False)
    return decided.choice.key if decided.choice else None


def false_flips(case: Case, decision: Decision, settled: dict[StepName, StepSetting]) -> Iterator[str]:
    for flip in decision.flips:
        assert decision.choice is not None
        found = []
        for value in places(case, flip):
            try:
                found.append(choice(decision.step, case.varied({flip.path: value}), settled))
            except AdvisorError as error:
                found.append(error.summary)
        if found[0] != decision.choice.key or found[1] == decision.choice.key:
            yield f"{decision.step}: {flip.path} x {flip.factor:.4g} to {flip.to}: {found}"


def main() -> int:
    open_catalogue()
    tried, false = 0, 0
    for name in sys.argv[1:] or templates():
        case, settled = open_case(template(name)), dict[StepName, StepSetting]()
        case = Case(case.given, open_catalogue())
        for decision in run(case):
            tried += len(decision.flips)
            for told in false_flips(case, decision, settled):
                false += 1
                print(f"  {name}, {told}", flush=True)
            option = taken(case, decision)
            if option is None:
                break
            settled[decision.step] = option.plan.of(decision.step)
        print(f"{name}: {false} false of {tried} flips so far", flush=True)
    return 1 if false else 0


if __name__ == "__main__":
    sys.exit(main())
