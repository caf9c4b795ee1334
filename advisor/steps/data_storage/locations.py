"""Where the data could lie, and what it takes to train away from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.exhibits import Table
from advisor.core.footprint import INDEX
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import dollars
from advisor.estimate.storage import TIERS
from advisor.steps.data_storage.kept import Study
from advisor.steps.data_storage.shared_texts import TIER_NAMES, word
from advisor.system.case import Case
from advisor.system.places import open_regions
from advisor.system.regions import lawful, region_name, round_trip_ms
from advisor.system.storage import schedules
from advisor.system.storage.book import CROSSING, SENT, book, proxy, sold, weights
from advisor.system.storage.schedules import Placement

REGIONS_SHOWN = 8
ONE_SITE = "LRS"
TRAINED_ON = ("training", "corpus", "evaluation")


def regions(case: Case, found: Study) -> Table:
    """Allowed regions by carbon of the same plan, with cost, way to the users and moving there."""
    case = case.centre
    allowed, base = lawful(case), found.base
    stock = sum(placed.kept.data.size_gb for placed in found.chosen)
    carbon = {key: _year_in(case, found.chosen, key, "carbon") for key in open_regions(case)}
    ranked = sorted(carbon, key=lambda key: (carbon[key], key))
    shown = [key for key in ranked if key in allowed][:REGIONS_SHOWN]
    shown += [key for key in (base, ranked[0]) if key not in shown]
    carbon.setdefault(base, _year_in(case, found.chosen, base, "carbon"))
    sent = book(case, base, ONE_SITE).values[CROSSING, :, 0] * stock
    rows = tuple(
        (
            region_name(case, key),
            word("yes") if key in allowed else say("no: residency or the list of regions"),
            carbon[key],
            carbon[key] - carbon[base],
            _year_in(case, found.chosen, key, "cost"),
            round_trip_ms(case, key),
            float(sent[INDEX["carbon_location"]]) if key != base else 0.0,
            float(sent[INDEX["cost"]]) if key != base else 0.0,
            _whose(case, found.chosen, key),
        )
        for key in shown
    )
    best = next((key for key in ranked if key in allowed), base)
    gap = carbon[best] - carbon[ranked[0]]
    leaving = stock * case.central("storage.internet_egress", "USD/GB")
    return Table(
        "storage_regions",
        say("Where it could lie"),
        (
            say("Region"),
            say("Allowed"),
            say("kg CO2e a year"),
            say("Against where it is read"),
            say("USD a year"),
            say("Round trip of the farthest users (ms)"),
            say("Moving the stock once (kg CO2e)"),
            say("Moving it once (USD)"),
            say("Storage prices of"),
        ),
        rows,
        note=say(
            "Residency and the list of allowed regions cost {gap} kg CO2e a year beside {cleanest}, the "
            "cleanest anywhere. Central values; the network is counted by its average energy per byte; a "
            "round trip is measured where the scenario says so, else estimated. Taking the "
            "stock out of Azure over the internet would cost about {leaving}.",
            gap=numeral(gap, ",.1f"),
            cleanest=region_name(case, ranked[0]),
            leaving=dollars(numeral(leaving, ",.0f")),
        ),
    )


def _whose(case: Case, chosen: Sequence[Placement], region: str) -> str:
    """Whose prices a region's are, and what of the schedules it does not sell."""
    stand_in = proxy(case, region)
    used = {tier for placed in chosen for _, tier in placed.moves}
    missing = sorted(TIER_NAMES[tier] for tier in used if not sold(case, region, TIERS[tier]))
    said = region_name(case, stand_in) if stand_in else say("own")
    return (
        say("{said}; it sells no {missing} tier", said=said, missing=joined(say(" or "), missing))
        if missing
        else said
    )


def _year_in(case: Case, chosen: Sequence[Placement], region: str, concern: str) -> float:
    """A year of the same schedules in a region, what is sent left aside [kgCO2e or USD]."""
    weight, found = weights({concern: 1.0}), 0.0
    for placed in chosen:
        used = schedules.yearly(case, placed)
        used[SENT] = 0.0
        found += float(np.dot(used, book(case, region, placed.redundancy).worth(weight)))
    return found


def nearness(case: Case, found: Study) -> tuple[Table, ...]:
    """What it takes to train away from the data: gigabytes between regions a year."""
    needs = case.scenario.knowledge
    each = book(case, found.base, ONE_SITE).values[CROSSING, :, 0]
    trained = max(needs.retrains_per_year, 1.0)
    ways = (
        (say("in one region"), 0.0),
        (say("fetched once a retraining"), trained),
        (say("fetched for every run"), trained * needs.tuning_runs),
    )
    rows: list[tuple[str | float | None, ...]] = []
    for one in found.kept:
        if one.data.role in TRAINED_ON:
            for label, times in ways:
                gb = one.data.size_gb * times
                taken = (float(gb * each[INDEX[name]]) for name in ("energy", "carbon_location", "cost"))
                rows.append((one.name, label, gb, *taken))
    table = Table(
        "storage_nearness",
        say("Data and training in one region, or not"),
        (
            say("Data set"),
            say("Training"),
            say("GB between regions a year"),
            say("kWh a year"),
            say("kg CO2e a year"),
            say("USD a year"),
        ),
        tuple(rows),
        note=say("Train where the data lies, or copy it once and keep it there."),
    )
    return (table,) if rows else ()
