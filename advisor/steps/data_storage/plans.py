"""Plans: for each data set where it lies at which age, in which form, with how many copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint, total
from advisor.estimate import storage
from advisor.estimate.storage import ARCHIVE, HOT, PREMIUM, TIERS, Body, Rates, Schedule
from advisor.steps.data_storage import prices
from advisor.steps.data_storage.bodies import DAYS_PER_MONTH, Kept
from advisor.steps.data_storage.prices import Amounts, Book
from advisor.system.case import Case

DAYS_PER_YEAR = 365.0
CONCERNS = ("carbon", "cost", "water", "energy", "ewaste")


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to one data set. ``moves`` are (age [day], tier); the first is at age 0.

    ``squeeze``: compressed; ``dedupe``: duplicates removed; ``base``: where it is read.
    """

    kept: Kept
    region: str
    redundancy: str
    moves: Schedule
    kept_days: float
    squeeze: bool
    dedupe: bool
    base: str

    @property
    def name(self) -> str:
        """The name of the data set."""
        return self.kept.name

    @property
    def same(self) -> tuple[object, ...]:
        """What makes two plans of one data set the same."""
        return (self.region, self.redundancy, self.moves, self.kept_days, self.squeeze, self.dedupe)

    @property
    def moved(self) -> bool:
        """Whether it lies in another region than the one that reads it."""
        return self.region != self.base

    @property
    def unique_share(self) -> float:
        """Share of the data that is left once duplicates are removed [ratio]."""
        return 1.0 - self.kept.data.duplicate_share if self.dedupe else 1.0

    def body(self, case: Case) -> Body:
        """Stock and flow over the horizon, before anything is removed."""
        return self.kept.body(case.scenario.timing.horizon_years * DAYS_PER_YEAR, self.kept_days)


@dataclass(frozen=True, slots=True)
class Objective:
    """What one unit of each indicator is worth: kg, USD, L, kWh, kg."""

    carbon: float = 0.0
    cost: float = 0.0
    water: float = 0.0
    energy: float = 0.0
    ewaste: float = 0.0


# where carbon is equal, the cheaper plan: a millionth of a gram for a dollar decides only ties
TIE = 1e-9
LEAST_CARBON = Objective(carbon=1.0, cost=TIE)
LEAST_COST = Objective(cost=1.0)


def _survives_region(case: Case, redundancy: str) -> bool:
    return bool(case.catalogue.row("storage_redundancy", redundancy)["survives_region"])


def _minimum(case: Case) -> tuple[float, ...]:
    return case.remember(
        "storage minimum",
        lambda: tuple(case.central(f"storage_tiers.{tier}.minimum", "day") for tier in TIERS),
    )


def amounts(case: Case, plan: Plan) -> tuple[Amounts, Amounts]:
    """What a plan uses once, at the start, and a month, as a mean over the horizon."""
    return case.remember(("storage amounts", plan.name, *plan.same), lambda: _amounts(case, plan))


def _amounts(case: Case, plan: Plan) -> tuple[Amounts, Amounts]:
    body, data = plan.body(case), plan.kept.data
    used = storage.use(body, plan.moves, _minimum(case))
    months = body.horizon / DAYS_PER_MONTH
    share, per_gb = plan.unique_share, float(storage.objects_per_gb(data.object_mb))
    arriving = body.arrivals * body.horizon
    second = _survives_region(case, plan.redundancy)
    passes = float(plan.squeeze) * share + float(plan.dedupe)
    reading = used.read * share
    monthly = Amounts(
        held=used.hold * share / DAYS_PER_MONTH / months,
        early=used.early * share / DAYS_PER_MONTH / months,
        read=reading / months,
        entered=used.enter * share / months,
        writes=used.enter * share * per_gb / months,
        reads=reading * per_gb / months,
        replicated=arriving * share * second / months,
        crossing=float(reading.sum()) * plan.moved / months,
        squeezed=(arriving * passes + float(plan.squeeze) * float(reading.sum())) / months,
    )
    return _placing(case, plan, body, passes, per_gb), monthly


def _placing(case: Case, plan: Plan, body: Body, passes: float, per_gb: float) -> Amounts:
    """Bringing the stock of today into the plan's first tier, form and place."""
    data, share, once = plan.kept.data, plan.unique_share, Amounts.none()
    now, first = TIERS.index(data.tier), plan.moves[0][1]
    out, put = _placed(plan, now, first)
    if out:
        once.read[now] = body.stock
        once.reads[now] = body.stock * per_gb
    if put:
        once.entered[first] = body.stock * share
        once.writes[first] = body.stock * share * per_gb
    return replace(
        once, replicated=_seeded(case, plan), crossing=body.stock * plan.moved, squeezed=body.stock * passes
    )


def _seeded(case: Case, plan: Plan) -> float:
    """Stock sent to a second region at the start because it is not there yet [GB]."""
    second = _survives_region(case, plan.redundancy)
    there = _survives_region(case, plan.kept.data.redundancy) and not plan.moved
    return plan.kept.data.size_gb * plan.unique_share * (second and not there)


def _placed(plan: Plan, now: int, first: int) -> tuple[bool, bool]:
    """Whether the stock must be read out of its tier, and written into the first one.

    A move to a cooler tier is an operation on the object where it lies; everything else, and
    a change of form, place or kind of account, is a copy.
    """
    rewritten = plan.squeeze or plan.dedupe or plan.moved
    warmer = first < now or PREMIUM in (first, now)
    return rewritten or (first != now and warmer), rewritten or first != now


def rates(case: Case, plan: Plan, objective: Objective) -> tuple[Rates, float]:
    """What the tiers charge a GB of the plan's data in the objective's unit, and what they
    charge whichever is chosen. ``plan.moves`` does not matter.
    """
    book = prices.central_book(case, plan.region, plan.redundancy)
    worth = prices.kwh_worth(case, plan.region)
    kwh = objective.carbon * worth.carbon + objective.energy * worth.energy + objective.water * worth.water
    usd, data, body = objective.cost, plan.kept.data, plan.body(case)
    share, per_gb = plan.unique_share, float(storage.objects_per_gb(data.object_mb)) * plan.unique_share
    stored = share * float(prices.shrink(case, data.content, plan.squeeze, drawn=False))
    capacity = [usd * float(price) * stored / DAYS_PER_MONTH for price in book.capacity]
    hardware = [
        (kwh * float(power) + objective.carbon * float(made) + objective.ewaste * float(waste)) * stored
        for power, made, waste in zip(book.media_kwh, book.embodied, book.waste, strict=True)
    ]
    moving = kwh * float(book.io) * stored
    squeezing = usd * float(book.squeeze_usd) + kwh * float(book.squeeze)
    sending = usd * float(book.transfer) + kwh / _pue(case, plan.region) * float(book.network)
    crossing = sending * stored * plan.moved
    write = [usd * float(price) * per_gb for price in book.write]
    reading = [
        usd * (float(book.retrieval[tier]) * stored + float(book.read[tier]) * per_gb)
        + moving + plan.squeeze * squeezing * share + crossing
        for tier in range(len(TIERS))
    ]  # fmt: skip
    reading[ARCHIVE] += write[HOT]
    enter = [price + moving for price in write]
    place = [_place(plan, book, tier, usd, kwh, enter[tier], stored) for tier in range(len(TIERS))]
    second = _survives_region(case, plan.redundancy)
    passes = float(plan.squeeze) * share + float(plan.dedupe)
    arriving = body.arrivals * body.horizon
    constant = (
        squeezing * passes * (arriving + body.stock)
        + sending * stored * (arriving * second)
        + sending * stored / share * (_seeded(case, plan) + body.stock * plan.moved)
    )
    return (
        Rates(
            hold=tuple(c + h / DAYS_PER_MONTH for c, h in zip(capacity, hardware, strict=True)),
            early=tuple(capacity),
            read=tuple(reading),
            enter=tuple(enter),
            place=tuple(place),
            minimum=_minimum(case),
            offered=plan.kept.offered(case, plan.redundancy),
        ),
        float(constant),
    )


def _pue(case: Case, region: str) -> float:
    return prices.kwh_worth(case, region).energy


def _place(plan: Plan, book: Book, tier: int, usd: float, kwh: float, enter: float, stored: float) -> float:
    """Value of putting a GB of today's stock into a tier."""
    now = TIERS.index(plan.kept.data.tier)
    out, put = _placed(plan, now, tier)
    value = enter if put else 0.0
    if out:
        # read as it is today: nothing removed, nothing compressed yet
        per_gb = float(storage.objects_per_gb(plan.kept.data.object_mb))
        factor = stored / plan.unique_share  # compression is applied to every flow alike
        value += usd * (float(book.retrieval[now]) * factor + float(book.read[now]) * per_gb)
        value += kwh * float(book.io) * factor
        if now == ARCHIVE:
            value += usd * float(book.write[HOT]) * per_gb
    return value


def best(
    case: Case,
    start: Plan,
    objective: Objective,
    forms: Sequence[tuple[bool, bool]],
    regions: Sequence[str] = (),
) -> Plan:
    """The plan of least value among the given forms (compressed, deduplicated) and regions.

    Each schedule is solved exactly. Without regions, the plan's own; of equals, the first.
    """
    found: list[tuple[float, Plan]] = []
    for region, (squeeze, dedupe) in product(regions or (start.region,), forms):
        plan = replace(start, region=region, squeeze=squeeze, dedupe=dedupe)
        charged, constant = rates(case, plan, objective)
        body = plan.body(case)
        moves = storage.solve(body, charged)
        worth = storage.value(storage.use(body, moves, charged.minimum), charged) + constant
        found.append((worth, replace(plan, moves=moves)))
    return min(found, key=lambda pair: pair[0])[1]


def forms(case: Case, kept: Kept) -> list[tuple[bool, bool]]:
    """The forms that are open to a data set, as it is first.

    What is read at any moment (an index, a cache) stays as its store keeps it.
    """
    data = kept.data
    online = bool(case.catalogue.row("storage_roles", data.role)["online"])
    worthwhile = bool(case.catalogue.row("storage_content", data.content)["worthwhile"])
    squeeze = (False, True) if worthwhile and not online and not data.compressed else (False,)
    dedupe = (False, True) if not online and data.duplicate_share > 0 else (False,)
    return list(product(squeeze, dedupe))


def footprints(case: Case, plans: Sequence[Plan]) -> tuple[Footprint, Footprint]:
    """The footprint of plans, once and a month, as draws; sums over like plans come first."""
    grouped: dict[tuple[str, str, str], list[Amounts]] = {}
    for plan in plans:
        key = (plan.region, plan.redundancy, plan.kept.data.content if plan.squeeze else "")
        once, monthly = amounts(case, plan)
        held = grouped.setdefault(key, [Amounts.none(), Amounts.none()])
        held[0], held[1] = held[0] + once, held[1] + monthly
    found: list[list[Footprint]] = [[], []]
    for (region, redundancy, content), pair in grouped.items():
        shrink = prices.shrink(case, content, bool(content), drawn=True)
        for part, used in zip(found, pair, strict=True):
            part.append(prices.footprint(case, region, redundancy, used, shrink))
    return total(found[0], case.size), total(found[1], case.size)


def totals(case: Case, plans: Sequence[Plan]) -> dict[str, float]:
    """Central yearly totals by concern, the start spread over the horizon."""
    found = dict.fromkeys(CONCERNS, 0.0)
    years = case.scenario.timing.horizon_years
    for plan in plans:
        for used, times in zip(amounts(case, plan), (1.0 / years, 12.0), strict=True):
            for concern, value in central(case, plan, used).items():
                found[concern] += value * times
    return found


def central(case: Case, plan: Plan, used: Amounts) -> dict[str, float]:
    """Central indicators of what is used, by concern."""
    book = prices.central_book(case, plan.region, plan.redundancy)
    worth = prices.kwh_worth(case, plan.region)
    shrink = float(prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False))
    energy = {name: float(value) for name, value in prices.energies(book, used, shrink).items()}
    network = energy.pop("network")
    it = sum(energy.values()) + network / worth.energy
    made = float(np.dot(used.held, np.array(book.embodied, dtype=float))) * shrink
    waste = float(np.dot(used.held, np.array(book.waste, dtype=float))) * shrink
    return {
        "carbon": it * worth.carbon + made,
        "cost": float(sum(float(value) for value in prices.costs(book, used, shrink).values())),
        "water": it * worth.water,
        "energy": it * worth.energy,
        "ewaste": waste,
    }


def by_priorities(case: Case, reference: dict[str, float]) -> Objective:
    """The scenario's priorities as worths: each weighs relative to a reference plan's total.

    This is the gradient, at the reference, of the weighted sum of logarithms by which
    options are compared.
    """
    weights = case.scenario.priorities.model_dump()
    worth = {
        concern: weights[concern] / reference[concern] if reference[concern] > 0 else 0.0
        for concern in CONCERNS
    }
    # a trace of cost keeps every charge positive, and decides between equals
    worth["cost"] = max(worth["cost"], TIE * max(worth.values()), TIE * TIE)
    return Objective(**worth)


def mean_gb(case: Case, plan: Plan) -> Array:
    """Mean stored over the horizon by tier [GB], one copy, at central compression."""
    shrink = float(prices.shrink(case, plan.kept.data.content, plan.squeeze, drawn=False))
    return amounts(case, plan)[1].held * shrink
