"""No generative AI: a text classifier, or the passages a search finds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.core.wording import number
from advisor.decide.comparing import CONCERNS
from advisor.estimate import tuning
from advisor.steps.gating import floor_gate, gate, licence_gate
from advisor.steps.placement import on_device, reach, region_used
from advisor.steps.quality import Central, Drawn, Number, Reading, measured
from advisor.steps.retrieval_costs import retrieval_parts
from advisor.steps.serving_parts import (
    HOURS_PER_MONTH,
    J_PER_KWH,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    W_PER_KW,
    place,
    sends,
)
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.hardware import gpu
from advisor.system.option import Gate, Option
from advisor.system.serving import encode

STEP = "foundation_model"
LABELLING = ("classify", "extract")
SEARCHING = ("rag_qa",)
MACHINE, GPU = "nc4as_t4_v3", "t4"  # the smallest machine with a GPU, as the deployment step holds encoders
MANAGED_EMBEDDER = "text-embedding-3-small"
TRAINING_OPERATIONS = "tuning.flops_full"
TOKENS_PER_MTOK = 1e6
TINY = 1e-12
CHASSIS_ALONE = "none"  # no GPU: the server's share only


def options(case: Case) -> Iterator[Option]:
    """Every way to do the task without generating text."""
    for key in (*case.catalogue.keys("encoders"), MANAGED_EMBEDDER):
        yield _classifier(case, key)
    yield _search(case)


def classifier_parts(case: Case, key: str) -> Parts:
    """Reading with an encoder: a managed call a request, or the better of processors and a GPU."""
    if key == MANAGED_EMBEDDER:
        tokens = case.workload.input_tokens
        price = case.draw(f"embedders.{key}.price", "USD/Mtok") * tokens / TOKENS_PER_MTOK
        call = accounting.served(case, encode(case, key, tokens), _where(case)).with_cost(price)
        return Parts(case.nothing(), case.nothing(), call * sends(case))
    hosts = (_on_processors(case, key), _on_gpu(case, key))
    return min(hosts, key=lambda parts: _burden(case, parts))


def _burden(case: Case, parts: Parts) -> float:
    """What a host weighs by the scenario's priorities, on medians; only differences mean anything."""
    year = parts.per_year(case.workload.requests_per_year, case.scenario.timing.horizon_years)
    weights = case.scenario.priorities.model_dump()
    return sum(float(weights[name]) * float(np.log(np.median(year[name]) + TINY)) for name in CONCERNS)


def _where(case: Case) -> accounting.Place:
    return place(case, f"region:{region_used(case)}")


def _held_hours(case: Case, seconds: Array) -> Array:
    """Machine hours a month when each hour holds what its busiest minute needs, one at least."""
    load = case.workload
    shape = load.week * load.week.size
    burst = np.maximum(load.peak_to_mean / shape.max(), 1.0)
    peak = load.mean_per_day / SECONDS_PER_DAY * burst * sends(case) * seconds
    held = np.maximum(np.ceil(shape[:, None] * peak[None, :]), 1.0)
    hours: Array = held.mean(axis=0) * HOURS_PER_MONTH
    return hours


def _on_processors(case: Case, key: str) -> Parts:
    """A container of four virtual cores, as many as the hour needs."""
    work = 2.0 * case.draw(f"encoders.{key}.params", "param") * case.workload.input_tokens
    hours = _held_hours(case, work / case.draw("encoder.container_rate", "FLOP/s"))
    monthly = accounting.electricity(case, hours * case.draw("encoder.container_power", "kW"), _where(case))
    share = case.draw("encoder.container_chassis", "ratio")
    monthly = monthly + accounting.hardware(case, CHASSIS_ALONE, hours * SECONDS_PER_HOUR * share)
    monthly = monthly.with_cost(hours * case.draw("encoder.container_price", "USD/h"))
    return Parts(case.nothing(), monthly, case.nothing())


def _on_gpu(case: Case, key: str) -> Parts:
    """The smallest machine with a GPU."""
    one = encode(case, key, case.workload.input_tokens, gpu_key=GPU, utilisation=1.0)
    idle_w = case.draw(f"gpus.{GPU}.loaded_idle", "W")
    hours = _held_hours(case, 1.0 / case.draw("deployment.reader_calls", "request/s"))
    kw = case.draw("deployment.reader_host", "kW") + idle_w / W_PER_KW
    monthly = accounting.electricity(case, hours * kw, _where(case))
    monthly = monthly + accounting.hardware(case, GPU, hours * SECONDS_PER_HOUR)
    monthly = monthly.with_cost(hours * case.draw(f"machines.{MACHINE}.price", "USD/h"))
    work = np.maximum(one.work_kwh - one.busy_gpu_seconds * idle_w / J_PER_KWH, 0.0)
    return Parts(case.nothing(), monthly, accounting.electricity(case, work, _where(case)) * sends(case))


def training(case: Case, key: str) -> Footprint:
    """Training a classifier on the examples, failed and sweep runs included."""
    knowledge = case.scenario.knowledge
    table = "embedders" if key == MANAGED_EMBEDDER else "encoders"
    tokens = knowledge.examples * knowledge.tokens_per_example * knowledge.epochs * knowledge.tuning_runs
    seconds = tuning.gpu_seconds(
        case.draw(TRAINING_OPERATIONS, "ratio"),
        case.draw(f"{table}.{key}.params", "param"),
        tokens,
        gpu(case, GPU, "bf16").flops,
        case.draw("tuning.peak_share", "ratio"),
    )
    seconds = seconds + case.nothing()["energy"]
    power = case.draw(f"gpus.{GPU}.tdp", "W") + case.draw("deployment.reader_host", "W")
    where = place(case, f"region:{region_used(case)}")
    footprint = accounting.electricity(case, tuning.it_kwh(seconds, power), where)
    footprint = footprint + accounting.hardware(case, GPU, seconds)
    return footprint.with_cost(seconds * case.draw(f"machines.{MACHINE}.price", "USD/s"))


def share_accepted(case: Case, key: str, read: Reading) -> Number:
    """Share of labels accepted: the user's own test, else a range for the task."""
    own = measured(case, key)
    if own is not None:
        return read.of(own[0])
    task = case.scenario.task if case.scenario.task in LABELLING else LABELLING[0]
    name = f"encoder.accepted.{task}.{key}"
    return read.value(name if name in case else f"encoder.accepted.{LABELLING[0]}.{key}", "ratio")


def _classifier(case: Case, key: str) -> Option:
    with case.recording() as used:
        table = "embedders" if key == MANAGED_EMBEDDER else "encoders"
        row = case.catalogue.row(table, key)
        title = f"{row['name']} + linear classifier, managed" if table == "embedders" else str(row["name"])
        once = training(case, key)
        carried = classifier_parts(case, key) + Parts(once, case.nothing(), case.nothing())
        quality = np.asarray(share_accepted(case, key, Drawn(case))) + case.nothing()["energy"]
        gates = tuple(_classifier_gates(case, key, managed=table == "embedders"))
    notes: tuple[str, ...] = ("No generative AI: it labels text and writes none.",)
    if any(language != "en" for language in case.scenario.workload.languages):
        notes += ("Take the multilingual release of this size; its quality is assumed the same.",)
    return Option(
        STEP,
        f"encoder:{key}",
        title,
        Parts.zero(case.size),
        carried,
        quality,
        {"kind": "encoder", "model": key, "models": (key,), "precision": None, "encoder": key},
        gates,
        notes,
        (),
        frozenset(used),
    )


def _classifier_gates(case: Case, key: str, managed: bool) -> Iterator[Gate]:
    knowledge, task = case.scenario.knowledge, case.scenario.task
    yield gate(
        "task",
        task in LABELLING,
        "a task that ends in a label or a marked passage",
        task,
        "a narrower task: a label, a field, a queue",
    )
    if managed:
        yield gate(
            "region",
            "maas_global" in reach(case).allowed or "maas_regional" in reach(case).allowed,
            reach(case).rule,
            f"regional in {region_used(case)}",
            "a wider rule",
        )
        yield gate(
            "offline",
            not on_device(case),
            "works without a network",
            "a managed call",
            "an encoder on the device",
        )
    needed = case.central("encoder.examples_needed", "item")
    yield gate(
        "examples",
        knowledge.examples >= needed,
        f"at least {number(needed)} labelled examples",
        number(knowledge.examples),
        "label more examples",
    )
    yield licence_gate(case)
    found = float(share_accepted(case, key, Central(case)))
    basis = "your own test" if measured(case, key) else "assumed range"
    yield floor_gate(case.scenario.quality.floor, found, f"quality.scores.{key}", basis)


def search_accepted(case: Case, read: Reading) -> Number:
    """Share of users satisfied by the passages found: the user's own test, else a range."""
    own = measured(case, "retrieval")
    return read.of(own[0]) if own else read.value("retrieval_only.accepted", "ratio")


def _search(case: Case) -> Option:
    with case.recording() as used:
        carried = retrieval_parts(case, "hybrid")
        quality = np.asarray(search_accepted(case, Drawn(case))) + np.zeros(case.size)
        found = float(search_accepted(case, Central(case)))
        basis = "your own test" if measured(case, "retrieval") else "assumed range"
        task, documents = case.scenario.task, case.scenario.knowledge.documents
        wanted, instead = "a task that a found passage answers", "let users read the passages themselves"
        gates = (
            gate("task", task in SEARCHING, wanted, task, instead),
            gate("documents", documents > 0, "documents to search", number(documents), "name the documents"),
            floor_gate(case.scenario.quality.floor, found, "quality.scores.retrieval", basis),
        )
    return Option(
        step=STEP,
        key="retrieval",
        title="Search alone",
        parts=Parts.zero(case.size),
        carried=carried,
        quality=quality,
        settings={
            "kind": "retrieval",
            "model": MANAGED_EMBEDDER,
            "models": (MANAGED_EMBEDDER,),
            "precision": None,
        },
        gates=gates,
        notes=("No generative AI: users read the passages found.",),
        evidence=frozenset(used),
    )
