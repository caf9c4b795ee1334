"""What to do first, and what to measure next, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Waterfall
from advisor.core.wording import amount, number, share
from advisor.decide.choosing import year_of
from advisor.decide.do_first import Done, abatement
from advisor.decide.measuring import Worth
from advisor.decide.option import Option
from advisor.steps import step
from advisor.steps.foundation_model.explain import floor_at_stake
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS
from advisor.view import tables
from advisor.view.html import tag, text

FIRST = 3  # as many as one remembers
WORTH_WORK = 0.01  # share of the carbon or money of before, below which a change is not named first
NARROWER = 0.95  # of the range, above which it is as good as before
WORTH_POINTS = 0.5  # of 100 answers
NAMED = ("model", "technique", "serving", "place")  # whose title does not say what it changes to
CARBON, COST, WATER = (CONCERNS.index(name) for name in ("carbon", "cost", "water"))
SHOWN = ((CARBON, "kgCO2e"), (COST, "USD"), (WATER, "L"))


def first_things(case: Case, done: Sequence[Done]) -> str:
    """The first few changes, each with what it brings and the work it takes; nothing where none is left.

    What brings less than ``WORTH_WORK`` of the carbon and the money of before, and no better answers, comes
    after what brings more, and says so.
    """
    if not done:
        return tag("p", "Nothing runs that would have to change: start with the plan as it stands.")
    told = [(_told(case, one), one) for one in done]
    worth = [said for said, _ in told if said]
    if not worth:
        return tag("p", "What would have to change brings too little to come first: see the whole way.")
    entries = [*worth, *(_little(case, one) for said, one in told if not said)][:FIRST]
    return _start(case, done[0]) + tag("ol", *(tag("li", said) for said in entries), class_="adv-first")


def _start(case: Case, one: Done) -> str:
    """What the savings are counted from, where nobody says what runs today."""
    if case.given.today is not None:
        return ""
    model = step("foundation_model").title(case.centre, one.before)
    run = step("deployment").title(case.centre, one.before)
    return tag("p", text(f"From {model}, {run}:"), class_="adv-muted")


def _told(case: Case, one: Done) -> str:
    """One change: from what to what, what it brings, the work; empty where it brings next to nothing."""
    year = year_of(case.centre, one.before)
    brought = []
    for verb, sign in (("saves", 1.0), ("takes", -1.0)):
        told = [
            amount(sign * float(one.saved[place, 0]), unit)
            for place, unit in ((CARBON, "kgCO2e"), (COST, "USD"))
            if sign * one.saved[place, 0] > 0 and sign * one.saved[place, 0] >= WORTH_WORK * year[place, 0]
        ]
        if told:
            brought.append(f"{verb} {', '.join(told)} a year")
    points = 100.0 * (
        central(billing.quality(case.centre, one.after)) - central(billing.quality(case.centre, one.before))
    )
    if abs(points) >= WORTH_POINTS:
        brought.append(f"{number(round(abs(points)))} {'more' if points > 0 else 'fewer'} of 100 accepted")
    if not brought:
        return ""
    moved = ""
    if one.measure.key in NAMED:
        before, after = (step(one.measure.step).title(case.centre, plan) for plan in (one.before, one.after))
        moved = f" ({before} → {after})" if before != after else ""
    return _titled(case, one) + text(f"{moved}: {'; '.join(brought)}; ") + _work(one)


def _little(case: Case, one: Done) -> str:
    """A change that is part of the way and brings next to nothing by itself."""
    return _titled(case, one) + text(f": under {share(WORTH_WORK)}, no hurry; ") + _work(one)


def _titled(case: Case, one: Done) -> str:
    return tag("strong", text(str(case.catalogue.row("measures", one.measure.key)["title"])))


def _work(one: Done) -> str:
    return f"{number(one.hours)} {tag('abbr', 'h', title='hours of work')}."


def all_things(case: Case, done: Sequence[Done]) -> str:
    """Every change on the way, its saving then and when all others are done; the savings add up."""
    rows = []
    for one in done:
        row = case.catalogue.row("measures", one.measure.key)
        last = "; ".join(sorted({gate.rule.replace("_", " ") for gate in one.stops}))
        rows.append([
            text(str(row["title"])) + tag("small", text(str(row["how"]))),
            *(_saved(one.saved[place, 0], unit) for place, unit in SHOWN),
            _saved(one.left[CARBON, 0], "kgCO2e"),
            text(f"{number(100 * one.sure)} %"),
            text(f"{number(one.hours)} h"),
            text(str(row["stacks"])) + (tag("small", text(f"On the way it fails: {last}.")) if last else ""),
        ])  # fmt: skip
    sums = np.sum([one.saved[:, 0] for one in done], axis=0)
    rows.append([
        tag("strong", "All together"),
        *(_saved(sums[place], unit) for place, unit in SHOWN),
        "", "", text(f"{number(sum(one.hours for one in done))} h"), "",
    ])  # fmt: skip
    columns = (
        "Change", "Saves carbon a year", "Saves cost a year", "Saves water a year",
        "Carbon it saves when all else is done", "Saves carbon in", "Work", "How it stacks",
    )  # fmt: skip
    return tables.grid(
        "From today to the plan",
        columns,
        rows,
        "In order of what an hour of work brings by your priorities. Hours are a start: put your own.",
    )


def _saved(value: float, unit: str) -> str:
    return text(("−" if value < 0 else "") + amount(abs(float(value)), unit))


def abatement_table(case: Case, done: Sequence[Done]) -> str:
    """What a tonne saved costs, measure by measure: negative where it saves money too."""
    rows = [
        [text(str(case.catalogue.row("measures", measure.key)["title"])), _saved(saved, "kgCO2e"),
         text(("−" if price < 0 else "") + f"{amount(abs(price), 'USD')} a tonne")]
        for measure, saved, price in abatement(done)
    ]  # fmt: skip
    if not rows:
        return ""
    note = "Cheapest first. Below zero it saves money as well."
    return tables.grid("What a tonne saved costs", ("Change", "Saves a year", "Costs"), rows, note)


def way_down(case: Case, done: Sequence[Done], start: float) -> Waterfall:
    """The carbon of today, what each change takes off, and the plan's own figure at the end."""
    titles = (str(case.catalogue.row("measures", one.measure.key)["title"]) for one in done)
    return Waterfall(
        "way",
        "From today to the plan",
        "kg CO₂e a year, operational (location-based) and embodied",
        ("Today", *titles),
        (start, *(-float(one.saved[CARBON, 0]) for one in done)),
        "The plan",
    )


def measuring(case: Case, worth: Worth | None) -> str:
    """The one thing to measure next: what, how, who knows, and what it would narrow."""
    if worth is None:
        return ""
    row = _row(case, worth.name)
    said = tag("strong", text(in_words(case, worth.name)), title=worth.name)
    now, then = (" to ".join(amount(end, "kgCO2e") for end in ends) for ends in (worth.now, worth.then))
    brings = []
    if worth.narrowed < NARROWER:
        brings.append(f"near its central value the plan's range would be {then} instead of {now}")
    if worth.spared > 0:
        part = worth.spared / worth.regret if worth.regret > 0 else 0.0
        brings.append(f"knowing it spares {share(part)} of what choosing now is expected to lose")
    parts = [said]
    if brings:
        told = "; ".join(brings)
        parts.append(text(f"{told[0].upper()}{told[1:]}."))
    if row:
        parts.append(text(f"How: {row['how']}. Ask {row['who']}."))
    return tag("p", "<br>".join(parts), class_="adv-measure")


def in_words(case: Case, name: str) -> str:
    """What a figure is about, by how it is measured; its name where nothing says so."""
    row = _row(case, name)
    what = str(row["what"]) if row else name
    return what[0].upper() + what[1:]


def _row(case: Case, name: str) -> Mapping[str, Any] | None:
    rows = (case.catalogue.row("measuring", key) for key in case.catalogue.keys("measuring"))
    return next((row for row in rows if _fits(row, name)), None)


def _fits(row: Mapping[str, Any], name: str) -> bool:
    """Whether a row says how a figure is measured: by how its name starts, and what else it holds."""
    return name.startswith(str(row["starts"])) and str(row.get("holds") or "") in name


def judging(case: Case, plan: Option) -> str:
    """The answers to judge before anything is built, where nobody knows that the floor holds; else empty."""
    told = floor_at_stake(case, plan)
    if not told:
        return ""
    row = case.catalogue.row("measuring", "quality_own")
    knows = f"Ask {row['who']}."
    said = tag("strong", "Whether enough answers are accepted") + "<br>" + text(told)
    return tag("p", f"{said}<br>{text(knows)}", class_="adv-measure")


def carbon_of(year: np.ndarray) -> float:
    """The central carbon of a year of concerns [kgCO2e]."""
    return central(year[CARBON])
