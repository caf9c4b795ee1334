"""Break-evens drawn: a call by volume, by utilisation of a machine, and the hits from which a cache pays.

Figures are the central case, in g and USD a call, except the range of the managed service.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array, central, summary
from advisor.core.exhibits import Chart, Exhibit, Line, Mark
from advisor.core.saying import joined, say
from advisor.estimate import hosting
from advisor.scenario import Scenario
from advisor.system import (
    cache_gates,
    caches,
    hosts,
    provider_pool,
    provisioned,
    rents,
    requests,
    tokens,
)
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.demand import sent
from advisor.system.fleet import Fleet, fleets
from advisor.system.footprints import hardware
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, Plan
from advisor.system.prices import offer
from advisor.system.regions import place_name
from advisor.system.serving import Serving, serve, standing_power

POINTS = 19  # volumes drawn, from a thousandth to a thousandfold of the present one
MOST_PER_DAY, LEAST_PER_DAY = 1e8, 1.0  # the scenario's bounds
SHARES = np.geomspace(0.005, 1.0, 32)  # of the most requests a machine can serve
G_PER_KG, W_PER_KW, CENT = 1000.0, 1000.0, 100.0
# what a cache finds, by whether it compares meanings
HITS = {False: say("hits in the same words"), True: say("hits by meaning")}
# what is drawn of a call: a word for it, and the axis
DRAWN = {
    "carbon": (say("carbon"), say("gCO2e a request")),
    "usd": (say("money"), say("USD a request")),
}


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Carbon [g] and money [USD] a call along an axis."""

    carbon: Array
    usd: Array


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """What pay as you go takes a call, whatever the volume: (low, central, high)."""

    carbon: tuple[float, float, float]
    usd: tuple[float, float, float]


def payg(case: Case, plan: Plan, scope: DeploymentSetting) -> Flat | None:
    """Pay as you go in a scope; None without a price."""
    if provider_pool.usd(case, plan.model, plan.improvement.technique, offer(scope), "standard") is None:
        return None
    one = provider_pool.per_attempt(case, plan.model, plan.improvement, scope)
    return Flat(summary(one["carbon"] * G_PER_KG), summary(one["cost"]))


def curve_by_utilisation(case: Case, plan: Plan, region: str, fleet: Fleet, share: Array) -> Curve:
    """One replica that gets a steady share of the calls it can serve within the latency limits."""
    centre = case.centre
    most = max(fleet.batch, 1.0)
    rate = share * most / float(np.interp(most, fleet.grid, fleet.service_s))
    _, batch = hosting.running(rate, np.ones_like(rate), fleet.grid, fleet.service_s)
    shape = requests.shape(centre, plan.model.main, plan.improvement.technique)
    one = serve(
        centre, plan.model.main, shape, Serving(fleet.gpu, fleet.gpus, fleet.grid, fleet.precision, 1.0)
    )
    work, busy = (np.interp(batch, fleet.grid, y) for y in (one.energy_kwh, one.busy_gpu_seconds))
    waiting_kw = sum(central(watt) for watt in standing_power(centre, fleet.gpu)) / W_PER_KW
    held_s = np.maximum(fleet.gpus / rate, busy)
    above = np.maximum(work - busy * waiting_kw / hosting.SECONDS_PER_HOUR, 0.0)
    kwh = above + held_s * waiting_kw / hosting.SECONDS_PER_HOUR
    where = place(centre, f"region:{region}")
    made = central(hardware(centre, fleet.gpu, 1.0)["embodied"]) * G_PER_KG
    usd = centre.central(fleet.usd_per_hour, "USD/h") * fleet.price_count
    usd *= central(rents.dearer(centre, fleet.usd_per_hour, region))
    carbon = kwh * central(where.location * where.pue) + held_s * made
    return Curve(carbon, usd / rate / hosting.SECONDS_PER_HOUR)


def by_utilisation(
    case: Case, plan: Plan, scope: DeploymentSetting, fleet: Fleet, region: str
) -> Iterator[Exhibit]:
    """Carbon and money of a call on one machine in a region by its load, against pay as you go."""
    flat = payg(case, plan, scope)
    if flat is None:
        return
    curve = curve_by_utilisation(case, plan, region, fleet, SHARES)
    named = case.catalogue.row("regions", region).get("name", region)
    note = say(
        "Steady load, arrivals at random: a machine with little to do serves one request at a time and idles "
        "in between, a full one serves many at once. The same model; the machine is in {named}.",
        named=named,
    )
    for what, (word, label) in DRAWN.items():
        mine, theirs = getattr(curve, what), getattr(flat, what)
        cross = hosting.crossing(SHARES, mine, np.full(SHARES.size, theirs[1]))
        x = _plain(SHARES * CENT)
        yield Chart(
            f"utilisation_{what}", say("Own machine against pay as you go by utilisation: {word}", word=word),
            say("load, of what the machine can serve within the latency limits (%)"), label,
            (Line(fleet.name, x, _plain(mine)), _flat(_by_use(case, scope), x, theirs)),
            _marks(say("own machine is better from here"), cross, CENT), log_x=True, log_y=True,
            note=note if cross else say("{note} They do not cross: pay as you go stays better.", note=note),
        )  # fmt: skip


def _by_use(case: Case, scope: DeploymentSetting) -> str:
    return say("pay as you go, {place}", place=place_name(case, scope.where))


def volumes(case: Case) -> Array:
    """Requests a day along the volume axis, the present volume in the middle."""
    now = central(case.workload.requests_per_day)
    drawn = np.clip(now * np.geomspace(1e-3, 1e3, POINTS), LEAST_PER_DAY, MOST_PER_DAY)
    return np.unique(drawn)


def curve_by_volume(case: Case, plan: Plan, deployment: DeploymentSetting, volume: Array) -> Curve:
    """What a call takes on a deployment, sized anew for each volume [request/day].

    Machines that are not named are those that need least energy at the volume.
    """
    centre, now = case.centre, central(case.workload.requests_per_day)
    carbon, usd = [], []
    for per_day in volume:
        at = centre.with_scenario(_of_volume(centre.given, float(per_day), float(per_day) / now))
        early = (plan.model, plan.improvement, _named(at, plan, deployment))
        found = (*tokens.lines(at, *early), *provisioned.lines(at, *early), *hosts.lines(at, *early))
        year = Bill(at, found).year
        answered = central(sent(at, *early) * at.workload.requests_per_year)
        carbon.append(central(year["carbon"]) / answered * G_PER_KG)
        usd.append(central(year["cost"]) / answered)
    return Curve(np.array(carbon), np.array(usd))


def _named(case: Case, plan: Plan, deployment: DeploymentSetting) -> DeploymentSetting:
    if deployment.mode != "maap" or deployment.machine is not None:
        return deployment
    best = fleets(case, plan.model, plan.improvement, deployment)[0]
    return replace(deployment, machine=best.machine, precision=best.precision)


def _of_volume(given: Scenario, per_day: float, factor: float) -> Scenario:
    """The scenario at another volume; of a traffic profile a multiple."""
    load = given.workload
    changed = {"requests_per_day": per_day, "traffic_multiplier": load.traffic_multiplier * factor}
    return given.model_copy(update={"workload": load.model_copy(update=changed)})


def by_volume(
    case: Case, plan: Plan, scope: DeploymentSetting, own: DeploymentSetting | None,
    units: DeploymentSetting | None,
) -> Iterator[Exhibit]:  # fmt: skip
    """Carbon and money of a call by volume: pay as you go, own machines, provisioned units."""
    flat = payg(case, plan, scope)
    if flat is None or (own is None and units is None):
        return
    volume = volumes(case)
    rivals: list[tuple[str, Curve]] = []
    if own is not None:
        rivals.append((say("own machines, autoscaled"), curve_by_volume(case, plan, own, volume)))
    if units is not None:
        terms = provisioned.terms(units)
        cheapest = min(terms, key=lambda term: provisioned.unit_hour(case.centre, units, term))
        name = say("provisioned, {place}, cheapest term", place=place_name(case, units.where))
        rivals.append((name, curve_by_volume(case, plan, replace(units, term=cheapest.key), volume)))
    for what, (word, label) in DRAWN.items():
        theirs = getattr(flat, what)
        lines = [_flat(_by_use(case, scope), _plain(volume), theirs)]
        marks: tuple[Mark, ...] = ()
        for name, curve in rivals:
            lines.append(Line(name, _plain(volume), _plain(getattr(curve, what))))
            cross = hosting.crossing(volume, getattr(curve, what), np.full(volume.size, theirs[1]))
            marks += _marks(say("{name}: better from here", name=name), cross, 1.0)
        now = Mark(say("today"), central(case.workload.requests_per_day))
        note = say(
            "The week's shape stays as it is; idle hours count; machines are those that fit the volume."
        )
        if not marks:
            none = say("Nothing beats pay as you go within a thousandfold of today's volume.")
            note = joined(" ", (note, none))
        yield Chart(
            f"volume_{what}", say("Break-even by volume: {word}", word=word), say("requests a day"), label,
            tuple(lines), (now, *marks), log_x=True, log_y=True, note=note,
        )  # fmt: skip


def cache_break_even(case: Case, plan: Plan) -> Chart:
    """Hit rate from which each cache saves energy on calls like the plan's, by volume, beside its hits."""
    centre, volume = case.centre, volumes(case)
    early = (plan.model, plan.improvement)
    tries = requests.attempts(centre, *early)
    shares = central(centre.workload.mean_per_day) / central(centre.workload.requests_per_day) * volume
    lines, hits = [], dict[str, float]()
    for kind in caches.CACHES:
        cached = replace(plan.deployment, cache=kind)
        spared = cache_gates.spared_kwh(centre, *early, cached)
        needed = [
            caches.break_even(centre, cached, spared, float(per_day) * central(tries)) for per_day in shares
        ]
        lines.append(Line(caches.TITLES[kind], _plain(volume), _plain(np.minimum(needed, 1.0) * CENT)))
        found = HITS[caches.by_meaning(kind)]
        hits[found] = central(caches.hit_rate(centre, cached)) * CENT
    lines.extend(Line(title, _plain(volume), (rate,) * volume.size) for title, rate in hits.items())
    today = Mark(say("today"), central(case.workload.requests_per_day))
    return Chart(
        "cache_break_even", say("Hit rate from which a cache saves energy"), say("requests a day"),
        say("hit rate (%)"), tuple(lines), (today,), log_x=True,
        note=say("A cache whose line lies above the hits of its kind takes more energy than it saves."),
    )  # fmt: skip


def _plain(values: Array) -> tuple[float, ...]:
    return tuple(values.tolist())


def _flat(label: str, x: Sequence[float], span: tuple[float, float, float]) -> Line:
    low, middle, high = ((value,) * len(x) for value in span)
    return Line(label, tuple(x), middle, low, high)


def _marks(label: str, cross: float | None, factor: float) -> tuple[Mark, ...]:
    return (Mark(label, cross * factor),) if cross is not None else ()
