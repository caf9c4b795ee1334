"""Guidance on prompts, retrieval and tuning, each item answered from the plan."""

from __future__ import annotations

from advisor.core.draws import central
from advisor.core.saying import joined, say, within
from advisor.core.wording import amount, number, share
from advisor.decide.option import Option
from advisor.steps.improvement import break_evens
from advisor.system import requests, retraining, search_units, training
from advisor.system.bill import Resource
from advisor.system.case import Case
from advisor.system.decay import trained
from advisor.system.places import place
from advisor.system.plan import ImprovementSetting
from advisor.system.regions import cleanest_allowed, place_name, region_name
from advisor.system.shifting import job_place
from advisor.system.techniques import CLASSIFIER, TUNED, retrieves
from advisor.view.guidance_answer import PLAIN, Answer, Answers, Asked, because, figure


def _tuning(asked: Asked) -> Answer:
    answer = asked.against("improvement", (*TUNED, CLASSIFIER), say("tuning"))
    return answer or because(say("what answers is not tuned by examples"))


def _general_first(asked: Asked) -> Answer:
    """A run that tunes a general model beside the last one of a model from scratch, both at the meter."""
    pair = break_evens.rivals(asked.step("improvement"))
    if pair is None:
        return _tuning(asked)
    case, tuned = asked.case, pair[1]
    if not case.given.knowledge.examples:
        return because(say("there are no examples to train on"))
    run = central(training.one_run(case, tuned.plan.model, tuned.plan.improvement)["energy"])
    scratch = central(training.scratch_run(case)["energy"])
    return figure(
        say(
            "a run of {tuned} takes {run}, the last one of a model from scratch {scratch}: {times} times as "
            "much",
            tuned=within(tuned.title),
            run=amount(run, "kWh"),
            scratch=amount(scratch, "kWh"),
            times=number(scratch / run),
        )
    )


def _pays(asked: Asked) -> Answer:
    """From how many requests on tuning takes less than longer prompts, beside how many are planned."""
    pair = break_evens.rivals(asked.step("improvement"))
    if pair is None:
        return because(say("what answers is not tuned by examples"))
    prompting, tuned = pair
    return figure(
        say(
            "{tuned} takes less energy for an accepted answer than {prompting} {volume}; {planned} a year "
            "are planned",
            tuned=tuned.title,
            prompting=prompting.title,
            volume=_overtakes(asked.case, prompting, tuned),
            planned=number(central(asked.case.workload.requests_per_year)),
        )
    )


def _overtakes(case: Case, first: Option, second: Option) -> str:
    """At which volumes the second option takes less energy than the first, in words."""
    one, other = break_evens.by_volume(case, first), break_evens.by_volume(case, second)
    found = break_evens.crossing_of(one, other, "energy")
    stands, grows = (
        central(there["energy"]) <= central(here["energy"])
        for here, there in ((one.fixed, other.fixed), (one.slope, other.slope))
    )
    if found is None:
        return say("at any volume") if stands and grows else say("at no volume")
    middle, low, high = found
    said = say("above {x} requests a year") if grows else say("below {x} requests a year")
    between = say("{middle} ({low} to {high})", middle=number(middle), low=number(low), high=number(high))
    return say(said, x=between)


def _iterations(asked: Asked) -> Answer:
    model, knowledge = asked.plan.plan.model, asked.case.given.knowledge
    if model.kind in PLAIN or knowledge.prompt_tokens_tuning_removes <= 0:
        return because(say("tuning would remove no prompt tokens"))
    turns = central(requests.turns(asked.case, model.main, "lora"))
    removed = number(knowledge.prompt_tokens_tuning_removes)
    return figure(
        say(
            "tuning removes {removed} tokens a request and leaves {turns} of the turns",
            removed=removed,
            turns=share(turns),
        )
    )


def _training_place(asked: Asked) -> Answer:
    plan = asked.plan.plan
    if not trained(plan.model, plan.improvement):
        return because(say("nothing is trained"))
    best = cleanest_allowed(asked.case)
    here, there = training.where_trained(asked.case), place(asked.case, f"region:{best}")
    grams = [number(central(one.location)) for one in (here, there)]
    bill = asked.plan.bill
    first = bill.sum(line for line in bill if line.resource is Resource.TRAINING_RUN and line.phase == "once")
    elsewhere = retraining.moved(asked.case, first, here, there)
    said = say(
        "first trained, with all trial runs, in {place} at {grams} g/kWh: {carbon} a year, against {moved} "
        "in the cleanest allowed, {best}, at {fewest}; no option moves them",
        place=place_name(asked.case, here.key),
        grams=grams[0],
        carbon=amount(central(first["carbon"]), "kgCO2e"),
        moved=amount(central(elsewhere["carbon"]), "kgCO2e"),
        best=region_name(asked.case, best),
        fewest=grams[1],
    )
    if plan.operation.retraining == "never":
        return figure(said)
    again = place_name(asked.case, job_place(asked.case, plan.deployment, plan.operation).key)
    return figure(say("{first}. Retrainings alone follow the jobs: {place}", first=said, place=again))


def _efficient(asked: Asked) -> Answer:
    if asked.plan.plan.model.kind == "encoder":
        return because(say("a classifier this small is trained in full"))
    lora = asked.against("improvement", ("lora",), say("lora"))
    full = asked.against("improvement", ("full",), say("full"))
    if lora is None or full is None:
        return because(say("what answers is not tuned by examples"))
    return figure(joined("; ", (lora.text, full.text)))


def _over_its_use(asked: Asked) -> Answer:
    plan = asked.plan.plan
    if not trained(plan.model, plan.improvement):
        run = training.one_run(asked.case, plan.model, ImprovementSetting("lora")) if (
            plan.model.kind == "single" and asked.case.given.knowledge.examples
        ) else None  # fmt: skip
        if run is None:
            return because(say("nothing is tuned"))
        return figure(
            say("not tuned; one run would take {energy}", energy=amount(central(run["energy"]), "kWh"))
        )
    return figure(
        say("training {part} of {whole}", part=asked.told(Resource.TRAINING_RUN), whole=asked.told())
    )


def _prompt(asked: Asked) -> Answer:
    if asked.plan.plan.model.kind in PLAIN:
        return because(say("what answers has no prompt"))
    added = asked.case.central("prompt.added_tokens", "tok")
    return figure(
        say(
            "role, rules and form written out take {added} tokens a request: prompt-v1.txt",
            added=number(added),
        )
    )


def _long_prompts(asked: Asked) -> Answer:
    model, plan, case = asked.plan.plan.model, asked.plan.plan, asked.case
    if model.kind in PLAIN:
        return because(say("what answers has no prompt"))
    technique = plan.improvement.technique
    one = requests.request(case, model.main, technique)
    added = central(one.input_tokens) - central(case.workload.input_tokens)
    turns = central(requests.turns(case, model.main, technique))
    told = (
        say("{tokens} tokens more a request leave {turns} of the turns")
        if added >= 0
        else say("{tokens} tokens fewer a request leave {turns} of the turns")
    )
    return figure(say(told, tokens=number(abs(added)), turns=share(turns)))


def _retrieval(asked: Asked) -> Answer:
    ways = ("rag_keyword", "rag_vector", "rag_hybrid", "rag_rerank", "rag_hyde")
    return asked.against("improvement", ways, say("retrieval")) or because(
        say("nothing is looked up for a prompt")
    )


def _retrieval_costs(asked: Asked) -> Answer:
    if not retrieves(asked.plan.plan.improvement.technique):
        return because(say("the plan does not search"))
    return figure(
        say(
            "search units and searches: {cost}, {carbon}",
            cost=asked.told(Resource.SEARCH_UNIT, indicator="cost"),
            carbon=asked.told(Resource.SEARCH_UNIT),
        )
    )


def _modes(asked: Asked) -> Answer:
    documents = asked.case.given.knowledge.documents
    if not documents:
        return because(say("there are no documents"))
    passages = search_units.passages(asked.case)
    shares = [asked.case.central(f"coverage.facts.{mode}", "ratio") for mode in ("keyword", "hybrid")]
    keyword, hybrid = (share(one) for one in shares)
    return figure(
        say(
            "{passages} passages; keyword search finds {keyword} of them, hybrid {hybrid}",
            passages=number(passages),
            keyword=keyword,
            hybrid=hybrid,
        )
    )


ANSWERS: Answers = {
    "A11": _general_first, "A12": _iterations, "A13": _training_place, "B07": _tuning, "B10": _prompt,
    "B12": _long_prompts, "B13": _prompt, "B14": _retrieval, "B15": _retrieval_costs, "B16": _modes,
    "B17": _pays, "B18": _efficient, "B20": _over_its_use,
}  # fmt: skip
