"""Any open model from its ``config.json``: its structure, whether it starts, how long a context fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from advisor.estimate import structure
from advisor.estimate.inference import Architecture
from advisor.scenario.model_config import ModelConfig, read_config

CACHE_BYTES = 2.0  # a 16-bit cache, the reference of ``Architecture.kv_bytes``
DT_SHARE = 16.0  # width over the rank of the first Mamba's step sizes, where a file leaves it to the type
STATE_BYTES = 4.0  # recurrent states are kept in 32 bit: Mamba-2 and gated delta layers lose accuracy below


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model known by its configuration; the fields are those of ``Architecture`` and what serving needs.

    ``context_tokens``: what it was trained to read [tok]; ``weight_bytes`` a parameter as shipped.
    """

    name: str
    total_params: float
    active_params: float
    layers: float
    kv_bytes: float
    state_bytes: float
    expert_params: float
    routed: float
    window_share: float
    window_tokens: float
    context_tokens: float
    weight_bytes: float
    experts_active: float = 0.0
    experts_total: float = 0.0

    def architecture(self) -> Architecture:
        """The structure as the energy model takes it."""
        return Architecture(
            self.total_params, self.active_params, self.layers, self.kv_bytes, self.state_bytes,
            self.expert_params, self.routed, self.window_share, self.window_tokens,
        )  # fmt: skip


def open_model(path: Path, name: str = "") -> OpenModel:
    """The model of a ``config.json``. Raises ScenarioError listing what is missing."""
    return model_of_config(read_config(path, name))


def model_of_config(config: ModelConfig) -> OpenModel:
    """Parameters, cache and state that a configuration's shapes make."""
    kinds = config.kinds
    count = {kind: float(kinds.count(kind)) for kind in set(kinds)}
    expert, expert_layers = _expert(config)
    experts, used = config.experts, config.get("num_experts_per_tok")
    total, active = _mixers(config), _mixers(config)
    dense_layers = max(_feed_forward_layers(config) - expert_layers, 0.0)
    dense = dense_layers * structure.feed_forward_params(
        config.get("hidden_size"), config.get("intermediate_size"), config.gated
    )
    shared = expert_layers * _shared(config, expert)
    router = expert_layers * config.get("hidden_size") * experts
    embedding = config.get("vocab_size") * config.get("hidden_size")
    every = dense + shared + router + embedding * (1.0 if config.tied else 2.0)
    total += every + expert_layers * experts * expert
    active += every + expert_layers * used * expert
    full = sum(count.get(each, 0.0) for each in ("full", "latent", "both"))
    windowed = count.get("window", 0.0)
    return OpenModel(
        config.name, total, active, float(len(kinds)), _cache_bytes(config), _state_bytes(config),
        expert_layers * experts * expert, used / experts if experts else 0.0,
        windowed / (full + windowed) if windowed else 0.0,
        config.get("sliding_window") if windowed else 0.0,
        config.get("max_position_embeddings", config.get("n_positions")), config.weight_bytes,
        used if experts else 0.0, experts,
    )  # fmt: skip


def _heads(config: ModelConfig) -> tuple[float, float, float]:
    """Query heads, key-value heads, width of a head."""
    heads = config.get("num_attention_heads", 1.0)
    kv = config.get("num_key_value_heads", heads)
    return heads, kv, config.get("head_dim", config.get("hidden_size") / heads)


def _cache_bytes(config: ModelConfig) -> float:
    _, kv_heads, head = _heads(config)
    # the last layers may read the cache of others
    own = config.kinds[: len(config.kinds) - int(config.get("num_kv_shared_layers"))]
    plain = float(sum(kind in {"full", "window", "both"} for kind in own))
    latent = float(config.kinds.count("latent"))
    return structure.attention_cache_bytes(plain, kv_heads, head, CACHE_BYTES) + structure.latent_cache_bytes(
        latent, config.get("kv_lora_rank"), config.get("qk_rope_head_dim"), CACHE_BYTES
    )


def _state_bytes(config: ModelConfig) -> float:
    mamba = float(sum(kind in {"mamba", "both"} for kind in config.kinds))
    first, linear = float(config.kinds.count("mamba1")), float(config.kinds.count("linear"))
    state = config.get("ssm_state_size")
    return structure.state_space_bytes(
        mamba, config.get("mamba_num_heads"), config.get("mamba_head_dim"), state, STATE_BYTES
    ) + structure.state_space_bytes(first, 1.0, _inside(config), state, STATE_BYTES
    ) + structure.linear_state_bytes(
        linear, config.get("linear_num_value_heads"), config.get("linear_key_head_dim"),
        config.get("linear_value_head_dim"), STATE_BYTES,
    )  # fmt: skip


def _inside(config: ModelConfig) -> float:
    """Width inside a layer of the first Mamba."""
    return config.get("mamba_expand", 2.0) * config.get("hidden_size")


def _mixers(config: ModelConfig) -> float:
    """Weights of all layers that mix tokens: attention, latent, linear, state space."""
    width, (heads, kv_heads, head) = config.get("hidden_size"), _heads(config)
    each = {
        "full": structure.attention_params(width, heads, kv_heads, head),
        "window": structure.attention_params(width, heads, kv_heads, head),
        "latent": structure.latent_attention_params(
            width, heads, config.get("q_lora_rank"), config.get("kv_lora_rank"),
            config.get("qk_rope_head_dim"), config.get("qk_nope_head_dim"), config.get("v_head_dim"),
        ),
        "linear": structure.linear_attention_params(
            width, config.get("linear_num_key_heads"), config.get("linear_num_value_heads"),
            config.get("linear_key_head_dim"), config.get("linear_value_head_dim"),
        ),
        "mamba": structure.state_space_params(
            width, config.get("mamba_num_heads"), config.get("mamba_head_dim"), config.get("ssm_state_size"),
            config.get("n_groups", 1.0),
        ),
        "mamba1": structure.selective_state_params(
            width, _inside(config), config.get("ssm_state_size"),
            config.get("mamba_dt_rank", config.get("time_step_rank", width / DT_SHARE)),
        ),
    }  # fmt: skip
    each["both"] = each["full"] + each["mamba"]
    return sum(each.get(kind, 0.0) for kind in config.kinds)


def _feed_forward_layers(config: ModelConfig) -> float:
    """Layers with a feed-forward part: every one, unless the pattern gives it layers of its own."""
    own = [kind for kind in config.kinds if kind in {"mlp", "moe"}]
    return 0.0 if config.alone else float(len(own) if own else len(config.kinds))


def _expert(config: ModelConfig) -> tuple[float, float]:
    """Weights of one routed expert [param], and how many layers have experts."""
    if not config.experts:
        return 0.0, 0.0
    inner = config.get("moe_intermediate_size", config.get("intermediate_size"))
    weights = structure.feed_forward_params(config.get("hidden_size"), inner, config.gated)
    return weights, float(config.kinds.count("moe") or config.expert_layers)


def _shared(config: ModelConfig, expert: float) -> float:
    """Weights of a layer's shared experts [param]."""
    size = config.get("shared_expert_intermediate_size")
    if size:
        return structure.feed_forward_params(config.get("hidden_size"), size, config.gated)
    return config.get("n_shared_experts") * expert
