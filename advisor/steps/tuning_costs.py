"""What tuning adds: runs, retrainings, and a place for the tuned weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import tuning as arithmetic
from advisor.steps.placement import reference
from advisor.steps.serving_parts import (
    HOURS_PER_MONTH,
    base_shape,
    hosted,
    place,
    smallest_machine,
    token_price,
)
from advisor.system import accounting
from advisor.system.accounting import Place
from advisor.system.case import Case
from advisor.system.hardware import architecture, gpu
from advisor.system.serving import serve

TRAINING_GPU = "h100_sxm"
TRAINING_MACHINE = "managed_compute.h100.price"
MONTHS = 12.0
TOKENS_PER_MTOK = 1e6
OFFERS = {"global": "train_global", "list": "train_global", "regional": "train_regional"}


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """The parts of tuning one model: ``run`` is one run with its evaluation."""

    run: Footprint
    parts: Parts
    host: Parts
    hosting: str
    machine_hosted: bool


def tuning_of(case: Case, model: str, technique: str) -> Tuning:
    """Runs (failed and sweep ones included), retrainings a year, and hosting of the tuned weights."""
    return case.remember(("tuning", model, technique), lambda: _tuning(case, model, technique))


def _tuning(case: Case, model: str, technique: str) -> Tuning:
    knowledge = case.scenario.knowledge
    where = place(case, reference(case, model).place)
    run = one_run(case, model, technique, where)
    nothing = case.nothing()
    parts = Parts(run * knowledge.tuning_runs, run * (knowledge.retrains_per_year / MONTHS), nothing)
    how = hosting(case, model, technique)
    monthly, machine_hosted = _hosting(case, model, how, where)
    return Tuning(run, parts, Parts(nothing, monthly, nothing), how, machine_hosted)


def run_tokens(case: Case) -> float:
    """Tokens of one run: examples × tokens × passes [tok]."""
    knowledge = case.scenario.knowledge
    return knowledge.examples * knowledge.tokens_per_example * knowledge.epochs


def run_kwh(case: Case, model: str, technique: str) -> tuple[Array, Array]:
    """IT energy [kWh] and GPU time [s] of one run, evaluation apart."""
    method = "full" if technique == "full" else "lora"
    arch = architecture(case, model)
    seconds = arithmetic.gpu_seconds(
        case.draw(f"tuning.flops_{method}", "ratio"),
        arch.active_params,
        run_tokens(case),
        gpu(case, TRAINING_GPU, "bf16").flops,
        case.draw("tuning.peak_share", "ratio"),
    )
    if technique == "qlora":
        seconds = seconds * case.draw("tuning.qlora_of_lora", "ratio")
    power = case.draw("tuning.board_share", "ratio") * case.draw(f"gpus.{TRAINING_GPU}.tdp", "W")
    held: Array = np.asarray(seconds) + np.zeros(case.size)
    kwh: Array = np.asarray(arithmetic.it_kwh(held, power + case.draw("host.power_per_gpu", "W")))
    return kwh, held


def one_run(case: Case, model: str, technique: str, where: Place) -> Footprint:
    """One tuning run and the answers generated to judge it."""
    kwh, seconds = run_kwh(case, model, technique)
    footprint = accounting.electricity(case, kwh, where) + accounting.hardware(case, TRAINING_GPU, seconds)
    footprint = footprint.with_cost(_price(case, model, seconds))
    shape = base_shape(case, model)
    answers = case.draw("tuning.evaluation_answers", "item")
    judged = accounting.served(case, serve(case, model, shape), where)
    judged = judged.with_cost(token_price(case, model, reference(case, model).offer, shape))
    return footprint + judged * answers


def _price(case: Case, model: str, seconds: Array) -> Array:
    offer = reference(case, model).offer
    column = "train_datazone" if offer.startswith("datazone") else OFFERS.get(offer, "train_global")
    for name in (column, "train_global", "train_datazone", "train_developer"):
        if f"tuning.{model}.{name}" in case:
            return case.draw(f"tuning.{model}.{name}", "USD/Mtok") * run_tokens(case) / TOKENS_PER_MTOK
    return seconds * case.draw(TRAINING_MACHINE, "USD/s")


def hosting(case: Case, model: str, technique: str) -> str:
    """Serverless where an adapter can ride on a pooled base model, else dedicated."""
    used = reference(case, model)
    if used.kind != "managed":
        return used.kind
    row = case.catalogue.row("models", model)
    own_weights = technique == "full" and "api" not in (row.get("tunable") or [])
    return "dedicated" if own_weights else case.scenario.knowledge.hosting


def _hosting(case: Case, model: str, how: str, where: Place) -> tuple[Footprint, bool]:
    if how == "serverless":
        name = f"tuning.{model}.hosting" if f"tuning.{model}.hosting" in case else "tuning.hosting_unlisted"
        return case.nothing().with_cost(case.draw(name, "USD/h") * HOURS_PER_MONTH), False
    machine = smallest_machine(case, model)
    if how == "dedicated" and machine is not None:
        return hosted(case, machine, where), True
    return case.nothing(), False  # served from machines or devices that serving counts already
