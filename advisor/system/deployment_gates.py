"""The hard rules of a deployment: what rules it out, and what would bring it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from advisor.core.saying import joined, numeral, say
from advisor.core.wording import percent
from advisor.estimate import hosting
from advisor.system import cache_gates, devices, hosts, provisioned, sale_gates, sites, speed
from advisor.system.case import Case, remembered
from advisor.system.deployable import mismatch
from advisor.system.gates import Gate, Gates, gate, in_time, passes
from advisor.system.places import on_premises, open_regions, zone_regions
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.premises import BRING, LET_OUT, stays
from advisor.system.regions import (
    place_name,
    ranked,
    region_name,
    residency_remedy,
    residency_told,
    resides,
)
from advisor.system.requests import technique_of
from advisor.system.sale_gates import promised_speed

MANAGED = ("maas", "ptu", "embedding")


def gates(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gates:
    """Everything a deployment must pass, beside what its model and improvement must.

    Total: any kind of model may be asked with any deployment.
    """
    bare = _without_cache(case, model, improvement, deployment)
    if deployment.cache == "none" or mismatch(case, model, deployment) is not None:
        return bare
    return (*bare, *cache_gates.gates(case, model, improvement, deployment))


def open_to(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> bool:
    """Whether every one of these gates is passed; nothing is looked at after the first that is not."""
    if not _open(case, model, improvement, deployment):
        return False
    return deployment.cache == "none" or cache_gates.open_to(case, model, improvement, deployment)


@remembered
def _without_cache(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gates:
    """All but what a cache must pass: the same whichever cache is in front."""
    return tuple(in_turn(case, model, improvement, deployment))


@remembered
def _open(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> bool:
    return passes(in_turn(case, model, improvement, deployment))


def in_turn(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Gate]:
    """All but a cache's gates as they are asked for: whoever stops at one works out none after it."""
    stopped, mode = mismatch(case, model, deployment), deployment.mode
    if stopped is not None:
        yield from (*common(case), stopped)
        return
    if mode == "edge":
        yield from devices.gates(case, model, improvement, deployment)
        return
    yield from common(case)
    yield from _inside(case, deployment)
    if mode not in MANAGED:
        if mode != "search":
            yield from hosts.gates(case, model, improvement, deployment)
        return
    if mode == "ptu" and provisioned.sold(case, model, deployment) is None:
        yield sale_gates.unsold(case, model, deployment)
        return
    by_token = sale_gates.by_token(deployment)
    if mode != "embedding":
        listed = f"maas_{deployment.scope}" if by_token else ""
        yield from sale_gates.of_model(case, model, improvement, listed)
    if by_token:
        yield from _offered_in(case, model, deployment)
    yield from place_gates(case, deployment.scope, deployment.zone, deployment.region)
    if mode != "embedding":
        yield from latency(case, model, improvement, deployment)
    yield from _lasting(case, deployment)
    yield from sale_gates.ways_to_buy(case, model, deployment)
    yield from sale_gates.price(case, model, improvement, deployment)


def _inside(case: Case, deployment: DeploymentSetting) -> Iterator[Gate]:
    """Whether what answers stands on the user's own premises, and asks no service for images or sound."""
    held = sites.answering(case, deployment)
    inside = all(map(on_premises, held))
    where = joined(say(" and "), (place_name(case, one) for one in held))
    yield from stays(case, inside, where, BRING)
    media = case.scenario.media
    if inside and media is not None and (media.images_made or media.audio_read_s or media.speech_made_s):
        yield from stays(case, False, say("images or sound by a service"), LET_OUT)


@remembered
def common(case: Case) -> Gates:
    """Gates that every deployment in the cloud must pass."""
    limits = case.scenario.constraints
    return (
        gate(
            "offline", not limits.offline,
            say("works without a network") if limits.offline else say("a network is there"),
            say("runs in the cloud"), say("allow a network, or run a small model on the device"),
        ),
        gate(
            "private_network", True,
            say("a private endpoint") if limits.private_network else say("not asked for"),
            say("reached through a private endpoint"), "",
        ),
    )  # fmt: skip


def sold_in(case: Case, model: str, region: str) -> bool:
    """Whether a model's regional deployment is sold in a region; true where no list names regions."""
    where: Sequence[str] = case.catalogue.row("models", model).get("regional_in") or ()
    return not where or region in where


def _offered_in(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    if deployment.scope != "regional" or model.kind == "encoder":
        return
    region = str(deployment.region)
    for key in model.models:
        where = case.catalogue.row("models", key).get("regional_in") or ()
        yield gate(
            "offered_in", sold_in(case, key, region), region_name(case, region),
            say("{key}: {where}", key=key, where=joined(", ", (region_name(case, one) for one in where)))
            if where
            else say("{key}: not listed by region", key=key),
            say("one of these regions, the data zone, or another model"), to_be_had=False,
        )  # fmt: skip


@remembered
def place_gates(case: Case, scope: str, zone: str | None, region: str | None) -> Gates:
    """Where a managed deployment may process data."""
    if scope == "global":
        return _anywhere_in(case, open_regions(case), say("a global deployment may run in any region"))
    if scope == "datazone":
        members = zone_regions(case, str(zone))
        countries = sorted({str(case.catalogue.row("regions", key)["country"]) for key in members})
        found = say(
            "the {zone} data zone: {countries}", zone=str(zone).upper(), countries=joined(", ", countries)
        )
        return _anywhere_in(case, members, found)
    here = next(one for one in ranked(case) if one.key == region)
    sold = sells_models(case, str(region))
    return (
        *here.gates,
        gate(
            "model_region", sold, say("a region that sells models as a service"), here.key,
            say("choose a region of the list, or machines of your own there"),
        ),
    )  # fmt: skip


def sells_models(case: Case, region: str) -> bool:
    """Whether a region deploys models as a service; one model may be offered in fewer."""
    return region in case.catalogue.keys("ptu_regions")


def _anywhere_in(case: Case, members: Sequence[str], found: str) -> Gates:
    """Every region in which a deployment may run must pass."""
    limits = case.scenario.constraints
    wanted, allowed = limits.residency, limits.regions_allowed
    fits = all(resides(case.catalogue.row("regions", key), wanted) for key in members)
    return (
        gate("residency", fits, residency_told(wanted), found, residency_remedy(wanted)),
        gate(
            "regions_allowed", not allowed or set(members) <= set(allowed),
            joined(", ", (region_name(case, one) for one in allowed)) or say("any"),
            say("any of {count} regions", count=len(members)),
            say("allow all regions of the zone, or use a regional deployment"),
        ),
    )  # fmt: skip


def times(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> speed.Times:
    """How long an answer takes; of two models, that of the large one, at a promised speed where one is."""
    key = model.models[-1]
    technique = technique_of(model, key, improvement.technique)
    target = promised_speed(case, key, deployment)
    return (
        speed.times(case, key, technique) if target is None else speed.promised(case, key, technique, target)
    )


@remembered
def latency(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gates:
    """First words and whole answer against their limits, by the fast end of the estimate.

    Providers publish no times, so only what cannot be met even at the fast end fails.
    """
    limits, taken = case.scenario.constraints, times(case, model, improvement, deployment)
    delay = 0.0
    if deployment.scope == "regional":
        delay = next(one.round_trip_ms for one in ranked(case) if one.key == deployment.region)

    def within(rule: str, span: tuple[float, float], limit: float, remedy: str) -> Gate:
        fast, middle = span[0] + delay, span[1] + delay
        return in_time(rule, fast, limit, _between_ms(round(fast), round(middle)), remedy)

    return (
        within(
            "first_token", taken.first, limits.first_token_p95_ms,
            say("allow more time to the first words, shorten the prompt or take a smaller model"),
        ),
        within(
            "latency", taken.answer, limits.latency_p95_ms,
            say("allow more time, shorten the answers or take a smaller model"),
        ),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _between_ms(fast: int, middle: int) -> str:
    return say(
        "about {middle} ms (at best {fast} ms)", middle=numeral(middle, ",.0f"), fast=numeral(fast, ",.0f")
    )


def redundant(case: Case, deployment: DeploymentSetting) -> int:
    """How many deployments can answer, each where another fails; idle ones by the token burn nothing.

    By the token as many behind a gateway, in regions of their own, as reach the availability, and two where
    the loss of a region is to be outlived. Of one region there is one: several would fail together. So there
    is of provisioned units, wherever they compute: what they pass on to is of the same resource, and that
    stands in one region.
    """
    if deployment.scope == "regional" or deployment.mode == "ptu":
        return 1
    operations, one = case.scenario.operations, case.central("deployment.managed_availability", "ratio")
    return max(hosting.redundant(1, one, operations.availability), 2 if operations.survive_region_loss else 1)


BY_USE = say(
    "pay by use: deployments in regions of their own, behind a gateway, cost nothing while they wait"
)


@lru_cache(maxsize=256)
def _available(share: float) -> str:
    return percent(share)


@lru_cache(maxsize=256)
def _available_with(share: float, count: int) -> str:
    if count > 1:
        return say("{share} with {count} in different regions", share=percent(share), count=count)
    return say("{share} with {count}", share=percent(share), count=count)


def _lasting(case: Case, deployment: DeploymentSetting) -> Iterator[Gate]:
    """Availability, and the loss of a region where that is to be outlived."""
    count, elsewhere, held = (
        redundant(case, deployment),
        deployment.scope != "regional",
        deployment.mode == "ptu",
    )
    operations = case.scenario.operations
    one = case.central("deployment.managed_availability", "ratio")
    reached = 1.0 - (1.0 - one) ** count
    yield gate(
        "availability", reached >= operations.availability, _available(operations.availability),
        _available_with(reached, count),
        BY_USE if elsewhere
        else say("use a data zone or global deployment: all deployments of one region fail with it"),
    )  # fmt: skip
    wanted, one_region = operations.survive_region_loss, say("one region") if held or not elsewhere else ""
    yield gate(
        "region_loss", not (wanted and one_region),
        say("survives") if wanted else say("not asked for"),
        one_region or say("runs elsewhere"),
        BY_USE if elsewhere else say("use a data zone or global deployment"),
    )  # fmt: skip
