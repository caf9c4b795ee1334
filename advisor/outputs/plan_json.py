"""``plan.json``: the plan as other programs read it, with its JSON Schema.

Figures are rounded to six significant digits; what is unknown is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from advisor.core.draws import Array, central, ensemble_of
from advisor.core.footprint import INDICATORS, Footprint
from advisor.decide.option import Decision, Option
from advisor.steps import final_option, taken
from advisor.system.bill import Line
from advisor.system.case import Case
from advisor.view.texts import flips_to

SCHEMA_VERSION: Literal[2] = 2
TOTALS = {
    "carbon": ("kgCO2e", "operational (location-based) plus embodied"),
    "water": ("L", "on site plus upstream"),
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Range(_Part):
    """One indicator: the central case, which adds up, and three percentiles of the draws."""

    central: float | None
    p10: float | None
    median: float | None
    p90: float | None
    unit: str


class GateResult(_Part):
    """A hard rule and how an option fared under it."""

    rule: str
    passed: bool
    expected: str
    found: str
    remedy: str


class OptionResult(_Part):
    """One option of a step."""

    key: str
    title: str
    settings: dict[str, Any]
    eligible: bool
    gates: list[GateResult]
    quality: Range
    per_year: dict[str, Range]
    per_accepted_answer: dict[str, Range]
    adds_to_plan_per_year: dict[str, Range]
    p_best: Annotated[float, Field(ge=0, le=1)]
    on_front: bool
    warnings: list[str]


class Eliminated(_Part):
    """An option that fell, the rules it broke and what would bring it back."""

    key: str
    title: str
    rules: list[str]
    remedies: list[str]


class FlipResult(_Part):
    """One input, how far it must move, and what would then be chosen."""

    path: str
    label: str
    present: str
    flips_at: str
    factor: float | None
    to: str


class SourceResult(_Part):
    """A source that a step's figures rest on."""

    key: str
    title: str
    publisher: str
    url: str
    year: str


class StepResult(_Part):
    """One decision: what was advised, what was taken, and why."""

    step: str
    question: str
    choice: str | None
    taken: str | None
    runner_up: str | None
    confidence: Annotated[float, Field(ge=0, le=1)]
    headline: str
    reasons: list[str]
    options: list[OptionResult]
    eliminated: list[Eliminated]
    flips: list[FlipResult]
    warnings: list[str]
    guidance: list[str]
    evidence: list[str]
    sources: list[SourceResult]


class LineResult(_Part):
    """One line of the plan's bill: a physical thing charged once, over a mean year."""

    resource: str
    step: str
    phase: Literal["once", "standing", "per_request"]
    what: str
    place: str
    quantity: float | None
    unit: str
    per_year: dict[str, Range]
    evidence: list[str]


class Totals(_Part):
    """The whole plan: the lines of its bill, added up; null where a step has no choice, so no plan."""

    per_year: dict[str, Range] | None
    per_request: dict[str, Range] | None
    requests_per_year: Range
    horizon_years: float


class FigureResult(_Part):
    """A figure that the plan rests on, as it was when the plan was made."""

    low: float
    central: float
    high: float
    unit: str
    checked: str


class DataResult(_Part):
    """The figures that the plan rests on; ``fingerprint`` is equal for equal figures only."""

    fingerprint: str
    figures: dict[str, FigureResult]


class PlanDocument(_Part):
    """The contract of ``plan.json``."""

    schema_version: Literal[2]
    scenario: dict[str, Any]
    seed: int
    draws: int
    steps: Annotated[list[StepResult], Field(min_length=5, max_length=5)]
    bill: list[LineResult]
    totals: Totals
    data: DataResult | None = None  # nothing in plans that were saved before figures were kept


def document(case: Case, decisions: Sequence[Decision]) -> PlanDocument:
    """The plan as a validated document. Raises ScenarioError where a line is out of bounds."""
    plan = final_option(case, decisions)
    requests = case.workload.requests_per_year
    if plan:
        plan.bill.check()
    return PlanDocument(
        schema_version=SCHEMA_VERSION,
        scenario=case.given.model_dump(mode="json"),
        seed=case.draws.seed,
        draws=case.draws.size,
        steps=[_step(case, decision, plan) for decision in decisions],
        bill=[_line(case, line) for line in plan.bill] if plan else [],
        totals=Totals(
            per_year=_ranges(plan.year) if plan else None,
            per_request=_ranges(plan.year / requests) if plan else None,
            requests_per_year=_range(requests, "request"),
            horizon_years=case.given.timing.horizon_years,
        ),
        data=_data(case, decisions),
    )


def _data(case: Case, decisions: Sequence[Decision]) -> DataResult:
    names = sorted(frozenset().union(*(decision.evidence for decision in decisions)))
    figures = {name: _figure(case, name) for name in names}
    told = json.dumps({name: one.model_dump() for name, one in figures.items()}, sort_keys=True)
    return DataResult(fingerprint=sha256(told.encode()).hexdigest(), figures=figures)


def _figure(case: Case, name: str) -> FigureResult:
    found = case.catalogue.coefficient(name)
    low, middle, high = (float(f"{value:.6g}") for value in (found.low, found.central, found.high))
    return FigureResult(
        low=low, central=middle, high=high, unit=found.unit, checked=found.checked.isoformat()
    )


def _line(case: Case, line: Line) -> LineResult:
    return LineResult(
        resource=str(line.resource),
        step=line.step,
        phase=line.phase,
        what=line.what,
        place=line.place,
        quantity=rounded(central(line.quantity)),
        unit=line.unit,
        per_year=_ranges(line.per_year(case)),
        evidence=sorted(line.evidence),
    )


def plan_json(case: Case, decisions: Sequence[Decision]) -> str:
    """The plan as JSON text; the same case gives the same bytes."""
    data = document(case, decisions).model_dump(mode="json")
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of ``plan.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PlanDocument.model_json_schema()}


def rounded(value: float) -> float | None:
    """``value`` to six significant digits; None where unknown or infinite."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _range(values: Array, unit: str) -> Range:
    return _each_range({"": values}, {"": unit})[""]


def _ranges(footprint: Footprint) -> dict[str, Range]:
    units = {name: unit for name, (unit, _) in {**INDICATORS, **TOTALS}.items()}
    return _each_range({name: footprint[name] for name in units}, units)


def _each_range(values: Mapping[str, Array], units: Mapping[str, str]) -> dict[str, Range]:
    """The ranges of several arrays of draws, sorted all at once."""
    draws = ensemble_of(np.stack(np.broadcast_arrays(*values.values())))
    parts = np.quantile(draws, (0.1, 0.5, 0.9), axis=-1).T
    return {
        name: Range(
            central=rounded(central(values[name])), p10=rounded(low), median=rounded(median),
            p90=rounded(high), unit=units[name],
        )
        for name, (low, median, high) in zip(values, parts.tolist(), strict=True)
    }  # fmt: skip


def _option(decision: Decision, option: Option, in_plan: Footprint | None) -> OptionResult:
    own = in_plan if in_plan is not None else option.bill.of_step(decision.step)
    return OptionResult(
        key=option.key,
        title=option.title,
        settings=_plain(option.settings),
        eligible=option.eligible,
        gates=[GateResult(**_gate(gate)) for gate in option.gates],
        quality=_range(option.quality, "ratio"),
        per_year=_ranges(option.year),
        per_accepted_answer=_ranges(option.accepted),
        adds_to_plan_per_year=_ranges(own),
        p_best=decision.p_best.get(option.key, 0.0),
        on_front=option.key in decision.front,
        warnings=list(option.warnings),
    )


def _gate(gate: Any) -> dict[str, Any]:
    return {name: getattr(gate, name) for name in GateResult.model_fields}


def _step(case: Case, decision: Decision, plan: Option | None) -> StepResult:
    chosen = taken(case, decision)
    share = plan.bill.of_step(decision.step) if plan else None
    return StepResult(
        step=decision.step,
        question=decision.question,
        choice=decision.choice.key if decision.choice else None,
        taken=chosen.key if chosen else None,
        runner_up=decision.runner_up.key if decision.runner_up else None,
        confidence=decision.confidence,
        headline=decision.headline,
        reasons=list(decision.every_reason),
        options=[_option(decision, one, share if one is chosen else None) for one in decision.options],
        eliminated=[
            Eliminated(
                key=option.key,
                title=option.title,
                rules=[gate.rule for gate in failed],
                remedies=[gate.remedy for gate in failed],
            )
            for option, failed in decision.eliminated
        ],
        flips=[
            FlipResult(
                **{name: getattr(flip, name) for name in FlipResult.model_fields} | {"to": flips_to(flip)}
            )
            for flip in decision.flips
        ],
        warnings=list(decision.warnings),
        guidance=list(decision.guidance),
        evidence=sorted(decision.evidence),
        sources=_sources(case, decision),
    )


def _sources(case: Case, decision: Decision) -> list[SourceResult]:
    keys = {key for name in decision.evidence for key in case.catalogue.coefficient(name).sources}
    known = case.catalogue.sources
    return [
        SourceResult(**{name: getattr(known[key], name) for name in SourceResult.model_fields})
        for key in sorted(keys & set(known))
    ]


def _plain(value: Any) -> Any:
    """Settings as JSON: arrays become their central case, tuples become lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return rounded(central(value))
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str | int) or value is None:
        return value
    return rounded(float(value)) if isinstance(value, float | np.number) else str(value)
