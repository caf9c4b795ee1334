"""A cache: what it finds, what it gets wrong, what it takes, and from which hit rate it pays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from system.settings import by, case_of, model_of, some, year

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.system import billing, cache_gates, caches, quality, requests, search_units, tokens
from advisor.system import deployment_gates as rules
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.places import place
from advisor.system.plan import Cache, DeploymentSetting, OperationSetting, Plan, StorageSetting
from advisor.system.serving import encode

MODEL, AS_IT_IS = model_of("gpt-5.2"), by("compression")
HEAVY = {
    "requests_per_day": 1e6, "input_tokens": 4000, "output_tokens": 800, "repeat_share": 0.5,
    "deferrable_share": 0,
}  # fmt: skip


def cached(cache: Cache = "semantic") -> DeploymentSetting:
    return DeploymentSetting("maas", "global", cache=cache)


def everything(case: Case, deployment: DeploymentSetting) -> tuple[Line, ...]:
    early = (case, MODEL, AS_IT_IS, deployment)
    return (*tokens.lines(*early), *caches.lines(*early))


def test_hits_are_the_repeats_that_a_cache_finds_up_to_a_cap() -> None:
    """0.4 of first questions repeat; 65.2 % of them are found by meaning: 26 %; at most 45 %."""
    case = case_of(workload={"repeat_share": 0.4, "turns_per_task": 1})
    assert central(caches.hit_rate(case, cached())) == pytest.approx(0.4 * 0.652)
    assert central(caches.hit_rate(case, cached("exact"))) == pytest.approx(0.4 * 0.25)
    assert np.all(caches.hit_rate(case, cached("none")) == 0)
    often = case_of(workload={"repeat_share": 0.95, "turns_per_task": 1})
    assert central(caches.hit_rate(often, cached())) == 0.45


def test_answers_live_no_longer_than_a_tenth_of_what_they_rest_on() -> None:
    assert caches.ttl_days(case_of(knowledge={"changes_every_days": None})) == 1.0
    assert caches.ttl_days(case_of(knowledge={"changes_every_days": 30})) == 1.0
    assert caches.ttl_days(case_of(knowledge={"changes_every_days": 2})) == pytest.approx(0.2)


def test_wrong_hits_are_stale_or_of_another_question() -> None:
    """A day to live, facts that change every 10: a share 1 - (1 - exp(-0.1)) / 0.1 = 4.84 % is stale."""
    case = case_of(knowledge={"changes_every_days": 10})
    assert central(caches.false_hits(case, cached("exact"))) == pytest.approx(0.0484, abs=1e-4)
    assert central(caches.false_hits(case, cached())) == pytest.approx(0.0484 + 0.02, abs=1e-4)
    never = case_of(knowledge={"changes_every_days": None})
    assert central(caches.false_hits(never, cached("exact"))) == 0


def test_a_wrong_hit_is_an_answer_not_accepted() -> None:
    case = case_of(workload={"repeat_share": 0.4})
    kept = OperationSetting("never", "planned", "now")
    early = (case, model_of("gpt-4o-mini"), by("prompt"))
    with_it, without = (billing.share_accepted(*early, cached(cache), kept) for cache in ("semantic", "none"))
    wrong = caches.wrong_share(case, early[1], early[2], cached())
    assert central(wrong) > 0
    assert np.all(with_it < without)
    right = quality.accepted(*early)
    np.testing.assert_allclose(without - with_it, right * wrong, rtol=1e-9)


def test_the_store_stands_and_each_question_is_read_once_sent() -> None:
    """8 GB twice in memory at 0.392 W a GB: 6.27 W, 4.58 kWh a month before the overhead."""
    case = case_of(workload={"retry_rate": 0.2})
    store, lookup = caches.lines(case, MODEL, AS_IT_IS, cached())
    assert (store.resource, store.phase) == (Resource.CACHE, "standing")
    where = place(case, "global")
    assert central(store.footprint["energy"]) == pytest.approx(8 * 2 * 0.000392 * 730 * central(where.pue))
    assert central(store.footprint["cost"]) == 200
    assert lookup.phase == "per_request"
    assert central(lookup.quantity) == pytest.approx(1.25)
    # the question alone is compared, not the 1,000 tokens of the prompt that it stands in
    read = encode(case, "text-embedding-3-small", case.draw("rag.query_tokens", "tok"))
    np.testing.assert_allclose(lookup.footprint["energy"], read.energy_kwh * where.pue * 1.25)
    assert central(lookup.footprint["cost"]) == pytest.approx(40 * 0.02e-6 * 1.25)
    # in the very same words nothing is read
    assert len(caches.lines(case, MODEL, AS_IT_IS, cached("exact"))) == 1
    assert caches.lines(case, MODEL, AS_IT_IS, cached("none")) == ()


def test_disks_idle_at_less_than_memory() -> None:
    case = case_of()
    memory, disk = (central(caches.store_kwh(case, kind)) for kind in ("semantic", "semantic-cosmos"))
    assert disk < memory / 10


def test_a_cache_pays_where_calls_are_large_and_repeats_many() -> None:
    heavy = case_of(workload=HEAVY, knowledge={"changes_every_days": None})
    assert year(heavy, everything(heavy, cached()), "carbon") < year(
        heavy, everything(heavy, cached("none")), "carbon"
    )
    light = case_of(workload={"requests_per_day": 500, "repeat_share": 0.2})
    assert year(light, everything(light, cached())) > year(light, everything(light, cached("none")))


@settings(max_examples=25, deadline=None)
@given(
    st.floats(10, 1e7), st.floats(0.01, 0.6), st.floats(20, 5000), st.floats(1, 1000),
    st.sampled_from(caches.CACHES),
)  # fmt: skip
def test_the_break_even_is_where_the_bills_meet(
    per_day: float, repeats: float, given_tokens: float, written: float, kind: Cache
) -> None:
    """Above its break-even hit rate a cache takes less energy than none, below it more."""
    load = {"requests_per_day": per_day, "repeat_share": repeats, "input_tokens": given_tokens,
            "output_tokens": written}  # fmt: skip
    case = case_of(0, workload=load)
    even = cache_gates.break_even(case, MODEL, AS_IT_IS, cached(kind))
    rate = central(caches.hit_rate(case, cached(kind)))
    without, with_it = (
        year(case, billing.serving(case, MODEL, AS_IT_IS, cached(one))) for one in ("none", kind)
    )
    assert (without > with_it) == (rate > even) or rate == pytest.approx(even, rel=1e-6)


@pytest.mark.parametrize("kind", caches.CACHES)
@pytest.mark.parametrize("technique", ["prompt", "compression", "rag_hybrid", "rag_rerank", "rag_hyde"])
@pytest.mark.parametrize("name", ["contact_centre", "legal_qa", "market_commentary", "nightly_reports"])
def test_what_the_gate_reckons_with_is_on_the_bill(name: str, technique: str, kind: Cache) -> None:
    """Of a whole plan a cache saves (hits - break-even) x what a hit spares x calls a year.

    So the energy of the plan falls exactly where the gate lets the cache pass; searches, ranking, shortening
    and imagined answers are spared with the call, and where a meter saw the serving, of what it saw.
    """
    given = open_case(template(name)).given
    asked = given.model_copy(update={"workload": given.workload.model_copy(update={"repeat_share": 0.3})})
    case = Case(asked, open_catalogue(offline=True), 0)
    early = (model_of("gpt-5.4-mini"), by(technique))
    kept = (StorageSetting("all_hot"), OperationSetting("never", "planned", "now"))
    zone = DeploymentSetting("maas", "datazone", zone="eu", cache=kind)
    without, with_it = (
        central(billing.bill(case, Plan(*early, one, *kept)).year["energy"])
        for one in (replace(zone, cache="none"), zone)
    )
    even, hits = cache_gates.break_even(case, *early, zone), central(caches.hit_rate(case, zone))
    calls = central(requests.attempts(case, *early) * case.workload.requests_per_year)
    spared = cache_gates.spared_kwh(case, *early, zone)
    assert without - with_it == pytest.approx((hits - even) * spared * calls, abs=1e-6 * without)
    (gate,) = (one for one in cache_gates.gates(case, *early, zone) if one.rule == "hit_rate")
    assert gate.passed == (with_it < without)


def test_a_hit_spares_the_search_as_well_as_the_call() -> None:
    case, zone = case_of(0), cached()
    plain, found = (cache_gates.spared_kwh(case, MODEL, by(one), zone) for one in ("prompt", "rag_rerank"))
    call = tokens.lines(case, MODEL, by("rag_rerank"), cached("none"))
    search = some(search_units.lines(case, MODEL, by("rag_rerank"), cached("none")), phase="per_request")
    tries = central(requests.attempts(case, MODEL, by("rag_rerank")))
    by_hand = sum(central(line.footprint["energy"]) for line in (*call, *search)) / tries
    assert found == pytest.approx(by_hand)
    assert found > plain


@pytest.mark.parametrize(
    ("model", "held"),
    [
        ("gpt-5.2", DeploymentSetting("ptu", "global", term="yearly", cache="exact")),
        ("phi-4", DeploymentSetting(
            "maap", region="swedencentral", machine="nc24ads_a100_v4", precision="bf16", cache="exact"
        )),
    ],
)  # fmt: skip
def test_what_is_held_is_spared_in_steps(model: str, held: DeploymentSetting) -> None:
    """What the bill of units or machines takes less with the cache, shared among its hits."""
    case, early = case_of(0, workload={**HEAVY, "turns_per_task": 1}), (model_of(model), by("prompt"))
    without, with_it = (
        year(case, billing.serving(case, *early, one)) for one in (replace(held, cache="none"), held)
    )
    even, hits = cache_gates.break_even(case, *early, held), central(caches.hit_rate(case, held))
    calls = central(requests.attempts(case, *early) * case.workload.requests_per_year)
    saved = (hits - even) * cache_gates.spared_kwh(case, *early, held) * calls
    assert 0 < without - with_it == pytest.approx(saved, rel=1e-4)
    never = case_of(0, workload={**HEAVY, "repeat_share": 0.0})  # no hit, and yet a rate that would do
    assert 0 < cache_gates.break_even(never, *early, held) < 1


def test_below_its_break_even_a_cache_is_out_and_the_rate_is_told() -> None:
    light = case_of(workload={"requests_per_day": 500, "repeat_share": 0.2})
    gates = {gate.rule: gate for gate in rules.gates(light, model_of("gpt-4o-mini"), AS_IT_IS, cached())}
    assert gates["repeats"].passed
    assert not gates["hit_rate"].passed
    rate = central(caches.hit_rate(light, cached()))
    assert gates["hit_rate"].found == f"{rate:.1%} hits"
    # a rule on energy whatever the priorities: it says so, and what would bring a cache back
    assert "energy and not money alone" in gates["hit_rate"].expected
    assert "cache.store" in gates["hit_rate"].remedy
    # nor is a cache put before a system of which nobody said that questions come back
    nobody = case_of(workload={key: value for key, value in HEAVY.items() if key != "repeat_share"})
    gates = {gate.rule: gate for gate in rules.gates(nobody, MODEL, AS_IT_IS, cached())}
    assert not gates["repeats"].passed
    heavy = case_of(workload=HEAVY)
    gates = {gate.rule: gate for gate in rules.gates(heavy, MODEL, AS_IT_IS, cached())}
    assert gates["repeats"].passed
    assert gates["hit_rate"].passed


def test_a_cache_is_looked_up_where_the_model_runs() -> None:
    case = case_of()
    here = DeploymentSetting("maas", "regional", region="swedencentral", cache="semantic")
    for line in some(everything(case, here)):
        assert line.place == "region:swedencentral"
