"""Layouts of real models' configurations: parameters as published, cache and state by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.catalogue import Catalogue
from advisor.core.errors import ScenarioError
from advisor.scenario import parse_scenario
from advisor.scenario.model_config import config_of
from advisor.system.case import Case
from advisor.system.open_model import model_of_config
from advisor.system.serving import Serving, serve
from advisor.system.shape import Shape

# what a file holds; billions of parameters in all and active; B of cache a token and of state a request;
# share of the cache behind a window, its tokens
Known = tuple[dict[str, Any], float, float, float, float, float, float]
LAYOUTS: dict[str, Known] = {
    # full attention every fourth of 48 layers: 2·12·2·256·2 = 24,576 B; 36·32·128·128·4 = 75,497,472 B
    "Qwen3-Next-80B-A3B": ({
        "model_type": "qwen3_next", "num_hidden_layers": 48, "hidden_size": 2048, "intermediate_size": 5120,
        "full_attention_interval": 4, "linear_key_head_dim": 128, "linear_num_key_heads": 16,
        "linear_num_value_heads": 32, "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4,
        "head_dim": 256, "num_attention_heads": 16, "num_key_value_heads": 2, "num_experts": 512,
        "num_experts_per_tok": 10, "moe_intermediate_size": 512, "shared_expert_intermediate_size": 512,
        "decoder_sparse_step": 1, "mlp_only_layers": [], "vocab_size": 151936, "tie_word_embeddings": False,
    }, 79.7, 3.9, 24_576, 75_497_472, 0, 0),
    # attention in layers 4, 12, 20, 28: 2·4·8·128·2 = 16,384 B; 28 Mamba layers: 28·8,192·16·4 = 14,680,064 B
    "Jamba-1.5-Mini": ({
        "model_type": "jamba", "num_hidden_layers": 32, "hidden_size": 4096, "intermediate_size": 14336,
        "num_attention_heads": 32, "num_key_value_heads": 8, "attn_layer_period": 8, "attn_layer_offset": 4,
        "expert_layer_period": 2, "expert_layer_offset": 1, "num_experts": 16, "num_experts_per_tok": 2,
        "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_dt_rank": 256, "vocab_size": 65536,
        "sliding_window": None, "tie_word_embeddings": False,
    }, 51.6, 12.1, 16_384, 14_680_064, 0, 0),
    # sizes left to the type: 8 heads of 256, 4 of keys; 2·34·4·256·2 = 139,264 B; every sixth layer sees all
    "Gemma-3-4B": ({
        "model_type": "gemma3", "vision_config": {"hidden_size": 1152, "num_hidden_layers": 27},
        "text_config": {
            "model_type": "gemma3_text", "num_hidden_layers": 34, "hidden_size": 2560,
            "intermediate_size": 10240, "sliding_window": 1024,
            "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        },
    }, 3.88, 3.88, 139_264, 0, 29 / 34, 1024),
    # 2·62·16·128·2 = 507,904 B; layers 6, 12 … 60 see all
    "Gemma-3-27B": ({
        "model_type": "gemma3", "text_config": {
            "model_type": "gemma3_text", "num_hidden_layers": 62, "hidden_size": 5376,
            "intermediate_size": 21504, "num_attention_heads": 32, "num_key_value_heads": 16,
            "head_dim": 128, "sliding_window": 1024,
        },
    }, 27.0, 27.0, 507_904, 0, 52 / 62, 1024),
    # 2·48·8·128·2 = 196,608 B; three of four layers look back within chunks of 8,192
    "Llama-4-Scout": ({
        "model_type": "llama4", "text_config": {
            "model_type": "llama4_text", "num_hidden_layers": 48, "hidden_size": 5120,
            "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_local_experts": 16,
            "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "attention_chunk_size": 8192,
            "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 202048,
            "no_rope_layers": [], "tie_word_embeddings": False,
        },
    }, 107.8, 17.2, 196_608, 0, 0.75, 8192),
    # experts in every second layer; flags say where rotary positions, and with them chunks, are off
    "Llama-4-Maverick": ({
        "model_type": "llama4", "text_config": {
            "model_type": "llama4_text", "num_hidden_layers": 48, "hidden_size": 5120,
            "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_local_experts": 128,
            "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "attention_chunk_size": 8192,
            "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 202048,
            "no_rope_layers": [1, 1, 1, 0] * 12, "tie_word_embeddings": False,
        },
        "quantization_config": {"quant_method": "compressed-tensors"},
    }, 400.7, 17.2, 196_608, 0, 0.75, 8192),
    # no attention at all: 64·128·64·128·4 = 268,435,456 B of state
    "Mamba-Codestral-7B": ({
        "model_type": "mamba2", "num_hidden_layers": 64, "hidden_size": 4096, "state_size": 128,
        "num_heads": 128, "head_dim": 64, "n_groups": 8, "expand": 2, "vocab_size": 32768,
        "tie_word_embeddings": False,
    }, 7.29, 7.29, 0, 268_435_456, 0, 0),
    # the first Mamba: 64·5,120·16·4 = 20,971,520 B
    "Mamba-2.8B": ({
        "model_type": "mamba", "num_hidden_layers": 64, "hidden_size": 2560, "state_size": 16, "expand": 2,
        "intermediate_size": 5120, "time_step_rank": 160, "vocab_size": 50280,
    }, 2.77, 2.77, 0, 20_971_520, 0, 0),
    # attention and Mamba side by side in each of 44 layers: 2·44·2·128·2 = 45,056 B;
    # 44·24·128·256·4 = 138,412,032 B
    "Falcon-H1-7B": ({
        "model_type": "falcon_h1", "num_hidden_layers": 44, "hidden_size": 3072, "intermediate_size": 12288,
        "num_attention_heads": 12, "num_key_value_heads": 2, "head_dim": 128, "mamba_d_head": 128,
        "mamba_d_ssm": 3072, "mamba_d_state": 256, "mamba_n_heads": 24, "mamba_n_groups": 1,
        "mamba_expand": 2, "vocab_size": 130049, "tie_word_embeddings": False,
    }, 7.59, 7.59, 45_056, 138_412_032, 0, 0),
    # four of 40 layers attend: 2·4·8·128·2 = 16,384 B; 36·128·64·128·4 = 150,994,944 B
    "Granite-4.0-H-Small": ({
        "model_type": "granitemoehybrid", "num_hidden_layers": 40, "hidden_size": 4096,
        "intermediate_size": 768, "shared_intermediate_size": 1536, "num_local_experts": 72,
        "num_experts_per_tok": 10, "num_attention_heads": 32, "num_key_value_heads": 8,
        "layer_types": ["attention" if place in {5, 15, 25, 35} else "mamba" for place in range(40)],
        "mamba_d_head": 64, "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1,
        "mamba_n_heads": 128, "vocab_size": 100352, "tie_word_embeddings": True,
    }, 32.2, 8.9, 16_384, 150_994_944, 0, 0),
    # the places of attention are listed: 2·3·8·128·2 = 12,288 B; 29·128·64·128·4 = 121,634,816 B
    "Bamba-9B": ({
        "model_type": "bamba", "num_hidden_layers": 32, "hidden_size": 4096, "intermediate_size": 14336,
        "num_attention_heads": 32, "num_key_value_heads": 8, "attn_layer_indices": [9, 18, 27],
        "mamba_d_head": "auto", "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1,
        "mamba_n_heads": 128, "vocab_size": 128256, "tie_word_embeddings": False,
    }, 9.78, 9.78, 12_288, 121_634_816, 0, 0),
    # the 3 billion active that are published leave out the embeddings, 0.75 in all;
    # 20 of 27 layers are linear, 7 latent, as listed from 1: 7·(512 + 64)·2 = 8,064 B;
    # 20·32·128·128·4 = 41,943,040 B
    "Kimi-Linear-48B-A3B": ({
        "model_type": "kimi_linear", "num_hidden_layers": 27, "hidden_size": 2304, "intermediate_size": 9216,
        "moe_intermediate_size": 1024, "num_experts": 256, "num_experts_per_token": 8,
        "num_shared_experts": 1, "first_k_dense_replace": 1, "moe_layer_freq": 1,
        "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 72, "kv_lora_rank": 512,
        "q_lora_rank": None,
        "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 163840,
        "linear_attn_config": {
            "full_attn_layers": [4, 8, 12, 16, 20, 24, 27],
            "kda_layers": [n for n in range(1, 27) if n % 4],
            "head_dim": 128, "num_heads": 32, "short_conv_kernel_size": 4,
        },
        "tie_word_embeddings": False,
    }, 49.1, 3.6, 8_064, 41_943_040, 0, 0),
    # every eighth of 80 layers attends: 2·10·8·128·2 = 40,960 B; 70·64·128·128·4 = 293,601,280 B
    "MiniMax-Text-01": ({
        "model_type": "minimax_text_01", "num_hidden_layers": 80, "hidden_size": 6144,
        "intermediate_size": 9216, "num_local_experts": 32, "num_experts_per_tok": 2,
        "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 200064,
        "attn_type_list": ([0] * 7 + [1]) * 10, "tie_word_embeddings": False,
    }, 456, 45.9, 40_960, 293_601_280, 0, 0),
    # 2·32·8·128·2 = 131,072 B; experts are as wide as the layers
    "Mixtral-8x7B": ({
        "model_type": "mixtral", "num_hidden_layers": 32, "hidden_size": 4096, "intermediate_size": 14336,
        "num_local_experts": 8, "num_experts_per_tok": 2, "num_attention_heads": 32,
        "num_key_value_heads": 8, "vocab_size": 32000, "sliding_window": None, "tie_word_embeddings": False,
    }, 46.7, 12.9, 131_072, 0, 0, 0),
    # names of an older kind; one head of keys for all: 2·32·1·64·2 = 8,192 B
    "Falcon-7B": ({
        "model_type": "falcon", "num_hidden_layers": 32, "hidden_size": 4544, "num_attention_heads": 71,
        "multi_query": True, "new_decoder_architecture": False, "parallel_attn": True, "vocab_size": 65024,
    }, 6.92, 6.92, 8_192, 0, 0, 0),
    # 2·48·25·64·2 = 307,200 B
    "GPT-2-XL": ({
        "model_type": "gpt2", "n_layer": 48, "n_embd": 1600, "n_head": 25, "n_inner": None,
        "n_positions": 1024, "vocab_size": 50257,
    }, 1.56, 1.56, 307_200, 0, 0, 0),
    # numbers in parts of their own: 2·40·8·128·2 = 163,840 B
    "DBRX": ({
        "model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "vocab_size": 100352,
        "attn_config": {"kv_n_heads": 8, "clip_qkv": 8}, "tie_word_embeddings": False,
        "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4},
    }, 132, 36, 163_840, 0, 0, 0),
    # one number a layer, all alike: 2·32·8·128·2 = 131,072 B
    "Hunyuan-A13B": ({
        "model_type": "hunyuan_v1_moe", "num_hidden_layers": 32, "hidden_size": 4096,
        "intermediate_size": 3072, "moe_intermediate_size": [3072] * 32, "num_experts": 64,
        "moe_topk": [8] * 32, "num_shared_expert": [1] * 32, "num_attention_heads": 32,
        "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 128167, "tie_word_embeddings": True,
    }, 80.4, 13.0, 131_072, 0, 0, 0),
}  # fmt: skip


@pytest.fixture
def case(catalogue: Catalogue) -> Case:
    return Case(parse_scenario({"name": "A test", "task": "chat"}), catalogue, 64, 7)


@pytest.mark.parametrize("name", LAYOUTS)
def test_structure_and_price(name: str, case: Case) -> None:
    config, total, active, cache, state, share, window = LAYOUTS[name]
    model = model_of_config(config_of(json.loads(json.dumps(config)), name))
    assert model.total_params / 1e9 == pytest.approx(total, rel=0.02)
    assert model.active_params / 1e9 == pytest.approx(active, rel=0.06)
    assert (model.kv_bytes, model.state_bytes) == (cache, state)
    assert (model.window_share, model.window_tokens) == pytest.approx((share, window))
    served = serve(case, model, Shape(1000.0, 300.0), Serving("b200_sxm", 8, 32.0, None, 0.6))
    assert np.all(served.energy_kwh > 0)
    assert np.all(np.isfinite(served.energy_kwh))


def test_what_a_hybrid_lacks_is_told() -> None:
    """A file that says that layers are linear but not how wide they are."""
    config = {**LAYOUTS["Qwen3-Next-80B-A3B"][0]}
    del config["linear_num_value_heads"]
    config["layer_types"] = (["linear_attention"] * 3 + ["full_attention"]) * 12
    with pytest.raises(ScenarioError) as caught:
        config_of(config, "half told")
    assert [fault.where for fault in caught.value.faults] == ["config.json: linear_num_value_heads"]


ODD = st.one_of(
    st.none(), st.booleans(), st.text(max_size=3), st.floats(), st.integers(-3, 10**12), st.just({}),
    st.lists(st.one_of(st.integers(-2, 70), st.text(max_size=2), st.none()), max_size=4),
)  # fmt: skip
KEYS = sorted({key for config, *_ in LAYOUTS.values() for part in (config, config.get("text_config", {}))
               for key in part})  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(sorted(LAYOUTS)), change=st.dictionaries(st.sampled_from(KEYS), ODD, max_size=4))
@example(name="Bamba-9B", change={"num_hidden_layers": -(2.0**63), "attn_config": None})
def test_any_file_is_read_or_refused(name: str, change: dict[str, Any]) -> None:
    config = json.loads(json.dumps({**LAYOUTS[name][0], **change}))
    try:
        model = model_of_config(config_of(config, "odd"))
    except ScenarioError:  # which lists what is wrong; anything else would be a crash
        return
    assert 0 < model.total_params < np.inf
    assert 0 <= model.kv_bytes < np.inf
    assert 0 <= model.state_bytes < np.inf
    assert 0 <= model.window_share <= 1


def test_other_files_may_lie_beside(tmp_path: Path) -> None:
    """The example of a folder as it is downloaded: the file is read by its path."""
    from advisor.system.open_model import open_model

    path = tmp_path / "Qwen3-Next" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps(LAYOUTS["Qwen3-Next-80B-A3B"][0]), encoding="utf-8")
    assert open_model(path).name == "Qwen3-Next"
