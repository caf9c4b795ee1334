"""The exact front of all plans: how time grows with the space, made up and real, in processor time.

Run: python -m bench.joint [TEMPLATE ...]
Made-up spaces have the shape of real ones: first settings, of which groups share the same late
settings, whose lines vary independently, which is the hardest case. Of a template, the search is
timed with the lines of the bill still to be worked out: of a quarter of its models, of half, of all;
and of all with the lines known. The floor is the same for all: sorting a million numbers in the same run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from advisor.catalogue import open_catalogue
from advisor.decide.completion import Pins
from advisor.decide.fronts import front_of
from advisor.decide.search import Front, joint_front
from advisor.steps import spaces
from advisor.system.case import Case
from advisor.system.opening import open_case, template, templates

PARTS = (4, 2, 1)  # of the models, one in so many
# groups of first settings, first settings in each, ways to keep data, ways to operate
SIZES = ((10, 40, 9, 13), (100, 40, 9, 13), (400, 40, 9, 13), (400, 100, 25, 10), (400, 100, 50, 50),
         (400, 100, 100, 250))  # fmt: skip


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time, and what was found."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def made_up(groups: int, early: int, stored: int, operated: int) -> Iterator[list[np.ndarray]]:
    """Carbon, cost and water of each, and minus the quality, which hangs on how it is operated."""
    draw = np.random.default_rng(1)
    for _ in range(groups):
        first, keeping, running = (
            np.column_stack([draw.lognormal(middle, 1.0, (rows, 3)), np.zeros(rows)])
            for middle, rows in ((0.0, early), (-2.0, stored), (-2.0, operated))
        )
        running[:, 3] = -draw.uniform(0.5, 0.9, operated)
        yield [first, keeping, running]


def searched(case: Case, part: int) -> tuple[float, Front]:
    """The search of one in so many of the models."""
    every = spaces()
    some = replace(every, models=lambda asked: every.models(asked)[::part])
    return seconds(lambda: joint_front(case, some, Pins({}, {})))


def fresh(name: str) -> Case:
    """A template of which nothing is worked out yet, at its central values."""
    return Case(open_case(template(name)).given, open_catalogue(offline=True), 0)


def main() -> None:
    numbers = np.random.default_rng(0).random(1_000_000)
    floor, _ = seconds(lambda: np.sort(numbers))
    print(f"floor: a million numbers sorted in {floor:.3f} s of processor time, as all below")
    print(f"{'plans, made up':>18}{'front':>8}{'time':>10}{'× floor':>9}{'ns a plan':>11}")
    for size in SIZES:
        blocks, plans = list(made_up(*size)), int(np.prod(size))
        took, found = seconds(lambda blocks=blocks: front_of(blocks))
        count = len(found.points)
        print(f"{plans:>18,}{count:>8}{took:>9.2f} s{took / floor:>9.1f}{took / plans * 1e9:>11.1f}")
    head = "".join(f"{'plans':>12}{'time':>9}" for _ in PARTS)
    print(f"\n{'template':<22}{head}{'front':>7}{'lines known':>13}{'× floor':>9}")
    searched(fresh("contact_centre"), 1)  # what is read and imported once
    for name in sys.argv[1:] or templates():
        row = f"{name:<22}"
        for part in PARTS:
            case = fresh(name)
            took, whole = searched(case, part)
            row += f"{whole.in_all:>12,}{took:>7.2f} s"
        warm, _ = searched(case, 1)
        print(f"{row}{len(whole.plans):>7}{warm:>11.2f} s{took / floor:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
