"""Live grid figures: each source's documented shape, its faults, and keys that stay secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue, refresh, reopen
from advisor.catalogue.refresh import grid, run
from advisor.catalogue.refresh.http import Api
from advisor.core.errors import SourceUnavailableError, UnknownNameError
from tests.evidence.server import Reply, serving

TODAY = date(2026, 11, 21)
SECRET = "sk-7f3a-planted-0419"  # noqa: S105  planted to be searched for
VARIABLES = (
    "ELECTRICITY_MAPS_TOKEN", "WATTTIME_USER", "WATTTIME_PASSWORD", "CARBON_AWARE_SDK_URL",
    "CARBON_AWARE_SDK_SIGNAL", "ADVISOR_GRID_REGIONS", "ADVISOR_OFFLINE",
)  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path / "cache"))
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    reopen()
    yield tmp_path / "cache"
    reopen()


def at(source: Api, base: str) -> Api:
    return replace(source, base=base, wait=lambda _: None)


def electricity_maps(path: str, query: dict[str, str], headers: dict[str, str]) -> Reply:
    assert path == "/v3/carbon-intensity/history"
    if headers.get("auth-token") != SECRET:
        return Reply({"error": "Invalid auth-token"}, 401)
    zone = query["zone"]
    hour = {
        "zone": zone, "datetime": "2026-11-20T12:00:00.000Z",
        "updatedAt": "2026-11-20T13:00:00.000Z", "createdAt": "2026-11-20T12:00:00.000Z",
        "emissionFactorType": "lifecycle", "isEstimated": False,
        "estimationMethod": None,
    }  # fmt: skip
    values = [300.0, None, 340.0]
    return Reply({"zone": zone, "history": [hour | {"carbonIntensity": value} for value in values]})


def test_electricity_maps_moves_the_centre_and_keeps_the_shipped_range() -> None:
    with serving(electricity_maps) as server:
        api = at(grid.electricity_maps(SECRET), server.base)
        wanted = ["westeurope", "swedencentral"]
        run([lambda catalogue, today: grid.from_electricity_maps(api, catalogue, wanted, today)], TODAY)
        assert [query["zone"] for _, query, _ in server.seen] == ["NL", "SE-SE3"]
    found = open_catalogue().coefficient("regions.westeurope.average_intensity")
    shipped = open_catalogue(offline=True).coefficient("regions.westeurope.average_intensity")
    assert found.central == 320.0  # the mean of 300 and 340; the hour without a reading is passed over
    assert (found.low, found.high) == (shipped.low, 320.0)
    assert "the interval spans it and the shipped range" in found.note
    assert "refreshed 2026-11-21; shipped 253 g/kWh" in found.note
    assert open_catalogue().coefficient("regions.westeurope.marginal_intensity").central == 501.34


def uk(path: str, *_: object) -> Reply:
    assert path == "/intensity/date"
    half = {"from": "2026-11-21T00:00Z", "to": "2026-11-21T00:30Z"}
    return Reply(
        {
            "data": [
                half | {"intensity": {"forecast": 120, "actual": 110, "index": "low"}},
                half | {"intensity": {"forecast": 130, "actual": None, "index": "low"}},
            ]
        }
    )


def test_uk_carbon_intensity_takes_the_actual_else_the_forecast() -> None:
    with serving(uk) as server:
        api = at(grid.uk_carbon_intensity(), server.base)
        fetched = grid.from_uk(api, open_catalogue(), ["uksouth", "westeurope"], TODAY)
    assert {name: found.central for name, found in fetched.coefficients.items()} == {
        "regions.uksouth.average_intensity": 120.0
    }
    assert "operational emissions only" in fetched.source.title


def watttime(path: str, query: dict[str, str], headers: dict[str, str]) -> Reply:
    if path == "/login":
        return (
            Reply({"token": f"{SECRET}-session"})
            if headers["authorization"].startswith("Basic ")
            else Reply({}, 401)
        )
    assert headers["authorization"] == f"Bearer {SECRET}-session"
    assert query["signal_type"] == "co2_moer"
    if path == "/v3/region-from-loc":
        return Reply({"region": "NL", "region_full_name": "Netherlands", "signal_type": "co2_moer"})
    assert path == "/v3/historical"
    assert (query["start"], query["end"]) == ("2026-11-20T00:00Z", "2026-11-21T00:00Z")
    meta = {
        "region": "NL",
        "signal_type": "co2_moer",
        "units": "lbs_co2_per_mwh",
        "model": {"date": "2026-03-01"},
    }
    points = [
        {"point_time": "2026-11-20T00:00:00+00:00", "value": value, "version": "1"} for value in (900, 1100)
    ]
    return Reply({"data": points, "meta": meta})


def test_watttime_fills_the_marginal_figure_and_no_other() -> None:
    with serving(watttime) as server:
        api = at(grid.watttime("someone", SECRET), server.base)
        wanted = ["westeurope", "westus"]
        run([lambda catalogue, today: grid.from_watttime(api, catalogue, wanted, today)], TODAY)
    found = open_catalogue().coefficient("regions.westeurope.marginal_intensity")
    # 1000 lb/MWh x 453.59237 g/lb / 1000 kWh/MWh
    assert found.central == pytest.approx(453.59237)
    # a region that ships without one has it now: its interval is that of the readings, 900 to 1100 lb/MWh
    new = open_catalogue().coefficient("regions.westus.marginal_intensity")
    assert (new.low, new.high) == (pytest.approx(408.233133), pytest.approx(498.951607))
    assert open_catalogue().coefficient("regions.westeurope.average_intensity").central == 253


@pytest.mark.parametrize(
    ("signal", "column"), [("average", "average_intensity"), ("marginal", "marginal_intensity")]
)
def test_carbon_aware_sdk_fills_what_its_data_source_gives(signal: str, column: str) -> None:
    reading = {"location": "westeurope", "time": "2026-11-20T12:00:00+00:00", "duration": "01:00:00"}
    with serving(lambda *_: Reply([reading | {"rating": 250}, reading | {"rating": 270}])) as server:
        api = at(grid.carbon_aware_sdk("http://user:pass@example.invalid"), server.base)
        fetched = grid.from_carbon_aware(api, open_catalogue(), ["westeurope"], TODAY, signal)
    assert {name: found.central for name, found in fetched.coefficients.items()} == {
        f"regions.westeurope.{column}": 260.0
    }


def test_carbon_aware_sdk_must_say_what_it_gives_and_where_it_is() -> None:
    with pytest.raises(SourceUnavailableError, match="average or marginal"):
        grid.from_carbon_aware(grid.carbon_aware_sdk("http://x"), open_catalogue(), ["westeurope"], TODAY, "")
    for address in ("", "ftp://host", "http://[bad"):
        with pytest.raises(SourceUnavailableError, match=r"expected an? (http|address|connection)"):
            grid.from_carbon_aware(
                grid.carbon_aware_sdk(address), open_catalogue(), ["westeurope"], TODAY, "average"
            )


SHAPES = {
    "not a mapping": [], "no list": {"history": None, "data": None, "token": "t", "region": "NL"},
    "empty": {"history": [], "data": [], "token": "t", "region": "NL", "meta": {"units": "lbs_co2_per_mwh"}},
    "text for a number": {
        "history": [{"carbonIntensity": "low"}], "data": [{"value": "low", "intensity": {"actual": "low"}}],
        "token": "t", "region": "NL", "meta": {"units": "lbs_co2_per_mwh"},
    },
    "negative": {
        "history": [{"carbonIntensity": -5}], "data": [{"value": -5, "intensity": {"actual": -5}}],
        "token": "t", "region": "NL", "meta": {"units": "lbs_co2_per_mwh"},
    },
    "another unit": {
        "history": [7], "data": [{"intensity": 3}], "token": "t", "region": "NL", "meta": {"units": "kg"},
    },
    "no token": {"history": 1, "data": 1, "token": None, "region": None},
}  # fmt: skip
FETCHES = {
    "Electricity Maps": lambda base: (
        lambda c, t: grid.from_electricity_maps(at(grid.electricity_maps(SECRET), base), c, ["westeurope"], t)
    ),
    "UK Carbon Intensity": lambda base: (
        lambda c, t: grid.from_uk(at(grid.uk_carbon_intensity(), base), c, ["uksouth"], t)
    ),
    "WattTime": lambda base: (
        lambda c, t: grid.from_watttime(at(grid.watttime("u", SECRET), base), c, ["westeurope"], t)
    ),
    "Carbon Aware SDK": lambda base: (
        lambda c, t: grid.from_carbon_aware(
            at(grid.carbon_aware_sdk("http://x"), base), c, ["westeurope"], t, "average"
        )
    ),
}
FAULTS = {
    "401": Reply({"error": SECRET}, 401), "429": Reply({}, 429, {"Retry-After": "900"}),
    "500": Reply(SECRET.encode(), 500), "web page": Reply(b"<html>" + SECRET.encode()),
    "cut": Reply(b'{"history": [', claimed_length=99),
    **{name: Reply(shape) for name, shape in SHAPES.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", FETCHES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_without_the_key_and_the_shipped_figure_stays(
    name: str, fault: str, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(lambda *_: FAULTS[fault]) as server, pytest.raises(SourceUnavailableError) as caught:
        run([FETCHES[name](server.base)], TODAY)
    assert f"{name}: expected" in str(caught.value)
    assert not list(cache.glob("*.json"))
    assert open_catalogue().coefficients == open_catalogue(offline=True).coefficients
    told = str(caught.value) + repr(caught.value) + caplog.text + repr(caught.value.__cause__)
    assert SECRET not in told


def test_no_key_is_in_any_file_log_or_message(
    cache: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("ELECTRICITY_MAPS_TOKEN", SECRET)
    monkeypatch.setenv("WATTTIME_USER", "someone")
    monkeypatch.setenv("WATTTIME_PASSWORD", SECRET)
    monkeypatch.setenv("ADVISOR_GRID_REGIONS", "westeurope, uksouth")
    reading = [
        {"location": "westeurope", "time": "2026-11-20T12:00:00Z", "rating": 250, "duration": "01:00:00"}
    ]
    with (
        serving(electricity_maps) as maps,
        serving(watttime) as marginal,
        serving(lambda *_: Reply(reading)) as sdk,
    ):
        host = sdk.base.removeprefix("http://")
        monkeypatch.setenv("CARBON_AWARE_SDK_URL", f"http://someone:{SECRET}@{host}")
        monkeypatch.setenv("CARBON_AWARE_SDK_SIGNAL", "average")
        makers = {"electricity_maps": maps.base, "watttime": marginal.base}
        for maker, base in makers.items():
            made = getattr(grid, maker)
            monkeypatch.setattr(grid, maker, lambda *key, made=made, base=base: at(made(*key), base))
        text = refresh.refresh("grid", TODAY)
        assert maps.seen[0][2]["auth-token"] == SECRET  # it did reach the one it is for
    assert text.count("figures, kept in") == 3
    kept = sorted(path.name for path in cache.iterdir())
    assert kept == ["live_carbon_aware_sdk.json", "live_electricity_maps.json", "live_watttime.json"]
    everything = text + caplog.text + "".join(capsys.readouterr())
    everything += "".join(path.read_text() for path in cache.iterdir())
    everything += repr(grid.electricity_maps(SECRET)) + repr(grid.watttime("u", SECRET))
    assert SECRET not in everything
    for coefficient in open_catalogue().coefficients.values():
        assert SECRET not in repr(coefficient)
    assert SECRET not in repr(open_catalogue().sources)


def test_sources_without_a_key_are_skipped_and_say_which_variable_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetches, skipped = refresh.grid_fetches(["westeurope"])
    assert fetches == []
    assert [fault.where for fault in skipped] == ["Electricity Maps", "WattTime", "Carbon Aware SDK"]
    assert (
        str(skipped[0]) == "Electricity Maps: expected ELECTRICITY_MAPS_TOKEN in the environment, found none"
    )
    with pytest.raises(SourceUnavailableError, match="CARBON_AWARE_SDK_URL"):
        run(fetches, TODAY, skipped)
    monkeypatch.setenv("ADVISOR_GRID_REGIONS", "westeurop")
    with pytest.raises(UnknownNameError, match="did you mean 'westeurope'"):
        refresh.refresh("grid", TODAY)
    with pytest.raises(UnknownNameError, match="prices"):
        refresh.refresh("price", TODAY)
