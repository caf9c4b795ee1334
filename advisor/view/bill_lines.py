"""From a figure to what it is made of: the lines of a plan's bill. Pure functions.

Each line has its formula in words and numbers, and the figures it rests on with source, date and confidence.
What is the same figure of many places, or of many machines, is one row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from advisor.core.draws import central
from advisor.core.evidence import Coefficient, Confidence
from advisor.core.saying import capital, dated, joined, say
from advisor.core.wording import UNKNOWN, amount, in_years, number
from advisor.decide.option import Option
from advisor.system.bill import MONTHS_PER_YEAR, Line, Phase
from advisor.system.case import Case
from advisor.system.regions import place_name
from advisor.view import tables
from advisor.view.html import folded, tag, text
from advisor.view.key_texts import unit_words
from advisor.view.texts import CARDS, CONFIDENCE, STEP_TITLES

FEW = 3  # more than these of one kind are told together
EACH = say(" each with its range under Where these numbers come from")
HOW_OFTEN: dict[Phase, str] = {
    "once": say("once"), "standing": say("a month"), "per_request": say("a request"),
}  # fmt: skip


def bill_lines(option: Option, first: str = "") -> str:
    """Every line of the plan, those of step ``first`` before the others, the heaviest first."""
    case = option.case
    years = [(line, line.per_year(case)) for line in option.bill]
    years.sort(key=lambda pair: (pair[0].step != first, -central(pair[1]["carbon"])))
    said = say(
        "Every figure above is the sum of these lines, at central values. Open one to see its formula."
    )
    entries = []
    for line, year in years:
        carbon, cost = (amount(central(year[name]), CARDS[name][1]) for name in ("carbon", "cost"))
        title = say(
            "{what}, {step}: {carbon} and {cost} a year",
            what=line.what,
            step=STEP_TITLES[line.step].lower(),
            carbon=carbon,
            cost=cost,
        )
        entries.append(folded(capital(title), _made_of(line, case)))
    return tag("p", text(said), class_="adv-muted") + "".join(entries)


def _made_of(line: Line, case: Case) -> str:
    times = _times(line, case)
    rows = []
    for name, (heading, unit) in CARDS.items():
        each, year = central(line.footprint[name]), central(line.per_year(case)[name])
        formula = say(
            "{each} {how_often} {times} = {year} a year",
            each=amount(each, unit),
            how_often=HOW_OFTEN[line.phase],
            times=times,
            year=amount(year, unit),
        )
        rows.append([text(heading), text(formula if np.isfinite(year) else UNKNOWN)])
    resource = capital(line.resource.said)
    thing = joined(", ", (resource, place_name(case, line.place)) if line.place else (resource,))
    told = tag("p", text(say("{thing}: {quantity}.", thing=thing, quantity=quantity(line))))
    figures = list(_figures(line.evidence, case))
    columns = (say("Figure"), say("Value (80 % interval)"), say("Source"), say("Checked"), say("Confidence"))
    return (
        told
        + tables.grid(say("How a year comes about"), (say("Indicator"), say("Formula")), rows)
        + (tables.grid(say("What it rests on"), columns, figures) if figures else "")
    )


def quantity(line: Line) -> str:
    """How much of its resource a line takes, and how often."""
    return say(
        "{figure} {unit} {how_often}",
        figure=number(central(line.quantity)),
        unit=unit_words(line.unit),
        how_often=HOW_OFTEN[line.phase],
    )


def _times(line: Line, case: Case) -> str:
    if line.phase == "once":
        return say("÷ {span}", span=in_years(case.scenario.timing.horizon_years))
    if line.phase == "standing":
        return say("× {months} months", months=number(MONTHS_PER_YEAR))
    return say("× {requests} requests a year", requests=number(central(case.workload.requests_per_year)))


def _figures(names: Collection[str], case: Case) -> Iterator[list[str]]:
    """A row for each figure; one for all of a kind where more than a few things have it."""
    kinds = defaultdict[tuple[str, ...], list[Coefficient]](list)
    for name in sorted(names):
        table, _, *kind = name.split(".")
        figure = case.catalogue.coefficient(name)
        kinds[(table, *kind, figure.unit) if kind else (name,)].append(figure)
    for alike in kinds.values():
        own = [one for one in alike if one.confidence is Confidence.OVERRIDE]
        others = [one for one in alike if one.confidence is not Confidence.OVERRIDE]
        if len(others) <= FEW:
            own, others = alike, []
        yield from (_figure(one, case) for one in own)
        if others:
            yield _together(others, case)


def _together(alike: Sequence[Coefficient], case: Case) -> list[str]:
    table, _, *kind = alike[0].name.split(".")
    keys = ", ".join(one.name.split(".")[1] for one in alike[:FEW])
    unit = unit_words(alike[0].unit)
    low, high = min(one.central for one in alike), max(one.central for one in alike)
    sources = dict.fromkeys(key for one in alike for key in one.sources)
    confidences = dict.fromkeys(CONFIDENCE[one.confidence.value] for one in alike)
    return [
        tag("code", text(".".join((table, "*", *kind))))
        + tag("small", text(say(" of {count}: {keys} …", count=len(alike), keys=keys))),
        text(say("{low} to {high} {unit}, central", low=number(low), high=number(high), unit=unit))
        + tag("small", text(EACH)),
        "; ".join(tables.source(key, case) for key in sources),
        text(say("{day} or later", day=dated(min(one.checked for one in alike)))),
        text(joined(", ", confidences)),
    ]


def _figure(figure: Coefficient, case: Case) -> list[str]:
    press = tag(
        "button", say("Use your own"), type="button", class_="adv-own-link", data_own=figure.name,
        aria_label=say("Use your own in place of {name}", name=figure.name),
    )  # fmt: skip
    return [
        tag("code", text(figure.name)) + press,  # shown where there is a form to put one's own in
        text(tables.with_unit(figure)),
        "; ".join(tables.source(key, case) for key in figure.sources),
        text(dated(figure.checked)),
        text(CONFIDENCE[figure.confidence.value]),
    ]
