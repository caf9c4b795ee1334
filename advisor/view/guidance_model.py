"""Guidance on models, improvements and deployment, each item answered from the plan."""

from __future__ import annotations

from collections.abc import Callable

from advisor.core.draws import central
from advisor.core.wording import amount, number, share
from advisor.system import caches, deployment_gates, requests, search_units, training
from advisor.system.bill import Resource
from advisor.system.decay import trained
from advisor.system.improvement_gates import NEEDS
from advisor.system.pilot import results
from advisor.system.places import place
from advisor.system.plan import ImprovementSetting
from advisor.system.quality import judged
from advisor.system.regions import ranked
from advisor.system.shifting import cleanest_region
from advisor.system.techniques import TUNED, retrieves
from advisor.view.guided import Answer, Asked, because, figure

Answers = dict[str, Callable[[Asked], Answer]]
PLAIN = ("encoder", "retrieval")


def _generation(asked: Asked) -> Answer:
    options = asked.step("foundation_model").options
    plain = [one for one in options if one.plan.model.kind in PLAIN]
    if asked.plan.plan.model.kind in PLAIN:
        return figure(f"no generation is needed: {asked.plan.plan.model.key} reaches {asked.quality}")
    alive = sum(one.eligible for one in plain)
    if alive or not plain:
        return figure(f"{alive} of {len(plain)} ways without generation pass; a model that writes was chosen")
    nearest = max(plain, key=lambda one: central(one.quality))
    gate = next(gate for gate in nearest.gates if not gate.passed)
    return figure(f"generation is needed: {nearest.title} fails, {gate.expected}, found {gate.found}")


def _small(asked: Asked) -> Answer:
    decision = asked.step("foundation_model")
    alive = [one for one in decision.options if one.eligible]
    heavier = sum(central(one.accepted["energy"]) > central(asked.plan.accepted["energy"]) for one in alive)
    return figure(f"{heavier} of the {len(alive)} models that pass take more energy per accepted answer")


def _device(asked: Asked) -> Answer:
    device = asked.case.given.constraints.device
    if device is None:
        return because("the scenario has no device that must run it alone")
    answer = asked.against("deployment", ("edge",), f"{device.count} × {device.kind}")
    return answer or because("the chosen model has no way to a device")


def _context(asked: Asked) -> Answer:
    model = asked.plan.plan.model
    if model.kind in PLAIN:
        return because("what answers has no prompt")
    one = requests.request(asked.case, model.main, asked.plan.plan.improvement.technique)
    longest = asked.case.given.quality.context_max_tokens
    return figure(
        f"{number(central(one.input_tokens))} tokens in and {number(central(one.output_tokens))} out for "
        f"{asked.quality} accepted; the longest request has {number(longest)}"
    )


def _own_training(asked: Asked) -> Answer:
    answer = asked.against("foundation_model", ("custom",), "a model trained from scratch")
    _, kwh, _ = training.pretraining_run(asked.case)
    avoided = f"; its final run alone takes {amount(central(kwh), 'kWh')}"
    return figure(answer.text + avoided) if answer else because("no own model is among the options")


def _provenance(asked: Asked) -> Answer:
    found = asked.rules("provenance", "security_scan", "licence")
    if not found:
        return because("what answers is no model with weights of its own")
    doubtful = "unknown" in found
    return asked.owed(found, "constraints.provenance") if doubtful else figure(found)


def _runtime(asked: Asked) -> Answer:
    chosen, settings = asked.plan.plan.deployment, asked.plan.settings
    if chosen.mode == "maap":
        return figure(
            f"continuous batching: {number(float(settings.get('batch') or 1))} requests at once at most, "
            f"busy {share(float(settings.get('utilisation') or 0))} of the time; see the table of runtimes"
        )
    if chosen.mode in ("processors", "container"):
        return figure(f"{chosen.mode}: {settings.get('replicas')} replicas of {settings.get('sku')}")
    return because("the provider chooses the runtime")


def _precision(asked: Asked) -> Answer:
    precision = asked.plan.plan.deployment.precision
    if precision is None:
        return because("the provider chooses the number format")
    name = f"precision_quality.{precision}"
    kept = f", {share(asked.case.central(name, 'ratio'))} of quality kept" if name in asked.case else ""
    return figure(f"{precision}{kept}")


def _tuning(asked: Asked) -> Answer:
    answer = asked.against("improvement", TUNED, "tuning")
    return answer or because("what answers is not tuned by examples")


def _iterations(asked: Asked) -> Answer:
    model, knowledge = asked.plan.plan.model, asked.case.given.knowledge
    if model.kind in PLAIN or knowledge.prompt_tokens_tuning_removes <= 0:
        return because("tuning would remove no prompt tokens")
    turns = central(requests.turns(asked.case, model.main, "lora"))
    removed = number(knowledge.prompt_tokens_tuning_removes)
    return figure(f"tuning removes {removed} tokens a request and leaves {share(turns)} of the turns")


def _training_place(asked: Asked) -> Answer:
    plan = asked.plan.plan
    if not trained(plan.model, plan.improvement):
        return because("nothing is trained")
    best = cleanest_region(asked.case)
    here, there = training.where_trained(asked.case), place(asked.case, f"region:{best}")
    grams = [number(central(one.location)) for one in (here, there)]
    return figure(
        f"trained in {here.key.removeprefix('region:')} at {grams[0]} g/kWh; the cleanest allowed, {best}, "
        f"has {grams[1]}; moving is an option of operations, its transfer charged"
    )


def _caching(asked: Asked) -> Answer:
    chosen, case = asked.plan.plan.deployment, asked.case
    repeats = case.given.workload.repeat_share
    if chosen.cache != "none":
        hits = share(central(caches.hit_rate(case, chosen)))
        return figure(f"{chosen.cache}: {hits} of requests are answered from it")
    if not repeats:
        return because("no question comes back")
    return figure(f"no cache: {share(repeats)} of questions come back, which saves less than it takes")


def _loaded(asked: Asked) -> Answer:
    settings = asked.plan.settings
    if "replicas_min" not in settings:
        return because("the provider keeps the model loaded")
    least = settings["replicas_min"]
    return figure(f"{least} replicas stay loaded" if least else "released when idle: nothing stays loaded")


def _region(asked: Asked) -> Answer:
    deployment = asked.plan.plan.deployment
    if deployment.mode == "edge":
        return because("it runs on devices where they stand")
    where = place(asked.case, deployment.where)
    best = ranked(asked.case)[0]
    grams, name = number(central(where.location)), deployment.where.removeprefix("region:")
    return figure(
        f"{name} at {grams} g/kWh; the cleanest region that passes is {best.key} at {number(best.location)}"
    )


def _residency(asked: Asked) -> Answer:
    wanted, found = asked.case.given.constraints.residency, ranked(asked.case)
    if wanted == "any":
        return because("data may be processed anywhere")
    barred = [one for one in found if not one.eligible]
    least = min(found, key=lambda one: one.location)
    first = next((one for one in found if one.eligible), found[0])
    return figure(
        f"{wanted} bars {len(barred)} of {len(found)} regions; {first.key} at {number(first.location)} g/kWh "
        f"against {least.key} at {number(least.location)} anywhere"
    )


def _scaling(asked: Asked) -> Answer:
    settings = asked.plan.settings
    if "replicas" in settings:
        return figure(f"from {settings['replicas_min']} to {settings['replicas']} replicas by load")
    if "ptu" in settings:
        return figure(f"{number(settings['ptu'])} units held, {share(settings['utilisation'])} of them used")
    return because("the provider scales; what is not called burns nothing")


def _clean_hours(asked: Asked) -> Answer:
    waits = asked.case.given.workload.deferrable_share
    if not waits:
        return because("nothing may wait")
    timing = asked.plan.plan.operation.timing
    return figure(f"{share(waits)} may wait; jobs run {'in clean hours' if timing == 'time' else timing}")


def _redundancy(asked: Asked) -> Answer:
    wanted = asked.case.given.operations.availability
    if asked.plan.plan.deployment.mode in deployment_gates.MANAGED:
        count = deployment_gates.redundant(asked.case)
        return figure(f"{wanted:.4%} asked for: {count} deployments reach it; idle ones burn nothing")
    return figure(f"{wanted:.4%} asked for: {asked.rules('availability', 'cold_start') or 'by replicas'}")


def _balance(asked: Asked) -> Answer:
    scope = asked.plan.plan.deployment.scope
    if scope in ("regional", "device"):
        return because("one place serves all requests")
    return figure(f"{scope}: the provider spreads the load, so only the zone's range may be claimed")


def _match(asked: Asked) -> Answer:
    return figure(asked.rules("task", "language", "context") or "the task alone decides")


def _accuracy(asked: Asked) -> Answer:
    plan = asked.plan.plan
    found, basis = judged(asked.case, plan.model, plan.improvement)
    return figure(f"{share(found)} accepted, {basis}; floor {share(asked.case.given.quality.floor)}")


def _tested(asked: Asked) -> Answer:
    found = results(asked.case.given.pilot)
    scores = asked.case.given.quality.scores
    judged_answers = sum(one.samples for one in found) + sum(one.samples for one in scores.values())
    if not judged_answers:
        return asked.owed("no model was tested yet", "quality.scores")
    names = {*scores, *(one.model for one in found)}
    return figure(f"{number(judged_answers)} answers of {len(names)} models judged")


def _tunable(asked: Asked) -> Answer:
    alive = [one for one in asked.step("foundation_model").options if one.plan.model.kind == "single"]
    keys = [one.key for one in alive if one.eligible]
    ways = {way for wanted in NEEDS.values() for way in wanted}
    rows = [asked.case.catalogue.row("models", key).get("tunable") or () for key in keys]
    return figure(
        f"{sum(bool(ways & set(row)) for row in rows)} of {len(keys)} models that pass can be tuned"
    )


def _prompt(asked: Asked) -> Answer:
    if asked.plan.plan.model.kind in PLAIN:
        return because("what answers has no prompt")
    added = asked.case.central("prompt.added_tokens", "tok")
    return figure(f"role, rules and form written out take {number(added)} tokens a request: prompt-v1.txt")


def _per_task(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    tries = central(requests.attempts(case, plan.model, plan.improvement))
    turns = case.workload.turns_per_task * tries
    cost = central(asked.plan.accepted["cost"]) * case.workload.turns_per_task
    return figure(f"{number(turns)} calls and {amount(cost, 'USD')} for a task resolved")


def _long_prompts(asked: Asked) -> Answer:
    model, plan, case = asked.plan.plan.model, asked.plan.plan, asked.case
    if model.kind in PLAIN:
        return because("what answers has no prompt")
    technique = plan.improvement.technique
    one = requests.request(case, model.main, technique)
    added = central(one.input_tokens) - central(case.workload.input_tokens)
    turns = central(requests.turns(case, model.main, technique))
    return figure(f"{number(added)} tokens more a request leave {share(turns)} of the turns")


def _retrieval(asked: Asked) -> Answer:
    ways = ("rag_keyword", "rag_vector", "rag_hybrid", "rag_rerank", "rag_hyde")
    return asked.against("improvement", ways, "retrieval") or because("nothing is looked up for a prompt")


def _retrieval_costs(asked: Asked) -> Answer:
    if not retrieves(asked.plan.plan.improvement.technique):
        return because("the plan does not search")
    return figure(
        f"search units and searches: {asked.told(Resource.SEARCH_UNIT, indicator='cost')}, "
        f"{asked.told(Resource.SEARCH_UNIT)}"
    )


def _modes(asked: Asked) -> Answer:
    documents = asked.case.given.knowledge.documents
    if not documents:
        return because("there are no documents")
    passages = search_units.passages(asked.case)
    shares = [asked.case.central(f"coverage.facts.{mode}", "ratio") for mode in ("keyword", "hybrid")]
    keyword, hybrid = (share(one) for one in shares)
    return figure(f"{number(passages)} passages; keyword search finds {keyword} of them, hybrid {hybrid}")


def _efficient(asked: Asked) -> Answer:
    lora, full = (asked.against("improvement", (key,), key) for key in ("lora", "full"))
    if lora is None or full is None:
        return because("what answers is not tuned by examples")
    return figure(f"{lora.text}; {full.text}")


def _over_its_use(asked: Asked) -> Answer:
    plan = asked.plan.plan
    if plan.improvement.technique not in TUNED:
        run = training.one_run(asked.case, plan.model, ImprovementSetting("lora")) if (
            plan.model.kind == "single" and asked.case.given.knowledge.examples
        ) else None  # fmt: skip
        if run is None:
            return because("nothing is tuned")
        return figure(f"not tuned; one run would take {amount(central(run['energy']), 'kWh')}")
    return figure(f"training {asked.told(Resource.TRAINING_RUN)} of {asked.told()}")


def _pooled(asked: Asked) -> Answer:
    return asked.against("deployment", ("maas", "batch"), "pay as you go") or because("no service sells it")


def _platform(asked: Asked) -> Answer:
    return asked.against(
        "deployment", ("maap", "container", "processors"), "machines of your own"
    ) or because("its weights cannot be hosted")


def _units(asked: Asked) -> Answer:
    return asked.against("deployment", ("ptu",), "provisioned units") or because("it is not sold in units")


def _length(asked: Asked) -> Answer:
    if asked.plan.plan.model.kind in PLAIN:
        return because("what answers writes nothing")
    technique = asked.plan.plan.improvement.technique
    one = requests.request(asked.case, asked.plan.plan.model.main, technique)
    out = central(one.output_tokens)
    return figure(f"{number(out)} tokens are written on average: set the limit above that, and stop rules")


def _empty(asked: Asked) -> Answer:
    if asked.plan.plan.deployment.cache == "none":
        return because("the plan has no cache")
    return figure(f"entries live {number(caches.ttl_days(asked.case))} days, as knowledge changes")


ANSWERS: Answers = {
    "A03": _generation, "A04": _small, "A05": _device, "A06": _context, "A07": _own_training,
    "A08": _provenance, "A09": _runtime, "A10": _precision, "A11": _tuning, "A12": _iterations,
    "A13": _training_place, "A15": _loaded, "A16": _caching, "A34": _residency, "A36": _region,
    "A37": _region, "A46": _scaling, "A47": _clean_hours, "A48": _redundancy, "A49": _balance,
    "B03": _own_training, "B04": _match, "B05": _accuracy, "B06": _tested, "B07": _tuning, "B08": _small,
    "B09": _tunable, "B10": _prompt, "B11": _per_task, "B12": _long_prompts, "B13": _prompt,
    "B14": _retrieval, "B15": _retrieval_costs, "B16": _modes, "B17": _tuning, "B18": _efficient,
    "B19": _tunable, "B20": _over_its_use, "B21": _pooled, "B22": _platform, "B23": _length, "B24": _units,
    "B25": _caching, "B26": _empty, "B30": _region,
}  # fmt: skip
