"""Live grid intensity: averages and, kept apart, marginal figures.

A day of readings is not a year. A live average therefore moves the centre of a region's
intensity and stretches its interval, and never shrinks it: the interval spans the shipped
range and the reading.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import fmean
from typing import Any

from advisor.catalogue import Catalogue
from advisor.catalogue.refresh.http import Api, number
from advisor.catalogue.refreshed import Fetched
from advisor.core.errors import SourceUnavailableError
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.saying import say

UK_REGIONS = ("uksouth", "ukwest")
G_PER_POUND = 453.59237  # exact, by definition of the pound
KWH_PER_MWH = 1000.0
AVERAGE, MARGINAL = "average_intensity", "marginal_intensity"


def electricity_maps(token: str) -> Api:
    """Electricity Maps v3; ``token`` goes into the ``auth-token`` header."""
    return Api(
        "Electricity Maps", "https://api.electricitymaps.com", {"auth-token": token}, "ELECTRICITY_MAPS_TOKEN"
    )


def uk_carbon_intensity() -> Api:
    """The UK's Carbon Intensity API; it needs no key."""
    return Api("UK Carbon Intensity", "https://api.carbonintensity.org.uk")


def watttime(user: str, password: str) -> Api:
    """WattTime v3 before its login."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return Api(
        "WattTime",
        "https://api.watttime.org",
        {"Authorization": f"Basic {pair}"},
        "WATTTIME_USER and WATTTIME_PASSWORD",
    )


def carbon_aware_sdk(url: str) -> Api:
    """A Carbon Aware SDK web API that the user hosts."""
    return Api("Carbon Aware SDK", url)


def from_electricity_maps(source: Api, catalogue: Catalogue, regions: Sequence[str], today: date) -> Fetched:
    """Mean of the last 24 hours by zone [g/kWh], life cycle, by consumption."""
    zones: dict[str, list[str]] = {}
    for region in regions:
        zones.setdefault(catalogue.row("regions", region)["grid_zone"], []).append(region)
    found: dict[str, list[float]] = {}
    for zone, members in zones.items():
        document = source.get("/v3/carbon-intensity/history", {"zone": zone})
        hours = _list(source, document, "history")
        known = [hour for hour in hours if hour.get("carbonIntensity") is not None]
        readings = [number(source, hour, "carbonIntensity") for hour in known]
        for region in members:
            found[region] = readings
    return _fetched(
        source, catalogue, found, AVERAGE, today, "live_electricity_maps", "last 24 hours, life cycle",
        "the terms of your Electricity Maps plan",
    )  # fmt: skip


def from_uk(source: Api, catalogue: Catalogue, regions: Sequence[str], today: date) -> Fetched:
    """Mean of today's half hours in Great Britain [g/kWh], operational."""
    halves = _list(source, source.get("/intensity/date"), "data")
    readings = []
    for half in halves:
        reading = half.get("intensity")
        if not isinstance(reading, Mapping):
            raise source.fail(say("an intensity in each half hour"), repr(reading))
        key = "actual" if reading.get("actual") is not None else "forecast"
        readings.append(number(source, reading, key))
    found = {region: readings for region in UK_REGIONS if region in regions}
    return _fetched(
        source, catalogue, found, AVERAGE, today, "live_carbon_intensity_uk",
        "today in Great Britain, operational emissions only", "CC BY 4.0",
    )  # fmt: skip


def from_watttime(source: Api, catalogue: Catalogue, regions: Sequence[str], today: date) -> Fetched:
    """Mean marginal intensity of the last day [g/kWh]; never mixed with an average."""
    answer = source.get("/login")
    token = answer.get("token") if isinstance(answer, Mapping) else None
    if not isinstance(token, str) or not token:
        raise source.fail(say("a token on login"), say("none"))
    yesterday = today - timedelta(days=1)
    signed_in = replace(source, headers={"Authorization": f"Bearer {token}"})
    found = {}
    for region in regions:
        row = catalogue.row("regions", region)
        place = signed_in.get(
            "/v3/region-from-loc",
            {"latitude": str(row["lat"]), "longitude": str(row["lon"]), "signal_type": "co2_moer"},
        )
        name = place.get("region") if isinstance(place, Mapping) else None
        if not isinstance(name, str):
            raise source.fail(say("the region of a place"), repr(name))
        document = signed_in.get(
            "/v3/historical",
            {
                "region": name,
                "signal_type": "co2_moer",
                "start": f"{yesterday}T00:00Z",
                "end": f"{today}T00:00Z",
            },
        )
        units = document.get("meta", {}).get("units") if isinstance(document, Mapping) else None
        if units != "lbs_co2_per_mwh":
            raise source.fail("lbs_co2_per_mwh", repr(units))
        points = _list(source, document, "data")
        found[region] = [number(source, point, "value") * G_PER_POUND / KWH_PER_MWH for point in points]
    return _fetched(
        source,
        catalogue,
        found,
        MARGINAL,
        today,
        "live_watttime",
        "yesterday, marginal",
        "the terms of your WattTime plan",
    )


def from_carbon_aware(
    source: Api, catalogue: Catalogue, regions: Sequence[str], today: date, signal: str
) -> Fetched:
    """Mean of the readings a Carbon Aware SDK has by region [g/kWh].

    ``signal`` says what its data source gives, ``average`` or ``marginal``; its answers do not.
    """
    if signal not in {"average", "marginal"}:
        raise source.fail(say("CARBON_AWARE_SDK_SIGNAL to be average or marginal"), repr(signal))
    found: dict[str, list[float]] = {}
    for region in regions:
        readings = source.get("/emissions/bylocations", {"location": region})
        if not isinstance(readings, list) or not all(isinstance(reading, Mapping) for reading in readings):
            raise source.fail(say("a list of readings"), say("something else"))
        found[region] = [number(source, reading, "rating") for reading in readings]
    column = AVERAGE if signal == "average" else MARGINAL
    return _fetched(
        source,
        catalogue,
        found,
        column,
        today,
        "live_carbon_aware_sdk",
        f"latest, {signal}",
        "the terms of its data source",
    )


def _list(source: Api, document: Any, key: str) -> list[Mapping[str, Any]]:
    rows = document.get(key) if isinstance(document, Mapping) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise source.fail(say("a list of readings under '{key}'", key=key), say("none"))
    return rows


def _fetched(
    source: Api, catalogue: Catalogue, found: Mapping[str, Sequence[float]], column: str, today: date,
    key: str, what: str, licence: str,
) -> Fetched:  # fmt: skip
    values = {}
    for region, readings in found.items():
        if not readings:
            raise source.fail(say("readings for {region}", region=region), say("none"))
        name = f"regions.{region}.{column}"
        values[name] = _stretched(catalogue.coefficients.get(name), name, readings, key, today, what)
    if not values:
        raise _nothing(source)
    cited = Source(
        key, f"{source.name}, {what}, fetched {today}", source.name, source.public, f"{today:%Y}", licence
    )
    return Fetched(cited, today, values)


def _nothing(source: Api) -> SourceUnavailableError:
    return source.fail(say("a region it covers"), say("none asked for"))


def _stretched(
    shipped: Coefficient | None, name: str, readings: Iterable[float], key: str, today: date, what: str
) -> Coefficient:
    listed = list(readings)
    mean = fmean(listed)
    ends = (shipped.low, shipped.high) if shipped else (min(listed), max(listed))
    note = f"mean of {len(listed)} readings, {what}; the interval spans it and the shipped range"
    return Coefficient(
        name, min(ends[0], mean), mean, max(ends[1], mean), "g/kWh", (key,), today, Confidence.MEASURED,
        shipped.valid if shipped else "", note,
    )  # fmt: skip
