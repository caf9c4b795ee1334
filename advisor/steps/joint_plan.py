"""The five steps together: what comes of one at a time, the best of all plans, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import capital, joined, numeral, say
from advisor.core.wording import amount, share
from advisor.decide.choosing import own_gates, year_of
from advisor.decide.completion import STEPS, Pins, Search, Spaces
from advisor.decide.option import Decision
from advisor.decide.search import Front, best_of, best_within, least_by_price
from advisor.decide.stepwise import Effect, Stepwise, differing, effects, one_at_a_time
from advisor.steps import final_option, spaces, step
from advisor.steps.shared_texts import TAKEN
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import Plan, StepName
from advisor.system.priorities import CONCERNS
from advisor.system.rule_names import rules_of

SHOWN = (("carbon", "kgCO2e"), ("cost", "USD"), ("water", "L"))
NAMES: Mapping[StepName, str] = {
    "foundation_model": say("model"), "improvement": say("technique"), "deployment": say("deployment"),
    "data_storage": say("storage"), "operations": say("Operations").lower(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Three plans of one scenario, at central values.

    ``taken``: what the five decisions lead to; ``joint``: the best of all plans by the scenario's
    priorities, within what is recorded for later steps; ``stepwise``: what comes of one step at a
    time; ``effects``: the difference of the last two, split exactly.
    """

    case: Case
    taken: Plan | None
    joint: Plan
    stepwise: Stepwise | None
    effects: tuple[Effect, ...]
    spaces: Spaces


def together(case: Case, decisions: Sequence[Decision]) -> Together | None:
    """The three plans; None where no plan passes every gate.

    Every model was completed as well as it can be in the first decision, so the best of its options
    at central values is the best of all plans.
    """
    first = decisions[0]
    if first.choice is None:
        return None
    joint = min((one for one in first.options if one.eligible), key=lambda one: first.scores[one.key]).plan
    final = final_option(case, decisions)
    found = one_at_a_time(case, spaces())
    parts = effects(case, spaces(), found.plan, joint) if found is not None else []
    return Together(case.centre, final.plan if final else None, joint, found, tuple(parts), spaces())


def why(found: Together) -> str:
    """Whether one step at a time falls behind the joint plan, why, and why the plan is another."""
    apart = went_on(found.case, found.joint, found.taken) if found.taken else ""
    return joined(" ", (part for part in (_behind(found, bool(apart)), apart) if part))


def went_on(case: Case, expected: Plan, taken: Plan) -> str:
    """Why the plan is another than the one that looked best at central values; empty where it is that one.

    An alternative is completed at central values, and each step then chosen on all draws, or recorded.
    """
    differ = differing(expected, taken)
    if not differ:
        return ""
    name = differ[0]
    recorded = name in case.given.decisions
    because = say("which was recorded") if recorded else say("which comes first over all draws")
    carbon, cost = (amount(_year(case, taken, concern), unit) for concern, unit in SHOWN[:2])
    return say(
        "At central values {other} is best; the plan takes {title}, {because}: {carbon} and {cost} a year.",
        other=titled(case, name, expected),
        title=titled(case, name, taken),
        because=because,
        carbon=carbon,
        cost=cost,
    )


def _behind(found: Together, apart: bool) -> str:
    case, joint = found.case, found.joint
    if found.stepwise is None:
        return say("Taken one step at a time, no system that a team would start with passes its gates.")
    plan, stuck = found.stepwise.plan, found.stepwise.stuck
    if plan == joint and apart:
        return say("Taken one step at a time, the same comes out as of all five together at central values.")
    if plan == joint:
        return say("Taken one step at a time, the same plan comes out: no step stands in another's way.")
    behind = differing(plan, joint)[0]
    chosen, better = (titled(case, behind, one) for one in (plan, joint))
    if stuck is not None:
        return say(
            "One step at a time takes {chosen} and ends in {step}, where nothing passes {rules}.",
            chosen=chosen,
            step=NAMES[stuck],
            rules=rules_of(found.stepwise.stops),
        )
    years = (
        [amount(_year(case, one, concern), unit) for one in (joint, plan)] for concern, unit in SHOWN[:2]
    )
    ends = joined("; ", (say("{year} instead of {other} a year", year=a, other=b) for a, b in years))
    because = _because(found, behind)
    return say(
        "One step at a time takes {chosen}, which {because}; all five together take {better}: {ends}.",
        chosen=chosen,
        because=because,
        better=better,
        ends=ends,
    )


def _because(found: Together, behind: StepName) -> str:
    """What the first setting that differs forgoes."""
    assert found.stepwise is not None  # noqa: S101 - asked for before
    case, plan, joint = found.case, found.stepwise.plan, found.joint
    for later in differing(plan, joint):
        if later == behind:
            continue
        rules = _stops(found, plan, joint, later)
        if rules:
            return say("rules out {title} ({rules})", title=titled(case, later, joint), rules=rules)
    linked = [one for one in found.effects if len(one.steps) > 1 and one.of("carbon") > 0]
    if linked and linked[0] == found.effects[0]:
        return say(
            "pays by itself alone: {steps} changed together save {carbon} a year that neither saves alone",
            steps=_steps(linked[0]),
            carbon=amount(linked[0].of("carbon"), "kgCO2e"),
        )
    return say("is better only while the later steps are left as they are")


def _steps(effect: Effect) -> str:
    return joined(say(" and "), (NAMES[name] for name in effect.steps))


def _stops(found: Together, plan: Plan, joint: Plan, later: StepName) -> str:
    """Rules that stop the joint plan's setting of a later step beside the settings taken before it."""
    before = tuple(plan.of(name) for name in STEPS[: STEPS.index(later)])
    case = found.case
    if joint.of(later) not in Search(case, found.spaces, Pins({}, {})).alternatives(later, *before):
        return say("not offered with it")
    return rules_of(failed(own_gates(case, (*before, joint.of(later)))))


def titled(case: Case, name: StepName, plan: Plan) -> str:
    """What a plan's setting of a step is called."""
    return step(name).title(case.centre, plan)


def _year(case: Case, plan: Plan, concern: str) -> float:
    return central(year_of(case.centre, plan)[CONCERNS.index(concern)])


def plans_table(found: Together) -> Table:
    """The three plans side by side: settings, a year, and the share accepted."""
    plans = {
        say("One step at a time"): found.stepwise.plan if found.stepwise else None,
        say("All five together"): found.joint,
        say("The plan"): found.taken,
    }
    shown = {name: plan for name, plan in plans.items() if plan is not None}
    rows: list[tuple[str, ...]] = [
        (capital(NAMES[name]), *(titled(found.case, name, plan) for plan in shown.values())) for name in STEPS
    ]
    rows += [
        (say("{concern} a year", concern=capital(TAKEN[concern])),
         *(amount(_year(found.case, plan, concern), unit) for plan in shown.values()))
        for concern, unit in SHOWN
    ]  # fmt: skip
    rows.append((say("Answers accepted"), *(_accepted(found.case, plan) for plan in shown.values())))
    return Table(
        "together", say("One step at a time, and all together"), ("", *shown), tuple(rows),
        say("Central figures. The plan is chosen over all draws; the best of all plans at central values, "
            "so near twins may change places. What is recorded for later steps is kept."),
    )  # fmt: skip


def _accepted(case: Case, plan: Plan) -> str:
    return share(central(billing.quality(case, plan)))


def effects_table(found: Together) -> Table:
    """What each step brings alone and what steps bring only together; the rows sum to the difference."""
    rows = [
        (say("{steps} together", steps=_steps(one)) if len(one.steps) > 1
         else say("{step} alone", step=_steps(one)),
         *(saved(one.of(concern), unit) for concern, unit in SHOWN))
        for one in found.effects if any(abs(one.of(concern)) > 0 for concern, _ in SHOWN)
    ]  # fmt: skip
    sums = (saved(sum(one.of(concern) for one in found.effects), unit) for concern, unit in SHOWN)
    return Table(
        "interactions", say("What changing them brings, alone and together"),
        (say("Changed"), *(say("Saves {concern} a year", concern=TAKEN[concern]) for concern, _ in SHOWN)),
        (*rows, (say("all of them"), *sums)),
        say("From one step at a time to all together. What several bring together comes on top."),
    )  # fmt: skip


def saved(value: float, unit: str) -> str:
    """A saving in words; what takes more has a minus."""
    return ("−" if value < 0 else "") + amount(abs(value), unit)


def aims(case: Case, front: Front, budgets: Mapping[str, float], prices: Mapping[str, float]) -> Table:
    """The best plan of a front by each aim: each objective, the priorities, carbon prices, budgets.

    ``budgets``: limits of a year by objective; ``prices``: carbon prices [USD/kgCO2e] by name.
    """
    rows = [
        (aim, *_described(case, front, place), *said)
        for aim, place, *said in _aims(case, front, budgets, prices)
    ]
    columns = (
        say("Aim"),
        *(capital(NAMES[name]) for name in STEPS),
        *(say("{concern} a year", concern=TAKEN[concern]) for concern, _ in SHOWN),
        say("accepted"),
        say("note"),
    )
    return Table("aims", say("The best plan by each aim"), columns, tuple(rows))


def _aims(
    case: Case, front: Front, budgets: Mapping[str, float], prices: Mapping[str, float]
) -> Iterator[tuple[str, int, str]]:
    if not front.plans:
        return
    yield say("your priorities"), best_of(case, front) or 0, ""
    for concern, _ in SHOWN:
        yield say("least {concern}", concern=TAKEN[concern]), int(front.of(concern).argmin()), ""
    yield say("best answers"), int(front.quality.argmax()), ""
    for name, price in prices.items():
        yield (
            say("carbon at {name}", name=name),
            least_by_price(front, price) or 0,
            say("{price} USD a tonne", price=numeral(price * 1000, ",.0f")),
        )
    fit = best_within(front, dict(budgets)) if budgets else None
    if fit is not None:
        units = dict(SHOWN)
        needed = ((TAKEN[concern], amount(value, units[concern])) for concern, value in fit.needed.items())
        needs = joined(", ", (say("{concern} {value}", concern=name, value=value) for name, value in needed))
        said = (
            say("none fits: the smallest relaxation is to {needs}", needs=needs)
            if needs
            else say("fits, with the best answers")
        )
        yield say("your budgets"), front.plans.index(fit.plan), said


def _described(case: Case, front: Front, place: int) -> tuple[str, ...]:
    plan = front.plans[place]
    return (
        *(titled(case, name, plan) for name in STEPS),
        *(amount(float(front.of(name)[place]), unit) for name, unit in SHOWN),
        share(float(front.quality[place])),
    )
