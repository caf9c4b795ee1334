"""Pay as you go and batch: models run by the provider, billed by the token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from advisor.core.draws import Array
from advisor.core.footprint import Parts
from advisor.steps.deployment import rules
from advisor.steps.deployment.demand import Demand
from advisor.steps.deployment.pool import Managed
from advisor.steps.placement import retired, stays_until
from advisor.system.case import Case
from advisor.system.option import Gate, Option
from advisor.system.regions import Candidate

STEP = "deployment"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a managed deployment may run, and what it is called and sold as."""

    key: str
    title: str
    spec: str
    offer: str
    sku: str
    kind: str
    gates: tuple[Gate, ...]
    delay_ms: float = 0.0
    survives: bool = True


def scopes(case: Case, regions: Sequence[Candidate]) -> Iterator[Scope]:
    """Global, data zone, and ``regions`` worth a regional deployment."""
    yield Scope(
        "global", "global", "global", "global", "GlobalStandard", "maas_global",
        rules.anywhere(case, "a global deployment"),
    )  # fmt: skip
    zone = rules.zone_for(case)
    yield Scope(
        "datazone", f"{zone.upper()} data zone", f"zone:{zone}", f"datazone_{zone}", "DataZoneStandard",
        "maas_datazone", rules.within_zone(case, zone),
    )  # fmt: skip
    for region in regions:
        yield Scope(
            region.key, region.title, f"region:{region.key}", "regional", "Standard", "maas_regional",
            (*region.gates, rules.sells_models(case, region.key)), region.floor_ms, survives=False,
        )  # fmt: skip


def price_gate(usd: Array | None, scope: str) -> Gate:
    """Whether a price is known."""
    return Gate(
        "price", usd is not None, "a published price", "one" if usd is not None else f"none for {scope}",
        "give your own price as an override, or choose another deployment",
    )  # fmt: skip


def payg(pool: Managed, scope: Scope) -> Option:
    """A pay-as-you-go deployment."""
    case, demand = pool.case, pool.demand
    usd = pool.usd(scope.offer)
    each = pool.per_request(scope.spec, pool.live) * demand.attempts
    each = each.with_cost((usd if usd is not None else 0.0) * demand.attempts)
    nothing = case.nothing()
    return Option(
        step=STEP,
        key=f"maas-{scope.key}",
        title=f"Pay as you go, {scope.title}",
        parts=Parts(nothing, nothing, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings=settings(pool, scope, "maas"),
        gates=(*gates(pool, scope, scope.kind, rules.deployments(case)), price_gate(usd, scope.title)),
        notes=(note(scope), *spare(case)),
        warnings=_slow(case, pool),
    )


def batched(pool: Managed, scope: Scope) -> Option:
    """Pay as you go with the deferrable share sent as batches."""
    case, demand = pool.case, pool.demand
    share = case.scenario.workload.deferrable_share
    live, queued = pool.usd(scope.offer), pool.usd(scope.offer, batch=True)
    priced = live is not None and queued is not None
    each = pool.per_request(scope.spec, pool.live) * (1.0 - share)
    each = each + pool.per_request(scope.spec, pool.queued) * share
    usd = (live * (1.0 - share) + queued * share) if live is not None and queued is not None else 0.0
    each = (each.with_cost(usd)) * demand.attempts
    nothing = case.nothing()
    waits = Gate(
        "deferrable", share > 0, "some requests can wait a day", f"{share:.0%} can",
        "set the share of requests that can wait",
    )  # fmt: skip
    return Option(
        step=STEP,
        key=f"batch-{scope.key}",
        title=f"Pay as you go, {scope.title}; {share:.0%} as batch",
        parts=Parts(nothing, nothing, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings={**settings(pool, scope, "maas"), "batch_share": share},
        gates=(
            *gates(pool, scope, scope.kind, rules.deployments(case)),
            *(rules.offered(case, model, "batch", "batch") for model, _ in demand.models),
            waits,
            price_gate(live if priced else None, scope.title),
        ),
        notes=(
            note(scope),
            *spare(case),
            "Batches are worked off within about 24 h, at half price where a batch price is published.",
        ),
        warnings=_slow(case, pool),
    )


def settings(pool: Managed, scope: Scope, mode: str) -> dict[str, object]:
    """What later steps and the exports need to know of a managed deployment."""
    kind, _, where = scope.spec.partition(":")
    return {
        "mode": mode, "scope": scope.key if kind != "region" else "regional", "sku": scope.sku,
        "place": scope.spec, "region": where if kind == "region" else None,
        "zone": where if kind == "zone" else None, "model": pool.demand.model, "cache": "none",
    }  # fmt: skip


def _in_region(case: Case, demand: Demand, scope: Scope, needed: str) -> Iterator[Gate]:
    if needed == "maas_regional":
        for model, _ in demand.models:
            yield rules.offered_in(case, model, scope.key)


def gates(pool: Managed, scope: Scope, needed: str, count: int) -> tuple[Gate, ...]:
    """The gates that ``count`` managed deployments of a scope, any of which suffices, must pass."""
    case, demand = pool.case, pool.demand
    found = "runs elsewhere" if scope.survives else "one region"
    return (
        *rules.common(case),
        *(rules.offered(case, model, needed, needed.replace("_", " ")) for model, _ in demand.models),
        *_in_region(case, demand, scope, needed),
        own_weights(case, demand),
        retirement(case, demand),
        *scope.gates,
        *rules.latency(case, pool.times, scope.delay_ms),
        rules.available(case, count),
        rules.region_loss(
            case, scope.survives, found,
            "use a data zone or global deployment, or a second region behind a gateway",
        ),
    )  # fmt: skip


def spare(case: Case) -> tuple[str, ...]:
    """What the availability asked for takes, where one deployment is not enough."""
    count = rules.deployments(case)
    if count == 1:
        return ()
    return (f"{count} deployments behind a gateway reach the availability; unused ones burn nothing.",)


def own_weights(case: Case, demand: Demand) -> Gate:
    """Weights of one's own run as a service only where the provider tuned them."""
    row = case.catalogue.row("models", demand.model)
    by_provider = "api" in (row.get("tunable") or ()) or demand.hosting == "serverless"
    served = demand.kind != "custom" and (demand.tuned == "none" or by_provider)
    return Gate(
        "own_weights", served, "weights the provider serves",
        "the provider's" if demand.tuned == "none" and served else f"your own ({demand.tuned})",
        "run the tuned weights on your own machines, or tune through the provider",
    )  # fmt: skip


def retirement(case: Case, demand: Demand) -> Gate:
    """The service of a model must outlive the start."""
    gone = [model for model, _ in demand.models if retired(case, model)]
    dates = ", ".join(f"{m} {case.catalogue.row('models', m)['retirement']:%Y-%m-%d}" for m in gone)
    return Gate(
        "retirement", not gone, f"offered until {stays_until(case)}",
        f"retires {dates}" if gone else "offered", "choose a model that stays, or host its weights yourself",
    )  # fmt: skip


def note(scope: Scope) -> str:
    """What may be claimed about the place."""
    if scope.spec == "global":
        return "May run in any region, so its carbon is that of any region, never of one."
    if scope.spec.startswith("zone:"):
        return "May run anywhere in the zone, so its carbon is the zone's range, never one region's."
    return "Stays in the region, so the region's carbon may be claimed."


def _slow(case: Case, pool: Managed) -> tuple[str, ...]:
    middle = pool.times.answer[1]
    if middle > case.scenario.constraints.latency_p95_ms:
        return (f"May be too slow: about {middle / 1000.0:,.0f} s for 95 of 100 answers, measure it.",)
    return ()
