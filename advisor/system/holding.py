"""Machines of one's own held at part load, and prefill kept apart from decode.

``part_load`` tells what a replica draws at shares of its throughput, ``serve_apart`` what a request
takes when one pool of machines reads prompts and another writes answers, ``work_kwh`` what a call takes
above the power of waiting.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array
from advisor.estimate import hosting
from advisor.estimate.chassis import overhead_w
from advisor.estimate.inference import context_bytes
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.hardware import architecture, chassis, table_of
from advisor.system.serving import (
    J_PER_KWH,
    Model,
    Served,
    Serving,
    idle_power_w,
    max_batch,
    serve,
    standing_power,
)
from advisor.system.shape import Shape

DOUBLINGS = 12  # batches of 1 to 4,096, what the energy model is valid for


@dataclass(frozen=True, slots=True, eq=False)
class PartLoad:
    """A replica at shares of its throughput, one entry a share, central case.

    ``requests_per_s`` served, ``busy`` share of the time, running ``batch``, mean power of its GPUs
    and of the server with them [W], IT energy of a request [kWh].
    """

    share: Array
    requests_per_s: Array
    busy: Array
    batch: Array
    gpu_w: Array
    server_w: Array
    kwh_per_request: Array


def part_load(case: Case, model: Model, shape: Shape, serving: Serving, shares: Array) -> PartLoad:
    """What a held replica draws at ``shares`` [0-1] of the most it serves.

    ``serving`` names GPU, count and precision; its batch is the most that may run, by default what
    memory holds. Raises UnknownNameError, and ValueError without a GPU and a count.
    """
    if serving.gpu is None or serving.gpu_count is None:
        raise ValueError("part load is of named machines: a GPU and how many")
    precision = serving.precision or "bf16"
    context = float(np.median(shape.input_tokens + shape.output_tokens))
    most = max_batch(case, model, serving.gpu, serving.gpu_count, precision, context)
    if serving.batch is not None:
        most = min(most, int(np.median(serving.batch)))
    batches = np.minimum(2.0 ** np.arange(DOUBLINGS + 1), float(max(most, 1)))
    batches = np.unique(batches)
    runs = [serve(case, model, shape, replace(serving, batch=float(b), utilisation=1.0)) for b in batches]
    # requests of a batch run side by side: each takes as long as the batch's share of GPU time lasts
    service_s = np.array([
        float(np.median(run.busy_gpu_seconds)) * b / serving.gpu_count
        for run, b in zip(runs, batches, strict=True)
    ])  # fmt: skip
    work_j = np.array([float(np.median(run.work_kwh)) * J_PER_KWH for run in runs])
    idle_w = float(np.median(idle_power_w(case, serving.gpu))) * serving.gpu_count
    rate = np.asarray(shares, dtype=np.float64) * batches[-1] / service_s[-1]
    gpu_w, busy, batch = hosting.held_power(rate, batches, service_s, work_j, idle_w)
    server_w = gpu_w
    if table_of(case, serving.gpu) == "gpus":
        beside = overhead_w(chassis(case, serving.gpu), (gpu_w / serving.gpu_count)[:, None])
        server_w = gpu_w + np.median(beside, axis=1) * serving.gpu_count
    kwh = np.divide(server_w, rate, out=np.full_like(rate, np.inf), where=rate > 0) / J_PER_KWH
    return PartLoad(np.asarray(shares), rate, busy, batch, gpu_w, server_w, kwh)


def moving(case: Case, model: Model, shape: Shape) -> tuple[Array, Array]:
    """Time [s] and energy [kWh] of moving a prompt's cache from where it is read to where it is answered."""
    moved = context_bytes(architecture(case, model), shape.input_tokens - shape.cached_tokens, 1.0)
    seconds = moved / case.draw("disaggregation.transfer_rate", "B/s")
    return case.full(seconds), case.full(moved * case.draw("disaggregation.transfer_energy", "kWh/B"))


def serve_apart(case: Case, model: Model, shape: Shape, prefill: Serving, decode: Serving) -> Served:
    """A request whose prompt one pool of machines reads and whose answer another writes.

    Both pools name their GPU. The cache moves between them, which costs energy and delays the
    first token. Raises UnknownNameError.
    """
    read = serve(case, model, replace(shape, output_tokens=0.0), prefill)
    write = serve(case, model, replace(shape, cached_tokens=shape.input_tokens), decode)
    move_s, move_kwh = moving(case, model, shape)
    prefill_kwh = read.prefill_kwh + move_kwh
    return Served(
        work_kwh=prefill_kwh + write.decode_kwh,
        idle_kwh=read.idle_kwh + write.idle_kwh,
        host_kwh=read.host_kwh + write.host_kwh,
        prefill_kwh=prefill_kwh,
        decode_kwh=write.decode_kwh,
        gpu_seconds=read.gpu_seconds + write.gpu_seconds,
        busy_gpu_seconds=read.busy_gpu_seconds + write.busy_gpu_seconds,
        gpu=write.gpu,
        first_token_s=read.first_token_s + move_s,
        per_token_s=write.per_token_s,
        warnings=tuple(dict.fromkeys((*read.warnings, *write.warnings))),
    )


@remembered
def work_kwh(
    case: Case, model: str, technique: str, gpu: str, gpus: int, precision: str, batch: float, reading: float
) -> Array:
    """IT energy of one call above that of waiting [kWh], at the usual batches, wherever the machine is."""
    serving = Serving(gpu, gpus, batch, precision, 1.0, "maap")
    shape = requests.hosted_shape(case, model, technique)
    if reading:
        one = serve_apart(case, model, shape, replace(serving, batch=reading), serving)
    else:
        one = serve(case, model, shape, serving)
    return above_waiting(case, one, gpu)


def above_waiting(case: Case, one: Served, key: str) -> Array:
    """IT energy of a call above that of waiting [kWh]: at work the server around the GPUs takes more too."""
    waiting = one.busy_gpu_seconds * sum(standing_power(case, key)) / J_PER_KWH
    above: Array = np.maximum(one.work_kwh + one.host_kwh - waiting, 0.0)
    return above
