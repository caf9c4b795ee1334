"""One request on every machine that holds a model, at every batch worth a look: energy and times.

Central values, one row a candidate. However many requests come and however long they may take, these are
the same; so all sizings of a fleet share them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from advisor.core.draws import Array, central
from advisor.estimate import inference
from advisor.estimate.inference import Gpu, Load
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.energy_model import drawn_model
from advisor.system.hardware import architecture
from advisor.system.machines import centred, holding
from advisor.system.own_measured import own_measurement
from advisor.system.serving import J_PER_KWH, unexplained
from advisor.system.shape import Shape

GRID = 10  # batch sizes looked at between one and the most that fit

Tokens = tuple[float, ...]  # of the mean request: read, written, read from a cache


@dataclass(frozen=True, slots=True, eq=False)
class Batched:
    """One request at each batch of ``grid``: energy, the server's included [kWh], GPU time, first words [s].

    Shape (candidates, ``GRID``); ``service``: how long a request stays [s].
    """

    grid: Array
    kwh: Array
    seconds: Array
    first_s: Array
    service: Array


@remembered
def batched(case: Case, model: str, tokens: Tokens, context_tokens: float) -> Batched:
    """What ``serving.serve`` finds, at central values, for all candidates and batches at once."""
    found, shape = holding(case, model, context_tokens), Shape(*tokens)
    table = found.table
    # never quite one value twice, so that it can be interpolated
    grid = np.maximum(found.room, 1.0 + 1e-6)[:, None] ** np.linspace(0.0, 1.0, GRID)
    arch, energy_model = centred(architecture(case, model)), centred(drawn_model(case))
    card = Gpu(**{f.name: getattr(table.card, f.name)[:, None] for f in fields(Gpu)})
    gpus = table.gpus[:, None]
    beyond = np.array([central(unexplained(case, model, key)) for key in table.gpu])[:, None]

    def estimated(tokens: Shape) -> inference.Estimate:
        load = Load(
            tokens.input_tokens, tokens.output_tokens, grid, gpus, table.weight_bytes[:, None],
            tokens.cached_tokens,
        )  # fmt: skip
        return inference.estimate(arch, card, load, energy_model)

    def energies(of: inference.Estimate) -> tuple[Array, Array]:
        """Of the GPUs, and of the servers around them while they work [J]."""
        power = np.asarray(of.energy_j / of.gpu_s) + np.zeros_like(grid)
        return np.asarray(of.energy_j) * beyond, table.host_w(power) * of.gpu_s

    one = estimated(shape)
    cards, beside = energies(one)
    joules = cards + beside
    own = own_measurement(case, model, "own", "maap")
    if own is not None:
        usual = requests.as_today(case, model)
        in_use = (usual.input_tokens, usual.output_tokens, usual.cached_tokens)
        cards, beside = energies(estimated(Shape(*map(central, in_use))))
        seen = cards + beside if own.boundary == "server" else cards
        joules = joules * own.wh / 1000.0 * J_PER_KWH / seen
    step_s = one.decode_s * grid / (gpus * max(float(shape.output_tokens), 1.0))
    first_s = np.asarray(one.prefill_s / gpus + step_s)
    seconds = np.asarray(one.gpu_s) + np.zeros_like(grid)
    return Batched(grid, joules / J_PER_KWH, seconds, first_s, seconds * grid / gpus)
