"""Managed deployments in words, and what follows from choosing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from advisor.core.draws import central
from advisor.system import caches, demand, deployment_gates, pool, prices, provisioned, requests, sale_gates
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, Plan
from advisor.system.regions import Candidate, place_name, ranked, zone_for

SKUS = {"global": "GlobalStandard", "datazone": "DataZoneStandard", "regional": "Standard"}
UNIT_SKUS = {
    "global": "GlobalProvisionedManaged",
    "datazone": "DataZoneProvisionedManaged",
    "regional": "ProvisionedManaged",
}
CACHED = {
    "none": "", "exact": ", exact cache", "semantic": ", cache by meaning",
    "semantic-cosmos": ", cache by meaning on disk",
}  # fmt: skip
BESIDE = "The linear classifier on the vectors runs beside the application."
BATCHED = "Batches are worked off within about 24 h, at half price where a batch price is published."


@remembered
def scopes(case: Case, models: Sequence[str]) -> tuple[DeploymentSetting, ...]:
    """Pay as you go anywhere, in the data zone, and in the regions worth a deployment."""
    return (
        DeploymentSetting("maas", "global"),
        DeploymentSetting("maas", "datazone", zone=zone_for(case)),
        *(DeploymentSetting("maas", "regional", region=one.key) for one in worth_it(case, models)),
    )


def worth_it(case: Case, models: Sequence[str] = ()) -> list[Candidate]:
    """The regions worth an option: the cleanest that passes and sells these models, and home."""
    found = ranked(case)
    home = next(region for region in found if region.key == case.scenario.constraints.home_region)
    selling = (region for region in found if region.eligible and sells(case, models, region.key))
    first = next(selling, found[0])
    return [first] if first.key == home.key else [first, home]


def sells(case: Case, models: Sequence[str], region: str) -> bool:
    """Whether a region sells these models as a service."""
    everywhere = deployment_gates.sells_models(case, region)
    return everywhere and all(deployment_gates.sold_in(case, model, region) for model in models)


def title(case: Case, plan: Plan) -> str:
    """The name of a managed deployment."""
    chosen = plan.deployment
    where, cached = place_name(case, chosen.where), CACHED[chosen.cache]
    if chosen.mode == "embedding":
        return f"Managed embedding calls, {where}{cached}"
    if chosen.mode == "ptu":
        size = _size(case, plan)
        if size is None:
            return f"PTU {where}"
        rest = ", rest by use" if chosen.spillover else ""
        return f"{size.units[0]:,.0f} PTU {where}, {provisioned.term(chosen).title}{rest}{cached}"
    share = case.scenario.workload.deferrable_share
    extra = f"; {share:.0%} as batch" if chosen.batch else "; with priority" if chosen.priority else ""
    return f"Pay as you go, {where}{extra}{cached}"


def _size(case: Case, plan: Plan) -> provisioned.Sizing | None:
    return provisioned.sizing(case, *plan.early)


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What may be claimed about the place, and what the way of buying means."""
    return tuple(_notes(case, plan))


def _notes(case: Case, plan: Plan) -> Iterator[str]:
    chosen = plan.deployment
    yield {
        "global": "May run in any region, so its carbon is that of any region, never of one.",
        "datazone": "May run anywhere in the zone, so its carbon is the zone's range, never one region's.",
    }.get(chosen.scope, "Stays in the region, so the region's carbon may be claimed.")
    size = _size(case, plan) if chosen.mode == "ptu" else None
    if size is not None:
        used = f"{size.use:.0%} of what is paid for is used"
        yield f"{used}; capacity burns whether used or not, without a pause."
        yield from _resized(case, plan, size)
        if not provisioned.term(chosen).months:
            yield "Microsoft does not recommend resizing by the hour."
        if chosen.spillover:
            yield f"{1 - size.share:.0%} of requests spill over to pay as you go."
    count = deployment_gates.redundant(case)
    if chosen.mode != "ptu" and count > 1:
        yield f"{count} deployments behind a gateway reach the availability; unused ones burn nothing."
    if chosen.batch:
        yield BATCHED
    target = sale_gates.promised_speed(case, plan.model.models[-1], chosen)
    if target is not None:
        yield f"99 of 100 requests are promised to be written faster than {target:,.0f} tokens a second."
    if plan.model.kind == "router" and chosen.mode == "maas":
        fee = case.central("model_router.fee", "USD/Mtok")
        yield f"The router takes ${fee:,.2f} for a million tokens read, beside the models' own prices."
    yield from _long_requests(case, plan)
    if chosen.mode == "embedding":
        yield BESIDE
    if chosen.cache != "none":
        wrong = central(caches.wrong_share(case, plan.model, plan.improvement, chosen))
        rate = central(caches.hit_rate(case, chosen))
        yield f"About {rate:.0%} of requests are answered from the cache, {wrong:.1%} wrongly."


def _resized(case: Case, plan: Plan, size: provisioned.Sizing) -> Iterator[str]:
    """What a cache makes of units: fewer of them, so that a reservation is taken for less."""
    if plan.deployment.cache == "none":
        return
    bare = provisioned.sizing(case, plan.model, plan.improvement, replace(plan.deployment, cache="none"))
    if bare is not None:
        before, after = float(bare.units[0]), float(size.units[0])
        yield (
            f"The cache lets it be resized from {before:,.0f} to {after:,.0f} units."
            if after < before
            else f"The cache spares no unit: {after:,.0f} is the least sold for this peak."
        )


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
            yield f"{key}: requests above {start:,.0f} tokens are billed as a whole at the long-context rate."
        elif longest > start:
            yield (
                f"{key}: a request above {start:,.0f} tokens is billed as a whole at the long-context rate; "
                "yours are shorter on average, those above it cost more than shown."
            )


def _disputed(case: Case, plan: Plan) -> Iterator[str]:
    """Where a price page and the meters disagree: what a year costs by either."""
    chosen = plan.deployment
    if chosen.mode != "maas" or plan.model.kind == "encoder":
        return
    shares = pool.parts(case, plan.model, plan.improvement.technique)
    found = [(prices.disputed(case, key, prices.offer(chosen), shape), share) for key, shape, share in shares]
    if any(pair is not None for pair, _ in found):
        more = sum(central((pair[1] - pair[0]) * share) for pair, share in found if pair is not None)
        sent = central(demand.sent(case, plan.model, plan.improvement, chosen))
        year = more * sent * central(case.workload.requests_per_year)
        yield (
            f"Two public prices disagree: by the meters of {_meter_day(case)} a year costs ${abs(year):,.0f} "
            f"{'more' if year > 0 else 'less'} than by the price page used here. Check a bill."
        )


def _meter_day(case: Case) -> str:
    return f"{case.catalogue.row('packages', 'azure-genai-prices')['checked']}"


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to measure or ask before relying on it."""
    found, chosen = [], plan.deployment
    if chosen.mode != "embedding":
        middle = deployment_gates.times(case, plan.model, plan.improvement, chosen).answer[1]
        if middle > case.scenario.constraints.latency_p95_ms:
            found.append(
                f"May be too slow: about {middle / 1000.0:,.0f} s for 95 of 100 answers, measure it."
            )
    if chosen.mode == "ptu" and provisioned.term(chosen).assumed:
        found.append("The reservation discount is assumed: none is published here.")
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
    if chosen.batch:
        found["batch_share"] = case.scenario.workload.deferrable_share
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
