"""The decision record: one MADR 4 document for the plan, ready for a repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from advisor.core.draws import central, summary
from advisor.core.escaping import front_matter
from advisor.core.escaping import markdown as _text
from advisor.core.escaping import markdown_coded as _coded
from advisor.core.footprint import Footprint
from advisor.core.saying import dated, here, joined, numeral, say
from advisor.core.wording import amount, counted, in_years, per_day, percent, share
from advisor.decide.option import Decision, Option
from advisor.outputs.shared_texts import CONCERNS
from advisor.steps import final_option, signed, taken
from advisor.system import priorities
from advisor.system.case import Case
from advisor.system.confirmed import unconfirmed
from advisor.view.texts import flips_to, plainly, rules_failed, spoken

SHOWN = (("carbon", "kgCO2e"), ("water", "L"), ("energy", "kWh"), ("cost", "USD"))
RULED_OUT_SHOWN = 8


def decision_record(case: Case, decisions: Sequence[Decision]) -> str:
    """The plan as Markdown in the form of MADR 4.0: status, drivers, options, outcome, confirmation.

    It is told in the language spoken; the keys and the status of its head are those of MADR in any.
    """
    return "\n".join(here(line) for line in _lines(case, decisions)) + "\n"


def _lines(case: Case, decisions: Sequence[Decision]) -> Iterator[str]:
    scenario, plan = case.given, final_option(case, decisions)
    standing = [scenario.decisions[one.step] for one in decisions if signed(case, one)]
    people = sorted({recorded.by for recorded in standing if recorded.by})
    days = {recorded.on for recorded in standing if recorded.on}
    yield "---"
    yield f"status: {'accepted' if len(standing) == len(decisions) else 'proposed'}"
    yield from (f"date: {day.isoformat()}" for day in sorted(days)[-1:])
    makers = ", ".join(people) or say("not yet named")
    yield f"decision-makers: {front_matter(makers)}"
    yield "---"
    yield ""
    yield "# " + say("{title}: a sustainable generative-AI plan", title=_text(scenario.name))
    yield ""
    yield "## " + say("Context and Problem Statement")
    yield ""
    if scenario.description:
        yield _text(scenario.description)
        yield ""
    yield say(
        "{per_day} at the start, planned for {span} from {start}.",
        per_day=per_day(central(case.workload.requests_per_day)),
        start=dated(scenario.timing.start),
        span=in_years(scenario.timing.horizon_years),
    )
    if plan is not None:
        yield say("The plan as a whole, a year: {figures}.", figures=_figures(plan.year))
    yield ""
    yield "## " + say("Decision Drivers")
    yield ""
    price = scenario.priorities.carbon_price_usd_per_t
    if price is not None:
        yield say("- cost, with carbon at {price} USD a tonne in place of weights", price=numeral(price, "g"))
    else:
        given = {
            concern: getattr(scenario.priorities, concern) for concern in (*priorities.CONCERNS, "quality")
        }
        for concern, weight in sorted(given.items(), key=lambda item: -item[1]):
            if weight:
                yield say(
                    "- {concern}: weight {weight}", concern=CONCERNS[concern], weight=numeral(weight, "g")
                )
    yield say("- quality: at least {floor} of answers accepted", floor=percent(scenario.quality.floor))
    yield joined("", ("- ", unconfirmed(scenario).said))
    for what, due in sorted(scenario.timing.deadlines.items(), key=lambda item: item[1]):
        yield say("- due {day}: {what}", day=dated(due), what=_text(what))
    yield ""
    for decision in decisions:
        yield from _decision(case, decision)
    yield "## " + say("Confirmation")
    yield ""
    yield say(
        "Roll back when energy per accepted answer is more than {limit} above this plan, with its\n"
        "interval clear and the traffic mix unchanged, or on any safety failure. Revisit when a flip\n"
        "point above is reached, or when a figure it rests on is refreshed.",
        limit=share(scenario.operations.rollback_limit),
    )


def _decision(case: Case, decision: Decision) -> Iterator[str]:
    yield f"## {_text(decision.question)}"
    yield ""
    yield "### " + say("Considered Options")
    yield ""
    yield from _considered(decision)
    if not decision.options:
        yield _text(decision.headline)
    yield ""
    yield "### " + say("Decision Outcome")
    yield ""
    chosen = taken(case, decision)
    if chosen is None:
        yield say("No option passes every gate.") if decision.options else say("None yet.")
        yield ""
        yield from (f"- {_coded(spoken(reason))}" for reason in decision.reasons)
        yield from ("" for _ in decision.reasons[:1])
        return
    yield _status(case, decision)
    yield ""
    yield _outcome(case, decision, chosen)
    yield ""
    yield from _lost(case, decision)
    yield _text(decision.answer)
    yield ""
    if decision.recorded is None:
        yield from _argued(decision)
    else:
        yield _with_it(decision, chosen)
        yield ""
        yield from _beside(decision)
    yield ""
    yield "### " + say("Consequences")
    yield ""
    yield from _consequences(decision)
    yield ""


def _status(case: Case, decision: Decision) -> str:
    """Whether people have taken it, and when: a step may be decided while others are not."""
    recorded = case.given.decisions.get(decision.step)
    if recorded is None or decision.lost:
        return say("Status: proposed")
    if recorded.on is None:
        return say("Status: accepted")
    return say("Status: accepted, {day}", day=dated(recorded.on))


def _beside(decision: Decision) -> Iterator[str]:
    """The advice beside another option that people recorded: its own words, named as such."""
    advice = decision.choice
    if advice is None:
        yield say("The advice is none: no option passes every gate.")
        return
    option = _text(advice.title)
    if decision.runner_up is None:
        yield say("The advice is **{option}**, the only option that passes every gate.", option=option)
    else:
        best = share(decision.confidence)
        yield say("The advice is **{option}**, best in {share} of draws.", option=option, share=best)
    yield ""
    yield _text(decision.headline)
    yield ""
    yield from _argued(decision)


def _argued(decision: Decision) -> Iterator[str]:
    """What speaks for the advice, the best plan with it, and what comes next."""
    yield from (f"- {_text(reason)}" for reason in decision.every_reason)
    if decision.choice is not None:
        yield _with_it(decision, decision.choice)
    if decision.runner_up is not None:
        yield say("- runner-up: {option}", option=_text(decision.runner_up.title))


def _with_it(decision: Decision, option: Option) -> str:
    said = say("- the best plan with it, a year: {figures}", figures=_figures(option.year))
    if decision.recorded is not option:
        return said
    if option.eligible:
        return say(
            "{said}; best in {share} of draws", said=said, share=share(decision.p_best.get(option.key, 0))
        )
    return say("{said}; it fails {rules}", said=said, rules=_text(rules_failed(option.gates)))


def _outcome(case: Case, decision: Decision, chosen: Option) -> str:
    """What is chosen, and by whom."""
    recorded, option = case.given.decisions.get(decision.step), _text(chosen.title)
    if recorded is None or decision.lost:
        if decision.runner_up is None:
            return say("Chosen: **{option}**, the only option that passes every gate.", option=option)
        best = share(decision.confidence)
        return say("Chosen: **{option}**, best in {share} of draws.", option=option, share=best)
    by = _text(recorded.by) or say("the team")
    if not recorded.reason:
        return say("Chosen: **{option}**, recorded by {by}.", option=option, by=by)
    return say(
        "Chosen: **{option}**, recorded by {by} because {reason}.",
        option=option,
        by=by,
        reason=_text(_unstopped(recorded.reason)),
    )


def _lost(case: Case, decision: Decision) -> Iterator[str]:
    """What people recorded and no option here is: their decision, and none of what is chosen."""
    if not decision.lost:
        return
    recorded = case.given.decisions[decision.step]
    said = say(
        "Recorded by {by}, and not to be had here: **{option}**.",
        by=_text(recorded.by) or say("the team"), option=_text(decision.lost),
    )  # fmt: skip
    yield said
    yield ""
    if recorded.reason:
        yield say("Their reason: {reason}.", reason=_text(_unstopped(recorded.reason)))
        yield ""


def _unstopped(text: str) -> str:
    """A text that ours puts a full stop behind, without its own."""
    return text.removesuffix(".") if not text.endswith("..") else text


def _considered(decision: Decision) -> Iterator[str]:
    for option in decision.ranked:
        best = share(decision.p_best.get(option.key, 0))
        yield say("- {option} (best in {share} of draws)", option=_text(option.title), share=best)
    eliminated = decision.eliminated
    for option, failed in eliminated[:RULED_OUT_SHOWN]:
        title, rules = _text(option.title), _text(rules_failed(failed))
        remedies = list(dict.fromkeys(_coded(spoken(gate.remedy)) for gate in failed if gate.remedy))
        if not remedies:
            yield say("- {option}: ruled out by {rules}", option=title, rules=rules)
            continue
        yield say(
            "- {option}: ruled out by {rules}; to bring it back: {remedy}",
            option=title,
            rules=rules,
            # an option that fails several rules comes back once all are seen to
            remedy=reduce(_and_also, remedies),
        )
    if len(eliminated) > RULED_OUT_SHOWN:
        more = len(eliminated) - RULED_OUT_SHOWN
        yield counted(
            more,
            say("- one more was ruled out; plan.json lists it"),
            say("- {count} more were ruled out; plan.json lists them"),
        )


def _and_also(remedy: str, another: str) -> str:
    return say("{remedy}; and {another}", remedy=remedy, another=another)


def _consequences(decision: Decision) -> Iterator[str]:
    for flip in decision.flips:
        change = say(
            "{label} goes from {now} to {then}",
            label=flip.label.lower(),
            now=plainly(flip.present),
            then=plainly(flip.flips_at),
        )
        option, change = _coded(flips_to(flip)), _text(change)
        if flip.leaves_nothing:
            yield say("- leaves {option} when {change}", option=option, change=change)
        elif decision.recorded is not None:
            yield say("- the advice becomes {option} when {change}", option=option, change=change)
        else:
            yield say("- flips to {option} when {change}", option=option, change=change)
    for warning in decision.warnings:
        yield say("- mind: {warning}", warning=_text(warning))
    if not decision.flips and not decision.warnings:
        yield say("- no single input within a hundredfold change flips it")


def _figures(footprint: Footprint) -> str:
    parts = []
    for name, unit in SHOWN:
        low, middle, high = (amount(value, unit) for value in summary(footprint[name]))
        parts.append(
            say(
                "{concern} {middle} ({low} to {high})",
                concern=CONCERNS[name],
                middle=middle,
                low=low,
                high=high,
            )
        )
    return joined(", ", parts)
