"""Making and waste of general servers: one share of a server by the energy worked, wherever work is done.

Four virtual cores have 0.06 of what a GPU has of an 8-GPU server, 5,700 / 8 = 712.5 kg, used 0.6 of five
years, 26,280 h: 0.06 x 712.5 / 26,280 = 1.6267 g an hour at 15 W, so 108.4 g a kWh of IT energy. Of waste
0.06 x 100 / 8 / 26,280 / 0.015 = 1.9026 g a kWh, of metals 0.06 x 0.37 / 8 / 26,280 / 0.015 = 7.04e-6 kgSb.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.system import beyond_text, caches, containers, hosts, search_units, upkeep
from advisor.system.bill import Line
from advisor.system.demand import WEEKS_PER_MONTH
from advisor.system.footprints import server_share, server_work
from advisor.system.places import place
from advisor.system.plan import Cache, DeploymentSetting, OperationSetting
from advisor.system.storage import ingestion

HERE = "region:swedencentral"
CARBON, WASTE, METALS = 0.10844, 1.9026e-3, 7.040e-6  # a kWh of IT energy, as above
MODEL, PROMPT = model_of("gpt-4o-mini"), by("prompt")
SERVICE = DeploymentSetting("maas", scope="regional", region="swedencentral")
NEVER = OperationSetting("never", "planned", "now")
CORPUS = {"name": "Papers", "role": "corpus", "size_gb": 100.0, "growth_gb_per_month": 50.0}
CASE = case_of(
    constraints={"home_region": "swedencentral", "regions_allowed": ["swedencentral"]},
    agent={"calls_per_task": 10, "tools_per_call": 1.1, "tool_wh": 0.4}, data_sets=[CORPUS],
)  # fmt: skip


def stored(cache: Cache) -> Footprint:
    return caches.store(CASE, DeploymentSetting("maas", "regional", "swedencentral", cache=cache))


def line_of(lines: tuple[Line, ...], what: str) -> Footprint:
    return next(line.footprint for line in lines if line.what == what)


WORK: dict[str, Callable[[], Footprint]] = {
    "search": lambda: search_units.units_held(CASE, "s1", 2, place(CASE, HERE)),
    "data taken in": lambda: line_of(
        ingestion.lines(CASE, MODEL, PROMPT, SERVICE), "workers that take data in"
    ),
    "tools": lambda: line_of(beyond_text.lines(CASE, MODEL, PROMPT, SERVICE), "tools an agent calls"),
    "cache in memory": lambda: stored("exact"),
    "cache on disk": lambda: stored("semantic-cosmos"),
    "logs": lambda: line_of(upkeep.whatever_answers(CASE, SERVICE, NEVER), "logs"),
}


def it_kwh(found: Footprint) -> float:
    return central(found["energy"]) / central(place(CASE, HERE).pue)


@pytest.mark.parametrize("what", WORK)
def test_every_kind_of_server_work_is_charged_its_share_of_servers(what: str) -> None:
    found = WORK[what]()
    worked = it_kwh(found)
    assert worked > 0
    assert central(found["embodied"]) == pytest.approx(CARBON * worked, rel=1e-3)
    assert central(found["ewaste"]) == pytest.approx(WASTE * worked, rel=1e-3)
    behind = central(place(CASE, HERE).adpe) * central(found["energy"])
    assert central(found["adpe"]) - behind == pytest.approx(METALS * worked, rel=1e-3)


def test_a_search_unit_by_hand() -> None:
    """An S1 unit at 60 W all year works 525.6 kWh: 57.0 kg of making and 1.0 kg of waste."""
    year = search_units.units_held(CASE, "s1", 1, place(CASE, HERE)) * 12
    assert central(year["embodied"]) == pytest.approx(57.0, abs=0.01)
    assert central(year["ewaste"]) == pytest.approx(1.0, abs=0.001)


def test_containers_are_charged_by_the_same_share() -> None:
    """By the hours they are held: at 15 W an hour is 0.015 kWh of server work."""
    case = case_of(task="classify", knowledge={"examples": 2000})
    model, trained = model_of("minilm-22m", kind="encoder"), by("train_classifier")
    setting = DeploymentSetting("processors", region="swedencentral")
    (held,) = hosts.lines(case, model, trained, setting)
    hours = containers.containers(case, model, trained, setting).hours * WEEKS_PER_MONTH
    assert central(held.footprint["embodied"]) == pytest.approx(0.0016267 * hours, rel=1e-3)
    for indicator in ("embodied", "ewaste"):
        own = held.footprint[indicator]
        assert own == pytest.approx(server_share(case, hours)[indicator])
        assert own == pytest.approx(
            server_work(case, held.footprint["energy"] / place(case, HERE).pue, place(case, HERE))[indicator]
        )


def test_devices_are_charged_whole_and_no_server_beside_them() -> None:
    """An agent's tools on a device run on what is charged already."""
    case = case_of(
        constraints={"device": {"kind": "laptop_npu"}},
        agent={"calls_per_task": 10, "tools_per_call": 1.1, "tool_wh": 0.4},
    )
    setting = DeploymentSetting("edge", scope="device", device="laptop_npu")
    tools = line_of(beyond_text.lines(case, model_of("phi-4-mini"), PROMPT, setting), "tools an agent calls")
    assert central(tools["energy"]) > 0
    assert central(tools["embodied"]) == central(tools["ewaste"]) == 0
