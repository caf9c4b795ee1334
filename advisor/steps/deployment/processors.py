"""A classifier without a GPU: containers of a few virtual cores, as many as the hour needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.core.footprint import Parts
from advisor.estimate import hosting
from advisor.steps.deployment import rules
from advisor.steps.deployment.demand import WEEKS_PER_MONTH, Demand
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Gate, Option
from advisor.system.regions import Candidate

STEP = "deployment"
SKU = "Standard_D4as_v5"  # four virtual cores
CHASSIS_ALONE = "none"  # no GPU: the server's share only
MOST_CONTAINERS = 10_000


def options(case: Case, demand: Demand, regions: Sequence[Candidate]) -> Iterator[Option]:
    """An encoder on processors in each region; nothing for other models."""
    if f"encoders.{demand.model}.params" in case:
        yield from (_contained(case, demand, region) for region in regions)


def _contained(case: Case, demand: Demand, region: Candidate) -> Option:
    place = accounting.place(case, f"region:{region.key}")
    tokens = np.asarray(demand.shape.input_tokens)
    work = 2.0 * case.draw(f"encoders.{demand.model}.params", "param") * tokens
    seconds = float(np.median(work / case.draw("encoder.container_rate", "FLOP/s")))
    held = hosting.replicas_by_hour(demand.peak, 1.0 / seconds, 1, MOST_CONTAINERS)
    hours = demand.weekly(held) * WEEKS_PER_MONTH
    monthly = accounting.electricity(case, hours * case.draw("encoder.container_power", "kW"), place)
    share = case.draw("encoder.container_chassis", "ratio")
    monthly = monthly + accounting.hardware(case, CHASSIS_ALONE, hours * hosting.SECONDS_PER_HOUR * share)
    monthly = monthly.with_cost(hours * case.draw("encoder.container_price", "USD/h"))
    slow_ms = seconds * 1000.0 * case.central("deployment.tail_over_median", "ratio")
    limit = case.scenario.constraints.latency_p95_ms
    in_time = Gate(
        "latency", slow_ms <= limit, f"{limit:,.0f} ms for 95 of 100", f"about {slow_ms:,.0f} ms",
        "allow more time, or take a smaller classifier",
    )  # fmt: skip
    most = int(held.max())
    return Option(
        STEP, f"processors-{region.key}", f"Processors alone, {region.title}",
        Parts(case.nothing(), monthly, case.nothing()), Parts.zero(case.size), demand.quality,
        settings={
            "mode": "container", "scope": "regional", "place": f"region:{region.key}", "region": region.key,
            "zone": None, "model": demand.model, "gpu": None, "machine": None, "sku": SKU, "replicas": most,
            "replicas_min": 1, "cache": "none",
        },
        gates=(*rules.common(case), *region.gates, in_time),
        notes=(f"Up to {most:,} containers of four virtual cores, as the hour needs.",),
    )  # fmt: skip
