"""Errors of predictions as text for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from advisor.core.draws import Array
from advisor.core.saying import here, numeral, say
from advisor.estimate.inference import Mask
from advisor.measured.measurements import Measurements
from advisor.measured.prediction import Predicted
from advisor.system.second_opinion import gpu_board_joules

FIVE, TRIALS = 5, 2000  # configurations compared at a time, and how often
BATCHES = (0.0, 8.5, 32.5, 128.5, 256.5, np.inf)  # edges of the groups shown, not evidence
NOT_GIVEN = {
    "source": say("source not given"),
    "gpu": say("gpu not given"),
    "scope": say("scope not given"),
}
LONG = 4000.0  # tokens from which a prompt counts as long in the groups shown


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows as text in columns, the first aligned left, in the language spoken."""
    told = [[here(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in told) for place in range(len(told[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in told
    )


def share_within(errors: Array) -> float:
    """Share of log2 errors within a factor of two [0-1]."""
    return float(np.mean(np.abs(errors) <= 1.0))


def report(measured: Measurements, predicted: Predicted) -> str:
    """Errors by source, GPU, precision, batch, phase and family beside EcoLogits; what leaves validity."""
    known = measured.given("energy_j_per_request")
    lines = [
        say(
            "{name}: {rows} rows, {known} with measured energy",
            name=measured.name,
            rows=len(measured),
            known=int(known.sum()),
        )
    ]
    if known.any():
        lines += [_errors(measured, predicted, known), *_regret(measured, predicted, known)]
    for warning, rows in predicted.warnings.items():
        if rows.any():
            lines.append(say("{rows} rows: {warning}", rows=int(rows.sum()), warning=warning))
    return "\n".join(map(here, lines))


def _errors(measured: Measurements, predicted: Predicted, known: Mask) -> str:
    energy = measured["energy_j_per_request"]
    board = np.array([scope != "wall_node8" for scope in measured.texts["scope"]])
    shipped, told = gpu_board_joules(measured)
    ours = np.log2(predicted.energy_j / energy)
    inside = (predicted.low_j <= energy) & (energy <= predicted.high_j)
    methods = (
        ours,
        np.where(board, np.log2(shipped / energy), np.nan),
        np.where(board, np.log2(told / energy), np.nan),
    )
    table = [
        ["", say("rows"), say("median error"), say("bias"), say("within 2×"), say("in 80 %"),
         say("EcoLogits as shipped"), say("within 2×"), say("given batch, GPUs"), say("within 2×")],
    ]  # fmt: skip
    for label, rows in groups(measured, predicted, known):
        line = [
            label,
            str(int(rows.sum())),
            *_error(methods[0][rows], bias=True),
            numeral(inside[rows].mean(), ".0%"),
        ]
        for method in methods[1:]:
            line += _error(method[rows])
        table.append(line)
    return columns(table)


def _error(errors: Array, bias: bool = False) -> list[str]:
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return ["-", "-"]
    middles = [np.abs(errors), errors] if bias else [np.abs(errors)]
    return [
        *(numeral(2 ** np.median(one), ".2f") + "×" for one in middles),
        numeral(share_within(errors), ".1%"),
    ]


def groups(measured: Measurements, predicted: Predicted, known: Mask) -> list[tuple[str, Mask]]:
    """Blocks of rows with measured energy, and what they are called."""
    groups: list[tuple[str, Mask]] = []
    for column in ("source", "gpu", "scope"):
        names = np.array(measured.texts[column])
        if column != "scope" or len(set(names[known])) > 1:
            groups += [
                (f"{column} {name}" if name else NOT_GIVEN[column], known & (names == name))
                for name in sorted(set(names[known]))
            ]
    batch = measured["batch_size"]
    for low, high in pairwise(BATCHES):
        rows = known & (batch > low) & (batch <= high)
        if rows.any():
            groups.append((batch_words(low, high), rows))
    formats, reading = np.array(predicted.inputs.formats), predicted.prefill_j > predicted.energy_j / 2.0
    mixture, long = np.asarray(predicted.inputs.architecture.routed) > 0, measured["input_tokens_mean"] > LONG
    blocks = [(say("precision {name}", name=name), formats == name) for name in sorted(set(formats))] + [
        (say("mostly reading the prompt"), reading), (say("mostly writing the answer"), ~reading),
        (say("prompts above {long} tokens", long=numeral(LONG, ".0f")), long),
        (say("mixtures of experts"), mixture), (say("dense models"), ~mixture),
        (say("families fitted"), predicted.seen), (say("families unseen"), ~predicted.seen),
    ]  # fmt: skip
    groups += [(label, known & rows) for label, rows in blocks if (known & rows).any()]
    return [*groups, (say("all"), known)]


def batch_words(low: float, high: float) -> str:
    """A block of batches by its edges."""
    if np.isinf(high):
        return say("batch above {low}", low=numeral(low, ".0f"))
    return say("batch {low} to {high}", low=int(low) + 1, high=int(high))


def _regret(measured: Measurements, predicted: Predicted, known: Mask) -> list[str]:
    """Taking the lowest predicted energy of five random rows: how often it is the lowest measured."""
    places = np.flatnonzero(known)
    if len(places) < len(BATCHES):
        return []
    random = np.random.Generator(np.random.PCG64(1))
    energy = measured["energy_j_per_request"]
    picks = np.stack([random.choice(places, FIVE, replace=False) for _ in range(TRIALS)])
    chosen = np.take_along_axis(energy[picks], np.argmin(predicted.energy_j[picks], axis=1)[:, None], axis=1)[
        :, 0
    ]
    best = energy[picks].min(axis=1)
    text = say(
        "Taking the lowest of five rows by prediction: right in {right}, mean regret {regret}×",
        right=numeral(np.mean(chosen == best), ".0%"),
        regret=numeral(np.mean(chosen / best), ".3f"),
    )
    return [text]
