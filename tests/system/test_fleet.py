"""Machines of one's own, sized: whole machines, latency, spare capacity, and all candidates at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.estimate import hosting
from advisor.system import requests
from advisor.system.case import Case
from advisor.system.fleet import Fleet, fleets, load_seconds, replicas_for, worth_comparing
from advisor.system.holding import part_load
from advisor.system.machines import candidates, holding
from advisor.system.plan import DeploymentSetting
from advisor.system.serving import Serving, max_batch, serve, standing_power
from advisor.system.shape import Shape

OWN, TO_ZERO = DeploymentSetting("maap"), DeploymentSetting("maap", to_zero=True)
QUIET = {"requests_per_day": 100, "growth_per_year": 0.0, "peak_to_mean": 1.0, "profile": "flat"}
BUSY = {"requests_per_day": 20_000_000, "growth_per_year": 0, "profile": "flat"}
PROMPT = by("prompt")


def sized(model: str, technique: str = "prompt", **sections: object) -> tuple[Case, tuple[Fleet, ...]]:
    case = case_of(**sections)
    return case, fleets(case, model_of(model), by(technique), OWN)


def test_replicas_come_in_whole_machines() -> None:
    """Five copies at four a machine take two machines, eight copies."""
    low = case_of(operations={"availability": 0.9})
    assert list(replicas_for(low, np.array([1.0, 4.0, 5.0, 9.0]), 4)) == [4.0, 4.0, 8.0, 12.0]


def test_copies_on_one_machine_do_not_stand_in_for_each_other() -> None:
    """Losing a machine loses all copies on it, so what is spare is a machine.

    One machine of four is up 99.5 % of the time, whatever is needed of it: for 99.9 % a second one, 8 copies.
    Five copies take two; of three, at least two are up 1 - 3 x 0.005^2 = 99.9925 % of the time: 12 copies.
    """
    case = case_of(operations={"availability": 0.999})
    assert list(replicas_for(case, np.array([1.0, 4.0, 5.0]), 4)) == [8.0, 8.0, 12.0]
    # 60 machines at 99.5 % each: 60 / 0.995 = 60.3, so 61 of two copies
    assert float(replicas_for(case, np.array(119.5), 2)) == 122.0


def test_a_fleet_that_must_be_up_has_a_machine_to_lose() -> None:
    _, found = sized("phi-4-mini", workload=QUIET, operations={"availability": 0.999})
    assert any(fleet.copies > 1 for fleet in found)
    assert all(fleet.replicas.min() >= 2 * fleet.copies for fleet in found)


@pytest.mark.parametrize("model", ["gpt-oss-20b", "phi-4"])
def test_a_machine_is_filled_with_copies(model: str) -> None:
    case, found = sized(model, workload=BUSY)
    assert any(fleet.copies > 1 for fleet in found)
    for fleet in found:
        count = case.central(f"machines.{fleet.machine}.gpu_count", "item")
        assert fleet.gpus * fleet.copies == count
        assert np.all(fleet.replicas % fleet.copies == 0)


def test_a_machine_costs_the_same_however_many_copies_it_holds() -> None:
    """Eight GPUs as one copy or as four: the price of all copies is the machine's."""
    _, found = sized("phi-4", workload=BUSY)
    fleet = next(fleet for fleet in found if fleet.copies > 1)
    assert fleet.usd_per_hour == f"machines.{fleet.machine}.price"
    assert fleet.price_count * fleet.copies == pytest.approx(1.0)


def test_every_machine_on_sale_is_a_candidate_in_its_native_format_first() -> None:
    case = case_of()
    table = candidates(case)
    assert set(table.machine) == set(case.catalogue.keys("machines"))
    first = {key: next(p for k, p in zip(table.gpu, table.precision, strict=True) if k == key)
             for key in table.gpu}  # fmt: skip
    assert first["h100_sxm"] == "fp8"
    assert first["a100_80_pcie"] == "bf16"
    assert first["t4"] == "bf16"


def test_what_does_not_fit_is_told_apart() -> None:
    """70 billion parameters at one byte are 70 GB: no card of 16 or 24 GB holds them."""
    case = case_of()
    found = holding(case, "llama-3.3-70b", 8000.0)
    assert not {"t4", "a10"} & {found.table.gpu[row] for row in range(len(found.table.gpu))}
    assert ("nc4as_t4_v3", "int8") in found.left_out
    held_by = set(zip(found.table.machine, found.table.precision, strict=True))
    assert not held_by & set(found.left_out)
    assert len(held_by) + len(found.left_out) == 2 * len(case.catalogue.keys("machines"))


def test_rooms_are_those_of_one_machine_asked_by_itself() -> None:
    case = case_of()
    found = holding(case, "phi-4", 4000.0)
    for row in range(0, len(found.table.gpu), 7):
        gpus, precision = int(found.table.gpus[row]), found.table.precision[row]
        assert found.room[row] == max_batch(case, "phi-4", found.table.gpu[row], gpus, precision, 4000.0)


@pytest.mark.parametrize("kept", [0.0, 0.9])  # share of the prompt that a cache has read before
@pytest.mark.parametrize("own", [None, {"phi-4": {"wh": 0.5}}, {"phi-4": {"wh": 0.5, "boundary": "gpu"}}])
def test_all_at_once_is_each_by_itself(own: dict[str, object] | None, kept: float) -> None:
    """Sizes and energies are those of ``serve`` and of the queue, one machine after the other."""
    load = {"cached_input_share": kept, "input_tokens": 4000}
    case = case_of(workload=load, measurements={"wh_per_request": own or {}})
    model = model_of("phi-4")
    drawn = requests.shape(case, "phi-4", "prompt")
    shape = Shape(*(central(t) for t in (drawn.input_tokens, drawn.output_tokens, drawn.cached_tokens)))
    tail = case.central("deployment.tail_over_median", "ratio")
    for fleet in fleets(case, model, PROMPT, OWN)[::4]:
        centre = case.centre
        one = serve(centre, "phi-4", shape, Serving(fleet.gpu, fleet.gpus, fleet.grid, fleet.precision, 1.0))
        service = one.busy_gpu_seconds * fleet.grid / fleet.gpus
        assert service == pytest.approx(fleet.service_s)
        limits = case.scenario.constraints
        batch = hosting.largest_batch(
            fleet.grid, one.first_token_s * tail, service * tail,
            limits.first_token_p95_ms / 1000.0, limits.latency_p95_ms / 1000.0,
        )  # fmt: skip
        assert fleet.batch == batch
        demand = fleet.demand
        _, running = hosting.running(demand.rate, fleet.replicas, fleet.grid, service)
        weights = demand.rate * demand.years[:, None]
        # the curve of 48 points between next to no load and thrice the room, against the fixed point
        # (energy of a request falls as 1 / batch, so their mean is harmonic)
        harmonic = weights.sum() / (weights / running).sum()
        assert fleet.mean_batch == pytest.approx(harmonic, rel=0.01)
        # what runs together takes, at a batch between two looked at, what lies between theirs
        at = np.interp(fleet.mean_batch, fleet.grid, one.energy_kwh * fleet.grid) / fleet.mean_batch
        waiting_w = sum(central(watt) for watt in standing_power(centre, fleet.gpu))
        busy_s = np.interp(fleet.mean_batch, fleet.grid, one.busy_gpu_seconds * fleet.grid) / fleet.mean_batch
        # energy above that of waiting, at the batch that runs, and that of waiting while it is held
        calls = demand.weekly(demand.rate) * 3600 * 365 / 7
        work = max(at - busy_s * waiting_w / 3.6e6, 0.0) * calls
        held = fleet.gpu_hours * waiting_w / 1000
        assert fleet.energy_kwh == pytest.approx(work + held, rel=1e-6)


def test_sizing_is_the_same_in_the_ensemble_and_in_the_central_case() -> None:
    case = case_of(workload={"requests_per_day": 300_000})
    wide = fleets(case, model_of("phi-4"), PROMPT, OWN)
    alone = fleets(case.centre, model_of("phi-4"), PROMPT, OWN)
    assert [(f.machine, f.precision, f.energy_kwh, f.usd) for f in wide] == [
        (f.machine, f.precision, f.energy_kwh, f.usd) for f in alone
    ]


def test_tighter_limits_mean_smaller_batches() -> None:
    _, calm = sized("phi-4", constraints={"latency_p95_ms": 60_000, "first_token_p95_ms": 20_000})
    _, hurried = sized("phi-4", constraints={"latency_p95_ms": 9_000, "first_token_p95_ms": 1_000})
    before = {(fleet.machine, fleet.precision): fleet.batch for fleet in calm}
    assert all(fleet.batch <= before[fleet.machine, fleet.precision] for fleet in hurried)
    assert any(fleet.batch < before[fleet.machine, fleet.precision] for fleet in hurried)


def test_spare_replicas_for_availability_and_for_a_region() -> None:
    """One replica is up 99.5 % of the time: 99.9 % of the time needs a second (1 - 0.005² = 99.9975 %)."""
    case = case_of(operations={"availability": 0.999})
    assert list(replicas_for(case, np.array([0.2, 1.0]))) == [2.0, 2.0]
    low = case_of(operations={"availability": 0.99})
    assert list(replicas_for(low, np.array([0.2, 1.0]))) == [1.0, 1.0]
    # 60 needed at 99.5 % each: 60 / 0.995 = 60.3, so 61
    assert float(replicas_for(case, np.array(59.5))) == 61.0


def test_either_of_two_regions_holds_whole_machines_for_all() -> None:
    """As many machines again elsewhere: four copies of one machine are no second region."""
    survive = {"availability": 0.99, "survive_region_loss": True}
    _, once = sized("phi-4-mini", workload=QUIET, operations={"availability": 0.99})
    _, twice = sized("phi-4-mini", workload=QUIET, operations=survive)
    before = {(one.machine, one.precision, one.copies): one for one in once}
    assert any(copies > 1 for _, _, copies in before)
    for fleet in twice:
        alone = before.get((fleet.machine, fleet.precision, fleet.copies))
        if alone is not None:
            assert fleet.replicas.max() == 2 * alone.replicas.max() >= 2 * fleet.copies


def both(model: str, **sections: object) -> tuple[dict[tuple[str, str], Fleet], dict[tuple[str, str], Fleet]]:
    case = case_of(**sections)
    found = (fleets(case, model_of(model), PROMPT, way) for way in (OWN, TO_ZERO))
    always, zero = ({(one.machine, one.precision): one for one in sized} for sized in found)
    return always, zero


def test_going_to_zero_holds_less_and_never_more() -> None:
    always, zero = both("phi-4", workload={"requests_per_day": 40, "profile": "office_hours"})
    assert always.keys() == zero.keys()
    for key, fleet in always.items():
        assert fleet.cold == 0.0
        assert zero[key].hours < fleet.hours
        assert 0.0 < zero[key].cold <= 1.0
        assert zero[key].energy_kwh < fleet.energy_kwh
    always, zero = both("phi-4", workload=BUSY)
    assert all(zero[key].energy_kwh <= fleet.energy_kwh for key, fleet in always.items())


def test_one_machine_that_goes_to_zero_by_hand() -> None:
    """A request an hour at random, kept for 900 s: found running with 1 - exp(-0.25) = 22.1 %.

    It holds the machine for 22.1 % of the hour and 0.7788 starts of so many minutes.
    """
    case = case_of(
        workload={"requests_per_day": 24, "profile": "flat", "growth_per_year": 0.0, "retry_rate": 0.0,
                  "turns_per_task": 1.0, "peak_to_mean": 1.0},
        operations={"availability": 0.99},
    )  # fmt: skip
    fleet = next(f for f in fleets(case, model_of("phi-4"), PROMPT, TO_ZERO) if f.copies == 1)
    load_h = load_seconds(case, "phi-4", fleet.precision) / 3600
    assert fleet.cold == pytest.approx(np.exp(-0.25))
    assert fleet.hours == pytest.approx(168 * (1 - np.exp(-0.25) + np.exp(-0.25) * load_h))


def test_a_machine_for_the_night_starts_every_night() -> None:
    """Four hours a night, all of them held, a start before and 900 s of waiting after each of seven."""
    case = case_of(
        workload={"requests_per_day": 20_000, "profile": "nightly_batch", "growth_per_year": 0.0},
        operations={"availability": 0.99},
    )
    fleet = next(f for f in fleets(case, model_of("phi-4"), PROMPT, TO_ZERO) if f.replicas.max() == 1)
    start_h = load_seconds(case, "phi-4", fleet.precision) / 3600
    assert fleet.hours == pytest.approx(7 * (4 + start_h + 0.25))
    assert fleet.cold == pytest.approx(0.0, abs=1e-9)


def test_those_worth_comparing_are_beaten_by_none() -> None:
    _, found = sized("phi-4", workload={"requests_per_day": 2_000_000})
    kept = worth_comparing(found, 4)
    assert 1 <= len(kept) <= 4
    assert kept[0] == min((f for f in found if f.batch > 0), key=lambda fleet: fleet.energy_kwh)
    assert min(found, key=lambda f: (f.batch == 0, f.usd)) in kept
    dearer = replace(kept[0], energy_kwh=kept[0].energy_kwh * 2, usd=kept[0].usd * 2, gpu_hours=1e9)
    assert dearer not in worth_comparing((*found, dearer), 4)


def test_what_goes_to_zero_is_busier_while_it_is_held() -> None:
    always, zero = both("phi-4", workload={"requests_per_day": 400, "profile": "nightly_batch"})
    assert all(zero[key].use > fleet.use for key, fleet in always.items())


LONG = {"requests_per_day": 5_000_000, "growth_per_year": 0, "input_tokens": 8000, "output_tokens": 1000}
APART = DeploymentSetting("maap", apart=True)


def test_prompts_read_apart_take_two_pools() -> None:
    case = case_of(workload=LONG, quality={"context_max_tokens": 16_000})
    model = model_of("llama-3.3-70b")
    together, apart = (
        next(one for one in fleets(case, model, PROMPT, setting) if one.gpu == "mi300x")
        for setting in (OWN, APART)
    )
    assert together.read_batch == 0
    assert apart.read_batch >= 1
    # prompts of 8,000 tokens hold up answers no longer: more run at once on fewer GPU hours
    assert apart.mean_batch > together.mean_batch
    assert apart.gpu_hours < together.gpu_hours
    # the answer waits for the prompt and for its cache to arrive
    limits = case.scenario.constraints
    tail = case.central("deployment.tail_over_median", "ratio")
    assert together.first_token_s < apart.first_token_s <= limits.first_token_p95_ms / 1000.0 / tail
    assert apart.answer_s * tail * 1000.0 <= limits.latency_p95_ms


def test_two_pools_each_have_their_spare() -> None:
    few = {"requests_per_day": 1000, "growth_per_year": 0}
    case = case_of(workload=few)
    together, apart = (fleets(case, model_of("phi-4"), PROMPT, setting)[0] for setting in (OWN, APART))
    assert apart.replicas.max() >= 2 * together.replicas.min()


@pytest.mark.parametrize("per_day", [500, 20_000, 200_000])
def test_a_fleet_draws_what_its_replicas_do_at_part_load(per_day: int) -> None:
    """A fleet of even demand takes each year what its replicas, held at that share of their load, draw.

    The fleet charges the server beside a GPU by what that draws idle and at work, a held replica by its
    mean: that they differ by a few per cent is the curve of fans and supplies.
    """
    case = case_of(workload={"requests_per_day": per_day, "growth_per_year": 0, "profile": "flat"}).centre
    model = model_of("phi-4")
    drawn = requests.shape(case, "phi-4", "prompt")
    shape = Shape(*(central(t) for t in (drawn.input_tokens, drawn.output_tokens, drawn.cached_tokens)))
    for fleet in fleets(case, model, PROMPT, OWN)[::6]:
        how = Serving(fleet.gpu, fleet.gpus, float(fleet.grid[-1]), fleet.precision)
        full = part_load(case, "phi-4", shape, how, np.ones(1)).requests_per_s[0]
        replicas = fleet.replicas[0, 0]
        share = fleet.demand.rate[0, 0] / replicas / full
        found = part_load(case, "phi-4", shape, how, np.array([share]))
        kwh = found.server_w[0] * replicas * 8760 / 1000
        assert fleet.energy_kwh == pytest.approx(kwh, rel=0.03), (fleet.machine, fleet.precision)
