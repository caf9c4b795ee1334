"""The printed report: the decision on one page, one page a step, then what it rests on. Pure functions.

The faces show everything; here stands what a reader on paper needs, and the rest lies beside it as files.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from advisor.core.draws import summary
from advisor.core.exhibits import Bars, Drawing
from advisor.core.wording import amount, number
from advisor.decide.measuring import tornado
from advisor.decide.option import Decision, Option
from advisor.scenario import Scenario, untouched
from advisor.steps import final_option
from advisor.system.case import Case
from advisor.view import faces, first, glance, tables
from advisor.view.html import items, tag, text
from advisor.view.opening import else_to_measure, next_things
from advisor.view.plan import answers_table, heading, reading, waterfall
from advisor.view.texts import CONFIDENCE, STEP_TITLES, flips_to, plainly, rule_name, spoken

REASONS = 4
WARNINGS = 3
NEAREST = 2  # flips of a step on the page of assumptions
OPTIONS = 4
BARS = 6  # of a chart on paper, more of which could not be read
RULES = 3
DRIVERS = 8
NAMES = re.compile(r": [a-z_]+\.[\w.\-]+(?:, [a-z_]+\.[\w.\-]+)*(?: and \d+ more)?")
FIGURES = re.compile(r"\d[\d.,\-]*")


def plan_page(decisions: Sequence[Decision], case: Case) -> str:
    """What is decided, what it takes, what to do first: the first page."""
    plan = final_option(case, decisions)
    parts = [
        tag("p", text(faces.about(case)), class_="adv-step"),
        tag("h2", text(heading(decisions, case))),
        tag("p", text(case.given.description)) if case.given.description else "",
        faces.cards(plan.year, plan.accepted, case) if plan else "",
        answers_table(decisions, case, told=False),
    ]
    if plan:
        parts.append(next_things(plan, decisions, case))
        parts.append(faces.figure(waterfall(plan), "plan"))
    return _page("plan", "The plan", parts)


def step_page(decision: Decision, case: Case, told: Collection[str] = ()) -> str:
    """One decision on one page, without the warnings ``told`` elsewhere."""
    name, parts = decision.step, [faces.headline(decision, case)]
    if decision.choice is not None:
        parts.append(glance.strip(decision.choice.year))
        chart = faces.main_chart(decision, case)
        said = tag("div", tag("h3", "What would change it"), _flips(decision), class_="adv-flips")
        why = tag("h3", "Why") + tables.sentences(decision.reasons[:REASONS]) if decision.reasons else ""
        parts.append(tag("div", said, tag("div", why), class_="adv-main adv-why"))
        parts.append(faces.figure(_best(chart, decision), name) if chart else "")
        parts.append(tables.options_table(decision, case, OPTIONS))
    parts.append(_fallen(decision))
    mind = [one for one in grouped({name: decision.warnings}) if one[0] not in told][:WARNINGS]
    if mind:
        parts.append(tag("h3", "Keep in mind") + items(text(said) for said, _ in mind))
    return _page(name, STEP_TITLES[name], parts)


def _best(chart: Drawing, decision: Decision) -> Drawing:
    """Of bars too many to be read on paper, those of the best options: the choice first."""
    if not isinstance(chart, Bars) or len(chart.bars) <= BARS:
        return chart
    titles = [option.title for option in tables.ranked(decision)]
    order = sorted(range(len(chart.bars)), key=lambda bar: _rank(chart.bars[bar], titles))[:BARS]

    def kept(row: Sequence[float]) -> tuple[float, ...]:
        return tuple(row[bar] for bar in order)

    low, high = (None if ends is None else kept(ends) for ends in (chart.low, chart.high))
    return replace(
        chart, bars=tuple(chart.bars[bar] for bar in order), values=tuple(map(kept, chart.values)),
        low=low, high=high,
        note=f"{chart.note} The best {BARS} of {len(chart.bars)}.".strip(),
    )  # fmt: skip


def _rank(bar: str, titles: Sequence[str]) -> int:
    return titles.index(bar) if bar in titles else len(titles)


def assumptions_page(decisions: Sequence[Decision], case: Case) -> str:
    """The assumptions that mattered: what would flip a choice, what drives the range, what is one's own."""
    plan = final_option(case, decisions)
    used = frozenset().union(*(decision.evidence for decision in decisions))
    left = len(untouched(case.given))
    both = shared(decisions)
    rest = f"{left} inputs are defaults that nobody has confirmed; the workbook lists each." if left else ""
    further = else_to_measure(plan, decisions, case) if plan else ""
    parts = [
        tag("h2", "Assumptions that mattered"),
        _flipping(decisions, case.given),
        _own(case),
        _drivers(plan, case) if plan else "",
        tag("h3", "What else to measure") + further if further else "",
        tag("h3", "Keep in mind, in more than one step") + tables.sentences(both) if both else "",
        tag("p", text(rest), class_="adv-muted"),
        tag("p", text(reading(case)), class_="adv-muted"),
    ]
    return _page("assumptions", "Assumptions", [*parts, tag("h2", "Sources"), tables.sources(used, case)])


def _page(name: str, label: str, parts: Iterable[str]) -> str:
    article = tag("article", *parts, class_="adv mathjax_ignore", aria_label=label)
    return tag("section", article, id=f"page-{name}")


def grouped(warnings: Mapping[str, Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Warnings once each, without the names of single figures, with the steps they hold for.

    Those that differ in their figures alone are one: the first of them is shown.
    """
    shown: dict[str, str] = {}
    steps: dict[str, list[str]] = defaultdict(list)
    for step, found in warnings.items():
        for said in found:
            plain = NAMES.sub("", said)
            key = FIGURES.sub("#", plain).replace("prices were", "price was")
            shown.setdefault(key, plain)
            if step not in steps[key]:
                steps[key].append(step)
    return [(said, tuple(steps[key])) for key, said in shown.items()]


def shared(decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Warnings that hold in more than one step."""
    found = grouped({STEP_TITLES[one.step]: one.warnings for one in decisions})
    return tuple(said for said, steps in found if len(steps) > 1)


def _flips(decision: Decision) -> str:
    flips = decision.flips[: faces.FLIPS_SHOWN]
    return items(map(glance.flip_said, flips)) if flips else tag("p", text(glance.NO_FLIP))


def _fallen(decision: Decision) -> str:
    """Which rule struck how many options, and what would bring them back."""
    groups: dict[str, list[str]] = defaultdict(list)
    alone: dict[str, int] = defaultdict(int)
    remedies: dict[str, str] = {}
    for option, failed in decision.eliminated:
        rule = failed[0].rule
        groups[rule].append(option.title)
        alone[rule] += len(failed) == 1
        if failed[0].remedy:
            remedies.setdefault(rule, spoken(failed[0].remedy))
    rows = [
        [
            text(rule_name(rule)),
            text(f"{len(titles)}, {alone[rule]} by this rule alone"),
            text("; ".join(dict.fromkeys(titles[:2])) + (" …" if len(titles) > 2 else "")),
            text(remedies.get(rule, "")),
        ]
        for rule, titles in sorted(groups.items(), key=lambda group: -len(group[1]))[:RULES]
    ]
    if not rows:
        return ""
    columns = ("Rule", "Options out", "Such as", "To bring them back")
    return tables.grid(f"Ruled out: {len(decision.eliminated)} of {len(decision.options)}", columns, rows)


def _flipping(decisions: Sequence[Decision], scenario: Scenario) -> str:
    defaults = set(untouched(scenario))
    rows = []
    for decision in decisions:
        for flip in decision.flips[:NEAREST]:
            owner = scenario.owners.get(flip.path, "")
            state = "default, nobody's yet" if flip.path in defaults else owner or "set, no owner named"
            rows.append(
                [
                    text(flip.label),
                    text(plainly(flip.present)),
                    text(plainly(flip.flips_at)),
                    text(f"{STEP_TITLES[decision.step]}: {flips_to(flip)}"),
                    text(state),
                ]
            )
    columns = ("Input", "Now", "Flips at", "Then", "Whose")
    note = "The nearest change of one input that changes a choice, step by step."
    return tables.grid("What would flip a choice", columns, rows, note) if rows else ""


def _own(case: Case) -> str:
    rows = [
        [
            text(name),
            text(f"{number(own.central)} ({number(own.low)} to {number(own.high)}) {own.unit}"),
            text(f"{number(case.shipped.coefficient(name).central)} {case.shipped.coefficient(name).unit}"),
            text(own.owner),
            text(own.reason),
        ]
        for name, own in sorted(case.given.overrides.items())
    ]
    return (
        tables.grid("Figures of your own", ("Figure", "Yours", "Shipped", "Owner", "Because"), rows)
        if rows
        else ""
    )


def _drivers(plan: Option, case: Case) -> str:
    """The figures whose range moves the plan's carbon most, each low and high, the others as drawn."""
    rows = []
    for name, low, high in tornado(case, plan.evidence, plan.year["carbon"])[:DRIVERS]:
        figure = case.catalogue.coefficient(name)
        badge = tag(
            "span", CONFIDENCE[figure.confidence.value], class_=f"adv-badge adv-{figure.confidence.value}"
        )
        rows.append(
            [
                text(first.in_words(case, name)) + tag("small", tag("code", text(name))),
                text(f"{tables.spread(figure)} {figure.unit}"),
                text(f"{amount(low, 'kgCO2e')} – {amount(high, 'kgCO2e')}"),
                badge,
            ]
        )
    low, _, high = summary(plan.year["carbon"])
    columns = ("Figure", "Value (80 % interval)", "Plan's carbon a year, mean", "Confidence")
    whole = tables.between(low, high, "kgCO2e")
    note = f"Where it is low and where it is high. Of all draws, 8 in 10 lie in {whole}."
    return tables.grid("What the range of the plan's carbon comes from", columns, rows, note)


def pages(decisions: Sequence[Decision], case: Case) -> str:
    """All pages, in the order they are printed."""
    told = shared(decisions)
    steps = (step_page(decision, case, told) for decision in decisions)
    return "".join([plan_page(decisions, case), *steps, assumptions_page(decisions, case)])


def titles() -> dict[str, str]:
    """The pages by the name of their section."""
    return {"plan": "Plan", **STEP_TITLES, "assumptions": "Assumptions and sources"}
