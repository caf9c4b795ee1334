"""Energy of measured configurations as the shipped model predicts it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from advisor.catalogue import Catalogue, open_catalogue
from advisor.core.draws import Z90, Array
from advisor.core.errors import Fault, nearest
from advisor.core.saying import joined, say
from advisor.estimate.chassis import Chassis, overhead_w
from advisor.estimate.inference import Architecture, Gpu, Load, Mask, estimate, room
from advisor.estimate.structure import by_size, experts_by_size
from advisor.measured.architectures import completed
from advisor.measured.measurements import Measurements, refuse
from advisor.system.energy_model import (
    FIELDS,
    central_values,
    covariance,
    family_effects,
    family_of,
    fit_by_size,
    model_of,
)  # fmt: skip

PREDICTIONS = ("pred_j_per_request", "pred_low_j", "pred_high_j")
STEP = 1e-4  # relative step of numerical derivatives
NODE = 8  # GPUs of the node whose wall power `wall_node8` measures
FULL = 1.0  # a running batch fits by definition: memory may be filled to the last byte

# How measurements write a number format, in the order to look: the catalogue's.
PRECISIONS = (
    (r"(mx|nv)?fp4|float4", "fp4"),
    (r"fp8|float8|e4m3|e5m2", "fp8"),
    (r"int4|w4|awq|gptq|nf4|4bit|q[2-6]", "int4"),
    (r"int8|w8|q8|8bit", "int8"),
    (r"bf16|bfloat16|fp16|float16|half|16bit", "bf16"),
)
FORMS = ("sxm", "pcie", "nvl")


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """A table turned into what the energy model takes; one entry a row."""

    architecture: Architecture
    gpu: Gpu
    load: Load
    earlier: Mask
    later: Mask
    wall: Mask
    known: Mask
    gpu_keys: tuple[str, ...]
    formats: tuple[str, ...]
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Energy per request [J], its 80 % interval, GPU time [s], and rows outside validity.

    ``prefill_j``: the part for reading the prompt [J]; ``seen``: rows of a family that the
    model was fitted on; ``inputs``: what the table was taken to mean.
    """

    energy_j: Array
    low_j: Array
    high_j: Array
    gpu_s: Array
    prefill_j: Array
    seen: Mask
    inputs: Inputs
    warnings: Mapping[str, Mask]


def gpu_key(name: str, catalogue: Catalogue) -> str | None:
    """The catalogue's GPU that a name such as 'A100-80', 'H100 SXM5' or 'l40s' means, or None.

    The chip must be the same. Form and memory decide among cards of one chip where the name
    gives them; else it is the SXM form with the most memory.
    """
    words = re.findall(r"[a-z0-9]+", name.lower())
    form = next((form for form in FORMS for word in words if form in word), None)
    memory = next((word.removesuffix("gb") for word in words if re.fullmatch(r"\d{2,3}(gb)?", word)), None)
    found: list[tuple[bool, float, str]] = []
    for key in catalogue.keys("gpus"):
        parts = key.split("_")
        own_form = next((part for part in parts if part in FORMS), None)
        own_memory = next((part for part in parts if re.fullmatch(r"\d{2,3}", part)), None)
        chip = "".join(part for part in parts if part not in {own_form, own_memory})
        spelled = any(re.fullmatch(rf"{chip}(sxm\d?|pcie|nvl|\d*gb)?", word) for word in words)
        if not spelled and (chip == parts[0] or chip not in "".join(words)):
            continue
        if (form and own_form and form != own_form) or (memory and own_memory and memory != own_memory):
            continue
        size = catalogue.coefficient(f"gpus.{key}.memory").to("B").central
        found.append((own_form == "sxm", size, key))
    return max(found)[2] if found else None


def precision_key(name: str) -> str | None:
    """The catalogue's precision that a name such as 'bfloat16', 'W4A16' or 'q8_0' means, or None."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return next((key for pattern, key in PRECISIONS if re.search(pattern, plain)), None)


def inputs(measured: Measurements, catalogue: Catalogue) -> Inputs:
    """Turn a table into the model's terms. Raises MeasurementError for unknown names."""
    keys, formats, faults = _names(measured, catalogue)
    refuse(measured.name, faults)
    measured = completed(measured, catalogue)

    def value(table: str, key: str, column: str, unit: str) -> float:
        name = f"{table}.{key}.{column}"
        return catalogue.coefficient(name).to(unit).central if name in catalogue else np.nan

    def each(column: str, unit: str) -> Array:
        return np.array([value("gpus", key, column, unit) for key in keys])

    computed = [str(catalogue.row("precisions", number)["compute"]) for number in formats]
    native = np.array([
        kind != "bf16" and f"gpus.{key}.{kind}" in catalogue
        for key, kind in zip(keys, computed, strict=True)
    ])  # fmt: skip
    gain = np.array([value("precisions", number, "compute_gain", "ratio") for number in formats])
    floor = np.array([
        value("precisions", number if own else "bf16", "kernel_floor", "ratio")
        for number, own in zip(formats, native, strict=True)
    ])  # fmt: skip
    tdp = each("tdp", "W")
    gpu = Gpu(
        tdp_w=tdp,
        memory_b=each("memory", "B"),
        bandwidth_b_s=each("bandwidth", "B/s"),
        flops=each("bf16", "FLOP/s") * np.where(native, gain, 1.0),
        limit_w=np.fmin(measured["power_cap_w"], tdp),
        floor=floor,
    )
    arch, known = _architecture(measured, catalogue)
    own = np.array([value("precisions", number, "weight_bytes", "B/param") for number in formats])
    weight = np.where(measured.given("weight_bytes_per_param"), measured["weight_bytes_per_param"], own)
    wall = np.array([scope == "wall_node8" for scope in measured.texts["scope"]])
    earlier, later = _stacks(measured)
    eight_bit = native & np.array([kind == "fp8" for kind in computed])
    load = Load(
        input_tokens=measured["input_tokens_mean"],
        output_tokens=measured["output_tokens_mean"],
        batch=measured["batch_size"],
        gpus=measured["n_gpus"],
        weight_bytes=weight,
        pipeline=np.nan_to_num(measured["pp"], nan=1.0),
        kv_ratio=np.nan_to_num(measured["kv_elem_bytes"], nan=2.0) / 2.0,
        tiled=(eight_bit & ~earlier & ~later).astype(float),
    )
    load = replace(load, gpus=np.where(wall, _replica(arch, gpu, load, measured), load.gpus))
    # those that run together are on average half way through their answers
    fits = room(arch, gpu, replace(load, output_tokens=load.output_tokens / 2.0), FULL)
    load = replace(load, batch=np.minimum(load.batch, np.maximum(fits, 1.0)))
    families = tuple(
        family_of(family or model, catalogue) or ""
        for family, model in zip(measured.texts["family"], measured.texts["model"], strict=True)
    )
    return Inputs(arch, gpu, load, earlier, later, wall, known, keys, formats, families)


def name_faults(measured: Measurements, catalogue: Catalogue | None = None) -> list[Fault]:
    """GPUs and precisions of a table that the catalogue does not know."""
    return _names(measured, catalogue or open_catalogue())[2]


def _names(
    measured: Measurements, catalogue: Catalogue
) -> tuple[tuple[str, ...], tuple[str, ...], list[Fault]]:
    faults: list[Fault] = []
    cards = {name: gpu_key(name, catalogue) for name in set(measured.texts["gpu"])}
    known = catalogue.keys("gpus")
    chips = sorted({*known, *(key.split("_")[0] for key in known)})
    keys, formats = [], []
    for number, (gpu, precision) in enumerate(
        zip(measured.texts["gpu"], measured.texts["precision"], strict=True), 2
    ):
        if (key := cards[gpu]) is None and "gpu" in measured.header:
            where = say("{name} row {row}, {column}", name=measured.name, row=number, column="gpu")
            faults.append(
                Fault(
                    where,
                    say("one of {known}", known=joined(", ", known)),
                    repr(gpu),
                    nearest(gpu.lower(), chips),
                )
            )
        form = precision_key(precision)
        if form is None and "precision" in measured.header:
            where = say("{name} row {row}, {column}", name=measured.name, row=number, column="precision")
            faults.append(Fault(where, say("such as bf16, fp8, fp4, int8 or int4"), repr(precision)))
        keys.append(key or "")
        formats.append(form or "")
    return tuple(keys), tuple(formats), faults


def _architecture(measured: Measurements, catalogue: Catalogue) -> tuple[Architecture, Mask]:
    total, active = measured["total_params_b"] * 1e9, measured["active_params_b"] * 1e9
    layers, cache = measured["layers"], measured["kv_bytes_per_token_16b"]
    known = np.isfinite(layers) & np.isfinite(cache)
    topk, nexp, share = (measured[name] for name in ("topk", "nexp", "expert_frac"))
    told = np.isfinite(topk) & np.isfinite(nexp) & np.isfinite(share)
    guess, picked = experts_by_size(
        total, active,
        catalogue.coefficient("architecture.routed_share").central,
        catalogue.coefficient("architecture.dense_above").central,
    )  # fmt: skip
    mixture = told & (nexp > 0)
    arch = Architecture(
        total_params=total,
        active_params=active,
        layers=np.where(
            np.isfinite(layers), layers, by_size(total, active, fit_by_size(catalogue, "layers"))
        ),
        kv_bytes=np.where(
            np.isfinite(cache), cache, by_size(total, active, fit_by_size(catalogue, "kv_bytes"))
        ),
        state_bytes=np.nan_to_num(measured["state_bytes"]),
        expert_params=np.where(told, np.where(mixture, share, 0.0) * total, guess),
        routed=np.where(told, np.divide(topk, nexp, out=np.zeros_like(topk), where=mixture), picked),
        window_share=np.nan_to_num(measured["win_frac"]),
        window_tokens=np.nan_to_num(measured["win_tokens"]),
    )
    return arch, known


def _replica(arch: Architecture, gpu: Gpu, load: Load, measured: Measurements) -> Array:
    """GPUs of one replica in a node: those of its stages, or as many as its weights need."""
    stated = np.nan_to_num(measured["tp"], nan=1.0) * load.pipeline
    fewest = np.ceil(np.asarray(arch.total_params * load.weight_bytes / gpu.memory_b))
    needed: Array = 2.0 ** np.ceil(np.log2(np.maximum(fewest, 1.0)))
    gpus: Array = np.minimum(np.maximum(stated, needed), measured["n_gpus"])
    return gpus


def _data_parallel(measured: Measurements) -> Mask:
    """Rows whose replica gives each GPU requests of its own to attend to: told by ``dp``, or in a note."""
    noted = [bool(re.search(r"\bdp=([2-9]|\d\d)", note)) for note in measured.texts["batch_note"]]
    return np.array(noted) | (np.nan_to_num(measured["dp"], nan=1.0) > 1.0)


def _stacks(measured: Measurements) -> tuple[Mask, Mask]:
    """Rows served by a program of 2024 (vLLM before 0.6), and by one of 2026 (vLLM from 0.12).

    Compiled engines (TensorRT) were as quick in 2024: measured runs of that year need no allowance.
    """
    engines = [engine.lower() for engine in measured.texts["engine"]]
    compiled = [bool(re.search(r"tensorrt|trt", engine)) for engine in engines]
    earlier = [
        bool(re.search(r"vllm[ -]*v?0\.[0-5](\D|$)|2023|2024", engine)) and not whole
        for engine, whole in zip(engines, compiled, strict=True)
    ]
    later = [bool(re.search(r"2026|vllm[ -]*v?0\.(1[2-9]|[2-9]\d)", engine)) for engine in engines]
    return np.array(earlier), np.array(later)


def predict(measured: Measurements, catalogue: Catalogue | None = None) -> Predicted:
    """Predict every row of a table with the shipped model. Raises MeasurementError.

    The interval widens for what the fit never saw: another family, laboratory or GPU, or an
    unknown structure.
    """
    catalogue = catalogue or open_catalogue()
    given = inputs(measured, catalogue)
    values = central_values(catalogue)
    shipped, effects = catalogue.row("energy_fit", "shipped"), family_effects(catalogue)
    boards = chassis_of(given, catalogue)
    energy, seconds, prefill = expected(given, values, boards)
    factor = np.exp([effects.get(family, 0.0) for family in given.families])
    energy, seconds, prefill = energy * factor, seconds * factor, prefill * factor
    seen = np.array([family != "" for family in given.families])
    foreign = np.array([key not in shipped["gpus"] for key in given.gpu_keys])
    laboratory = np.array([source not in shipped["laboratories"] for source in measured.texts["source"]])

    def further(name: str, rows: Mask) -> Array:
        return np.where(rows, catalogue.coefficient(f"energy_model.{name}").central ** 2, 0.0)

    spread = variance(given, values, covariance(catalogue), boards)
    spread = spread + further("residual", np.ones_like(seen)) + further("residual_family", ~seen)
    spread = spread + further("residual_laboratory", laboratory) + further("residual_gpu", foreign)
    spread = spread + further("residual_architecture", ~given.known)
    host = catalogue.coefficient("host.power_per_gpu").to("W")
    share = np.where(given.wall, host.central * seconds / energy, 0.0)
    spread = spread + (share * np.log(host.high / host.low) / (2 * Z90)) ** 2
    factor = np.exp(Z90 * np.sqrt(spread))
    told = {
        say(
            "with attention spread by requests (data-parallel), as no fitted run: far more is possible"
        ): _data_parallel(measured),
        say("of a family the model was not fitted on: a wider interval"): ~seen,
        say("from a laboratory the model was not fitted on: a wider interval"): laboratory,
        **_warnings(given, foreign),
    }
    return Predicted(energy, energy / factor, energy * factor, seconds, prefill, seen, given, told)


def chassis_of(given: Inputs, catalogue: Catalogue) -> dict[str, Chassis]:
    """The servers around the GPUs of rows that measure a node at the wall."""
    keys = {key for key, wall in zip(given.gpu_keys, given.wall, strict=True) if wall}
    return {key: chassis_figures(str(catalogue.row("gpus", key)["chassis"]), catalogue) for key in keys}


def chassis_figures(key: str, catalogue: Catalogue) -> Chassis:
    """A row of the chassis table at its central values."""

    def of(column: str, unit: str) -> float:
        return catalogue.coefficient(f"chassis.{key}.{column}").to(unit).central

    curve = (np.asarray(catalogue.series[f"chassis.supply.{part}"].values) for part in ("load", "efficiency"))
    return Chassis(
        of("gpus", "item"), of("fixed", "W"), of("network", "W"), of("fans", "W"), of("least_fan", "ratio"),
        of("most_fan", "ratio"), of("full", "W"), of("capacity", "W"), *curve,
    )  # fmt: skip


def expected(
    given: Inputs, values: dict[str, float], boards: Mapping[str, Chassis] = MappingProxyType({})
) -> tuple[Array, Array, Array]:
    """Energy [J] within each row's scope, GPU time [s], energy of reading the prompt [J].

    A node at the wall takes what its chassis adds while its GPUs draw their mean power.
    """
    found = estimate(given.architecture, given.gpu, given.load, model_of(values, given.earlier, given.later))
    seconds, energy = np.asarray(found.gpu_s), np.asarray(found.energy_j)
    for key, board in boards.items():
        rows = given.wall & (np.array(given.gpu_keys) == key)
        mean_w = energy[rows] / seconds[rows]
        energy[rows] = energy[rows] + overhead_w(board, mean_w) * seconds[rows]
    return energy, seconds, np.asarray(found.prefill_j)


def variance(
    given: Inputs,
    values: dict[str, float],
    among: Array,
    boards: Mapping[str, Chassis] = MappingProxyType({}),
) -> Array:
    """Variance of log energy that the coefficients' covariance ``among`` their logarithms causes."""
    energy = expected(given, values, boards)[0]
    gradient = np.stack([
        np.log(expected(given, {**values, name: values[name] * (1 + STEP)}, boards)[0] / energy) / STEP
        for name in FIELDS
    ])  # fmt: skip
    spread: Array = np.einsum("in,ij,jn->n", gradient, among, gradient)
    return spread


def _warnings(given: Inputs, foreign: Mask) -> dict[str, Mask]:
    load = given.load
    return {
        say("on a GPU the model was not fitted on"): foreign,
        say("architecture unknown, taken from the size"): ~given.known,
        say("more than 10,000 input tokens: attention by theory alone"): np.asarray(load.input_tokens) > 1e4,
        say("batch above 4,096"): np.asarray(load.batch) > 2**12,
    }


def with_predictions(measured: Measurements, predicted: Predicted) -> str:
    """The table as CSV with the predictions in columns added at its end; older ones make way."""
    kept = [place for place, name in enumerate(measured.header) if name.strip() not in PREDICTIONS]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*(measured.header[column] for column in kept), *PREDICTIONS])
    columns = (predicted.energy_j, predicted.low_j, predicted.high_j)
    for place, row in enumerate(measured.rows):
        writer.writerow([*(row[column] for column in kept), *(f"{column[place]:.6g}" for column in columns)])
    return stream.getvalue()
