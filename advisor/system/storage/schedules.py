"""Placements: for each data set where it lies at which age, in which form, with how many copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import INDICATORS
from advisor.estimate import storage
from advisor.estimate.storage import ARCHIVE, PREMIUM, TIERS, Body, Rates, Schedule
from advisor.system.case import Case, centrally, remembered
from advisor.system.priorities import CONCERNS
from advisor.system.storage import book as books
from advisor.system.storage.book import (
    CROSSING,
    EARLY,
    ENTERED,
    HELD,
    READ,
    READS,
    REPLICATED,
    SQUEEZED,
    WRITES,
    Amounts,
)
from advisor.system.storage.data_sets import B_PER_MB, DAYS_PER_MONTH, Kept

DAYS_PER_YEAR = 365.0
MONTHS_PER_YEAR = 12.0
PLACES = range(len(TIERS))
Form = tuple[bool, bool]  # compressed, deduplicated
AS_IT_IS: tuple[Form, ...] = ((False, False),)


@dataclass(frozen=True, slots=True)
class Placement:
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
        """What makes two placements of one data set the same."""
        return (self.region, self.redundancy, self.moves, self.kept_days, self.squeeze, self.dedupe)

    @property
    def moved(self) -> bool:
        """Whether it lies in another region than the one that reads it."""
        return self.region != self.base

    @property
    def archived(self) -> bool:
        """Whether any of it ever lies in the archive."""
        return any(tier == ARCHIVE for _, tier in self.moves)

    @property
    def unique_share(self) -> float:
        """Share of the data that is left once duplicates are removed [ratio]."""
        return 1.0 - self.kept.data.duplicate_share if self.dedupe else 1.0

    @property
    def passes(self) -> float:
        """Times a GB of new data goes through a processor: to find duplicates, to compress the rest."""
        return float(self.dedupe) + float(self.squeeze) * self.unique_share

    def shrink(self, case: Case) -> books.Number:
        """Stored size over size before compression [ratio]."""
        return books.shrink(case, self.kept.data.content, self.squeeze)

    def book(self, case: Case) -> books.Book:
        """What its region and redundancy charge."""
        return books.book(case, self.region, self.redundancy)

    def body(self, case: Case) -> Body:
        """Stock and flow over the horizon, before anything is removed."""
        return self.kept.body(case.scenario.timing.horizon_years * DAYS_PER_YEAR, self.kept_days)


@remembered
def minimum(case: Case) -> tuple[float, ...]:
    """The days charged at least in each tier."""
    return tuple(case.central(f"storage_tiers.{tier}.minimum", "day") for tier in TIERS)


@remembered
def padding(case: Case, object_mb: float) -> tuple[float, ...]:
    """What each tier bills of small objects beyond their size, over their size [ratio]."""
    real = object_mb * B_PER_MB
    least = (case.central(f"storage_tiers.{tier}.least_object", "B") for tier in TIERS)
    return tuple(max(one / real - 1.0, 0.0) for one in least)


def _padded(case: Case, placed: Placement) -> tuple[float, ...]:
    """The same of a placement: compressing makes objects smaller, not fewer."""
    return padding(case, placed.kept.data.object_mb * central(placed.shrink(case)))


@remembered
def amounts(case: Case, placed: Placement) -> tuple[Amounts, Amounts]:
    """What a placement uses once, at the start, and a month, as a mean over the horizon."""
    body, data = placed.body(case), placed.kept.data
    used = storage.use(body, placed.moves, minimum(case))
    months = body.horizon / DAYS_PER_MONTH
    share, per_gb = placed.unique_share, float(storage.objects_per_gb(data.object_mb))
    arriving = body.arrivals * body.horizon
    reading = float(used.read.sum()) * share
    monthly = Amounts.none()
    monthly.squeezable[HELD] = used.hold * share / DAYS_PER_MONTH
    padded = np.array(_padded(case, placed))
    billed = used.early * (1.0 + padded) + used.hold * padded
    monthly.squeezable[EARLY] = billed * share / DAYS_PER_MONTH
    monthly.squeezable[READ] = used.read * share
    monthly.squeezable[ENTERED] = used.enter * share
    monthly.squeezable[REPLICATED] = arriving * share * books.survives_region(case, placed.redundancy)
    monthly.squeezable[CROSSING] = reading * placed.moved
    monthly.plain[WRITES] = used.enter * share * per_gb
    monthly.plain[READS] = used.read * share * per_gb
    monthly.plain[SQUEEZED] = arriving * placed.passes + placed.squeeze * reading
    return _start(case, placed, used.place), Amounts(monthly.squeezable / months, monthly.plain / months)


def _start(case: Case, placed: Placement, put_by_tier: Array) -> Amounts:
    """Bringing the stock of today into its tiers, form and place: read as it is, then changed."""
    data, share, found = placed.kept.data, placed.unique_share, Amounts.none()
    per_gb = float(storage.objects_per_gb(data.object_mb))
    now, stock = TIERS.index(data.tier), float(put_by_tier.sum())
    for tier in np.flatnonzero(put_by_tier):
        gb = float(put_by_tier[tier])
        out, put = _copied(placed, now, int(tier))
        if out:
            found.plain[READ][now] += gb
            found.plain[READS][now] += gb * per_gb
        if put:
            found.squeezable[ENTERED][tier] += gb * share
            found.plain[WRITES][tier] += gb * share * per_gb
    found.squeezable[REPLICATED] = stock * share * _seeded(case, placed)
    found.squeezable[CROSSING] = stock * share * placed.moved
    found.plain[SQUEEZED] = stock * placed.passes
    return found


def _seeded(case: Case, placed: Placement) -> bool:
    """Whether the stock must be sent to a second region at the start because it is not there yet."""
    there = books.survives_region(case, placed.kept.data.redundancy) and not placed.moved
    return books.survives_region(case, placed.redundancy) and not there


def _copied(placed: Placement, now: int, first: int) -> tuple[bool, bool]:
    """Whether the stock must be read out of its tier, and written into the first one.

    A move to a cooler tier is an operation on the object where it lies; everything else, and
    a change of form, place or kind of account, is a copy.
    """
    rewritten = placed.squeeze or placed.dedupe or placed.moved
    warmer = first < now or PREMIUM in (first, now)
    return rewritten or (first != now and warmer), rewritten or first != now


def rates(case: Case, placed: Placement, worth: list[float]) -> tuple[Rates, float]:
    """What the tiers charge a GB of the data, and what is charged whichever is chosen.

    ``worth``: what a unit of each use is worth there, of ``Book.worth``, a list since few numbers are
    quicker one by one. ``placed.moves`` does not matter.
    """
    held, early, read, entered, writes, reads = (
        worth[uses] for uses in (HELD, EARLY, READ, ENTERED, WRITES, READS)
    )
    replicated, crossing, squeezed = worth[REPLICATED], worth[CROSSING], worth[SQUEEZED]
    data, body, share = placed.kept.data, placed.body(case), placed.unique_share
    per_gb = float(storage.objects_per_gb(data.object_mb))
    stored = share * central(placed.shrink(case))
    always = placed.squeeze * squeezed * share + placed.moved * crossing * stored
    reading = [read[t] * stored + reads[t] * per_gb * share + always for t in PLACES]
    enter = [entered[t] * stored + writes[t] * per_gb * share for t in PLACES]
    now = TIERS.index(data.tier)
    # read as it is today: nothing removed, nothing compressed yet
    taken_out = read[now] + reads[now] * per_gb
    copied = [_copied(placed, now, tier) for tier in PLACES]
    padded = _padded(case, placed)
    arriving, stock = body.arrivals * body.horizon, storage.stock_below(body, body.end)
    second = books.survives_region(case, placed.redundancy)
    constant = (
        squeezed * placed.passes * (arriving + stock)
        + replicated * stored * (arriving * second + stock * _seeded(case, placed))
        + crossing * stored * stock * placed.moved
    )
    return (
        Rates(
            hold=tuple((held[t] + early[t] * padded[t]) * stored / DAYS_PER_MONTH for t in PLACES),
            early=tuple(early[t] * (1.0 + padded[t]) * stored / DAYS_PER_MONTH for t in PLACES),
            read=tuple(reading),
            enter=tuple(enter),
            place=tuple(enter[tier] * put + taken_out * out for tier, (out, put) in enumerate(copied)),
            minimum=minimum(case),
            offered=tuple(
                able and books.sold(case, placed.region, tier)
                for able, tier in zip(placed.kept.offered(case, placed.redundancy), TIERS, strict=True)
            ),
        ),
        constant,
    )


def best(
    case: Case,
    start: Placement,
    objective: tuple[float, ...],
    forms: tuple[Form, ...],
    regions: tuple[str, ...],
) -> Placement:
    """The placement of least value among the given forms and regions; see ``valued``."""
    return min((valued(case, start, objective, forms, region) for region in regions), key=_value)[1]


@centrally
def valued(
    case: Case, start: Placement, objective: tuple[float, ...], forms: tuple[Form, ...], region: str
) -> tuple[float, Placement]:
    """The least value in one region among the given forms, and the placement that has it.

    ``objective``: what a unit of each of ``CONCERNS`` is worth. Each schedule is solved
    exactly; of equals, the first.
    """
    weight = books.weights(dict(zip(CONCERNS, objective, strict=True)))
    worth = books.book(case, region, start.redundancy).worth(weight).tolist()
    found: list[tuple[float, Placement]] = []
    for squeeze, dedupe in forms:
        placed = replace(start, region=region, squeeze=squeeze, dedupe=dedupe)
        charged, constant = rates(case, placed, worth)
        body = placed.body(case)
        moves = storage.solve(body, charged)
        value = storage.value(storage.use(body, moves, charged.minimum), charged) + constant
        found.append((value, replace(placed, moves=moves)))
    return min(found, key=_value)


def _value(found: tuple[float, Placement]) -> float:
    return found[0]


def forms(case: Case, kept: Kept) -> tuple[Form, ...]:
    """The forms that are open to a data set, as it is first.

    What is read at any moment (an index, a cache) stays as its store keeps it.
    """
    data = kept.data
    worthwhile = bool(case.catalogue.row("storage_content", data.content)["worthwhile"])
    squeeze = (False, True) if worthwhile and not kept.online and not data.compressed else (False,)
    dedupe = (False, True) if not kept.online and data.duplicate_share > 0 else (False,)
    return tuple(product(squeeze, dedupe))


def yearly(case: Case, placed: Placement) -> Array:
    """What a placement uses in a mean year, the start spread over the horizon, central, shape (USES,)."""
    once, monthly = amounts(case, placed)
    shrink = placed.shrink(case)
    per_start = 1.0 / case.scenario.timing.horizon_years
    return once.central(shrink) * per_start + monthly.central(shrink) * MONTHS_PER_YEAR


def by_use(case: Case, placements: Sequence[Placement]) -> Array:
    """What each use takes in a mean year, central, shape (USES, indicators)."""
    found = np.zeros((books.USES, len(INDICATORS)))
    for placed in placements:
        found += yearly(case, placed)[:, None] * placed.book(case).values[:, :, 0]
    return found


def totals(case: Case, placements: Sequence[Placement]) -> dict[str, float]:
    """Central yearly totals by concern, the start spread over the horizon."""
    taken = np.zeros(len(CONCERNS))
    for placed in placements:
        taken += yearly(case, placed) @ placed.book(case).concerns()
    return dict(zip(CONCERNS, taken.tolist(), strict=True))


def mean_gb(case: Case, placed: Placement) -> Array:
    """Mean stored over the horizon by tier [GB], one copy, at central compression."""
    _, monthly = amounts(case, placed)
    return monthly.central(placed.shrink(case))[HELD]


def on_media_gb(case: Case, placements: Sequence[Placement]) -> float:
    """Mean on media with all copies [GB], central."""
    return sum(
        float(mean_gb(case, placed).sum()) * central(placed.book(case).copies) for placed in placements
    )
