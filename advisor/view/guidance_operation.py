"""Guidance on operations and the plan as a whole, each item answered from the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import dated, joined, numeral, say
from advisor.core.wording import amount, in_days, number, share
from advisor.steps import signed
from advisor.system import decay, retraining, staleness, upkeep
from advisor.system.bill import MONTHS_PER_YEAR, Phase, Resource
from advisor.system.places import place
from advisor.system.priorities import NAMES
from advisor.system.regions import cleanest_allowed, device_country, place_name, region_name
from advisor.system.rollback import rollback_rule, test_days, wasted_kwh
from advisor.system.shifting import job_region
from advisor.system.techniques import retrieves
from advisor.view.guidance_answer import Answer, Answers, Asked, because, figure
from advisor.view.key_texts import value_words

PHASES: tuple[tuple[str, Phase], ...] = (
    (say("once"), "once"),
    (say("standing"), "standing"),
    (say("in use"), "per_request"),
)
A_DAY = 1.0  # by how much an index is taken to be behind, to say what that costs
METERED = {
    "edge": say("memory, processor and network of the devices: nothing is metered here yet"),
    "processors": say("memory, processor and network of the containers: nothing is metered here yet"),
    "container": say("memory, processor and network of the containers: nothing is metered here yet"),
}
JOBS = (Resource.TRAINING_RUN, Resource.EVALUATION_RUN, Resource.UPKEEP)
# when jobs run
HELD = {"now": say("at once"), "time": say("in clean hours"), "place": say("in the cleanest region")}


def _pillars(asked: Asked) -> Answer:
    given = asked.case.given.priorities
    said = joined(
        ", ",
        (
            joined(" ", (NAMES[name], numeral(getattr(given, name), "g")))
            for name in NAMES
            if getattr(given, name)
        ),
    )
    gates = {gate.rule for one in asked.decisions if one.choice for gate in one.choice.gates}
    price = given.carbon_price_usd_per_t
    if price is not None:
        return figure(
            say(
                "cost, with carbon at {price} USD a tonne in place of weights; {gates} hard rules come "
                "before it",
                price=numeral(price, "g"), gates=len(gates),
            )
        )  # fmt: skip
    return figure(say("weights {said}; {gates} hard rules come before them", said=said, gates=len(gates)))


def _phases(asked: Asked) -> Answer:
    bill = asked.plan.bill
    parts = []
    for word, phase in PHASES:
        carbon = central(bill.sum(line for line in bill if line.phase == phase)["carbon"])
        parts.append(joined(" ", (word, amount(carbon, "kgCO2e"))))
    return figure(say("{parts} of {whole}", parts=joined(", ", parts), whole=asked.told()))


def _shifting(asked: Asked) -> Answer:
    plan = asked.plan.plan
    if not asked.year(*JOBS, indicator="energy", phases=("standing",)):
        return because(say("no job takes energy"))
    region = job_region(asked.case, plan.deployment)
    where = region_name(asked.case, region)
    return figure(
        say(
            "jobs of {carbon} run {when}, from {where}",
            carbon=asked.told(*JOBS, phases=("standing",)),
            when=HELD[plan.operation.timing],
            where=where,
        )
    )


def _fades(asked: Asked) -> bool:
    return decay.trained(asked.plan.plan.model, asked.plan.plan.improvement)


def _retraining(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    if not _fades(asked):
        return because(say("nothing was trained that could fade"))
    days = central(upkeep.interval_days(case, *plan.early, plan.operation))
    least = central(retraining.energy_interval(case, *plan.early, plan.operation))
    how = value_words(plan.operation.retraining)
    if np.isfinite(days):
        how = say("{how}, every {days} days", how=how, days=number(days))
    each = amount(central(retraining.each_kwh(case, *plan.early, plan.operation)), "kWh")
    if not np.isfinite(least):
        fades = bool(central(decay.loss_per_day(case)))
        reason = say("answers asked again take none") if fades else say("nothing is taken to fade")
        return figure(
            say("{how}: no interval pays back the {each} of a retraining: {reason}",
                how=how, each=each, reason=reason)
        )  # fmt: skip
    return figure(
        say(
            "{how}: least energy at {best} days, where {each} a retraining weighs as much as the answers "
            "asked again",
            how=how, best=number(least), each=each,
        )
    )  # fmt: skip


def _trigger(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    floor = case.given.quality.floor
    found = upkeep.evaluation(case, plan.model, plan.improvement, plan.operation)
    if not found.runs_per_month:
        return asked.owed(say("no evaluation run would see a drop"), "operations.evaluation_runs_per_month")
    seen = say(
        "runs, {runs} a month, show a drop of {drop}, {lag} days after it on average",
        runs=number(found.runs_per_month), drop=share(found.detectable), lag=number(found.lag_days),
    )  # fmt: skip
    drop = decay.alarm_drop(case, *plan.early, found.runs_per_month)
    if not np.isfinite(drop):
        return figure(say("accepted answers are below the floor from the start; {seen}", seen=seen))
    if not _fades(asked):
        return figure(
            say(
                "below {floor} accepted prompts and index are mended, nothing is retrained; {seen}",
                floor=share(floor), seen=seen,
            )
        )  # fmt: skip
    level = decay.accepted_at_first(case, *plan.early) - drop
    return figure(
        say(
            "retrain when a run shows {level} accepted or less: the floor of {floor}, and what may fade "
            "between two runs; {seen}",
            level=numeral(level, ".1%"), floor=share(floor), seen=seen,
        )
    )  # fmt: skip


def _volatility(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    if not _fades(asked):
        return because(say("nothing was trained that could fade"))
    domain, loss = value_words(case.given.operations.volatility), central(decay.loss_per_day(case))
    if not loss:
        return figure(
            say("{domain} domain: no answer is taken to be lost with time; evaluations tell", domain=domain)
        )
    days = central(decay.floor_days(case, *plan.early))
    until = say("the floor is reached in {days} days", days=number(days))
    return figure(
        say(
            "{domain} domain: {loss} of answers are lost a day, {fast} where it fades fast; {until}",
            domain=domain,
            loss=numeral(loss, ".3%"),
            fast=numeral(decay.fast_loss(case), ".3%"),
            until=until if np.isfinite(days) else say("it starts below the floor"),
        )
    )


def _stale(asked: Asked) -> Answer:
    """What it costs where the world moves on: weights that fade, and an index that is behind."""
    plan, case = asked.plan.plan, asked.case
    said = []
    if _fades(asked) and not central(decay.loss_per_day(case)):
        said.append(say("weights: nothing is taken to fade"))
    elif _fades(asked):
        alone = replace(plan.operation, retraining="never")
        now, never = (central(upkeep.mean_loss(case, *plan.early, one)) for one in (plan.operation, alone))
        said.append(
            say(
                "weights: {lost} of answers are poor on average, {never} if never retrained; asked again "
                "they take {energy} and {cost}",
                lost=share(now),
                never=share(never),
                energy=asked.told(Resource.UPKEEP, indicator="energy", phases=("per_request",)),
                cost=asked.told(Resource.UPKEEP, indicator="cost", phases=("per_request",)),
            )
        )
    every = case.given.knowledge.changes_every_days
    if retrieves(plan.improvement.technique) and every:
        lost = central(staleness.lost(case, plan.model, plan.improvement, A_DAY))
        said.append(
            say(
                "index: renewed as knowledge changes, every {every} days; a day behind, {outdated} of the "
                "documents are no longer true and {lost} of answers are lost, {count} a day",
                every=number(every),
                outdated=share(central(staleness.outdated(case, A_DAY))),
                lost=numeral(lost, ".2%"),
                count=number(lost * central(case.workload.mean_per_day)),
            )
        )
    if said:
        return figure(joined("; ", said))
    return because(
        say(
            "nothing was trained, and nothing is looked up that changes; what old facts in a prompt "
            "cost is not computed"
        )
    )


def _evaluation(asked: Asked) -> Answer:
    plan = asked.plan.plan
    found = upkeep.evaluation(asked.case, plan.model, plan.improvement, plan.operation)
    return figure(
        say(
            "{samples} answers judged {times}× a month show drops of {drop}: {carbon}",
            samples=number(found.samples),
            times=number(found.runs_per_month),
            drop=share(found.detectable),
            carbon=asked.told(Resource.EVALUATION_RUN),
        )
    )


def _drift(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    return figure(
        say(
            "watched together: Wh per accepted answer ({expected} expected), share accepted "
            "({quality}), and drift of the data: mean input tokens off {tokens} by more than {tolerance}",
            expected=number(rule.expected),
            quality=asked.quality,
            tokens=number(rule.input_tokens),
            tolerance=share(rule.mix_tolerance),
        )
    )


def _wasted(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    if not _fades(asked):
        return because(say("nothing was trained that could fade"))
    lost = central(upkeep.mean_loss(case, *plan.early, plan.operation))
    return figure(
        say(
            "{wasted} a year go into answers that are poor for it, {lost} of all on average",
            wasted=amount(wasted_kwh(case, plan), "kWh"),
            lost=share(lost),
        )
    )


def _beside(asked: Asked) -> Answer:
    found = asked.rules("latency", "first_token", "availability", "security_scan", "residency")
    if not found:
        return figure(say("{carbon} beside no rule of time, place or security", carbon=asked.told()))
    return figure(say("{carbon} beside {rules}", carbon=asked.told(), rules=found))


def _arms(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    return figure(
        say(
            "{needed} requests in each of two arms, {span} of all traffic",
            needed=number(rule.needed),
            span=in_days(test_days(asked.case, asked.plan.plan)),
        )
    )


def _rollback(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    return figure(
        say("roll back above {limit} Wh per accepted answer: rollback-alert.json", limit=number(rule.limit))
    )


def _indicators(asked: Asked) -> Answer:
    year = asked.plan.year
    names = {"energy": "kWh", "carbon": "kgCO2e", "water": "L", "ewaste": "kg"}
    said = (amount(central(year[name]), unit) for name, unit in names.items())
    return figure(say("{said} a year, the last of e-waste", said=joined(", ", said)))


def _watch(asked: Asked) -> Answer:
    mode, held = asked.plan.plan.deployment.mode, asked.deployed
    if "utilisation" in held:
        used = say("watch use of what is held: {used} expected", used=share(held["utilisation"]))
        meters = say("power, memory and network of its GPUs can be read")
        return figure(joined("; ", (used, meters)) if mode == "maap" else used)
    said = METERED.get(mode, say("refusals and waiting times: nothing is metered here yet"))
    return asked.owed(said, "operations.availability")


def _carbon_seen(asked: Asked) -> Answer:
    """How late measured carbon comes, what it is held against, and whether a cleaner place is left."""
    case, plan = asked.case, asked.plan.plan
    month = asked.year() / MONTHS_PER_YEAR
    edge = plan.deployment.mode == "edge"
    here = place(case, device_country(case) if edge else plan.deployment.where)
    at = say(
        "{carbon} a month expected, on {grams} g/kWh",
        carbon=amount(month, "kgCO2e"), grams=number(central(here.location)),
    )  # fmt: skip
    if edge:
        return figure(say("{at}: no provider reports it, a meter at the devices does at once", at=at))
    seen = say(
        "the provider tells it by day {day} of the next month, too late to steer by, and what is within "
        "{tracked} of it is noise",
        day=numeral(case.central("operations.carbon_reported", "day"), "g"),
        tracked=share(case.central("operations.mean_tracking", "ratio")),
    )
    cleanest = place(case, f"region:{cleanest_allowed(case)}")
    fewest = central(cleanest.location)
    cleaner = (
        say("{best} has {fewest} g/kWh", best=place_name(case, cleanest.key), fewest=number(fewest))
        if fewest < central(here.location)
        else say("no region that rules allow has less")
    )
    return figure(joined("; ", (joined(": ", (at, seen)), cleaner)))


def _harm(asked: Asked) -> Answer:
    return asked.owed(
        say("a filter on inputs and outputs, and a test of harm and unfair treatment"),
        "quality.floor",
        "safety",
    )


def _accountable(asked: Asked) -> Answer:
    decided = {one.step: asked.case.given.decisions[one.step] for one in asked.decisions
               if signed(asked.case, one)}  # fmt: skip
    by = sorted({one.by for one in decided.values() if one.by})
    if by and len(decided) == len(asked.decisions):
        return figure(say("all {count} decisions are signed by {who}", count=len(decided), who=", ".join(by)))
    count, every = len(decided), len(asked.decisions)
    said = say("{count} of {decisions} decisions are signed", count=count, decisions=every)
    return asked.owed(said, "quality.floor", "sign-off")


def _dated(asked: Asked) -> Answer:
    days = [asked.case.catalogue.coefficient(name).checked for name in asked.plan.evidence]
    if not days:
        return because(say("no figure"))
    first, last = dated(min(days)), dated(max(days))
    return figure(
        say("{count} figures, checked from {first} to {last}", count=len(days), first=first, last=last)
    )


ANSWERS: Answers = {
    "A01": _pillars, "A02": _phases, "A14": _shifting, "A38": _retraining, "A39": _trigger,
    "A40": _volatility, "A41": _stale, "A42": _evaluation, "A43": _drift, "A44": _wasted,
    "A45": _beside, "A50": _phases, "A51": _shifting, "A52": _arms, "A53": _rollback, "B01": _indicators,
    "B02": _beside, "B27": _evaluation, "B28": _harm, "B29": _watch, "B30": _carbon_seen,
    "B31": _accountable, "B32": _dated,
}  # fmt: skip
