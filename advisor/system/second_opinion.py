"""EcoLogits' own estimate of the same request, beside ours, and why the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np

from advisor.core.draws import Array
from advisor.core.saying import say
from advisor.system.case import Case

J_PER_KWH = 3.6e6
WHY = say(
    "EcoLogits multiplies the answer's tokens by a regression on active parameters at a batch of 64 and "
    "16 bit, so it leaves out the prompt, the context read for every token, memory precision and idle time, "
    "all of which ours prices; ours draws what is unknown, so its range is wider."
)


@dataclass(frozen=True, slots=True, eq=False)
class SecondOpinion:
    """EcoLogits' IT energy of one request [kWh]: low, central and high, and why it differs from ours."""

    low_kwh: float
    central_kwh: float
    high_kwh: float
    why: str = WHY


def _it_kwh(total_b: float, active_b: float, output_tokens: float) -> float:
    from ecologits.impacts import llm

    found = llm.compute_llm_impacts_dag(
        model_active_parameter_count=active_b, model_total_parameter_count=total_b,
        output_token_count=output_tokens, request_latency=np.inf,
        if_electricity_mix_adpe=0.0, if_electricity_mix_pe=0.0, if_electricity_mix_gwp=0.0,
        if_electricity_mix_wue=0.0, datacenter_pue=1.0, datacenter_wue=0.0,
    )  # fmt: skip
    return float(found["request_it_energy"])  # type: ignore[arg-type]


def second_opinion(case: Case, model: str, output_tokens: float) -> SecondOpinion | None:
    """EcoLogits for one request of a catalogue model; None where it does not know the size."""
    name = f"models.{model}"
    if f"{name}.total_params" not in case:
        return None
    total = case.catalogue.coefficient(f"{name}.total_params").to("Bparam")
    active_name = f"{name}.active_params" if f"{name}.active_params" in case else f"{name}.total_params"
    active = case.catalogue.coefficient(active_name).to("Bparam")
    return SecondOpinion(
        low_kwh=_it_kwh(total.low, min(active.low, total.low), output_tokens),
        central_kwh=_it_kwh(total.central, active.central, output_tokens),
        high_kwh=_it_kwh(total.high, active.high, output_tokens),
    )


class Columns(Protocol):
    """Columns of measured rows by name."""

    def __getitem__(self, name: str) -> Array: ...


def gpu_board_joules(measured: Columns) -> tuple[Array, Array]:
    """EcoLogits' GPU energy of each row [J], as shipped and given the row's batch and GPU count."""
    from ecologits.impacts import llm

    count = cache(lambda total: llm.gpu_required_count(
        llm.model_required_memory(total, llm.MODEL_QUANTIZATION_BITS), llm.GPU_MEMORY
    ))  # fmt: skip
    coefficients = (llm.GPU_ENERGY_ALPHA, llm.GPU_ENERGY_BETA, llm.GPU_ENERGY_GAMMA)
    shipped, told = [], []
    for total, active, out, batch, gpus in zip(
        *(measured[name] for name in (
            "total_params_b", "active_params_b", "output_tokens_mean", "batch_size", "n_gpus",
        )), strict=True,
    ):  # fmt: skip
        one = llm.gpu_energy(active, out, llm.BATCH_SIZE, *coefficients)
        shipped.append(count(total) * one * J_PER_KWH)
        told.append(gpus * llm.gpu_energy(active, out, batch, *coefficients) * J_PER_KWH)
    return np.array(shipped), np.array(told)
