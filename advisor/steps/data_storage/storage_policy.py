"""Storage plans as files that Azure accepts: lifecycle policies, and the settings of accounts.

The form is that of Microsoft.Storage ``managementPolicies`` (Microsoft Learn, "Azure Blob
Storage lifecycle management policy structure"); ``storage_policy.schema.json`` beside this
module states it. A policy belongs to one storage account, so there is one a place and
redundancy.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_RULES = 100  # documented limit of rules in one policy
SHORTEST_CONTAINER, LONGEST_CONTAINER = 3, 63  # documented limits of container names
ACTIONS = {"cool": "tierToCool", "cold": "tierToCold", "archive": "tierToArchive"}


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What one data set's container needs.

    ``moves``: (age [day], tier), the first at age 0; ``delete_after`` [day] or None;
    ``hold_days``: legal minimum [day]; ``premium``: it lies in a premium account.
    """

    data_set: str
    region: str
    redundancy: str
    moves: tuple[tuple[float, str], ...]
    delete_after: float | None
    hold_days: float | None = None

    @property
    def premium(self) -> bool:
        """Whether it needs a premium account, whose rules can only delete."""
        return self.moves[0][1] == "premium"

    @property
    def account(self) -> tuple[str, str]:
        """The account it lies in: region and SKU."""
        return self.region, f"{'Premium' if self.premium else 'Standard'}_{self.redundancy.replace('-', '')}"


def container(name: str) -> str:
    """A container name for a data set: 3 to 63 lower-case letters, digits and single hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_CONTAINER].strip("-")
    return plain if len(plain) >= SHORTEST_CONTAINER else f"data-{plain}".strip("-")


def containers(plans: Sequence[Lifecycle]) -> dict[str, str]:
    """A container for each data set; names that come out alike are numbered."""
    found: dict[str, str] = {}
    for plan in plans:
        name, count = container(plan.data_set), 1
        while name in found.values():
            count += 1
            suffix = f"-{count}"
            name = container(plan.data_set)[: LONGEST_CONTAINER - len(suffix)].strip("-") + suffix
        found[plan.data_set] = name
    return found


def actions(plan: Lifecycle) -> dict[str, Any]:
    """The actions of a plan's rule; empty where nothing ever moves or ends.

    Ages are whole days since creation, rounded up, so nothing moves before its time.
    """
    found: dict[str, Any] = {}
    for age, tier in plan.moves:
        if tier in ACTIONS:
            found[ACTIONS[tier]] = {"daysAfterCreationGreaterThan": math.ceil(age)}
    if plan.delete_after is not None:
        found["delete"] = {"daysAfterCreationGreaterThan": math.ceil(plan.delete_after)}
    return found


def policy(plans: Sequence[Lifecycle], names: dict[str, str]) -> dict[str, Any]:
    """The lifecycle policy of one account: a rule for each plan that needs one."""
    ruled = _rule_names(names)
    rules = [
        {
            "enabled": True,
            "name": ruled[plan.data_set],
            "type": "Lifecycle",
            "definition": {
                "filters": {"blobTypes": ["blockBlob"], "prefixMatch": [f"{names[plan.data_set]}/"]},
                "actions": {"baseBlob": actions(plan)},
            },
        }
        for plan in plans
        if actions(plan)
    ]
    return {"rules": rules}


def _rule_names(names: dict[str, str]) -> dict[str, str]:
    """A name of letters and digits for each data set's rule, from its container's."""
    found: dict[str, str] = {}
    for data_set, name in names.items():
        plain = re.sub(r"[^A-Za-z0-9]", "", name.title())
        # containers a-1 and a1 would share a name
        while plain in found.values():
            plain += "X"
        found[data_set] = plain
    return found


def policies(plans: Sequence[Lifecycle]) -> dict[str, str]:
    """Policy files by name, one an account; an account without a rule has none.

    Where an account would need more rules than a policy holds, it is split.
    """
    names, files = containers(plans), dict[str, str]()
    for (region, sku), group in _accounts(plans).items():
        ruled = [plan for plan in group if actions(plan)]
        for part in range(0, len(ruled), MOST_RULES):
            number = f"-{part // MOST_RULES + 1}" if part else ""
            content = policy(ruled[part : part + MOST_RULES], names)
            files[_file(region, sku, number)] = json.dumps(content, indent=2) + "\n"
    return files


def _file(region: str, sku: str, number: str = "") -> str:
    return f"lifecycle-policy-{region}-{sku.lower().replace('_', '-')}{number}.json"


def _accounts(plans: Sequence[Lifecycle]) -> dict[tuple[str, str], list[Lifecycle]]:
    found: dict[tuple[str, str], list[Lifecycle]] = {}
    for plan in plans:
        found.setdefault(plan.account, []).append(plan)
    return dict(sorted(found.items()))


def settings(plans: Sequence[Lifecycle]) -> str:
    """The accounts, their redundancy and replication, and their containers, as JSON."""
    names = containers(plans)
    accounts = []
    for (region, sku), group in _accounts(plans).items():
        geo, readable = "G" in sku.split("_")[1], sku.split("_")[1].startswith("RA")
        accounts.append(
            {
                "location": region,
                "kind": "BlockBlobStorage" if group[0].premium else "StorageV2",
                "sku": {"name": sku},
                "properties": {"accessTier": "Premium" if group[0].premium else "Hot"},
                "replication": {
                    "second_region": "the region's pair, chosen by Azure" if geo else None,
                    "readable_second_region": readable,
                },
                "lifecycle_policy": _file(region, sku) if any(actions(plan) for plan in group) else None,
                "containers": [_container(plan, names[plan.data_set]) for plan in group],
            }
        )
    return json.dumps({"storageAccounts": accounts}, indent=2) + "\n"


def _container(plan: Lifecycle, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "data_set": plan.data_set, "upload_tier": plan.moves[0][1].title()}
    if plan.hold_days:
        found["immutabilityPeriodSinceCreationInDays"] = math.ceil(plan.hold_days)
    return found
