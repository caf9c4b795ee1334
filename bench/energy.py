"""The energy model measured: error with each family left out, and how fast it estimates.

`python -m bench.energy [MEASUREMENTS.csv]`; without a file the error table is the shipped one.
`--save FILE` writes the runs that the method page tables and plots.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

from advisor.catalogue import open_catalogue
from advisor.core.draws import Array
from advisor.core.exhibits import Table
from advisor.estimate.inference import Architecture, Gpu, Load, estimate
from advisor.measured.accuracy import blocks_table, errors_table, gpus_table, times_table
from advisor.measured.calibration import Fit, data_of, fit, left_out, only, search_of
from advisor.measured.calibration_text import describe
from advisor.measured.measurement_text import columns
from advisor.measured.measurements import Measurements, read
from advisor.measured.method import method_case
from advisor.system.energy_model import FIELDS, central_values, model_of
from advisor.system.second_opinion import gpu_board_joules
from advisor.system.serving import Shape, serve
from bench.timing import compared, spent

NEUTRAL = ("expert_compute", "stack_time", "stack_host")  # factors, which are none at 1
NEARLY_NONE = 1e-12
MANY, FEW, PAIRS = 1_000_000, 200, 15


def validation_yaml(fitted: Fit, measured: Measurements, without: Array) -> str:
    """Runs and what was predicted of them, family or GPU left out, as a data file."""
    given = fitted.data.inputs
    gpus, precisions = sorted(set(given.gpu_keys)), sorted(set(given.formats))
    columns_of = {
        "measured": fitted.data.energy_j, "predicted": fitted.left_out.energy_j, "spread": fitted.spread,
        "timed": fitted.data.gpu_s, "time": fitted.left_out.gpu_s,
        "other_gpu": fitted.data.energy_j * 2.0**fitted.gpu_errors,
        "ecologits": gpu_board_joules(measured)[1],
        "batch": measured["batch_size"], "gpu": np.array([gpus.index(key) for key in given.gpu_keys]),
        "precision": np.array([precisions.index(key) for key in given.formats]),
    }  # fmt: skip
    units = dict.fromkeys(("measured", "predicted", "other_gpu", "ecologits"), "J") | {"batch": "item"}
    units |= {"timed": "s", "time": "s"}
    lines = [
        "# Measured and predicted energy and GPU time of the runs the energy model was fitted on, each model",
        "# family and, in other_gpu, each GPU left out in turn; gpu and precision count into the lists",
        "# below.",
        "# without: error on left-out families with all coefficients, then without each in turn.",
        "# `python -m bench.energy MEASUREMENTS.csv --save FILE` writes it.",
        "defaults: {source: [argonne_llm_inference_bench, mlenergy_v2, mlenergy_v3, inferencex_2026],",
        "  checked: 2026-11-26, confidence: derived, unit: ratio}",
        "table: energy_validation",
        "attributes: {gpus: list, precisions: list}",
        "rows:",
        f"  shipped: {{gpus: [{', '.join(gpus)}], precisions: [{', '.join(precisions)}]}}",
        "series:",
    ]
    for part, values in zip(("median", "tail"), without.T, strict=True):
        lines.append(f"  validation.without.{part}: {{values: [{_numbers(values)}]}}")
    for family in np.unique(fitted.data.families):
        rows = fitted.data.families == family
        for part, values in columns_of.items():
            unit = f", unit: {units[part]}" if part in units else ""
            lines.append(f"  validation.{family}.{part}: {{values: [{_numbers(values[rows])}]{unit}}}")
    return "\n".join([*lines, ""])


def _numbers(values: Array) -> str:
    return ", ".join(f"{float(f'{value:.4g}'):g}" for value in values)


def ablation(measured: Measurements) -> Array:
    """Median error and what 90 % lie below [ratio] on families left out: with all, then without each."""
    catalogue = open_catalogue()
    data, every = data_of(measured, catalogue), search_of(measured, catalogue)
    found = []
    for name in ("", *FIELDS):
        neutral = {name: 1.0 if name in NEUTRAL else NEARLY_NONE} if name else {}
        search = only(every, [kept for kept in every.free if kept != name], neutral)
        size = np.abs(np.log2(left_out(data, search, data.families).energy_j / data.energy_j))
        found.append((2 ** np.median(size), 2 ** np.quantile(size, 0.9)))
    return np.array(found)


def shown(table: Table) -> str:
    """An exhibit's table as text."""
    rows = [["" if c is None else c if isinstance(c, str) else f"{c:.4g}" for c in row] for row in table.rows]
    return "\n".join([table.title, columns([list(table.columns), *rows]), table.note, ""])


def speeds() -> str:
    """Processor time of one estimate, of a million beside a NumPy pass, and of EcoLogits."""
    from ecologits.impacts import llm

    catalogue, case = open_catalogue(), method_case()
    no = np.zeros((), dtype=bool)
    model = model_of(central_values(catalogue), no, no)
    arch = Architecture(70.6e9, 70.6e9, 80.0, 327_680.0)
    card = Gpu(700.0, 80e9, 3.35e12, 989e12, 700.0)
    many = configurations(MANY)
    given = [getattr(record, part.name) for record in many for part in fields(record)]
    one = Load(500.0, 300.0, 64.0, 4.0, 2.0)

    def ecologits() -> object:
        return llm.compute_llm_impacts(70.6, 70.6, 300.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    def each(run: Callable[[], object]) -> float:
        return spent(lambda: [run() for _ in range(FEW)]) / FEW

    pairs = compared(
        lambda: spent(lambda: estimate(*many, model)), lambda: spent(lambda: added(given)), PAIRS
    )
    timed = [
        ("one estimate", each(lambda: estimate(arch, card, one, model)), 1),
        (
            "one request served, 1,000 draws",
            each(lambda: serve(case, "llama-3.3-70b", Shape(500.0, 300.0))),
            1,
        ),
        ("one estimate of EcoLogits", each(ecologits), 1),
        ("a million estimates, all different, at once", pairs.work_s, MANY),
        (f"a NumPy pass that adds up the same {len(given)} arrays (floor)", pairs.floor_s, MANY),
    ]
    rows = [["", "processor time", "per estimate"]]
    rows += [[name, f"{took * 1e3:,.3f} ms", f"{took / count * 1e9:,.0f} ns"] for name, took, count in timed]
    times = f"a million estimates take {pairs.ratio:.1f} times the pass, the median of {PAIRS} pairs"
    return f"{columns(rows)}\n{times}"


def configurations(count: int) -> tuple[Architecture, Gpu, Load]:
    """As many models, GPUs and loads, no two alike."""
    random = np.random.Generator(np.random.PCG64(1))

    def between(low: float, high: float) -> Array:
        return random.uniform(low, high, count)

    arch = Architecture(
        between(10e9, 100e9), between(3e9, 10e9), between(20, 80), between(1e4, 4e5), between(0, 1e7),
        between(1e9, 9e9), between(0.01, 0.2), between(0, 0.5), between(128, 4096),
    )  # fmt: skip
    card = Gpu(
        between(300, 1000), between(80e9, 180e9), between(2e12, 8e12), between(3e14, 2e15),
        between(300, 1000), between(0.8, 1.2),
    )  # fmt: skip
    load = Load(
        between(100, 4000), between(50, 1000), between(1, 512), np.floor(between(1, 9)), between(0.5, 2),
        between(0, 100), np.ones(count), between(0.5, 1), np.floor(between(0, 2)),
    )  # fmt: skip
    return arch, card, load


def added(arrays: list[Array]) -> Array:
    """The sum of all arrays: each is read once."""
    total = arrays[0] + arrays[1]
    for one in arrays[2:]:
        total = total + one
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path, nargs="?")
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    if options.measurements:
        measured = read(options.measurements)
        fitted = fit(measured)
        without = ablation(measured)
        print(describe(fitted))
        names = ("nothing", *FIELDS)
        rows = [
            [name, *(f"{value:.3f}×" for value in pair)] for name, pair in zip(names, without, strict=True)
        ]
        print("", columns([["left out", "median error", "90 % below"], *rows]), sep="\n")
        if options.save:
            options.save.write_text(validation_yaml(fitted, measured, without), encoding="utf-8")
    else:
        case = method_case()
        tables = (errors_table(case), blocks_table(case), gpus_table(case), times_table(case))
        print(*(shown(table) for table in tables), sep="\n")
    print(speeds())


if __name__ == "__main__":
    main()
