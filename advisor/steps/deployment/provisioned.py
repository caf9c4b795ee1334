"""Provisioned throughput: capacity bought by the hour, month or year, idle or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import cost, hosting
from advisor.steps.deployment import rules
from advisor.steps.deployment.demand import HOURS_PER_MONTH, Demand
from advisor.steps.deployment.managed import STEP, Scope, gates, note, settings
from advisor.steps.deployment.pool import Managed, token_price
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Gate, Option
from advisor.system.serving import J_PER_KWH, Served

SKUS = {
    "GlobalStandard": "GlobalProvisionedManaged",
    "DataZoneStandard": "DataZoneProvisionedManaged",
    "Standard": "ProvisionedManaged",
}
MINUTES_PER_HOUR = 60.0
SIZES_TRIED = 48  # candidate sizes between the minimum and the peak when part may spill over


@dataclass(frozen=True, slots=True)
class Term:
    """How capacity is paid for: hourly or reserved for a term [month]."""

    key: str
    title: str
    months: float
    discount: str | None
    assumed: bool = False


def terms(scope: Scope) -> tuple[Term, ...]:
    """The terms sold for a scope; discounts that are not published are flagged."""
    hourly = Term("hourly", "by the hour", 0.0, None)
    if scope.key == "global":
        return (
            hourly,
            Term("monthly", "reserved monthly", 1.0, "ptu_reservation.global_month"),
            Term("yearly", "reserved yearly", 12.0, "ptu_reservation.global_year"),
        )
    if scope.key == "datazone":
        return hourly, Term("yearly", "reserved yearly", 12.0, "ptu_reservation.datazone", assumed=True)
    return (hourly,)


@dataclass(frozen=True, slots=True, eq=False)
class Sizing:
    """Provisioned units for a demand. Units by year [PTU]; tokens normalised per request."""

    tokens: float
    tpm: float
    minimum: float
    increment: float
    peak: Array
    base: Array
    base_share: float

    @property
    def requests_per_unit_hour(self) -> float:
        """Requests that a fully used unit serves in an hour."""
        return self.tpm * MINUTES_PER_HOUR / self.tokens


def sizing(case: Case, demand: Demand, scope: Scope, cached_tokens: float) -> Sizing | None:
    """Size provisioned throughput; None where the model has none in this scope."""
    kind = "regional" if scope.kind == "maas_regional" else "global"
    row = f"ptu.{demand.model}"
    if not all(f"{row}.{part}" in case for part in ("tpm_per_ptu", f"{kind}_minimum", f"{kind}_increment")):
        return None
    tokens_in, tokens_out, _ = demand.tokens
    # previews publish no ratio: an output token then counts as one
    ratio = case.central(f"{row}.output_ratio", "ratio") if f"{row}.output_ratio" in case else 1.0
    tokens = float(
        np.asarray(
            hosting.normalised_tokens(tokens_in, tokens_out, min(cached_tokens / tokens_in, 1.0), ratio)
        )
    )
    tpm = case.central(f"{row}.tpm_per_ptu", "tok/min/PTU")
    minimum = case.central(f"{row}.{kind}_minimum", "PTU")
    increment = case.central(f"{row}.{kind}_increment", "PTU")
    per_minute = demand.peak * MINUTES_PER_HOUR
    peak = hosting.units_sold(hosting.units_needed(per_minute.max(axis=1), tokens, tpm), minimum, increment)
    base = _base_units(case, demand, scope, tokens / tpm, minimum, increment, peak)
    capacity = base / (tokens / tpm) / MINUTES_PER_HOUR
    served = np.minimum(demand.rate, capacity[:, None])
    return Sizing(
        tokens, tpm, minimum, increment, peak, base, demand.weekly(served) / demand.weekly(demand.rate)
    )


def _base_units(
    case: Case, demand: Demand, scope: Scope, minutes: float, minimum: float, increment: float, peak: Array
) -> Array:
    """Units by year that cost least when the rest spills over to pay as you go."""
    usd = _usd_per_request(case, demand, scope)
    price = cheapest_unit_hour(case, scope)
    found = []
    for rate, most in zip(demand.rate, peak, strict=True):
        sizes = np.unique(hosting.units_sold(np.linspace(minimum, most, SIZES_TRIED), minimum, increment))
        capacity = sizes / minutes / MINUTES_PER_HOUR
        over = np.maximum(rate[None, :] - capacity[:, None], 0.0).sum(axis=1) * hosting.SECONDS_PER_HOUR
        spilled = np.where(over > 0, over * usd, 0.0) if np.isfinite(usd) else np.where(over > 0, usd, 0.0)
        found.append(sizes[np.argmin(sizes * price * rate.size + spilled)])
    return np.asarray(found)


def cheapest_unit_hour(case: Case, scope: Scope) -> float:
    """Price of a unit for an hour under the term with the largest discount [USD]."""
    return min(unit_hour(case, scope, term) for term in terms(scope))


def unit_hour(case: Case, scope: Scope, term: Term) -> float:
    """Price of a unit for an hour under a term [USD], central value."""
    return float(np.median(_unit_price(case, scope))) * (1.0 - _discount(case, term))


def _usd_per_request(case: Case, demand: Demand, scope: Scope) -> float:
    price = token_price(case, demand.model, scope.offer, demand.shape)
    return float(np.median(price)) if price is not None else float("inf")


def _discount(case: Case, term: Term) -> float:
    return case.central(term.discount, "ratio") if term.discount else 0.0


def _unit_price(case: Case, scope: Scope) -> Array:
    own = f"ptu_regions.{scope.key}.regional"
    return case.draw(own if own in case else f"ptu_price.{scope.offer}", "USD/PTU/h")


def options(pool: Managed, scope: Scope) -> Iterator[Option]:
    """Provisioned throughput in a scope: each term at the peak's size, then with spillover."""
    case, demand = pool.case, pool.demand
    cached = float(np.median(np.asarray(pool.shape.cached_tokens)))
    size = sizing(case, demand, scope, cached) if demand.single else None
    if size is None:
        yield _absent(pool, scope)
        return
    full = pool.full
    for term in terms(scope):
        yield _option(pool, scope, term, size, full, spill=False)
    if size.base_share < 1.0:
        yield _option(pool, scope, terms(scope)[-1], size, full, spill=True)


def idle_footprint(
    pool: Managed, spec: str, size: Sizing, units: float, full: Served, per_month: Array
) -> Footprint:
    """What bought but unused capacity takes in a month; the buyer's, whoever else could use it."""
    case = pool.case
    minutes = HOURS_PER_MONTH * MINUTES_PER_HOUR
    held_s = units * size.tpm * minutes * pool.unit_gpu_s
    idle_s = np.maximum(held_s - per_month * full.busy_gpu_seconds, 0.0)
    watt = case.draw(f"gpus.{full.gpu}.loaded_idle", "W") + case.draw("host.power_per_gpu", "W")
    idle = accounting.electricity(case, idle_s * watt / J_PER_KWH, pool.place(spec))
    return idle + accounting.hardware(case, full.gpu, idle_s)


def _option(pool: Managed, scope: Scope, term: Term, size: Sizing, full: Served, spill: bool) -> Option:
    case, demand = pool.case, pool.demand
    by_year = size.base if spill else size.peak
    units, share = float(demand.years @ by_year), size.base_share if spill else 1.0
    spared = 1.0 - case.draw("deployment.ptu_retry_ratio", "ratio")
    retried = demand.attempts - (demand.attempts - demand.often) * spared
    each = accounting.served(case, full, pool.place(scope.spec)) * (share * retried)
    usd = pool.usd(scope.offer)
    if spill:
        over = pool.per_request(scope.spec, pool.live).with_cost(usd if usd is not None else 0.0)
        each = each + over * (demand.attempts * (1.0 - share))
    monthly = idle_footprint(pool, scope.spec, size, units, full, demand.per_month * retried * share)
    discount = case.draw(term.discount, "ratio") if term.discount else 0.0
    monthly = monthly.with_cost(
        cost.units_per_month(units, _unit_price(case, scope), discount, HOURS_PER_MONTH)
    )
    horizon_months = case.scenario.timing.horizon_years * 12.0
    use = demand.weekly(np.minimum(demand.rate, by_year[:, None] * size.requests_per_unit_hour / 3600.0)) / (
        float(demand.years @ by_year) * size.requests_per_unit_hour / 3600.0 * demand.rate.shape[1]
    )
    now = float(by_year[0])
    spec_gates = gates(pool, replace(scope, survives=scope.survives or spill), scope.kind, 2 if spill else 1)
    return Option(
        step=STEP,
        key=f"ptu-{scope.key}-{term.key}{'-spillover' if spill else ''}",
        title=f"{now:,.0f} PTU {scope.title}, {term.title}{', rest by use' if spill else ''}",
        parts=Parts(case.nothing(), monthly, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings={
            **settings(pool, scope, "ptu"), "sku": SKUS[scope.sku], "ptu": now, "term": term.key,
            "spillover": spill, "spillover_share": 1.0 - share, "utilisation": use,
        },
        gates=(
            *spec_gates, rules.offered(case, demand.model, "ptu", "provisioned throughput"),
            _sold(case, scope), _term_fits(term, horizon_months),
        ),
        notes=(
            note(scope),
            f"{use:.0%} of what is paid for is used; capacity burns whether used or not, without a pause.",
            *(("Microsoft does not recommend resizing by the hour.",) if not term.months else ()),
            *((f"{1 - share:.0%} of requests spill over to pay as you go.",) if spill else ()),
        ),
        warnings=(
            ("The reservation discount is assumed: none is published here.",) if term.assumed else ()
        ),
    )  # fmt: skip


def _sold(case: Case, scope: Scope) -> Gate:
    sold = scope.kind != "maas_regional" or f"ptu_regions.{scope.key}.regional" in case
    return Gate(
        "ptu_region", sold, "provisioned units sold there", scope.title if sold else f"none in {scope.title}",
        "choose another region, or a data zone or global deployment",
    )  # fmt: skip


def _term_fits(term: Term, horizon_months: float) -> Gate:
    return Gate(
        "term", term.months <= horizon_months, f"a term within the {horizon_months:,.0f} months planned",
        f"{term.months:,.0f} months", "plan for longer, or buy by the hour",
    )  # fmt: skip


def _absent(pool: Managed, scope: Scope) -> Option:
    case, demand = pool.case, pool.demand
    if not demand.single:
        found, remedy = (
            f"{len(demand.models)} models share the work",
            "use one model, or size each one by itself",
        )
    else:
        found, remedy = f"{demand.model} has no provisioned throughput", "choose a model that is sold in PTU"
    nothing = Parts.zero(case.size)
    return Option(
        step=STEP,
        key=f"ptu-{scope.key}",
        title=f"PTU {scope.title}",
        parts=nothing,
        carried=nothing,
        quality=demand.quality,
        settings={**settings(pool, scope, "ptu"), "sku": SKUS[scope.sku]},
        gates=(
            *rules.common(case),
            Gate("ptu_sold", False, "a model sold as provisioned throughput", found, remedy),
        ),
    )
