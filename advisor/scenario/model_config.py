"""A model's ``config.json`` as Hugging Face lays it out: read, checked, and every lack told at once.

Understood are decoders with full, sliding-window, chunked, latent (MLA) or linear attention, dense or
with routed experts, and models with Mamba layers of either version, alone or among attention. The
names and defaults by which types of models differ are in ``model_layouts``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.core.errors import AdvisorError, Fault, ScenarioError
from advisor.core.files import read_text
from advisor.core.saying import numeral, say
from advisor.scenario.model_layouts import ALONE, TIED, by_rule, expert_layers, flattened

MAX_BYTES = 1_000_000  # a configuration is some kilobytes
MOST = 1e9  # a dimension beyond this is a mistake
# model types whose feed-forward layers have two matrices, not three
UNGATED = frozenset({
    "bloom", "falcon", "gpt2", "gpt_bigcode", "gpt_neox", "gptj", "mpt", "nemotron", "nemotron_h", "opt",
    "persimmon", "phi", "starcoder2",
})  # fmt: skip
# kinds of layers by the names that configurations and patterns give them
KINDS = {
    "full_attention": "full", "attention": "full", "*": "full", "sliding_attention": "window",
    "chunked_attention": "window", "linear_attention": "linear", "mamba": "mamba", "mamba2": "mamba",
    "M": "mamba", "mlp": "mlp", "-": "mlp", "moe": "moe", "E": "moe",
}  # fmt: skip
NEEDED = {
    "full": ("num_attention_heads",), "window": ("num_attention_heads", "sliding_window"),
    "both": ("num_attention_heads", "mamba_num_heads", "mamba_head_dim", "ssm_state_size"),
    "latent": ("num_attention_heads", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim"),
    "linear": (
        "linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim",
    ),
    "mamba": ("mamba_num_heads", "mamba_head_dim", "ssm_state_size"),
    "mamba1": ("ssm_state_size", "mamba_expand"), "mlp": (), "moe": (),
}  # fmt: skip
# numbers of which a file may have none
AT_LEAST_NONE = frozenset({
    "q_lora_rank", "n_shared_experts", "shared_expert_intermediate_size", "num_kv_shared_layers",
    "max_position_embeddings", "n_positions", "num_experts", "num_local_experts", "n_routed_experts",
})  # fmt: skip
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")
BITS = {
    "mxfp4": 4.25,
    "nvfp4": 4.5,
    "fp8": 8.0,
    "fbgemm_fp8": 8.0,
    "awq": 4.25,
    "gptq": 4.25,
}  # a weight's, scales included
DTYPES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0}


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A configuration's shapes: ``numbers`` by their key, the ``kinds`` of its layers in order.

    ``expert_layers``: how many have routed experts, where the kinds do not tell; ``weight_bytes`` a
    parameter, scales included; ``gated``: whether feed-forward layers have a third matrix; ``alone``:
    whether layers that mix tokens have no feed-forward part.
    """

    name: str
    numbers: dict[str, float]
    kinds: tuple[str, ...]
    expert_layers: int
    gated: bool
    tied: bool
    alone: bool
    weight_bytes: float

    def get(self, key: str, otherwise: float = 0.0) -> float:
        """A number of the configuration, or ``otherwise`` where it has none."""
        return self.numbers.get(key, otherwise)

    @property
    def experts(self) -> float:
        """Routed experts of a layer; 0: a dense model."""
        return next((self.numbers[key] for key in EXPERTS if self.get(key) > 1), 0.0)


def read_config(path: Path, name: str = "") -> ModelConfig:
    """Read a ``config.json``. Raises ScenarioError listing everything that is missing or wrong."""
    try:
        found = json.loads(read_text(path, MAX_BYTES))
    except AdvisorError as error:
        raise ScenarioError(error.summary, error.faults) from error
    except (ValueError, RecursionError) as error:
        raise ScenarioError(
            say("{name} is not a model's configuration.", name=path.name),
            [Fault(path.name, say("a JSON object"), str(error)[:80])],
        ) from error
    if not isinstance(found, dict):
        raise ScenarioError(
            say("{name} is not a model's configuration.", name=path.name),
            [Fault(path.name, say("a JSON object"), type(found).__name__)],
        )
    return config_of(
        found, name or str(found.get("_name_or_path") or path.parent.name or path.stem), path.name
    )


def config_of(given: dict[str, Any], name: str, where: str = "config.json") -> ModelConfig:
    """The shapes in a configuration's data. Raises ScenarioError listing what is missing or wrong."""
    merged, faults = flattened(given), list[Fault]()
    kind = str(merged.get("model_type", ""))
    if merged.get("is_encoder_decoder"):
        faults.append(Fault(f"{where}: is_encoder_decoder", say("a model that only decodes"), "true"))
    numbers = {
        key: float(value)
        for key, value in merged.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    for key, value in numbers.items():
        least = 1.0 if key in _counts() else 0.0 if key in AT_LEAST_NONE else None
        if least is not None and not least <= value <= MOST:
            expected = say("a number from {least}", least=numeral(least, "g"))
            faults.append(Fault(f"{where}: {key}", expected, f"{value:g}"))
    used, held = numbers.get("num_experts_per_tok", 0.0), max(numbers.get(key, 0.0) for key in EXPERTS)
    if used > held > 1:
        most = say("at most {count} experts", count=numeral(held, "g"))
        faults.append(Fault(f"{where}: num_experts_per_tok", most, f"{used:g}"))
    kinds = _kinds(merged, numbers, where, faults)
    needed = {"num_hidden_layers", "hidden_size", "vocab_size"}
    for each in set(kinds):
        needed |= set(NEEDED[each])
    moe = any(numbers.get(key, 0.0) > 1 for key in EXPERTS)
    if moe:
        needed.add("num_experts_per_tok")
    if {"moe_intermediate_size", "intermediate_size"}.isdisjoint(numbers) and kind not in ALONE:
        needed.add("intermediate_size")
    faults += [
        Fault(f"{where}: {key}", say("a number"), say("none")) for key in sorted(needed - set(numbers))
    ]
    if faults:
        of = {"where": where, "name": name, "count": len(faults)}
        if len(faults) == 1:
            raise ScenarioError(say("{where} of {name} has a fault.", **of), faults)
        raise ScenarioError(say("{where} of {name} has {count} faults.", **of), faults)
    return ModelConfig(
        name, numbers, kinds, expert_layers(merged, len(kinds)) if moe else 0, kind not in UNGATED,
        bool(merged.get("tie_word_embeddings", kind in TIED)), kind in ALONE, _weight_bytes(given, merged),
    )  # fmt: skip


def _counts() -> set[str]:
    """Numbers that count something there is, where a file has them."""
    return {
        "num_hidden_layers", "hidden_size", "vocab_size", "intermediate_size", "moe_intermediate_size",
        "num_key_value_heads", "head_dim", "num_experts_per_tok", "kv_lora_rank", "n_groups", "mamba_dt_rank",
        "time_step_rank", *(key for keys in NEEDED.values() for key in keys),
    }  # fmt: skip


def _kinds(
    merged: dict[str, Any], numbers: dict[str, float], where: str, faults: list[Fault]
) -> tuple[str, ...]:
    """The kind of every layer: as listed, by a pattern, or all alike."""
    layers = int(min(max(numbers.get("num_hidden_layers", 0.0), 0.0), MOST**0.5))
    listed = (
        merged.get("hybrid_override_pattern") or merged.get("layer_types") or merged.get("layers_block_type")
    )
    full = "latent" if "kv_lora_rank" in numbers else "full"
    place = say("{where}: layer kinds", where=where)
    if listed and not isinstance(listed, (list, str)):
        faults.append(Fault(place, say("a list, one a layer"), str(listed)[:40]))
    elif listed:
        unknown = sorted({str(kind) for kind in listed if str(kind) not in KINDS})
        faults += [Fault(place, say("one of {names}", names=", ".join(KINDS)), kind) for kind in unknown]
        if len(listed) != layers:
            faults.append(Fault(place, say("{count}, one a layer", count=layers), str(len(listed))))
        first = "mamba" if merged.get("mamba_num_heads") else "mamba1"
        named = {"full": full, "mamba": first}
        kinds = tuple(KINDS.get(str(kind), "full") for kind in listed)
        return tuple(named.get(kind, kind) for kind in kinds)
    ruled = by_rule(merged, layers)
    if ruled:
        return tuple(full if kind == "full" else kind for kind in ruled)
    windowed = merged.get("sliding_window") and merged.get("use_sliding_window", True)
    every = int(numbers.get("sliding_window_pattern", 0.0))
    if windowed and every > 1:
        return tuple(full if (place + 1) % every == 0 else "window" for place in range(layers))
    return (("window" if windowed else full),) * layers


def _weight_bytes(given: dict[str, Any], merged: dict[str, Any]) -> float:
    """Bytes a weight: as quantised, else of the number format (16 bit where none is told)."""
    quantised = given.get("quantization_config") or merged.get("quantization_config")
    if isinstance(quantised, dict):
        method = str(quantised.get("quant_method", "")).lower()
        algorithm = str(quantised.get("quant_algo", "")).lower()
        bits = quantised.get("bits") or BITS.get(algorithm) or BITS.get(method)
        if isinstance(bits, (int, float)) and 0 < bits <= 32:
            return float(bits) / 8.0
    return DTYPES.get(str(merged.get("torch_dtype") or merged.get("dtype")), 2.0)
