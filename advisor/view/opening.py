"""What the plan page opens with: the plan in five lines, what to do first, what to measure next."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.core.wording import amount, share
from advisor.decide.measuring import measure_next
from advisor.decide.option import Decision, Option
from advisor.steps import taken, way_to
from advisor.system.case import Case
from advisor.view import first
from advisor.view.html import tag, text
from advisor.view.texts import CARDS, STEP_TITLES


def opening(plan: Option, decisions: Sequence[Decision], case: Case) -> str:
    """One screen: five lines that sum to the plan, three things to do, one to measure."""
    left = tag("h3", "The plan in five lines") + five_lines(plan, decisions, case)
    right = next_things(plan, decisions, case)
    return tag("div", tag("div", left), right, class_="adv-main adv-opening")


def next_things(plan: Option, decisions: Sequence[Decision], case: Case) -> str:
    """What to do first, and the one thing to measure next."""
    worth = first.judging(case, plan) + first.measuring(case, measure_next(case, decisions, plan))
    things = tag("h3", "Do first") + first.first_things(case, way_to(case, plan.plan))
    return tag("div", things, tag("h3", "Measure next") + worth if worth else "", class_="adv-next")


def five_lines(plan: Option, decisions: Sequence[Decision], case: Case) -> str:
    """Each step's answer with what it adds to the plan's carbon and cost, then the sums."""
    lines = []
    for decision in decisions:
        option, part = taken(case, decision), plan.bill.of_step(decision.step)
        sure = "recorded" if decision.step in case.given.decisions else share(decision.confidence)
        said = f"{STEP_TITLES[decision.step]}, {sure}: {_figures(part)}"
        title = tag("strong", text(option.title if option else ""))
        lines.append(tag("li", title, tag("small", text(f" {said}"))))
    total = f"Together {_figures(plan.year)} a year; {share(central(plan.quality))} of answers accepted."
    return tag("ol", *lines, class_="adv-five") + tag("p", tag("strong", text(total)))


def _figures(part: Footprint) -> str:
    return ", ".join(amount(central(part[name]), CARDS[name][1]) for name in ("carbon", "cost"))
