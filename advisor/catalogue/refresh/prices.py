"""Live prices: Azure's public price list, for tokens, machines, storage, search and PTU.

All prices are retail prices in US dollars, pay as you go unless said. The list needs no key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from advisor.catalogue import Catalogue
from advisor.catalogue.loader import Contents
from advisor.catalogue.packages import add_meters
from advisor.catalogue.refresh.http import OK, Api, number
from advisor.catalogue.refreshed import Fetched
from advisor.core.evidence import Coefficient, Source
from advisor.core.saying import say

HOST = "https://prices.azure.com"
PATH = "/api/retail/prices"
VERSION = "2023-01-01-preview"
HOME_REGIONS = ("eastus", "eastus2")  # the shipped machine prices are of the first that sells it
NOT_LIKE_FOR_LIKE = ("windows", "spot", "low priority")
TERM_HOURS = {"1 Month": ("month", 730.0), "1 Year": ("year", 8760.0)}  # Azure's month is 730 hours
BLOB = "General Block Blob v2"
STORED = {"Hot LRS Data Stored": "hot", "Cool LRS Data Stored": "cool", "Cold LRS Data Stored": "cold",
          "Archive LRS Data Stored": "archive"}  # fmt: skip
OPERATIONS = {
    "Hot LRS Write Operations": "hot_write", "Hot Read Operations": "hot_read",
    "Cool LRS Write Operations": "cool_write", "Cool Read Operations": "cool_read",
    "Cool Data Retrieval": "cool_retrieval",
    "Cold LRS Write Operations": "cold_write", "Cold LRS Read Operations": "cold_read",
    "Cold LRS Data Retrieval": "cold_retrieval",
    "Archive LRS Write Operations": "archive_write", "Archive Read Operations": "archive_read",
    "Archive Data Retrieval": "archive_retrieval",
}  # fmt: skip
CHARGED_BY = {"10K": "USD/10k_op", "1 GB": "USD/GB"}
SEARCH = {"Basic Unit": "basic", "Standard S1 Unit": "s1", "Standard S2 Unit": "s2", "Standard S3 Unit": "s3"}
PTU = {"Provisioned Managed Global Unit": "global", "Provisioned Managed Data Zone Unit": "datazone",
       "Provisioned Managed Regional Unit": "regional"}  # fmt: skip


def api(what: str = "prices") -> Api:
    """The public price list; its faults name ``what`` was asked of it."""
    return Api(f"Azure Retail Prices ({what})", HOST)


def like_for_like(row: Mapping[str, Any]) -> bool:
    """Whether a row is an ordinary Linux or service rate."""
    text = " ".join(str(row.get(key, "")) for key in ("productName", "skuName", "meterName")).lower()
    return not any(word in text for word in NOT_LIKE_FOR_LIKE)


def _rows(source: Api, condition: str, today: date) -> list[tuple[dict[str, Any], float]]:
    """Rows in force ``today`` with their prices, the one in force longest first: later ones replace it."""
    params = {"api-version": VERSION, "currencyCode": "USD", "$filter": condition}
    found = []
    for row in source.items(PATH, params):
        price = number(source, row, "retailPrice")
        start, end = (
            str(row.get("effectiveStartDate") or "")[:10],
            str(row.get("effectiveEndDate") or "")[:10],
        )
        in_force = start <= today.isoformat() and (not end or end > today.isoformat())
        if price > 0 and in_force and like_for_like(row):
            found.append((start, row, price))
    return [(row, price) for _, row, price in sorted(found, key=lambda entry: entry[0])]


class _Client:
    """Lets azure-genai-prices' own refresh ask through :class:`Api`, with its faults told."""

    def __init__(self, source: Api) -> None:
        self.source = source
        self.read: set[str] = set()

    def get(self, url: str, params: Mapping[str, str] | None = None) -> _Answer:
        if params is None and url in self.read:  # a next page carries its parameters in its address
            raise self.source.fail(say("a next page"), say("one already read"))
        self.read.add(url)
        return _Answer(self.source.page(url.removeprefix(HOST), params))


class _Answer:
    status_code = OK

    def __init__(self, page: dict[str, Any]) -> None:
        self.page = page

    def json(self) -> dict[str, Any]:
        return self.page


def token_prices(source: Api, catalogue: Catalogue, today: date) -> Fetched:
    """Token prices of the catalogue's models [USD/Mtok], by azure-genai-prices' own refresh."""
    from azure_genai_prices.fetch import fetch_price_items
    from azure_genai_prices.meters import parse_catalog

    from advisor.catalogue.meters import filed_by_model

    items = fetch_price_items(client=_Client(source))
    table, _ = parse_catalog(filed_by_model(items), products=(), as_of=today.isoformat())
    key = "live_token_prices"
    contents = Contents(tables={name: dict(catalogue.tables[name]) for name in ("models", "regions")})  # type: ignore[arg-type]
    add_meters(contents, table.values(), key, today)
    if not contents.coefficients:
        raise source.fail(say("prices of models in the catalogue"), say("none"))
    return Fetched(_source(key, "token prices", today), today, contents.coefficients)


def service_prices(source: Api, catalogue: Catalogue, today: date) -> Fetched:
    """Prices of GPU machines, storage, search units and provisioned throughput."""
    key = "live_service_prices"
    values = {
        **_machines(source, catalogue, today),
        **_storage(source, today),
        **_search(source, today),
        **_provisioned(source, catalogue, today),
    }
    found = {}
    for name, (price, unit) in values.items():
        shipped = catalogue.coefficients.get(name)
        if shipped is not None:
            found[name] = _as_spread(shipped, price, unit, key, today)
    if not found:
        raise source.fail(say("prices of things in the catalogue"), say("none"))
    return Fetched(_source(key, "machines, storage, search, provisioned throughput", today), today, found)


def _source(key: str, what: str, today: date) -> Source:
    title = f"Azure Retail Prices API, {what}, fetched {today}"
    return Source(key, title, "Microsoft", HOST + PATH, f"{today:%Y}")


def _as_spread(shipped: Coefficient, price: float, unit: str, key: str, today: date) -> Coefficient:
    """A new price with the relative interval of the shipped one: it covers dearer regions."""
    low = shipped.low / shipped.central if shipped.central else 1.0
    high = shipped.high / shipped.central if shipped.central else 1.0
    return Coefficient(
        shipped.name, price * low, price, price * high, unit, (key,), today, shipped.confidence, shipped.valid
    )


Priced = dict[str, tuple[float, str]]


def _machines(source: Api, catalogue: Catalogue, today: date) -> Priced:
    names = {str(row["name"]): key for key, row in catalogue.tables["machines"].items()}
    skus = " or ".join(f"armSkuName eq '{name}'" for name in sorted(names))
    regions = " or ".join(f"armRegionName eq '{region}'" for region in HOME_REGIONS)
    condition = (
        f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and ({regions}) and ({skus})"
    )
    rows = _rows(source, condition, today)
    found: Priced = {}
    for region in reversed(HOME_REGIONS):  # the first home region has the last word
        for row, price in rows:
            key = names.get(str(row.get("armSkuName")))
            ordinary = row.get("unitOfMeasure") == "1 Hour" and row.get("type") == "Consumption"
            if key and ordinary and row.get("armRegionName") == region:
                found[f"machines.{key}.price"] = (price, "USD/h")
    return found


def _storage(source: Api, today: date) -> Priced:
    found: Priced = {}
    condition = f"serviceName eq 'Storage' and productName eq '{BLOB}' and priceType eq 'Consumption'"
    for row, price in _rows(source, condition, today):
        tier = STORED.get(str(row.get("meterName")))
        first = float(row.get("tierMinimumUnits") or 0) == 0
        if tier and first and row.get("unitOfMeasure") == "1 GB/Month":
            found[f"storage_prices.{row.get('armRegionName')}.{tier}"] = (price, "USD/GB/month")
        what, unit = OPERATIONS.get(str(row.get("meterName"))), CHARGED_BY.get(str(row.get("unitOfMeasure")))
        if what and first and unit:
            found[f"storage_operations.{row.get('armRegionName')}.{what}"] = (price, unit)
    return found


def _search(source: Api, today: date) -> Priced:
    found: Priced = {}
    place = f"armRegionName eq '{HOME_REGIONS[0]}' and priceType eq 'Consumption'"
    condition = f"serviceName eq 'Azure AI Search' and {place}"
    for row, price in _rows(source, condition, today):
        tier = SEARCH.get(str(row.get("meterName")))
        if tier and row.get("unitOfMeasure") == "1 Hour":
            found[f"search_tiers.{tier}.price"] = (price, "USD/h")
    return found


def _provisioned(source: Api, catalogue: Catalogue, today: date) -> Priced:
    found: Priced = {}
    terms: dict[str, float] = {}
    zones = {key: row["data_zone"] for key, row in catalogue.tables["regions"].items()}
    condition = "productName eq 'Azure OpenAI' and contains(meterName, 'Provisioned Managed')"
    for row, price in _rows(source, condition, today):
        kind, region = PTU.get(str(row.get("meterName"))), str(row.get("armRegionName"))
        if kind is None:
            continue
        term = str(row.get("reservationTerm") or "")
        if term in TERM_HOURS and kind == "global":
            terms[term] = price
        elif row.get("type") == "Consumption" and row.get("unitOfMeasure") == "1/Hour":
            found[f"ptu_regions.{region}.{kind}"] = (price, "USD/PTU/h")
            zone = zones.get(region)
            if kind == "global":
                found["ptu_price.global"] = (price, "USD/PTU/h")
            elif kind == "datazone" and zone:
                found[f"ptu_price.datazone_{zone}"] = (price, "USD/PTU/h")
    hourly = found.get("ptu_price.global", (0.0, ""))[0]
    for term, total in terms.items():
        name, hours = TERM_HOURS[term]
        if hourly:
            found[f"ptu_reservation.global_{name}"] = (max(0.0, 1 - total / (hours * hourly)), "ratio")
    return found
