"""Live prices against a local server that speaks Azure Retail Prices, and each of its faults."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalogue import open_catalogue, refreshed, reopen
from advisor.catalogue.refresh import prices, run
from advisor.catalogue.refresh.http import Api
from advisor.cli import main
from advisor.core.errors import SourceUnavailableError
from advisor.core.evidence import Coefficient, Confidence, Source
from tests.evidence.server import Reply, serving

TODAY = date(2026, 11, 21)
GPT_4O = "gpt-4o-0806-Inp-glbl Tokens"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ADVISOR_OFFLINE", raising=False)
    reopen()
    yield tmp_path / "cache"
    reopen()


def meter(**values: object) -> dict[str, object]:
    row = {
        "currencyCode": "USD", "tierMinimumUnits": 0.0, "retailPrice": 1.0, "unitPrice": 1.0,
        "armRegionName": "eastus", "location": "US East", "effectiveStartDate": "2026-11-01T00:00:00Z",
        "meterId": "0", "meterName": "", "productName": "", "skuName": "", "serviceName": "",
        "serviceFamily": "", "unitOfMeasure": "1 Hour", "type": "Consumption",
        "isPrimaryMeterRegion": True, "armSkuName": "",
    }  # fmt: skip
    return row | values


def page(*rows: dict[str, object], following: str | None = None) -> dict[str, object]:
    return {
        "BillingCurrency": "USD", "CustomerEntityId": "Default", "CustomerEntityType": "Retail",
        "Items": list(rows), "NextPageLink": following, "Count": len(rows),
    }  # fmt: skip


def source(base: str, timeout_s: float = 5.0) -> Api:
    return replace(prices.api(), base=base, timeout_s=timeout_s, wait=lambda _: None)


def token_page(price: float) -> dict[str, object]:
    return meter(
        productName="Azure OpenAI", meterName=GPT_4O, unitOfMeasure="1K", retailPrice=price / 1000,
        serviceName="Foundry Models",
    )  # fmt: skip


def test_a_new_token_price_is_used_in_preference_and_names_its_day(cache: Path) -> None:
    def route(path: str, query: dict[str, str], _: dict[str, str]) -> Reply:
        assert path == "/api/retail/prices"
        if query.get("page") == "2":
            return Reply(page(token_page(3.0)))
        assert query["api-version"] == "2023-01-01-preview"
        first = query["$filter"] == "contains(productName, 'Azure OpenAI')"
        return Reply(page(following=f"{server.base}/api/retail/prices?page=2" if first else None))

    shipped = open_catalogue().coefficient("prices.gpt-4o.global.input")
    assert shipped.central == 2.5
    with serving(route) as server:
        text = run(
            [lambda catalogue, today: prices.token_prices(source(server.base), catalogue, today)], TODAY
        )
    assert "1 figures" in text
    found = open_catalogue().coefficient("prices.gpt-4o.global.input")
    assert found.central == 3.0
    assert found.checked == TODAY
    assert found.note.startswith(f"refreshed 2026-11-21; shipped 2.5 USD/Mtok of {shipped.checked}")
    assert "fetched 2026-11-21" in open_catalogue().sources[found.sources[0]].title
    assert refreshed.describe() == [
        "Azure Retail Prices API, token prices, fetched 2026-11-21: 1 figures refreshed 2026-11-21 are used"
    ]
    assert open_catalogue(offline=True).coefficient("prices.gpt-4o.global.input") == shipped
    assert [path.name for path in cache.glob("*.json")] == ["live_token_prices.json"]


def service_route(path: str, query: dict[str, str], headers: dict[str, str]) -> Reply:
    wanted = query["$filter"]
    if "Virtual Machines" in wanted:
        name = {"armSkuName": "Standard_NC40ads_H100_v5", "productName": "NCads H100 v5 Series"}
        return Reply(
            page(
                meter(**name, skuName="NC40ads H100 v5", retailPrice=6.5),
                meter(**name, skuName="NC40ads H100 v5 Spot", retailPrice=0.9),
                meter(**name, skuName="NC40ads H100 v5 Low Priority", retailPrice=1.1),
                meter(
                    **name | {"productName": "NCads H100 v5 Series Windows"}, skuName="NC40", retailPrice=9.0
                ),
                meter(**name, skuName="NC40ads H100 v5", retailPrice=7.5, armRegionName="eastus2"),
                meter(**name, skuName="NC40ads H100 v5", retailPrice=50_000, type="Reservation"),
                meter(
                    **name,
                    skuName="NC40ads H100 v5",
                    retailPrice=5.5,
                    effectiveStartDate="2026-12-01T00:00:00Z",
                ),
                meter(
                    **name,
                    skuName="NC40ads H100 v5",
                    retailPrice=8.5,
                    effectiveStartDate="2024-01-01T00:00:00Z",
                ),
                meter(
                    **name,
                    skuName="NC40ads H100 v5",
                    retailPrice=9.5,
                    effectiveEndDate="2026-11-15T00:00:00Z",
                ),
            )
        )
    if "'Storage'" in wanted:
        hot = {"meterName": "Hot LRS Data Stored", "unitOfMeasure": "1 GB/Month"}
        return Reply(
            page(
                meter(**hot, retailPrice=0.025),
                meter(**hot, retailPrice=0.01, tierMinimumUnits=51200.0),
                meter(meterName="Archive Read Operations", unitOfMeasure="10K", retailPrice=5.5),
                meter(meterName="Cool Data Retrieval", unitOfMeasure="1 GB", retailPrice=0.012),
            )
        )
    if "Azure AI Search" in wanted:
        return Reply(page(meter(meterName="Standard S1 Unit", retailPrice=0.4)))
    unit = {"meterName": "Provisioned Managed Global Unit", "productName": "Azure OpenAI"}
    return Reply(
        page(
            meter(**unit, retailPrice=1.25, unitOfMeasure="1/Hour", armRegionName="westeurope"),
            meter(**unit, retailPrice=365.0, type="Reservation", reservationTerm="1 Month"),
        )
    )


def test_service_prices_drop_what_is_not_like_for_like() -> None:
    with serving(service_route) as server:
        fetched = prices.service_prices(source(server.base), open_catalogue(), TODAY)
    found = fetched.coefficients
    machine = found["machines.nc40ads_h100_v5.price"]
    shipped = open_catalogue().coefficient("machines.nc40ads_h100_v5.price")
    # East US before East US 2; the interval keeps the shipped proportions: 6.98 to 8.376 is 1 to 1.2
    assert (machine.central, machine.unit) == (6.5, "USD/h")
    assert machine.high / machine.central == pytest.approx(shipped.high / shipped.central)
    assert found["storage_prices.eastus.hot"].central == 0.025
    assert found["storage_operations.eastus.archive_read"].to("USD/op").central == pytest.approx(5.5e-4)
    assert found["storage_operations.eastus.cool_retrieval"].central == 0.012
    # 0.4 USD an hour is 292 USD in a month of 730 hours
    assert found["search_tiers.s1.price"].to("USD/month").central == pytest.approx(292.0)
    assert found["ptu_price.global"].central == 1.25
    assert found["ptu_regions.westeurope.global"].central == 1.25
    # 365 USD a month against 730 h at 1.25 USD: 1 - 365/912.5 = 0.6 off
    assert found["ptu_reservation.global_month"].central == pytest.approx(0.6)


HTML = Reply(b"<html><body>Sign in</body></html>", headers={"Content-Type": "text/html"})
FAULTS = {
    "unauthorised": (Reply({"error": "no"}, 401), "status 401"),
    "gone": (Reply({"error": "no"}, 404), "status 404"),
    "too many, for long": (Reply({}, 429, {"Retry-After": "3600"}), "try again in 3600 s"),
    "server error": (Reply({}, 500), "status 500 after 4 tries"),
    "a web page": (HTML, "a web page"),
    "broken JSON": (Reply(b'{"Items": [{"retailPr'), "text that breaks off"),
    "cut short": (Reply(b'{"Items": []}', claimed_length=400), "one that broke off"),
    "another shape": (Reply(["prices"]), "something else"),
    "rows that are none": (Reply(page() | {"Items": ["x"]}), "something else"),
    "negative": (Reply(page(meter(retailPrice=-1.0))), "-1.0"),
    "not a number": (Reply(page(meter(retailPrice="free"))), "'free'"),
    "NaN": (Reply(b'{"Items": [{"retailPrice": NaN}], "NextPageLink": null}'), "nan"),
    "next page elsewhere": (Reply(page(following="http://example.invalid/next")), "example.invalid"),
    "nothing of ours": (Reply(page()), "none"),
}


@pytest.mark.parametrize("fetch", [prices.token_prices, prices.service_prices])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_and_the_shipped_values_stay(fault: str, fetch: object, cache: Path) -> None:
    reply, told = FAULTS[fault]
    shipped = open_catalogue()
    with serving(lambda *_: reply) as server, pytest.raises(SourceUnavailableError) as caught:
        run([lambda catalogue, today: fetch(source(server.base), catalogue, today)], TODAY)  # type: ignore[operator]
    assert told in str(caught.value)
    assert "Azure Retail Prices (prices): expected" in str(caught.value)
    assert not list(cache.glob("*.json"))
    assert open_catalogue().coefficients == shipped.coefficients


@pytest.mark.parametrize("fetch", [prices.token_prices, prices.service_prices])
def test_a_list_of_pages_that_never_ends_is_told(fetch: object) -> None:
    def route(*_: object) -> Reply:
        return Reply(page(meter(retailPrice=1.0), following=f"{server.base}/again"))

    with serving(route) as server, pytest.raises(SourceUnavailableError, match="one already read"):
        fetch(source(server.base), open_catalogue(), TODAY)  # type: ignore[operator]


def test_a_source_that_is_down_or_slow_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(SourceUnavailableError, match="expected a connection, found none"):
        source(f"http://127.0.0.1:{port}").get("/")
    release = threading.Event()
    with serving(lambda *_: Reply({}, delay=release)) as server:
        with pytest.raises(SourceUnavailableError, match=r"within 0\.2 s, found none in time"):
            source(server.base, timeout_s=0.2).get("/")
        release.set()


NUMBERS = st.floats(0, 1e9, allow_nan=False)


@given(parts=st.lists(NUMBERS, min_size=3, max_size=3), note=st.text(max_size=20), day=st.dates())
@settings(max_examples=30, deadline=None)
def test_what_is_kept_is_what_was_fetched(parts: list[float], note: str, day: date) -> None:
    low, central, high = sorted(parts)
    found = Coefficient("a.b", low, central, high, "USD/h", ("k",), day, Confidence.PUBLISHED, "", note)
    fetched = refreshed.Fetched(Source("k", "t", "p", "u", "2026"), day, {"a.b": found})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "k.json"
        path.write_text(refreshed.dump(fetched), encoding="utf-8")
        assert refreshed.read(path) == fetched


def test_the_command_tells_what_failed_and_leaves_no_trace(
    cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda *_: Reply({}, 404)) as server:
        made = prices.api
        monkeypatch.setattr(prices, "api", lambda what: replace(made(what), base=server.base))
        assert main(["refresh", "prices"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "Nothing could be refreshed; the values at hand stay.",
        "  - Azure Retail Prices (tokens): expected status 200, found status 404",
        "  - Azure Retail Prices (services): expected status 200, found status 404",
    ]
    assert not list(cache.glob("*.json"))


def test_too_many_requests_are_waited_for_as_asked() -> None:
    waited: list[float] = []
    answers = [Reply({}, 429, {"Retry-After": "7"}), Reply({}, 503), Reply({"fine": True})]

    def route(*_: object) -> Reply:
        return answers.pop(0)

    with serving(route) as server:
        api = replace(source(server.base), wait=waited.append)
        assert api.get("/") == {"fine": True}
    assert waited == [7.0, 4.0]  # as asked, then the second pause of 2 s each


def test_one_source_that_fails_does_not_stop_another() -> None:
    with serving(lambda *_: Reply({}, 500)) as broken, serving(service_route) as good:
        text = run(
            [
                lambda catalogue, today: prices.token_prices(source(broken.base), catalogue, today),
                lambda catalogue, today: prices.service_prices(source(good.base), catalogue, today),
            ],
            TODAY,
        )
    assert "kept what there was: Azure Retail Prices" in text
    assert open_catalogue().coefficient("ptu_price.global").central == 1.25


SOURCE = {"key": "k", "title": "t", "publisher": "p", "url": "u", "year": "2026"}
MINUS = {"value": [-3, -2, -1], "unit": "USD/Mtok", "confidence": "published"}
CACHE = {"format": 1, "fetched": "2026-11-21", "source": SOURCE, "values": {}}
UNREADABLE = {
    "empty": "", "a list": "[]", "cut short": "{", "another format": json.dumps(CACHE | {"format": 2}),
    "no date": json.dumps(CACHE | {"fetched": "soon"}), "no source": json.dumps(CACHE | {"source": {}}),
    "negative": json.dumps(CACHE | {"values": {"prices.gpt-4o.global.input": MINUS}}),
}  # fmt: skip


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_cache_that_cannot_be_read_is_left_aside_and_said_so(text: str, cache: Path) -> None:
    cache.mkdir()
    (cache / "live_token_prices.json").write_text(text)
    assert open_catalogue().coefficient("prices.gpt-4o.global.input").central == 2.5
    assert refreshed.describe() == [
        "live_token_prices.json in the cache cannot be read: the shipped figures are used instead"
    ]


def test_the_environment_can_ask_for_shipped_values_only(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    with serving(service_route) as server:
        run([lambda catalogue, today: prices.service_prices(source(server.base), catalogue, today)], TODAY)
    assert open_catalogue().coefficient("ptu_price.global").central == 1.25
    monkeypatch.setenv("ADVISOR_OFFLINE", "1")
    assert open_catalogue().coefficient("ptu_price.global").central == 1.0
    assert refreshed.describe() == ["offline: the shipped figures are used, refreshed ones are ignored"]


def test_a_cached_value_of_another_dimension_or_of_nothing_known_is_passed_over(cache: Path) -> None:
    values = {
        "prices.gpt-4o.global.input": {"value": [1, 2, 3], "unit": "g/kWh", "confidence": "published"},
        "regions.atlantis.marginal_intensity": {
            "value": [1, 2, 3],
            "unit": "g/kWh",
            "confidence": "measured",
        },
        "nonsense": {"value": [1, 2, 3], "unit": "ratio", "confidence": "measured"},
    }
    cache.mkdir()
    (cache / "k.json").write_text(json.dumps(CACHE | {"values": values}))
    assert open_catalogue().coefficients == open_catalogue(offline=True).coefficients
