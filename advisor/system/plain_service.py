"""The plainest way to buy a model by the token that the rules allow."""

from __future__ import annotations

from advisor.system import offers
from advisor.system.case import Case
from advisor.system.places import open_regions, zone_regions
from advisor.system.plan import DeploymentSetting
from advisor.system.regions import lawful_throughout, region_used, zone_for


def plain_service(case: Case, model: str) -> DeploymentSetting:
    """The data zone, else any region, where it is sold and allowed; else one region."""
    zone, sold = zone_for(case), offers.deployments(case, model)
    ways = (
        (DeploymentSetting("maas", "datazone", zone=zone), zone_regions(case, zone)),
        (DeploymentSetting("maas", "global"), open_regions(case)),
    )
    for way, members in ways:
        if f"maas_{way.scope}" in sold and lawful_throughout(case, members):
            return way
    return DeploymentSetting("maas", "regional", region=region_used(case))
