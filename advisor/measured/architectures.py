"""Filling in the structure of open models that a table names but leaves blank."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from advisor.catalogue import Catalogue
from advisor.measured.measurements import Measurements

# a column of measurements: the catalogue's column and its unit
COLUMNS = {
    "layers": ("layers", "item"),
    "kv_bytes_per_token_16b": ("kv_bytes", "B/tok"),
    "topk": ("experts_active", "item"),
    "nexp": ("experts_total", "item"),
    "expert_frac": ("expert_share", "ratio"),
    "win_frac": ("window_share", "ratio"),
    "win_tokens": ("window_tokens", "tok"),
}
NEAR = 0.05  # a name counts only if the size agrees this well; names are reused


def plain(name: str) -> str:
    """A model name without the signs that spellings differ in."""
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def structure_of(model: str, total_params_b: float, catalogue: Catalogue) -> str | None:
    """The row of ``architectures`` that a model's name and size [billions] mean, or None."""
    name, found = plain(model), [("", "")]
    for key in catalogue.keys("architectures"):
        size = catalogue.coefficient(f"architectures.{key}.total_params").to("Bparam").central
        if abs(total_params_b / size - 1.0) > NEAR:
            continue
        spellings = [key, *(catalogue.row("architectures", key).get("also") or [])]
        found += [(plain(spelling), key) for spelling in spellings if plain(spelling) in name]
    return max(found, key=lambda pair: len(pair[0]))[1] or None


def completed(measured: Measurements, catalogue: Catalogue) -> Measurements:
    """The table with blank structure filled in for models the catalogue knows."""
    blank = ~(measured.given("layers") & measured.given("kv_bytes_per_token_16b"))
    numbers = {name: measured[name].copy() for name in COLUMNS}
    seen: dict[tuple[str, float], str | None] = {}
    for row in np.flatnonzero(blank):
        model = (measured.texts["model"][row], float(measured["total_params_b"][row]))
        if model not in seen:
            seen[model] = structure_of(*model, catalogue) if model[0] else None
        if (key := seen[model]) is None:
            continue
        for name, (column, unit) in COLUMNS.items():
            known = f"architectures.{key}.{column}"
            value = catalogue.coefficient(known).to(unit).central if known in catalogue else 0.0
            if np.isnan(numbers[name][row]):
                numbers[name][row] = value
    return replace(measured, numbers={**measured.numbers, **numbers})
