"""A model's ``config.json`` as Hugging Face lays it out: read, checked, and every lack told at once.

Understood are decoders with full, sliding-window, latent (MLA) or linear attention, dense or with
routed experts, and hybrids with Mamba-2 layers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.core.errors import AdvisorError, Fault, ScenarioError
from advisor.core.files import read_text

MAX_BYTES = 1_000_000  # a configuration is some kilobytes
MOST = 1e9  # a dimension beyond this is a mistake
# model types whose feed-forward layers have two matrices, not three
UNGATED = frozenset({
    "bloom", "falcon", "gpt2", "gpt_bigcode", "gpt_neox", "gptj", "mpt", "nemotron", "nemotron_h", "opt",
    "phi", "starcoder2",
})  # fmt: skip
# kinds of layers by the names that configurations and patterns give them
KINDS = {
    "full_attention": "full", "attention": "full", "*": "full", "sliding_attention": "window",
    "chunked_attention": "window", "linear_attention": "linear", "mamba": "mamba", "mamba2": "mamba",
    "M": "mamba", "mlp": "mlp", "-": "mlp", "moe": "moe", "E": "moe",
}  # fmt: skip
NEEDED = {
    "full": ("num_attention_heads",), "window": ("num_attention_heads", "sliding_window"),
    "latent": ("num_attention_heads", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim"),
    "linear": (
        "linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim",
    ),
    "mamba": ("mamba_num_heads", "mamba_head_dim", "ssm_state_size"), "mlp": (), "moe": (),
}  # fmt: skip
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

    ``dense_layers``: the first layers without experts; ``weight_bytes`` a parameter, scales
    included; ``gated``: whether feed-forward layers have a third matrix.
    """

    name: str
    numbers: dict[str, float]
    kinds: tuple[str, ...]
    dense_layers: int
    gated: bool
    tied: bool
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
            f"{path.name} is not a model's configuration.",
            [Fault(path.name, "a JSON object", str(error)[:80])],
        ) from error
    if not isinstance(found, dict):
        raise ScenarioError(
            f"{path.name} is not a model's configuration.",
            [Fault(path.name, "a JSON object", type(found).__name__)],
        )
    return config_of(
        found, name or str(found.get("_name_or_path") or path.parent.name or path.stem), path.name
    )


def config_of(given: dict[str, Any], name: str, where: str = "config.json") -> ModelConfig:
    """The shapes in a configuration's data. Raises ScenarioError listing what is missing or wrong."""
    inner = given.get("text_config")
    merged = {**given, **inner} if isinstance(inner, dict) else given
    faults: list[Fault] = []
    if merged.get("is_encoder_decoder"):
        faults.append(Fault(f"{where}: is_encoder_decoder", "a model that only decodes", "true"))
    numbers = {
        key: float(value)
        for key, value in merged.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    wrong = [key for key, value in numbers.items() if key in _all_needed() and not 0 < value <= MOST]
    faults += [Fault(f"{where}: {key}", "a number above 0", f"{numbers[key]:g}") for key in wrong]
    kinds = _kinds(merged, numbers, where, faults)
    needed = {"num_hidden_layers", "hidden_size", "vocab_size"}
    for kind in set(kinds):
        needed |= set(NEEDED[kind])
    moe = any(numbers.get(key, 0.0) > 1 for key in EXPERTS)
    if moe:
        needed.add("num_experts_per_tok")
    if {"moe_intermediate_size", "intermediate_size"}.isdisjoint(numbers):
        needed.add("intermediate_size")
    faults += [Fault(f"{where}: {key}", "a number", "none") for key in sorted(needed - set(numbers))]
    if faults:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise ScenarioError(f"{where} of {name} has {count}.", faults)
    return ModelConfig(
        name, numbers, kinds, int(numbers.get("first_k_dense_replace", 0.0)),
        str(merged.get("model_type", "")) not in UNGATED, bool(merged.get("tie_word_embeddings", False)),
        _weight_bytes(given, merged),
    )  # fmt: skip


def _all_needed() -> set[str]:
    return {
        "num_hidden_layers", "hidden_size", "vocab_size", "intermediate_size", "num_key_value_heads",
        "head_dim",
        *(key for keys in NEEDED.values() for key in keys),
    }  # fmt: skip


def _kinds(
    merged: dict[str, Any], numbers: dict[str, float], where: str, faults: list[Fault]
) -> tuple[str, ...]:
    """The kind of every layer: as listed, by a pattern, or all alike."""
    layers = int(min(numbers.get("num_hidden_layers", 0.0), MOST**0.5))
    listed = (
        merged.get("hybrid_override_pattern") or merged.get("layer_types") or merged.get("layers_block_type")
    )
    full = "latent" if "kv_lora_rank" in numbers else "full"
    if listed:
        unknown = sorted({str(kind) for kind in listed if str(kind) not in KINDS})
        faults += [Fault(f"{where}: layer kinds", f"one of {', '.join(KINDS)}", kind) for kind in unknown]
        if len(listed) != layers:
            faults.append(Fault(f"{where}: layer kinds", f"{layers}, one a layer", str(len(listed))))
        kinds = tuple(KINDS.get(str(kind), "full") for kind in listed)
        return tuple(full if kind == "full" else kind for kind in kinds)
    every = int(numbers.get("full_attention_interval", 0.0))
    if every > 1 and "linear_num_value_heads" in numbers:
        return tuple(full if (place + 1) % every == 0 else "linear" for place in range(layers))
    windowed = merged.get("sliding_window") and merged.get("use_sliding_window", True)
    every = int(numbers.get("sliding_window_pattern", 2.0 if merged.get("model_type") == "gemma2" else 0.0))
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
