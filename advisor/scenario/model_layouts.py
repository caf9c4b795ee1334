"""The ways in which configurations of models write the same things: other names, defaults, kinds of layers.

What a file leaves out, the library that reads it fills in by the model's type; so must we.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Config = dict[str, Any]
Given = dict[str, float]

# the name used here, and the others it goes by; the first that a file has counts
ALIASES: dict[str, tuple[str, ...]] = {
    "num_hidden_layers": ("n_layer", "n_layers"),
    "hidden_size": ("n_embd", "d_model"),
    "num_attention_heads": ("n_head", "n_heads"),
    "num_key_value_heads": ("num_kv_heads", "kv_n_heads"),
    "intermediate_size": ("n_inner", "ffn_dim", "ffn_hidden_size"),
    "num_experts": ("moe_num_experts",),
    "num_experts_per_tok": ("moe_top_k", "moe_topk", "moe_k", "num_experts_per_token"),
    "n_shared_experts": ("num_shared_expert", "num_shared_experts", "moe_num_shared_experts"),
    "shared_expert_intermediate_size": ("shared_intermediate_size", "moe_shared_expert_intermediate_size"),
    "first_k_dense_replace": ("moe_layer_start_index",),
    "mamba_num_heads": ("mamba_n_heads",),
    "mamba_head_dim": ("mamba_d_head",),
    "ssm_state_size": ("mamba_d_state", "state_size"),
    "n_groups": ("mamba_n_groups",),
    "mamba_expand": ("expand",),
    "sliding_window": ("attention_chunk_size",),
}
INNER = ("attn_config", "ffn_config", "linear_attn_config")  # parts that a file keeps some numbers in
# what the types' own defaults are where a file says nothing
_GEMMA_3: Given = {
    "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 262_208,
    "sliding_window_pattern": 6, "sliding_window": 4096, "max_position_embeddings": 131_072,
}  # fmt: skip
_JAMBA: Given = {
    "attn_layer_period": 8, "attn_layer_offset": 4, "expert_layer_period": 2, "expert_layer_offset": 1,
    "num_experts": 16, "num_experts_per_tok": 2, "ssm_state_size": 16, "mamba_expand": 2,
}  # fmt: skip
_LLAMA_4: Given = {"no_rope_layer_interval": 4, "interleave_moe_layer_step": 1, "sliding_window": 8192}
_MAMBA: Given = {"ssm_state_size": 16, "mamba_expand": 2}
_MAMBA_2: Given = {"head_dim": 64, "ssm_state_size": 128, "n_groups": 8, "mamba_expand": 2}
DEFAULTS: dict[str, Given] = {
    "gemma2": {"sliding_window": 4096, "sliding_window_pattern": 2, "head_dim": 256, "vocab_size": 256_000},
    "gemma3": _GEMMA_3, "gemma3_text": _GEMMA_3,
    "cohere2": {"sliding_window_pattern": 4},
    "jamba": _JAMBA, "llama4": _LLAMA_4, "llama4_text": _LLAMA_4,
    "mamba": _MAMBA, "falcon_mamba": _MAMBA, "mamba2": _MAMBA_2,
}  # fmt: skip
# types whose input and output embeddings are one, unless a file says otherwise
TIED = frozenset({
    "bloom", "cohere", "cohere2", "falcon", "gemma", "gemma2", "gemma3", "gemma3_text", "gpt2", "gpt_bigcode",
    "mamba", "mpt", "opt",
})  # fmt: skip
FOUR_TIMES = frozenset({"bloom", "falcon", "gpt2", "gpt_bigcode", "gptj", "mpt"})  # as wide inside, if untold
# layers that only mix tokens, without a feed-forward part
ALONE = frozenset({"mamba", "mamba2", "falcon_mamba"})
# types whose layers are all of one kind
WHOLE = {"mamba": "mamba1", "falcon_mamba": "mamba1", "mamba2": "mamba", "falcon_h1": "both"}
LINEAR = frozenset({
    "linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim",
})  # fmt: skip
Rule = Callable[[int], bool] | None


def flattened(given: Config) -> Config:
    """A configuration in the names used here, with what its type fills in.

    The text part of a model that sees or hears counts; a list of one value a layer, all alike, is that
    value; what is no finite number does not count as given.
    """
    inner = given.get("text_config")
    found = {**given, **inner} if isinstance(inner, dict) else dict(given)
    for part in INNER:
        if isinstance(found.get(part), dict):
            found = {**found[part], **found}
    for key, value in found.items():
        if isinstance(value, list) and value and _is_number(value[0]) and value.count(value[0]) == len(value):
            found[key] = value[0]
        elif isinstance(value, float) and not math.isfinite(value):
            found[key] = None
    for key, others in ALIASES.items():
        if number(found, key) is None:
            other = next((name for name in others if number(found, name) is not None), None)
            if other:
                found[key] = found[other]
    kind = str(found.get("model_type", ""))
    for key, value in DEFAULTS.get(kind, {}).items():
        if found.get(key) is None:
            found[key] = value
    _by_type(found, kind)
    return found


def number(found: Config, key: str) -> float | None:
    """A number of the configuration; None: it has none."""
    value = found.get(key)
    return float(value) if isinstance(value, (int, float)) and _is_number(value) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _by_type(found: Config, kind: str) -> None:
    """What follows from the other numbers of a type."""
    width, inside = number(found, "hidden_size"), number(found, "intermediate_size")
    if found.get("multi_query") and not found.get("new_decoder_architecture"):
        found["num_key_value_heads"] = 1
    if kind in FOUR_TIMES and width and inside is None:
        found["intermediate_size"] = 4 * width
    mlp = number(found, "intermediate_size_mlp")
    if kind in {"llama4", "llama4_text"} and mlp and inside:
        found["moe_intermediate_size"], found["intermediate_size"] = inside, mlp
        found.setdefault("n_shared_experts", 1)
    if kind == "mamba2":
        found["mamba_head_dim"] = found["head_dim"]
        found.setdefault("mamba_num_heads", found.get("num_heads"))
    heads = number(found, "mamba_num_heads")
    if number(found, "mamba_head_dim") is None and heads and width:
        wide = number(found, "mamba_d_ssm") or (number(found, "mamba_expand") or 2.0) * width
        found["mamba_head_dim"] = wide / heads
    if LINEAR.isdisjoint(found) and _has_linear(found):
        # each head keeps a square of its width
        inner = found.get("linear_attn_config")
        own = inner if isinstance(inner, dict) else found
        heads = number(own, "num_heads") or number(found, "num_attention_heads")
        head = number(own, "head_dim") or (width / heads if width and heads else None)
        found.update({key: heads if "num" in key else head for key in LINEAR})


def _has_linear(found: Config) -> bool:
    listed = found.get("layer_types")
    return bool(
        found.get("full_attn_layers")
        or found.get("attn_type_list")
        or (isinstance(listed, list) and "linear_attention" in listed)
    )


def by_rule(found: Config, layers: int) -> tuple[str, ...] | None:
    """The kind of every layer where a file tells it by a rule instead of names; None: it does not."""
    kind = str(found.get("model_type", ""))
    if kind in WHOLE:
        return (WHOLE[kind],) * layers
    for is_full, other in _rules(found):
        if is_full is not None:
            return tuple("full" if is_full(place) else other for place in range(layers))
    return None


def _rules(found: Config) -> Sequence[tuple[Rule, str]]:
    """Which places hold full attention, by each rule that a file may have, and what the others hold."""
    mamba = "mamba" if found.get("mamba_num_heads") else "mamba1"
    linear = found.get("linear_num_value_heads")
    start = number(found, "max_window_layers")
    late = found.get("use_sliding_window") and found.get("sliding_window") and start is not None
    return (
        (_listed(found, "full_attn_layers", 1), "linear"),
        (_flags(found, "attn_type_list", 1), "linear"),
        (_listed(found, "attn_layer_indices", 0), mamba),
        (_periodic(found, "attn_layer_period", number(found, "attn_layer_offset") or 0.0), mamba),
        (_periodic(found, "full_attention_interval") if linear else None, "linear"),
        (_flags(found, "no_rope_layers", 0), "window"),
        (_periodic(found, "no_rope_layer_interval"), "window"),
        ((lambda place: place < (start or 0.0)) if late else None, "window"),
    )


def _listed(found: Config, key: str, first: int) -> Rule:
    """At the places that a list names, counted from ``first``."""
    places = found.get(key)
    return (lambda place: place + first in places) if isinstance(places, list) and places else None


def _flags(found: Config, key: str, full: int) -> Rule:
    """Where a list of one flag a layer says ``full``."""
    flags = found.get(key)
    if not isinstance(flags, list) or not flags:
        return None
    return lambda place: place < len(flags) and flags[place] == full


def _periodic(found: Config, key: str, offset: float | None = None) -> Rule:
    """Every so many layers, the last of each round unless an ``offset`` says which."""
    every = number(found, key)
    if every is None or every < 1:
        return None
    at = every - 1 if offset is None else offset
    return lambda place: place % every == at


def expert_layers(found: Config, layers: int) -> int:
    """How many layers have routed experts, where the kinds of layers do not tell."""
    listed, dense = found.get("moe_layers"), found.get("mlp_only_layers")
    if isinstance(listed, list) and listed:
        return len(listed)
    period = number(found, "expert_layer_period")
    if period:
        at = number(found, "expert_layer_offset") or 0.0
        return sum(place % max(period, 1.0) == at for place in range(layers))
    steps = (number(found, key) for key in ("decoder_sparse_step", "interleave_moe_layer_step"))
    every = max(next((step for step in steps if step is not None), 1.0), 1.0)
    first, spaced = number(found, "first_k_dense_replace") or 0.0, number(found, "moe_layer_freq") or 1.0
    without = dense if isinstance(dense, list) else []
    return sum(
        place >= first and (place + 1) % every == 0 and place % max(spaced, 1.0) == 0 and place not in without
        for place in range(layers)
    )
