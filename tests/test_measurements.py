"""`advisor validate` and `advisor calibrate` on tables good and bad."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from advisor.catalogue import Catalogue, build
from advisor.cli import main
from advisor.core.errors import MeasurementError
from advisor.core.files import read_yaml
from advisor.estimate.chassis import overhead_w
from advisor.measured.architectures import structure_of
from advisor.measured.calibration import Fit, fit
from advisor.measured.calibration_text import as_yaml
from advisor.measured.commands import calibrate, validate
from advisor.measured.measurements import read
from advisor.measured.prediction import chassis_figures, gpu_key, inputs, precision_key, predict
from advisor.system.energy_model import FIELDS, covariance, family_of

# 53 runs of six families, typed from the ML.ENERGY leaderboards and Argonne's LLM-Inference-Bench
# (sources mlenergy_v2, mlenergy_v3 and argonne_llm_inference_bench of data/sources_energy.yaml).
MEASURED = Path(__file__).parent / "estimate" / "measured.csv"
PREDICTED = ("pred_j_per_request", "pred_low_j", "pred_high_j")

Row = dict[str, Any]
GOOD: Row = {
    "model": "acme/acme-8b", "total_params_b": 8.03, "active_params_b": 8.03, "precision": "bfloat16",
    "gpu": "H100-SXM", "n_gpus": 1, "batch_size": 32, "input_tokens_mean": 300, "output_tokens_mean": 400,
    "energy_j_per_request": 60,
}  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: Row, name: str = "runs.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit(read(MEASURED))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_predictions_meet_the_measured_runs(tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    text = validate(MEASURED, out)
    rows, given = rows_of(out), rows_of(MEASURED)
    assert [{k: v for k, v in row.items() if k not in PREDICTED} for row in rows] == given
    measured, predicted, low, high = (
        np.array([float(row[name]) for row in rows]) for name in ("energy_j_per_request", *PREDICTED)
    )
    errors = np.log2(predicted / measured)
    assert np.median(np.abs(errors)) < 0.25
    assert np.mean(np.abs(errors) <= 1) >= 0.98
    assert np.mean((low <= measured) & (measured <= high)) >= 0.75
    for word in (
        "gpu B200-SXM", "source mlenergy_v2", "batch 1 to 8", "precision bf16", "mostly writing the answer",
        "families fitted", "EcoLogits", "regret",
    ):  # fmt: skip
        assert word in text


def test_without_measured_energy_it_only_predicts(table: Callable[..., Path], tmp_path: Path) -> None:
    path = table({k: v for k, v in GOOD.items() if k != "energy_j_per_request"})
    text = validate(path, tmp_path / "p.csv")
    assert "0 with measured energy" in text
    (row,) = rows_of(tmp_path / "p.csv")
    assert float(row["pred_low_j"]) < float(row["pred_j_per_request"]) < float(row["pred_high_j"])


def test_predicting_again_replaces_the_predictions(table: Callable[..., Path], tmp_path: Path) -> None:
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    validate(table(GOOD), once)
    validate(once, twice)
    assert once.read_bytes() == twice.read_bytes()


def test_unknown_columns_and_text_stay_as_they_are(table: Callable[..., Path], tmp_path: Path) -> None:
    odd = {"note": 'a "quoted", note\nof two lines', **GOOD, "batch_size": "32.0"}
    validate(table(odd), tmp_path / "p.csv")
    (row,) = rows_of(tmp_path / "p.csv")
    assert (row["note"], row["batch_size"]) == (odd["note"], "32.0")


def test_blank_structure_is_inferred_and_widens_the_interval(table: Callable[..., Path]) -> None:
    known = {**GOOD, "layers": 32, "kv_bytes_per_token_16b": 131072}
    blank = {**GOOD, "layers": "", "kv_bytes_per_token_16b": ""}
    one = predict(read(table(known, blank)))
    assert one.energy_j[1] == pytest.approx(one.energy_j[0], rel=0.25)
    width = one.high_j / one.low_j
    assert width[1] > width[0]
    assert one.warnings["architecture unknown, taken from the size"].tolist() == [False, True]


def test_a_named_open_model_needs_no_structure(catalogue: Catalogue, table: Callable[..., Path]) -> None:
    named = {**GOOD, "model": "meta-llama/Llama-3.1-8B-Instruct"}
    full = {**named, "layers": 32, "kv_bytes_per_token_16b": 131072}
    one = predict(read(table({**named, "layers": "", "kv_bytes_per_token_16b": ""}, full)))
    assert one.energy_j[0] == pytest.approx(one.energy_j[1])
    assert structure_of("meta-llama/Llama-3.1-8B-Instruct", 8.03, catalogue) == "llama-3-8b"
    assert structure_of("mistralai/Mixtral-8x7B-Instruct-v0.1", 46.7, catalogue) == "mixtral-8x7b"
    assert structure_of("Qwen/Qwen2.5-7B-Instruct", 7.62, catalogue) == "qwen2-7b"
    assert structure_of("someone/llama-3-8b-of-another-size", 11.0, catalogue) is None


def test_wall_power_adds_the_host_of_one_replica(table: Callable[..., Path], catalogue: Catalogue) -> None:
    node = {**GOOD, "n_gpus": 8, "tp": 1, "pp": 1, "scope": "gpu"}
    one = predict(read(table({**node, "n_gpus": 1}, {**node, "scope": "wall_node8"})))
    # all eight cards draw the mean power of the run, and the server adds what its chassis does then
    beside = overhead_w(chassis_figures("hopper", catalogue), one.energy_j[0] / one.gpu_s[0])
    assert one.energy_j[1] == pytest.approx(one.energy_j[0] + beside * one.gpu_s[0])
    assert 250 < beside < 340


def test_a_power_cap_lowers_power(table: Callable[..., Path]) -> None:
    busy = {**GOOD, "batch_size": 256, "power_cap_w": ""}
    one = predict(read(table(busy, {**busy, "power_cap_w": 350})))
    assert one.energy_j[1] < one.energy_j[0]
    assert one.gpu_s[1] > one.gpu_s[0]
    assert one.energy_j[1] / one.gpu_s[1] <= 350 * (1 + 1e-9)


def test_an_impossible_batch_is_capped_by_memory(table: Callable[..., Path]) -> None:
    one = predict(read(table({**GOOD, "batch_size": 4000}, {**GOOD, "batch_size": 9000})))
    assert one.energy_j[0] == pytest.approx(one.energy_j[1])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("H100-SXM", "h100_sxm"), ("H100-SXM5-80GB", "h100_sxm"), ("NVIDIA H100 80GB HBM3", "h100_sxm"),
        ("H100 NVL", "h100_nvl"), ("H100", "h100_sxm"), ("A100-80", "a100_80_sxm"),
        ("A100-40", "a100_40_sxm"),
        ("A100-SXM4-40GB", "a100_40_sxm"), ("A100-PCIe-80GB", "a100_80_pcie"), ("A100", "a100_80_sxm"),
        ("H200", "h200_sxm"), ("B200-SXM", "b200_sxm"), ("MI300X", "mi300x"),
        ("AMD Instinct MI300X", "mi300x"),
        ("L40S", "l40s"), ("NVIDIA L4", "l4"), ("A10", "a10"), ("T4", "t4"), ("h100_sxm", "h100_sxm"),
        ("H100-PCIe", "h100_pcie"), ("GH200", "gh200"), ("NVIDIA GH200 480GB", "gh200"), ("A30", "a30"),
        ("GB200 NVL72", "gb200"), ("B300-SXM", "b300_sxm"), ("MI325X", "mi325x"), ("MI355X", "mi355x"),
        ("RTX PRO 6000 Blackwell", "rtx_pro_6000"), ("NVIDIA RTX PRO 6000", "rtx_pro_6000"),
        ("RTX 4090", None), ("", None), ("L40", None), ("RTX 6000 Ada", None),
    ],
)  # fmt: skip
def test_gpu_names(name: str, key: str | None, catalogue: Catalogue) -> None:
    assert gpu_key(name, catalogue) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("bfloat16", "bf16"), ("float16", "bf16"), ("FP8", "fp8"), ("fp8_e4m3", "fp8"), ("W8A8-FP8", "fp8"),
        ("mxfp4", "fp4"), ("NVFP4", "fp4"), ("int4-awq", "int4"), ("q4_K_M", "int4"), ("W4A16", "int4"),
        ("q8_0", "int8"), ("w8a8", "int8"), ("fp9", None), ("", None),
    ],
)  # fmt: skip
def test_precision_names(name: str, key: str | None) -> None:
    assert precision_key(name) == key


def test_serving_programs(table: Callable[..., Path], catalogue: Catalogue) -> None:
    engines = [
        "vLLM 0.11.1", "vLLM 0.4-0.5 (2024)", "vLLM 0.5.4", "vLLM 0.14", "sglang 2026", "", "vLLM",
        "TensorRT-LLM 0.9 (2024)",
    ]  # fmt: skip
    rows = [{**GOOD, "engine": engine, "precision": "fp8"} for engine in engines]
    given = inputs(read(table(*rows)), catalogue)
    assert given.earlier.tolist() == [False, True, True, False, False, False, False, False]
    assert given.later.tolist() == [False, False, False, True, True, False, False, False]
    # 8-bit experts compute whole tiles on a program of 2025
    assert np.asarray(given.load.tiled).tolist() == [1, 0, 0, 0, 0, 1, 1, 1]


def test_attention_spread_by_requests_is_told(table: Callable[..., Path]) -> None:
    """No such run was fitted; published ones took several times what is predicted."""
    notes = [
        {"dp": 1},
        {"dp": 8},
        {"dp": "", "batch_note": "dp=4 ep=4"},
        {"dp": "", "batch_note": "dp=1 ep=8"},
    ]
    blank = {"dp": "", "batch_note": ""}
    found = predict(read(table(*({**GOOD, **blank, **note} for note in notes))))
    (told,) = (rows for text, rows in found.warnings.items() if "data-parallel" in text)
    assert told.tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("llama3", "llama3"), ("meta-llama/Llama-3.1-70B-Instruct", "llama3"),
        ("meta-llama/Llama-4-Scout", None),
        ("Qwen/Qwen3-14B", "qwen3-dense"), ("Qwen/Qwen3-235B-A22B-Instruct-2507", "qwen3-moe"),
        ("Qwen/Qwen3.5-397B-A17B", "qwen3.5"), ("google/gemma-3-27b-it", "gemma"), ("Qwen/Qwen2.5-7B", None),
        ("deepseek-ai/DeepSeek-R1", None), ("", None),
    ],
)  # fmt: skip
def test_families_fitted(name: str, family: str | None, catalogue: Catalogue) -> None:
    assert family_of(name, catalogue) == family


def test_what_was_never_fitted_widens_the_interval(table: Callable[..., Path]) -> None:
    seen = {
        **GOOD,
        "family": "llama3",
        "source": "mlenergy_v3",
        "layers": 32,
        "kv_bytes_per_token_16b": 131072,
    }
    rows = (seen, {**seen, "family": "acme"}, {**seen, "source": "acme"}, {**seen, "gpu": "GH200"})
    one = predict(read(table(*rows)))
    width = one.high_j / one.low_j
    assert np.all(width[1:] > width[0])
    assert one.seen.tolist() == [True, False, True, True]
    assert one.warnings["of a family the model was not fitted on: a wider interval"].tolist() == [
        False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "gpu", ["A30", "L4", "L40S", "GH200", "H200", "B200", "B300", "GB200", "MI300X", "MI325X", "MI355X",
            "RTX PRO 6000"],
)  # fmt: skip
def test_every_gpu_is_predicted(gpu: str, table: Callable[..., Path]) -> None:
    one = predict(read(table({**GOOD, "gpu": gpu})))
    assert 0 < one.low_j[0] < one.energy_j[0] < one.high_j[0]


def test_every_fault_of_a_table_is_told(table: Callable[..., Path], tmp_path: Path) -> None:
    bad = {k: v for k, v in GOOD.items() if k != "batch_size"}
    path = table(
        {**bad, "input_tokens_mean": "many", "output_tokens_mean": 0},
        {**bad, "gpu": "H101", "energy_j_per_request": -5},
        {**bad, "precision": "fp9", "active_params_b": 9, "n_gpus": ""},
    )
    with pytest.raises(MeasurementError) as caught:
        calibrate(path, tmp_path / "model.yaml")
    told = str(caught.value)
    for part in (
        "a column 'batch_size'", "row 2, input_tokens_mean", "'many'", "row 2, output_tokens_mean",
        "row 3, gpu", "did you mean", "row 3, energy_j_per_request", "row 4, precision",
        "row 4, active_params_b", "row 4, n_gpus", "at least 30 rows, found 3",
        "at least 4 models of different size, found 1",
    ):  # fmt: skip
        assert part in told
    assert not (tmp_path / "model.yaml").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"only,a,header\n", b"\xff\xfe\x00", b'a,b\n"unclosed,2\n', b"a,b\n1,2,3\n", b"a,a\n1,2\n"],
)
def test_what_is_no_table_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    with pytest.raises(MeasurementError):
        validate(path)
    with pytest.raises(MeasurementError):
        validate(tmp_path / "missing.csv")


def test_infinities_and_nan_are_faults(table: Callable[..., Path]) -> None:
    with pytest.raises(MeasurementError) as caught:
        read(table({**GOOD, "batch_size": "nan"}, {**GOOD, "batch_size": "inf"}))
    assert len(caught.value.faults) == 2


def test_calibration_recovers_and_reports(fitted: Fit) -> None:
    assert np.median(np.abs(fitted.errors)) < 0.35
    for name in ("byte_energy", "static_power", "compute_time"):
        assert fitted.low[name] <= fitted.values[name] <= fitted.high[name]
    # too few runs on programs of 2024 and 2026 and of 8-bit experts: those keep the shipped value
    assert set(fitted.held) == {"stack_time", "stack_host", "expert_tile"}
    assert fitted.residuals["residual_gpu"] >= fitted.residuals["residual"] > 0
    assert set(fitted.effects) == set(fitted.data.families)
    matrix = fitted.covariance
    assert matrix == pytest.approx(matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > -1e-3


def test_calibration_is_deterministic_and_its_file_loads(fitted: Fit, tmp_path: Path) -> None:
    again = fit(read(MEASURED))
    assert as_yaml(again) == as_yaml(fitted)
    out = tmp_path / "energy_model.yaml"
    text = calibrate(MEASURED, out)
    assert "family left out" in text
    document, _ = read_yaml(out)
    assert set(document["coefficients"]) >= {f"energy_model.{name}" for name in FIELDS}
    (tmp_path / "sources.yaml").write_text(
        "sources:\n" + "".join(
            f"  {key}: {{title: t, publisher: p, url: u, year: '2025'}}\n"
            for key in ("mlenergy_v2", "mlenergy_v3", "argonne_llm_inference_bench")
        )
    )  # fmt: skip
    loaded = build(tmp_path)
    assert loaded.coefficient("energy_model.byte_energy").to("J/B").central == pytest.approx(
        fitted.values["byte_energy"], rel=1e-3
    )
    assert covariance(loaded) == pytest.approx(fitted.covariance, abs=1e-4)


def test_a_users_own_table_names_itself_as_source(table: Callable[..., Path], tmp_path: Path) -> None:
    rows = [dict(row, source="", family="") for row in rows_of(MEASURED)]
    out = tmp_path / "energy_model.yaml"
    calibrate(table(*rows, name="ours.csv"), out)
    assert build(tmp_path).sources["own_measurements"].title == "ours.csv"


def test_energy_alone_keeps_the_shipped_times(table: Callable[..., Path]) -> None:
    found = fit(
        read(
            table(
                *(
                    dict(row, output_tok_per_s="", itl_ms="", avg_power_w_total="")
                    for row in rows_of(MEASURED)
                )
            )
        )
    )
    assert {"compute_time", "static_power"} <= set(found.held)


def test_the_shipped_model_draws_within_its_ranges(catalogue: Catalogue) -> None:
    matrix = covariance(catalogue)
    assert matrix.shape == (len(FIELDS), len(FIELDS))
    assert np.linalg.eigvalsh(matrix).min() > -1e-3
    for name in FIELDS:
        found = catalogue.coefficient(f"energy_model.{name}")
        assert found.low <= found.central <= found.high


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(MEASURED), "-o", str(tmp_path / "p.csv")]) == 0
    assert "within 2×" in capsys.readouterr().out
    assert main(["calibrate", str(tmp_path / "none.csv"), "-o", str(tmp_path / "m.yaml")]) == 2
    assert "none.csv" in capsys.readouterr().err
