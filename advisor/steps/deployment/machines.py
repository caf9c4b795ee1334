"""Machines and devices of one's own in words, and what follows from choosing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.scenario.traffic import HOURS_OF_WEEK
from advisor.system import containers, devices, fleet, hosts
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.system.regions import device_country

MODES = (*hosts.MODES, "search", "edge")
BESIDE = "You patch, secure and monitor it; no content filter or keyless sign-in is built in."
ON_DEVICE = "it must be secured, updated and watched where it stands."


def title(case: Case, plan: Plan) -> str:
    """The name of a deployment on machines or devices of one's own."""
    chosen, device = plan.deployment, case.scenario.constraints.device
    if chosen.mode == "maap":
        return _machine_title(case, plan)
    if chosen.mode == "edge":
        named = device and f"{device.count:,} × {case.catalogue.row('devices', device.kind)['name']}"
        return named or "On devices"
    where = _region(case, chosen.region)
    return {
        "search": "In the search service; nothing else to run",
        "processors": f"Processors alone, {where}",
    }.get(chosen.mode, f"Small GPU container, {where}, {'down to zero' if chosen.to_zero else 'always on'}")


def _machine_title(case: Case, plan: Plan) -> str:
    found = _fleet(case, plan)
    if found is None:
        return "Machines of your own"
    least, most = _machines(found)
    span = f"{least} to {most} machines" if most > least else "1 machine" if most == 1 else f"{most} machines"
    span = "down to zero" if plan.deployment.to_zero else span
    span += ", prompts read apart" if plan.deployment.apart else ""
    where = _region(case, plan.deployment.region)
    return f"{found.name.removeprefix('Standard_')} {found.precision}, {where}, {span}"


def notes(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to know about running it."""
    chosen = plan.deployment
    if chosen.mode == "edge":
        what = "Labels are set" if plan.model.kind == "encoder" else "Answers stay"
        return (f"{what} on the device; {ON_DEVICE}",)
    if chosen.mode == "search":
        return ("The search service's energy and price are counted with the improvement.",)
    if chosen.mode in ("processors", "container"):
        held = containers.containers(case, plan.model, plan.improvement, chosen)
        most = int(held.replicas[0].max())
        if chosen.mode == "processors":
            return (f"Up to {most:,} containers of four virtual cores, as the hour needs.",)
        return (f"Up to {most:,} held, {held.hours / HOURS_OF_WEEK:,.1f} on average over the week.",)
    found = _fleet(case, plan)
    if found is None:
        return ()
    each_copy = f" on each of {found.copies} copies a machine" if found.copies > 1 else ""
    to_zero = "Managed endpoints keep one instance: going to zero needs Kubernetes."
    busy = f"Busy {found.use:.0%} of the time it is held"
    apart = "One pool of them reads prompts, another writes answers; the cache moves between the two."
    return (
        f"{busy}, {found.mean_batch:,.1f} requests at once{each_copy}.",
        *((to_zero,) if chosen.to_zero else ()),
        *((apart,) if chosen.apart else ()),
        BESIDE,
    )


def warnings(case: Case, plan: Plan) -> tuple[str, ...]:
    """What to check before relying on it."""
    if plan.deployment.mode == "maap" and _fleet(case, plan) is not None:
        return ("Check that your quota in the region covers these machines.",)
    return ()


def settings(case: Case, plan: Plan) -> Mapping[str, Any]:
    """What follows from the setting in this case, for other programs."""
    chosen = plan.deployment
    common = {
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
    if chosen.mode in ("processors", "container"):
        held = containers.containers(case, plan.model, plan.improvement, chosen)
        small = chosen.mode == "container"
        return {
            **common, "gpu": containers.GPU if small else None,
            "machine": containers.MACHINE if small else None,
            "sku": str(case.catalogue.row("machines", containers.MACHINE)["name"]) if small
            else containers.PROCESSORS,
            "replicas": int(held.replicas[0].max()), "replicas_min": 0 if chosen.to_zero else 1,
        }  # fmt: skip
    found = _fleet(case, plan) if chosen.mode == "maap" else None
    if found is None:
        return common
    least, most = _machines(found)
    return {
        **common, "gpu": found.gpu, "gpus": found.gpus * found.copies, "copies": found.copies,
        "machine": found.machine, "sku": found.name, "precision": found.precision,
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
    return str(case.catalogue.row("regions", region).get("name", region)) if region else ""
