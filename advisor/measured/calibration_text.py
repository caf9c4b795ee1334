"""A calibrated model as a data file, and as text for the terminal."""

from __future__ import annotations

from datetime import date

import numpy as np

from advisor.measured.calibration import Fit
from advisor.measured.measurement_text import columns, share_within
from advisor.system.energy_model import FIELDS

OWN = "own_measurements"
# `source` of a measurement: the key under which data/sources_energy.yaml describes it
KNOWN_SOURCES = {
    "mlenergy_v3": "mlenergy_v3",
    "mlenergy_v2": "mlenergy_v2",
    "argonne_llm_inference_bench": "argonne_llm_inference_bench",
}
MEANING = {
    "bandwidth_time": "GPU time of moving bytes relative to peak bandwidth; below 1 as waiting overlaps it",
    "compute_time": "GPU time of arithmetic relative to peak, from what prefill adds to a run",
    "layer_time": "per layer, step and GPU: starting kernels, GPUs agreeing",
    "layer_time_8bit": "more per layer and step where activations are turned to 8 bit",
    "sequence_time": "per token of each request and GPU: scheduling, sampling",
    "static_power": "share of the power limit that a GPU draws for as long as any work lasts",
    "byte_energy": "energy of a byte moved through memory and chip, alike on all fast memories",
    "compute_energy": "energy of arithmetic relative to power limit over peak",
    "expert_bytes_8bit": "weight traffic of 8-bit experts beyond their size: tiles padded for few tokens",
    "expert_padding": "tokens of arithmetic an expert wastes in each step that reaches it: whole tiles",
    "stack_time": "GPU time on a serving program of 2024 relative to one of late 2025",
    "stack_energy": "energy of work, offline in fixed batches, relative to a server under load",
}
VALID = "1 to 500 billion parameters, text, batches to 4,096, 1 to 16 GPUs, contexts to 10,000 tokens"
UNITS = {"byte_energy": ("J/GB", 1e9)}


def as_yaml(fit: Fit, checked: date | None = None) -> str:
    """The data file that takes the place of ``data/energy_model.yaml``."""
    day = checked or date.today()  # noqa: DTZ011  the day of the calibration, on the user's calendar
    known = [KNOWN_SOURCES[source] for source in fit.sources if source in KNOWN_SOURCES]
    sources = known if known and len(known) == len(fit.sources) else [OWN]
    lines = [
        "# Coefficients of the energy model (advisor/estimate/inference.py), fitted by `advisor calibrate`.",
        "# Ranges: 10th and 90th percentile over resampled model families. The covariance is that of the",
        "# coefficients' logarithms in the order below. residual: scatter (natural log) of measured runs",
        "# around the prediction, their family left out; residual_architecture and residual_gpu come on",
        "# top where the structure or the GPU is unknown to the fit.",
        f"defaults: {{source: [{', '.join(sources)}], checked: {day}, confidence: derived,",
        f"  valid: {_quoted(VALID)}}}",
    ]
    if OWN in sources:
        lines += [
            "sources:",
            f"  {OWN}: {{title: {_quoted(fit.name)}, publisher: the user, url: '', year: '{day.year}'}}",
        ]
    errors, blind = fit.errors, _score(fit.blind_errors)
    lines += [
        "table: energy_fit",
        "attributes: {rows: number, families: list, gpus: list, held: list, note: text}",
        "rows:",
        "  shipped:",
        f"    rows: {len(errors)}",
        f"    families: [{', '.join(map(str, np.unique(fit.data.families)))}]",
        f"    gpus: [{', '.join(sorted(set(fit.data.inputs.gpu_keys)))}]",
        f"    held: [{', '.join(fit.held)}]",
        f"    note: {_quoted(f'families left out in turn: {_score(errors)}; structure unknown: {blind}')}",
        "coefficients:",
    ]
    for name, unit in FIELDS.items():
        shown, factor = UNITS.get(name, (unit, 1.0))
        three = ", ".join(
            f"{value * factor:.4g}" for value in (fit.low[name], fit.values[name], fit.high[name])
        )
        lines += [
            f"  energy_model.{name}:",
            f"    value: [{three}]",
            f"    unit: {shown}",
            f"    note: {_quoted(MEANING[name])}",
        ]
    for name in ("residual", "residual_architecture", "residual_gpu"):
        lines += [f"  energy_model.{name}: {{value: {getattr(fit, name):.3g}, unit: ratio, meaning: amount}}"]
    flat = [f"{value:.4g}" for value in fit.covariance.ravel()]
    size = len(FIELDS)
    rows = [", ".join(flat[start : start + size]) for start in range(0, len(flat), size)]
    lines += ["series:", "  energy_model.covariance:", "    unit: ratio", "    values: ["]
    lines += [f"      {row}," for row in rows] + ["    ]", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _score(errors: np.typing.NDArray[np.float64]) -> str:
    return f"median |log2| {np.median(np.abs(errors)):.3f}, {share_within(errors):.1%} within 2×"


def describe(fit: Fit) -> str:
    """What was fitted, its ranges over families, what was held, and how well it predicts."""
    rows = [["coefficient", "fit", "10 %", "90 %", "unit"]]
    for name, unit in FIELDS.items():
        shown, factor = UNITS.get(name, (unit, 1.0))
        three = [f"{value * factor:.4g}" for value in (fit.values[name], fit.low[name], fit.high[name])]
        rows.append([name + (" (held)" if name in fit.held else ""), *three, shown])
    out = [
        f"{fit.name}: {len(fit.errors)} rows, {len(np.unique(fit.data.families))} families",
        columns(rows),
    ]
    if fit.held:
        out.append(f"Held at the shipped value, as too few rows tell: {', '.join(fit.held)}")
    table = [["family left out", "rows", "median", "bias", "within 2×"]]
    for family in np.unique(fit.data.families):
        table.append([str(family), *_errors(fit.errors[fit.data.families == family])])
    table.append(["all", *_errors(fit.errors)])
    table.append(["all, structure unknown", *_errors(fit.blind_errors)])
    return "\n".join([*out, "", columns(table), "median and bias are log2(predicted/measured)"])


def _errors(errors: np.typing.NDArray[np.float64]) -> list[str]:
    return [
        str(len(errors)),
        f"{np.median(np.abs(errors)):.2f}",
        f"{np.median(errors):+.2f}",
        f"{share_within(errors):.1%}",
    ]
