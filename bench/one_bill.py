"""Made-up scenarios, each decided and held to one plan, one bill.

Run: python -m bench.one_bill [FIRST] [LAST] (0 to 500 unless said)
Whatever step an option stands in: totals are the sum of lines for every indicator and draw; no line
is negative or not a number; lines of the same model, improvement and deployment are the same figures
in every step; a kilowatt-hour of serving has the carbon and upstream water of the region its line
names (copies lie in two regions, and jobs that wait have their own hours); more volume never takes
less energy, money or water on the same plan.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from advisor.catalogue import Catalogue, open_catalogue
from advisor.decide.option import Decision, Option
from advisor.steps import final_option, run
from advisor.system import billing
from advisor.system.bill import Line
from advisor.system.case import Case
from advisor.system.metered import measures_serving
from advisor.system.places import place
from bench.varied import varied_scenario

DRAWS = 8
LAST = 500
# options of a step that are looked at line by line
SHOWN = 12
CLOSE = 1e-9
VOLUMES = (2.0, 8.0)
Decided = tuple[Case, list[Decision]]


def decided(seed: int, catalogue: Catalogue) -> Decided:
    """A made-up scenario with its decisions."""
    case = Case(varied_scenario(seed), catalogue, DRAWS)
    return case, run(case, flips=False)


def options(found: Decided) -> Iterator[Option]:
    """The first options of every step, and each choice."""
    for decision in found[1]:
        yield from decision.options[:SHOWN]
        if decision.choice is not None:
            yield decision.choice


def sums(found: Decided) -> Iterator[str]:
    """Options whose total is not the sum of their lines, or with a line that cannot be."""
    case, _ = found
    for option in options(found):
        option.bill.check()
        total = sum(line.per_year(case).values for line in option.bill)
        if not np.allclose(option.year.values, total, rtol=CLOSE, atol=0, equal_nan=True):
            yield f"{option.key}: the total is not the sum of its lines"


def same_everywhere(found: Decided) -> Iterator[str]:
    """Things that cost one thing in one step and another elsewhere."""
    case, _ = found
    seen: dict[tuple[object, ...], Line] = {}
    for option in options(found):
        plan = option.plan
        early = plan.early
        for line in billing.serving(case, *early):
            known = seen.setdefault((*early, line.resource, line.what, line.phase, line.place), line)
            if not np.array_equal(known.footprint.values, line.footprint.values, equal_nan=True):
                yield f"{option.key}: {line.what} differs between steps"
            if line.place.startswith("region:") and not of_its_region(case, line):
                yield f"{option.key}: {line.what} is not on the grid of {line.place}"


def of_its_region(case: Case, line: Line) -> bool:
    """Whether the electricity of a line has the carbon and the water of the region it names."""
    kwh, where = line.footprint["energy"], place(case, line.place)
    same = [
        np.allclose(line.footprint["carbon_location"] * 1000.0, kwh * where.location, rtol=CLOSE),
        np.allclose(line.footprint["water_upstream"], kwh * where.upstream_water, rtol=CLOSE),
    ]
    return all(same)


def volume(found: Decided) -> Iterator[str]:
    """Plans that take less when asked more often."""
    case, decisions = found
    plan = final_option(case, decisions)
    if plan is None or measures_serving(case):  # a metered job says what serving takes at any volume
        return
    path = "workload.traffic_multiplier" if case.given.traffic else "workload.requests_per_day"
    section, field = path.split(".")
    value, last = getattr(getattr(case.given, section), field), plan.year
    for factor in VOLUMES:
        more = billing.bill(case.varied({path: value * factor}), plan.plan).year
        for name in ("energy", "cost", "water"):
            if not np.all(more[name] >= last[name] * (1 - CLOSE)):
                yield f"{plan.key}: less {name} at {factor:g} times the volume"
        last = more


CHECKS = (sums, same_everywhere, volume)


def main() -> int:
    first, last = (int(one) for one in (sys.argv[1:3] if len(sys.argv) > 2 else (0, LAST)))
    catalogue, faults = open_catalogue(offline=True), 0
    for seed in range(first, last):
        found = decided(seed, catalogue)
        for fault in (one for check in CHECKS for one in check(found)):
            faults += 1
            print(f"seed {seed}: {fault}", flush=True)
    print(f"{last - first} made-up scenarios, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
