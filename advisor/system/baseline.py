"""What the models in a log cost today: the baseline that every option is measured against."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from advisor.catalogue import Catalogue
from advisor.core.draws import Array, central, summary
from advisor.core.errors import Fault, LogError, nearest
from advisor.core.saying import say
from advisor.scenario import caveats
from advisor.scenario.traffic import Interval, ModelUse, Traffic
from advisor.system.case import Case
from advisor.system.footprints import served
from advisor.system.places import Place, place
from advisor.system.prices import Tier, token_price
from advisor.system.serving import serve
from advisor.system.shape import Shape

DAYS_PER_YEAR = 365
WH_PER_KWH = 1000
# The price lists in the order a buyer meets them.
OFFERS = ("global", "datazone_us", "datazone_eu", "regional", "list")
# tiers of a log by the terms they are billed on; flexible processing is sold as batches are
_PRICED: dict[str, Tier] = {"priority": "priority", "batch": "batch", "flex": "batch"}
_SUFFIX = re.compile(r"[-@:](20\d{2}-?\d{2}-?\d{2}|\d{4}|latest|preview|instruct|chat|it)$", re.IGNORECASE)


def unseen_hours(catalogue: Catalogue) -> Interval:
    """How busy the hours are that a short log does not see, relative to those it sees [ratio]."""
    known = catalogue.coefficient("usage.unseen_hours")
    return Interval(low=known.low, central=known.central, high=known.high)


def catalogue_model(name: str, catalogue: Catalogue) -> str | None:
    """The catalogue's model that a log's model name means; None when none is the same.

    A provider's prefix, a date and words such as ``latest``, ``instruct`` or the mark of a
    tuned model are looked past; a different size or version is not.
    """
    keys = {
        _plain(alias): key
        for key in reversed(catalogue.keys("models"))
        for row in (catalogue.row("models", key),)
        for alias in (row.get("ecologits_id"), row.get("azure_price_id"), row.get("name"), key)
        if alias
    }
    tried = name.removesuffix("+tuned").rsplit("/", 1)[-1]
    while tried:
        if _plain(tried) in keys:
            return keys[_plain(tried)]
        shorter = _SUFFIX.sub("", tried)
        if shorter == tried:
            return None
        tried = shorter
    return None


def named_models(pairs: Sequence[tuple[str, str]], catalogue: Catalogue) -> dict[str, str]:
    """Models by deployment. Raises LogError for a model that the catalogue does not hold."""
    known = catalogue.keys("models")
    faults = [
        Fault(f"--model {name}", say("a model of the catalogue"), repr(model), nearest(model, known))
        for name, model in pairs
        if catalogue_model(model, catalogue) is None
    ]
    if faults:
        raise LogError(say("A model is not known."), faults)
    return dict(pairs)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def with_baseline(traffic: Traffic, case: Case) -> Traffic:
    """The profile with each known model's energy per request and its cost and carbon per year.

    Energy is at the data centre's meter [Wh]; carbon is location-based and embodied [kg]; the
    cost is the log's own where it has one, else the list price [USD]. Served as a managed
    service in the scenario's home region. Models the catalogue does not hold stay as they are.
    """
    total = sum(use.requests for use in traffic.models.values())
    told = traffic.requests_per_day
    # a log too short to tell its volume stands for the scenario's own
    per_day = told.central if told is not None else case.scenario.workload.requests_per_day
    per_year = per_day * DAYS_PER_YEAR
    home = place(case, f"region:{case.scenario.constraints.home_region}")
    found = {}
    for name, use in traffic.models.items():
        key = catalogue_model(name, case.catalogue)
        yearly = per_year * use.requests / total
        found[name] = use if key is None else _filled(case, traffic, use, key, home, yearly)
    return traffic.model_copy(update={"models": found, "caveats": _with_volume(case, traffic, found)})


def _with_volume(case: Case, traffic: Traffic, found: Mapping[str, ModelUse]) -> list[str]:
    """The profile's caveats, and whose volume stands behind figures of a year where the log tells none."""
    if traffic.requests_per_day is not None or all(use.catalogue_model is None for use in found.values()):
        return traffic.caveats
    given = case.scenario.workload
    owned = "requests_per_day" in given.model_fields_set
    words = caveats.OWN_VOLUME if owned else caveats.ASSUMED_VOLUME
    said = say(words, per_day=caveats.counted(given.requests_per_day, "request a day"))
    return [*(one for one in traffic.caveats if one != said), said]


def _filled(
    case: Case, traffic: Traffic, use: ModelUse, key: str, where: Place, requests_per_year: float
) -> ModelUse:
    read, written = (
        part.central * use.input_tokens if part is not None else 0.0
        for part in (traffic.cached_share, traffic.cache_write_share)
    )
    shape = Shape(use.input_tokens, use.output_tokens, read, written)
    footprint = served(case, serve(case, key, shape), where)
    low, middle, high = summary(footprint["energy"] * WH_PER_KWH)
    price = _price(case, key, shape, traffic.tiers)
    own = use.usd_per_year
    if own is None and price is not None:
        own = central(price) * requests_per_year
    return use.model_copy(
        update={
            "catalogue_model": key,
            "wh_per_request": Interval(low=low, central=middle, high=high),
            "usd_per_year": own,
            "kgco2e_per_year": central(footprint["carbon"]) * requests_per_year,
        }
    )


def _price(case: Case, key: str, shape: Shape, tiers: Mapping[str, float]) -> Array | None:
    """The price of a request in the first list that sells the model, by the tiers that the log names;
    None where none does. A tier without a price of its own is billed as standard."""
    for offer in OFFERS:
        usual = token_price(case, key, offer, shape)
        if usual is None:
            continue
        mixed = usual
        for name, share in tiers.items():
            tier = _PRICED.get(name)
            other = token_price(case, key, offer, shape, tier) if tier is not None else None
            if other is not None:
                mixed = mixed + share * (other - usual)
        return mixed
    return None
