"""Today's models and what they cost: the baseline of every option."""

from __future__ import annotations

import pytest

from advisor.catalogue import open_catalogue
from advisor.scenario import Scenario
from advisor.scenario.traffic import Interval, ModelUse, Quantiles, Traffic
from advisor.system.baseline import catalogue_model, unseen_hours, with_baseline
from advisor.system.case import Case
from advisor.usage.exhibits import models


def traffic(**uses: ModelUse) -> Traffic:
    sizes = Quantiles(mean=900, p10=100, p50=800, p90=2_000, p99=3_000, maximum=4_000)
    return Traffic(
        recognised_as="test", period_start="2025-03-03T00:00:00Z", period_end="2025-03-10T00:00:00Z",
        hours_covered=168, requests=700, requests_per_day=Interval(low=90, central=100, high=110),
        hour_of_week=[100 / 24] * 168, hours_observed=[1] * 168,
        peak_to_mean=Interval(low=2, central=2, high=3), input_tokens=sizes, output_tokens=sizes,
        models=dict(uses), confidence="medium",
    )  # fmt: skip


def use(requests: int, usd: float | None = None) -> ModelUse:
    return ModelUse(requests=requests, input_tokens=1_000, output_tokens=200, usd_per_year=usd)


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(Scenario(name="test", task="chat"), open_catalogue(offline=True), size=60)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("gpt-4o", "gpt-4o"),
        ("azure/gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-mini-2024-07-18+tuned", "gpt-4o-mini"),
        ("anthropic/claude-sonnet-4-5-20250929", "claude-sonnet-4.5"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama-3.3-70b"),
        ("gpt-4o-nano", None),
        ("ChatGPT", None),
        ("", None),
    ],
)
def test_a_logs_name_finds_the_same_model_only(name: str, key: str | None, case: Case) -> None:
    assert catalogue_model(name, case.catalogue) == key


def test_known_models_get_energy_cost_and_carbon(case: Case) -> None:
    found = with_baseline(traffic(**{"azure/gpt-4o": use(500), "own-thing": use(200)}), case).models
    known, other = found["azure/gpt-4o"], found["own-thing"]
    assert known.catalogue_model == "gpt-4o"
    assert known.wh_per_request is not None
    assert 0 < known.wh_per_request.low < known.wh_per_request.central < known.wh_per_request.high
    # list price: 1,000 tokens in and 200 out, 500 of 700 requests of 100 a day for 365 days
    prices = {
        meter: case.catalogue.coefficient(f"prices.gpt-4o.global.{meter}").to("USD/Mtok").central
        for meter in ("input", "output")
    }
    each = (1_000 * prices["input"] + 200 * prices["output"]) / 1e6
    assert known.usd_per_year == pytest.approx(each * 100 * 365 * 5 / 7, rel=0.02)
    assert known.kgco2e_per_year is not None
    assert known.kgco2e_per_year > 0
    assert other == use(200)


def test_the_logs_own_cost_is_kept(case: Case) -> None:
    profile = with_baseline(traffic(**{"gpt-4o": use(700, usd=123.0)}), case)
    assert profile.models["gpt-4o"].usd_per_year == 123.0
    table = models(profile)
    assert table is not None
    assert table.rows[0][0] == "gpt-4o"


def test_a_log_without_models_has_no_baseline(case: Case) -> None:
    assert with_baseline(traffic(), case) == traffic()
    assert models(traffic()) is None


def test_unseen_hours_are_evidence(case: Case) -> None:
    unseen = unseen_hours(case.catalogue)
    assert unseen.low < 1 < unseen.high


def test_cached_tokens_and_tiers_are_priced(case: Case) -> None:
    """Of 1,000 tokens in 800 are cached; half of the requests are batches, which get no cache."""
    log = traffic(**{"gpt-4o": use(700)})
    share = Interval(low=0.8, central=0.8, high=0.8)
    plain = log.model_copy(update={"cached_share": share})
    half = plain.model_copy(update={"tiers": {"batch": 0.5, "standard": 0.5}})

    def usd(one: Traffic) -> float:
        found = with_baseline(one, case).models["gpt-4o"].usd_per_year
        assert found is not None
        return found / (100 * 365)

    price = {
        meter: case.catalogue.coefficient(f"prices.gpt-4o.global.{meter}").to("USD/tok").central
        for meter in ("input", "cached", "output", "batch_input", "batch_output")
    }
    standard = 200 * price["input"] + 800 * price["cached"] + 200 * price["output"]
    batch = 1000 * price["batch_input"] + 200 * price["batch_output"]
    assert usd(plain) == pytest.approx(standard)
    assert usd(half) == pytest.approx((standard + batch) / 2)


def test_a_year_of_a_log_that_tells_no_volume_says_whose_it_is(case: Case) -> None:
    """The volume is the scenario's default, which nobody has stated; one of its own is named as such."""
    short = traffic(**{"gpt-4o": use(2)}).model_copy(update={"requests_per_day": None})
    said = with_baseline(short, case).caveats
    assert [one.partition("; ")[0] for one in said] == [
        "cost and carbon a year of today's models rest on 10,000 requests a day, which nobody has stated"
    ]
    assert with_baseline(with_baseline(short, case), case).caveats == said
    own = case.varied({"workload.requests_per_day": 500})
    assert "500 requests a day, the scenario's own" in with_baseline(short, own).caveats[0]
    table = models(with_baseline(short, case))
    assert table is not None
    assert "a year has as many as the scenario says" in table.note
    # a model that no list holds has no figures of a year
    assert with_baseline(short.model_copy(update={"models": {"own-thing": use(2)}}), case).caveats == []
