"""Step 1: which model, or whether a generative one at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from advisor.core.draws import central
from advisor.core.exhibits import Exhibit
from advisor.core.saying import capital, dated, joined, numeral, say
from advisor.decide import pairs
from advisor.decide.option import Decision
from advisor.steps import deployment
from advisor.steps.foundation_model import agents, front, tables, token_table
from advisor.steps.foundation_model.explain import explain, headline
from advisor.system import beyond_text, techniques
from advisor.system.case import Case
from advisor.system.offers import compared
from advisor.system.plan import GENERATING, PAIRS, SPLIT, ModelSetting, Plan, StepName
from advisor.system.quality import MANAGED_EMBEDDER, STAND_IN, passed_on, tested
from advisor.system.requests import planned

__all__ = [
    "CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "alternatives", "exhibits", "explain", "headline",
    "notes", "settings", "title", "warnings",
]  # fmt: skip

STEP: StepName = "foundation_model"
QUESTION = say("Which model answers, and must it be a generative one?")
CONTROLS = (
    "workload.requests_per_day",
    "workload.input_tokens",
    "workload.output_tokens",
    "quality.floor",
    "quality.benchmark",
    "quality.needs_reasoning",
    "quality.reasoning_effort",
    "quality.context_max_tokens",
    "quality.easy_share",
    "constraints.residency",
    "constraints.on_premises",
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
# how two models work together
TOGETHER = {"cascade": say("Cascade"), "router": say("Router"), "team": say("Team")}
DAYS_PER_YEAR = 365
SERVICES = ("maas", "ptu")


def alternatives(case: Case) -> tuple[ModelSetting, ...]:
    """Every way to need less than a generative model, every model that is compared, and the best pairs."""
    return (
        *(ModelSetting("encoder", (key,)) for key in (*case.catalogue.keys("encoders"), MANAGED_EMBEDDER)),
        ModelSetting("retrieval", (MANAGED_EMBEDDER,)),
        *(ModelSetting("single", (key,)) for key in compared(case)),
        *pairs.worth_comparing(case),
        ModelSetting("custom", (STAND_IN,)),
    )


def name_of(case: Case, model: str) -> str:
    """The name of a catalogue model."""
    return str(case.catalogue.row("models", model).get("name", model))


def title(case: Case, plan: Plan) -> str:
    """The model's name, or what stands in its place."""
    model = plan.model
    if model.kind == "encoder":
        if model.main == MANAGED_EMBEDDER:
            row = case.catalogue.row("embedders", model.main)
            return say("{name} + linear classifier, managed", name=row["name"])
        return str(case.catalogue.row("encoders", model.main)["name"])
    if model.kind == "retrieval":
        return say("Search alone")
    if model.kind == "custom":
        return say("Own model, trained from scratch")
    names = joined(" + ", (name_of(case, key) for key in model.models))
    return say("{kind}: {names}", kind=TOGETHER[model.kind], names=names) if model.kind in PAIRS else names


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What it is judged with, and what its figures rest on."""
    model = plan.model
    if model.kind == "encoder":
        found: tuple[str, ...] = (say("No generative AI: it labels text and writes none."),)
        if any(language != "en" for language in case.scenario.workload.languages):
            found += (say("Take the multilingual release of this size; its quality is assumed the same."),)
        return found
    if model.kind == "retrieval":
        return (say("No generative AI: users read the passages found."),)
    found = (
        say(
            "Judged in the best plan it can be part of: {technique}; {deployment}.",
            technique=techniques.title(plan.improvement.technique),
            deployment=deployment.title(case, plan),
        ),
    )
    if model.kind == "custom":
        like = say(
            "Serving and starting quality are taken as those of {model}, a model of its size.", model=STAND_IN
        )
        return (*found, like)
    if model.kind in PAIRS:
        return (
            *found,
            _how_shared(case, model, plan.improvement.technique),
            say("The upkeep of a second model is counted, as an assumption."),
        )
    thought = token_table.told(case, model.main, plan.improvement.technique)
    if thought is not None:
        found += (thought,)
    if not tested(case, model):
        found += (say("Quality from a public rating through an assumed curve: test it on your own answers."),)
    return found


def _how_shared(case: Case, model: ModelSetting, technique: str) -> str:
    small, large = model.models
    if model.kind == "team":
        large, small = name_of(case, large), name_of(case, small)
        return say(
            "{large} plans {planned} of the calls, {small} makes the rest.",
            large=large,
            planned=numeral(planned(case), ".0%"),
            small=small,
        )
    far = central(passed_on(case, model, technique))
    if model.kind == "router":
        return say(
            "A small classifier sends {far} to {large}, the rest to {small}.",
            far=numeral(far, ".0%"),
            large=large,
            small=small,
        )
    return say(
        "{small} answers first, {far} go on to {large}.",
        small=capital(small),
        far=numeral(far, ".0%"),
        large=large,
    )


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """Dates and gaps that rule no model out but must be known."""
    if plan.model.kind not in GENERATING:
        return ()
    managed = plan.deployment.mode in SERVICES
    video = beyond_text.video_warning(case)
    found: list[str] = [] if video is None else [video]
    for model in plan.model.models:
        of = f"{name_of(case, model)}: " if len(plan.model.models) > 1 else ""
        told = (*(_dates(case, model) if managed else ()), *_unknown(case, model))
        found += [of + one for one in told]
    return tuple(found)


def _dates(case: Case, model: str) -> tuple[str, ...]:
    row, timing, found = case.catalogue.row("models", model), case.scenario.timing, []
    end, earliest = row.get("retirement"), row.get("retirement_earliest")
    notice = timedelta(days=case.central("model.retirement_notice", "day"))
    if end is not None and timing.start < end <= timing.start + notice:
        found.append(
            say(
                "Retires on {end}, within {days} days of the start: plan its successor; moving is priced.",
                end=dated(end),
                days=notice.days,
            )
        )
    elif end is not None and end < timing.start + timedelta(days=DAYS_PER_YEAR * timing.horizon_years):
        found.append(
            say(
                "Retires on {end}, within the planned years: moving to its successor is priced.",
                end=dated(end),
            )
        )
    if earliest is not None and earliest <= timing.start + notice:
        found.append(
            say(
                "Another list gives {earliest} as its retirement: check before you commit.",
                earliest=dated(earliest),
            )
        )
    return tuple(found)


def _unknown(case: Case, model: str) -> tuple[str, ...]:
    if f"models.{model}.context_tokens" in case:
        return ()
    return (say("Its context length is not in the catalogue: check it for your longest request."),)


def settings(case: Case, plan: Plan) -> dict[str, Any]:
    """What answers, in which number format where that is the plan's to say."""
    model = plan.model
    found: dict[str, Any] = {
        "model": model.main,
        "kind": "generative" if model.kind == "single" else model.kind,
        "models": model.models,
        "precision": plan.deployment.precision,
    }
    if model.kind in SPLIT:
        found["escalation"] = central(passed_on(case, model, plan.improvement.technique))
    if model.kind == "encoder":
        found["encoder"] = model.main
    return found


def exhibits(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
    """The front, the options, what fell and why; memory, formats, second opinion, own tests and training."""
    eligible = decision.ranked
    shown = (
        front.options_table(decision, eligible),
        *tables.tables(case, decision, eligible),
        agents.ways_of_working(case, eligible),
        front.gates_table(decision),
    )
    charts = (front.front_chart(decision, eligible),) if eligible else ()
    return (*charts, *(table for table in shown if table.rows))
