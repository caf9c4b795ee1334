"""What rules a deployment out: places, offers, own weights, time, availability, and the terms of units."""

from __future__ import annotations

from dataclasses import replace

import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.system import deployment_gates as rules
from advisor.system import provisioned
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.regions import resides

GLOBAL = DeploymentSetting("maas", "global")
ZONE = DeploymentSetting("maas", "datazone", zone="eu")
SWEDEN = DeploymentSetting("maas", "regional", region="swedencentral")
UNITS = DeploymentSetting("ptu", "global", term="yearly")
GPT, PROMPT = model_of("gpt-4o-mini"), by("prompt")


def out(
    case: Case, deployment: DeploymentSetting = GLOBAL, model: ModelSetting = GPT,
    improvement: ImprovementSetting = PROMPT,
) -> set[str]:  # fmt: skip
    return fallen(rules.gates(case, model, improvement, deployment))


def rule(case: Case, name: str, deployment: DeploymentSetting = GLOBAL, model: ModelSetting = GPT) -> Gate:
    return next(gate for gate in rules.gates(case, model, PROMPT, deployment) if gate.rule == name)


def test_the_eu_zone_is_the_boundarys_and_the_boundary_is_not_the_union() -> None:
    union, boundary = (case_of(constraints={"residency": name}) for name in ("EU", "EUDB"))
    assert out(union) == {"residency"}
    assert out(union, ZONE) == {"residency"}  # it includes Norway and Switzerland
    assert not out(union, SWEDEN)
    assert "residency" in out(boundary)
    assert not out(boundary, ZONE)
    assert "NO" in rule(union, "residency", ZONE).found


def test_an_allowed_list_rules_out_what_may_run_elsewhere() -> None:
    case = case_of(constraints={"regions_allowed": ["swedencentral", "francecentral"]})
    assert out(case) == {"regions_allowed"}
    assert out(case, ZONE) == {"regions_allowed"}
    assert not out(case, SWEDEN)


def test_a_region_must_sell_models_and_this_one() -> None:
    """gpt-4.1-nano has a regional price in Sweden Central, none in France Central."""
    case = case_of(constraints={"residency": "EU"})
    nano = model_of("gpt-4.1-nano")
    assert not out(case, SWEDEN, nano)
    elsewhere = replace(SWEDEN, region="francecentral")
    assert out(case, elsewhere, nano) == {"offered_in"}
    found = rule(case, "offered_in", elsewhere, nano)
    assert (found.expected, "Sweden Central" in found.found) == ("France Central", True)
    norway = case_of(constraints={"residency": "NO", "home_region": "norwaywest"})
    assert "model_region" in out(norway, replace(SWEDEN, region="norwaywest"))


def test_offline_leaves_no_cloud() -> None:
    case = case_of(constraints={"offline": True})
    own = DeploymentSetting("maap", region="swedencentral")
    for deployment in (GLOBAL, ZONE, SWEDEN, UNITS, own, DeploymentSetting("search", region="westeurope")):
        assert "offline" in out(case, deployment)


def test_losing_a_region_and_a_higher_availability() -> None:
    """99.9 % are promised; two that fail apart reach 1 - 0.001² = 99.9999 %, units do not, overflow or none.

    In one region a second deployment would fail with the first: 99.9 %, however many there are.
    """
    case = case_of(operations={"survive_region_loss": True, "availability": 0.9999})
    assert out(case, SWEDEN) == {"availability", "region_loss"}
    found = rule(case, "availability", SWEDEN)
    assert found.found == "99.9% with 1"
    assert found.remedy == "use a data zone or global deployment: all deployments of one region fail with it"
    assert not out(case)
    assert rules.redundant(case, GLOBAL) == 2
    assert rules.redundant(case, SWEDEN) == 1
    assert rule(case, "availability").found == "99.9999% with 2 in different regions"
    for units in (UNITS, replace(UNITS, spillover=True)):
        assert out(case, units) == {"availability", "region_loss"}
        assert rule(case, "region_loss", units).found == "one region"


def test_the_loss_of_a_region_takes_two_resources_that_stand_apart() -> None:
    """One reaches 99.9 %; lost with its region, it leaves nothing that answers."""
    wanted = {"availability": 0.999}
    assert rules.redundant(case_of(operations=wanted), ZONE) == 1
    assert rules.redundant(case_of(operations={**wanted, "survive_region_loss": True}), ZONE) == 2


def test_a_managed_embedder_keeps_the_rules_on_regions() -> None:
    """It must survive the loss of its region, and stand where data may be processed, as any other service."""
    embedder, reads = model_of("text-embedding-3-small", kind="encoder"), by("train_classifier")
    swede = DeploymentSetting("embedding", region="swedencentral")
    zone = DeploymentSetting("embedding", "datazone", zone="eu")
    lost = case_of(operations={"survive_region_loss": True, "availability": 0.99})
    assert out(lost, swede, embedder, reads) == {"region_loss"}
    assert not out(lost, zone, embedder, reads)
    america = case_of(constraints={"residency": "US", "home_region": "eastus"})
    assert "residency" in out(america, swede, embedder, reads)
    assert "residency" in out(america, zone, embedder, reads)


def test_overflow_of_units_stays_in_their_resource() -> None:
    """It goes to a standard deployment of the same resource, which stands in one region: no second chance.

    One deployment is promised 99.9 %, in a region, in a data zone and globally.
    """
    case = case_of(operations={"survive_region_loss": True, "availability": 0.9999})
    here = DeploymentSetting("ptu", "regional", region="swedencentral", term="hourly", spillover=True)
    assert out(case, here) == {"availability", "region_loss"}
    assert "99.9% with 1" in rule(case, "availability", here).found
    zone = DeploymentSetting("ptu", "datazone", zone="eu", term="yearly", spillover=True)
    assert out(case, zone) == {"availability", "region_loss"}
    assert rule(case, "availability", zone).found == "99.9% with 1"
    assert rule(case, "availability", zone).remedy.startswith("pay by use")
    assert not out(case_of(operations={"availability": 0.999}), zone)


def test_own_weights_need_a_host() -> None:
    case = case_of()
    llama = model_of("llama-3.3-70b")
    assert "own_weights" in out(case, GLOBAL, llama, by("full"))
    assert "own_weights" not in out(case, GLOBAL, llama, by("lora"))  # an adapter rides on the pool
    dedicated = case_of(knowledge={"hosting": "dedicated"})
    assert "own_weights" in out(dedicated, GLOBAL, llama, by("lora"))
    assert "own_weights" not in out(dedicated, GLOBAL, GPT, by("lora"))  # tuned by its publisher's service
    custom = model_of("llama-3.1-8b", kind="custom")
    assert "own_weights" in out(case, GLOBAL, custom)


def test_a_service_must_outlive_the_start() -> None:
    case = case_of(timing={"start": "2030-01-01"})
    assert "retirement" in out(case)
    pair = model_of("phi-4", "gpt-4o", kind="router")
    assert "gpt-4o 20" in rule(case, "retirement", GLOBAL, pair).found


def test_every_one_of_two_models_must_be_offered() -> None:
    pair = model_of("gpt-4o-mini", "qwen3-0.6b", kind="cascade")
    assert "offered" in out(case_of(), GLOBAL, pair)


def test_only_what_is_too_slow_at_its_best_is_too_slow() -> None:
    taken = rules.times(case_of(), GPT, PROMPT, GLOBAL)
    between = (taken.answer[0] + taken.answer[1]) / 2
    assert "latency" not in out(case_of(constraints={"latency_p95_ms": between}))
    assert "latency" in out(case_of(constraints={"latency_p95_ms": taken.answer[0] * 0.9}))
    assert "first_token" in out(case_of(constraints={"first_token_p95_ms": taken.first[0] * 0.9}))


def test_of_two_models_the_large_one_sets_the_time() -> None:
    case, pair = case_of(), model_of("gpt-4o-mini", "o4-mini", kind="router")
    assert rules.times(case, pair, PROMPT, GLOBAL) == rules.times(case, model_of("o4-mini"), PROMPT, GLOBAL)


def test_the_way_to_a_region_takes_time_too() -> None:
    case = case_of()
    found = rule(case, "first_token", SWEDEN).found, rule(case, "first_token").found
    assert found[0] != found[1]


def test_batches_need_something_that_waits() -> None:
    batch = replace(GLOBAL, batch=True)
    assert out(case_of(workload={"deferrable_share": 0.0}), batch) == {"deferrable"}
    assert not out(case_of(workload={"deferrable_share": 0.3}), batch)


def test_units_are_sold_for_some_models_in_some_regions() -> None:
    case = case_of()
    for model in (model_of("phi-4"), model_of("gpt-4o-mini", "gpt-4o", kind="router")):
        assert out(case, UNITS, model) == {"ptu_sold"}
    assert "phi-4 has no provisioned throughput" in rule(case, "ptu_sold", UNITS, model_of("phi-4")).found
    assert "ptu_region" in out(case, DeploymentSetting("ptu", "regional", region="denmarkeast"))


def test_units_have_a_list_of_their_own() -> None:
    """GPT-5.1 is sold by the token in no single region, GPT-4.1 not in Germany; both as units there."""
    case = case_of(constraints={"regions_allowed": ["germanywestcentral"]}, timing={"start": "2026-01-01"})
    here = DeploymentSetting("ptu", "regional", region="germanywestcentral", term="hourly")
    tokens = DeploymentSetting("maas", "regional", region="germanywestcentral")
    for model, missing in (("gpt-5.1", "offered"), ("gpt-4.1", "offered_in")):
        assert out(case, here, model_of(model)) == set()
        # what is passed on is bought by the token, as is all that comes without units
        assert out(case, replace(here, spillover=True), model_of(model)) == {missing}
        assert out(case, tokens, model_of(model)) == {missing}
    # 50 units at $2.20 an hour, the least that is sold there, for 730 hours of a month
    lines = provisioned.lines(case, model_of("gpt-4.1"), PROMPT, here)
    assert sum(central(one.footprint["cost"]) for one in lines) == pytest.approx(50 * 2.2 * 730)


def test_units_of_a_preview_are_sold_globally_alone() -> None:
    case = case_of()
    zone = DeploymentSetting("ptu", "datazone", zone="eu", term="yearly")
    assert out(case, zone, model_of("gpt-oss-120b")) == {"ptu_sold"}
    found = rule(case, "ptu_sold", zone, model_of("gpt-oss-120b"))
    assert found.found == "gpt-oss-120b is sold in units globally alone"
    assert "ptu_sold" not in out(case, UNITS, model_of("gpt-oss-120b"))


def test_a_term_longer_than_the_plan_is_out() -> None:
    case = case_of(timing={"horizon_years": 0.5})
    assert out(case, UNITS) == {"term"}
    assert not out(case, replace(UNITS, term="monthly"))


def test_a_price_must_be_known_where_it_is_paid() -> None:
    case = case_of()
    unpriced = next(
        model_of(key) for key in case.catalogue.keys("models")
        if not any(name.startswith(f"prices.{key}.") for name in case.catalogue.coefficients)
    )  # fmt: skip
    assert "price" in out(case, GLOBAL, unpriced)


def test_evidence_against_a_models_weights_rules_it_out_wherever_it_runs() -> None:
    case = case_of(constraints={"security_scan": {"gpt-4o-mini": "no"}})
    assert "security_scan" in out(case)
    unknown = case_of(constraints={"security_scan": {"gpt-4o-mini": "unknown"}})
    assert "security_scan" not in out(unknown)  # a managed model's weights are its provider's


@pytest.mark.parametrize("deployment", [GLOBAL, ZONE, SWEDEN, UNITS, replace(ZONE, cache="semantic")])
def test_verdicts_need_no_draws(deployment: DeploymentSetting) -> None:
    case = case_of()
    for model in ("gpt-4o-mini", "o4-mini", "llama-3.3-70b"):
        early = (model_of(model), PROMPT, deployment)
        assert rules.gates(case, *early) == rules.gates(case.centre, *early)


def test_every_failure_says_what_would_bring_it_back() -> None:
    case = case_of(constraints={"residency": "IS", "self_hosted_allowed": False, "latency_p95_ms": 1})
    for deployment in (GLOBAL, ZONE, SWEDEN, UNITS, replace(ZONE, cache="exact")):
        for gate in rules.gates(case, GPT, PROMPT, deployment):
            assert gate.passed or gate.remedy


def test_a_tighter_residency_never_lets_more_pass() -> None:
    passing = []
    for residency in ("any", "EUDB", "EU", "SE"):
        case = case_of(constraints={"residency": residency})
        passing.append({one.key for one in (GLOBAL, ZONE, SWEDEN, UNITS) if not out(case, one)})
        assert all(
            resides(case.catalogue.row("regions", "swedencentral"), name) for name in ("any", residency)
        )
    assert passing[0] >= passing[1] >= passing[2] >= passing[3] == {SWEDEN.key}


def test_allowed_regions_are_told_by_their_names() -> None:
    case = case_of(constraints={"residency": "any", "regions_allowed": ["swedencentral", "brazilsouth"]})
    told = {one.rule: one for one in rules.place_gates(case, "global", None, None)}
    assert told["regions_allowed"].expected == "Sweden Central, Brazil South"
