"""Scenarios and figures of one's own, valid by schema and extreme by value: a plan, or one clear error.

Each seed makes one scenario. It must end in a plan whose every figure is finite and not
negative, or in an AdvisorError; anything else is reported with the seed that repeats it.

Run: python -m bench.fuzz [FIRST] [COUNT] [DRAWS]
"""

from __future__ import annotations

import json
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from math import exp, log
from random import Random
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel

from advisor.catalogue import Catalogue, open_catalogue
from advisor.core.errors import AdvisorError
from advisor.core.footprint import INDICATORS
from advisor.scenario import STEP_NAMES, Scenario, parse_scenario
from advisor.steps import final_option, run
from advisor.system.case import Case
from advisor.system.opening import open_case, template, templates
from advisor.system.references import check_names

DRAWS = 8
SECONDS = 60.0  # of processor time; a plan of few draws takes a few seconds
FEW = 0.9  # scenarios that allow one or two regions, and those that compare some models
TOLD = 50  # seeds between two lines of how far it is
# what no source tells for every region is unknown there, which is not a number
UNKNOWN = frozenset({"carbon_market", "carbon_marginal"})
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2100, 12, 31)
RESIDENCIES = ("any", "EU", "EUDB", "US", "DE", "SE", "CH")


class Broken(AssertionError):  # noqa: N818  a finding
    """A plan with a figure that no plan can have."""


def planned(scenario: Scenario, catalogue: Catalogue, draws: int) -> Iterator[tuple[str, Any]]:
    """Every footprint of the plan by what it is; the one place that knows how a plan is made."""
    case = Case(scenario, catalogue, draws)
    decisions = run(case, flips=False)
    for decision in decisions:
        for option in decision.options:
            for line in option.bill:
                yield f"{decision.step}: {option.key}: {line.what}", line.per_year(case)
    plan = final_option(case, decisions)
    if plan is not None:
        yield "the plan", plan.year


def outcome(data: dict[str, Any], catalogue: Catalogue, draws: int = DRAWS) -> str:
    """``a plan`` or ``refused``. Raises whatever else came of it."""
    try:
        scenario = parse_scenario(data)
        check_names(scenario, catalogue)
        wrong = [
            (rank, f"{where}: {name} is {what}")
            for where, footprint in planned(scenario, catalogue, draws)
            for name in INDICATORS
            for rank, what in _wrong(np.asarray(footprint[name]), name in UNKNOWN)
        ]
        if wrong:
            raise Broken(min(wrong)[1])
    except AdvisorError as error:
        if not error.faults:
            raise Broken(f"an error without a fault: {error}") from error
        return "refused"
    return "a plan"


def _wrong(values: np.ndarray, may_be_unknown: bool) -> Iterator[tuple[int, str]]:
    """What is wrong with an indicator's draws, the worst first."""
    if np.isnan(values).any() and not may_be_unknown:
        yield 0, "not a number"
    if np.isinf(values).any():
        yield 1, "infinite"
    if (values < 0).any():
        yield 2, "negative"


class Maker:
    """Scenarios by seed. ``used`` are the figures that plans rest on: most of the own ones are of these."""

    def __init__(self, catalogue: Catalogue, used: Sequence[str]) -> None:
        self.catalogue, self.used = catalogue, list(used)
        self.every = sorted(catalogue.coefficients)
        self.regions = catalogue.keys("regions")
        self.models = catalogue.keys("models")

    def scenario(self, seed: int) -> dict[str, Any]:
        """One scenario's plain data."""
        self.random = Random(seed)  # noqa: S311  repeatable on purpose
        data = self._section(Scenario, self.random.choice((0.05, 0.2, 0.6)))
        data |= {"name": f"seed {seed}", "task": data.get("task", "rag_qa"), "schema_version": 1}
        for key in ("notes", "owners"):
            data.pop(key, None)
        self._places(data)
        for index, data_set in enumerate(data.get("data_sets", ())):
            data_set["name"] = f"set {index}"
            data_set.pop("residency", None)
        if self.random.random() < 0.7:
            names = [self._figure() for _ in range(self.random.choice((1, 1, 2, 5, 20)))]
            data["overrides"] = {name: self._own(name) for name in names}
        return data

    def _figure(self) -> str:
        return self.random.choice(self.used if self.random.random() < 0.8 else self.every)

    def _places(self, data: dict[str, Any]) -> None:
        """Names that the catalogue knows, in place of arbitrary ones."""
        some = self.random.sample(self.models, 3)
        quality, measured = data.get("quality", {}), data.get("measurements", {})
        for mapping in (quality.get("scores"), measured.get("wh_per_request")):
            if mapping:
                renamed = dict(zip(some, mapping.values(), strict=False))
                mapping.clear()
                mapping.update(renamed)
        for key in ("pilot_log", "intensity_series"):
            measured.pop(key, None)
        data.get("workload", {}).pop("traffic", None)
        limits = data.get("constraints", {})
        if "users_near" in limits:
            limits["users_near"] = self.random.sample(self.regions, self.random.choice((1, 2, 10)))
        if self.random.random() < FEW:  # models differ in figures alone, and each takes its time
            limits["models_compared"] = self.random.sample(self.models, self.random.choice((1, 3, 10)))
            data["constraints"] = limits
        if self.random.random() < FEW:  # so do places
            limits["regions_allowed"] = self.random.sample(self.regions, self.random.choice((1, 1, 2)))
            data["constraints"] = limits
        if "home_region" in limits:
            limits["home_region"] = self.random.choice(self.regions)
        if "residency" in limits:
            limits["residency"] = self.random.choice(RESIDENCIES)
        if limits.get("device"):
            limits["device"]["kind"] = self.random.choice(self.catalogue.keys("devices"))
        for key in ("provenance", "security_scan"):
            if key in limits:
                limits[key] = {name: self.random.choice(("yes", "no", "unknown")) for name in some}

    def _section(self, model: type[BaseModel], share: float) -> dict[str, Any]:
        made = {}
        for name, info in model.model_fields.items():
            if not info.is_required() and self.random.random() > (share if _plain(info.annotation) else 0.7):
                continue
            made[name] = self._value(info.annotation, info.metadata, share)
        return made

    def _value(self, kind: Any, rules: Sequence[Any], share: float) -> Any:
        origin, parts = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            return None if self.random.random() < 0.2 else self._value(parts[0], rules, share)
        if origin is Literal:
            return self.random.choice(parts)
        if origin is list:
            least = next((rule.min_length for rule in rules if isinstance(rule, MinLen)), 0)
            return [
                self._value(parts[0], (), share) for _ in range(self.random.choice((least, 1, 2, 5)) or least)
            ]
        if origin is dict:
            keys = STEP_NAMES if get_origin(parts[0]) is Literal else ("one", "two", "three")
            chosen = self.random.sample(list(keys), self.random.choice((0, 1, 2)))
            return {key: self._value(parts[1], (), share) for key in chosen}
        if origin is not None:  # Annotated
            return self._value(parts[0], [*_rules(kind), *rules], share)
        return self._plain_value(kind, rules, share)

    def _plain_value(self, kind: Any, rules: Sequence[Any], share: float) -> Any:
        if kind is bool:
            return self.random.random() < 0.5
        if kind is str:
            longest = next((rule.max_length for rule in rules if isinstance(rule, MaxLen)), 5)
            return "x" * self.random.choice((1, 5, longest))
        if kind is date:
            span = (LAST_DAY - FIRST_DAY).days
            return FIRST_DAY + timedelta(days=self.random.choice((0, span, self.random.randint(0, span))))
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return self._section(kind, share)
        low = next(
            (getattr(rule, "ge", getattr(rule, "gt", None)) for rule in rules if isinstance(rule, Ge | Gt)), 0
        )
        high = next(
            (getattr(rule, "le", getattr(rule, "lt", None)) for rule in rules if isinstance(rule, Le | Lt)),
            1e9,
        )
        value = self._number(float(low), float(high), any(isinstance(rule, Gt) for rule in rules))
        return round(value) if kind is int else value

    def _number(self, low: float, high: float, above: bool = False) -> float:
        """An end, next to an end, or anything between, even over the magnitudes."""
        least = max(low, high * 1e-12, 1e-12) if low >= 0 else low
        ends = [least if above else low, high, least]
        if low >= 0 and self.random.random() < 0.6:
            return exp(self.random.uniform(log(least), log(high))) if high > least else least
        return self.random.choice([*ends, self.random.uniform(low, high)])

    def _own(self, name: str) -> dict[str, Any]:
        shipped, bounds = self.catalogue.coefficient(name), self.catalogue.bounds(name)
        if self.random.random() < 0.05:  # outside: to be refused
            values = [self.random.choice((0.0, -1.0, bounds.most * 10, 1e300, 0.5))] * 3
        else:
            spread = self.random.choice((1, 3))
            values = sorted(self._number(bounds.least, bounds.most, bounds.above) for _ in range(spread))
            values = [
                min(max(float(round(v)) if bounds.whole else v, bounds.least), bounds.most) for v in values
            ]
            values = values * 3 if spread == 1 else values
        low, central, high = values
        return {
            "low": low, "central": central, "high": high, "unit": shipped.unit,
            "owner": "a test", "reason": "extreme",
        }  # fmt: skip


def _rules(kind: Any) -> list[Any]:
    """The bounds within an Annotated type, those of nested fields too."""
    return [
        part for rule in getattr(kind, "__metadata__", ()) for part in (*getattr(rule, "metadata", ()), rule)
    ]


def _plain(kind: Any) -> bool:
    return not (isinstance(kind, type) and issubclass(kind, BaseModel))


def figures_used(names: Sequence[str] = ()) -> list[str]:
    """The figures that the plans of templates rest on, each in the one region that comes first."""
    found: set[str] = set()
    for name in names or templates():
        case = open_case(template(name))
        case = Case(case.given, case.catalogue, DRAWS)
        for decision in run(case, flips=False):
            found |= decision.evidence
    return sorted(found & set(case.catalogue.coefficients))


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises TimeoutError when the work within takes more processor time, however busy the machine is."""

    def late(*_: Any) -> None:
        raise TimeoutError(f"no end after {seconds:g} s of processor time")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fuzz(
    seeds: Sequence[int],
    maker: Maker,
    draws: int = DRAWS,
    found: Callable[[int, str], None] = lambda *_: None,
) -> Counter[str]:
    """How many seeds ended how; ``found`` hears of each that ended otherwise than it may."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            with limited(SECONDS), np.errstate(all="ignore"):
                counts[outcome(maker.scenario(seed), maker.catalogue, draws)] += 1
        except Exception as error:  # whatever it is, it is a finding
            last = error.__traceback__
            while last is not None and last.tb_next is not None:
                last = last.tb_next
            place = (
                f"{last.tb_frame.f_code.co_filename.split('/advisor/')[-1]}:{last.tb_lineno}" if last else ""
            )
            counts["broken"] += 1
            found(seed, f"{type(error).__name__} at {place}: {error}")
    return counts


def main() -> int:
    numbers = [int(argument) for argument in sys.argv[1:4]]
    first, count, draws = (*numbers, *(0, 10_000, DRAWS)[len(numbers) :])
    catalogue = open_catalogue(offline=True)
    maker = Maker(catalogue, figures_used())
    start, counts = time.process_time(), Counter[str]()
    for begin in range(first, first + count, TOLD):
        seeds = range(begin, min(begin + TOLD, first + count))
        counts += fuzz(seeds, maker, draws, lambda seed, said: print(f"seed {seed}: {said}", flush=True))
        seconds = time.process_time() - start
        print(f"up to seed {seeds[-1]}: {json.dumps(counts)}, {seconds:.0f} s of processor time", flush=True)
    return 1 if counts["broken"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
