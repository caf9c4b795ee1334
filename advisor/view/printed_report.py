"""The printed report: the decision on one page, one page a step, then what it rests on. Pure functions.

The faces show everything; here stands what a reader on paper needs, and the rest lies beside it as files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from advisor.core.draws import central, summary
from advisor.core.evidence import Coefficient
from advisor.core.exhibits import Bars, Drawing
from advisor.core.saying import joined, say
from advisor.core.wording import amount, counted, number
from advisor.decide.measuring import at_its_ends, tornado
from advisor.decide.option import Decision, Option
from advisor.scenario import Scenario
from advisor.steps import final_option
from advisor.steps.joint_plan import went_on
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.confirmed import origin, unconfirmed
from advisor.system.priorities import set_aside
from advisor.system.rule_names import rule_name
from advisor.view import app_screens, faces, next_actions, tables
from advisor.view.html import coded, items, tag, text
from advisor.view.key_texts import unit_words
from advisor.view.opening import else_to_measure, next_things
from advisor.view.plan import answers_table, heading, reading, waterfall
from advisor.view.texts import CONFIDENCE, STEP_TITLES, flips_to, plainly, spoken
from advisor.view.warning_list import grouped

REASONS = 4
WARNINGS = 3
NEAREST = 2  # flips of a step on the page of assumptions
OPTIONS = 4
BARS = 6  # of a chart on paper, more of which could not be read
RULES = 3
DRIVERS = 8


def plan_page(decisions: Sequence[Decision], case: Case) -> str:
    """What is decided, what it takes, what to do first: the first page."""
    plan, aside = final_option(case, decisions), set_aside(case.given)
    parts = [
        tag("p", text(faces.about(case)), class_="adv-step"),
        tag("h2", text(heading(decisions, case))),
        tag("p", text(case.given.description)) if case.given.description else "",
        tag("p", text(aside)) if aside else "",
        faces.cards(plan.year, plan.accepted, case) if plan else _in_the_way(decisions),
        answers_table(decisions, case, told=False),
    ]
    if plan:
        parts.append(next_things(plan, decisions, case))
        parts.append(faces.figure(waterfall(plan), "plan"))
    return _page("plan", say("The plan"), parts)


def _in_the_way(decisions: Sequence[Decision]) -> str:
    """Where the plan stops: which rule to relax first."""
    stop = next((one for one in decisions if one.stands is None and one.reasons), None)
    return tag("p", coded(spoken(stop.reasons[0])), class_="adv-alert") if stop else ""


def step_page(decision: Decision, case: Case, told: Collection[str] = (), plan: Option | None = None) -> str:
    """One decision on one page, without the warnings ``told`` elsewhere; ``plan``: what all five lead to."""
    name, parts = decision.step, [faces.headline(decision, case)]
    if decision.stands is not None:
        parts.append(app_screens.strip(decision.stands.year))
        apart = went_on(case.centre, decision.stands.plan, plan.plan) if plan else ""
        parts.append(tag("p", text(apart), class_="adv-muted") if apart else "")
        chart = faces.main_chart(decision, case)
        said = tag("div", tag("h3", faces.change_title(decision)), _flips(decision), class_="adv-flips")
        argued = tables.sentences(decision.every_reason[:REASONS])
        why = tag("h3", faces.why_title(decision)) + argued if argued else ""
        parts.append(tag("div", said, tag("div", why), class_="adv-main adv-why"))
        parts.append(faces.figure(_best(chart, decision), name) if chart else "")
        parts.append(tables.options_table(decision, case, OPTIONS))
    parts.append(_fallen(decision))
    mind = [one for one in grouped({name: decision.warnings}) if one[0] not in told][:WARNINGS]
    if mind:
        parts.append(tag("h3", say("Keep in mind")) + items(text(said) for said, _ in mind))
    return _page(name, STEP_TITLES[name], parts)


def _best(chart: Drawing, decision: Decision) -> Drawing:
    """Of options too many to be read on paper, the best as bars, the choice first; others stay."""
    titles = [option.title for option in decision.ranked]
    if not isinstance(chart, Bars) or len(chart.bars) <= BARS or not set(titles) & set(chart.bars):
        return chart
    order = sorted(range(len(chart.bars)), key=lambda bar: _rank(chart.bars[bar], titles))[:BARS]

    def kept(row: Sequence[float]) -> tuple[float, ...]:
        return tuple(row[bar] for bar in order)

    low, high = (None if ends is None else kept(ends) for ends in (chart.low, chart.high))
    best = say("The best {shown} of {bars}.", shown=BARS, bars=len(chart.bars))
    return replace(
        chart, bars=tuple(chart.bars[bar] for bar in order), values=tuple(map(kept, chart.values)),
        low=low, high=high,
        note=joined(" ", [chart.note] * bool(chart.note) + [best]),
    )  # fmt: skip


def _rank(bar: str, titles: Sequence[str]) -> int:
    return titles.index(bar) if bar in titles else len(titles)


def assumptions_page(decisions: Sequence[Decision], case: Case) -> str:
    """The assumptions that mattered: what would flip a choice, what drives the range, what is one's own."""
    plan = final_option(case, decisions)
    used = frozenset().union(*(decision.evidence for decision in decisions))
    left = unconfirmed(case.given)
    both = shared(decisions)
    rest = say("{unconfirmed} The workbook lists each.", unconfirmed=left.said) if left.left else ""
    further = else_to_measure(plan, decisions, case) if plan else ""
    parts = [
        tag("h2", say("Assumptions that mattered")),
        _flipping(decisions, case.given),
        _own(case),
        _drivers(plan, case) if plan else "",
        tag("h3", say("What else to measure")) + further if further else "",
        tag("h3", say("Keep in mind, in more than one step")) + tables.sentences(both) if both else "",
        tag("p", text(rest), class_="adv-muted"),
        tag("p", text(reading(case)), class_="adv-muted"),
    ]
    return _page(
        "assumptions", say("Assumptions"), [*parts, tag("h2", say("Sources")), tables.sources(used, case)]
    )


def _page(name: str, label: str, parts: Iterable[str]) -> str:
    article = tag("article", *parts, class_="adv mathjax_ignore", aria_label=label)
    return tag("section", article, id=f"page-{name}")


def shared(decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Warnings that hold in more than one step."""
    found = grouped({STEP_TITLES[one.step]: one.warnings for one in decisions})
    return tuple(said for said, steps in found if len(steps) > 1)


def _flips(decision: Decision) -> str:
    flips = decision.flips[: faces.FLIPS_SHOWN]
    return items(map(app_screens.flip_said, flips)) if flips else tag("p", text(app_screens.NO_FLIP))


def _fallen(decision: Decision) -> str:
    """Which rule struck how many options, and what would bring them back."""
    rows = []
    for one in decision.struck[:RULES]:
        titles = list(dict.fromkeys(option.title for option, _ in one.fallen))
        remedy = next((spoken(gate.remedy) for _, gate in one.fallen if gate.remedy), "")
        count = number(len(one.fallen))
        if one.alone:
            count = say("{count}, {alone} by this rule alone", count=len(one.fallen), alone=one.alone)
        such = joined("; ", titles[:2]) + (" …" if len(titles) > 2 else "")
        rows.append([*(text(said) for said in (rule_name(one.rule), count, such)), coded(remedy)])
    if not rows:
        return ""
    more = len(decision.struck) - len(rows)
    note = say("An option may fail several rules.")
    if more:
        note += counted(
            more,
            say(" One more rule strikes some; the workbook lists each option."),
            say(" {count} more rules strike some; the workbook lists each option."),
        )
    columns = (say("Rule"), say("Options out"), say("Such as"), say("To bring them back"))
    out, all_of_them = len(decision.eliminated), len(decision.options)
    return tables.grid(
        say("Ruled out: {out} of {options}", out=out, options=all_of_them), columns, rows, note
    )


def _flipping(decisions: Sequence[Decision], scenario: Scenario) -> str:
    began, rows = origin(scenario), []
    for decision in decisions:
        for flip in decision.flips[:NEAREST]:
            owner = scenario.owners.get(flip.path, "")
            whose = {"default": say("default, nobody's yet"), "template": say("the template's, nobody's yet")}
            state = whose.get(began.state(scenario, flip.path), owner or say("set, no owner named"))
            rows.append(
                [
                    text(flip.label),
                    text(plainly(flip.present)),
                    text(plainly(flip.flips_at)),
                    coded(joined(": ", (STEP_TITLES[decision.step], flips_to(flip)))),
                    text(state),
                ]
            )
    columns = (say("Input"), say("Now"), say("Flips at"), say("Then"), say("Whose"))
    note = say(
        "The nearest change of one input that changes a choice, step by step, what the steps before it chose "
        "kept."
    )
    return tables.grid(say("What would flip a choice"), columns, rows, note) if rows else ""


def _own(case: Case) -> str:
    rows = [
        [
            text(name),
            text(
                say(
                    "{central} ({low} to {high}) {unit}",
                    central=number(own.central),
                    low=number(own.low),
                    high=number(own.high),
                    unit=unit_words(own.unit),
                )
            ),
            text(_shipped(case.shipped.coefficient(name))),
            text(own.owner),
            text(own.reason),
        ]
        for name, own in sorted(case.given.overrides.items())
    ]
    return (
        tables.grid(
            say("Figures of your own"),
            (say("Figure"), say("Yours"), say("Shipped"), say("Owner"), say("Because")),
            rows,
        )
        if rows
        else ""
    )


def _shipped(figure: Coefficient) -> str:
    return joined(" ", (number(figure.central), unit_words(figure.unit)))


def _drivers(plan: Option, case: Case) -> str:
    """The figures whose range moves the plan's carbon most, each alone low and high, the others central."""

    def carbon(case: Case) -> float:
        return central(billing.bill(case, plan.plan).year["carbon"])

    rows = []
    drivers = tornado(case, plan.evidence, plan.year["carbon"])[:DRIVERS]
    told = [(name, *at_its_ends(case, name, carbon)) for name, *_ in drivers]
    for name, low, high in sorted(told, key=lambda one: -abs(one[2] - one[1])):
        figure = case.catalogue.coefficient(name)
        badge = tag(
            "span", CONFIDENCE[figure.confidence.value], class_=f"adv-badge adv-{figure.confidence.value}"
        )
        rows.append(
            [
                text(next_actions.in_words(case, name)) + tag("small", tag("code", text(name))),
                text(tables.with_unit(figure)),
                text(say("{low} – {high}", low=amount(low, "kgCO2e"), high=amount(high, "kgCO2e"))),
                badge,
            ]
        )
    low, middle, high = summary(plan.year["carbon"])
    columns = (
        say("Figure"),
        say("Value (80 % interval)"),
        say("Plan's carbon a year"),
        say("Confidence"),
    )
    whole = tables.between(low, high, "kgCO2e")
    note = say(
        "Where it alone is low and where it is high, around the central {middle}. Of all draws, 8 in 10 lie "
        "in {whole}.",
        middle=amount(middle, "kgCO2e"),
        whole=whole,
    )
    return tables.grid(say("What the range of the plan's carbon comes from"), columns, rows, note)


def pages(decisions: Sequence[Decision], case: Case) -> str:
    """All pages, in the order they are printed."""
    told = shared(decisions)
    plan = final_option(case, decisions)
    # the first step last: what would flip it may still be looked for beside this process
    steps = [step_page(decision, case, told, plan) for decision in reversed(decisions[1:])]
    first = plan_page(decisions, case)
    steps.append(step_page(decisions[0], case, told, plan))
    return "".join([first, *reversed(steps), assumptions_page(decisions, case)])


def titles() -> dict[str, str]:
    """The pages by the name of their section."""
    return {"plan": say("Plan"), **STEP_TITLES, "assumptions": say("Assumptions and sources")}
