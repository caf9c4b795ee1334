"""Where machines of one's own stand: in one region, or in two where the loss of one is to be survived."""

from __future__ import annotations

from advisor.core.saying import joined, say
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, failed, gate
from advisor.system.plan import DeploymentSetting
from advisor.system.regions import (
    Candidate,
    device_country,
    near,
    passing,
    ranked,
    region_name,
    round_trip_ms,
)

MACHINES = ("maap", "container", "processors")  # modes that run on machines of one's own
TWICE = 2.0  # replicas where the loss of a region is to be survived: either region can do alone


def is_own(case: Case, machine: str) -> bool:
    """Whether a machine is one that the scenario brings along."""
    return bool(case.catalogue.row("machines", machine).get("own"))


def stands_in(case: Case, machine: str) -> str | None:
    """The region where a machine of the scenario's own stands, home where none is said; None if on sale."""
    if not is_own(case, machine):
        return None
    return case.catalogue.row("machines", machine).get("region") or case.scenario.constraints.home_region


@remembered
def second(case: Case, region: str) -> str | None:
    """The region that holds as many machines beside this one; None where no other passes.

    The cleanest that passes every rule, of the same data zone or geography where one of those does.
    """
    others = [key for key in passing(case) if key != region]
    return next(iter(near(case, region, others) or others), None)


@remembered
def sites(case: Case, region: str) -> tuple[str, ...]:
    """The regions that share the replicas of a deployment in a region evenly, itself first."""
    other = second(case, region) if case.scenario.operations.survive_region_loss else None
    return (region,) if other is None else (region, other)


def answering(case: Case, deployment: DeploymentSetting) -> tuple[str, ...]:
    """The places that answer requests, each as many: the regions of machines of one's own, else the only one.

    As ``places.place`` takes them; devices answer in their country, a machine of the scenario's own alone.
    """
    if deployment.mode == "edge":
        return (device_country(case),)
    if deployment.machine is not None and is_own(case, deployment.machine):
        hosted = case.catalogue.row("machines", deployment.machine).get("hosted")
        return (f"{'hosted' if hosted else 'own'}:{deployment.region}",)
    if deployment.mode in MACHINES:
        return tuple(f"region:{key}" for key in sites(case, str(deployment.region)))
    return (deployment.where,)


def times(case: Case) -> float:
    """How often what one region needs is held."""
    return TWICE if case.scenario.operations.survive_region_loss else 1.0


@remembered
def away_ms(case: Case, region: str) -> float:
    """Round trip from the farthest users to the farther of the regions [ms]."""
    return max(round_trip_ms(case, key) for key in sites(case, region))


def names(case: Case, region: str) -> str:
    """What people call the regions of a deployment."""
    return joined(say(" and "), (region_name(case, key) for key in sites(case, region)))


@remembered
def region_loss(case: Case, region: str) -> Gate:
    """Whether there is a second region, where the loss of one is to be survived."""
    wanted, held = case.scenario.operations.survive_region_loss, sites(case, region)
    passed = not wanted or len(held) > 1
    return gate(
        "region_loss", passed, say("survives") if wanted else say("not asked for"),
        names(case, region) if len(held) > 1 else say("one region"),
        "" if passed else _remedy(case, region),
    )  # fmt: skip


def _remedy(case: Case, region: str) -> str:
    """What would let the region pass that fails fewest rules, one that is near first."""
    others = [one for one in ranked(case) if one.key != region]
    beside = near(case, region, [one.key for one in others])

    def short(one: Candidate) -> tuple[int, bool, float]:
        return len(failed(one.gates)), one.key not in beside, one.effective

    lacking = failed(min(others, key=short).gates)
    return say("a second region: {remedies}", remedies=joined("; ", (one.remedy for one in lacking)))
