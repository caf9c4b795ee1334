"""Machines of one's own (model as a platform): always on, or released when idle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, Parts
from advisor.estimate import cost, hosting
from advisor.steps.deployment import rules
from advisor.steps.deployment.demand import WEEKS_PER_MONTH, Demand
from advisor.steps.deployment.fleet import Fleet, Held, carried, held, released
from advisor.steps.deployment.managed import STEP
from advisor.steps.deployment.pool import Managed
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Gate, Option
from advisor.system.regions import Candidate
from advisor.system.serving import J_PER_KWH, Serving, serve


def options(pool: Managed, sized: Sequence[Fleet], regions: Sequence[Candidate]) -> Iterator[Option]:
    """The machines worth carrying, in the cleanest region that passes, always on or to zero."""
    case, demand = pool.case, pool.demand
    barred = _barred(case, demand, sized)
    if barred is not None:
        yield _absent(pool, barred)
        return
    kept = carried(sized)
    for fleet in kept:
        yield _option(pool, fleet, regions[0])
    if released(case, demand, kept[0]):
        yield _option(pool, kept[0], regions[0], to_zero=True)
    for region in regions[1:]:
        yield _option(pool, kept[0], region)


def _barred(case: Case, demand: Demand, sized: Sequence[Fleet]) -> Gate | None:
    row = case.catalogue.row("models", demand.model)
    if not demand.single:
        return Gate(
            "single_model", False, "one model to host", f"{len(demand.models)} models share the work",
            "host each model as a scenario of its own",
        )  # fmt: skip
    if not row.get("open_weights"):
        return Gate(
            "open_weights", False, "weights you may host", f"{demand.model} is not released",
            "choose a model with open weights",
        )  # fmt: skip
    if not sized:
        return Gate(
            "memory", False, "a machine whose memory holds the model", "none of those listed",
            "choose a smaller model, a lower precision or a shorter context",
        )  # fmt: skip
    return None


def _absent(pool: Managed, barred: Gate) -> Option:
    nothing = Parts.zero(pool.case.size)
    return Option(
        STEP, "maap", "Machines of your own", nothing, nothing, pool.demand.quality,
        settings={"mode": "maap", "model": pool.demand.model, "cache": "none"},
        gates=(*rules.common(pool.case), barred),
    )  # fmt: skip


def _option(pool: Managed, fleet: Fleet, region: Candidate, to_zero: bool = False) -> Option:
    case, demand = pool.case, pool.demand
    place = pool.place(f"region:{region.key}")
    serving = Serving(fleet.gpu, fleet.gpus, fleet.mean_batch, fleet.precision, 1.0)
    one = serve(case, demand.model, demand.shape, serving)
    each = accounting.served(case, one, place) * demand.attempts
    holding = held(case, demand, fleet, to_zero)
    monthly = _idle(case, fleet, place, holding, demand.per_month * demand.attempts * one.busy_gpu_seconds)
    usd = case.draw(fleet.usd_per_hour, "USD/h") * fleet.price_count
    monthly = monthly.with_cost(cost.machines_per_month(holding.hours, usd, WEEKS_PER_MONTH))
    use = float(demand.years @ (fleet.busy * fleet.replicas).sum(axis=1) / demand.weekly(fleet.replicas))
    least, most = (int(end) // fleet.copies for end in (fleet.replicas[0].min(), fleet.replicas[0].max()))
    span = f"{least} to {most} machines" if most > least else "1 machine" if most == 1 else f"{most} machines"
    span = "down to zero" if to_zero else span
    each_copy = f" on each of {fleet.copies} copies a machine" if fleet.copies > 1 else ""
    key = f"maap-{fleet.machine}-{fleet.precision}-{region.key}{'-to-zero' if to_zero else ''}"
    return Option(
        step=STEP,
        key=key,
        title=f"{fleet.name.removeprefix('Standard_')} {fleet.precision}, {region.title}, {span}",
        parts=Parts(case.nothing(), monthly, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings={
            "mode": "maap", "scope": "regional", "place": f"region:{region.key}", "region": region.key,
            "zone": None, "model": demand.model, "gpu": fleet.gpu, "gpus": fleet.gpus * fleet.copies,
            "copies": fleet.copies,
            "machine": fleet.machine, "sku": fleet.name, "precision": fleet.precision,
            "replicas_min": 0 if to_zero else least, "replicas": most, "batch": fleet.batch,
            "utilisation": use, "cache": "none",
        },
        gates=_gates(pool, fleet, region, holding),
        notes=(
            f"Busy {use:.0%} of the time it is held, {fleet.mean_batch:,.1f} requests at once{each_copy}.",
            *(("Managed endpoints keep one instance: going to zero needs Kubernetes.",) if to_zero else ()),
            "You patch, secure and monitor it; no content filter or keyless sign-in is built in.",
        ),
        warnings=("Check that your quota in the region covers these machines.",),
    )  # fmt: skip


def _idle(case: Case, fleet: Fleet, place: accounting.Place, holding: Held, used_s: Array) -> Footprint:
    held_s = holding.hours * WEEKS_PER_MONTH * fleet.gpus * hosting.SECONDS_PER_HOUR
    idle_s = np.maximum(held_s - used_s, 0.0)
    watt = case.draw(f"gpus.{fleet.gpu}.loaded_idle", "W") + case.draw("host.power_per_gpu", "W")
    idle = accounting.electricity(case, idle_s * watt / J_PER_KWH, place)
    return idle + accounting.hardware(case, fleet.gpu, idle_s)


def _gates(pool: Managed, fleet: Fleet, region: Candidate, holding: Held) -> tuple[Gate, ...]:
    case = pool.case
    limits, tail = case.scenario.constraints, case.central("deployment.tail_over_median", "ratio")
    first, answer = fleet.first_token_s * tail * 1000.0, fleet.answer_s * tail * 1000.0
    return (
        *rules.common(case),
        Gate(
            "self_hosting", limits.self_hosted_allowed, "a team that runs its own GPUs",
            "allowed" if limits.self_hosted_allowed else "not allowed", "allow self-hosting",
        ),
        *region.gates,
        Gate(
            "first_token", fleet.batch > 0 or first <= limits.first_token_p95_ms,
            f"{limits.first_token_p95_ms:,.0f} ms for 95 of 100", f"about {first + region.floor_ms:,.0f} ms",
            "allow more time, or take a faster GPU, a smaller model or a shorter prompt",
        ),
        Gate(
            "latency", fleet.batch > 0 or answer <= limits.latency_p95_ms,
            f"{limits.latency_p95_ms:,.0f} ms for 95 of 100", f"about {answer:,.0f} ms",
            "allow more time, or take a faster GPU, a smaller model or shorter answers",
        ),
        rules.cold_start(holding.cold),
    )  # fmt: skip
