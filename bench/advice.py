"""What must hold of advice in any scenario, tried on scenarios made up at random.

A tighter gate never adds an option; a higher price never changes energy; more tokens never cost less; an
option that loses changes nothing about the others; a user's measurement changes the line it measures.

Run: python -m bench.advice [FIRST] [COUNT]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.decide.choosing import year_of
from advisor.decide.scoring import scores
from advisor.scenario import STEP_NAMES
from advisor.steps import spaces
from advisor.system import billing
from advisor.system.bill import Bill, Resource
from advisor.system.case import Case
from advisor.system.gates import passes
from advisor.system.metered import measures_serving
from advisor.system.plan import Plan
from bench.varied import varied_scenario

CLOSE = 1e-9
PLANS = 6  # tried in each scenario
# what makes each gate tighter
TIGHTER: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("quality.floor", lambda value: min(value + 0.1, 1.0)),
    ("quality.context_max_tokens", lambda value: value * 4),
    ("constraints.latency_p95_ms", lambda value: max(value / 4, 1)),
    ("constraints.first_token_p95_ms", lambda value: max(value / 4, 1)),
    ("constraints.open_weights", lambda _: True),
    ("constraints.self_hosted_allowed", lambda _: False),
    ("constraints.offline", lambda _: True),
    ("operations.survive_region_loss", lambda _: True),
    ("timing.model_stays_days", lambda value: value + 365),
)
PRICES = ("prices.", "machines.", "ptu_price", "storage_prices")
WORK = (Resource.MANAGED_TOKENS, Resource.ACCELERATOR_WORK)


def plans(case: Case, random: Random) -> Iterator[Plan]:
    """A few whole plans of a scenario, of all kinds of model, whether they pass or not."""
    space = spaces()
    every = space.models(case)
    for model in random.sample(every, k=min(PLANS, len(every))):
        improvement = random.choice(space.improvements(case, model))
        ways = space.deployments(case, model, improvement)
        if ways:
            late = (random.choice(space.storages(case)), random.choice(space.operations(case)))
            yield Plan(model, improvement, random.choice(ways), *late)


def passing(case: Case, plan: Plan) -> bool:
    """Whether a plan passes every gate."""
    return all(passes(billing.gates(case, plan, step)) for step in STEP_NAMES)


def year(case: Case, plan: Plan, indicator: str) -> float:
    """A central figure of a plan's year."""
    return central(billing.bill(case, plan).year[indicator])


def tighter_gates(case: Case, found: list[Plan]) -> Iterator[str]:
    """A tighter gate never adds an option."""
    before = [passing(case, plan) for plan in found]
    for path, tighten in TIGHTER:
        section, field = path.split(".")
        now = getattr(getattr(case.given, section), field)
        moved = case.varied({path: tighten(now)})
        for plan, passed in zip(found, before, strict=True):
            if not passed and passing(moved, plan):
                keys = plan.model.key, plan.improvement.key, plan.deployment.key
                yield f"{path} tighter brings in {', '.join(keys)}"


def dearer(case: Case, found: list[Plan]) -> Iterator[str]:
    """A higher price that a plan rests on never changes its energy."""
    paid = frozenset[str]().union(*(billing.bill(case, plan).evidence for plan in found))
    names = [
        name for name, one in case.catalogue.coefficients.items()
        if one.unit.startswith("USD") and name.startswith(PRICES) and name in paid
    ]  # fmt: skip
    own = {}
    for name in names:
        one = case.catalogue.coefficients[name]
        own[name] = {
            "low": one.low * 2, "central": one.central * 2, "high": one.high * 2, "unit": one.unit,
            "owner": "a test", "reason": "dearer",
        }  # fmt: skip
    given = {name: value for name, value in own.items() if name not in case.given.overrides}
    moved = case.varied({f"overrides.{name}": value for name, value in given.items()})
    for plan in found:
        before, after = year(case, plan, "energy"), year(moved, plan, "energy")
        # data that moves to where it is cheaper is the one thing a price may move; serving never
        if plan.storage.policy in ("today", "all_hot") and not np.isclose(before, after, rtol=CLOSE):
            yield f"dearer: energy {before:g} to {after:g}: {plan}"


def more_tokens(case: Case, found: list[Plan]) -> Iterator[str]:
    """More tokens never cost less.

    Without a repeated prefix: where one grows past the least that a service caches, it does get cheaper.
    """
    case = case.varied({"workload.cached_input_share": 0.0})
    load = case.given.workload
    for field in ("input_tokens", "output_tokens"):
        most = 1e6 if field == "input_tokens" else 1e5
        moved = case.varied({f"workload.{field}": min(getattr(load, field) * 1.5, most)})
        for plan in found:
            lines = [Bill(one, billing.serving(one, *plan.early)) for one in (case, moved)]
            before, after = (central(bill.year["cost"]) for bill in lines)
            if after < before * (1 - CLOSE) and lines[1].lines and lines[0].lines:
                yield f"more {field}: ${before:g} to ${after:g}: {plan}"


def losers(case: Case, found: list[Plan]) -> Iterator[str]:
    """An option that loses changes nothing about how the others stand to one another."""
    if len(found) < 3:
        return
    years = np.stack([year_of(case, plan) for plan in found])
    quality = np.stack([billing.quality(case, plan) for plan in found])
    largest = years[:, :, 0].max(axis=0)
    every = scores(case, years, quality, largest)[:, 0]
    worst = int(np.argmax(every))
    rest = [place for place in range(len(found)) if place != worst]
    without = scores(case, years[rest], quality[rest], largest)[:, 0]
    if not np.allclose(np.diff(without), np.diff(every[rest]), rtol=CLOSE, atol=1e-9):
        yield f"without {found[worst].model.key} the others stand otherwise"


def own_measurement(case: Case, found: list[Plan]) -> Iterator[str]:
    """A user's measurement of a request changes the line of its work, and only upwards when it is large.

    Where a metered job is the serving itself, that measurement wins.
    """
    if measures_serving(case):
        return
    for plan in found:
        key = plan.model.main
        if plan.model.kind != "single" or key in case.given.measurements.wh_per_request:
            continue
        way = plan.deployment
        lacking = {"ptu": not way.term, "maap": not way.machine, "edge": not way.device}
        if lacking.get(way.mode, False):
            continue  # units nobody sells, a machine nobody has: ruled out, and no line to move
        moved = case.varied({f"measurements.wh_per_request.{key}": {"wh": 1e4}})
        lines = [
            [one for one in billing.serving(each, *plan.early)
             if one.resource in WORK and one.step == "deployment"]
            for each in (case, moved)
        ]  # fmt: skip
        if not lines[0]:
            continue
        before, after = (sum(central(one.footprint["energy"]) for one in some) for some in lines)
        if not after > before:
            yield f"10 kWh a request measured: {before:g} to {after:g}: {plan}"


PROPERTIES = (tighter_gates, dearer, more_tokens, losers, own_measurement)


def broken(seed: int, catalogue: Any = None) -> list[str]:
    """What does not hold in the scenario of a seed; empty where all does."""
    case = Case(varied_scenario(seed), catalogue or open_catalogue(offline=True), 0)
    found = list(plans(case, Random(seed)))  # noqa: S311 - variety, not secrecy
    return [f"{seed}: {said}" for holds in PROPERTIES for said in holds(case, found)]


def main(arguments: list[str]) -> int:
    """Try scenarios by seed and tell what does not hold. Returns 1 where something does not."""
    first, count = (int(word) for word in (*arguments, *("0", "500")[len(arguments) :])[:2])
    catalogue, told = open_catalogue(offline=True), 0
    for seed in range(first, first + count):
        for said in broken(seed, catalogue):
            told += 1
            print(said, flush=True)
    print(f"{count} scenarios, {told} findings")
    return int(told > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
