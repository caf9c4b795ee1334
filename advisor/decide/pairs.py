"""Which two models are worth comparing as a pair: found among all on simple central estimates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array, central
from advisor.system import mixtures, model_gates, offers, requests
from advisor.system.case import Case, centrally, remembered
from advisor.system.footprints import served
from advisor.system.gates import passes
from advisor.system.places import open_regions, place, zone_regions
from advisor.system.plan import PAIRS, SPLIT, ModelKind, ModelSetting
from advisor.system.prices import token_price
from advisor.system.priorities import CONCERNS, valued, weighed, weights
from advisor.system.quality import of_model, reference_technique
from advisor.system.regions import lawful, lawful_throughout, on_device, region_used, zone_for
from advisor.system.requests import planned
from advisor.system.serving import serve

TINY = 1e-12
Mask = NDArray[np.bool_]


@centrally
def worth_comparing(case: Case) -> tuple[ModelSetting, ...]:
    """The best pair of each kind, a team for an agent alone, and a recorded one; none on a device."""
    if on_device(case):
        return ()
    kinds = PAIRS if case.scenario.agent is not None else SPLIT
    best = tuple(pair for kind in kinds if (pair := _best(case, kind)) is not None)
    return tuple(dict.fromkeys((*best, *_recorded(case))))


def _recorded(case: Case) -> tuple[ModelSetting, ...]:
    recorded = case.scenario.decisions.get("foundation_model")
    kind, _, names = (recorded.choice if recorded else "").partition(":")
    models = tuple(names.split("+"))
    known = case.catalogue.keys("models")
    if kind not in PAIRS or len(models) != 2 or any(model not in known for model in models):
        return ()
    return (ModelSetting(next(one for one in PAIRS if one == kind), models),)


def _best(case: Case, kind: ModelKind) -> ModelSetting | None:
    """The pair of least score; the large model must be the better one."""
    able = [model for model in offers.compared(case) if scopes(case, model)]
    if len(able) < 2:
        return None
    table = np.array([_rough(case, model) for model in able])
    share = np.array([central(of_model(case, model, reference_technique(case))) for model in able])
    near, far = _parts(case, kind, share)
    mixed = table[:, None, :] * near[:, None, None] + table[None, :, :] * far[:, None, None]
    quality, ordered = _of_pairs(case, kind, share, table[:, 0])
    ordered = ordered & _together([scopes(case, model) for model in able])
    if not ordered.any():
        return None
    value = weighed(valued(case, mixed, -1), quality, weights(case), np.full(mixed.shape[-1], TINY))
    # the pair should meet the floor; where none does, the best answers
    meets = ordered & (quality >= case.scenario.quality.floor)
    ranked = np.where(meets, value, np.inf) if meets.any() else np.where(ordered, -quality, np.inf)
    first, second = np.unravel_index(int(np.argmin(ranked)), ranked.shape)
    return ModelSetting(kind, (able[int(first)], able[int(second)]))


def _parts(case: Case, kind: ModelKind, share: Array) -> tuple[Array, Array]:
    """Of the calls, the share that each small model makes, and the large one beside it.

    ``share``: that of the small model's answers which is accepted.
    """
    far = np.full(share.shape, planned(case)) if kind == "team" else mixtures.escalated(case, kind, share)
    return np.ones(share.shape) if kind == "cascade" else 1.0 - far, far


def _of_pairs(case: Case, kind: ModelKind, share: Array, carbon: Array) -> tuple[Array, Mask]:
    """Share accepted of each small model with each large one, and which of them make such a pair.

    ``share`` accepted and ``carbon`` of each model. A team keeps part of what its planner gets right; of the
    others the large model must gain enough and be the heavier one.
    """
    small, large = share[:, None], share[None, :]
    if kind == "team":
        kept = large * case.central("agent.worker_success", "ratio") + np.zeros_like(small)
        return kept, small < large
    quality = mixtures.mixed(case, kind, small, large)
    apart = large - small >= case.central("pair.least_gain", "ratio")
    return quality, apart & (carbon[:, None] < carbon[None, :])


def _together(sold: list[frozenset[str]]) -> Mask:
    """Whether two models are sold in one same way."""
    ways = sorted(frozenset().union(*sold))
    has = np.array([[way in one for way in ways] for one in sold])
    return np.asarray((has[:, None, :] & has[None, :, :]).any(axis=2), dtype=np.bool_)


@remembered
def scopes(case: Case, model: str) -> frozenset[str]:
    """The ways a service sells a model that passes its gates and that the rules allow; empty where none."""
    sold = offers.managed(case, model) and offers.any_price(case, model)
    if not sold or not passes(model_gates.of_model(case, model)):
        return frozenset()
    kinds = offers.deployments(case, model)
    allowed = {
        "global": lawful_throughout(case, open_regions(case)),
        "datazone": lawful_throughout(case, zone_regions(case, zone_for(case))),
        "regional": bool(lawful(case)),
    }
    return frozenset(way for way, yes in allowed.items() if yes and f"maas_{way}" in kinds)


@remembered
def _rough(case: Case, model: str) -> tuple[float, ...]:
    """One request to a service at the region used, central: every concern."""
    shape = requests.shape(case, model, reference_technique(case))
    footprint = served(case, serve(case, model, shape), place(case, f"region:{region_used(case)}"))
    rows = (f"datazone_{zone_for(case)}", "global", "regional", "list")
    usd = next(usd for row in rows if (usd := token_price(case, model, row, shape)) is not None)
    priced = footprint.with_cost(usd)
    return tuple(central(priced[concern]) for concern in CONCERNS)
