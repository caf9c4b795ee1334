"""Prices, energy and hardware of stored data, once as central values and once as draws."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields, replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.estimate.storage import ARCHIVE, HOT, TIERS
from advisor.system.accounting import Place, electricity, place
from advisor.system.case import Case

Number = float | Array
Get = Callable[[str, str], Number]


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """What data uses, one value a tier or one in all; sizes before compression.

    ``held`` and ``early`` [GB-month], ``read`` and ``entered`` [GB], ``writes`` and
    ``reads`` [op], ``replicated`` and ``crossing`` [GB sent to another region: by
    redundancy, and to be read there], ``squeezed`` [GB passed through a processor].
    """

    held: Array
    early: Array
    read: Array
    entered: Array
    writes: Array
    reads: Array
    replicated: float = 0.0
    crossing: float = 0.0
    squeezed: float = 0.0

    @classmethod
    def none(cls) -> Amounts:
        """Nothing used."""

        def tiers() -> Array:
            return np.zeros(len(TIERS))

        return cls(tiers(), tiers(), tiers(), tiers(), tiers(), tiers())

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """What one unit costs in one region with one redundancy, as numbers or as draws.

    ``capacity`` [USD/GB/month], ``media_kwh`` (IT) and ``embodied`` [kg], ``waste`` [kg],
    ``adpe`` [kgSb] all per GB-month, copies included; ``write``, ``read`` [USD/op];
    ``retrieval``, ``transfer``, ``squeeze_usd`` [USD/GB]; ``io``, ``squeeze``, ``network``
    [kWh/GB]. A tier that is not offered with the redundancy is priced as with LRS: only
    today's plan can lie there, and a gate rules it out.
    """

    capacity: tuple[Number, ...]
    media_kwh: tuple[Number, ...]
    embodied: tuple[Number, ...]
    waste: tuple[Number, ...]
    adpe: tuple[Number, ...]
    write: tuple[Number, ...]
    read: tuple[Number, ...]
    retrieval: tuple[Number, ...]
    transfer: Number
    squeeze_usd: Number
    io: Number
    squeeze: Number
    network: Number
    copies: Number


def proxy(case: Case, region: str) -> str | None:
    """The region whose prices stand in for ``region``; None where it has its own."""
    keys = case.catalogue.keys("storage_prices")
    if region in keys:
        return None
    return next(key for key in keys if case.catalogue.row("storage_prices", key).get("proxy"))


def central_book(case: Case, region: str, redundancy: str) -> Book:
    """The book in central values, for choosing."""
    key = ("storage book", region, redundancy)
    return case.remember(key, lambda: _book(case, case.central, region, redundancy))


def drawn_book(case: Case, region: str, redundancy: str) -> Book:
    """The book in draws, for comparing."""
    key = ("storage draws", region, redundancy)
    return case.remember(key, lambda: _book(case, case.draw, region, redundancy))


def _book(case: Case, get: Get, region: str, redundancy: str) -> Book:
    stand_in = proxy(case, region)
    listed = f"storage_prices.{stand_in or region}"
    spread = get("storage.proxy_spread", "ratio") if stand_in else 1.0
    second = bool(case.catalogue.row("storage_redundancy", redundancy)["survives_region"])
    factor = get("storage.geo_write", "ratio") if second else 1.0
    copies = get(f"storage_redundancy.{redundancy}.copies", "item")
    media = [str(case.catalogue.row("storage_tiers", tier)["media"]) for tier in TIERS]

    def per_gb_month(kind: str, unit: str) -> tuple[Number, ...]:
        by_media = {
            one: get(f"storage.{one}.{kind}", f"{unit}/GB/month") * copies for one in sorted(set(media))
        }
        return tuple(by_media[one] for one in media)

    def of_tiers(column: str, unit: str, times: Number = 1.0) -> tuple[Number, ...]:
        return tuple(get(f"storage_tiers.{tier}.{column}", unit) * times for tier in TIERS)

    def capacity(tier: str) -> Number:
        multiplier = f"storage_redundancy.{redundancy}.{tier}"
        times = get(multiplier, "ratio") if multiplier in case else 1.0
        return get(f"{listed}.{tier}", "USD/GB/month") * spread * times

    power = {one: get(f"storage.{one}.power", "kWh/GB/month") * copies for one in sorted(set(media))}
    own = case.scenario.measurements.network_kwh_per_gb
    return Book(
        capacity=tuple(capacity(tier) for tier in TIERS),
        media_kwh=tuple(power[one] for one in media),
        embodied=per_gb_month("embodied", "kg"),
        waste=per_gb_month("waste", "kg"),
        adpe=per_gb_month("adpe", "kgSb"),
        write=of_tiers("write", "USD/op", factor),
        read=of_tiers("read", "USD/op"),
        retrieval=of_tiers("retrieval", "USD/GB"),
        transfer=get("storage.region_transfer", "USD/GB"),
        squeeze_usd=get("storage.compress_price", "USD/GB"),
        io=get("storage.io", "kWh/GB"),
        squeeze=get("storage.compress", "kWh/GB"),
        network=own if own is not None else get("network.between_regions", "kWh/GB"),
        copies=copies,
    )


def _sum(amounts: Array, rates: tuple[Number, ...]) -> Number:
    """Amounts times rates, tiers without an amount left out."""
    total: Number = 0.0
    for amount, rate in zip(amounts, rates, strict=True):
        if amount:
            total = total + amount * rate
    return total


def costs(book: Book, amounts: Amounts, shrink: Number) -> dict[str, Number]:
    """Money by part [USD]; ``shrink`` is stored size over size before compression.

    Reading the archive means copying to hot first, so it is charged as written there too.
    """
    rewritten = amounts.reads[ARCHIVE] * book.write[HOT]
    sent = (amounts.replicated + amounts.crossing) * shrink
    return {
        "capacity": _sum(amounts.held, book.capacity) * shrink,
        "operations": _sum(amounts.writes, book.write) + _sum(amounts.reads, book.read) + rewritten,
        "retrieval": _sum(amounts.read, book.retrieval) * shrink,
        "early deletion": _sum(amounts.early, book.capacity) * shrink,
        "transfer": sent * book.transfer,
        "compression": amounts.squeezed * book.squeeze_usd,
    }


def energies(book: Book, amounts: Amounts, shrink: Number) -> dict[str, Number]:
    """Energy by part [kWh]: of IT equipment, except the network, which lies outside."""
    sent = (amounts.replicated + amounts.crossing) * shrink
    moved = float(amounts.read.sum() + amounts.entered.sum())
    return {
        "media": _sum(amounts.held, book.media_kwh) * shrink,
        "reading and writing": moved * shrink * book.io,
        "compression": amounts.squeezed * book.squeeze,
        "network": sent * book.network,
    }


def footprint(case: Case, region: str, redundancy: str, amounts: Amounts, shrink: Number) -> Footprint:
    """The footprint of what is used in a region, as draws.

    Copies in a second region are counted at the first one's grid: pairs are not published
    for every region.
    """
    book = drawn_book(case, region, redundancy)
    where = region_place(case, region)
    parts = energies(book, amounts, shrink)
    network = parts.pop("network")
    whole = electricity(case, sum(parts.values()), where)
    if np.any(network):
        whole = whole + electricity(case, network, _outside(case, where))
    hardware = Footprint.of(
        case.size,
        embodied=_sum(amounts.held, book.embodied) * shrink,
        ewaste=_sum(amounts.held, book.waste) * shrink,
        adpe=_sum(amounts.held, book.adpe) * shrink,
    )
    return (whole + hardware).with_cost(sum(costs(book, amounts, shrink).values()))


def region_place(case: Case, region: str) -> Place:
    """The grid of a region, looked up once a case."""
    return case.remember(("storage place", region), lambda: place(case, f"region:{region}"))


def _outside(case: Case, where: Place) -> Place:
    """The same grid without a data centre's overhead, for network equipment."""
    return replace(where, pue=np.ones(case.size), wue=np.zeros(case.size))


@dataclass(frozen=True, slots=True)
class Worth:
    """Central indicators of one kWh of IT energy in a region; keys as priorities name them."""

    carbon: float
    energy: float
    water: float


def kwh_worth(case: Case, region: str) -> Worth:
    """What a kWh of IT energy means in a region: kgCO2e (location), kWh, L."""

    def make() -> Worth:
        name = f"regions.{region}"
        pue = case.central(f"{name}.pue", "ratio")
        return Worth(
            carbon=pue * case.central(f"{name}.average_intensity", "kg/kWh"),
            energy=pue,
            water=case.central(f"{name}.wue", "L/kWh")
            + pue * case.central(f"{name}.upstream_water", "L/kWh"),
        )

    key: Hashable = ("storage worth", region)
    return case.remember(key, make)


def shrink(case: Case, content: str, compressed: bool, drawn: bool) -> Number:
    """Stored size over size before [ratio]; 1 where nothing is compressed."""
    if not compressed:
        return 1.0
    name = f"storage_content.{content}.ratio"
    return 1.0 / (case.draw(name, "ratio") if drawn else case.central(name, "ratio"))
