"""A calibrated model as a data file, and as text for the terminal."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from advisor.core.draws import Z90
from advisor.core.saying import here, joined, numeral, say
from advisor.measured.calibration import Fit
from advisor.measured.measurement_text import columns, share_within
from advisor.system.energy_model import FIELDS

OWN = "own_measurements"
# `source` of a measurement: the key under which data/sources_energy.yaml describes it
KNOWN_SOURCES = {
    "mlenergy_v3": "mlenergy_v3",
    "mlenergy_v2": "mlenergy_v2",
    "argonne_llm_inference_bench": "argonne_llm_inference_bench",
    "inferencex_2026": "inferencex_2026",
}
MEANING = {
    "compute_time": "GPU time of arithmetic relative to peak, in large products",
    "expert_compute": "cost of an operation in routed experts of single rows, relative to a large product",
    "expert_tile": "rows at which half of that extra is gone; 8-bit experts of 2025 compute as many a step",
    "layer_time": "host per layer, step and GPU: starting kernels",
    "parallel_time": "GPUs agreeing, per layer, step and doubling of GPUs",
    "sequence_time": "host per token of each request and GPU: scheduling, sampling",
    "static_power": "share of the power limit that a GPU draws for as long as any work lasts",
    "byte_energy": "energy of a byte moved through memory and chip, alike on all fast memories",
    "compute_energy": "energy of arithmetic relative to power limit over peak",
    "stack_time": "GPU time on a serving program of 2024 relative to one of late 2025",
    "stack_host": "host and agreeing time on a serving program of 2026 relative to one of late 2025",
}
RESIDUALS = {
    "residual": "scatter of runs of a known family around the prediction, the model left out of the fit",
    "residual_family": "on top for a family that was not fitted",
    "residual_laboratory": "on top where another laboratory measured",
    "residual_architecture": "on top where the structure is unknown",
    "residual_gpu": "on top on a GPU that was not fitted",
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
        "# Ranges: 80 % interval, from leaving out one model family at a time (a jackknife). The covariance",
        "# is that of the coefficients' logarithms in the order below;",
        "# family_effect: what each family of `families` takes beyond the model, shrunk towards none.",
        "# residual and the others: scatter (natural log) of measured runs, and what comes on top.",
        f"defaults: {{source: [{', '.join(sources)}], checked: {day}, confidence: derived,",
        f"  valid: {_quoted(VALID)}}}",
    ]
    if OWN in sources:
        lines += [
            "sources:",
            f"  {OWN}: {{title: {_quoted(fit.name)}, publisher: the user, url: '', year: '{day.year}'}}",
        ]
    errors = fit.errors
    note = (
        f"families left out in turn: {_score(errors)}, {covered(fit):.0%} inside the 80 % interval; "
        f"GPUs left out in turn: {_score(fit.gpu_errors)}; structure unknown: {_score(fit.blind_errors)}"
    )
    lines += [
        "table: energy_fit",
        "attributes: {rows: number, families: list, gpus: list, laboratories: list, held: list, note: text}",
        "rows:",
        "  shipped:",
        f"    rows: {len(errors)}",
        f"    families: [{', '.join(map(str, np.unique(fit.data.families)))}]",
        f"    gpus: [{', '.join(sorted(set(fit.data.inputs.gpu_keys)))}]",
        f"    laboratories: [{', '.join(fit.sources)}]",
        f"    held: [{', '.join(fit.held)}]",
        f"    note: {_quoted(note)}",
        "coefficients:",
    ]
    for name, unit in FIELDS.items():
        shown, factor = UNITS.get(name, (unit, 1.0))
        three = ", ".join(
            _number(value * factor) for value in (fit.low[name], fit.values[name], fit.high[name])
        )
        lines += [
            f"  energy_model.{name}:",
            f"    value: [{three}]",
            f"    unit: {shown}",
            f"    note: {_quoted(MEANING[name])}",
        ]
    for name, meaning in RESIDUALS.items():
        figure = f"value: {fit.residuals[name]:.3g}, unit: ratio, meaning: amount"
        lines += [f"  energy_model.{name}: {{{figure}, note: {_quoted(meaning)}}}"]
    effects = ", ".join(f"{value:.4g}" for value in fit.effects.values())
    flat = [f"{value:.4g}" for value in fit.covariance.ravel()]
    size = len(FIELDS)
    rows = [", ".join(flat[start : start + size]) for start in range(0, len(flat), size)]
    lines += ["series:", f"  energy_model.family_effect: {{unit: ratio, values: [{effects}]}}"]
    lines += ["  energy_model.covariance:", "    unit: ratio", "    values: ["]
    lines += [f"      {row}," for row in rows] + ["    ]", ""]
    return "\n".join(lines)


def _number(value: float) -> str:
    """Four digits; YAML reads an exponent as a number only behind a decimal point."""
    text = f"{value:.4g}"
    return text if "e" not in text or "." in text else text.replace("e", ".0e")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _score(errors: np.typing.NDArray[np.float64]) -> str:
    return f"median |log2| {np.median(np.abs(errors)):.3f}, {share_within(errors):.1%} within 2×"


def covered(fit: Fit) -> float:
    """Share of the rows of left-out families inside the 80 % interval [0-1]."""
    return float(np.mean(np.abs(fit.errors) * math.log(2.0) <= Z90 * fit.spread))


def describe(fit: Fit) -> str:
    """What was fitted, its ranges over families, what was held, and how well it predicts."""
    rows = [[say("coefficient"), say("fit"), "10 %", "90 %", say("unit")]]
    for name, unit in FIELDS.items():
        shown, factor = UNITS.get(name, (unit, 1.0))
        three = [
            numeral(value * factor, ".4g") for value in (fit.values[name], fit.low[name], fit.high[name])
        ]
        rows.append([say("{name} (held)", name=name) if name in fit.held else name, *three, shown])
    out = [
        say(
            "{name}: {rows} rows, {families} families",
            name=fit.name,
            rows=len(fit.errors),
            families=len(np.unique(fit.data.families)),
        ),
        columns(rows),
    ]
    if fit.held:
        out.append(
            say("Held at the shipped value, as too few rows tell: {held}", held=joined(", ", fit.held))
        )
    table = [[say("family left out"), say("rows"), say("median"), say("bias"), say("within 2×")]]
    for family in np.unique(fit.data.families):
        table.append([str(family), *_errors(fit.errors[fit.data.families == family])])
    table.append([say("all"), *_errors(fit.errors)])
    table.append([say("all, structure unknown"), *_errors(fit.blind_errors)])
    gpus = np.array(fit.data.inputs.gpu_keys)
    for gpu in np.unique(gpus):
        table.append([say("{gpu} left out instead", gpu=gpu), *_errors(fit.gpu_errors[gpus == gpu])])
    told = say(
        "{covered} of the left-out families' rows lie inside the 80 % interval",
        covered=numeral(covered(fit), ".0%"),
    )
    lines = [*out, "", columns(table), say("median and bias are log2(predicted/measured)"), told]
    return "\n".join(map(here, lines))


def _errors(errors: np.typing.NDArray[np.float64]) -> list[str]:
    return [
        str(len(errors)),
        numeral(np.median(np.abs(errors)), ".2f"),
        numeral(np.median(errors), "+.2f"),
        numeral(share_within(errors), ".1%"),
    ]
