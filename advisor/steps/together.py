"""The five steps together: what comes of one at a time, the best of all plans, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.wording import amount, share
from advisor.decide.choosing import own_gates, year_of
from advisor.decide.completion import STEPS, Pins, Search, Spaces
from advisor.decide.option import Decision
from advisor.decide.search import Front, best_of, best_within, least_by_price
from advisor.decide.stepwise import Effect, Stepwise, differing, effects, one_at_a_time
from advisor.steps import final_option, spaces, step
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import Plan, StepName
from advisor.system.priorities import CONCERNS

SHOWN = (("carbon", "kgCO2e"), ("cost", "USD"), ("water", "L"))
NAMES: Mapping[StepName, str] = {
    "foundation_model": "model", "improvement": "technique", "deployment": "deployment",
    "data_storage": "storage", "operations": "operations",
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
    """In one sentence: whether one step at a time falls behind the joint plan, and what stands between."""
    case, joint = found.case, found.joint
    if found.stepwise is None:
        return "Taken one step at a time, no system that a team would start with passes its gates."
    plan, stuck = found.stepwise.plan, found.stepwise.stuck
    if plan == joint:
        return "Taken one step at a time, the same plan comes out: no step stands in another's way."
    behind = differing(plan, joint)[0]
    chosen, better = (titled(case, behind, one) for one in (plan, joint))
    if stuck is not None:
        rules = ", ".join(dict.fromkeys(gate.rule.replace("_", " ") for gate in found.stepwise.stops))
        return f"One step at a time takes {chosen} and ends in {NAMES[stuck]}, where nothing passes {rules}."
    ends = "; ".join(
        f"{amount(_year(case, joint, name), unit)} instead of {amount(_year(case, plan, name), unit)} a year"
        for name, unit in SHOWN[:2]
    )
    because = _because(found, behind)
    return f"One step at a time takes {chosen}, which {because}; all five together take {better}: {ends}."


def _because(found: Together, behind: StepName) -> str:
    """What the first setting that differs forgoes."""
    assert found.stepwise is not None  # noqa: S101 - asked for before
    case, plan, joint = found.case, found.stepwise.plan, found.joint
    for later in differing(plan, joint):
        if later == behind:
            continue
        gates = _stops(found, plan, joint, later)
        if gates:
            return f"rules out {titled(case, later, joint)} ({', '.join(gates)})"
    linked = [one for one in found.effects if len(one.steps) > 1 and one.of("carbon") > 0]
    if linked and linked[0] == found.effects[0]:
        names = " and ".join(NAMES[one] for one in linked[0].steps)
        return (
            f"pays by itself alone: {names} changed together save {amount(linked[0].of('carbon'), 'kgCO2e')} "
            "a year that neither saves alone"
        )
    return "is better only while the later steps are left as they are"


def _stops(found: Together, plan: Plan, joint: Plan, later: StepName) -> list[str]:
    """Rules that stop the joint plan's setting of a later step beside the settings taken before it."""
    before = tuple(plan.of(name) for name in STEPS[: STEPS.index(later)])
    case = found.case
    if joint.of(later) not in Search(case, found.spaces, Pins({}, {})).alternatives(later, *before):
        return ["not offered with it"]
    gates = failed(own_gates(case, (*before, joint.of(later))))
    return list(dict.fromkeys(gate.rule.replace("_", " ") for gate in gates))


def titled(case: Case, name: StepName, plan: Plan) -> str:
    """What a plan's setting of a step is called."""
    return step(name).title(case.centre, plan)


def _year(case: Case, plan: Plan, concern: str) -> float:
    return central(year_of(case.centre, plan)[CONCERNS.index(concern)])


def plans_table(found: Together) -> Table:
    """The three plans side by side: settings, a year, and the share accepted."""
    plans = {
        "One step at a time": found.stepwise.plan if found.stepwise else None,
        "All five together": found.joint,
        "The plan": found.taken,
    }
    shown = {name: plan for name, plan in plans.items() if plan is not None}
    rows: list[tuple[str, ...]] = [
        (NAMES[name].capitalize(), *(titled(found.case, name, plan) for plan in shown.values()))
        for name in STEPS
    ]
    rows += [
        (f"{concern.capitalize()} a year",
         *(amount(_year(found.case, plan, concern), unit) for plan in shown.values()))
        for concern, unit in SHOWN
    ]  # fmt: skip
    rows.append(("Answers accepted", *(_accepted(found.case, plan) for plan in shown.values())))
    return Table(
        "together", "One step at a time, and all together", ("", *shown), tuple(rows),
        "Central figures. The plan is chosen over all draws; the best of all plans at central values, so "
        "near twins may change places. What is recorded for later steps is kept.",
    )  # fmt: skip


def _accepted(case: Case, plan: Plan) -> str:
    return share(central(billing.quality(case, plan)))


def effects_table(found: Together) -> Table:
    """What each step brings alone and what steps bring only together; the rows sum to the difference."""
    rows = [
        (" and ".join(NAMES[name] for name in one.steps) + (" together" if len(one.steps) > 1 else " alone"),
         *(saved(one.of(concern), unit) for concern, unit in SHOWN))
        for one in found.effects if any(abs(one.of(concern)) > 0 for concern, _ in SHOWN)
    ]  # fmt: skip
    sums = (saved(sum(one.of(concern) for one in found.effects), unit) for concern, unit in SHOWN)
    return Table(
        "interactions", "What changing them brings, alone and together",
        ("Changed", *(f"Saves {concern} a year" for concern, _ in SHOWN)),
        (*rows, ("all of them", *sums)),
        "From one step at a time to all together. What several bring together comes on top.",
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
    columns = ("Aim", *(NAMES[name].capitalize() for name in STEPS), *(f"{name} a year" for name, _ in SHOWN),
               "accepted", "note")  # fmt: skip
    return Table("aims", "The best plan by each aim", columns, tuple(rows))


def _aims(
    case: Case, front: Front, budgets: Mapping[str, float], prices: Mapping[str, float]
) -> Iterator[tuple[str, int, str]]:
    if not front.plans:
        return
    yield "your priorities", best_of(case, front) or 0, ""
    for name, _ in SHOWN:
        yield f"least {name}", int(front.of(name).argmin()), ""
    yield "best answers", int(front.quality.argmax()), ""
    for name, price in prices.items():
        yield f"carbon at {name}", least_by_price(front, price) or 0, f"{price * 1000:,.0f} USD a tonne"
    fit = best_within(front, dict(budgets)) if budgets else None
    if fit is not None:
        units = dict(SHOWN)
        needs = ", ".join(f"{name} {amount(value, units[name])}" for name, value in fit.needed.items())
        said = f"none fits: the smallest relaxation is to {needs}" if needs else "fits, with the best answers"
        yield "your budgets", front.plans.index(fit.plan), said


def _described(case: Case, front: Front, place: int) -> tuple[str, ...]:
    plan = front.plans[place]
    return (
        *(titled(case, name, plan) for name in STEPS),
        *(amount(float(front.of(name)[place]), unit) for name, unit in SHOWN),
        share(float(front.quality[place])),
    )
