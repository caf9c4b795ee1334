"""Break-evens drawn: by volume, by utilisation, and the week by hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.core.draws import Array, summary
from advisor.core.exhibits import Bars, Chart, Exhibit, Heatmap, Line, Mark
from advisor.decide.comparing import yearly
from advisor.estimate import caching, hosting
from advisor.steps.deployment import cached, curves, provisioned
from advisor.steps.deployment.curves import SHARES, Curve
from advisor.steps.deployment.demand import Demand
from advisor.steps.deployment.fleet import Fleet
from advisor.steps.deployment.managed import Scope
from advisor.steps.deployment.pool import Managed
from advisor.system.case import Case
from advisor.system.option import Option

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
SHOWN = 8  # options drawn side by side
CENT = 100.0


def week(demand: Demand, fleet: Fleet | None, units_per_s: float | None = None) -> Iterator[Exhibit]:
    """Requests by hour of the week, and how far what is held for them is used.

    ``units_per_s``: requests a second that provisioned units serve, where they are the choice.
    """
    yield _week("week_requests", "Requests by hour of the week (first year)", demand.rate[0] * 3600.0,
                "requests an hour", "Hours are UTC, Monday first.")  # fmt: skip
    if units_per_s:
        used = np.minimum(demand.rate[0] / units_per_s, 1.0) * CENT
        yield _week(
            "week_units", "Share of the provisioned units in use", used, "%", "They burn all the same."
        )
    if fleet is not None:
        yield _week("week_replicas", f"Machines by hour: {fleet.name}",
                    fleet.replicas[0] / fleet.copies, "machines",
                    "Enough for each hour's busiest minute and the availability asked for.")  # fmt: skip
        yield _week("week_busy", "Share of the time the machines are busy", fleet.busy[0] * CENT, "%",
                    "Idle replicas still draw power.")  # fmt: skip


def _week(key: str, title: str, values: Array, label: str, note: str) -> Heatmap:
    rows = values.reshape(len(DAYS), len(HOURS))
    return Heatmap(key, title, DAYS, HOURS, tuple(tuple(map(float, row)) for row in rows), label, note)


def bars(case: Case, options: Sequence[Option]) -> Bars | None:
    """Carbon a year split into serving, idle capacity and hardware, of the best options."""
    if not options:
        return None
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    shown = sorted(options, key=lambda option: float(np.median(yearly(option, case)["carbon"])))[:SHOWN]
    split, spans = [], []
    for option in shown:
        each, monthly = option.parts.per_request * rate, option.parts.monthly * 12.0
        parts = (each["carbon_location"], monthly["carbon_location"], (each + monthly)["embodied"])
        split.append([float(np.median(part)) for part in parts])
        spans.append(summary(option.per_year(rate, horizon)["carbon"]))
    return Bars(
        "carbon_split", "Where a year's carbon comes from", "kgCO2e a year, location-based and embodied",
        tuple(option.title for option in shown),
        ("serving", "idle capacity and caches", "making the hardware"),
        tuple(tuple(row[part] for row in split) for part in range(3)),
        [low for low, _, _ in spans], [high for _, _, high in spans],
        "Overhead of the data centre is inside each part. The cleanest options that pass every gate.",
    )  # fmt: skip


def by_utilisation(pool: Managed, scope: Scope, fleet: Fleet, region: str) -> Iterator[Exhibit]:
    """Carbon and money of a request on one machine by its load, against pay as you go."""
    flat = curves.payg(pool, scope)
    if flat is None:
        return
    curve = curves.by_utilisation(curves.grid(pool, fleet, region), fleet, SHARES)
    note = (
        "Steady load, arrivals at random: a machine with little to do serves one request at a time and idles "
        "in between, a full one serves many at once. Same region and model."
    )
    for what, label in (("carbon", "gCO2e a request"), ("usd", "USD a request")):
        mine, theirs = getattr(curve, what), getattr(flat, what)
        cross = hosting.crossing(SHARES, mine, np.full(SHARES.size, theirs[1]))
        word = "carbon" if what == "carbon" else "money"
        yield Chart(
            f"utilisation_{what}", f"Own machine against pay as you go by utilisation: {word}",
            "load, of what the machine can serve within the latency limits (%)", label,
            (
                Line(fleet.name, _plain(SHARES * CENT), _plain(mine)),
                _flat(f"pay as you go, {scope.title}", _plain(SHARES * CENT), theirs),
            ),
            _marks("own machine is better from here", cross, CENT), log_x=True, log_y=True,
            note=note if cross else f"{note} They do not cross: pay as you go stays better.",
        )  # fmt: skip


def by_volume(
    pool: Managed,
    scope: Scope,
    fleet: Fleet | None,
    region: str,
    units: tuple[Scope, provisioned.Sizing] | None,
) -> Iterator[Exhibit]:
    """Carbon and money of a request by volume: pay as you go, own machines, provisioned units."""
    flat = curves.payg(pool, scope)
    if flat is None or (fleet is None and units is None):
        return
    volume = curves.volumes(pool.case)
    scale = volume / float(np.median(pool.case.workload.requests_per_day))
    rivals: list[tuple[str, Curve]] = []
    if fleet is not None:
        found = curves.grid(pool, fleet, region)
        name = f"{fleet.name}, autoscaled"
        rivals.append((name, curves.by_volume(pool.case, pool.demand, found, fleet, scale)))
    if units is not None:
        name = f"provisioned, {units[0].title}, cheapest term"
        rivals.append((name, curves.ptu_by_volume(pool, *units, scale)))
    for what, label in (("carbon", "gCO2e a request"), ("usd", "USD a request")):
        theirs = getattr(flat, what)
        lines = [_flat(f"pay as you go, {scope.title}", _plain(volume), theirs)]
        marks: tuple[Mark, ...] = ()
        for name, curve in rivals:
            lines.append(Line(name, _plain(volume), _plain(getattr(curve, what))))
            cross = hosting.crossing(volume, getattr(curve, what), np.full(volume.size, theirs[1]))
            marks += _marks(f"{name}: better from here", cross, 1.0)
        now = Mark("today", float(np.median(pool.case.workload.requests_per_day)))
        yield Chart(
            f"volume_{what}", f"Break-even by volume: {'carbon' if what == 'carbon' else 'money'}",
            "requests a day", label, tuple(lines), (now, *marks), log_x=True, log_y=True,
            note="The week's shape stays as it is; idle hours are counted."
            + ("" if marks else " Nothing beats pay as you go within a thousandfold of today's volume."),
        )  # fmt: skip


def _plain(values: Array) -> tuple[float, ...]:
    return tuple(values.tolist())


def _flat(label: str, x: Sequence[float], span: tuple[float, float, float]) -> Line:
    low, middle, high = ((value,) * len(x) for value in span)
    return Line(label, tuple(x), middle, low, high)


def _marks(label: str, cross: float | None, factor: float) -> tuple[Mark, ...]:
    return (Mark(label, cross * factor),) if cross is not None else ()


def cache_break_even(pool: Managed, choice: Option) -> Chart:
    """Hit rate from which each cache saves energy, by volume."""
    case, spec = pool.case, str(choice.settings["place"])
    volume = curves.volumes(case)
    call = float(np.median(choice.parts.per_request["energy"]))
    lines = []
    for cache in cached.caches(pool, spec):
        lookup = float(np.median(cache.lookup["energy"]))
        store = float(np.median(cache.store_kwh_per_day * pool.place(spec).pue))
        needed = np.asarray(caching.break_even_hit_rate(lookup, store, volume, call))
        lines.append(Line(cache.title, _plain(volume), _plain(np.minimum(needed, 1.0) * CENT)))
    share = float(np.median(case.workload.repeat_share)) * CENT
    lines.append(Line("questions that come back", _plain(volume), (share,) * volume.size))
    today = Mark("today", float(np.median(case.workload.requests_per_day)))
    return Chart(
        "cache_break_even", "Hit rate from which a cache saves energy", "requests a day", "hit rate (%)",
        tuple(lines), (today,), log_x=True,
        note="A cache whose line lies above the share that comes back costs more energy than it saves.",
    )  # fmt: skip
