"""Devices at the edge: charged whole, by the share of them that a workload has."""

from __future__ import annotations

import numpy as np
import pytest
from system.settings import by, case_of, fallen, model_of, some, year

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.scenario import Scenario, with_values
from advisor.system import answering, beyond_text, calls, devices, requests, search_units
from advisor.system.bill import Bill, Resource
from advisor.system.case import Case
from advisor.system.footprints import electricity
from advisor.system.opening import open_case, template
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting
from advisor.system.serving import encode
from advisor.system.storage import ingestion

NANO = DeploymentSetting("edge", scope="device", device="jetson_orin_nano")
MODEL, RAG = model_of("gemma-3-4b"), by("rag_vector")


def factory(**values: object) -> Case:
    given: Scenario = open_case(template("factory_edge")).given
    return Case(with_values(given, values) if values else given, open_catalogue(offline=True), 64)


def test_twelve_boxes_by_hand() -> None:
    """12 boxes wait at 5 W all year, 525.6 kWh at $0.2743; making 12 x 35 kg, 12 x $249 over 4 years."""
    case = factory()
    lines = devices.lines(case, MODEL, RAG, NANO)
    held, work = lines
    assert {line.resource for line in lines} == {Resource.DEVICE}
    assert year(case, (held,)) == pytest.approx(12 * 5 * 8.760)
    assert year(case, lines, "embodied") == pytest.approx(12 * 35 / 4)
    assert year(case, (held,), "cost") == pytest.approx(12 * 249 / 4 + 525.6 * 0.2743)
    grid = case.central("grids.DEU.average_intensity", "g/kWh") / 1000.0
    assert year(case, (held,), "carbon_location") == pytest.approx(525.6 * grid)
    # work on top is little: terminals are asked a hundred times a day; about 538 kWh and 290 kg in all
    assert 0 < year(case, (work,)) < 20
    assert year(case, lines) == pytest.approx(538, rel=0.03)
    assert year(case, lines, "carbon") == pytest.approx(290, rel=0.05)
    # and every kilowatt-hour at the plug costs 27.43 cents in Germany: 747 + 0.2743 x 538 = 895 USD
    assert year(case, lines, "cost") == pytest.approx(747 + 0.2743 * year(case, lines))
    assert year(case, lines, "cost") == pytest.approx(895, rel=0.01)


def test_a_device_shared_by_half_is_charged_by_half_and_keeps_up_with_half() -> None:
    whole, half = factory(), factory(**{"constraints.device.share": 0.5})
    for indicator in ("energy", "embodied", "cost", "ewaste"):
        mine, theirs = (
            year(case, some(devices.lines(case, MODEL, RAG, NANO), phase="standing"), indicator)
            for case in (half, whole)
        )
        assert mine == pytest.approx(theirs / 2)
    # work is one's own, however many share the box
    work = [
        some(devices.lines(case, MODEL, RAG, NANO), phase="per_request")[0].footprint.values
        for case in (half, whole)
    ]
    assert np.allclose(*work, equal_nan=True)


def test_more_requests_never_take_less_energy() -> None:
    energies = []
    for volume in np.geomspace(1, 1e6, 20):
        case = factory(**{"workload.requests_per_day": float(volume)}).centre
        energies.append(year(case, devices.lines(case, MODEL, RAG, NANO)))
    assert np.all(np.diff(energies) > 0)


def test_work_is_above_that_of_waiting() -> None:
    case = factory()
    run = devices.run(case, MODEL, RAG, "jetson_orin_nano")
    above = run.work_kwh - run.seconds * case.draw("devices.jetson_orin_nano.idle", "W") / 3.6e6
    each = devices.work_per_call(case, MODEL, RAG, NANO)
    assert np.allclose(each["energy"], np.maximum(above, 0.0))
    assert np.allclose(calls.one_call(case, MODEL, RAG, NANO).values, each.values, equal_nan=True)


def test_no_draw_is_negative() -> None:
    case = factory()
    for model in (MODEL, model_of("bert-base", kind="encoder")):
        improvement = RAG if model is MODEL else by("train_classifier")
        Bill(case, devices.lines(case, model, improvement, NANO)).check()


def test_what_is_missing_is_said() -> None:
    case = case_of()
    (option,) = devices.alternatives(case)
    assert option.device is None
    assert option.key == "edge"
    assert fallen(devices.gates(case, MODEL, RAG, option)) == {"device"}
    assert devices.lines(case, MODEL, RAG, option) == ()
    here = factory()
    assert devices.alternatives(here) == (NANO,)
    assert fallen(devices.gates(here, model_of("gpt-4o-mini"), RAG, NANO)) == {"open_weights"}
    pair = model_of("gemma-3-4b", "qwen3-4b", kind="router")
    assert fallen(devices.gates(here, pair, RAG, NANO)) == {"open_weights"}
    managed = model_of("text-embedding-3-small", kind="encoder")
    assert fallen(devices.gates(here, managed, by("train_classifier"), NANO)) == {"open_weights"}


def test_a_model_too_large_for_the_box() -> None:
    case = factory()
    assert devices.fits(case, "gemma-3-4b")
    # 70 billion parameters at half a byte are 35 GB; the box spares 65 % of 8 GB
    assert not devices.fits(case, "llama-3.3-70b")
    need, have = devices.memory_gb(case, "llama-3.3-70b", "jetson_orin_nano", 4000.0)
    assert need > 35
    assert have == pytest.approx(8 * 0.65)
    assert "memory" in fallen(devices.gates(case, model_of("llama-3.3-70b"), RAG, NANO))
    assert not devices.fits(case_of(), "gemma-3-4b")


def test_too_slow_and_too_busy() -> None:
    hurried = factory(**{"constraints.latency_p95_ms": 500.0, "constraints.first_token_p95_ms": 100.0})
    assert {"latency", "first_token"} <= fallen(devices.gates(hurried, MODEL, RAG, NANO))
    crowded = factory(**{"workload.requests_per_day": 200_000.0})
    assert "capacity" in fallen(devices.gates(crowded, MODEL, RAG, NANO))
    # a tenth of each box serves a tenth of what twelve whole boxes serve
    several = factory(**{"workload.requests_per_day": 18_000.0})
    shared = factory(**{"workload.requests_per_day": 18_000.0, "constraints.device.share": 0.02})
    assert "capacity" not in fallen(devices.gates(several, MODEL, RAG, NANO))
    assert "capacity" in fallen(devices.gates(shared, MODEL, RAG, NANO))


def test_a_classifier_on_the_device_takes_its_own_energy() -> None:
    case = factory()
    model, trained = model_of("bert-base", kind="encoder"), by("train_classifier")
    run = devices.run(case, model, trained, "jetson_orin_nano")
    # at 65 % of the 15 W the box may draw
    watt = central(run.work_kwh) * 3.6e6 / central(run.seconds)
    assert watt == pytest.approx(15 * 0.65)
    assert fallen(devices.gates(case, model, trained, NANO)) == set()


def test_power_on_the_users_premises_is_paid_for_and_only_there() -> None:
    """A kilowatt-hour at the plug of a device is what firms of its country pay; in a region the price has it.

    Of 23.59 euro cents in Germany and 8.53 in Sweden, at 0.860 euros a dollar: 27.43 and 9.92 cents. Of
    Japan no figure is kept, and the world's 22 cents stand. A figure of one's own stands everywhere.
    """
    case = factory()
    for spec, usd in (
        ("country:DEU", 2.743), ("country:SWE", 0.992), ("country:JPN", 2.2),
        ("region:germanywestcentral", 0.0), ("zone:eu", 0.0),
    ):  # fmt: skip
        assert central(electricity(case, 10.0, place(case, spec))["cost"]) == pytest.approx(usd)
    own = {"low": 0.44, "central": 0.44, "high": 0.44, "unit": "USD/kWh", "reason": "bill", "owner": "me"}
    dear = factory(overrides={"premises.power_price": own})
    assert central(electricity(dear, 10.0, place(dear, "country:DEU"))["cost"]) == pytest.approx(4.4)


def test_filters_at_the_edge_use_power_of_their_users() -> None:
    """Of 6 GB a month that arrive at 2 Wh: what is drawn there, at 27.43 cents a kilowatt-hour.

    And a part of the price of a device: an hour at work for 10 Wh, a fifth of its 4 years.
    """
    case = factory()
    lines = ingestion.lines(case, MODEL, RAG, NANO)
    (edge,) = (line for line in lines if line.what == "filters at the edge")
    kwh = central(edge.quantity) * 0.002
    assert central(edge.footprint["energy"]) == pytest.approx(kwh)
    device = 249 * kwh / 0.010 / 0.2 / (4 * 8760)
    assert central(edge.footprint["cost"]) == pytest.approx(0.2743 * kwh + device)


def test_a_metered_job_on_devices_is_paid_for_as_metered() -> None:
    """10 kWh a night, 30.4 nights a month: 3,648 kWh a year at $0.2743, beside the price of the boxes."""
    given = {
        "operations.job_kwh": 10.0,
        "operations.job_measures": "serving",
        "workload.growth_per_year": 0.0,
    }
    metered = factory(**given)
    found = answering.alone(metered, MODEL, RAG, NANO)
    assert year(metered, found) == pytest.approx(3648)
    assert year(metered, found, "cost") == pytest.approx(747 + 0.2743 * 3648)


def test_media_on_a_device_use_power_of_its_users_and_pay_no_service() -> None:
    """Three images of 2 Wh at 1 / (1 - 0.02) sendings: 6.12 Wh at the plug, paid as power, and nothing else.

    As a service they were $0.0422 each beside that power, and wore out a card of 700 W beside the device.
    """
    case = factory(**{"media": {"images_made": 3}, "workload.retry_rate": 0.02})
    lines = beyond_text.lines(case, MODEL, RAG, NANO)
    (made,) = (line for line in lines if line.what == "images made")
    assert central(made.footprint["energy"]) == pytest.approx(0.006 / 0.98)
    paid = central(made.footprint["energy"]) * 0.2743
    assert central(made.footprint["cost"]) == pytest.approx(paid)
    assert not made.footprint["embodied"].any()


def test_a_search_on_a_device_takes_the_electricity_of_its_work_alone() -> None:
    """Idle power and making of the device are charged whole, so its embedder holds no card of its own."""
    case = factory()
    one = search_units.one_search(case, "vector")
    assert not one["embodied"].any()
    read = encode(case, search_units.embedder(case), requests.question_tokens(case)).work_kwh
    joules = case.draw("rag.vector_query", "J")
    assert np.allclose(one["energy"], read + joules / 3.6e6)
