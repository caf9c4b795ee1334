"""Figures that installed packages ship: model sizes, national grid mixes and token prices.

Each provider reads the package's data file, adds what ``data/`` does not already state and
names the package with its version as source. What ``data/`` states always stands: it holds
the corrections. Nothing here reaches the network.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import metadata, resources
from math import sqrt
from typing import Any

from advisor.catalogue.loader import Contents
from advisor.core.errors import DataError, Fault
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.saying import say

OVERRIDE = "override"  # the one source that is no document but a phrase
OWN = Source(
    OVERRIDE, say("A value of your own, stated in the scenario"), say("the scenario's owner"), "", ""
)
WORLD_DEFAULT = "electricity-mix-wue-world"
NOT_RELEASED = "model-arch-not-released"

Spread = tuple[float, float, float]


def _spread(contents: Contents, name: str) -> Spread:
    found = contents.coefficients[f"packages.{name}_spread"]
    return found.low, found.central, found.high


def _times(value: float, spread: Spread) -> Spread:
    return value * spread[0], value * spread[1], value * spread[2]


def _cite(contents: Contents, key: str, distribution: str, title: str, publisher: str, url: str) -> date:
    """Name a package as source and return the day its figures were checked."""
    version = metadata.version(distribution)
    row = contents.tables["packages"][distribution]
    changed = "" if version == row["version"] else f" (checked at {row['version']})"
    contents.sources[key] = Source(
        key, f"{title}, version {version}{changed}", publisher, url, f"{row['checked']:%Y}", row["licence"]
    )
    checked: date = row["checked"]
    return checked


def _add(
    contents: Contents, name: str, value: Spread, unit: str, source: str, checked: date,
    confidence: Confidence = Confidence.PUBLISHED, note: str = "",
) -> None:  # fmt: skip
    if name not in contents.coefficients:
        found = Coefficient(name, *value, unit, (source,), checked, confidence, note=note)
        contents.add(found, f"{source}: {name}")


def _package_json(package: str, file: str) -> Any:
    try:
        return json.loads(resources.files(package).joinpath("data", file).read_text(encoding="utf-8"))
    except (OSError, ValueError, ModuleNotFoundError) as error:
        fault = Fault(f"{package}/data/{file}", "the JSON the package ships", str(error))
        raise DataError(f"The package {package} is not as expected.", [fault]) from error


def ecologits(contents: Contents) -> None:
    """Sizes [Bparam] and speeds [tok/s, s] of models; national mixes [g/kWh, kgSb/kWh, L/kWh].

    Each region takes its country's water and metals.
    """
    checked = _cite(
        contents, "ecologits", "ecologits", "EcoLogits data files", "GenAI Impact", "https://ecologits.ai/"
    )
    _sizes(contents, checked)
    _grids(contents, checked)


def _sizes(contents: Contents, checked: date) -> None:
    entries: dict[str, Mapping[str, Any]] = {}
    for entry in _package_json("ecologits", "models.json")["models"]:
        entries.setdefault(entry["name"], entry)
    for key, row in contents.tables["models"].items():
        entry = entries.get(row.get("ecologits_id") or "")
        if entry is None:
            continue
        named = ", ".join(entry.get("sources") or ()) or say("an unnamed source")
        guessed = NOT_RELEASED in (entry.get("warnings") or ())
        sizes = entry["architecture"]["parameters"]
        if not isinstance(sizes, dict) or "min" in sizes:
            sizes = {"total": sizes}
        for column, size in sizes.items():
            value = _interval(size)
            if value[0] == value[2] and guessed and column == "total":
                value = _times(value[1], _spread(contents, "undisclosed_total"))
            spread = value[0] < value[2]
            confidence = Confidence.ASSUMED if guessed or spread else Confidence.PUBLISHED
            note = say("EcoLogits from {sources}", sources=named)
            if guessed or spread:
                note = say("EcoLogits from {sources}; not disclosed, an estimate", sources=named)
            name = f"models.{key}.{column}_params"
            _add(contents, name, value, "Bparam", "ecologits", checked, confidence, note)
        _speeds(contents, key, entry.get("deployment") or {}, checked)


def _speeds(contents: Contents, key: str, seen: Mapping[str, float], checked: date) -> None:
    """How fast a provider's own service answers: tokens a second, seconds to the first one."""
    note = say("the provider's own service as the package states it; other hosts and hours differ")
    for column, measure, unit in (("speed", "tps", "tok/s"), ("first_token", "ttft", "s")):
        if seen.get(measure):
            value = _times(seen[measure], _spread(contents, "speed"))
            _add(
                contents,
                f"models.{key}.{column}",
                value,
                unit,
                "ecologits",
                checked,
                Confidence.PUBLISHED,
                note,
            )


def _interval(size: float | Mapping[str, float]) -> Spread:
    """A stated size, or a range with its geometric mean: an order of magnitude has no better middle."""
    if isinstance(size, Mapping):
        return size["min"], sqrt(size["min"] * size["max"]), size["max"]
    return size, size, size


def _grids(contents: Contents, checked: date) -> None:
    table = contents.tables.setdefault("grids", {})
    mixes = {m["name"]: m for m in _package_json("ecologits", "electricity_mixes.json")["electricity_mixes"]}
    for iso3, mix in mixes.items():
        table[iso3] = {"name": iso3, "world_default_water": _world(mix)}
        for column, value, unit, confidence, note in _mix(contents, mix):
            _add(contents, f"grids.{iso3}.{column}", value, unit, "ecologits", checked, confidence, note)
    for key, row in contents.tables["regions"].items():
        mix = mixes.get(row["iso3"])
        if mix is None:
            continue
        row["world_default_water"] = _world(mix)
        for column, value, unit, confidence, note in _mix(contents, mix):
            if column != "average_intensity":
                _add(contents, f"regions.{key}.{column}", value, unit, "ecologits", checked, confidence, note)


def _world(mix: Mapping[str, Any]) -> bool:
    return WORLD_DEFAULT in (mix["warnings"] or ())


def _mix(contents: Contents, mix: Mapping[str, Any]) -> Iterator[tuple[str, Spread, str, Confidence, str]]:
    derived, assumed = Confidence.DERIVED, Confidence.ASSUMED
    g_per_kg = 1000
    carbon = _times(mix["gwp"] * g_per_kg, _spread(contents, "grid_intensity"))
    yield "average_intensity", carbon, "g/kWh", derived, say("national mix, life cycle")
    national = say("national mix")
    yield "adpe", _times(mix["adpe"], _spread(contents, "grid_adpe")), "kgSb/kWh", derived, national
    world = _world(mix)
    water = _times(mix["wue"], _spread(contents, "world_water" if world else "grid_water"))
    note = say("world default: this country has no figure of its own") if world else national
    yield "upstream_water", water, "L/kWh", assumed if world else derived, note


PARTS = {"input": "input", "cache_read": "cached", "cache_write": "cache_write", "output": "output"}
MODES = {"standard": "", "batch": "batch_", "priority": "priority_"}
CONTEXTS = {"short": "", "long": "long_"}


def meter_name(mode: str, context: str, part: str) -> str | None:
    """What the catalogue calls a token meter: input, batch_output, long_cached, batch_long_input, ..."""
    if part not in PARTS or mode not in MODES or context not in CONTEXTS:
        return None
    return f"{MODES[mode]}{CONTEXTS[context]}{PARTS[part]}"


def azure_prices(contents: Contents) -> None:
    """Prices on Azure's own meters [USD/Mtok], of the snapshot in azure-genai-prices."""
    from azure_genai_prices.meters import parse_catalog

    from advisor.catalogue.meters import filed_by_model

    _cite(
        contents, "azure_genai_prices", "azure-genai-prices", "Azure Retail Prices, in azure-genai-prices",
        "Microsoft, by way of azure-genai-prices", "https://prices.azure.com/api/retail/prices",
    )  # fmt: skip
    snapshot = _package_json("azure_genai_prices", "snapshot.json")
    fetched = snapshot["fetched_at"][:10]
    # prices as of the day of the snapshot: those of a later start would change with the reader's clock
    table, _ = parse_catalog(filed_by_model(snapshot["items"]), products=(), as_of=fetched)
    checked = date.fromisoformat(fetched)
    add_meters(contents, table.values(), "azure_genai_prices", checked)
    _where_sold(contents, table.values())


def _where_sold(contents: Contents, meters: Any) -> None:
    """Give each model the attribute ``regional_in``: regions with a meter of its regional deployment."""
    sold: dict[str, set[str]] = {}
    for meter in meters:
        if meter.key.deployment.value == "regional" and meter.key.kind.value == "input":
            sold.setdefault(meter.key.model, set()).update(region for region in meter.region_prices if region)
    for row in contents.tables["models"].values():
        regions = sold.get(row.get("azure_price_id") or "", set())
        row["regional_in"] = [key for key in contents.tables["regions"] if key in regions]


def add_meters(contents: Contents, meters: Any, source: str, checked: date) -> None:
    """Add the prices of parsed Azure meters for the models of the catalogue.

    A model whose prices ``data/`` corrects keeps those of its meters apart, as ``meter_prices``: two
    public sources disagree, and both are carried.
    """
    zones = {key: row["data_zone"] for key, row in contents.tables["regions"].items()}
    stated = (name.split(".", 1)[1] for name in contents.coefficients if name.startswith("prices."))
    corrected = {name.rsplit(".", 2)[0] for name in stated}
    wanted: dict[str, list[tuple[str, str]]] = {}
    for key, row in contents.tables["models"].items():
        if row.get("azure_price_id"):
            table = "meter_prices" if key in corrected else "prices"
            wanted.setdefault(row["azure_price_id"], []).append((table, key))
    for meter in meters:
        kind = meter_name(meter.key.mode.value, meter.key.context.value, meter.key.kind.value)
        if kind is None or meter.key.model not in wanted:
            continue
        for offer, prices in _offers(meter, zones).items():
            per_mtok = [float(price * 1_000_000) for price in prices]
            usual = Counter(per_mtok).most_common(1)[0][0]
            value = (min(per_mtok), usual, max(per_mtok)) if offer == "regional" else (usual, usual, usual)
            note = say("meter '{meter}'", meter=meter.meter_name)
            if value[0] < value[2]:
                note = say("meter '{meter}', by region", meter=meter.meter_name)
            for table, key in wanted[meter.key.model]:
                name = f"{table}.{key}.{offer}.{kind}"
                _add(contents, name, value, "USD/Mtok", source, checked, note=note)


def _offers(meter: Any, zones: Mapping[str, str]) -> dict[str, list[Any]]:
    deployment = meter.key.deployment.value
    offers: dict[str, list[Any]] = {}
    for region, price in sorted(meter.region_prices.items()):
        if deployment == "data_zone":
            zone = zones.get(region)
            if zone:
                offers.setdefault(f"datazone_{zone}", []).append(price)
        else:
            offers.setdefault(deployment, []).append(price)
    return offers


LIST_FIELDS = {
    "input": "input_mtok", "cached": "cache_read_mtok", "cache_write": "cache_write_mtok",
    "output": "output_mtok",
}  # fmt: skip


def list_prices(contents: Contents) -> None:
    """A publisher's own price [USD/Mtok] as the offer ``list``, and its context window [tok]."""
    from genai_prices.data import providers

    checked = _cite(
        contents, "genai_prices", "genai-prices", "genai-prices", "Pydantic",
        "https://github.com/pydantic/genai-prices",
    )  # fmt: skip
    models = {f"{provider.id}:{model.id}": model for provider in providers for model in provider.models}
    spread = _spread(contents, "list_price")
    for key, row in contents.tables["models"].items():
        model = models.get(row.get("list_price_id") or "")
        if model is None:
            continue
        if model.context_window:
            window = float(model.context_window)
            name, note = f"models.{key}.context_tokens", say("its publisher's; a deployment may offer less")
            _add(contents, name, (window, window, window), "tok", "genai_prices", checked, note=note)
        prices = _current(model.prices, checked)
        _long_context(contents, key, prices, checked)
        note = say("price of {product}, not Azure's", product=row["list_price_id"])
        for meter, price in _list_meters(prices):
            name = f"prices.{key}.list.{meter}"
            _add(contents, name, _times(price, spread), "USD/Mtok", "genai_prices", checked, note=note)


def _list_meters(prices: Any) -> Iterator[tuple[str, float]]:
    """Meters of a publisher's price with their figures, those of long contexts beside the usual ones."""
    for meter, field in LIST_FIELDS.items():
        price = getattr(prices, field, None)
        base = getattr(price, "base", price)
        if base is not None:
            yield meter, float(base)
        for tier in getattr(price, "tiers", ())[:1]:
            yield f"long_{meter}", float(tier.price)


def _long_context(contents: Contents, key: str, prices: Any, checked: date) -> None:
    """The input [tok] from which a publisher bills a whole request at its dearer rate."""
    tiers = getattr(getattr(prices, "input_mtok", None), "tiers", None)
    if tiers:
        start = float(min(tier.start for tier in tiers))
        note = say("above it the whole request is billed at the rate for long contexts")
        name = f"models.{key}.long_context_from"
        _add(contents, name, (start, start, start), "tok", "genai_prices", checked, note=note)


def _current(prices: Any, today: date) -> Any:
    """The price in force: of dated ones, the last that starts before ``today``."""
    if not isinstance(prices, list):
        return prices
    current = None
    for entry in prices:
        start = getattr(entry.constraint, "start_date", None)
        if entry.constraint is None or (start is not None and start <= today):
            current = entry.prices
    return current


def own_values(contents: Contents) -> None:
    """The source that a scenario's overrides cite."""
    contents.sources[OVERRIDE] = OWN


PROVIDERS = (ecologits, azure_prices, list_prices, own_values)
