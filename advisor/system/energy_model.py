"""The fitted energy model as the catalogue holds it: central values, covariance, draws."""

from __future__ import annotations

import re

import numpy as np

from advisor.catalogue import Catalogue
from advisor.core.draws import Array
from advisor.estimate.inference import EnergyModel, Mask
from advisor.system.case import Case

# coefficient: its unit; the order is that of the covariance
FIELDS: dict[str, str] = {
    "compute_time": "ratio", "expert_compute": "ratio", "expert_tile": "tok", "layer_time": "s",
    "parallel_time": "s", "sequence_time": "s", "static_power": "ratio", "byte_energy": "J/B",
    "compute_energy": "ratio", "stack_time": "ratio", "stack_host": "ratio",
}  # fmt: skip
STACKS = ("stack_time", "stack_host")
PASSES = "serving.pass_tokens"
COVARIANCE = "energy_model.covariance"
EFFECTS = "energy_model.family_effect"


def central_values(catalogue: Catalogue) -> dict[str, float]:
    """The coefficients' central values in the units of ``FIELDS``, and what is set beside them."""
    fitted = {
        name: catalogue.coefficient(f"energy_model.{name}").to(unit).central for name, unit in FIELDS.items()
    }
    return fitted | {"pass_tokens": catalogue.coefficient(PASSES).to("tok").central}


def model_of(values: dict[str, float], earlier: Mask, later: Mask) -> EnergyModel:
    """The model for rows, given which ran a serving program of 2024 and which one of 2026."""
    core = {name: value for name, value in values.items() if name not in STACKS}
    return EnergyModel(
        **core,
        stack_time=np.where(earlier, values["stack_time"], 1.0),
        stack_host=np.where(later, values["stack_host"], 1.0),
    )


def covariance(catalogue: Catalogue) -> Array:
    """Covariance of the coefficients' logarithms, in the order of ``FIELDS``."""
    values = np.asarray(catalogue.series[COVARIANCE].values)
    return values.reshape(len(FIELDS), len(FIELDS))


def family_effects(catalogue: Catalogue) -> dict[str, float]:
    """What each fitted family takes beyond the model [natural log], shrunk towards none."""
    names = [str(name) for name in catalogue.row("energy_fit", "shipped")["families"]]
    return dict(zip(names, catalogue.series[EFFECTS].values, strict=True))


def family_of(name: str, catalogue: Catalogue) -> str | None:
    """The fitted family that a family's or a model's name means, or None: an unseen family.

    Of ``qwen3-dense`` and ``qwen3-moe`` a mixture of experts is the latter, which such names
    tell by their active parameters (``a22b``).
    """
    plain = _plain(name.rsplit("/", maxsplit=1)[-1])
    mixture = re.search(r"a\d+(\.\d+)?b", plain) is not None
    families = family_effects(catalogue)
    for family in sorted(families, key=lambda known: len(known.partition("-")[0]), reverse=True):
        stem, _, kind = family.partition("-")
        if plain == _plain(family):
            return family
        if stem in plain and (kind not in KINDS or mixture == (kind == "moe")):
            return family
    return None


KINDS = ("dense", "moe")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())


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
        if name == "stack_time":
            drawn[name] = 1.0
        elif key in case.catalogue.overrides:
            drawn[name] = case.draw(key, unit)
        else:
            drawn[name] = case.central(key, unit) * np.exp(spread[place])
    # whatever today's program is, it keeps its GPUs waiting no longer than one of late 2025
    drawn["stack_host"] = np.minimum(drawn["stack_host"], 1.0)
    drawn["pass_tokens"] = case.draw(PASSES, "tok")
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
