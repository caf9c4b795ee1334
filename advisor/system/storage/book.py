"""What each use of storage takes in a region with a redundancy: one table that everything reads.

Whether a schedule is chosen, charged or shown, its figures come from here, so the plan that is
found to be best is best by what it is charged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import INDEX, INDICATORS, Footprint
from advisor.estimate.storage import ARCHIVE, HOT, TIERS
from advisor.system.case import Case, remembered
from advisor.system.footprints import electricity, outside, server_work
from advisor.system.places import place
from advisor.system.premises import ground, kept_in, over_listed
from advisor.system.priorities import CONCERNS, PARTS
from advisor.system.regions import distance_km, lawful, near

Number = float | Array
# what is used tier by tier: GB-months held, GB-months charged though nothing lies there (after leaving early,
# or up to the least size of an object), GB read, GB entered, write and read operations; and in all: GB sent
# for a second copy, GB read from elsewhere, GB squeezed
HELD, EARLY, READ, ENTERED, WRITES, READS = (
    slice(len(TIERS) * row, len(TIERS) * (row + 1)) for row in range(6)
)
REPLICATED, CROSSING, SQUEEZED = range(READS.stop, READS.stop + 3)
USES = SQUEEZED + 1
ON_DISK = ("premium", "hot")  # tiers that a room of one's own has, too
SENT = slice(REPLICATED, CROSSING + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """How much is used, shape (USES,).

    ``squeezable`` shrinks where data is compressed; ``plain`` does not: operations, bytes before
    they are compressed.
    """

    squeezable: Array
    plain: Array

    @classmethod
    def none(cls) -> Amounts:
        """Nothing used."""
        return cls(np.zeros(USES), np.zeros(USES))

    @property
    def any(self) -> bool:
        """Whether anything is used."""
        return bool(self.squeezable.any() or self.plain.any())

    def only(self, uses: slice) -> Amounts:
        """The same without all other uses."""
        found = Amounts.none()
        found.squeezable[uses], found.plain[uses] = self.squeezable[uses], self.plain[uses]
        return found

    def without(self, uses: slice) -> Amounts:
        """The same without some uses."""
        found = Amounts(self.squeezable.copy(), self.plain.copy())
        found.squeezable[uses] = found.plain[uses] = 0.0
        return found

    def central(self, shrink: Number) -> Array:
        """What is used, compressed as in the central case, shape (USES,)."""
        return self.squeezable * central(shrink) + self.plain


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """What a unit of each use takes, shape (USES, indicators, width); ``copies`` on media.

    A tier that is not offered with the redundancy is priced as with LRS, one that is not sold in the region
    as in another: only data that lies there today can use it, and a gate rules that out.
    """

    values: Array
    copies: Number

    def take(self, amounts: Amounts, shrink: Number) -> Footprint:
        """What some amounts take, as draws."""
        flat = self.values.reshape(USES, -1)
        shape = self.values.shape[1:]
        squeezed = (amounts.squeezable @ flat).reshape(shape) * shrink
        return Footprint(squeezed + (amounts.plain @ flat).reshape(shape))

    def worth(self, objective: Array) -> Array:
        """Value of a unit of each use in the central case, shape (USES,)."""
        counted = objective != 0  # what is unknown, such as a marginal intensity, may not count
        value: Array = self.values[:, counted, 0] @ objective[counted]
        return value

    def concerns(self) -> Array:
        """What a unit of each use takes of each concern in the central case, shape (USES, concerns)."""
        taken: Array = self.values[:, COUNTED, 0] @ EACH[COUNTED]
        return taken


def weights(worths: Mapping[str, float]) -> Array:
    """What a unit of each indicator is worth, from what one of each concern is, shape (indicators,)."""
    found = np.zeros(len(INDICATORS))
    for concern, worth in worths.items():
        for indicator in PARTS[concern]:
            found[INDEX[indicator]] += worth
    return found


# an indicator by concern; those that count for none may be unknown
EACH = np.stack([weights({concern: 1.0}) for concern in CONCERNS], axis=1)
COUNTED = EACH.any(axis=1)


def proxy(case: Case, region: str) -> str | None:
    """The region whose prices stand in for ``region``; None where it has its own."""
    return None if region in case.catalogue.keys("storage_prices") else _stand_in(case)


def _stand_in(case: Case) -> str:
    keys = case.catalogue.keys("storage_prices")
    return next(key for key in keys if case.catalogue.row("storage_prices", key).get("proxy"))


def sold(case: Case, region: str, tier: str) -> bool:
    """Whether a region offers a tier: it has a price there, or no list of the region is known."""
    return bool(proxy(case, region)) or f"storage_prices.{region}.{tier}" in case


def _priced_at(case: Case, region: str, tier: str) -> str:
    """The region whose list prices a tier; a gate rules out data that lies where the tier is not sold."""
    known = not proxy(case, region) and sold(case, region, tier)
    return region if known else _stand_in(case)


@remembered
def tiers_made(case: Case, redundancy: str) -> tuple[bool, ...]:
    """Whether each tier is to be had with a redundancy; in a room of one's own, those of its disks."""
    within = ON_DISK if kept_in(case) else TIERS
    return tuple(tier in within and f"storage_redundancy.{redundancy}.{tier}" in case for tier in TIERS)


def survives_region(case: Case, redundancy: str) -> bool:
    """Whether a redundancy keeps copies in a second region."""
    return bool(case.catalogue.row("storage_redundancy", redundancy)["survives_region"])


def pair(case: Case, region: str) -> str | None:
    """The region that Azure copies geo-redundant storage to; None where the list has none."""
    found = case.catalogue.row("regions", region).get("pair")
    return str(found) if found else None


@remembered
def second_region(case: Case, region: str) -> str:
    """Where copies in a second region lie: the pair, else the nearest allowed region of the same zone.

    The region itself where its pair is another of the same country, on the same grid, or none is left.
    """
    paired, row = pair(case, region), case.catalogue.row("regions", region)
    if paired or row.get("pair_elsewhere"):
        return paired or region
    others = [key for key in near(case, region, lawful(case)) if key != region]
    return min(others, key=lambda key: distance_km(row, case.catalogue.row("regions", key)), default=region)


def network_kwh(case: Case) -> Number:
    """Energy of a GB between regions [kWh/GB]: the scenario's own, else published."""
    own = case.scenario.measurements.network_kwh_per_gb
    return own if own is not None else case.draw("network.between_regions", "kWh/GB")


@remembered
def book(case: Case, region: str, redundancy: str) -> Book:
    """The book of a region and redundancy.

    Copies in a second region are on that region's grid. A geo-redundant account is billed at the list
    price of its own region, which covers both; copies in a region that is no pair are an account of their
    own, each half at its own region's price. Raises UnknownNameError.
    """
    values = np.zeros((USES, len(INDICATORS), case.size))
    here = ground(case, region)
    second = survives_region(case, redundancy)
    elsewhere = second_region(case, region) if second else region
    there = here if elsewhere == region else f"region:{elsewhere}"
    copies = case.draw(f"storage_redundancy.{redundancy}.copies", "item")
    media = {tier: str(case.catalogue.row("storage_tiers", tier)["media"]) for tier in TIERS}
    held = {one: _media(case, one, here, there) * copies for one in sorted(set(media.values()))}
    moved = electricity(case, case.draw("storage.io", "kWh/GB"), place(case, here))
    price = _capacity(case, region, redundancy, elsewhere)
    written = case.draw("storage.geo_write", "ratio") if second else 1.0
    cost = INDEX["cost"]
    for row, tier in enumerate(TIERS):
        values[HELD][row] = held[media[tier]].values
        values[HELD][row, cost] = values[EARLY][row, cost] = price(tier)
        values[READ][row] = values[ENTERED][row] = moved.values
        values[READ][row, cost] = _charged(case, region, tier, "retrieval", "USD/GB")
        values[WRITES][row, cost] = _charged(case, region, tier, "write", "USD/op") * written
        values[READS][row, cost] = _charged(case, region, tier, "read", "USD/op")
    # reading the archive means copying to hot first, so it is charged as written there too
    values[READS][ARCHIVE, cost] += values[WRITES][HOT, cost]
    way = electricity(case, network_kwh(case), outside(place(case, here)))
    sent = way.with_cost(case.draw("storage.region_transfer", "USD/GB"))
    values[REPLICATED] = values[CROSSING] = sent.values
    packed = server_work(case, case.draw("storage.compress", "kWh/GB"), place(case, here))
    values[SQUEEZED] = packed.with_cost(case.draw("storage.compress_price", "USD/GB")).values
    values[:, cost] *= over_listed(case)
    values.setflags(write=False)
    return Book(values, copies)


def _media(case: Case, medium: str, here: str, there: str) -> Footprint:
    """One copy of a GB on a medium for a month: half its electricity in each region, and the medium."""
    power = case.draw(f"storage.{medium}.power", "kWh/GB/month")
    drawn = electricity(case, power, place(case, here))
    if there != here:
        drawn = (drawn + electricity(case, power, place(case, there))) * 0.5
    return drawn + Footprint.of(
        case.size,
        embodied=case.draw(f"storage.{medium}.embodied", "kg/GB/month"),
        ewaste=case.draw(f"storage.{medium}.waste", "kg/GB/month"),
        adpe=case.draw(f"storage.{medium}.adpe", "kgSb/GB/month"),
    )


def _capacity(case: Case, region: str, redundancy: str, elsewhere: str) -> Callable[[str], Number]:
    """Price of a GB-month by tier, all copies [USD/GB/month]; ``elsewhere``: where second copies lie."""
    apart = elsewhere not in (region, pair(case, region))

    def price(tier: str) -> Number:
        listed = f"storage_listed.{region}.{redundancy}_{tier}"
        if listed in case and not apart:
            return case.draw(listed, "USD/GB/month")
        multiplier = f"storage_redundancy.{redundancy}.{tier}"
        times = case.draw(multiplier, "ratio") if multiplier in case else 1.0
        each = _list_price(case, region, tier)
        return ((each + _list_price(case, elsewhere, tier)) * 0.5 if apart else each) * times

    return price


def _list_price(case: Case, region: str, tier: str) -> Number:
    """Price of a GB-month in one site [USD/GB/month]; another region's where a region has none."""
    where = _priced_at(case, region, tier)
    spread = case.draw("storage.proxy_spread", "ratio") if where != region else 1.0
    return case.draw(f"storage_prices.{where}.{tier}", "USD/GB/month") * spread


def _charged(case: Case, region: str, tier: str, what: str, unit: str) -> Number:
    """Price of an operation or of retrieval in a tier [``unit``]: the region's own, else anywhere's."""
    own = f"storage_operations.{_priced_at(case, region, tier)}.{tier}_{what}"
    return case.draw(own if own in case else f"storage_tiers.{tier}.{what}", unit)


def shrink(case: Case, content: str, compressed: bool) -> Number:
    """Stored size over size before [ratio]; 1 where nothing is compressed."""
    if not compressed:
        return 1.0
    return 1.0 / case.draw(f"storage_content.{content}.ratio", "ratio")
