from dataclasses import replace

import numpy as np
import pytest
from steps.deploying import by_key, case_of, chosen, deployed, exhibit, failed

from advisor.decide.comparing import yearly
from advisor.steps import deployment
from advisor.steps.deployment import curves, managed, provisioned, rules
from advisor.steps.deployment.demand import demand
from advisor.steps.deployment.fleet import fleets
from advisor.steps.deployment.managed import Scope
from advisor.steps.deployment.pool import Managed
from advisor.system import accounting
from advisor.system.regions import ranked, zone_resides


def medians(option, case):
    year = yearly(option, case)
    return {name: float(np.median(year[name])) for name in ("energy", "carbon", "cost")}


@pytest.fixture(scope="module")
def plain():
    case = case_of()
    prior = chosen(case)
    return case, prior, deployed(case, prior)


@pytest.fixture(scope="module")
def open_model():
    case = case_of()
    prior = chosen(case, "llama-3.3-70b")
    return case, prior, deployed(case, prior)


def test_every_kind_of_deployment_is_an_option(open_model):
    _, _, decision = open_model
    kinds = {option.key.split("-")[0] for option in decision.options}
    assert kinds == {"maas", "batch", "ptu", "maap", "edge"}
    assert decision.choice is not None
    assert decision.headline
    assert decision.reasons
    assert len(decision.options) <= 30


def test_options_carry_their_evidence_and_nothing_is_carried_over(plain):
    _, _, decision = plain
    for option in decision.options:
        assert any(name.startswith(("prices.", "ptu", "managed.")) for name in option.evidence)
        assert not option.carried.per_request.values.any()


# --- provisioned throughput -------------------------------------------------------------------


def microsoft(cached):
    """Microsoft's example: 1,000 requests a minute of 200 in and 20 out, all alike, no growth."""
    case = case_of(
        workload={
            "requests_per_day": 1_440_000, "input_tokens": 200, "output_tokens": 20, "profile": "flat",
            "peak_to_mean": 1.0, "growth_per_year": 0.0, "retry_rate": 0.0, "deferrable_share": 0,
        }
    )  # fmt: skip
    return case, chosen(case, "gpt-5.2", cached_tokens=200.0 * cached)


def scope_of(case, key):
    regions = [region for region in rules.candidates(case) if region.key == "swedencentral"]
    return next(scope for scope in managed.scopes(case, regions) if scope.key == key)


@pytest.mark.parametrize(("cached", "units"), [(0.0, 110), (0.5, 80)])
def test_microsofts_example_in_a_data_zone(cached, units):
    case, prior = microsoft(cached)
    # the prefix is shorter than what the service caches, so it is stated, not derived
    size = provisioned.sizing(case, demand(case, prior), scope_of(case, "datazone"), 200 * cached)
    assert size.peak[0] == units


def test_microsofts_example_as_an_option():
    case, prior = microsoft(0.0)
    decision = deployed(case, prior)
    (hourly,) = by_key(decision, "ptu-datazone-hourly")
    assert hourly.settings["ptu"] == 110
    assert hourly.settings["sku"] == "DataZoneProvisionedManaged"
    assert hourly.title.startswith("110 PTU")


def test_regional_units_honour_minimum_and_increment():
    case, prior = microsoft(0.0)
    size = provisioned.sizing(case, demand(case, prior), scope_of(case, "swedencentral"), 0.0)
    # gpt-5.2 regional: at least 50, in steps of 50; 105.88 -> 150
    assert size.peak[0] == 150


def test_a_model_without_provisioned_throughput_says_so():
    case = case_of()
    decision = deployed(case, chosen(case, "phi-4"))
    units = by_key(decision, "ptu")
    assert units
    for option in units:
        assert "ptu_sold" in failed(option)
        assert "phi-4 has no provisioned throughput" in str(option.gates)


def test_idle_provisioned_capacity_is_charged_to_the_buyer(plain):
    case, _, decision = plain
    payg, units = by_key(decision, "maas-global")[0], by_key(decision, "ptu-global-yearly")[0]
    assert units.settings["utilisation"] < 0.2
    assert medians(units, case)["energy"] > 2 * medians(payg, case)["energy"]
    assert float(np.median(units.parts.monthly["energy"])) > 0


def test_the_week_of_provisioned_units():
    case = case_of(
        workload={"requests_per_day": 4e7, "profile": "flat", "peak_to_mean": 1, "deferrable_share": 0},
        priorities={"carbon": 0, "cost": 1, "quality": 0, "water": 0}, timing={"horizon_years": 1},
        overrides={"ptu_reservation.global_year": {
            "low": 0.9, "central": 0.9, "high": 0.9, "unit": "ratio", "owner": "a test", "reason": "an offer",
        }},
    )  # fmt: skip
    decision = deployed(case, chosen(case))
    assert decision.choice.settings["mode"] == "ptu"
    used = exhibit(decision, "week_units")
    assert 0 < used.values[0][0] <= 100


def test_a_reservation_lowers_the_price_alone(plain):
    case, _, decision = plain
    costs = [
        medians(by_key(decision, f"ptu-global-{term}")[0], case) for term in ("hourly", "monthly", "yearly")
    ]
    assert costs[0]["cost"] > costs[1]["cost"] > costs[2]["cost"]
    assert costs[0]["carbon"] == costs[2]["carbon"]
    # 64.4 % and 69.7 % off $1 an hour
    assert costs[1]["cost"] / costs[0]["cost"] == pytest.approx(0.356, abs=0.001)


def test_a_term_longer_than_the_plan_is_out():
    case = case_of(timing={"horizon_years": 0.5})
    yearly_term = by_key(deployed(case, chosen(case)), "ptu-global-yearly")[0]
    assert failed(yearly_term) == {"term"}


def test_spillover_is_smaller_and_cheaper_at_a_peaky_load():
    case = case_of(workload={"requests_per_day": 3_000_000, "peak_to_mean": 10})
    decision = deployed(case, chosen(case))
    full = by_key(decision, "ptu-global-yearly")[0]
    (spill,) = by_key(decision, "ptu-global-yearly-spillover")
    assert spill.settings["ptu"] < full.settings["ptu"]
    assert medians(spill, case)["cost"] < medians(full, case)["cost"]
    assert 0 < spill.settings["spillover_share"] < 1


# --- machines of one's own --------------------------------------------------------------------


MODELS = (
    "llama-3.3-70b",
    "llama-3.1-8b",
    "phi-4",
    "gpt-oss-120b",
    "gpt-oss-20b",
    "qwen3-14b",
    "deepseek-v3.1",
)


@pytest.mark.parametrize("model", MODELS)
def test_a_machine_at_five_per_cent_never_beats_the_service_and_a_full_one_can(model):
    case = case_of()
    prior = chosen(case, model)
    wanted = demand(case, prior)
    pool, region = Managed(case, wanted), "swedencentral"
    service = float(np.median(pool.per_request(f"region:{region}", pool.live)["carbon"])) * 1000
    full = []
    for fleet in fleets(case, wanted):
        if fleet.batch > 0:
            found = curves.grid(pool, fleet, region)
            little, most = curves.by_utilisation(found, fleet, np.array([0.05, 1.0])).carbon
            assert little > service, (fleet.name, fleet.precision)
            full.append(most)
    assert min(full) < service


def test_the_crossing_is_where_the_chart_says(open_model):
    case, prior, decision = open_model
    chart = exhibit(decision, "utilisation_carbon")
    (mark,) = chart.marks
    own, service = chart.lines
    share = mark.x / 100
    # the curve drawn, asked again at the mark
    wanted = demand(case, prior)
    pool = Managed(case, wanted)
    fleet = next(fleet for fleet in fleets(case, wanted) if fleet.batch > 0)
    assert fleet.name == own.label
    region = rules.candidates(case)[0].key
    found = curves.grid(pool, fleet, region)
    below, at, above = curves.by_utilisation(found, fleet, share * np.array([0.9, 1.0, 1.1])).carbon
    assert at == pytest.approx(service.y[0], rel=0.02)
    assert below > service.y[0] > above


def test_money_and_carbon_break_even_apart():
    case = case_of(workload={"requests_per_day": 200_000, "profile": "always_on", "peak_to_mean": 2})
    decision = deployed(case, chosen(case, "gpt-oss-120b"))
    carbon, money = exhibit(decision, "volume_carbon"), exhibit(decision, "volume_usd")
    better = [mark for mark in carbon.marks if "autoscaled" in mark.label]
    assert better
    assert [mark.x for mark in better] != [mark.x for mark in money.marks if "autoscaled" in mark.label]


def test_replicas_follow_the_week_and_the_availability(open_model):
    case, prior, _ = open_model
    fleet = next(fleet for fleet in fleets(case, demand(case, prior)) if fleet.batch > 0)
    day = fleet.replicas[0].reshape(7, 24)
    assert day[0, 9:17].min() >= day[0, 0:6].max()
    assert day.min() == 2  # one would be up 99.5 % of the time, 99.9 % is asked
    looser = case_of(operations={"availability": 0.99})
    fewer = next(f for f in fleets(looser, demand(looser, chosen(looser, "llama-3.3-70b"))) if f.batch > 0)
    assert fewer.replicas.min() == 1


def test_a_tighter_latency_never_adds_room():
    calm = case_of()
    hurried = case_of(constraints={"latency_p95_ms": 4_000})
    model = "llama-3.3-70b"
    before = {(f.machine, f.precision): f for f in fleets(calm, demand(calm, chosen(calm, model)))}
    after = {(f.machine, f.precision): f for f in fleets(hurried, demand(hurried, chosen(hurried, model)))}
    assert all(after[key].batch <= fleet.batch for key, fleet in before.items())
    assert any(after[key].batch < fleet.batch for key, fleet in before.items())


def test_growth_adds_replicas_over_the_years():
    case = case_of(workload={"requests_per_day": 300_000, "growth_per_year": 1.0})
    fleet = next(f for f in fleets(case, demand(case, chosen(case, "llama-3.3-70b"))) if f.batch > 0)
    peaks = fleet.replicas.max(axis=1)
    assert peaks[0] < peaks[1] < peaks[2]


def test_scaling_to_zero_only_where_few_wait_for_a_start():
    sparse = case_of(workload={"requests_per_day": 40, "profile": "flat"}, operations={"availability": 0.99})
    decision = deployed(sparse, chosen(sparse, "phi-4"))
    (to_zero,) = [option for option in decision.options if option.key.endswith("to-zero")]
    assert "cold_start" in failed(to_zero)
    office = case_of(
        workload={"requests_per_day": 60_000, "profile": "nightly_batch"}, operations={"availability": 0.99}
    )
    night = deployed(office, chosen(office, "phi-4"))
    (to_zero,) = [option for option in night.options if option.key.endswith("to-zero")]
    kept = next(o for o in night.options if o.key == to_zero.key.removesuffix("-to-zero"))
    assert "cold_start" not in failed(to_zero)
    assert medians(to_zero, office)["cost"] < 0.5 * medians(kept, office)["cost"]
    assert medians(to_zero, office)["carbon"] < medians(kept, office)["carbon"]


def test_teams_that_may_not_host_and_closed_weights():
    case = case_of(constraints={"self_hosted_allowed": False})
    options = by_key(deployed(case, chosen(case, "llama-3.3-70b")), "maap")
    assert options
    assert all("self_hosting" in failed(option) for option in options)
    closed = case_of()
    (own,) = by_key(deployed(closed, chosen(closed)), "maap")
    assert failed(own) == {"open_weights"}


# --- the trace, and a hundred times its traffic -----------------------------------------------


def trace(times, make_traffic):
    """Azure's conversation trace of 2023: 19,366 requests in 58 minutes, 1,155 in and 211 out."""
    case = case_of(workload={"traffic_multiplier": times, "traffic": "trace.yaml"})
    profile = make_traffic(
        requests_per_day=(400_000, 478_000, 560_000), peak_to_mean=1.5, growth_per_year=0.0
    )
    tokens = {"input_tokens": 1155.0, "output_tokens": 211.0}
    sized = {name: getattr(profile, name).model_copy(update={"mean": mean}) for name, mean in tokens.items()}
    case.scenario._traffic = profile.model_copy(update=sized)
    return case


def test_the_conversation_trace_and_a_hundred_times_it(make_traffic):
    once = trace(1, make_traffic)
    more = trace(100, make_traffic)
    first = deployed(once, chosen(once, "gpt-oss-120b"))
    second = deployed(more, chosen(more, "gpt-oss-120b"))
    assert first.choice.settings["mode"] == "maas"
    assert second.choice.settings["mode"] == "maap"
    assert second.choice.settings["replicas"] > 10
    assert "busy" in " ".join(second.reasons)
    volume = exhibit(first, "volume_carbon")
    today = float(np.median(once.workload.requests_per_day))
    crossing = [mark.x for mark in volume.marks if "autoscaled" in mark.label]
    assert crossing
    assert crossing[0] < 100 * today
    assert exhibit(second, "week_replicas")


# --- places ----------------------------------------------------------------------------------


def test_eu_means_member_states_and_the_boundary_adds_norway_and_switzerland():
    case = case_of()
    countries = {
        rule: {case.catalogue.row("regions", r.key)["country"] for r in ranked(case, 1e9, rule) if r.eligible}
        for rule in ("EU", "EUDB")
    }
    assert not countries["EU"] & {"NO", "CH", "GB", "US"}
    assert {"SE", "FR", "DE", "NL", "PL"} <= countries["EU"]
    assert countries["EUDB"] - countries["EU"] == {"NO", "CH"}


def test_residency_of_managed_deployments():
    eu = case_of(constraints={"residency": "EU"})
    decision = deployed(eu, chosen(eu))
    assert failed(by_key(decision, "maas-global")[0]) == {"residency"}
    # the EU data zone includes Norway and Switzerland
    assert failed(by_key(decision, "maas-datazone")[0]) == {"residency"}
    assert by_key(decision, "maas-swedencentral")[0].eligible
    boundary = case_of(constraints={"residency": "EUDB"})
    decision = deployed(boundary, chosen(boundary))
    assert "residency" in failed(by_key(decision, "maas-global")[0])
    assert by_key(decision, "maas-datazone")[0].eligible


def test_a_data_zone_claims_its_range_never_one_region():
    case = case_of(size=1000)
    decision = deployed(case, chosen(case))
    (zone,) = by_key(decision, "maas-datazone")[:1]
    one = zone.parts.per_request
    per_kwh = one["carbon_location"] / one["energy"] * 1000
    members = accounting.zone_regions(case, "eu")
    figures = [case.central(f"regions.{key}.average_intensity", "g/kWh") for key in members]
    assert per_kwh.min() < 1.5 * min(figures)
    assert per_kwh.max() > 0.8 * max(figures)
    assert "never one region's" in zone.notes[0]


def test_with_nothing_left_it_says_what_to_relax():
    case = case_of(constraints={"residency": "IS", "self_hosted_allowed": False})
    decision = deployed(case, chosen(case))
    assert decision.choice is None
    assert "No way" in decision.headline
    assert any("residency" in reason for reason in decision.reasons)
    assert all(gate.remedy for _, gates in decision.eliminated for gate in gates)


def test_a_tighter_residency_never_adds_options():
    kept = []
    for residency in ("any", "EUDB", "EU", "SE"):
        case = case_of(constraints={"residency": residency})
        decision = deployed(case, chosen(case, "llama-3.3-70b"))
        kept.append({option.key for option in decision.options if option.eligible})
    assert kept[0] >= kept[1] >= kept[2] >= kept[3]


def test_models_as_a_service_only_where_they_are_sold():
    case = case_of(constraints={"residency": "NO", "home_region": "norwaywest"})
    decision = deployed(case, chosen(case))
    assert "model_region" in failed(by_key(decision, "maas-norwaywest")[0])


def test_a_regional_deployment_only_where_the_model_is_sold():
    """gpt-4.1-nano has a regional price in Sweden Central, none in France Central."""
    case = case_of(constraints={"residency": "EU", "home_region": "francecentral"})
    decision = deployed(case, chosen(case, "gpt-4.1-nano"))
    assert by_key(decision, "maas-swedencentral")[0].eligible
    (elsewhere,) = by_key(decision, "maas-francecentral")
    assert failed(elsewhere) == {"offered_in"}
    assert "swedencentral" in next(gate.found for gate in elsewhere.gates if gate.rule == "offered_in")


def test_what_each_option_takes_adds_up(plain):
    case, _, decision = plain
    table = exhibit(decision, "split")
    by_title = {option.title: option for option in decision.options}
    for title, _, work, idle, overhead, *_ in table.rows:
        total = float(np.median(yearly(by_title[title], case)["energy"]))
        assert work + idle + overhead == pytest.approx(total, rel=1e-6)
        assert overhead < 0.5 * total


def test_more_tokens_never_cost_less():
    case = case_of()
    for tokens in ({"input_tokens": 2_000.0}, {"output_tokens": 600.0}):
        more, less = (
            {o.key: medians(o, case) for o in deployed(case, chosen(case, **extra)).options if o.eligible}
            for extra in (tokens, {})
        )
        for key in set(more) & set(less):
            assert more[key]["energy"] >= less[key]["energy"] * 0.999
            assert more[key]["cost"] >= less[key]["cost"] * 0.999


def test_an_allowed_list_and_users_far_away_narrow_the_regions():
    listed = case_of(constraints={"regions_allowed": ["francecentral"]})
    assert [r.key for r in rules.candidates(listed) if r.eligible] == ["francecentral"]
    far = case_of(constraints={"users_near": ["australiaeast"], "first_token_p95_ms": 100})
    keys = {r.key for r in rules.candidates(far) if r.eligible}
    assert "australiaeast" in keys
    assert "swedencentral" not in keys


def test_regions_are_ranked_with_average_and_marginal_side_by_side(plain):
    _, _, decision = plain
    table = exhibit(decision, "regions")
    passing = [row for row in table.rows if row[1] == "yes"]
    effective = [row[table.columns.index("g per kWh used")] for row in passing]
    assert effective == sorted(effective)
    assert {"average g/kWh", "marginal g/kWh", "PUE", "water L/kWh", "delay floor ms"} <= set(table.columns)
    assert any(row[table.columns.index("marginal g/kWh")] is None for row in table.rows)


def test_what_residency_costs_in_carbon(plain):
    table = exhibit(plain[2], "residency")
    more = {row[0]: row[4] for row in table.rows}
    assert more["any"] == 0
    assert more["US"] > 0
    assert more["EU"] >= more["EUDB"] >= 0


def test_bases_of_carbon_never_add_up(plain):
    case, _, decision = plain
    table = exhibit(decision, "bases")
    location, market, embodied = (
        table.columns.index(name)
        for name in ("location-based kgCO2e", "market-based kgCO2e", "embodied kgCO2e")
    )
    for option in (option for option in decision.options if option.eligible):
        year = yearly(option, case)
        np.testing.assert_allclose(year["carbon"], year["carbon_location"] + year["embodied"])
    totals = {round(float(np.median(yearly(o, case)["carbon"])), 3) for o in decision.options if o.eligible}
    sums = {round(row[location] + row[market] + row[embodied], 3) for row in table.rows}
    assert not totals & sums
    bars = exhibit(decision, "carbon_split")
    first = decision.options[[o.title for o in decision.options].index(bars.bars[0])]
    drawn = sum(part[0] for part in bars.values)
    assert drawn == pytest.approx(float(np.median(yearly(first, case)["carbon"])), rel=0.1)


def test_moving_once_beats_hopping(plain):
    table = exhibit(plain[2], "place_gain")
    stay, move, hop = (row[1] for row in table.rows)
    assert stay > move >= hop
    assert move - hop < 0.05 * (stay - move)


def test_zone_membership_decides_for_the_zone():
    case = case_of()
    assert not zone_resides(case, accounting.zone_regions(case, "eu"), "EU")
    assert zone_resides(case, accounting.zone_regions(case, "us"), "US")


# --- caches, batches, retries -----------------------------------------------------------------


def test_batches_cost_half_for_the_share_that_waits():
    case = case_of(workload={"deferrable_share": 1.0})
    decision = deployed(case, chosen(case))
    (live,), (queued,) = by_key(decision, "maas-global")[:1], by_key(decision, "batch-global")
    assert medians(queued, case)["cost"] == pytest.approx(0.5 * medians(live, case)["cost"], rel=0.01)
    nobody = case_of(workload={"deferrable_share": 0.0})
    (queued,) = by_key(deployed(nobody, chosen(nobody)), "batch-global")
    assert "deferrable" in failed(queued)


def test_a_cache_pays_where_calls_are_large_and_repeats_many():
    case = case_of(
        workload={
            "requests_per_day": 1e6, "input_tokens": 4000, "output_tokens": 800, "repeat_share": 0.5,
            "deferrable_share": 0,
        },
        knowledge={"changes_every_days": None},
    )  # fmt: skip
    decision = deployed(case, chosen(case, "gpt-5.2"))
    (bare,) = [o for o in by_key(decision, "maas-global") if o.key == "maas-global"]
    (cached,) = by_key(decision, "maas-global-semantic")
    assert medians(cached, case)["carbon"] < medians(bare, case)["carbon"]
    assert cached.settings["hit_rate"] <= 0.45
    small = case_of(workload={"requests_per_day": 500})
    decision = deployed(small, chosen(small))
    assert (
        medians(by_key(decision, "maas-global-semantic")[0], small)["energy"]
        > (medians(by_key(decision, "maas-global")[0], small)["energy"])
    )


def test_the_table_of_caches_has_their_break_even(plain):
    table = exhibit(plain[2], "caches")
    assert [row[0] for row in table.rows] == [
        "none",
        "Exact, Redis",
        "By meaning, Redis",
        "By meaning, Cosmos DB",
    ]
    assert all(row[2] > 0 for row in table.rows[1:])
    redis, cosmos = table.rows[2][4], table.rows[3][4]
    assert cosmos < redis  # disks idle at less than memory


def test_retries_turns_and_prefixes_reach_the_bill():
    calm, retried = case_of(workload={"retry_rate": 0.0}), case_of(workload={"retry_rate": 0.5})
    cost = [medians(by_key(deployed(c, chosen(c)), "maas-global")[0], c)["cost"] for c in (calm, retried)]
    assert cost[1] == pytest.approx(2 * cost[0])
    half = medians(
        by_key(deployed(calm, chosen(calm, turns=np.full(calm.size, 0.5))), "maas-global")[0], calm
    )
    assert half["cost"] == pytest.approx(0.5 * cost[0])
    busy = case_of(workload={"input_tokens": 2000, "requests_per_day": 1e6, "retry_rate": 0.0})
    plain_cost = medians(by_key(deployed(busy, chosen(busy)), "maas-global")[0], busy)["cost"]
    prefix = medians(by_key(deployed(busy, chosen(busy, cached_tokens=1500.0)), "maas-global")[0], busy)[
        "cost"
    ]
    # 1,408 of 1,500 prefix tokens at half price
    assert prefix < plain_cost


# --- other kinds, and rules -------------------------------------------------------------------


def test_two_models_are_both_paid_for():
    case = case_of()
    far = np.full(case.size, 0.4)
    pair = chosen(case, "gpt-4o-mini", "router", models=("gpt-4o-mini", "gpt-4o"), escalation=far)
    (both,) = by_key(deployed(case, pair), "maas-global")[:1]
    small, large = (
        medians(by_key(deployed(case, chosen(case, model)), "maas-global")[0], case)["cost"]
        for model in ("gpt-4o-mini", "gpt-4o")
    )
    assert medians(both, case)["cost"] == pytest.approx(0.6 * small + 0.4 * large, rel=0.02)


def test_a_classifier_runs_in_a_small_container():
    case = case_of()
    decision = deployed(case, chosen(case, "bert-base", "encoder"))
    assert decision.choice.settings["mode"] == "container"
    assert medians(decision.choice, case)["energy"] < 5000
    assert {option.key.split("-")[0] for option in decision.options} == {"processors", "container"}


def test_a_managed_embedding_model_is_called_by_the_token():
    case = case_of(constraints={"residency": "EU"})
    decision = deployed(case, chosen(case, "text-embedding-3-small", "encoder"))
    assert decision.choice.settings["mode"] == "embedding"
    assert "residency" in failed(by_key(decision, "embedding-global")[0])
    # 3.65 million requests of 1,000 tokens at $0.02 a million, with growth and retries
    requests = float(np.median(case.workload.requests_per_year)) / 0.98
    assert medians(decision.choice, case)["cost"] == pytest.approx(requests * 1000 * 0.02e-6, rel=0.01)


def test_a_classifier_on_devices():
    device = {"kind": "jetson_orin_nano", "count": 12}
    case = case_of(constraints={"device": device, "offline": True})
    decision = deployed(case, chosen(case, "bert-base", "encoder"))
    assert decision.choice.settings["mode"] == "edge"


def test_the_prefix_cache_is_shown_beside_the_others():
    case = case_of(workload={"input_tokens": 2000, "requests_per_day": 1e6})
    decision = deployed(case, chosen(case, cached_tokens=1500.0))
    table = exhibit(decision, "caches")
    without = next(row for row in table.rows if "prefix" in row[0])
    with_it = table.rows[0]
    cost, energy = table.columns.index("USD a year"), table.columns.index("kWh a year")
    assert without[cost] > with_it[cost]
    assert without[energy] > with_it[energy]


def test_search_alone_adds_nothing():
    case = case_of()
    decision = deployed(case, chosen(case, "text-embedding-3-small", "retrieval"))
    assert decision.choice.key == "search-service"


def test_offline_leaves_the_device():
    case = case_of(
        constraints={
            "offline": True, "device": {"kind": "workstation_rtx", "count": 20}, "latency_p95_ms": 60_000,
            "first_token_p95_ms": 10_000,
        },
        workload={"requests_per_day": 2000},
    )  # fmt: skip
    decision = deployed(case, chosen(case, "phi-4-mini"))
    assert decision.choice.settings["mode"] == "edge"
    assert all("offline" in failed(o) for o in decision.options if o.settings["mode"] != "edge")


def test_losing_a_region_and_a_higher_availability():
    case = case_of(operations={"survive_region_loss": True, "availability": 0.9999})
    decision = deployed(case, chosen(case))
    assert "region_loss" in failed(by_key(decision, "maas-swedencentral")[0])
    (anywhere,) = by_key(decision, "maas-global")[:1]
    assert anywhere.eligible
    assert any("2 deployments" in note for note in anywhere.notes)
    assert "availability" in failed(by_key(decision, "ptu-global-yearly")[0])


def test_own_weights_need_a_host():
    case = case_of()
    dedicated = deployed(case, chosen(case, "llama-3.3-70b", tuned="full", hosting="dedicated"))
    assert all("own_weights" in failed(option) for option in by_key(dedicated, "maas"))
    assert any(option.eligible for option in by_key(dedicated, "maap"))
    tuned = deployed(case, chosen(case, "gpt-4o-mini", tuned="lora", hosting="serverless"))
    assert by_key(tuned, "maas-global")[0].eligible


def test_a_retired_service_is_out():
    case = case_of(timing={"start": "2030-01-01"})
    assert all("retirement" in failed(option) for option in by_key(deployed(case, chosen(case)), "maas"))


def test_nothing_to_deploy_without_a_model():
    case = case_of()
    decision = deployed(case, {})
    assert decision.options == ()
    assert decision.choice is None
    assert "model first" in decision.headline


def test_same_seed_same_figures():
    first, second = (deployed(case, chosen(case)) for case in (case_of(), case_of()))
    assert [o.key for o in first.options] == [o.key for o in second.options]
    for one, other in zip(first.options, second.options, strict=True):
        np.testing.assert_array_equal(one.parts.monthly.values, other.parts.monthly.values)
    assert first.exhibits == second.exhibits


def test_a_region_without_regional_units_says_so():
    case = case_of()
    region = replace(scope_of(case, "swedencentral"), key="denmarkeast", title="Denmark East")
    wanted = demand(case, chosen(case))
    assert isinstance(region, Scope)
    options = list(provisioned.options(Managed(case, wanted), region))
    assert all("ptu_region" in failed(option) for option in options)


def test_controls_and_knobs_are_fields():
    from advisor.scenario import value_at

    case = case_of()
    for path in (*deployment.CONTROLS, *deployment.KNOBS):
        value_at(case.scenario, path)
    assert len(deployment.CONTROLS) <= 10
