"""Fitting the energy model to measured configurations.

The coefficients' logarithms are found by least squares on log energy and, where throughput was
measured, on log GPU time, each drawn to its prior (``data/energy_priors.yaml``). Rows of one
family err together: in a mixed model the mean error of a family's n rows counts less than n
rows' would, and what remains of it is the family's own effect, shrunk towards none. A
coefficient whose mechanism no row exercises keeps its shipped value. Everything is
deterministic: the same table gives the same coefficients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from advisor.catalogue import Catalogue, open_catalogue
from advisor.core.draws import Z90, Array
from advisor.core.errors import Fault
from advisor.core.saying import numeral, say
from advisor.estimate.inference import Mask
from advisor.measured.measurements import Measurements, refuse
from advisor.measured.prediction import Inputs, expected, inputs, variance
from advisor.system.energy_model import FIELDS, central_values

# What a table must hold to identify the model.
MIN_ROWS, MIN_EACH, MIN_MODELS, MIN_FAMILIES, MIN_SPREAD = 30, 8, 4, 3, 4.0
# How rows are weighed: scatter of a row and of a family [natural log]; time's errors count this much.
ROW_SCATTER, FAMILY_SCATTER, TIME_WEIGHT = 0.18, 0.06, 0.7
# How results are written and intervals found: digits, share an interval holds, halvings.
DIGITS, COVERED, BISECTIONS = 4, 0.8, 40
# Families yet unseen differ more than those left out here: for them the interval is set to hold this share.
COVERED_UNSEEN = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Rows to fit: model inputs, measured energy [J], GPU time [s] (NaN where unknown), groups."""

    inputs: Inputs
    energy_j: Array
    gpu_s: Array
    families: Array
    models: Array
    laboratories: Array


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Each row predicted with its group left out: energy, also of a structure unknown [J], GPU time [s].

    ``logs``: logarithms of each fit's coefficients.
    """

    energy_j: Array
    gpu_s: Array
    blind_j: Array
    logs: Array


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A calibrated model: values, ranges and covariance over families, and how well it predicts.

    ``errors`` are log2(predicted/measured) per row, its family left out of the fitting, and
    ``gpu_errors`` its GPU; ``left_out`` what was predicted so; ``held`` names coefficients that kept
    their shipped value; ``effects``: what each family takes beyond the model [natural log];
    ``residuals``: scatter [natural log] of a row of a known family, and what comes on top for another
    family, laboratory, structure, GPU.
    """

    name: str
    values: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    covariance: Array
    held: tuple[str, ...]
    effects: dict[str, float]
    residuals: dict[str, float]
    errors: Array
    spread: Array
    gpu_errors: Array
    blind_errors: Array
    left_out: LeftOut
    data: Data
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What is fitted, from where: ``free`` coefficients, their start, priors and scatter of the logarithm."""

    free: tuple[str, ...]
    start: dict[str, float]
    prior: Array
    scatter: Array


def fit(measured: Measurements, catalogue: Catalogue | None = None) -> Fit:
    """Fit every coefficient the table identifies. Raises MeasurementError listing what is missing."""
    catalogue = catalogue or open_catalogue()
    refuse(measured.name, unidentified(measured))
    data, search = data_of(measured, catalogue), search_of(measured, catalogue)
    everything = np.ones(len(data.energy_j), dtype=bool)
    values = _rounded(solve(data, search, everything))
    blind = inputs(_without_architecture(measured), catalogue)
    out = left_out(data, search, data.families, blind)
    values_log = np.log([values[name] for name in FIELDS])
    among = _jackknife(out.logs, values_log)
    errors, blind_errors = np.log2(out.energy_j / data.energy_j), np.log2(out.blind_j / data.energy_j)
    explained = variance(data.inputs, values, among)
    gpus = np.array(data.inputs.gpu_keys)
    gpu_errors = np.log2(left_out(data, search, gpus).energy_j / data.energy_j)
    residuals = _residuals(data, search, values, errors, explained, blind_errors, gpu_errors)
    known = residuals["residual"] ** 2 + residuals["residual_family"] ** 2
    deviation = Z90 * np.sqrt(np.diag(among))
    return Fit(
        measured.name, values,
        _rounded({name: values[name] * math.exp(-d) for name, d in zip(FIELDS, deviation, strict=True)}),
        _rounded({name: values[name] * math.exp(d) for name, d in zip(FIELDS, deviation, strict=True)}),
        among, tuple(name for name in FIELDS if name not in search.free), _effects(data, values), residuals,
        errors, np.sqrt(explained + known), gpu_errors, blind_errors, out, data,
        tuple(sorted({source for source in measured.texts["source"] if source})),
    )  # fmt: skip


def unidentified(measured: Measurements) -> list[Fault]:
    """What a table lacks to identify the energy model."""
    name, faults = measured.name, list[Fault]()
    blank = int(np.isnan(measured["energy_j_per_request"]).sum())
    if blank:
        found = say("none") if blank == len(measured) else say("{blank} rows without", blank=blank)
        faults.append(Fault(f"{name}, energy_j_per_request", say("a measured energy in every row"), found))

    def need(expected: str, wanted: float, found: float) -> None:
        if found < wanted:
            faults.append(Fault(name, expected, numeral(found, "g")))

    batch, size = (
        column[np.isfinite(column)] for column in (measured["batch_size"], measured["total_params_b"])
    )
    families = len(np.unique(families_of(measured)))
    wide = numeral(MIN_SPREAD, "g")
    need(say("at least {count} rows", count=MIN_ROWS), MIN_ROWS, len(measured))
    need(say("at least {count} models of different size", count=MIN_MODELS), MIN_MODELS, len(np.unique(size)))
    need(say("at least {count} model families", count=MIN_FAMILIES), MIN_FAMILIES, families)
    need(
        say("at least {wide} times between the smallest and the largest batch", wide=wide),
        MIN_SPREAD,
        _spread(batch),
    )
    need(
        say("at least {wide} times between the smallest and the largest model", wide=wide),
        MIN_SPREAD,
        _spread(size),
    )
    if any(scope == "wall_node8" for scope in measured.texts["scope"]):
        faults.append(Fault(f"{name}, scope", say("gpu: the model is of the GPU boards"), "wall_node8"))
    return faults


def _spread(column: Array) -> float:
    """How many times its least the greatest is."""
    return round(float(column.max() / column.min()), 1) if len(column) else 0.0


def families_of(measured: Measurements) -> Array:
    """Model family of each row: as given, else the model's name up to its first digit."""
    return np.array([
        family or model.split("/")[-1].rstrip("0123456789").split("-")[0].lower() or "unnamed"
        for family, model in zip(measured.texts["family"], measured.texts["model"], strict=True)
    ])  # fmt: skip


def data_of(measured: Measurements, catalogue: Catalogue) -> Data:
    """The rows of a table as the fit takes them."""
    tokens, rate = measured["output_tokens_mean"], measured["output_tok_per_s"]
    seconds = measured["n_gpus"] * tokens / rate
    by_power = measured["n_gpus"] * measured["energy_j_per_request"] / measured["avg_power_w_total"]
    return Data(
        inputs(measured, catalogue), measured["energy_j_per_request"],
        np.where(np.isfinite(seconds), seconds, by_power), families_of(measured),
        np.array(measured.texts["model"]), np.array(measured.texts["source"]),
    )  # fmt: skip


def search_of(measured: Measurements, catalogue: Catalogue) -> Search:
    """What to fit: coefficients whose mechanism enough rows exercise, and their priors."""
    data = data_of(measured, catalogue)
    given = data.inputs
    mixture, tiled = np.asarray(given.architecture.routed) > 0, np.asarray(given.load.tiled) > 0
    timed, many = np.isfinite(data.gpu_s), np.asarray(given.load.gpus) > 1
    exercised: dict[str, Mask] = {
        "expert_compute": mixture, "expert_tile": mixture & tiled, "parallel_time": many,
        "static_power": timed, "compute_time": timed, "stack_time": given.earlier, "stack_host": given.later,
    }  # fmt: skip
    free = tuple(name for name in FIELDS if name not in exercised or exercised[name].sum() >= MIN_EACH)
    found = {name: catalogue.coefficient(f"energy_prior.{name}").to(FIELDS[name]) for name in free}
    prior = np.log([found[name].central for name in free])
    scatter = np.array([math.log(found[name].high / found[name].low) / (2 * Z90) for name in free])
    return Search(free, central_values(catalogue), prior, scatter)


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


def solve(data: Data, search: Search, rows: Mask) -> dict[str, float]:
    """The coefficients that fit ``rows`` best, given the priors."""
    from scipy import optimize

    places = np.flatnonzero(rows)
    timed = places[np.isfinite(data.gpu_s[places])]
    log_energy, log_time = np.log(data.energy_j), np.log(data.gpu_s)

    def values(vector: Array) -> dict[str, float]:
        found = np.exp(search.prior + vector * search.scatter)
        return {**search.start, **dict(zip(search.free, map(float, found), strict=True))}

    def residuals(vector: Array) -> Array:
        energy, seconds, _ = expected(data.inputs, values(vector))
        early = _shared((np.log(energy) - log_energy)[places], data.families[places])
        late = TIME_WEIGHT * _shared((np.log(seconds) - log_time)[timed], data.families[timed])
        return np.concatenate([_robust(early), _robust(late), vector])

    search_for: Any = optimize.least_squares  # typed as a module in some releases
    return values(search_for(residuals, np.zeros(len(search.free))).x)


def _robust(errors: Array) -> Array:
    """Errors that count by their square when small and by their size when large (pseudo-Huber)."""
    found: Array = np.sign(errors) * np.sqrt(2.0 * (np.sqrt(1.0 + errors**2) - 1.0))
    return found


def _shared(errors: Array, families: Array) -> Array:
    """Errors in units of a row's scatter, the part that a family shares counted as one draw of it."""
    names, place, count = np.unique(families, return_inverse=True, return_counts=True)
    mean = np.bincount(place, errors, len(names)) / count
    kept = 1.0 - 1.0 / np.sqrt(1.0 + count * (FAMILY_SCATTER / ROW_SCATTER) ** 2)
    found: Array = (errors - (kept * mean)[place]) / ROW_SCATTER
    return found


def _effects(data: Data, values: dict[str, float]) -> dict[str, float]:
    """What each family takes beyond the model [natural log], shrunk by how many rows tell it."""
    errors = np.log(data.energy_j / expected(data.inputs, values)[0])
    effects = {}
    for family in np.unique(data.families):
        own = errors[data.families == family]
        told = len(own) * FAMILY_SCATTER**2
        effects[str(family)] = round(float(np.median(own)) * told / (told + ROW_SCATTER**2), DIGITS)
    return effects


def left_out(data: Data, search: Search, groups: Array, blind: Inputs | None = None) -> LeftOut:
    """Every row predicted by a fit to the rows of the other groups."""
    energy, seconds, unseen = np.zeros((3, len(groups)))
    logs = []
    for group in np.unique(groups):
        out = groups == group
        rest = solve(data, search, ~out) if not out.all() else search.start
        found = expected(data.inputs, rest)
        energy[out], seconds[out] = found[0][out], found[1][out]
        if blind is not None:
            unseen[out] = expected(blind, rest)[0][out]
        logs.append([math.log(rest[name]) for name in FIELDS])
    return LeftOut(energy, seconds, unseen, np.array(logs))


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.{DIGITS}g}") for name, value in values.items()}


def _jackknife(logs: Array, centre: Array) -> Array:
    """Covariance of the coefficients' logarithms by leaving one family out at a time."""
    away = logs - centre
    found: Array = np.round((len(logs) - 1) / len(logs) * away.T @ away, DIGITS)
    return found


def _residuals(
    data: Data, search: Search, values: dict[str, float],
    errors: Array, explained: Array, blind: Array, gpus: Array,
) -> dict[str, float]:  # fmt: skip
    """Scatter of a known family's rows, each model left out; more for what else is unknown."""
    models = np.log2(left_out(data, search, data.models).energy_j / data.energy_j)
    residual = _residual(models, explained)
    family = max(_residual(errors, explained, COVERED_UNSEEN), residual)
    known = explained + family**2
    laboratory = np.log2(left_out(data, search, data.laboratories).energy_j / data.energy_j)
    return {
        "residual": residual,
        "residual_family": round(math.sqrt(family**2 - residual**2), DIGITS - 1),
        "residual_laboratory": _residual(laboratory, known),
        "residual_architecture": _residual(blind, known),
        # few GPUs, of one maker, say little about others: never less than a family's own
        "residual_gpu": max(_residual(gpus, known), family),
    }


def _residual(errors: Array, explained: Array, share: float = COVERED) -> float:
    """Scatter [natural log] that makes 80 % intervals hold ``share`` of ``errors`` [log2].

    It comes on top of the variance ``explained`` already; 0 where that suffices.
    """
    size = np.abs(errors) * math.log(2.0) / Z90
    low, high = 0.0, float(size.max()) if len(size) else 0.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if np.mean(size <= np.sqrt(explained + middle**2)) < share:
            low = middle
        else:
            high = middle
    return round(high, DIGITS - 1)


def only(search: Search, free: Sequence[str], fixed: dict[str, float]) -> Search:
    """The same search with only ``free`` moved and ``fixed`` set: what a coefficient is worth."""
    kept = [place for place, name in enumerate(search.free) if name in free]
    return Search(
        tuple(search.free[place] for place in kept), {**search.start, **fixed},
        search.prior[kept], search.scatter[kept],
    )  # fmt: skip
