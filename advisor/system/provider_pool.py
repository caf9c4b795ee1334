"""The provider's pool: what one call takes there, at any place, and what it costs by the token.

Besides the answer a call may take a judge's verdict (cascade), a router's reading, or an imagined passage
to search with; all of it is generated, and billed, by the same provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.footprints import electricity, hardware
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.prices import Tier, live_tier, offer, token_price
from advisor.system.serving import Served, Serving, encode, serve
from advisor.system.shape import Shape

ROUTER = "bert-base"  # the classifier that tells easy requests from hard ones
ROUTER_GPU = "t4"


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What one call takes wherever it runs: IT energy [kWh], and the wear of hardware held for it."""

    it_kwh: Array
    worn: Footprint


@remembered
def served(case: Case, model: str, technique: str) -> Served:
    """One live request to a model of the pool."""
    return serve(case, model, requests.shape(case, model, technique))


@remembered
def parts(case: Case, model: ModelSetting, technique: str) -> tuple[tuple[str, Shape, Array], ...]:
    """What is generated for one call: by which model, of what shape, in what share of calls."""
    found = []
    for key, share in requests.shares(case, model, technique):
        found.append((key, requests.shape(case, key, requests.technique_of(model, key, technique)), share))
    if model.kind == "cascade":
        found.append((model.main, requests.verdict(case, model.main, technique), case.full(1.0)))
    if technique == "rag_hyde":
        found.append((model.main, requests.imagining(case), case.full(1.0)))
    return tuple(found)


@remembered
def work(case: Case, model: ModelSetting, technique: str, tier: Tier) -> Work:
    """One call on the pool: live, queued as part of a batch, or ahead of others."""
    if model.kind == "encoder":
        tokens = requests.shape(case, model.main, technique).input_tokens
        return _total(case, [_taken(encode(case, model.main, tokens, mode="embedding"), case.full(1.0))])
    how = Serving(mode="maas")
    if tier != "standard":
        how = Serving(utilisation=case.draw(f"deployment.{tier}_busy", "ratio"), mode=tier)
    found = []
    for key, shape, share in parts(case, model, technique):
        calls = requests.apart(case, shape, requests.technique_of(model, key, technique))
        every, weights = requests.stacked(case, calls)
        found.append(_taken(serve(case, key, every, how), weights * share))
    if model.kind == "router":
        tokens = requests.shape(case, model.models[1], technique).input_tokens
        found.append(_taken(encode(case, ROUTER, tokens, gpu_key=ROUTER_GPU), case.full(1.0)))
    return _total(case, found)


def _taken(one: Served, share: Array) -> tuple[str, Array, Array]:
    """The GPU, and the energy [kWh] and GPU time [s] of calls of some shares, shape ([calls,] width)."""
    kwh, seconds = one.energy_kwh * share, one.gpu_seconds * share
    return (one.gpu, kwh.sum(axis=0), seconds.sum(axis=0)) if kwh.ndim > 1 else (one.gpu, kwh, seconds)


def _total(case: Case, found: Sequence[tuple[str, Array, Array]]) -> Work:
    kwh, held_by = np.zeros(case.size), dict[str, Array]()
    for gpu, one_kwh, held in found:
        kwh = kwh + one_kwh
        held_by[gpu] = held_by.get(gpu, 0.0) + held
    worn = case.nothing()
    for gpu, held in held_by.items():
        worn = worn + hardware(case, gpu, held)
    return Work(kwh, worn)


@remembered
def usd(case: Case, model: ModelSetting, technique: str, row: str, tier: Tier) -> Array | None:
    """Price of one call [USD] under an offer, a router's fee included; None where a model has none."""
    if model.kind == "encoder":
        name = f"embedders.{model.main}.price"
        tokens = requests.shape(case, model.main, technique).input_tokens
        return tokens * case.draw(name, "USD/tok") if name in case else None
    total = np.zeros(case.size)
    for key, shape, share in parts(case, model, technique):
        for one, part in requests.apart(case, shape, requests.technique_of(model, key, technique)):
            price = token_price(case, key, row, one, tier)
            if price is None:
                return None
            total = total + price * share * part
    if model.kind == "router":
        read = requests.shape(case, model.models[1], technique).input_tokens
        total = total + read * case.draw("model_router.fee", "USD/tok")
    return total


def at(case: Case, model: ModelSetting, technique: str, where: str, tier: Tier) -> Footprint:
    """One call on the pool at a place, without its price."""
    found = work(case, model, technique, tier)
    return electricity(case, found.it_kwh, place(case, where)) + found.worn


def priced(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    tier: Tier,
) -> Footprint:  # fmt: skip
    """One call with its price; a price that is not known counts nothing, and a gate says so."""
    technique = improvement.technique
    price = usd(case, model, technique, offer(deployment), tier)
    one = at(case, model, technique, deployment.where, tier)
    return one if price is None else one.with_cost(price)


@remembered
def per_attempt(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """One call at a managed deployment, its price included; as batches, what can wait is queued."""
    live = priced(case, model, improvement, deployment, live_tier(deployment))
    if not deployment.batch:
        return live
    waits = case.scenario.workload.deferrable_share
    return live * (1.0 - waits) + priced(case, model, improvement, deployment, "batch") * waits
