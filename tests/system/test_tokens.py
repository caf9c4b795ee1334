"""Managed tokens: the pool's work and price, for every kind of model, place and way of buying."""

from __future__ import annotations

import numpy as np
import pytest
from system.settings import by, case_of, model_of, year

from advisor.core.draws import central
from advisor.system import provider_pool, requests, tokens
from advisor.system.bill import Resource
from advisor.system.case import Case
from advisor.system.footprints import served
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.serving import encode, serve

GLOBAL = DeploymentSetting("maas", "global")
SWEDEN = DeploymentSetting("maas", "regional", region="swedencentral")
BATCH = DeploymentSetting("maas", "global", batch=True)
MODEL, AS_IT_IS = model_of("gpt-4o-mini"), by("compression")


def one(
    case: Case, model: ModelSetting = MODEL, improvement: ImprovementSetting = AS_IT_IS,
    deployment: DeploymentSetting = GLOBAL,
):  # type: ignore[no-untyped-def]  # fmt: skip
    (line,) = tokens.lines(case, model, improvement, deployment)
    return line


def test_a_call_is_the_served_request_at_its_place_with_its_price() -> None:
    case = case_of()
    shape = requests.shape(case, "gpt-4o-mini", "prompt")
    each = provider_pool.per_attempt(case, MODEL, by("prompt"), SWEDEN)
    by_hand = served(case, serve(case, "gpt-4o-mini", shape), place(case, "region:swedencentral"))
    np.testing.assert_allclose(each.values[:-1], by_hand.values[:-1], rtol=1e-12)
    assert central(each["cost"]) > 0


def test_a_line_counts_every_call_sent() -> None:
    """A retry rate of one half sends each request twice, and doubles the bill."""
    calm, retried = case_of(workload={"retry_rate": 0.0}), case_of(workload={"retry_rate": 0.5})
    first, second = one(calm), one(retried)
    assert first.resource is Resource.MANAGED_TOKENS
    assert central(second.quantity) == pytest.approx(2 * central(first.quantity))
    np.testing.assert_allclose(second.footprint.values, 2 * first.footprint.values)


def test_batches_cost_half_for_the_share_that_waits() -> None:
    case = case_of(workload={"deferrable_share": 1.0})
    assert central(one(case, deployment=BATCH).footprint["cost"]) == pytest.approx(
        0.5 * central(one(case).footprint["cost"]), rel=0.01
    )
    half = case_of(workload={"deferrable_share": 0.5})
    assert central(one(half, deployment=BATCH).footprint["cost"]) == pytest.approx(
        0.75 * central(one(half).footprint["cost"]), rel=0.01
    )
    # a queue keeps its hardware busier
    assert central(one(case, deployment=BATCH).footprint["energy"]) < central(one(case).footprint["energy"])


def test_a_router_pays_both_models_by_their_shares_and_reads_each_request() -> None:
    case, pair = case_of(), model_of("gpt-4o-mini", "gpt-4o", kind="router")
    (_, near), (_, far) = requests.shares(case, pair, "prompt")
    both = one(case, pair).footprint
    small, large = (one(case, model_of(key)).footprint for key in pair.models)
    asked = requests.shape(case, "gpt-4o", "compression").input_tokens
    fee = asked * case.draw("model_router.fee", "USD/tok") * one(case, pair).quantity
    np.testing.assert_allclose(both["cost"], small["cost"] * near + large["cost"] * far + fee)
    read = encode(case, "bert-base", requests.shape(case, "gpt-4o", "compression").input_tokens, gpu_key="t4")
    more = read.energy_kwh * place(case, "global").pue * one(case, pair).quantity
    np.testing.assert_allclose(both["energy"], small["energy"] * near + large["energy"] * far + more)


def test_a_cascade_pays_the_verdict_on_each_answer() -> None:
    case, pair = case_of(), model_of("gpt-4o-mini", "gpt-4o", kind="cascade")
    (_, near), (_, far) = requests.shares(case, pair, "prompt")
    small, large = (one(case, model_of(key)).footprint for key in pair.models)
    both = one(case, pair).footprint
    assert np.all(near == 1.0)
    assert np.all(both["cost"] > small["cost"] + large["cost"] * far)
    (_, _, _), (_, _, _), (judge, verdict, _) = provider_pool.parts(case, pair, "compression")
    assert judge == "gpt-4o-mini"
    asked = requests.request(case, "gpt-4o-mini", "compression")
    np.testing.assert_allclose(verdict.input_tokens, asked.input_tokens + asked.visible_output)


def test_searching_with_an_imagined_answer_pays_for_imagining_it() -> None:
    case = case_of()
    plain, imagined = (one(case, improvement=by(key)).footprint for key in ("rag_vector", "rag_hyde"))
    assert np.all(imagined["cost"] > plain["cost"])
    assert np.all(imagined["energy"] > plain["energy"])


def test_a_managed_embedding_is_called_by_the_token() -> None:
    """1,000 tokens at $0.02 a million, sent 1 / 0.98 times."""
    case = case_of(workload={"input_tokens": 1000, "retry_rate": 0.02})
    line = one(
        case, model_of("text-embedding-3-small", kind="encoder"), by("train_classifier"),
        DeploymentSetting("embedding", "global"),
    )  # fmt: skip
    assert central(line.footprint["cost"]) == pytest.approx(1000 * 0.02e-6 / 0.98, rel=1e-6)


def test_a_cache_spares_the_calls_it_answers() -> None:
    case = case_of(workload={"repeat_share": 0.4, "turns_per_task": 1})
    cached = one(case, deployment=DeploymentSetting("maas", "global", cache="exact"))
    hits = 0.4 * case.central("cache.exact.found", "ratio")
    assert central(cached.quantity) == pytest.approx(central(one(case).quantity) * (1 - hits))


def test_the_own_measurement_of_a_request_reaches_the_bill() -> None:
    """1 Wh a request at the server instead of the estimate, for the scenario's own request."""
    case = case_of(
        workload={"retry_rate": 0.0, "cached_input_share": 0.0},
        measurements={"wh_per_request": {"gpt-4o-mini": {"wh": 1.0, "boundary": "server"}}},
    )
    usual = case.workload
    compressed = requests.shape(case, "gpt-4o-mini", "compression")
    plain = case_of(workload={"retry_rate": 0.0, "cached_input_share": 0.0})
    ratio = (
        serve(plain, "gpt-4o-mini", compressed).energy_kwh
        / serve(plain, "gpt-4o-mini", type(compressed)(usual.input_tokens, usual.output_tokens)).energy_kwh
    )
    meter = one(case, deployment=SWEDEN).footprint["energy"] / place(case, "region:swedencentral").pue
    np.testing.assert_allclose(meter, 0.001 * ratio)


def test_more_tokens_or_more_requests_never_take_less() -> None:
    base = case_of()
    for section in ({"input_tokens": 2000}, {"output_tokens": 600}, {"requests_per_day": 20_000}):
        more = base.varied({f"workload.{name}": value for name, value in section.items()})
        for deployment in (GLOBAL, BATCH, SWEDEN):
            for indicator in ("energy", "carbon", "cost"):
                assert year(more, [one(more, deployment=deployment)], indicator) >= year(
                    base, [one(base, deployment=deployment)], indicator
                )


def test_other_ways_to_run_send_no_tokens() -> None:
    case = case_of()
    for mode in ("maap", "ptu", "edge", "container", "search"):
        assert tokens.lines(case, MODEL, AS_IT_IS, DeploymentSetting(mode, region="swedencentral")) == ()  # type: ignore[arg-type]
