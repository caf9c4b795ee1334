"""From IT energy and GPU time at a place to a footprint, by hand-computed figures."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.errors import UnknownNameError
from advisor.system.case import Case
from advisor.system.footprints import electricity, hardware, served
from advisor.system.places import at_intensity, open_regions, place, zone_regions

CaseMaker = Callable[..., Case]


def test_electricity_at_a_region(small_case: CaseMaker) -> None:
    """100 kWh of IT energy in West, PUE 1.25."""
    case = small_case()
    footprint = electricity(case, 100.0, place(case, "region:west"))
    expected = {
        "energy": 125.0,  # 100 x 1.25
        "carbon_location": 37.5,  # 125 kWh x 300 g / 1000
        "carbon_market": 7.5,  # 37.5 x (1 - 0.8)
        "carbon_marginal": 62.5,  # 125 x 500 / 1000
        "embodied": 0.0,
        "water_onsite": 10.0,  # 100 kWh of IT x 0.1 L
        "water_upstream": 187.5,  # 125 x 1.5 L
        "adpe": 2.5e-6,  # 125 x 2e-8
        "ewaste": 0.0,
        "cost": 0.0,
    }
    for indicator, value in expected.items():
        assert footprint[indicator] == pytest.approx(np.full(case.size, value)), indicator


def test_hardware_is_charged_by_share_of_life(small_case: CaseMaker) -> None:
    """Four years, half of them rented out: 63,072,000 s, so 63.072 s are a millionth of a life."""
    case = small_case()
    footprint = hardware(case, "card", 63.072)
    # the card's own 150 kg and an eighth of the server's 4,000 kg: 650 kg
    assert footprint["embodied"] == pytest.approx(np.full(case.size, 650e-6))
    # 2 kg and an eighth of 80 kg
    assert footprint["ewaste"] == pytest.approx(np.full(case.size, 12e-6))
    # the card states no depletion: an eighth of the server's 0.08 kgSb remains
    assert footprint["adpe"] == pytest.approx(np.full(case.size, 0.01e-6))
    assert not footprint["energy"].any()


def test_a_served_request_is_its_electricity_and_its_hardware(small_case: CaseMaker) -> None:
    case = small_case()
    request = SimpleNamespace(energy_kwh=1e-3, gpu="card", gpu_seconds=10.0)
    where = place(case, "region:west")
    together = served(case, request, where)  # type: ignore[arg-type]
    apart = electricity(case, 1e-3, where) + hardware(case, "card", 10.0)
    assert together.values == pytest.approx(apart.values, nan_ok=True)
    assert together["energy"] == pytest.approx(np.full(case.size, 1.25e-3))


def test_a_zone_spans_its_open_regions_and_no_other(small_case: CaseMaker) -> None:
    case = small_case(size=400)
    zone = place(case, "zone:eu")
    assert zone_regions(case, "eu") == ["north", "west"]
    assert set(zone.location[1:]) == {20.0, 300.0}  # 900 is restricted, 400 another zone
    assert 0.4 < np.mean(zone.location[1:] == 20.0) < 0.6
    assert zone.location[0] == 160.0  # the central case is the mean of both
    # a draw is one region throughout: its PUE belongs to its intensity
    assert set(zip(zone.pue[1:], zone.location[1:], strict=True)) == {(1.1, 20.0), (1.25, 300.0)}


def test_global_spans_every_open_region(small_case: CaseMaker) -> None:
    case = small_case(size=400)
    assert open_regions(case) == ["north", "west", "coast"]
    fleet = place(case, "global").location
    assert set(fleet[1:]) == {20.0, 300.0, 400.0}
    assert fleet[0] == 240.0  # (20 + 300 + 400) / 3


def test_two_options_in_one_zone_meet_the_same_regions(small_case: CaseMaker) -> None:
    case = small_case()
    assert np.array_equal(place(case, "zone:eu").location, place(case, "zone:eu").location)


def test_marginal_carbon_of_a_place_without_a_figure_is_unknown(small_case: CaseMaker) -> None:
    case = small_case()
    north = electricity(case, 1.0, place(case, "region:north"))
    assert np.isnan(north["carbon_marginal"]).all()
    assert np.isfinite(north["carbon_location"]).all()
    # known for one region of two: as a zone it is not known
    zone = electricity(case, 1.0, place(case, "zone:eu"))
    assert np.isnan(np.median(zone["carbon_marginal"]))


def test_without_contracts_market_equals_location(small_case: CaseMaker) -> None:
    coast = place(small_case(), "region:coast")
    assert np.array_equal(coast.market, coast.location)


def test_overhead_is_never_below_one(small_case: CaseMaker) -> None:
    # the coast's data say 0.9, which no data centre can be
    assert set(place(small_case(), "region:coast").pue) == {1.0}


def test_a_device_at_home_has_no_data_centre(small_case: CaseMaker) -> None:
    case = small_case()
    footprint = electricity(case, 10.0, place(case, "country:FRA"))
    assert footprint["energy"] == pytest.approx(np.full(case.size, 10.0))
    assert footprint["carbon_location"] == pytest.approx(np.full(case.size, 0.5))  # 10 x 50 / 1000
    assert footprint["water_upstream"] == pytest.approx(np.full(case.size, 40.0))
    assert not footprint["water_onsite"].any()
    assert footprint["cost"] == pytest.approx(np.full(case.size, 2.0))  # 10 x $0.2


def test_a_greener_hour_changes_carbon_alone(small_case: CaseMaker) -> None:
    case = small_case()
    west = place(case, "region:west")
    usual, green = electricity(case, 1.0, west), electricity(case, 1.0, at_intensity(west, 0.5))
    for basis in ("carbon_location", "carbon_market", "carbon_marginal"):
        assert green[basis] == pytest.approx(usual[basis] / 2)
    for rest in ("energy", "water", "adpe"):
        assert np.array_equal(green[rest], usual[rest])


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("region:nort", "did you mean 'north'"),
        ("zone:uk", "one of eu, us"),
        ("country:XXX", "coefficient"),
        ("planet:earth", "region:KEY, own:KEY, hosted:KEY, zone:KEY, country:ISO3 or global"),
        ("", "region:KEY"),
    ],
)
def test_an_unknown_place_is_refused(small_case: CaseMaker, spec: str, said: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        place(small_case(), spec)
    assert said in str(caught.value)


def test_an_own_value_moves_the_footprint(small_case: CaseMaker) -> None:
    own = {"low": 2, "central": 2, "high": 2, "unit": "ratio", "owner": "Facilities", "reason": "metered"}
    case = small_case(overrides={"regions.west.pue": own})
    # 100 kWh x 2 x 300 g
    assert electricity(case, 100.0, place(case, "region:west"))["carbon_location"][0] == pytest.approx(60.0)


def test_the_evidence_used_is_noted(small_case: CaseMaker) -> None:
    case = small_case()
    with case.recording() as used:
        place(case, "region:west")
    assert "regions.west.average_intensity" in used
    assert not any(name.startswith("regions.north") for name in used)


def test_every_shipped_region_makes_a_place(catalogue: Catalogue, small_case: CaseMaker) -> None:
    case = Case(small_case().given, catalogue, 8)
    for key in catalogue.keys("regions"):
        where = place(case, f"region:{key}")
        assert np.all(where.pue >= 1.0), key
        assert np.all(where.location > 0), key
        assert np.all(where.market >= 0), key
        assert np.all(where.market <= where.location), key
