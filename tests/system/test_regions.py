import pytest
from system.settings import case_of

from advisor.steps import final_option
from advisor.system.places import effective
from advisor.system.regions import (
    cleanest,
    distance_km,
    lawful,
    passing,
    place_name,
    ranked,
    resides,
    round_trip_ms,
    zone_for,
)
from tests.decided import decided


def test_great_circle():
    # Amsterdam to Stockholm, about 1,125 km
    assert distance_km({"lat": 52.37, "lon": 4.9}, {"lat": 59.33, "lon": 18.07}) == pytest.approx(
        1125, rel=0.01
    )
    assert distance_km({"lat": 0, "lon": 0}, {"lat": 0, "lon": 180}) == pytest.approx(20015, rel=0.001)


def test_the_way_to_the_farthest_users_and_back():
    """Light in fibre takes a hundredth of a millisecond a kilometre there and back; routes are longer."""
    near = case_of(constraints={"users_near": ["westeurope"]})
    assert round_trip_ms(near, "westeurope") == 0
    # Amsterdam to Sydney is 16,600 km: 166 ms of light, 1.64 times that between Europe and Oceania
    both = case_of(constraints={"users_near": ["westeurope", "australiaeast"]})
    assert round_trip_ms(both, "westeurope") == pytest.approx(166 * 1.64, rel=0.02)


@pytest.mark.parametrize(
    ("here", "there", "published"),
    [("eastus", "japaneast", 165), ("westeurope", "eastus", 89), ("brazilsouth", "swedencentral", 209),
     ("westeurope", "australiaeast", 282), ("japaneast", "koreacentral", 36),
     ("uksouth", "centralindia", 150)],
)  # fmt: skip
def test_a_round_trip_is_near_the_one_that_is_published(here, there, published):
    """95th percentiles of 30 days to 2026-07-30, in ms; light alone would take half to two thirds of them."""
    estimated = round_trip_ms(case_of(constraints={"users_near": [there]}), here)
    assert estimated == pytest.approx(published, rel=0.2)


def test_every_two_parts_of_the_world_have_a_way(catalogue):
    parts = sorted({str(catalogue.row("regions", key)["area"]) for key in catalogue.keys("regions")})
    every = {f"{one}_{other}" for number, one in enumerate(parts) for other in parts[number:]}
    assert set(catalogue.keys("routes")) == every


@pytest.mark.parametrize(
    ("row", "rule", "expected"),
    [
        ({"country": "NO", "eu_member": False, "eu_data_boundary": True}, "EU", False),
        ({"country": "NO", "eu_member": False, "eu_data_boundary": True}, "EUDB", True),
        ({"country": "DE", "eu_member": True, "eu_data_boundary": True}, "eu", True),
        ({"country": "DE", "eu_member": True, "eu_data_boundary": True}, "de", True),
        ({"country": "US", "residency": "US"}, "US", True),
        ({"country": "JP", "residency": "JP"}, "any", True),
        ({"country": "JP", "residency": "JP"}, "EU", False),
    ],
)
def test_residency(row, rule, expected):
    assert resides(row, rule) is expected


def test_ranked_puts_the_clean_ones_that_pass_first():
    case = case_of(constraints={"residency": "EU", "first_token_p95_ms": 1e9})
    found = list(ranked(case))
    passing = [region for region in found if region.eligible]
    assert found[: len(passing)] == passing
    assert [region.effective for region in passing] == sorted(region.effective for region in passing)
    assert cleanest(case, found, "EU") == passing[0]
    assert cleanest(case, found, "IS") is None


def test_legal_regions_are_worked_out_in_one_place():
    """Norway and Switzerland belong to the EU Data Boundary, not to the EU."""
    union, boundary = (set(lawful(case_of(constraints={"residency": rule}))) for rule in ("EU", "EUDB"))
    assert boundary - union == {"norwayeast", "switzerlandnorth"}
    listed = case_of(constraints={"residency": "EU", "regions_allowed": ["swedencentral", "norwayeast"]})
    assert lawful(listed) == ("swedencentral",)
    assert lawful(listed, "EUDB") == ("swedencentral", "norwayeast")


def test_a_data_zone_is_used_where_all_of_it_is_lawful():
    assert zone_for(case_of(constraints={"residency": "EUDB", "home_region": "eastus"})) == "eu"
    assert zone_for(case_of(constraints={"residency": "any", "home_region": "eastus"})) == "us"


def test_carbon_of_a_kilowatt_hour_includes_the_overhead():
    case = case_of()
    name = "regions.swedencentral"
    pue = case.central(f"{name}.pue", "ratio")
    assert effective(case, "swedencentral") == pytest.approx(
        pue * case.central(f"{name}.average_intensity", "g/kWh")
    )


def test_places_have_the_names_that_people_call_them_by() -> None:
    case = case_of(0)
    names = {
        "region:westeurope": "West Europe", "zone:eu": "EU data zone", "global": "global", "": "",
        "country:DEU": "DEU",
    }  # fmt: skip
    assert {key: place_name(case, key) for key in names} == names


def test_rules_name_regions_as_people_do() -> None:
    case = case_of(constraints={"regions_allowed": ["swedencentral", "francecentral"]})
    here = next(one for one in ranked(case) if one.key == "westeurope")
    gate = next(one for one in here.gates if one.rule == "regions_allowed")
    told = ("Sweden Central, France Central", "West Europe", "add West Europe to the allowed regions")
    assert (gate.expected, gate.found, gate.remedy) == told


def test_what_passes_is_what_ranks_first_whatever_the_rules():
    for limits in ({}, {"residency": "DE"}, {"residency": "EUDB", "users_near": ["swedencentral"]}):
        case = case_of(constraints=limits)
        assert list(passing(case)) == [one.key for one in ranked(case) if one.eligible]


@pytest.mark.parametrize("name", ["legal_qa", "nightly_reports", "public_sector", "contact_centre"])
def test_a_plan_rests_on_no_figure_of_a_region_that_it_may_not_use(name):
    """The water of Qatar's electricity was a caveat, and a source, of a plan that stays in Germany."""
    case, decisions = decided(name)
    plan = final_option(case, decisions)
    used = {figure.split(".")[1] for figure in plan.evidence if figure.startswith("regions.")}
    assert used
    assert used <= set(lawful(case))
