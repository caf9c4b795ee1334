"""The fitted energy model as the catalogue holds it: central values, covariance, draws."""

from __future__ import annotations

import numpy as np

from advisor.catalogue import Catalogue
from advisor.core.draws import Array
from advisor.estimate.inference import EnergyModel, Mask
from advisor.system.case import Case

# coefficient: its unit; the order is that of the covariance
FIELDS: dict[str, str] = {
    "bandwidth_time": "ratio", "compute_time": "ratio", "layer_time": "s", "layer_time_8bit": "s",
    "sequence_time": "s", "static_power": "ratio", "byte_energy": "J/B", "compute_energy": "ratio",
    "expert_bytes_8bit": "ratio", "expert_padding": "tok", "stack_time": "ratio", "stack_energy": "ratio",
}  # fmt: skip
STACKS = ("stack_time", "stack_energy")
COVARIANCE = "energy_model.covariance"


def central_values(catalogue: Catalogue) -> dict[str, float]:
    """The coefficients' central values in the units of ``FIELDS``."""
    return {
        name: catalogue.coefficient(f"energy_model.{name}").to(unit).central for name, unit in FIELDS.items()
    }


def model_of(values: dict[str, float], earlier: Mask, offline: Mask) -> EnergyModel:
    """The model for rows, given which ran an earlier serving program and which ran offline."""
    core = {name: value for name, value in values.items() if name not in STACKS}
    return EnergyModel(
        **core,
        stack_time=np.where(earlier, values["stack_time"], 1.0),
        stack_energy=np.where(offline, values["stack_energy"], 1.0),
    )


def covariance(catalogue: Catalogue) -> Array:
    """Covariance of the coefficients' logarithms, in the order of ``FIELDS``."""
    values = np.asarray(catalogue.series[COVARIANCE].values)
    return values.reshape(len(FIELDS), len(FIELDS))


def drawn_model(case: Case) -> EnergyModel:
    """The model of a current serving program, drawn together with its covariance.

    A coefficient that the scenario overrides is drawn by itself.
    """
    return case.remember(_drawn)


def _drawn(case: Case) -> EnergyModel:
    spread = _root(covariance(case.catalogue)) @ np.stack(
        [case.draws.normal(f"energy_model.{name}") for name in FIELDS]
    )
    drawn: dict[str, Array | float] = {}
    for place, (name, unit) in enumerate(FIELDS.items()):
        key = f"energy_model.{name}"
        if name in STACKS:
            drawn[name] = 1.0
        elif key in case.catalogue.overrides:
            drawn[name] = case.draw(key, unit)
        else:
            drawn[name] = case.central(key, unit) * np.exp(spread[place])
    return EnergyModel(**drawn)


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    root: Array = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def fit_by_size(catalogue: Catalogue, what: str) -> tuple[float, float, float]:
    """Scale, exponent of size and exponent of active share of ``layers`` or ``kv_bytes``."""
    names = (f"architecture.{what}.{part}" for part in ("scale", "size", "active_share"))
    a, b, c = (catalogue.coefficient(name).central for name in names)
    return a, b, c
