"""The week by hour: what comes, what is held for it, and how far that is used."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import Array
from advisor.core.exhibits import Exhibit, Heatmap
from advisor.core.saying import say
from advisor.system import hosts, provisioned
from advisor.system.case import Case
from advisor.system.demand import demand
from advisor.system.plan import Plan

DAYS = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
HOURS = tuple(f"{hour:02d}" for hour in range(24))
SECONDS_PER_HOUR = 3600.0
CENT = 100.0


def charts(case: Case, plan: Plan) -> Iterator[Exhibit]:
    """Calls that reach the model in the first year, and the units or machines of the plan beside them."""
    settings, centre = plan.early, case.centre
    rate = demand(centre, *settings).rate[0]
    yield _week("week_requests", say("Requests by hour of the week (first year)"), rate * SECONDS_PER_HOUR,
                say("requests an hour"), say("Hours are UTC, Monday first."))  # fmt: skip
    size = provisioned.sizing(centre, *settings) if plan.deployment.mode == "ptu" else None
    if size is not None:
        served = size.units[0] * size.calls_per_unit_hour / SECONDS_PER_HOUR
        used = np.minimum(rate / served, 1.0) * CENT
        yield _week(
            "week_units",
            say("Share of the provisioned units in use"),
            used,
            "%",
            say("They burn all the same."),
        )
    fleet = hosts.fleet(centre, *settings) if plan.deployment.mode == "maap" else None
    if fleet is not None:
        yield _week("week_replicas", say("Machines by hour: {name}", name=fleet.name),
                    fleet.replicas[0] / fleet.copies, say("machines"),
                    say("Enough for each hour's busiest minute and the availability asked for."))  # fmt: skip
        yield _week("week_busy", say("Share of the time the machines are busy"), fleet.busy[0] * CENT, "%",
                    say("Idle replicas still draw power."))  # fmt: skip


def _week(key: str, title: str, values: Array, label: str, note: str) -> Heatmap:
    rows = values.reshape(len(DAYS), len(HOURS))
    return Heatmap(key, title, DAYS, HOURS, tuple(tuple(map(float, row)) for row in rows), label, note)
