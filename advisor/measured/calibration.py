"""Fitting the energy model to measured configurations.

Robust least squares on log energy and, where throughput was measured, on log GPU time at half
weight. A coefficient whose mechanism no row exercises keeps its shipped value. Everything is
deterministic: the same table gives the same coefficients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from advisor.catalogue import Catalogue, open_catalogue
from advisor.core.draws import Z90, Array
from advisor.core.errors import Fault
from advisor.estimate.inference import Mask, token_flops
from advisor.measured.measurements import Measurements, refuse
from advisor.measured.prediction import Inputs, expected, inputs, variance
from advisor.system.energy_model import FIELDS, central_values

T = TypeVar("T")

# What a table must hold to identify the model.
MIN_ROWS, MIN_EACH, MIN_MODELS, MIN_FAMILIES, MIN_SPREAD = 30, 8, 4, 3, 4.0
# How the search goes: its scale (start and unit of each coefficient), robustness, ridge, repeats.
SCALE = {
    "bandwidth_time": 0.7, "layer_time": 1.2e-4, "layer_time_8bit": 1.4e-4, "sequence_time": 0.8e-4,
    "static_power": 0.28, "byte_energy": 1.3e-10, "compute_energy": 1.3, "expert_bytes_8bit": 1.0,
    "expert_padding": 40.0, "stack_time": 2.0, "stack_energy": 0.2,
}  # fmt: skip
SOFT, TIME_WEIGHT, RIDGE, LARGEST, REPEATS, SEED = 0.2, 0.5, 0.01, 1e3, 60, 20_260
# How results are written and intervals found: digits, limits of resampling, share an interval holds.
DIGITS, DWARFED, LARGEST_RATIO, BISECTIONS, COVERED = 4, 10.0, 5.0, 40, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Rows to fit: model inputs, measured energy [J] and GPU time [s] (NaN where unknown)."""

    inputs: Inputs
    energy_j: Array
    gpu_s: Array
    itl_s: Array
    families: Array


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A calibrated model: values, ranges over families, covariance, and how well it predicts.

    ``errors`` are log2(predicted/measured) per row, its family left out of the fitting;
    ``held`` names coefficients that kept their shipped value.
    """

    name: str
    values: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    covariance: Array
    held: tuple[str, ...]
    errors: Array
    blind_errors: Array
    predicted_j: Array
    residual: float
    residual_architecture: float
    residual_gpu: float
    data: Data
    sources: tuple[str, ...]


def fit(measured: Measurements, catalogue: Catalogue | None = None) -> Fit:
    """Fit every coefficient the table identifies. Raises MeasurementError listing what is missing."""
    catalogue = catalogue or open_catalogue()
    refuse(measured.name, unidentified(measured))
    data = _data(measured, catalogue)
    shipped = central_values(catalogue)
    free = _free(data)
    start = _started(data, shipped)
    everything = np.ones(len(data.energy_j), dtype=bool)
    values = _rounded(_solve(data, free, start, everything))
    families = np.unique(data.families)
    blind = inputs(_without_architecture(measured), catalogue)
    predicted, unseen = np.zeros(len(everything)), np.zeros(len(everything))
    for family in families:
        left_out = data.families == family
        rest = _solve(data, free, start, ~left_out)
        predicted[left_out] = expected(data.inputs, rest, 0.0)[0][left_out]
        unseen[left_out] = expected(blind, rest, 0.0)[0][left_out]
    low, high, covariance = _bootstrap(data, free, start, values, families)
    errors = np.log2(predicted / data.energy_j)
    blind_errors = np.log2(unseen / data.energy_j)
    explained = variance(data.inputs, values, covariance)
    residual = _residual(errors, explained)
    known = explained + residual**2
    gpu_errors, current = _gpu_errors(data, free, start)
    return Fit(
        measured.name, values, low, high, covariance,
        tuple(name for name in FIELDS if name not in free and name != "compute_time"),
        errors, blind_errors, predicted,
        residual=residual,
        residual_architecture=_residual(blind_errors, known),
        # few GPUs, of one maker, say little about others: never less than the residual itself
        residual_gpu=max(_residual(gpu_errors[current], known[current]), residual),
        data=data,
        sources=tuple(sorted({source for source in measured.texts["source"] if source})),
    )  # fmt: skip


def unidentified(measured: Measurements) -> list[Fault]:
    """What a table lacks to identify the energy model."""
    name, faults = measured.name, list[Fault]()
    blank = int(np.isnan(measured["energy_j_per_request"]).sum())
    if blank:
        found = "none" if blank == len(measured) else f"{blank} rows without"
        faults.append(Fault(f"{name}, energy_j_per_request", "a measured energy in every row", found))

    def need(what: str, wanted: float, found: float) -> None:
        if found < wanted:
            faults.append(Fault(name, f"at least {wanted:g} {what}", f"{found:g}"))

    batch, size = (
        column[np.isfinite(column)] for column in (measured["batch_size"], measured["total_params_b"])
    )
    need("rows", MIN_ROWS, len(measured))
    need("models of different size", MIN_MODELS, len(np.unique(size)))
    need("model families", MIN_FAMILIES, len(np.unique(families_of(measured))))
    for what, column in (("batch", batch), ("model", size)):
        spread = round(float(column.max() / column.min()), 1) if len(column) else 0.0
        need(f"times between the smallest and the largest {what}", MIN_SPREAD, spread)
    if any(scope == "wall_node8" for scope in measured.texts["scope"]):
        faults.append(Fault(f"{name}, scope", "gpu: the model is of the GPU boards", "wall_node8"))
    return faults


def families_of(measured: Measurements) -> Array:
    """Model family of each row: as given, else the model's name up to its first digit."""
    return np.array([
        family or model.split("/")[-1].rstrip("0123456789").split("-")[0].lower() or "unnamed"
        for family, model in zip(measured.texts["family"], measured.texts["model"], strict=True)
    ])  # fmt: skip


def _data(measured: Measurements, catalogue: Catalogue) -> Data:
    tokens, rate = measured["output_tokens_mean"], measured["output_tok_per_s"]
    seconds = measured["n_gpus"] * tokens / rate
    return Data(
        inputs(measured, catalogue), measured["energy_j_per_request"], seconds,
        measured["itl_ms"] / 1000.0, families_of(measured),
    )  # fmt: skip


def _without_architecture(measured: Measurements) -> Measurements:
    unknown = (
        "layers", "kv_bytes_per_token_16b", "state_bytes", "topk", "nexp", "expert_frac",
        "win_frac", "win_tokens",
    )  # fmt: skip
    blank, nameless = np.full(len(measured), np.nan), ("",) * len(measured)
    return replace(
        measured,
        numbers={**measured.numbers, **dict.fromkeys(unknown, blank)},
        texts={**measured.texts, "model": nameless},
    )


def _free(data: Data) -> list[str]:
    """Coefficients whose mechanism enough rows exercise; time needs measured throughput."""
    given, load = data.inputs, data.inputs.load
    mixture = np.asarray(given.architecture.routed) > 0
    quantised = np.asarray(load.quantised) > 0
    timed = np.isfinite(data.gpu_s)
    exercised: dict[str, Mask] = {
        "bandwidth_time": timed, "static_power": timed, "layer_time_8bit": quantised,
        "expert_bytes_8bit": mixture & quantised, "expert_padding": mixture,
        "stack_time": given.earlier, "stack_energy": given.offline,
    }  # fmt: skip
    return [name for name in SCALE if name not in exercised or exercised[name].sum() >= MIN_EACH]


def _started(data: Data, shipped: dict[str, float]) -> dict[str, float]:
    return _rounded({**shipped, "compute_time": _compute_time(data, shipped)})


def _compute_time(data: Data, shipped: dict[str, float]) -> float:
    """GPU time of arithmetic relative to peak, seen directly: what reading the prompt adds.

    A run's GPU time less its steps between tokens is the time of prefill. Taken from dense
    models without recurrent state on a current program, where the prompt is not dwarfed by
    the answer; the shipped value where too few such rows tell it.
    """
    given, load = data.inputs, data.inputs.load
    arch = given.architecture
    prompt = np.asarray(load.input_tokens)
    prefill = data.gpu_s - load.output_tokens * data.itl_s * load.gpus / load.batch
    ideal = prompt * token_flops(arch, prompt / 2.0) / given.gpu.flops
    plain = (np.asarray(arch.routed) == 0) & (np.asarray(arch.state_bytes) == 0)
    use = plain & ~given.earlier & ~given.offline & (load.output_tokens < DWARFED * prompt)
    ratios = (prefill / np.maximum(ideal, np.finfo(float).tiny))[use & np.isfinite(prefill)]
    # nothing computes faster than the peak
    return max(float(np.median(ratios)), 1.0) if len(ratios) >= MIN_EACH else shipped["compute_time"]


def _to_values(vector: Array, free: Sequence[str], start: dict[str, float]) -> dict[str, float]:
    """The search moves what a serving program adds to time and saves in energy, from none."""
    values = {**start, **{name: float(vector[i]) for i, name in enumerate(free)}}
    if "stack_time" in free:
        values["stack_time"] = 1.0 + values["stack_time"]
    if "stack_energy" in free:
        values["stack_energy"] = max(1.0 - values["stack_energy"], SOFT)
    return values


def _solve(data: Data, free: Sequence[str], start: dict[str, float], rows: Mask) -> dict[str, float]:
    from scipy import optimize

    scale = np.array([SCALE[name] for name in free])
    places = np.flatnonzero(rows)
    timed = places[np.isfinite(data.gpu_s[places])]
    log_energy, log_time = np.log2(data.energy_j), np.log2(data.gpu_s)

    def residuals(vector: Array) -> Array:
        energy, seconds = expected(data.inputs, _to_values(vector * scale, free, start), 0.0)
        late = (np.log2(seconds) - log_time)[timed]
        # a stalled host can stretch a run several times: such outliers count by their logarithm
        late = np.sign(late) * SOFT * np.sqrt(np.log1p((late / SOFT) ** 2))
        return np.concatenate([
            (np.log2(energy) - log_energy)[places], TIME_WEIGHT * late, RIDGE * vector
        ])  # fmt: skip

    search: Any = optimize.least_squares  # typed as a module in some releases
    found = search(residuals, np.ones(len(free)), bounds=(0.0, LARGEST), loss="soft_l1", f_scale=SOFT)
    return _to_values(found.x * scale, free, start)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.{DIGITS}g}") for name, value in values.items()}


def _bootstrap(
    data: Data, free: Sequence[str], start: dict[str, float], values: dict[str, float], families: Array
) -> tuple[dict[str, float], dict[str, float], Array]:
    """10th and 90th percentile over resampled families, and the covariance of the logarithms.

    A resample that lacks a mechanism says nothing of its coefficient.
    """
    random = np.random.Generator(np.random.PCG64(SEED))
    logs = np.full((REPEATS, len(FIELDS)), np.nan)
    for repeat in range(REPEATS):
        drawn = random.choice(families, len(families))
        places = np.concatenate([np.flatnonzero(data.families == family) for family in drawn])
        sample = _take(data, places)
        told = [*_free(sample), "compute_time"]
        found = _solve(sample, free, _started(sample, start), np.ones(len(places), dtype=bool))
        for column, name in enumerate(FIELDS):
            if name in told:
                ratio = max(found[name] / values[name], 1.0 / LARGEST_RATIO)
                logs[repeat, column] = np.log(min(ratio, LARGEST_RATIO))
    low, high = dict(values), dict(values)
    for column, name in enumerate(FIELDS):
        seen = logs[np.isfinite(logs[:, column]), column]
        if len(seen):
            ends = np.exp(np.quantile(seen, (0.1, 0.9))) * values[name]
            low[name] = float(f"{min(ends[0], values[name]):.{DIGITS}g}")
            high[name] = float(f"{max(ends[1], values[name]):.{DIGITS}g}")
    deviations = np.nan_to_num(logs)
    return low, high, np.round(deviations.T @ deviations / REPEATS, DIGITS)


def _take(data: Data, places: Array) -> Data:
    """The rows at ``places``, in that order and as often as they occur."""
    given = data.inputs

    def part(record: T) -> T:
        cut = {
            f.name: value[places]
            for f in fields(record)  # type: ignore[arg-type]
            if isinstance(value := getattr(record, f.name), np.ndarray)
        }
        return replace(record, **cut)  # type: ignore[type-var]

    taken = replace(
        part(given), architecture=part(given.architecture), gpu=part(given.gpu), load=part(given.load),
        gpu_keys=tuple(given.gpu_keys[place] for place in places),
    )  # fmt: skip
    return replace(part(data), inputs=taken)


def _residual(errors: Array, explained: Array) -> float:
    """Scatter [natural log] that makes 80 % intervals hold 80 % of ``errors`` [log2].

    It comes on top of the variance ``explained`` already; 0 where that suffices.
    """
    size = np.abs(errors) * math.log(2.0) / Z90
    low, high = 0.0, float(size.max()) if len(size) else 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if np.mean(size <= np.sqrt(explained + middle**2)) < COVERED:
            low = middle
        else:
            high = middle
    return round(high, DIGITS - 1)


def _gpu_errors(data: Data, free: Sequence[str], start: dict[str, float]) -> tuple[Array, Mask]:
    """Errors [log2] with each row's GPU left out of the fit, for current serving programs."""
    keys, errors = np.array(data.inputs.gpu_keys), np.zeros(len(data.energy_j))
    for key in np.unique(keys):
        others = keys != key
        rest = _solve(data, free, start, others) if others.any() else start
        errors[~others] = np.log2(expected(data.inputs, rest, 0.0)[0] / data.energy_j)[~others]
    return errors, ~data.inputs.earlier & ~data.inputs.offline
