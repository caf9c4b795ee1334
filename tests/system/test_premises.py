"""Data that may not leave the user's own premises: what is stopped, what remains, where it stands."""

from __future__ import annotations

import pytest

from advisor.outputs.documents import to_deploy
from advisor.steps import final_option, run
from advisor.system import (
    billing,
    cache_gates,
    deployment_gates,
    improvement_gates,
    machines_offered,
    model_gates,
    operation_gates,
    search_units,
)
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, OperationSetting, Plan, StorageSetting
from advisor.system.storage import gates as storage_gates
from tests.system.settings import by, case_of, fallen, model_of, year

LAB = {"lab": {"gpu": "h100_sxm", "gpu_count": 8, "usd_per_hour": 20}}
GPT, LLAMA, MINE = model_of("gpt-4.1-mini"), model_of("llama-3.3-70b"), "germanywestcentral"
OWN = DeploymentSetting("maap", region=MINE, machine="lab", precision="fp8")
HOME = {"home_region": MINE, "users_near": [MINE]}
NOW = OperationSetting("never", "planned", "now")
SET = {"name": "records", "role": "corpus", "content": "text", "size_gb": 100}


def hospital(**sections: object) -> Case:
    constraints = {**HOME, "on_premises": True, **sections.pop("constraints", {})}  # type: ignore[dict-item]
    return case_of(**{
        "task": "rag_qa", "own_machines": LAB, "knowledge": {"gap": "facts", "documents": 1000},
        "quality": {"floor": 0.5}, "constraints": constraints, **sections,
    })  # fmt: skip


def stopped(case: Case, model: object, deployment: DeploymentSetting) -> bool:
    gates = deployment_gates.gates(case, model, by("prompt"), deployment)  # type: ignore[arg-type]
    return "premises" in fallen(gates)


@pytest.mark.parametrize(
    ("model", "outside"),
    [
        (GPT, DeploymentSetting("maas", "global")),
        (GPT, DeploymentSetting("maas", "regional", region=MINE)),
        (GPT, DeploymentSetting("ptu", "regional", region=MINE, term="hourly")),
        (LLAMA, DeploymentSetting("maap", region=MINE, machine="nd96isr_h100_v5", precision="fp8")),
        (model_of("bert-base", kind="encoder"), DeploymentSetting("container", region=MINE)),
        (model_of("text-embedding-3-small", kind="retrieval"), DeploymentSetting("search", region=MINE)),
    ],
)
def test_services_and_rented_machines_are_stopped(model: object, outside: DeploymentSetting) -> None:
    assert stopped(hospital(), model, outside)
    assert not stopped(hospital(constraints={"on_premises": False}), model, outside)


def test_what_stands_on_the_premises_remains() -> None:
    case = hospital()
    assert not stopped(case, LLAMA, OWN)
    device = hospital(constraints={"device": {"kind": "jetson_agx_orin"}})
    assert not stopped(device, LLAMA, DeploymentSetting("edge", "device", device="jetson_agx_orin"))
    # every machine of one's own is offered, however many rented ones beat it; one rented one shows the rule
    offered = machines_offered.alternatives(case, LLAMA, by("prompt"))
    assert [one.machine == "lab" for one in offered].count(False) == 1
    assert {one.region for one in offered if one.machine == "lab"} == {MINE}
    # without one of one's own no machine may run it
    bare = hospital(own_machines={})
    (alone,) = machines_offered.alternatives(bare, LLAMA, by("prompt"))
    gates = deployment_gates.gates(bare, LLAMA, by("prompt"), alone)
    assert fallen(gates) == {"premises"}
    assert "own_machines" in next(one.remedy for one in gates if one.rule == "premises")


def test_sound_and_images_of_a_service_are_stopped() -> None:
    assert stopped(hospital(media={"audio_read_s": 60}), LLAMA, OWN)


def test_what_sends_data_away_is_stopped_in_every_step() -> None:
    case = hospital(data_sets=[{**SET, "redundancy": "GRS", "tier": "cool"}])
    for technique in ("lora", "full", "distill"):
        assert "premises" in fallen(improvement_gates.gates(case, LLAMA, by(technique))), technique
    assert "premises" not in fallen(improvement_gates.gates(case, LLAMA, by("rag_vector")))
    assert "premises" in fallen(
        improvement_gates.gates(case, model_of("bert-base", kind="encoder"), by("classifier"))
    )
    assert "premises" in fallen(model_gates.gates(case, model_of("custom", kind="custom")))
    cached = DeploymentSetting("maap", region=MINE, machine="lab", precision="fp8", cache="exact")
    assert "premises" in fallen(cache_gates.gates(case, LLAMA, by("prompt"), cached))
    assert not cache_gates.open_to(case, LLAMA, by("prompt"), cached)
    moved = OperationSetting("never", "sized", "place")
    assert "premises" in fallen(operation_gates.gates(case, LLAMA, by("prompt"), OWN, moved))
    assert "premises" not in fallen(operation_gates.gates(case, LLAMA, by("prompt"), OWN, NOW))
    # today in a cool tier with a copy in a second region, and the archive: no disks of one's own
    early = (LLAMA, by("prompt"), OWN)
    for policy, out in (("today", True), ("archive", True), ("balanced", False), ("cleanest_region", False)):
        assert ("premises" in fallen(storage_gates.gates(case, *early, StorageSetting(policy)))) is out, (
            policy
        )


def test_all_of_a_plan_stands_in_a_room_of_ones_own() -> None:
    case = hospital(data_sets=[SET], operations={"job_kwh": 2})
    plan = Plan(LLAMA, by("rag_vector"), OWN, StorageSetting("balanced"), NOW)
    lines = billing.bill(case, plan).lines
    assert {line.place for line in lines if line.place} == {f"own:{MINE}"}
    assert search_units.embedder(case) == "bge-small-en"
    assert not search_units.index(case, "vector").units  # no service holds the index
    # kept in the cloud, the same data has the grid's energy at another overhead: 1.58 here, as machine rooms
    # are on average; a cloud's own there
    cloud = hospital(data_sets=[SET], constraints={"on_premises": False})
    ratio = case.central("premises.pue", "ratio") / case.central(f"regions.{MINE}.pue", "ratio")

    def kept(of: Case) -> float:
        held = billing.keeping(of, *plan.early, StorageSetting("all_hot"))
        return year(of, [line for line in held if line.what == "records"])

    assert kept(case) == pytest.approx(kept(cloud) * ratio)


def test_what_is_kept_there_is_paid_at_a_multiple_of_the_list() -> None:
    # twice the list where the user says so: 100 GB, all in the hot tier
    own = {"premises.over_listed": {
        "low": 2, "central": 2, "high": 2, "unit": "ratio", "owner": "Ann", "reason": "our own disks",
    }}  # fmt: skip
    usual, twice = hospital(data_sets=[SET]), hospital(data_sets=[SET], overrides=own)

    def usd(case: Case) -> float:
        return year(case, billing.keeping(case, LLAMA, by("prompt"), OWN, StorageSetting("all_hot")), "cost")

    assert usd(twice) == pytest.approx(2 * usd(usual))
    assert usual.central("premises.over_listed", "ratio") == 1.0


def test_a_plan_is_found_with_a_machine_of_ones_own_and_none_without() -> None:
    case = hospital(constraints={"first_token_p95_ms": 10_000, "latency_p95_ms": 60_000})
    found = final_option(case, decisions := run(case, flips=False))
    assert found is not None
    assert found.plan.deployment.machine == "lab"
    assert "premises" in {gate.rule for _, gates in decisions[0].eliminated for gate in gates}
    # no policy of a cloud's accounts, nothing to deploy there: the job's schedule, and what every plan has
    files = {file.filename for file in to_deploy(case, decisions)}
    assert not any(name.startswith(("lifecycle-policy", "storage-settings", "deploy")) for name in files)
    assert not {"rollback-alert.json", "semantic-cache-policy.xml"} & files
    without = run(hospital(own_machines={}), flips=False)
    assert final_option(hospital(own_machines={}), without) is None
