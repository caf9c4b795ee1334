"""Guidance on the data that is kept and taken in, each item answered from the plan."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import amount, number, share
from advisor.scenario import is_untouched
from advisor.steps.data_storage import taking_in
from advisor.steps.data_storage.kept import Study, study
from advisor.system import decay
from advisor.system.bill import Resource
from advisor.system.regions import region_name
from advisor.system.storage.schedules import on_media_gb
from advisor.view.guidance_answer import Answer, Answers, Asked, because, figure
from advisor.view.key_texts import value_words

DATA = (Resource.STORED_DATA, Resource.TRANSFER)


def _study(asked: Asked) -> Study:
    return study(asked.case, asked.plan.plan)


def _stages(asked: Asked) -> Answer:
    return figure(
        say(
            "stored {stored}, moved {moved}, of {whole}",
            stored=asked.told(Resource.STORED_DATA, indicator="energy"),
            moved=asked.told(Resource.TRANSFER, indicator="energy"),
            whole=asked.told(indicator="energy"),
        )
    )


def _public(asked: Asked) -> Answer:
    public = {one.name: one.data.public_licence for one in _study(asked).kept if one.data.public_licence}
    if not public:
        return because(say("no data set is public"))
    said = (say("{name}: licence {word}", name=name, word=value_words(word)) for name, word in public.items())
    return figure(joined("; ", said))


def _examples(asked: Asked) -> Answer:
    knowledge = asked.case.given.knowledge
    if not knowledge.examples:
        return because(say("there are no examples to train on"))
    word = knowledge.examples_licensed
    said = say(
        "{count} examples, licensed for training: {word}",
        count=number(knowledge.examples),
        word=value_words(word),
    )
    path = "knowledge.examples_licensed"
    if word == "yes" and is_untouched(asked.case.given, path) and path not in asked.case.given.owners:
        return asked.owed(say("{said}, a default that nobody has confirmed", said=said), path)
    return figure(said) if word != "unknown" else asked.owed(said, path)


def _relevant(asked: Asked) -> Answer:
    said = say("{kept} of what arrives is worth keeping", kept=share(asked.case.given.ingestion.kept_share))
    wider = taking_in.keeping_all(asked.case, _study(asked))
    if wider is None:
        return figure(say("{said}; nothing that arrives is left out", said=said))
    more, added = wider
    return figure(
        say(
            "{said}; keeping all would store {more} GB more a month, and take {energy}, {carbon} and {cost} "
            "more a year",
            said=said,
            more=number(more),
            energy=amount(central(added["energy"]), "kWh"),
            carbon=amount(central(added["carbon"]), "kgCO2e"),
            cost=amount(central(added["cost"]), "USD"),
        )
    )


def _sample(asked: Asked) -> Answer:
    part = asked.case.given.ingestion.pilot_share
    return figure(say("the pilot takes in {part} of the data first", part=share(part)))


def _batches(asked: Asked) -> Answer:
    taken = asked.case.given.ingestion
    mode, times = value_words(taken.mode), number(taken.runs_per_day)
    return figure(say("{mode}, {times}× a day", mode=mode, times=times))


def _rework(asked: Asked) -> Answer:
    case, plan = asked.case, asked.plan.plan
    again = case.given.ingestion.rework_rate
    said = say("{again} of the data is processed again for poor quality", again=share(again))
    if not decay.trained(plan.model, plan.improvement):
        return figure(say("{said}; nothing is trained on it", said=said))
    runs, trained = case.given.knowledge.tuning_runs, asked.told(Resource.TRAINING_RUN, indicator="energy")
    return figure(
        say(
            "{said}; {runs} training runs, failed ones included, {trained}",
            said=said,
            runs=number(runs),
            trained=trained,
        )
    )


def _less(asked: Asked) -> Answer:
    found = _study(asked)
    before, after = on_media_gb(asked.case, found.today), on_media_gb(asked.case, found.chosen)
    if not before:
        return because(say("nothing is stored"))
    return figure(
        say(
            "{after} on media against {before} today, all copies counted",
            after=amount(after, "GB"),
            before=amount(before, "GB"),
        )
    )


def _duplicates(asked: Asked) -> Answer:
    found = [one for one in _study(asked).chosen if one.kept.data.duplicate_share]
    if not found:
        return because(say("no data set holds duplicates"))
    done = sum(one.dedupe for one in found)
    return figure(say("{done} of {sets} sets with duplicates are deduplicated", done=done, sets=len(found)))


def _compressed(asked: Asked) -> Answer:
    found = [one for one in _study(asked).chosen if not one.kept.data.compressed]
    if not found:
        return because(say("everything stored is compressed already"))
    done = sum(one.squeeze for one in found)
    return figure(say("{done} of {sets} sets are compressed", done=done, sets=len(found)))


def _edge(asked: Asked) -> Answer:
    taken = asked.case.given.ingestion
    if not taken.internet_gb_per_month:
        return because(say("nothing arrives over the internet"))
    arriving = number(taken.internet_gb_per_month)
    return figure(
        say("{arriving} GB a month arrive over the internet, filtered at the edge", arriving=arriving)
        if taken.edge_filtering
        else say("{arriving} GB a month arrive over the internet, filtered in the cloud", arriving=arriving)
    )


def _edge_secured(asked: Asked) -> Answer:
    given = asked.case.given
    if not given.ingestion.edge_filtering and given.constraints.device is None:
        return because(say("there are no edge devices"))
    word = given.ingestion.edge_secured
    said = say("edge devices secured and monitored: {word}", word=value_words(word))
    return figure(said) if word == "yes" else asked.owed(said, "ingestion.edge_secured")


def _tiers(asked: Asked) -> Answer:
    chosen = _study(asked).chosen
    moving = [one for one in chosen if len(one.moves) > 1]
    ages = sorted({float(np.ceil(age)) for one in moving for age, _ in one.moves[1:]})
    if not chosen:
        return because(say("nothing is stored"))
    said = say(
        "{moving} of {sets} sets move to cooler tiers as they age", moving=len(moving), sets=len(chosen)
    )
    when = say(", at {ages} days", ages=joined(", ", (numeral(age, ",.0f") for age in ages)))
    return figure(said + when if ages else said)


def _retention(asked: Asked) -> Answer:
    chosen = _study(asked).chosen
    # a law's days are no estimate: none is rounded
    ends = [
        joined(" ", (one.name, numeral(one.kept_days, ",.0f")))
        for one in chosen
        if np.isfinite(one.kept_days)
    ]
    if not ends:
        return because(say("all that is stored is in use"))
    legal = sum(one.kept.data.legal_min_days is not None for one in chosen)
    return figure(
        say(
            "kept, in days: {ends}; a law asks for {legal} of {sets}",
            ends=joined(", ", ends[:4]),
            legal=legal,
            sets=len(chosen),
        )
    )


def _storage_region(asked: Asked) -> Answer:
    found = _study(asked)
    places = sorted({region_name(asked.case, one.region) for one in found.chosen})
    if not places:
        return because(say("nothing is stored"))
    return figure(
        say(
            "{places}: {cost}, {carbon}; the table of regions prices the others",
            places=joined(", ", places),
            cost=asked.told(*DATA, indicator="cost"),
            carbon=asked.told(*DATA),
        )
    )


def _near(asked: Asked) -> Answer:
    found = _study(asked)
    away = [one.name for one in found.chosen if one.moved]
    here = region_name(asked.case, found.base)
    return figure(
        say(
            "read in {here}; {away} of {sets} sets lie elsewhere, sending {carbon}",
            here=here,
            away=len(away),
            sets=len(found.chosen),
            carbon=asked.told(Resource.TRANSFER),
        )
    )


def _recovery(asked: Asked) -> Answer:
    found = sorted({one.redundancy for one in _study(asked).chosen})
    if not found:
        return because(say("nothing is stored"))
    kept = joined(", ", found)
    return figure(
        say("{kept}; the loss of a region is survived", kept=kept)
        if asked.case.given.operations.survive_region_loss
        else say("{kept}; the loss of a region need not be survived", kept=kept)
    )


ANSWERS: Answers = {
    "A17": _stages, "A18": _public, "A19": _relevant, "A20": _sample, "A21": _examples, "A22": _batches,
    "A23": _rework, "A24": _less, "A25": _edge, "A26": _edge_secured, "A27": _tiers, "A28": _compressed,
    "A29": _duplicates, "A30": _retention, "A31": _storage_region, "A32": _near, "A33": _stages,
    "A35": _recovery,
}  # fmt: skip
