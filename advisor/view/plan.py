"""The five decisions together as HTML: at a glance, and as a plan. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from advisor.core.exhibits import Export
from advisor.core.footprint import Footprint, Parts
from advisor.core.wording import number, share
from advisor.decide.comparing import yearly
from advisor.outputs.plan_json import plan_total
from advisor.steps import taken
from advisor.system.assumptions import assumptions_log, log_table
from advisor.system.case import Case
from advisor.system.option import Decision
from advisor.view import tables
from advisor.view.faces import about, carbon_bars, cards, exhibits, figure
from advisor.view.html import folded, items, tag, text
from advisor.view.texts import CARDS, STEP_TITLES, likelihood
from advisor.view.traffic import traffic_section

PHASES = (
    ("One-off: development, tuning, first ingestion", "once"),
    ("Standing: held capacity, storage, upkeep", "monthly"),
    ("Per request: inference", "per_request"),
)


def render_overview(decisions: Sequence[Decision], case: Case) -> str:
    """Every answer at a glance: one row a step, then the plan's footprint."""
    return tag(
        "article",
        tag("p", text(about(case)), class_="adv-step"),
        tag("h2", text(f"{case.scenario.name}: the answer as it stands")),
        answers_table(decisions, case),
        tag("h3", "The whole plan"),
        cards(plan_total(case, decisions), _per_answer(decisions, case), case),
        class_="adv mathjax_ignore",
        aria_label="The five answers",
    )


def render_plan(decisions: Sequence[Decision], case: Case, documents: Sequence[Export] = ()) -> str:
    """The plan: totals that add up, decisions, checklist, record and files."""
    whole = plan_total(case, decisions)
    per_step = _per_step(decisions, case)
    traffic = case.scenario.traffic
    used = frozenset().union(*(decision.evidence for decision in decisions))
    warnings = [
        f"{STEP_TITLES[decision.step]}: {said}" for decision in decisions for said in decision.warnings
    ]
    return tag(
        "article",
        tag("p", text(about(case)), class_="adv-step"),
        tag("h2", text(_headline(decisions, case))),
        tag("p", text(case.scenario.description)) if case.scenario.description else "",
        cards(whole, _per_answer(decisions, case), case),
        answers_table(decisions, case),
        figure(carbon_bars("plan", "What each step adds to the plan", per_step), "plan") if per_step else "",
        folded("The traffic it is sized for", traffic_section(traffic)) if traffic is not None else "",
        folded("What is due when", _due(case)),
        folded(f"Warnings ({len(warnings)})", items(map(text, warnings)), open_=True),
        folded("Training, standing and inference apart", phases_table(decisions, case)),
        folded("Every indicator of the plan", tables.indicators_table(whole, _per_answer(decisions, case))),
        folded("Guidance answered", checklist(decisions, case)),
        folded("Files to use", exhibits(documents, "plan")),
        folded(*_assumptions(case, used)),
        folded("Where these numbers come from", tables.evidence(used, case)),
        tag("p", text(_reading(case)), class_="adv-muted"),
        class_="adv mathjax_ignore",
        aria_label="The plan",
    )


def _assumptions(case: Case, used: Collection[str]) -> tuple[str, str]:
    log = assumptions_log(case, used)
    untouched = sum(line.untouched for line in log)
    return f"Assumptions log ({untouched} defaults nobody has confirmed)", tables.exhibit_table(
        log_table(log)
    )


def _due(case: Case) -> str:
    due = sorted(case.scenario.timing.deadlines.items(), key=lambda item: item[1])
    return items(text(f"{when.isoformat()}: {what}") for what, when in due) if due else ""


def _reading(case: Case) -> str:
    return (
        f"Figures are medians with an 80 % interval (10th to 90th percentile) over {number(case.size)} "
        f"draws that all options share (seed {case.draws.seed}). Carbon is operational, location-based (the "
        "average grid of the place), plus embodied; market-based and marginal figures stand apart and are "
        "never added."
    )


def _headline(decisions: Sequence[Decision], case: Case) -> str:
    chosen = [option.title for decision in decisions if (option := taken(case, decision))]
    if len(chosen) < len(STEP_TITLES):
        blocked = next((decision for decision in decisions if taken(case, decision) is None), None)
        step = STEP_TITLES[blocked.step].lower() if blocked else "a step"
        return f"{case.scenario.name}: the plan stops at {step}, where no option passes every gate."
    recorded = len(case.scenario.decisions)
    return f"{case.scenario.name}: the plan, {recorded} of {len(STEP_TITLES)} decisions recorded"


def answers_table(decisions: Sequence[Decision], case: Case) -> str:
    """One row a step: the answer, how sure it is, and the footprint it was compared by."""
    rows = []
    for decision in decisions:
        option = taken(case, decision)
        answer = tag("strong", text(option.title if option else "No option passes every gate"))
        said = decision.headline
        if option is not None and said.startswith(option.title):
            said = said.removeprefix(option.title).lstrip(":. ")
        if said:
            answer += tag("small", text(said[0].upper() + said[1:]))
        sure = (
            f"{share(decision.confidence)}, {likelihood(decision.confidence)}" if decision.choice else "none"
        )
        recorded = decision.step in case.scenario.decisions
        carbon = cost = ""
        if option is not None:
            footprint = yearly(option, case)
            carbon, cost = (tables.interval(footprint[name], CARDS[name][1]) for name in ("carbon", "cost"))
        rows.append(
            [text(STEP_TITLES[decision.step]), answer, text("recorded" if recorded else sure), carbon, cost]
        )
    return tables.grid(
        "Five decisions",
        ("Step", "Answer", "Confidence", "Carbon a year", "Cost a year"),
        rows,
        "As compared in that step, what a later step settles included, so rows are not to be added.",
    )


def _per_step(decisions: Sequence[Decision], case: Case) -> list[tuple[str, Footprint]]:
    requests, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    return [
        (STEP_TITLES[decision.step], option.parts.per_year(requests, horizon))
        for decision in decisions
        if (option := taken(case, decision))
    ]


def phases_table(decisions: Sequence[Decision], case: Case) -> str:
    """The plan's year split by phase: what is done once, what stands, what each request takes."""
    requests, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    whole = Parts.zero(case.size)
    for decision in decisions:
        option = taken(case, decision)
        whole = whole + option.parts if option else whole
    nothing = Footprint.zero(case.size)
    rows = []
    for label, kept in PHASES:
        parts = Parts(*(getattr(whole, name) if name == kept else nothing for _, name in PHASES))
        footprint = parts.per_year(requests, horizon)
        rows.append(
            [text(label), *(tables.interval(footprint[name], unit) for name, (_, unit) in CARDS.items())]
        )
    return tables.grid("A year by phase", ("Phase", *(heading for heading, _ in CARDS.values())), rows)


def _per_answer(decisions: Sequence[Decision], case: Case) -> Footprint | None:
    """The plan per accepted answer, by the quality of the answers as finally served."""
    served = [option for decision in decisions[:3] if (option := taken(case, decision))]
    if not served:
        return None
    answers = served[-1].quality * case.workload.requests_per_year
    return plan_total(case, decisions) / answers


def checklist(decisions: Sequence[Decision], case: Case) -> str:
    """The guidance by id: which step answers an item, and which need a person."""
    answered: dict[str, list[str]] = {}
    for decision in decisions:
        for name in decision.guidance:
            answered.setdefault(name, []).append(STEP_TITLES[decision.step])
    rows = []
    for key in case.catalogue.keys("guidance"):
        item = case.catalogue.row("guidance", key)
        by = ", ".join(answered.get(key, ())) or str(item.get("answered_by") or "")
        state = tag("span", text(by), class_="adv-muted") if by else tag("strong", "not answered here")
        rows.append([text(key), text(item["asks"]), state])
    return tables.grid("Guidance, item by item", ("Id", "Asks for", "Answered by"), rows)
