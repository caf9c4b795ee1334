"""Today against proposed, break-evens, regions, proportion, and what the rules forbade."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from advisor.core.draws import Array, summary
from advisor.core.exhibits import Bars, Table
from advisor.core.footprint import Footprint
from advisor.estimate import storage
from advisor.estimate.storage import ARCHIVE, COLD, COOL, HOT, TIERS
from advisor.steps.data_storage import plans, prices
from advisor.steps.data_storage.bodies import DAYS_PER_MONTH, Kept, Prior, lawful_regions
from advisor.steps.data_storage.choices import Study
from advisor.steps.data_storage.plans import Plan
from advisor.system.case import Case
from advisor.system.option import Decision, Option

MONTHS_PER_YEAR = 12.0
# objects of 1 GB, 1 MB and 10 KB: the ends and the middle of what people store
OBJECTS_MB = ((1000.0, "1 GB"), (1.0, "1 MB"), (0.01, "10 KB"))
REGIONS_SHOWN = 8
COST_PARTS = ("capacity", "operations", "retrieval", "early deletion", "transfer", "compression")
ENERGY_PARTS = ("media", "reading and writing", "compression", "network")


def yearly(case: Case, option: Option) -> Footprint:
    """What the step itself adds a year."""
    return option.parts.per_year(case.workload.requests_per_year, case.scenario.timing.horizon_years)


def prompt_kwh(case: Case, prior: Prior) -> tuple[Array, str]:
    """Energy of a request at the meter [kWh], and where the figure comes from."""
    serving = prior.get("deployment")
    if serving is not None:
        requests = case.workload.requests_per_year
        year = serving.parts.per_year(requests, case.scenario.timing.horizon_years)
        if np.all(year["energy"] > 0):  # searching alone is counted where its index is
            return year["energy"] / np.maximum(requests, 1.0), "this plan's own serving"
    return case.draw("storage.prompt", "kWh/request"), "a published median prompt"


def plan_share(case: Case, prior: Prior, option: Option, indicator: str) -> tuple[float, float, float]:
    """This step's share of the plan so far [ratio], p10, median and p90."""
    own = yearly(case, option)[indicator]
    requests, years = case.workload.requests_per_year, case.scenario.timing.horizon_years
    others = sum(
        (
            chosen.parts.per_year(requests, years)[indicator]
            for chosen in prior.values()
            if chosen.step != option.step
        ),
        np.zeros(case.size),
    )
    whole = own + others
    return summary(np.where(whole > 0, own / np.where(whole > 0, whole, 1.0), 0.0))


def proportion(case: Case, prior: Prior, option: Option) -> Table:
    """How much storing is beside answering."""
    energy = yearly(case, option)["energy"]
    each, origin = prompt_kwh(case, prior)
    prompts = summary(energy / 365 / each)
    rows: list[tuple[str | float | None, ...]] = [
        (f"prompts a day that use as much energy ({origin})", *prompts, "request/day"),
    ]
    if "deployment" in prior:
        for indicator, unit in (
            ("energy", "of the kWh"),
            ("carbon", "of the kgCO2e"),
            ("cost", "of the USD"),
        ):
            shares = (100 * part for part in plan_share(case, prior, option, indicator))
            rows.append((f"share of the plan so far, {indicator}", *shares, f"% {unit}"))
    return Table(
        "storage_proportion",
        "Storage in proportion",
        ("What", "p10", "Median", "p90", "Unit"),
        tuple(rows),
        note="Taking data in is counted with storing it.",
    )


def bars(case: Case, study: Study, choice: Option) -> tuple[Bars, Bars]:
    """Today's plan against the chosen one, in money and in carbon, by part."""
    shown = [("today", "today")] + ([(choice.key, "proposed")] if choice.key != "today" else [])
    options = {option.key: option for option in study.options}
    labels = tuple(label for _, label in shown)
    costs = [_costs(case, study.plans[key]) for key, _ in shown]
    carbon = [_carbon(case, study.plans[key]) for key, _ in shown]
    taking_in = [_taking_in(case, study, options[key]) for key, _ in shown]
    return (
        _bars(
            case,
            "storage_cost",
            "Cost a year by part",
            "USD a year",
            labels,
            [{**part, "taking data in": extra["cost"]} for part, extra in zip(costs, taking_in, strict=True)],
            [options[key] for key, _ in shown],
            "cost",
        ),
        _bars(
            case,
            "storage_carbon",
            "Carbon a year by part",
            "kg CO2e a year (location-based)",
            labels,
            [
                {**part, "taking data in": extra["carbon"]}
                for part, extra in zip(carbon, taking_in, strict=True)
            ],
            [options[key] for key, _ in shown],
            "carbon",
        ),
    )


def _bars(
    case: Case,
    key: str,
    title: str,
    label: str,
    bars: tuple[str, ...],
    parts: Sequence[dict[str, float]],
    options: Sequence[Option],
    indicator: str,
) -> Bars:
    names = tuple(name for name in parts[0] if any(part[name] > 0 for part in parts))
    ranges = [summary(yearly(case, option)[indicator]) for option in options]
    return Bars(
        key,
        title,
        label,
        bars,
        names,
        tuple(tuple(part[name] for part in parts) for name in names),
        tuple(low for low, _, _ in ranges),
        tuple(high for _, _, high in ranges),
        note="Parts are central values; the interval is that of the whole.",
    )


def by_data_set(case: Case, study: Study, choice: Option) -> Table:
    """Each data set today and as proposed, central values a year."""
    before = {plan.name: plans.totals(case, [plan]) for plan in study.plans["today"]}
    after = {plan.name: plans.totals(case, [plan]) for plan in study.plans[choice.key]}
    none = dict.fromkeys(plans.CONCERNS, 0.0)
    return Table(
        "storage_data_sets",
        "Each data set, today and proposed",
        (
            "Data set",
            "USD a year today",
            "USD a year proposed",
            "kg CO2e a year today",
            "kg CO2e a year proposed",
        ),
        tuple(
            (name, now["cost"], then["cost"], now["carbon"], then["carbon"])
            for name, now in before.items()
            for then in (after.get(name, none),)
        ),
        note="Central values. Taking data in is not counted here.",
    )


def _each(case: Case, chosen: Sequence[Plan]) -> list[tuple[Plan, prices.Amounts, float]]:
    """Amounts of each plan with the times a year they count."""
    years = case.scenario.timing.horizon_years
    return [
        (plan, used, times)
        for plan in chosen
        for used, times in zip(plans.amounts(case, plan), (1.0 / years, MONTHS_PER_YEAR), strict=True)
    ]


def _costs(case: Case, chosen: Sequence[Plan]) -> dict[str, float]:
    found = dict.fromkeys(COST_PARTS, 0.0)
    for plan, used, times in _each(case, chosen):
        book = prices.central_book(case, plan.region, plan.redundancy)
        shrink = prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False)
        for name, value in prices.costs(book, used, shrink).items():
            found[name] += float(value) * times
    return found


def _carbon(case: Case, chosen: Sequence[Plan]) -> dict[str, float]:
    found = dict.fromkeys((*ENERGY_PARTS, "manufacture of media"), 0.0)
    for plan, used, times in _each(case, chosen):
        book = prices.central_book(case, plan.region, plan.redundancy)
        worth = prices.kwh_worth(case, plan.region)
        shrink = float(prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False))
        for name, value in prices.energies(book, used, shrink).items():
            outside = worth.energy if name == "network" else 1.0
            found[name] += float(value) / outside * worth.carbon * times
        made = float(np.dot(used.held, np.array(book.embodied, dtype=float))) * shrink
        found["manufacture of media"] += made * times
    return found


def _taking_in(case: Case, study: Study, option: Option) -> dict[str, float]:
    """What is left of an option once storing is taken away: ingestion, the same for all."""
    _, monthly = plans.footprints(case, study.plans[option.key])
    extra = (option.parts.monthly - monthly) * MONTHS_PER_YEAR
    return {indicator: float(np.median(extra[indicator])) for indicator in ("cost", "carbon")}


def eliminated(kept: Sequence[Kept]) -> Table:
    """What the rules forbade, data set by data set, and what would allow it."""
    return Table(
        "storage_eliminated",
        "What the rules forbid, data set by data set",
        ("Data set", "Ruled out", "Rule", "Needed", "Found", "What would bring it back"),
        tuple(
            (entry.data_set, entry.what, entry.rule, entry.expected, entry.found, entry.remedy)
            for one in kept
            for entry in one.ledger
        ),
        note="" if any(one.ledger for one in kept) else "Nothing was ruled out.",
    )


def break_even(
    case: Case, region: str, warm: int, cool: int, object_mb: float, months: float, redundancy: str = "LRS"
) -> float:
    """Full reads a month above which the warmer tier is cheaper [1/month].

    ``months`` spreads the one write of changing tier; infinite leaves it out.
    """
    book = prices.central_book(case, region, redundancy)
    saved = float(book.capacity[warm]) - float(book.capacity[cool])
    # reading the archive writes a copy into hot first
    reading = float(book.read[cool]) + float(book.write[HOT]) * (cool == ARCHIVE)
    return float(
        storage.break_even_reads(
            saved,
            float(book.retrieval[cool]) - float(book.retrieval[warm]),
            reading - float(book.read[warm]),
            object_mb,
            float(book.write[cool]),
            months,
        )
    )


def break_evens(case: Case, region: str) -> Table:
    """How often data may be read before the cooler tier costs more."""
    rows: list[tuple[str | float | None, ...]] = []
    minimum = [case.central(f"storage_tiers.{tier}.minimum", "day") for tier in TIERS]
    for warm, cool in combinations(range(HOT, len(TIERS)), 2):
        for object_mb, label in OBJECTS_MB:
            stay = minimum[cool] / DAYS_PER_MONTH
            crossings = [break_even(case, region, warm, cool, object_mb, months) for months in (np.inf, stay)]
            rows.append(
                (
                    f"{TIERS[warm]} to {TIERS[cool]}",
                    label,
                    *(crossing if np.isfinite(crossing) else None for crossing in crossings),
                )
            )
    stand_in = prices.proxy(case, region)
    return Table(
        "storage_break_evens",
        "Reads a month at which a cooler tier stops paying",
        ("Move", "Objects of", "Full reads a month", "The same if it stays only the minimum days"),
        tuple(rows),
        note=f"Prices of {stand_in or region}, LRS. Negative: the move never pays back. "
        "The last column counts the write that changes the tier.",
    )


def hot_cool_cold(case: Case, region: str) -> dict[str, float]:
    """The break-evens people ask for first, for 1 MB objects [1/month]."""
    pairs = ((HOT, COOL), (HOT, COLD), (COOL, COLD))
    return {
        f"{TIERS[warm]} to {TIERS[cool]}": break_even(case, region, warm, cool, 1.0, np.inf)
        for warm, cool in pairs
    }


def regions(case: Case, chosen: Sequence[Plan], base: str) -> Table:
    """Allowed regions by carbon of the same plan, with what moving there takes; and what residency costs."""
    allowed = lawful_regions(case)
    energy, made = _kept_energy(case, chosen)
    stock = sum(plan.kept.data.size_gb for plan in chosen)
    keys = [
        key
        for key in case.catalogue.keys("regions")
        if case.catalogue.row("regions", key).get("status") == "open"
    ]

    def carbon(key: str) -> float:
        return energy * prices.kwh_worth(case, key).carbon + made

    ranked = sorted(keys, key=lambda key: (carbon(key), key))
    shown = [key for key in ranked if key in allowed][:REGIONS_SHOWN]
    shown += [key for key in (base, ranked[0]) if key not in shown]
    network = case.central("network.between_regions", "kWh/GB")
    rows = tuple(
        (
            key,
            "yes" if key in allowed else "no: residency or the list of regions",
            carbon(key),
            carbon(key) - carbon(base),
            stock * network * prices.kwh_worth(case, base).carbon if key != base else 0.0,
            stock * case.central("storage.region_transfer", "USD/GB") if key != base else 0.0,
            prices.proxy(case, key) or "own",
        )
        for key in shown
    )
    best = next((key for key in ranked if key in allowed), base)
    gap = carbon(best) - carbon(ranked[0])
    leaving = stock * case.central("storage.internet_egress", "USD/GB")
    return Table(
        "storage_regions",
        "Where it could lie",
        (
            "Region",
            "Allowed",
            "kg CO2e a year",
            "Against where it is read",
            "Moving the stock once (kg CO2e)",
            "Moving it once (USD)",
            "Storage prices of",
        ),
        rows,
        note=f"Residency and the list of allowed regions cost {gap:,.1f} kg CO2e a year beside {ranked[0]}, "
        "the cleanest anywhere. Central values; the network is counted by its average energy per byte. "
        f"Taking the stock out of Azure over the internet would cost about ${leaving:,.0f}.",
    )


def _kept_energy(case: Case, chosen: Sequence[Plan]) -> tuple[float, float]:
    """IT energy [kWh] and manufacture [kgCO2e] of a year's plan."""
    energy = made = 0.0
    for plan, used, times in _each(case, chosen):
        book = prices.central_book(case, plan.region, plan.redundancy)
        shrink = float(prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False))
        parts = prices.energies(book, used, shrink)
        energy += sum(float(value) for name, value in parts.items() if name != "network") * times
        made += float(np.dot(used.held, np.array(book.embodied, dtype=float))) * shrink * times
    return energy, made


def store_energy(case: Case, gb: float, redundancy: str, region: str) -> float:
    """Energy at the meter of keeping data on disk for a year [kWh], all copies."""
    book = prices.central_book(case, region, redundancy)
    return gb * float(book.media_kwh[HOT]) * MONTHS_PER_YEAR * prices.kwh_worth(case, region).energy


def dearest(decision: Decision, study: Study, case: Case) -> tuple[str, float] | None:
    """The data set of the chosen plan that costs most, with its share [ratio]."""
    if decision.choice is None:
        return None
    found = [(plan.name, sum(_costs(case, [plan]).values())) for plan in study.plans[decision.choice.key]]
    whole = sum(value for _, value in found)
    if not found or whole <= 0:
        return None
    name, value = max(found, key=lambda pair: pair[1])
    return name, value / whole


__all__ = [
    "bars",
    "break_even",
    "break_evens",
    "dearest",
    "eliminated",
    "hot_cool_cold",
    "plan_share",
    "prompt_kwh",
    "proportion",
    "regions",
    "store_energy",
    "yearly",
]
