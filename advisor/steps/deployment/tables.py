"""Tables of deployment: regions, residency, machines, provisioned units, caches, replicas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from advisor.case import Case
from advisor.estimate import caching, hosting
from advisor.exhibits import Table
from advisor.option import Option
from advisor.regions import Candidate, cleanest
from advisor.steps.deployment import cached, provisioned
from advisor.steps.deployment.demand import Demand
from advisor.steps.deployment.fleet import Fleet, load_seconds
from advisor.steps.deployment.managed import Managed, Scope, token_price

RESIDENCIES = ("any", "EUDB", "EU", "US")
CENT = 100.0
TARGETS = (0.99, 0.995, 0.999, 0.9999)  # availabilities that services promise
MARGINAL_NOTE = "Average and marginal answer different questions and are never added or mixed."


def regions(case: Case, found: Sequence[Candidate], energy_kwh: float) -> Table:
    """Every region ranked by carbon; ``energy_kwh``: IT energy of a year, to show kilograms."""
    rows = tuple(
        (
            region.title, "yes" if region.eligible else "no",
            "; ".join(gate.rule for gate in region.gates if not gate.passed),
            region.location, region.marginal, region.pue, region.wue, region.effective,
            region.effective * energy_kwh / 1000.0, region.floor_ms,
        )
        for region in found
    )  # fmt: skip
    return Table(
        "regions", "Regions ranked by carbon",
        ("region", "passes", "fails", "average g/kWh", "marginal g/kWh", "PUE", "water L/kWh",
         "g per kWh used", "kgCO2e a year", "delay floor ms"),
        rows,
        "Operational, location-based; g per kWh used includes PUE. The delay floor is light in fibre along "
        f"the great circle, there and back, from the farthest users. {MARGINAL_NOTE}",
    )  # fmt: skip


def residency(case: Case, found: Sequence[Candidate], energy_kwh: float) -> Table:
    """What each residency costs in carbon: its best region against the best anywhere."""
    wanted = case.scenario.constraints.residency
    rows: list[tuple[str | float | None, ...]] = []
    best_of_all: float | None = None
    for rule in dict.fromkeys((*RESIDENCIES, wanted)):
        first = cleanest(case, found, rule)
        if first is None:
            rows.append((rule, "none passes", None, None, None))
            continue
        kilograms = first.effective * energy_kwh / 1000.0
        best_of_all = kilograms if best_of_all is None else best_of_all
        rows.append((rule, first.title, first.effective, kilograms, kilograms - best_of_all))
    return Table(
        "residency", "What residency costs in carbon",
        ("residency", "best region", "g per kWh used", "kgCO2e a year", "more than anywhere, kgCO2e a year"),
        tuple(rows),
        "EU is its member states; EUDB, the EU Data Boundary, adds Norway and Switzerland. Operational only.",
    )  # fmt: skip


def bases(case: Case, options: Sequence[Option]) -> Table:
    """Carbon of each option on its three bases, side by side, with water."""
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years

    def row(option: Option) -> tuple[str | float | None, ...]:
        year = option.per_year(rate, horizon)
        marginal = float(np.median(year["carbon_marginal"]))
        return (
            option.title, *(float(np.median(year[f"carbon_{basis}"])) for basis in ("location", "market")),
            None if np.isnan(marginal) else marginal,
            *(float(np.median(year[name])) for name in ("embodied", "water", "energy", "cost")),
        )  # fmt: skip

    return Table(
        "bases", "The same year on each basis",
        ("option", "location-based kgCO2e", "market-based kgCO2e", "marginal kgCO2e", "embodied kgCO2e",
         "water L", "energy kWh", "USD"),
        tuple(row(option) for option in options),
        "Read one basis at a time. Blank: no marginal figure is published for all the places it may run.",
    )  # fmt: skip


def machines(sized: Sequence[Fleet]) -> Table:
    """Every machine and precision that fits, sized for the demand."""
    rows = tuple(
        (
            fleet.name, fleet.precision, fleet.gpus, "yes" if fleet.batch > 0 else "no", fleet.batch or None,
            fleet.capacity * 3600.0, float(fleet.replicas[0].max()), fleet.mean_batch,
            float((fleet.busy * fleet.replicas).sum() / fleet.replicas.sum()) * CENT,
            fleet.energy_kwh, fleet.usd,
        )
        for fleet in sized
    )  # fmt: skip
    return Table(
        "machines", "Machines that hold the model, sized for the week",
        ("machine", "precision", "GPUs", "fast enough", "requests at once", "requests an hour a replica",
         "replicas at peak", "at once on average", "busy %", "kWh a year", "USD a year"),
        rows, "Always on; energy at the machine, before the data centre's overhead.",
    )  # fmt: skip


def units(pool: Managed, scopes: Sequence[Scope]) -> Table | None:
    """Provisioned throughput by scope and term: size, use, and the use at which it pays."""
    rows: list[tuple[str | float | None, ...]] = []
    cached_tokens = float(np.median(np.asarray(pool.shape.cached_tokens)))
    for scope in scopes:
        size = (
            provisioned.sizing(pool.case, pool.demand, scope, cached_tokens) if pool.demand.single else None
        )
        if size is None:
            rows.append((scope.title, "not sold for this model", *(None,) * 7))
            continue
        usd = pool.usd(scope.offer)
        for term in provisioned.terms(scope):
            price = provisioned.unit_hour(pool.case, scope, term)
            even = None
            if usd is not None:
                even = CENT * float(
                    np.asarray(
                        hosting.break_even_units(price, float(np.median(usd)), size.requests_per_unit_hour)
                    )
                )
            peak = float(size.peak[0])
            use = float(pool.demand.rate[0].mean()) * 3600.0 / (peak * size.requests_per_unit_hour)
            rows.append((
                scope.title, term.title, size.tokens, peak, float(size.base[0]),
                (1.0 - size.base_share) * CENT,
                use * CENT, price, even,
            ))  # fmt: skip
    return Table(
        "ptu", "Provisioned throughput, sized for the busiest minute",
        ("scope", "term", "normalised tokens a request", "PTU for the peak", "PTU with spillover",
         "spills over %", "used %", "USD a PTU-hour", "pays from used %"),
        tuple(rows),
        "Cached input is free, output counts more. Above 100 % it never pays in money. Capacity burns "
        "whether used or not; resizing by the hour is not "
        "recommended; a reservation holds a price, not capacity.",
    )  # fmt: skip


def caches(pool: Managed, choice: Option) -> Table:
    """No cache, exact, by meaning and prefix on the chosen deployment."""
    case, spec = pool.case, str(choice.settings["place"])
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    call = float(np.median(choice.parts.per_request["energy"]))
    rows: list[tuple[str | float | None, ...]] = []

    def add(title: str, option: Option, hit: float, even: float | None) -> None:
        year = option.per_year(rate, horizon)
        rows.append(
            (title, hit * CENT, even, *(float(np.median(year[n])) for n in ("energy", "carbon", "cost")))
        )

    add("none", choice, 0.0, None)
    for cache in cached.caches(pool, spec):
        lookup, store = cache.lookup["energy"], cache.store_kwh_per_day * pool.place(spec).pue
        even = caching.break_even_hit_rate(lookup, store, case.workload.requests_per_day, call)
        hit = float(np.median(cache.hit_rate))
        add(cache.title, cached.with_cache(pool, choice, cache), hit, float(np.median(even)) * CENT)
    kept, asked = float(np.median(np.asarray(pool.shape.cached_tokens))), pool.demand.tokens[2]
    held = (
        f"{kept:,.0f} of {asked:,.0f} repeated prefix tokens a request are kept"
        if asked
        else "no prefix repeats"
    )
    return Table(
        "caches", "Caches in front of the chosen deployment",
        ("cache", "hits %", "saves energy from hits %", "kWh a year", "kgCO2e a year", "USD a year"),
        tuple(rows),
        f"Answers live {cached.ttl_days(case):g} days; false and stale hits are asked again. Prefixes are "
        f"cached by the service from 1,024 tokens on, for minutes: {held}.",
    )  # fmt: skip


def parameters(pool: Managed, choice: Option) -> Table:
    """What answer length and retries do: the only ways the sampling settings act."""
    case = pool.case
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    year = choice.per_year(rate, horizon)
    energy, usd = (float(np.median(year[name])) for name in ("energy", "cost"))
    out = float(np.median(np.asarray(pool.demand.shape.output_tokens)))
    one = pool.live[0]
    share = float(np.median(one.decode_kwh / np.maximum(one.work_kwh, 1e-15)))
    retry = float(np.median(case.workload.retry_rate))
    sent = 1.0 / (1.0 - retry)
    per_request = float(np.median((choice.parts.per_request * rate)["cost"]))
    priced = _output_share(pool)

    def row(title: str, length: float, retried: float) -> tuple[str | float | None, ...]:
        more = (1.0 + share * (length / out - 1.0)) * retried / sent
        dearer = (1.0 + priced * (length / out - 1.0)) * retried / sent
        return title, length, (retried - 1.0) * CENT, energy * more, usd - per_request + per_request * dearer

    return Table(
        "parameters", "Answer length and retries",
        ("setting", "output tokens", "sent again per 100", "kWh a year", "USD a year"),
        (
            row("as it is", out, sent),
            row("maximum response half as long", out * 0.5, sent),
            row("answers twice as long", out * 2.0, sent),
            row("no retries or time-outs", out, 1.0),
            row("twice the retries", out, 1.0 / (1.0 - min(2.0 * retry, 0.9))),
        ),
        "Temperature, top p and penalties act only through the length they lead to and the answers asked "
        "again: measure both.",
    )  # fmt: skip


def _output_share(pool: Managed) -> float:
    usd = pool.usd("global")
    full = pool.shape
    none = token_price(pool.case, pool.demand.model, "global", replace(full, output_tokens=0.0))
    if usd is None or none is None:
        return 0.0
    return float(np.clip(1.0 - np.median(none) / np.median(usd), 0.0, 1.0))


def redundancy(case: Case, fleet: Fleet) -> Table:
    """Replicas by availability target, and what the spare ones burn."""
    one = case.central("deployment.replica_availability", "ratio")
    idle = case.central(f"gpus.{fleet.gpu}.loaded_idle", "kW") + case.central("host.power_per_gpu", "kW")
    needed = int(max(np.ceil(fleet.replicas[0].min()), 1))
    base = 1 if needed <= 2 else needed
    targets = sorted({*TARGETS, case.scenario.operations.availability})
    rows = []
    for target in targets:
        total = hosting.redundant(base, one, target)
        spare = total - base
        rows.append((f"{target:.2%}", float(total), float(spare), spare * fleet.gpus * idle * 24.0 * 365.0))
    return Table(
        "redundancy", f"Replicas of {fleet.name} by availability, for {base} needed",
        ("availability", "replicas", "spare", "idle kWh a year"), tuple(rows),
        f"Each replica up {one:.1%} of the time, failing independently.",
    )  # fmt: skip


def keep_warm(case: Case, demand: Demand, sized: Sequence[Fleet]) -> Table:
    """The gap between requests from which unloading a model saves energy."""
    rows = []
    for fleet in sized:
        idle = fleet.gpus * (
            case.central(f"gpus.{fleet.gpu}.loaded_idle", "kW") + case.central("host.power_per_gpu", "kW")
        )
        seconds = load_seconds(case, demand, fleet)
        load = seconds / hosting.SECONDS_PER_HOUR * idle
        gap = float(np.asarray(hosting.keep_warm_limit_h(load, idle))) * 60.0
        mean_gap = 1.0 / max(float(demand.rate[0].mean()), 1e-12) / 60.0
        rows.append(
            (fleet.name, fleet.precision, seconds, load * 1000.0, gap, "keep" if mean_gap < gap else "unload")
        )
    return Table(
        "keep_warm", "Keep the model loaded, or load it again",
        ("machine", "precision", "load s", "load Wh", "unload if gaps exceed min", "at the mean gap"),
        tuple(rows),
        "Loading is charged at idle power; whoever waits for it waits that long.",
    )  # fmt: skip
