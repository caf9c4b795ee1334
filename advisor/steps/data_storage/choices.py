"""The options of the step: ways to plan all data sets together, and the gates they face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from advisor.core.footprint import Footprint, Parts
from advisor.core.wording import amount
from advisor.estimate.storage import ARCHIVE, HOT, TIERS
from advisor.steps.data_storage import intake, plans, prices
from advisor.steps.data_storage.bodies import (
    DAYS_PER_MONTH,
    Kept,
    Prior,
    cleanest,
    data_sets,
    home,
    last_read,
    lawful_regions,
    near,
    stated_days,
)
from advisor.steps.data_storage.plans import LEAST_CARBON, LEAST_COST, Objective, Plan
from advisor.system.case import Case
from advisor.system.option import Gate, Option
from advisor.system.regions import resides

STEP = "data_storage"
AS_IT_IS = [(False, False)]
MUCH_MORE = 1.5  # times what arrives within the retention: then today's stock looks like a rolling one
SETTLED_DAYS = 30.0  # a month, where nothing says when reading stops

TITLES = {
    "today": "As it is today",
    "balanced": "By age, by your priorities",
    "least_cost": "By age, least cost",
    "least_carbon": "Least carbon",
    "lifecycle": "By age, bytes as they are",
    "cleanest_region": "By age, in the cleanest allowed region",
    "all_hot": "All hot, copies as needed",
    "archive": "Archived once reading stops",
    "shortest_retention": "By age, kept no longer than needed",
}


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Everything the step works out: data sets, plans by option, options."""

    kept: tuple[Kept, ...]
    assumed: bool
    base: str
    plans: dict[str, tuple[Plan, ...]]
    options: tuple[Option, ...]


def study(case: Case, prior: Prior) -> Study:
    """The study of a case, once for each way the earlier steps were decided."""
    earlier = ("foundation_model", "improvement", "deployment")
    settings = [prior[name].settings for name in earlier if name in prior]
    told = [
        str(chosen.get(name))
        for chosen in settings
        for name in ("model", "tuned", "mode", "region", "vectors", "dimensions")
    ]
    return case.remember(("storage study", *told), lambda: _study(case, prior))


def _study(case: Case, prior: Prior) -> Study:
    kept, assumed = data_sets(case, prior)
    base = home(case, prior)
    planned = _distinct(_plans(case, kept, base))
    intake_monthly = intake.footprint(case, kept, base)
    quality = np.ones(case.size)
    options = tuple(
        _option(case, key, chosen, kept, quality, intake_monthly, assumed) for key, chosen in planned.items()
    )
    return Study(tuple(kept), assumed, base, planned, options)


def _plans(case: Case, kept: Sequence[Kept], base: str) -> dict[str, tuple[Plan, ...]]:
    usable = [one for one in kept if one.licensed]

    def each(make: Callable[[Kept], Plan]) -> tuple[Plan, ...]:
        return tuple(make(one) for one in usable)

    def start(one: Kept) -> Plan:
        region = one.region or base
        return Plan(one, region, one.redundancy, ((0.0, HOT),), one.kept_days, False, False, base)

    def away(one: Kept) -> str:
        here = one.region or base
        key = ("storage away", here, one.data.residency)
        nearby = case.remember(key, lambda: cleanest(case, near(case, here, lawful_regions(case, one.data))))
        return nearby or here

    def solved(one: Kept, objective: Objective) -> Plan:
        here = plans.best(case, start(one), objective, plans.forms(case, one))
        if away(one) == here.region:
            return here
        return plans.best(case, here, objective, [(here.squeeze, here.dedupe)], (here.region, away(one)))

    def in_place(one: Kept) -> Plan:
        return plans.best(case, start(one), LEAST_COST, plans.forms(case, one))

    cheapest = each(in_place)
    # the weighted product is searched along its gradient: once from the cheapest plan, once from there
    objective = plans.by_priorities(case, plans.totals(case, cheapest))
    first = each(lambda one: solved(one, objective))
    if [plan.same for plan in first] != [plan.same for plan in cheapest]:
        objective = plans.by_priorities(case, plans.totals(case, first))
        first = each(lambda one: solved(one, objective))

    def moved(plan: Plan) -> Plan:
        there, form = replace(plan, region=away(plan.kept)), [(plan.squeeze, plan.dedupe)]
        return plan if there.region == plan.region else plans.best(case, there, objective, form)

    def shortened(plan: Plan) -> Plan:
        needed = max(plan.kept.data.legal_min_days or 0.0, last_read(plan.kept))
        if needed >= plan.kept_days:
            return plan
        form = [(plan.squeeze, plan.dedupe)]
        return plans.best(case, replace(plan, kept_days=max(needed, 1.0)), objective, form)

    return {
        "today": tuple(_today(case, one, base) for one in kept),
        "balanced": first,
        "least_cost": cheapest,
        "least_carbon": each(lambda one: solved(one, LEAST_CARBON)),
        "lifecycle": each(lambda one: plans.best(case, start(one), LEAST_COST, AS_IT_IS)),
        "cleanest_region": tuple(moved(plan) for plan in first),
        "all_hot": each(start),
        "archive": each(lambda one: _archived(start(one))),
        "shortest_retention": tuple(shortened(plan) for plan in first),
    }


def _today(case: Case, one: Kept, base: str) -> Plan:
    data, stated = one.data, stated_days(case, one.data)
    return Plan(one, base, data.redundancy, ((0.0, TIERS.index(data.tier)),), stated, False, False, base)


def _archived(plan: Plan) -> Plan:
    age = last_read(plan.kept)
    age = age if np.isfinite(age) else SETTLED_DAYS
    return replace(plan, moves=((0.0, HOT), (age, ARCHIVE)) if age else ((0.0, ARCHIVE),))


def _distinct(found: dict[str, tuple[Plan, ...]]) -> dict[str, tuple[Plan, ...]]:
    """Today's plan, and the others that differ; of equals the first stays."""
    kept: dict[str, tuple[Plan, ...]] = {}
    seen: set[tuple[object, ...]] = set()
    for key, chosen in found.items():
        same = tuple(plan.same for plan in chosen)
        if key == "today" or same not in seen:
            kept[key] = chosen
        if key != "today":
            seen.add(same)
    return kept


def _option(
    case: Case,
    key: str,
    chosen: tuple[Plan, ...],
    kept: Sequence[Kept],
    quality: np.ndarray[Any, np.dtype[np.float64]],
    intake_monthly: Footprint,
    assumed: bool,
) -> Option:
    once, monthly = plans.footprints(case, chosen)
    zero = Parts.zero(case.size)
    return Option(
        step=STEP,
        key=key,
        title=TITLES[key],
        parts=Parts(once, monthly + intake_monthly, zero.per_request),
        carried=zero,
        quality=quality,
        settings={"data_sets": [described(plan) for plan in chosen]},
        gates=_gates(case, key, chosen),
        notes=_notes(case, chosen),
        warnings=_warnings(case, chosen, kept, assumed),
    )


def described(plan: Plan) -> dict[str, Any]:
    """A plan as plain data."""
    return {
        "name": plan.name,
        "region": plan.region,
        "redundancy": plan.redundancy,
        "moves": [[age, TIERS[tier]] for age, tier in plan.moves],
        "deleted_after_days": plan.kept_days if np.isfinite(plan.kept_days) else None,
        "compressed": plan.squeeze or plan.kept.data.compressed,
        "deduplicated": plan.dedupe,
    }


def _days(days: float) -> str:
    return f"{days:,.0f} days" if np.isfinite(days) else "without end"


def _gate(rule: str, failing: Sequence[tuple[str, str]], expected: str, remedy: str) -> Gate:
    """A gate over all data sets; ``failing`` holds (data set, what was found)."""
    names = "; ".join(f"{name}: {found}" for name, found in failing)
    return Gate(rule, not failing, expected, names or "every data set", remedy)


def _gates(case: Case, key: str, chosen: Sequence[Plan]) -> tuple[Gate, ...]:
    wait, lag = case.central("storage.rehydration", "h"), case.central("storage.geo_rpo", "h")
    residency = case.scenario.constraints.residency
    archived = [plan for plan in chosen if any(tier == ARCHIVE for _, tier in plan.moves)]
    geo = [
        plan for plan in chosen if case.scenario.operations.survive_region_loss and not plan.kept.rebuildable
    ]

    def offers(plan: Plan) -> bool:
        return all(f"storage_redundancy.{plan.redundancy}.{TIERS[tier]}" in case for _, tier in plan.moves)

    def online(plan: Plan) -> bool:
        return bool(case.catalogue.row("storage_roles", plan.kept.data.role)["online"])

    def allowed(plan: Plan) -> bool:
        row = case.catalogue.row("regions", plan.region)
        listed = case.scenario.constraints.regions_allowed
        return resides(row, plan.kept.data.residency or residency) and (not listed or plan.region in listed)

    def lawful(plan: Plan) -> bool:
        data = plan.kept.data
        return (data.legal_min_days or 0.0) <= plan.kept_days <= (data.legal_max_days or float("inf"))

    return (
        _gate(
            "recovery_time",
            [
                (plan.name, f"{plan.kept.data.rto_hours:g} h")
                for plan in archived
                if plan.kept.data.rto_hours < wait
            ],
            f"archived data allows the {wait:g} h that rehydration may take",
            "keep it in an online tier, or allow a longer recovery time",
        ),
        _gate(
            "online_reads",
            [(plan.name, "archived") for plan in archived if online(plan)],
            "what is read at any moment lies online",
            "keep it in an online tier",
        ),
        _gate(
            "archive_redundancy",
            [
                (plan.name, f"{'archive' if plan in archived else 'premium'} with {plan.redundancy}")
                for plan in chosen
                if not offers(plan)
            ],
            "a tier that is offered with the redundancy (archive: LRS, GRS, RA-GRS)",
            "use LRS or GRS for this data set, or a warmer tier",
        ),
        _gate(
            "retention_law",
            [(plan.name, _days(plan.kept_days)) for plan in chosen if not lawful(plan)],
            "kept within the legal minimum and maximum",
            "change the retention to the lawful time",
        ),
        _gate(
            "residency",
            [(plan.name, plan.region) for plan in chosen if not allowed(plan)],
            f"stored where residency allows ({residency})",
            "choose another region, or widen the residency",
        ),
        _gate(
            "region_loss",
            [(plan.name, plan.redundancy) for plan in geo if not _second(case, plan.redundancy)],
            "survives the loss of a region",
            "use GRS or GZRS, or drop the requirement",
        ),
        _gate(
            "recovery_point",
            [
                (plan.name, f"{plan.kept.data.rpo_hours:g} h")
                for plan in geo
                if plan.kept.data.rpo_hours < lag
            ],
            f"allows the {lag:g} h that replication may lag",
            f"accept {lag:g} h, or write to two regions from the application",
        ),
        _gate(
            "licence",
            [(plan.name, str(plan.kept.data.public_licence)) for plan in chosen if not plan.kept.licensed],
            "public data under a licence known to allow this use",
            "read the licence and record it, or leave the data set out",
        ),
        _gate(
            "retention_agreed",
            [
                (plan.name, _days(plan.kept_days))
                for plan in chosen
                if key == "shortest_retention" and plan.kept_days < plan.kept.kept_days
            ],
            "kept as long as the scenario says",
            "agree the shorter retention with the data's owner and enter it",
        ),
    )


def _notes(case: Case, chosen: Sequence[Plan]) -> tuple[str, ...]:
    stored = [float(plans.mean_gb(case, plan).sum()) for plan in chosen]
    copies = [case.central(f"storage_redundancy.{plan.redundancy}.copies", "item") for plan in chosen]
    media = sum(gb * count for gb, count in zip(stored, copies, strict=True))
    return (f"{amount(sum(stored), 'GB')} stored on average, {amount(media, 'GB')} on media with all copies",)


def _second(case: Case, redundancy: str) -> bool:
    return bool(case.catalogue.row("storage_redundancy", redundancy)["survives_region"])


def _shrinking(one: Kept, horizon: float) -> str:
    """A warning where more lies there today than arrives within its retention; else empty."""
    data = one.data
    months = one.kept_days / DAYS_PER_MONTH
    if one.kept_days >= horizon or data.size_gb <= MUCH_MORE * data.growth_gb_per_month * months:
        return ""
    return (
        f"{one.name}: {amount(data.size_gb, 'GB')} become "
        f"{amount(data.growth_gb_per_month * months, 'GB')} after {_days(one.kept_days)}, since no more "
        f"arrives. If it is renewed, enter what arrives, about {amount(data.size_gb / months, 'GB')} a month."
    )


def _warnings(case: Case, chosen: Sequence[Plan], kept: Sequence[Kept], assumed: bool) -> tuple[str, ...]:
    found: list[str] = []
    if assumed:
        found.append("The scenario lists no data sets: these are assumed from the workload. List your own.")
    for region in sorted({plan.region for plan in chosen}):
        stand_in = prices.proxy(case, region)
        if stand_in:
            found.append(
                f"No storage prices of {region} are in the list: {stand_in}'s stand in. Check yours."
            )
    lost = [
        plan.name
        for plan in chosen
        if _second(case, plan.kept.data.redundancy) and not _second(case, plan.redundancy)
    ]
    if lost:
        found.append(
            f"Gives up the second region of {', '.join(lost)}: nothing in the scenario asks for it "
            "(Must survive the loss of a region)."
        )
    pairs = sorted({plan.region for plan in chosen if _second(case, plan.redundancy)})
    wanted = sorted(
        {plan.kept.data.residency or case.scenario.constraints.residency for plan in chosen} - {"any"}
    )
    if pairs and wanted:
        found.append(
            f"Azure picks the second region of {', '.join(pairs)}: check that it meets the residency "
            f"{', '.join(wanted)}. Its grid is taken to be the first region's."
        )
    horizon = case.scenario.timing.horizon_years * plans.DAYS_PER_YEAR
    found += [shrinking for one in kept if (shrinking := _shrinking(one, horizon))]
    left = [one.name for one in kept if not one.licensed]
    if left and not any(plan.name in left for plan in chosen):
        found.append(f"Left out until a licence is recorded: {', '.join(left)}.")
    slower = [
        plan.name
        for plan in chosen
        if plan.kept.data.tier == "premium" and plan.moves[0][1] != TIERS.index("premium")
    ]
    if slower:
        found.append(f"Leaves premium storage: {', '.join(slower)} will answer more slowly. Test it.")
    return tuple(found)
