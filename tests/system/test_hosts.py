"""Machines of one's own on the bill: held whatever comes, work on top; and what rules them out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from system.settings import by, case_of, fallen, model_of, some, year

from advisor.core.draws import central
from advisor.system import hosts, machines, machines_offered, rents, sites
from advisor.system.bill import Bill, Resource
from advisor.system.fleet import fleets
from advisor.system.plan import DeploymentSetting
from advisor.system.regions import ranked

QUIET = {"requests_per_day": 100, "growth_per_year": 0.0, "peak_to_mean": 1.0, "profile": "flat"}
PROMPT, TRAINED = by("prompt"), by("train_classifier")
SMALL = DeploymentSetting("maap", region="swedencentral", machine="nc4as_t4_v3", precision="int8")
READER = model_of("bert-base", kind="encoder")
EVIDENCE = {"provenance": {"phi-4-mini": "yes"}, "security_scan": {"phi-4-mini": "yes"}}
LABELS = {"task": "classify", "knowledge": {"gap": "none", "examples": 5000}}


def test_a_t4_waits_at_the_same_power_everywhere() -> None:
    """30 W of the card and 67 W of its small host, as a language model's machine and as a classifier's.

    Heat 30 + 45 = 75 W turns fans of 25 W at 0.22 + 0.58 x 75/200 = 43.75 %: 10.9 W; with 6 W of network
    91.9 W, of which a supply at 23 % of its 400 W loses 5.3 %: 97.1 W at the wall, 67.1 beside the card.
    """
    case = case_of(workload=QUIET, operations={"availability": 0.99}, **LABELS)
    beside = central(hosts.host_w(case, "t4"))
    assert beside == pytest.approx(67.1, abs=0.05)
    assert central(hosts.host_w(case, "t4", 70.0)) > beside
    pue = case.central("regions.swedencentral.pue", "ratio")
    container = DeploymentSetting("container", region="swedencentral")
    for model, improvement, deployment in (
        (model_of("phi-4-mini"), PROMPT, SMALL),
        (READER, TRAINED, container),
    ):
        lines = hosts.lines(case, model, improvement, deployment)
        # 8,760 h x (30 + 67.1) W x PUE
        assert year(case, some(lines, phase="standing")) == pytest.approx(8.760 * (30 + beside) * pue)


def test_one_machine_by_hand() -> None:
    """A T4 machine a year in Sweden: $0.526 x 1.06 an hour; the card, a scaled eighth of a server, worn."""
    case = case_of(workload=QUIET, operations={"availability": 0.99})
    lines = hosts.lines(case, model_of("phi-4-mini"), PROMPT, SMALL)
    held, host, work = lines
    assert (held.resource, host.resource, work.resource) == (
        Resource.ACCELERATOR_HELD, Resource.HOST, Resource.ACCELERATOR_WORK,
    )  # fmt: skip
    assert central(held.quantity) == pytest.approx(730.0)
    assert year(case, lines, "cost") == pytest.approx(8760 * 0.526 * 1.06)
    # 50 kg of the card + 5,700 / 8 x 0.25 of a server, over 5 years of which 60 % are used
    assert year(case, lines, "embodied") == pytest.approx((50 + 5700 / 8 * 0.25) / 5 / 0.6, rel=1e-3)
    assert year(case, (host,), "embodied") == 0.0
    assert all(line.place == "region:swedencentral" for line in lines)


def test_a_machine_costs_what_it_does_where_it_stands() -> None:
    """An A100 at $3.673 in East US: a quarter more in France, 30 % more in Sweden; in Japan, unlisted, 25 %.

    One's own figure is what is paid, and managed compute has one price.
    """
    case, price = case_of(), "machines.nc24ads_a100_v4.price"
    ratios = {"eastus": 1.0, "francecentral": 1.25, "swedencentral": 1.3, "japaneast": 1.25}
    for region, ratio in ratios.items():
        assert central(rents.dearer(case, price, region)) == ratio
        setting = DeploymentSetting("maap", region=region, machine="nc24ads_a100_v4", precision="bf16")
        held = some(hosts.lines(case, model_of("phi-4-mini"), PROMPT, setting), Resource.ACCELERATOR_HELD)
        (fleet,) = (
            one for one in fleets(case, model_of("phi-4-mini"), PROMPT, setting)
            if (one.machine, one.precision) == ("nc24ads_a100_v4", "bf16")
        )  # fmt: skip
        listed = 3.673 * fleet.price_count * fleet.hours * 365 / 7
        assert year(case, held, "cost") == pytest.approx(listed * ratio)
        assert fleet.usd == pytest.approx(listed * ratio)
    own = {"low": 3, "central": 3, "high": 3, "unit": "USD/h", "reason": "contract", "owner": "me"}
    mine = case_of(overrides={price: own})
    assert central(rents.dearer(mine, price, "francecentral")) == 1.0
    assert central(rents.dearer(case, "managed_compute.h100.price", "francecentral")) == 1.0


def test_a_machine_of_eight_is_paid_for_as_what_is_ordered() -> None:
    """A managed online endpoint in France runs on machines with eight H100, and costs what they do there.

    98.32 USD an hour in East US, a quarter more in France: 122.90. By the GPU of managed compute, which is
    sold globally alone, it would be 8 x 7.91 = 63.28.
    """
    case = case_of(0, operations={"availability": 0.9}, workload={"profile": "flat"})
    model = model_of("llama-3.3-70b")
    setting = DeploymentSetting("maap", region="francecentral", machine="nd96isr_h100_v5", precision="fp8")
    sized = hosts.fleet(case, model, PROMPT, setting)
    assert sized is not None
    machine_hours = sized.hours / sized.copies * 365 / 7
    held = some(hosts.lines(case, model, PROMPT, setting), Resource.ACCELERATOR_HELD)
    assert year(case, held, "cost") == pytest.approx(122.90 * machine_hours)


@pytest.mark.parametrize("model", ["phi-4", "llama-3.3-70b"])
@pytest.mark.parametrize("to_zero", [False, True])
@pytest.mark.parametrize("profile", ["flat", "office_hours", "nightly_batch"])
def test_more_volume_never_costs_less_energy(model: str, to_zero: bool, profile: str) -> None:
    base = case_of(0, workload={"growth_per_year": 0.3, "profile": profile})
    pairs = hosts.machines(base, model_of(model), PROMPT)[0]
    for machine, precision in pairs[::3]:
        chosen = DeploymentSetting(
            "maap", region="swedencentral", machine=machine, precision=precision, to_zero=to_zero
        )
        energies = []
        for volume in np.geomspace(1, 5e6, 24):
            case = base.varied({"workload.requests_per_day": float(volume)})
            energies.append(year(case, hosts.lines(case, model_of(model), PROMPT, chosen)))
        assert np.all(np.diff(energies) >= -1e-9 * np.array(energies[1:])), (machine, precision)


@pytest.mark.parametrize("mode", ["container", "processors"])
@pytest.mark.parametrize("to_zero", [False, True])
def test_more_volume_never_costs_less_energy_in_containers(mode: str, to_zero: bool) -> None:
    base = case_of(0, workload={"growth_per_year": 0.0, "profile": "always_on"}, **LABELS)
    chosen = DeploymentSetting(mode, region="swedencentral", to_zero=to_zero)  # type: ignore[arg-type]
    energies = []
    for volume in np.geomspace(1, 5e7, 30):
        case = base.varied({"workload.requests_per_day": float(volume)})
        energies.append(year(case, hosts.lines(case, READER, TRAINED, chosen)))
    assert np.all(np.diff(energies) >= 0)


def test_no_draw_of_a_line_is_negative() -> None:
    case = case_of(workload={"requests_per_day": 200_000})
    for one in machines_offered.alternatives(case, model_of("phi-4"), PROMPT):
        Bill(case, hosts.lines(case, model_of("phi-4"), PROMPT, one)).check()


def test_work_is_charged_above_that_of_waiting() -> None:
    """What a call takes while the machine is held anyway, times the calls of a request."""
    case = case_of(workload={"retry_rate": 0.2, "turns_per_task": 1.0})
    model = model_of("phi-4-mini")
    (work,) = some(hosts.lines(case, model, PROMPT, SMALL), Resource.ACCELERATOR_WORK)
    ((_, each),) = hosts.work_at(case, model, PROMPT, SMALL)
    # a fifth of the sendings fail: 1 / 0.8 = 1.25 are sent
    assert central(work.quantity) == pytest.approx(1.25)
    assert np.allclose(work.footprint["energy"], each["energy"] * 1.25)
    assert central(each["cost"]) == 0.0


def test_one_container_of_processors_by_hand() -> None:
    """One container all year: 8,760 h at 15 W is 131 kWh of IT energy, the PUE on top; $0.19 an hour."""
    case = case_of(workload=QUIET, **LABELS)
    model = model_of("minilm-22m", kind="encoder")
    (line,) = hosts.lines(case, model, TRAINED, DeploymentSetting("processors", region="swedencentral"))
    pue = case.central("regions.swedencentral.pue", "ratio")
    assert year(case, (line,)) == pytest.approx(131.4 * pue)
    assert year(case, (line,), "cost") == pytest.approx(8760 * 0.19)
    assert line.resource is Resource.HOST


def test_few_requests_need_no_gpu() -> None:
    case = case_of(workload={"requests_per_day": 5000}, **LABELS)
    both = (
        hosts.lines(case, READER, TRAINED, DeploymentSetting(mode, region="swedencentral"))
        for mode in ("processors", "container")
    )  # type: ignore[misc]
    processors, container = (year(case, lines) for lines in both)
    assert processors < container


def test_other_modes_take_nothing_here() -> None:
    case = case_of()
    for mode in ("maas", "ptu", "search", "edge", "embedding"):
        chosen = DeploymentSetting(mode, region="swedencentral")  # type: ignore[arg-type]
        assert hosts.lines(case, model_of("phi-4"), PROMPT, chosen) == ()


# ---- two regions


TWO = {"regions_allowed": ["swedencentral", "germanywestcentral"], "home_region": "germanywestcentral"}
SURVIVE = {"availability": 0.99, "survive_region_loss": True}


def test_half_of_the_machines_stand_and_work_in_a_second_region() -> None:
    """As much energy is used in Germany as in Sweden: 342 and 20 g a kWh at the meter, on average 181.

    A machine at $0.526 in East US costs 6 % more in Sweden and 25 % more in Germany.
    """
    case = case_of(constraints=TWO, operations=SURVIVE, workload=QUIET)
    one = case_of(constraints=TWO, operations={"availability": 0.99}, workload=QUIET)
    model = model_of("phi-4-mini")
    lines, alone = (hosts.lines(each, model, PROMPT, SMALL) for each in (case, one))
    places = ("region:swedencentral", "region:germanywestcentral")
    assert [line.place for line in lines] == [places[0]] * 2 + [places[1]] * 2 + list(places)
    here, there = (tuple(line for line in lines if line.place == key) for key in places)
    pues = [case.central(f"regions.{key}.pue", "ratio") for key in TWO["regions_allowed"]]
    kwh = [year(case, some) for some in (here, there)]
    assert kwh[0] / pues[0] == pytest.approx(kwh[1] / pues[1])
    grams = [case.central(f"regions.{key}.average_intensity", "g/kWh") for key in TWO["regions_allowed"]]
    carbon = year(case, lines, "carbon_location")
    assert carbon == pytest.approx((kwh[0] * grams[0] + kwh[1] * grams[1]) / 1000)
    assert (round(grams[0]), round(grams[1])) == (20, 342)
    assert year(case, lines, "cost") == pytest.approx(8760 * 0.526 * (1.06 + 1.25))
    assert year(one, alone, "cost") == pytest.approx(8760 * 0.526 * 1.06)
    assert sum(central(line.quantity) for line in lines if line.phase == "per_request") == pytest.approx(
        central(alone[-1].quantity)
    )


@pytest.mark.parametrize("mode", ["container", "processors"])
def test_containers_stand_in_two_regions_too(mode: str) -> None:
    """One in each, where a single one is enough for all."""
    case = case_of(constraints=TWO, operations=SURVIVE, workload=QUIET, **LABELS)
    chosen = DeploymentSetting(mode, region="swedencentral")  # type: ignore[arg-type]
    held = some(hosts.lines(case, READER, TRAINED, chosen), phase="standing")
    assert {line.place for line in held} == {"region:swedencentral", "region:germanywestcentral"}
    assert all(central(line.quantity) == pytest.approx(730) for line in held)
    assert "region_loss" not in fallen(hosts.gates(case, READER, TRAINED, chosen))


def test_the_loss_of_a_region_is_survived_where_there_is_a_second() -> None:
    """The remedy names what the nearest to a second region lacks; with it the rule is passed."""
    model = model_of("phi-4-mini")
    limits = {"residency": "EU", "home_region": "swedencentral", "regions_allowed": ["swedencentral"]}
    case = case_of(constraints={**EVIDENCE, **limits}, operations=SURVIVE)
    assert fallen(hosts.gates(case, model, PROMPT, SMALL)) == {"region_loss"}
    found = next(one for one in hosts.gates(case, model, PROMPT, SMALL) if one.rule == "region_loss")
    assert (found.expected, found.found) == ("survives", "one region")
    assert found.remedy == "a second region: add France Central to the allowed regions"
    wider = case.varied({"constraints.regions_allowed": ["swedencentral", "francecentral"]})
    assert fallen(hosts.gates(wider, model, PROMPT, SMALL)) == set()
    unasked = case.varied({"operations.survive_region_loss": False})
    assert fallen(hosts.gates(unasked, model, PROMPT, SMALL)) == set()


def test_the_second_region_is_the_cleanest_near_that_passes() -> None:
    """Of the same data zone or geography where one passes, else the cleanest of all."""
    case = case_of(operations=SURVIVE, constraints={"residency": "EU"})
    assert sites.sites(case, "germanywestcentral") == ("germanywestcentral", "swedencentral")
    passing = [one.key for one in ranked(case) if one.eligible and one.key != "swedencentral"]
    assert sites.sites(case, "swedencentral") == ("swedencentral", passing[0])
    far = {"regions_allowed": ["brazilsouth", "swedencentral"], "home_region": "brazilsouth"}
    apart = case_of(operations=SURVIVE, constraints=far)
    assert sites.sites(apart, "brazilsouth") == ("brazilsouth", "swedencentral")
    american = case_of(operations=SURVIVE)
    row = american.catalogue.row("regions", sites.sites(american, "eastus2")[1])
    assert row["data_zone"] == "us"


# ---- gates and alternatives ---------------------------------------------------------------------


def test_closed_weights_and_pairs_cannot_be_hosted() -> None:
    case = case_of()
    own = DeploymentSetting("maap", region="swedencentral")
    assert fallen(hosts.gates(case, model_of("gpt-4o-mini"), PROMPT, own)) == {"open_weights"}
    pair = model_of("phi-4", "llama-3.3-70b", kind="cascade")
    assert fallen(hosts.gates(case, pair, PROMPT, own)) == {"single_model"}
    for model in (model_of("gpt-4o-mini"), pair):
        assert machines_offered.alternatives(case, model, PROMPT) == (own,)
        assert hosts.lines(case, model, PROMPT, own) == ()


def test_a_machine_too_small_is_ruled_out_by_its_memory() -> None:
    case = case_of()
    assert "memory" in fallen(hosts.gates(case, model_of("llama-3.3-70b"), PROMPT, SMALL))
    assert hosts.fleet(case, model_of("llama-3.3-70b"), PROMPT, SMALL) is None
    fits, left_out = hosts.machines(case, model_of("llama-3.3-70b"), PROMPT)
    assert ("nc4as_t4_v3", "int8") in left_out
    assert ("nc80adis_h100_v5", "fp8") in fits


def test_a_shorter_request_brings_back_only_what_holds_the_weights() -> None:
    """A T4 has 16 GB: 3.8 billion parameters in 8 bit leave room for some requests, 70 billion for none."""
    long = case_of(quality={"context_max_tokens": 120_000})
    for model, had in (("phi-4-mini", True), ("llama-3.3-70b", False)):
        found = [one for one in hosts.gates(long, model_of(model), PROMPT, SMALL) if one.rule == "memory"]
        assert [(one.passed, one.to_be_had) for one in found] == [(False, had)]


def test_passages_take_room_beside_the_longest_request() -> None:
    """The longest request and what retrieval adds must fit together."""
    case = case_of(quality={"context_max_tokens": 6000}, knowledge={"context_tokens_added": 2500})
    assert machines.longest(case, "phi-4", "prompt") == 6000.0
    assert machines.longest(case, "phi-4", "rag_vector") == 8500.0


def test_a_team_that_may_not_run_gpus() -> None:
    case = case_of(constraints={"self_hosted_allowed": False})
    for one in machines_offered.alternatives(case, model_of("phi-4"), PROMPT):
        assert "self_hosting" in fallen(hosts.gates(case, model_of("phi-4"), PROMPT, one))


def test_weights_of_ones_own_need_evidence() -> None:
    unknown = case_of(constraints={"security_scan": {"phi-4": "unknown"}})
    known = case_of(constraints={"security_scan": {"phi-4": "yes"}, "provenance": {"phi-4": "yes"}})
    one = machines_offered.alternatives(known, model_of("phi-4"), PROMPT)[0]
    assert "security_scan" in fallen(hosts.gates(unknown, model_of("phi-4"), PROMPT, one))
    assert fallen(hosts.gates(known, model_of("phi-4"), PROMPT, one)) == set()


def test_requests_that_find_nothing_running_are_few() -> None:
    case = case_of(workload={"requests_per_day": 40, "profile": "flat"})
    found = machines_offered.alternatives(case, model_of("phi-4"), PROMPT)
    zero = next(one for one in found if one.to_zero)
    assert "cold_start" in fallen(hosts.gates(case, model_of("phi-4"), PROMPT, zero))
    warm = next(one for one in found if not one.to_zero)
    assert "cold_start" not in fallen(hosts.gates(case, model_of("phi-4"), PROMPT, warm))


def test_a_latency_no_machine_meets() -> None:
    case = case_of(constraints={"latency_p95_ms": 50})
    (first, *_) = machines_offered.alternatives(case, model_of("llama-3.3-70b"), PROMPT)
    assert "latency" in fallen(hosts.gates(case, model_of("llama-3.3-70b"), PROMPT, first))


def test_the_way_to_the_machines_counts_in_what_they_may_take() -> None:
    """100 ms there and back: what takes so long at the least is in time 101 ms later, not 99 ms later."""
    measured = {"round_trip_ms": {"swedencentral": 100.0, "westeurope": 0.0}}
    model, here = model_of("phi-4-mini"), replace(SMALL, region="westeurope")
    one = hosts.fleet(
        case_of(constraints={"first_token_p95_ms": 1}, measurements=measured), model, PROMPT, here
    )
    assert one is not None
    assert one.batch == 0  # nothing is in time, so that a single request tells the least
    least = {
        "first_token": one.first_token_s * 1000 * case_of().central("deployment.tail_over_median", "ratio"),
        "latency": one.answer_s * 1000 * case_of().central("deployment.tail_over_median", "ratio"),
    }
    for rule, field in (("first_token", "first_token_p95_ms"), ("latency", "latency_p95_ms")):
        for more, found in ((99.0, {rule}), (101.0, set())):
            limits = {"first_token_p95_ms": 1e5, "latency_p95_ms": 1e6, field: least[rule] + more}
            case = case_of(constraints={**EVIDENCE, **limits}, measurements=measured)
            assert fallen(hosts.gates(case, model, PROMPT, SMALL)) - {"network_delay"} == found
            told = next(one for one in hosts.gates(case, model, PROMPT, SMALL) if one.rule == rule)
            if found:  # a single request, as above, and the way
                assert told.found == f"about {least[rule] + 100:,.0f} ms"


def test_machines_far_away_run_fewer_at_once() -> None:
    """Sized for what the way leaves of the limits: 900 ms there and back of 1,000 are as a limit of 100."""
    far = {"round_trip_ms": {"swedencentral": 900.0}}
    away = case_of(constraints={"first_token_p95_ms": 1000, "latency_p95_ms": 30_900}, measurements=far)
    near = case_of(
        constraints={"first_token_p95_ms": 100, "latency_p95_ms": 30_000},
        measurements={"round_trip_ms": {"swedencentral": 0.0}},
    )
    model, chosen = model_of("phi-4-mini"), replace(SMALL, machine="nc40ads_h100_v5", precision="fp8")
    sized = [hosts.fleet(case, model, PROMPT, chosen) for case in (away, near)]
    batches = [one.batch for one in sized if one is not None]
    assert batches[0] == batches[1] > 0


def test_one_setting_stands_for_machines_that_answer_in_time_from_where_they_are() -> None:
    """From Sweden to Sydney and back takes 156 of 400 ms: those that would be offered take the rest."""
    limits = {"first_token_p95_ms": 400, "users_near": ["australiaeast"], "home_region": "swedencentral"}
    case = case_of(constraints=limits)
    model = model_of("phi-4")
    stands = machines_offered.stands_for(
        case, model, PROMPT, DeploymentSetting("maap", region="swedencentral")
    )
    offered = [one for one in machines_offered.alternatives(case, model, PROMPT) if one.mode == "maap"]
    together = [one for one in offered if one.region == "swedencentral" and not one.to_zero and not one.apart]
    assert {(one.machine, one.precision) for one in stands} == {
        (one.machine, one.precision) for one in together
    }
    assert "first_token" not in fallen(hosts.gates(case, model, PROMPT, stands[0]))


def test_processors_far_away_answer_later() -> None:
    """A classifier's own time and 400 ms on the way."""
    found = []
    for way in (0.0, 400.0):
        case = case_of(measurements={"round_trip_ms": {"swedencentral": way}}, **LABELS)
        chosen = DeploymentSetting("processors", region="swedencentral")
        told = next(one for one in hosts.gates(case, READER, TRAINED, chosen) if one.rule == "latency")
        found.append(float(told.found.removeprefix("about ").removesuffix(" ms").replace(",", "")))
    assert found[1] - found[0] == pytest.approx(400, abs=1)


def test_alternatives_are_few_and_differ() -> None:
    case = case_of(constraints={"home_region": "polandcentral"})
    found = machines_offered.alternatives(case, model_of("phi-4"), PROMPT)
    assert len({one.key for one in found}) == len(found) <= 6
    assert {one.region for one in found} == {machines_offered.regions_worth_it(case)[0], "polandcentral"}
    classifier = machines_offered.alternatives(case, READER, TRAINED)
    assert {one.mode for one in classifier} == {"processors", "container"}
    managed = model_of("text-embedding-3-small", kind="encoder")
    assert machines_offered.alternatives(case, managed, TRAINED) == ()
    (search,) = machines_offered.alternatives(
        case, model_of("text-embedding-3-small", kind="retrieval"), PROMPT
    )
    assert search.mode == "search"


def test_prompts_read_apart_are_an_option_where_nothing_beats_it() -> None:
    few = case_of(workload={"requests_per_day": 1000, "growth_per_year": 0})
    found = machines_offered.alternatives(few, model_of("phi-4"), by("prompt"))
    assert not any(setting.apart for setting in found)
    long = {"requests_per_day": 1_000_000, "growth_per_year": 0, "input_tokens": 8000}
    case = case_of(workload=long, quality={"context_max_tokens": 16_000})
    model = model_of("llama-3.3-70b")
    settings = machines_offered.alternatives(case, model, by("prompt"))
    apart = next(setting for setting in settings if setting.apart)
    assert apart.key.endswith("-apart")
    together = replace(apart, apart=False)
    energies = [year(case, hosts.lines(case, model, by("prompt"), setting)) for setting in (apart, together)]
    assert energies[0] < energies[1]
    sized = hosts.fleet(case, model, by("prompt"), apart)
    assert sized is not None
    # the bill is that of the sizing: waiting, and work above it
    kwh = sized.energy_kwh * case.central(f"regions.{apart.region}.pue", "ratio")
    assert energies[0] == pytest.approx(kwh, rel=0.1)
