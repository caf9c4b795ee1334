"""The lifecycle drawn and handed over: what lies where at which age, and the files that do it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from advisor.core.exhibits import Bars, Chart, Exhibit, Export, Heatmap, Line, Table
from advisor.core.wording import number
from advisor.estimate import storage
from advisor.estimate.storage import TIERS
from advisor.steps.data_storage import plans, prices
from advisor.steps.data_storage import policy as storage_policy
from advisor.steps.data_storage.bodies import DAYS_PER_MONTH
from advisor.steps.data_storage.plans import Plan
from advisor.steps.data_storage.policy import Lifecycle
from advisor.system.case import Case

GB_PER_TB = 1000.0
G_PER_KG = 1000.0
BAR_POINTS = 13  # quarters of a three-year plan
CHART_POINTS = 37  # months of a three-year plan; longer plans are drawn more coarsely
MOST_COLUMNS = 12


def lifecycles(chosen: Sequence[Plan]) -> list[Lifecycle]:
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


def exports(chosen: Sequence[Plan]) -> tuple[Export, ...]:
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
    return (*files, Export("storage-settings.json", "application/json", settings, "accounts and containers"))


def table(case: Case, chosen: Sequence[Plan]) -> Table:
    """One row a data set and tier: each move is a rule of the exported policy."""
    rows: list[tuple[str | float | None, ...]] = []
    for plan in chosen:
        held = plans.mean_gb(case, plan)
        stops = [*(age for age, _ in plan.moves[1:]), plan.kept_days]
        for (age, tier), stop in zip(plan.moves, stops, strict=True):
            ended = f"{np.ceil(stop):,.0f} days"
            until = f"deleted at {ended}" if stop == plan.kept_days else ended
            rows.append(
                (
                    plan.name,
                    TIERS[tier],
                    float(np.ceil(age)),
                    until if np.isfinite(stop) else "kept",
                    plan.redundancy,
                    plan.region,
                    _form(plan),
                    float(held[tier]),
                )
            )
    return Table(
        "storage_lifecycle",
        "What lies where, at which age",
        (
            "Data set",
            "Tier",
            "From age (days)",
            "Until",
            "Redundancy",
            "Region",
            "Form",
            "Stored on average (GB, one copy)",
        ),
        tuple(rows),
        note="Ages are days since a blob was created. Today's stock is taken to be new at the start, "
        "so it moves later than its real age would allow. Blob storage neither compresses nor deduplicates: "
        "the application does, before it uploads.",
    )


def _form(plan: Plan) -> str:
    done = [
        word
        for word, yes in (
            ("compressed", plan.squeeze or plan.kept.data.compressed),
            ("deduplicated", plan.dedupe),
        )
        if yes
    ]
    return " and ".join(done) or "as it is"


def by_age(chosen: Sequence[Plan]) -> Heatmap:
    """The tier of each data set by age; the columns are the ages at which something happens."""
    moved = {float(np.ceil(age)) for plan in chosen for age, _ in plan.moves}
    ended = {plan.kept_days for plan in chosen if np.isfinite(plan.kept_days)}
    ages = sorted(moved | ended)[:MOST_COLUMNS]

    def level(plan: Plan, age: float) -> float:
        if age >= plan.kept_days:
            return float(len(TIERS))
        return float(max(tier for start, tier in plan.moves if np.ceil(start) <= age))

    return Heatmap(
        "storage_by_age",
        "Tier by age of the data",
        tuple(plan.name for plan in chosen),
        tuple(_age(age) for age in ages),
        tuple(tuple(level(plan, age) for age in ages) for plan in chosen),
        "0 premium to 5 deleted",
        "Numbers of tiers: "
        + ", ".join(f"{index} {name}" for index, name in enumerate((*TIERS, "deleted")))
        + ".",
    )


def _age(days: float) -> str:
    """An age in days, or in years where it is a whole number of them."""
    years = days / plans.DAYS_PER_YEAR
    return f"{years:g} y" if years >= 1 and years == round(years) else f"{days:,.0f} d"


def timeline(case: Case, chosen: Sequence[Plan], today: Sequence[Plan]) -> tuple[Bars, Chart]:
    """TB by tier over the plan, and the carbon of keeping them, beside today's way."""
    horizon = case.scenario.timing.horizon_years * plans.DAYS_PER_YEAR
    ends = np.linspace(0.0, horizon, BAR_POINTS)
    standing = _standing(case, chosen, ends) / GB_PER_TB
    shown = [tier for tier in range(len(TIERS)) if standing[:, tier].any()]
    where = Bars(
        "storage_timeline",
        "What lies where over the plan",
        "TB stored, one copy",
        tuple(f"{day / DAYS_PER_MONTH:.0f}" for day in ends),
        tuple(TIERS[tier] for tier in shown),
        tuple(tuple(float(gb) for gb in standing[:, tier]) for tier in shown),
        note="Months from the start. Today's stock is taken to be new then.",
    )
    days = np.linspace(0.0, horizon, CHART_POINTS)
    months = tuple(float(day / DAYS_PER_MONTH) for day in days)
    carbon = Chart(
        "storage_carbon_timeline",
        "Carbon of keeping it, month by month",
        "months from the start",
        "g CO2e a month",
        tuple(
            Line(label, months, tuple(float(v) for v in _carbon(case, some, days)), style="line")
            for label, some in (("today", today), ("proposed", chosen))
        ),
        note="Media and their manufacture, location-based, central values. Tiers are not told apart: their "
        "energy is unpublished.",
    )
    return where, carbon


def _shrink(case: Case, plan: Plan) -> float:
    squeezed = float(prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False))
    return squeezed * plan.unique_share


def _standing(
    case: Case, chosen: Sequence[Plan], days: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    total = np.zeros((len(days), len(TIERS)))
    for plan in chosen:
        total += _of_plan(case, plan, days)
    return total


def _of_plan(
    case: Case, plan: Plan, days: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return storage.standing(plan.body(case), plan.moves, days) * _shrink(case, plan)


def _carbon(
    case: Case, chosen: Sequence[Plan], days: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    total = np.zeros(len(days))
    for plan in chosen:
        book = prices.central_book(case, plan.region, plan.redundancy)
        worth = prices.kwh_worth(case, plan.region).carbon
        per_gb = np.array(
            [
                float(kwh) * worth + float(made)
                for kwh, made in zip(book.media_kwh, book.embodied, strict=True)
            ]
        )
        total += _of_plan(case, plan, days) @ per_gb * G_PER_KG
    return total


def exhibits(case: Case, chosen: Sequence[Plan], today: Sequence[Plan]) -> tuple[Exhibit, ...]:
    """Everything about the lifecycle of a plan."""
    if not chosen:
        return ()
    return (*timeline(case, chosen, today), by_age(chosen), table(case, chosen))


def moves_in_words(plan: Plan) -> str:
    """Its moves in words, such as ``hot, cold from 30 days``."""
    words = [TIERS[plan.moves[0][1]]]
    words += [f"{TIERS[tier]} from {number(np.ceil(age))} days" for age, tier in plan.moves[1:]]
    return ", ".join(words)
