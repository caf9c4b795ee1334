"""Machines and devices of one's own in words, and what follows from choosing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.core.saying import joined, numeral, say
from advisor.scenario.fields import Device
from advisor.scenario.traffic import HOURS_OF_WEEK
from advisor.system import containers, devices, fleet, hosts, sites
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.system.regions import device_country, region_name

MODES = (*sites.MACHINES, "search", "edge")
LABELS = say("Labels are set on the device; it must be secured, updated and watched where it stands.")
ANSWERS = say("Answers stay on the device; it must be secured, updated and watched where it stands.")
BESIDE = say("You patch, secure and monitor it; no content filter or keyless sign-in is built in.")


def title(case: Case, plan: Plan) -> str:
    """The name of a deployment on machines or devices of one's own."""
    chosen, device = plan.deployment, case.scenario.constraints.device
    if chosen.mode == "maap":
        return _machine_title(case, plan)
    if chosen.mode == "edge":
        return say("On devices") if device is None else _devices(case, device)
    if chosen.mode == "search":
        return say("In the search service; nothing else to run")
    where = _region(case, chosen.region)
    if chosen.mode == "processors":
        return say("Processors alone, {where}", where=where)
    held = say("down to zero") if chosen.to_zero else say("always on")
    return say("Small GPU container, {where}, {held}", where=where, held=held)


def _devices(case: Case, device: Device) -> str:
    name = case.catalogue.row("devices", device.kind)["name"]
    return say("{count} × {name}", count=numeral(device.count, ","), name=name)


def _machine_title(case: Case, plan: Plan) -> str:
    found = _fleet(case, plan)
    if found is None:
        return say("Machines of your own")
    least, most = _machines(found)
    if plan.deployment.to_zero:
        span = say("down to zero")
    elif most > least:
        span = say("{least} to {most} machines", least=numeral(least, ","), most=numeral(most, ","))
    else:
        span = say("1 machine") if most == 1 else say("{most} machines", most=numeral(most, ","))
    name, where = found.name.removeprefix("Standard_"), _region(case, plan.deployment.region)
    apart = (say("prompts read apart"),) if plan.deployment.apart else ()
    return joined(", ", (f"{name} {found.precision}", where, span, *apart))


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to know about running it."""
    return (*_notes(case, plan), *_two_regions(case, plan))


def _two_regions(case: Case, plan: Plan) -> tuple[str, ...]:
    """How regions share the work where the loss of one is to be survived."""
    region = plan.deployment.region
    if plan.deployment.mode not in sites.MACHINES or not region or len(sites.sites(case, region)) == 1:
        return ()
    where = sites.names(case, region)
    return (say("Half stands in each of {where}, enough to do alone should the other be lost.", where=where),)


def _notes(case: Case, plan: Plan) -> tuple[str, ...]:
    chosen = plan.deployment
    if chosen.mode == "edge":
        return (LABELS if plan.model.kind == "encoder" else ANSWERS,)
    if chosen.mode == "search":
        return (say("The search service's energy and price are counted with the improvement."),)
    if chosen.mode in containers.MODES:
        held = containers.containers(case, plan.model, plan.improvement, chosen)
        most, mean = numeral(int(held.replicas[0].max()), ","), numeral(held.hours / HOURS_OF_WEEK, ",.1f")
        if chosen.mode == "processors":
            return (say("Up to {most} containers of four virtual cores, as the hour needs.", most=most),)
        return (say("Up to {most} held, {mean} on average over the week.", most=most, mean=mean),)
    found = _fleet(case, plan)
    if found is None:
        return ()
    to_zero = say("Managed endpoints keep one instance: going to zero needs Kubernetes.")
    busy = say(
        "Busy {use} of the time it is held, {count} requests at once",
        use=numeral(found.use, ".0%"),
        count=numeral(found.mean_batch, ",.1f"),
    )
    if found.copies > 1:
        busy = say("{busy} on each of {copies} copies a machine", busy=busy, copies=found.copies)
    apart = say("One pool of them reads prompts, another writes answers; the cache moves between the two.")
    return (
        busy + ".",
        *((to_zero,) if chosen.to_zero else ()),
        *((apart,) if chosen.apart else ()),
        BESIDE,
    )


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to check before relying on it."""
    if plan.deployment.mode == "maap" and _fleet(case, plan) is not None:
        if sites.stands_in(case, str(plan.deployment.machine)):
            return (_of_its_own(case, str(plan.deployment.region)),)
        if len(sites.sites(case, str(plan.deployment.region))) > 1:
            return (say("Check that your quota in either region covers half of these machines."),)
        return (say("Check that your quota in the region covers these machines."),)
    return ()


def _of_its_own(case: Case, region: str) -> str:
    return say(
        "Your own machine is counted with the electricity of {region}, and cooled as machine rooms are on "
        "average: where yours is not, give {pue} as your own figure. What it costs an hour holds its power.",
        region=region_name(case, region), pue="premises.pue",
    )  # fmt: skip


def settings(case: Case, plan: Plan) -> Mapping[str, Any]:
    """What follows from the setting in this case, for other programs."""
    chosen = plan.deployment
    common: dict[str, Any] = {
        "mode": chosen.mode, "scope": chosen.scope, "place": chosen.where, "region": chosen.region,
        "zone": None, "model": plan.model.main, "cache": chosen.cache,
    }  # fmt: skip
    if chosen.mode == "edge":
        device = case.scenario.constraints.device
        if device is None:
            return {**common, "place": device_country(case)}
        return {
            **common, "place": device_country(case), "device": device.kind, "devices": device.count,
            "share": device.share,
            "precision": None if plan.model.kind == "encoder" else devices.PRECISION,
        }  # fmt: skip
    held_in = sites.sites(case, str(chosen.region)) if chosen.mode in sites.MACHINES else ()
    if len(held_in) > 1:
        common["second_region"] = held_in[1]
    if chosen.mode in containers.MODES:
        held = containers.containers(case, plan.model, plan.improvement, chosen)
        small = chosen.mode == "container"
        return {
            **common, "gpu": containers.GPU if small else None,
            "machine": containers.MACHINE if small else None,
            "sku": str(case.catalogue.row("machines", containers.MACHINE)["name"]) if small
            else containers.PROCESSORS,
            "replicas": int(held.replicas[0].max()), "replicas_min": 0 if chosen.to_zero else len(held_in),
        }  # fmt: skip
    found = _fleet(case, plan) if chosen.mode == "maap" else None
    if found is None:
        return common
    least, most = _machines(found)
    if sites.stands_in(case, found.machine) is None:  # what can be ordered
        common["sku"] = found.name
    return {
        **common, "gpu": found.gpu, "gpus": found.gpus * found.copies, "copies": found.copies,
        "machine": found.machine, "precision": found.precision,
        "replicas_min": 0 if chosen.to_zero else least, "replicas": most, "batch": found.batch,
        "apart": chosen.apart, "utilisation": found.use,
    }  # fmt: skip


def _fleet(case: Case, plan: Plan) -> fleet.Fleet | None:
    return hosts.fleet(case, *plan.early)


def _machines(found: fleet.Fleet) -> tuple[int, int]:
    """Fewest and most machines in the first year."""
    least, most = (int(end) // found.copies for end in (found.replicas[0].min(), found.replicas[0].max()))
    return least, most


def _region(case: Case, region: str | None) -> str:
    return sites.names(case, region) if region else ""
