"""The rules of how capacity is bought: by batch, with priority, in units, as a preview."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.system import offers, provisioned
from advisor.system.bill import MONTHS_PER_YEAR
from advisor.system.case import Case
from advisor.system.gates import Gate, gate
from advisor.system.plan import DeploymentSetting, ModelSetting
from advisor.system.regions import ANYWHERE


def ways_to_buy(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    """What the way of buying asks for, whatever the place."""
    yield from _batches(case, model, deployment)
    yield from _priority(case, model, deployment)
    yield from _preview(case, model, deployment)
    yield from _units(case, model, deployment)


def offered(case: Case, model: str, needed: str, title: str) -> Gate:
    """Whether the catalogue lists a kind of deployment for a model."""
    kinds = offers.deployments(case, model)
    others = ", ".join(kind.replace("_", " ") for kind in kinds) or "none"
    remedy = f"choose a model offered as {title}"
    return gate("offered", needed in kinds, title, f"{model}: {others}", remedy, to_be_had=False)


def promised_speed(case: Case, model: str, deployment: DeploymentSetting) -> float | None:
    """Tokens a second that 99 of 100 requests exceed, as the service promises [tok/s]; None where none is."""
    held = deployment.mode == "ptu" and not deployment.spillover
    table = "priority" if deployment.priority else "ptu" if held else ""
    name = f"{table}.{model}.speed"
    return case.central(name, "tok/s") if name in case else None


def _batches(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    if not deployment.batch:
        return
    for key in model.models:
        yield offered(case, key, "batch", "batch")
    load, target = case.scenario.workload, case.central("deployment.batch_target", "h")
    waits, hours = load.deferrable_share, load.deferrable_hours
    yield gate(
        "deferrable", waits > 0, "some requests can wait", f"{waits:.0%} can",
        "set the share of requests that can wait",
    )  # fmt: skip
    yield gate(
        "deadline", hours >= target, f"batches, worked off within {target:,.0f} h",
        f"what can wait is due within {hours:,.0f} h",
        "let it wait longer, or send it live at a quiet hour",
    )  # fmt: skip


def _priority(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    if not deployment.priority:
        return
    for key in model.models:
        sold = promised_speed(case, key, deployment) is not None and deployment.scope != "regional"
        yield gate(
            "priority_sold", sold, "a model sold with priority", f"{key}: {'yes' if sold else 'no'}",
            "choose a model that is sold with priority, in a data zone or globally", to_be_had=False,
        )  # fmt: skip


def _preview(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    """A preview comes without a promise of place or service: not under a rule where data may be processed."""
    table = "priority" if deployment.priority else "ptu" if deployment.mode == "ptu" else ""
    if not table or model.main not in case.catalogue.keys(table):
        return
    preview, wanted = bool(case.catalogue.row(table, model.main).get("preview")), residency(case)
    yield gate(
        "preview", not preview or not wanted,
        "generally available, since data may not go anywhere" if wanted else "preview allowed",
        "preview" if preview else "generally available",
        "wait until it is generally available, or lift the residency rule",
    )  # fmt: skip


def residency(case: Case) -> bool:
    """Whether a rule says where data may be processed."""
    return bool(case.scenario.constraints.residency.strip().lower() != ANYWHERE)


def unsold(model: ModelSetting) -> Gate:
    """The gate of a model, or several, that nobody sells in units."""
    if len(model.models) > 1:
        found = f"{len(model.models)} models share the work"
        remedy = "use one model, or size each one by itself"
    else:
        found = f"{model.main} has no provisioned throughput"
        remedy = "choose a model that is sold in PTU"
    what = "a model sold as provisioned throughput"
    return gate("ptu_sold", False, what, found, remedy, to_be_had=False)


def _units(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    if deployment.mode != "ptu":
        return
    yield offered(case, model.main, "ptu", "provisioned throughput")
    region = deployment.region
    here = deployment.scope != "regional" or f"ptu_regions.{region}.regional" in case
    yield gate(
        "ptu_region", here, "provisioned units sold there", deployment.where if here else f"none in {region}",
        "choose another region, or a data zone or global deployment",
    )  # fmt: skip
    months = case.scenario.timing.horizon_years * MONTHS_PER_YEAR
    term = provisioned.term(deployment)
    yield gate(
        "term", term.months <= months, f"a term within the {months:,.0f} months planned",
        f"{term.months:,.0f} months", "plan for longer, or buy by the hour",
    )  # fmt: skip
