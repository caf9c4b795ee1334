"""Devices at the edge: no data centre, no network, one request at a time.

Devices are charged whole, by the share of them that this workload has: idle power around the clock, and
making and price over their lifetime. A request adds the power of work above that of waiting. Power is paid
for at what firms pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import joined, numeral, say
from advisor.estimate.inference import context_bytes
from advisor.system import offers, requests
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.demand import HOURS_PER_MONTH, demand, sent
from advisor.system.footprints import electricity
from advisor.system.gates import Gate, Gates, about_ms, gate, in_time
from advisor.system.hardware import architecture
from advisor.system.hosts import barred
from advisor.system.machines import longest
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StepName
from advisor.system.regions import device_country
from advisor.system.serving import J_PER_KWH, Serving, encode, serve

STEP: StepName = "deployment"
PRECISION = "int4"  # what runtimes on devices run


@dataclass(frozen=True, slots=True, eq=False)
class OnDevice:
    """One call alone on a device, draws: energy at the plug [kWh], time, time to the first words [s]."""

    work_kwh: Array
    seconds: Array
    first_token_s: Array


@remembered
def run(case: Case, model: ModelSetting, improvement: ImprovementSetting, kind: str) -> OnDevice:
    """One call of a model on a device, with 4-bit weights where it generates."""
    shape = requests.hosted_shape(case, model.main, improvement.technique)
    if model.kind == "encoder":
        read = encode(case, model.main, shape.input_tokens, utilisation=1.0, mode="edge")
        at_work = case.draw(f"devices.{kind}.tdp", "W") * case.draw("encoder.power_share", "ratio")
        seconds = read.work_kwh * J_PER_KWH / at_work
        return OnDevice(read.work_kwh, seconds, seconds)
    one = serve(case, model.main, shape, Serving(kind, 1, 1.0, PRECISION, 1.0, "edge"))
    seconds = one.first_token_s + shape.output_tokens * one.per_token_s
    return OnDevice(one.energy_kwh, seconds, one.first_token_s)


@remembered
def memory_gb(case: Case, model: str, kind: str, context_tokens: float) -> tuple[float, float]:
    """Memory that 4-bit weights and ``context_tokens`` of a request need, and a device can spare [GB]."""
    arch = architecture(case, model)
    weights = central(arch.total_params) * case.central(f"precisions.{PRECISION}.weight_bytes", "B/param")
    need = weights + central(np.asarray(context_bytes(arch, context_tokens, 1.0)))
    name = f"devices.{kind}"
    return need / 1e9, case.central(f"{name}.memory", "GB") * case.central(f"{name}.memory_share", "ratio")


def fits(case: Case, model: str, technique: str = "prompt") -> bool:
    """Whether 4-bit weights and the longest request fit the device of the scenario; False without one."""
    device = case.scenario.constraints.device
    if device is None:
        return False
    need, have = memory_gb(case, model, device.kind, longest(case, model, technique))
    return need <= have


def alternatives(case: Case) -> tuple[DeploymentSetting, ...]:
    """The device of the scenario; without one, the option with what is missing."""
    device = case.scenario.constraints.device
    return (DeploymentSetting("edge", scope="device", device=device.kind if device else None),)


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """What devices take: their share of idle power, making and price, and the work of each request."""
    device = case.scenario.constraints.device
    if deployment.mode != "edge" or device is None or _missing(case, model) is not None:
        return
    kind, name = device.kind, f"devices.{device.kind}"
    where = place(case, device_country(case))
    mine = device.count * device.share
    waiting = electricity(case, mine * case.draw(f"{name}.idle", "kW") * HOURS_PER_MONTH, where)
    months = case.draw(f"{name}.lifetime", "month")
    worn = Footprint.of(
        case.size,
        embodied=mine * case.draw(f"{name}.embodied", "kg") / months,
        ewaste=mine * case.draw(f"{name}.mass", "kg") / months,
        cost=mine * case.draw(f"{name}.price", "USD") / months,
    )
    title = case.catalogue.row("devices", kind)["name"]
    yield Line(
        Resource.DEVICE, STEP, "standing", say("{title}: held, waiting or not", title=title), where.key,
        case.full(mine), say("device"), waiting + worn,
    )  # fmt: skip
    calls = sent(case, model, improvement, deployment)
    yield Line(
        Resource.DEVICE, STEP, "per_request", say("{title}: at work", title=title), where.key, calls,
        say("call"), work_per_call(case, model, improvement, deployment) * calls,
    )  # fmt: skip


@remembered
def work_per_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """What one more call takes on devices that are there anyway: energy above that of waiting."""
    device = case.scenario.constraints.device
    if device is None or deployment.mode != "edge" or _missing(case, model) is not None:
        return case.nothing()
    one = run(case, model, improvement, device.kind)
    waiting = one.seconds * case.draw(f"devices.{device.kind}.idle", "W") / J_PER_KWH
    return electricity(case, np.maximum(one.work_kwh - waiting, 0.0), place(case, device_country(case)))


def _missing(case: Case, model: ModelSetting) -> Gate | None:
    if case.scenario.constraints.device is None:
        return gate(
            "device", False, say("a device named in the constraints"), say("none"),
            say("name the device and how many there are"), to_be_had=False,
        )  # fmt: skip
    if model.kind == "encoder":
        return None if f"encoders.{model.main}.params" in case else gate(
            "open_weights", False, say("weights you may install"),
            say("{model} is not released", model=model.main), say("choose an open classifier"),
            to_be_had=False,
        )  # fmt: skip
    stopped = barred(case, model)
    return stopped and gate(
        "open_weights", False, say("one model whose weights you may install"), joined(", ", model.models),
        say("choose a small model with open weights"), to_be_had=False,
    )  # fmt: skip


def gates(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gates:
    """What rules devices out: none named, closed weights, memory, time, and the busiest minute."""
    stopped, device = _missing(case, model), case.scenario.constraints.device
    if stopped is not None or device is None:
        return (stopped,) if stopped is not None else ()
    one = run(case, model, improvement, device.kind)
    seconds = central(one.seconds)
    limits = case.scenario.constraints
    tail_ms = case.central("deployment.device_tail", "ratio") * 1000.0
    first, answer = central(one.first_token_s) * tail_ms, seconds * tail_ms
    peak = float(demand(case, model, improvement, deployment).peak.max())
    use = peak * seconds / (device.count * device.share)
    return (
        *_installable(case, model, improvement, device.kind),
        in_time(
            "first_token", first, limits.first_token_p95_ms, about_ms(first),
            say("allow more time, or shorten the prompt"),
        ),
        in_time(
            "latency", answer, limits.latency_p95_ms, about_ms(answer),
            say("allow more time, shorten the answers or take a smaller model"),
        ),
        gate(
            "capacity", use <= 1.0, say("devices that serve the busiest minute"),
            say("{share} of their time", share=numeral(use, ".0%")),
            say("add devices, or send what is left to the cloud"),
        ),
    )  # fmt: skip


def _installable(case: Case, model: ModelSetting, improvement: ImprovementSetting, kind: str) -> Gates:
    if model.kind == "encoder":  # a few hundred megabytes at most
        return ()
    need, have = memory_gb(case, model.main, kind, longest(case, model.main, improvement.technique))
    held = gate(
        "memory", need <= have,
        say("{need} GB for weights and the longest request", need=numeral(need, ",.1f")),
        say("{have} GB", have=numeral(have, ",.1f")),
        say("choose a smaller model or a device with more memory"),
    )  # fmt: skip
    return (*offers.provenance(case, model.main, True), held)
