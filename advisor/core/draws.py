"""Seeded draws of uncertain coefficients, shared by every option.

A coefficient's draws depend on the seed and its name alone, not on the order of
asking, so two options that rest on the same coefficient see the same draws and can be
compared draw by draw.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from advisor.core.evidence import Coefficient

Array = NDArray[np.float64]

# Standard normal 90th percentile: low and high of a coefficient lie this far out.
Z90 = 1.2815515655446004
# the ends of a range that is shown, as shares of its draws
LOW, HIGH = 0.1, 0.9


class Draws:
    """The central case and an ensemble of ``size`` draws from ``seed``, in arrays of ``width``.

    Place 0 of every array is the central case: each coefficient at its central value. The draws
    follow. So what is shown as the figure can be checked by hand, and sums exactly, while ranges
    and comparisons rest on the draws. ``size`` 0 is the central case alone.
    """

    def __init__(self, size: int = 1000, seed: int = 20_260) -> None:
        self.size = size
        self.width = size + 1
        self.seed = seed
        self._normals: dict[str, Array] = {}
        self._drawn: dict[Coefficient, Array] = {}
        self._scaled: dict[tuple[Coefficient, float], Array] = {}

    def normal(self, name: str) -> Array:
        """Zero, then standard normal draws that belong to ``name``, shape (width,)."""
        if name not in self._normals:
            z = np.zeros(self.width)
            if self.size:
                digest = hashlib.sha256(f"{self.seed}:{name}".encode()).digest()
                generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
                z[1:] = generator.standard_normal(self.size)
            z.setflags(write=False)
            self._normals[name] = z
        return self._normals[name]

    def of(self, coefficient: Coefficient) -> Array:
        """Draws of a coefficient in its own unit, shape (width,).

        The median is ``central`` and the 10th and 90th percentiles are ``low`` and
        ``high``: log-normal on each side when all are positive, else normal. A share
        (unit ``ratio`` within 0 to 1) stays within 0 to 1, and a value whose ``low``
        is not negative never turns negative.
        """
        if coefficient not in self._drawn:
            values = self._draw(coefficient)
            values.setflags(write=False)
            self._drawn[coefficient] = values
        return self._drawn[coefficient]

    def scaled(self, coefficient: Coefficient, factor: float) -> Array:
        """Draws of a coefficient times a conversion of its unit, shape (width,), kept."""
        if (coefficient, factor) not in self._scaled:
            values = self.of(coefficient) * factor
            values.setflags(write=False)
            self._scaled[coefficient, factor] = values
        return self._scaled[coefficient, factor]

    def _draw(self, coefficient: Coefficient) -> Array:
        low, central, high = coefficient.low, coefficient.central, coefficient.high
        if low == high:
            return np.full(self.width, central)
        z = self.normal(coefficient.name)
        if low > 0:
            down, up = np.log(central / low) / Z90, np.log(high / central) / Z90
            values: Array = central * np.exp(z * np.where(z < 0, down, up))
        else:
            values = central + z * np.where(z < 0, central - low, high - central) / Z90
            if low >= 0:
                values = np.maximum(values, 0.0)
        if coefficient.unit == "ratio" and low >= 0 and high <= 1:
            values = np.minimum(values, 1.0)
        return values


@lru_cache(maxsize=8)
def ensemble(size: int, seed: int) -> Draws:
    """The ensemble of that size and seed; every case that asks shares it."""
    return Draws(size, seed)


def central(values: Array | float) -> float:
    """The central case of an array of draws; a plain number is its own."""
    return float(values) if np.ndim(values) == 0 else float(np.asarray(values)[..., 0])


def ensemble_of(values: Array) -> Array:
    """The draws without the central case in front, along the last axis; the case itself if alone."""
    return values[..., 1:] if values.shape[-1] > 1 else values


def summary(values: Array) -> tuple[float, float, float]:
    """The 10th percentile of the draws, the central case, and the 90th percentile of the draws."""
    low, high = np.quantile(ensemble_of(values), (LOW, HIGH))
    return float(low), central(values), float(high)
