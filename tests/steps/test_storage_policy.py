from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.exhibits import Export, Table
from advisor.decide.option import Decision
from advisor.steps.data_storage import storage_policy
from advisor.steps.data_storage.storage_policy import Lifecycle
from tests.decided import decided

SCHEMA = json.loads(Path(storage_policy.__file__).with_suffix(".schema.json").read_text(encoding="utf-8"))
TEMPLATES = sorted((Path(__file__).parents[2] / "data" / "scenarios").glob("*.yaml"))
ACTION = {"tierToCool": "cool", "tierToCold": "cold", "tierToArchive": "archive"}


def valid(policy: Any) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(policy)


def plan(name: str = "Request logs", **changes: Any) -> Lifecycle:
    given: dict[str, Any] = {
        "data_set": name,
        "region": "eastus2",
        "redundancy": "LRS",
        "moves": ((0.0, "hot"), (30.0, "cool"), (119.5, "archive")),
        "delete_after": 365.0,
        **changes,
    }
    return Lifecycle(**given)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_knows_the_documented_example_and_its_faults() -> None:
    rule: dict[str, Any] = {
        "enabled": True,
        "name": "agingRule",
        "type": "Lifecycle",
        "definition": {
            "filters": {
                "blobTypes": ["blockBlob"],
                "prefixMatch": ["sample-container/blob1", "container2/blob2"],
            },
            "actions": {
                "baseBlob": {
                    "tierToCool": {"daysAfterModificationGreaterThan": 30},
                    "tierToArchive": {
                        "daysAfterModificationGreaterThan": 90,
                        "daysAfterLastTierChangeGreaterThan": 7,
                    },
                    "delete": {"daysAfterModificationGreaterThan": 2555},
                },
                "snapshot": {"delete": {"daysAfterCreationGreaterThan": 90}},
            },
        },
    }
    assert valid({"rules": [rule]})
    for fault in (
        {"name": "not allowed!"},
        {"type": "Other"},
        {"definition": {"filters": {"blobTypes": ["pageBlob"]}, "actions": rule["definition"]["actions"]}},
        {"definition": {**rule["definition"], "actions": {}}},
        {"unknown": 1},
    ):
        assert not valid({"rules": [{**rule, **fault}]})
    assert not valid({"rules": [rule] * 101})


def test_ages_become_whole_days_rounded_up() -> None:
    (content,) = storage_policy.policies([plan()]).values()
    policy = json.loads(content)
    assert valid(policy)
    assert policy["rules"][0]["definition"]["actions"]["baseBlob"] == {
        "tierToCool": {"daysAfterCreationGreaterThan": 30},
        "tierToArchive": {"daysAfterCreationGreaterThan": 120},
        "delete": {"daysAfterCreationGreaterThan": 365},
    }
    assert policy["rules"][0]["definition"]["filters"]["prefixMatch"] == ["request-logs/"]


def test_a_data_set_without_a_rule_exports_none() -> None:
    still = plan("Index", moves=((0.0, "hot"),), delete_after=None)
    assert storage_policy.policies([still]) == {}
    (content,) = storage_policy.policies([plan(), still]).values()
    assert [rule["name"] for rule in json.loads(content)["rules"]] == ["RequestLogs"]
    accounts = json.loads(storage_policy.settings([still]))["storageAccounts"]
    assert accounts[0]["lifecycle_policy"] is None
    assert accounts[0]["containers"][0]["name"] == "index"


def test_each_place_and_redundancy_is_an_account_with_its_policy() -> None:
    plans = [plan("a one"), plan("b two", redundancy="RA-GZRS"), plan("c three", region="swedencentral")]
    files = storage_policy.policies(plans)
    accounts = json.loads(storage_policy.settings(plans))["storageAccounts"]
    assert {account["lifecycle_policy"] for account in accounts} == set(files)
    assert {account["sku"]["name"] for account in accounts} == {"Standard_LRS", "Standard_RAGZRS"}
    geo = next(account for account in accounts if account["sku"]["name"] == "Standard_RAGZRS")
    assert geo["replication"]["second_region"]
    assert geo["replication"]["readable_second_region"]


def test_premium_is_an_account_of_its_own_kind() -> None:
    premium = plan(moves=((0.0, "premium"),))
    (content,) = storage_policy.policies([premium]).values()
    assert list(json.loads(content)["rules"][0]["definition"]["actions"]["baseBlob"]) == ["delete"]
    (account,) = json.loads(storage_policy.settings([premium]))["storageAccounts"]
    assert (account["kind"], account["sku"]["name"]) == ("BlockBlobStorage", "Premium_LRS")


def test_a_legal_hold_becomes_an_immutability_period() -> None:
    (account,) = json.loads(storage_policy.settings([plan(hold_days=2555.0)]))["storageAccounts"]
    assert account["containers"][0]["immutabilityPeriodSinceCreationInDays"] == 2555


def test_more_rules_than_a_policy_holds_are_split() -> None:
    files = storage_policy.policies([plan(f"data set {number}") for number in range(130)])
    policies = [json.loads(content) for content in files.values()]
    assert sorted(len(policy["rules"]) for policy in policies) == [30, 100]
    assert all(valid(policy) for policy in policies)


def test_rules_keep_apart_what_only_a_hyphen_tells_apart() -> None:
    (content,) = storage_policy.policies([plan("set a-1"), plan("set a1")]).values()
    assert len({rule["name"] for rule in json.loads(content)["rules"]}) == 2


@given(st.lists(st.text(max_size=90), min_size=1, max_size=6, unique=True))
@settings(max_examples=60, deadline=None)
def test_any_names_give_distinct_valid_containers_and_rules(names: list[str]) -> None:
    plans = [plan(name) for name in names]
    (content,) = storage_policy.policies(plans).values()
    policy = json.loads(content)
    assert valid(policy), content
    assert len({rule["name"] for rule in policy["rules"]}) == len(names)
    assert len(set(storage_policy.containers(plans).values())) == len(names)


@pytest.fixture(scope="module", params=TEMPLATES, ids=lambda path: path.stem)
def decision(request: pytest.FixtureRequest) -> Decision:
    return decided(request.param.stem)[1][3]


def test_the_policies_of_a_template_are_valid_and_cover_every_rule_drawn(decision: Decision) -> None:
    exports = {
        item.filename: json.loads(item.content) for item in decision.exhibits if isinstance(item, Export)
    }
    accounts = exports.pop("storage-settings.json")["storageAccounts"]
    assert all(valid(policy) for policy in exports.values())
    containers = {one["name"]: one["data_set"] for account in accounts for one in account["containers"]}
    starts = {
        one["data_set"]: one["upload_tier"].lower() for account in accounts for one in account["containers"]
    }
    exported: set[tuple[str, str, float]] = set()
    for policy in exports.values():
        for rule in policy["rules"]:
            (prefix,) = rule["definition"]["filters"]["prefixMatch"]
            for action, condition in rule["definition"]["actions"]["baseBlob"].items():
                age = condition["daysAfterCreationGreaterThan"]
                exported.add((containers[prefix.rstrip("/")], ACTION.get(action, action), age))
    drawn: set[tuple[str, str, float]] = set()
    table = next(
        item for item in decision.exhibits if isinstance(item, Table) and item.key == "storage_lifecycle"
    )
    for name, tier, age, until, *_ in table.rows:
        if age or tier in ACTION.values():
            drawn.add((str(name), str(tier), float(str(age))))
        if str(until).startswith("deleted at"):
            days = str(until).removeprefix("deleted at ").removesuffix(" days").replace(",", "")
            drawn.add((str(name), "delete", float(days)))
        if not age:
            assert starts[str(name)] == tier
    assert exported == drawn
