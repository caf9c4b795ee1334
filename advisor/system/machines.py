"""Machines on sale that can hold a model: every number format, filled with copies of every size.

All of them stand in arrays with one row a candidate, central values, so that a fleet is sized for
all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array, central
from advisor.estimate import inference
from advisor.estimate.chassis import Chassis, overhead_w
from advisor.estimate.inference import Architecture, EnergyModel, Gpu, Load
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.hardware import architecture, chassis, gpu
from advisor.system.serving import idle_power_w

Drawn = TypeVar("Drawn", Architecture, Gpu, EnergyModel, Chassis)
Rows = NDArray[np.intp]
SHARED = ("load", "efficiency")  # the power supply's curve is the same in every chassis


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Machines, formats and copy sizes, one a row, by machine price and then size of a copy.

    ``gpus`` a copy of the model takes, ``copies`` a machine holds; a copy is ``price_count`` times the
    coefficient ``price`` and costs ``usd`` an hour. ``card`` and ``shell``: each row's GPU and the
    server around it. Units: B/param, W, USD/h.
    """

    machine: tuple[str, ...]
    gpu: tuple[str, ...]
    precision: tuple[str, ...]
    price: tuple[str, ...]
    price_count: Array
    usd: Array
    gpus: Array
    copies: Array
    weight_bytes: Array
    idle_w: Array
    card: Gpu
    shell: Chassis

    def only(self, rows: Rows) -> Candidates:
        """Some of the candidates."""
        return Candidates(**{f.name: _picked(getattr(self, f.name), rows) for f in fields(self)})

    def host_w(self, gpu_w: Array) -> Array:
        """Power of the server beside each GPU [W] while that draws ``gpu_w`` [W]; rows first."""
        own = {f.name: getattr(self.shell, f.name) for f in fields(Chassis) if f.name not in SHARED}
        shape = (-1, *(1,) * (gpu_w.ndim - 1))
        stood: dict[str, Any] = {name: column.reshape(shape) for name, column in own.items()}
        return overhead_w(replace(self.shell, **stood), gpu_w)


def _picked(value: Any, rows: Rows) -> Any:
    if isinstance(value, tuple):
        return tuple(value[row] for row in rows)
    if isinstance(value, np.ndarray):
        return value[rows]
    own = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in SHARED}
    return replace(value, **{name: column[rows] for name, column in own.items()})


def centred(drawn: Drawn) -> Drawn:
    """The central case of what is drawn, as plain numbers."""
    kept = {f.name: getattr(drawn, f.name) for f in fields(drawn)}
    middle: dict[str, Any] = {name: v if name in SHARED else central(v) for name, v in kept.items()}
    return type(drawn)(**middle)


def _stacked(kind: type[Drawn], found: tuple[Drawn, ...]) -> Drawn:
    """Several records as one, a row each."""
    own = [f.name for f in fields(kind)]
    columns = {name: np.array([getattr(one, name) for one in found]) for name in own if name not in SHARED}
    return kind(**columns, **{name: getattr(found[0], name) for name in own if name in SHARED})


def precisions(case: Case, key: str) -> tuple[str, ...]:
    """Number formats worth running on a GPU, the one it computes in natively first."""
    return ("fp8", "bf16") if f"gpus.{key}.fp8" in case else ("bf16", "int8")


@remembered
def candidates(case: Case) -> Candidates:
    """Every machine on sale in every format, filled with copies of every size."""
    machines = case.catalogue.keys("machines")
    by_price = sorted(machines, key=lambda key: (case.central(f"machines.{key}.price", "USD/h"), key))
    rows: list[tuple[Any, ...]] = []
    for machine in by_price:
        key = str(case.catalogue.row("machines", machine)["gpu"])
        count = round(case.central(f"machines.{machine}.gpu_count", "item"))
        idle_w, shell = central(idle_power_w(case, key)), centred(chassis(case, key))
        for precision in precisions(case, key):
            card = centred(gpu(case, key, precision))
            weight = case.central(f"precisions.{precision}.weight_bytes", "B/param")
            for size in _sizes(count):
                # ordered and paid for as a machine: a managed online endpoint adds nothing to its price
                price, part = f"machines.{machine}.price", 1.0 / (count // size)
                usd = case.central(price, "USD/h") * part
                rows.append((
                    machine, key, precision, price, part, usd, float(size), float(count // size), weight,
                    idle_w, card, shell,
                ))  # fmt: skip
    columns: list[Any] = list(zip(*rows, strict=True))
    columns[4:10] = (np.array(column) for column in columns[4:10])
    columns[10:] = _stacked(Gpu, columns[10]), _stacked(Chassis, columns[11])
    named: dict[str, Any] = dict(zip((f.name for f in fields(Candidates)), columns, strict=True))
    return Candidates(**named)


def _sizes(count: int) -> list[int]:
    """GPUs a copy may take: small copies spare the talk between GPUs, large ones are faster and roomier."""
    return [size for size in range(1, count + 1) if count % size == 0 and size & (size - 1) == 0]


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Which candidates hold a model and its longest request, and how many such requests at once.

    ``left_out``: machines with a format that hold it in no way.
    """

    table: Candidates
    room: Array
    left_out: tuple[tuple[str, str], ...]


@remembered
def holding(case: Case, model: str, context_tokens: float) -> Fits:
    """The candidates whose memory holds a model and a request of ``context_tokens``."""
    table = candidates(case)
    load = Load(context_tokens, 0.0, 1.0, table.gpus, table.weight_bytes)
    usable = case.central("serving.memory_share", "ratio")
    room = np.asarray(inference.room(centred(architecture(case, model)), table.card, load, usable))
    rows = np.flatnonzero(room >= 1)
    held = {(table.machine[row], table.precision[row]) for row in rows}
    every = dict.fromkeys(zip(table.machine, table.precision, strict=True))
    return Fits(table.only(rows), room[rows], tuple(pair for pair in every if pair not in held))


def longest(case: Case, model: str, technique: str) -> float:
    """Tokens of the longest request with what an improvement adds [tok]."""
    shape = requests.hosted_shape(case, model, technique)
    added = max(central(requests.context_added(case, technique)), 0.0)
    mean = central(shape.input_tokens) + central(shape.output_tokens)
    return max(case.scenario.quality.context_max_tokens + added, mean)
