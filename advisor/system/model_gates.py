"""The hard rules of the model choice: what no deployment, improvement or operation can cure.

They come in the order the vendor's guidance filters by: task, language, cost, context, security,
offer, licence; then open weights and the device. Popularity and publisher are no criteria.
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.saying import dated, joined, say
from advisor.core.wording import UNKNOWN, number
from advisor.system import beyond_text, devices, offers
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, Gates, gate
from advisor.system.plan import ModelSetting
from advisor.system.premises import BRING, kept_in, stays
from advisor.system.quality import MANAGED_EMBEDDER, NARROW, measured
from advisor.system.regions import on_device

SEARCHING = ("rag_qa",)


@remembered
def gates(case: Case, model: ModelSetting) -> Gates:
    """The gates of whatever answers; of two models the first that fails stands for its rule."""
    if model.kind == "encoder":
        return (*(_no_agent(case) or _classifier(case, model.main)), *beyond_text.reads_images(case, None))
    if model.kind == "retrieval":
        return (*(_no_agent(case) or _search(case)), *beyond_text.reads_images(case, None))
    if model.kind == "custom":
        trained = stays(case, False, say("trained on rented GPUs"), BRING)
        return (*trained, *_device(case, model.main), *beyond_text.reads_images(case, None))
    if len(model.models) == 1:
        return of_model(case, model.main)
    found: dict[str, Gate] = {}
    for key in model.models:
        for one in of_model(case, key):
            if one.rule not in found or not one.passed:
                found.setdefault(one.rule, one)
                found[one.rule] = one if found[one.rule].passed else found[one.rule]
    if on_device(case):
        found["device"] = gate(
            "device", False, say("one model on the device"), say("two models"),
            say("a single model that fits the device"), to_be_had=False,
        )  # fmt: skip
    return tuple(found.values())


@remembered
def of_model(case: Case, model: str) -> Gates:
    """The gates of one model of the catalogue."""
    hosted = on_device(case) or kept_in(case) or not offers.managed(case, model)
    return (
        *_task(case, model),
        *_agent_work(case, model),
        *beyond_text.reads_images(case, model),
        *_language(case, model),
        *_cost(case, model),
        context(case, model, 0.0),
        *offers.provenance(case, model, hosted),
        *_offer(case, model),
        *_licence(case, model),
        *_open_weights(case, model),
        *_device(case, model),
    )


def _task(case: Case, model: str) -> Iterator[Gate]:
    wanted = case.scenario.task
    tasks = case.catalogue.row("models", model).get("tasks") or []
    found = joined(", ", map(say, tasks)) or say("not stated")
    remedy = say("another model, or another task")
    yield gate("task", wanted in tasks, say(wanted), found, remedy, to_be_had=False)


def _agent_work(case: Case, model: str) -> Iterator[Gate]:
    """Whether a model is made to work through many calls with tools, or was tested on such tasks."""
    if case.scenario.agent is None:
        return
    tasks = case.catalogue.row("models", model).get("tasks") or []
    able = "agents" in tasks or measured(case, model) is not None
    yield gate(
        "agent_work", able, say("a model made for agents, or tested as one"),
        say("made for agents, or tested") if able else say("made for single answers"),
        say("judge whole tasks done by it and enter them as quality.scores.{model}", model=model),
    )  # fmt: skip


def _language(case: Case, model: str) -> Iterator[Gate]:
    wanted = case.scenario.workload.languages
    if all(language == "en" for language in wanted):
        return
    row = case.catalogue.row("models", model)
    count, speaks = row.get("languages") or 0, row.get("speaks") or wanted
    missing = [language for language in wanted if language not in speaks]
    if count <= 1:
        found = say("English only")
    elif missing:
        found = say("{count} languages, none of them {missing}", count=count, missing=joined(", ", missing))
    else:
        found = say("{count} languages", count=count)
    yield gate(
        "language", measured(case, model) is not None or (count > 1 and not missing), joined(", ", wanted),
        found, say("a multilingual model, or a test of your own in these languages"),
    )  # fmt: skip


def _cost(case: Case, model: str) -> Iterator[Gate]:
    known = offers.any_price(case, model) or offers.open_weights(case, model)
    yield gate(
        "cost",
        known,
        say("a known price"),
        say("priced") if known else say("no price in the catalogue"),
        say("ask for a quote; a model without a price cannot be planned with"),
        to_be_had=False,
    )


def context(case: Case, model: str, added: float) -> Gate:
    """Whether the longest request fits a model's context with ``added`` tokens more [tok]."""
    name = f"models.{model}.context_tokens"
    stated = name in case
    have = case.central(name if stated else "model.context_when_unknown", "tok")
    need = case.scenario.quality.context_max_tokens + max(added, 0.0)
    found = say("{tokens} tokens", tokens=number(have))
    return gate(
        "context", have >= need,
        say("{tokens} tokens with what it adds", tokens=number(need)) if added > 0
        else say("{tokens} tokens", tokens=number(need)),
        found if stated else say("not in the catalogue, {found} taken as given", found=found),
        say("fewer or shorter passages or examples, or a model with a longer context") if added > 0
        else say("shorter requests, or a model with a longer context"),
    )  # fmt: skip


def _offer(case: Case, model: str) -> Iterator[Gate]:
    """Whether it can be had at all: from a service that sells it long enough, or by its weights."""
    kinds, row = offers.deployments(case, model), case.catalogue.row("models", model)
    services = [kind for kind in kinds if kind in offers.SERVICES or kind == "ptu"]
    own = "maap" in kinds or "edge" in kinds
    yield gate(
        "deployment",
        services or own,
        say("an offer on Azure"),
        joined(", ", kinds) or say("none on Azure"),
        say("a model sold on Azure, or one whose weights you can host"),
        to_be_had=False,
    )
    if services and not own and row.get("retirement") is not None:
        yield gate(
            "retirement",
            not offers.retired(case, model),
            say("on sale until {day}", day=dated(offers.stays_until(case))),
            say("retires {days}", days=dated(row["retirement"])),
            say("its successor, an earlier start, or fewer days that a model must stay on sale"),
        )


def _licence(case: Case, model: str) -> Iterator[Gate]:
    row = case.catalogue.row("models", model)
    commercial = row.get("licence_commercial")
    use = UNKNOWN
    if commercial is not None:
        use = say("commercial use") if commercial else say("no commercial use")
    found = say("{licence}: {use}", licence=row.get("licence", UNKNOWN), use=use)
    yield gate(
        "licence",
        commercial,
        say("commercial use allowed"),
        found,
        say("a written licence that allows your use"),
    )


def _open_weights(case: Case, model: str) -> Iterator[Gate]:
    if case.scenario.constraints.open_weights:
        open_ = offers.open_weights(case, model)
        found = say("open") if open_ else say("closed")
        remedy = say("a model with open weights, or drop the rule")
        yield gate("open_weights", open_, say("open weights"), found, remedy)


def _device(case: Case, model: str) -> Iterator[Gate]:
    if not on_device(case):
        return
    device = case.scenario.constraints.device
    if device is None:
        remedy = say("set constraints.device.kind")
        yield gate("device", False, say("a device that runs it"), say("none named"), remedy, to_be_had=False)
        return
    name = case.catalogue.row("devices", device.kind).get("name", device.kind)
    open_ = offers.open_weights(case, model)
    fits = open_ and devices.fits(case, model)
    found = (
        say("closed weights") if not open_ else say("fits in 4 bit") if fits else say("does not fit in 4 bit")
    )
    remedy = say("a smaller model or a larger device")
    yield gate("device", fits, say("fits {name}", name=name), found, remedy, to_be_had=False)


def _no_agent(case: Case) -> Gates:
    """What reads or searches calls no tools and goes no further by itself: no agent's work for it."""
    if case.scenario.agent is None:
        return ()
    one = gate(
        "task", False, say("a task of one step"), say("an agent's task, of many calls"),
        say("give single steps of it to a scenario of their own"), to_be_had=False,
    )  # fmt: skip
    return (one,)


def _classifier(case: Case, key: str) -> Iterator[Gate]:
    task = case.scenario.task
    if key != MANAGED_EMBEDDER:
        wanted, narrower = (
            say("a task that ends in a label or a marked passage"),
            say("a narrower task: a label, a field, a queue"),
        )
        yield gate("task", task in NARROW, wanted, task, narrower, to_be_had=False)
        return
    # one vector of a text tells its label, and no passage in it
    wanted, narrower = say("a task that ends in a label"), say("a narrower task: a label, a queue")
    yield gate("task", task == "classify", wanted, task, narrower, to_be_had=False)
    found, remedy = say("a managed call"), say("an encoder on the device")
    yield gate("offline", not on_device(case), say("works without a network"), found, remedy)


def _search(case: Case) -> Iterator[Gate]:
    task, documents = case.scenario.task, case.scenario.knowledge.documents
    wanted, instead = (
        say("a task that a found passage answers"),
        say("let users read the passages themselves"),
    )
    yield gate("task", task in SEARCHING, wanted, task, instead, to_be_had=False)
    yield gate(
        "documents", documents > 0, say("documents to search"), number(documents), say("name the documents")
    )
