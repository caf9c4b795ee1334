"""The lifecycle drawn and handed over: what lies where at which age, and the files that do it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.exhibits import Bars, Chart, Exhibit, Export, Heatmap, Line, Table
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import counted
from advisor.estimate import storage
from advisor.estimate.storage import TIERS
from advisor.steps.data_storage import storage_policy
from advisor.steps.data_storage.kept import Study
from advisor.steps.data_storage.shared_texts import TIER_NAMES
from advisor.steps.data_storage.storage_policy import Lifecycle
from advisor.system.case import Case
from advisor.system.regions import region_name
from advisor.system.storage import schedules
from advisor.system.storage.book import HELD, weights
from advisor.system.storage.data_sets import DAYS_PER_MONTH
from advisor.system.storage.schedules import DAYS_PER_YEAR, Placement

GB_PER_TB = 1000.0
G_PER_KG = 1000.0
BAR_POINTS = 13  # quarters of a three-year plan
CHART_POINTS = 37  # months of a three-year plan; longer plans are drawn more coarsely
MOST_COLUMNS = 12


def lifecycles(chosen: Sequence[Placement]) -> list[Lifecycle]:
    """Plans as the rules that files are made of."""
    return [
        Lifecycle(
            plan.name,
            plan.region,
            plan.redundancy,
            tuple((age, TIERS[tier]) for age, tier in plan.moves),
            plan.kept_days if np.isfinite(plan.kept_days) else None,
            plan.kept.data.legal_min_days,
        )
        for plan in chosen
    ]


def exports(chosen: Sequence[Placement]) -> tuple[Export, ...]:
    """Lifecycle policies, one an account that needs one, and the accounts' settings."""
    found = lifecycles(chosen)
    files = [
        Export(
            name,
            "application/json",
            content,
            "az storage account management-policy create --policy @FILE --account-name NAME -g GROUP",
        )
        for name, content in storage_policy.policies(found).items()
    ]
    settings = storage_policy.settings(found)
    return (
        *files,
        Export("storage-settings.json", "application/json", settings, say("accounts and containers")),
    )


def table(case: Case, chosen: Sequence[Placement]) -> Table:
    """One row a data set and tier: each move is a rule of the exported policy."""
    rows: list[tuple[str | float | None, ...]] = []
    for plan in chosen:
        held = schedules.mean_gb(case, plan)
        stops = [*(age for age, _ in plan.moves[1:]), plan.kept_days]
        for (age, tier), stop in zip(plan.moves, stops, strict=True):
            rows.append(
                (
                    plan.name,
                    TIER_NAMES[tier],
                    float(np.ceil(age)),
                    _until(stop, plan.kept_days),
                    plan.redundancy,
                    region_name(case, plan.region),
                    _form(plan),
                    float(held[tier]),
                )
            )
    return Table(
        "storage_lifecycle",
        say("What lies where, at which age"),
        (
            say("Data set"),
            say("Tier"),
            say("From age (days)"),
            say("Until"),
            say("Redundancy"),
            say("Region"),
            say("Form"),
            say("Stored on average (GB, one copy)"),
        ),
        tuple(rows),
        note=say(
            "Ages are days since a blob was created. Today's stock is taken to have come as new data does, "
            "and to be no older than it is kept; where nothing new comes, to be new at the start, so that it "
            "moves later than its real age would allow. Blob storage neither compresses nor deduplicates: "
            "the application does, before it uploads."
        ),
    )


def _until(stop: float, kept_days: float) -> str:
    """How long data stays in a tier, in words."""
    if not np.isfinite(stop):
        return say("kept")
    age = float(np.ceil(stop))
    if stop == kept_days:
        return counted(age, say("deleted at one day"), say("deleted at {count} days"))
    return counted(age, say("one day"), say("{count} days"))


def _form(plan: Placement) -> str:
    done = [
        word
        for word, yes in (
            (say("compressed"), plan.squeeze or plan.kept.data.compressed),
            (say("deduplicated"), plan.dedupe),
        )
        if yes
    ]
    return joined(say(" and "), done) or say("as it is")


def by_age(chosen: Sequence[Placement]) -> Heatmap:
    """The tier of each data set by age; the columns are the ages at which something happens."""
    moved = {float(np.ceil(age)) for plan in chosen for age, _ in plan.moves}
    ended = {plan.kept_days for plan in chosen if np.isfinite(plan.kept_days)}
    ages = sorted(moved | ended)[:MOST_COLUMNS]

    def level(plan: Placement, age: float) -> float:
        if age >= plan.kept_days:
            return float(len(TIERS))
        return float(max(tier for start, tier in plan.moves if np.ceil(start) <= age))

    return Heatmap(
        "storage_by_age",
        say("Tier by age of the data"),
        tuple(plan.name for plan in chosen),
        tuple(_age(age) for age in ages),
        tuple(tuple(level(plan, age) for age in ages) for plan in chosen),
        say("tier"),
        names=(*TIER_NAMES, say("deleted")),
    )


def _age(days: float) -> str:
    """An age in days, or in years where it is a whole number of them."""
    years = days / DAYS_PER_YEAR
    return (
        say("{years} y", years=numeral(years, "g"))
        if years >= 1 and years == round(years)
        else say("{days} d", days=numeral(days, ",.0f"))
    )


def timeline(case: Case, chosen: Sequence[Placement], today: Sequence[Placement]) -> tuple[Bars, Chart]:
    """What lies in each tier over the plan, and the carbon of keeping them, beside today's way."""
    horizon = case.scenario.timing.horizon_years * DAYS_PER_YEAR
    ends = np.linspace(0.0, horizon, BAR_POINTS)
    standing = _standing(case, chosen, ends)
    label = say("GB stored, one copy")
    if standing.sum(axis=1).max() >= GB_PER_TB:
        standing, label = standing / GB_PER_TB, say("TB stored, one copy")
    shown = [tier for tier in range(len(TIERS)) if standing[:, tier].any()]
    where = Bars(
        "storage_timeline",
        say("What lies where over the plan"),
        label,
        tuple(f"{day / DAYS_PER_MONTH:.0f}" for day in ends),
        tuple(TIER_NAMES[tier] for tier in shown),
        tuple(tuple(float(gb) for gb in standing[:, tier]) for tier in shown),
        note=say(
            "Months from the start. Today's stock is taken to have come as new data does; where nothing new "
            "comes, to be new then."
        ),
    )
    days = np.linspace(0.0, horizon, CHART_POINTS)
    months = tuple(float(day / DAYS_PER_MONTH) for day in days)
    carbon = Chart(
        "storage_carbon_timeline",
        say("Carbon of keeping it, month by month"),
        say("months from the start"),
        say("g CO2e a month"),
        tuple(
            Line(label, months, tuple(float(v) for v in _carbon(case, some, days)), style="line")
            for label, some in ((say("today"), today), (say("proposed"), chosen))
        ),
        note=say(
            "Media and their manufacture, location-based, central values. Tiers are not told apart: their "
            "energy is unpublished."
        ),
    )
    return where, carbon


def _standing(case: Case, chosen: Sequence[Placement], days: Array) -> Array:
    """GB by tier at some days, shape (days, tiers)."""
    return sum((_of_plan(case, plan, days) for plan in chosen), np.zeros((len(days), len(TIERS))))


def _of_plan(case: Case, plan: Placement, days: Array) -> Array:
    stored = central(plan.shrink(case)) * plan.unique_share
    return storage.standing(plan.body(case), plan.moves, days) * stored


def _carbon(case: Case, chosen: Sequence[Placement], days: Array) -> Array:
    """Grams a month of keeping what stands there at some days."""
    carbon = weights({"carbon": G_PER_KG})
    return sum(
        (_of_plan(case, plan, days) @ plan.book(case).worth(carbon)[HELD] for plan in chosen),
        np.zeros(len(days)),
    )


def exhibits(case: Case, found: Study) -> tuple[Exhibit, ...]:
    """Everything about the lifecycle of a plan."""
    if not found.chosen:
        return ()
    timelines = timeline(case, found.chosen, found.today)
    return (*timelines, by_age(found.chosen), table(case, found.chosen))
