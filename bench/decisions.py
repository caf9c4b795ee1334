"""How long each decision takes, with and without its flips, as a share of reading the catalogue.

Run: python -m bench.decisions [TEMPLATE]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

from advisor.catalogue import open_catalogue
from advisor.scenario import STEP_NAMES, with_values
from advisor.steps import decide, taken
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.option import Option

RUNS = 20


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "contact_centre"
    floor = seconds(open_catalogue)  # the first time in this process: nothing is remembered yet
    case = open_case(template(name))
    print(f"{name}: reading the catalogue takes {floor * 1000:.0f} ms (the floor of this run)")
    print(f"{'step':<18}{'median':>10}{'p95':>10}{'of floor':>10}{'with flips':>12}")
    prior: dict[str, Option] = {}
    for step in STEP_NAMES:
        # a new volume each time, as a moved control would give: nothing is answered from memory
        volumes = [case.scenario.workload.requests_per_day * (1 + run / 1000) for run in range(RUNS)]
        cases = [
            Case(with_values(case.scenario, {"workload.requests_per_day": volume}), case.catalogue)
            for volume in volumes
        ]
        runs = [seconds(lambda one=one, step=step: decide(step, one, prior, flips=False)) for one in cases]
        cuts = quantiles(runs, n=20)
        whole = seconds(lambda step=step: decide(step, case, prior))
        print(
            f"{step:<18}{cuts[9] * 1000:>7.0f} ms{cuts[18] * 1000:>7.0f} ms"
            f"{cuts[9] / floor:>9.2f}×{whole * 1000:>9.0f} ms"
        )
        option = taken(case, decide(step, case, prior, flips=False))
        if option is not None:
            prior[step] = option


if __name__ == "__main__":
    main()
