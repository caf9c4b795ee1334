"""What to do first, and what to measure next, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Waterfall
from advisor.core.saying import capital, joined, say
from advisor.core.wording import amount, number, share, spaced
from advisor.decide.choosing import year_of
from advisor.decide.do_first import Done, abatement
from advisor.decide.evenness import negligible, negligible_share
from advisor.decide.measuring import Worth
from advisor.decide.option import Option
from advisor.steps import step
from advisor.steps.foundation_model.explain import floor_at_stake
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS
from advisor.system.rule_names import rule_words
from advisor.view import tables
from advisor.view.html import coded, tag, text
from advisor.view.key_texts import FIGURES

FIRST = 3  # as many as one remembers
NARROWER = 0.95  # of the range, above which it is as good as before
WORTH_POINTS = 0.5  # of 100 answers
# whose title does not say what it changes to
NAMED = ("model", "model_and_serving", "technique", "serving", "place")
CARBON, COST, WATER = (CONCERNS.index(name) for name in ("carbon", "cost", "water"))
SHOWN = ((CARBON, "kgCO2e"), (COST, "USD"), (WATER, "L"))


def first_things(case: Case, done: Sequence[Done]) -> str:
    """The first few changes, each with what it brings and the work it takes; nothing where none is left.

    What brings as little of the carbon and the money of before as is told as none between two plans, and no
    better answers, is part of the way but nothing to do first.
    """
    if not done:
        return tag("p", say("Nothing runs that would have to change: start with the plan as it stands."))
    worth = [said for one in done if (said := _told(case, one))]
    if not worth:
        return tag("p", say("What would have to change brings too little to come first: see the whole way."))
    entries = (tag("li", said) for said in worth[:FIRST])
    return _start(case, done[0]) + tag("ol", *entries, class_="adv-first")


def _start(case: Case, one: Done) -> str:
    """What the savings are counted from, where nobody says what runs today."""
    if case.given.today is not None:
        return ""
    model = step("foundation_model").title(case.centre, one.before)
    run = step("deployment").title(case.centre, one.before)
    start = say("where teams often start: the most capable model that passes")
    said = tag(
        "abbr", text(say("From {model}, {run}:", model=model, run=run)), title=start,
        data_on_paper=say(" {start}", start=start),
    )  # fmt: skip
    return tag("p", said, class_="adv-muted adv-first")


def _told(case: Case, one: Done) -> str:
    """One change: from what to what, what it brings, the work; empty where it brings next to nothing."""
    year, least, share_of = year_of(case.centre, one.before), negligible(case), negligible_share(case)
    brought = []
    for sentence, sign in ((_saves, 1.0), (_takes, -1.0)):
        told = [
            amount(sign * float(one.saved[place, 0]), unit)
            for place, unit in ((CARBON, "kgCO2e"), (COST, "USD"))
            if sign * one.saved[place, 0] > max(share_of * year[place, 0], least[place])
        ]
        if told:
            brought.append(sentence(joined(", ", told)))
    points = 100.0 * (
        central(billing.quality(case.centre, one.after)) - central(billing.quality(case.centre, one.before))
    )
    if abs(points) >= WORTH_POINTS:
        count = number(round(abs(points)))
        brought.append(
            say("{count} more of 100 accepted", count=count)
            if points > 0
            else say("{count} fewer of 100 accepted", count=count)
        )
    if not brought:
        return ""
    moved = ""
    if one.measure.key in NAMED:
        before, after = (step(one.measure.step).title(case.centre, plan) for plan in (one.before, one.after))
        moved = say(" ({before} → {after})", before=before, after=after) if before != after else ""
    said = say("{moved}: {brought}; ", moved=moved, brought=joined("; ", brought))
    return _titled(case, one) + text(said) + _work(one)


def _saves(what: str) -> str:
    return say("saves {what} a year", what=what)


def _takes(what: str) -> str:
    return say("takes {what} a year", what=what)


def _titled(case: Case, one: Done) -> str:
    return tag("strong", text(case.catalogue.row("measures", one.measure.key)["title"]))


def _work(one: Done) -> str:
    unit = tag("abbr", "h", title=say("hours of work"), data_on_paper=say(" of work"))
    return text(number(one.hours)) + " " + unit + "."


def all_things(case: Case, done: Sequence[Done]) -> str:
    """Every change on the way, its saving then and when all others are done; the savings add up."""
    rows = []
    for one in done:
        row = case.catalogue.row("measures", one.measure.key)
        stops = joined("; ", sorted({rule_words(gate.rule) for gate in one.stops}))
        stacks = text(row["stacks"])
        if stops:
            stacks += tag("small", say("On the way it fails: {rules}.", rules=stops))
        rows.append([
            text(row["title"]) + tag("small", text(row["how"])),
            *(_saved(one.saved[place, 0], unit) for place, unit in SHOWN),
            _saved(one.left[CARBON, 0], "kgCO2e"),
            text(say("{sure} %", sure=number(100 * one.sure))),
            text(say("{hours} h", hours=number(one.hours))),
            stacks,
        ])  # fmt: skip
    sums = np.sum([one.saved[:, 0] for one in done], axis=0)
    rows.append([
        tag("strong", say("All together")),
        *(_saved(sums[place], unit) for place, unit in SHOWN),
        "", "", text(say("{hours} h", hours=number(sum(one.hours for one in done)))), "",
    ])  # fmt: skip
    columns = (
        say("Change"),
        say("Saves carbon a year"),
        say("Saves cost a year"),
        say("Saves water a year"),
        say("Carbon it saves when all else is done"),
        say("Saves carbon in"),
        say("Work"),
        say("How it stacks"),
    )
    return tables.grid(
        say("From today to the plan"),
        columns,
        rows,
        say(
            "What mends a broken rule comes first; then in order of what an hour of work brings by your "
            "priorities, a change that breaks a rule on the way together with the one that mends it. Hours "
            "are a start: put your own."
        ),
    )


def _saved(value: float, unit: str) -> str:
    return text(_signed(value, amount(abs(float(value)), unit)))


def _signed(value: float, shown: str) -> str:
    return "−" + shown if value < 0 else shown


def abatement_table(case: Case, done: Sequence[Done]) -> str:
    """What a tonne saved costs, measure by measure: negative where it saves money too."""
    rows = [
        [text(case.catalogue.row("measures", measure.key)["title"]), _saved(saved, "kgCO2e"),
         text(_signed(price, say("{price} a tonne", price=amount(abs(price), "USD"))))]
        for measure, saved, price in abatement(done)
    ]  # fmt: skip
    if not rows:
        return ""
    note = say("Cheapest first. Below zero it saves money as well.")
    return tables.grid(
        say("What a tonne saved costs"), (say("Change"), say("Saves a year"), say("Costs")), rows, note
    )


def way_down(case: Case, done: Sequence[Done], start: float) -> Waterfall:
    """The carbon of today, what each change takes off, and the plan's own figure at the end."""
    titles = (case.catalogue.row("measures", one.measure.key)["title"] for one in done)
    return Waterfall(
        "way",
        say("From today to the plan"),
        say("kg CO₂e a year, operational (location-based) and embodied"),
        (say("Today"), *titles),
        (start, *(-float(one.saved[CARBON, 0]) for one in done)),
        say("The plan"),
    )


def measuring(case: Case, worth: Worth | None) -> str:
    """The one thing to measure next: what, how, who knows, and what it would narrow."""
    if worth is None:
        return ""
    row = _row(case, worth.name)
    said = tag("strong", text(in_words(case, worth.name))) + " " + tag("small", tag("code", text(worth.name)))
    now, then = (
        say("{low} to {high}", low=amount(low, "kgCO2e"), high=amount(high, "kgCO2e"))
        for low, high in (worth.now, worth.then)
    )
    brings = []
    if worth.narrowed < NARROWER:
        brings.append(
            say(
                "near its central value the plan's range would be {then} instead of {now}", then=then, now=now
            )
        )
    if worth.spared > 0:
        part = worth.spared / worth.regret if worth.regret > 0 else 0.0
        brings.append(
            say("knowing it spares {part} of what choosing now is expected to lose", part=share(part))
        )
    parts = [said]
    if brings:
        parts.append(text(capital(joined("; ", brings)) + "."))
    if row:
        parts.append(coded(say("How: {how}. Ask {who}.", how=row["how"], who=row["who"])))
    return tag("p", "<br>".join(parts), class_="adv-measure")


def in_words(case: Case, name: str) -> str:
    """What a figure is about, by how it is measured, else by the table it stands in; the name says which."""
    row = _row(case, name)
    return capital(row["what"] if row else FIGURES.get(name.partition(".")[0]) or spaced(name))


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
    parts = (
        tag("strong", say("Whether enough answers are accepted")),
        text(told),
        text(say("Ask {who}.", who=row["who"])),
    )
    return tag("p", "<br>".join(parts), class_="adv-measure")


def carbon_of(year: np.ndarray) -> float:
    """The central carbon of a year of concerns [kgCO2e]."""
    return central(year[CARBON])
