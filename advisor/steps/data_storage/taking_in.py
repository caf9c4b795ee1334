"""Taking data in: ways to do it, what each stage needs, and what public data spares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.footprint import INDEX, Footprint
from advisor.core.saying import numeral, say
from advisor.core.wording import amount, number
from advisor.estimate import ingestion as formulas
from advisor.scenario.data_fields import Ingestion
from advisor.steps.data_storage.kept import Study
from advisor.steps.data_storage.shared_texts import word
from advisor.system import billing
from advisor.system.bill import MONTHS_PER_YEAR, Bill
from advisor.system.case import Case
from advisor.system.footprints import electricity
from advisor.system.places import place
from advisor.system.storage import ingestion, schedules
from advisor.system.storage.book import ENTERED, HELD, READ, SENT, SQUEEZED

DAILY, HOURLY = 1.0, 24.0


def exhibits(case: Case, found: Study) -> tuple[Table, ...]:
    """The tables of this module; those without a row are left out."""
    tables = (stages(case, found), ingestion_table(case, found), reuse(case, found))
    return tuple(table for table in tables if table.rows)


def energy(case: Case, found: Study, settings: Ingestion) -> float:
    """Energy of taking data in a year under some settings, the internet left aside, central [kWh]."""
    work, edge, _ = ingestion.taken(case, ingestion.month(case, found.kept, settings), found.base)
    return central((work + edge)["energy"]) * MONTHS_PER_YEAR


def keeping_all(case: Case, found: Study) -> tuple[float, Footprint] | None:
    """What keeping all that arrives would add: GB stored a month, and a mean year of taking in and storing.

    None where nothing arrives or all of it is kept. The data sets grow by the more; what is there stays.
    """
    centre, now = case.centre, case.given.ingestion
    taken = ingestion.month(centre, found.kept, now)
    every = now.model_copy(update={"kept_share": 1.0})
    more = ingestion.month(centre, found.kept, every).kept - taken.kept
    if not more or not case.given.data_sets:
        return None
    grown = [
        one.model_copy(update={"growth_gb_per_month": one.growth_gb_per_month / now.kept_share})
        if one.role in ingestion.COLLECTED
        else one
        for one in case.given.data_sets
    ]
    wider = centre.with_scenario(case.given.model_copy(update={"ingestion": every, "data_sets": grown}))
    before, after = (
        Bill(one, billing.keeping(one, *found.plan.early, found.plan.storage)).year
        for one in (centre, wider)
    )  # fmt: skip
    return more, after.without(before)


def ingestion_table(case: Case, found: Study) -> Table:
    """Ways to take data in: batch or streaming, how often, how much kept, filtered where."""
    now = case.given.ingestion
    rows: list[tuple[str | float | None, ...]] = []
    for label, settings in _ways(now):
        taken = ingestion.month(case, found.kept, settings)
        work, _, way = ingestion.taken(case, taken, found.base)
        rows.append(
            (
                label,
                taken.arriving,
                taken.kept,
                taken.rework,
                central(taken.hours),
                energy(case, found, settings),
                central(work["cost"]) * MONTHS_PER_YEAR,
                taken.internet,
                central(way["energy"]) * MONTHS_PER_YEAR,
            )
        )
    wider = keeping_all(case, found)
    stored = "" if wider is None else say(
        " Everything kept stores {more} GB more a month, which takes {energy} and {usd} more a year, "
        "storage included.",
        more=number(wider[0]),
        energy=amount(central(wider[1]["energy"]), "kWh"),
        usd=amount(central(wider[1]["cost"]), "USD"),
    )  # fmt: skip
    doubt = say(
        " Filtering at the edge is out until its security is confirmed (now: {edge_secured}).",
        edge_secured=word(now.edge_secured),
    )
    return Table(
        "storage_ingestion",
        say("Taking data in"),
        (
            say("Way"),
            say("Arrives (GB a month)"),
            say("Kept (GB a month)"),
            say("Worked on again (GB a month)"),
            say("Worker hours a month"),
            say("kWh a year"),
            say("USD a year"),
            say("Over the internet (GB a month)"),
            say("Network's share (kWh a year, average)"),
        ),
        tuple(rows),
        note=say(
            "Data the system writes itself (logs, caches) is not counted. The network's share is its "
            "average energy per byte; a byte less saves next to none, so it is no saving."
        )
        + stored
        + ("" if now.edge_secured == "yes" else doubt),
    )


def _ways(now: Ingestion) -> Iterator[tuple[str, Ingestion]]:
    def changed(**values: Any) -> Ingestion:
        return now.model_copy(update=values)

    yield (
        say(
            "as planned ({mode}, {times}× a day)",
            mode=word(now.mode),
            times=numeral(now.runs_per_day, "g"),
        ),
        now,
    )
    if now.mode == "batch" and now.runs_per_day != DAILY:
        yield say("one run a day"), changed(mode="batch", runs_per_day=DAILY)
    if now.mode == "streaming":
        yield say("batch, every hour"), changed(mode="batch", runs_per_day=HOURLY)
    else:
        yield word("streaming"), changed(mode="streaming")
    yield say("everything kept"), changed(kept_share=1.0)
    yield say("no rework"), changed(rework_rate=0.0)
    if not (now.edge_filtering and now.edge_secured == "yes"):
        out = (
            ""
            if now.edge_secured == "yes"
            else say(" (out: its security is {edge_secured})", edge_secured=word(now.edge_secured))
        )
        yield say("filtered at the edge{out}", out=out), changed(edge_filtering=True, edge_secured="yes")


def once_a_day(case: Case) -> Ingestion:
    """The scenario's way of taking data in, but as one batch a day."""
    return case.given.ingestion.model_copy(update={"mode": "batch", "runs_per_day": DAILY})


def preparing(case: Case, found: Study, gb: float) -> Footprint:
    """Working once through some data that arrives, poor data again, where it is read."""
    work = formulas.processed_gb(gb, case.scenario.ingestion.rework_rate)
    hours = work / case.draw("ingestion.throughput", "GB/h")
    kwh = hours * case.draw("ingestion.worker_power", "kW")
    return electricity(case, kwh, place(case, f"region:{found.base}"))


def stages(case: Case, found: Study) -> Table:
    """Compute, network and storage of each stage of the data, in a month."""
    now = case.scenario.ingestion
    taken = ingestion.month(case, found.kept, case.given.ingestion)
    stock = sum(one.data.size_gb for one in found.kept if one.data.role in ingestion.COLLECTED)
    arriving = float(formulas.arriving_gb(stock, now.kept_share))
    first = central(preparing(case, found, arriving)["energy"])
    used = monthly_kwh(case, found)
    held = sum(float(schedules.mean_gb(case, placed).sum()) for placed in found.chosen)
    sent = sum(
        float(schedules.amounts(case, placed)[1].central(placed.shrink(case))[SENT].sum())
        for placed in found.chosen
    )
    rows: list[tuple[str | float | None, ...]] = [
        (say("pilot on a sample, once"), first * now.pilot_share, arriving * now.pilot_share, None),
        (say("first load in full, once"), first, arriving, stock),
        (
            say("collect, filter, clean"), energy(case, found, case.given.ingestion) / MONTHS_PER_YEAR,
            taken.internet, taken.kept,
        ),
        (say("squeeze and deduplicate"), used["squeezed"], None, None),
        (say("store"), used["held"], None, held),
        (say("read and write"), used["moved"], None, None),
        (say("replicate and send"), used["sent"], sent, None),
    ]  # fmt: skip
    return Table(
        "storage_stages",
        say("Compute, network and storage by stage of the data"),
        (say("Stage"), say("kWh a month"), say("GB moved a month"), say("GB held")),
        tuple(rows),
        note=say(
            "A pilot on {pilot_share} of the data shows whether the rest is worth loading.",
            pilot_share=numeral(now.pilot_share, ".0%"),
        ),
    )


def monthly_kwh(case: Case, found: Study) -> dict[str, float]:
    """Energy of a month by use, at the meter, central [kWh]."""
    total = dict.fromkeys(("squeezed", "held", "moved", "sent"), 0.0)
    for placed in found.chosen:
        _, monthly = schedules.amounts(case, placed)
        kwh = placed.book(case).values[:, INDEX["energy"], 0] * monthly.central(placed.shrink(case))
        total["squeezed"] += float(kwh[SQUEEZED])
        total["held"] += float(kwh[HELD].sum())
        total["moved"] += float(kwh[READ].sum() + kwh[ENTERED].sum())
        total["sent"] += float(kwh[SENT].sum())
    return total


def reuse(case: Case, found: Study) -> Table:
    """Public data: what taking it over avoids, and whether its licence allows it."""
    verdicts = {
        None: say("own data"),
        "yes": say("passes"),
        "no": say("Fails").lower(),  # not the word that heads a list of failures
        "unknown": say("fails until it is read"),
    }
    rows: list[tuple[str | float | None, ...]] = []
    for one in found.kept:
        if one.data.role not in ingestion.COLLECTED:
            continue
        licence = one.data.public_licence
        arriving = float(formulas.arriving_gb(one.data.size_gb, case.scenario.ingestion.kept_share))
        work = central(preparing(case, found, arriving)["energy"])
        avoided = (arriving, work) if licence else (None, None)
        rows.append((one.name, word(licence) if licence else say("not public"), verdicts[licence], *avoided))
    return Table(
        "storage_reuse",
        say("Public data instead of collecting"),
        (
            say("Data set"),
            say("Licence allows this use"),
            say("Gate"),
            say("Collecting avoided (GB)"),
            say("Preparing avoided (kWh)"),
        ),
        tuple(rows),
        note=say("An unknown licence fails: most hosting sites omit licences or state them wrongly."),
    )
