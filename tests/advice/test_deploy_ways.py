"""Every way a deployment is bought, limited and measured, with what it costs worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from steps.deploying import deployed, exhibit
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.core.errors import ScenarioError
from advisor.steps import deployment as step
from advisor.steps.deployment import managed, ways
from advisor.system import cache_gates, caches, deployment_gates, provider_pool, provisioned, requests, tokens
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, OperationSetting, Plan, StorageSetting
from advisor.system.prices import token_price
from advisor.system.references import check_names

MINI, PLAIN = model_of("gpt-4o-mini"), by("prompt")
GLOBAL = DeploymentSetting("maas", "global")
UNITS = DeploymentSetting("ptu", "global", term="yearly")
STORED, RUN = StorageSetting("today"), OperationSetting("never", "planned", "now")
STEADY = {
    "input_tokens": 1000, "output_tokens": 200, "peak_to_mean": 2, "profile": "flat",
    "growth_per_year": 0, "turns_per_task": 1, "retry_rate": 0, "cached_input_share": 0,
}  # fmt: skip


def busy(**workload: object) -> Case:
    """As many calls as need 108 of GPT-4o mini's units in the busiest minute.

    A call is 1,000 + 150 tokens of instructions read and 200 x 4 written: 1,950 as units count them. A unit
    takes 37,000 a minute, so 108 take 108 x 37,000 / 1,950 / 60 = 34.154 calls a second; at twice the mean
    that is 34.154 / 2 x 86,400 = 1,475,446 a day.
    """
    load = {**STEADY, "requests_per_day": 1_475_446, "repeat_share": 0.3374, **workload}
    return case_of(workload=load, knowledge={"gap": "none", "changes_every_days": None})


def plan_of(deployment: DeploymentSetting, *models: str) -> Plan:
    model = model_of(*(models or ("gpt-4o-mini",)))
    return Plan(model, PLAIN, deployment, STORED, RUN)


def test_a_cache_by_meaning_resizes_110_units_to_85() -> None:
    """108 needed, sold in fives: 110. The cache finds 65.2 % of the 33.74 % that come back: 22.0 % hits.

    108 x (1 - 0.22) = 84.2, sold in fives: 85.
    """
    case = busy()
    cached = replace(UNITS, cache="semantic")
    assert central(caches.hit_rate(case, cached)) == pytest.approx(0.22, abs=1e-4)
    sizes = [provisioned.sizing(case, MINI, PLAIN, one) for one in (UNITS, cached)]
    assert [float(size.units[0]) for size in sizes if size is not None] == [110.0, 85.0]
    told = managed.notes(case, plan_of(cached))
    assert "The cache lets it be resized from 110 to 85 units." in told
    # a cache that is in the answer is offered with every way of buying units
    offered = step.alternatives(case, MINI, PLAIN)
    assert {one.cache for one in offered if one.mode == "ptu"} == {"none", *caches.CACHES}


def test_units_by_the_hour_the_month_and_the_year() -> None:
    """110 units for 730 hours at $1: $80,300; a month's reservation takes 64.4 % off, a year's 69.7 %."""
    case = busy(repeat_share=0)
    for term, expected in (("hourly", 80_300.0), ("monthly", 28_586.8), ("yearly", 24_330.9)):
        chosen = replace(UNITS, term=term)
        lines = provisioned.lines(case, MINI, PLAIN, chosen)
        assert sum(central(line.footprint["cost"]) for line in lines if line.phase == "standing") == (
            pytest.approx(expected, rel=1e-3)
        )


def test_spillover_is_billed_as_standard_and_only_beyond_the_units() -> None:
    """Every hour needs 54 units. A unit takes 37,000 x 60 / 1,950 = 1,138 calls an hour.

    A call by the token is 1,150 x 0.15 + 200 x 0.60 = 292.5 millionths of a dollar, so a unit in use spares
    $0.333 an hour; reserved it costs 0.303. From 50 to 55 units: 5 x 0.303 = 1.515 for 4 x 0.333 = 1.332 in
    use, so 50 are held and 4 of 54 calls spill over.
    """
    evening = busy(profile="evening", peak_to_mean=8, repeat_share=0)
    spilling = replace(UNITS, spillover=True)
    size = provisioned.sizing(evening, MINI, PLAIN, spilling)
    assert size is not None
    assert 0 < size.share < 1
    over = tokens.lines(evening, MINI, PLAIN, spilling)
    price = provider_pool.usd(evening, MINI, "prompt", "global", "standard")
    assert price is not None
    by_hand = (1 - size.share) * central(price)
    assert [central(line.footprint["cost"]) for line in over] == pytest.approx([by_hand])
    flat = provisioned.sizing(busy(repeat_share=0), MINI, PLAIN, spilling)
    assert flat is not None
    assert float(flat.units[0]) == 50.0
    assert flat.share == pytest.approx(50 / 54, rel=1e-3)


def test_a_cache_below_its_break_even_is_ruled_out_and_says_the_rate() -> None:
    """The store takes 8 GB x 0.392 W x 2 copies = 6.272 W: 0.1505 kWh a day, whatever comes.

    At 100 calls a day of some 0.3 Wh no hit rate pays for that; at a million one in a thousand does. Store
    and calls are at one place, so that its overhead counts alike on either side.
    """
    few = busy(requests_per_day=100)
    cached = replace(GLOBAL, cache="exact")
    assert central(caches.store_kwh(few, "exact")) * 12 / 365 == pytest.approx(8 * 0.392e-3 * 2 * 24)
    failed = [one for one in deployment_gates.gates(few, MINI, PLAIN, cached) if one.rule == "hit_rate"]
    assert [one.passed for one in failed] == [False]
    assert failed[0].found.endswith("% hits")
    many = busy()
    assert "hit_rate" not in fallen(deployment_gates.gates(many, MINI, PLAIN, cached))
    call = central(provider_pool.work(many, MINI, PLAIN.technique, "standard").it_kwh)
    by_hand = 8 * 0.392e-3 * 2 * 24 / 1_475_446 / call
    assert cache_gates.break_even(many, MINI, PLAIN, cached) == pytest.approx(by_hand, rel=1e-3)


def test_the_model_router_takes_its_fee_for_every_token_read() -> None:
    """$0.14 a million: 1,150 tokens read, whichever model answers, are $0.000161 beside the models' price."""
    case = busy()
    router = model_of("gpt-4.1-nano", "gpt-4.1", kind="router")
    usd = provider_pool.usd(case, router, "prompt", "global", "standard")
    assert usd is not None
    models = 0.0
    for key, shape, share in provider_pool.parts(case, router, "prompt"):
        one = token_price(case, key, "global", shape)
        assert one is not None
        models += central(one) * central(share)
    assert central(usd) - models == pytest.approx(1150 * 0.14e-6)
    told = managed.notes(case, Plan(router, PLAIN, GLOBAL, STORED, RUN))
    assert any("$0.14 for a million tokens" in note for note in told)


def test_priority_promises_a_speed_and_is_dearer() -> None:
    """GPT-4.1 is promised at 80 tokens a second: 400 tokens take 5 s after the first words, not more."""
    case = case_of(workload={**STEADY, "output_tokens": 400}, knowledge={"gap": "none"})
    model, first = model_of("gpt-4.1"), replace(GLOBAL, priority=True)
    slow = deployment_gates.times(case, model, PLAIN, GLOBAL)
    fast = deployment_gates.times(case, model, PLAIN, first)
    assert fast.first == slow.first
    assert fast.answer[1] == pytest.approx(min(slow.answer[1], slow.first[1] + 5000.0))
    assert fast.answer[1] < slow.answer[1]
    live, hurried = (provider_pool.per_attempt(case, model, PLAIN, one) for one in (GLOBAL, first))
    # global meters: 1,150 x 2 + 400 x 8 = 5,500 against 1,150 x 3.50 + 400 x 14 = 9,625
    assert central(live["cost"]) == pytest.approx(0.0055)
    assert central(hurried["cost"]) == pytest.approx(0.009625)
    assert central(hurried["energy"]) > central(live["energy"])


def test_priority_wins_where_only_its_speed_is_in_time() -> None:
    """A limit between the promised and the usual time leaves priority alone among the pay as you go."""
    load = {**STEADY, "output_tokens": 3000, "requests_per_day": 200}
    open_end = case_of(workload=load, knowledge={"gap": "none"}, constraints={"latency_p95_ms": 1e6})
    model = model_of("gpt-4.1")
    usual = deployment_gates.times(open_end, model, PLAIN, GLOBAL)
    fast = deployment_gates.times(open_end, model, PLAIN, replace(GLOBAL, priority=True))
    assert fast.answer[0] < usual.answer[0], "the fast ends must differ for a gate to tell them apart"
    limit = (fast.answer[0] + usual.answer[0]) / 2
    tight = case_of(
        workload=load, knowledge={"gap": "none"},
        constraints={"latency_p95_ms": limit, "first_token_p95_ms": 20_000},
    )  # fmt: skip
    assert "latency" in fallen(deployment_gates.gates(tight, model, PLAIN, GLOBAL))
    assert "latency" not in fallen(
        deployment_gates.gates(tight, model, PLAIN, replace(GLOBAL, priority=True))
    )


def test_priority_is_sold_globally_and_in_data_zones_for_the_models_listed() -> None:
    keys = {one.key for one in step.alternatives(case_of(), model_of("gpt-4.1"), PLAIN)}
    assert "priority-global" in keys
    assert "priority-datazone" in keys
    assert not any(
        key.startswith("priority") and key not in ("priority-global", "priority-datazone") for key in keys
    )
    assert not any(
        one.key.startswith("priority") for one in step.alternatives(case_of(), model_of("gpt-4o"), PLAIN)
    )


@pytest.mark.parametrize(("hours", "passes"), [(23, False), (24, True)])
def test_batches_only_where_what_waits_may_wait_a_day(hours: float, passes: bool) -> None:
    case = case_of(workload={"deferrable_share": 0.5, "deferrable_hours": hours})
    assert (
        "deadline" in fallen(deployment_gates.gates(case, MINI, PLAIN, replace(GLOBAL, batch=True)))
    ) != passes
    assert "deadline" not in fallen(deployment_gates.gates(case, MINI, PLAIN, GLOBAL))


def test_a_preview_is_not_offered_where_a_rule_says_where_data_may_go() -> None:
    oss = model_of("gpt-oss-120b")
    for residency, allowed in (("any", True), ("EUDB", False)):
        case = case_of(constraints={"residency": residency})
        assert ("preview" not in fallen(deployment_gates.gates(case, oss, PLAIN, UNITS))) == allowed
        assert "preview" not in fallen(deployment_gates.gates(case, MINI, PLAIN, UNITS))


def test_only_azure_openai_passes_on_what_units_cannot_take() -> None:
    """Spillover is a feature of the Azure OpenAI service: models run there by others have none."""
    spilling = replace(UNITS, spillover=True)
    for model, passed_on in (
        (MINI, True),
        (model_of("kimi-k2.6"), False),
        (model_of("deepseek-v3.2"), False),
        (model_of("gpt-oss-120b"), False),
        (model_of("llama-3.3-70b"), False),
    ):
        case = case_of()
        assert (
            "spillover_sold" not in fallen(deployment_gates.gates(case, model, PLAIN, spilling))
        ) == passed_on
        assert "spillover_sold" not in fallen(deployment_gates.gates(case, model, PLAIN, UNITS))


def test_a_measured_round_trip_replaces_the_estimate() -> None:
    """Some 31 ms from Amsterdam to Gävle and back; 900 were measured, seven tenths of 1,000 allowed."""
    north = {"users_near": ["westeurope"], "first_token_p95_ms": 1000}
    for measured, allowed in ({}, True), ({"swedencentral": 900}, False):
        case = case_of(constraints=north, measurements={"round_trip_ms": measured})
        gates = deployment_gates.place_gates(case, "regional", None, "swedencentral")
        assert ("network_delay" not in fallen(gates)) == allowed
    found = next(one for one in gates if one.rule == "network_delay")
    assert found.found == "900 ms measured"
    unknown = case_of(measurements={"round_trip_ms": {"atlantis": 5}})
    with pytest.raises(ScenarioError, match="atlantis"):
        check_names(unknown.given, unknown.catalogue)


def test_a_measurement_holds_for_the_way_of_buying_it_was_made_with() -> None:
    """0.40 Wh live, 0.25 as batches, 0.30 at work on units: each where it belongs, PUE apart."""
    own = {"wh": 0.4, "by_deployment": {"batch": {"wh": 0.25}, "ptu": {"wh": 0.3}}}
    case = case_of(
        workload={**STEADY, "input_tokens": 1000}, knowledge={"gap": "none"},
        measurements={"wh_per_request": {"gpt-4o-mini": own}},
    )  # fmt: skip
    shape = requests.Shape(1000.0, 200.0)
    for how, expected in (
        (provider_pool.Serving(mode="maas"), 0.4),
        (provider_pool.Serving(utilisation=0.8, mode="batch"), 0.25),
        (provider_pool.Serving(utilisation=0.4, mode="priority"), 0.4),
        (provider_pool.Serving(utilisation=1.0, mode="ptu"), 0.3),
    ):  # fmt: skip
        one = provider_pool.serve(case, "gpt-4o-mini", shape, how)
        assert central(one.energy_kwh) * 1000 == pytest.approx(expected), how.mode


def test_every_way_to_buy_stands_in_one_table() -> None:
    """GPT-5.4, global: 1,150 read and 200 written.

    Standard 1,150 x 2.50 + 200 x 15 = 5,875; batch half of it; priority twice. A unit of 2,400 tokens a
    minute serves 2,400 x 60 / (1,150 + 200 x 6) = 61.28 calls an hour, for $1 or, by the year, $0.303.
    """
    case = case_of(
        workload={**STEADY, "requests_per_day": 1000}, knowledge={"gap": "none"},
        timing={"start": "2026-06-01"},
    )  # fmt: skip
    plan = Plan(model_of("gpt-5.4"), PLAIN, GLOBAL, STORED, RUN)
    table = ways.ways_to_buy(case, plan, managed.scopes(case, ("gpt-5.4",)))
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows if row[1] == "global"}
    thought = central(requests.shape(case, "gpt-5.4", "prompt").output_tokens) / 200
    assert thought == 1.0
    for way, usd in (
        ("pay as you go", 0.005875), ("batch, within a day", 0.0029375), ("with priority", 0.01175),
        ("units, by the hour", 1 / 61.2766), ("units, reserved yearly", 0.303 / 61.2766),
    ):  # fmt: skip
        assert rows[way]["USD a call"] == pytest.approx(usd, rel=1e-4), way
    long = rows["a request above 272,000 tokens"]
    assert (long["input USD/Mtok"], long["from the cache"], long["output USD/Mtok"]) == (5, 0.5, 22.5)
    assert rows["with priority"]["promised tokens/s"] == 50


def test_the_region_table_joins_its_water_and_says_where_two_sources_differ() -> None:
    table = exhibit(deployed(case_of()), "regions")
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    for row in rows.values():
        assert row["water L/kWh"] == pytest.approx(row["of it on site"] + row["of it upstream"])
    case = case_of()
    for key in case.catalogue.keys("regions"):
        name, row = f"regions.{key}", rows[case.catalogue.row("regions", key)["name"]]
        pair = [
            case.central(f"{name}.{one}", "g/kWh") if f"{name}.{one}" in case else np.nan
            for one in ("zone_intensity", "country_intensity")
        ]
        apart = max(pair) / min(pair) > 2.0
        assert (row["the two sources"] or "").startswith("disagree") == apart, key
    assert any((row["the two sources"] or "").startswith("disagree") for row in rows.values())
