"""A decision at a glance: what fits on one screen, the rest behind folds that are drawn when opened.

The web app shows these; the report shows the faces in full. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from advisor.core.draws import summary
from advisor.core.footprint import Footprint
from advisor.core.wording import amount, share
from advisor.decide.comparing import accepted, yearly
from advisor.outputs.plan_json import plan_total
from advisor.steps import taken
from advisor.system.case import Case
from advisor.system.option import Decision, Option
from advisor.view import faces, tables
from advisor.view.forms import choose, entry
from advisor.view.html import items, tag, text
from advisor.view.plan import render_plan
from advisor.view.texts import CARDS, STEP_TITLES, likelihood

BARS_SHOWN = 5
TITLE_LENGTH = 60
LOOKING = "Looking for the nearest change that would flip it …"
NO_FLIP = "No single input, moved up to a hundredfold, changes this choice."


def answer(decision: Decision, case: Case) -> str:
    """The answer: what, how sure, what it takes, and the best options side by side."""
    place = list(STEP_TITLES).index(decision.step) + 1 if decision.step in STEP_TITLES else 0
    step = tag("p", text(f"Step {place} · {decision.question}"), class_="adv-step")
    if decision.choice is None:
        headline = decision.headline or "No option passes every gate."
        said = tag("p", "Every option falls to a rule. Below: which, and what would bring it back.")
        return step + tag("h1", text(headline)) + tag("div", said, class_="adv-alert") + tables.ruled_out(decision)
    return (
        step
        + tag("h1", text(headline_of(decision)))
        + _sure(decision, case)
        + strip(yearly(decision.choice, case))
        + bars(decision, case)
    )


def headline_of(decision: Decision) -> str:
    """The first sentence of the answer; the rest stands below in figures."""
    title = decision.choice.title if decision.choice else ""
    said = (decision.headline or title).strip()
    first = title if title and said.startswith(title) else said.split(": ")[0].split(". ")[0]
    return first.rstrip(".") + "."


def _sure(decision: Decision, case: Case) -> str:
    chance = tag(
        "span", text(f"{likelihood(decision.confidence).capitalize()}, {share(decision.confidence)}"),
        class_="adv-badge adv-chance",
    )  # fmt: skip
    runner = f"Next: {_short(decision.runner_up.title)}" if decision.runner_up else "Nothing else passes the gates"
    recorded = case.scenario.decisions.get(decision.step)  # type: ignore[call-overload]
    mark = ""
    if recorded is not None:
        option = taken(case, decision)
        by = f" by {recorded.by}" if recorded.by else ""
        mark = tag("span", text(f"Recorded{by}: {option.title if option else recorded.choice}"), class_="adv-recorded")
    return tag("p", chance, " ", tag("span", text(runner), class_="adv-muted"), mark, class_="adv-choice")


def strip(per_year: Footprint) -> str:
    """The four indicators and the cost of a year, each with its range."""
    tiles = []
    for name, (heading, unit) in CARDS.items():
        low, median, high = summary(per_year[name])
        tiles.append(
            tag(
                "div",
                tag("dt", text(heading)),
                tag("dd", text(amount(median, unit)), class_="adv-figure"),
                tag("dd", text(tables.between(low, high, unit)), class_="adv-range"),
                class_=f"adv-tile adv-tile-{name}",
            )
        )
    return tag("dl", *tiles, class_="adv-strip", aria_label="A year, with the range of 8 in 10 draws")


def bars(decision: Decision, case: Case) -> str:
    """The carbon of the best options, best first, the choice in bold: a table that is a chart."""
    best = tables.ranked(decision)[:BARS_SHOWN]
    spreads = [summary(yearly(option, case)["carbon"]) for option in best]
    most = max((float(high) for _, _, high in spreads if np.isfinite(high)), default=0.0) or 1.0
    rows = [_bar(option, spread, most, decision) for option, spread in zip(best, spreads, strict=True)]
    eligible = sum(option.eligible for option in decision.options)
    caption = tag("caption", text(f"Carbon a year, best {'option' if eligible == 1 else 'options'} first"))
    head = tag("thead", tag("tr", *(tag("th", said, scope="col") for said in ("Option", "Range", "Middle"))))
    return tag("table", caption, head, tag("tbody", *rows), class_="adv-bars")


def _bar(option: Option, spread: Sequence[float], most: float, decision: Decision) -> str:
    low, median, high = map(float, spread)
    chosen = decision.choice is not None and option.key == decision.choice.key
    drawn = ""
    if np.isfinite(median):
        left, width = max(low, 0.0) / most, (high - max(low, 0.0)) / most
        drawn = tag("i", "", class_="adv-bar", style=f"width:{max(median, 0.0) / most:.2%}") + tag(
            "i", "", class_="adv-band", style=f"left:{left:.2%};width:{width:.2%}"
        )
    title = text(_short(option.title))
    name = tag("strong", title) + tag("span", " (the choice)", class_="adv-unseen") if chosen else title
    return tag(
        "tr",
        tag("th", name, scope="row", title=option.title),
        tag("td", drawn, class_="adv-track", aria_hidden="true"),
        tag("td", text(amount(median, "kgCO2e")), class_="adv-value"),
        class_="adv-best" if chosen else "adv-other",
    )


def _short(title: str) -> str:
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


def nearest_flip(decision: Decision, looked: bool) -> str:
    """The nearest change of one input that changes the choice; before it is known, that it is sought."""
    if decision.choice is None:
        return ""
    heading = tag("h2", "What would change it")
    if not looked:
        return heading + tag("p", text(LOOKING), class_="adv-muted")
    if not decision.flips:
        return heading + tag("p", text(NO_FLIP))
    flip = decision.flips[0]
    moved = f"{text(flip.label)}: {text(flip.present)} → {tag('strong', text(flip.flips_at))}"
    return heading + tag("p", moved, " gives ", tag("strong", text(flip.to)), ".")


def recorder(decision: Decision, case: Case) -> str:
    """The form that records a decision."""
    eligible = [(option.key, option.title) for option in tables.ranked(decision)]
    if not eligible:
        return ""
    recorded = case.scenario.decisions.get(decision.step)  # type: ignore[call-overload]
    chosen = recorded.choice if recorded else decision.choice.key if decision.choice else ""
    fields = (
        choose("choice", "Take", eligible, chosen)
        + entry("by", "Taken by", recorded.by if recorded else "")
        + entry("reason", "Because", recorded.reason if recorded else "")
    )
    return tag(
        "form", fields, tag("button", "Record this decision", type="submit", class_="adv-primary"),
        class_="adv-record", data_act="record",
    )  # fmt: skip


Body = Callable[[Decision, Case], str]


def _why(decision: Decision, case: Case) -> str:
    flips = decision.flips[1:]
    more = tag("h3", "Further changes that would flip it") if flips else ""
    shown = [
        f"{text(flip.label)}: {text(flip.present)} → {tag('strong', text(flip.flips_at))} gives {text(flip.to)}"
        for flip in flips
    ]
    return tag("p", text(decision.headline)) + items(map(text, decision.reasons)) + more + items(shown)


def _costs(decision: Decision, case: Case) -> str:
    if decision.choice is None:
        return ""
    per_year, per_answer = yearly(decision.choice, case), accepted(decision.choice, case)
    notes = items(map(text, decision.choice.notes))
    return faces.cards(per_year, per_answer, case) + tables.indicators_table(per_year, per_answer) + notes


def _compared(decision: Decision, case: Case) -> str:
    return tables.options_table(decision, case, None)


def _exhibits(decision: Decision, case: Case) -> str:
    return faces.exhibits(decision.exhibits, decision.step)


def _warnings(decision: Decision, case: Case) -> str:
    return items(map(text, decision.warnings)) or tag("p", "There is nothing to mind.")


def _ruled_out(decision: Decision, case: Case) -> str:
    return tables.ruled_out(decision) or tag("p", "No option falls to a rule.")


def _assumed(decision: Decision, case: Case) -> str:
    return tables.assumptions(case.scenario, faces.controls_of(decision.step)) or tag(
        "p", "Every input of this step is set."
    )


def _evidence(decision: Decision, case: Case) -> str:
    compared = [option.evidence for option in (decision.choice, decision.runner_up) if option is not None]
    return tables.evidence(frozenset().union(*compared) or decision.evidence, case)


# name of a fold -> (heading, what it holds)
FOLDS: Mapping[str, tuple[str, Body]] = {
    "why": ("Why", _why),
    "costs": ("Footprint and cost in full", _costs),
    "compared": ("Options compared", _compared),
    "exhibits": ("Charts, tables and files", _exhibits),
    "warnings": ("Mind", _warnings),
    "ruled_out": ("Ruled out, and what would bring it back", _ruled_out),
    "assumed": ("Defaults nobody has confirmed", _assumed),
    "evidence": ("Where these numbers come from", _evidence),
}


def folds(decision: Decision) -> str:
    """The folds of a step, empty until opened, with a count where it helps to choose."""
    out = sum(not option.eligible for option in decision.options)
    counts = {"warnings": len(decision.warnings), "ruled_out": out}
    shown = [fold(name, heading, counts.get(name)) for name, (heading, _) in FOLDS.items()]
    return "".join([*shown, fold("own", "Use a figure of your own")])


def fold(name: str, heading: str, count: int | None = None) -> str:
    """A fold whose content the page asks for when it is opened."""
    if count == 0:
        return ""
    said = heading if count is None else f"{heading} ({count})"
    body = tag("div", tag("p", "Working it out …", class_="adv-muted"), class_="adv-lazy", data_part=f"fold-{name}")
    return tag("details", tag("summary", tag("h2", text(said))), body, class_="adv-fold", data_fold=name)


def overview(decisions: Sequence[Decision], case: Case) -> str:
    """Every answer on one screen, with the plan's year."""
    return (
        tag("p", text(case.scenario.description), class_="adv-step")
        + tag("h1", text(case.scenario.name))
        + strip(plan_total(case, decisions))
        + answers(decisions, case)
    )


def answers(decisions: Sequence[Decision], case: Case) -> str:
    """One row a step: its answer, and whether a person has taken it or how sure the advice is."""
    rows = []
    for name, title in STEP_TITLES.items():
        decision = next((one for one in decisions if one.step == name), None)
        option = taken(case, decision) if decision else None
        said = option.title if option else "No option passes every gate" if decision else "Waits for the steps before"
        recorded = case.scenario.decisions.get(name)  # type: ignore[call-overload]
        sure = "recorded" if recorded else likelihood(decision.confidence) if decision and option else ""
        link = tag("a", text(title), href=name, data_go=name)
        rows.append(tag("tr", tag("th", link, scope="row"), tag("td", text(said)), tag("td", text(sure))))
    head = tag("tr", *(tag("th", said, scope="col") for said in ("Step", "Answer", "How sure")))
    caption = tag("caption", "Five decisions")
    return tag("table", caption, tag("thead", head), tag("tbody", *rows), class_="adv-answers")


def plan(decisions: Sequence[Decision], case: Case) -> str:
    """The plan on one screen; the rest is in its folds."""
    recorded = len(case.scenario.decisions)
    return (
        tag("p", "The plan", class_="adv-step")
        + tag("h1", text(f"{case.scenario.name}: {recorded} of {len(STEP_TITLES)} decisions recorded."))
        + strip(plan_total(case, decisions))
        + answers(decisions, case)
    )


def plan_folds() -> str:
    """The folds of the plan's page."""
    return fold("whole", "The plan in full: phases, checklist, assumptions, sources")


def whole(decisions: Sequence[Decision], case: Case) -> str:
    """The plan's face, as the report shows it."""
    return render_plan(decisions, case)


def asking(act: str, fields: str, button: str) -> str:
    """A form that asks the server to act, with its button."""
    press = tag("button", text(button), type="submit", class_="adv-primary")
    return tag("form", fields, press, data_act=act, class_="adv-form")


def prompting(step: str, heading: str, said: str) -> str:
    """A page that waits for something to read."""
    return tag("p", text(step), class_="adv-step") + tag("h1", text(heading)) + tag("p", text(said))


def use_it(kind: str) -> str:
    """The button that takes what was read into the scenario."""
    press = tag("button", "Use it in the scenario", type="submit", class_="adv-primary")
    return tag("form", press, data_act=f"use-{kind}", class_="adv-form")


def own_figure(names: Sequence[str], chosen: str, said: str, boxes: str, own: bool) -> str:
    """The form that replaces a shipped figure, with owner and reason, or gives it back."""
    which = choose("name", "Figure", [(name, name) for name in names], chosen)
    who = entry("owner", "Owner") + entry("reason", "Because")
    back = tag("button", "Back to the shipped figure", type="button", data_back=chosen) if own else ""
    use = tag("button", "Use this figure", type="submit", class_="adv-primary")
    return tag(
        "form", which, tag("p", text(said), class_="adv-muted"), boxes, who, tag("p", use, back),
        data_act="own", class_="adv-form adv-own",
    )  # fmt: skip
