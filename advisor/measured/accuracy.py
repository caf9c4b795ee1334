"""How well the energy model predicts runs it was not given, for the method page and the bench.

The runs' figures are in ``data/energy_validation.yaml``, written by ``python -m bench.energy``: each
predicted by a model fitted without its family, and without its GPU.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from advisor.core.draws import Z90, Array
from advisor.core.exhibits import Chart, Line, Table
from advisor.core.saying import numeral, say
from advisor.estimate.inference import Mask
from advisor.measured.measurement_text import batch_words
from advisor.system.case import Case
from advisor.system.energy_model import FIELDS

Row = tuple[str | float | None, ...]

PARTS = (
    "measured", "predicted", "spread", "timed", "time", "other_gpu", "ecologits", "batch", "gpu", "precision",
)  # fmt: skip
BATCHES = (0.0, 8.5, 32.5, 128.5, 256.5, math.inf)  # edges of the blocks shown, not evidence
SHARES = tuple(tenth / 10.0 for tenth in range(1, 10))  # intervals whose coverage is shown
COLUMNS = (
    say("runs"), say("median error (×)"), say("bias (×)"), say("within 2× (%)"), say("inside 80 % (%)"),
    "EcoLogits (×)",
)  # fmt: skip
NAMES = {
    "compute_time": say("compute time"),
    "expert_compute": say("expert compute"),
    "expert_tile": say("expert tile"),
    "layer_time": say("layer time"),
    "parallel_time": say("parallel time"),
    "sequence_time": say("sequence time"),
    "static_power": say("static power"),
    "byte_energy": say("byte energy"),
    "compute_energy": say("compute energy"),
    "stack_time": say("stack time"),
    "stack_host": say("stack host"),
    "residual": say("residual"),
    "residual_family": say("residual family"),
    "residual_laboratory": say("residual laboratory"),
    "residual_architecture": say("residual architecture"),
    "residual_gpu": say("residual gpu"),
}
RESIDUALS = tuple(name for name in NAMES if name not in FIELDS)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Measured runs and what was predicted of them, an entry a run.

    Energies in J: ``predicted`` with the family left out of the fit, ``other_gpu`` with the GPU,
    ``ecologits`` given the batch and the GPUs; ``spread``: standard deviation of log energy told;
    ``timed`` and ``time``: GPU time measured, and predicted with the family left out [s].
    """

    family: tuple[str, ...]
    gpu: tuple[str, ...]
    precision: tuple[str, ...]
    batch: Array
    measured: Array
    predicted: Array
    spread: Array
    timed: Array
    time: Array
    other_gpu: Array
    ecologits: Array


def families(case: Case) -> list[str]:
    """Model families the shipped model was fitted on."""
    return [str(name) for name in case.catalogue.row("energy_fit", "shipped")["families"]]


def runs(case: Case) -> Runs:
    """All runs of the fit."""
    names = case.catalogue.row("energy_validation", "shipped")
    found: dict[str, list[Array]] = {part: [] for part in PARTS}
    family: list[str] = []
    for name in families(case):
        for part in PARTS:
            found[part].append(case.series(f"validation.{name}.{part}"))
        family += [name] * len(found["measured"][-1])
    whole = {part: np.concatenate(values) for part, values in found.items()}

    def named(part: str, table: str) -> tuple[str, ...]:
        return tuple(str(names[table][int(code)]) for code in whole.pop(part))

    gpu, precision = named("gpu", "gpus"), named("precision", "precisions")
    return Runs(tuple(family), gpu, precision, **whole)


def coefficients_table(case: Case) -> Table:
    """Every coefficient: what was expected, what was found, and what predicting takes without it."""
    median, tail = (case.series(f"validation.without.{part}") for part in ("median", "tail"))
    rows: list[Row] = []
    for place, name in enumerate(FIELDS):
        found, prior = (
            case.catalogue.coefficient(f"{kind}.{name}") for kind in ("energy_model", "energy_prior")
        )
        expected = prior.to(found.unit)
        rows.append((
            NAMES[name], expected.low, expected.high,
            found.low, found.central, found.high, say(found.unit),
            float(median[place + 1]), float(tail[place + 1]), found.note,
        ))  # fmt: skip
    for name in RESIDUALS:
        found = case.catalogue.coefficient(f"energy_model.{name}")
        rows.append(
            (NAMES[name], None, None, None, found.central, None, say(found.unit), None, None, found.note)
        )
    fit = case.catalogue.row("energy_fit", "shipped")
    return Table(
        "method_coefficients", say("Coefficients of the energy model"),
        (say("coefficient"), say("prior, low"), say("prior, high"), "10 %", say("fit"), "90 %", say("unit"),
         say("median error without (×)"), say("90 % below, without (×)"), say("meaning")),
        tuple(rows),
        say("Fitted on {rows} measured runs; {note}. With all of them, on families left out: "
            "median error {median}×, 90 % below {tail}×.", rows=fit["rows"], note=fit["note"],
            median=numeral(median[0], ".3f"), tail=numeral(tail[0], ".2f")),
    )  # fmt: skip


def predicted_chart(case: Case) -> Chart:
    """Predicted against measured energy of each run, one family at a time left out."""
    found = runs(case)
    return _against(
        "method_predicted", say("Predicted against measured, each family unseen"), say("J per request"),
        _points(case, found.measured, found.predicted, found),
        say("A point is a measured configuration of the GPU boards; its family was left out of the fit."),
    )  # fmt: skip


def times_chart(case: Case) -> Chart:
    """Predicted against measured GPU time of each run, one family at a time left out."""
    found = runs(case)
    return _against(
        "method_times", say("GPU time predicted against measured, each family unseen"),
        say("GPU-s per request"), _points(case, found.timed, found.time, found),
        say("Of the same runs, all GPUs of a replica together."),
    )  # fmt: skip


def _against(name: str, title: str, unit: str, points: tuple[Line, ...], note: str) -> Chart:
    """Predicted against measured on two logarithmic axes of one unit."""
    return Chart(
        name,
        title,
        say("measured ({unit})", unit=unit),
        say("predicted ({unit})", unit=unit),
        points,
        log_x=True,
        log_y=True,
        note=note,
    )


def _points(case: Case, measured: Array, predicted: Array, found: Runs) -> tuple[Line, ...]:
    """A cloud of points a family, and where both are equal."""
    lines = []
    for family in families(case):
        own = np.array(found.family) == family
        lines.append(Line(family, tuple(measured[own]), tuple(predicted[own]), style="points"))
    both = np.concatenate([measured, predicted])
    ends = (float(both.min()), float(both.max()))
    return (*lines, Line(say("equal"), ends, ends))


def times_table(case: Case) -> Table:
    """Errors of GPU time by GPU and batch, each run's family left out."""
    found = runs(case)
    gpu = np.array(found.gpu)
    errors = np.log2(found.time / found.timed)
    blocks = [(name, gpu == name) for name in sorted(set(found.gpu))]
    blocks += [*_by_batch(found), (say("all"), gpu != "")]
    return Table(
        "method_times_table", say("Error of GPU time by GPU and batch, each family left out of the fit"),
        (say("runs of"), *COLUMNS[:4]), tuple((name, *_errors(errors[own])) for name, own in blocks),
    )  # fmt: skip


def _by_batch(found: Runs) -> Iterator[tuple[str, Mask]]:
    for low, high in pairwise(BATCHES):
        yield batch_words(low, high), (found.batch > low) & (found.batch <= high)


def coverage_chart(case: Case) -> Chart:
    """How many runs of unseen families lie inside intervals of each width."""
    found = runs(case)
    size = np.abs(np.log(found.predicted / found.measured)) / found.spread
    inside = tuple(float(np.mean(size <= _quantile(share)) * 100.0) for share in SHARES)
    said = tuple(share * 100.0 for share in SHARES)
    return Chart(
        "method_coverage", say("Intervals said and held, each family unseen"), say("interval said (%)"),
        say("runs inside (%)"), (Line(say("runs inside"), said, inside), Line(say("equal"), said, said)),
        note=say("Above the line an interval holds more than it says."),
    )  # fmt: skip


def _quantile(share: float) -> float:
    """Half-width of a normal interval that holds ``share``, in standard deviations."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + share / 2.0)


def errors_table(case: Case) -> Table:
    """Errors by family left out: where the model holds and where it fails."""
    found = runs(case)
    family = np.array(found.family)
    blocks = [(name, family == name) for name in families(case)]
    return Table(
        "method_errors", say("Error by model family, each left out of the fit"), (say("family"), *COLUMNS),
        tuple(_rows(found, [*blocks, (say("all"), family != "")])),
        say("EcoLogits is given the true batch and number of GPUs."),
    )  # fmt: skip


def blocks_table(case: Case) -> Table:
    """Errors by GPU, precision and batch, each run's family left out."""
    found = runs(case)
    gpu, precision = np.array(found.gpu), np.array(found.precision)
    blocks = [(name, gpu == name) for name in sorted(set(found.gpu))]
    blocks += [(name, precision == name) for name in sorted(set(found.precision))]
    blocks += _by_batch(found)
    return Table(
        "method_blocks", say("Error by GPU, precision and batch, each family left out of the fit"),
        (say("runs of"), *COLUMNS), tuple(_rows(found, blocks)),
    )  # fmt: skip


def gpus_table(case: Case) -> Table:
    """Errors with each GPU left out of the fit."""
    found = runs(case)
    gpu = np.array(found.gpu)
    rows: list[Row] = []
    for name, own in [*((key, gpu == key) for key in sorted(set(found.gpu))), (say("all"), gpu != "")]:
        errors = np.log2(found.other_gpu / found.measured)[own]
        rows.append((name, *_errors(errors), _median(found, own)))
    return Table(
        "method_gpus",
        say("Error by GPU, each left out of the fit"),
        ("GPU", *COLUMNS[:4], COLUMNS[-1]),
        tuple(rows),
    )


def _rows(found: Runs, blocks: list[tuple[str, Mask]]) -> Iterator[Row]:
    errors = np.log2(found.predicted / found.measured)
    inside = np.abs(errors) * math.log(2.0) <= Z90 * found.spread
    for name, own in blocks:
        yield (name, *_errors(errors[own]), float(np.mean(inside[own]) * 100.0), _median(found, own))


def _errors(errors: Array) -> tuple[float, ...]:
    return (
        float(len(errors)),
        float(2 ** np.median(np.abs(errors))),
        float(2 ** np.median(errors)),
        float(np.mean(np.abs(errors) <= 1.0) * 100.0),
    )


def _median(found: Runs, own: Mask) -> float:
    return float(2 ** np.median(np.abs(np.log2(found.ecologits / found.measured)[own])))
