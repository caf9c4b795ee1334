"""A decision at a glance: what fits on one screen, the rest behind folds that are drawn when opened.

The web app shows these; the report shows the faces in full. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from advisor.core.draws import summary
from advisor.core.footprint import Footprint
from advisor.core.saying import capital, gone_over, say
from advisor.core.wording import amount
from advisor.decide.option import Decision, Flip
from advisor.scenario import STEP_NAMES
from advisor.steps import final_option, signed, taken
from advisor.system.case import Case
from advisor.view import faces, tables
from advisor.view.bands import bars, range_in
from advisor.view.bill_lines import bill_lines
from advisor.view.forms import choose, entry
from advisor.view.html import coded, items, tag, text
from advisor.view.opening import next_things
from advisor.view.plan import no_answer, render_plan
from advisor.view.texts import CARDS, STEP_TITLES, chance, flips_to, how_sure, plainly, recorded_as

LOOKING = say("Looking for the nearest change that would flip it …")
NO_FLIP = say("No single input, moved up to a hundredfold, changes this choice.")


def checking(after_flips: bool = False) -> str:
    """What stands beside an answer that is still held against every alternative, maybe after its flips."""
    after = {"data_after": "flips"} if after_flips else {}
    return tag("p", say("Being held against every other model …"), class_="adv-muted adv-checking", **after)


def answer(decision: Decision, case: Case, level: int = 1, about: str = "", bill: str = "fold-bill") -> str:
    """The answer: what, how sure, what it takes, and the best options side by side.

    ``level`` is that of its heading, ``about`` what is asked for, in place of
    the step's number where a page has that in its title, ``bill`` the id of the place that
    its figures lead to.
    """
    place = list(STEP_TITLES).index(decision.step) + 1 if decision.step in STEP_TITLES else 0
    said = (
        say("{asked} {about}", asked=asked(decision.question), about=about)
        if about
        else say("Step {place} · {asked}", place=place, asked=asked(decision.question))
    )
    step = tag("p", text(said), class_="adv-step")
    if decision.stands is None:
        headline = decision.headline or say("No option passes every gate.")
        fallen = tag("div", tag("p", coded(faces.nothing_left(decision))), class_="adv-alert")
        return (
            step
            + tag(f"h{level}", text(headline))
            + (fallen if decision.options else "")
            + tables.ruled_out(decision, level=level + 1)
        )
    return (
        step
        + tag(f"h{level}", text(headline_of(decision)))
        + _sure(decision, case)
        + strip(decision.stands.year, f"#{bill}")
        + bars(decision)
    )


def asked(question: str) -> str:
    """The question without its asides."""
    return gone_over(_asked, question)


def _asked(question: str) -> str:
    return question.split(":", maxsplit=1)[0].split(",", maxsplit=1)[0].rstrip("?") + "?"


def headline_of(decision: Decision) -> str:
    """The first sentence of the answer; the rest stands below in figures."""
    title = decision.stands.title if decision.stands else ""
    said = decision.answer or title
    if title and said.startswith(title):
        return gone_over(_ended, title)
    return gone_over(_first, said)


def _first(said: str) -> str:
    return _ended(said.strip().split(": ")[0].split(". ")[0])


def _ended(said: str) -> str:
    return said.rstrip(".") + "."


def _sure(decision: Decision, case: Case) -> str:
    sure = tag("span", text(capital(how_sure(decision))), class_="adv-badge adv-chance")
    recorded = case.given.decisions.get(decision.step)
    mark = ""
    if recorded is not None:
        said = recorded_as(recorded, decision.stands, decision.lost)
        mark = tag("span", text(said), class_="adv-recorded")
    if decision.recorded:
        return tag("p", mark, class_="adv-choice") + tag(
            "p", text(faces.beside(decision)), class_="adv-muted"
        )
    return tag("p", sure, " ", mark, class_="adv-choice")


def strip(per_year: Footprint, leads: str = "") -> str:
    """The four indicators and the cost of a year, each with its range in the same unit.

    ``leads`` is where a figure leads to: the lines it is the sum of.
    """
    tiles = []
    for name, (heading, unit) in CARDS.items():
        low, median, high = summary(per_year[name])
        figure = text(amount(median, unit))
        if leads:
            figure = tag(
                "a", figure, href=leads, title=say("{heading}: the lines it is the sum of", heading=heading)
            )
        tiles.append(
            tag(
                "div",
                tag("dt", text(say("{heading} a year", heading=heading))),
                tag("dd", figure, class_="adv-figure"),
                tag("dd", text(range_in(low, median, high, unit)), class_="adv-range"),
                class_=f"adv-tile adv-tile-{name}",
            )
        )
    return tag("dl", *tiles, class_="adv-strip", aria_label=say("A year, with the range of 8 in 10 draws"))


def nearest_flip(decision: Decision, looked: bool, level: int = 2, title: str = "") -> str:
    """The nearest change of one input that changes the choice; before it is known, that it is sought."""
    if decision.choice is None:
        return ""
    heading = tag(f"h{level}", text(title or faces.change_title(decision)))
    if not looked:
        return heading + tag("p", text(LOOKING), class_="adv-muted")
    if not decision.flips:
        return heading + tag("p", text(NO_FLIP))
    flip = decision.flips[0]
    return heading + tag("p", flip_said(flip), ".")


def flip_said(flip: Flip) -> str:
    """One change of an input and what it leads to."""
    then, leads_to = (tag("strong", coded(said)) for said in (plainly(flip.flips_at), flips_to(flip)))
    return faces.flip_sentence(flip, then, leads_to)


def recorder(decision: Decision, case: Case) -> str:
    """The form that records a decision."""
    eligible = [(option.key, option.title) for option in decision.ranked]
    if not eligible:
        return ""
    recorded = case.given.decisions.get(decision.step)
    chosen = (
        recorded.choice if recorded and not decision.lost else decision.choice.key if decision.choice else ""
    )
    fields = (
        choose("choice", say("Take"), eligible, chosen)
        + entry("by", say("Taken by"), recorded.by if recorded else "")
        + entry("reason", say("Because"), recorded.reason if recorded else "")
    )
    return tag(
        "form", fields, tag("button", say("Record this decision"), type="submit", class_="adv-primary"),
        class_="adv-record", data_act="record",
    )  # fmt: skip


Body = Callable[[Decision, Case], str]


def _why(decision: Decision, case: Case) -> str:
    flips = decision.flips[1:]
    more = tag("h3", say("Further changes that would flip it")) if flips else ""
    stands = tag("p", text(decision.answer)) + tag("h3", text(faces.why_title(decision)))
    return (
        (stands if decision.recorded else "")
        + tag("p", text(decision.headline))
        + tables.sentences(decision.every_reason)
        + more
        + items(map(flip_said, flips))
    )


def _costs(decision: Decision, case: Case) -> str:
    if decision.stands is None:
        return ""
    per_year, per_answer = decision.stands.year, decision.stands.accepted
    notes = tables.sentences(decision.stands.notes)
    return faces.cards(per_year, per_answer, case) + tables.indicators_table(per_year, per_answer) + notes


def _bill(decision: Decision, case: Case) -> str:
    return bill_lines(decision.stands, decision.step) if decision.stands else ""


def _compared(decision: Decision, case: Case) -> str:
    return tables.options_table(decision, case, None)


def _exhibits(decision: Decision, case: Case) -> str:
    return faces.exhibits(decision.exhibits, decision.step)


def _warnings(decision: Decision, case: Case) -> str:
    return tables.sentences(decision.warnings) or tag("p", say("There is nothing to mind."))


def _ruled_out(decision: Decision, case: Case) -> str:
    return tables.ruled_out(decision, level=3) or tag("p", say("No option falls to a rule."))


def _assumed(decision: Decision, case: Case) -> str:
    return tables.assumptions(case.given, faces.controls_of(decision.step)) or tag(
        "p", say("Every input of this step is confirmed.")
    )


def _evidence(decision: Decision, case: Case) -> str:
    return tables.evidence(faces.behind(decision), case)


# name of a fold -> (heading, what it holds)
FOLDS: Mapping[str, tuple[str, Body]] = {
    "why": (say("Why"), _why),
    "costs": (say("Footprint and cost"), _costs),
    "bill": (say("The bill"), _bill),
    "compared": (say("Options compared"), _compared),
    "exhibits": (say("Charts and tables"), _exhibits),
    "warnings": (say("Keep in mind"), _warnings),
    "ruled_out": (say("Ruled out"), _ruled_out),
    "assumed": (say("Inputs nobody has confirmed"), _assumed),
    "evidence": (say("Where these numbers come from"), _evidence),
}


def folds(decision: Decision) -> str:
    """The folds of a step, empty until opened, with a count where it helps to choose."""
    out = sum(not option.eligible for option in decision.options)
    counts = {"warnings": len(decision.warnings), "ruled_out": out}
    shown = [fold(name, heading, counts.get(name)) for name, (heading, _) in FOLDS.items()]
    return "".join([*shown, fold("own", say("Use a figure of your own"))])


def unfilled() -> str:
    """What stands in a fold until its content is there."""
    return tag("p", say("Working it out …"), class_="adv-muted")


def fold(name: str, heading: str, count: int | None = None) -> str:
    """A fold whose content the page asks for when it is opened."""
    if count == 0:
        return ""
    said = heading if count is None else say("{heading} ({count})", heading=heading, count=count)
    body = tag(
        "div",
        unfilled(),
        class_="adv-lazy",
        data_part=f"fold-{name}",
        id=f"fold-{name}",
        tabindex="0",
        role="group",
        aria_label=heading,
    )
    return tag(
        "details",
        tag("summary", tag("h2", text(said))),
        body,
        class_="adv-fold",
        data_fold=name,
        id=f"fold-{name}",
    )


def _year(decisions: Sequence[Decision], case: Case) -> str:
    """A year of the whole plan; nothing while a step has no answer."""
    plan = final_option(case, decisions)
    return strip(plan.year) if plan else ""


def overview(decisions: Sequence[Decision], case: Case) -> str:
    """Every answer on one screen, with the plan's year."""
    return (
        tag("p", text(case.given.description), class_="adv-step")
        + tag("h1", text(case.given.name))
        + _year(decisions, case)
        + answers(decisions, case)
    )


def answers(decisions: Sequence[Decision], case: Case) -> str:
    """One row a step: its answer, and whether a person has taken it or how sure the advice is."""
    rows = []
    for name in STEP_NAMES:
        title = STEP_TITLES[name]
        decision = next((one for one in decisions if one.step == name), None)
        option = taken(case, decision) if decision else None
        said = option.title if option else no_answer(decision)
        sure = tag("td")
        if decision and signed(case, decision):
            sure = tag("td", say("recorded"))
        elif decision and option:
            sure = tag("td", text(chance(decision)), class_="adv-sure" if decision.runner_up else "")
        link = tag("a", text(title), href=name, data_go=name)
        rows.append(tag("tr", tag("th", link, scope="row"), tag("td", text(said)), sure))
    head = tag(
        "tr", *(tag("th", said, scope="col") for said in (say("Step"), say("Answer"), say("How sure")))
    )
    caption = tag("caption", tag("span", say("Five decisions"), class_="adv-unseen"))
    return tag("table", caption, tag("thead", head), tag("tbody", *rows), class_="adv-answers")


def plan(decisions: Sequence[Decision], case: Case) -> str:
    """The plan on one screen; the rest is in its folds."""
    recorded = sum(signed(case, one) for one in decisions)
    return (
        tag(
            "h1",
            text(
                say(
                    "The plan: {recorded} of {steps} decisions recorded.",
                    recorded=recorded,
                    steps=len(STEP_TITLES),
                )
            ),
        )
        + _year(decisions, case)
        + answers(decisions, case)
    )


def what_next(decisions: Sequence[Decision], case: Case) -> str:
    """What to do first and to measure next; nothing while a step has no answer."""
    plan = final_option(case, decisions)
    return next_things(plan, decisions, case, 2) if plan else ""


def plan_folds() -> str:
    """The folds of the plan's page."""
    return fold("whole", say("The plan in full"))


def whole(decisions: Sequence[Decision], case: Case) -> str:
    """The plan's face, as the report shows it."""
    return render_plan(decisions, case)
