"""Which regions a workload may use: residency, reach of its users, status."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from advisor.core.saying import joined, numeral, say
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, Gates, passes
from advisor.system.places import effective, open_regions, zone_regions

# mean radius of the Earth, IUGG
EARTH_RADIUS_KM = 6371.0
ANYWHERE = "any"
ZONES = ("eu", "us", "apac")
STATUSES = {"open": say("open"), "restricted": say("restricted"), "announced": say("announced")}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A region with the gates it was put through; intensities are central values.

    ``effective``: location-based carbon per kWh of IT energy, PUE included [g/kWh];
    ``marginal`` likewise, None where not published; ``round_trip_ms``: to the farthest users and back,
    ``timed`` where measured; ``upstream_water`` of its electricity [L/kWh]; ``zone``
    and ``country``: the average as two sources have it [g/kWh].
    """

    key: str
    title: str
    gates: tuple[Gate, ...]
    effective: float
    location: float
    marginal: float | None
    pue: float
    wue: float
    round_trip_ms: float
    upstream_water: float
    zone: float | None
    country: float | None
    timed: bool

    @property
    def eligible(self) -> bool:
        """Whether every gate is passed."""
        return all(gate.passed for gate in self.gates)


def region_name(case: Case, key: str) -> str:
    """What people call a region, as Azure's pages have it; its key where it is in no list."""
    return str(case.catalogue.tables.get("regions", {}).get(key, {}).get("name", key))


def place_name(case: Case, spec: str) -> str:
    """What people call a place that ``places.place`` takes: a region, data zone, global, a country's code."""
    kind, _, name = spec.partition(":")
    if kind == "region":
        return region_name(case, name)
    if kind == "zone":
        return say("{zone} data zone", zone=name.upper())
    if kind == "own":
        return say("your own, near {region}", region=region_name(case, name))
    if kind == "hosted":
        return say("another's data centre, near {region}", region=region_name(case, name))
    return say("global") if kind == "global" else name or kind


def resides(row: Mapping[str, Any], residency: str) -> bool:
    """Whether a region's row satisfies a residency: any, EU, EUDB or a country code.

    EU means member states; EUDB, the EU Data Boundary, adds those that joined it.
    """
    wanted = residency.strip().upper()
    if wanted == ANYWHERE.upper():
        return True
    if wanted == "EU":
        return bool(row.get("eu_member"))
    if wanted == "EUDB":
        return bool(row.get("eu_data_boundary"))
    return wanted in (str(row.get("country")).upper(), str(row.get("residency")).upper())


def residency_told(residency: str) -> str:
    """A residency as it is told; a code stays as it is."""
    return say("any") if residency == ANYWHERE else residency


def residency_remedy(residency: str) -> str:
    """What would let more regions pass a residency."""
    if residency.strip().upper() == "EU":
        return say("ask whether the EU Data Boundary (EUDB: EU, Norway, Switzerland) is enough")
    return say("widen the residency, or choose a deployment that stays in one region")


def distance_km(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    """Great-circle distance between two regions' rows [km]."""
    return _great_circle_km(first["lat"], first["lon"], second["lat"], second["lon"])


@lru_cache(maxsize=16_384)
def _great_circle_km(*degrees: float) -> float:
    """By latitude and longitude of either end (haversine)."""
    lat1, lon1, lat2, lon2 = map(math.radians, degrees)
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))


def round_trip_ms(case: Case, key: str) -> float:
    """Round trip [ms] between a region and the farthest of the users' places, measured or estimated.

    Raises UnknownNameError.
    """
    measured = case.scenario.measurements.round_trip_ms.get(key)
    if measured is not None:
        return float(measured)
    here = case.catalogue.row("regions", key)
    places = (case.catalogue.row("regions", near) for near in case.scenario.constraints.users_near)
    return max(_there_and_back_ms(case, here, there) for there in places)


def _there_and_back_ms(case: Case, here: Mapping[str, Any], there: Mapping[str, Any]) -> float:
    """Light in fibre along the great circle, times what real routes take between these parts of the world."""
    light = 2.0 * distance_km(here, there) / case.central("network.fibre_speed", "km/ms")
    ends = sorted((str(here["area"]), str(there["area"])))
    return light * case.central(f"routes.{'_'.join(ends)}.detour", "ratio")


def _gates(case: Case, key: str, most_ms: float, residency: str | None = None) -> Gates:
    """The gates of one region; ``most_ms`` is what the network may take of the objective."""
    limits = case.scenario.constraints
    row = case.catalogue.row("regions", key)
    wanted = residency if residency is not None else limits.residency
    taken, timed = round_trip_ms(case, key), key in case.scenario.measurements.round_trip_ms
    return (
        Gate(
            "region_open",
            row.get("status") == "open",
            say("a region open to all"),
            STATUSES.get(str(row.get("status")), str(row.get("status"))),
            say("ask Microsoft for access, or wait until it opens"),
        ),
        Gate(
            "residency",
            resides(row, wanted),
            residency_told(wanted),
            row.get("geography") or str(row.get("country")),
            residency_remedy(wanted),
        ),
        Gate(
            "regions_allowed",
            not limits.regions_allowed or key in limits.regions_allowed,
            joined(", ", (region_name(case, one) for one in limits.regions_allowed)) or say("any"),
            region_name(case, key),
            say("add {region} to the allowed regions", region=region_name(case, key)),
        ),
        Gate(
            "network_delay",
            taken <= most_ms,
            say("at most {limit} ms there and back", limit=numeral(most_ms, ",.0f")),
            say("{taken} ms measured", taken=numeral(taken, ",.0f"))
            if timed
            else say("about {taken} ms", taken=numeral(taken, ",.0f")),
            say("allow more time to the first words, or serve these users from a nearer region"),
        ),
    )


@remembered
def _described(case: Case) -> tuple[Candidate, ...]:
    """Every region with its figures, which hang on none of its gates."""
    return tuple(_figures(case, key) for key in case.catalogue.keys("regions"))


def _figures(case: Case, key: str) -> Candidate:
    row, name = case.catalogue.row("regions", key), f"regions.{key}"
    marginal = f"{name}.marginal_intensity"
    return Candidate(
        key=key,
        title=str(row.get("name", key)),
        gates=(),
        effective=effective(case, key),
        location=case.central(f"{name}.average_intensity", "g/kWh"),
        marginal=case.central(marginal, "g/kWh") if marginal in case else None,
        pue=case.central(f"{name}.pue", "ratio"),
        wue=case.central(f"{name}.wue", "L/kWh"),
        round_trip_ms=round_trip_ms(case, key),
        upstream_water=case.central(f"{name}.upstream_water", "L/kWh"),
        zone=_known(case, f"{name}.zone_intensity"),
        country=_known(case, f"{name}.country_intensity"),
        timed=key in case.scenario.measurements.round_trip_ms,
    )


def _known(case: Case, name: str) -> float | None:
    return case.central(name, "g/kWh") if name in case else None


def cleanest(case: Case, found: Sequence[Candidate], residency: str) -> Candidate | None:
    """The region of least carbon that passes every gate but has this residency; None where none does."""
    passing = [
        region
        for region in found
        if all(gate.passed for gate in region.gates if gate.rule != "residency")
        and resides(case.catalogue.row("regions", region.key), residency)
    ]
    return min(passing, key=lambda region: (region.effective, region.key), default=None)


@remembered
def network_ms(case: Case) -> float:
    """What the network may take of the time to the first words [ms]."""
    limit = case.scenario.constraints.first_token_p95_ms
    return limit * case.central("deployment.network_share", "ratio")


@remembered
def ranked(case: Case, residency: str | None = None) -> tuple[Candidate, ...]:
    """Every region, those that pass first, each group from least carbon to most."""
    most_ms = network_ms(case)
    found = [replace(one, gates=_gates(case, one.key, most_ms, residency)) for one in _described(case)]
    return tuple(sorted(found, key=lambda region: (not region.eligible, region.effective, region.key)))


@remembered
def passing(case: Case) -> tuple[str, ...]:
    """The regions that pass, as ranked, by their own figures alone: no other has a part in what is chosen."""
    most_ms = network_ms(case)
    keys = (key for key in case.catalogue.keys("regions") if passes(_gates(case, key, most_ms)))
    return tuple(sorted(keys, key=lambda key: (effective(case, key), key)))


def cleanest_allowed(case: Case) -> str:
    """The first of the ranked regions; the cleanest of all where none passes."""
    return next(iter(passing(case) or (one.key for one in ranked(case))))


@remembered
def lawful(case: Case, residency: str | None = None) -> tuple[str, ...]:
    """Open regions that a residency (the scenario's unless said) and the allowed list leave, in order."""
    limits = case.scenario.constraints
    wanted = limits.residency if residency is None else residency
    listed = limits.regions_allowed
    return tuple(
        key
        for key in open_regions(case)
        if (not listed or key in listed) and resides(case.catalogue.row("regions", key), wanted)
    )


def lawful_throughout(case: Case, members: Sequence[str]) -> bool:
    """Whether data may be processed in every one of some regions."""
    allowed = lawful(case)
    return all(key in allowed for key in members)


@remembered
def zone_for(case: Case) -> str:
    """The data zone to use: one that satisfies residency, that of the home region first."""
    limits = case.scenario.constraints
    near = (limits.home_region, *limits.users_near)
    zones = [str(case.catalogue.row("regions", key).get("data_zone") or "") for key in near]
    order = sorted(ZONES, key=lambda zone: zones.index(zone) if zone in zones else len(zones))
    passing = [zone for zone in order if lawful_throughout(case, zone_regions(case, zone))]
    return (passing or order)[0]


@remembered
def region_used(case: Case) -> str:
    """The home region where it is allowed, else the first allowed one, else home all the same."""
    home, allowed = case.scenario.constraints.home_region, lawful(case)
    return home if home in allowed or not allowed else allowed[0]


def cleanest_of(case: Case, regions: Sequence[str]) -> str | None:
    """The region whose kWh of IT energy emits least (location-based); None of none."""
    return min(regions, key=lambda key: effective(case, key)) if regions else None


def near(case: Case, base: str, regions: Sequence[str]) -> tuple[str, ...]:
    """Regions of the same data zone, or of the same geography."""
    here = case.catalogue.row("regions", base)
    fields = ["geography"] + (["data_zone"] if here.get("data_zone") else [])
    rows = {key: case.catalogue.row("regions", key) for key in regions}
    return tuple(
        key for key, row in rows.items() if any(row.get(field) == here.get(field) for field in fields)
    )


def on_device(case: Case) -> bool:
    """Whether the model must run on a device by itself."""
    limits = case.scenario.constraints
    return limits.device is not None or limits.offline


def device_country(case: Case) -> str:
    """The place of devices: the national grid of the users' first region."""
    row = case.catalogue.row("regions", case.scenario.constraints.users_near[0])
    return f"country:{row['iso3']}"
