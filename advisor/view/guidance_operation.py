"""Guidance on operations and the plan as a whole, each item answered from the plan."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import dated, joined, numeral, say
from advisor.core.wording import amount, number, share
from advisor.system import decay, upkeep
from advisor.system.bill import Phase, Resource
from advisor.system.regions import region_name
from advisor.system.rollback import rollback_rule
from advisor.system.shifting import job_region
from advisor.view.guided import Answer, Answers, Asked, because, figure
from advisor.view.words import value_words

PHASES: tuple[tuple[str, Phase], ...] = (
    (say("once"), "once"),
    (say("standing"), "standing"),
    (say("in use"), "per_request"),
)
JOBS = (Resource.TRAINING_RUN, Resource.EVALUATION_RUN, Resource.UPKEEP)
# when jobs run
HELD = {"now": say("at once"), "time": say("in clean hours"), "place": say("in the cleanest region")}
WEIGHED = {
    "carbon": say("carbon"),
    "cost": say("cost"),
    "quality": say("quality"),
    "water": say("water"),
    "energy": say("energy"),
    "ewaste": say("ewaste"),
    "carbon_price_usd_per_t": say("carbon_price_usd_per_t"),
}


def _pillars(asked: Asked) -> Answer:
    weights = asked.case.given.priorities.model_dump()
    said = joined(
        ", ",
        (joined(" ", (WEIGHED[name], numeral(value, "g"))) for name, value in weights.items() if value),
    )
    gates = {gate.rule for one in asked.decisions if one.choice for gate in one.choice.gates}
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
    if not asked.year(*JOBS, indicator="energy"):
        return because(say("no job takes energy"))
    region = job_region(asked.case, plan.deployment)
    where = region_name(asked.case, region)
    return figure(
        say(
            "jobs of {carbon} run {when}, from {where}",
            carbon=asked.told(*JOBS),
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
    every = say("every {days} days", days=number(days)) if np.isfinite(days) else value_words("never")
    loss = central(decay.loss_per_day(case))
    return figure(
        say(
            "{how}: {every}; {loss} of answers are lost a day in a {volatility} domain",
            how=value_words(plan.operation.retraining),
            every=every,
            loss=numeral(loss, ".3%"),
            volatility=value_words(case.given.operations.volatility),
        )
    )


def _evaluation(asked: Asked) -> Answer:
    plan = asked.plan.plan
    found = upkeep.evaluation(asked.case, plan.model, plan.improvement, plan.operation)
    return figure(
        say(
            "{samples} answers judged {times} times a month show drops of {drop}: {carbon}",
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
    return figure(say("{lost} of answers are poor for it on average, each asked again", lost=share(lost)))


def _beside(asked: Asked) -> Answer:
    found = asked.rules("latency", "first_token", "availability", "security_scan", "residency")
    if not found:
        return figure(say("{carbon} beside no rule of time, place or security", carbon=asked.told()))
    return figure(say("{carbon} beside {rules}", carbon=asked.told(), rules=found))


def _arms(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    days = rule.needed / central(asked.case.workload.requests_per_day)
    return figure(
        say(
            "{needed} requests in each arm, {days} days of all traffic",
            needed=number(rule.needed),
            days=number(days),
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
    settings = asked.plan.settings
    if "utilisation" in settings:
        used = share(float(settings["utilisation"]))
        return figure(say("watch use of what is held: {used} expected", used=used))
    said = (
        say("memory, processor and network of the devices: nothing is metered here yet")
        if asked.plan.plan.deployment.mode == "edge"
        else say("refusals and waiting times: nothing is metered here yet")
    )
    return asked.owed(said, "operations.availability")


def _harm(asked: Asked) -> Answer:
    return asked.owed(
        say("a filter on inputs and outputs, and a test of harm and unfair treatment"),
        "quality.floor",
        "safety",
    )


def _accountable(asked: Asked) -> Answer:
    decided = asked.case.given.decisions
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
    "A01": _pillars, "A02": _phases, "A14": _shifting, "A38": _retraining, "A39": _retraining,
    "A40": _retraining, "A41": _retraining, "A42": _evaluation, "A43": _drift, "A44": _wasted,
    "A45": _beside, "A50": _phases, "A51": _shifting, "A52": _arms, "A53": _rollback, "B01": _indicators,
    "B02": _beside, "B27": _evaluation, "B28": _harm, "B29": _watch, "B31": _accountable, "B32": _dated,
}  # fmt: skip
