"""Every key that an option of a step can have: what a recorded decision, or what runs today, may name.

Which of them a scenario is offered follows from it; here is what can be offered at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, get_args

from advisor.catalogue import Catalogue
from advisor.core.errors import nearest
from advisor.system.plan import (
    PAIRS,
    Cache,
    DeploymentSetting,
    ModelKind,
    ModelSetting,
    OperationSetting,
    Scope,
    StepName,
    TermKey,
)
from advisor.system.quality import MANAGED_EMBEDDER, STAND_IN
from advisor.system.storage import titles
from advisor.system.techniques import CLASSIFIER, LEVERED, LEVERS, SEARCHES, TITLES

# as planned for comparison; what is sized may also wait or move
WAYS = (
    *(OperationSetting(policy, "planned", "now") for policy in ("never", "calendar", "best", "trigger")),
    *(
        OperationSetting(policy, "sized", timing)
        for policy in ("never", "best", "trigger")
        for timing in ("now", "time", "place")
    ),
)
CACHES: tuple[Cache, ...] = get_args(Cache)
TERMS: tuple[TermKey, ...] = get_args(TermKey)
Place = tuple[Scope, str | None]


def keys(step: StepName, named: str, catalogue: Catalogue, given: Mapping[str, Any]) -> Sequence[str]:
    """The keys that options of a step can have, pairs of models left out but for those nearest ``named``.

    ``given``: a scenario as plain data, for models and machines of its own.
    """
    if step == "foundation_model":
        return _models(named, catalogue, _own(given, "own_models"))
    if step == "improvement":
        levered = (key for key, (_, lever) in LEVERED.items() if lever in LEVERS)
        return [*TITLES, *levered, *SEARCHES, CLASSIFIER]
    if step == "deployment":
        machines = (*catalogue.keys("machines"), *_own(given, "own_machines"))
        tables = (tuple(catalogue.keys(name)) for name in ("regions", "precisions", "devices"))
        return _deployments(machines, *tables)
    return list(titles.TITLES) if step == "data_storage" else [way.key for way in WAYS]


def _own(given: Mapping[str, Any], section: str) -> list[str]:
    found = given.get(section)
    return [str(name) for name in found] if isinstance(found, Mapping) else []


def _models(named: str, catalogue: Catalogue, own: Sequence[str]) -> list[str]:
    writers = [*catalogue.keys("models"), *own]
    readers = (*catalogue.keys("encoders"), MANAGED_EMBEDDER)
    others: tuple[tuple[ModelKind, tuple[str, ...]], ...] = (
        *(("encoder", (key,)) for key in readers), ("retrieval", (MANAGED_EMBEDDER,)),
        ("custom", (STAND_IN,)),
    )  # fmt: skip
    kind, colon, names = named.partition(":")
    near = tuple(nearest(name, writers) or "" for name in names.split("+")) if colon else ()
    pairs = [
        ModelSetting(one, near).key
        for one in PAIRS if nearest(kind, [one]) and len(near) == 2 and all(near)
    ]  # fmt: skip
    return [*writers, *(ModelSetting(one, models).key for one, models in others), *pairs]


@lru_cache(maxsize=4)
def _deployments(
    machines: tuple[str, ...], regions: tuple[str, ...], precisions: tuple[str, ...], devices: tuple[str, ...]
) -> tuple[str, ...]:
    places: tuple[Place, ...] = (
        ("global", None),
        ("datazone", None),
        *(("regional", one) for one in regions),
    )
    found = (
        *_bought(places), *_held(regions, machines, precisions),
        *(DeploymentSetting("edge", "device", device=one) for one in (None, *devices)),
        DeploymentSetting("search"),
    )  # fmt: skip
    return tuple(dict.fromkeys(one.key for one in found))


def _bought(places: Sequence[Place]) -> Iterator[DeploymentSetting]:
    """From a service, in every way it sells."""
    for (scope, region), cache in product(places, CACHES):
        yield DeploymentSetting("maas", scope, region, cache=cache)
        yield DeploymentSetting("maas", scope, region, batch=True, cache=cache)
        yield DeploymentSetting("maas", scope, region, priority=True, cache=cache)
        for term, spillover in product(TERMS, (False, True)):
            yield DeploymentSetting("ptu", scope, region, term=term, spillover=spillover, cache=cache)
    for scope, region in places:
        yield DeploymentSetting("embedding", scope, region)


def _held(
    regions: Sequence[str], machines: Sequence[str], precisions: Sequence[str]
) -> Iterator[DeploymentSetting]:
    """On machines or processors of one's own."""
    for region in regions:
        yield DeploymentSetting("processors", region=region)
        yield DeploymentSetting("maap", region=region)
        for zero in (False, True):
            yield DeploymentSetting("container", region=region, to_zero=zero)
            for machine, precision, apart in product(machines, precisions, (False, True)):
                yield DeploymentSetting(
                    "maap", region=region, machine=machine, precision=precision, to_zero=zero, apart=apart
                )
