"""The five decisions together as HTML: at a glance, and as a plan. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from advisor.core.draws import central
from advisor.core.exhibits import Export, Waterfall
from advisor.core.saying import capital, dated, here, joined, say
from advisor.core.wording import amount, number
from advisor.decide.option import Decision, Option
from advisor.scenario import STEP_NAMES
from advisor.steps import final_option, signed, taken, way_to
from advisor.system.assumptions import assumptions_log, log_table
from advisor.system.bill import Phase
from advisor.system.case import Case
from advisor.system.confirmed import unconfirmed
from advisor.system.regions import place_name
from advisor.view import next_actions, tables
from advisor.view.bill_lines import quantity
from advisor.view.faces import about, cards, exhibits, figure
from advisor.view.guidance import checklist
from advisor.view.html import folded, items, tag, text
from advisor.view.joint_plan import together_section
from advisor.view.key_texts import unit_words
from advisor.view.opening import else_to_measure, opening
from advisor.view.texts import CARDS, STEP_TITLES, how_sure
from advisor.view.traffic import traffic_section
from advisor.view.warning_list import grouped

PHASES: tuple[tuple[str, Phase], ...] = (
    (say("One-off: development, tuning, first ingestion"), "once"),
    (say("Standing: held capacity, storage, upkeep"), "standing"),
    (say("Per request: inference"), "per_request"),
)
NOTHING_PASSES, WAITS = say("No option passes every gate"), say("Waits for the steps before")


def render_overview(decisions: Sequence[Decision], case: Case) -> str:
    """Every answer at a glance: one row a step, then the plan's footprint."""
    plan = final_option(case, decisions)
    return tag(
        "article",
        tag("p", text(about(case)), class_="adv-step"),
        tag("h2", text(say("{name}: the answer as it stands", name=case.given.name))),
        answers_table(decisions, case),
        tag("h3", say("The whole plan")),
        cards(plan.year, plan.accepted, case) if plan else "",
        class_="adv mathjax_ignore",
        aria_label=say("The five answers"),
    )


def render_plan(decisions: Sequence[Decision], case: Case, documents: Sequence[Export] = ()) -> str:
    """The plan: totals that add up, decisions, checklist, record and files."""
    plan, traffic = final_option(case, decisions), case.given.traffic
    used = frozenset().union(*(decision.evidence for decision in decisions))
    found = grouped({STEP_TITLES[decision.step]: decision.warnings for decision in decisions})
    warnings = [joined(": ", (joined(", ", steps), said)) for said, steps in found]
    return tag(
        "article",
        tag("p", text(about(case)), class_="adv-step"),
        tag("h2", text(heading(decisions, case))),
        opening(plan, decisions, case) if plan else "",
        tag("p", text(case.given.description)) if case.given.description else "",
        cards(plan.year, plan.accepted, case) if plan else "",
        answers_table(decisions, case),
        figure(waterfall(plan), "plan") if plan else "",
        folded(say("The traffic it is sized for"), traffic_section(traffic)) if traffic is not None else "",
        folded(say("What is due when"), _due(case)),
        folded(say("Warnings ({count})", count=len(warnings)), tables.sentences(warnings), open_=True),
        folded(say("Training, standing and inference apart"), phases_table(plan)) if plan else "",
        folded(say("The bill, line by line"), bill_table(plan)) if plan else "",
        _way(plan, case) if plan else "",
        folded(say("What else to measure"), else_to_measure(plan, decisions, case)) if plan else "",
        together_section(case, decisions),
        folded(say("Every indicator of the plan"), tables.indicators_table(plan.year, plan.accepted))
        if plan
        else "",
        folded(say("Guidance answered"), checklist(decisions, case)),
        folded(say("Files to use"), exhibits(documents, "plan")),
        folded(*_assumptions(case, used)),
        folded(say("Where these numbers come from"), tables.evidence(used, case)),
        tag("p", text(reading(case)), class_="adv-muted"),
        class_="adv mathjax_ignore",
        aria_label=say("The plan"),
    )


def _way(plan: Option, case: Case) -> str:
    """The whole way from today to the plan, and what a tonne saved costs."""
    done = way_to(case, plan.plan)
    if not done:
        return ""
    start = central(plan.year["carbon"]) + sum(next_actions.carbon_of(one.saved) for one in done)
    drawn = figure(next_actions.way_down(case, done, start), "plan")
    said = next_actions.all_things(case, done) + next_actions.abatement_table(case, done)
    return folded(say("From today to the plan"), drawn + said)


def _assumptions(case: Case, used: Collection[str]) -> tuple[str, str]:
    log = assumptions_log(case, used)
    heading = say("Assumptions log: {unconfirmed}", unconfirmed=unconfirmed(case.given).said)
    shown = log_table(log)
    rows = tuple((title, value, unit_words(str(unit)), *rest) for title, value, unit, *rest in shown.rows)
    return heading, tables.exhibit_table(replace(shown, rows=rows))


def _due(case: Case) -> str:
    due = sorted(case.given.timing.deadlines.items(), key=lambda item: item[1])
    return items(text(joined(": ", (dated(when), what))) for what, when in due)


def reading(case: Case) -> str:
    """How the figures are to be read."""
    return say(
        "Figures are the central case, every coefficient at its central value, with an 80 % interval "
        "(10th to 90th percentile) over {size} draws that all options share (seed {seed}). Carbon is "
        "operational, location-based (the average grid of the place), plus embodied; market-based and "
        "marginal figures stand apart and are never added.",
        size=number(case.draws.size),
        seed=case.draws.seed,
    )


def heading(decisions: Sequence[Decision], case: Case) -> str:
    """What the plan is, and how far it is decided."""
    chosen = [option.title for decision in decisions if (option := taken(case, decision))]
    if len(chosen) < len(STEP_TITLES):
        blocked = next((decision for decision in decisions if taken(case, decision) is None), None)
        step = STEP_TITLES[blocked.step].lower() if blocked else say("a step")
        return say(
            "{name}: the plan stops at {step}, where no option passes every gate.",
            name=case.given.name,
            step=step,
        )
    recorded = sum(signed(case, one) for one in decisions)
    return say(
        "{name}: the plan, {recorded} of {steps} decisions recorded",
        name=case.given.name,
        recorded=recorded,
        steps=len(STEP_TITLES),
    )


def answers_table(decisions: Sequence[Decision], case: Case, told: bool = True) -> str:
    """One row a step: the answer, how sure it is, and its share of the plan, which adds up.

    ``told`` adds the answer's sentence.
    """
    rows, plan = [], final_option(case, decisions)
    for decision in decisions:
        option = taken(case, decision)
        answer = tag("strong", text(option.title if option else no_answer(decision)))
        said = decision.answer
        if option is not None and said.startswith(option.title):
            said = here(said).removeprefix(here(option.title)).lstrip(":. ")
        if said and told:
            answer += tag("small", text(capital(said)))
        sure = say("none")
        if decision.choice:
            sure = how_sure(decision, figure_first=True)
        if signed(case, decision):
            sure = say("recorded")
        carbon = cost = ""
        if plan is not None:
            part = plan.bill.of_step(decision.step)
            carbon, cost = (tables.interval(part[name], CARDS[name][1]) for name in ("carbon", "cost"))
        rows.append([text(STEP_TITLES[decision.step]), answer, text(sure), carbon, cost])
    if plan is not None:
        sums = (tables.interval(plan.year[name], CARDS[name][1]) for name in ("carbon", "cost"))
        rows.append([tag("strong", say("The plan")), "", "", *sums])
    return tables.grid(
        say("Five decisions"),
        (
            say("Step"),
            say("Answer"),
            say("Confidence{to_be_best}", to_be_best=""),
            say("Carbon a year"),
            say("Cost a year"),
        ),
        rows,
        say("What each step is charged with in the plan; the rows add up to the plan."),
    )


def no_answer(decision: Decision | None) -> str:
    """What stands in the place of an answer: that nothing passes, or that the step is not examined yet."""
    if decision is not None and decision.options:
        return NOTHING_PASSES
    return WAITS


def waterfall(plan: Option) -> Waterfall:
    """What each step adds to a year's carbon, ending on the plan's figure."""
    steps = [(STEP_TITLES[step], central(plan.bill.of_step(step)["carbon"])) for step in STEP_NAMES]
    return Waterfall(
        "plan",
        say("What each step adds to the plan"),
        say("kg CO₂e a year, operational (location-based) and embodied"),
        tuple(title for title, _ in steps),
        tuple(value for _, value in steps),
        say("The plan"),
    )


def phases_table(plan: Option) -> str:
    """The plan's year split by phase: what is done once, what stands, what each request takes."""
    rows = []
    for label, phase in PHASES:
        part = plan.bill.sum(line for line in plan.bill if line.phase == phase)
        rows.append([text(label), *(tables.interval(part[name], unit) for name, (_, unit) in CARDS.items())])
    return tables.grid(
        say("A year by phase"), (say("Phase"), *(heading for heading, _ in CARDS.values())), rows
    )


def bill_table(plan: Option) -> str:
    """Every line of the bill, and their sum."""
    rows = []
    for line in plan.bill:
        year = line.per_year(plan.case)
        rows.append(
            [
                text(joined(": ", (line.resource.said, line.what))),
                text(place_name(plan.case, line.place)),
                text(quantity(line)),
                *(text(amount(central(year[name]), unit)) for name, (_, unit) in CARDS.items()),
            ]
        )
    sums = (text(amount(central(plan.year[name]), unit)) for name, (_, unit) in CARDS.items())
    rows.append([tag("strong", say("Sum")), "", "", *sums])
    return tables.grid(
        say("The bill of a year"),
        (say("Line"), say("Where"), say("Quantity"), *(heading for heading, _ in CARDS.values())),
        rows,
        say("Central figures. One-off lines are spread over the planned years."),
    )
