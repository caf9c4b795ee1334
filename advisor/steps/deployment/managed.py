"""Managed deployments in words, and what follows from choosing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from advisor.core.draws import central
from advisor.core.saying import dated, numeral, say
from advisor.system import (
    caches,
    demand,
    deployment_gates,
    prices,
    provider_pool,
    provisioned,
    requests,
    sale_gates,
)
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ModelSetting, Plan
from advisor.system.regions import Candidate, place_name, ranked, zone_for

SKUS = {"global": "GlobalStandard", "datazone": "DataZoneStandard", "regional": "Standard"}
BATCH_SKUS = {"global": "GlobalBatch", "datazone": "DataZoneBatch"}  # no single region sells batches
UNIT_SKUS = {
    "global": "GlobalProvisionedManaged",
    "datazone": "DataZoneProvisionedManaged",
    "regional": "ProvisionedManaged",
}
STAYS = {
    "global": say("May run in any region, so its carbon is that of any region, never of one."),
    "datazone": say("May run anywhere in the zone, so its carbon is the zone's range, never one region's."),
    "regional": say("Stays in the region, so the region's carbon may be claimed."),
}
CACHED = {
    "none": "", "exact": say(", exact cache"), "semantic": say(", cache by meaning"),
    "semantic-cosmos": say(", cache by meaning on disk"),
}  # fmt: skip
BESIDE = say("The linear classifier on the vectors runs beside the application.")
SOLD = ("maas", "ptu")  # modes in which a service answers with the model itself
BATCHED = say("Batches are worked off within about 24 h, at half price where a batch price is published.")


@remembered
def scopes(case: Case, models: Sequence[str]) -> tuple[DeploymentSetting, ...]:
    """Pay as you go anywhere, in the data zone, and in the regions worth a deployment."""
    return (
        DeploymentSetting("maas", "global"),
        DeploymentSetting("maas", "datazone", zone=zone_for(case)),
        *(DeploymentSetting("maas", "regional", region=one.key) for one in worth_it(case, models)),
    )


def for_units(case: Case, model: ModelSetting) -> tuple[DeploymentSetting, ...]:
    """The cleanest region that passes and sells units, where tokens are bought in others."""
    units = DeploymentSetting("ptu", "regional")
    if provisioned.sold(case, model, units) is None:
        return ()
    selling = (one.key for one in ranked(case) if one.eligible and provisioned.sold_in(case, one.key))
    first = next(selling, None)
    if first is None or first in (one.key for one in worth_it(case, model.models)):
        return ()
    return (replace(units, region=first),)


def worth_it(case: Case, models: Sequence[str] = ()) -> list[Candidate]:
    """The regions worth an option: the cleanest that passes and sells these models, and home."""
    found = ranked(case)
    home = next(region for region in found if region.key == case.scenario.constraints.home_region)
    selling = (region for region in found if region.eligible and sells(case, models, region.key))
    first = next(selling, found[0])
    return [first] if first.key == home.key else [first, home]


def able(case: Case, plan: Plan) -> list[Candidate]:
    """The regions that can run a plan, those that pass first: of a service, those that sell its models."""
    found, wanted = ranked(case), plan.model.models if plan.deployment.mode in SOLD else ()
    return [one for one in found if not wanted or sells(case, wanted, one.key)]


def sells(case: Case, models: Sequence[str], region: str) -> bool:
    """Whether a region sells these models as a service."""
    everywhere = deployment_gates.sells_models(case, region)
    return everywhere and all(deployment_gates.sold_in(case, model, region) for model in models)


def title(case: Case, plan: Plan) -> str:
    """The name of a managed deployment."""
    chosen = plan.deployment
    where, cached = place_name(case, chosen.where), CACHED[chosen.cache]
    if chosen.mode == "embedding":
        return say("Managed embedding calls, {where}{cached}", where=where, cached=cached)
    if chosen.mode == "ptu":
        size = _size(case, plan)
        if size is None:
            return say("PTU {where}", where=where)
        rest = say(", rest by use") if chosen.spillover else ""
        return say(
            "{units} PTU {where}, {term}{rest}{cached}",
            units=numeral(size.units[0], ",.0f"),
            where=where,
            term=provisioned.term(chosen).title,
            rest=rest,
            cached=cached,
        )
    extra = say(", with priority") if chosen.priority else ""
    waits = case.scenario.workload.deferrable_share
    if chosen.batch and waits:
        extra = say(", {share} as batch", share=numeral(waits, ".0%"))
    elif chosen.batch:
        extra = say(", what can wait as batch")
    return say("Pay as you go, {where}{extra}{cached}", where=where, extra=extra, cached=cached)


def _size(case: Case, plan: Plan) -> provisioned.Sizing | None:
    return provisioned.sizing(case, *plan.early)


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What may be claimed about the place, and what the way of buying means."""
    return tuple(_notes(case, plan))


def _notes(case: Case, plan: Plan) -> Iterator[str]:
    chosen = plan.deployment
    yield STAYS[chosen.scope]
    size = _size(case, plan) if chosen.mode == "ptu" else None
    if size is not None:
        yield say(
            "{use} of what is paid for is used; capacity burns whether used or not, without a pause.",
            use=numeral(size.use, ".0%"),
        )
        yield from _resized(case, plan, size)
        if not provisioned.term(chosen).months:
            yield say("Microsoft does not recommend resizing by the hour.")
        if chosen.spillover:
            yield say(
                "{share} of requests spill over to pay as you go.", share=numeral(1 - size.share, ".0%")
            )
    count = deployment_gates.redundant(case, chosen)
    if chosen.mode != "ptu" and count > 1:
        yield say(
            "{count} deployments in different regions, behind a gateway that passes on what one cannot "
            "answer, reach the availability; unused ones burn nothing.",
            count=count,
        )
    if chosen.batch:
        yield BATCHED
    target = sale_gates.promised_speed(case, plan.model.models[-1], chosen)
    if target is not None:
        yield say(
            "99 of 100 requests are promised to be written faster than {target} tokens a second.",
            target=numeral(target, ",.0f"),
        )
    if plan.model.kind == "router" and chosen.mode == "maas":
        fee = case.central("model_router.fee", "USD/Mtok")
        yield say(
            "The router takes ${fee} for a million tokens read, beside the models' own prices.",
            fee=numeral(fee, ",.2f"),
        )
    yield from _long_requests(case, plan)
    if chosen.mode == "embedding":
        yield BESIDE
    if chosen.cache != "none":
        wrong = central(caches.wrong_share(case, plan.model, plan.improvement, chosen))
        rate = central(caches.hit_rate(case, chosen))
        yield say(
            "About {rate} of requests are answered from the cache, {wrong} wrongly.",
            rate=numeral(rate, ".0%"),
            wrong=numeral(wrong, ".1%"),
        )


def _resized(case: Case, plan: Plan, size: provisioned.Sizing) -> Iterator[str]:
    """What a cache makes of units: fewer of them, so that a reservation is taken for less."""
    if plan.deployment.cache == "none":
        return
    bare = provisioned.sizing(case, plan.model, plan.improvement, replace(plan.deployment, cache="none"))
    if bare is not None:
        before, after = float(bare.units[0]), float(size.units[0])
        fewer = numeral(after, ",.0f")
        if after < before:
            yield say(
                "The cache lets it be resized from {before} to {after} units.",
                before=numeral(before, ",.0f"),
                after=fewer,
            )
        else:
            yield say("The cache spares no unit: {units} is the least sold for this peak.", units=fewer)


def _long_requests(case: Case, plan: Plan) -> Iterator[str]:
    """Which requests cost more because of their length alone."""
    longest = case.scenario.quality.context_max_tokens
    for key in plan.model.models:
        name = f"models.{key}.long_context_from"
        if plan.deployment.mode != "maas" or name not in case:
            continue
        start = case.central(name, "tok")
        usual = central(requests.shape(case, key, plan.improvement.technique).input_tokens)
        if usual > start:
            yield say(
                "{key}: requests above {start} tokens are billed as a whole at the long-context rate.",
                key=key,
                start=numeral(start, ",.0f"),
            )
        elif longest > start:
            yield say(
                "{key}: a request above {start} tokens is billed as a whole at the long-context rate; "
                "yours are shorter on average, those above it cost more than shown.",
                key=key,
                start=numeral(start, ",.0f"),
            )


def _disputed(case: Case, plan: Plan) -> Iterator[str]:
    """Where a price page and the meters disagree: what a year costs by either."""
    chosen = plan.deployment
    if chosen.mode != "maas" or plan.model.kind == "encoder":
        return
    shares = provider_pool.parts(case, plan.model, plan.improvement.technique)
    found = [(prices.disputed(case, key, prices.offer(chosen), shape), share) for key, shape, share in shares]
    if any(pair is not None for pair, _ in found):
        more = sum(central((pair[1] - pair[0]) * share) for pair, share in found if pair is not None)
        sent = central(demand.sent(case, plan.model, plan.improvement, chosen))
        year = more * sent * central(case.workload.requests_per_year)
        day = dated(case.catalogue.row("packages", "azure-genai-prices")["checked"])
        apart = numeral(abs(year), ",.0f")
        if year > 0:
            yield say(
                "Two public prices disagree: by the meters of {day} a year costs ${usd} "
                "more than by the price page used here. Check a bill.",
                day=day,
                usd=apart,
            )
        else:
            yield say(
                "Two public prices disagree: by the meters of {day} a year costs ${usd} "
                "less than by the price page used here. Check a bill.",
                day=day,
                usd=apart,
            )


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to measure or ask before relying on it."""
    found, chosen = [], plan.deployment
    if chosen.mode != "embedding":
        middle = deployment_gates.times(case, plan.model, plan.improvement, chosen).answer[1]
        if middle > case.scenario.constraints.latency_p95_ms:
            found.append(
                say(
                    "May be too slow: about {middle} s for 95 of 100 answers, measure it.",
                    middle=numeral(middle / 1000.0, ",.0f"),
                )
            )
    if chosen.mode == "ptu" and provisioned.term(chosen).assumed:
        found.append(say("The reservation discount is assumed: none is published here."))
    found.extend(_disputed(case, plan))
    return tuple(found)


def settings(case: Case, plan: Plan) -> Mapping[str, Any]:
    """What follows from the setting in this case, for other programs."""
    chosen = plan.deployment
    units = chosen.mode == "ptu"
    found: dict[str, Any] = {
        "mode": chosen.mode, "scope": chosen.scope, "sku": (UNIT_SKUS if units else SKUS)[chosen.scope],
        "place": chosen.where, "region": chosen.region, "zone": chosen.zone,
        "model": plan.model.main, "cache": chosen.cache,
    }  # fmt: skip
    if chosen.priority:
        found["service_tier"] = "priority"
    if not units:
        found["deployments"] = deployment_gates.redundant(case, chosen)
    if chosen.batch:
        found["batch_share"] = case.scenario.workload.deferrable_share
        found["batch_sku"] = BATCH_SKUS.get(chosen.scope)
    if chosen.spillover:
        found["spillover_sku"] = SKUS[chosen.scope]
    if chosen.cache != "none":
        found["hit_rate"] = central(caches.hit_rate(case, chosen))
        found["ttl_days"] = caches.ttl_days(case)
    size = _size(case, plan) if units else None
    if size is not None:
        found |= {
            "ptu": float(size.units[0]), "term": chosen.term, "spillover": chosen.spillover,
            "spillover_share": 1.0 - size.share, "utilisation": size.use,
        }  # fmt: skip
    return found
