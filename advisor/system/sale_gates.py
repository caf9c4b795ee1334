"""The rules of what a service sells and how capacity is bought: by batch, with priority, in units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from advisor.core.saying import dated, joined, numeral, say
from advisor.system import offers, provider_pool, provisioned, techniques
from advisor.system.bill import MONTHS_PER_YEAR
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, Gates, gate
from advisor.system.memory import varied
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.prices import live_tier, offer
from advisor.system.regions import ANYWHERE, place_name, region_name
from advisor.system.techniques import TUNED


@remembered
def of_model(case: Case, model: ModelSetting, improvement: ImprovementSetting, listed: str) -> Gates:
    """What a service must offer of each model, and answer for.

    ``listed``: the kind of deployment that its list must name; nothing where none is bought by the token.
    """
    return (
        *(offered(case, key, listed, offers.KINDS[listed]) for key in model.models if listed),
        own_weights(case, model, improvement),
        _retirement(case, model),
        *(one for key in model.models for one in offers.provenance(case, key, False)),
    )


def by_token(deployment: DeploymentSetting) -> bool:
    """Whether any of it is bought by the token: not where units serve all that comes."""
    return deployment.mode != "ptu" or deployment.spillover


def own_weights(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Gate:
    """Weights of one's own run as a service only where the provider tuned them."""
    technique = improvement.technique
    if model.kind == "custom" or technique in TUNED:
        ways = case.catalogue.row("models", model.main).get("tunable") or ()
        adapter = technique != "full" and case.scenario.knowledge.hosting == "serverless"
        served = model.kind != "custom" and ("api" in ways or adapter)
        found = say("your own ({technique})", technique=techniques.title(technique))
        if model.kind == "custom":
            found = say("your own (from scratch)")
    else:
        served, found = True, say("the provider's")
    return gate(
        "own_weights", served, say("weights the provider serves"), found,
        say("run the tuned weights on your own machines, or tune through the provider"), to_be_had=False,
    )  # fmt: skip


def _retirement(case: Case, model: ModelSetting) -> Gate:
    """The service of a model must outlive the start."""
    gone = [key for key in model.models if offers.retired(case, key)]
    days = joined(
        ", ",
        (
            say("{model} {day}", model=key, day=dated(case.catalogue.row("models", key)["retirement"]))
            for key in gone
        ),
    )
    return gate(
        "retirement", not gone, _offered_until(offers.stays_until(case)),
        say("retires {days}", days=days) if gone else say("offered"),
        say("choose a model that stays, or host its weights yourself"),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _offered_until(day: date) -> str:
    return say("offered until {day}", day=dated(day))


def ways_to_buy(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    """What the way of buying asks for, whatever the place."""
    yield from _batches(case, model, deployment)
    yield from _priority(case, model, deployment)
    yield from _preview(case, model, deployment)
    yield from _units(case, model, deployment)


def offered(case: Case, model: str, needed: str, title: str) -> Gate:
    """Whether the catalogue lists a kind of deployment for a model."""
    kinds = offers.deployments(case, model)
    return gate(
        "offered", needed in kinds, title, _offers_of(model, kinds), _offered_as(title), to_be_had=False
    )


@lru_cache(maxsize=1024)
def _offers_of(model: str, kinds: tuple[str, ...]) -> str:
    kinds_told = joined(", ", (offers.KINDS.get(kind, kind) for kind in kinds)) or say("none")
    return say("{model}: {kinds}", model=model, kinds=kinds_told)


@lru_cache(maxsize=64)
def _offered_as(title: str) -> str:
    return say("choose a model offered as {title}", title=title)


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
        yield offered(case, key, "batch", offers.KINDS["batch"])
    load, target = case.scenario.workload, case.central("deployment.batch_target", "h")
    waits, hours = load.deferrable_share, load.deferrable_hours
    yield gate(
        "deferrable", waits > 0, say("some requests can wait"),
        say("{share} can", share=numeral(waits, ".0%")), say("set the share of requests that can wait"),
    )  # fmt: skip
    yield gate(
        "deadline", hours >= target,
        say("batches, worked off within {target} h", target=numeral(target, ",.0f")),
        say("what can wait is due within {hours} h", hours=numeral(hours, ",.0f")),
        say("let it wait longer, or send it live at a quiet hour"),
    )  # fmt: skip


def _priority(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    if not deployment.priority:
        return
    for key in model.models:
        sold = promised_speed(case, key, deployment) is not None and deployment.scope != "regional"
        yield gate(
            "priority_sold", sold, say("a model sold with priority"),
            say("{key}: yes", key=key) if sold else say("{key}: no", key=key),
            say("choose a model that is sold with priority, in a data zone or globally"), to_be_had=False,
        )  # fmt: skip


def _preview(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    """A preview comes without a promise of place or service: not under a rule where data may be processed."""
    table = "priority" if deployment.priority else "ptu" if deployment.mode == "ptu" else ""
    if not table or model.main not in case.catalogue.keys(table):
        return
    preview, wanted = bool(case.catalogue.row(table, model.main).get("preview")), residency(case)
    yield gate(
        "preview", not preview or not wanted,
        say("generally available, since data may not go anywhere") if wanted else say("preview allowed"),
        say("preview") if preview else say("generally available"),
        say("wait until it is generally available, or lift the residency rule"),
    )  # fmt: skip


def residency(case: Case) -> bool:
    """Whether a rule says where data may be processed."""
    return bool(case.scenario.constraints.residency.strip().lower() != ANYWHERE)


def unsold(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Gate:
    """The gate of a model, or several, that nobody sells in units, or not in this scope."""
    if len(model.models) > 1:
        found = say("{count} models share the work", count=len(model.models))
        remedy = say("use one model, or size each one by itself")
    elif provisioned.sold(case, model, varied(deployment, scope="global")) is not None:
        found = say("{model} is sold in units globally alone", model=model.main)
        remedy = say("a global deployment, or a model that is sold in PTU there")
    else:
        found = say("{model} has no provisioned throughput", model=model.main)
        remedy = say("choose a model that is sold in PTU")
    what = say("a model sold as provisioned throughput")
    return gate("ptu_sold", False, what, found, remedy, to_be_had=False)


def _units(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Iterator[Gate]:
    if deployment.mode != "ptu":
        return
    yield offered(case, model.main, "ptu", say("provisioned throughput"))
    region = deployment.region
    here = deployment.scope != "regional" or provisioned.sold_in(case, str(region))
    yield gate(
        "ptu_region", here, say("provisioned units sold there"),
        place_name(case, deployment.where) if here
        else say("none in {region}", region=region_name(case, str(region))),
        say("choose another region, or a data zone or global deployment"),
    )  # fmt: skip
    if deployment.spillover:
        yield _spillover(case, model)
    months = case.scenario.timing.horizon_years * MONTHS_PER_YEAR
    term = provisioned.term(deployment)
    yield gate(
        "term", term.months <= months,
        say("a term within the {months} months planned", months=numeral(months, ",.0f")),
        say("{months} months", months=numeral(term.months, ",.0f")),
        say("plan for longer, or buy by the hour"),
    )  # fmt: skip


def _spillover(case: Case, model: ModelSetting) -> Gate:
    """Whether the service passes on to pay as you go what the units cannot take."""
    units = case.catalogue.keys("ptu")
    passes_on = model.main in units and bool(case.catalogue.row("ptu", model.main)["spillover"])
    return gate(
        "spillover_sold", passes_on, say("a model whose overflow the service passes on (Azure OpenAI)"),
        say("{key}: yes", key=model.main) if passes_on else say("{key}: no", key=model.main),
        say("buy units for the peak, or pass the overflow on in a gateway of your own"),
        to_be_had=False,
    )  # fmt: skip


def price(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Gate]:
    """Whether what is bought by the token has a price."""
    if not by_token(deployment):
        return
    row, technique = offer(deployment), improvement.technique
    known = provider_pool.usd(case, model, technique, row, live_tier(deployment)) is not None
    if deployment.batch:
        known = known and provider_pool.usd(case, model, technique, row, "batch") is not None
    yield gate(
        "price", known, say("a published price"),
        say("one") if known else say("none for {offer}", offer=offers.LISTS.get(row, row)),
        say("give your own price as an override, or choose another deployment"),
    )  # fmt: skip
