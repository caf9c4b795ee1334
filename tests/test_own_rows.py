"""Models and machines a scenario brings along: priced, sized, chosen among; faults told at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.core.errors import ScenarioError
from advisor.outputs.disclosure import BOUGHT, OWN_GOODS, OWN_POWER, _scoped
from advisor.scenario import load_scenario, with_values
from advisor.steps import step
from advisor.system import deployment_gates, hosts, machines_offered
from advisor.system.bill import Line
from advisor.system.case import Case
from advisor.system.fleet import fleets
from advisor.system.hardware import architecture
from advisor.system.opening import open_case
from advisor.system.own_measured import own_batch, own_measurement
from advisor.system.own_rows import with_own
from advisor.system.places import on_premises, place
from advisor.system.plan import (
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    Plan,
    StorageSetting,
)
from advisor.system.serving import Serving, encode, serve
from advisor.system.shape import Shape
from tests.system.settings import year
from tests.test_model_config import DEEPSEEK, LLAMA

DRAWS = 64
NEW_GPUS = (
    "a30", "l4", "l40s", "gh200", "h200_sxm", "b200_sxm", "b300_sxm", "gb200", "mi300x", "mi325x", "mi355x",
    "rtx_pro_6000",
)  # fmt: skip
METRICS = (
    "vllm:generation_tokens_total {}\nvllm:prompt_tokens_total {}\nvllm:iteration_tokens_total_count {}\n"
)


OPEN = {"provenance": {"ours-8b": "yes"}, "security_scan": {"ours-8b": "yes"}}


def written(folder: Path, **more: object) -> Path:
    """A scenario with an open model of its own, and one of its own machines."""
    (folder / "ours.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    data = {
        "schema_version": 1, "name": "Ours", "task": "chat",
        "own_models": {"ours-8b": {"config": "ours.json", "commercial": "yes", "licence": "apache-2.0"}},
        "own_machines": {"lab": {"gpu": "gh200", "gpu_count": 1, "usd_per_hour": 2.5}},
        "constraints": OPEN,
        **more,
    }  # fmt: skip
    path = folder / "ours.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def case_of(path: Path, catalogue: Catalogue) -> Case:
    return Case(load_scenario(path), catalogue, DRAWS, 7)


OURS, PROMPT = ModelSetting("single", ("ours-8b",)), ImprovementSetting("prompt")


def lines_of(case: Case) -> tuple[Line, ...]:
    deployment = DeploymentSetting("maap", region="westeurope", machine="lab", precision="fp8")
    return tuple(hosts.lines(case, OURS, PROMPT, deployment))


def test_a_model_of_ones_own_is_priced_in_a_plan(tmp_path: Path, catalogue: Catalogue) -> None:
    case = case_of(written(tmp_path), catalogue)
    arch = architecture(case, "ours-8b")
    assert central(np.asarray(arch.kv_bytes)) == 2 * 32 * 8 * 128 * 2  # layers, heads, width, 16 bit
    assert year(case, lines_of(case)) > 0
    # two machines, one of them spare for its availability, held all year at 2.5 USD an hour
    assert year(case, lines_of(case), "cost") == pytest.approx(2 * 2.5 * 8760)
    # what nobody read from the configuration is taken from the open model nearest in size
    assert case.catalogue.row("models", "ours-8b")["rated_as"] == "llama-3.1-8b"


@pytest.mark.parametrize("gpu", NEW_GPUS)
def test_a_machine_of_ones_own_with_any_gpu_is_sized(gpu: str, tmp_path: Path, catalogue: Catalogue) -> None:
    own = {"lab": {"gpu": gpu, "gpu_count": 2, "usd_per_hour": 3.0}}
    case = case_of(written(tmp_path, own_machines=own), catalogue)
    found = [one for one in fleets(case, OURS, PROMPT, DeploymentSetting("maap")) if one.machine == "lab"]
    assert found
    assert found[0].gpu == gpu
    # its own price, whatever a list says of the same GPU
    assert found[0].usd_per_hour == "machines.lab.price"
    assert case.central("machines.lab.price", "USD/h") == 3.0


def test_a_machine_of_ones_own_stands_where_it_is(tmp_path: Path, catalogue: Catalogue) -> None:
    """Not where the grid is cleanest: at home, or where the scenario says; and there is no second one."""
    lab = {"gpu": "gh200", "gpu_count": 1, "usd_per_hour": 2.5}
    limits = {**OPEN, "home_region": "germanywestcentral", "residency": "EU"}
    away = DeploymentSetting("maap", region="swedencentral")
    # Berlin, where Azure lets in only who asks
    for said, region in ((lab, "germanywestcentral"), ({**lab, "region": "germanynorth"}, "germanynorth")):
        case = case_of(written(tmp_path, own_machines={"lab": said}, constraints=limits), catalogue)
        offered = machines_offered.alternatives(case, OURS, PROMPT)
        assert {one.region for one in offered if one.machine == "lab"} == {region}
        assert any(one.machine != "lab" and one.region == "swedencentral" for one in offered)
        assert not any(one.machine == "lab" for one in fleets(case, OURS, PROMPT, away))
        mine = next(one for one in offered if one.machine == "lab")
        twice = case.varied({"operations.survive_region_loss": True})
        for asked, expected in ((case, set()), (twice, {"region_loss"})):
            fallen = {one.rule for one in hosts.gates(asked, OURS, PROMPT, mine) if not one.passed}
            assert fallen == expected
        # Azure sells none of them: nothing to order, no quota to check
        plan = Plan(OURS, PROMPT, mine, StorageSetting("today"), OperationSetting("never", "planned", "now"))
        assert "sku" not in step("deployment").settings(case, plan)
        (warning,) = step("deployment").warnings(case, plan)
        assert "premises.pue" in warning
        # cooled as machine rooms are, and by no contract of a cloud for renewable power
        room, cloud = (place(case, f"{kind}:{region}") for kind in ("own", "region"))
        assert (central(room.pue), central(room.market)) == (1.58, central(cloud.location))
        assert {line.place for line in hosts.lines(case, OURS, PROMPT, mine)} == {f"own:{region}"}


def test_a_machine_in_somebody_elses_room_is_not_on_the_premises(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """Cooled as such rooms are, 1.58 on average, on the same grid; but all it takes is bought: scope 3.

    Where data may not leave the premises it is stopped, and the same machine in a room of one's own is not.
    """
    lab = {"gpu": "gh200", "gpu_count": 1, "usd_per_hour": 2.5, "region": "westeurope"}
    deployment = DeploymentSetting("maap", region="westeurope", machine="lab", precision="fp8")
    for hosted, kind in ((False, "own"), (True, "hosted")):
        machines = {"lab": {**lab, "hosted": hosted}}
        case = case_of(written(tmp_path, own_machines=machines), catalogue)
        found = hosts.lines(case, OURS, PROMPT, deployment)
        assert {line.place for line in found} == {f"{kind}:westeurope"}
        assert on_premises(f"{kind}:westeurope") is not hosted
        room = place(case, f"{kind}:westeurope")
        assert (central(room.pue), central(room.market)) == (1.58, central(room.location))
        scopes = {scope for line in found for scope, _, _ in _scoped(line, line.footprint)}
        assert scopes == ({BOUGHT} if hosted else {OWN_POWER, OWN_GOODS})
        kept = case.varied({"constraints.on_premises": True})
        stops = {one.rule for one in deployment_gates.gates(kept, OURS, PROMPT, deployment) if not one.passed}
        assert ("premises" in stops) is hosted


def test_the_shipped_catalogue_stays_as_it_is(tmp_path: Path, catalogue: Catalogue) -> None:
    extended = with_own(catalogue, load_scenario(written(tmp_path)))
    assert "ours-8b" in extended.keys("models")
    assert "ours-8b" not in catalogue.keys("models")
    assert with_own(catalogue, load_scenario(written(tmp_path, own_models={}, own_machines={}))) is catalogue


def test_a_changed_machine_is_worked_out_anew(tmp_path: Path, catalogue: Catalogue) -> None:
    case = case_of(written(tmp_path), catalogue)
    before = year(case, lines_of(case), "cost")
    dearer = case.varied({"own_machines.lab.usd_per_hour": 5.0})
    assert year(dearer, lines_of(dearer), "cost") == pytest.approx(2 * before)
    # what files held is carried along by changes that do not name them
    assert dearer.given.configs is case.given.configs


def test_faults_of_own_rows_are_told_together(tmp_path: Path) -> None:
    lacking = {key: value for key, value in DEEPSEEK.items() if key != "vocab_size"}
    (tmp_path / "bad.json").write_text(json.dumps(lacking), encoding="utf-8")
    models = {
        "gpt-4o": {"config": "ours.json"}, "bad": {"config": "bad.json"}, "gone": {"config": "none.json"},
        "out": {"config": "../ours.json"}, "alike": {"config": "ours.json", "like": "lama-3.1-8b"},
    }  # fmt: skip
    machines = {"lab": {"gpu": "gh2000", "gpu_count": 1, "usd_per_hour": 1, "region": "westeurop"}}
    with pytest.raises(ScenarioError) as error:
        open_case(written(tmp_path, own_models=models, own_machines=machines))
    told = str(error.value)
    for part in (
        "gpt-4o",
        "vocab_size",
        "no none.json",
        "own_models.out",
        "llama-3.1-8b",
        "gh200",
        "westeurope",
    ):
        assert part in told, part


def test_a_file_needs_a_folder(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path))
    with pytest.raises(ScenarioError, match="named in the scenario itself"):
        with_values(scenario, {"own_models.ours-8b.config": "other.json"})


def test_the_running_batch_sets_that_of_own_machines(tmp_path: Path, catalogue: Catalogue) -> None:
    # 8,000 tokens written in 1,000 steps: 8 requests at once
    (tmp_path / "a.prom").write_text(METRICS.format(1000, 5000, 100), encoding="utf-8")
    (tmp_path / "b.prom").write_text(METRICS.format(9000, 15000, 1100), encoding="utf-8")
    seen = {"running_batch": {"ours-8b": {"before": "a.prom", "after": "b.prom"}}}
    case = case_of(written(tmp_path, measurements=seen), catalogue)
    batch = own_batch(case, "ours-8b")
    assert batch is not None
    assert set(batch) == {8.0}
    sized = fleets(case, OURS, PROMPT, DeploymentSetting("maap"))
    assert {one.mean_batch for one in sized if one.machine == "lab"} == {8.0}
    assert max(one.mean_batch for one in sized) == 8.0  # fewer where memory holds fewer
    counted = case_of(
        written(tmp_path, measurements={"running_batch": {"ours-8b": {"batch": 20, "low": 16, "high": 25}}}),
        catalogue,
    )
    spread = own_batch(counted, "ours-8b")
    assert spread is not None
    assert central(spread) == 20
    assert spread.min() < 16
    assert spread.max() > 25


@pytest.mark.parametrize(
    "batch", [{}, {"batch": 2, "before": "a", "after": "b"}, {"before": "a"}, {"batch": 2, "low": 3}]
)
def test_half_told_batches_are_refused(batch: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ScenarioError):
        load_scenario(written(tmp_path, measurements={"running_batch": {"ours-8b": batch}}))


def test_energy_measured_in_one_deployment_counts_there(tmp_path: Path, catalogue: Catalogue) -> None:
    own = {
        "gpt-4o": {"wh": 0.4, "by_deployment": {"ptu": {"wh": 0.8}}},
        "deberta-v3-large": {"wh": 0.004, "deployment": "container"},
    }
    case = case_of(written(tmp_path, measurements={"wh_per_request": own}), catalogue)
    usual = Shape(case.workload.input_tokens, case.workload.output_tokens)
    served = {
        mode: central(serve(case, "gpt-4o", usual, Serving(mode=mode)).energy_kwh) * 1000
        for mode in (None, "maas", "ptu")
    }
    assert served == pytest.approx({None: 0.4, "maas": 0.4, "ptu": 0.8})
    tokens = case.workload.input_tokens
    here = encode(case, "deberta-v3-large", tokens, mode="container")
    assert central(here.energy_kwh) * 1000 == pytest.approx(0.004)
    elsewhere = encode(case, "deberta-v3-large", tokens, mode="edge")
    assert central(elsewhere.energy_kwh) * 1000 != pytest.approx(0.004)
    assert own_measurement(case, "deberta-v3-large", "own", "edge") is None
