"""Running what does not generate: a classifier, or search alone, on a little of a machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor import accounting
from advisor.case import Case
from advisor.draws import Array
from advisor.estimate import cost, hosting
from advisor.footprint import Footprint, Parts
from advisor.option import Option
from advisor.regions import Candidate
from advisor.serving import J_PER_KWH, READERS, Served, encode
from advisor.steps.deployment import rules
from advisor.steps.deployment.demand import WEEKS_PER_MONTH, Demand
from advisor.steps.deployment.managed import STEP

MACHINE = "nc4as_t4_v3"  # the smallest machine with a GPU in the catalogue
GPU = "t4"


def reader(case: Case, demand: Demand) -> str:
    """The encoder that the first step chose; search alone runs its embedding model."""
    known = [key for table in READERS for key in case.catalogue.keys(table)]
    return demand.model if demand.model in known else str(case.catalogue.keys("embedders")[0])


def options(case: Case, demand: Demand, regions: Sequence[Candidate]) -> Iterator[Option]:
    """Always on or released when idle, in the cleanest region that passes and at home."""
    if demand.kind == "retrieval":
        yield _search(case, demand)
        return
    model = reader(case, demand)
    tokens = demand.shape.input_tokens
    one = encode(case, model, tokens, gpu_key=GPU, utilisation=1.0)
    for region in regions:
        yield _option(case, demand, one, region, to_zero=False)
    yield _option(case, demand, one, regions[0], to_zero=True)


def _option(case: Case, demand: Demand, one: Served, region: Candidate, to_zero: bool) -> Option:
    place = accounting.place(case, f"region:{region.key}")
    rate = case.central("deployment.reader_calls", "request/s")
    replicas = hosting.replicas_by_hour(demand.peak, rate, 1, 10_000)
    cold = hosting.cold_share(demand.rate, case.central("deployment.release_after", "s"))
    kept = replicas * (1.0 - cold) if to_zero else replicas
    hours = demand.weekly(kept)
    waiting = demand.weekly(demand.rate * cold) / demand.weekly(demand.rate) if to_zero else 0.0
    each = accounting.served(case, one, place) * demand.attempts
    used_s = demand.per_month * demand.attempts * one.busy_gpu_seconds
    monthly = _idle(case, hours, used_s, place)
    usd = case.draw(f"machines.{MACHINE}.price", "USD/h")
    monthly = monthly.with_cost(cost.machines_per_month(hours, usd, WEEKS_PER_MONTH))
    most = int(replicas[0].max())
    return Option(
        step=STEP,
        key=f"container-{region.key}{'-to-zero' if to_zero else ''}",
        title=f"Small GPU container, {region.title}{', down to zero' if to_zero else ', always on'}",
        parts=Parts(case.nothing(), monthly, each),
        carried=Parts.zero(case.size),
        quality=demand.quality,
        settings={
            "mode": "container", "scope": "regional", "place": f"region:{region.key}", "region": region.key,
            "zone": None, "model": demand.model, "gpu": GPU, "machine": MACHINE, "replicas": most,
            "replicas_min": 0 if to_zero else 1, "cache": "none",
            "sku": str(case.catalogue.row("machines", MACHINE)["name"]),
        },
        gates=(
            *rules.common(case),
            *region.gates,
            rules.cold_start(waiting),
        ),
        notes=(f"Held {hours / 168 / max(most, 1):.0%} of the week.",),
    )  # fmt: skip


def _search(case: Case, demand: Demand) -> Option:
    """Search alone runs in the search service, which the step before has counted."""
    nothing = Parts.zero(case.size)
    home = case.scenario.constraints.home_region
    return Option(
        STEP, "search-service", "In the search service; nothing else to run", nothing, nothing,
        demand.quality,
        settings={
            "mode": "search", "scope": "regional", "place": f"region:{home}", "region": home, "zone": None,
            "model": demand.model, "cache": "none",
        },
        gates=rules.common(case),
        notes=("The search service's energy and price stand in the step before.",),
    )  # fmt: skip


def _idle(case: Case, hours: float, used_s: Array, place: accounting.Place) -> Footprint:
    held_s = hours * WEEKS_PER_MONTH * hosting.SECONDS_PER_HOUR
    idle_s = np.maximum(held_s - used_s, 0.0)
    kw = case.draw("deployment.reader_host", "kW") + case.draw(f"gpus.{GPU}.loaded_idle", "kW")
    idle = accounting.electricity(case, idle_s * kw * 1000.0 / J_PER_KWH, place)
    return idle + accounting.hardware(case, GPU, idle_s)
