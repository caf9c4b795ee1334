"""The energy model measured: error with each family left out, and how fast it estimates.

`python -m bench.energy [MEASUREMENTS.csv]`; without a file the error table is the shipped one.
`--save FILE` writes the pairs that the method page plots.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from advisor.catalogue import open_catalogue
from advisor.core.draws import Array
from advisor.estimate.inference import Architecture, Gpu, Load, estimate
from advisor.measured import calibration
from advisor.measured.calibration import Fit, fit
from advisor.measured.calibration_text import describe
from advisor.measured.measurement_text import columns, share_within
from advisor.measured.measurements import Measurements, read
from advisor.measured.method import errors_table, method_case
from advisor.measured.prediction import expected
from advisor.system.energy_model import STACKS, central_values, model_of
from advisor.system.serving import Shape, serve

MANY, FEW = 1_000_000, 200


def pairs_yaml(fitted: Fit) -> str:
    """Measured and predicted energy by family, each left out of the fit, as a data file."""
    lines = [
        "# Measured and predicted energy of the runs the energy model was fitted on, each model family",
        "# left out in turn; `python -m bench.energy MEASUREMENTS.csv --save FILE` writes it.",
        "defaults: {source: [argonne_llm_inference_bench, mlenergy_v2, mlenergy_v3],",
        "  checked: 2026-11-21, confidence: derived, unit: J}",
        "series:",
    ]
    for family in np.unique(fitted.data.families):
        rows = fitted.data.families == family
        for kind, values in (("measured", fitted.data.energy_j), ("predicted", fitted.predicted_j)):
            numbers = ", ".join(f"{value:.4g}" for value in values[rows])
            lines.append(f"  validation.{family}.{kind}: {{values: [{numbers}]}}")
    return "\n".join([*lines, ""])


def ablation(measured: Measurements) -> str:
    """What each coefficient is worth: the error on families left out, without it and with it."""
    catalogue = open_catalogue()
    data = calibration._data(measured, catalogue)
    every, shipped = calibration._free(data), central_values(catalogue)
    rows = [["left out", "median |log2|", "90 % below", "within 2×"]]
    for name in ("none", *every):
        neutral = {name: 1.0 if name in STACKS else 0.0} if name in every else {}
        start = {**shipped, **neutral}
        free = [kept for kept in every if kept != name]
        errors = np.zeros(len(data.energy_j))
        for family in np.unique(data.families):
            unseen = data.families == family
            values = calibration._solve(data, free, start, ~unseen)
            errors[unseen] = np.log2(expected(data.inputs, values, 0.0)[0] / data.energy_j)[unseen]
        size = np.abs(errors)
        rows.append(
            [name, f"{np.median(size):.3f}", f"{np.quantile(size, 0.9):.2f}", f"{share_within(errors):.1%}"]
        )
    return columns(rows)


def seconds(run: Callable[[], object], times: int = 5) -> float:
    """The best of several timings of ``run`` [s]."""
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def speeds() -> str:
    """One estimate, a million at once, EcoLogits in a loop, and a NumPy pass as the floor."""
    from ecologits.impacts import llm

    catalogue, case = open_catalogue(), method_case()
    random = np.random.Generator(np.random.PCG64(1))
    batch: Array = random.uniform(1, 512, MANY)
    tokens: Array = random.uniform(100, 2000, MANY)
    no = np.zeros(1, dtype=bool)
    model = model_of(central_values(catalogue), no, no)
    arch = Architecture(70.6e9, 70.6e9, 80.0, 327_680.0)
    card = Gpu(700.0, 80e9, 3.35e12, 989e12, 700.0)
    load = Load(tokens, tokens, batch, 4.0, 2.0)
    one = Load(500.0, 300.0, 64.0, 4.0, 2.0)

    def ecologits() -> object:
        return llm.compute_llm_impacts(70.6, 70.6, 300.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    timed = [
        ("one estimate", seconds(lambda: estimate(arch, card, one, model)), 1),
        (
            "one request served, 1,000 draws",
            seconds(lambda: serve(case, "llama-3.3-70b", Shape(500.0, 300.0))),
            1,
        ),
        ("a million estimates at once", seconds(lambda: estimate(arch, card, load, model), 3), MANY),
        (
            f"EcoLogits in a loop of {FEW}",
            seconds(lambda: [ecologits() for _ in range(FEW)], 2),
            FEW,
        ),
        ("a NumPy pass over the same arrays (floor)", seconds(lambda: batch * tokens + tokens), MANY),
    ]
    rows = [["", "time", "per estimate"]]
    rows += [[name, f"{took * 1e3:,.3f} ms", f"{took / count * 1e9:,.0f} ns"] for name, took, count in timed]
    return columns(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path, nargs="?")
    parser.add_argument("--save", type=Path)
    options = parser.parse_args()
    if options.measurements:
        fitted = fit(read(options.measurements))
        print(describe(fitted), "", ablation(read(options.measurements)), sep="\n")
        if options.save:
            options.save.write_text(pairs_yaml(fitted), encoding="utf-8")
    else:
        table = errors_table(method_case())
        shown = [[str(c) if isinstance(c, str) else f"{c:.4g}" for c in row] for row in table.rows]
        print(table.title, columns([list(table.columns), *shown]), table.note, sep="\n")
    print()
    print(speeds())


if __name__ == "__main__":
    main()
