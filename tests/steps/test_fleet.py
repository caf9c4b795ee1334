"""Machines that hold several copies of a model: rented whole, priced whole."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.steps.deployment.demand import demand
from advisor.steps.deployment.fleet import _fleet, fleets, price_of, whole_machines
from advisor.system.serving import max_batch
from tests.steps.deploying import case_of, chosen

BUSY = {"requests_per_day": 20_000_000, "growth_per_year": 0, "profile": "flat"}


def sized(model: str):
    case = case_of(workload=BUSY)
    return case, fleets(case, demand(case, chosen(case, model)))


def test_replicas_come_in_whole_machines() -> None:
    """Five copies at four a machine take two machines, eight copies."""
    assert list(whole_machines(np.array([1.0, 4.0, 5.0, 9.0]), 4)) == [4.0, 4.0, 8.0, 12.0]


@pytest.mark.parametrize("model", ["llama-3.3-70b", "phi-4"])
def test_a_machine_is_filled_with_copies(model: str) -> None:
    case, found = sized(model)
    assert any(fleet.copies > 1 for fleet in found)
    for fleet in found:
        count = case.central(f"machines.{fleet.machine}.gpu_count", "item")
        assert fleet.gpus * fleet.copies == count
        assert np.all(fleet.replicas % fleet.copies == 0)


def test_a_machine_costs_the_same_however_many_copies_it_holds() -> None:
    """Eight GPUs as one copy or as four: the price of all copies is the machine's."""
    case, found = sized("llama-3.3-70b")
    fleet = next(fleet for fleet in found if fleet.copies > 1)
    price, times = price_of(case, fleet.machine, fleet.gpu, fleet.gpus, fleet.copies)
    whole, once = price_of(case, fleet.machine, fleet.gpu, fleet.gpus * fleet.copies, 1)
    assert price == whole
    assert times * fleet.copies == pytest.approx(once)


@pytest.mark.parametrize("model", ["llama-3.3-70b", "phi-4"])
def test_the_copies_chosen_need_no_more_energy_than_the_whole_machine_as_one(model: str) -> None:
    case, found = sized(model)
    wanted = demand(case, chosen(case, model))
    for fleet in found:
        both = fleet.gpus * fleet.copies
        room = max_batch(case, model, fleet.gpu, both, fleet.precision, 8_000)
        one = _fleet(case, wanted, fleet.machine, fleet.gpu, both, both, fleet.precision, room)
        assert one.batch == 0 or fleet.energy_kwh <= one.energy_kwh * (1 + 1e-9)
