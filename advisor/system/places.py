"""Where electricity is used: regions, data zones, the whole fleet, countries of devices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import Fault, UnknownNameError, unknown
from advisor.core.saying import say
from advisor.system.case import Case, remembered


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where electricity is used: draws of its intensities, shape (size,).

    ``marginal`` is NaN where no marginal intensity is published; what rests on it is then
    unknown and shown as such. Units: g/kWh, L/kWh, kgSb/kWh, ratio.
    """

    key: str
    pue: Array
    location: Array
    market: Array
    marginal: Array
    wue: Array
    upstream_water: Array
    adpe: Array

    @property
    def of_devices(self) -> bool:
        """Whether devices stand here, on the users' own premises, and no data centre."""
        return self.key.startswith("country:")

    @property
    def region(self) -> str:
        """The key of the region; of any other place, nothing."""
        kind, _, key = self.key.partition(":")
        return key if kind == "region" else ""

    @property
    def country(self) -> str:
        """The code of the country that devices stand in; of any other place, nothing."""
        return self.key.partition(":")[2] if self.of_devices else ""


ROOMS = ("own", "hosted")  # kinds of machine rooms that are no cloud's
ON_PREMISES = ("own", "country")  # kinds of places where only what is the user's own stands


def on_premises(key: str) -> bool:
    """Whether a place is on the user's own premises: machine rooms of their own, and where devices stand."""
    return key.partition(":")[0] in ON_PREMISES


@remembered
def place(case: Case, spec: str) -> Place:
    """The place that ``spec`` names.

    ``region:KEY`` is an Azure region; ``zone:us``, ``zone:eu`` and ``zone:apac`` a data zone
    and ``global`` the whole fleet: there each draw falls on one of the member regions, so the
    range is that of the zone, never of one region, and the central case is their mean.
    ``own:KEY`` is a machine room of the user's own with the grid of that region, ``hosted:KEY`` one of
    somebody else's who is no cloud.
    ``country:ISO3`` is a national grid with no data centre overhead, for devices. Raises
    UnknownNameError.
    """
    kind, _, key = spec.partition(":")
    if kind == "region":
        return _region(case, key)
    if kind == "zone":
        return _mix(case, spec, zone_regions(case, key))
    if kind == "global":
        return _mix(case, spec, open_regions(case))
    if kind == "country":
        return _country(case, key)
    if kind in ROOMS:
        return _room(case, kind, key)
    raise UnknownNameError(
        say("A place is not named as expected."),
        [
            Fault(
                "place", say("region:KEY, own:KEY, hosted:KEY, zone:KEY, country:ISO3 or global"), repr(spec)
            )
        ],
    )


def open_regions(case: Case) -> list[str]:
    """Regions anyone may deploy to, in catalogue order."""
    keys = case.catalogue.keys("regions")
    return [key for key in keys if case.catalogue.row("regions", key).get("status") == "open"]


def zone_regions(case: Case, zone: str) -> list[str]:
    """Open regions of a data zone. Raises UnknownNameError for an unknown zone."""
    zones = {key: case.catalogue.row("regions", key).get("data_zone") for key in open_regions(case)}
    members = [key for key, member_of in zones.items() if member_of == zone]
    if not members:
        raise unknown(say("data zone"), zone, {str(found) for found in zones.values() if found})
    return members


def _region(case: Case, key: str) -> Place:
    case.catalogue.row("regions", key)  # raises for an unknown one
    name = f"regions.{key}"
    location = case.draw(f"{name}.average_intensity", "g/kWh")
    contracts = f"{name}.market_renewable_share"
    market = location * (1 - case.draw(contracts, "ratio")) if contracts in case else location
    marginal = f"{name}.marginal_intensity"
    return Place(
        key=f"region:{key}",
        pue=np.maximum(case.draw(f"{name}.pue", "ratio"), 1.0),
        location=location,
        market=market,
        marginal=case.draw(marginal, "g/kWh") if marginal in case else np.full(case.size, np.nan),
        wue=case.draw(f"{name}.wue", "L/kWh"),
        upstream_water=case.draw(f"{name}.upstream_water", "L/kWh"),
        adpe=case.draw(f"{name}.adpe", "kgSb/kWh"),
    )


def _room(case: Case, kind: str, key: str) -> Place:
    """The grid of a region, and what cools rooms that are no cloud's; nobody has contracts for its power."""
    there = _region(case, key)
    return replace(
        there, key=f"{kind}:{key}", pue=case.draw("premises.pue", "ratio"), market=there.location,
        wue=case.draw("premises.wue", "L/kWh"),
    )  # fmt: skip


def _mix(case: Case, spec: str, members: list[str]) -> Place:
    places = [_region(case, key) for key in members]
    cdf = np.array([NormalDist().cdf(z) for z in case.draws.normal(f"place.{spec}")])
    pick = np.minimum((cdf * len(places)).astype(int), len(places) - 1)
    draw = np.arange(case.size)

    def one_of(field: str) -> Array:
        stacked = np.stack([getattr(member, field) for member in places])
        chosen: Array = stacked[pick, draw]
        chosen[0] = stacked[:, 0].mean()
        return chosen

    # a marginal figure that is known for part of the zone says nothing about the rest
    return Place(
        spec, one_of("pue"), one_of("location"), one_of("market"), one_of("marginal"),
        one_of("wue"), one_of("upstream_water"), one_of("adpe"),
    )  # fmt: skip


def _country(case: Case, iso3: str) -> Place:
    name = f"grids.{iso3}"
    location = case.draw(f"{name}.average_intensity", "g/kWh")
    none = np.zeros(case.size)
    return Place(
        f"country:{iso3}", none + 1.0, location, location, none + np.nan, none,
        case.draw(f"{name}.upstream_water", "L/kWh"), case.draw(f"{name}.adpe", "kgSb/kWh"),
    )  # fmt: skip


def effective(case: Case, region: str) -> float:
    """Location-based carbon of a kWh of IT energy in a region, PUE included, central [g/kWh]."""
    name = f"regions.{region}"
    pue = max(case.central(f"{name}.pue", "ratio"), 1.0)
    return pue * case.central(f"{name}.average_intensity", "g/kWh")


def at_intensity(where: Place, factor: float | Array) -> Place:
    """The same place at hours whose carbon intensity is ``factor`` of the mean [ratio]."""
    return replace(
        where,
        location=where.location * factor,
        market=where.market * factor,
        marginal=where.marginal * factor,
    )
