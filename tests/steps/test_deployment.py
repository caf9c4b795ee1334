"""Deployment: its alternatives, what they are called, what decides, and what is shown beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from steps.deploying import (
    by,
    by_key,
    case_of,
    central_year,
    deployed,
    exhibit,
    failed,
    fallen,
    model_of,
    serving,
    the,
)

from advisor.core.draws import central
from advisor.decide.option import Decision
from advisor.scenario import value_at
from advisor.scenario.traffic import Traffic
from advisor.steps import deployment, stopped
from advisor.steps.deployment import break_evens, capacity
from advisor.steps.deployment.managed import worth_it
from advisor.steps.improvement.tables import retrieval_table
from advisor.system import billing, hosts, machines_offered, provider_pool
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.demand import sent
from advisor.system.deployment_gates import gates
from advisor.system.fleet import fleets
from advisor.system.places import zone_regions
from advisor.system.plan import DeploymentSetting

Decided = tuple[Case, Decision]
SWEDEN = DeploymentSetting("maas", "regional", region="swedencentral")


@pytest.fixture(scope="module")
def plain() -> Decided:
    case = case_of(workload={"repeat_share": 0.2})
    return case, deployed(case)


@pytest.fixture(scope="module")
def open_model() -> Decided:
    case = case_of()
    return case, deployed(case, "llama-3.3-70b")


def test_every_kind_of_deployment_is_an_option(open_model: Decided) -> None:
    _, decision = open_model
    kinds = {option.key.split("-")[0] for option in decision.options}
    assert kinds == {"maas", "batch", "ptu", "maap", "edge"}
    assert decision.choice is not None
    assert decision.headline
    assert decision.reasons
    assert len(decision.options) <= 80
    keys = [option.key for option in decision.options]
    assert len(keys) == len(set(keys))


def test_options_differ_in_their_deployment_alone_and_name_their_evidence(plain: Decided) -> None:
    _, decision = plain
    for option in decision.options:
        assert option.plan.model == model_of("gpt-4o-mini")
        assert option.plan.improvement == by("prompt")
        if serving(option):
            assert any(name.startswith(("prices.", "ptu", "managed.", "gpus.")) for name in option.evidence)


def test_every_option_is_charged_once_and_never_below_zero(open_model: Decided) -> None:
    for option in open_model[1].options:
        option.bill.check()


def test_every_cache_is_an_option_in_every_scope() -> None:
    case = case_of(
        workload={"requests_per_day": 3e6, "input_tokens": 4000, "output_tokens": 800, "repeat_share": 0.5},
        knowledge={"changes_every_days": None},
    )
    keys = {option.key for option in deployed(case, "gpt-5.2").options}
    for kind in ("exact", "semantic", "semantic-cosmos"):
        for scope in ("maas-global", "maas-datazone", "maas-swedencentral", "ptu-global-yearly"):
            assert f"{scope}-{kind}" in keys
    light = deployed(case_of(workload={"requests_per_day": 500, "repeat_share": 0.2}))
    cached = [option for option in light.options if option.plan.deployment.cache != "none"]
    assert cached
    # 500 calls a day pay for no store in memory; on units, which work at small batches, for one on disk
    saving = {option.key for option in cached if "hit_rate" not in failed(option)}
    assert saving
    assert all(key.startswith("ptu-") and key.endswith("-semantic-cosmos") for key in saving)


# --- provisioned throughput ----------------------------------------------------------------------


def test_microsofts_example_as_an_option() -> None:
    """1,000 requests a minute of 200 in and 20 out; a prompt adds its own tokens before."""
    case = case_of(
        workload={
            "requests_per_day": 1_440_000, "input_tokens": 200, "output_tokens": 20, "profile": "flat",
            "peak_to_mean": 1.0, "growth_per_year": 0.0, "retry_rate": 0.0, "deferrable_share": 0,
            "turns_per_task": 1.0,
        },
        knowledge={"gap": "none"},
        overrides={"prompt.added_tokens": {
            "low": 0, "central": 0, "high": 0, "unit": "tok", "owner": "a test", "reason": "as it is",
        }},
    )  # fmt: skip
    hourly = the(deployed(case, "gpt-5.2"), "ptu-datazone-hourly")
    assert hourly.settings["ptu"] == 110
    assert hourly.settings["sku"] == "DataZoneProvisionedManaged"
    assert hourly.title.startswith("110 PTU EU data zone")


def test_units_in_a_year_of_the_plan(plain: Decided) -> None:
    decision = plain[1]
    by_use, units = the(decision, "maas-global"), the(decision, "ptu-global-yearly")
    assert units.settings["utilisation"] < 0.2
    assert central_year(units)["energy"] > 2 * central_year(by_use)["energy"]
    assert any("capacity burns" in note for note in units.notes)
    hourly = the(decision, "ptu-global-hourly")
    assert "Microsoft does not recommend resizing by the hour." in hourly.notes
    zone = the(decision, "ptu-datazone-yearly")
    assert any("discount is assumed" in warning for warning in zone.warnings)


def test_the_week_of_provisioned_units() -> None:
    case = case_of(
        workload={"requests_per_day": 4e7, "profile": "flat", "peak_to_mean": 1, "deferrable_share": 0},
        priorities={"carbon": 0, "cost": 1, "quality": 0, "water": 0}, timing={"horizon_years": 1},
        overrides={"ptu_reservation.global_year": {
            "low": 0.9, "central": 0.9, "high": 0.9, "unit": "ratio", "owner": "a test", "reason": "an offer",
        }},
    )  # fmt: skip
    decision = deployed(case)
    assert decision.choice is not None
    assert decision.choice.settings["mode"] == "ptu"
    used = exhibit(decision, "week_units")
    assert 0 < used.values[0][0] <= 100


def test_units_are_offered_where_units_are_sold() -> None:
    """Spain, the cleaner of two allowed, sells models but no regional units; Germany sells those."""
    allowed = {"regions_allowed": ["spaincentral", "germanywestcentral"], "home_region": "spaincentral"}
    case = case_of(constraints=allowed, timing={"start": "2026-01-01"})
    offered = deployment.alternatives(case, model_of("gpt-5.1"), by("prompt"))
    assert {one.region for one in offered if one.mode == "maas" and one.region} == {"spaincentral"}
    units = [one for one in offered if one.mode == "ptu" and one.region and one.cache == "none"]
    stops = {one.region: fallen(gates(case, model_of("gpt-5.1"), by("prompt"), one)) for one in units}
    assert stops == {"spaincentral": {"ptu_region"}, "germanywestcentral": set()}
    keys = [one.key for one in offered]
    assert len(keys) == len(set(keys))


def test_spillover_is_an_option_where_the_load_is_peaky() -> None:
    case = case_of(workload={"requests_per_day": 3_000_000, "peak_to_mean": 10})
    decision = deployed(case)
    spill = the(decision, "ptu-global-yearly-spillover")
    assert spill.settings["ptu"] < the(decision, "ptu-global-yearly").settings["ptu"]
    assert 0 < spill.settings["spillover_share"] < 1
    assert any("spill over" in note for note in spill.notes)


# --- machines of one's own -----------------------------------------------------------------------

MODELS = (
    "llama-3.3-70b", "llama-3.1-8b", "phi-4", "gpt-oss-120b", "gpt-oss-20b", "qwen3-14b", "deepseek-v3.1",
)  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_a_machine_at_five_per_cent_never_beats_the_service_and_a_full_one_can(
    model: str, open_model: Decided
) -> None:
    case = open_model[0]
    plan = replace(open_model[1].options[0].plan, model=model_of(model))
    one = provider_pool.per_attempt(case, plan.model, plan.improvement, SWEDEN)
    service = central(one["carbon"]) * 1000
    full = []
    for fleet in fleets(case.centre, plan.model, plan.improvement, DeploymentSetting("maap")):
        if fleet.batch > 0:
            drawn = break_evens.curve_by_utilisation(
                case, plan, "swedencentral", fleet, np.array([0.05, 1.0])
            )
            little, most = drawn.carbon
            assert little > service, (fleet.name, fleet.precision)
            full.append(most)
    assert min(full) < service


def test_the_crossing_is_where_the_chart_says() -> None:
    case = case_of(workload={"requests_per_day": 200_000, "profile": "always_on", "peak_to_mean": 2})
    decision = deployed(case, "phi-4")
    chart = exhibit(decision, "utilisation_carbon")
    (mark,) = chart.marks
    own, service = chart.lines
    share = mark.x / 100
    assert decision.choice is not None
    plan = decision.choice.plan
    sized = fleets(case.centre, plan.model, plan.improvement, DeploymentSetting("maap"))
    fleet = next(fleet for fleet in sized if fleet.batch > 0)
    assert fleet.name == own.label
    region = worth_it(case, ["phi-4"])[0].key
    around = share * np.array([0.9, 1.0, 1.1])
    below, at, above = break_evens.curve_by_utilisation(case, plan, region, fleet, around).carbon
    assert at == pytest.approx(service.y[0], rel=0.02)
    assert below > service.y[0] > above


def test_money_and_carbon_break_even_apart() -> None:
    case = case_of(workload={"requests_per_day": 200_000, "profile": "always_on", "peak_to_mean": 2})
    decision = deployed(case, "phi-4")
    carbon, money = exhibit(decision, "volume_carbon"), exhibit(decision, "volume_usd")
    better = [mark for mark in carbon.marks if "autoscaled" in mark.label]
    assert better
    assert [mark.x for mark in better] != [mark.x for mark in money.marks if "autoscaled" in mark.label]


def test_a_call_by_volume_is_the_plans_own_at_todays_volume(open_model: Decided) -> None:
    """The curve asks the engine: today's point is the bill's serving divided by its calls."""
    case, decision = open_model
    option = next(o for o in by_key(decision, "maap") if o.eligible)
    today = np.array([central(case.workload.requests_per_day)])
    drawn = break_evens.curve_by_volume(case, option.plan, option.plan.deployment, today)
    calls = sent(case, option.plan.model, option.plan.improvement, option.plan.deployment)
    year = option.bill.sum(serving(option))
    by_hand = central(year["carbon"]) / central(calls * case.workload.requests_per_year) * 1000
    assert drawn.carbon[0] == pytest.approx(by_hand)


def test_scaling_to_zero_only_where_few_wait_for_a_start() -> None:
    sparse = case_of(workload={"requests_per_day": 40, "profile": "flat"}, operations={"availability": 0.99})
    (to_zero,) = [o for o in deployed(sparse, "phi-4").options if o.key.endswith("to-zero")]
    assert "cold_start" in failed(to_zero)
    office = case_of(
        workload={"requests_per_day": 60_000, "profile": "nightly_batch"}, operations={"availability": 0.99}
    )
    night = deployed(office, "phi-4")
    (to_zero,) = [option for option in night.options if option.key.endswith("to-zero")]
    kept = the(night, to_zero.key.removesuffix("-to-zero"))
    assert "cold_start" not in failed(to_zero)
    assert central_year(to_zero)["cost"] < 0.5 * central_year(kept)["cost"]
    assert central_year(to_zero)["carbon"] < central_year(kept)["carbon"]


def test_teams_that_may_not_host_and_closed_weights(plain: Decided) -> None:
    case = case_of(constraints={"self_hosted_allowed": False})
    options = by_key(deployed(case, "llama-3.3-70b"), "maap")
    assert options
    assert all("self_hosting" in failed(option) for option in options)
    (own,) = by_key(plain[1], "maap")
    assert failed(own) == {"open_weights"}


# --- the trace, and a hundred times its traffic --------------------------------------------------


def trace(times: float, make_traffic: Any) -> Case:
    """Azure's conversation trace of 2023: 19,366 requests in 58 minutes, 1,155 in and 211 out."""
    case = case_of(workload={"traffic_multiplier": times, "traffic": "trace.yaml"})
    profile = make_traffic(
        requests_per_day=(400_000, 478_000, 560_000), peak_to_mean=1.5, growth_per_year=0.0
    )
    tokens = {"input_tokens": 1155.0, "output_tokens": 211.0}
    sized = {name: getattr(profile, name).model_copy(update={"mean": mean}) for name, mean in tokens.items()}
    given = case.given
    given._traffic = profile.model_copy(update=sized)
    assert isinstance(given._traffic, Traffic)
    return case.with_scenario(given)


def test_the_conversation_trace_and_a_hundred_times_it(make_traffic: Any) -> None:
    once = trace(1, make_traffic)
    first = deployed(once, "phi-4")
    second = deployed(trace(100, make_traffic), "phi-4")
    assert first.choice is not None
    assert second.choice is not None
    assert first.choice.settings["mode"] == "maas"
    assert second.choice.settings["mode"] == "maap"
    assert second.choice.settings["replicas"] > 5  # machines of eight GPUs
    assert "have something to answer" in " ".join(second.reasons)
    volume = exhibit(first, "volume_carbon")
    today = central(once.workload.requests_per_day)
    crossing = [mark.x for mark in volume.marks if "autoscaled" in mark.label]
    assert crossing
    assert crossing[0] < 100 * today
    assert exhibit(second, "week_replicas")


# --- places --------------------------------------------------------------------------------------


def test_residency_of_managed_deployments() -> None:
    decision = deployed(case_of(constraints={"residency": "EU"}))
    assert failed(the(decision, "maas-global")) == {"residency"}
    assert failed(the(decision, "maas-datazone")) == {"residency"}
    assert the(decision, "maas-swedencentral").eligible
    assert any(reason.startswith("Residency EU rules out") for reason in decision.reasons)
    decision = deployed(case_of(constraints={"residency": "EUDB"}))
    assert "residency" in failed(the(decision, "maas-global"))
    assert the(decision, "maas-datazone").eligible


def test_a_data_zone_claims_its_range_never_one_region() -> None:
    case = case_of(size=1000)
    zone = the(deployed(case), "maas-datazone")
    (line,) = serving(zone)
    per_kwh = line.footprint["carbon_location"] / line.footprint["energy"] * 1000
    figures = [case.central(f"regions.{key}.average_intensity", "g/kWh") for key in zone_regions(case, "eu")]
    assert per_kwh.min() < 1.5 * min(figures)
    assert per_kwh.max() > 0.8 * max(figures)
    assert per_kwh[0] == pytest.approx(np.mean(figures))
    assert "never one region's" in zone.notes[0]


def test_with_nothing_left_it_says_what_to_relax() -> None:
    decision = deployed(case_of(constraints={"residency": "IS", "self_hosted_allowed": False}))
    assert decision.choice is None
    assert "No way" in decision.headline
    assert any("residency" in reason for reason in decision.reasons)
    assert all(gate.remedy for _, gates in decision.eliminated for gate in gates)


def test_a_regional_deployment_only_where_the_model_is_sold() -> None:
    """gpt-4.1-nano has a regional price in Sweden Central, none in France Central."""
    case = case_of(constraints={"residency": "EU", "home_region": "francecentral"})
    decision = deployed(case, "gpt-4.1-nano")
    assert the(decision, "maas-swedencentral").eligible
    assert failed(the(decision, "maas-francecentral")) == {"offered_in"}


def test_regions_are_ranked_with_average_and_marginal_side_by_side(plain: Decided) -> None:
    table = exhibit(plain[1], "regions")
    passing = [row for row in table.rows if row[1] == "yes"]
    effective = [row[table.columns.index("g per kWh used")] for row in passing]
    assert effective == sorted(effective)
    assert {"average g/kWh", "marginal g/kWh", "PUE", "water L/kWh", "round trip ms"} <= set(table.columns)
    assert any(row[table.columns.index("marginal g/kWh")] is None for row in table.rows)


def test_what_residency_costs_in_carbon(plain: Decided) -> None:
    more = {row[0]: row[4] for row in exhibit(plain[1], "residency").rows}
    assert more["any"] == 0
    assert more["US"] > 0
    assert more["EU"] >= more["EUDB"] >= 0


def test_a_service_is_said_to_move_only_where_its_models_are_sold(plain: Decided) -> None:
    """West US 2 has cleaner power than any region of the United States that sells models."""
    regions = exhibit(plain[1], "regions")
    sells = {row[0]: row[regions.columns.index("sells models")] for row in regions.rows}
    assert sells["West US 2"] == "no"
    assert {sells[row[1]] for row in exhibit(plain[1], "residency").rows} == {"yes"}


def test_moving_once_beats_hopping(plain: Decided) -> None:
    stay, move, hop = (row[1] for row in exhibit(plain[1], "place_gain").rows)
    assert stay > move >= hop
    assert move - hop < 0.05 * (stay - move)


# --- what is shown adds up -----------------------------------------------------------------------


def test_what_running_each_option_takes_adds_up(open_model: Decided) -> None:
    _, decision = open_model
    table = exhibit(decision, "split")
    options = {option.title: option for option in decision.options}
    assert table.rows
    for title, used, work, idle, overhead, *_ in table.rows:
        if used in ("not sold", "not to be had", "not sized"):
            continue
        total = central_year(options[title])["energy"]
        assert work + idle + overhead == pytest.approx(total, rel=1e-9)
        assert overhead <= 0.5 * total


def test_what_is_not_there_takes_no_zeros(plain: Decided) -> None:
    """An option that nobody sells is no option of 0 kWh and $0 in time."""
    _, decision = plain
    rows = exhibit(decision, "split").rows
    gone = [row for row in rows if row[1] in ("not sold", "not to be had", "not sized")]
    assert gone
    for row in gone:
        assert set(row[2:-1]) == {""}
        assert row[-1] == "no"
    assert all(row[2] + row[3] > 0 for row in rows if row not in gone)


def test_bases_of_carbon_never_add_up(plain: Decided) -> None:
    _, decision = plain
    table = exhibit(decision, "bases")
    location, market, embodied = (
        table.columns.index(name)
        for name in ("location-based kgCO2e", "market-based kgCO2e", "embodied kgCO2e")
    )
    eligible = {option.title: option for option in decision.options if option.eligible}
    for row in table.rows:
        year = eligible[row[0]].year
        np.testing.assert_allclose(year["carbon"], year["carbon_location"] + year["embodied"])
        assert row[location] + row[embodied] == pytest.approx(central(year["carbon"]))
        assert row[market] == pytest.approx(central(year["carbon_market"]))


def test_the_bars_end_on_the_plans_carbon(open_model: Decided) -> None:
    """To the last digit: a bar's parts are lines, and the headline is their sum."""
    _, decision = open_model
    bars = exhibit(decision, "carbon_split")
    options = {option.title: option for option in decision.options}
    for place, title in enumerate(bars.bars):
        total = sum(part[place] for part in bars.values)
        assert total == pytest.approx(central(options[title].year["carbon"]), rel=1e-12)
    assert decision.choice is not None
    assert decision.headline.startswith(decision.choice.title)


def test_the_table_of_caches_has_their_break_even(plain: Decided) -> None:
    table = exhibit(plain[1], "caches")
    titles = ["none", "Exact, Redis", "By meaning, Redis", "By meaning, Cosmos DB"]
    assert [row[0] for row in table.rows[:4]] == titles
    assert all(row[2] > 0 for row in table.rows[1:4])
    redis, cosmos = table.rows[2][4], table.rows[3][4]
    assert cosmos < redis  # disks idle at less than memory
    for row in table.rows[1:4]:
        assert (row[3] > 0) == (row[1] > row[2])  # saves energy from its break-even on


def test_the_hits_of_a_cache_are_drawn_beside_its_break_even(plain: Decided) -> None:
    """0.2 of first questions repeat, in 1.5 turns a task: 13.3 % of requests, of which 25 % come back in the
    same words and 65.2 % by meaning: 3.33 and 8.69 % are hits. At today's volume lines and table agree.
    """
    chart, table = (exhibit(plain[1], key) for key in ("cache_break_even", "caches"))
    lines = {line.label: line.y for line in chart.lines}
    assert lines["hits in the same words"] == pytest.approx([100 * 0.2 / 1.5 * 0.25] * len(chart.lines[0].x))
    assert lines["hits by meaning"] == pytest.approx([100 * 0.2 / 1.5 * 0.652] * len(chart.lines[0].x))
    middle = len(chart.lines[0].x) // 2
    for title, hits, even, *_ in table.rows[1:4]:
        assert lines[title][middle] == pytest.approx(100.0 if even is None else even)
        kind = "same words" if title.startswith("Exact") else "by meaning"
        assert hits == pytest.approx(next(rate[0] for name, rate in lines.items() if kind in name))


def test_the_prefix_cache_is_shown_beside_the_others() -> None:
    case = case_of(
        workload={"input_tokens": 2000, "requests_per_day": 1e6, "cached_input_share": 0.75},
    )
    table = exhibit(deployed(case), "caches")
    without = next(row for row in table.rows if "prefix" in row[0])
    cost, energy = table.columns.index("USD a year"), table.columns.index("kWh a year")
    assert without[cost] > table.rows[0][cost]
    assert without[energy] > table.rows[0][energy]


def test_length_and_retries_ask_the_engine(plain: Decided) -> None:
    case, decision = plain
    rows = {row[0]: row for row in exhibit(decision, "parameters").rows}
    assert decision.choice is not None
    bare = replace(decision.choice.plan, deployment=replace(decision.choice.plan.deployment, cache="none"))
    early = (bare.model, bare.improvement, bare.deployment)
    now = Bill(case, billing.serving(case, *early)).year
    assert rows["as it is"][3] == pytest.approx(central(now["energy"]))
    assert rows["as it is"][4] == pytest.approx(central(now["cost"]))
    assert rows["maximum response half as long"][3] < rows["as it is"][3] < rows["answers twice as long"][3]
    assert rows["no retries or time-outs"][4] < rows["as it is"][4] < rows["twice the retries"][4]
    longer = case.varied({"workload.output_tokens": 600})
    twice = Bill(longer, billing.serving(longer, *early)).year
    assert rows["answers twice as long"][4] == pytest.approx(central(twice["cost"]))


def test_length_and_retries_of_a_traffic_profile(make_traffic: Any) -> None:
    case = trace(1, make_traffic)
    rows = {row[0]: row for row in exhibit(deployed(case), "parameters").rows}
    assert rows["answers twice as long"][1] == pytest.approx(2 * 211)
    assert rows["maximum response half as long"][4] < rows["as it is"][4] < rows["answers twice as long"][4]
    assert rows["as it is"][4] < rows["twice the retries"][4]


# --- other kinds, and rules ----------------------------------------------------------------------


def test_a_classifier_runs_in_a_small_container() -> None:
    case = case_of(task="classify")
    decision = deployed(case, model_of("bert-base", kind="encoder"), "train_classifier")
    assert {option.key.split("-")[0] for option in decision.options} == {"processors", "container"}
    assert decision.choice is not None
    assert decision.choice.settings["mode"] in ("container", "processors")
    assert central_year(decision.choice)["energy"] < 5000


def test_a_managed_embedding_model_is_called_by_the_token() -> None:
    """3.65 million requests a year of 1,000 tokens at $0.02 a million, with growth and retries."""
    case = case_of(task="classify", constraints={"residency": "EU"})
    decision = deployed(case, model_of("text-embedding-3-small", kind="encoder"), "train_classifier")
    assert decision.choice is not None
    assert decision.choice.settings["mode"] == "embedding"
    assert "residency" in failed(by_key(decision, "embedding-global")[0])
    requests = central(case.workload.requests_per_year) / 0.98
    assert central_year(decision.choice)["cost"] == pytest.approx(requests * 1000 * 0.02e-6, rel=1e-6)


def test_a_classifier_on_devices() -> None:
    device = {"kind": "jetson_orin_nano", "count": 12}
    case = case_of(task="classify", constraints={"device": device, "offline": True})
    decision = deployed(case, model_of("bert-base", kind="encoder"), "train_classifier")
    assert decision.choice is not None
    assert decision.choice.settings["mode"] == "edge"


def test_search_alone_adds_nothing() -> None:
    case = case_of(task="rag_qa")
    decision = deployed(case, model_of("text-embedding-3-small", kind="retrieval"), "search_hybrid")
    (option,) = decision.options
    assert option.key == "search-service"
    assert not serving(option)


def test_offline_leaves_the_device() -> None:
    case = case_of(
        constraints={
            "offline": True, "device": {"kind": "workstation_rtx", "count": 20}, "latency_p95_ms": 60_000,
            "first_token_p95_ms": 10_000,
            "provenance": {"phi-4-mini": "yes"}, "security_scan": {"phi-4-mini": "yes"},
        },
        workload={"requests_per_day": 2000},
    )  # fmt: skip
    decision = deployed(case, "phi-4-mini")
    assert decision.choice is not None
    assert decision.choice.settings["mode"] == "edge"
    assert all("offline" in failed(o) for o in decision.options if o.settings["mode"] != "edge")


def test_more_deployments_behind_a_gateway_are_told() -> None:
    case = case_of(operations={"availability": 0.9999})
    anywhere = the(deployed(case), "maas-global")
    assert anywhere.eligible
    assert any("2 deployments" in note for note in anywhere.notes)


def test_settings_name_what_exports_need(open_model: Decided) -> None:
    _, decision = open_model
    for option in decision.options:
        found = option.settings
        assert {"mode", "scope", "place", "region", "zone", "model", "cache"} <= set(found)
        if found["mode"] == "maap" and option.eligible:
            assert {"machine", "gpu", "sku", "precision", "replicas", "replicas_min", "batch"} <= set(found)
        if found["mode"] == "maas":
            assert found["sku"] in ("GlobalStandard", "DataZoneStandard", "Standard")
        if found["cache"] != "none":
            assert 0 <= found["hit_rate"] <= 0.45
            assert found["ttl_days"] > 0


def test_nothing_to_deploy_without_a_model() -> None:
    decision = stopped(case_of(), "deployment", "foundation_model")
    assert decision.options == ()
    assert deployment.exhibits(case_of(), decision) == ()
    headline, reasons = deployment.explain(case_of(), decision)
    assert "model first" in headline
    assert reasons == ()


def test_same_seed_same_figures() -> None:
    first, second = (deployed(case_of()) for _ in range(2))
    assert [o.key for o in first.options] == [o.key for o in second.options]
    for one, other in zip(first.options, second.options, strict=True):
        np.testing.assert_array_equal(one.year.values, other.year.values)
    assert first.exhibits == second.exhibits


def test_controls_and_knobs_are_fields() -> None:
    case = case_of()
    for path in (*deployment.CONTROLS, *deployment.KNOBS):
        value_at(case.given, path)
    assert len(deployment.CONTROLS) <= 10


def test_availabilities_are_told_in_the_digits_they_have() -> None:
    """99.999 % is asked for: rounded to two digits it would be a false 100 %."""
    case = case_of(operations={"availability": 0.99999})
    model, improvement = model_of("phi-4"), by("prompt")
    first = next(one for one in machines_offered.alternatives(case, model, improvement) if one.mode == "maap")
    sized = hosts.fleet(case, model, improvement, first)
    assert sized is not None
    told = [row[0] for row in capacity.redundancy(case.centre, sized).rows]
    assert told == ["99%", "99.5%", "99.9%", "99.99%", "99.999%"]
    assert "for the 99.999% asked for" in retrieval_table(case).note
