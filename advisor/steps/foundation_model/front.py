"""The front of the model choice, the options that meet every rule, and what ruled the others out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from advisor.core.draws import Array, central, summary
from advisor.core.exhibits import Chart, Line, Mark, Table
from advisor.core.saying import joined, say
from advisor.decide.option import Decision, Option
from advisor.system.rule_names import rule_words

G_PER_KG = 1000.0
PER_THOUSAND = 1000.0
CHOSEN = say("chosen")
ROWS = 25  # as many as a table stays readable with


def knee(x: Array, y: Array) -> int | None:
    """The point of a front (x ascending) farthest above its chord; None with fewer than three.

    x is taken on a logarithmic scale, so that a doubling counts the same everywhere.
    """
    if len(x) < 3:
        return None
    across = (np.log(x) - np.log(x[0])) / max(np.log(x[-1]) - np.log(x[0]), 1e-12)
    up = (y - y[0]) / max(y[-1] - y[0], 1e-12)
    return int(np.argmax(up - across))


def front_of(x: Array, y: Array) -> list[int]:
    """Positions of the points that no other beats on less x and more y, x ascending."""
    best, kept = -np.inf, []
    for place in np.lexsort((-y, x)):
        if y[place] > best:
            best = y[place]
            kept.append(int(place))
    return kept


class Front(NamedTuple):
    """Options by carbon of an accepted answer [g] and share accepted [%]; places on the front, and its knee.

    ``knee``: the place of the option at it; None with fewer than three on the front.
    """

    grams: Array
    accepted: Array
    on_front: list[int]
    knee: int | None


def front(eligible: Sequence[Option]) -> Front:
    """The front of some options, and where it bends."""
    grams = np.array([central(option.accepted["carbon"]) * G_PER_KG for option in eligible])
    accepted = np.array([100.0 * central(option.quality) for option in eligible])
    on_front = front_of(grams, accepted)
    bend = knee(grams[on_front], accepted[on_front])
    return Front(grams, accepted, on_front, None if bend is None else on_front[bend])


def front_chart(decision: Decision, eligible: Sequence[Option]) -> Chart:
    """Share accepted against carbon of an accepted answer, with 80 % intervals and the knee."""
    grams = [summary(option.accepted["carbon"] * G_PER_KG) for option in eligible]
    shares = [tuple(100.0 * part for part in summary(option.quality)) for option in eligible]
    found = front(eligible)
    x, y, on_front = found.grams, found.accepted, found.on_front
    points = Line(
        say("models that meet every rule"),
        tuple(x),
        tuple(y),
        tuple(s[0] for s in shares),
        tuple(s[2] for s in shares),
        "points",
    )
    line = Line(say("front: no other is both better and lighter"), tuple(x[on_front]), tuple(y[on_front]))
    marks = []
    for place, roles in _roles(decision, eligible, found).items():
        low, _, high = grams[place] if roles[0] == CHOSEN else (None, None, None)
        label = joined(": ", (joined(", ", roles), eligible[place].title))
        marks.append(Mark(label, float(x[place]), low, high, float(y[place])))
    return Chart(
        "model_front",
        say("Answers accepted against carbon of an accepted answer"),
        say("g CO₂e per accepted answer (location-based, embodied included)"),
        say("answers accepted (%)"),
        (points, line),
        tuple(marks),
        log_x=True,
        note=say(
            "Bars are 80 % intervals. Past the knee each further point of quality costs much more carbon."
        ),
    )


def _roles(decision: Decision, eligible: Sequence[Option], found: Front) -> dict[int, list[str]]:
    """The options that are named in the chart, by their place, each with all that it is, the choice first."""
    keys = {option.key: place for place, option in enumerate(eligible)}
    places = (
        (CHOSEN, keys.get(decision.choice.key) if decision.choice else None),
        (say("next best"), keys.get(decision.runner_up.key) if decision.runner_up else None),
        (say("least carbon"), found.on_front[0]),
        (say("best answers"), found.on_front[-1]),
        (say("knee"), found.knee),
    )
    named: dict[int, list[str]] = {}
    for role, place in places:
        if place is not None:
            named.setdefault(place, []).append(role)
    return named


def options_table(decision: Decision, eligible: Sequence[Option]) -> Table:
    """The options that meet every rule, for a thousand accepted answers."""
    rows: list[tuple[str | float | None, ...]] = []
    for option in eligible[:ROWS]:
        low, middle, high = (100.0 * part for part in summary(option.quality))
        footprint = option.accepted * PER_THOUSAND
        energy, carbon, water, cost = (
            central(footprint[name]) for name in ("energy", "carbon", "water", "cost")
        )
        place = say("front") if option.key in decision.front else ""
        rows.append((option.title, low, middle, high, energy, carbon, water, cost,
                     100.0 * decision.p_best[option.key], place))  # fmt: skip
    more = len(eligible) - ROWS
    return Table(
        "models",
        say("Options that meet every rule, per 1,000 accepted answers"),
        (say("option"), say("accepted, low %"), say("accepted %"), say("accepted, high %"), say("energy kWh"),
         say("carbon kg CO₂e"), say("water L"), say("cost $"), say("best in % of draws"), say("front")),
        tuple(rows),
        say("Central case of the whole plan; low and high bound 80 %. "
            "A retry and a refused answer count in full.")
        + (say(" {more} more options are not shown.", more=more) if more > 0 else ""),
    )  # fmt: skip


def gates_table(decision: Decision) -> Table:
    """What each rule ruled out, and what would bring it back."""
    rows = tuple(
        (
            rule_words(one.rule),
            float(len(one.fallen)),
            joined(", ", (option.title for option, _ in one.fallen[:4]))
            + (" …" if len(one.fallen) > 4 else ""),
            one.fallen[0][1].remedy,
        )
        for one in decision.struck
    )
    return Table(
        "model_gates",
        say("What each rule ruled out"),
        (
            say("rule"),
            say("options ruled out"),
            say("such as"),
            say("what would bring the first back"),
        ),
        rows,
        say("Popularity and publisher are no criteria."),
    )
