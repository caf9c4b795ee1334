"""Guidance on data, operations and the plan as a whole, each item answered from the plan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from advisor.core.draws import central
from advisor.core.wording import amount, number, share
from advisor.steps.data_storage.kept import Study, study
from advisor.system import decay, upkeep
from advisor.system.bill import Phase, Resource
from advisor.system.regions import region_name
from advisor.system.rollback import rollback_rule
from advisor.system.shifting import job_region
from advisor.system.storage.schedules import on_media_gb
from advisor.view.guided import Answer, Asked, because, figure

Answers = dict[str, Callable[[Asked], Answer]]
PHASES: tuple[tuple[str, Phase], ...] = (
    ("once", "once"),
    ("standing", "standing"),
    ("in use", "per_request"),
)
DATA = (Resource.STORED_DATA, Resource.TRANSFER)
JOBS = (Resource.TRAINING_RUN, Resource.EVALUATION_RUN, Resource.UPKEEP)


def _study(asked: Asked) -> Study:
    return study(asked.case, asked.plan.plan)


def _pillars(asked: Asked) -> Answer:
    weights = asked.case.given.priorities.model_dump()
    said = ", ".join(f"{name} {value:g}" for name, value in weights.items() if value)
    gates = {gate.rule for one in asked.decisions if one.choice for gate in one.choice.gates}
    return figure(f"weights {said}; {len(gates)} hard rules come before them")


def _phases(asked: Asked) -> Answer:
    bill = asked.plan.bill
    parts = []
    for word, phase in PHASES:
        carbon = central(bill.sum(line for line in bill if line.phase == phase)["carbon"])
        parts.append(f"{word} {amount(carbon, 'kgCO2e')}")
    return figure(f"{', '.join(parts)} of {asked.told()}")


def _shifting(asked: Asked) -> Answer:
    plan = asked.plan.plan
    if not asked.year(*JOBS, indicator="energy"):
        return because("no job takes energy")
    held = {"now": "at once", "time": "in clean hours", "place": "in the cleanest region"}
    region = job_region(asked.case, plan.deployment)
    where = region_name(asked.case, region)
    return figure(f"jobs of {asked.told(*JOBS)} run {held[plan.operation.timing]}, from {where}")


def _stages(asked: Asked) -> Answer:
    return figure(
        f"stored {asked.told(Resource.STORED_DATA, indicator='energy')}, moved "
        f"{asked.told(Resource.TRANSFER, indicator='energy')}, of {asked.told(indicator='energy')}"
    )


def _public(asked: Asked) -> Answer:
    public = {one.name: one.data.public_licence for one in _study(asked).kept if one.data.public_licence}
    if not public:
        return because("no data set is public")
    return figure("; ".join(f"{name}: licence {word}" for name, word in public.items()))


def _examples(asked: Asked) -> Answer:
    knowledge = asked.case.given.knowledge
    if not knowledge.examples:
        return because("there are no examples to train on")
    word = knowledge.examples_licensed
    said = f"{number(knowledge.examples)} examples, licensed for training: {word}"
    return figure(said) if word != "unknown" else asked.owed(said, "knowledge.examples_licensed")


def _relevant(asked: Asked) -> Answer:
    kept = asked.case.given.ingestion.kept_share
    return figure(f"{share(kept)} of what arrives is worth keeping; the rest is not stored")


def _sample(asked: Asked) -> Answer:
    part = asked.case.given.ingestion.pilot_share
    return figure(f"the pilot takes in {share(part)} of the data first")


def _batches(asked: Asked) -> Answer:
    taken = asked.case.given.ingestion
    return figure(f"{taken.mode}, {number(taken.runs_per_day)} runs a day")


def _rework(asked: Asked) -> Answer:
    case, plan = asked.case, asked.plan.plan
    again = case.given.ingestion.rework_rate
    said = f"{share(again)} of the data is processed again for poor quality"
    if not decay.trained(plan.model, plan.improvement):
        return figure(f"{said}; nothing is trained on it")
    runs, trained = case.given.knowledge.tuning_runs, asked.told(Resource.TRAINING_RUN, indicator="energy")
    return figure(f"{said}; {number(runs)} training runs, failed ones included, {trained}")


def _less(asked: Asked) -> Answer:
    found = _study(asked)
    before, after = on_media_gb(asked.case, found.today), on_media_gb(asked.case, found.chosen)
    if not before:
        return because("nothing is stored")
    return figure(f"{amount(after, 'GB')} on media against {amount(before, 'GB')} today, all copies counted")


def _duplicates(asked: Asked) -> Answer:
    found = [one for one in _study(asked).chosen if one.kept.data.duplicate_share]
    if not found:
        return because("no data set holds duplicates")
    done = sum(one.dedupe for one in found)
    return figure(f"{done} of {len(found)} sets with duplicates are deduplicated")


def _compressed(asked: Asked) -> Answer:
    found = [one for one in _study(asked).chosen if not one.kept.data.compressed]
    if not found:
        return because("everything stored is compressed already")
    return figure(f"{sum(one.squeeze for one in found)} of {len(found)} sets are compressed")


def _edge(asked: Asked) -> Answer:
    taken = asked.case.given.ingestion
    if not taken.internet_gb_per_month:
        return because("nothing arrives over the internet")
    said = f"{number(taken.internet_gb_per_month)} GB a month arrive over the internet"
    return figure(f"{said}, filtered {'at the edge' if taken.edge_filtering else 'in the cloud'}")


def _edge_secured(asked: Asked) -> Answer:
    given = asked.case.given
    if not given.ingestion.edge_filtering and given.constraints.device is None:
        return because("there are no edge devices")
    word = given.ingestion.edge_secured
    said = f"edge devices secured and monitored: {word}"
    return figure(said) if word == "yes" else asked.owed(said, "ingestion.edge_secured")


def _tiers(asked: Asked) -> Answer:
    chosen = _study(asked).chosen
    moving = [one for one in chosen if len(one.moves) > 1]
    ages = sorted({float(np.ceil(age)) for one in moving for age, _ in one.moves[1:]})
    if not chosen:
        return because("nothing is stored")
    when = f", at {', '.join(number(age) for age in ages)} days" if ages else ""
    return figure(f"{len(moving)} of {len(chosen)} sets move to cooler tiers as they age{when}")


def _retention(asked: Asked) -> Answer:
    chosen = _study(asked).chosen
    ends = [f"{one.name} {number(one.kept_days)}" for one in chosen if np.isfinite(one.kept_days)]
    if not ends:
        return because("all that is stored is in use")
    legal = sum(one.kept.data.legal_min_days is not None for one in chosen)
    return figure(f"kept, in days: {', '.join(ends[:4])}; a law asks for {legal} of {len(chosen)}")


def _storage_region(asked: Asked) -> Answer:
    found = _study(asked)
    places = sorted({region_name(asked.case, one.region) for one in found.chosen})
    if not places:
        return because("nothing is stored")
    return figure(
        f"{', '.join(places)}: {asked.told(*DATA, indicator='cost')}, {asked.told(*DATA)}; the table of "
        f"regions prices the others"
    )


def _near(asked: Asked) -> Answer:
    found = _study(asked)
    away = [one.name for one in found.chosen if one.moved]
    here = region_name(asked.case, found.base)
    said = f"read in {here}; {len(away)} of {len(found.chosen)} sets lie elsewhere"
    return figure(f"{said}, sending {asked.told(Resource.TRANSFER)}")


def _recovery(asked: Asked) -> Answer:
    found = sorted({one.redundancy for one in _study(asked).chosen})
    if not found:
        return because("nothing is stored")
    wanted = asked.case.given.operations.survive_region_loss
    return figure(f"{', '.join(found)}; the loss of a region {'is' if wanted else 'need not be'} survived")


def _fades(asked: Asked) -> bool:
    return decay.trained(asked.plan.plan.model, asked.plan.plan.improvement)


def _retraining(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    if not _fades(asked):
        return because("nothing was trained that could fade")
    days = central(upkeep.interval_days(case, plan.model, plan.improvement, plan.operation))
    every = f"every {number(days)} days" if np.isfinite(days) else "never"
    loss = central(decay.loss_per_day(case))
    how = plan.operation.retraining
    return figure(
        f"{how}: {every}; {loss:.3%} of answers are lost a day in a {case.given.operations.volatility} domain"
    )


def _evaluation(asked: Asked) -> Answer:
    plan = asked.plan.plan
    found = upkeep.evaluation(asked.case, plan.model, plan.improvement, plan.operation)
    return figure(
        f"{number(found.samples)} answers judged {number(found.runs_per_month)} times a month show drops of "
        f"{share(found.detectable)}: {asked.told(Resource.EVALUATION_RUN)}"
    )


def _drift(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    return figure(
        f"watched together: Wh per accepted answer ({number(rule.expected)} expected), share accepted "
        f"({asked.quality}), and drift of the data: mean input tokens off {number(rule.input_tokens)} by "
        f"more than {share(rule.mix_tolerance)}"
    )


def _wasted(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    if not _fades(asked):
        return because("nothing was trained that could fade")
    lost = central(upkeep.mean_loss(case, plan.model, plan.improvement, plan.operation))
    return figure(f"{share(lost)} of answers are poor for it on average, each asked again")


def _beside(asked: Asked) -> Answer:
    found = asked.rules("latency", "first_token", "availability", "security_scan", "residency")
    return figure(f"{asked.told()} beside {found or 'no rule of time, place or security'}")


def _arms(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    days = rule.needed / central(asked.case.workload.requests_per_day)
    return figure(f"{number(rule.needed)} requests in each arm, {number(days)} days of all traffic")


def _rollback(asked: Asked) -> Answer:
    rule = rollback_rule(asked.case, asked.plan.plan)
    return figure(f"roll back above {number(rule.limit)} Wh per accepted answer: rollback-alert.json")


def _indicators(asked: Asked) -> Answer:
    year = asked.plan.year
    names = {"energy": "kWh", "carbon": "kgCO2e", "water": "L", "ewaste": "kg"}
    said = [f"{amount(central(year[name]), unit)}" for name, unit in names.items()]
    return figure(f"{', '.join(said)} a year, the last of e-waste")


def _watch(asked: Asked) -> Answer:
    settings = asked.plan.settings
    if "utilisation" in settings:
        return figure(f"watch use of what is held: {share(float(settings['utilisation']))} expected")
    mode = asked.plan.plan.deployment.mode
    said = "memory, processor and network of the devices" if mode == "edge" else "refusals and waiting times"
    return asked.owed(f"{said}: nothing is metered here yet", "operations.availability")


def _harm(asked: Asked) -> Answer:
    return asked.owed(
        "a filter on inputs and outputs, and a test of harm and unfair treatment", "quality.floor", "safety"
    )


def _accountable(asked: Asked) -> Answer:
    decided = asked.case.given.decisions
    by = sorted({one.by for one in decided.values() if one.by})
    if by and len(decided) == len(asked.decisions):
        return figure(f"all {len(decided)} decisions are signed by {', '.join(by)}")
    said = f"{len(decided)} of {len(asked.decisions)} decisions are signed"
    return asked.owed(said, "quality.floor", "sign-off")


def _dated(asked: Asked) -> Answer:
    days = [asked.case.catalogue.coefficient(name).checked for name in asked.plan.evidence]
    return (
        figure(f"{len(days)} figures, checked from {min(days)} to {max(days)}")
        if days
        else because("no figure")
    )


ANSWERS: Answers = {
    "A01": _pillars, "A02": _phases, "A14": _shifting, "A17": _stages, "A18": _public, "A19": _relevant,
    "A20": _sample, "A21": _examples, "A22": _batches, "A23": _rework, "A24": _less, "A25": _edge,
    "A26": _edge_secured, "A27": _tiers, "A28": _compressed, "A29": _duplicates, "A30": _retention,
    "A31": _storage_region, "A32": _near, "A33": _stages, "A35": _recovery, "A38": _retraining,
    "A39": _retraining, "A40": _retraining, "A41": _retraining, "A42": _evaluation, "A43": _drift,
    "A44": _wasted, "A45": _beside, "A50": _phases, "A51": _shifting, "A52": _arms, "A53": _rollback,
    "B01": _indicators, "B02": _beside, "B27": _evaluation, "B28": _harm, "B29": _watch, "B31": _accountable,
    "B32": _dated,
}  # fmt: skip
