"""Today against proposed: by part, by data set, in form and in proportion; and what the rules forbade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from advisor.core.draws import Array, summary
from advisor.core.exhibits import Bars, Table
from advisor.core.footprint import INDEX, Footprint
from advisor.core.saying import say
from advisor.core.wording import yes_or_no
from advisor.decide.option import Option
from advisor.steps.data_storage.kept import TODAY, Study
from advisor.steps.data_storage.shared_texts import word
from advisor.system.bill import Bill, Resource
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.system.rule_names import rule_words
from advisor.system.storage import charge, ingestion, schedules
from advisor.system.storage.book import (
    EARLY,
    ENTERED,
    HELD,
    READ,
    READS,
    SENT,
    SQUEEZED,
    WRITES,
)
from advisor.system.storage.data_sets import Kept
from advisor.system.storage.schedules import Placement

SQUEEZING = slice(SQUEEZED, SQUEEZED + 1)
# part of a bar: the uses and the indicator whose charges it sums; ``lower`` and a value of nothing tell a
# word from others that are written alike: a scenario's media, the step of that name
COST_PARTS: dict[str, tuple[tuple[slice, ...], str]] = {
    say("capacity"): ((HELD,), "cost"),
    say("operations{on_data}", on_data=""): ((WRITES, READS), "cost"),
    say("retrieval"): ((READ,), "cost"),
    say("early deletion and small objects"): ((EARLY,), "cost"),
    say("transfer"): ((SENT,), "cost"),
    say("compression"): ((SQUEEZING,), "cost"),
}
CARBON_PARTS: dict[str, tuple[tuple[slice, ...], str]] = {
    say("Media").lower(): ((HELD,), "carbon_location"),
    say("reading and writing"): ((READ, ENTERED), "carbon_location"),
    say("compression"): ((SQUEEZING,), "carbon_location"),
    say("network"): ((SENT,), "carbon_location"),
    say("manufacture of media and servers"): ((HELD, SQUEEZING), "embodied"),
}
TAKING_IN = say("taking data in")
SERVING = (
    Resource.MANAGED_TOKENS,
    Resource.ACCELERATOR_HELD,
    Resource.ACCELERATOR_WORK,
    Resource.DEVICE,
    Resource.HOST,
)


def year_of(case: Case, plan: Plan) -> Footprint:
    """What the data of a plan takes in a mean year."""
    early = plan.early
    return Bill(case, charge.lines(case, *early, plan.storage)).year


def request_kwh(case: Case, option: Option) -> tuple[Array, str]:
    """Energy of a request at the meter [kWh], and where the figure comes from."""
    serving = option.bill.sum(
        line for line in option.bill if line.step != "data_storage" and line.resource in SERVING
    )
    if np.all(serving["energy"] > 0):  # searching alone is counted where its index is
        return serving["energy"] / np.maximum(case.workload.requests_per_year, 1.0), say(
            "this plan's own serving"
        )
    return case.draw("storage.prompt", "kWh/request"), say("a published median prompt")


def plan_share(case: Case, option: Option, indicator: str) -> tuple[float, float, float]:
    """Storage's share of the plan [ratio]: p10, central and p90."""
    own, whole = year_of(case, option.plan)[indicator], option.year[indicator]
    return summary(np.where(whole > 0, own / np.where(whole > 0, whole, 1.0), 0.0))


def proportion(case: Case, option: Option) -> Table:
    """How much storing is beside answering."""
    each, origin = request_kwh(case, option)
    prompts = summary(year_of(case, option.plan)["energy"] / 365 / each)
    rows: list[tuple[str | float | None, ...]] = [
        (
            say("prompts a day that use as much energy ({origin})", origin=origin),
            *prompts,
            say("request/day"),
        ),
    ]
    for indicator, label, unit in (
        ("energy", say("share of the plan, energy"), say("% of the kWh")),
        ("carbon", say("share of the plan, carbon"), say("% of the kgCO2e")),
        ("cost", say("share of the plan, cost"), say("% of the USD")),
    ):
        shares = (100 * part for part in plan_share(case, option, indicator))
        rows.append((label, *shares, unit))
    return Table(
        "storage_proportion",
        say("Storage in proportion"),
        (say("What"), "p10", say("Central"), "p90", say("Unit")),
        tuple(rows),
        note=say("Taking data in is counted with storing it."),
    )


def bars(case: Case, found: Study) -> tuple[Bars, Bars]:
    """Today's way against the chosen one, in money and in carbon, by part."""
    shown = [(say("today"), replace(found.plan, storage=TODAY), found.today)]
    if found.plan.storage != TODAY:
        shown.append((say("proposed"), found.plan, found.chosen))
    labels = tuple(label for label, _, _ in shown)
    plans = [plan for _, plan, _ in shown]
    placed = [placements for _, _, placements in shown]
    return (
        _bars(
            case,
            "storage_cost",
            say("Cost a year by part"),
            say("USD a year"),
            labels,
            COST_PARTS,
            placed,
            plans,
        ),
        _bars(
            case,
            "storage_carbon",
            say("Carbon a year by part"),
            say("kg CO2e a year (location-based)"),
            labels,
            CARBON_PARTS,
            placed,
            plans,
        ),
    )


def _bars(
    case: Case, key: str, title: str, label: str, labels: tuple[str, ...],
    parts: dict[str, tuple[tuple[slice, ...], str]], placed: Sequence[Sequence[Placement]],
    plans: Sequence[Plan],
) -> Bars:  # fmt: skip
    indicator = key.removeprefix("storage_")
    by_bar = [dict(_parts(case, chosen, parts)) for chosen in placed]
    for plan, bar in zip(plans, by_bar, strict=True):
        bar[TAKING_IN] = taking_in(case, plan, indicator)
    names = tuple(name for name in by_bar[0] if any(bar[name] > 0 for bar in by_bar))
    ranges = [summary(year_of(case, plan)[indicator]) for plan in plans]
    return Bars(
        key, title, label, labels, names,
        tuple(tuple(bar[name] for bar in by_bar) for name in names),
        tuple(low for low, _, _ in ranges),
        tuple(high for _, _, high in ranges),
        note=say("Parts are central values; the interval is that of the whole."),
    )  # fmt: skip


def _parts(
    case: Case, placed: Sequence[Placement], parts: dict[str, tuple[tuple[slice, ...], str]]
) -> Iterator[tuple[str, float]]:
    taken = schedules.by_use(case, placed)
    for name, (uses, indicator) in parts.items():
        yield name, float(sum(taken[use, INDEX[indicator]].sum() for use in uses))


def taking_in(case: Case, plan: Plan, indicator: str) -> float:
    """What taking data in takes a year, central; the same whatever the policy."""
    charged = ingestion.lines(case, *plan.early)
    return float(Bill(case, charged).year[indicator][0])


def by_data_set(case: Case, found: Study) -> Table:
    """Each data set today and as proposed, central values a year."""
    after = {placed.name: schedules.totals(case, [placed]) for placed in found.chosen}
    none = {"cost": 0.0, "carbon": 0.0}
    rows = []
    for placed in found.today:
        now, then = schedules.totals(case, [placed]), after.get(placed.name, none)
        rows.append((placed.name, now["cost"], then["cost"], now["carbon"], then["carbon"]))
    return Table(
        "storage_data_sets",
        say("Each data set, today and proposed"),
        (
            say("Data set"), say("USD a year today"), say("USD a year proposed"), say("kg CO2e a year today"),
            say("kg CO2e a year proposed"),
        ),
        tuple(rows),
        note=say("Central values. Taking data in is not counted here."),
    )  # fmt: skip


def squeezing(case: Case, chosen: Sequence[Placement]) -> Table:
    """A row a data set: ratio and savings of compressing and deduplicating, on the proposed tiers."""
    rows: list[tuple[str | float | None, ...]] = []
    for placed in chosen:
        data = placed.kept.data
        open_to = schedules.forms(case, placed.kept)
        ratio = 1.0 if data.compressed else case.central(f"storage_content.{data.content}.ratio", "ratio")
        plain, squeezed, unique = (
            schedules.totals(case, [replace(placed, squeeze=squeeze, dedupe=dedupe)])
            for squeeze, dedupe in ((False, False), (True, False), (False, True))
        )
        rows.append(
            (
                placed.name,
                word(data.content),
                ratio,
                plain["energy"] - squeezed["energy"] if ratio > 1 else 0.0,
                plain["cost"] - squeezed["cost"] if ratio > 1 else 0.0,
                word("yes") if placed.squeeze else _why_not(data.compressed, (True, False) in open_to),
                data.duplicate_share,
                plain["energy"] - unique["energy"] if data.duplicate_share else 0.0,
                plain["cost"] - unique["cost"] if data.duplicate_share else 0.0,
                yes_or_no(placed.dedupe),
            )
        )
    return Table(
        "storage_squeezing",
        say("Compressing and removing duplicates"),
        (
            say("Data set"),
            say("Content"),
            say("Size before over after"),
            say("Compressing saves (kWh a year)"),
            say("Compressing saves (USD a year)"),
            say("Compressed"),
            say("Duplicates (share)"),
            say("Deduplicating saves (kWh a year)"),
            say("Deduplicating saves (USD a year)"),
            say("Deduplicated"),
        ),
        tuple(rows),
        note=say(
            "Net of the processor's work. What gains a tenth or less is left alone, and so is what is read "
            "at any moment."
        ),
    )


def _why_not(compressed: bool, possible: bool) -> str:
    if compressed:
        return say("already")
    return say("no: does not pay") if possible else say("no: left alone")


def eliminated(kept: Sequence[Kept]) -> Table:
    """What the rules forbade, data set by data set, and what would allow it."""
    return Table(
        "storage_eliminated",
        say("What the rules forbid, data set by data set"),
        (
            say("Data set"),
            say("Ruled out"),
            say("Rule"),
            say("Needed"),
            say("Found"),
            say("What would bring it back"),
        ),
        tuple(
            (entry.data_set, entry.what, rule_words(entry.rule), entry.expected, entry.found, entry.remedy)
            for one in kept
            for entry in one.ledger
        ),
        note="" if any(one.ledger for one in kept) else say("Nothing was ruled out."),
    )
