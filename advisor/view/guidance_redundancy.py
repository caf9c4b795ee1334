"""Guidance on redundancy: what is held so that others may fail, and what that takes."""

from __future__ import annotations

from advisor.core.draws import central
from advisor.core.saying import say
from advisor.core.wording import counted, more_or_less, number, percent
from advisor.scenario import Scenario
from advisor.scenario.validation import least_at
from advisor.system import containers, deployment_gates, hosts, sites
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.plan import Plan
from advisor.view.guidance_answer import Answer, Asked, figure

# what an availability rests on where no rule is put to it
SPARE = {
    "maap": say("by replicas, those that may fail counted"),
    "processors": say("by replicas as load asks; none is held to spare"),
    "container": say("by replicas as load asks; none is held to spare"),
    "edge": say("by devices as they are; none is held to spare"),
    "search": say("by the search service"),
}
# the least that may be asked for, to tell what is held beyond it
AVAILABILITY = "operations.availability"
LEAST = least_at(Scenario, AVAILABILITY)
PLAIN = {AVAILABILITY: LEAST, "operations.survive_region_loss": False}


def redundancy(asked: Asked) -> Answer:
    """How an availability is reached, and what it takes to hold more than the load needs."""
    wanted, mode = asked.case.given.operations.availability, asked.plan.plan.deployment.mode
    if mode == "ptu":
        found = asked.rules("availability")
        return figure(
            say("{wanted} asked for: {found}; units burn, used or not", wanted=percent(wanted), found=found)
        )
    if mode in deployment_gates.MANAGED:
        return figure(
            counted(
                deployment_gates.redundant(asked.case, asked.plan.plan.deployment),
                say("{wanted} asked for: one deployment reaches it; idle it burns nothing"),
                say("{wanted} asked for: {count} deployments reach it; idle ones burn nothing"),
                wanted=percent(wanted),
            )
        )
    plain = asked.case.centre.varied(PLAIN)
    held, enough = (_most_replicas(case, asked.plan.plan) for case in (asked.case.centre, plain))
    if held is None or enough is None:
        return figure(say("{wanted} asked for: {found}", wanted=percent(wanted), found=SPARE.get(mode, "")))
    return figure(
        say(
            "{wanted} asked for: {replicas}; {spare}",
            wanted=percent(wanted),
            replicas=_replicas_held(asked, held),
            spare=_spare(asked, plain, enough)
            if held > enough
            else say("as many are needed for the load alone"),
        )
    )


def _most_replicas(case: Case, plan: Plan) -> float | None:
    """Replicas held in the busiest hour of the first year, of machines of one's own or containers."""
    if plan.deployment.mode in containers.MODES:
        return float(containers.containers(case, *plan.early).replicas[0].max())
    sized = hosts.fleet(case, *plan.early) if plan.deployment.mode == "maap" else None
    return None if sized is None else float(sized.replicas[0].max())


def _replicas_held(asked: Asked, held: float) -> str:
    region = str(asked.plan.plan.deployment.region)
    where = sites.names(asked.case, region)
    if len(sites.sites(asked.case, region)) == 1:
        return counted(
            held, say("one replica at the busiest hour in {where}"),
            say("{count} replicas at the busiest hour in {where}"), where=where,
        )  # fmt: skip
    return say(
        "{count} replicas at the busiest hour, half of them in each of {where}, so that either may be lost",
        count=number(held),
        where=where,
    )


def _spare(asked: Asked, plain: Case, enough: float) -> str:
    """What the replicas take that are held in case others fail: the bill beside that without them.

    Half of them may stand in a cleaner region, so that there is less carbon than with fewer in one.
    """
    case, early = asked.case.centre, asked.plan.plan.early
    with_them, without = (Bill(one, hosts.lines(one, *early)).year for one in (case, plain))
    kwh, kg, usd = (
        more_or_less(central(with_them[name]) - central(without[name]), unit)
        for name, unit in (("energy", "kWh"), ("carbon", "kgCO2e"), ("cost", "USD"))
    )
    return say(
        "{enough} would do for {least} in one region; beside that this takes {energy}, {carbon} and {cost} a "
        "year",
        enough=number(enough),
        least=percent(LEAST),
        energy=kwh,
        carbon=kg,
        cost=usd,
    )
