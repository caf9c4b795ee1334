"""What to do first, and what to measure next, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Waterfall
from advisor.core.wording import amount, number
from advisor.decide.do_first import Done, abatement
from advisor.decide.measuring import Worth
from advisor.decide.scoring import CONCERNS
from advisor.system.case import Case
from advisor.view import tables
from advisor.view.html import tag, text
from advisor.view.texts import CARDS

FIRST = 3  # as many as one remembers
CARBON, COST, WATER = (CONCERNS.index(name) for name in ("carbon", "cost", "water"))
SHOWN = ((CARBON, "kgCO2e"), (COST, "USD"), (WATER, "L"))


def first_things(case: Case, done: Sequence[Done]) -> str:
    """The first few changes, each with what it saves and the work it takes; nothing where none is left."""
    if not done:
        return tag("p", "Nothing runs that would have to change: start with the plan as it stands.")
    entries = (tag("li", _told(case, one)) for one in done[:FIRST])
    return tag("ol", *entries, class_="adv-first")


def _told(case: Case, one: Done) -> str:
    title = str(case.catalogue.row("measures", one.measure.key)["title"])
    saves = "; ".join(
        f"{'saves' if value >= 0 else 'takes'} {amount(abs(value), unit)} {what}"
        for value, unit, what in (
            (float(one.saved[CARBON, 0]), CARDS["carbon"][1], "a year"),
            (float(one.saved[COST, 0]), CARDS["cost"][1], "a year"),
        )
    )
    work = f"about {number(one.hours)} hours of work"
    return tag("strong", text(title)) + text(f": {saves}; {work}.")


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
    row = next(
        (case.catalogue.row("measuring", key) for key in case.catalogue.keys("measuring")
         if worth.name.startswith(str(case.catalogue.row("measuring", key)["starts"]))), None,
    )  # fmt: skip
    what = str(row["what"]) if row else worth.name
    said = [tag("strong", text(what[0].upper() + what[1:])), tag("code", text(worth.name))]
    now, then = (" to ".join(amount(end, "kgCO2e") for end in ends) for ends in (worth.now, worth.then))
    narrows = f"near its central value the plan's range would be {then} instead of {now}"
    if worth.spared > 0:
        share = worth.spared / worth.regret if worth.regret > 0 else 0.0
        narrows += f"; it spares {number(100 * share)} % of what choosing now is expected to lose"
    parts = [" ".join(said), text(f"{narrows[0].upper()}{narrows[1:]}.")]
    if row:
        parts.append(text(f"How: {row['how']}. Who knows: {row['who']}."))
    return tag("p", "<br>".join(parts), class_="adv-measure")


def carbon_of(year: np.ndarray) -> float:
    """The central carbon of a year of concerns [kgCO2e]."""
    return central(year[CARBON])
