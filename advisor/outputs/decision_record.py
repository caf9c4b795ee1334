"""The decision record: one MADR 4 document for the plan, ready for a repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.core.draws import central, summary
from advisor.core.escaping import front_matter
from advisor.core.escaping import markdown as _text
from advisor.core.footprint import Footprint
from advisor.core.wording import amount, number, share
from advisor.decide.option import Decision
from advisor.scenario import untouched
from advisor.steps import final_option, taken
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS
from advisor.view.texts import flips_to, plainly, rule_name

SHOWN = (("carbon", "kgCO2e"), ("water", "L"), ("energy", "kWh"), ("cost", "USD"))
RULED_OUT_SHOWN = 8


def decision_record(case: Case, decisions: Sequence[Decision]) -> str:
    """The plan as Markdown in the form of MADR 4.0: status, drivers, options, outcome, confirmation."""
    return "\n".join(_lines(case, decisions)) + "\n"


def _lines(case: Case, decisions: Sequence[Decision]) -> Iterator[str]:
    scenario, plan = case.given, final_option(case, decisions)
    status = "accepted" if len(scenario.decisions) == len(decisions) else "proposed"
    people = sorted({recorded.by for recorded in scenario.decisions.values() if recorded.by})
    yield "---"
    yield f"status: {status}"
    yield f"date: {scenario.timing.start.isoformat()}"
    yield f"decision-makers: {front_matter(', '.join(people) or 'not yet named')}"
    yield "---"
    yield ""
    yield f"# {_text(scenario.name)}: a sustainable generative-AI plan"
    yield ""
    yield "## Context and Problem Statement"
    yield ""
    if scenario.description:
        yield _text(scenario.description)
        yield ""
    requests = number(central(case.workload.requests_per_day))
    yield f"{requests} requests a day at the start, planned for {scenario.timing.horizon_years:g} years."
    if plan is not None:
        yield f"The plan as a whole, a year: {_figures(plan.year)}."
    yield ""
    yield "## Decision Drivers"
    yield ""
    price = scenario.priorities.carbon_price_usd_per_t
    if price is not None:
        yield f"- cost, with carbon at {price:g} USD a tonne in place of weights"
    else:
        given = {concern: getattr(scenario.priorities, concern) for concern in (*CONCERNS, "quality")}
        for concern, weight in sorted(given.items(), key=lambda item: -item[1]):
            if weight:
                yield f"- {concern}: weight {weight:g}"
    yield f"- quality: at least {scenario.quality.floor:.0%} of answers accepted"
    yield f"- {len(untouched(scenario))} inputs are still defaults that nobody owns"
    for what, due in sorted(scenario.timing.deadlines.items(), key=lambda item: item[1]):
        yield f"- due {due.isoformat()}: {_text(what)}"
    yield ""
    for decision in decisions:
        yield from _decision(case, decision)
    yield "## Confirmation"
    yield ""
    limit = share(scenario.operations.rollback_limit)
    yield f"Roll back when energy per accepted answer is more than {limit} above this plan, with its"
    yield "interval clear and the traffic mix unchanged, or on any safety failure. Revisit when a flip"
    yield "point above is reached, or when a figure it rests on is refreshed."


def _decision(case: Case, decision: Decision) -> Iterator[str]:
    yield f"## {_text(decision.question)}"
    yield ""
    yield "### Considered Options"
    yield ""
    yield from _considered(decision)
    yield ""
    yield "### Decision Outcome"
    yield ""
    chosen = taken(case, decision)
    if chosen is None:
        yield "No option passes every gate; the list above says what to relax."
        yield ""
        return
    recorded = case.given.decisions.get(decision.step)
    if recorded is not None:
        because = f" because {_text(recorded.reason)}" if recorded.reason else ""
        yield f"Chosen: **{_text(chosen.title)}**, recorded by {_text(recorded.by) or 'the team'}{because}."
    else:
        yield f"Chosen: **{_text(chosen.title)}**, best in {share(decision.confidence)} of draws."
    yield ""
    yield _text(decision.headline)
    yield ""
    yield from (f"- {_text(reason)}" for reason in decision.reasons)
    yield f"- the best plan with it, a year: {_figures(chosen.year)}"
    if decision.runner_up is not None:
        yield f"- runner-up: {_text(decision.runner_up.title)}"
    yield ""
    yield "### Consequences"
    yield ""
    yield from _consequences(decision)
    yield ""


def _considered(decision: Decision) -> Iterator[str]:
    for option in decision.options:
        if option.eligible:
            yield f"- {_text(option.title)} (best in {share(decision.p_best.get(option.key, 0))} of draws)"
    eliminated = decision.eliminated
    for option, failed in eliminated[:RULED_OUT_SHOWN]:
        rules = _text(", ".join(rule_name(gate.rule).lower() for gate in failed))
        yield f"- {_text(option.title)}: ruled out by {rules}; to bring it back: {_text(failed[0].remedy)}"
    if len(eliminated) > RULED_OUT_SHOWN:
        yield f"- {len(eliminated) - RULED_OUT_SHOWN} more were ruled out; plan.json lists them"


def _consequences(decision: Decision) -> Iterator[str]:
    for flip in decision.flips:
        change = _text(f"{flip.label.lower()} goes from {plainly(flip.present)} to {plainly(flip.flips_at)}")
        yield f"- {'leaves' if flip.leaves_nothing else 'flips to'} {_text(flips_to(flip))} when {change}"
    for warning in decision.warnings:
        yield f"- mind: {_text(warning)}"
    if not decision.flips and not decision.warnings:
        yield "- no single input within a hundredfold change flips it"


def _figures(footprint: Footprint) -> str:
    parts = []
    for name, unit in SHOWN:
        low, middle, high = summary(footprint[name])
        parts.append(f"{name} {amount(middle, unit)} ({amount(low, unit)} to {amount(high, unit)})")
    return ", ".join(parts)
