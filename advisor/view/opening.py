"""What the plan page opens with: the plan in five lines, what to do first, what to measure next."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.core.saying import joined, say
from advisor.core.wording import amount, share
from advisor.decide.measuring import measure_next
from advisor.decide.option import Decision, Option
from advisor.steps import signed, taken, way_to
from advisor.system.case import Case
from advisor.view import next_actions
from advisor.view.html import tag, text
from advisor.view.texts import CARDS, STEP_TITLES, chance


def opening(plan: Option, decisions: Sequence[Decision], case: Case) -> str:
    """One screen: five lines that sum to the plan, three things to do, one to measure."""
    left = tag("h3", say("The plan in five lines")) + five_lines(plan, decisions, case)
    left += _to_measure(plan, decisions, case)
    return tag("div", tag("div", left), tag("div", _to_do(plan, case)), class_="adv-main adv-opening")


def next_things(plan: Option, decisions: Sequence[Decision], case: Case, level: int = 3) -> str:
    """What to do first, and the one thing to measure next, side by side under headings of a level."""
    parts = _to_do(plan, case, level), _to_measure(plan, decisions, case, level)
    return tag("div", *(tag("div", part) for part in parts), class_="adv-main adv-opening")


def else_to_measure(plan: Option, decisions: Sequence[Decision], case: Case) -> str:
    """What else is worth measuring, where the first thing is to judge answers; else empty."""
    if not next_actions.judging(case, plan):
        return ""
    return next_actions.measuring(case, measure_next(case, decisions, plan))


def _to_do(plan: Option, case: Case, level: int = 3) -> str:
    return tag(f"h{level}", say("Do first")) + next_actions.first_things(case, way_to(case, plan.plan))


def _to_measure(plan: Option, decisions: Sequence[Decision], case: Case, level: int = 3) -> str:
    worth = next_actions.judging(case, plan) or next_actions.measuring(
        case, measure_next(case, decisions, plan)
    )
    return tag(f"h{level}", say("Measure next")) + worth if worth else ""


def five_lines(plan: Option, decisions: Sequence[Decision], case: Case) -> str:
    """Each step's answer with what it adds to the plan's carbon and cost, then the sums."""
    lines = []
    for decision in decisions:
        option, part = taken(case, decision), plan.bill.of_step(decision.step)
        sure = say("recorded") if signed(case, decision) else chance(decision)
        said = joined(": ", (joined(", ", (STEP_TITLES[decision.step], sure)), _figures(part)))
        title = tag("strong", text(option.title if option else ""))
        lines.append(tag("li", title, tag("small", " ", text(said))))
    total = say(
        "Together {figures} a year; {accepted} of answers accepted.",
        figures=_figures(plan.year),
        accepted=share(central(plan.quality)),
    )
    return tag("ol", *lines, class_="adv-five") + tag("p", tag("strong", text(total)))


def _figures(part: Footprint) -> str:
    return joined(", ", (amount(central(part[name]), CARDS[name][1]) for name in ("carbon", "cost")))
