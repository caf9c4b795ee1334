"""Where requests may be processed, and how a model is taken to be served before step 3 decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from advisor.system.accounting import open_regions, zone_regions
from advisor.system.case import Case
from advisor.system.regions import resides

MANAGED = ("maas_datazone", "maas_global", "maas_regional")


@dataclass(frozen=True, slots=True)
class Reach:
    """The deployments the scenario's residency allows; ``zone`` is the home region's data zone."""

    home: str
    zone: str
    regions: tuple[str, ...]
    allowed: frozenset[str]
    rule: str


@dataclass(frozen=True, slots=True)
class Reference:
    """How one model is served until step 3 settles it.

    ``kind``: managed, machine or device; ``offer``: which price list row; ``place``: a spec for
    ``accounting.place``; ``permitted``: whether residency allows it.
    """

    kind: str
    offer: str
    place: str
    permitted: bool
    words: str


def reach(case: Case) -> Reach:
    """What residency and the list of allowed regions leave, worked out once a case."""
    return case.remember("reach", lambda: _reach(case))


def _reach(case: Case) -> Reach:
    limits = case.scenario.constraints
    zone = str(case.catalogue.row("regions", limits.home_region).get("data_zone") or "")

    def allows(region: str) -> bool:
        listed = not limits.regions_allowed or region in limits.regions_allowed
        return listed and resides(case.catalogue.row("regions", region), limits.residency)

    regions = tuple(region for region in open_regions(case) if allows(region))
    free = limits.residency == "any" and not limits.regions_allowed
    allowed = {
        "maas_global": free,
        "maas_datazone": bool(zone) and all(allows(region) for region in zone_regions(case, zone)),
        "maas_regional": bool(regions),
        "maap": bool(regions) and limits.self_hosted_allowed,
        "edge": True,
    }
    rule = f"processing within {limits.residency}" if limits.residency != "any" else "processing anywhere"
    if limits.regions_allowed:
        rule += f", only in {', '.join(limits.regions_allowed)}"
    return Reach(
        limits.home_region, zone, regions, frozenset(name for name, yes in allowed.items() if yes), rule
    )


def on_device(case: Case) -> bool:
    """Whether the model must run on a device by itself."""
    limits = case.scenario.constraints
    return limits.device is not None or limits.offline


def region_used(case: Case) -> str:
    """The home region where it is allowed, else the first allowed one."""
    found = reach(case)
    return found.home if found.home in found.regions or not found.regions else found.regions[0]


def priced(case: Case, model: str, offer: str) -> bool:
    """Whether a model has a price per token under an offer."""
    return f"prices.{model}.{offer}.input" in case and f"prices.{model}.{offer}.output" in case


def retired(case: Case, model: str) -> bool:
    """Whether the managed service of a model ends before the scenario can do without it."""
    end = case.catalogue.row("models", model).get("retirement")
    return end is not None and end <= stays_until(case)


def stays_until(case: Case) -> date:
    """The day until which a managed model must be on sale: the start, and the days asked for."""
    timing = case.scenario.timing
    return timing.start + timedelta(days=timing.model_stays_days)


def reference(case: Case, model: str) -> Reference:
    """The reference serving of a model: its data zone, else global, else regional, else a machine.

    Where residency allows none of a model's deployments the nearest is used all the same, so that
    the option can be shown beside the gate that rules it out.
    """
    return case.remember(("reference", model), lambda: _reference(case, model))


def _reference(case: Case, model: str) -> Reference:
    if on_device(case):
        iso3 = case.catalogue.row("regions", case.scenario.constraints.home_region)["iso3"]
        return Reference("device", "", f"country:{iso3}", True, "on the device")
    found, offered = reach(case), case.catalogue.row("models", model).get("deployments") or []
    managed = [] if retired(case, model) else [kind for kind in MANAGED if kind in offered]
    for permitted in (True, False):
        for kind in managed:
            if (kind in found.allowed) is permitted and (kind != "maas_datazone" or found.zone):
                answer = _managed(case, model, kind, permitted)
                if answer is not None:
                    return answer
        if "maap" in offered and ("maap" in found.allowed) is permitted:
            region = region_used(case)
            return Reference("machine", "", f"region:{region}", permitted, f"own machine in {region}")
    offer = "list" if priced(case, model, "list") else "global"
    # retired, or not sold here: other gates say so
    return Reference("managed", offer, "global", not managed, "global")


def _managed(case: Case, model: str, kind: str, permitted: bool) -> Reference | None:
    found = reach(case)
    region = region_used(case)
    own_offer, place, words = {
        "maas_datazone": (f"datazone_{found.zone}", f"zone:{found.zone}", f"{found.zone.upper()} data zone"),
        "maas_global": ("global", "global", "global, any region"),
        "maas_regional": ("regional", f"region:{region}", f"regional in {region}"),
    }[kind]
    for offer in (own_offer, "global", "list"):
        if priced(case, model, offer):
            return Reference("managed", offer, place, permitted, words)
    return None
