"""Step 1: which model, or whether a generative one at all."""

from __future__ import annotations

from collections.abc import Callable

from advisor.core.exhibits import Exhibit
from advisor.core.footprint import Parts
from advisor.steps import Prior
from advisor.steps.foundation_model import combined, reading
from advisor.steps.foundation_model.figures import figures
from advisor.steps.foundation_model.singles import contenders, single, usable
from advisor.steps.foundation_model.words import words
from advisor.system.case import Case
from advisor.system.option import Decision, Option

STEP = "foundation_model"
QUESTION = "Which model answers, and must it be a generative one?"
CONTROLS = (
    "workload.requests_per_day",
    "workload.input_tokens",
    "workload.output_tokens",
    "quality.floor",
    "quality.benchmark",
    "quality.needs_reasoning",
    "quality.context_max_tokens",
    "quality.easy_share",
    "constraints.residency",
    "constraints.open_weights",
)
KNOBS = (
    "workload.requests_per_day",
    "workload.input_tokens",
    "workload.output_tokens",
    "quality.floor",
    "quality.context_max_tokens",
    "quality.easy_share",
    "knowledge.examples",
    "priorities.quality",
)
GUIDANCE = (
    "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10", "A11", "A12",
    "B03", "B04", "B05", "B06", "B07", "B08", "B09",
)  # fmt: skip


def options(case: Case, prior: Prior) -> list[Option]:
    """Every catalogue model, and every way to need less than one; what fails stays visible."""
    singles = [single(case, model) for model in case.catalogue.keys("models")]
    return [*reading.options(case), *singles, *combined.options(case, singles)]


def what_if(case: Case, prior: Prior, decision: Decision) -> Callable[[Case, Prior], list[Option]]:
    """The options that can win when one input moves, for quick what-ifs.

    Models that another one beats clearly are left out: moving an input will not bring them back.
    """
    hopeful = contenders(case, [option for option in decision.options if usable(option)])

    served: dict[str, dict[str, Parts]] = {}

    def quick(variant: Case, _: Prior) -> list[Option]:
        known = served.setdefault(serving_inputs(variant), {})
        singles = [single(variant, model, known.get(model)) for model in hopeful]
        known.update({option.key: option.carried for option in singles})
        return [*reading.options(variant), *singles, *combined.options(variant, singles)]

    return quick


def serving_inputs(case: Case) -> str:
    """Everything of a scenario that the serving of a single model depends on."""
    scenario = case.scenario
    sections = (scenario.workload, scenario.constraints, scenario.timing, scenario.measurements)
    given = "".join(part.model_dump_json() for part in sections)
    return f"{case.size} {scenario.quality.context_max_tokens} {given}"


def exhibits(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """The front, the gates, memory, precision, second opinion, own tests, own training."""
    return figures(case, decision)


def explain(case: Case, prior: Prior, decision: Decision) -> tuple[str, tuple[str, ...]]:
    """The choice, and the few facts that decided it."""
    return words(case, decision)
