"""Which two models are worth comparing as a pair: found among all on simple central estimates."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array, central
from advisor.estimate.acceptance import mixed_share
from advisor.system import model_gates, offers, requests
from advisor.system.case import Case, remembered
from advisor.system.footprints import served
from advisor.system.gates import passes
from advisor.system.places import open_regions, place, zone_regions
from advisor.system.plan import PAIRS, ModelKind, ModelSetting
from advisor.system.prices import token_price
from advisor.system.priorities import CONCERNS, valued, weighed, weights
from advisor.system.quality import accuracy, escalated, of_model, reference_technique
from advisor.system.regions import lawful, lawful_throughout, on_device, region_used, zone_for
from advisor.system.serving import serve

TINY = 1e-12
KINDS: tuple[ModelKind, ...] = ("cascade", "router")


@remembered
def worth_comparing(case: Case) -> tuple[ModelSetting, ...]:
    """The best cascade and the best router, and a pair that is recorded; none on a device."""
    if on_device(case):
        return ()
    best = tuple(pair for kind in KINDS if (pair := _best(case, kind)) is not None)
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
    """The pair of least score; the large model must be the better and the heavier one."""
    able = [model for model in case.catalogue.keys("models") if scopes(case, model)]
    if len(able) < 2:
        return None
    table = np.array([rough(case, model) for model in able])
    share = np.array([central(of_model(case, model, reference_technique(case))) for model in able])
    together = _together([scopes(case, model) for model in able])
    far = central(escalated(case, kind))
    near = 1.0 if kind == "cascade" else 1.0 - far
    mixed = table[:, None, :] * near + table[None, :, :] * far
    quality = np.asarray(
        mixed_share(
            share[:, None], share[None, :], case.scenario.quality.easy_share, central(accuracy(case, kind)),
            case.central("quality.hard_to_easy_failures", "ratio"),
        )
    )  # fmt: skip
    floor = np.full(mixed.shape[-1], TINY)
    value = weighed(valued(case, mixed, -1), quality, weights(case), floor)
    apart = share[None, :] - share[:, None] >= case.central("pair.least_gain", "ratio")
    ordered = together & apart & (table[:, None, 0] < table[None, :, 0])
    if not ordered.any():
        return None
    # the pair should meet the floor; where none does, the best answers
    meets = ordered & (quality >= case.scenario.quality.floor)
    ranked = np.where(meets, value, np.inf) if meets.any() else np.where(ordered, -quality, np.inf)
    first, second = np.unravel_index(int(np.argmin(ranked)), ranked.shape)
    return ModelSetting(kind, (able[int(first)], able[int(second)]))


def _together(sold: list[frozenset[str]]) -> Array:
    """Whether two models are sold in one same way."""
    ways = sorted(frozenset().union(*sold))
    has = np.array([[way in one for way in ways] for one in sold])
    return np.asarray((has[:, None, :] & has[None, :, :]).any(axis=2))


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
def rough(case: Case, model: str) -> tuple[float, ...]:
    """One request to a service at the region used, central: every concern."""
    shape = requests.shape(case, model, reference_technique(case))
    footprint = served(case, serve(case, model, shape), place(case, f"region:{region_used(case)}"))
    rows = (f"datazone_{zone_for(case)}", "global", "regional", "list")
    usd = next(usd for row in rows if (usd := token_price(case, model, row, shape)) is not None)
    priced = footprint.with_cost(usd)
    return tuple(central(priced[concern]) for concern in CONCERNS)
